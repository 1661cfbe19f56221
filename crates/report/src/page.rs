//! A page: title, sections, and in them sentences, figures, tables and samples. What stands in
//! it is the sections' affair; how it looks is `html`'s and `text`'s.

use crate::plot::Figure;
use crate::runs::{by_history, identified};
use crate::sections::cost::Growth;
use crate::table::Table;
use crate::theme::Paint;
use crate::{html, say, sections, text};
use rushlight_trace::{Machine, Severity, Trace};
use std::io;
use std::path::{Path, PathBuf};

/// A version of a sentence has so many letters at most.
const MOST_LETTERS: usize = 400;

/// A page about runs, ready to be written as HTML, as text, or as SVG files.
pub struct Page {
    pub(crate) title: String,
    /// What it is about, in a sentence or two.
    pub(crate) deck: String,
    pub(crate) parts: Vec<Part>,
    /// How it was made: small, at the foot.
    pub(crate) colophon: Vec<String>,
}

/// Sections that belong to one run, or to all.
pub(crate) struct Part {
    /// Empty for what belongs to the whole page.
    pub(crate) title: String,
    /// Begins the names of its SVG files; may be empty.
    pub(crate) slug: String,
    pub(crate) sections: Vec<Section>,
}

/// One thing to see, with what to look for.
pub(crate) struct Section {
    pub(crate) title: String,
    /// What to look for: paragraphs that speak of the figures.
    pub(crate) lead: Vec<String>,
    /// What the records say: paragraphs that can stand without the figures.
    pub(crate) facts: Vec<String>,
    pub(crate) blocks: Vec<Block>,
}

pub(crate) enum Block {
    /// Beside each other where there is room.
    Figures(Vec<Figure>),
    Table(Table),
    /// A table that is folded away on a page; a terminal shows it.
    Numbers(Table),
    /// Words and their values, large.
    Facts(Vec<Fact>),
    Samples(Vec<Written>),
    /// Sentences, each in several versions, under a title that may be empty.
    Passages {
        title: String,
        all: Vec<Passage>,
    },
    /// A text file, folded away; a terminal leaves it out.
    File {
        name: String,
        content: String,
    },
    Findings(Vec<Said>),
    /// Small print under what stands before it.
    Note(String),
}

pub(crate) struct Fact {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) unit: String,
}

/// What a model wrote.
pub(crate) struct Written {
    pub(crate) label: String,
    pub(crate) note: String,
    pub(crate) paint: Paint,
    pub(crate) prompt: String,
    pub(crate) text: String,
}

/// A sentence in several versions: what was translated, what became of it, what a person made of it.
pub(crate) struct Passage {
    /// May be empty.
    pub(crate) label: String,
    pub(crate) note: String,
    pub(crate) paint: Paint,
    pub(crate) versions: Vec<Version>,
}

/// One of them, and who it is from.
pub(crate) struct Version {
    pub(crate) name: String,
    pub(crate) text: String,
    /// The paint of the model that wrote it; nothing for what a person wrote.
    pub(crate) paint: Option<Paint>,
}

impl Version {
    /// What a person wrote.
    pub(crate) fn given(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: cut(text), paint: None }
    }

    /// What a model wrote.
    pub(crate) fn written(name: impl Into<String>, text: &str, paint: Paint) -> Self {
        Self { paint: Some(paint), name: name.into(), text: cut(text) }
    }
}

/// A sentence of a length that can be read; where there is none, that is said.
fn cut(text: &str) -> String {
    match text.trim() {
        "" => "(nothing)".to_owned(),
        text => say::shortened(text, MOST_LETTERS),
    }
}

/// What a judge said.
pub(crate) struct Said {
    pub(crate) severity: Severity,
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) message: String,
}

impl Page {
    /// The page of one run; of several, side by side first and then one by one.
    pub fn of_runs(traces: &[Trace]) -> Self {
        sections::run_page(&identified(traces))
    }

    /// The page of a ladder: runs of several models on the same data, in the order of history.
    pub fn of_ladder(traces: &[Trace]) -> Self {
        sections::ladder_page(&by_history(traces))
    }

    /// The page of what a step of each model costs on this machine as its sizes grow.
    pub fn of_growth(growths: &[Growth], machine: &Machine) -> Self {
        sections::cost::page(growths, machine)
    }

    /// One HTML file that needs nothing beside itself.
    pub fn to_html(&self) -> String {
        html::written(self)
    }

    /// Sentences and tables for a terminal; `color` is for the caller to decide (`NO_COLOR`).
    pub fn to_text(&self, color: bool) -> String {
        text::written(self, color)
    }

    /// Every plot as a file of its own: its name and its content.
    pub fn svgs(&self) -> Vec<(String, String)> {
        let name = |part: &Part, figure: &Figure| match part.slug.as_str() {
            "" => format!("{}.svg", figure.slug),
            slug => format!("{slug}-{}.svg", figure.slug),
        };
        let figures = |part: &Part| -> Vec<(String, String)> {
            let blocks = part.sections.iter().flat_map(|section| &section.blocks);
            let figures = blocks.filter_map(|block| match block {
                Block::Figures(figures) => Some(figures),
                _ => None,
            });
            figures.flatten().map(|figure| (name(part, figure), figure.standalone())).collect()
        };
        self.parts.iter().flat_map(figures).collect()
    }

    /// Writes every plot into a folder, made if need be. Returns the files.
    pub fn save_svgs(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        std::fs::create_dir_all(folder)?;
        let save = |(name, content): (String, String)| {
            let path = folder.join(name);
            std::fs::write(&path, content)?;
            Ok(path)
        };
        self.svgs().into_iter().map(save).collect()
    }
}

impl Section {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), lead: Vec::new(), facts: Vec::new(), blocks: Vec::new() }
    }

    /// Adds what to look for.
    pub(crate) fn say(mut self, paragraph: impl Into<String>) -> Self {
        self.lead.push(paragraph.into());
        self
    }

    /// Adds what the records say, unless they say nothing.
    pub(crate) fn fact(mut self, paragraph: impl Into<String>) -> Self {
        let paragraph = paragraph.into();
        if !paragraph.trim().is_empty() {
            self.facts.push(paragraph.trim().to_owned());
        }
        self
    }

    pub(crate) fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    pub(crate) fn with_figure(self, figure: Figure) -> Self {
        self.with(Block::Figures(vec![figure]))
    }
}
