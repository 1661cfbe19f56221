//! Gains, and the standard deviations of what is drawn.

use crate::golden::Golden;
use rushlight_engine::Rng;
use rushlight_nn::init::{Fan, Init, Spread, gain};

#[test]
fn gains_are_pytorchs() {
    let golden = Golden::open("initialisers");
    let keys = golden.keys();
    let names: Vec<_> = keys.iter().filter_map(|key| key.strip_prefix("gain/")).collect();
    assert!(!names.is_empty());
    for name in names {
        let expected = golden.tensor(&format!("gain/{name}")).item();
        assert!((gain(name).unwrap() - expected).abs() < 1e-6, "{name}: not {expected}");
    }
    assert_eq!(gain("silu"), None);
}

#[test]
fn draws_have_pytorchs_standard_deviations() {
    let golden = Golden::open("initialisers");
    let config = golden.config();
    let shape = ["out", "in"].map(|side| config[side].as_u64().unwrap() as usize);
    let mut checked = 0;
    for key in golden.keys() {
        let Some((rule, activation)) = key.strip_prefix("std/").and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        let (gain, std) = (gain(activation).unwrap(), f64::from(golden.tensor(&key).item()));
        for spread in [Spread::Normal, Spread::Uniform] {
            let init = match rule {
                "kaiming-fan-in" => Init::Kaiming { fan: Fan::In, gain, spread },
                "kaiming-fan-out" => Init::Kaiming { fan: Fan::Out, gain, spread },
                "xavier" => Init::Xavier { gain, spread },
                other => panic!("no initialiser {other}"),
            };
            check(&key, &init, spread, &shape, std);
            checked += 1;
        }
    }
    assert!(checked > 0);
}

/// 120,000 draws estimate a standard deviation to 0.2 %; five times that is not chance. The mean is within five of its
/// standard errors, std / √n.
fn check(what: &str, init: &Init, spread: Spread, shape: &[usize], expected: f64) {
    let drawn = init.tensor(shape, &mut Rng::new(11));
    let (numbers, n) = (drawn.data(), drawn.count() as f64);
    let mean = numbers.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
    let std = (numbers.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!((std / expected - 1.0).abs() < 0.01, "{what} {spread:?}: {std}, not {expected}");
    assert!(mean.abs() < 5.0 * expected / n.sqrt(), "{what} {spread:?}: mean {mean}");

    // A uniform draw comes close to its bounds and never passes them; a normal one passes them often.
    let widest = numbers.iter().fold(0.0, |most: f32, x| most.max(x.abs()));
    let reach = f64::from(widest) / (3f64.sqrt() * expected);
    match spread {
        Spread::Uniform => assert!((0.999..1.000_001).contains(&reach), "{what}: reaches {reach} of its bound"),
        Spread::Normal => assert!(reach > 2.0, "{what}: reaches only {reach} of a uniform start's bound"),
    }
}
