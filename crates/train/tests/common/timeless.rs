//! Runs are compared without their times. No tests.

use rushlight_trace::Record;

/// A record without what is another in every run: times.
pub(crate) fn timeless(mut record: Record) -> Record {
    match &mut record {
        Record::Step(step) => (step.seconds, step.tokens_per_second, step.wait_seconds) = (0.0, 0.0, 0.0),
        Record::Evaluation(evaluation) => evaluation.seconds = 0.0,
        Record::Done(done) => (done.seconds, done.wait_seconds) = (0.0, 0.0),
        _ => {}
    }
    record
}

/// A `state.json` without its times.
pub(crate) fn timeless_state(bytes: &[u8]) -> Vec<u8> {
    let mut state: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    for key in ["seconds", "wait_seconds"] {
        state["progress"][key] = 0.0.into();
    }
    serde_json::to_vec(&state).unwrap()
}
