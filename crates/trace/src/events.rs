//! TensorBoard event files, written by hand: scalars, histograms and text. The layout follows
//! `tensorflow/core/util/event.proto`, `summary.proto` and `tensor.proto` (field numbers below). Nothing here
//! reads: `foreign/tensorboard.rs` does, by the same numbers. Nothing else in Rushlight depends on these files.

use crate::wire::Message;
use crate::{Histogram, Record, Sample, TraceError};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Field numbers of `Event`.
pub(crate) mod event {
    pub(crate) const WALL_TIME: u32 = 1;
    pub(crate) const STEP: u32 = 2;
    pub(crate) const FILE_VERSION: u32 = 3;
    pub(crate) const SUMMARY: u32 = 5;
    pub(crate) const SESSION_LOG: u32 = 7;
}

/// Field numbers of `Summary.Value`, and of `Summary` itself.
pub(crate) mod value {
    pub(crate) const IN_SUMMARY: u32 = 1;
    pub(crate) const TAG: u32 = 1;
    pub(crate) const SIMPLE_VALUE: u32 = 2;
    pub(crate) const HISTOGRAM: u32 = 5;
    pub(crate) const TENSOR: u32 = 8;
    pub(crate) const METADATA: u32 = 9;
}

/// Field numbers of `SummaryMetadata` and its `PluginData`: which part of TensorBoard shows a tensor.
mod metadata {
    pub(super) const PLUGIN: u32 = 1;
    pub(super) const PLUGIN_NAME: u32 = 1;
    pub(super) const DATA_CLASS: u32 = 4;
    /// `DATA_CLASS_TENSOR`.
    pub(super) const TENSOR: u64 = 2;
}

/// Field numbers of `TensorProto`, of its `TensorShapeProto`, and of that one's `Dim`.
pub(crate) mod tensor {
    pub(crate) const TYPE: u32 = 1;
    /// `DT_STRING`.
    pub(crate) const STRING: u64 = 7;
    pub(crate) const SHAPE: u32 = 2;
    pub(crate) const DIM: u32 = 2;
    pub(crate) const SIZE: u32 = 1;
    pub(crate) const STRINGS: u32 = 8;
    /// `DT_FLOAT` and `DT_DOUBLE`, with the field that holds their numbers one by one.
    pub(crate) const FLOAT: u64 = 1;
    pub(crate) const DOUBLE: u64 = 2;
    pub(crate) const FLOATS: u32 = 5;
    pub(crate) const DOUBLES: u32 = 6;
    /// All numbers as they lie in memory.
    pub(crate) const CONTENT: u32 = 4;
}

/// Field numbers of `HistogramProto`.
pub(crate) mod histogram {
    pub(crate) const MIN: u32 = 1;
    pub(crate) const MAX: u32 = 2;
    pub(crate) const COUNT: u32 = 3;
    pub(crate) const SUM: u32 = 4;
    pub(crate) const SUM_OF_SQUARES: u32 = 5;
    pub(crate) const BUCKET_LIMITS: u32 = 6;
    pub(crate) const BUCKETS: u32 = 7;
}

/// `SessionLog.status` and its value `START`.
pub(crate) const SESSION_STATUS: (u32, u64) = (1, 1);

/// A file that TensorBoard can follow while it grows.
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    file: File,
}

