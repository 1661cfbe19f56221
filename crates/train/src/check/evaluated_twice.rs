//! # evaluated_twice: an evaluation has no chance in it
//!
//! Tried      the batch, evaluated twice
//! Measured   how much the answers differ, and before them what differs first, at its site
//! Reference  the largest answer
//! Right      0, to the last bit; dropout that was left on shows here

use super::subject::difference;
use super::{Entry, Measured, Subject};
use crate::watch::Watch;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "evaluated_twice",
    about: "an evaluation has no chance in it",
    source: include_str!("evaluated_twice.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let pass = || {
        let mut watch = Watch::default();
        let answers = subject.watched(&mut watch, |cx| subject.model().forward(cx, &subject.batch.input));
        (watch, answers)
    };
    let [one, other] = [(); 2].map(|()| pass());
    let sites = one.0.sites().zip(other.0.sites());
    let first = sites.map(|((site, _, one), (.., other))| {
        let (apart, largest) = difference(other.data(), one.data());
        Measured::at(site, apart, largest)
    });
    let (apart, largest) = difference(other.1.data(), one.1.data());
    let whole = Measured::at("", apart, largest);
    first.filter(|site| site.measured > 0.0).take(1).chain([whole]).collect()
}
