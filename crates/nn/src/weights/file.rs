//! The safetensors format: 8 bytes for the length of a JSON header, the header, and the numbers of all tensors without a
//! gap. Files are read by position, so that only what is asked for comes into memory. Knows no parameters.

use super::WeightsError;
use rushlight_engine::Tensor;
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const LENGTH_BYTES: usize = size_of::<u64>();

/// The key of the header that is no tensor.
const METADATA: &str = "__metadata__";

/// The format's own limit.
const MOST_HEADER_BYTES: u64 = 100_000_000;

/// As many as a tensor of the engine can have.
const MOST_AXES: usize = 6;

// The format is little-endian, and numbers are copied as they lie in memory.
const _: () = assert!(cfg!(target_endian = "little"), "weights are read and written on little-endian machines alone");

/// The bytes of a file that holds `tensors`. We write the header ourselves: the library's holds the metadata in random
/// order, and so in other bytes each time.
pub(super) fn encode(tensors: &[(String, Tensor)], metadata: &[(&str, &str)]) -> Vec<u8> {
    let mut header = Map::new();
    assert!(tensors.iter().all(|(name, _)| name != METADATA), "weights: no tensor can be called {METADATA}");
    if !metadata.is_empty() {
        let words = metadata.iter().map(|&(key, value)| (key.to_string(), json!(value)));
        header.insert(METADATA.into(), Value::Object(words.collect()));
    }
    let mut end = 0;
    for (name, tensor) in tensors {
        let start = end;
        end += size_of_val(tensor.data());
        let entry = json!({ "dtype": "F32", "shape": &**tensor.shape(), "data_offsets": [start, end] });
        assert!(header.insert(name.clone(), entry).is_none(), "weights: two tensors are called {name}");
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(LENGTH_BYTES), b' '); // the numbers then lie aligned

    let mut bytes = Vec::with_capacity(LENGTH_BYTES + header.len() + end);
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header);
    for (_, tensor) in tensors {
        bytes.extend_from_slice(bytemuck::cast_slice(tensor.data()));
    }
    bytes
}

/// An open file whose header has been read and found to agree with its length.
pub(super) struct TensorFile {
    path: PathBuf,
    file: File,
    header: Metadata,
    /// Names by the place of their numbers.
    names: Vec<String>,
    /// Where the numbers begin.
    start: u64,
}

impl TensorFile {
    pub(super) fn open(path: &Path) -> Result<Self, WeightsError> {
        let cannot = |source| cannot_read(path, source);
        let damaged = |problem: String| WeightsError::Format { path: path.into(), problem };
        let file = File::open(path).map_err(cannot)?;
        let file_bytes = file.metadata().map_err(cannot)?.len();

        let mut length = [0; LENGTH_BYTES];
        if file_bytes < length.len() as u64 {
            return Err(damaged(format!("it has {file_bytes} bytes, which is not even a header")));
        }
        file.read_exact_at(&mut length, 0).map_err(cannot)?;
        let header_bytes = u64::from_le_bytes(length);
        let behind_length = file_bytes - length.len() as u64;
        if header_bytes > behind_length.min(MOST_HEADER_BYTES) {
            return Err(damaged(format!(
                "its first bytes promise a header of {header_bytes} bytes, but {behind_length} follow"
            )));
        }
        let mut header = vec![0; header_bytes as usize];
        file.read_exact_at(&mut header, length.len() as u64).map_err(cannot)?;
        let header: Metadata = serde_json::from_slice(&header)
            .map_err(|error| damaged(format!("its header cannot be understood: {error}")))?;

        let (needed, there) = (header.data_len() as u64, behind_length - header_bytes);
        if needed != there {
            return Err(damaged(format!("its header promises {needed} bytes of numbers, but {there} follow")));
        }
        let (names, start) = (header.offset_keys(), file_bytes - there);
        Ok(Self { path: path.into(), file, header, names, start })
    }