impl EventFile {
    /// Begins a file in `folder`. When a run goes on after `after_step`, TensorBoard is told to
    /// forget what older files say of later steps.
    pub fn create(folder: &Path, now: SystemTime, after_step: Option<u64>) -> Result<Self, TraceError> {
        let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let name = format!("events.out.tfevents.{:010}.{}.rushlight", since_1970.as_secs(), std::process::id());
        let path = folder.join(name);
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(TraceError::io("create", &path))?;
        let mut events = Self { path, file };
        events.write(&stamped(now).bytes(event::FILE_VERSION, b"brain.Event:2"))?;
        if let Some(step) = after_step {
            let start = Message::default().unsigned(SESSION_STATUS.0, SESSION_STATUS.1);
            let forget = stamped(now).unsigned(event::STEP, step + 1);
            events.write(&forget.message(event::SESSION_LOG, start))?;
        }
        Ok(events)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what TensorBoard can show of a record; of the others, nothing.
    pub fn record(&mut self, record: &Record, now: SystemTime) -> Result<(), TraceError> {
        let mut summary = Message::default();
        for (tag, number) in scalars(record) {
            let shown = Message::default().bytes(value::TAG, tag.as_bytes()).float(value::SIMPLE_VALUE, number as f32);
            summary = summary.message(value::IN_SUMMARY, shown);
        }
        if let Some((tag, counted)) = counted(record) {
            let shown = Message::default().bytes(value::TAG, tag.as_bytes()).message(value::HISTOGRAM, spread(counted));
            summary = summary.message(value::IN_SUMMARY, shown);
        }
        if let Record::Sample(sample) = record {
            let shown = text(&sample_in_markdown(sample)).bytes(value::TAG, b"samples");
            summary = summary.message(value::IN_SUMMARY, shown);
        }
        match record.step() {
            Some(step) if !summary.is_empty() => {
                let stamped = stamped(now).unsigned(event::STEP, step);
                self.write(&stamped.message(event::SUMMARY, summary))
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, message: &Message) -> Result<(), TraceError> {
        self.file.write_all(&message.framed()).map_err(TraceError::io("append to", &self.path))
    }
}

fn stamped(now: SystemTime) -> Message {
    let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Message::default().double(event::WALL_TIME, since_1970.as_secs_f64())
}

fn scalars(record: &Record) -> Vec<(String, f64)> {
    let named = |name: &str, number: f64| (name.to_owned(), number);
    match record {
        Record::Step(step) => vec![
            named("train/loss", step.loss),
            named("train/learning_rate", step.learning_rate),
            named("train/gradient_norm", step.gradient_norm),
            named("train/tokens_per_second", step.tokens_per_second),
            named("train/wait_seconds", step.wait_seconds),
        ],
        Record::Evaluation(evaluation) => {
            let under = |name: &str| format!("evaluation/{}/{name}", evaluation.split);
            let optional =
                [("perplexity", evaluation.perplexity), ("top1", evaluation.top1), ("top5", evaluation.top5)];
            std::iter::once((under("loss"), evaluation.loss))
                .chain(optional.iter().filter_map(|(name, number)| Some((under(name), (*number)?))))
                .collect()
        }
        Record::Layer(layer) => {
            let under = |name: &str| format!("{}/{}/{name}", layer.kind, layer.site);
            let mut all = vec![(under("mean"), layer.mean), (under("std"), layer.std)];
            all.extend(layer.saturated_share.map(|share| (under("saturated_share"), share)));
            all.extend(layer.dead_units.map(|units| (under("dead_units"), units as f64)));
            all
        }
        Record::Weight(weight) => vec![
            (format!("grad_to_data/{}", weight.name), weight.grad_to_data),
            (format!("update_to_data/{}", weight.name), weight.update_to_data),
        ],
        _ => Vec::new(),
    }
}

fn counted(record: &Record) -> Option<(String, &Histogram)> {
    match record {
        Record::Layer(layer) => Some((format!("{}/{}", layer.kind, layer.site), &layer.histogram)),
        Record::Weight(weight) => Some((format!("weight gradients/{}", weight.name), &weight.grad_histogram)),
        _ => None,
    }
}

/// A `HistogramProto`. Its sums are those of the bins' middles: the values themselves are gone.
fn spread(counted: &Histogram) -> Message {
    let sum: f64 = counted.bins().map(|(middle, count)| middle * count as f64).sum();
    let squares: f64 = counted.bins().map(|(middle, count)| middle * middle * count as f64).sum();
    let upper_edges = counted.bins().map(|(middle, _)| middle + counted.bin_width() / 2.0);
    Message::default()
        .double(histogram::MIN, counted.low)
        .double(histogram::MAX, counted.high)
        .double(histogram::COUNT, counted.total() as f64)
        .double(histogram::SUM, sum)
        .double(histogram::SUM_OF_SQUARES, squares)
        .doubles(histogram::BUCKET_LIMITS, upper_edges)
        .doubles(histogram::BUCKETS, counted.counts.iter().map(|count| *count as f64))
}

/// A `Summary.Value` of one text, without its tag.
fn text(markdown: &str) -> Message {
    let plugin = Message::default().bytes(metadata::PLUGIN_NAME, b"text");
    let shown_by =
        Message::default().message(metadata::PLUGIN, plugin).unsigned(metadata::DATA_CLASS, metadata::TENSOR);
    let one = Message::default().message(tensor::DIM, Message::default().unsigned(tensor::SIZE, 1));
    let strings = Message::default()
        .unsigned(tensor::TYPE, tensor::STRING)
        .message(tensor::SHAPE, one)
        .bytes(tensor::STRINGS, markdown.as_bytes());
    Message::default().message(value::METADATA, shown_by).message(value::TENSOR, strings)
}

/// TensorBoard reads Markdown: indented, a sample keeps its lines and its signs.
fn sample_in_markdown(sample: &Sample) -> String {
    let written = format!("{}{}", sample.prompt, sample.text);
    let indented: String = written.split('\n').map(|line| format!("    {line}\n")).collect();
    format!("{}\n\n{indented}", sample.strategy)
}

#[cfg(test)]
mod tests;
