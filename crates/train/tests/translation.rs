//! Training and using what translates: what the decoder reads, what is averaged at the end, what becomes of lines.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Place, SEQ2SEQ, TRANSFORMER};
use rushlight_data::PartName;
use rushlight_engine::Tensor;
use rushlight_models::beam::Beam;
use rushlight_trace::{Evaluation, Record, Which};
use rushlight_train::{Run, Session, Translated};

/// Digits backwards, small enough for a test and large enough to be learned.
const REVERSE: &str = r#"
data = { kind = "reverse", pairs = true, shortest = 2, longest = 6, train = 4000, validation = 100, test = 100 }
model = { kind = "bahdanau", embed = 16, hidden = 32 }
[train]
epochs = 6
batch = 64
lr = 1e-2
clip = { norm = 1.0 }
schedule = { kind = "cosine", warmup_steps = 40, floor = 1e-4 }
evaluate = { samples = 2, bleu_sentences = 100 }
"#;

fn greedy() -> Beam {
    Beam::new(1, usize::MAX, None)
}

fn texts(lines: &[Translated]) -> Vec<&str> {
    lines.iter().map(|line| &line.best[0].text[..]).collect()
}

#[test]
fn attention_learns_to_reverse_digits() {
    let place = Place::new();
    let (run, _) = place.train("run", REVERSE, &[]);
    let held = run.session.translate_part(&run.session.corpus.test, None, &greedy()).unwrap();
    let bleu = held.score(&run.session.bleu());
    assert!(bleu >= 95.4, "{bleu}"); // Joey NMT's tutorial reaches 95.4
    assert_eq!(texts(&run.session.translate(&["1234", "", " 90 "], &greedy()).unwrap()), ["4321", "", "09"]);
    drop(run);
    // Without its data it translates the same.
    let alone = Run::open_alone(&place.path("run"), Which::Best).unwrap();
    assert_eq!(texts(&alone.translate(&["1234"], &greedy()).unwrap()), ["4321"]);
    let records = place.records("run");
    let bleus: Vec<f64> = records
        .iter()
        .filter_map(|record| match record {
            Record::Evaluation(Evaluation { bleu, .. }) => *bleu,
            _ => None,
        })
        .collect();
    assert!(bleus.len() == 6 && bleus.is_sorted_by(|a, b| *a < b + 20.0) && bleus[5] > 95.4, "{bleus:?}");
    let samples =
        records.iter().filter(|record| matches!(record, Record::Sample(sample) if sample.reference.is_some()));
    assert_eq!(samples.count(), 2 * 6);
    let kept = records.iter().find_map(|record| match record {
        Record::Translations(kept) => Some(&kept.searches[..]),
        _ => None,
    });
    let [one, five] = kept.unwrap() else { panic!("{kept:?}") };
    assert_eq!((one.width, five.width, one.sentences), (1, 5, five.sentences));
    assert!(one.log_probability <= five.log_probability + 1e-5 && five.bleu > 95.4, "{kept:?}");
}

#[test]
fn lines_together_become_what_each_becomes_alone() {
    let place = Place::new();
    let session = place.session(SEQ2SEQ, &[]);
    let lines: Vec<&str> = vec!["I want to do that now.", "", "Tom is a drummer.", "Run!", "   "];
    let beam = Beam { best: 2, ..Beam::new(3, 12, None) };
    let together = session.translate(&lines, &beam).unwrap();
    for (line, together) in lines.iter().zip(&together) {
        let alone = session.translate(&[line], &beam).unwrap().remove(0);
        let tokens =
            |line: &Translated| line.best.iter().map(|best| best.hypothesis.tokens.clone()).collect::<Vec<_>>();
        assert_eq!(tokens(together), tokens(&alone), "{line}");
    }
    assert_eq!((together[1].best[0].text.as_str(), together[4].best.len()), ("", 1));
}

#[test]
fn a_line_beyond_the_window_is_translated_in_pieces() {
    let place = Place::new();
    let session = place.session(TRANSFORMER, &[]);
    let long = "I want to do that now. ".repeat(20);
    let translated = session.translate(&[&long[..], "Run!"], &greedy()).unwrap();
    assert!(translated[0].pieces > 1, "{translated:?}");
    assert_eq!(translated[1].pieces, 1);
}

/// Real sentences, and a model that has learned a little of them.
const TATOEBA: &str = r#"
data = { kind = "parallel", dataset = "tatoeba", vocabulary = "separate" }
tokenizer = { kind = "word", min_frequency = 20, lowercase = true }
model = { kind = "bahdanau", embed = 48, hidden = 64 }
[train]
steps = 250
batch = 64
lr = 5e-3
clip = { norm = 1.0 }
evaluate = { every_steps = 250, samples = 0, bleu_sentences = 0 }
"#;

#[test]
fn a_wider_beam_finds_what_the_model_likes_no_less() {
    let place = Place::new();
    let (run, _) = place.train("run", TATOEBA, &[]);
    for length_penalty in [0.0, 1.0] {
        let mean = |width| {
            let beam = Beam { length_penalty, ..Beam::new(width, usize::MAX, None) };
            let held = run.session.translate_part(&run.session.corpus.test, None, &beam).unwrap();
            assert!(held.best.len() >= 1000, "{}", held.best.len());
            held.best.iter().map(|best| best.hypothesis.score).sum::<f64>() / held.best.len() as f64
        };
        let scores = [1, 2, 5, 10].map(mean);
        assert!(scores.is_sorted() && scores[0] < scores[3], "{length_penalty}: {scores:?}");
    }
}

