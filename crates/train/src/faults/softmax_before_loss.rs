//! # softmax-before-loss: probabilities where the loss expects logits
//!
//! The model's answer goes through a softmax, and the cross-entropy, which has a softmax of its own, takes the
//! probabilities for logits. They lie between 0 and 1, and so the loss sees answers that are nearly alike:
//!
//!     at the start    p = 1/V everywhere           loss = ln V
//!     at best         p = 1 on the target          loss = ln(e + V - 1) - 1
//!
//! For 8,005 tokens that is 8.988 and 7.988: it can crawl down by one nat, in place of nearly nine, and looks like slow
//! learning; and the gradient that is left is divided by V as well. Log-softmax in its place is harmless: a softmax of
//! logarithms of probabilities gives the probabilities back.
//!
//! Cure  Let the model return logits. Apply softmax where probabilities are wanted, in sampling, and nowhere before a loss.

use super::{Entry, Fault};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "softmax-before-loss",
    about: "a softmax before a loss that has one",
    source: include_str!("softmax_before_loss.rs"),
    component: Component::Output,
    suits: |recipe| !recipe.data.has_vectors(),
    build: |_| Arc::new(SoftmaxBeforeLoss),
};

struct SoftmaxBeforeLoss;

impl Fault for SoftmaxBeforeLoss {
    fn visit(&self, _: Mode, _: &str, kind: SiteKind, tensor: Tensor) -> Tensor {
        if kind == SiteKind::Logits { tensor.softmax() } else { tensor }
    }

    fn yardstick(&self, vocabulary: usize) -> Option<(&'static str, f64)> {
        Some(("floor of a second softmax", floor(vocabulary)))
    }
}

/// The least loss that there can be: ln(e + V - 1) - 1.
fn floor(vocabulary: usize) -> f64 {
    (std::f64::consts::E + vocabulary as f64 - 1.0).ln() - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_engine::{CrossEntropy, Ids, cross_entropy};

    #[test]
    fn the_floor_is_the_loss_of_a_sure_and_right_answer() {
        const V: usize = 27;
        let mut logits = Tensor::zeros(&[1, V]);
        logits.data_mut()[3] = 1000.0;
        let twice = SoftmaxBeforeLoss.visit(Mode::Train, "logits", SiteKind::Logits, logits);
        let loss = cross_entropy(&twice, &Ids::new(&[1], [3]), &CrossEntropy::default());
        assert!((f64::from(loss.item()) - floor(V)).abs() < 1e-6);
        assert!((floor(8005) - 7.988).abs() < 1e-3 && (floor(27) - 2.36).abs() < 5e-3); // as the notes have it
    }
}
