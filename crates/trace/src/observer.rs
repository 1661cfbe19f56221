//! Who listens while a run goes on. The loop speaks; a listener may ask it to stop.

use crate::Record;
use std::ops::ControlFlow;

/// Hears every record of a run as it is made.
pub trait Observer {
    /// Takes notice of a record. `Break` asks the loop to stop, with the reason in words.
    fn observe(&mut self, record: &Record) -> ControlFlow<String>;
}
