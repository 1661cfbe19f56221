//! Weights in and out, as safetensors: named f32 tensors and a few words about them. A file of this kind holds no code.
//! Knows no run folder; who saves a checkpoint writes the bytes to where they belong.

mod file;
mod mismatch;

pub use mismatch::{Mismatch, WrongShape};

use crate::{Param, Params, Role};
use file::TensorFile;
use rushlight_engine::{Tensor, at_once};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why weights could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file system says no.
    #[error("`{}` cannot be {doing}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        doing: &'static str,
        /// Its reason.
        source: io::Error,
    },
    /// The file is damaged, or is something else.
    #[error("`{}` is no whole safetensors file: {problem}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What was found.
        problem: String,
    },
    /// A tensor that is there, but cannot be read.
    #[error("`{}`: tensor `{name}` {problem}", path.display())]
    Tensor {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// What cannot be read.
        problem: String,
    },
    /// The weights of another model.
    #[error("`{}` does not fit this model: {mismatch}", path.display())]
    Mismatch {
        /// The file.
        path: PathBuf,
        /// Where they differ.
        mismatch: Mismatch,
    },
}

/// All parameters as the bytes of a safetensors file, statistics and counts too, in the order of the model: the same
/// bytes for the same weights.
pub fn bytes(params: &Params, metadata: &[(&str, &str)]) -> Vec<u8> {
    let tensors: Vec<_> = params.iter().map(|param| (param.name().to_string(), param.value())).collect();
    tensor_bytes(&tensors, metadata)
}

/// Named tensors as the bytes of a safetensors file.
///
/// # Panics
/// When a name is there twice.
pub fn tensor_bytes(tensors: &[(String, Tensor)], metadata: &[(&str, &str)]) -> Vec<u8> {
    file::encode(tensors, metadata)
}

/// Writes all parameters to a file. What was there before stays until the new file is whole.
///
/// # Errors
/// When it cannot be written.
pub fn save(path: &Path, params: &Params, metadata: &[(&str, &str)]) -> Result<(), WeightsError> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    let write = || {
        let mut file = File::create(&aside)?;
        file.write_all(&bytes(params, metadata))?;
        file.sync_all()?;
        fs::rename(&aside, path)
    };
    write().map_err(|source| {
        // The first error is the one worth telling; a leftover is only untidy.
        let _ = fs::remove_file(&aside);
        WeightsError::Io { path: path.into(), doing: "written", source }
    })
}

/// Reads all parameters from a file that holds them and nothing else. Counts have as many rows as the file says.
///
/// # Errors
/// When the file cannot be read, is damaged, or has other tensors: then the message names them, and nothing has changed
/// (unless the disk itself fails half-way).
pub fn load(path: &Path, params: &Params) -> Result<(), WeightsError> {
    let file = TensorFile::open(path)?;
    let mut mismatch = Mismatch::default();
    for param in params.iter() {
        match file.shape(param.name()) {
            Some(shape) if param.takes(shape) => {}
            Some(shape) => mismatch.add_shape(param.name(), shape, &param.shape()),
            None => mismatch.missing.push(param.name().to_string()),
        }
    }
    mismatch.unknown = file.names().filter(|name| params.get(name).is_none()).map(String::from).collect();
    mismatch.into_result().map_err(|mismatch| WeightsError::Mismatch { path: path.into(), mismatch })?;
    for param in params.iter() {
        file.require_f32(param.name())?;
    }
    let read = |param: &Param| match param.role() {
        Role::Counts => file.read(param.name()).map(|counts| param.set(&counts)),
        Role::Weight | Role::Statistic => param.update(|numbers| file.read_into(param.name(), numbers)),
    };
    at_once(params.iter().collect(), read).into_iter().collect()
}

/// Reads all tensors of a file, in the order in which they lie there.
///
/// # Errors
/// When the file cannot be read, is damaged, or has a tensor of another kind than f32.
pub fn read_tensors(path: &Path) -> Result<Vec<(String, Tensor)>, WeightsError> {
    let file = TensorFile::open(path)?;
    file.names().map(|name| Ok((name.to_string(), file.read(name)?))).collect()
}

/// Every tensor of a file of another program, in the order in which they lie: half, double and brain floats as f32, whole
/// numbers left out.
///
/// # Errors
/// As [`read_tensors`].
pub fn read_foreign(path: &Path) -> Result<Vec<(String, Tensor)>, WeightsError> {
    let file = TensorFile::open(path)?;
    file.names()
        .filter_map(|name| Some((name, file.read_as_f32(name).transpose()?)))
        .map(|(name, read)| Ok((name.to_string(), read?)))
        .collect()
}

/// The words that were saved beside the tensors of a file.
///
/// # Errors
/// When the file cannot be read, or is damaged.
pub fn metadata(path: &Path) -> Result<BTreeMap<String, String>, WeightsError> {
    Ok(TensorFile::open(path)?.metadata())
}
