//! # output-scaled: logits so large that every answer is sure
//!
//! The logits are multiplied by `share`, 30 where nothing is said: a temperature turned over, a scale applied twice. A
//! fresh model then is sure of answers that it knows nothing about:
//!
//!     loss at the start = E[max of V logits] - E[logit]  >  ln V
//!
//! The loss starts far above ln V, the first steps only bring the logits down, which draws a hockey stick, and what is
//! learned after that jumps, for every change of a weight is `share` times as large in the answer.
//!
//! Cure  Multiply the weights of the output by 0.1 or less at the start, and nothing behind them.

use super::parts::share;
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "output-scaled",
    about: "logits many times too large",
    source: include_str!("output_scaled.rs"),
    component: Component::Output,
    suits: suits::learns,
    build: |config| Arc::new(OutputScaled { factor: share(config, 30.0) }),
};

struct OutputScaled {
    factor: f32,
}

impl Fault for OutputScaled {
    fn visit(&self, _: Mode, _: &str, kind: SiteKind, tensor: Tensor) -> Tensor {
        if kind == SiteKind::Logits { tensor.scale(self.factor) } else { tensor }
    }
}
