//! Dropout by counter: which elements fall is computed from their index, forward and again backward, and never stored.

use super::simd::{Simd, WithSimd, dispatch};
use super::threads;
use crate::Rng;

/// Every element is zeroed with probability `rate`; the others grow by 1/(1-rate). In place.
pub(crate) fn dropout(x: &mut [f32], rate: f32, rng: &Rng) {
    /// Blocks of random words at once: their counters fill vectors.
    const BLOCKS: usize = 16;
    struct Pass<'a>(&'a mut [f32], u64, f32, &'a Rng);
    impl WithSimd for Pass<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Self(x, first, rate, rng) = self;
            let scale = 1.0 / (1.0 - rate);
            let least = (f64::from(rate) * 4_294_967_296.0) as u32;
            for (group, x) in x.chunks_mut(4 * BLOCKS).enumerate() {
                let random = rng.blocks::<BLOCKS>(first + (group * BLOCKS) as u64);
                for (x, &random) in x.iter_mut().zip(random.as_flattened()) {
                    *x = if random < least { 0.0 } else { *x * scale };
                }
            }
        }
    }
    threads::for_pieces(x, threads::GRAIN, |piece, x| {
        dispatch(Pass(x, (piece * threads::GRAIN / 4) as u64, rate, rng))
    });
}
