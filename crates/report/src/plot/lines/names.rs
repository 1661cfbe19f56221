//! Names in a plot of lines: of the lines, where they end, and of the yardsticks, where they hide
//! the least. Chooses places; the lines themselves are drawn elsewhere.

use super::{Frame, Lines, Series};
use crate::plot::labels::{Label, apart};
use crate::svg::{Anchor, Style, Svg, text_width};
use crate::theme::SOFT;

const LABEL: f64 = 12.5;
const LABEL_GAP: f64 = 15.0;
const LEVEL: f64 = 11.5;

/// A rectangle that a name takes.
#[derive(Clone, Copy)]
struct Area {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Area {
    fn overlaps(&self, other: &Area) -> bool {
        let beside = self.right < other.left || other.right < self.left;
        let over = self.bottom < other.top || other.bottom < self.top;
        !beside && !over
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }
}

impl Lines {
    /// How far the names of the lines reach beyond a point far to the right.
    pub(super) fn room_for_labels(&self, frame: &Frame) -> f64 {
        let needed = self
            .ends()
            .into_iter()
            .map(|(series, end)| frame.across(end.0) + 9.0 + text_width(&series.label, LABEL) - frame.right);
        needed.fold(0.0, f64::max)
    }

    pub(super) fn draw_levels(&self, svg: &mut Svg, frame: &Frame) {
        let mut taken: Vec<Area> = Vec::new();
        let shown = self.levels.iter().filter(|level| frame.y.holds(level.value));
        for level in shown {
            let y = frame.up(level.value);
            svg.line((frame.left, y), (frame.right, y), SOFT, 1.0, "2 4");
            let area = self.free_area(frame, y, text_width(&level.text, LEVEL), &taken);
            let is_left = area.left < frame.left + 10.0;
            let (x, anchor) = if is_left { (area.left, Anchor::Start) } else { (area.right, Anchor::End) };
            let style = Style::new(LEVEL, SOFT).anchored(anchor).halo();
            svg.text((x, area.bottom - 3.0), style, &level.text);
            taken.push(area);
        }
    }

    /// Where beside its line a yardstick's name hides the fewest points and no other name.
    fn free_area(&self, frame: &Frame, y: f64, width: f64, taken: &[Area]) -> Area {
        let sides = [frame.right - width - 2.0, frame.left + 6.0, (frame.left + frame.right - width) / 2.0];
        let above_and_below = [y - 2.0, y + 16.0];
        let areas = above_and_below
            .into_iter()
            .flat_map(|bottom| sides.map(|left| Area { left, right: left + width, top: bottom - 14.0, bottom }));
        let hidden = |area: &Area| {
            let names = taken.iter().filter(|other| other.overlaps(area)).count();
            let is_outside = area.top < frame.top - 12.0 || area.bottom > frame.bottom;
            let lines = self.series.iter().map(|series| self.crossings(frame, series, area));
            lines.sum::<usize>() + 1000 * (names + usize::from(is_outside))
        };
        // The first of equals, so that names stand above and on the right if they can.
        areas.min_by_key(hidden).expect("there are six areas")
    }

    /// How many small steps along a line lie in an area.
    fn crossings(&self, frame: &Frame, series: &Series, area: &Area) -> usize {
        const STEPS: usize = 8;
        let seen: Vec<(f64, f64)> =
            series.points.iter().filter(|point| self.shows(point)).map(|point| frame.at(*point)).collect();
        let between = |pair: &[(f64, f64)]| {
            let (from, to) = (pair[0], pair[1]);
            (0..=STEPS)
                .map(|step| step as f64 / STEPS as f64)
                .filter(|share| area.holds((from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))))
                .count()
        };
        seen.windows(2).map(between).sum()
    }

    /// Each line that can be seen, with its last point.
    fn ends(&self) -> Vec<(&Series, (f64, f64))> {
        let last = |series: &Series| {
            let mut shown = series.points.iter().filter(|point| self.shows(point));
            shown.next_back().copied()
        };
        let named = self.series.iter().filter(|series| !series.label.is_empty());
        named.filter_map(|series| Some((series, last(series)?))).collect()
    }

    pub(super) fn draw_labels(&self, svg: &mut Svg, frame: &Frame, width: f64) {
        let ends = self.ends();
        let labels: Vec<Label> = ends.iter().map(|(series, end)| self.label(frame, series, *end, width)).collect();
        let heights = apart(&labels, LABEL_GAP, frame.top + 4.0, frame.bottom - 4.0);
        for (((series, end), label), height) in ends.iter().zip(&labels).zip(heights) {
            let (x, y) = frame.at(*end);
            if (height - label.wanted_y).abs() > 4.0 {
                svg.line((x + 2.0, y), (label.x - 2.0, height), series.paint.line, 0.8, "");
            }
            let style = Style::new(LABEL, series.paint.text).bold().halo();
            svg.text((label.x, height + 4.0), style, &series.label);
        }
    }

    /// Where a line's label wants to be: behind its end, or where that is on other lines, a
    /// little above or below.
    fn label(&self, frame: &Frame, series: &Series, end: (f64, f64), width: f64) -> Label {
        let (x, y) = frame.at(end);
        let room = text_width(&series.label, LABEL) + 8.0;
        // Never off the drawing, be the line as long as it may.
        let left = (x + 9.0).min(width - room + 8.0);
        let crossed = |middle: &f64| {
            let area = Area { left, right: left + room, top: middle - 7.0, bottom: middle + 7.0 };
            let others = self.series.iter().filter(|other| other.label != series.label);
            others.map(|other| self.crossings(frame, other, &area)).sum::<usize>()
        };
        let heights = [y, y - LABEL_GAP, y + LABEL_GAP];
        // The first of equals: behind its end, if nothing is there.
        let wanted_y = heights.into_iter().min_by_key(crossed).unwrap_or(y);
        Label { x: left, width: room, wanted_y }
    }
}
