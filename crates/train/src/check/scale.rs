//! # scale: how large values are on their way through the model
//!
//! Tried      the batch
//! Measured   the root mean square of the values at each site, in the order of the pass
//! Reference  how many values there are
//! Right      norms give 1 before they have learned; an activation is not larger than what goes into it; nothing is 0

use super::{Entry, Measured, Subject};
use crate::watch::Watch;
use rushlight_nn::SiteKind;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "scale",
    about: "how large values are on their way through the model",
    source: include_str!("scale.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let mut watch = Watch::default();
    let input = &subject.batch.input;
    subject.watched(&mut watch, |cx| subject.model().forward(cx, input));
    let shown = watch.sites().filter(|(_, kind, _)| !matches!(kind, SiteKind::Attention | SiteKind::Gate));
    shown
        .map(|(site, _, tensor)| {
            let count = tensor.count().max(1) as f64;
            Measured::at(site, (tensor.sum_of_squares() / count).sqrt(), count)
        })
        .collect()
}
