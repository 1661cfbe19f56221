//! Sums. Partial sums are cut by shape and added in the order of their index.

use super::simd::{Simd, WithSimd, dispatch};
use super::threads;
use rayon::prelude::*;

const LANES: usize = 16;

/// The sum of a function of each element, in f64 between blocks so that long sums stay exact to f32.
fn blocked(x: &[f32], f: impl Fn(&[f32]) -> f32 + Sync + Send) -> f64 {
    const BLOCK: usize = 1024;
    if x.len() <= threads::GRAIN {
        return x.chunks(BLOCK).map(|block| f64::from(f(block))).sum();
    }
    let parts: Vec<f64> =
        x.par_chunks(threads::GRAIN).map(|piece| piece.chunks(BLOCK).map(|block| f64::from(f(block))).sum()).collect();
    parts.iter().sum()
}

/// The sum of all elements.
pub(crate) fn sum(x: &[f32]) -> f64 {
    blocked(x, |block| lanes_sum(block, |x| x))
}

/// The sum of all squares, in f64: the square of an f32 can be beyond f32.
pub(crate) fn sum_of_squares(x: &[f32]) -> f64 {
    struct Squares<'a>(&'a [f32]);
    impl WithSimd for Squares<'_> {
        type Output = f64;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> f64 {
            let mut sums = [0.0; LANES];
            let (whole, rest) = self.0.as_chunks::<LANES>();
            for chunk in whole {
                for (sum, &x) in sums.iter_mut().zip(chunk) {
                    *sum += f64::from(x) * f64::from(x);
                }
            }
            for (sum, &x) in sums.iter_mut().zip(rest) {
                *sum += f64::from(x) * f64::from(x);
            }
            sums.iter().sum()
        }
    }
    if x.len() <= threads::GRAIN {
        return dispatch(Squares(x));
    }
    let parts: Vec<f64> = x.par_chunks(threads::GRAIN).map(|piece| dispatch(Squares(piece))).collect();
    parts.iter().sum()
}

/// A sum in sixteen lanes, on every processor in the same order.
#[inline(always)]
pub(crate) fn lanes_sum(x: &[f32], f: impl Fn(f32) -> f32 + Copy) -> f32 {
    struct Lanes<'a, F>(&'a [f32], F);
    impl<F: Fn(f32) -> f32 + Copy> WithSimd for Lanes<'_, F> {
        type Output = f32;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> f32 {
            lanes(self.0, self.1)
        }
    }
    dispatch(Lanes(x, f))
}

/// The body of [`lanes_sum`], for use inside a kernel.
#[inline(always)]
pub(crate) fn lanes(x: &[f32], f: impl Fn(f32) -> f32 + Copy) -> f32 {
    let mut sums = [0.0; LANES];
    let (whole, rest) = x.as_chunks::<LANES>();
    for chunk in whole {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum += f(x);
        }
    }
    for (sum, &x) in sums.iter_mut().zip(rest) {
        *sum += f(x);
    }
    fold(sums)
}

/// The body of a dot product, for use inside a kernel.
#[inline(always)]
pub(crate) fn dot(x: &[f32], y: &[f32]) -> f32 {
    pairs(x, y, |x, y| x * y)
}

/// The sum of a function of two slices, in sixteen lanes; for use inside a kernel.
#[inline(always)]
pub(crate) fn pairs(x: &[f32], y: &[f32], f: impl Fn(f32, f32) -> f32 + Copy) -> f32 {
    let mut sums = [0.0; LANES];
    let ((xs, x_rest), (ys, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    for (x, y) in xs.iter().zip(ys) {
        for ((sum, &x), &y) in sums.iter_mut().zip(x).zip(y) {
            *sum += f(x, y);
        }
    }
    for ((sum, &x), &y) in sums.iter_mut().zip(x_rest).zip(y_rest) {
        *sum += f(x, y);
    }
    fold(sums)
}

#[inline(always)]
fn fold(mut sums: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            sums[i] += sums[i + half];
        }
        half /= 2;
    }
    sums[0]
}

/// The sum of the rows of `x` [rows, width]: into `out` [width], added to what is there when `add`.
pub(crate) fn sum_rows(x: &[f32], out: &mut [f32], add: bool) {
    const PIECE_ROWS: usize = 256;
    let width = out.len();
    if !add {
        out.fill(0.0);
    }
    if width == 0 {
        return;
    }
    struct Rows<'a>(&'a [f32], &'a mut [f32]);
    impl WithSimd for Rows<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            for row in self.0.chunks_exact(self.1.len()) {
                for (sum, x) in self.1.iter_mut().zip(row) {
                    *sum += x;
                }
            }
        }
    }
    if x.len() <= threads::GRAIN {
        return dispatch(Rows(x, out));
    }
    let parts: Vec<Vec<f32>> = x
        .par_chunks(PIECE_ROWS * width)
        .map(|piece| {
            let mut part = vec![0.0; width];
            dispatch(Rows(piece, &mut part));
            part
        })
        .collect();
    parts.iter().for_each(|part| super::map::add_into(out, part));
}

/// The sum over the middle axis of `x` [outer, middle, inner]: into `out` [outer, inner].
pub(crate) fn sum_middle(x: &[f32], middle: usize, inner: usize, out: &mut [f32]) {
    if inner == 0 || middle == 0 {
        return out.fill(0.0);
    }
    if inner == 1 {
        for (out, row) in out.iter_mut().zip(x.chunks_exact(middle)) {
            *out = lanes_sum(row, |x| x);
        }
        return;
    }
    for (out, block) in out.chunks_exact_mut(inner).zip(x.chunks_exact(middle * inner)) {
        sum_rows(block, out, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_equal_plain_loops_on_odd_sizes() {
        for (rows, width) in [(1, 1), (3, 7), (17, 33), (300, 129), (1000, 77)] {
            let x: Vec<f32> = (0..rows * width).map(|i| (i % 13) as f32 - 6.0).collect(); // whole numbers: exact
            let mut columns = vec![1.0; width];
            sum_rows(&x, &mut columns, true);
            for (j, sum) in columns.iter().enumerate() {
                assert_eq!(*sum, 1.0 + (0..rows).map(|i| x[i * width + j]).sum::<f32>());
            }
            assert_eq!(sum_of_squares(&x), x.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>());
            assert_eq!(sum(&x), x.iter().map(|&x| f64::from(x)).sum::<f64>());
            assert_eq!(dot(&x, &x), x.iter().map(|x| x * x).sum::<f32>());
        }
    }
}
