//! Event files that this test puts together, and those of our own writer.

use super::{is_framed, records, table};
use crate::events::{event, histogram, tensor, value};
use crate::foreign::testing::{steps, told};
use crate::wire::Message;
use crate::{Evaluation, EventFile, Histogram, Layer, LossUnit, Record, SiteKind, Step, TraceError};
use std::fs;
use std::path::Path;
use std::time::SystemTime;

fn event(step: u64, shown: Message) -> Vec<u8> {
    let summary = Message::default().message(value::IN_SUMMARY, shown);
    Message::default()
        .double(event::WALL_TIME, 1.0)
        .unsigned(event::STEP, step)
        .message(event::SUMMARY, summary)
        .framed()
}

fn scalar(tag: &str, step: u64, number: f32) -> Vec<u8> {
    event(step, Message::default().bytes(value::TAG, tag.as_bytes()).float(value::SIMPLE_VALUE, number))
}

fn read(files: &[(&str, Vec<u8>)]) -> Result<Vec<Record>, TraceError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    table(folder.path()).map(|table| table.records())
}

fn of_events(events: &[Vec<u8>]) -> Vec<Record> {
    read(&[("events.out.tfevents.1", events.concat())]).unwrap()
}

#[test]
fn scalars_of_a_step_are_one_record() {
    let all =
        [scalar("Loss/train", 5, 2.5), scalar("lr", 5, 0.5), scalar("grad_norm", 5, 2.0), scalar("Loss/val", 5, 3.0)];
    assert_eq!(told(&of_events(&all)), "5: 2.5 at 0.5 norm 2; 5 validation: 3");
}

#[test]
fn without_steps_a_row_goes_on_until_a_tag_comes_again() {
    let all = [scalar("loss", 0, 2.5), scalar("lr", 0, 0.5), scalar("loss", 0, 2.0), scalar("lr", 0, 0.25)];
    assert_eq!(told(&of_events(&all)), "1: 2.5 at 0.5; 2: 2 at 0.25");
}

#[test]
fn tensors_are_scalars_however_they_hold_their_number() {
    let held = [
        Message::default().unsigned(tensor::TYPE, tensor::FLOAT).bytes(tensor::FLOATS, &2.5f32.to_le_bytes()),
        Message::default().unsigned(tensor::TYPE, tensor::FLOAT).float(tensor::FLOATS, 2.5),
        Message::default().unsigned(tensor::TYPE, tensor::FLOAT).bytes(tensor::CONTENT, &2.5f32.to_le_bytes()),
        Message::default().unsigned(tensor::TYPE, tensor::DOUBLE).doubles(tensor::DOUBLES, [2.5].into_iter()),
        Message::default().unsigned(tensor::TYPE, tensor::DOUBLE).bytes(tensor::CONTENT, &2.5f64.to_le_bytes()),
    ];
    let events = (1..)
        .zip(held)
        .map(|(step, held)| event(step, Message::default().bytes(value::TAG, b"loss").message(value::TENSOR, held)));
    let expected = [(1, 2.5), (2, 2.5), (3, 2.5), (4, 2.5), (5, 2.5)];
    assert_eq!(steps(&of_events(&events.collect::<Vec<_>>())), expected);
}

#[test]
fn a_histogram_becomes_a_layer() {
    let spread = Message::default()
        .double(histogram::MIN, -1.0)
        .double(histogram::MAX, 1.0)
        .double(histogram::COUNT, 4.0)
        .double(histogram::SUM, 2.0)
        .double(histogram::SUM_OF_SQUARES, 5.0)
        .doubles(histogram::BUCKET_LIMITS, [0.0, 1.0].into_iter())
        .doubles(histogram::BUCKETS, [1.0, 3.0].into_iter());
    let shown = Message::default().bytes(value::TAG, b"fc.weight/grad").message(value::HISTOGRAM, spread);
    let records = of_events(&[scalar("loss", 1, 2.0), scalar("loss", 7, 1.0), event(7, shown)]);
    let Some(Record::Layer(layer)) = records.last() else { panic!("{records:?}") };
    assert_eq!((layer.step, layer.site.as_str(), layer.kind), (7, "fc.weight/grad", SiteKind::Gradient));
    // Mean 2/4; variance 5/4 - (1/2)^2 = 1.
    assert_eq!((layer.mean, layer.std, layer.histogram.total()), (0.5, 1.0, 4));
}

