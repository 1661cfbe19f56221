//! Training on a file of ids: the same as on the text that they were made of, and errors, not panics, where the file is no
//! longer what it was.
#![allow(clippy::unwrap_used)]

mod common;

use common::{GRU_IDS, LSTM_IDS, Listener, Place, finish, interrupt, weights};
use rushlight_engine::Rng;
use rushlight_models::decode::Strategy;
use rushlight_trace::{Record, RunFolder};
use rushlight_train::{Run, TrainError};
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

#[test]
fn ids_give_the_weights_that_their_text_gives() {
    let place = Place::new();
    let of_text = GRU_IDS.replace(r#"kind = "ids", path = "plays.bin""#, r#"kind = "text", path = "plays.txt""#);
    let (text, ids) = (place.train("text", &of_text, &[]).0, place.train("ids", GRU_IDS, &[]).0);
    assert_eq!(weights(&text.session), weights(&ids.session));
    let records = |run: &str| {
        let told = place.records(run).into_iter();
        told.filter(|record| matches!(record, Record::Yardsticks(_) | Record::Sample(_))).collect::<Vec<_>>()
    };
    assert!(records("ids").len() > 1);
    assert_eq!(records("text"), records("ids"));
}

#[test]
fn the_card_says_what_was_read_and_how_text_became_ids() {
    let place = Place::new();
    let sum = place.begin("run", GRU_IDS, &[]).session.corpus.sources[0].crc32c;
    let card = RunFolder::open(&place.path("run")).unwrap().card().unwrap();
    assert_eq!((card.data.len(), card.data[0].bytes), (1, 6000));
    assert_eq!(card.data[0].crc32c, format!("{sum:08x}"));
    let text = card.text.unwrap();
    assert_eq!((text.token.as_str(), text.characters_per_token), ("character", 1.0));
}

#[test]
fn a_run_on_ids_of_an_unknown_text_trains_and_does_not_write() {
    let place = Place::new();
    let (run, _) = place.train("run", LSTM_IDS, &[]);
    let error = run.session.write("", 5, Strategy::SAMPLE, Rng::new(0)).unwrap_err().to_string();
    assert!(error.contains("no tokenizer.json says of what text"), "{error}");
    assert_eq!(run.session.sizes.vocabulary, 90);
    assert!(!place.records("run").iter().any(|record| matches!(record, Record::Sample(_))));
    drop(run);
    let folder = RunFolder::open(&place.path("run")).unwrap();
    assert!(!folder.tokenizer_path().exists());
    assert_eq!(folder.card().unwrap().text.unwrap().vocabulary, 90);
}

#[test]
fn a_run_does_not_go_on_with_other_ids() {
    let place = Place::new();
    interrupt(&mut place.begin("run", GRU_IDS, &[]), 7);
    let mut bytes = std::fs::read(place.path("plays.bin")).unwrap();
    bytes.swap(5000, 5002);
    std::fs::write(place.path("plays.bin"), bytes).unwrap();
    let error = Run::resume(&place.path("run")).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("plays.bin is not what this run learnt from"), "{error}");
}

#[test]
fn a_file_that_is_cut_off_while_it_is_trained_on_ends_the_run_with_an_error_and_it_can_go_on_later() {
    let place = Place::new();
    place.train("whole", GRU_IDS, &[]);
    let bytes = std::fs::read(place.path("plays.bin")).unwrap();
    let mut run = place.begin("torn", GRU_IDS, &[]);
    let mut cutting = Listener(|record: &Record| {
        if matches!(record, Record::Step(step) if step.step == 5) {
            std::fs::write(place.path("plays.bin"), b"").unwrap();
        }
        ControlFlow::Continue(())
    });
    let broken = run.train(&mut cutting, &AtomicBool::new(false)).unwrap_err();
    assert!(
        matches!(broken, TrainError::Data(_)) && broken.to_string().contains("plays.bin` cannot be read"),
        "{broken}"
    );
    drop(run);
    std::fs::write(place.path("plays.bin"), bytes).unwrap();
    finish(&mut place.resume("torn"));
    place.assert_same("cut off", "whole", "torn");
}
