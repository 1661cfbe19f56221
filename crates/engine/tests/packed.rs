//! Weights that are kept packed: the same products, for as long as the numbers stay as they are.

#![allow(clippy::unwrap_used, reason = "a test that meets an error it did not expect should stop there")]

mod common;

use common::Draw;
use rushlight_engine::{Tensor, keep_packed, linear, no_grad, with_threads};

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
fn the_same_bits_on_any_number_of_threads() {
    let mut draw = Draw::new(4);
    let (x, weight, bias) = (draw.values(&[300, 100]), draw.values(&[70, 100]), draw.values(&[70]));
    let on = |threads| with_threads(threads, || packed(&x, &weight, Some(&bias)).data().to_vec());
    assert!(on(1) == on(2) && on(1) == on(3));
}

#[test]
fn gradients_flow_as_ever() {
    let mut draw = Draw::new(5);
    let (x, weight) = (draw.values(&[40, 20]), draw.values(&[30, 20]).into_leaf());
    packed(&x, &weight, None);
    let gradient = |sum: Tensor| sum.backward().of(&weight).unwrap().data().to_vec();
    assert_eq!(gradient(keep_packed(|| linear(&x, &weight, None).sum())), gradient(linear(&x, &weight, None).sum()));
}
