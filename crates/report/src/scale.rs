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

    /// At most about `most` numbers worth marking, rising.
    pub(crate) fn ticks(&self, most: usize) -> Vec<f64> {
        match *self {
            Self::Linear { low, high } => linear_ticks(low, high, most),
            Self::Log { low, high, base } => log_ticks(low, high, base, most),
        }
    }

    /// The tick in words.
    pub(crate) fn label(&self, tick: f64, ticks: &[f64]) -> String {
        match self {
            Self::Linear { .. } => {
                let step = ticks.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::MAX, f64::min);
                linear_label(tick, step, ticks.iter().fold(0.0, |most, tick| tick.abs().max(most)))
            }
            Self::Log { base, .. } if *base == 10.0 => log_label(tick, ticks),
            Self::Log { .. } => plain(tick),
        }
    }
}

fn linear_ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let rough = (high - low) / most.max(1) as f64;
    let unit = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * unit);
    let step = step.into_iter().find(|step| *step >= rough * 0.999).unwrap_or(10.0 * unit);
    let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
    (first..=last).map(|index| index as f64 * step).collect()
}

fn log_ticks(low: f64, high: f64, base: f64, most: usize) -> Vec<f64> {
    let exponent = |value: f64| value.ln() / base.ln();
    let (first, last) = ((exponent(low) - 1e-9).ceil() as i32, (exponent(high) + 1e-9).floor() as i32);
    let powers = (last - first + 1).max(0) as usize;
    if base == 10.0 && powers < 3 {
        // Too few tens: mark twos and fives as well.
        let between: Vec<f64> = (first - 1..=last)
            .flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor * 10_f64.powi(power)))
            .filter(|tick| (low * 0.999..=high * 1.001).contains(tick))
            .collect();
        if between.len() >= 2 {
            return between;
        }
        return linear_ticks(low, high, most);
    }
    let stride = powers.div_ceil(most.max(1)).max(1) as i32;
    // Counted from the high end for powers above one and from zero below, so that 1 is marked.
    (first..=last).filter(|power| power.rem_euclid(stride) == 0).map(|power| base.powi(power)).collect()
}

fn linear_label(tick: f64, step: f64, greatest: f64) -> String {
    if greatest >= 10_000.0 && step >= 1.0 {
        return if tick == 0.0 { "0".to_owned() } else { thousands(tick) };
    }
    if greatest >= 1000.0 && step >= 1.0 && tick >= 0.0 {
        return say::count(tick.round() as u64);
    }
    let decimals = (-step.log10().floor()).clamp(0.0, 6.0) as usize;
    let text = format!("{tick:.decimals$}");
    let is_zero = text.chars().all(|letter| matches!(letter, '-' | '0' | '.'));
    if is_zero { "0".to_owned() } else { text.replace('-', "−") }
}

fn log_label(tick: f64, ticks: &[f64]) -> String {
    // Twos and fives among the tens: powers would look odd beside them.
    if ticks.iter().any(|tick| (tick.log10() - tick.log10().round()).abs() > 1e-6) {
        return plain(tick);
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
    let decimals = (-tick.abs().log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{tick:.decimals$}").replace('-', "−")
}

/// `200 k`, `1.5 M`.
fn thousands(tick: f64) -> String {
    let (scaled, suffix) = match tick.abs() {
        size if size >= 1e9 => (tick / 1e9, "\u{a0}G"),
        size if size >= 1e6 => (tick / 1e6, "\u{a0}M"),
        size if size >= 1e3 => (tick / 1e3, "\u{a0}k"),
        _ => (tick, ""),
    };
    let text = format!("{scaled:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{}{suffix}", text.replace('-', "−"))
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
        assert_eq!(labels(Kind::FromZero.over([1_003_854.0]), 5), ["0", "500\u{a0}k", "1\u{a0}M"]);
        assert_eq!(labels(Kind::Linear.over([-0.2, 0.2]), 4), ["−0.2", "−0.1", "0", "0.1", "0.2"]);
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
