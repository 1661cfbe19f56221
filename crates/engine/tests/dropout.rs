//! What dropout promises of its mask: how many fall, what becomes of the others, and on what the choice depends. Its
//! gradient is checked in `gradients`.

use rushlight_engine::{Rng, Tensor, dropout};

const RATE: f32 = 0.3;

/// More than one piece of work for every thread.
const COUNT: usize = 100_001;

fn mask(count: usize, seed: u64) -> Vec<f32> {
    dropout(&Tensor::full(&[count], 1.0), RATE, &Rng::new(seed)).data().to_vec()
}

#[test]
fn the_asked_for_share_falls_and_the_rest_grows() {
    let mask = mask(COUNT, 1);
    let fallen = mask.iter().filter(|&&x| x == 0.0).count() as f64 / COUNT as f64;
    assert!((fallen - f64::from(RATE)).abs() < 0.0073, "{fallen}"); // five standard errors, √(0.3 · 0.7 / 100001) each
    assert!(mask.iter().all(|&x| x == 0.0 || x == 1.0 / (1.0 - RATE)));
}

#[test]
fn a_rate_of_zero_changes_nothing() {
    let x = Tensor::normal(&[COUNT], &mut Rng::new(2));
    assert_eq!(dropout(&x, 0.0, &Rng::new(1)).data(), x.data());
}

#[test]
fn the_same_stream_gives_the_same_mask_and_another_one_another() {
    assert_eq!(mask(COUNT, 1), mask(COUNT, 1));
    assert_independent(&mask(COUNT, 1), &mask(COUNT, 2));
}

#[test]
fn an_element_falls_whatever_comes_after_it() {
    let long = mask(COUNT, 1);
    for count in [1, 7, 1000, COUNT / 2] {
        assert_eq!(mask(count, 1), long[..count]);
    }
}

#[test]
fn no_part_of_a_mask_repeats_another() {
    let mask = mask(COUNT, 1);
    for apart in [1, 4, 16, 1024, 8 * 1024, 32 * 1024] {
        assert_independent(&mask[apart..], &mask);
    }
}

/// Two masks agree by chance alone: both fall or neither, 0.3² + 0.7² = 0.58 of the time.
#[track_caller]
fn assert_independent(a: &[f32], b: &[f32]) {
    let pairs = a.len().min(b.len());
    let agree = a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / pairs as f64;
    let standard_error = (0.58 * 0.42 / pairs as f64).sqrt();
    assert!((agree - 0.58).abs() < 5.0 * standard_error, "{agree}");
}
