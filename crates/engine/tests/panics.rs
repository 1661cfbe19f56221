//! Mistakes of the calling code panic with the operation's name, the shapes, and the caller's line. What a user can get
//! wrong is caught before it comes here.

use rushlight_engine::{
    AttentionMask, CrossEntropy, GruReset, Ids, Rng, RnnActivation, Tensor, attention, attention_plain, attention_step,
    attention_weights, cat, cross_entropy, dropout, embedding, gru, layer_norm, linear, lstm, rnn, self_attention,
    stack,
};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::Once;

thread_local! {
    static FILE: Cell<String> = const { Cell::new(String::new()) };
}

/// Runs what must panic; its message holds every one of `parts`, and its place is in this file.
#[track_caller]
fn check<R>(parts: &[&str], mistake: impl FnOnce() -> R) {
    static QUIET: Once = Once::new();
    // Keeps where the panic was, for the thread that it was in. Panics of the tests themselves are still shown.
    QUIET.call_once(|| {
        let shown = std::panic::take_hook();
        set_hook(Box::new(move |panic| {
            FILE.set(panic.location().map_or(String::new(), |place| place.file().to_string()));
            if !CHECKING.get() {
                shown(panic);
            }
        }));
    });
    CHECKING.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(|| drop(mistake())));
    CHECKING.set(false);
    let panic = outcome.expect_err("a mistake must panic");
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(panic.downcast_ref::<&str>().copied())
        .expect("a message");
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
    assert!(FILE.take().ends_with("panics.rs"), "not the caller's line: {message}");
}

thread_local! {
    static CHECKING: Cell<bool> = const { Cell::new(false) };
}

fn zeros(shape: &[usize]) -> Tensor {
    Tensor::zeros(shape)
}

#[test]
fn making() {
    check(&["tensor", "[2, 3]", "5"], || Tensor::new(&[2, 3], [0.0; 5]));
    check(&["tensor", "[2, 3]", "5"], || Tensor::leaf(&[2, 3], [0.0; 5]));
    check(&["ids", "[2, 3]", "5"], || Ids::new(&[2, 3], [0; 5]));
    check(&["ids", "[4]", "6"], || Ids::new(&[2, 3], [0; 6]).reshape(&[4]));
    check(&["shape", "7", "6"], || zeros(&[1; 7]));
}

#[test]
fn arithmetic() {
    let (a, b) = (zeros(&[2, 3]), zeros(&[2]));
    check(&["Add", "[2, 3]", "[2]"], || &a + &b);
    check(&["Subtract", "[2, 3]", "[2]"], || &a - &b);
    check(&["Multiply", "[2, 3]", "[2]"], || &a * &b);
    check(&["Divide", "[2, 3]", "[2]"], || &a / &b);
    check(&["Add", "[2, 3]", "[2]"], || a.clone() + b.clone());
}

#[test]
fn products() {
    check(&["matmul", "[2, 3]", "[5, 7]"], || zeros(&[2, 3]).matmul(&zeros(&[5, 7])));
    check(&["matmul", "[2, 3, 5]", "[4, 5, 7]"], || zeros(&[2, 3, 5]).matmul(&zeros(&[4, 5, 7])));
    check(&["matmul", "[3]", "[3, 5]"], || zeros(&[3]).matmul(&zeros(&[3, 5])));
    check(&["linear", "[2, 3]", "[7, 5]"], || linear(&zeros(&[2, 3]), &zeros(&[7, 5]), None));
    check(&["linear", "[5]"], || linear(&zeros(&[2, 5]), &zeros(&[5]), None));
    check(&["linear", "[5]", "[7]"], || linear(&zeros(&[2, 5]), &zeros(&[7, 5]), Some(&zeros(&[5]))));
    check(&["linear", "[]", "[7, 1]"], || linear(&zeros(&[]), &zeros(&[7, 1]), None));
}

