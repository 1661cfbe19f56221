//! Sweeps over whole sequences against their plain twins, which take a step after the other: states, gradients, and the
//! inner values that a sweep shows.

mod common;

use common::twins::{self, Swept, over_time};
use common::{Case, Draw, Unary, assert_close, assert_twins};
use rushlight_engine::{Grads, GruReset, RnnActivation, Tensor, cat, gru, lstm, no_grad, rnn, rnn_sums};

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

const ACTIVATIONS: [(RnnActivation, Unary); 3] = [
    (RnnActivation::Tanh, Tensor::tanh),
    (RnnActivation::Sigmoid, Tensor::sigmoid),
    (RnnActivation::Relu, Tensor::relu),
];

const RESETS: [GruReset; 2] = [GruReset::Before, GruReset::After];

/// The drive, the state's weight and first states of a sweep with `gates` gates; all of them leaves.
fn draw<const N: usize>((rows, steps, hidden): (usize, usize, usize), gates: usize) -> [Tensor; N] {
    let mut draw = Draw::new((rows * steps * hidden) as u64);
    let reach = 2.0 / (hidden as f32).sqrt(); // sums over the states stay near 1, where no gate is saturated
    let made = std::array::from_fn(|i| match i {
        0 => draw.values(&[rows, steps, gates * hidden]),
        1 => draw.between(&[gates * hidden, hidden], -reach, reach),
        _ => draw.between(&[rows, hidden], -1.0, 1.0),
    });
    made.map(Tensor::into_leaf)
}

/// What a GRU takes: as above, with the state's bias third.
fn draw_gru(size: (usize, usize, usize)) -> [Tensor; 4] {
    let [drive, weight, h0] = draw(size, 3);
    [drive, weight, Draw::new(3).values(&[3 * size.2]).into_leaf(), h0]
}

#[test]
fn an_rnn_sweep_equals_its_steps() {
    for size in SIZES {
        for (activation, phi) in ACTIVATIONS {
            let fused =
                Case::new(&format!("rnn {activation:?} {size:?}"), draw(size, 1), move |[drive, weight, h0]| {
                    rnn(drive.clone(), weight, h0, activation)
                });
            let plain =
                Case::new("steps", draw(size, 1), move |[drive, weight, h0]| twins::rnn(drive, weight, h0, phi).h);
            assert_twins(&fused, &plain, TOLERANCE);
        }
    }
}

#[test]
fn a_gru_sweep_equals_its_steps() {
    for size in SIZES {
        for reset in RESETS {
            let fused =
                Case::new(&format!("gru {reset:?} {size:?}"), draw_gru(size), move |[drive, weight, bias, h0]| {
                    gru(drive.clone(), weight, bias, h0, reset).h
                });
            let plain = Case::new("steps", draw_gru(size), move |[drive, weight, bias, h0]| {
                twins::gru(drive, weight, bias, h0, reset).h
            });
            assert_twins(&fused, &plain, TOLERANCE);
        }
    }
}

#[test]
fn an_lstm_sweep_equals_its_steps() {
    for size in SIZES {
        let check = |name: &str, taken: fn(Tensor, Tensor) -> Tensor| {
            let fused =
                Case::new(&format!("{name} of lstm {size:?}"), draw(size, 4), move |[drive, weight, h0, c0]| {
                    let swept = lstm(drive.clone(), weight, h0, c0);
                    taken(swept.h, swept.last_c)
                });
            let plain = Case::new("steps", draw(size, 4), move |[drive, weight, h0, c0]| {
                let (swept, _, last_c) = twins::lstm(drive, weight, h0, c0);
                taken(swept.h, last_c)
            });
            assert_twins(&fused, &plain, TOLERANCE);
        };
        check("h and the last c", |h, last_c| cat(&[&h.reshape(&[h.count()]), &last_c.reshape(&[last_c.count()])], 0));
        check("h", |h, _| h);
        check("the last c", |_, last_c| last_c);
    }
}

/// The gates that a sweep shows, and their gradient when tapped, against the plain twin's gates and sums.
#[track_caller]
fn assert_gates(gates: &Tensor, h: &Tensor, plain: &Swept) {
    assert_close("gates", gates, &plain.gates, TOLERANCE);
    gates.tap();
    let gradient = loss(h).take(gates).expect("the gates are tapped");
    let mut grads = loss(&plain.h);
    let beside = |sums: &Vec<Tensor>| {
        let gradients: Vec<Tensor> = sums.iter().map(|sum| grads.take(sum).expect("the sums are tapped")).collect();
        cat(&gradients.iter().collect::<Vec<_>>(), 1)
    };
    assert_close(
        "gradient of the sums",
        &gradient,
        &over_time(&plain.sums.iter().map(beside).collect::<Vec<_>>()),
        TOLERANCE,
    );
}

/// The gradients of a loss that reads all of `h`.
fn loss(h: &Tensor) -> Grads {
    h.square().sum().backward()
}

#[test]
fn an_lstm_shows_its_gates_and_cells() {
    for size in SIZES {
        let [drive, weight, h0, c0] = draw(size, 4);
        let fused = lstm(drive.clone(), &weight, &h0, &c0);
        let (plain, cells, _) = twins::lstm(&drive, &weight, &h0, &c0);
        assert_close("cells", &fused.cells, &cells, TOLERANCE);
        assert_gates(&fused.gates, &fused.h, &plain);
    }
}

