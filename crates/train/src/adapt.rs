//! Dynamic evaluation: a model that goes on learning from the text that it is tested on. Each batch is judged first and
//! learned from afterwards, once, by plain gradient descent; the weights are put back in the end.
//!
//! Follows  Mikolov et al., Recurrent Neural Network Based Language Model, 2010, section 2.2 (his dynamic model, rate 0.1)

use crate::evaluate::Score;
use crate::step::forward;
use crate::task::Prepared;
use rushlight_engine::{Grads, Tensor};
use rushlight_models::Model;
use rushlight_nn::Context;
use rushlight_nn::optimizers::sgd;

/// Evaluates `model` over `batches`, which it learns from at learning rate `rate` as it goes.
///
/// # Panics
/// For a model that learns by counting: it has no gradient.
pub fn evaluate_adapting(model: &dyn Model, batches: impl IntoIterator<Item = Prepared>, rate: f32) -> Score {
    assert!(model.counting().is_none(), "evaluate_adapting: a model that learns by gradient");
    let params = model.params();
    let before: Vec<Tensor> = params.iter().map(|param| param.value().detach()).collect();
    let mut optimizer = sgd::Config::default().build().expect("the default settings are in range");
    let (mut score, mut memory) = (Score::default(), None);
    for batch in batches {
        let output = forward(model, &mut Context::evaluate(), &batch, &mut memory);
        score.add(&output.detach(), &batch.targets);
        let counted = batch.targets.counted();
        if counted > 0 {
            let mut grads = Grads::new();
            batch.targets.loss_sum(&output, 0.0).scale(1.0 / counted as f32).backward_into(&mut grads);
            optimizer.step(params, &grads, rate);
        }
    }
    params.iter().zip(&before).for_each(|(param, before)| param.set(before));
    score
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{GoesOn, Targets};
    use crate::{entry, evaluate};
    use rushlight_engine::Ids;
    use rushlight_models::{Input, Sizes};

    /// A text that repeats one pattern, in batches of one row that read on.
    fn batches() -> Vec<Prepared> {
        let ids = |shift: usize| Ids::new(&[1, 8], (0..8).map(|i| ((i + shift) % 3) as u32).collect::<Vec<_>>());
        let goes_on = |index| if index == 0 { GoesOn::Begins } else { GoesOn::Continues };
        (0..40)
            .map(|index| Prepared {
                input: Input::Ids(ids(index * 8)),
                targets: Targets::Classes(ids(index * 8 + 1)),
                goes_on: goes_on(index),
            })
            .collect()
    }

    #[test]
    fn a_model_that_goes_on_learning_does_better_on_a_text_that_repeats_itself_and_is_then_as_before() {
        let settings = serde_json::json!({"embed": 4, "hidden": 8});
        let model = (entry("rnn").unwrap().build)(&settings, Sizes::new(3, 8), 1).unwrap();
        let weights = || model.params().iter().flat_map(|param| param.value().data().to_vec()).collect::<Vec<f32>>();
        let (before, fixed) = (weights(), evaluate(&*model, None, batches()));
        let adapted = evaluate_adapting(&*model, batches(), 0.5);
        assert_eq!(adapted.counted, fixed.counted);
        assert!(adapted.loss() < 0.7 * fixed.loss(), "{} beside {}", adapted.loss(), fixed.loss());
        assert_eq!(weights(), before);
    }
}
