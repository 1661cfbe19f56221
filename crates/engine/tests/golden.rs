//! Every operation against PyTorch in f64: outputs, and gradients for the given cotangent. The file is made by
//! `reference/ops.py`; none of its numbers stands here.

mod common;

use common::{Unary, relative, twins};
use rushlight_engine::{
    AttentionMask, CrossEntropy, Ids, Reduction, Tensor, attention, attention_plain, cross_entropy, embedding,
    layer_norm, linear,
};
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

const TOLERANCE: f64 = 1e-5;

#[test]
fn every_recorded_operation_agrees() {
    let golden = Golden::read();
    for family in [elementwise, sums, rows, products, cross_entropies, attentions] {
        family(&golden);
    }
    let wrong = golden.wrong.take();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(golden.checked.take(), golden.operations(), "operations checked, and those in the file");
}

fn elementwise(golden: &Golden) {
    let functions: [(&str, Unary); 8] = [
        ("tanh", Tensor::tanh),
        ("sigmoid", Tensor::sigmoid),
        ("relu", Tensor::relu),
        ("gelu", Tensor::gelu),
        ("silu", Tensor::silu),
        ("exp", Tensor::exp),
        ("sqrt", Tensor::sqrt),
        ("ln", Tensor::ln),
    ];
    functions.into_iter().for_each(|(name, f)| golden.check(name, |[x]| f(x)));
    golden.check("division", |[a, b]| a / b);
}

fn sums(golden: &Golden) {
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

fn rows(golden: &Golden) {
    golden.check("softmax", |[x]| x.softmax());
    golden.check("log_softmax", |[x]| x.log_softmax());
    let epsilon = golden.setting("layer_norm", "epsilon");
    golden.check("layer_norm", |[x, gain, shift]| layer_norm(x, gain, shift, epsilon));
    let epsilon = golden.setting("batch_norm", "epsilon");
    golden.check("batch_norm", |[x, gain, shift]| twins::normalise(x, 0, gain, shift, epsilon));
}

fn products(golden: &Golden) {
    golden.check("linear", |[x, w, b]| linear(x, w, Some(b)));
    golden.check("matmul", |[a, b]| a.matmul(b));
    golden.check("embedding", |[table]| embedding(table, &golden.ids("embedding/in1")));
}

fn cross_entropies(golden: &Golden) {
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

fn attentions(golden: &Golden) {
    for (name, causal, padded) in [
        ("attention", false, false),
        ("attention_causal", true, false),
        ("attention_padded", false, true),
        ("attention_causal_padded", true, true),
        ("attention_cross", false, true),
    ] {
        let [batch, heads, queries, _] = golden.axes(&format!("{name}/in0"));
        let [_, _, keys, _] = golden.axes(&format!("{name}/in1"));
        let lengths: Vec<usize> = match padded {
            true => golden.ids(&format!("{name}/in3")).data().iter().map(|&length| length as usize).collect(),
            false => vec![keys; batch],
        };
        let mask = twins::attention_mask(&lengths, queries, keys, causal);
        golden.check(name, |[q, k, v]| twins::attention(q, k, v, &mask));

        let mask = AttentionMask { causal, key_lengths: padded.then_some(&lengths[..]) };
        for ours in [attention, attention_plain] {
            golden.check(name, |parts| {
                let [q, k, v] = parts.each_ref().map(twins::side_by_side);
                twins::by_head(&ours(&q, &k, &v, heads, mask), heads)
            });
        }
    }
}

/// The file, and what has come of the checks so far.
struct Golden {
    bytes: Vec<u8>,
    config: Value,
    checked: RefCell<BTreeSet<String>>,
    wrong: RefCell<Vec<String>>,
}

impl Golden {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/ops.safetensors");
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("the file is whole");
        let config = &metadata.metadata().as_ref().expect("the file has metadata")["config"];
        let config = serde_json::from_str(config).expect("`config` is JSON");
        Self { bytes, config, checked: RefCell::default(), wrong: RefCell::default() }
    }

    /// Holds `op` on the recorded inputs against the recorded output, and its gradients against the recorded ones.
    fn check<const N: usize>(&self, name: &str, op: impl Fn(&[Tensor; N]) -> Tensor) {
        let inputs: [Tensor; N] = std::array::from_fn(|i| self.tensor(&format!("{name}/in{i}")).into_leaf());
        let out = op(&inputs);
        self.compare(&format!("{name}/out"), &out);
        let grads = out.backward_with(&self.tensor(&format!("{name}/cotangent")));
        for (i, input) in inputs.iter().enumerate() {
            self.compare(&format!("{name}/grad{i}"), grads.of(input).expect("every input takes part"));
        }
        self.checked.borrow_mut().insert(name.to_string());
    }

    fn compare(&self, name: &str, ours: &Tensor) {
        let recorded = self.tensor(name);
        assert_eq!(ours.shape(), recorded.shape(), "{name}");
        let difference = relative(ours.data(), recorded.data());
        if difference.is_nan() || difference > TOLERANCE {
            self.wrong.borrow_mut().push(format!("{name}: {difference:.1e} apart"));
        }
    }

    fn operations(&self) -> BTreeSet<String> {
        let file = SafeTensors::deserialize(&self.bytes).expect("the file is whole");
        file.names().iter().filter_map(|name| name.strip_suffix("/out")).map(str::to_string).collect()
    }

    fn setting(&self, op: &str, key: &str) -> f32 {
        self.config[op][key].as_f64().unwrap_or_else(|| panic!("the file tells no {key} of {op}")) as f32
    }

    fn tensor(&self, name: &str) -> Tensor {
        let (shape, bytes) = self.raw(name, Dtype::F32);
        let data: Vec<f32> = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        Tensor::new(&shape, data)
    }

    fn ids(&self, name: &str) -> Ids {
        let ignored = self.config["cross_entropy"]["ignored"].as_i64().expect("the file tells which target is ignored");
        let (shape, bytes) = self.raw(name, Dtype::I64);
        let ids = bytes.as_chunks().0.iter().map(|&bytes| match i64::from_le_bytes(bytes) {
            id if id == ignored => CrossEntropy::IGNORED,
            id => u32::try_from(id).expect("ids are not negative"),
        });
        Ids::new(&shape, ids.collect::<Vec<_>>())
    }

    fn axes<const N: usize>(&self, name: &str) -> [usize; N] {
        self.raw(name, Dtype::F32).0.try_into().expect("the rank that is asked for")
    }

    fn raw(&self, name: &str, dtype: Dtype) -> (Vec<usize>, Vec<u8>) {
        let file = SafeTensors::deserialize(&self.bytes).expect("the file is whole");
        let view = file.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(view.dtype(), dtype, "{name}");
        (view.shape().to_vec(), view.data().to_vec())
    }
}
