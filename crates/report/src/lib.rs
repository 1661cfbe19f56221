//! Tables, plots and pages made from what a run left behind. Knows not how the run was made,
//! measures nothing and judges nothing.
//!
//! A [`Page`] is put together from [`rushlight_trace::Trace`]s and comes out in three ways: as
//! one HTML file that needs no network, as text for a terminal, and as SVG files. What it says
//! in words is computed from the records, as its plots are. A [`History`] is Markdown, of several ladders.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod curve;
mod history;
mod html;
mod page;
mod plot;
mod power;
mod runs;
mod say;
mod scale;
mod sections;
mod svg;
mod table;
mod text;
mod theme;

pub use history::{Equal, Gain, History, Ladder};
pub use page::Page;
pub use power::exponent;
pub use sections::attention::attention_svg;
pub use sections::cost::Growth;
pub use table::{Cell, Table, sparkline};
