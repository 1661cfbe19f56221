//! # saved: what was saved and read back answers alike
//!
//! Tried      the weights, written as safetensors and read into a fresh model
//! Measured   how much the answers to the batch differ; at each parameter that comes back another one, by how much, at the most
//! Reference  the largest answer; the largest number of the parameter as it was saved
//! Right      0, to the last bit. Where a parameter comes back as nothing but zeros, both are the same number

use super::subject::difference;
use super::{Entry, Measured, Subject};
use rushlight_nn::weights;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "saved",
    about: "what was saved and read back answers alike",
    source: include_str!("saved.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    if !subject.learns() {
        return Vec::new();
    }
    let path = std::env::temp_dir().join(format!("rushlight-saved-{}-{:p}.safetensors", std::process::id(), subject));
    // Other numbers first, or nobody could say that any were read.
    let copy = subject.trial().model;
    copy.params().iter().for_each(|param| param.update(|numbers| numbers.fill(0.25)));
    let read = weights::save(&path, subject.model().params(), &[]).and_then(|()| weights::load(&path, copy.params()));
    let _ = std::fs::remove_file(&path);
    if read.is_err() {
        return Measured::whole(f64::NAN, 1.0);
    }
    if let Some(fault) = subject.fault() {
        fault.loaded(copy.params());
    }
    let before = subject.answers(&subject.batch.input);
    let after = subject.evaluate(|cx| copy.forward(cx, &subject.batch.input));
    let (apart, largest) = difference(after.data(), before.data());
    let others = copy.params().iter().zip(subject.model().params().iter()).filter_map(|(copy, param)| {
        let (apart, largest) = difference(copy.value().data(), param.value().data());
        (apart > 0.0).then(|| Measured::at(param.name(), apart, largest))
    });
    Measured::whole(apart, largest).into_iter().chain(others).collect()
}
