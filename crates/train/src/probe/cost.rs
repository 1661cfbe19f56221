//! What a training step costs: forward, backward and update, in time and in memory, as one of its sizes grows.

use crate::Forcing;
use crate::step::{StepSettings, take_step};
use crate::task::{GoesOn, Prepared, Targets};
use rushlight_engine::{Ids, Rng, pool};
use rushlight_models::{Input, Model};
use rushlight_nn::clip::Clip;
use rushlight_nn::optimizers::adamw;
use rushlight_trace::{Axis, Cost};
use std::time::{Duration, Instant};

/// At least so many steps are timed, and for at least so long.
const TIMINGS: usize = 3;
const TIMED: Duration = Duration::from_millis(60);

/// The step of a fresh model.
pub struct Stepped {
    /// The model.
    pub model: Box<dyn Model>,
    /// Sequences in a batch.
    pub rows: usize,
    /// Tokens in each.
    pub length: usize,
    /// Different tokens.
    pub vocabulary: usize,
}

/// Times steps of a fresh model at each size, which `make(size)` makes, and takes the least: other programs only add. Memory
/// is what its tensors and working memory hold at once, weights and optimizer too: what was held before is not its own.
pub fn cost<E>(name: &str, axis: Axis, sizes: &[usize], make: impl Fn(usize) -> Result<Stepped, E>) -> Result<Cost, E> {
    let (mut step_milliseconds, mut peak_megabytes) = (Vec::new(), Vec::new());
    pool::trim(); // of what a training has left no size can use much
    for &size in sizes {
        let before = pool::held_bytes();
        let (milliseconds, peak_bytes) = make(size)?.measured();
        step_milliseconds.push(milliseconds);
        peak_megabytes.push(peak_bytes.saturating_sub(before) as f64 / f64::from(1 << 20));
        // The next size can use little of what this one leaves.
        pool::trim();
    }
    let size = sizes.iter().map(|&size| size as u64).collect();
    Ok(Cost { model: name.to_owned(), axis, size, step_milliseconds, peak_megabytes })
}

impl Stepped {
    /// The least time of a step in milliseconds, and the peak of all that is held meanwhile, in bytes.
    fn measured(&self) -> (f64, usize) {
        let mut rng = Rng::new(self.length as u64);
        let mut ids = || {
            let drawn = (0..self.rows * self.length).map(|_| rng.below(self.vocabulary) as u32);
            Ids::new(&[self.rows, self.length], drawn.collect::<Vec<_>>())
        };
        let batch = [Prepared { input: Input::Ids(ids()), targets: Targets::Classes(ids()), goes_on: GoesOn::Never }];
        let settings =
            StepSettings { clip: Clip::Never, smoothing: 0.0, fault: None, forcing: Forcing::ALWAYS, rng: Rng::new(0) };
        let mut optimizer = adamw::Config::default().build().expect("the default settings are in range");
        let mut step = |number: u64| {
            let start = Instant::now();
            take_step(&*self.model, &mut *optimizer, &batch, &mut None, &settings, (number, 1e-4), false);
            start.elapsed().as_secs_f64() * 1e3
        };
        step(0);
        pool::forget_peak();
        let (started, mut least, mut number) = (Instant::now(), f64::MAX, 1);
        while number <= TIMINGS as u64 || started.elapsed() < TIMED {
            least = least.min(step(number));
            number += 1;
        }
        (least, pool::peak_bytes())
    }
}
