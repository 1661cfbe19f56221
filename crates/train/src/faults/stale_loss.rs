//! # stale-loss: each loss is told twice
//!
//! A variable that was not written again, or a record made before the pass: steps 1 and 2 tell the loss of step 1,
//! steps 3 and 4 that of step 3. Nothing that is learned changes; only what is seen is wrong.
//!
//!     told: l1 l1 l3 l3 l5 l5
//!
//! A curve in pairs, to the last bit: no two batches have one loss.
//!
//! Cure  Record a loss behind the pass that made it, and of the same step.

use super::{Entry, Fault, suits};
use rushlight_trace::Component;
use std::sync::{Arc, Mutex, PoisonError};

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "stale-loss",
    about: "every other step tells the loss of the step before",
    source: include_str!("stale_loss.rs"),
    component: Component::Loss,
    suits: suits::learns,
    build: |_| Arc::new(StaleLoss { held: Mutex::new(None) }),
};

struct StaleLoss {
    /// The loss that is told once more.
    held: Mutex<Option<f64>>,
}

impl Fault for StaleLoss {
    fn reported(&self, loss: f64) -> f64 {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.take() {
            Some(before) => before,
            None => *held.insert(loss),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn losses_come_in_pairs() {
        let fault = StaleLoss { held: Mutex::new(None) };
        assert_eq!([4.0, 3.0, 2.0, 1.0].map(|loss| fault.reported(loss)), [4.0, 4.0, 2.0, 2.0]);
    }
}
