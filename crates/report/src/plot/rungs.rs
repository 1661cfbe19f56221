//! The rungs of a ladder: a row each, from the best loss of the one before to its own best.

use super::Draw;
use super::lines::{Level, YARDSTICK};
use super::ticks;
use crate::say;
use crate::scale::{Kind, Scale};
use crate::svg::{Anchor, Style, Svg, bold_lines, bold_width, px, text_width};
use crate::theme::{GRID, INK, PAPER, Paint, SOFT};

/// The plot: losses along the axis, history downwards.
#[derive(Debug, Clone)]
pub(crate) struct Rungs {
    pub(crate) unit: String,
    pub(crate) rows: Vec<Rung>,
    pub(crate) levels: Vec<Level>,
}

/// One model with the loss it reached.
#[derive(Debug, Clone)]
pub(crate) struct Rung {
    pub(crate) label: String,
    /// Year and paper, small beneath the label.
    pub(crate) note: String,
    pub(crate) paint: Paint,
    pub(crate) loss: f64,
}

/// Room for a number beside a dot.
const ROOM: f64 = 62.0;

/// Height of a yardstick's name.
const LEVEL_ROW: f64 = 15.0;

/// Yardsticks farther above the rungs than this, in lengths of the rungs' own range, would only
/// press the rungs together.
const FARTHEST_LEVEL: f64 = 0.5;

impl Rungs {
    /// The yardsticks near enough to be drawn, and those that are not.
    pub(crate) fn near_and_far(&self) -> (Vec<&Level>, Vec<&Level>) {
        let losses = self.rows.iter().map(|row| row.loss).filter(|loss| loss.is_finite());
        let (low, high) =
            losses.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), loss| (low.min(loss), high.max(loss)));
        let reach = (high - low).max(0.05) * FARTHEST_LEVEL;
        self.levels.iter().partition(|level| (low - reach..=high + reach).contains(&level.value))
    }

    fn scale(&self) -> Scale {
        let (near, _) = self.near_and_far();
        let levels = near.iter().map(|level| level.value);
        Kind::Linear.over(self.rows.iter().map(|row| row.loss).chain(levels))
    }
}

impl Draw for Rungs {
    fn draw(&self, width: f64) -> Svg {
        let is_narrow = width < 500.0;
        let row = if is_narrow { 54.0 } else { 50.0 };
        let names = self.rows.iter().map(|row| bold_width(&row.label, 14.0));
        let notes = self.rows.iter().map(|row| text_width(&row.note, 11.5));
        let left = names.chain(notes).fold(60.0, f64::max) + 22.0;
        let left = left.min(width * 0.36);
        let mut near = self.near_and_far().0;
        // The farther left, the higher its name: a line then begins under the names before it.
        near.sort_by(|one, other| one.value.total_cmp(&other.value));
        let top = 9.0 + LEVEL_ROW * near.len().max(1) as f64;
        let bottom = top + row * self.rows.len() as f64;
        let scale = self.scale();
        // Numbers stand left of their dots, and right of the dots of rungs that lost.
        let has_lost = self.rows.windows(2).any(|pair| pair[1].loss > pair[0].loss);
        let right = width - if has_lost { ROOM } else { 26.0 };
        let across = |loss: f64| left + ROOM + scale.place(loss) * (right - ROOM - left);
        let mut svg = Svg::new(width, bottom + 40.0);
        let ticks = ticks::beside(&scale, right - ROOM - left, 64.0, 12.0);
        for tick in &ticks {
            let x = across(*tick);
            svg.line((x, top - 4.0), (x, bottom), GRID, 1.0, "");
            let style = Style::new(12.0, SOFT).anchored(Anchor::Middle);
            svg.text((x, bottom + 16.0), style, &scale.label(*tick, &ticks));
        }
        let unit = Style::new(12.0, SOFT).anchored(Anchor::End);
        svg.text((width - 12.0, bottom + 34.0), unit, &self.unit);
        for (index, level) in near.into_iter().enumerate() {
            let (x, y) = (across(level.value), LEVEL_ROW * index as f64);
            // Each line begins at its own name.
            svg.line((x, y + 2.0), (x, bottom), SOFT, 1.0, YARDSTICK);
            let wide = text_width(&level.text, 11.5);
            let left = (x + 5.0).min(width - wide).max(0.0);
            // Where there is no room behind its line, a name ends before it.
            let (at, anchor) = if left > x { (left, Anchor::Start) } else { ((x - 5.0).max(wide), Anchor::End) };
            svg.text((at, y + 12.0), Style::new(11.5, SOFT).anchored(anchor).halo(), &level.text);
        }
        for (index, rung) in self.rows.iter().enumerate() {
            let before = index.checked_sub(1).map(|above| &self.rows[above]);
            let y = top + row * (index as f64 + 0.5);
            let lines = bold_lines(&rung.label, 14.0, left - 22.0);
            let first = y - 1.0 - 8.0 * (lines.len() - 1) as f64;
            for (index, line) in lines.iter().enumerate() {
                svg.text((0.0, first + 16.0 * index as f64), Style::new(14.0, rung.paint.text).bold(), line);
            }
            let note = first + 16.0 * lines.len() as f64;
            svg.text((0.0, note), Style::new(11.5, SOFT), &rung.note);
            if rung.loss.is_finite() {
                self.draw_rung(&mut svg, rung, before, y, row, &across);
            } else {
                svg.text((left, y + 4.0), Style::new(12.5, INK), &say::loss(rung.loss));
            }
        }
        svg
    }
}

