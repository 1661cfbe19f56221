//! What a run leaves behind, without what is another in every run: times, process numbers, logs.

use super::timeless::{timeless, timeless_state};
use rushlight_trace::Journal;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Files by their place in the run.
pub(super) struct Left(BTreeMap<String, Vec<u8>>);

/// All that must be the same when two runs are.
pub(super) fn left_by(run: &Path) -> Left {
    let mut left = BTreeMap::new();
    collect(run, "", &mut left);
    Left(left)
}

fn collect(folder: &Path, within: &str, left: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
        let place = format!("{within}{name}");
        let bytes = match name.as_str() {
            _ if path.is_dir() => {
                collect(&path, &format!("{place}/"), left);
                continue;
            }
            "metrics.jsonl" => {
                let records = Journal::read(&path).unwrap().into_iter();
                let lines = records.map(|record| serde_json::to_string(&timeless(record)).unwrap() + "\n");
                lines.collect::<String>().into_bytes()
            }
            "state.json" => timeless_state(&fs::read(&path).unwrap()),
            // Their times are others; that they are there is enough.
            "run.json" | "report.html" | "log.txt" => Vec::new(),
            name if name.starts_with("events.") => continue,
            _ => fs::read(&path).unwrap(),
        };
        left.insert(place, bytes);
    }
}

impl Left {
    /// That another run left the same files with the same bytes.
    pub(super) fn assert_like(&self, other: &Left, what: &str) {
        let names = |left: &Left| left.0.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(self), names(other), "{what}: other files");
        self.0.keys().for_each(|name| self.assert_file_like(name, other, what));
    }

    /// That every checkpoint of another run has the bytes that this run's checkpoint of that step has.
    pub(super) fn assert_checkpoints_like(&self, other: &Left, what: &str) {
        for name in other.0.keys().filter(|name| name.starts_with("checkpoints/")) {
            self.assert_file_like(name, other, what);
        }
    }

    fn assert_file_like(&self, name: &str, other: &Left, what: &str) {
        let ours = self.0.get(name).unwrap_or_else(|| panic!("{what}: {name} should not be there"));
        let theirs = &other.0[name];
        if ours != theirs {
            let texts = [ours, theirs].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            let differs = texts[0].lines().zip(texts[1].lines()).find(|(one, other)| one != other);
            panic!("{what}: {name} differs: {differs:?}");
        }
    }
}
