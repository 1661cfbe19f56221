//! Bars from a common zero, a row each, with the value at the end.

use super::Draw;
use crate::svg::{Anchor, Style, Svg, bold_width};
use crate::theme::{INK, Paint, RULE, SOFT};

const ROW: f64 = 30.0;
const LABEL: f64 = 12.5;

/// A plot of bars.
#[derive(Debug, Clone)]
pub(crate) struct Bars {
    pub(crate) unit: String,
    pub(crate) rows: Vec<Bar>,
}

/// One bar; `said` is its value in words.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) value: f64,
    pub(crate) said: String,
    pub(crate) paint: Paint,
}

impl Draw for Bars {
    fn draw(&self, width: f64) -> Svg {
        let widest =
            |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| bold_width(text, LABEL)).fold(0.0, f64::max);
        let left = (widest(&mut self.rows.iter().map(|row| &row.label)) + 12.0).min(width * 0.42);
        let right = width - widest(&mut self.rows.iter().map(|row| &row.said)) - 14.0;
        let greatest = self.rows.iter().map(|row| row.value).filter(|value| value.is_finite());
        let greatest = greatest.fold(0.0, f64::max);
        let height = 24.0 + ROW * self.rows.len() as f64 + 4.0;
        let mut svg = Svg::new(width, height);
        svg.text((left, 12.0), Style::new(12.0, SOFT), &self.unit);
        for (index, row) in self.rows.iter().enumerate() {
            let middle = 24.0 + ROW * (index as f64 + 0.5);
            let share = if greatest > 0.0 && row.value.is_finite() { row.value / greatest } else { 0.0 };
            let length = (share * (right - left)).max(0.0);
            let name = Style::new(LABEL, row.paint.text).anchored(Anchor::End).bold();
            svg.text((left - 10.0, middle + 4.0), name, &row.label);
            let fill = format!("rx=\"2\" fill=\"{}\"", row.paint.line);
            svg.rect((left, middle - 7.0), (length, 14.0), &fill);
            svg.text((left + length + 8.0, middle + 4.0), Style::new(LABEL, INK), &row.said);
        }
        svg.line((left, 22.0), (left, height - 2.0), RULE, 1.0, "");
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::{Bar, Bars};
    use crate::plot::Draw;
    use crate::theme;

    #[test]
    fn the_greatest_fills_the_row_and_half_of_it_is_half_as_long() {
        let bar = |value: f64| Bar { label: String::new(), value, said: String::new(), paint: theme::QUIET };
        let text = Bars { unit: "x".into(), rows: vec![bar(4.0), bar(2.0), bar(f64::NAN)] };
        let text = text.draw(226.0).inline("");
        // 226 less 12 on the left and 14 on the right is 200.
        let widths: Vec<&str> =
            text.split("<rect").skip(1).map(|rect| rect.split("width=\"").nth(1).unwrap()).collect();
        let widths: Vec<&str> = widths.iter().map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(widths, ["200", "100", "0"]);
    }
}
