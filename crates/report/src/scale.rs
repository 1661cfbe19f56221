//! Scales: where a number lies along an axis, which numbers are marked there and how they are
//! written. Knows no pixels and no drawing.

use crate::say;

/// The numbers along one axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// Equal steps.
    Linear { low: f64, high: f64 },
    /// Equal factors; marks at powers of `base`.
    Log { low: f64, high: f64, base: f64 },
}

/// How an axis should be chosen from what it has to show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// From the least to the greatest.
    Linear,
    /// From zero to the greatest.
    FromZero,
    /// Equal factors, marked by tens.
    Log10,
    /// Equal factors, marked by twos.
    Log2,
    /// All shares, zero to one, in hundredths.
    Share,
}

impl Kind {
    /// Whether the value can be shown at all.
    pub(crate) fn shows(self, value: f64) -> bool {
        let is_log = matches!(self, Self::Log10 | Self::Log2);
        value.is_finite() && (!is_log || value > 0.0)
    }

    /// A scale that holds all of `values`, with some air at its ends.
    pub(crate) fn over(self, values: impl IntoIterator<Item = f64>) -> Scale {
        let shown = values.into_iter().filter(|value| self.shows(*value));
        let (low, high) =
            shown.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = if low <= high { (low, high) } else { (1.0, 2.0) };
        match self {
            Self::Share => Scale::Linear { low: 0.0, high: 1.0 },
            Self::FromZero => {
                let high = if high > 0.0 { high * 1.06 } else { 1.0 };
                Scale::Linear { low: low.min(0.0), high }
            }
            Self::Linear if low == high => {
                let half = low.abs().max(1.0) / 2.0;
                Scale::Linear { low: low - half, high: high + half }
            }
            Self::Linear => Scale::Linear { low, high },
            Self::Log10 | Self::Log2 => {
                let base = if self == Self::Log2 { 2.0 } else { 10.0 };
                let (low, high) = if low == high { (low / base, high * base) } else { (low, high) };
                Scale::Log { low, high, base }
            }
        }
    }
}

impl Scale {
    /// The same scale with this share of its length added at each end.
    pub(crate) fn with_air(self, share: f64) -> Self {
        match self {
            Self::Linear { low, high } => {
                let air = (high - low) * share;
                Self::Linear { low: low - air, high: high + air }
            }
            Self::Log { low, high, base } => {
                let air = (high / low).powf(share);
                Self::Log { low: low / air, high: high * air, base }
            }
        }
    }

    /// Where a value lies: 0 at the low end, 1 at the high end.
    pub(crate) fn place(&self, value: f64) -> f64 {
        match self {
            Self::Linear { low, high } => (value - low) / (high - low),
            Self::Log { low, high, .. } => (value / low).ln() / (high / low).ln(),
        }
    }

    /// Whether a value lies on the scale.
    pub(crate) fn holds(&self, value: f64) -> bool {
        let (Self::Linear { low, high } | Self::Log { low, high, .. }) = self;
        (*low..=*high).contains(&value)
    }

    /// Numbers worth marking, rising: about `most` of them, and three at least where the scale has as many.
    pub(crate) fn ticks(&self, most: usize) -> Vec<f64> {
        match *self {
            Self::Linear { low, high } => linear_ticks(low, high, most),
            Self::Log { low, high, base } => log_ticks(low, high, base, most),
        }
    }

    /// The tick in words, with as many digits as make it true.
    pub(crate) fn label(&self, tick: f64, ticks: &[f64]) -> String {
        match self {
            Self::Linear { .. } => linear_label(tick, ticks),
            Self::Log { base, .. } if *base == 10.0 => log_label(tick, ticks),
            Self::Log { .. } => plain(tick),
        }
    }
}

/// Fewer marks than this do not say how long a step of the axis is.
const LEAST_TICKS: usize = 3;

/// More digits behind the point than this are better said by a power of ten.
const MOST_DECIMALS: usize = 6;

fn linear_ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let rough = (high - low) / most.max(1) as f64;
    let unit = 10_f64.powf(rough.log10().floor());
    // From coarse to fine.
    let steps = [10.0, 5.0, 2.0, 1.0, 0.5, 0.2].map(|factor| factor * unit);
    let fitting = steps.iter().rposition(|step| *step >= rough * 0.999).unwrap_or(0);
    let at = |step: f64| -> Vec<f64> {
        let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
        (first..=last).map(|index| index as f64 * step).collect()
    };
    let ticks = at(steps[fitting]);
    if ticks.len() >= LEAST_TICKS || most < LEAST_TICKS {
        return ticks;
    }
    steps[fitting..].iter().map(|step| at(*step)).find(|ticks| ticks.len() >= LEAST_TICKS).unwrap_or(ticks)
}

