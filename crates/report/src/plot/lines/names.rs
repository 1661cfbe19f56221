//! Names in a plot of lines: of the lines, where they end, and of the yardsticks, where they hide
//! the least. Chooses places; the lines themselves are drawn elsewhere.

use super::{Frame, Level, Lines, Series, TICK, YARDSTICK};
use crate::plot::labels::{Label, apart};
use crate::say;
use crate::svg::{Anchor, Style, Svg, bold_lines, bold_width, text_width};
use crate::theme::SOFT;

const LABEL: f64 = 12.5;
const LABEL_GAP: f64 = 15.0;
/// So much of the drawing's width may go to the names of its lines.
pub(super) const LABEL_SHARE: f64 = 0.36;
const LEVEL: f64 = 11.5;
/// Lines are felt for in steps of so much.
const STEP: f64 = 4.0;
/// So many places along its line are tried for a yardstick's name, and one more.
const PLACES: usize = 8;

/// A rectangle that a name takes.
#[derive(Clone, Copy)]
pub(super) struct Area {
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

/// The name of a line at its end.
struct EndLabel<'a> {
    series: &'a Series,
    /// The name; on a narrow drawing a long one has several lines.
    lines: Vec<String>,
    /// Where the line ends.
    end: (f64, f64),
    label: Label,
    /// The middle of the name.
    height: f64,
}

impl EndLabel<'_> {
    fn area(&self) -> Area {
        let Label { x, width, .. } = self.label;
        let half = self.lines.len() as f64 * LABEL_GAP / 2.0 - 0.5;
        Area { left: x, right: x + width, top: self.height - half, bottom: self.height + half }
    }
}

impl Lines {
    /// How far the names of the lines reach beyond a point far to the right.
    pub(super) fn room_for_labels(&self, frame: &Frame) -> f64 {
        let needed = self.ends().into_iter().map(|(series, end)| {
            frame.across(end.0) + 9.0 + widest(&name_lines(series, frame.right + 10.0)) - frame.right
        });
        needed.fold(0.0, f64::max)
    }

    pub(super) fn draw_levels(&self, svg: &mut Svg, frame: &Frame) {
        for level in self.shown_levels(frame) {
            let y = frame.up(level.value);
            svg.line((frame.left, y), (frame.right, y), SOFT, 1.0, YARDSTICK);
        }
    }

    pub(super) fn draw_level_names(&self, svg: &mut Svg, names: &[(&str, Area)]) {
        for (name, area) in names {
            let style = Style::new(LEVEL, SOFT).anchored(Anchor::Middle).halo();
            svg.text(((area.left + area.right) / 2.0, area.bottom - 3.0), style, name);
        }
    }

    /// A place for the name of each yardstick, at its own line; nothing if one of them has none.
    pub(super) fn level_names(&self, frame: &Frame, width: f64) -> Option<Vec<(&str, Area)>> {
        let mut taken: Vec<Area> = self.end_labels(frame, width).iter().map(EndLabel::area).collect();
        let mut names = Vec::new();
        for level in self.shown_levels(frame) {
            let area = self.free_area(frame, level, &taken)?;
            taken.push(area);
            names.push((level.text.as_str(), area));
        }
        Some(names)
    }

    /// The names of the yardsticks from the highest down, in lines that are no wider than the drawing.
    pub(super) fn key(&self, frame: &Frame, width: f64) -> Vec<String> {
        let mut levels = self.shown_levels(frame);
        levels.sort_by(|one, other| other.value.total_cmp(&one.value));
        // A name is not broken.
        let names: Vec<String> = levels.iter().map(|level| level.text.replace(' ', "\u{a0}")).collect();
        let mut lines = vec!["Thin dashes, from above:".to_owned()];
        for word in say::list(&names).split(' ') {
            let last = lines.last_mut().expect("there is always a line");
            if text_width(&format!("{last} {word}"), TICK) * 1.08 <= width {
                last.push_str(&format!(" {word}"));
            } else {
                lines.push(word.to_owned());
            }
        }
        lines
    }

    fn shown_levels(&self, frame: &Frame) -> Vec<&Level> {
        self.levels.iter().filter(|level| frame.y.holds(level.value)).collect()
    }

