//! Recall: how often the model repeats a symbol that it was shown some steps ago, against the number of steps.

use crate::{Prepared, evaluate};
use rushlight_models::Model;
use rushlight_trace::Recall;

/// Measures on `batches` of each distance; `chance` is the share that guessing gets right.
pub fn recall(
    model: &dyn Model,
    name: &str,
    batches: impl IntoIterator<Item = (u64, Vec<Prepared>)>,
    chance: f64,
) -> Recall {
    let (distance, accuracy) = batches
        .into_iter()
        .map(|(distance, batch)| (distance, evaluate(model, None, batch).top1_share().unwrap_or(0.0)))
        .unzip();
    Recall { model: name.to_owned(), distance, accuracy, chance: Some(chance) }
}
