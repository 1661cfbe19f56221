//! # unknown: the vocabulary knows the text
//!
//! Tried      up to 100,000 ids of each part, where the tokenizer has an unknown token
//! Measured   how many of them are the unknown token
//! Reference  how many there are
//! Right      few

use super::{Entry, Measured, Subject};
use rushlight_data::PartName;

/// This probe in the list.
pub const ENTRY: Entry =
    Entry { name: "unknown", about: "the vocabulary knows the text", source: include_str!("unknown.rs"), measure };

const MOST: usize = 100_000;

fn measure(subject: &Subject) -> Vec<Measured> {
    let corpus = &subject.session.corpus;
    let Some(unknown) = corpus.tokenizer.as_ref().and_then(|tokenizer| tokenizer.unknown()) else { return Vec::new() };
    let of_part = |name: PartName| {
        let part = corpus.part(name);
        let stream = (!part.is_empty()).then(|| part.id_stream())?;
        let ids = stream.first(MOST).ok()?;
        let count = ids.iter().filter(|&&id| id == unknown).count();
        Some(Measured::at(name.name(), count as f64, ids.len() as f64))
    };
    PartName::ALL.into_iter().filter_map(of_part).collect()
}
