//! Clipping by norm and by value.

use crate::golden::{Golden, assert_near};
use rushlight_nn::Builder;
use rushlight_nn::clip::Clip;
use rushlight_nn::init::Init;

#[test]
fn clipping_is_pytorchs() {
    let golden = Golden::open("clipping");
    let config = golden.config();
    for (case, limit) in config.as_object().unwrap() {
        let limit = limit.as_f64().unwrap() as f32;
        let clip = if case == "value" { Clip::Value(limit) } else { Clip::Norm(limit) };

        let mut build = Builder::new(0);
        let gradients = ["a", "b"].map(|name| golden.tensor(&format!("before/{name}")));
        let [a, b] = [("a", &gradients[0]), ("b", &gradients[1])]
            .map(|(name, gradient)| build.weight(name, gradient.shape(), &Init::Zeros));
        let params = build.finish();
        let loss = (a.value() * &gradients[0]).sum() + (b.value() * &gradients[1]).sum();
        let mut grads = loss.backward();

        let norm = clip.apply(&params, &mut grads);
        let expected = f64::from(golden.tensor("before/norm").item());
        assert!((norm - expected).abs() < 1e-6 * expected, "{case}: norm {norm}, not {expected}");
        for param in params.iter() {
            let expected = golden.tensor(&format!("{case}/{}", param.name()));
            assert_near(case, param.gradient(&grads).unwrap(), &expected, 1e-6);
        }
    }
}
