//! Context reach: the loss at one place when the model is shown only the last k tokens before it. Where it stops
//! falling, the model has no more use for the past.

use rushlight_engine::{CrossEntropy, Ids, Reduction, cross_entropy, no_grad};
use rushlight_models::{Input, Model};
use rushlight_nn::Context;
use rushlight_trace::Reach;

/// Rows that are read at once.
const ROWS: usize = 128;

/// Measures at `places` of `text`, for every k of `shown`; the same places for each.
///
/// # Panics
/// When a place has fewer tokens before it than the largest k.
pub fn reach(model: &dyn Model, name: &str, text: &[u32], places: &[usize], shown: &[usize]) -> Reach {
    let loss = shown.iter().map(|&k| loss_with(model, text, places, k)).collect();
    Reach { model: name.to_owned(), k: shown.iter().map(|&k| k as u64).collect(), loss }
}

fn loss_with(model: &dyn Model, text: &[u32], places: &[usize], k: usize) -> f64 {
    let sums = places.chunks(ROWS).map(|places| {
        let inputs: Vec<u32> = places.iter().flat_map(|&place| &text[place - k..place]).copied().collect();
        let targets: Vec<u32> = places.iter().map(|&place| text[place]).collect();
        let ids = Ids::new(&[places.len(), k], inputs);
        no_grad(|| {
            let logits = model.forward(&mut Context::evaluate(), &Input::Ids(ids));
            let last = logits.narrow(1, k - 1, 1);
            let how = CrossEntropy { reduction: Reduction::Sum, ..CrossEntropy::default() };
            f64::from(cross_entropy(&last, &Ids::new(&[places.len(), 1], targets), &how).item())
        })
    });
    sums.sum::<f64>() / places.len() as f64
}
