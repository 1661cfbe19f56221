//! Every judgement: rules over what a run has left behind, a file each. Measures nothing, and knows no tensors and no models.
//!
//! | to | use |
//! | --- | --- |
//! | look at a run, or at the records of one that goes on | [`Exam`], [`examine`] |
//! | know what a rule says and why | [`rules::ALL`], [`Rule`] |
//! | leave rules out | [`Chosen`] |
//! | tick off what must hold before the first step | [`checklist::ALL`] |

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod checklist;
mod course;
mod exam;
mod examine;
mod looks;
mod names;
mod patient;
mod rule;
pub mod rules;

pub use exam::{Exam, Lack};
pub use examine::{Chosen, Report, examine};
pub use patient::Patient;
pub use rule::Rule;
