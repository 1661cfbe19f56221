//! Every operation against PyTorch in f64: outputs, and gradients for the given cotangent. The file is made by
//! `reference/ops.py`; none of its numbers stands here.

mod common;

use common::{Case, assert_close, cases, twins};
use rushlight_engine::{CrossEntropy, Ids, Reduction, Tensor, cross_entropy, embedding, layer_norm, linear};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

const TOLERANCE: f64 = 1e-5;

#[test]
fn functions_of_one_number() {
    let functions: [(&str, fn(&Tensor) -> Tensor); 8] = [
        ("tanh", Tensor::tanh),
        ("sigmoid", Tensor::sigmoid),
        ("relu", Tensor::relu),
        ("gelu", Tensor::gelu),
        ("silu", Tensor::silu),
        ("exp", Tensor::exp),
        ("sqrt", Tensor::sqrt),
        ("ln", Tensor::ln),
    ];
    let golden = Golden::read();
    functions.into_iter().for_each(|(name, f)| golden.check(name, |[x]| f(x)));
}

#[test]
fn quotients() {
    Golden::read().check("division", |[a, b]| a / b);
}

#[test]
fn sums_and_means_along_each_axis() {
    let golden = Golden::read();
    for axis in 0..3 {
        // There the axis is taken away, here it stays with length 1.
        let without = |x: Tensor| {
            let mut axes = x.shape().to_vec();
            axes.remove(axis);
            x.reshape(&axes)
        };
        golden.check(&format!("sum_axis{axis}"), |[x]| without(x.sum_along(axis)));
        golden.check(&format!("mean_axis{axis}"), |[x]| without(x.mean_along(axis)));
    }
}

#[test]
fn softmax_and_its_logarithm() {
    Golden::read().check("softmax", |[x]| x.softmax());
    Golden::read().check("log_softmax", |[x]| x.log_softmax());
}

#[test]
fn products() {
    let golden = Golden::read();
    golden.check("linear", |[x, w, b]| linear(x, w, Some(b)));
    golden.check("matmul", |[a, b]| a.matmul(b));
    golden.check("embedding", |[table]| embedding(table, &golden.ids("embedding/in1")));
}

#[test]
fn norms() {
    let golden = Golden::read();
    let epsilon = golden.setting("layer_norm", "epsilon");
    golden.check("layer_norm", |[x, gain, shift]| layer_norm(x, gain, shift, epsilon));
    let epsilon = golden.setting("batch_norm", "epsilon");
    golden.check("batch_norm", |[x, gain, shift]| twins::normalise(x, 0, gain, shift, epsilon));
}

#[test]
fn cross_entropies() {
    let golden = Golden::read();
    let smoothing = golden.setting("cross_entropy", "smoothing");
    let class_weights = golden.tensor("cross_entropy/class_weights");
    for (settings, smoothing, class_weights) in [
        ("plain", 0.0, None),
        ("ignore", 0.0, None),
        ("smoothing", smoothing, None),
        ("weights", 0.0, Some(&class_weights)),
        ("all", smoothing, Some(&class_weights)),
    ] {
        for (word, reduction) in [("mean", Reduction::Mean), ("sum", Reduction::Sum), ("none", Reduction::None)] {
            let name = format!("cross_entropy_{settings}_{word}");
            let how = CrossEntropy { smoothing, class_weights: class_weights.cloned(), reduction };
            let targets = golden.ids(&format!("{name}/in1"));
            golden.check(&name, |[logits]| cross_entropy(logits, &targets, &how));
        }
    }
}

#[test]
fn attention_by_its_plain_twin() {
    let golden = Golden::read();
    for (name, causal) in ATTENTIONS {
        let (lengths, queries, keys) = golden.attention(name);
        let mask = twins::attention_mask(&lengths, queries, keys, causal);
        golden.check(name, |[q, k, v]| twins::attention(q, k, v, &mask));
    }
}

/// The recorded attentions, and whether they are causal.
const ATTENTIONS: [(&str, bool); 5] =
    [("attention", false), ("attention_causal", true), ("attention_padded", false), ("attention_causal_padded", true), ("attention_cross", false)];

struct Golden {
    bytes: Vec<u8>,
    config: Value,
}

impl Golden {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/ops.safetensors");
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("the file is whole");
        let config = &metadata.metadata().as_ref().expect("the file has metadata")["config"];
        Self { config: serde_json::from_str(config).expect("`config` is JSON"), bytes }
    }

    /// Holds `op` on the recorded inputs against the recorded output, and its gradients against the recorded ones.
    fn check<const N: usize>(&self, name: &str, op: impl Fn(&[Tensor; N]) -> Tensor) {
        let inputs: [Tensor; N] = std::array::from_fn(|i| self.tensor(&format!("{name}/in{i}")).into_leaf());
        let out = op(&inputs);
        assert_close(&format!("{name}: output"), &out, &self.tensor(&format!("{name}/out")), TOLERANCE);
        let grads = out.backward_with(&self.tensor(&format!("{name}/cotangent")));
        for (i, input) in inputs.iter().enumerate() {
            let gradient = grads.of(input).unwrap_or_else(|| panic!("{name}: input {i} has no gradient"));
            assert_close(&format!("{name}: gradient of input {i}"), gradient, &self.tensor(&format!("{name}/grad{i}")), TOLERANCE);
        }
    }
}
