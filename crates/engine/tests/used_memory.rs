//! Memory comes back from the pool with whatever it held before: no result may depend on that. The pool is shared by the
//! whole process, so the test is alone in its file.

mod common;

use common::cases::{self, Axes, SMALL};
use rushlight_engine::{Tensor, pool};

/// Widths beyond a vector and rows beyond a block, yet small enough to fill all memory that is asked for.
const MIDDLE: Axes = Axes { b: 3, t: 19, d: 17, h: 33, v: 23 };

#[test]
fn results_do_not_depend_on_what_memory_held() {
    pool::trim();
    let clean = results();
    leave_behind(f32::NAN);
    let used = results();
    for ((name, clean), (_, used)) in clean.iter().zip(&used) {
        assert!(clean == used, "{name}: reads memory that it has not written");
    }
}

/// The bits of the output and the gradients of every case.
fn results() -> Vec<(String, Vec<u32>)> {
    let cases = [SMALL, MIDDLE].into_iter().flat_map(cases::all).chain(cases::twice(SMALL));
    cases
        .map(|case| (case.name.clone(), case.run().iter().flat_map(|x| x.data()).map(|x| x.to_bits()).collect()))
        .collect()
}

/// Fills memory of every size up to 64 Ki numbers with `value` and gives it back to the pool.
fn leave_behind(value: f32) {
    const MOST: usize = 64 * 1024;
    const COPIES: usize = 12; // more than any operation here holds of one size
    let sizes = std::iter::successors(Some(16_usize), |size| Some((size + size / 16).next_multiple_of(16)));
    let held: Vec<Tensor> = sizes
        .take_while(|&size| size <= MOST)
        .flat_map(|size| (0..COPIES).map(move |_| Tensor::full(&[size], value)))
        .collect();
    drop(held);
}
