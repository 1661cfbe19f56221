//! The rate of every step, of every schedule, with and without a warm-up.

use crate::golden::{Golden, assert_near_slices};
use rushlight_nn::schedules::{ALL, Schedule, Span};
use serde_json::{Value, json};

/// The schedule of this name with the recorded settings.
fn recorded(config: &Value, name: &str, warmup_steps: &Value) -> Box<dyn Schedule> {
    let mut settings = config.get(name).cloned().unwrap_or_else(|| json!({}));
    let table = settings.as_object_mut().unwrap();
    table.insert("warmup_steps".into(), warmup_steps.clone());
    if let Some(patience) = table.remove("patience") {
        table.insert("patience_evaluations".into(), patience);
    }
    let entry = ALL.iter().find(|entry| entry.name == name).unwrap();
    let base_rate = config["base"].as_f64().unwrap();
    let total_steps = config["steps"].as_u64().unwrap();
    (entry.build)(&settings, Span { base_rate, total_steps }).unwrap()
}

#[test]
fn every_schedule_gives_pytorchs_rates() {
    let golden = Golden::open("schedules");
    let config = golden.config();
    let losses = golden.tensor("plateau-losses");
    for entry in ALL {
        for (suffix, warmup_steps) in [("", &json!(0)), ("-warm-up", &config["warmup_steps"])] {
            let case = format!("{}{suffix}", entry.name);
            let mut schedule = recorded(&config, entry.name, warmup_steps);
            let mut rates = Vec::new();
            for (step, &loss) in (0..).zip(losses.data()) {
                rates.push(schedule.rate(step));
                schedule.observe(step, f64::from(loss));
            }
            assert_near_slices(&case, &rates, golden.tensor(&case).data(), 1e-6);
        }
    }
}