fn log_ticks(low: f64, high: f64, base: f64, most: usize) -> Vec<f64> {
    let exponent = |value: f64| value.ln() / base.ln();
    let (first, last) = ((exponent(low) - 1e-9).ceil() as i32, (exponent(high) + 1e-9).floor() as i32);
    let powers = (last - first + 1).max(0) as usize;
    if base == 10.0 && powers < LEAST_TICKS {
        // Too few tens: mark twos and fives as well.
        let between: Vec<f64> = (first - 1..=last)
            .flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor * 10_f64.powi(power)))
            .filter(|tick| (low * 0.999..=high * 1.001).contains(tick))
            .collect();
        if between.len() >= LEAST_TICKS {
            return between;
        }
        return linear_ticks(low, high, most);
    }
    let every = |stride: i32| -> Vec<f64> {
        // Counted from the high end for powers above one and from zero below, so that 1 is marked.
        (first..=last).filter(|power| power.rem_euclid(stride) == 0).map(|power| base.powi(power)).collect()
    };
    let stride = powers.div_ceil(most.max(1)).max(1) as i32;
    let ticks = every(stride);
    if ticks.len() < LEAST_TICKS && most >= LEAST_TICKS && stride > 1 { every(stride - 1) } else { ticks }
}

/// The least number of decimals that write every tick as it is.
fn decimals(ticks: &[f64]) -> usize {
    let gaps = ticks.windows(2).map(|pair| pair[1] - pair[0]);
    let seen = ticks.iter().map(|tick| tick.abs()).filter(|size| *size > 0.0);
    let finest = gaps.chain(seen).fold(f64::MAX, f64::min);
    let is_true = |decimals: &usize| {
        let scale = 10_f64.powi(*decimals as i32);
        ticks.iter().all(|tick| ((tick * scale).round() / scale - tick).abs() < finest * 1e-3)
    };
    (0..MOST_DECIMALS).find(is_true).unwrap_or(MOST_DECIMALS)
}

/// All labels of a linear axis have the same digits behind the point, and the same unit.
fn linear_label(tick: f64, ticks: &[f64]) -> String {
    let greatest = ticks.iter().fold(tick.abs(), |most, tick| tick.abs().max(most));
    if tick.abs() <= greatest * 1e-9 {
        return "0".to_owned();
    }
    let scaled = |unit: f64, suffix: &str| {
        let ticks: Vec<f64> = ticks.iter().map(|tick| tick / unit).collect();
        format!("{:.*}{suffix}", decimals(&ticks), tick / unit).replace('-', "−")
    };
    match greatest {
        size if size >= 1e9 => scaled(1e9, "\u{a0}G"),
        size if size >= 1e6 => scaled(1e6, "\u{a0}M"),
        size if size >= 1e4 => scaled(1e3, "\u{a0}k"),
        size if size >= 1e3 && tick >= 0.0 && decimals(ticks) == 0 => say::count(tick.round() as u64),
        size if size < 1e-3 => {
            let exponent = (size.log10() + 1e-9).floor() as i32;
            scaled(10_f64.powi(exponent), &format!("×{}", say::power_of_ten(exponent)))
        }
        _ => scaled(1.0, ""),
    }
}

fn log_label(tick: f64, ticks: &[f64]) -> String {
    let is_power = |tick: &f64| (tick.log10() - tick.log10().round()).abs() < 1e-6;
    if !ticks.iter().all(is_power) {
        // Twos and fives among the tens: powers would look odd beside them.
        let is_round = |tick: &f64| [1.0, 2.0, 5.0].iter().any(|factor| is_power(&(tick / factor)));
        return if ticks.iter().all(is_round) { plain(tick) } else { linear_label(tick, ticks) };
    }
    let exponent = tick.log10().round() as i32;
    if (-2..4).contains(&exponent) {
        return plain(tick);
    }
    if (4..10).contains(&exponent) { thousands(tick) } else { say::power_of_ten(exponent) }
}

fn plain(tick: f64) -> String {
    if tick >= 10_000.0 {
        return thousands(tick);
    }
    if tick >= 1000.0 && tick.fract() == 0.0 {
        return say::count(tick as u64);
    }
    format!("{tick:.*}", decimals(&[tick])).replace('-', "−")
}

