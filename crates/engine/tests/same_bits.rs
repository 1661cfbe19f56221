//! The same bits on one thread, on two and on three, for every operation, there and back, at sizes at which the work is
//! shared. Speed is measured elsewhere.

mod common;

use common::Case;
use common::cases::{self, LARGE, SMALL};
use rushlight_engine::{threads, with_threads};

#[test]
fn one_thread_and_more_give_the_same_bits() {
    check(&cases::all(LARGE));
}

#[test]
fn small_work_gives_the_same_bits() {
    check(&cases::all(SMALL));
    check(&cases::twice(SMALL));
}

fn check(cases: &[Case]) {
    let alone = on_threads(1, cases);
    for count in [2, 3] {
        let shared = on_threads(count, cases);
        let different: Vec<&str> = cases
            .iter()
            .zip(alone.iter().zip(&shared))
            .filter(|(_, (a, b))| a != b)
            .map(|(case, _)| case.name.as_str())
            .collect();
        assert!(different.is_empty(), "one thread and {count} differ in {different:?}");
    }
}

/// The bits of the output and the gradients of every case.
fn on_threads(count: usize, cases: &[Case]) -> Vec<Vec<Vec<u32>>> {
    with_threads(count, || {
        assert_eq!(threads(), count);
        cases
            .iter()
            .map(|case| case.run().iter().map(|x| x.data().iter().map(|x| x.to_bits()).collect()).collect())
            .collect()
    })
}