#[test]
fn two_vocabularies_of_one_size_share_no_table() {
    let place = Place::new();
    let refused = |vocabulary: &str| {
        let vocabulary = format!("data.vocabulary=\"{vocabulary}\"");
        let sets = [
            &vocabulary[..],
            "tokenizer.vocab_size=258",
            "train.window=200",
            "data.batching=\"sentences\"",
            "train.batch=4",
        ];
        Session::new(place.recipe(TRANSFORMER, &sets), None).err().map(|error| error.to_string())
    };
    assert_eq!(refused("joint"), None);
    let error = refused("separate").unwrap();
    assert!(error.contains("`share`") && error.contains("vocabulary = \"joint\""), "{error}");
}

fn weights(session: &Session) -> Vec<Tensor> {
    session.model.params().iter().map(|param| param.value()).collect()
}

#[test]
fn the_last_checkpoints_are_averaged() {
    let place = Place::new();
    let sets = ["train.checkpoint.keep=6"];
    let plain = [&sets[..], &["train.checkpoint.average=1"]].concat();
    let (plain, _) = place.train("plain", TRANSFORMER, &plain);
    let folder = plain.folder().path().to_owned();
    let at = |step| weights(&Run::open(&folder, Which::Step(step)).unwrap());
    let [four, eight, last] = [at(4), at(8), weights(&plain.session)];
    let averaged = [&sets[..], &["train.checkpoint.average=3"]].concat();
    let (run, _) = place.train("averaged", TRANSFORMER, &averaged);
    for (index, ours) in weights(&run.session).iter().enumerate() {
        for (place, &ours) in ours.data().iter().enumerate() {
            let mean = (four[index].data()[place] + eight[index].data()[place] + last[index].data()[place]) / 3.0;
            assert!((ours - mean).abs() < 1e-6, "{ours} is not {mean}");
        }
    }
    drop(run);
    // Done is done: to go on changes nothing.
    let before = place.left_behind("averaged");
    let mut again = place.resume("averaged");
    common::finish(&mut again);
    drop(again);
    assert_eq!(before, place.left_behind("averaged"));
}

#[test]
fn the_share_of_the_reference_decides_what_is_learned_from() {
    let place = Place::new();
    let loss = |sets: &[&str]| {
        let mut session = place.session(SEQ2SEQ, sets);
        (0..3).map(|_| session.take_step().unwrap().loss).collect::<Vec<_>>()
    };
    let forced = loss(&[]);
    assert_eq!(forced, loss(&["train.teacher_forcing.start=1.0", "train.teacher_forcing.end=1.0"]));
    let free = loss(&["train.teacher_forcing.start=0.0", "train.teacher_forcing.end=0.0"]);
    assert_ne!(forced, free);
    // The same coins fall on every run.
    let half = ["train.teacher_forcing.start=0.5", "train.teacher_forcing.end=0.5"];
    assert_eq!(loss(&half), loss(&half));
    assert!(loss(&half) != forced && loss(&half) != free);
    // The first step reads the reference, and the later ones less and less of it.
    assert_eq!(loss(&["train.teacher_forcing.end=0.0"])[0], forced[0]);
}

#[test]
fn free_running_reads_what_the_model_would_write() {
    let place = Place::new();
    let text = REVERSE.replace("epochs = 6", "steps = 80");
    let (run, _) = place.train("run", &text, &["train.teacher_forcing.start=0.0", "train.teacher_forcing.end=0.0"]);
    let score = run.session.evaluate(PartName::Validation, None).unwrap();
    assert!(score.loss() < 2.3, "it learns: {}", score.loss()); // ln 10 = 2.3026
}

#[test]
fn a_second_softmax_holds_the_loss_near_chance_and_without_it_the_model_learns() {
    let place = Place::new();
    let text = REVERSE.replace("epochs = 6", "steps = 200");
    let (sound, _) = place.train("sound", &text, &[]);
    let faulty = format!("{text}\n[fault]\nkind = \"softmax-before-loss\"\n");
    let (sick, _) = place.train("sick", &faulty, &[]);
    let loss = |session: &Session| session.evaluate(PartName::Validation, None).unwrap().loss();
    let (floor, chance) = ((std::f64::consts::E + 10.0).ln() - 1.0, 11_f64.ln()); // ten digits and the end
    assert!(loss(&sound.session) < 1.2, "{}", loss(&sound.session));
    assert!(loss(&sick.session) > floor && loss(&sick.session) < chance, "{}", loss(&sick.session));
    let names = |records: Vec<Record>| {
        records.into_iter().find_map(|record| match record {
            Record::Yardsticks(yardsticks) => {
                Some(yardsticks.levels.into_iter().map(|level| level.name).collect::<Vec<_>>())
            }
            _ => None,
        })
    };
    drop(sick);
    let names = names(place.records("sick")).unwrap();
    assert!(names.contains(&"floor of a second softmax".to_owned()), "{names:?}");
}
