//! Weights through a file: what is written comes back bit for bit, and what is damaged or does not fit is refused.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use proptest::prelude::*;
use rushlight_engine::Tensor;
use rushlight_nn::init::Init;
use rushlight_nn::weights::{self, WeightsError};
use rushlight_nn::{Builder, Params};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder that goes when it is dropped, and a file in it.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    (folder, path)
}

fn params(shapes: &[(&str, &[usize])], seed: u64) -> Params {
    let mut build = Builder::new(seed);
    for (name, shape) in shapes {
        build.weight(name, shape, &Init::Normal { std: 1.0 });
    }
    build.statistic("running_mean", &[2], 0.5);
    build.finish()
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    tensor.data().iter().map(|x| x.to_bits()).collect()
}

fn tensors() -> impl Strategy<Value = Vec<(String, Tensor)>> {
    let shape = prop::collection::vec(0usize..4, 0..5);
    // Any bits at all, numbers or not.
    let tensor = (shape, any::<u32>()).prop_map(|(shape, seed)| {
        let count = shape.iter().product::<usize>() as u32;
        let numbers = (0..count).map(|i| f32::from_bits(seed.wrapping_add(i.wrapping_mul(0x9e37_79b9))));
        Tensor::new(&shape, numbers.collect::<Vec<_>>())
    });
    prop::collection::btree_map(any::<String>(), tensor, 0..6).prop_map(|all| all.into_iter().collect())
}

proptest! {
    #[test]
    fn tensors_come_back_bit_for_bit(tensors in tensors(), words in prop::collection::btree_map(".*", ".*", 0..3)) {
        let (_folder, path) = place();
        let metadata: Vec<_> = words.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        fs::write(&path, weights::tensor_bytes(&tensors, &metadata)).unwrap();
        let read: BTreeMap<_, _> = weights::read_tensors(&path).unwrap().into_iter().collect();
        prop_assert_eq!(read.len(), tensors.len());
        for (name, tensor) in &tensors {
            prop_assert_eq!(read[name].shape(), tensor.shape());
            prop_assert_eq!(bits(&read[name]), bits(tensor));
        }
        prop_assert_eq!(weights::metadata(&path).unwrap(), words);
    }

    #[test]
    fn other_programs_can_read_what_we_write(tensors in tensors()) {
        let bytes = weights::tensor_bytes(&tensors, &[("format", "pt")]);
        let read = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        for (name, tensor) in &tensors {
            let view = read.tensor(name).unwrap();
            prop_assert_eq!(view.shape(), &**tensor.shape());
            let read = view.data().as_chunks().0.iter().map(|&bytes| u32::from_le_bytes(bytes));
            prop_assert_eq!(read.collect::<Vec<_>>(), bits(tensor));
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_refused(tensors in tensors(), at in any::<prop::sample::Index>()) {
        let (_folder, path) = place();
        let bytes = weights::tensor_bytes(&tensors, &[]);
        fs::write(&path, &bytes[..at.index(bytes.len())]).unwrap();
        let error = weights::read_tensors(&path).unwrap_err();
        prop_assert!(matches!(error, WeightsError::Format { .. }), "{}", error);
    }

    #[test]
    fn noise_is_refused_without_a_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..64), small in any::<bool>()) {
        let (_folder, path) = place();
        if small && bytes.len() > 8 {
            bytes[1..8].fill(0); // a believable length of the header
        }
        fs::write(&path, &bytes).unwrap();
        prop_assert!(weights::read_tensors(&path).is_err());
    }
}

#[test]
fn a_model_survives_disk() {
    let (_folder, path) = place();
    let shapes: &[(&str, &[usize])] = &[("w", &[3, 5]), ("b", &[7])];
    let (saved, other) = (params(shapes, 1), params(shapes, 2));
    saved.get("running_mean").unwrap().update(|mean| mean.fill(0.25));
    weights::save(&path, &saved, &[("step", "3")]).unwrap();
    weights::load(&path, &other).unwrap();
    for (a, b) in saved.iter().zip(other.iter()) {
        assert_eq!(bits(&a.value()), bits(&b.value()), "{}", a.name());
    }
    assert_eq!(weights::metadata(&path).unwrap()["step"], "3");
    assert_eq!(fs::read(&path).unwrap(), weights::bytes(&other, &[("step", "3")]));
}

#[test]
fn weights_of_another_model_are_refused_and_nothing_changes() {
    let (_folder, path) = place();
    weights::save(&path, &params(&[("w", &[3, 5]), ("b", &[7]), ("old", &[1])], 1), &[]).unwrap();
    let other = params(&[("b", &[7]), ("w", &[3, 6]), ("new", &[1])], 2);
    let before: Vec<_> = other.iter().map(|param| bits(&param.value())).collect();
    let message = weights::load(&path, &other).unwrap_err().to_string();
    assert_eq!(
        message,
        format!(
            "`{}` does not fit this model: missing: `new`; unknown: `old`; \
             of another shape: `w` is [3, 5] and must be [3, 6]",
            path.display()
        )
    );
    let after: Vec<_> = other.iter().map(|param| bits(&param.value())).collect();
    assert_eq!(before, after);
}

