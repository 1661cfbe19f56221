//! Tables: the same one for a page and for a terminal. Rows and columns of short texts; what
//! they say is decided elsewhere.

use crate::svg::{escaped, px, text_width};
use crate::theme;
use std::fmt::Write;

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    /// Whether long words may break, rather than make the table wider than the screen.
    wraps: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Column {
    name: String,
    unit: String,
    is_number: bool,
}

/// One field of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    text: String,
    model: Option<usize>,
    is_strong: bool,
    curve: Vec<f64>,
}

impl Cell {
    /// A model's name, with its colour; `order` is its place in history.
    pub fn model(label: impl Into<String>, order: usize) -> Self {
        Self { text: label.into(), model: Some(order), ..Self::default() }
    }

    /// A small curve in the height of a line.
    pub fn curve(values: Vec<f64>) -> Self {
        Self { text: sparkline(&values), curve: values, ..Self::default() }
    }

    /// The same cell, made to stand out.
    pub fn strong(self) -> Self {
        Self { is_strong: true, ..self }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl Table {
    /// A table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column of words, set from the left.
    pub fn words(mut self, name: &str) -> Self {
        self.columns.push(Column { name: name.into(), unit: String::new(), is_number: false });
        self
    }

    /// Adds a column of numbers, set from the right, with their unit.
    pub fn numbers(mut self, name: &str, unit: &str) -> Self {
        self.columns.push(Column { name: name.into(), unit: unit.into(), is_number: true });
        self
    }

    /// Adds a row: a cell a column.
    pub fn push(&mut self, row: Vec<Cell>) {
        assert_eq!(row.len(), self.columns.len(), "table: a cell a column");
        self.rows.push(row);
    }

    /// The same table without the columns that say nothing in any row.
    pub fn without_empty_columns(mut self) -> Self {
        let says = |cell: &Cell| !matches!(cell.text.as_str(), "" | "–");
        let said: Vec<bool> =
            (0..self.columns.len()).map(|index| self.rows.iter().any(|row| says(&row[index]))).collect();
        let mut column = said.iter();
        self.columns.retain(|_| *column.next().unwrap_or(&true));
        for row in &mut self.rows {
            let mut cell = said.iter();
            row.retain(|_| *cell.next().unwrap_or(&true));
        }
        self
    }

    /// The same table, made no wider than the screen: long texts are broken, wherever they have to be.
    pub(crate) fn wrapping(self) -> Self {
        Self { wraps: true, ..self }
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Aligned columns for a terminal, a line a row, with colour if the terminal wants it.
    pub fn to_text(&self, color: bool) -> String {
        let mut lines: Vec<Vec<String>> = Vec::new();
        for head in [|column: &Column| column.name.clone(), |column: &Column| column.unit.clone()] {
            let heads: Vec<String> = self.columns.iter().map(head).collect();
            if heads.iter().any(|head| !head.is_empty()) {
                lines.push(heads);
            }
        }
        let heads = lines.len();
        lines.extend(self.rows.iter().map(|row| row.iter().map(Cell::in_terminal).collect()));
        let width_of = |index: usize| lines.iter().map(|line: &Vec<String>| line[index].chars().count()).max();
        let widths: Vec<usize> = (0..self.columns.len()).map(|index| width_of(index).unwrap_or(0)).collect();
        let mut out = String::new();
        for (number, line) in lines.iter().enumerate() {
            let fields = line.iter().zip(&self.columns).zip(&widths).enumerate();
            let mut text = String::new();
            for (index, ((field, column), width)) in fields {
                let gap = if index == 0 { "" } else { "  " };
                let field = if column.is_number { format!("{field:>width$}") } else { format!("{field:<width$}") };
                let cell = number.checked_sub(heads).map(|row| &self.rows[row][index]);
                let _ = write!(text, "{gap}{}", if color { coloured(&field, cell) } else { field });
            }
            let _ = writeln!(out, "{}", text.trim_end());
        }
        out
    }

    /// The table as Markdown has it, numbers set from the right.
    pub(crate) fn to_markdown(&self) -> String {
        let line = |fields: Vec<String>| format!("| {} |\n", fields.join(" | "));
        let head = |column: &Column| match column.unit.as_str() {
            "" => column.name.clone(),
            unit => format!("{} ({unit})", column.name),
        };
        let rule = |column: &Column| if column.is_number { "---:" } else { "---" }.to_owned();
        let cell = |cell: &Cell| {
            let text = cell.text.replace('|', "\\|");
            if cell.is_strong { format!("**{text}**") } else { text }
        };
        let rows = self.rows.iter().map(|row| line(row.iter().map(cell).collect()));
        let heads = [line(self.columns.iter().map(head).collect()), line(self.columns.iter().map(rule).collect())];
        heads.into_iter().chain(rows).collect()
    }

    /// The table for a page; it scrolls by itself where it is wider than the screen.
    pub(crate) fn to_html(&self) -> String {
        let has_heads = self.columns.iter().any(|column| !column.name.is_empty());
        let class_of_table = if self.wraps { " class=\"wrap\"" } else { "" };
        let hidden = if has_heads { "" } else { " hidden" };
        let mut out = format!("<div class=\"scroll\"><table{class_of_table}><thead{hidden}><tr>");
        for column in &self.columns {
            let unit = match column.unit.as_str() {
                "" => String::new(),
                unit => format!("<small>{}</small>", escaped(unit)),
            };
            let _ = write!(out, "<th{}>{}{unit}</th>", class(column.is_number, false), escaped(&column.name));
        }
        out.push_str("</tr></thead><tbody>\n");
        for row in &self.rows {
            out.push_str("<tr>");
            for (cell, column) in row.iter().zip(&self.columns) {
                let _ = write!(out, "<td{}>{}</td>", class(column.is_number, cell.is_strong), cell.in_page());
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody></table></div>\n");
        out
    }
}

impl Cell {
    fn in_terminal(&self) -> String {
        match self.model {
            Some(_) => format!("● {}", self.text),
            None => self.text.clone(),
        }
    }

    fn in_page(&self) -> String {
        if !self.curve.is_empty() {
            return small_curve(&self.curve);
        }
        let text = escaped(&self.text);
        match self.model {
            Some(order) => {
                let paint = theme::model(order);
                format!("<span class=\"model\" style=\"--own:{}\">{text}</span>", paint.line)
            }
            None => text,
        }
    }
}

/// Values as a row of blocks, the least lowest. What is no number is a gap.
pub fn sparkline(values: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const MOST: usize = 16;
    let chosen: Vec<f64> = every_so_often(values, MOST);
    let finite = chosen.iter().copied().filter(|value| value.is_finite());
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let block = |value: f64| {
        if !value.is_finite() {
            return ' ';
        }
        let share = if high > low { (value - low) / (high - low) } else { 0.0 };
        BLOCKS[(share * 7.0).round() as usize]
    };
    chosen.into_iter().map(block).collect()
}

/// At most `most` of the values, evenly chosen, the first and the last among them.
pub(crate) fn every_so_often<T: Copy>(values: &[T], most: usize) -> Vec<T> {
    if values.len() <= most {
        return values.to_vec();
    }
    let step = (values.len() - 1) as f64 / (most - 1) as f64;
    (0..most).map(|index| values[(index as f64 * step).round() as usize]).collect()
}

fn class(is_number: bool, is_strong: bool) -> &'static str {
    match (is_number, is_strong) {
        (true, true) => " class=\"number strong\"",
        (true, false) => " class=\"number\"",
        (false, true) => " class=\"strong\"",
        (false, false) => "",
    }
}

/// Heads are dim, a model's dot has its colour, strong cells are bold.
fn coloured(field: &str, cell: Option<&Cell>) -> String {
    match cell {
        None => format!("\u{1b}[2m{field}\u{1b}[0m"),
        Some(Cell { model: Some(order), .. }) => {
            let dot = format!("\u{1b}[38;5;{}m●\u{1b}[0m", theme::terminal(*order));
            field.replacen('●', &dot, 1)
        }
        Some(cell) if cell.is_strong => format!("\u{1b}[1m{field}\u{1b}[0m"),
        Some(_) => field.to_owned(),
    }
}

fn small_curve(values: &[f64]) -> String {
    let (width, height) = (text_width("m", 13.0) * 8.0, 18.0);
    let finite: Vec<(usize, f64)> = values.iter().copied().enumerate().filter(|(_, value)| value.is_finite()).collect();
    let (low, high) = finite
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, value)| (low.min(*value), high.max(*value)));
    let across = |index: usize| 2.0 + index as f64 / (values.len().max(2) - 1) as f64 * (width - 4.0);
    let up = |value: f64| {
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        height - 3.0 - share * (height - 6.0)
    };
    let corners: Vec<String> =
        finite.iter().map(|(index, value)| format!("{},{}", px(across(*index)), px(up(*value)))).collect();
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" aria-hidden=\"true\"><polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/></svg>",
        corners.join(" "),
        theme::SOFT,
        w = px(width),
        h = px(height)
    )
}

#[cfg(test)]
mod tests {
    use super::{Cell, Table, sparkline};

