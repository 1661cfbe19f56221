//! # dimensions: every dimension of the token vectors says something
//!
//! Tried      the batch
//! Measured   how many dimensions are the same number at all places, where tokens have just become vectors
//! Reference  how many dimensions there are
//! Right      0: random vectors differ in all of them, and positions add to that

use super::{Entry, Measured, Subject};
use crate::watch::Watch;
use rushlight_engine::Tensor;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "dimensions",
    about: "every dimension of the token vectors says something",
    source: include_str!("dimensions.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let mut watch = Watch::default();
    subject.watched(&mut watch, |cx| subject.model().forward(cx, &subject.batch.input));
    let embedded = watch.sites().filter(|(site, ..)| site.rsplit('.').next() == Some("embed"));
    embedded.map(|(site, _, vectors)| Measured::at(site, alike(vectors) as f64, vectors.width() as f64)).collect()
}

/// Columns of one number, of two rows or more.
fn alike(vectors: &Tensor) -> usize {
    let width = vectors.width().max(1);
    let mut rows = vectors.data().chunks_exact(width);
    let (Some(first), true) = (rows.next(), vectors.count() > width) else { return 0 };
    let mut same = vec![true; width];
    rows.for_each(|row| same.iter_mut().zip(row.iter().zip(first)).for_each(|(same, (x, first))| *same &= x == first));
    same.into_iter().filter(|same| *same).count()
}