#[test]
fn a_torn_last_record_is_no_record() {
    let (whole, last) = (scalar("loss", 1, 2.5), scalar("loss", 2, 2.0));
    for end in 0..last.len() {
        let torn = [&whole[..], &last[..end]].concat();
        assert_eq!(steps(&read(&[("events.out.tfevents.1", torn)]).unwrap()), [(1, 2.5)], "{end}");
    }
    // As long as it should be, but not yet what it should be; and room that was never written.
    let mut unfinished = last.clone();
    *unfinished.last_mut().unwrap() ^= 1;
    assert_eq!(steps(&of_events(&[whole.clone(), unfinished])), [(1, 2.5)]);
    assert_eq!(steps(&of_events(&[whole, vec![0; 99]])), [(1, 2.5)]);
}

#[test]
fn a_damaged_middle_is_named_by_its_byte() {
    let (first, last) = (scalar("loss", 1, 2.5), scalar("loss", 3, 2.0));
    let length = first.len();
    for at in 0..length {
        let mut damaged = scalar("loss", 2, 2.25);
        damaged[at] ^= 4;
        let error = read(&[("events.out.tfevents.1", [&first[..], &damaged, &last].concat())]).unwrap_err().to_string();
        assert!(error.contains(&format!("byte {length} ")), "{error}");
    }
}

#[test]
fn a_length_beyond_the_file_takes_no_memory() {
    let mut frame = u64::MAX.to_le_bytes().to_vec();
    frame.extend(crate::wire::masked(crc32c::crc32c(&frame)).to_le_bytes());
    frame.extend([0; 20]);
    assert!(is_framed(&frame));
    assert_eq!(records(&frame[..], frame.len() as u64, |_| panic!("no record")).unwrap(), None);
}

#[test]
fn folders_named_after_parts_are_parts_of_one_run() {
    let file = |name: &'static str, tag, loss| (name, [scalar(tag, 1, loss), scalar(tag, 2, loss - 1.0)].concat());
    let keras = [
        file("train/events.out.tfevents.1", "epoch_loss", 2.5),
        file("validation/events.out.tfevents.1", "epoch_loss", 3.5),
    ];
    assert_eq!(told(&read(&keras).unwrap()), "1: 2.5; 1 validation: 3.5; 2: 1.5; 2 validation: 2.5");
    let error = read(&[file("june/events.out.tfevents.1", "loss", 2.0)]).unwrap_err().to_string();
    assert!(error.contains("ask for one of `june`"), "{error}");
}

fn own_step(step: u64, loss: f64) -> Record {
    Record::Step(Step {
        step,
        tokens: 0,
        seconds: 0.0,
        loss,
        unit: LossUnit::NatsPerToken,
        learning_rate: 0.5,
        gradient_norm: 2.0,
        tokens_per_second: f64::NAN,
        wait_seconds: 0.0,
    })
}

fn write(folder: &Path, after: Option<u64>, records: &[Record]) {
    // A file's name holds the second and the process: a second file of this test needs a later second.
    let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(after.map_or(1, |step| step + 2));
    let mut file = EventFile::create(folder, now, after).unwrap();
    records.iter().for_each(|record| file.record(record, now).unwrap());
}

#[test]
fn what_we_write_we_read() {
    let folder = tempfile::tempdir().unwrap();
    let evaluation =
        Evaluation { step: 2, split: "validation".into(), loss: 2.75, top1: Some(0.5), ..Evaluation::default() };
    let counts: Vec<u64> = (0..60).collect();
    let layer = Layer {
        step: 2,
        site: "hidden".into(),
        kind: SiteKind::Activation,
        mean: 0.5,
        std: 0.25,
        saturated_share: None,
        dead_units: None,
        units: 4,
        histogram: Histogram { low: -1.0, high: 1.0, counts: counts.clone(), not_finite: 0 },
    };
    let all = [own_step(1, 3.0), own_step(2, 2.5), Record::Layer(layer), Record::Evaluation(evaluation)];
    write(folder.path(), None, &all);
    let records = table(folder.path()).unwrap().records();
    assert_eq!(told(&records), "1: 3 at 0.5 norm 2; 2: 2.5 at 0.5 norm 2; 2 validation: 2.75");
    let layers: Vec<&Layer> = records
        .iter()
        .filter_map(|record| if let Record::Layer(layer) = record { Some(layer) } else { None })
        .collect();
    assert_eq!((layers.len(), layers[0].site.as_str()), (1, "activations/hidden"));
    assert_eq!(layers[0].histogram.counts, counts);
}

#[test]
fn a_run_that_was_resumed_forgets_what_came_after() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), None, &[own_step(1, 3.0), own_step(2, 2.5), own_step(3, 9.0), own_step(4, 9.5)]);
    write(folder.path(), Some(2), &[own_step(3, 2.0)]);
    let records = table(folder.path()).unwrap().records();
    assert_eq!(steps(&records), [(1, 3.0), (2, 2.5), (3, 2.0)]);
}
