//! What understands sentences: which weights of a training are its best.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Place, TEXT_CNN};
use rushlight_trace::{Record, Which};

#[test]
fn of_what_understands_the_best_weights_are_those_that_are_right_most_often() {
    let place = Place::new();
    let sets = ["train.steps=150", "data.validation=0.4", "data.test=0.1"];
    let (run, _) = place.train("run", TEXT_CNN, &sets);
    let all: Vec<_> = place
        .records("run")
        .into_iter()
        .filter_map(|record| match record {
            Record::Evaluation(one) if one.split == "validation" => Some((one.step, one.top1.unwrap(), one.loss)),
            _ => None,
        })
        .collect();
    let best = run.folder().checkpoint(Which::Best).unwrap().step;
    let lowest = all.iter().min_by(|a, b| a.2.total_cmp(&b.2)).unwrap();
    let most = all.iter().map(|one| one.1).fold(0.0, f64::max);
    assert_eq!(all.iter().find(|one| one.1 == most).unwrap().0, best, "{all:?}");
    assert_ne!(lowest.0, best, "the loss would have chosen the same: {all:?}");
}
