//! Sweeps over whole sequences against their plain twins, which take a step after the other: states, gradients, and the
//! inner values that a sweep shows.

mod common;

use common::twins::{self, over_time};
use common::{Case, Draw, assert_close, assert_twins};
use rushlight_engine::{Grads, Tensor, cat, lstm, no_grad};

/// Errors of a step are carried on to the next; seventeen steps of sums over up to 257 states stay well below.
const TOLERANCE: f64 = 1e-5;

/// Rows, steps, hidden units: a single one of each; few rows or steps, for which weights are used as they lie; one block of
/// rows, two, and many; widths around those of vectors and of blocks of 128.
const SIZES: [(usize, usize, usize); 10] = [
    (1, 1, 1),
    (2, 3, 5),
    (1, 17, 7),
    (3, 2, 33),
    (4, 3, 16),
    (5, 4, 31),
    (15, 9, 17),
    (29, 5, 128),
    (33, 2, 131),
    (67, 3, 257),
];

/// The drive, the state's weight and `states` first states of a sweep with `gates` gates.
fn draw<const N: usize>((rows, steps, hidden): (usize, usize, usize), gates: usize) -> [Tensor; N] {
    let mut draw = Draw::new((rows * steps * hidden) as u64);
    let reach = 2.0 / (hidden as f32).sqrt(); // sums over the states stay near 1, where no gate is saturated
    std::array::from_fn(|i| match i {
        0 => draw.values(&[rows, steps, gates * hidden]),
        1 => draw.between(&[gates * hidden, hidden], -reach, reach),
        _ => draw.between(&[rows, hidden], -1.0, 1.0),
    })
}

/// Both as one row, so that one cotangent reaches both.
fn joined(a: &Tensor, b: &Tensor) -> Tensor {
    cat(&[&a.reshape(&[a.count()]), &b.reshape(&[b.count()])], 0)
}

#[test]
fn an_lstm_sweep_equals_its_steps() {
    for size in SIZES {
        let check = |name: &str, taken: fn(Tensor, Tensor) -> Tensor| {
            let fused =
                Case::new(&format!("{name} of lstm {size:?}"), draw(size, 4), move |[drive, weight, h0, c0]| {
                    let swept = lstm(drive, weight, h0, c0);
                    taken(swept.h, swept.last_c)
                });
            let plain = Case::new("steps", draw(size, 4), move |[drive, weight, h0, c0]| {
                let swept = twins::lstm(drive, weight, h0, c0);
                taken(swept.h, swept.last_c)
            });
            assert_twins(&fused, &plain, TOLERANCE);
        };
        check("h and the last c", |h, last_c| joined(&h, &last_c));
        check("h", |h, _| h);
        check("the last c", |_, last_c| last_c);
    }
}

#[test]
fn an_lstm_sweep_shows_its_gates_and_cells() {
    for size in SIZES {
        let [drive, weight, h0, c0] = draw(size, 4);
        let fused = lstm(&drive, &weight, &h0, &c0);
        let plain = twins::lstm(&drive, &weight, &h0, &c0);
        assert_close("gates", &fused.gates, &plain.gates, TOLERANCE);
        assert_close("cells", &fused.cells, &plain.cells, TOLERANCE);
    }
}

#[test]
fn tapped_gates_of_an_lstm_have_the_gradient_before_their_functions() {
    for size in SIZES {
        let inputs = draw::<4>(size, 4).map(Tensor::into_leaf);
        let [drive, weight, h0, c0] = &inputs;
        let fused = lstm(drive, weight, h0, c0);
        fused.gates.tap();
        let gradient = loss(&fused.h, &fused.last_c).take(&fused.gates).expect("the gates are tapped");
        let plain = twins::lstm(drive, weight, h0, c0);
        let mut grads = loss(&plain.h, &plain.last_c);
        let sums: Vec<Tensor> = plain.sums.iter().map(|sum| grads.take(sum).expect("the sums are tapped")).collect();
        assert_close("gates", &gradient, &over_time(&sums), TOLERANCE);
    }
}

/// The gradients of a loss that reads all states.
fn loss(h: &Tensor, last_c: &Tensor) -> Grads {
    (h.square().sum() + last_c.square().sum()).backward()
}

#[test]
fn tapped_states_of_an_lstm_have_their_gradients() {
    let [drive, weight, h0, c0] = draw((5, 4, 31), 4).map(Tensor::into_leaf);
    let swept = lstm(&drive, &weight, &h0, &c0);
    [&swept.h, &swept.last_c].into_iter().for_each(Tensor::tap);
    let grads = loss(&swept.h, &swept.last_c);
    for state in [&swept.h, &swept.last_c] {
        assert_eq!(grads.of(state).expect("the state is tapped").data(), (state * 2.0).data());
    }
}

#[test]
fn tapping_a_sweep_changes_no_bit() {
    let inputs = draw::<4>((15, 9, 17), 4).map(Tensor::into_leaf);
    let gradients = |tapping: bool| {
        let [drive, weight, h0, c0] = &inputs;
        let swept = lstm(drive, weight, h0, c0);
        if tapping {
            [&swept.gates, &swept.h, &swept.last_c].into_iter().for_each(Tensor::tap);
        }
        let grads = loss(&swept.h, &swept.last_c);
        inputs.iter().map(|x| grads.of(x).expect("every input takes part").data().to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(gradients(true), gradients(false));
}

#[test]
fn a_sweep_in_two_pieces_is_the_whole_sweep() {
    let [drive, weight, h0, c0] = draw((5, 9, 31), 4);
    let whole = lstm(&drive, &weight, &h0, &c0);
    let first = lstm(&drive.narrow(1, 0, 4), &weight, &h0, &c0);
    let last_h = first.h.narrow(1, 3, 1).reshape(&[5, 31]);
    let second = lstm(&drive.narrow(1, 4, 5), &weight, &last_h, &first.last_c);
    assert_close("h", &cat(&[&first.h, &second.h], 1), &whole.h, TOLERANCE);
    assert_close("c", &second.last_c, &whole.last_c, TOLERANCE);
}

#[test]
fn a_sweep_without_gradients_records_nothing() {
    let [drive, weight, h0, c0] = draw((2, 3, 5), 4).map(Tensor::into_leaf);
    let swept = no_grad(|| lstm(&drive, &weight, &h0, &c0));
    assert!([&swept.h, &swept.last_c, &swept.gates, &swept.cells].iter().all(|x| !x.has_history()));
}
