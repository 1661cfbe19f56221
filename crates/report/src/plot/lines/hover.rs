//! What the page's script shows of a plot of lines under the pointer. Data only; the script is
//! `hover.js`.

use super::{Frame, Lines};
use crate::say;
use crate::svg::px;
use serde_json::json;

/// Values that the pointer can find on one line.
const MOST_HOVERS: usize = 64;

impl Lines {
    /// Places and values of the points of each line.
    pub(super) fn hover(&self, frame: &Frame) -> serde_json::Value {
        let lines: Vec<serde_json::Value> = self
            .series
            .iter()
            .map(|series| {
                let stride = series.points.len().div_ceil(MOST_HOVERS).max(1);
                let last = series.points.len().saturating_sub(1);
                let chosen = series
                    .points
                    .iter()
                    .enumerate()
                    .filter(|(index, point)| (index % stride == 0 || *index == last) && self.shows(point));
                let points: Vec<serde_json::Value> = chosen
                    .map(|(_, point)| {
                        let (x, y) = frame.at(*point);
                        json!([px(x), px(y.max(frame.top)), in_hover(point.0), self.said(point.1)])
                    })
                    .collect();
                json!({ "name": series.label, "paint": series.paint.line, "points": points })
            })
            .collect();
        json!({ "x": self.x.label, "top": px(frame.top), "bottom": px(frame.bottom), "lines": lines })
    }
}

fn in_hover(x: f64) -> String {
    if x.fract() == 0.0 && (0.0..1e15).contains(&x) { say::count(x as u64) } else { say::significant(x, 3) }
}
