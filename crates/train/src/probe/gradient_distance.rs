//! How far back the gradient of one answer reaches.
//!
//! The loss is that of the last place alone; measured is the norm of its gradient by the embedding of each token, the
//! mean over rows. A plain RNN multiplies that gradient by one Jacobian a step; an LSTM adds along the way; attention
//! goes there in one step.
//!
//! Read  Pascanu, Mikolov, Bengio, On the Difficulty of Training Recurrent Neural Networks, 2013, section 2.1

use crate::watch::Watch;
use rushlight_data::IGNORE;
use rushlight_engine::{CrossEntropy, Ids, cross_entropy};
use rushlight_models::{Input, Model};
use rushlight_nn::Context;
use rushlight_trace::GradientDistance;

/// The site whose gradient is measured; models without it (a window, a table) have no such distance.
const SITE: &str = "embed";

/// Measures on rows of `inputs` [B, T] whose right last answers are `last`, one a row. None for a model without the site.
pub fn gradient_distance(model: &dyn Model, step: u64, inputs: &Ids, last: &[u32]) -> Option<GradientDistance> {
    let (rows, times) = (inputs.shape()[0], inputs.shape()[1]);
    let mut targets = vec![IGNORE; rows * times];
    last.iter().enumerate().for_each(|(row, &target)| targets[row * times + times - 1] = target);
    let mut watch = Watch::default();
    // Recorded, because gradients are asked for, but in evaluation mode: dropout would blur the picture.
    let mut cx = Context::evaluate().watched(&mut watch);
    let logits = model.forward(&mut cx, &Input::Ids(inputs.clone()));
    drop(cx);
    let embedded = watch.tensor(SITE)?.clone();
    let grads = cross_entropy(&logits, &Ids::new(&[rows, times], targets), &CrossEntropy::default()).backward();
    let gradient = grads.of(&embedded)?;
    let norm = |row: usize, time: usize| {
        let width = gradient.width();
        let part = &gradient.data()[(row * times + time) * width..][..width];
        // The loss is a mean over rows: times their number it is that of one row.
        rows as f64 * part.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt()
    };
    let mean = |time: usize| (0..rows).map(|row| norm(row, time)).sum::<f64>() / rows as f64;
    Some(GradientDistance { step, distances: (0..times as u64).collect(), norms: (0..times).rev().map(mean).collect() })
}