/// `200 k`, `1.5 M`.
fn thousands(tick: f64) -> String {
    let (scaled, suffix) = match tick.abs() {
        size if size >= 1e9 => (tick / 1e9, "\u{a0}G"),
        size if size >= 1e6 => (tick / 1e6, "\u{a0}M"),
        size if size >= 1e3 => (tick / 1e3, "\u{a0}k"),
        _ => (tick, ""),
    };
    format!("{scaled:.*}{suffix}", decimals(&[scaled])).replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::{Kind, Scale};

    fn labels(scale: Scale, most: usize) -> Vec<String> {
        let ticks = scale.ticks(most);
        ticks.iter().map(|tick| scale.label(*tick, &ticks)).collect()
    }

    #[test]
    fn linear_marks_are_round() {
        assert_eq!(labels(Kind::Linear.over([1.87, 4.17]), 5), ["2.0", "2.5", "3.0", "3.5", "4.0"]);
        assert_eq!(labels(Kind::FromZero.over([1_003_854.0]), 5), ["0", "0.5\u{a0}M", "1.0\u{a0}M"]);
        assert_eq!(labels(Kind::Linear.over([-0.2, 0.2]), 4), ["−0.2", "−0.1", "0", "0.1", "0.2"]);
    }

    #[test]
    fn a_label_has_the_digits_that_make_it_true() {
        let scale = Kind::Linear.over([2.39, 2.41]);
        assert_eq!(scale.label(2.4, &[2.4]), "2.4");
        assert_eq!(scale.label(2.0, &[2.0, 2.25, 2.5]), "2.00");
        let scale = Kind::Log10.over([2.1, 3.2]);
        assert_eq!(scale.label(2.5, &[2.5, 3.0]), "2.5");
    }

    #[test]
    fn an_axis_with_room_has_three_marks_or_more() {
        for high in [2.01, 2.15, 2.3, 2.47, 2.9, 3.4, 5.0, 9.9] {
            for kind in [Kind::Linear, Kind::Log10] {
                let said = labels(kind.over([1.96, high]), 3);
                assert!(said.len() >= 3, "{said:?}");
                let mut distinct = said.clone();
                distinct.dedup();
                assert_eq!(distinct, said);
            }
        }
    }

    #[test]
    fn small_numbers_are_written_by_powers_of_ten() {
        let said = labels(Kind::Linear.over([-2.2e-4, 2.2e-4]), 4);
        assert_eq!(said, ["−2×10⁻⁴", "0", "2×10⁻⁴"]);
    }

    #[test]
    fn log_marks_are_powers() {
        assert_eq!(labels(Kind::Log2.over([1.0, 64.0]), 8), ["1", "2", "4", "8", "16", "32", "64"]);
        assert_eq!(labels(Kind::Log10.over([1e-7, 1.0]), 4), ["10⁻⁶", "10⁻⁴", "0.01", "1"]);
    }

    #[test]
    fn a_short_log_scale_is_marked_between_its_tens() {
        assert_eq!(labels(Kind::Log10.over([3.0, 40.0]), 5), ["5", "10", "20"]);
        assert_eq!(labels(Kind::Log10.over([4e-4, 2e-3]), 5), ["0.0005", "0.001", "0.002"]);
    }

    #[test]
    fn places_run_from_end_to_end() {
        let scale = Kind::Log2.over([1.0, 64.0]);
        assert_eq!([1.0, 8.0, 64.0].map(|value| (scale.place(value) * 2.0).round()), [0.0, 1.0, 2.0]);
        assert_eq!(Kind::Linear.over([2.0, 4.0]).place(3.0), 0.5);
    }

    #[test]
    fn what_cannot_be_shown_does_not_bend_the_scale() {
        assert_eq!(Kind::Linear.over([1.0, f64::NAN, f64::INFINITY, 2.0]), Kind::Linear.over([1.0, 2.0]));
        assert_eq!(Kind::Log10.over([0.0, -1.0, 10.0, 100.0]), Kind::Log10.over([10.0, 100.0]));
    }

    #[test]
    fn one_value_still_makes_a_scale() {
        let scale = Kind::Linear.over([3.0]);
        assert_eq!(scale.place(3.0), 0.5);
        assert!(Kind::Log10.over([]).ticks(4).len() >= 2);
    }
}
