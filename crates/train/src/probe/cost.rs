//! What a training step costs against the length of its sequences: forward, backward and update.

use crate::step::{StepSettings, take_step};
use crate::task::{GoesOn, Prepared, Targets};
use rushlight_engine::{Ids, Rng};
use rushlight_models::{Input, Model};
use rushlight_nn::clip::Clip;
use rushlight_nn::optimizers::adamw;
use rushlight_trace::Cost;
use std::time::Instant;

const ROWS: usize = 4;
const TIMINGS: usize = 3;

/// Times steps of a fresh model for each length: `make(length)` makes it. The middle of three timings, after a warm-up.
pub fn cost<E>(
    name: &str,
    vocabulary: usize,
    lengths: &[usize],
    make: impl Fn(usize) -> Result<Box<dyn Model>, E>,
) -> Result<Cost, E> {
    let mut step_milliseconds = Vec::with_capacity(lengths.len());
    for &length in lengths {
        step_milliseconds.push(middle_of_steps(&*make(length)?, vocabulary, length));
    }
    let length = lengths.iter().map(|&length| length as u64).collect();
    Ok(Cost { model: name.to_owned(), length, step_milliseconds, peak_megabytes: Vec::new() })
}

fn middle_of_steps(model: &dyn Model, vocabulary: usize, length: usize) -> f64 {
    let mut rng = Rng::new(length as u64);
    let mut ids =
        || Ids::new(&[ROWS, length], (0..ROWS * length).map(|_| rng.below(vocabulary) as u32).collect::<Vec<_>>());
    let batch = [Prepared { input: Input::Ids(ids()), targets: Targets::Classes(ids()), goes_on: GoesOn::Never }];
    let settings = StepSettings { clip: Clip::Never, smoothing: 0.0, rng: Rng::new(0) };
    let mut optimizer = adamw::Config::default().build().expect("the default settings are in range");
    let mut timings: Vec<f64> = (0..=TIMINGS as u64)
        .map(|step| {
            let start = Instant::now();
            take_step(model, &mut *optimizer, &batch, &mut None, &settings, (step, 1e-4), false);
            start.elapsed().as_secs_f64() * 1e3
        })
        .skip(1)
        .collect();
    timings.sort_by(f64::total_cmp);
    timings[TIMINGS / 2]
}
