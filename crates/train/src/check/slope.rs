//! # slope: the gradient is the slope of the loss
//!
//! Tried      each parameter (of more than 40 some, evenly), moved a little to and fro along its own gradient
//! Measured   the slope of the loss on the way, by central difference
//! Reference  the length of the gradient, which that slope must be
//! Right      within some percent: a difference of f32 losses is rounded, and a kink may lie on the way

use super::{Entry, Measured, Subject};

/// This probe in the list.
pub const ENTRY: Entry =
    Entry { name: "slope", about: "the gradient is the slope of the loss", source: include_str!("slope.rs"), measure };

/// So many parameters are tried, evenly: of a large model fewer, for each takes two passes.
const LEAST_TRIED: usize = 10;
const MOST_TRIED: usize = 40;
const NUMBERS: usize = 200_000_000;
/// How much the loss changes on the way, beside itself: far above its rounding, and little.
const CHANGE: f64 = 1e-3;
/// No number moves further than this.
const FURTHEST: f64 = 1e-2;
/// A change of the loss below this drowns in the rounding of f32.
const LEAST: f64 = 1e-5;

fn measure(subject: &Subject) -> Vec<Measured> {
    if !subject.learns() {
        return Vec::new();
    }
    let trial = subject.trial();
    let (loss, grads) = trial.gradient(&subject.batch);
    let params = trial.model.params();
    let mut measured = Vec::new();
    let most = (NUMBERS / params.count().max(1)).clamp(LEAST_TRIED, MOST_TRIED);
    let every = params.trainable().count().div_ceil(most);
    for param in params.trainable().step_by(every.max(1)) {
        let Some(gradient) = param.gradient(&grads) else { continue };
        let length = gradient.sum_of_squares().sqrt();
        if length == 0.0 || !length.is_finite() {
            continue;
        }
        let start = param.value().data().to_vec();
        let steepest = gradient.data().iter().fold(0.0, |most: f64, x| most.max(f64::from(x.abs())));
        let way = (CHANGE * loss / length).min(FURTHEST * length / steepest);
        if way * length < LEAST {
            continue;
        }
        let loss_at = |along: f64| {
            param.update(|numbers| {
                for ((number, start), slope) in numbers.iter_mut().zip(&start).zip(gradient.data()) {
                    *number = (f64::from(*start) + along * f64::from(*slope) / length) as f32;
                }
            });
            trial.loss(&subject.batch)
        };
        let slope = (loss_at(way) - loss_at(-way)) / (2.0 * way);
        param.update(|numbers| numbers.copy_from_slice(&start));
        measured.push(Measured::at(param.name(), slope, length));
    }
    measured
}
