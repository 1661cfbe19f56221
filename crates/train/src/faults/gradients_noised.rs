//! # gradients-noised: gradients that drown in noise
//!
//! To the gradient of each parameter normal noise is added, `share` times as long as it is itself, 10 where nothing is
//! said: broken sums across devices, too few bits, noise for privacy that was set too high.
//!
//!     g + 10 ‖g‖ ε/√n,  ε normal, n numbers
//!
//! The norm of the gradient is ten times what the slope of the loss says. The loss falls slowly and trembles, or rises
//! at a rate that was right before.
//!
//! Cure  Compute one gradient twice: it must be the same to the last bit, and the slope of the loss.

use super::parts::{Place, share};
use super::{Entry, Fault, suits};
use rushlight_engine::{Grads, Rng};
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "gradients-noised",
    about: "noise ten times as large as the gradient",
    source: include_str!("gradients_noised.rs"),
    component: Component::Gradient,
    suits: suits::learns,
    build: |config| {
        let (share, steps) = (share(config, 10.0), AtomicU64::new(0));
        Arc::new(GradientsNoised { share, steps, place: Place::of(config) })
    },
};

struct GradientsNoised {
    share: f32,
    steps: AtomicU64,
    place: Place,
}

impl Fault for GradientsNoised {
    fn gradients(&self, params: &Params, grads: &mut Grads) {
        let mut rng = Rng::new(self.steps.fetch_add(1, Ordering::Relaxed));
        for param in params.iter().filter(|param| self.place.holds(param.name())) {
            let Some(gradient) = param.gradient_mut(grads) else { continue };
            let size = (gradient.sum_of_squares() / gradient.count().max(1) as f64).sqrt() as f32;
            gradient.data_mut().iter_mut().for_each(|x| *x += self.share * size * rng.normal());
        }
    }
}
