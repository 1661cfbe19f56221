//! The exponent of a growth.

/// The p of y = c + a x^p, c and a not below 0, that lies nearest to the points: least squares of the relative errors. Without
/// c a cost that is there at every size would hide the growth. Not a number for fewer than three points, or if one of them is
/// not above 0.
pub fn exponent(x: &[u64], y: &[f64]) -> f64 {
    let is_usable = x.len() == y.len() && x.len() >= 3 && y.iter().all(|y| *y > 0.0 && y.is_finite());
    if !is_usable {
        return f64::NAN;
    }
    let error = |p: &f64| squared_error(x, y, *p);
    let candidates = (0..=HIGHEST * STEPS).map(|step| f64::from(step) / f64::from(STEPS));
    candidates.min_by(|a, b| error(a).total_cmp(&error(b))).unwrap_or(f64::NAN)
}

/// Exponents are tried up to this, so many for each whole one.
const HIGHEST: u32 = 4;
const STEPS: u32 = 100;

/// What the best c and a for this exponent leave over.
fn squared_error(x: &[u64], y: &[f64], p: f64) -> f64 {
    // c · u + a · v should be 1 everywhere, with u = 1 / y and v = x^p / y.
    let (mut uu, mut uv, mut vv, mut u1, mut v1) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let largest = x.last().map_or(1.0, |x| *x as f64);
    let rows = || x.iter().zip(y).map(|(x, y)| (1.0 / y, (*x as f64 / largest).powf(p) / y));
    for (u, v) in rows() {
        (uu, uv, vv, u1, v1) = (uu + u * u, uv + u * v, vv + v * v, u1 + u, v1 + v);
    }
    let determinant = uu * vv - uv * uv;
    let (mut c, mut a) = ((u1 * vv - v1 * uv) / determinant, (v1 * uu - u1 * uv) / determinant);
    // x^0 is a constant too; then there is nothing to tell apart.
    if determinant <= 1e-12 * uu * vv || c < 0.0 {
        (c, a) = (0.0, v1 / vv);
    } else if a < 0.0 {
        (c, a) = (u1 / uu, 0.0);
    }
    rows().map(|(u, v)| (c * u + a * v - 1.0).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::exponent;

    const SIZES: [u64; 6] = [64, 128, 256, 512, 1024, 2048];

    fn check(law: impl Fn(f64) -> f64, expected: f64) {
        let values: Vec<f64> = SIZES.iter().map(|size| law(*size as f64)).collect();
        let found = exponent(&SIZES, &values);
        assert!((found - expected).abs() < 0.011, "{found}, not {expected}");
    }

    #[test]
    fn a_power_is_found_whatever_stands_before_it() {
        check(|x| 3.0 * x, 1.0);
        check(|x| 0.01 * x * x, 2.0);
        check(|x| 40.0 * x.sqrt(), 0.5);
    }

    #[test]
    fn what_is_there_at_every_size_hides_nothing() {
        check(|x| 500.0 + x, 1.0);
        check(|x| 1e5 + x * x, 2.0);
    }

    #[test]
    fn a_linear_and_a_quadratic_part_lie_between() {
        let values: Vec<f64> = SIZES.iter().map(|&size| size as f64 + (size as f64).powi(2) / 512.0).collect();
        let found = exponent(&SIZES, &values);
        assert!((1.2..1.9).contains(&found), "{found}");
    }

    #[test]
    fn what_does_not_grow_has_no_exponent_above_0() {
        check(|_| 7.0, 0.0);
    }

    #[test]
    fn too_few_points_tell_nothing() {
        assert!(exponent(&[1, 2], &[1.0, 2.0]).is_nan());
        assert!(exponent(&[1, 2, 4], &[1.0, 0.0, 2.0]).is_nan());
    }
}
