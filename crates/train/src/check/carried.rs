//! # carried: what goes around a sublayer is what came in
//!
//! Tried      the batch, through a Transformer, in evaluation
//! Measured   how far the values that go around the first sublayer of each layer are from those that the layer before gave
//! Reference  the largest of the latter
//! Right      0, to the last bit

use super::subject::difference;
use super::{Entry, Measured, Subject};
use crate::watch::Watch;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "carried",
    about: "what goes around a sublayer is what came in",
    source: include_str!("carried.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let mut watch = Watch::default();
    subject.watched(&mut watch, |cx| subject.model().forward(cx, &subject.batch.input));
    let (mut came, mut measured) = (None, Vec::new());
    for (site, _, tensor) in watch.sites() {
        let word = site.rsplit('.').next().unwrap_or(site);
        if ["embed", "x", "y"].contains(&word) {
            came = Some(tensor);
        } else if (word == "skip1" || site.ends_with("attention.skip"))
            && let Some(came) = came.take().filter(|came| came.shape() == tensor.shape())
        {
            let (apart, largest) = difference(tensor.data(), came.data());
            measured.push(Measured::at(site, apart, largest));
        }
    }
    measured
}
