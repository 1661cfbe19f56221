//! Plots: what can be drawn, and a figure, which is a plot with its title. A plot is drawn anew
//! for each width, so that its letters keep their size on a phone.

use crate::svg::Svg;

pub(crate) mod bars;
pub(crate) mod bits;
pub(crate) mod histogram;
pub(crate) mod labels;
pub(crate) mod lines;
pub(crate) mod map;
pub(crate) mod matrix;
pub(crate) mod multiples;
pub(crate) mod network;
pub(crate) mod rungs;
pub(crate) mod ticks;

/// Widths that figures are drawn for, in CSS pixels: across the page, across a page that is
/// narrower (or half a wide one), and across a phone.
pub(crate) const ACROSS: f64 = 1080.0;
pub(crate) const HALF: f64 = 516.0;
pub(crate) const MIDDLE: f64 = 640.0;
pub(crate) const PHONE: f64 = 352.0;

/// Something that can be drawn at a width.
pub(crate) trait Draw {
    /// Draws it; the height follows from the width.
    fn draw(&self, width: f64) -> Svg;
}

/// A plot with its title.
pub(crate) struct Figure {
    /// Its file name, without an ending.
    pub(crate) slug: String,
    pub(crate) title: String,
    /// What the eye needs to know; may be empty.
    pub(crate) note: String,
    /// Whether it wants the whole width of the page.
    pub(crate) is_wide: bool,
    pub(crate) plot: Box<dyn Draw>,
}

impl Figure {
    /// A figure that shares its row with another.
    pub(crate) fn half(slug: &str, title: impl Into<String>, plot: impl Draw + 'static) -> Self {
        Self { slug: slug.to_owned(), title: title.into(), note: String::new(), is_wide: false, plot: Box::new(plot) }
    }

    /// A figure that has its row to itself.
    pub(crate) fn wide(slug: &str, title: impl Into<String>, plot: impl Draw + 'static) -> Self {
        Self { is_wide: true, ..Self::half(slug, title, plot) }
    }

    pub(crate) fn with_note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// The figure as a file of its own.
    pub(crate) fn standalone(&self) -> String {
        let width = if self.is_wide { ACROSS } else { MIDDLE };
        self.plot.draw(width).standalone(self.title.trim_end_matches('.'))
    }
}
