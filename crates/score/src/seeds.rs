//! A few seeds of the same experiment as one number with its uncertainty. Knows not what was measured.

/// The result of several seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// How many seeds.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (of a sample: divided by count - 1); NaN for one seed.
    pub std: f64,
    /// Half the width of the 95 % interval of the mean, by Student's t; NaN for one seed.
    pub half_width_95: f64,
}

/// Mean, deviation and 95 % interval of `values`.
///
/// # Panics
/// If there are none.
pub fn spread(values: &[f64]) -> Spread {
    assert!(!values.is_empty(), "spread: no values");
    let count = values.len();
    let mean = values.iter().sum::<f64>() / count as f64;
    let freedom = count - 1;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let std = (squares / freedom as f64).sqrt();
    let half_width_95 = match freedom {
        0 => f64::NAN,
        _ => t_95(freedom) * std / (count as f64).sqrt(),
    };
    Spread { count, mean, std, half_width_95 }
}

/// The t with 95 % of Student's distribution between -t and t.
fn t_95(freedom: usize) -> f64 {
    // With one degree of freedom t is 12.7, with more it is less.
    let (mut low, mut high) = (0.0, 20.0);
    for _ in 0..64 {
        let middle = (low + high) / 2.0;
        if share_within(middle, freedom) < 0.95 { low = middle } else { high = middle }
    }
    low
}

/// The share of Student's distribution between -t and t; Abramowitz and Stegun, 26.7.3 and 26.7.4.
fn share_within(t: f64, freedom: usize) -> f64 {
    let angle = (t / (freedom as f64).sqrt()).atan();
    let (sin, cos) = angle.sin_cos();
    let odd = freedom % 2 == 1;
    // The series 1 + 1/2 cos² + (1·3)/(2·4) cos⁴ ..., or cos + 2/3 cos³ + (2·4)/(3·5) cos⁵ ...
    let (mut term, mut sum) = if odd { (cos, 0.0) } else { (1.0, 0.0) };
    for power in (if odd { 1 } else { 0 }..=freedom.saturating_sub(2)).step_by(2) {
        sum += term;
        term *= cos * cos * (power + 1) as f64 / (power + 2) as f64;
    }
    match odd {
        true if freedom == 1 => 2.0 / std::f64::consts::PI * angle,
        true => 2.0 / std::f64::consts::PI * (angle + sin * sum),
        false => sin * sum,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_t(freedom: usize, expected: f64) {
        let t = t_95(freedom);
        assert!((t - expected).abs() < 1e-3, "{freedom}: {t}, not {expected}");
    }

    #[test]
    fn t_is_that_of_the_printed_tables() {
        // Any table of Student's t, column 0.975.
        check_t(1, 12.706);
        check_t(2, 4.303);
        check_t(3, 3.182);
        check_t(4, 2.776);
        check_t(9, 2.262);
        check_t(30, 2.042);
        check_t(120, 1.980);
    }

    #[test]
    fn three_seeds_have_a_mean_and_an_interval() {
        // By hand: mean 2, std 1, 4.3027 * 1 / sqrt(3) = 2.4841.
        let Spread { count, mean, std, half_width_95 } = spread(&[1.0, 2.0, 3.0]);
        assert_eq!((count, mean, std), (3, 2.0, 1.0));
        assert!((half_width_95 - 2.4841).abs() < 1e-4, "{half_width_95}");
    }

    #[test]
    fn one_seed_has_no_interval() {
        let one = spread(&[2.5]);
        assert_eq!(one.mean, 2.5);
        assert!(one.std.is_nan() && one.half_width_95.is_nan());
    }
}
