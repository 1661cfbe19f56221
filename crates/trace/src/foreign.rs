//! Logs of other training programs, read as if they were runs of ours, so that the same eye can judge them: CSV tables,
//! JSON, TensorBoard event files, printed lines. Judges nothing, and changes nothing.
//!
//! | file | of which |
//! | --- | --- |
//! | `csv.rs` | a header, and rows of cells |
//! | `json_lines.rs` | an object a line, or one object or array of all |
//! | `tensorboard.rs` | event files, alone or in folders |
//! | `printed.rs` | words with numbers behind them |
//! | `names.rs` | which name means what |
//! | `table.rs` | rows of numbers into records: which column is the loss, which one counts the steps |
//!
//! What was not logged is not made up: a learning rate, a gradient norm or a speed that nobody logged is NaN, tokens and
//! seconds are 0. A loss is taken to be in nats per token unless its name says that it is a squared error.

use crate::{Journal, Record, RunCard, Trace, TraceError};
use std::borrow::Cow;
use std::fs;
use std::path::Path;

mod csv;
mod json_lines;
mod names;
mod printed;
mod table;
mod tensorboard;

use table::Table;

/// Whether a path is something for [`read`] to try: a file, or a folder that is no run of ours and holds event files.
pub fn is_foreign(path: &Path) -> bool {
    path.is_file() || (path.is_dir() && !path.join("run.json").is_file() && tensorboard::is_folder(path))
}

/// Reads a log of another program. What it is, its name and its content say.
///
/// Losses of training become [`Record::Step`], losses on other parts [`Record::Evaluation`], TensorBoard's histograms
/// [`Record::Layer`]. Steps are those of the log if it has a count that rises from each loss to the next, and are counted
/// from 1 otherwise. A test part that is looked at again and again, with no validation part beside it, is read as
/// `validation`, which is what it is used as. Lines of our own `metrics.jsonl` are read as what they are.
///
/// Fails with [`TraceError::NothingYet`] where nothing stands below a header, or nothing at all, with
/// [`TraceError::NoLoss`] where nothing is called a loss, and with [`TraceError::BadFile`] where a line or a
/// record is damaged; a last one that breaks off is none.
pub fn read(path: &Path) -> Result<Trace, TraceError> {
    let (kind, table) = if path.is_dir() || tensorboard::is_named(path) {
        ("tags", tensorboard::table(path)?)
    } else {
        let bytes = bytes(path)?;
        let text = text(&bytes);
        let text = text.trim_start();
        if text.trim_end().is_empty() {
            return Err(TraceError::NothingYet { path: path.to_path_buf(), has_header: false });
        } else if tensorboard::is_framed(&bytes) {
            ("tags", tensorboard::table(path)?)
        } else if text.contains('\0') {
            let why = "it is neither a text nor an event file of TensorBoard".to_owned();
            return Err(TraceError::BadFile { path: path.to_path_buf(), line: None, why });
        } else if text.starts_with("{\"record\":") {
            return Ok(trace(path, Journal::read(path)?));
        } else {
            of_text(path, text)?
        }
    };
    let records = table.records();
    if records.is_empty() && kind == "columns" && table.awaits_losses() {
        return Err(TraceError::NothingYet { path: path.to_path_buf(), has_header: true });
    }
    if records.is_empty() {
        return Err(TraceError::NoLoss { path: path.to_path_buf(), kind, named: table.into_names() });
    }
    Ok(trace(path, records))
}

fn trace(path: &Path, records: Vec<Record>) -> Trace {
    // `.` and `..` have no name of their own.
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let name = if path.is_dir() { whole.file_name() } else { path.file_stem() };
    let name = name.unwrap_or_default().to_string_lossy().into_owned();
    let (path, card) = (path.to_path_buf(), RunCard::default());
    Trace { path, name, card, recipe: String::new(), records, findings: Vec::new() }
}

fn bytes(path: &Path) -> Result<Vec<u8>, TraceError> {
    let data = fs::metadata(path).map_err(TraceError::io("read", path))?;
    if !data.is_file() {
        // A device may never end.
        let why = "it is neither a file nor a folder; write what it gives to a file first".to_owned();
        return Err(TraceError::BadFile { path: path.to_path_buf(), line: None, why });
    }
    fs::read(path).map_err(TraceError::io("read", path))
}

/// UTF-8, with some strange bytes perhaps, or the UTF-16 that Windows writes with `>`.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    let units =
        |to_unit: fn([u8; 2]) -> u16| -> Vec<u16> { bytes.as_chunks().0.iter().map(|pair| to_unit(*pair)).collect() };
    let text = match bytes {
        [0xff, 0xfe, ..] => Cow::Owned(String::from_utf16_lossy(&units(u16::from_le_bytes))),
        [0xfe, 0xff, ..] => Cow::Owned(String::from_utf16_lossy(&units(u16::from_be_bytes))),
        _ => String::from_utf8_lossy(bytes),
    };
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start_matches('\u{feff}')),
        Cow::Owned(text) => Cow::Owned(text.trim_start_matches('\u{feff}').to_owned()),
    }
}

fn of_text(path: &Path, text: &str) -> Result<(&'static str, Table), TraceError> {
    let end = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match end.as_str() {
        "csv" | "tsv" => Ok(("columns", csv::table(text))),
        "json" | "jsonl" | "ndjson" => of_json(path, text),
        _ if json_lines::is_json(text) => of_json(path, text),
        _ if csv::is_table(text) => Ok(("columns", csv::table(text))),
        _ => Ok(("numbers", printed::table(text))),
    }
}

fn of_json(path: &Path, text: &str) -> Result<(&'static str, Table), TraceError> {
    let bad = |(line, why)| TraceError::BadFile { path: path.to_path_buf(), line: Some(line), why };
    Ok(("keys", json_lines::table(text).map_err(bad)?))
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
