//! Tasks, the loop, evaluation and probes: every measurement, no judgement.
