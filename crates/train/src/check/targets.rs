//! # targets: what shall come out is what comes next
//!
//! Tried      the batch of a language model or a translator
//! Measured   the share of targets that are the token which stands `n` places after the token they belong to: at `0`, `1`, `2`
//! Reference  how many targets there are to ask
//! Right      1 at `1`. At `0` the model shall repeat what it sees, at `2` leave one out; low everywhere, inputs and targets
//!            do not belong together

use super::{Entry, Measured, Subject};
use crate::task::Targets;
use rushlight_data::IGNORE;
use rushlight_engine::Ids;
use rushlight_models::Input;

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "targets",
    about: "what shall come out is what comes next",
    source: include_str!("targets.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let (ids, targets) = match (&subject.batch.input, &subject.batch.targets) {
        (Input::Ids(ids) | Input::Pair(_, ids), Targets::Classes(targets)) => (ids, targets),
        _ => return Vec::new(),
    };
    let Targets::Classes(raw) = &subject.raw.targets else { return Vec::new() };
    let times = ids.shape().width();
    let asks = |targets: &Ids, place: usize| targets.data()[place] != IGNORE;
    let all: Vec<usize> = (0..targets.data().len()).filter(|&place| asks(targets, place)).collect();
    let both: Vec<usize> = all.iter().copied().filter(|&place| asks(raw, place)).collect();
    // Where the data ask for nothing there is padding; unless the batch asks nowhere else.
    let places_asked = if both.is_empty() { all } else { both };
    let share = |places: usize| {
        let asked = places_asked.iter().copied().filter(|place| place % times + places < times);
        let right = |place: &usize| ids.data()[place + places] == targets.data()[*place];
        let (right, asked) = (asked.clone().filter(right).count() as f64, asked.count() as f64);
        Measured::at(places.to_string(), if asked > 0.0 { right / asked } else { f64::NAN }, asked)
    };
    [0, 1, 2].map(share).into_iter().filter(|share| share.reference > 0.0).collect()
}
