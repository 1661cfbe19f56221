//! Long curves made short enough to draw: the mean of each stretch, and how far its single
//! values lie around it. No smoothing beyond that, so nothing is shown that was not there.

/// More points than this on one line cannot be told apart.
const MOST_POINTS: usize = 240;

/// A curve with the spread that its thinning hid.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Curve {
    pub(crate) line: Vec<(f64, f64)>,
    /// (x, least, greatest) of each stretch; empty when nothing was left out.
    pub(crate) band: Vec<(f64, f64, f64)>,
}

/// The curve through `points`, thinned if there are too many.
pub(crate) fn thinned(points: &[(f64, f64)]) -> Curve {
    if points.len() <= MOST_POINTS {
        return Curve { line: points.to_vec(), band: Vec::new() };
    }
    let mut curve = Curve::default();
    for index in 0..MOST_POINTS {
        // Stretches as equal as whole numbers allow: a short last one would look like news.
        let ends = [index, index + 1].map(|end| end * points.len() / MOST_POINTS);
        let stretch = &points[ends[0]..ends[1]];
        let x = stretch.iter().map(|(x, _)| x).sum::<f64>() / stretch.len() as f64;
        let finite: Vec<f64> = stretch.iter().map(|(_, y)| *y).filter(|y| y.is_finite()).collect();
        if finite.is_empty() {
            curve.line.push((x, f64::NAN));
            continue;
        }
        curve.line.push((x, finite.iter().sum::<f64>() / finite.len() as f64));
        let (low, high) =
            finite.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| (low.min(*y), high.max(*y)));
        curve.band.push((x, low, high));
    }
    curve
}

#[cfg(test)]
mod tests {
    use super::thinned;

    #[test]
    fn a_short_curve_is_left_as_it_is() {
        let points = [(0.0, 1.0), (1.0, f64::NAN)];
        assert_eq!(thinned(&points).line.len(), 2);
        assert_eq!(thinned(&points).band, []);
    }

    #[test]
    fn a_long_curve_keeps_its_mean_and_its_extremes() {
        // 480 points, two a stretch: y is 0, 2, 0, 2, ...
        let points: Vec<(f64, f64)> = (0..480).map(|index| (f64::from(index), f64::from(index % 2 * 2))).collect();
        let curve = thinned(&points);
        assert_eq!((curve.line.len(), curve.line[1]), (240, (2.5, 1.0)));
        assert_eq!(curve.band[1], (2.5, 0.0, 2.0));
    }

    #[test]
    fn a_stretch_without_any_number_stays_without() {
        let points: Vec<(f64, f64)> =
            (0..480).map(|index| (f64::from(index), if index < 240 { 1.0 } else { f64::NAN })).collect();
        let curve = thinned(&points);
        assert_eq!(curve.line.iter().filter(|(_, y)| y.is_nan()).count(), 120);
        assert_eq!(curve.band.len(), 120);
    }
}
