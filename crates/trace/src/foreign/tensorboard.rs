//! TensorBoard event files: scalars under tags, as plain values or as tensors, and histograms. Each record stands in a
//! frame with two checksums, by which a torn end is told from a damaged middle. Images, texts and graphs are passed over.

use super::names;
use super::table::{Row, Table};
use crate::events::{SESSION_STATUS, event, histogram, tensor, value};
use crate::wire::{Fields, Value, masked};
use crate::{Layer, SiteKind, TraceError};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

mod bins;

/// Before a record: its length, and the checksum of that. After it: its own checksum.
const HEAD: u64 = 12;
const TAIL: u64 = 4;

/// What one event says at its step.
struct Said {
    step: u64,
    what: What,
}

enum What {
    Number(usize, f64),
    Layer(Layer),
}

/// Reads a file, or all files of a folder: those of folders in it too that are named after a part of the data, as
/// Keras's `train` and `validation` or the ones that `add_scalars` makes.
pub(super) fn table(path: &Path) -> Result<Table, TraceError> {
    let mut table = Table::default();
    let mut said = Vec::new();
    if path.is_dir() {
        for (prefix, files) in folders(path)? {
            let mut of_folder = Vec::new();
            for file in files {
                listen(&file, &prefix, &mut table, &mut of_folder)?;
            }
            said.append(&mut of_folder);
        }
    } else {
        listen(path, "", &mut table, &mut said)?;
    }
    fill(&mut table, said);
    Ok(table)
}

/// Whether a file's name says that it is one.
pub(super) fn is_named(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains("tfevents"))
}

/// Whether bytes begin with a frame.
pub(super) fn is_framed(bytes: &[u8]) -> bool {
    bytes.first_chunk::<12>().is_some_and(|head| length(head).is_some())
}

/// Whether a folder holds such files, in itself or by part.
pub(super) fn is_folder(path: &Path) -> bool {
    folders(path).is_ok()
}

