//! Lines over a common pair of axes: labelled where they end, with yardsticks drawn through.
//! Draws what it is given; what the lines mean is said elsewhere.

use super::Draw;
use super::multiples::Panel;
use super::ticks;
use crate::say;
use crate::scale::{Kind, Scale};
use crate::svg::{Anchor, Style, Svg, px, text_width};
use crate::theme::{GRID, INK, PAPER, Paint, RULE, SOFT};

mod events;
mod hover;
mod names;

const TICK: f64 = 12.0;
/// Height of a line below the plot.
const KEY_ROW: f64 = 16.0;
/// Marks nearer to each other than this are a smear.
const MARK_GAP: f64 = 11.0;
/// A line with more points than this is a curve, and is not marked.
const MOST_MARKED: usize = 40;

/// The dashes of a yardstick.
pub(crate) const YARDSTICK: &str = "5 4";
/// So much of a long line decides where the axis ends; the rest may be cut off.
const SEEN_SHARE: f64 = 0.9;
/// An axis is cut off if it would be so many times as long.
const MUCH_LONGER: f64 = 1.5;
/// Of a plot with fewer points than this, each counts.
const LEAST_CUT: usize = 20;

/// A plot of lines.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) series: Vec<Series>,
    pub(crate) levels: Vec<Level>,
    pub(crate) events: Vec<Event>,
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
    /// Less than one for lines that stand back.
    pub(crate) opacity: f64,
}

/// A yardstick: a thin dashed line through the plot, with its name on it.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    /// What stands on the line: its name, and its value unless that is on the axis.
    pub(crate) text: String,
    pub(crate) value: f64,
}

/// Something that happened at a place of the x axis.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) x: f64,
    pub(crate) text: String,
}

impl Axis {
    pub(crate) fn new(label: impl Into<String>, kind: Kind) -> Self {
        Self { label: label.into(), kind, range: None }
    }
}