impl Rungs {
    fn draw_rung(
        &self,
        svg: &mut Svg,
        rung: &Rung,
        before: Option<&Rung>,
        y: f64,
        row: f64,
        across: &impl Fn(f64) -> f64,
    ) {
        let x = across(rung.loss);
        let mut is_worse = false;
        if let Some(before) = before.filter(|before| before.loss.is_finite()) {
            let from = across(before.loss);
            is_worse = rung.loss > before.loss;
            // Down from the rung above, then along to where this one ends.
            svg.line((from, y - row + 7.0), (from, y), rung.paint.line, 1.2, "1 3");
            let thick = format!(
                "stroke=\"{}\" stroke-width=\"5\" stroke-opacity=\"0.35\" stroke-linecap=\"round\"",
                rung.paint.line
            );
            svg.path(&format!("M{} {}H{}", px(from), px(y), px(x)), &thick);
            let gain = say::difference(rung.loss - before.loss);
            let gain = if is_worse { format!("+{gain}") } else { gain };
            let style = Style::new(11.5, SOFT).anchored(Anchor::Middle).halo();
            if (from - x).abs() > text_width(&gain, 11.5) + 16.0 {
                svg.text(((from + x) / 2.0, y - 8.0), style, &gain);
            }
        }
        let ring = format!("fill=\"{}\" stroke=\"{PAPER}\" stroke-width=\"1.5\"", rung.paint.line);
        svg.circle((x, y), 7.0, &ring);
        let (shift, anchor) = if is_worse { (13.0, Anchor::Start) } else { (-13.0, Anchor::End) };
        let style = Style::new(14.0, INK).anchored(anchor).bold().halo();
        svg.text((x + shift, y + 5.0), style, &say::loss(rung.loss));
    }
}

#[cfg(test)]
mod tests {
    use super::{Rung, Rungs};
    use crate::plot::Draw;
    use crate::plot::lines::Level;
    use crate::theme;

    fn ladder(losses: &[f64]) -> Rungs {
        let rung = |loss: &f64| Rung { label: "one".into(), note: "1948".into(), paint: theme::model(0), loss: *loss };
        let level = |text: &str, value| Level { text: text.into(), value };
        Rungs {
            unit: "nats per token".into(),
            rows: losses.iter().map(rung).collect(),
            levels: vec![level("ln V", 4.174), level("bigram entropy 2.400", 2.4)],
        }
    }

    #[test]
    fn each_row_says_its_loss_and_its_gain() {
        let text = ladder(&[2.5, 2.0]).draw(1000.0).inline("");
        for said in [">2.500<", ">2.000<", ">−0.500<", ">bigram entropy 2.400<"] {
            assert!(text.contains(said), "{said} in {text}");
        }
        assert!(!text.contains("ln V"), "too far to be drawn");
    }

    #[test]
    fn a_phone_shows_three_true_marks() {
        let text = ladder(&[2.482, 1.91, 1.641, 1.844]).draw(352.0).inline("");
        let marks = text.lines().filter(|line| line.contains("font-size=\"12\"") && line.contains("middle"));
        let marks: Vec<&str> = marks.filter_map(|line| line.strip_suffix("</text>")?.rsplit('>').next()).collect();
        // From 1.641 to 2.482, by fifths of one.
        assert_eq!(marks, ["1.8", "2.0", "2.2", "2.4"]);
    }

    #[test]
    fn each_yardstick_has_a_height_of_its_own() {
        let mut plot = ladder(&[2.5, 2.0]);
        plot.levels = [2.3, 2.4, 2.45].map(|value| Level { text: format!("yardstick {value}"), value }).to_vec();
        let text = plot.draw(352.0).inline("");
        let named = text.lines().filter(|line| line.contains(">yardstick"));
        let mut heights: Vec<&str> = named.map(|line| line.split(" y=").nth(1).unwrap()).collect();
        heights.dedup_by_key(|rest| rest.split('"').nth(1).unwrap().to_owned());
        assert_eq!(heights.len(), 3, "{heights:?}");
    }

    #[test]
    fn a_rung_that_loses_says_so() {
        assert!(ladder(&[2.0, 2.5]).draw(1000.0).inline("").contains(">+0.500<"));
    }

    #[test]
    fn a_rung_that_failed_is_still_named() {
        assert!(ladder(&[2.0, f64::NAN]).draw(1000.0).inline("").contains(">not a number<"));
    }
}
