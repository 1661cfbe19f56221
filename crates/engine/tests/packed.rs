//! Weights that are kept packed: the same products, for as long as the numbers stay as they are.

#![allow(clippy::unwrap_used, reason = "a test that meets an error it did not expect should stop there")]

mod common;

use common::Draw;
use rushlight_engine::{Tensor, keep_packed, linear, no_grad, pool, rows_alike, with_threads};

/// The greatest difference, as a share of the greatest number.
fn apart(a: &Tensor, b: &Tensor) -> f32 {
    assert_eq!(a.shape()[..], b.shape()[..]);
    let size = a.data().iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    a.data().iter().zip(b.data()).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs())) / size
}

fn packed(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Tensor {
    no_grad(|| keep_packed(|| linear(x, weight, bias)))
}

#[test]
fn products_are_the_same() {
    let mut draw = Draw::new(1);
    for (rows, inputs, outputs) in [(1, 5, 7), (2, 64, 3), (57, 33, 65), (130, 128, 100)] {
        let [x, weight, bias] = [&[rows, inputs][..], &[outputs, inputs], &[outputs]].map(|shape| draw.values(shape));
        for bias in [None, Some(&bias)] {
            assert!(apart(&packed(&x, &weight, bias), &linear(&x, &weight, bias)) < 1e-6, "{rows} {inputs} {outputs}");
        }
    }
}

#[test]
fn the_bits_of_a_row_do_not_depend_on_how_many_there_are() {
    let mut draw = Draw::new(5);
    for (rows, inputs, outputs) in [(33, 5, 7), (64, 128, 384), (57, 512, 65)] {
        let [x, weight, bias] = [&[rows, inputs][..], &[outputs, inputs], &[outputs]].map(|shape| draw.values(shape));
        let product = |x: &Tensor| no_grad(|| rows_alike(|| linear(x, &weight, Some(&bias))));
        let all = product(&x);
        for few in [1, 2, 3, 14, 15, rows] {
            let some = product(&x.narrow(0, 0, few));
            assert_eq!(some.data(), &all.data()[..few * outputs], "{few} of {rows} {inputs} {outputs}");
        }
    }
}

#[test]
fn weights_that_change_are_packed_anew() {
    let mut draw = Draw::new(2);
    let (x, mut weight) = (draw.values(&[40, 20]), draw.values(&[30, 20]));
    let before = packed(&x, &weight, None);
    let copy = weight.clone();
    weight.data_mut().iter_mut().for_each(|w| *w = -*w);
    assert_eq!(packed(&x, &weight, None).data(), before.scale(-1.0).data());
    assert_eq!(packed(&x, &copy, None).data(), before.data());
}

#[test]
fn numbers_under_another_shape_are_not_mixed_up() {
    let mut draw = Draw::new(3);
    let (x, y, weight) = (draw.values(&[40, 20]), draw.values(&[40, 30]), draw.values(&[30, 20]));
    assert!(apart(&packed(&x, &weight, None), &linear(&x, &weight, None)) < 1e-6);
    let other = weight.reshape(&[20, 30]);
    assert!(apart(&packed(&y, &other, None), &linear(&y, &other, None)) < 1e-6);
}

#[test]
fn each_weight_is_packed_once_and_only_where_it_was_asked_for() {
    // No other test of this file makes so much.
    let (x, weight) = (Tensor::full(&[64, 1000], 0.5), Tensor::full(&[3000, 1000], 0.25));
    // Nearly, for other tests hold a little and let it go.
    let bytes = 4 * 3000 * 1000 * 9 / 10;
    let held = pool::held_bytes();
    let plain = no_grad(|| linear(&x, &weight, None));
    assert!(pool::held_bytes() < held + bytes);
    let first = packed(&x, &weight, None);
    let after = pool::held_bytes();
    assert!(after >= held + bytes, "{held} to {after}");
    let again = packed(&x, &weight, None);
    assert!(pool::held_bytes() < after + bytes && first.data() == again.data() && apart(&first, &plain) < 1e-6);
    drop(weight);
    assert!(pool::held_bytes() < after - bytes);
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let mut draw = Draw::new(4);
    let (x, weight, bias) = (draw.values(&[300, 100]), draw.values(&[70, 100]), draw.values(&[70]));
    // Packed anew for each.
    let fresh = || Tensor::new(weight.shape(), weight.data());
    let on = |threads| with_threads(threads, || packed(&x, &fresh(), Some(&bias)).data().to_vec());
    assert!(on(1) == on(2) && on(1) == on(3));
}

#[test]
fn gradients_flow_as_ever() {
    let mut draw = Draw::new(5);
    let (x, weight) = (draw.values(&[40, 20]), draw.values(&[30, 20]).into_leaf());
    packed(&x, &weight, None);
    let gradient = |y: Tensor| (&y * &y).sum().backward().of(&weight).unwrap().data().to_vec();
    assert_eq!(gradient(keep_packed(|| linear(&x, &weight, None))), gradient(linear(&x, &weight, None)));
}
