//! Lines over a common pair of axes: labelled where they end, with yardsticks drawn through.
//! Draws what it is given; what the lines mean is said elsewhere.

use super::Draw;
use super::labels::{Label, apart};
use super::multiples::Panel;
use crate::say;
use crate::scale::{Kind, Scale};
use crate::svg::{Anchor, Style, Svg, px, text_width};
use crate::theme::{GRID, INK, PAPER, Paint, RULE, SOFT};
use serde_json::json;

const TICK: f64 = 12.0;
const LABEL: f64 = 12.5;
const LEVEL: f64 = 11.5;
const LABEL_GAP: f64 = 15.0;
/// Marks nearer to each other than this are a smear.
const MARK_GAP: f64 = 11.0;
/// A line with more points than this is a curve, and is not marked.
const MOST_MARKED: usize = 40;
/// Values that the pointer can find on one line.
const MOST_HOVERS: usize = 64;

/// A plot of lines.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) series: Vec<Series>,
    pub(crate) levels: Vec<Level>,
    /// Height by width, where there is room for it.
    pub(crate) shape: f64,
}

/// The shape of most plots.
const TALL: f64 = 0.8;
/// The shape of a plot that only shows a course.
pub(crate) const FLAT: f64 = 0.52;

/// One axis: what it counts, and how.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) label: String,
    pub(crate) kind: Kind,
    /// Set where plots are compared; otherwise chosen from the points.
    pub(crate) range: Option<Scale>,
}

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) label: String,
    pub(crate) paint: Paint,
    /// A y that is not a number breaks the line.
    pub(crate) points: Vec<(f64, f64)>,
    /// (x, low, high): how far single values lie around the line; may be empty.
    pub(crate) band: Vec<(f64, f64, f64)>,
    /// As SVG writes it; empty for a whole line.
    pub(crate) dash: &'static str,
    pub(crate) width: f64,
}

/// A yardstick: a thin dashed line through the plot, with its name on it.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    /// What stands on the line: its name, and its value unless that is on the axis.
    pub(crate) text: String,
    pub(crate) value: f64,
}

impl Axis {
    pub(crate) fn new(label: impl Into<String>, kind: Kind) -> Self {
        Self { label: label.into(), kind, range: None }
    }
}

impl Series {
    pub(crate) fn new(label: impl Into<String>, paint: Paint, points: Vec<(f64, f64)>) -> Self {
        Self { label: label.into(), paint, points, band: Vec::new(), dash: "", width: 2.2 }
    }
}

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

/// The rectangle between the axes.
#[derive(Clone, Copy)]
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: Scale,
    y: Scale,
}

impl Frame {
    fn at(&self, point: (f64, f64)) -> (f64, f64) {
        (self.across(point.0), self.up(point.1))
    }

    fn across(&self, value: f64) -> f64 {
        self.left + self.x.place(value) * (self.right - self.left)
    }

    fn up(&self, value: f64) -> f64 {
        self.bottom - self.y.place(value) * (self.bottom - self.top)
    }
}

impl Draw for Lines {
    fn draw(&self, width: f64) -> Svg {
        let mut drawing = self.drawn(width, (width * self.shape).clamp(240.0, 420.0));
        drawing.0.set_hover(&self.hover(&drawing.1));
        drawing.0
    }
}

impl Panel for Lines {
    fn draw_panel(&self, width: f64, height: f64) -> Svg {
        self.drawn(width, height).0
    }
}

impl Lines {
    /// A plot without yardsticks, of the usual shape.
    pub(crate) fn new(x: Axis, y: Axis, series: Vec<Series>) -> Self {
        Self { x, y, series, levels: Vec::new(), shape: TALL }
    }

    pub(crate) fn with_levels(self, levels: Vec<Level>) -> Self {
        Self { levels, ..self }
    }

    /// The y scale that this plot would choose, for another to share.
    pub(crate) fn y_scale(&self) -> Scale {
        let shown = self.series.iter().flat_map(|series| {
            let ends = series.band.iter().flat_map(|(_, low, high)| [*low, *high]);
            series.points.iter().map(|(_, y)| *y).chain(ends)
        });
        let levels = self.levels.iter().map(|level| level.value);
        let scale = self.y.kind.over(shown.chain(levels));
        match self.y.kind {
            Kind::Share | Kind::FromZero => scale,
            _ => scale.with_air(0.05),
        }
    }