    /// The names of all tensors, in the order in which they lie.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(super) fn shape(&self, name: &str) -> Option<&[usize]> {
        Some(&self.header.info(name)?.shape)
    }

    pub(super) fn metadata(&self) -> BTreeMap<String, String> {
        self.header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Refuses a tensor that is not f32.
    pub(super) fn require_f32(&self, name: &str) -> Result<(), WeightsError> {
        match self.info(name).dtype {
            Dtype::F32 => Ok(()),
            other => Err(self.unreadable(name, format!("holds {other:?}; only F32 can be read"))),
        }
    }

    /// A shape that a tensor can have.
    fn shape_of(&self, name: &str) -> Result<&[usize], WeightsError> {
        let shape = &self.info(name).shape;
        if shape.len() > MOST_AXES {
            let problem = format!("has {} axes; at most {MOST_AXES} are possible", shape.len());
            return Err(self.unreadable(name, problem));
        }
        Ok(shape)
    }

    pub(super) fn read(&self, name: &str) -> Result<Tensor, WeightsError> {
        self.require_f32(name)?;
        let mut tensor = Tensor::zeros(self.shape_of(name)?);
        self.read_into(name, tensor.data_mut())?;
        Ok(tensor)
    }

    /// The tensor with its numbers as f32; none, if they are no fractions.
    pub(super) fn read_as_f32(&self, name: &str) -> Result<Option<Tensor>, WeightsError> {
        let info = self.info(name);
        if info.dtype == Dtype::F32 {
            return self.read(name).map(Some);
        }
        let shape = self.shape_of(name)?;
        let mut bytes = vec![0; info.data_offsets.1 - info.data_offsets.0];
        self.read_at(info.data_offsets.0, &mut bytes)?;
        let numbers: Vec<f32> = match info.dtype {
            Dtype::F64 => each(&bytes, |bits| f64::from_le_bytes(bits) as f32),
            Dtype::BF16 => each(&bytes, |bits| f32::from_bits(u32::from(u16::from_le_bytes(bits)) << 16)),
            Dtype::F16 => each(&bytes, |bits| of_half(u16::from_le_bytes(bits))),
            _ => return Ok(None),
        };
        Ok(Some(Tensor::new(shape, numbers)))
    }

    /// Reads the tensor, which is f32, into a place of its length.
    pub(super) fn read_into(&self, name: &str, numbers: &mut [f32]) -> Result<(), WeightsError> {
        let (start, end) = self.info(name).data_offsets;
        assert_eq!(size_of_val(numbers), end - start, "weights: {name} into a place of another length");
        self.read_at(start, bytemuck::cast_slice_mut(numbers))
    }

    /// Fills `bytes` from a place among the numbers.
    fn read_at(&self, start: usize, bytes: &mut [u8]) -> Result<(), WeightsError> {
        self.file.read_exact_at(bytes, self.start + start as u64).map_err(|source| cannot_read(&self.path, source))
    }

    fn info(&self, name: &str) -> &TensorInfo {
        self.header.info(name).unwrap_or_else(|| panic!("weights: {name} is not in the file"))
    }

    fn unreadable(&self, name: &str, problem: String) -> WeightsError {
        WeightsError::Tensor { path: self.path.clone(), name: name.into(), problem }
    }
}

/// What each `WIDTH` bytes mean.
fn each<const WIDTH: usize>(bytes: &[u8], number: impl Fn([u8; WIDTH]) -> f32) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|bits| number(*bits)).collect()
}

/// IEEE 754 binary16: a sign, five bits of exponent with a bias of 15, ten of fraction.
fn of_half(bits: u16) -> f32 {
    let (sign, exponent, fraction) = (u32::from(bits >> 15) << 31, u32::from(bits >> 10) & 31, u32::from(bits) & 1023);
    match exponent {
        // Below the least exponent: so many times 2^-24.
        0 => f32::from_bits(sign | (fraction as f32 * 2f32.powi(-24)).to_bits()),
        31 => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 127 - 15) << 23 | fraction << 13),
    }
}

fn cannot_read(path: &Path, source: io::Error) -> WeightsError {
    WeightsError::Io { path: path.into(), doing: "read", source }
}
