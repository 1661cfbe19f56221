//! Marks along a flat axis: as many as have room for their labels beside each other. Chooses, and
//! draws nothing.

use crate::scale::Scale;
use crate::svg::text_width;

/// Labels nearer to each other than this read as one.
const GAP: f64 = 5.0;

/// The marks of an axis of this length, about as far `apart` as asked for and never so near that
/// labels of this `size` would touch.
pub(crate) fn beside(scale: &Scale, length: f64, apart: f64, size: f64) -> Vec<f64> {
    let most = ((length / apart) as usize).max(3);
    let fewer = (1..=most).rev().map(|most| scale.ticks(most));
    let fitting = fewer.into_iter().find(|ticks| fits(scale, ticks, length, size));
    fitting.unwrap_or_else(|| scale.ticks(1).into_iter().take(1).collect())
}

fn fits(scale: &Scale, ticks: &[f64], length: f64, size: f64) -> bool {
    let label = |tick: &f64| {
        let wide = text_width(&scale.label(*tick, ticks), size);
        // A label at an edge may lean inwards.
        let left = (scale.place(*tick) * length - wide / 2.0).min(length - wide).max(0.0);
        (left, left + wide)
    };
    let labels: Vec<(f64, f64)> = ticks.iter().map(label).collect();
    labels.windows(2).all(|pair| pair[1].0 - pair[0].1 >= GAP)
}

#[cfg(test)]
mod tests {
    use super::{beside, fits};
    use crate::scale::Scale;

    #[test]
    fn labels_never_touch() {
        for length in [60.0, 100.0, 160.0, 230.0, 500.0] {
            for high in [2.3e-4, 0.9, 12_345.0] {
                let scale = Scale::Linear { low: -high, high };
                let ticks = beside(&scale, length, 44.0, 11.0);
                assert!(ticks.len() == 1 || fits(&scale, &ticks, length, 11.0), "{ticks:?} along {length}");
                assert!(ticks.len() >= 3 || length < 160.0, "{ticks:?} along {length}");
            }
        }
    }
}
