//! A loss over the steps of a training, and what can be said of such a curve. No judgement: numbers only.

/// A loss at each of some steps, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Curve(pub(crate) Vec<(u64, f64)>);

impl Curve {
    /// Those that are numbers.
    pub(crate) fn finite(&self) -> impl DoubleEndedIterator<Item = (u64, f64)> + Clone {
        self.0.iter().copied().filter(|(_, loss)| loss.is_finite())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The first of them.
    pub(crate) fn first(&self) -> Option<(u64, f64)> {
        self.0.first().copied()
    }

    /// The last of them.
    pub(crate) fn last(&self) -> Option<(u64, f64)> {
        self.0.last().copied()
    }

    /// The least that is a number.
    pub(crate) fn least(&self) -> Option<(u64, f64)> {
        self.finite().min_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// The usual one of the five highest losses of the first fifth, with its step.
    pub(crate) fn leap(&self) -> Option<(u64, f64)> {
        const HIGHEST: usize = 5;
        let mut early: Vec<(u64, f64)> = self.part(0.0, 0.2).to_vec();
        early.retain(|(_, loss)| loss.is_finite());
        early.sort_by(|one, other| other.1.total_cmp(&one.1));
        early.get(HIGHEST / 2).copied().filter(|_| early.len() >= HIGHEST)
    }

    /// The losses from one share of the curve to another: `part(0.9, 1.0)` is its last tenth.
    pub(crate) fn part(&self, from: f64, to: f64) -> &[(u64, f64)] {
        let place = |share: f64| ((self.0.len() as f64 * share).round() as usize).min(self.0.len());
        &self.0[place(from)..place(to).max(place(from))]
    }

    /// Its ten tenths, each with its first step and its level; none where one of them has no number.
    pub(crate) fn tenths(&self) -> Option<Vec<(u64, f64)>> {
        let tenth = |i: u32| self.part(f64::from(i) / 10.0, f64::from(i + 1) / 10.0);
        (0..10).map(|i| Some((tenth(i).first()?.0, level(tenth(i))?))).collect()
    }

    /// The level within a fifth of a step: before it and after it alike.
    pub(crate) fn level_around(&self, step: u64) -> Option<f64> {
        let reach = step / 5;
        let near = self.finite().filter(|(other, _)| other.abs_diff(step) <= reach);
        median(near.map(|(_, loss)| loss))
    }
}

/// A loss as people write it: three decimals, or an exponent where those say nothing.
pub(crate) fn shown(loss: f64) -> String {
    if loss != 0.0 && loss.abs() < 0.01 { format!("{loss:.1e}") } else { format!("{loss:.3}") }
}

/// The value in the middle, of those that are numbers.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

/// The median of the losses of a part of a curve.
pub(crate) fn level(part: &[(u64, f64)]) -> Option<f64> {
    median(part.iter().map(|(_, loss)| *loss))
}

/// How far losses usually lie from their middle: the median of the distances (MAD), times 1.4826, which makes it the
/// standard deviation of normal noise.
pub(crate) fn noise(part: &[(u64, f64)]) -> Option<f64> {
    let middle = level(part)?;
    median(part.iter().map(|(_, loss)| (loss - middle).abs())).map(|distance| 1.4826 * distance)
}

/// The same of losses that fall meanwhile: from the differences of neighbours, in which a trend hardly shows.
pub(crate) fn jitter(part: &[(u64, f64)]) -> Option<f64> {
    let differences = part.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs());
    median(differences).map(|distance| 1.4826 * distance / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_found_among_numbers() {
        assert_eq!(median([3.0, 1.0, f64::NAN, 2.0]), Some(2.0));
        assert_eq!(median([1.0, 2.0]), Some(1.5));
        assert_eq!(median([f64::NAN]), None);
    }

    #[test]
    fn a_leap_is_the_middle_of_the_highest_early_losses() {
        // The first fifth of 50 steps is 10; its highest are 9, 8, 7, 6 and 5.
        let curve = Curve((0..50).map(|step| (step, if step < 10 { step as f64 } else { 99.0 })).collect());
        assert_eq!((curve.leap(), Curve::default().leap()), (Some((7, 7.0)), None));
    }

    #[test]
    fn a_small_loss_is_not_shown_as_nothing() {
        assert_eq!([0.0794, 0.0015, 2.5, 0.0].map(shown), ["0.079", "1.5e-3", "2.500", "0.000"]);
    }

    #[test]
    fn a_part_is_a_share_of_the_curve() {
        let curve = Curve((0..10).map(|step| (step, step as f64)).collect());
        assert_eq!(curve.part(0.8, 1.0), [(8, 8.0), (9, 9.0)]);
        assert_eq!((level(curve.part(0.0, 0.3)), curve.least()), (Some(1.0), Some((0, 0.0))));
    }

    #[test]
    fn noise_is_a_deviation_that_one_wild_value_does_not_move() {
        // Distances from 3: 2 1 0 1 97; the middle one is 1.
        let part: Vec<(u64, f64)> = [1.0, 2.0, 3.0, 4.0, 100.0].into_iter().map(|loss| (0, loss)).collect();
        assert_eq!(noise(&part), Some(1.4826));
    }

    #[test]
    fn a_straight_fall_has_little_jitter_and_much_noise() {
        let part: Vec<(u64, f64)> = (0..101).map(|step| (step, 100.0 - step as f64)).collect();
        // Neighbours differ by 1; distances from the middle are 0 to 50, each twice but 0: the middle one is 25.
        assert_eq!(jitter(&part), Some(1.4826 / std::f64::consts::SQRT_2));
        assert_eq!(noise(&part), Some(1.4826 * 25.0));
    }

    #[test]
    fn a_level_around_a_step_looks_to_both_sides() {
        let curve = Curve((1..=100).map(|step| (step, step as f64)).collect());
        assert_eq!(curve.level_around(50), Some(50.0));
        assert_eq!(curve.tenths().unwrap()[1], (11, 15.5));
        assert_eq!(Curve::default().tenths(), None);
    }
}
