//! A run whose folder holds a damaged file: it is refused in words, or goes on.

use super::common::{GPT, GRU_STREAM, KNESER_NEY, NOISE, Place};
use super::damage::fate;
use proptest::prelude::*;
use proptest::sample::Index;
use rushlight_engine::Rng;
use rushlight_models::decode::Strategy;
use rushlight_report::Page;
use rushlight_trace::{RunFolder, Trace};
use rushlight_train::Run;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Runs that keep everything that can be kept: counts, statistics, what a stream carries, what a schedule saw.
const RUNS: [(&str, &str); 4] = [("gpt", GPT), ("gru", GRU_STREAM), ("counts", KNESER_NEY), ("noise", NOISE)];

/// All files that a reader of ours reads, but the recipe, whose sizes would have to be small.
fn files(run: &Path) -> Vec<PathBuf> {
    let checkpoint = run.join("checkpoints").join(fs::read_to_string(run.join("last")).unwrap().trim());
    let of_run = ["run.json", "metrics.jsonl", "tokenizer.json", "last", "best"].map(|name| run.join(name));
    let of_checkpoint = ["model.safetensors", "optimizer.safetensors", "state.json"].map(|name| checkpoint.join(name));
    of_run.into_iter().chain(of_checkpoint).filter(|path| path.exists()).collect()
}

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

#[test]
fn a_state_of_another_step_or_with_counts_beyond_all_trainings_is_refused() {
    let place = Place::new();
    drop(place.train("run", GRU_STREAM, &[]));
    let run = place.path("run");
    let path = files(&run).pop().unwrap();
    let whole: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for place_in_state in ["/progress/step", "/progress/tokens", "/progress/evaluations_without_gain", "/carried/0"] {
        let mut state = whole.clone();
        *state.pointer_mut(place_in_state).unwrap() = u64::MAX.into();
        fs::write(&path, state.to_string()).unwrap();
        let error = Run::resume(&run).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("state.json") && error.contains("18446744073709551615"), "{error}");
    }
}

proptest! {
    #[test]
    fn a_damaged_run_is_refused_or_goes_on(which in 0..RUNS.len(), at in any::<Index>(), fate in fate()) {
        static PLACE: OnceLock<Place> = OnceLock::new();
        let place = PLACE.get_or_init(|| {
            let place = Place::new();
            RUNS.iter().for_each(|(name, text)| drop(place.train(name, text, &[])));
            place
        });
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        copy(&place.path(RUNS[which].0), &run);
        let files = files(&run);
        let bad = &files[at.index(files.len())];
        fs::write(bad, fate.befall(&fs::read(bad).unwrap())).unwrap();
        if let Ok(trace) = RunFolder::open(&run).and_then(|folder| Trace::read(&folder)) {
            prop_assert!(Page::of_runs(&[trace]).to_html().contains("</html>"));
        }
        match Run::resume(&run) {
            Err(error) => prop_assert!(!error.to_string().is_empty()),
            Ok(run) if run.session.model.counting().is_some() => {
                drop(run.session.write("", 5, Strategy::SAMPLE, Rng::new(0)));
            }
            Ok(mut run) => drop(run.session.take_step()),
        }
    }
}
