//! Training with a function that listens, for programs that need no observer of their own.

use crate::{Ending, Run, TrainError};
use rushlight_trace::{Observer, Record};
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

struct Listen<F>(F);

impl<F: FnMut(&Record)> Observer for Listen<F> {
    fn observe(&mut self, record: &Record) -> ControlFlow<String> {
        (self.0)(record);
        ControlFlow::Continue(())
    }
}

impl Run {
    /// Trains to the recipe's end and hands every record to `listen`. See [`Run::train`] for runs that may be stopped.
    ///
    /// # Errors
    /// When something cannot be written; the last good checkpoint stands.
    pub fn train_to_end(&mut self, listen: impl FnMut(&Record)) -> Result<Ending, TrainError> {
        self.train(&mut Listen(listen), &AtomicBool::new(false))
    }
}