    fn drawn(&self, width: f64, height: f64) -> (Svg, Frame) {
        let mut svg = Svg::new(width, height);
        let frame = self.frame(width, height);
        self.draw_axes(&mut svg, &frame);
        self.draw_levels(&mut svg, &frame);
        for series in &self.series {
            self.draw_band(&mut svg, &frame, series);
        }
        for series in &self.series {
            self.draw_series(&mut svg, &frame, series);
        }
        self.draw_labels(&mut svg, &frame, width);
        (svg, frame)
    }

    fn frame(&self, width: f64, height: f64) -> Frame {
        let x_values = self.series.iter().flat_map(|series| series.points.iter().map(|(x, _)| *x));
        let x = self.x.range.unwrap_or_else(|| self.x.kind.over(x_values));
        let y = self.y.range.unwrap_or_else(|| self.y_scale());
        let top = if self.y.label.is_empty() { 12.0 } else { 26.0 };
        let bottom = height - 40.0;
        let ticks = y.ticks(most_ticks(bottom - top, 48.0));
        let ticks_wide = ticks.iter().map(|tick| text_width(&self.y_label(&y, *tick, &ticks), TICK));
        let left = ticks_wide.fold(18.0, f64::max) + 9.0;
        let full = Frame { left, right: width - 10.0, top, bottom, x, y };
        // Only labels of lines that reach far to the right need a margin there.
        let needed = self
            .ends()
            .into_iter()
            .map(|(series, end)| full.across(end.0) + 9.0 + text_width(&series.label, LABEL) - full.right);
        let margin = needed.fold(0.0, f64::max).min(width * 0.36);
        Frame { right: full.right - margin, ..full }
    }

    fn y_label(&self, scale: &Scale, tick: f64, ticks: &[f64]) -> String {
        match self.y.kind {
            Kind::Share => say::percent(tick),
            _ => scale.label(tick, ticks),
        }
    }

    /// A value of the plot in words.
    fn said(&self, value: f64) -> String {
        match self.y.kind {
            Kind::Share => say::percent(value),
            _ => say::significant(value, 4),
        }
    }

    fn draw_axes(&self, svg: &mut Svg, frame: &Frame) {
        let y_ticks = frame.y.ticks(most_ticks(frame.bottom - frame.top, 48.0));
        for tick in &y_ticks {
            let y = frame.up(*tick);
            svg.line((frame.left, y), (frame.right, y), GRID, 1.0, "");
            let style = Style::new(TICK, SOFT).anchored(Anchor::End);
            svg.text((frame.left - 7.0, y + 4.0), style, &self.y_label(&frame.y, *tick, &y_ticks));
        }
        svg.line((frame.left, frame.bottom), (frame.right, frame.bottom), RULE, 1.0, "");
        let x_ticks = frame.x.ticks(most_ticks(frame.right - frame.left, 50.0));
        for tick in &x_ticks {
            let x = frame.across(*tick);
            svg.line((x, frame.bottom), (x, frame.bottom + 4.0), RULE, 1.0, "");
            let style = Style::new(TICK, SOFT).anchored(Anchor::Middle);
            svg.text((x, frame.bottom + 17.0), style, &frame.x.label(*tick, &x_ticks));
        }
        // The names of the axes lie flat: nobody should have to turn the head.
        svg.text((0.0, 12.0), Style::new(TICK, SOFT), &self.y.label);
        let end = Style::new(TICK, SOFT).anchored(Anchor::End);
        svg.text((frame.right, frame.bottom + 34.0), end, &self.x.label);
    }