fn counts(rows: usize) -> Params {
    let mut build = Builder::new(0);
    build.counts("ngrams", 3).set(&Tensor::full(&[rows, 3], 7.0));
    build.finish()
}

#[test]
fn counts_have_as_many_rows_as_the_file() {
    let (_folder, path) = place();
    weights::save(&path, &counts(5), &[]).unwrap();
    for rows in [0, 2, 9] {
        let loaded = counts(rows);
        weights::load(&path, &loaded).unwrap();
        assert_eq!(bits(&loaded.get("ngrams").unwrap().value()), vec![7.0_f32.to_bits(); 15]);
        assert_eq!(loaded.count(), 0, "counts are not learned");
    }
    let other = params(&[("ngrams", &[4, 3])], 1);
    let message = weights::load(&path, &other).unwrap_err().to_string();
    assert!(message.contains("`ngrams` is [5, 3] and must be [4, 3]"), "{message}");
}

/// A file with this header and this many bytes of numbers is refused with a message that ends so.
fn check_header(header: &str, number_bytes: usize, message: &str) {
    let (_folder, path) = place();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + number_bytes, 0);
    fs::write(&path, bytes).unwrap();
    let error = weights::read_tensors(&path).unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn another_kind_of_number_is_refused_by_name() {
    let header = r#"{"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#;
    check_header(header, 4, "tensor `w` holds BF16; only F32 can be read");
}

#[test]
fn other_programs_may_keep_numbers_in_other_widths() {
    // 1, -2.5, the least half (2^-24), infinity; 1 and -2.5 as brain floats; 0.1 in double; one whole number.
    let header = r#"{"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]},
        "d":{"dtype":"F64","shape":[1],"data_offsets":[12,20]},"n":{"dtype":"I64","shape":[1],"data_offsets":[20,28]}}"#;
    let (_folder, path) = place();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend([0x3c00u16, 0xc100, 0x0001, 0x7c00, 0x3f80, 0xc020].into_iter().flat_map(u16::to_le_bytes));
    bytes.extend(0.1f64.to_le_bytes());
    bytes.extend(7i64.to_le_bytes());
    fs::write(&path, bytes).unwrap();
    let read = weights::read_foreign(&path).unwrap();
    let read: Vec<(&str, &[f32])> = read.iter().map(|(name, tensor)| (name.as_str(), tensor.data())).collect();
    let half: &[f32] = &[1.0, -2.5, 2f32.powi(-24), f32::INFINITY];
    assert_eq!(read, [("h", half), ("b", &[1.0, -2.5]), ("d", &[0.1])]);
}

#[test]
fn a_file_that_lacks_numbers_is_refused() {
    let header = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    check_header(header, 5, "its header promises 8 bytes of numbers, but 5 follow");
}

#[test]
fn a_file_with_more_behind_its_numbers_is_refused() {
    let header = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    check_header(header, 9, "its header promises 8 bytes of numbers, but 9 follow");
}

#[test]
fn offsets_that_disagree_with_the_shape_are_refused() {
    let header = r#"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#;
    check_header(header, 8, "its header cannot be understood: invalid shape");
}

#[test]
fn a_shape_beyond_all_memory_is_refused() {
    let header = r#"{"w":{"dtype":"F32","shape":[4294967296,4294967296,16],"data_offsets":[0,8]}}"#;
    check_header(header, 8, "its header cannot be understood: overflow");
}

#[test]
fn more_axes_than_a_tensor_can_have_are_refused() {
    let header = r#"{"w":{"dtype":"F32","shape":[1,1,1,1,1,1,2],"data_offsets":[0,8]}}"#;
    check_header(header, 8, "tensor `w` has 7 axes; at most 6 are possible");
}

#[test]
fn a_header_longer_than_the_file_is_refused() {
    let (_folder, path) = place();
    fs::write(&path, b"GIF89a, and more of a picture").unwrap();
    let error = weights::read_tensors(&path).unwrap_err().to_string();
    assert!(error.contains("is no whole safetensors file: its first bytes promise a header of"), "{error}");
}

#[test]
fn a_missing_file_is_named() {
    let (_folder, path) = place();
    let error = weights::load(&path, &params(&[], 0)).unwrap_err().to_string();
    assert!(error.starts_with(&format!("`{}` cannot be read: No such file", path.display())), "{error}");
}
