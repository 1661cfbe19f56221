//! # sigmoid-before-loss: answers squeezed into 0 to 1 before a loss that expects logits
//!
//! Each number of the answer goes through a sigmoid, as if each class were a question of its own, and the cross-entropy
//! then takes the softmax of the lot. The answers lie between 0 and 1, and so they are nearly alike:
//!
//!     at the start    1/2 everywhere                     loss = ln V
//!     at best         1 on the target, 0 elsewhere       loss = ln(e + V - 1) - 1
//!
//! That looks like slow learning that stops early. Unlike probabilities, the answers do not sum to 1.
//!
//! Cure  Give the loss the output of the last map as it is. A sigmoid belongs before a loss of yes and no alone.

use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "sigmoid-before-loss",
    about: "a sigmoid before a loss that has a softmax",
    source: include_str!("sigmoid_before_loss.rs"),
    component: Component::Output,
    suits: suits::has_logits,
    build: |_| Arc::new(SigmoidBeforeLoss),
};

struct SigmoidBeforeLoss;

impl Fault for SigmoidBeforeLoss {
    fn visit(&self, _: Mode, _: &str, kind: SiteKind, tensor: Tensor) -> Tensor {
        if kind == SiteKind::Logits { tensor.sigmoid() } else { tensor }
    }
}
