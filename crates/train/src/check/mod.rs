//! Exact probes: what must hold of any training, whatever it learns, tried on a small batch before the first step or after
//! the last. They measure; whoever reads the records judges. A file a probe; this page lists them, and nothing else does.

use crate::{Session, TrainError};
use rushlight_trace::{Probe, Record};

pub mod accumulated;
pub mod attention;
pub mod batches;
pub mod cached_step;
pub mod carried;
pub mod columns;
pub mod company;
pub mod dimensions;
pub mod evaluated_twice;
pub mod fresh_gradient;
pub mod future;
pub mod inputs;
mod inside;
pub mod labels;
pub mod leaked;
pub mod lengths;
pub mod loss;
pub mod memorised;
pub mod moved;
pub mod normalised;
pub mod norms;
pub mod order;
pub mod padding;
pub mod sampling;
pub mod saved;
pub mod scale;
pub mod slope;
pub mod source;
pub mod start;
pub(crate) mod subject;
pub mod swapped;
pub mod targets;
pub mod together;
pub mod unknown;

pub use inside::{in_common, weights};
pub use subject::Subject;

/// Every probe, in the order in which they are tried.
pub const ALL: &[Entry] = &[
    leaked::ENTRY,
    swapped::ENTRY,
    unknown::ENTRY,
    lengths::ENTRY,
    columns::ENTRY,
    labels::ENTRY,
    batches::ENTRY,
    inputs::ENTRY,
    targets::ENTRY,
    together::ENTRY,
    start::ENTRY,
    normalised::ENTRY,
    loss::ENTRY,
    scale::ENTRY,
    norms::ENTRY,
    dimensions::ENTRY,
    carried::ENTRY,
    future::ENTRY,
    padding::ENTRY,
    company::ENTRY,
    order::ENTRY,
    source::ENTRY,
    attention::ENTRY,
    cached_step::ENTRY,
    evaluated_twice::ENTRY,
    slope::ENTRY,
    moved::ENTRY,
    fresh_gradient::ENTRY,
    accumulated::ENTRY,
    saved::ENTRY,
    sampling::ENTRY,
    memorised::ENTRY,
];

/// A probe in the list.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its name in records.
    pub name: &'static str,
    /// What holds where all is well, in a line.
    pub about: &'static str,
    /// Its file, whose header explains it.
    pub source: &'static str,
    /// Measures; nothing, where the probe has no meaning.
    pub measure: fn(&Subject) -> Vec<Measured>,
}

/// What a probe measured at a place, held against a reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Where: a site, a parameter; empty for the model as a whole.
    pub place: String,
    /// What was measured.
    pub measured: f64,
    /// What it is held against.
    pub reference: f64,
}

impl Measured {
    /// At a place.
    pub(crate) fn at(place: impl Into<String>, measured: f64, reference: f64) -> Self {
        Self { place: place.into(), measured, reference }
    }

    /// Of the model as a whole.
    pub(crate) fn whole(measured: f64, reference: f64) -> Vec<Self> {
        vec![Self::at("", measured, reference)]
    }
}

/// Tries every probe on `session` as it is, and looks at its weights and inside it once; `step` says how far it has come.
/// The session is not changed.
///
/// # Errors
/// Data that are read only now and can no longer be read.
pub fn check(session: &Session) -> Result<Vec<Record>, TrainError> {
    let step = session.progress.step;
    let subject = Subject::of(session)?;
    let mut records = inside::records(&subject, step);
    for entry in ALL {
        records.extend((entry.measure)(&subject).into_iter().map(|Measured { place, measured, reference }| {
            Record::Probe(Probe { step, name: entry.name.to_owned(), place, measured, reference })
        }));
    }
    Ok(records)
}
