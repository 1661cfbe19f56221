//! Tables, plots and pages made from what a run left behind. Knows not how the run was made.
