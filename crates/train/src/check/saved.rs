//! # saved: what was saved and read back answers alike
//!
//! Tried      the weights, written as safetensors and read into a fresh model
//! Measured   how much the answers to the batch differ
//! Reference  the largest answer
//! Right      0, to the last bit

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
    Measured::whole(apart, largest)
}