    /// Where beside its line a yardstick's name hides the least of the lines. Not on another name, and not nearer to
    /// another yardstick's line than to its own.
    fn free_area(&self, frame: &Frame, level: &Level, taken: &[Area]) -> Option<Area> {
        let (y, width) = (frame.up(level.value), text_width(&level.text, LEVEL));
        let (first, last) = (frame.right - width - 2.0, frame.left + 6.0);
        let lefts = (0..=PLACES).map(|place| first + (last - first) * place as f64 / PLACES as f64);
        let places = [y - 2.0, y + 16.0].into_iter().flat_map(|bottom| lefts.clone().map(move |left| (left, bottom)));
        let areas = places.map(|(left, bottom)| Area { left, right: left + width, top: bottom - 14.0, bottom });
        let others = self.shown_levels(frame).into_iter().filter(|other| other.text != level.text);
        let others: Vec<f64> = others.map(|other| frame.up(other.value)).collect();
        let is_free = |area: &Area| {
            let is_outside = area.top < frame.top - 12.0 || area.bottom > frame.bottom;
            let is_named = taken.iter().any(|other| other.overlaps(area));
            let own = area.top.min(y - 4.0)..=area.bottom.max(y + 4.0);
            !is_outside && !is_named && !others.iter().any(|line| own.contains(line))
        };
        let hidden = |area: &Area| self.series.iter().map(|series| self.crossings(frame, series, area)).sum::<usize>();
        // The first of equals, so that names stand above and on the right if they can.
        let best = areas.filter(is_free).min_by_key(hidden);
        // A single yardstick needs no key: its name may stand on a line. Of several, none may hide one for long.
        best.filter(|area| self.levels.len() == 1 || hidden(area) as f64 * STEP < width / 2.0)
    }

    /// How many small steps along a line lie in an area.
    fn crossings(&self, frame: &Frame, series: &Series, area: &Area) -> usize {
        let seen: Vec<(f64, f64)> =
            series.points.iter().filter(|point| self.shows(point)).map(|point| frame.at(*point)).collect();
        let between = |pair: &[(f64, f64)]| {
            let (from, to) = (pair[0], pair[1]);
            let is_apart = from.0.max(to.0) < area.left
                || from.0.min(to.0) > area.right
                || from.1.max(to.1) < area.top
                || from.1.min(to.1) > area.bottom;
            if is_apart {
                return 0;
            }
            let steps = ((to.0 - from.0).hypot(to.1 - from.1) / STEP).ceil().max(1.0) as usize;
            (0..=steps)
                .map(|step| step as f64 / steps as f64)
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
        for EndLabel { series, lines, end: (x, y), label, height } in self.end_labels(frame, width) {
            if (height - label.wanted_y).abs() > 4.0 {
                svg.line((x + 2.0, y), (label.x - 2.0, height), series.paint.line, 0.8, "");
            }
            let style = Style::new(LABEL, series.paint.text).bold().halo();
            let first = height + 4.0 - (lines.len() - 1) as f64 * LABEL_GAP / 2.0;
            for (index, line) in lines.iter().enumerate() {
                svg.text((label.x, first + index as f64 * LABEL_GAP), style, line);
            }
        }
    }

    /// The names of the lines, each in its place.
    fn end_labels(&self, frame: &Frame, width: f64) -> Vec<EndLabel<'_>> {
        let ends = self.ends();
        let labels: Vec<Label> = ends.iter().map(|(series, end)| self.label(frame, series, *end, width)).collect();
        let heights = apart(&labels, LABEL_GAP, frame.top + 4.0, frame.bottom - 4.0);
        let placed = ends.into_iter().zip(labels).zip(heights);
        let named = |(((series, end), label), height)| {
            let lines = name_lines(series, width);
            EndLabel { series, lines, end: frame.at(end), label, height }
        };
        placed.map(named).collect()
    }

    /// Where a line's label wants to be: behind its end, or where that is on other lines, a
    /// little above or below.
    fn label(&self, frame: &Frame, series: &Series, end: (f64, f64), width: f64) -> Label {
        let (x, y) = frame.at(end);
        let lines = name_lines(series, width);
        let room = widest(&lines) + 8.0;
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
        Label { x: left, width: room, lines: lines.len(), wanted_y }
    }
}

/// The name of a line, broken where it would take too much of the drawing's width.
fn name_lines(series: &Series, width: f64) -> Vec<String> {
    bold_lines(&series.label, LABEL, width * LABEL_SHARE - 9.0)
}

fn widest(lines: &[String]) -> f64 {
    lines.iter().map(|line| bold_width(line, LABEL)).fold(0.0, f64::max)
}
