//! # loss: the loss that a step tells is the mean over what counts
//!
//! Tried      a step on the batch, at a rate of 0
//! Measured   the loss that the step tells; at `padding` the same where a third of the targets do not count, and at
//!            `counted` how many it counts then
//! Reference  the mean, over the targets that count, of the loss computed apart; at `counted`, how many do
//! Right      equal but for rounding

use super::{Entry, Measured, Subject};
use crate::faults::befallen;
use crate::task::{Prepared, Targets};
use rushlight_data::IGNORE;
use rushlight_engine::Ids;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "loss",
    about: "the loss that a step tells is the mean over what counts",
    source: include_str!("loss.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    if !subject.learns() {
        return Vec::new();
    }
    let told = |raw: &Prepared| {
        let mut trial = subject.trial();
        let (reference, _) = trial.of_next_step(&counted_as(raw, subject));
        let report = trial.step(raw, 0.0);
        (report.loss, reference, report.counted)
    };
    let (loss, reference, _) = told(&subject.raw);
    let mut measured = Measured::whole(loss, reference);
    if let Targets::Classes(ids) = &subject.raw.targets {
        // Every third target no longer counts.
        let some = ids.data().iter().enumerate().map(|(i, &id)| if i % 3 == 1 { IGNORE } else { id });
        let targets = Targets::Classes(Ids::new(ids.shape(), some.collect::<Vec<_>>()));
        let raw = Prepared { targets, ..subject.raw.clone() };
        let (loss, reference, counted) = told(&raw);
        measured.push(Measured::at("padding", loss, reference));
        measured.push(Measured::at("counted", counted as f64, raw.targets.counted() as f64));
    }
    measured
}

/// What a step makes of a batch, where what does not count in the data still does not.
fn counted_as(raw: &Prepared, subject: &Subject) -> Prepared {
    let made = befallen(subject.session.recipe.fault().as_deref(), raw);
    let (Targets::Classes(before), Targets::Classes(after)) = (&raw.targets, &made.targets) else { return made };
    let pairs = before.data().iter().zip(after.data());
    let ids = pairs.map(|(&before, &after)| if before == IGNORE { IGNORE } else { after });
    Prepared { targets: Targets::Classes(Ids::new(after.shape(), ids.collect::<Vec<_>>())), ..made }
}
