//! A run that is stopped or killed anywhere goes on as if nothing had been: same weights, same state, same records, to
//! the bit.
#![allow(clippy::unwrap_used)]

mod common;

use common::{CASES, Case, GPT, LSTM, Listener, NOISE, Nobody, Place, finish, interrupt, kill};
use rushlight_models::ALL;
use rushlight_trace::{Record, RunFolder, Which};
use rushlight_train::{Reason, Run};
use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

/// Where cases are stopped: no end of an epoch, no evaluation and no checkpoint of any of them.
const MIDDLE: u64 = 7;

#[test]
fn every_model_is_tried() {
    let place = Place::new();
    let kinds: Vec<String> = CASES.iter().map(|case| place.recipe(case.text, &[]).model.kind).collect();
    assert!(ALL.iter().all(|entry| kinds.iter().any(|kind| kind == entry.name)), "{kinds:?}");
}

/// Trains `case` undisturbed into `whole`, disturbed into `torn`, and holds them against each other.
fn check(case: &Case, disturb: impl FnOnce(Run)) {
    let place = Place::new();
    place.train("whole", case.text, &[]);
    hold_against_whole(&place, case, "torn", disturb);
}

fn hold_against_whole(place: &Place, case: &Case, torn: &str, disturb: impl FnOnce(Run)) {
    disturb(place.begin(torn, case.text, &[]));
    let mut run = place.resume(torn);
    assert_eq!(finish(&mut run).reason, Reason::Finished);
    drop(run);
    place.assert_same(&format!("{}: {torn}", case.name), "whole", torn);
}

#[test]
fn a_run_stopped_in_mid_epoch_ends_with_the_same_bits() {
    for case in learning() {
        check(case, |mut run| {
            let epoch = run.session.steps_per_epoch();
            assert!(!MIDDLE.is_multiple_of(epoch), "{}: an epoch has {epoch} steps", case.name);
            assert_eq!(interrupt(&mut run, MIDDLE).reason, Reason::Interrupted);
            assert_eq!(run.session.progress.step, MIDDLE);
        });
    }
}

#[test]
fn a_run_killed_between_two_checkpoints_ends_with_the_same_bits() {
    for case in learning() {
        check(case, |run| {
            let folder = run.folder().clone();
            kill(run, |record| matches!(record, Record::Step(step) if step.step == MIDDLE));
            assert!(folder.checkpoint(Which::Last).unwrap().step < MIDDLE, "{}", case.name);
        });
    }
}

/// The cases that learn by steps.
fn learning() -> impl Iterator<Item = &'static Case> {
    CASES.iter().filter(|case| !common::COUNTING.contains(&case.text))
}

#[test]
fn a_run_stopped_at_any_step_ends_with_the_same_bits() {
    for text in [NOISE, LSTM] {
        let place = Place::new();
        place.train("whole", text, &[]);
        for step in 1..12 {
            let case = Case { name: "stopped", text };
            hold_against_whole(&place, &case, &format!("at step {step}"), |mut run| drop(interrupt(&mut run, step)));
        }
    }
}

/// Kills a run behind each of its records; those after the last checkpoint are made again.
fn killed_anywhere(case: &Case) {
    let place = Place::new();
    place.train("whole", case.text, &[]);
    // What describes the run before it trains, nobody hears.
    let described = |record: &&Record| matches!(record, Record::Yardsticks(_) | Record::Shape(_));
    let records = place.records("whole");
    let heard = records.len() - records.iter().filter(described).count() - watched(&records);
    for last in 1..=heard {
        hold_against_whole(&place, case, &format!("behind record {last}"), |run| {
            let mut count = 0;
            kill(run, |_| {
                count += 1;
                count == last
            });
        });
    }
}

/// Records of the inside are written, and not told to observers.
fn watched(records: &[Record]) -> usize {
    let inside = |record: &&Record| matches!(record, Record::Layer(_) | Record::Saturation(_) | Record::Weight(_));
    records.iter().filter(inside).count()
}

#[test]
fn a_run_killed_behind_any_record_ends_with_the_same_bits() {
    for text in [common::COUNTED, common::KNESER_NEY, NOISE, LSTM] {
        killed_anywhere(&Case { name: "killed", text });
    }
}

