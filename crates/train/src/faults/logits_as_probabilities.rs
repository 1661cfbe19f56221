//! # logits-as-probabilities: the sampler takes logits for what it draws by
//!
//! When the model writes, its logits go to the sampler as if they were probabilities: numbers below 0 count as 0, and
//! the others are divided by their sum.
//!
//!     q = max(z, 0)/Σ max(z, 0) where p = softmax(z) is meant
//!
//! All losses are sound, and greedy writing too, for the largest number stays the largest. What is sampled is noise:
//! a token with a logit of 5 comes up five times as often as one with a logit of 1, and not e⁴ = 55 times.
//!
//! Cure  A softmax between the model and the sampler. Draw a thousand next tokens, and compare how often each came up
//!       with its probability.

use super::{Entry, Fault, suits};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "logits-as-probabilities",
    about: "the sampler draws by logits",
    source: include_str!("logits_as_probabilities.rs"),
    component: Component::Decoding,
    suits: suits::writes,
    build: |_| Arc::new(LogitsAsProbabilities),
};

struct LogitsAsProbabilities;

impl Fault for LogitsAsProbabilities {
    fn sampled(&self, logits: &mut [f32]) {
        // What the sampler's own softmax turns into just these shares; where no logit is above 0, all are alike.
        logits.iter_mut().for_each(|logit| *logit = (logit.max(0.0) + NEVER).ln());
    }
}

/// As likely as what never comes up.
const NEVER: f32 = 1e-12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_softmax_of_what_is_handed_on_gives_the_logits_as_shares() {
        let mut logits = [3.0, 1.0, -2.0];
        LogitsAsProbabilities.sampled(&mut logits);
        let shares = logits.map(|logit: f32| logit.exp()); // 3 and 1 of 4, before the division
        assert!(shares.iter().zip([3.0, 1.0, 0.0]).all(|(share, right)| (share - right).abs() < 1e-5), "{shares:?}");
    }
}
