//! The update of weights: one pass over memory for any rule that looks at one element at a time.

use super::simd::{Simd, WithSimd, dispatch};
use super::threads::GRAIN;
use rayon::prelude::*;

/// For every element: the new weight and the new states from `rule(weight, gradient, states)`, all written in place.
///
/// # Panics
/// When the slices differ in length.
pub fn update<const N: usize>(
    weights: &mut [f32],
    gradients: &[f32],
    states: [&mut [f32]; N],
    rule: impl Fn(f32, f32, [f32; N]) -> (f32, [f32; N]) + Copy + Send + Sync,
) {
    struct Pass<'a, const N: usize, R>(&'a mut [f32], &'a [f32], [&'a mut [f32]; N], R);
    impl<const N: usize, R: Fn(f32, f32, [f32; N]) -> (f32, [f32; N])> WithSimd for Pass<'_, N, R> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Self(weights, gradients, states, rule) = self;
            let count = weights.len();
            let gradients = &gradients[..count];
            let states = states.map(|state| &mut state[..count]);
            for i in 0..count {
                let (weight, new) = rule(weights[i], gradients[i], std::array::from_fn(|k| states[k][i]));
                weights[i] = weight;
                for k in 0..N {
                    states[k][i] = new[k];
                }
            }
        }
    }
    assert_eq!(weights.len(), gradients.len(), "update: weights and gradients");
    assert!(states.iter().all(|state| state.len() == weights.len()), "update: weights and states");
    if weights.len() <= GRAIN {
        return dispatch(Pass(weights, gradients, states, rule));
    }
    let mut states = states.map(|state| state.chunks_mut(GRAIN));
    let pieces: Vec<_> = weights
        .chunks_mut(GRAIN)
        .zip(gradients.chunks(GRAIN))
        .map(|(weights, gradients)| {
            Pass(weights, gradients, states.each_mut().map(|state| state.next().unwrap_or_default()), rule)
        })
        .collect();
    pieces.into_par_iter().for_each(dispatch);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_and_every_state_moves_once() {
        let count = GRAIN * 2 + 5;
        let (mut weights, mut state) = (vec![1.0; count], vec![2.0; count]);
        let gradients: Vec<f32> = (0..count).map(|i| (i % 7) as f32).collect();
        update(&mut weights, &gradients, [&mut state], |w, g, [s]| (w + g, [s * 3.0]));
        assert!(weights.iter().zip(&gradients).all(|(w, g)| *w == 1.0 + g));
        assert!(state.iter().all(|&s| s == 6.0));
    }
}
