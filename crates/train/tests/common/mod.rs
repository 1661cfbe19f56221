//! What the tests of training share: a place for runs with small data in it, observers
//! that end a run in every way, and what of a run has to be the same in the end. No tests.
#![allow(dead_code, reason = "every test binary uses its own part")]

mod cases;
mod timeless;

#[allow(unused_imports, reason = "every test binary uses its own part")]
pub(crate) use cases::*;
use rushlight_data::TextReader;
use rushlight_data::datasets::Dataset;
use rushlight_text::{NormalizerConfig, TokenizerConfig};
use rushlight_trace::{Journal, Observer, Record, RunFolder, Which};
use rushlight_train::recipe::Recipe;
use rushlight_train::{Ending, Run, Session};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use timeless::{timeless, timeless_state};

/// A folder that is gone after the test, with `names.txt`, `plays.txt`, `pairs.tsv`, `requests.tsv` and `table.csv` in it, and `plays.bin`, which is the
/// plays as ids, beside its tokenizer.json.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = |name: &str| Dataset::named(name).unwrap().text();
        let names: Vec<String> = text("names").lines().take(120).map(String::from).collect();
        let plays: String = text("shakespeare").chars().take(3000).collect();
        // Two features and a class that follows from them.
        let mut table = "left,right,class\n".to_owned();
        for row in 0..60 {
            let (left, right) = (f64::from(row * 37 % 60) / 60.0, f64::from(row * 17 % 60) / 60.0);
            let class = if left > right { "more" } else { "less" };
            writeln!(table, "{left},{right},{class}").unwrap();
        }
        let pairs: Vec<String> = text("tatoeba").lines().take(60).map(String::from).collect();
        let requests: Vec<String> = text("snips").lines().step_by(120).take(100).map(String::from).collect();
        let [names, pairs, requests] = [names, pairs, requests].map(|lines| lines.join("\n"));
        let texts = [("names.txt", names), ("plays.txt", plays), ("pairs.tsv", pairs), ("requests.tsv", requests)];
        let files = texts.into_iter().chain([("table.csv", table)]);
        files.for_each(|(name, content)| std::fs::write(folder.path().join(name), content).unwrap());
        let plays = || TextReader::open(&folder.path().join("plays.txt")).unwrap();
        let characters = TokenizerConfig::Character(Default::default());
        let tokenizer = plays().learn(&characters, NormalizerConfig::default(), false).unwrap();
        tokenizer.save(&folder.path().join("tokenizer.json")).unwrap();
        plays().encode_into(&tokenizer, &folder.path().join("plays.bin")).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The recipe in `text`, whose files are those of this place, with something changed.
    pub(crate) fn recipe(&self, text: &str, sets: &[&str]) -> Recipe {
        let here = text.replace("path = \"", &format!("path = \"{}/", self.0.path().display()));
        let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
        Recipe::parse(&here, "test.toml", &sets).unwrap_or_else(|error| panic!("{error}\n{here}"))
    }

    pub(crate) fn session(&self, text: &str, sets: &[&str]) -> Session {
        Session::new(self.recipe(text, sets), None).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A new run in the folder of that name.
    pub(crate) fn begin(&self, run: &str, text: &str, sets: &[&str]) -> Run {
        Run::create(&self.path(run), self.recipe(text, sets), &[]).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A run to its end, undisturbed.
    pub(crate) fn train(&self, run: &str, text: &str, sets: &[&str]) -> (Run, Ending) {
        let mut run = self.begin(run, text, sets);
        let ending = finish(&mut run);
        (run, ending)
    }

    pub(crate) fn resume(&self, run: &str) -> Run {
        Run::resume(&self.path(run)).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn records(&self, run: &str) -> Vec<Record> {
        Journal::read(&RunFolder::open(&self.path(run)).unwrap().metrics_path()).unwrap()
    }

    /// All that has to be the same when two runs are: records without times, and the last and best checkpoints.
    pub(crate) fn left_behind(&self, run: &str) -> BTreeMap<String, Vec<u8>> {
        let folder = RunFolder::open(&self.path(run)).unwrap();
        let records =
            self.records(run).into_iter().map(|record| serde_json::to_string(&timeless(record)).unwrap() + "\n");
        let mut all = BTreeMap::from([("records".to_owned(), records.collect::<String>().into_bytes())]);
        for (name, which) in [("last", Which::Last), ("best", Which::Best)] {
            let checkpoint = folder.checkpoint(which).unwrap();
            all.insert(format!("{name}: step"), checkpoint.step.to_string().into_bytes());
            for file in ["model.safetensors", "optimizer.safetensors", "config.json", "state.json"] {
                let bytes = std::fs::read(checkpoint.path.join(file)).unwrap();
                let bytes = if file == "state.json" { timeless_state(&bytes) } else { bytes };
                all.insert(format!("{name}: {file}"), bytes);
            }
        }
        all
    }

    /// That two runs left the same behind.
    #[track_caller]
    pub(crate) fn assert_same(&self, what: &str, run: &str, other: &str) {
        let (one, other) = (self.left_behind(run), self.left_behind(other));
        for (name, bytes) in &one {
            if bytes != &other[name] {
                let texts = [bytes, &other[name]].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
                let differs = texts[0].lines().zip(texts[1].lines()).find(|(one, other)| one != other);
                panic!("{what}: {name} differs: {differs:?}");
            }
        }
    }
}

/// Trains on to the end.
pub(crate) fn finish(run: &mut Run) -> Ending {
    run.train(&mut Nobody, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"))
}

/// Trains on until Ctrl-C is pressed while `step` is taken.
pub(crate) fn interrupt(run: &mut Run, step: u64) -> Ending {
    let stop = AtomicBool::new(false);
    let mut pressed = Listener(|record: &Record| {
        if matches!(record, Record::Step(now) if now.step == step) {
            stop.store(true, Ordering::Relaxed);
        }
        ControlFlow::Continue(())
    });
    run.train(&mut pressed, &stop).unwrap_or_else(|error| panic!("{error}"))
}

/// Trains on until, behind a record that `is_last`, the run is torn out of the world, its lock apart. Nothing is written
/// after that.
pub(crate) fn kill(mut run: Run, mut is_last: impl FnMut(&Record) -> bool) {
    let mut killer = Listener(|record: &Record| {
        if is_last(record) {
            std::panic::resume_unwind(Box::new("killed"));
        }
        ControlFlow::Continue(())
    });
    let killed = catch_unwind(AssertUnwindSafe(|| run.train(&mut killer, &AtomicBool::new(false)).is_ok()));
    assert!(killed.is_err(), "the run ended before it could be killed");
}

/// Hears nothing.
pub(crate) struct Nobody;

impl Observer for Nobody {
    fn observe(&mut self, _: &Record) -> ControlFlow<String> {
        ControlFlow::Continue(())
    }
}

/// Hears by a closure.
pub(crate) struct Listener<F>(pub(crate) F);

impl<F: FnMut(&Record) -> ControlFlow<String>> Observer for Listener<F> {
    fn observe(&mut self, record: &Record) -> ControlFlow<String> {
        (self.0)(record)
    }
}

/// The bits of every parameter, by name.
pub(crate) fn weights(session: &Session) -> BTreeMap<String, Vec<u32>> {
    let bits = |param: &rushlight_nn::Param| param.value().data().iter().map(|x| x.to_bits()).collect();
    session.model.params().iter().map(|param| (param.name().to_owned(), bits(param))).collect()
}

/// The folder of the recipes that ship.
pub(crate) fn recipes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes")
}