#[test]
fn a_gru_shows_its_gates() {
    for size in SIZES {
        for reset in RESETS {
            let [drive, weight, bias, h0] = draw_gru(size);
            let fused = gru(drive.clone(), &weight, &bias, &h0, reset);
            assert_gates(&fused.gates, &fused.h, &twins::gru(&drive, &weight, &bias, &h0, reset));
        }
    }
}

#[test]
fn the_sums_of_an_rnn_are_made_again_with_their_gradient() {
    for size in SIZES {
        let [drive, weight, h0] = draw(size, 1);
        let h = rnn(drive.clone(), &weight, &h0, RnnActivation::Tanh);
        let sums = rnn_sums(&drive, &weight, &h0, &h);
        sums.tap();
        let gradient = loss(&h).take(&sums).expect("the sums are tapped");
        let plain = twins::rnn(&drive, &weight, &h0, Tensor::tanh);
        let grads = loss(&plain.h);
        let of_all = |f: fn(&Tensor, &Grads) -> Tensor| {
            over_time(&plain.sums.iter().map(|sum| f(&sum[0], &grads)).collect::<Vec<_>>())
        };
        assert_close("sums", &sums, &of_all(|sum, _| sum.clone()), TOLERANCE);
        assert_close(
            "gradient",
            &gradient,
            &of_all(|sum, grads| grads.of(sum).expect("the sums are tapped").clone()),
            TOLERANCE,
        );
    }
}

#[test]
fn tapped_states_have_their_gradients() {
    let [drive, weight, h0, c0] = draw((5, 4, 31), 4);
    let swept = lstm(drive.clone(), &weight, &h0, &c0);
    [&swept.h, &swept.last_c].into_iter().for_each(Tensor::tap);
    let grads = (swept.h.square().sum() + swept.last_c.square().sum()).backward();
    for state in [&swept.h, &swept.last_c] {
        assert_eq!(grads.of(state).expect("the state is tapped").data(), (state * 2.0).data());
    }
}

#[test]
fn tapping_a_sweep_changes_no_bit() {
    let inputs: [Tensor; 4] = draw((15, 9, 17), 4);
    let gradients = |tapping: bool| {
        let [drive, weight, h0, c0] = &inputs;
        let swept = lstm(drive.clone(), weight, h0, c0);
        if tapping {
            [&swept.gates, &swept.h, &swept.last_c].into_iter().for_each(Tensor::tap);
        }
        let grads = (swept.h.square().sum() + swept.last_c.square().sum()).backward();
        inputs.iter().map(|x| grads.of(x).expect("every input takes part").data().to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(gradients(true), gradients(false));
}

#[test]
fn a_sweep_in_two_pieces_is_the_whole_sweep() {
    let (rows, hidden) = (5, 31);
    let last = |h: &Tensor| h.narrow(1, h.shape()[1] - 1, 1).reshape(&[rows, hidden]);
    let pieces = |drive: &Tensor| [drive.narrow(1, 0, 4), drive.narrow(1, 4, 5)];

    let [drive, weight, h0, c0] = draw((rows, 9, hidden), 4);
    let (whole, [first, second]) = (lstm(drive.clone(), &weight, &h0, &c0), pieces(&drive));
    let first = lstm(first, &weight, &h0, &c0);
    let second = lstm(second, &weight, &last(&first.h), &first.last_c);
    assert_close("lstm, h", &cat(&[&first.h, &second.h], 1), &whole.h, TOLERANCE);
    assert_close("lstm, c", &second.last_c, &whole.last_c, TOLERANCE);

    let [drive, weight, bias, h0] = draw_gru((rows, 9, hidden));
    for reset in RESETS {
        let (whole, [first, second]) = (gru(drive.clone(), &weight, &bias, &h0, reset), pieces(&drive));
        let first = gru(first, &weight, &bias, &h0, reset);
        let second = gru(second, &weight, &bias, &last(&first.h), reset);
        assert_close("gru", &cat(&[&first.h, &second.h], 1), &whole.h, TOLERANCE);
    }

    let [drive, weight, h0] = draw((rows, 9, hidden), 1);
    for (activation, _) in ACTIVATIONS {
        let (whole, [first, second]) = (rnn(drive.clone(), &weight, &h0, activation), pieces(&drive));
        let first = rnn(first, &weight, &h0, activation);
        let second = rnn(second, &weight, &last(&first), activation);
        assert_close("rnn", &cat(&[&first, &second], 1), &whole, TOLERANCE);
    }
}

#[test]
fn a_sweep_without_gradients_records_nothing() {
    no_grad(|| {
        let [drive, weight, h0, c0] = draw((2, 3, 5), 4);
        let swept = lstm(drive.clone(), &weight, &h0, &c0);
        assert!([&swept.h, &swept.last_c, &swept.gates, &swept.cells].iter().all(|x| !x.has_history()));
        let [drive, weight, bias, h0] = draw_gru((2, 3, 5));
        let swept = gru(drive.clone(), &weight, &bias, &h0, GruReset::After);
        assert!(!swept.h.has_history() && !swept.gates.has_history());
        let [drive, weight, h0] = draw((2, 3, 5), 1);
        assert!(!rnn(drive.clone(), &weight, &h0, RnnActivation::Tanh).has_history());
    });
}
