//! Golden files: tensors by key, and the settings with which they were made. Compares, and says how far off it was.

use rushlight_engine::{Shape, Tensor};
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use std::path::Path;

/// A golden file, whole in memory.
pub(crate) struct Golden(Vec<u8>);

impl Golden {
    pub(crate) fn open(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        Self(std::fs::read(folder.join(name).with_extension("safetensors")).unwrap())
    }

    /// The settings under `config` in the metadata.
    pub(crate) fn config(&self) -> Value {
        let (_, metadata) = SafeTensors::read_metadata(&self.0).unwrap();
        serde_json::from_str(&metadata.metadata().as_ref().unwrap()["config"]).unwrap()
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.file().names().into_iter().map(String::from).collect();
        keys.sort();
        keys
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.file().tensor(key).is_ok()
    }

    pub(crate) fn tensor(&self, key: &str) -> Tensor {
        let file = self.file();
        let tensor = file.tensor(key).unwrap_or_else(|_| panic!("the golden file has no {key}"));
        let numbers: Vec<f32> = match tensor.dtype() {
            Dtype::F32 => tensor.data().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
            Dtype::I64 => self.integers(key).into_iter().map(|x| x as f32).collect(),
            other => panic!("{key} is {other:?}"),
        };
        Tensor::new(tensor.shape(), numbers)
    }

    pub(crate) fn integers(&self, key: &str) -> Vec<i64> {
        let file = self.file();
        let tensor = file.tensor(key).unwrap();
        assert_eq!(tensor.dtype(), Dtype::I64, "{key}");
        tensor.data().as_chunks().0.iter().map(|&b| i64::from_le_bytes(b)).collect()
    }

    fn file(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.0).unwrap()
    }
}

/// Relative to the largest number: max|a - b| / max|b|.
#[track_caller]
pub(crate) fn assert_near(what: &str, ours: &Tensor, theirs: &Tensor, tolerance: f32) {
    assert_eq!(ours.shape(), theirs.shape(), "{what}: shapes");
    assert_near_slices(what, ours.data(), theirs.data(), tolerance);
}

/// The same for plain numbers.
#[track_caller]
pub(crate) fn assert_near_slices(what: &str, ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}: counts");
    // Not `max`, which would pass over what is not a number.
    let off = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    let off = off.fold(0.0, |most: f32, off| if off <= most { most } else { off });
    let scale = theirs.iter().fold(0.0, |most: f32, b| most.max(b.abs()));
    assert!(off <= tolerance * scale, "{what}: off by {off:e} of {scale:e}\n ours {ours:?}\n theirs {theirs:?}");
}

/// Row `step` of a recorded sequence [steps, ..].
pub(crate) fn row(sequence: &Tensor, step: usize) -> Tensor {
    let shape = Shape::new(&sequence.shape()[1..]);
    Tensor::new(&shape, &sequence.data()[step * shape.count()..][..shape.count()])
}
