//! Small multiples: panels of one size in rows, as many beside each other as the width takes.

use super::Draw;
use crate::svg::{Style, Svg};
use crate::theme::{INK, SOFT};

const GAP: f64 = 28.0;
const TITLE: f64 = 22.0;
const NOTE: f64 = 18.0;

/// Something that can be drawn in a rectangle.
pub(crate) trait Panel {
    fn draw_panel(&self, width: f64, height: f64) -> Svg;
}

/// Panels with their titles.
pub(crate) struct Multiples {
    pub(crate) panels: Vec<Titled>,
    /// A panel is at least this wide, unless the drawing itself is not.
    pub(crate) least_width: f64,
    pub(crate) panel_height: f64,
}

/// A panel, its title, and a line beneath that.
pub(crate) struct Titled {
    pub(crate) title: String,
    pub(crate) note: String,
    pub(crate) panel: Box<dyn Panel>,
}

impl Draw for Multiples {
    fn draw(&self, width: f64) -> Svg {
        let fitting = ((width + GAP) / (self.least_width + GAP)).floor().max(1.0) as usize;
        let columns = fitting.min(self.panels.len().max(1));
        let panel_width = (width - GAP * (fitting - 1) as f64) / fitting as f64;
        let has_notes = self.panels.iter().any(|titled| !titled.note.is_empty());
        let head = if has_notes { TITLE + NOTE } else { TITLE };
        let row_height = head + self.panel_height + GAP;
        let rows = self.panels.len().div_ceil(columns);
        let mut svg = Svg::new(width, (row_height * rows as f64 - GAP).max(1.0));
        for (index, titled) in self.panels.iter().enumerate() {
            let x = (index % columns) as f64 * (panel_width + GAP);
            let y = (index / columns) as f64 * row_height;
            svg.text((x, y + 13.0), Style::new(12.5, INK).bold(), &titled.title);
            svg.text((x, y + 29.0), Style::new(11.5, SOFT), &titled.note);
            svg.place((x, y + head), &titled.panel.draw_panel(panel_width, self.panel_height));
        }
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::{Multiples, Panel, Titled};
    use crate::plot::Draw;
    use crate::svg::Svg;

    struct Empty;

    impl Panel for Empty {
        fn draw_panel(&self, width: f64, height: f64) -> Svg {
            Svg::new(width, height)
        }
    }

    fn check(width: f64, rows: f64) {
        let titled = || Titled { title: "a".into(), note: "b".into(), panel: Box::new(Empty) };
        let panels = (0..4).map(|_| titled()).collect();
        let drawing = Multiples { panels, least_width: 200.0, panel_height: 100.0 }.draw(width);
        assert_eq!(drawing.height, rows * (40.0 + 100.0 + 28.0) - 28.0);
    }

    #[test]
    fn a_narrow_drawing_has_more_rows() {
        check(1000.0, 1.0);
        check(500.0, 2.0);
        check(150.0, 4.0);
    }
}
