//! Files by name and by content, and what is said of those that hold nothing for us.

use super::testing::{steps, told};
use super::{is_foreign, read};
use crate::{Journal, LossUnit, Record, RunCard, RunFolder, Trace, TraceError};
use std::fs;

fn read_as(name: &str, content: impl AsRef<[u8]>) -> Result<Trace, TraceError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    assert!(is_foreign(&path));
    read(&path)
}

fn check(name: &str, content: impl AsRef<[u8]>, expected: &str) {
    assert_eq!(told(&read_as(name, content).unwrap().records), expected, "{name}");
}

fn refused(name: &str, content: impl AsRef<[u8]>, words: &[&str]) {
    let error = read_as(name, content).unwrap_err().to_string();
    words.iter().for_each(|word| assert!(error.contains(word), "{error}"));
}

#[test]
fn a_file_is_what_its_name_or_its_content_says() {
    check("a.csv", "step,loss\n3,2.5\n", "3: 2.5");
    check("a.txt", "step,loss\n3,2.5\n", "3: 2.5");
    check("a.jsonl", "{\"step\": 3, \"loss\": 2.5}\n", "3: 2.5");
    check("a", "\u{feff}\n{\"step\": 3, \"loss\": 2.5}\n", "3: 2.5");
    check("a.log", "step 3 loss 2.5", "3: 2.5");
    let of_windows: Vec<u8> = "\u{feff}step 3 loss 2.5\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check("a.log", of_windows, "3: 2.5");
    check("a.log", b"caf\xe9 step 3 loss 2.5", "3: 2.5");
}

#[test]
fn a_log_says_no_more_than_it_knows() {
    let trace = read_as("brave.run.csv", "step,loss\n3,2.5\n").unwrap();
    assert_eq!((trace.name.as_str(), &trace.card, trace.recipe.as_str()), ("brave.run", &RunCard::default(), ""));
    let step = trace.steps().next().unwrap();
    assert!(step.learning_rate.is_nan() && step.gradient_norm.is_nan() && step.tokens_per_second.is_nan());
    assert_eq!((step.tokens, step.seconds, step.unit), (0, 0.0, LossUnit::NatsPerToken));
    let trace = read_as("a.csv", "step,train_mse,val_mse\n3,2.5,3\n").unwrap();
    assert_eq!(trace.steps().next().unwrap().unit, LossUnit::SquaredError);
    assert_eq!(trace.evaluations("validation").next().unwrap().unit, LossUnit::SquaredError);
}

#[test]
fn a_log_of_evaluations_alone_is_one_too() {
    check("a.csv", "epoch,val_loss\n1,2.5\n2,2.25\n", "1 validation: 2.5; 2 validation: 2.25");
    check("a.csv", "val_loss\n2.5\n2.25\n", "1 validation: 2.5; 2 validation: 2.25");
}

#[test]
fn our_own_lines_are_read_as_what_they_are() {
    let root = tempfile::tempdir().unwrap();
    let run = RunFolder::create(&root.path().join("one"), &RunCard::default(), "").unwrap();
    let path = run.folder().metrics_path();
    let line = "{\"record\":\"evaluation\",\"step\":1,\"tokens\":32,\"seconds\":1.0,\"split\":\"test\",\"loss\":2.5}\n";
    fs::write(&path, line).unwrap();
    assert_eq!(read(&path).unwrap().records, Journal::read(&path).unwrap());
    assert!(matches!(&read(&path).unwrap().records[0], Record::Evaluation(one) if one.tokens == 32));
    assert!(!is_foreign(run.folder().path()) && !is_foreign(root.path()));
}

#[test]
fn a_log_without_a_loss_says_what_there_is() {
    refused("a.csv", "epoch,accuracy\n1,0.5\n", &["columns are called `epoch`, `accuracy`;", "`val_loss`"]);
    refused("a.jsonl", "{\"reward\": 1}\n", &["keys are called `reward`;"]);
    refused("a.log", "reward: 3.5\n", &["numbers are called `reward`;", "give the loss one of them"]);
    refused("a.log", "warming up\n", &["numbers have no names;"]);
    refused("a.log", " \n", &["is empty; wait for the first losses"]);
    refused("a.csv", "step,loss\n", &["has no rows yet, only its header;"]);
    refused("events.out.tfevents.1", "", &["tags have no names;"]);
    let many: Vec<String> = (0..60).map(|at| format!("c{at}")).collect();
    refused("a.csv", many.join(","), &["`c7` and 32 or more others"]);
}

#[test]
fn what_is_damaged_is_named() {
    refused("a.json", "{\"loss\": [", &["line 1", "cannot be read"]);
    refused("a.jsonl", "{\"loss\": 2}\n{,\n{\"loss\": 2}\n", &["line 2"]);
    refused("a.bin", b"\x7fELF\0\0", &["neither a text nor an event file"]);
    let folder = tempfile::tempdir().unwrap();
    let error = read(&folder.path().join("nowhere.csv")).unwrap_err().to_string();
    assert!(error.contains("could not read"), "{error}");
    let error = read(folder.path()).unwrap_err().to_string();
    assert!(error.contains("neither a `run.json` nor an event file"), "{error}");
}

#[test]
fn a_run_that_was_taken_up_again_is_counted_on() {
    let trace = read_as("a.csv", "step,loss\n1,3\n2,2\n1,2.5\n").unwrap();
    assert_eq!(steps(&trace.records), [(1, 3.0), (2, 2.0), (3, 2.5)]);
}