/// Folders with event files: what stands before their tags, and the files, by time.
fn folders(path: &Path) -> Result<Vec<(String, Vec<PathBuf>)>, TraceError> {
    let entries = || fs::read_dir(path).map_err(TraceError::io("list", path));
    let mut folders = vec![(String::new(), files(path)?)];
    let (mut parts, mut others) = (Vec::new(), Vec::new());
    for entry in entries()?.flatten().filter(|entry| entry.path().is_dir()) {
        let name = entry.file_name().to_string_lossy().into_owned();
        // A folder that may not be read holds nothing for us.
        let files = files(&entry.path()).unwrap_or_default();
        if files.is_empty() {
            continue;
        }
        match names::part_within(&name) {
            Some(_) => parts.push((format!("{name}/"), files)),
            None => others.push(format!("`{name}`")),
        }
    }
    parts.sort();
    folders.append(&mut parts);
    folders.retain(|(_, files)| !files.is_empty());
    if folders.is_empty() {
        others.sort();
        let beside = if others.is_empty() { String::new() } else { format!("; ask for one of {}", others.join(", ")) };
        let why = format!("it holds neither a `run.json` nor an event file of TensorBoard{beside}");
        return Err(TraceError::BadFile { path: path.to_path_buf(), line: None, why });
    }
    Ok(folders)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, TraceError> {
    let entries = fs::read_dir(folder).map_err(TraceError::io("list", folder))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths.filter(|path| is_named(path) && path.is_file()).collect();
    files.sort();
    Ok(files)
}

fn listen(path: &Path, prefix: &str, table: &mut Table, said: &mut Vec<Said>) -> Result<(), TraceError> {
    let file = File::open(path).map_err(TraceError::io("open", path))?;
    let length = file.metadata().map_err(TraceError::io("read", path))?.len();
    let torn = records(BufReader::new(file), length, |record| hear(record, prefix, table, said));
    match torn.map_err(TraceError::io("read", path))? {
        None => Ok(()),
        Some(at) => {
            let why = format!("the record at byte {at} has a wrong checksum; the file is damaged there");
            Err(TraceError::BadFile { path: path.to_path_buf(), line: None, why })
        }
    }
}

/// Gives every whole record to `take`. Returns the place of a record that is damaged; a last one that breaks off, or
/// that is zeros only, is none.
fn records(mut from: impl BufRead, size: u64, mut take: impl FnMut(&[u8])) -> io::Result<Option<u64>> {
    let mut at = 0;
    let mut record = Vec::new();
    while size - at >= HEAD {
        let mut head = [0; HEAD as usize];
        from.read_exact(&mut head)?;
        let left = size - at - HEAD;
        let Some(length) = length(&head) else {
            let zeros = head == [0; HEAD as usize] && from.bytes().all(|byte| byte.is_ok_and(|byte| byte == 0));
            return Ok(if zeros { None } else { Some(at) });
        };
        if length.checked_add(TAIL).is_none_or(|needed| needed > left) {
            return Ok(None);
        }
        record.clear();
        from.by_ref().take(length).read_to_end(&mut record)?;
        let mut tail = [0; TAIL as usize];
        from.read_exact(&mut tail)?;
        if u32::from_le_bytes(tail) != masked(crc32c::crc32c(&record)) {
            return Ok(if left == length + TAIL { None } else { Some(at) });
        }
        take(&record);
        at += HEAD + length + TAIL;
    }
    Ok(None)
}

/// The length that a frame begins with, if its checksum holds.
fn length(head: &[u8; HEAD as usize]) -> Option<u64> {
    let (length, sum) = (head.first_chunk::<8>()?, head.last_chunk::<4>()?);
    (u32::from_le_bytes(*sum) == masked(crc32c::crc32c(length))).then_some(u64::from_le_bytes(*length))
}

fn hear(record: &[u8], prefix: &str, table: &mut Table, said: &mut Vec<Said>) {
    let step = match Fields(record).find(event::STEP) {
        Some(Value::Unsigned(step)) => i64::try_from(step).map_or(0, i64::unsigned_abs),
        _ => 0,
    };
    for (field, content) in Fields(record) {
        let Some(content) = content.bytes() else { continue };
        if field == event::SESSION_LOG
            && Fields(content).find(SESSION_STATUS.0) == Some(Value::Unsigned(SESSION_STATUS.1))
        {
            // The run was taken up again here: what was said of later steps no longer holds.
            said.retain(|said| said.step < step);
        }
        let values = Fields(content).filter(|(number, _)| field == event::SUMMARY && *number == value::IN_SUMMARY);
        for shown in values.filter_map(|(_, shown)| shown.bytes()) {
            let tag = Fields(shown).find(value::TAG).and_then(Value::bytes).unwrap_or_default();
            let tag = format!("{prefix}{}", String::from_utf8_lossy(tag));
            if let Some(spread) = Fields(shown).find(value::HISTOGRAM).and_then(Value::bytes) {
                said.extend(layer(tag, step, spread).map(|layer| Said { step, what: What::Layer(layer) }));
            } else if let Some(number) = number(shown)
                && let Some(column) = table.column(&tag)
            {
                said.push(Said { step, what: What::Number(column, number) });
            }
        }
    }
}

/// The number of a `Summary.Value`: a plain one, or the first of a tensor of floats or doubles.
fn number(shown: &[u8]) -> Option<f64> {
    if let Some(simple) = Fields(shown).find(value::SIMPLE_VALUE) {
        return simple.number();
    }
    let held = Fields(shown).find(value::TENSOR)?.bytes()?;
    let Value::Unsigned(kind) = Fields(held).find(tensor::TYPE)? else { return None };
    let content = || Fields(held).find(tensor::CONTENT)?.bytes();
    let first_float = |bytes: &[u8]| Some(f64::from(f32::from_le_bytes(*bytes.first_chunk()?)));
    match kind {
        tensor::FLOAT => match Fields(held).find(tensor::FLOATS) {
            Some(Value::Bytes(packed)) => first_float(packed),
            Some(one) => one.number(),
            None => first_float(content()?),
        },
        tensor::DOUBLE => match Fields(held).find(tensor::DOUBLES) {
            Some(found) => found.doubles().first().copied(),
            None => Some(f64::from_le_bytes(*content()?.first_chunk()?)),
        },
        _ => None,
    }
}

/// What a `HistogramProto` says, under its tag. One that holds nothing, or no numbers, says nothing.
fn layer(tag: String, step: u64, spread: &[u8]) -> Option<Layer> {
    let one = |field: u32| Fields(spread).find(field).and_then(Value::number).unwrap_or(0.0);
    let many = |field: u32| -> Vec<f64> {
        Fields(spread).filter(|(number, _)| *number == field).flat_map(|(_, value)| value.doubles()).collect()
    };
    let count = one(histogram::COUNT);
    let mean = one(histogram::SUM) / count;
    let std = (one(histogram::SUM_OF_SQUARES) / count - mean * mean).max(0.0).sqrt();
    let (limits, counts) = (many(histogram::BUCKET_LIMITS), many(histogram::BUCKETS));
    let histogram = bins::equal(one(histogram::MIN), one(histogram::MAX), &limits, &counts)?;
    let of_gradient = tag.to_lowercase().contains("grad");
    let kind = if of_gradient { SiteKind::Gradient } else { SiteKind::Activation };
    (mean.is_finite() && std.is_finite()).then_some(Layer {
        step,
        site: tag,
        kind,
        mean,
        std,
        saturated_share: None,
        dead_units: None,
        units: 1,
        histogram,
    })
}

/// One row a step; what is said twice of a step holds as it was said last. Without any steps (nobody gave a
/// `global_step`) a row goes on until a tag comes again.
fn fill(table: &mut Table, mut said: Vec<Said>) {
    let has_steps = said.iter().any(|said| said.step > 0);
    let counter = if has_steps { table.column("step") } else { None };
    said.sort_by_key(|said| said.step);
    let mut row = Row::new();
    let mut layers = Vec::new();
    let mut before = None;
    for Said { step, what } in said {
        let again = match &what {
            What::Number(column, _) => row.iter().position(|(known, _)| known == column),
            What::Layer(_) => None,
        };
        if before != Some(step) || (again.is_some() && !has_steps) {
            close(table, &mut row, &mut layers);
            row.extend(counter.map(|counter| (counter, step as f64)));
            before = Some(step);
        }
        match (what, again.filter(|at| *at < row.len() && has_steps)) {
            (What::Number(_, number), Some(at)) => row[at].1 = number,
            (What::Number(column, number), None) => row.push((column, number)),
            (What::Layer(layer), _) => layers.push(layer),
        }
    }
    close(table, &mut row, &mut layers);
}

fn close(table: &mut Table, row: &mut Row, layers: &mut Vec<Layer>) {
    table.push(std::mem::take(row));
    layers.drain(..).for_each(|layer| table.push_layer(layer));
}

#[cfg(test)]
mod tests;
