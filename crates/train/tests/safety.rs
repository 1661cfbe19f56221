//! `[train.safety]`: what a classifier holds for toxic is not learnt from.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Place, finish, interrupt};
use rushlight_data::Part;
use rushlight_train::Run;

/// Whether a word is rude shows in the word: a few sentences are enough to learn it.
const JUDGE: &str = r#"
data = { kind = "utterances", path = "said.tsv", validation = 0.1, test = 0.1 }
model = { kind = "text_cnn", width = 8, channels = 6, embed_dropout = 0.0, dropout = 0.0, forget = 0.0 }
[train]
epochs = 30
batch = 8
lr = 1e-2
"#;

const WRITER: &str = r#"
data = { kind = "lines", path = "lines.txt", validation = 0.1, test = 0.1 }
model = { kind = "gru", embed = 8, hidden = 12 }
[train]
epochs = 3
batch = 8
lr = 1e-2
evaluate = { samples = 0 }
"#;

const RUDE: [&str; 4] = ["you rotten swine", "what a rotten lot", "a swine says that", "rotten old swine"];
const KIND: [&str; 4] = ["you lovely friend", "what a lovely lot", "a friend says that", "lovely old friend"];

/// A place with a classifier of rude lines, and with lines of which every second one is rude.
fn place() -> Place {
    let place = Place::new();
    let said = |i: usize| format!("{}\ttoxic\n{}\tfine\n", RUDE[i % 4], KIND[i % 4]);
    std::fs::write(place.path("said.tsv"), (0..40).map(said).collect::<String>()).unwrap();
    let line = |i: usize| format!("{}\n{}\n", RUDE[i % 4], KIND[i % 4]);
    std::fs::write(place.path("lines.txt"), (0..50).map(line).collect::<String>()).unwrap();
    place.train("judge", JUDGE, &[]);
    place
}

fn lines(run: &Run) -> Vec<String> {
    let corpus = &run.session.corpus;
    corpus.train.lines(corpus.tokenizer.as_ref().unwrap()).unwrap()
}

#[test]
fn toxic_lines_are_left_out_and_counted() {
    let place = place();
    let judge = format!("train.safety.judge={:?}", place.path("judge").display().to_string());
    let plain = place.begin("plain", WRITER, &[]);
    let of_plain = lines(&plain);
    let rude = of_plain.iter().filter(|line| RUDE.contains(&line.as_str())).count();
    assert!(rude > 20 && rude < of_plain.len());
    let clean = place.begin("clean", WRITER, &[&judge]);
    assert_eq!(
        lines(&clean),
        of_plain.iter().filter(|line| KIND.contains(&line.as_str())).cloned().collect::<Vec<_>>()
    );
    assert_eq!(clean.session.corpus.left_out.toxic, rude);
    assert_eq!(clean.session.corpus.left_out.to_string(), format!("left out {rude} lines held for toxic"));
    // What it is judged by keeps all of its lines.
    assert_eq!(clean.session.corpus.test.len(), plain.session.corpus.test.len());
    let some = place.begin("some", WRITER, &[&judge, "train.safety.keep=0.5"]);
    let stayed = rude - some.session.corpus.left_out.toxic;
    assert!(stayed > rude / 5 && stayed < rude * 4 / 5, "{stayed} of {rude}");
}

#[test]
fn a_run_goes_on_without_its_judge() {
    let place = place();
    let judge = format!("train.safety.judge={:?}", place.path("judge").display().to_string());
    let (whole, _) = place.train("whole", WRITER, &[&judge]);
    let mut cut = place.begin("cut", WRITER, &[&judge]);
    interrupt(&mut cut, 5);
    drop(cut);
    std::fs::remove_dir_all(place.path("judge")).unwrap();
    let mut cut = place.resume("cut");
    assert_eq!(lines(&cut), lines(&whole));
    finish(&mut cut);
    drop((cut, whole));
    place.assert_same("a run that went on", "whole", "cut");
}

#[test]
fn a_list_of_lines_that_are_not_there_is_refused() {
    let place = place();
    let judge = format!("train.safety.judge={:?}", place.path("judge").display().to_string());
    place.train("run", WRITER, &[&judge]);
    for wrong in ["[5, 4]", "[4, 4]", "[100000]"] {
        let text = format!("{{\"found\": 9, \"left_out\": {wrong}}}");
        std::fs::write(place.path("run/toxic.json"), text).unwrap();
        let error = Run::resume(&place.path("run")).err().unwrap().to_string();
        assert!(error.contains("names lines that its data do not have"), "{error}");
    }
    std::fs::write(place.path("run/toxic.json"), "{\"found\": 9}").unwrap();
    assert!(Run::resume(&place.path("run")).err().unwrap().to_string().contains("left_out"));
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let place = place();
    let judge = format!("train.safety.judge={:?}", place.path("judge").display().to_string());
    let error = |sets: &[&str], recipe: &str| {
        let run = Run::create(&place.path("refused"), place.recipe(recipe, sets), &[]);
        run.err().unwrap().to_string()
    };
    let unknown = error(&[&judge, "train.safety.toxic=rude"], WRITER);
    assert!(unknown.contains("has no label `rude`; it has `fine`, `toxic`"), "{unknown}");
    let all = error(&[&judge, "train.safety.threshold=0"], WRITER);
    assert!(all.contains("holds every line for toxic") && all.contains("raise `threshold`"), "{all}");
    let stream = WRITER.replace("\"lines\", path = \"lines.txt\"", "\"text\", path = \"plays.txt\"");
    let stream = error(&[&judge], &stream);
    assert!(stream.contains("leaves out lines, and these data have none"), "{stream}");
    let missing = error(&["train.safety.judge=nowhere"], WRITER);
    assert!(missing.contains("nowhere"), "{missing}");
}

#[test]
fn rows_of_which_some_targets_count_are_picked_with_them() {
    let place = Place::new();
    let recall =
        "data = { kind = \"recall\" }\nmodel = { kind = \"gru\", embed = 4, hidden = 4 }\n[train]\nsteps = 1\n";
    let session = place.session(recall, &[]);
    let Part::Rows(all) = &session.corpus.train else { panic!("no rows") };
    let Part::Rows(one) = session.corpus.train.pick(&[3]) else { panic!("no rows") };
    assert_eq!((one.ids(0), one.counted(0)), (all.ids(3), all.counted(3)));
}