#[test]
fn embeddings() {
    check(&["embedding", "11", "5"], || embedding(&zeros(&[5, 3]), &Ids::new(&[2], [4, 11])));
    check(&["embedding", "[5]"], || embedding(&zeros(&[5]), &Ids::new(&[1], [0])));
}

#[test]
fn norms_and_dropout() {
    check(&["layer_norm", "[2, 5]", "[3]"], || layer_norm(&zeros(&[2, 5]), &zeros(&[3]), &zeros(&[5]), 1e-5));
    check(&["layer_norm", "[2, 5]", "[3]"], || layer_norm(&zeros(&[2, 5]), &zeros(&[5]), &zeros(&[3]), 1e-5));
    check(&["dropout", "1"], || dropout(&zeros(&[2]), 1.0, &Rng::new(1)));
    check(&["dropout", "-0.5"], || dropout(&zeros(&[2]), -0.5, &Rng::new(1)));
}

#[test]
fn sweeps() {
    let check_lstm = |parts: &[&str], drive: &[usize], weight: &[usize], h0: &[usize], c0: &[usize]| {
        check(parts, || lstm(zeros(drive), &zeros(weight), &zeros(h0), &zeros(c0)));
    };
    check_lstm(&["lstm", "[2, 3, 19]", "[20, 5]"], &[2, 3, 19], &[20, 5], &[2, 5], &[2, 5]);
    check_lstm(&["lstm", "[2, 3, 20]", "[20, 4]"], &[2, 3, 20], &[20, 4], &[2, 5], &[2, 5]);
    check_lstm(&["lstm", "[2, 3, 20]", "[4, 5]"], &[2, 3, 20], &[20, 5], &[4, 5], &[4, 5]);
    check_lstm(&["lstm", "[2, 0, 20]"], &[2, 0, 20], &[20, 5], &[2, 5], &[2, 5]);
    check_lstm(&["lstm", "[2, 5]", "[2, 4]"], &[2, 3, 20], &[20, 5], &[2, 5], &[2, 4]);
    let gru = |bias: &[usize], h0: &[usize]| {
        gru(zeros(&[2, 3, 15]), &zeros(&[15, 5]), &zeros(bias), &zeros(h0), GruReset::After)
    };
    check(&["gru", "[2, 3, 15]", "[15, 5]", "[2, 4]"], || gru(&[15], &[2, 4]));
    check(&["gru", "[14]", "[15]"], || gru(&[14], &[2, 5]));
    let rnn = |h0: &[usize]| rnn(zeros(&[2, 3, 5]), &zeros(&[5, 5]), &zeros(h0), RnnActivation::Tanh);
    check(&["rnn", "[2, 3, 5]", "[5, 5]", "[5]"], || rnn(&[5]));
}

#[test]
fn attentions() {
    let [x, longer, wider] = [[2, 3, 8], [2, 5, 8], [2, 3, 12]].map(|shape| zeros(&shape));
    let all = AttentionMask::default();
    check(&["attention", "[2, 3, 8]", "[2, 3, 12]"], || attention(&x, &wider, &wider, 2, all));
    check(&["attention", "[2, 3, 8]", "[2, 5, 8]"], || attention(&x, &x, &longer, 2, all));
    check(&["attention", "3 heads", "[2, 3, 8]"], || attention(&x, &x, &x, 3, all));
    check(&["attention", "[6, 8]"], || attention(&zeros(&[6, 8]), &x, &x, 2, all));
    check(&["self_attention", "4 heads", "[2, 3, 18]"], || self_attention(&zeros(&[2, 3, 18]), 4, all));
    check(&["attention_weights", "3 heads", "8"], || attention_weights(&x, &x, 3, all));
    check(&["attention_weights", "[2, 3, 8]", "[2, 3, 12]"], || attention_weights(&x, &wider, 2, all));
    check(&["attention_plain", "[2, 3, 8]", "[2, 5, 8]"], || attention_plain(&x, &x, &longer, 2, all));
    let short = AttentionMask { causal: false, key_lengths: Some(&[3]) };
    check(&["attention", "length", "1", "2"], || attention(&x, &x, &x, 2, short));
    check(&["attention_weights", "length", "1", "2"], || attention_weights(&x, &x, 2, short));
    check(&["self_attention", "length", "1", "2"], || self_attention(&zeros(&[2, 3, 24]), 2, short));
    let step =
        |past: &[usize], lengths: &[usize]| attention_step(&zeros(&[2, 3, 24]), zeros(past), zeros(past), lengths);
    check(&["attention_step", "[2, 3, 24]", "[2, 2, 9, 3]"], || step(&[2, 2, 9, 3], &[0, 0]));
    check(&["attention_step", "[2, 9, 8]"], || step(&[2, 9, 8], &[0, 0]));
    check(&["attention_step", "row 1", "7 of 9", "3 more"], || step(&[2, 2, 9, 4], &[6, 7]));
    check(&["attention_step", "[2, 3, 24]"], || step(&[2, 2, 9, 4], &[0]));
}

