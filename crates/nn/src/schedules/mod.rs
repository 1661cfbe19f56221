//! Schedules: the learning rate of each step. Knows no optimizer, and of the run only its length and base rate.
//!
//! Step s counts from 0, and S is how many there are. Any schedule may begin with W steps of warm-up:
//!
//!     rate = base (s + 1) / W     for s < W        then the schedule, by u = s - W
//!
//! All are pure functions of the step but the plateau, which listens to losses and keeps what it has heard.

pub mod constant;
pub mod cosine;
pub mod exponential;
pub mod inverse_sqrt;
pub mod linear;
pub mod plateau;
pub mod step;

use crate::settings::{SettingError, require};
use serde_json::Value;

/// Every schedule.
pub const ALL: &[Entry] = &[
    constant::ENTRY,
    step::ENTRY,
    exponential::ENTRY,
    linear::ENTRY,
    cosine::ENTRY,
    inverse_sqrt::ENTRY,
    plateau::ENTRY,
];

/// A schedule in the list.
pub struct Entry {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it is, in a line.
    pub line: &'static str,
    /// Its keys in a recipe, besides `kind`.
    pub keys: &'static [&'static str],
    /// The file itself, whose header explains it.
    pub source: &'static str,
    /// Makes it for a run from its table in a recipe, `kind` taken out.
    pub build: fn(&Value, Span) -> Built,
}

/// A schedule, or what is wrong with its settings.
pub type Built = Result<Box<dyn Schedule>, SettingError>;

/// What a schedule has to know of the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The rate from which a schedule starts: what a recipe calls the learning rate.
    pub base_rate: f64,
    /// S, the number of steps in the run.
    pub total_steps: u64,
}

/// The learning rate of each step.
pub trait Schedule: Send + Sync {
    /// The rate of step `step`, counted from 0.
    fn rate(&self, step: u64) -> f32;

    /// Hears the validation loss that was found after step `step`.
    fn observe(&mut self, _step: u64, _loss: f64) {}

    /// What it has to remember: nothing, where the rate follows from the step alone.
    fn state(&self) -> Value {
        Value::Null
    }

    /// Takes over what [`Schedule::state`] gave; then it goes on with the same bits.
    ///
    /// # Errors
    /// When `state` is not that of such a schedule; then nothing has changed.
    fn load_state(&mut self, state: &Value) -> Result<(), SettingError> {
        match state {
            Value::Null => Ok(()),
            other => Err(SettingError::Table(format!("this schedule remembers nothing, but its state is {other}"))),
        }
    }
}

impl Span {
    /// A schedule that warms up and then follows `curve(u)`.
    fn after_warm_up(self, warmup_steps: u64, curve: impl Fn(u64) -> f64 + Send + Sync + 'static) -> Box<dyn Schedule> {
        Box::new(Curve { base_rate: self.base_rate, warmup_steps, curve })
    }

    /// S - W, the steps that a curve has to go from its start to its end.
    fn steps_after(self, warmup_steps: u64) -> u64 {
        self.total_steps.saturating_sub(warmup_steps)
    }

    /// How much of that way has been gone after `u` steps, 1 at its end and behind it.
    fn way(self, warmup_steps: u64) -> impl Fn(u64) -> f64 + Send + Sync + 'static {
        let steps = self.steps_after(warmup_steps);
        move |u| if u < steps { u as f64 / steps as f64 } else { 1.0 }
    }

    /// Refuses a floor above the base rate.
    fn require_floor(self, floor: f64) -> Result<(), SettingError> {
        let fits = (0.0..=self.base_rate).contains(&floor);
        require(fits, "floor", floor, format!("from 0 to the base rate, {}", self.base_rate))
    }
}

struct Curve<F> {
    base_rate: f64,
    warmup_steps: u64,
    curve: F,
}

impl<F: Fn(u64) -> f64 + Send + Sync> Schedule for Curve<F> {
    fn rate(&self, step: u64) -> f32 {
        let rate = match step.checked_sub(self.warmup_steps) {
            Some(u) => (self.curve)(u),
            None => warm_up(self.base_rate, self.warmup_steps, step),
        };
        rate as f32
    }
}

/// The rate of `step`, which is before the end of the warm-up.
fn warm_up(base_rate: f64, warmup_steps: u64, step: u64) -> f64 {
    base_rate * (step + 1) as f64 / warmup_steps as f64
}

/// Refuses a factor that is not above 0 and at most 1.
fn require_factor(factor: f64) -> Result<(), SettingError> {
    require(factor > 0.0 && factor <= 1.0, "factor", factor, "above 0 and at most 1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use serde_json::json;

    const SPAN: Span = Span { base_rate: 0.5, total_steps: 10 };

    fn build(name: &str, settings: Value) -> Result<Box<dyn Schedule>, SettingError> {
        let entry = ALL.iter().find(|entry| entry.name == name).unwrap();
        (entry.build)(&settings, SPAN)
    }

    #[track_caller]
    fn check_keys(entry: &Entry, config: impl Serialize) {
        let config = serde_json::to_value(config).unwrap();
        let fields: Vec<_> = config.as_object().unwrap().keys().collect();
        assert_eq!(fields, entry.keys, "{}", entry.name);
    }

    #[test]
    fn the_keys_are_the_fields() {
        check_keys(&constant::ENTRY, constant::Config::default());
        check_keys(&step::ENTRY, step::Config { every_steps: 1, factor: 0.1, hold_steps: 0, warmup_steps: 0 });
        check_keys(&exponential::ENTRY, exponential::Config { factor: 0.1, warmup_steps: 0 });
        check_keys(&linear::ENTRY, linear::Config::default());
        check_keys(&cosine::ENTRY, cosine::Config::default());
        check_keys(&inverse_sqrt::ENTRY, inverse_sqrt::Config::default());
        check_keys(&plateau::ENTRY, plateau::Config::default());
    }

    #[test]
    fn behind_the_last_step_the_rate_stays_at_the_floor() {
        for name in ["linear", "cosine"] {
            let schedule = build(name, json!({ "floor": 0.25, "warmup_steps": 3 })).unwrap();
            assert!(schedule.rate(9) > 0.25, "{name}");
            assert_eq!([10, 11, 1000].map(|step| schedule.rate(step)), [0.25; 3], "{name}");
        }
    }

    #[test]
    fn a_warm_up_as_long_as_the_run_reaches_the_base_rate() {
        let schedule = build("cosine", json!({ "warmup_steps": 10 })).unwrap();
        assert_eq!([0, 4, 9].map(|step| schedule.rate(step)), [0.05, 0.25, 0.5]); // 1, 5 and 10 tenths of the base
    }

    #[track_caller]
    fn refused(name: &str, settings: Value, message: &str) {
        let Err(error) = build(name, settings) else { panic!("{name} takes it") };
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_by_name() {
        refused("step", json!({}), "missing field `every_steps`");
        refused("step", json!({ "every_steps": 0 }), "`every_steps` is 0, but must be at least 1");
        refused("exponential", json!({ "factor": 0 }), "`factor` is 0, but must be above 0 and at most 1");
        refused("cosine", json!({ "floor": 0.6 }), "`floor` is 0.6, but must be from 0 to the base rate, 0.5");
        refused("constant", json!({ "floor": 0 }), "unknown key `floor`; the only key is `warmup_steps`");
    }
}
