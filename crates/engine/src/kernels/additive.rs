//! Additive attention of one query a row over the keys of its source. Rows share sources: row r looks at source `of[r]`, of
//! which the first `lengths[of[r]]` keys are real. The equations stand in `ops::additive_attention`.

use super::simd::{Simd, WithSimd, dispatch};
use super::{math, reduce, softmax, threads};
use rayon::prelude::*;

/// The lengths of axes: R rows, S keys a source, A the width of a key, D that of a value.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) keys: usize,
    pub(crate) width: usize,
    pub(crate) value: usize,
}

/// What is looked at: `keys` [N, S, A] and `values` [N, S, D] of N sources, and the weights v [A] of a score.
#[derive(Clone, Copy)]
pub(crate) struct Looked<'a> {
    pub(crate) keys: &'a [f32],
    pub(crate) values: &'a [f32],
    pub(crate) energy: &'a [f32],
    pub(crate) lengths: &'a [usize],
}

/// For each row of `query` [R, A] its `weights` [R, S], zero where nothing real stands, and its `context` [R, D].
pub(crate) fn forward(
    size: Size,
    looked: Looked,
    of: &[usize],
    query: &[f32],
    weights: &mut [f32],
    context: &mut [f32],
) {
    let rows = of.len();
    let work = |tanh: &mut Vec<f32>, (((weights, context), query), &source): (((&mut [f32], _), _), _)| {
        dispatch(Row { size, looked, source, query, tanh, weights, context });
    };
    let scratch = || vec![0.0; size.width];
    if rows * size.keys * size.width <= threads::GRAIN {
        let rows = weights.chunks_mut(size.keys).zip(context.chunks_mut(size.value));
        let mut tanh = scratch();
        rows.zip(query.chunks(size.width)).zip(of).for_each(|row| work(&mut tanh, row));
        return;
    }
    let rows = weights.par_chunks_mut(size.keys).zip(context.par_chunks_mut(size.value));
    rows.zip(query.par_chunks(size.width)).zip(of).for_each_init(scratch, work);
}

struct Row<'a> {
    size: Size,
    looked: Looked<'a>,
    source: usize,
    query: &'a [f32],
    tanh: &'a mut [f32],
    weights: &'a mut [f32],
    context: &'a mut [f32],
}

impl WithSimd for Row<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { size: Size { keys: times, width, value }, looked, source, query, tanh, weights, context } = self;
        let length = looked.lengths[source];
        let keys = looked.keys[source * times * width..].chunks_exact(width);
        for (weight, key) in weights[..length].iter_mut().zip(keys) {
            drive::<S>(tanh, key, query);
            *weight = reduce::dot(tanh, looked.energy);
        }
        weights[length..].fill(0.0);
        softmax::softmax_row::<S>(&mut weights[..length]);
        context.fill(0.0);
        let values = looked.values[source * times * value..].chunks_exact(value);
        for (&weight, value) in weights[..length].iter().zip(values) {
            add_scaled::<S>(context, weight, value);
        }
    }
}

/// `tanh(key + query)`.
#[inline(always)]
fn drive<S: Simd>(tanh: &mut [f32], key: &[f32], query: &[f32]) {
    for ((tanh, key), query) in tanh.iter_mut().zip(key).zip(query) {
        *tanh = math::tanh::<S>(key + query);
    }
}

#[inline(always)]
fn add_scaled<S: Simd>(sum: &mut [f32], factor: f32, x: &[f32]) {
    for (sum, &x) in sum.iter_mut().zip(x) {
        *sum = math::fma::<S>(factor, x, *sum);
    }
}

/// The gradient of the scores, [R, S], from that of the context; row r looks at source r.
pub(crate) fn scores_back(size: Size, looked: Looked, weights: &[f32], dcontext: &[f32], dscores: &mut [f32]) {
    struct Row<'a>(Size, &'a [f32], &'a [f32], &'a [f32], &'a mut [f32]);
    impl WithSimd for Row<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Self(size, values, weights, dcontext, dscores) = self;
            for (dscore, value) in dscores.iter_mut().zip(values.chunks_exact(size.value)) {
                *dscore = reduce::dot(dcontext, value);
            }
            let inner = reduce::dot(weights, dscores);
            dscores.iter_mut().zip(weights).for_each(|(dscore, weight)| *dscore = weight * (*dscore - inner));
        }
    }
    let rows = dscores.par_chunks_mut(size.keys).zip(weights.par_chunks(size.keys));
    let rows = rows.zip(dcontext.par_chunks(size.value)).zip(looked.values.par_chunks(size.keys * size.value));
    rows.zip(looked.lengths).for_each(|((((dscores, weights), dcontext), values), &length)| {
        dscores[length..].fill(0.0);
        dispatch(Row(size, values, &weights[..length], dcontext, &mut dscores[..length]));
    });
}