#[test]
fn losses() {
    let how = CrossEntropy::default();
    check(&["cross_entropy", "[2, 5]", "[3]"], || cross_entropy(&zeros(&[2, 5]), &Ids::new(&[3], [0; 3]), &how));
    check(&["cross_entropy", "6", "5"], || cross_entropy(&zeros(&[1, 5]), &Ids::new(&[1], [6]), &how));
    check(&["cross_entropy", "no target"], || {
        cross_entropy(&zeros(&[1, 5]), &Ids::new(&[1], [CrossEntropy::IGNORED]), &how)
    });
    let weighted = CrossEntropy { class_weights: Some(zeros(&[4])), ..how };
    check(&["cross_entropy", "weight", "5"], || cross_entropy(&zeros(&[1, 5]), &Ids::new(&[1], [0]), &weighted));
}

#[test]
fn sums() {
    check(&["sum_along", "[2, 3]", "2"], || zeros(&[2, 3]).sum_along(2));
    check(&["mean_along", "[2, 3]", "2"], || zeros(&[2, 3]).mean_along(2));
}

#[test]
fn arrangements() {
    let x = zeros(&[2, 3]);
    check(&["reshape", "[2, 3]", "[5]"], || x.reshape(&[5]));
    check(&["t:", "[3]"], || zeros(&[3]).t());
    check(&["swap", "[2, 3]", "2"], || x.swap(0, 2));
    check(&["narrow", "[2, 3]", "1..4"], || x.narrow(1, 1, 3));
    check(&["narrow", "[2, 3]", "axis 2"], || x.narrow(2, 0, 1));
    check(&["split", "[2, 3]", "2"], || x.split::<2>());
    check(&["split", "[]"], || zeros(&[]).split::<2>());
    check(&["select", "[2, 3]", "2"], || x.select(&[0, 2]));
    check(&["select", "[]"], || zeros(&[]).select(&[0]));
}

#[test]
fn joins() {
    let (x, y) = (zeros(&[2, 3]), zeros(&[5, 4]));
    check(&["cat", "[2, 3]", "[5, 4]"], || cat(&[&x, &y], 0));
    check(&["cat", "[2, 3]", "2"], || cat(&[&x], 2));
    check(&["cat", "nothing"], || cat(&[], 0));
    check(&["stack", "[2, 3]", "[5, 4]"], || stack(&[&x, &y], 0));
    check(&["stack", "[2, 3]", "3"], || stack(&[&x], 3));
    check(&["stack", "nothing"], || stack(&[], 0));
}

#[test]
fn walks() {
    let x = Tensor::leaf(&[2], [1.0, 2.0]);
    check(&["backward", "[2]"], || x.square().backward());
    check(&["backward_with", "[2]", "[3]"], || x.square().backward_with(&zeros(&[3])));
    check(&["item", "[2]"], || x.item());
}
