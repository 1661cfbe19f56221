//! Event files read back by a reader that shares nothing with the writer but the format.

use super::EventFile;
use crate::wire::masked;
use crate::{Evaluation, Histogram, Layer, Record, Sample, SiteKind, Yardsticks};
use std::fs;
use std::time::{Duration, SystemTime};

/// A field of a message: its number, and its bytes (a varint's eight, lowest first).
type Field = (u64, Vec<u8>);

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let (first, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            break;
        }
    }
    value
}

fn fields(mut bytes: &[u8]) -> Vec<Field> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let content = match tag & 7 {
            0 => varint(&mut bytes).to_le_bytes().to_vec(),
            wire_type => {
                let length = match wire_type {
                    1 => 8,
                    2 => varint(&mut bytes) as usize,
                    5 => 4,
                    other => panic!("wire type {other}"),
                };
                let (content, rest) = bytes.split_at(length);
                bytes = rest;
                content.to_vec()
            }
        };
        all.push((tag >> 3, content));
    }
    all
}

fn field(message: &[u8], number: u64) -> Vec<u8> {
    let found = fields(message).into_iter().find(|(found, _)| *found == number);
    found.unwrap_or_else(|| panic!("no field {number}")).1
}

fn double(bytes: &[u8]) -> f64 {
    f64::from_le_bytes(bytes.try_into().unwrap())
}

fn doubles(bytes: &[u8]) -> Vec<f64> {
    bytes.chunks(8).map(double).collect()
}

/// Takes the frames apart and checks both checksums of each.
fn messages(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let word = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap());
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        assert_eq!(word(&bytes[8..12]), masked(crc32c::crc32c(&bytes[..8])));
        let message = &bytes[12..12 + length];
        assert_eq!(word(&bytes[12 + length..16 + length]), masked(crc32c::crc32c(message)));
        all.push(message.to_vec());
        bytes = &bytes[16 + length..];
    }
    all
}

fn written(after_step: Option<u64>, records: &[Record]) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1500);
    let mut events = EventFile::create(folder.path(), now, after_step).unwrap();
    records.iter().for_each(|record| events.record(record, now).unwrap());
    let name = events.path().file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.starts_with("events.out.tfevents.0000000001."), "{name}");
    messages(&fs::read(events.path()).unwrap())
}

fn evaluation() -> Record {
    Record::Evaluation(Evaluation {
        step: 300,
        split: "validation".into(),
        loss: 2.5,
        top1: Some(0.25),
        ..Evaluation::default()
    })
}

#[test]
fn a_file_begins_with_its_version_byte_by_byte() {
    // Field 1, wire type 1: 1.5 seconds, 0x3ff8000000000000. Field 3, wire type 2, 13 bytes.
    let mut expected = vec![0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x1a, 13];
    expected.extend(b"brain.Event:2");
    assert_eq!(written(None, &[]), [expected]);
}

#[test]
fn scalars_stand_under_their_tags_at_their_step() {
    let messages = written(None, &[evaluation()]);
    // 300 in eight bytes, lowest first: 0x012c.
    assert_eq!(field(&messages[1], 2), [0x2c, 0x01, 0, 0, 0, 0, 0, 0]);
    let shown: Vec<(String, f32)> = fields(&field(&messages[1], 5))
        .iter()
        .map(|(_, value)| {
            let number = f32::from_le_bytes(field(value, 2).try_into().unwrap());
            (String::from_utf8(field(value, 1)).unwrap(), number)
        })
        .collect();
    let expected = [("evaluation/validation/loss", 2.5), ("evaluation/validation/top1", 0.25)];
    assert_eq!(shown, expected.map(|(tag, number)| (tag.to_owned(), number)));
}

#[test]
fn a_histogram_keeps_its_edges_and_counts() {
    let layer = Record::Layer(Layer {
        step: 1,
        site: "hidden".into(),
        kind: SiteKind::Activation,
        mean: 0.0,
        std: 1.0,
        saturated_share: None,
        dead_units: None,
        units: 4,
        histogram: Histogram::between(-1.0, 1.0, 2, [-0.5, 0.5, 0.5]),
    });
    let summary = field(&written(None, &[layer])[1], 5);
    let (_, value) = fields(&summary).pop().unwrap();
    assert_eq!(field(&value, 1), b"activations/hidden");
    let spread = field(&value, 5);
    assert_eq!([1, 2, 3].map(|number| double(&field(&spread, number))), [-1.0, 1.0, 3.0]);
    // Middles -0.5, 0.5, 0.5: sum 0.5, squares 3 * 0.25.
    assert_eq!([4, 5].map(|number| double(&field(&spread, number))), [0.5, 0.75]);
    assert_eq!(doubles(&field(&spread, 6)), [0.0, 1.0]);
    assert_eq!(doubles(&field(&spread, 7)), [1.0, 2.0]);
}

#[test]
fn a_run_that_goes_on_takes_back_later_steps() {
    let messages = written(Some(41), &[]);
    assert_eq!(field(&messages[1], 2)[0], 42);
    // SessionLog { status: START }, which is 1.
    assert_eq!(field(&messages[1], 7), [0x08, 0x01]);
}

#[test]
fn a_sample_is_a_text_that_keeps_its_lines() {
    let sample =
        Sample { step: 1, prompt: "a".into(), text: "b\n# c".into(), strategy: "greedy".into(), reference: None };
    let summary = field(&written(None, &[Record::Sample(sample)])[1], 5);
    let (_, value) = fields(&summary).pop().unwrap();
    assert_eq!(field(&value, 1), b"samples");
    assert_eq!(field(&field(&field(&value, 9), 1), 1), b"text");
    assert_eq!(field(&field(&value, 8), 8), b"greedy\n\n    ab\n    # c\n");
}

#[test]
fn what_tensorboard_cannot_show_is_left_out() {
    let yardsticks = Record::Yardsticks(Yardsticks::default());
    assert_eq!(written(None, &[yardsticks]).len(), 1);
}
