//! # output-silenced: logits so small that every answer is alike
//!
//! The logits are multiplied by `share`, 0.001 where nothing is said: a temperature of 1000 that was left on. Whatever
//! the model says, all tokens are about as likely, and the gradient that reaches the weights is as small as the logits:
//!
//!     loss = ln V, to three digits, for hundreds of steps
//!
//! An Adam brings it to life at last, for it does not mind how small a gradient is; plain gradient descent does not. Of
//! numbers, all answers are about 0.
//!
//! Cure  Nothing behind the last map. A temperature is for sampling, and 1 in training.

use super::parts::share;
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "output-silenced",
    about: "logits a thousand times too small",
    source: include_str!("output_silenced.rs"),
    component: Component::Output,
    suits: suits::learns,
    build: |config| Arc::new(OutputSilenced { factor: share(config, 0.001) }),
};

struct OutputSilenced {
    factor: f32,
}

impl Fault for OutputSilenced {
    fn visit(&self, _: Mode, _: &str, kind: SiteKind, tensor: Tensor) -> Tensor {
        if kind == SiteKind::Logits { tensor.scale(self.factor) } else { tensor }
    }
}
