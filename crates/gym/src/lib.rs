//! The gym: real trainings in pairs, with faults put in on purpose and without, with a cure and without, and what the doctor
//! says of each. Prints nothing.
//!
//! | to | use |
//! | --- | --- |
//! | know what is trained | [`bases::of`], [`Case`], [`cases`] |
//! | train it, and keep what it leaves behind | [`Case::train`], [`Kept`] |
//! | know which faults hurt, which of them are found, and what is found where nothing is wrong | [`Board`] |
//! | know whether a change of a recipe helps | [`Bench::prove`] |
//!
//! Thresholds of rules are chosen on one half of the trainings, the tuned one, and scored on the other, the held one: the
//! halves share no model with its data. Which is which stands in [`bases`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod bases;
mod board;
mod case;
mod cure;
mod made_up;
mod training;

pub use board::{Board, Interval, Line};
pub use case::{Case, Half, cases};
pub use cure::{Bench, Cure, Pair, Proof, Trial};
pub use training::{GymError, Kept};
