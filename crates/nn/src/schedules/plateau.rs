//! # plateau: a factor off the rate whenever the loss has stopped falling
//!
//! Follows  the habit of watching the validation loss, as in Krizhevsky, Sutskever and Hinton, 2012; the details are
//!          those of PyTorch's ReduceLROnPlateau
//!
//!     good  = loss < (1 - threshold) best      (1)  then best = loss, bad = 0; else bad = bad + 1
//!     rate  = max(factor rate, floor)          (2)  once bad > patience, and then bad = 0
//!
//! Letters  best the least loss so far, bad how many losses in a row were not good
//!
//! Losses that are found during the warm-up do not count. A loss that is not a number is not good.

use super::{Built, Entry, Schedule, Span, require_factor, warm_up};
use crate::settings::{self, SettingError, require_share};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The settings of this schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What is left of the rate each time.
    pub factor: f64,
    /// How many losses in a row may fail to be better.
    pub patience_evaluations: u64,
    /// By what share a loss must be below the best one to be better.
    pub threshold: f64,
    /// The least rate.
    pub floor: f64,
    /// W: over how many steps the rate first rises to its base.
    pub warmup_steps: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { factor: 0.1, patience_evaluations: 10, threshold: 1e-4, floor: 0.0, warmup_steps: 0 }
    }
}

impl Config {
    /// The schedule with these settings.
    ///
    /// # Errors
    /// When a number is out of its range.
    pub fn build(&self, span: Span) -> Built {
        require_factor(self.factor)?;
        require_share("threshold", self.threshold)?;
        span.require_floor(self.floor)?;
        let heard = Heard { rate: span.base_rate, best: None, bad: 0 };
        Ok(Box::new(Plateau { config: self.clone(), base_rate: span.base_rate, heard }))
    }
}

struct Plateau {
    config: Config,
    base_rate: f64,
    heard: Heard,
}

/// What the losses so far have done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Heard {
    rate: f64,
    best: Option<f64>,
    bad: u64,
}

impl Schedule for Plateau {
    fn rate(&self, step: u64) -> f32 {
        let warmup_steps = self.config.warmup_steps;
        let rate = if step < warmup_steps { warm_up(self.base_rate, warmup_steps, step) } else { self.heard.rate };
        rate as f32
    }

    fn observe(&mut self, step: u64, loss: f64) {
        let Self { config, heard, .. } = self;
        if step < config.warmup_steps {
            return;
        }
        // (1) The first loss is good if it is a number at all.
        let bound = heard.best.map_or(f64::INFINITY, |best| (1.0 - config.threshold) * best);
        if loss < bound {
            (heard.best, heard.bad) = (Some(loss), 0);
        } else {
            heard.bad += 1;
        }
        if heard.bad > config.patience_evaluations {
            heard.rate = (config.factor * heard.rate).max(config.floor); // (2)
            heard.bad = 0;
        }
    }

    fn state(&self) -> Value {
        let Heard { rate, best, bad } = self.heard;
        json!({ "rate": rate, "best": best, "bad": bad })
    }

    fn load_state(&mut self, state: &Value) -> Result<(), SettingError> {
        self.heard = settings::read(state, &["rate", "best", "bad"])?;
        Ok(())
    }
}

const KEYS: &[&str] = &["factor", "patience_evaluations", "threshold", "floor", "warmup_steps"];

/// This schedule in the list.
pub const ENTRY: Entry = Entry {
    name: "plateau",
    line: "a factor off the rate whenever the loss has stopped falling",
    keys: KEYS,
    source: include_str!("plateau.rs"),
    build: |table, span| settings::read::<Config>(table, KEYS)?.build(span),
};

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(patience_evaluations: u64) -> Box<dyn Schedule> {
        let config = Config { factor: 0.5, patience_evaluations, ..Config::default() };
        config.build(Span { base_rate: 1.0, total_steps: 9 }).unwrap()
    }

    #[test]
    fn a_loss_that_is_not_a_number_is_not_good() {
        let mut schedule = schedule(1);
        schedule.observe(0, f64::NAN);
        schedule.observe(1, f64::NAN);
        assert_eq!(schedule.rate(2), 0.5);
    }

    #[test]
    fn a_restored_schedule_goes_on_as_if_nothing_had_happened() {
        let losses = [3.0, 2.0 / 3.0, 0.7, 0.7, 0.1 + 0.2, 0.9, 0.9, 0.9, 0.9];
        let mut through = schedule(1);
        let mut resumed = schedule(1);
        for (step, &loss) in losses.iter().enumerate() {
            through.observe(step as u64, loss);
            resumed.observe(step as u64, loss);
            let text = resumed.state().to_string(); // as a checkpoint holds it
            resumed = schedule(1);
            resumed.load_state(&serde_json::from_str(&text).unwrap()).unwrap();
            assert_eq!(resumed.state(), through.state());
            assert_eq!(resumed.rate(step as u64 + 1), through.rate(step as u64 + 1));
        }
        assert_eq!(through.rate(9), 0.125); // halved after 0.7 0.7, after 0.9 0.9, and again after 0.9 0.9
    }

    #[test]
    fn a_state_of_another_kind_is_refused() {
        let error = schedule(1).load_state(&Value::Null).unwrap_err().to_string();
        assert_eq!(error, "settings must be a table, but are null");
    }
}
