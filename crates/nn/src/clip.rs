//! Clipping: keeps a step small when a gradient is huge. Knows no optimizer.
//!
//!     norm = √Σ g²                             over all gradients together
//!     g = g · min(1, limit / (norm + 1e-6))    by norm: the direction stays
//!     g = min(max(g, -limit), limit)           by value
//!
//! Follows  Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks, 2013, algorithm 1

use crate::Params;
use rushlight_engine::Grads;
use serde::{Deserialize, Serialize};

/// How gradients are clipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clip {
    /// All together, to at most this norm.
    Norm(f32),
    /// Each number, to at most this size.
    Value(f32),
    /// Not at all.
    #[default]
    Never,
}

/// PyTorch's: keeps the quotient finite, at the price of a norm just below the limit.
const NORM_EPSILON: f64 = 1e-6;

impl Clip {
    /// Clips the gradients of all trainable `params`, and gives the norm that they had before.
    ///
    /// # Panics
    /// When the limit is not above 0.
    #[track_caller]
    pub fn apply(self, params: &Params, grads: &mut Grads) -> f64 {
        if let Self::Norm(limit) | Self::Value(limit) = self {
            assert!(limit > 0.0, "clip: a limit of {limit}");
        }
        let norm = gradient_norm(params, grads);
        match self {
            Self::Norm(limit) => {
                let scale = (f64::from(limit) / (norm + NORM_EPSILON)) as f32;
                // A norm that is not a number must show in every weight, as it does in PyTorch.
                if scale < 1.0 || scale.is_nan() {
                    change(params, grads, |g| g * scale);
                }
            }
            Self::Value(limit) => change(params, grads, |g| g.clamp(-limit, limit)),
            Self::Never => {}
        }
        norm
    }
}

/// The norm of the gradients of all trainable `params`, taken as one long vector.
pub fn gradient_norm(params: &Params, grads: &Grads) -> f64 {
    let gradients = params.trainable().filter_map(|param| param.gradient(grads));
    gradients.map(|gradient| gradient.sum_of_squares()).sum::<f64>().sqrt()
}

fn change(params: &Params, grads: &mut Grads, of: impl Fn(f32) -> f32) {
    for param in params.trainable() {
        if let Some(gradient) = param.gradient_mut(grads) {
            gradient.data_mut().iter_mut().for_each(|g| *g = of(*g));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, init::Init};
    use rushlight_engine::Tensor;

    /// Two parameters whose gradients are `a` and `b`, and a frozen third; clipped, and the norm.
    fn clipped(clip: Clip, a: &[f32], b: &[f32]) -> (Vec<f32>, f64) {
        let mut build = Builder::new(0);
        let made = [("a", a.len()), ("b", b.len()), ("frozen", 1)]
            .map(|(name, count)| build.weight(name, &[count], &Init::Zeros));
        let params = build.finish();
        made[2].freeze(true);
        let loss = (&made[0].value() * &Tensor::new(&[a.len()], a)).sum()
            + (&made[1].value() * &Tensor::new(&[b.len()], b)).sum()
            + made[2].value().scale(1e9).sum();
        let mut grads = loss.backward();
        let norm = clip.apply(&params, &mut grads);
        let after = made.iter().filter_map(|param| param.gradient(&grads)).flat_map(|g| g.data().to_vec());
        (after.collect(), norm)
    }

    #[test]
    fn the_norm_goes_over_all_parameters_together() {
        let (after, norm) = clipped(Clip::Never, &[3.0], &[0.0, 4.0]);
        assert_eq!((after, norm), (vec![3.0, 0.0, 4.0], 5.0));
    }

    #[test]
    fn a_tiny_norm_is_clipped_below_its_limit() {
        let (after, _) = clipped(Clip::Norm(1e-6), &[1e-6], &[0.0]);
        assert!((after[0] - 5e-7).abs() < 1e-12, "{after:?}"); // 1e-6 / (1e-6 + 1e-6) is one half
    }

    #[test]
    fn a_norm_beyond_f32_is_still_clipped() {
        let (after, norm) = clipped(Clip::Norm(1.0), &[3e30], &[4e30]);
        assert!((norm - 5e30).abs() < 1e24 && (after[0] - 0.6).abs() < 1e-6, "{norm} {after:?}");
    }

    #[test]
    fn what_is_not_a_number_shows() {
        let (after, norm) = clipped(Clip::Norm(1.0), &[f32::NAN], &[4.0]);
        assert!(norm.is_nan() && after.iter().all(|g| g.is_nan()));
    }

    #[test]
    fn a_recipe_says_it_in_a_word_or_a_table() {
        let read = |text: &str| serde_json::from_str::<Clip>(text).unwrap();
        assert_eq!(read(r#""never""#), Clip::Never);
        assert_eq!(read(r#"{"norm": 1}"#), Clip::Norm(1.0));
        assert_eq!(read(r#"{"value": 0.5}"#), Clip::Value(0.5));
    }
}
