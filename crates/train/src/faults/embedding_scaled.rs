//! # embedding-scaled: token vectors that are far too long
//!
//! The vectors of tokens, with their positions, are multiplied by `share`, 30 where nothing is said: √D twice, or a
//! start of deviation 1 under a scale that was meant for 0.02.
//!
//!     x = 30 E[token]
//!
//! Squashing layers behind it are saturated from the start. In a sum around sublayers the vector drowns all that
//! attention and the layers add, and the model answers from the last token alone for long.
//!
//! Cure  Start the table at a deviation of 0.02 without a scale, or of 1/√D with √D: the vectors should be about as
//!       long as what is added to them.

use super::parts::{Place, is_embedding_site, share};
use super::{Entry, Fault, suits};
use rushlight_engine::Tensor;
use rushlight_nn::{Mode, SiteKind};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "embedding-scaled",
    about: "embeddings many times too large",
    source: include_str!("embedding_scaled.rs"),
    component: Component::Embedding,
    suits: |recipe| suits::reads_tokens(recipe) && !suits::is(recipe, &["bigram"]) && !suits::has(recipe, "batch_norm"),
    build: |config| Arc::new(EmbeddingScaled { factor: share(config, 30.0), place: Place::of(config) }),
};

struct EmbeddingScaled {
    factor: f32,
    place: Place,
}

impl Fault for EmbeddingScaled {
    fn visit(&self, _: Mode, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        if is_embedding_site(site) && self.place.holds(site) { tensor.scale(self.factor) } else { tensor }
    }
}