    fn draw_levels(&self, svg: &mut Svg, frame: &Frame) {
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

    /// Whether a point has a place on both axes.
    fn shows(&self, point: &(f64, f64)) -> bool {
        self.x.kind.shows(point.0) && self.y.kind.shows(point.1)
    }

    fn draw_band(&self, svg: &mut Svg, frame: &Frame, series: &Series) {
        let shown: Vec<&(f64, f64, f64)> =
            series.band.iter().filter(|(x, low, high)| self.shows(&(*x, *low)) && self.shows(&(*x, *high))).collect();
        if shown.len() < 2 {
            return;
        }
        let there = shown.iter().map(|(x, _, high)| frame.at((*x, *high)));
        let back = shown.iter().rev().map(|(x, low, _)| frame.at((*x, *low)));
        let corners = there.chain(back).map(|(x, y)| format!("{} {}", px(x), px(y)));
        let corners: Vec<String> = corners.collect();
        let fill = format!("fill=\"{}\" fill-opacity=\"0.13\"", series.paint.line);
        svg.path(&format!("M{}Z", corners.join("L")), &fill);
    }

    fn draw_series(&self, svg: &mut Svg, frame: &Frame, series: &Series) {
        let mut d = String::new();
        let mut is_drawing = false;
        for point in &series.points {
            let (x, y) = frame.at(*point);
            if self.shows(point) {
                d.push_str(if is_drawing { "L" } else { "M" });
                d.push_str(&format!("{} {}", px(x), px(y)));
            }
            is_drawing = self.shows(point);
        }
        let dash = match series.dash {
            "" => String::new(),
            dash => format!(" stroke-dasharray=\"{dash}\""),
        };
        let stroke = format!(
            "fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{dash}",
            series.paint.line,
            px(series.width)
        );
        svg.path(&d, &stroke);
        if series.width > 2.0 && series.points.len() <= MOST_MARKED {
            let fill = format!("fill=\"{}\" stroke=\"{PAPER}\" stroke-width=\"1\"", series.paint.line);
            self.marks(frame, series).iter().for_each(|at| svg.circle(*at, 3.0, &fill));
        }
        self.mark_break(svg, frame, series);
    }

    /// Points of a line that are far enough from each other to be marked, the last among them.
    fn marks(&self, frame: &Frame, series: &Series) -> Vec<(f64, f64)> {
        let seen = series.points.iter().filter(|point| self.shows(point));
        let mut marks: Vec<(f64, f64)> = Vec::new();
        for at in seen.map(|point| frame.at(*point)).rev() {
            let is_far = |last: &(f64, f64)| (last.0 - at.0).hypot(last.1 - at.1) >= MARK_GAP;
            if marks.last().is_none_or(is_far) {
                marks.push(at);
            }
        }
        marks
    }

    /// Where a line stops being a number is the most important place on it.
    fn mark_break(&self, svg: &mut Svg, frame: &Frame, series: &Series) {
        let is_broken = |point: &&(f64, f64)| self.x.kind.shows(point.0) && !point.1.is_finite();
        if let Some(broken) = series.points.iter().find(is_broken) {
            let x = frame.across(broken.0);
            svg.line((x, frame.top), (x, frame.bottom), series.paint.line, 1.0, "1 3");
            let style = Style::new(11.5, INK).anchored(Anchor::End).halo();
            svg.text((x - 4.0, frame.top + 10.0), style, "not a number");
        }
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

    fn draw_labels(&self, svg: &mut Svg, frame: &Frame, width: f64) {
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

    fn hover(&self, frame: &Frame) -> serde_json::Value {
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
                        json!([px(x), px(y), in_hover(point.0), self.said(point.1)])
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

fn most_ticks(length: f64, apart: f64) -> usize {
    ((length / apart) as usize).max(2)
}

#[cfg(test)]
mod tests {
    use super::{Axis, Level, Lines, Series};
    use crate::plot::Draw;
    use crate::scale::Kind;
    use crate::theme;

    fn plot(points: &[(f64, f64)]) -> Lines {
        Lines {
            x: Axis::new("steps", Kind::Linear),
            y: Axis::new("nats per token", Kind::Linear),
            series: vec![Series::new("LSTM", theme::model(3), points.to_vec())],
            shape: super::TALL,
            levels: vec![Level { text: "ln V 4.000".into(), value: 4.0 }],
        }
    }

    fn drawn(points: &[(f64, f64)]) -> String {
        plot(points).draw(500.0).inline("")
    }

    #[test]
    fn another_value_is_another_line() {
        assert_ne!(drawn(&[(0.0, 3.0), (1.0, 2.0)]), drawn(&[(0.0, 3.0), (1.0, 2.5)]));
    }

    #[test]
    fn axes_yardsticks_and_ends_are_named() {
        let text = drawn(&[(0.0, 3.0), (1.0, 2.0)]);
        for name in [">steps<", ">nats per token<", ">ln V 4.000<", ">LSTM<"] {
            assert!(text.contains(name), "{name} in {text}");
        }
    }

    #[test]
    fn a_line_breaks_where_it_is_no_number_and_the_place_is_named() {
        let text = drawn(&[(0.0, 3.0), (1.0, f64::NAN), (2.0, 2.0), (3.0, 2.0)]);
        let path = text.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!((path.matches('M').count(), path.matches('L').count()), (2, 1), "{path}");
        assert!(text.contains(">not a number<"));
    }

    #[test]
    fn a_plot_without_points_is_still_a_plot() {
        assert!(drawn(&[]).contains(">nats per token<"));
        assert!(drawn(&[(1.0, f64::INFINITY)]).contains(">nats per token<"));
    }

    #[test]
    fn values_wait_for_the_pointer() {
        let text = drawn(&[(1000.0, 3.0), (2000.0, 2.345_67)]);
        assert!(text.contains("&quot;2,000&quot;,&quot;2.346&quot;"), "{text}");
    }
}
