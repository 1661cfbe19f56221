//! The record of what was computed: what enters it, what the walk back leaves, and for whom. Derivatives are checked in
//! `gradients`.

mod common;

use common::{Draw, assert_close};
use rushlight_engine::{Grads, Tensor, linear, no_grad, recording};

fn leaf(values: &[f32]) -> Tensor {
    Tensor::leaf(&[values.len()], values)
}

#[track_caller]
fn assert_gradient(grads: &Grads, of: &Tensor, expected: &[f32]) {
    assert_eq!(grads.of(of).expect("it has a gradient").data(), expected);
}

#[test]
fn constants_and_leaves_aside_have_no_gradient() {
    let (w, aside, constant) = (leaf(&[3.0]), leaf(&[5.0]), Tensor::new(&[1], [2.0]));
    let grads = (&w * &constant).sum().backward();
    assert_gradient(&grads, &w, &[2.0]);
    assert!(grads.of(&aside).is_none() && grads.of(&constant).is_none());
}

#[test]
fn losses_of_small_batches_accumulate_to_that_of_the_large_one() {
    let mut draw = Draw::new(1);
    let (x, w, b) = (draw.values(&[6, 5]), draw.values(&[7, 5]).into_leaf(), draw.values(&[7]).into_leaf());
    let loss = |x: &Tensor| linear(x, &w, Some(&b)).tanh().square().sum();
    let whole = loss(&x).backward();
    let mut grads = Grads::new();
    for start in [0, 2, 4] {
        loss(&x.narrow(0, start, 2)).backward_into(&mut grads);
    }
    for parameter in [&w, &b] {
        let (parts, whole) = (grads.of(parameter).expect("accumulated"), whole.of(parameter).expect("at once"));
        assert_close("parts and whole", parts, whole, 1e-6); // other orders of six f32 sums
    }
}

#[test]
fn a_loss_that_is_itself_a_leaf_accumulates_too() {
    let loss = Tensor::leaf(&[], [4.0]);
    let mut grads = loss.backward();
    loss.backward_into(&mut grads);
    assert_gradient(&grads, &loss, &[2.0]);
}

#[test]
fn nothing_flows_through_what_is_detached() {
    let x = leaf(&[3.0, -1.0]);
    let detached = x.detach();
    assert!(!detached.has_history());
    assert_gradient(&(&x * &detached).sum().backward(), &x, &[3.0, -1.0]); // x², of which one factor is a constant
}

#[test]
fn an_inner_tensor_keeps_its_gradient_when_tapped_and_only_then() {
    let x = leaf(&[0.5, 0.25]);
    let (tapped, other) = (&x * 2.0, &x * 3.0);
    tapped.tap();
    let grads = (tapped.square() + other.square()).sum().backward();
    assert_gradient(&grads, &tapped, &[2.0, 1.0]); // 2 h, h = 2 x
    assert!(grads.of(&other).is_none());
    assert_gradient(&grads, &x, &[13.0, 6.5]); // 2 (4 + 9) x
}

#[test]
fn a_tapped_tensor_used_twice_has_the_sum() {
    let x = leaf(&[0.5]);
    let h = &x * 2.0;
    h.tap();
    let grads = (h.square() + &h * 3.0).sum().backward();
    assert_gradient(&grads, &h, &[5.0]); // 2 h + 3
    assert_gradient(&grads, &x, &[10.0]);
}

#[test]
fn a_tapped_view_has_a_gradient_of_its_own_shape() {
    let x = Tensor::leaf(&[2, 3], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let view = x.reshape(&[3, 2]);
    view.tap();
    let grads = view.square().sum().backward();
    let gradient = grads.of(&view).expect("the view is tapped");
    assert_eq!((&gradient.shape()[..], gradient.data()), (&[3, 2][..], &[2.0, 4.0, 6.0, 8.0, 10.0, 12.0][..]));
    assert_eq!(&grads.of(&x).expect("x is a leaf").shape()[..], [2, 3]);
}

#[test]
fn tapping_changes_no_other_bit() {
    let mut draw = Draw::new(2);
    let (x, w) = (draw.values(&[6, 5]), draw.values(&[7, 5]).into_leaf());
    let gradient = |tapping: bool| {
        let drive = linear(&x, &w, None);
        let h = drive.tanh();
        if tapping {
            [&drive, &h].into_iter().for_each(Tensor::tap);
        }
        (&h * &h + &drive).sum().backward().take(&w).expect("w is a leaf")
    };
    assert_eq!(gradient(true).data(), gradient(false).data());
}

#[test]
fn a_changed_parameter_does_not_change_gradients_of_what_came_before() {
    let mut w = leaf(&[3.0]);
    let before = w.clone();
    let loss = w.square().sum();
    w.data_mut()[0] = 100.0;
    assert_gradient(&loss.backward(), &before, &[6.0]);
}

#[test]
fn changing_one_gradient_changes_no_other() {
    let (a, b) = (leaf(&[1.0]), leaf(&[2.0]));
    let mut grads = (&a + &b).sum().backward();
    grads.of_mut(&a).expect("a took part").data_mut()[0] = 9.0;
    assert_gradient(&grads, &b, &[1.0]);
    assert_eq!(grads.take(&a).expect("a took part").data(), [9.0]);
    assert!(grads.of(&a).is_none(), "taken out");
}

#[test]
fn the_record_is_used_up_by_the_walk() {
    let w = leaf(&[3.0]);
    let loss = w.square().sum();
    assert!(loss.backward().of(&w).is_some());
    assert!(loss.backward().of(&w).is_none());
}

#[test]
fn a_given_gradient_starts_the_walk() {
    let x = leaf(&[3.0, -1.0]);
    let grads = x.square().backward_with(&Tensor::new(&[2], [10.0, 100.0]));
    assert_gradient(&grads, &x, &[60.0, -200.0]);
}

#[test]
fn nothing_is_recorded_without_gradients() {
    let x = leaf(&[3.0]);
    assert!((&x * 2.0).has_history());
    let silent = no_grad(|| {
        no_grad(|| assert!(!recording()));
        assert!(!recording(), "the inner one has ended, the outer one has not");
        &x * 2.0
    });
    assert!(recording() && !silent.has_history());
    assert_gradient(&(&silent * &x).sum().backward(), &x, &[6.0]);
}

#[test]
fn recording_goes_on_after_a_panic() {
    let caught = std::panic::catch_unwind(|| no_grad(|| std::panic::resume_unwind(Box::new(()))));
    assert!(caught.is_err() && recording());
}

#[test]
fn a_row_that_is_chosen_twice_has_both_gradients() {
    let x = Tensor::leaf(&[3, 2], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_gradient(&x.select(&[2, 0, 2]).sum().backward(), &x, &[1.0, 1.0, 0.0, 0.0, 2.0, 2.0]);
}

#[test]
fn a_record_of_a_hundred_thousand_steps_neither_overflows_nor_stays() {
    let x = leaf(&[1.0]);
    let long = |steps: usize| (0..steps).fold(x.clone(), |h, _| h + 1.0);
    assert_gradient(&long(100_000).backward(), &x, &[1.0]);
    drop(long(100_000)); // and without the walk
}
