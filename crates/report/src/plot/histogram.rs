//! A histogram: how values are spread, with an earlier one in outline behind it.

use super::multiples::Panel;
use super::ticks;
use crate::scale::Scale;
use crate::svg::{Anchor, Style, Svg, px, text_width};
use crate::theme::{GRID, Paint, RULE, SOFT};
use rushlight_trace::Histogram;

const FOOT: f64 = 20.0;
const TICK: f64 = 11.0;

/// One panel; `x` and the greatest density are shared by panels that are compared.
#[derive(Debug, Clone)]
pub(crate) struct Spread {
    pub(crate) now: Histogram,
    pub(crate) before: Option<Histogram>,
    pub(crate) paint: Paint,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) greatest_density: f64,
}

/// The share of values in the fullest bin, per unit of the axis.
pub(crate) fn greatest_density(histogram: &Histogram) -> f64 {
    densities(histogram).map(|(_, density)| density).fold(0.0, f64::max)
}

/// Where the middle `share` of the values lies, to the nearest bin.
pub(crate) fn middle_range(histogram: &Histogram, share: f64) -> (f64, f64) {
    let tail = histogram.total() as f64 * (1.0 - share) / 2.0;
    let half = histogram.bin_width() / 2.0;
    let bins: Vec<(f64, u64)> = histogram.bins().collect();
    let low = beyond(tail, bins.iter()).map_or(histogram.low, |middle| middle - half);
    let high = beyond(tail, bins.iter().rev()).map_or(histogram.high, |middle| middle + half);
    (low, high)
}

/// The middle of the first bin that is not all within the tail.
fn beyond<'a>(tail: f64, bins: impl Iterator<Item = &'a (f64, u64)>) -> Option<f64> {
    let mut passed = 0;
    for (middle, count) in bins {
        passed += count;
        if passed as f64 > tail {
            return Some(*middle);
        }
    }
    None
}

impl Panel for Spread {
    fn draw_panel(&self, width: f64, height: f64) -> Svg {
        let mut svg = Svg::new(width, height);
        let bottom = height - FOOT;
        let x = Scale::Linear { low: self.low, high: self.high };
        let ticks = ticks::beside(&x, width, 44.0, TICK);
        for tick in &ticks {
            let at = x.place(*tick) * width;
            svg.line((at, 0.0), (at, bottom), GRID, 1.0, "");
            // A label at an edge leans inwards, or it would be cut.
            let label = x.label(*tick, &ticks);
            let half = text_width(&label, TICK) / 2.0;
            let anchor = match at {
                at if at < half => Anchor::Start,
                at if at > width - half => Anchor::End,
                _ => Anchor::Middle,
            };
            let style = Style::new(TICK, SOFT).anchored(anchor);
            svg.text((at, height - 5.0), style, &label);
        }
        let fill = format!("fill=\"{0}\" fill-opacity=\"0.32\" stroke=\"{0}\" stroke-width=\"1.4\"", self.paint.line);
        svg.path(&self.outline(&self.now, width, bottom), &fill);
        if let Some(before) = &self.before {
            let dashed = format!("fill=\"none\" stroke=\"{SOFT}\" stroke-width=\"1\" stroke-dasharray=\"4 2\"");
            svg.path(&self.outline(before, width, bottom), &dashed);
        }
        svg.line((0.0, bottom), (width, bottom), RULE, 1.0, "");
        svg
    }
}

impl Spread {
    /// A closed staircase over the bins that the panel shows.
    fn outline(&self, histogram: &Histogram, width: f64, bottom: f64) -> String {
        let half = histogram.bin_width() / 2.0;
        let across = |value: f64| ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0) * width;
        let mut d = format!("M{} {}", px(across(histogram.low)), px(bottom));
        for (middle, density) in densities(histogram) {
            if middle < self.low || middle > self.high {
                continue;
            }
            let y = bottom * (1.0 - density / self.greatest_density);
            d.push_str(&format!("L{} {}", px(across(middle - half)), px(y)));
            d.push_str(&format!("H{}", px(across(middle + half))));
        }
        d.push_str(&format!("V{}Z", px(bottom)));
        d
    }
}

fn densities(histogram: &Histogram) -> impl Iterator<Item = (f64, f64)> + '_ {
    let whole = histogram.total().max(1) as f64 * histogram.bin_width();
    histogram.bins().map(move |(middle, count)| (middle, count as f64 / whole))
}

#[cfg(test)]
mod tests {
    use super::{Spread, greatest_density, middle_range};
    use crate::plot::multiples::Panel;
    use crate::theme;
    use rushlight_trace::Histogram;

    fn histogram(counts: &[u64]) -> Histogram {
        Histogram { low: 0.0, high: counts.len() as f64, counts: counts.to_vec(), not_finite: 0 }
    }

    #[test]
    fn density_is_share_per_unit() {
        // 6 of 10 values in a bin one wide.
        assert_eq!(greatest_density(&histogram(&[4, 6])), 0.6);
    }

    #[test]
    fn far_values_are_cut_from_the_range() {
        // 1000 values: a tail of half a percent is 5, more than the single ones at the ends.
        assert_eq!(middle_range(&histogram(&[1, 0, 499, 499, 0, 1]), 0.99), (2.0, 4.0));
        assert_eq!(middle_range(&histogram(&[0, 0]), 0.99), (0.0, 2.0));
    }

    #[test]
    fn labels_of_small_values_do_not_touch() {
        let wide = Histogram { low: -2.3e-4, high: 2.3e-4, counts: vec![1, 3, 1], not_finite: 0 };
        let spread = Spread {
            now: wide,
            before: None,
            paint: theme::model(0),
            low: -2.3e-4,
            high: 2.3e-4,
            greatest_density: 1.0,
        };
        let text = spread.draw_panel(230.0, 120.0).inline("");
        let labels: Vec<&str> =
            text.split("</text>").filter_map(|piece| piece.rsplit_once('>')).map(|(_, l)| l).collect();
        assert_eq!(labels.iter().filter(|label| !label.is_empty()).count(), 3, "{labels:?}");
        assert!(labels.contains(&"−2×10⁻⁴"), "{labels:?}");
    }

    #[test]
    fn counts_are_heights() {
        let drawn = |counts: &[u64]| {
            let spread = Spread {
                now: histogram(counts),
                before: None,
                paint: theme::model(0),
                low: 0.0,
                high: 2.0,
                greatest_density: 1.0,
            };
            spread.draw_panel(100.0, 120.0).inline("")
        };
        // All values in the first bin: it reaches the top (0), the second stays at 100.
        assert!(drawn(&[5, 0]).contains("L0 0H50L50 100H100"), "{}", drawn(&[5, 0]));
        assert!(drawn(&[5, 5]).contains("L0 50H50L50 50H100"), "{}", drawn(&[5, 5]));
    }
}