    fn table() -> Table {
        let mut table = Table::new().words("rung").numbers("loss", "nats");
        table.push(vec![Cell::model("RNN", 2), "2.1".into()]);
        table.push(vec!["<b>".into(), Cell::from("10.25").strong()]);
        table
    }

    #[test]
    fn columns_are_aligned_words_left_and_numbers_right() {
        let expected = "rung    loss\n        nats\n● RNN    2.1\n<b>    10.25\n";
        assert_eq!(table().to_text(false), expected);
    }

    #[test]
    fn markdown_has_units_in_its_head_and_no_stray_bars() {
        let mut table = table();
        table.push(vec!["a|b".into(), "1".into()]);
        let expected = "| rung | loss (nats) |\n| --- | ---: |\n| RNN | 2.1 |\n| <b> | **10.25** |\n| a\\|b | 1 |\n";
        assert_eq!(table.to_markdown(), expected);
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let coloured = table().to_text(true);
        assert!(coloured.contains("\u{1b}[38;5;74m●\u{1b}[0m RNN"), "{coloured:?}");
        let mut stripped = coloured;
        while let Some(start) = stripped.find('\u{1b}') {
            let end = start + stripped[start..].find('m').unwrap();
            stripped.replace_range(start..=end, "");
        }
        // A coloured space at the end of a line is the one difference that may stay.
        let trimmed: Vec<&str> = stripped.lines().map(str::trim_end).collect();
        assert_eq!(trimmed, table().to_text(false).lines().collect::<Vec<_>>());
    }