/// `dvalues` [R, S, D], added to what is there if `add`.
pub(crate) fn values_back(size: Size, weights: &[f32], dcontext: &[f32], dvalues: &mut [f32], add: bool) {
    struct Row<'a>(&'a [f32], &'a [f32], &'a mut [f32], bool);
    impl WithSimd for Row<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Self(weights, dcontext, dvalues, add) = self;
            for (&weight, dvalue) in weights.iter().zip(dvalues.chunks_exact_mut(dcontext.len())) {
                if add {
                    add_scaled::<S>(dvalue, weight, dcontext);
                } else {
                    dvalue.iter_mut().zip(dcontext).for_each(|(dvalue, x)| *dvalue = weight * x);
                }
            }
        }
    }
    let rows = dvalues.par_chunks_mut(size.keys * size.value).zip(weights.par_chunks(size.keys));
    rows.zip(dcontext.par_chunks(size.value))
        .for_each(|((dvalues, weights), dcontext)| dispatch(Row(weights, dcontext, dvalues, add)));
}

/// From the gradient of the scores: `dkeys` [R, S, A], added to what is there if `add`; `dquery` [R, A]; and what each row
/// adds to the gradient of the energy's weights, [R, A].
#[allow(clippy::too_many_arguments, reason = "one pass over the keys gives all three")]
pub(crate) fn keys_back(
    size: Size,
    looked: Looked,
    query: &[f32],
    dscores: &[f32],
    dkeys: &mut [f32],
    add: bool,
    dquery: &mut [f32],
    denergy: &mut [f32],
) {
    struct Row<'a> {
        keys: &'a [f32],
        energy: &'a [f32],
        query: &'a [f32],
        dscores: &'a [f32],
        dkeys: &'a mut [f32],
        add: bool,
        dquery: &'a mut [f32],
        denergy: &'a mut [f32],
        tanh: &'a mut [f32],
    }
    impl WithSimd for Row<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let Self { keys, energy, query, dscores, dkeys, add, dquery, denergy, tanh } = self;
            let width = query.len();
            dquery.fill(0.0);
            denergy.fill(0.0);
            let keys = keys.chunks_exact(width).zip(dkeys.chunks_exact_mut(width));
            for (&dscore, (key, dkey)) in dscores.iter().zip(keys) {
                drive::<S>(tanh, key, query);
                add_scaled::<S>(denergy, dscore, tanh);
                for ((tanh, energy), dquery) in tanh.iter_mut().zip(energy).zip(dquery.iter_mut()) {
                    *tanh = dscore * energy * (1.0 - *tanh * *tanh);
                    *dquery += *tanh;
                }
                if add {
                    dkey.iter_mut().zip(&*tanh).for_each(|(dkey, x)| *dkey += x);
                } else {
                    dkey.copy_from_slice(tanh);
                }
            }
        }
    }
    let rows = dkeys.par_chunks_mut(size.keys * size.width).zip(dquery.par_chunks_mut(size.width));
    let rows = rows.zip(denergy.par_chunks_mut(size.width)).zip(query.par_chunks(size.width));
    let rows = rows.zip(dscores.par_chunks(size.keys)).zip(looked.keys.par_chunks(size.keys * size.width));
    rows.zip(looked.lengths).for_each_init(
        || vec![0.0; size.width],
        |tanh, ((((((dkeys, dquery), denergy), query), dscores), keys), &length)| {
            let (real, padding) = dkeys.split_at_mut(length * size.width);
            if !add {
                padding.fill(0.0);
            }
            let (dscores, energy) = (&dscores[..length], looked.energy);
            dispatch(Row { keys, energy, query, dscores, dkeys: real, add, dquery, denergy, tanh });
        },
    );
}
