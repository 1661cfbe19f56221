//! Products with a matrix as it lies, by dot products: for a few rows, where packing it would cost more than it gives.

use super::product::{Rows, RowsMut};
use super::simd::{Simd, WithSimd};

/// `out += a Wᵀ` for `rows` rows, W [outputs, depth] as it lies: a dot product for every output.
pub(crate) struct Dots<'a> {
    pub(crate) a: Rows<'a>,
    pub(crate) rows: usize,
    pub(crate) w: Rows<'a>,
    pub(crate) outputs: usize,
    pub(crate) depth: usize,
    pub(crate) out: RowsMut<'a>,
}

impl Dots<'_> {
    /// As many sums at once hide the latency of an addition.
    pub(crate) const GROUP: usize = 4;
}

impl WithSimd for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        const GROUP: usize = Dots::GROUP;
        let Self { a, rows, w, outputs, depth, out } = self;
        for first in (0..outputs).step_by(GROUP) {
            let group = GROUP.min(outputs - first);
            for r in 0..rows {
                let a = &a.data[r * a.row_stride..][..depth];
                let out = &mut out.data[r * out.stride + first..][..group];
                let (w, stride) = (&w.data[first * w.row_stride..], w.row_stride);
                if group == GROUP {
                    for (out, sum) in out.iter_mut().zip(dots::<S, GROUP>(simd, a, w, stride)) {
                        *out += sum;
                    }
                } else {
                    for (n, out) in out.iter_mut().enumerate() {
                        *out += dots::<S, 1>(simd, a, &w[n * stride..], stride)[0];
                    }
                }
            }
        }
    }
}

/// The products of `a` with each of `N` rows of `w`, `stride` apart.
#[inline(always)]
pub(crate) fn dots<S: Simd, const N: usize>(simd: S, a: &[f32], w: &[f32], stride: usize) -> [f32; N] {
    let depth = a.len();
    let (a_vectors, a_rest) = S::as_simd_f32s(a);
    // Plain loops: the closures of `array::map` would stay behind as functions of their own, without vectors.
    let mut sums = [simd.splat_f32s(0.0); N];
    let mut rows = [a_vectors; N];
    for n in 0..N {
        let (vectors, rest) = S::as_simd_f32s(&w[n * stride..][..depth]);
        rows[n] = &vectors[..a_vectors.len()];
        // A partial load takes as long as three whole ones, also of nothing.
        if !a_rest.is_empty() {
            sums[n] = simd.mul_f32s(simd.partial_load_f32s(a_rest), simd.partial_load_f32s(rest));
        }
    }
    for (v, a) in a_vectors.iter().enumerate() {
        for n in 0..N {
            sums[n] = simd.mul_add_e_f32s(*a, rows[n][v], sums[n]);
        }
    }
    let mut products = [0.0; N];
    for n in 0..N {
        products[n] = simd.reduce_sum_f32s(sums[n]);
    }
    products
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::dispatch;
    use crate::kernels::testing::{close, noise, wide};

    #[test]
    fn dots_agree_with_plain() {
        for (rows, depth, outputs) in
            (1..=5).map(|rows| (rows, 5, 37)).chain([(3, 1, 1), (4, 64, 96), (2, 300, 70), (1, 33, 4)])
        {
            let (a, w, c) =
                (noise(1, rows * depth, 1.0), noise(2, outputs * depth, 1.0), noise(3, rows * outputs, 1.0));
            let (wide_a, wide_w) = (wide(&a), wide(&w));
            let dot =
                |r: usize, n: usize| (0..depth).map(|k| wide_a[r * depth + k] * wide_w[n * depth + k]).sum::<f64>();
            let truth: Vec<f64> =
                (0..rows * outputs).map(|i| f64::from(c[i]) + dot(i / outputs, i % outputs)).collect();
            let mut sum = c;
            let out = RowsMut { data: &mut sum, stride: outputs };
            dispatch(Dots { a: Rows::apart(&a, depth), rows, w: Rows::apart(&w, depth), outputs, depth, out });
            close(&sum, &truth, 1e-5, "c + a wᵀ");
        }
    }
}
