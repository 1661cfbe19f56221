//! Orthogonal start: Gaussian vectors, made orthonormal one after the other, times a gain. Of [out, in] the rows are
//! orthonormal, or the columns where there are more rows. Not a general QR decomposition.
//!
//! Follows     Saxe, McClelland and Ganguli, Exact Solutions to the Nonlinear Dynamics of Learning, 2014
//! Departures  Gram and Schmidt in f64 instead of Householder's QR: orthogonal beyond f32, and every such matrix
//!             equally likely without mending signs afterwards.

use rushlight_engine::{Rng, Tensor};

const LANES: usize = 8;

/// [out, in] with orthonormal rows or columns, times `gain`; further axes belong to the inputs.
#[track_caller]
pub(super) fn tensor(shape: &[usize], gain: f32, rng: &mut Rng) -> Tensor {
    assert!(shape.len() >= 2, "init: {shape:?} has no inputs and outputs");
    let (rows, columns) = (shape[0], shape[1..].iter().product::<usize>());
    let (count, width) = (rows.min(columns), rows.max(columns));
    let vectors = orthonormal(count, width, rng);
    let mut made = Tensor::zeros(shape);
    for (place, out) in made.data_mut().iter_mut().enumerate() {
        let (row, column) = (place / columns, place % columns);
        let value = if rows <= columns { vectors[row][column] } else { vectors[column][row] };
        *out = (value * f64::from(gain)) as f32;
    }
    made
}

/// `count` vectors of length 1, each at right angles to the others.
fn orthonormal(count: usize, width: usize, rng: &mut Rng) -> Vec<Vec<f64>> {
    let mut done: Vec<Vec<f64>> = Vec::with_capacity(count);
    while done.len() < count {
        let mut new: Vec<f64> = (0..width).map(|_| f64::from(rng.normal())).collect();
        let drawn = dot(&new, &new).sqrt();
        for old in &done {
            let share = dot(&new, old);
            new.iter_mut().zip(old).for_each(|(new, old)| *new -= share * old);
        }
        let length = dot(&new, &new).sqrt();
        // What lies almost within the others has lost too many digits for f32: draw again.
        if length > 1e-6 * drawn {
            new.iter_mut().for_each(|x| *x /= length);
            done.push(new);
        }
    }
    done
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every two rows of `vectors` (`count` of them) have the product 0, and each with itself gain².
    fn check(shape: &[usize], gain: f32, count: usize, at: impl Fn(&[f32], usize, usize) -> f32) {
        let made = tensor(shape, gain, &mut Rng::new(3));
        let width = made.count() / count;
        for i in 0..count {
            for j in 0..count {
                let product: f32 = (0..width).map(|k| at(made.data(), i, k) * at(made.data(), j, k)).sum();
                let expected = if i == j { gain * gain } else { 0.0 };
                assert!((product - expected).abs() < 1e-5, "{i} by {j}: {product}"); // about 40 roundings of f32
            }
        }
    }

    #[test]
    fn the_rows_of_a_wide_matrix_are_orthonormal() {
        check(&[7, 33], 1.0, 7, |data, i, k| data[i * 33 + k]);
    }

    #[test]
    fn the_columns_of_a_tall_matrix_are_orthonormal() {
        check(&[33, 7], 1.0, 7, |data, i, k| data[k * 7 + i]);
    }

    #[test]
    fn the_last_of_many_rows_is_as_orthogonal_as_the_first() {
        check(&[200, 200], 1.0, 200, |data, i, k| data[i * 200 + k]);
    }

    #[test]
    fn a_gain_multiplies_the_whole_matrix() {
        check(&[9, 9], 2.0, 9, |data, i, k| data[i * 9 + k]);
    }

    #[test]
    fn no_direction_is_preferred() {
        // The mean of the first element over many draws: its variance is 1/9 each, so 4 standard errors are 0.06.
        let mean = (0..500).map(|seed| tensor(&[9, 9], 1.0, &mut Rng::new(seed)).data()[0]).sum::<f32>() / 500.0;
        assert!(mean.abs() < 0.06, "{mean}");
    }
}
