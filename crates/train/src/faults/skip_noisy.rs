//! # skip-noisy: noise on the ways around sublayers, in evaluation too
//!
//! To what goes around each sublayer normal noise is added, `share` times as large as it is itself, 0.5 where nothing
//! is said; in every mode. Noise that was meant for training was left on, or memory is written that somebody still
//! reads.
//!
//!     x = x + 0.5 rms(x) ε + F(x),  ε normal
//!
//! Two evaluations of one batch differ, the loss stops higher the deeper the model, and what is written by argmax is
//! something else each time.
//!
//! Cure  Evaluate one batch twice: the answers must be equal to the last bit.

use super::chance::Chance;
use super::parts::{Place, last, share};
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "skip-noisy",
    about: "noise is added to what goes around sublayers",
    source: include_str!("skip_noisy.rs"),
    component: Component::Residual,
    suits: suits::attends,
    build: |config| {
        let (share, chance) = (share(config, 0.5), Chance::default());
        Arc::new(SkipNoisy { share, chance, place: Place::of(config) })
    },
};

struct SkipNoisy {
    share: f32,
    chance: Chance,
    place: Place,
}

impl Fault for SkipNoisy {
    fn visit(&self, mode: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        if !(last(site).starts_with("skip") && self.place.holds(site)) {
            return tensor;
        }
        let size = (tensor.sum_of_squares() / tensor.count().max(1) as f64).sqrt() as f32;
        let noise = Tensor::normal(tensor.shape(), &mut self.chance.on(&tensor, mode));
        &tensor + &noise.scale(self.share * size)
    }
}