    #[test]
    fn a_page_shows_words_as_they_are_and_scrolls() {
        let html = table().to_html();
        assert!(html.starts_with("<div class=\"scroll\">") && html.contains("&lt;b&gt;"));
        assert!(html.contains("--own:var(--m2)") && html.contains("<small>nats</small>"));
    }

    #[test]
    fn a_table_of_long_texts_wraps() {
        assert!(table().wrapping().to_html().contains("<table class=\"wrap\">"));
        assert!(include_str!("page.css").contains(".wrap td:last-child{white-space:normal;overflow-wrap:anywhere}"));
    }

    #[test]
    fn columns_that_say_nothing_go_away() {
        let mut table = Table::new().words("a").numbers("b", "").words("c");
        table.push(vec!["x".into(), "–".into(), "".into()]);
        table.push(vec!["y".into(), "–".into(), "z".into()]);
        assert_eq!(table.without_empty_columns().to_text(false), "a  c\nx\ny  z\n");
    }

    #[test]
    fn sparklines_run_from_low_to_high_and_skip_what_is_no_number() {
        assert_eq!(sparkline(&[0.0, 7.0, f64::NAN, 3.5]), "▁█ ▅");
        assert_eq!(sparkline(&[2.0, 2.0]), "▁▁");
        assert_eq!(sparkline(&(0..100).map(f64::from).collect::<Vec<_>>()).chars().count(), 16);
    }
}