#[test]
fn a_run_that_stopped_early_may_be_killed_while_it_ends() {
    let text = NOISE.replace("steps = 12\n", "steps = 60\nstop = { patience_evaluations = 2 }\n");
    let place = Place::new();
    let (_, ending) = place.train("whole", &text, &[]);
    assert_eq!(ending.reason, Reason::StoppedEarly);
    let last_step = place.records("whole").iter().filter(|r| matches!(r, Record::Step(_))).count() as u64;
    for split in ["validation", "train"] {
        kill(
            place.begin(split, &text, &[]),
            |record| matches!(record, Record::Evaluation(e) if e.split == split && e.step == last_step),
        );
        let mut run = place.resume(split);
        assert_eq!(finish(&mut run).reason, Reason::StoppedEarly);
        drop(run);
        place.assert_same(split, "whole", split);
    }
}

// What is on the disk when a run is killed in the middle of a checkpoint.

#[test]
fn a_checkpoint_that_nothing_names_yet_is_as_good_as_a_named_one() {
    check(&Case { name: "the first", text: LSTM }, |run| {
        let folder = run.folder().path().to_owned();
        kill(run, |record| matches!(record, Record::Step(step) if step.step == 4));
        // Step 4 was not saved yet; go on to it, and take the names away.
        let mut run = Run::resume(&folder).unwrap();
        interrupt(&mut run, 4);
        drop(run);
        ["last", "best"].iter().for_each(|name| std::fs::remove_file(folder.join(name)).unwrap());
    });
}

#[test]
fn a_run_goes_on_from_the_checkpoint_that_is_named_and_makes_the_newer_one_again() {
    check(&Case { name: "the second", text: LSTM }, |mut run| {
        let folder = run.folder().path().to_owned();
        interrupt(&mut run, 9);
        drop(run);
        std::fs::write(folder.join("last"), "step-5\n").unwrap();
    });
}

#[test]
fn a_run_killed_before_its_first_checkpoint_begins_again() {
    check(&Case { name: "at once", text: GPT }, |run| {
        let folder = run.folder().clone();
        kill(run, |record| matches!(record, Record::Step(step) if step.step == 1));
        assert!(folder.checkpoints().unwrap().is_empty());
    });
}

#[test]
fn a_run_killed_before_it_wrote_its_tokenizer_begins_again() {
    check(&Case { name: "at once", text: GPT }, |run| {
        let folder = run.folder().clone();
        drop(run);
        [folder.tokenizer_path(), folder.metrics_path()].iter().for_each(|path| std::fs::remove_file(path).unwrap());
    });
}

// What was good stays.

#[test]
fn a_run_that_is_stopped_where_it_was_saved_is_not_saved_again() {
    let place = Place::new();
    interrupt(&mut place.begin("run", LSTM, &[]), MIDDLE);
    let folder = RunFolder::open(&place.path("run")).unwrap();
    let state = folder.checkpoint(Which::Last).unwrap().path.join("state.json");
    let written = || std::fs::metadata(&state).unwrap().modified().unwrap();
    let before = written();
    let mut run = place.resume("run");
    let ending = run.train(&mut Nobody, &AtomicBool::new(true)).unwrap();
    assert_eq!((ending.reason, run.session.progress.step), (Reason::Interrupted, MIDDLE));
    assert_eq!(written(), before);
}

#[test]
fn a_finished_run_that_is_resumed_stays_as_it_is() {
    for case in CASES {
        let place = Place::new();
        place.train("once", case.text, &[]);
        place.train("twice", case.text, &[]);
        assert_eq!(finish(&mut place.resume("twice")).reason, Reason::Finished);
        place.assert_same(case.name, "once", "twice");
    }
}

#[test]
fn weights_that_are_no_numbers_take_no_good_checkpoint_away() {
    let place = Place::new();
    // A linear map whose rate is a hundred times too large: each step makes the error some times as large.
    let wild = r#"
data = { kind = "noise", samples = 20, validation = 20 }
model = { kind = "feed_forward", hidden = [] }
train = { steps = 500, batch = 20, lr = 10, optimizer = { kind = "sgd" }, checkpoint = { every_steps = 5 } }
"#;
    let mut run = place.begin("run", wild, &[]);
    let mut listener = Listener(|record: &Record| match record {
        Record::Step(step) if step.loss.is_nan() => ControlFlow::Break("no number".to_owned()),
        _ => ControlFlow::Continue(()),
    });
    let asked = run.train(&mut listener, &AtomicBool::new(false)).unwrap();
    assert_eq!(asked.reason, Reason::Asked("no number".to_owned()));
    assert!(!run.session.is_finite());
    let folder = run.folder().clone();
    for step in folder.checkpoints().unwrap() {
        assert!(Run::open(folder.path(), Which::Step(step)).unwrap().is_finite(), "step {step}");
    }
    // The losses on the way were beyond measure; what is written of them can be read.
    drop(run);
    let run = place.resume("run");
    assert!(run.session.is_finite() && run.session.progress.step > 5);
}
