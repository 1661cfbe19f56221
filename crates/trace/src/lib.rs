//! What a run leaves behind, as plain data: its folder, its records, its findings.
//! Knows no tensors and no models, measures nothing and judges nothing.
//!
//! | to | use |
//! | --- | --- |
//! | begin, continue or look at a run's folder | [`RunFolder`], [`RunWriter`] |
//! | say what a run is (`run.json`) | [`RunCard`] |
//! | write what was measured (`metrics.jsonl`) | [`Record`], [`Journal`] |
//! | let TensorBoard see it too | [`EventFile`] |
//! | listen while a run goes on, and ask it to stop | [`Observer`] |
//! | read it all back | [`Trace`] |
//! | read what another program has logged as a run | [`foreign::read`] |

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod card;
mod checkpoint;
mod clock;
mod disk;
mod error;
mod events;
mod finding;
mod folder;
pub mod foreign;
mod histogram;
mod journal;
mod lines;
mod lock;
mod number;
mod observer;
mod record;
mod trace;
mod wire;
mod writer;

pub use card::{DataCard, Machine, ModelCard, RunCard, TextCard};
pub use checkpoint::{Checkpoint, PendingCheckpoint, Regular, Which};
pub use clock::{since_1970, utc};
pub use disk::write_atomic;
pub use error::TraceError;
pub use events::EventFile;
pub use finding::{Component, Finding, Severity};
pub use folder::{RunFolder, runs_under};
pub use histogram::Histogram;
pub use journal::Journal;
pub use observer::Observer;
pub use record::{
    AttentionMap, Axis, ByLength, Confusion, Cost, Done, Evaluation, GradientDistance, Layer, LayerShape, LengthUnit,
    LossUnit, OfIntent, OfLength, OfSlot, OfSureness, Parameter, Probe, Reach, Recall, Record, Sample, Saturation,
    Searched, Shape, SiteKind, Step, Translation, Translations, Understanding, Weight, Yardstick, Yardsticks,
};
pub use trace::Trace;
pub use writer::RunWriter;