impl Series {
    pub(crate) fn new(label: impl Into<String>, paint: Paint, points: Vec<(f64, f64)>) -> Self {
        Self { label: label.into(), paint, points, band: Vec::new(), dash: "", width: 2.2, opacity: 1.0 }
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

    /// Whether a place is not above the plot.
    fn shows(&self, (_, y): (f64, f64)) -> bool {
        y >= self.top - 0.05
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
        Self { x, y, series, levels: Vec::new(), events: Vec::new(), shape: TALL }
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

    /// Ends the y axis where nearly all is below, if a few high values would make it much longer. Returns
    /// that end, and the greatest value of all.
    pub(crate) fn cut_off(&mut self) -> Option<(f64, f64)> {
        let is_number = |value: &f64| value.is_finite();
        let line = |series: &Series| -> Vec<f64> { series.points.iter().map(|(_, y)| *y).filter(is_number).collect() };
        let lines: Vec<Vec<f64>> = self.series.iter().map(line).collect();
        let mut sorted = lines.concat();
        if sorted.len() < LEAST_CUT {
            return None;
        }
        sorted.sort_by(f64::total_cmp);
        let most = sorted[((sorted.len() - 1) as f64 * SEEN_SHARE) as usize];
        // Where a line ends is what people look for.
        let ends = lines.iter().filter_map(|line| line.last().copied());
        let levels = self.levels.iter().map(|level| level.value);
        let ceiling = ends.chain(levels.clone()).filter(is_number).fold(most, f64::max);
        let bands = self.series.iter().flat_map(|series| series.band.iter().flat_map(|(_, low, high)| [*low, *high]));
        let all = sorted.iter().copied().chain(bands).chain(levels).filter(is_number);
        let (least, greatest) = all.fold((ceiling, ceiling), |(low, high), value| (low.min(value), high.max(value)));
        if greatest - least <= MUCH_LONGER * (ceiling - least) {
            return None;
        }
        let range = self.y.kind.over([least, ceiling]).with_air(0.05);
        self.y.range = Some(range);
        let (Scale::Linear { high, .. } | Scale::Log { high, .. }) = range;
        Some((high, greatest))
    }

    /// Where the names of the yardsticks have no place in the plot, they stand in lines below it.
    fn drawn(&self, width: f64, height: f64) -> (Svg, Frame) {
        let frame = self.frame(width, height);
        let names = self.level_names(&frame, width);
        let key = if names.is_some() { Vec::new() } else { self.key(&frame, width) };
        let mut svg = Svg::new(width, height + KEY_ROW * key.len() as f64);
        self.draw_axes(&mut svg, &frame);
        self.draw_levels(&mut svg, &frame);
        for series in &self.series {
            self.draw_band(&mut svg, &frame, series);
        }
        for series in &self.series {
            self.draw_series(&mut svg, &frame, series);
        }
        // Over the lines, so that each can be read.
        self.draw_level_names(&mut svg, &names.unwrap_or_default());
        self.draw_events(&mut svg, &frame);
        for (index, line) in key.iter().enumerate() {
            svg.text((0.0, height + 10.0 + KEY_ROW * index as f64), Style::new(TICK, SOFT), line);
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
        let margin = self.room_for_labels(&full).min(width * names::LABEL_SHARE);
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
        let x_ticks = ticks::beside(&frame.x, frame.right - frame.left, 50.0, TICK);
        for tick in &x_ticks {
            let x = frame.across(*tick);
            svg.line((x, frame.bottom), (x, frame.bottom + 4.0), RULE, 1.0, "");
            let style = Style::new(TICK, SOFT).anchored(Anchor::Middle);
            svg.text((x, frame.bottom + 17.0), style, &frame.x.label(*tick, &x_ticks));
        }
        // The names of the axes lie flat: nobody should have to turn the head.
        svg.text((0.0, 12.0), Style::new(TICK, SOFT), &self.y.label);
        let end = Style::new(TICK, SOFT).anchored(Anchor::End);
        // A long name needs the room under the names of the lines too; some fonts are wider than others.
        let right = (1.08 * text_width(&self.x.label, TICK)).clamp(frame.right, svg.width.max(frame.right));
        svg.text((right, frame.bottom + 34.0), end, &self.x.label);
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
        let within = |(x, y): (f64, f64)| (x, y.max(frame.top));
        let there = shown.iter().map(|(x, _, high)| within(frame.at((*x, *high))));
        let back = shown.iter().rev().map(|(x, low, _)| within(frame.at((*x, *low))));
        let corners = there.chain(back).map(|(x, y)| format!("{} {}", px(x), px(y)));
        let corners: Vec<String> = corners.collect();
        let fill = format!("fill=\"{}\" fill-opacity=\"0.13\"", series.paint.line);
        svg.path(&format!("M{}Z", corners.join("L")), &fill);
    }

    fn draw_series(&self, svg: &mut Svg, frame: &Frame, series: &Series) {
        let d = self.path(frame, series);
        let dash = match series.dash {
            "" => String::new(),
            dash => format!(" stroke-dasharray=\"{dash}\""),
        };
        let opacity = match series.opacity {
            whole if whole >= 1.0 => String::new(),
            part => format!(" stroke-opacity=\"{part:.2}\""),
        };
        let stroke = format!(
            "fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{dash}{opacity}",
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

    /// The way through a line's points: broken where there is no number, cut off at the top of the plot.
    fn path(&self, frame: &Frame, series: &Series) -> String {
        let mut d = String::new();
        let mut before: Option<(f64, f64)> = None;
        for point in &series.points {
            if !self.shows(point) {
                before = None;
                continue;
            }
            let to = frame.at(*point);
            let from = before.unwrap_or(to);
            let at_top = || (from.0 + (frame.top - from.1) / (to.1 - from.1) * (to.0 - from.0), frame.top);
            let mut go = |letter: &str, (x, y): (f64, f64)| d.push_str(&format!("{letter}{} {}", px(x), px(y)));
            match (before.is_some(), frame.shows(from), frame.shows(to)) {
                (false, _, true) => go("M", to),
                (true, true, true) => go("L", to),
                (true, true, false) => go("L", at_top()),
                (true, false, true) => {
                    go("M", at_top());
                    go("L", to);
                }
                (_, _, false) => {}
            }
            before = Some(to);
        }
        d
    }

    /// Points of a line that are far enough from each other to be marked, the last among them.
    fn marks(&self, frame: &Frame, series: &Series) -> Vec<(f64, f64)> {
        let seen = series.points.iter().filter(|point| self.shows(point));
        let mut marks: Vec<(f64, f64)> = Vec::new();
        for at in seen.map(|point| frame.at(*point)).filter(|at| frame.shows(*at)).rev() {
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
}

fn most_ticks(length: f64, apart: f64) -> usize {
    ((length / apart) as usize).max(3)
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
            events: Vec::new(),
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
    fn a_few_high_values_do_not_press_the_rest_together() {
        let fall = |step: i32| (f64::from(step), if step == 0 { 22.0 } else { 3.0 - f64::from(step) / 100.0 });
        let mut lines = plot(&(0..60).map(fall).collect::<Vec<_>>());
        let (end, greatest) = lines.cut_off().unwrap();
        assert!((4.0..4.5).contains(&end) && greatest == 22.0, "{end} {greatest}");
        let text = lines.draw(500.0).inline("");
        let path = text.split("<path d=\"M").nth(1).unwrap().split('"').next().unwrap();
        // It begins at the upper end, 26 below the edge: where the first piece, from 22 down to 2.99, comes into sight.
        assert!(path.split('L').next().unwrap().ends_with(" 26"), "{path}");
        assert!(plot(&(1..60).map(fall).collect::<Vec<_>>()).cut_off().is_none());
    }

    #[test]
    fn yardsticks_that_lie_close_are_named_below_the_plot() {
        let level = |value: f64| Level { text: format!("yardstick {value:.3}"), value };
        let mut lines = plot(&[(0.0, 22.0), (1.0, 2.0)]);
        lines.levels = [3.3, 2.8, 2.9].map(level).to_vec();
        let drawing = lines.draw(352.0);
        let text = drawing.inline("").replace('\u{a0}', " ");
        let key = text.lines().filter(|line| line.contains("font-size=\"12\"") && line.contains("yardstick"));
        assert_eq!(key.count(), 2, "{text}");
        assert!(text.contains(">Thin dashes, from above: yardstick 3.300,<"), "{text}");
        lines.series[0].points[0].1 = 3.6;
        lines.levels = [3.3, 2.8, 2.3].map(level).to_vec();
        assert!(!lines.draw(352.0).inline("").contains("Thin dashes"));
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
