//! The pages of translators, from made-up runs: what they show follows the records, and stays in bounds.

// A failed unwrap is a failed test.
#![allow(clippy::unwrap_used)]

mod looking;
mod made_up;

use looking::{changed, plots, prose, run_page};
use rushlight_report::{Page, attention_svg};
use rushlight_trace::{AttentionMap, OfLength, Record, Sample, Trace, Translation};
use std::collections::BTreeSet;

fn transformer() -> Trace {
    made_up::translators().remove(3)
}

/// The names of the plots that are drawn otherwise once records are changed.
fn touched(make: impl Fn(&Trace) -> Page, trace: &Trace, change: impl Fn(&mut Record)) -> Vec<String> {
    let (before, after) = (plots(&make(trace)), plots(&make(&changed(trace, change))));
    before.keys().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

#[test]
fn every_plot_of_a_translator_follows_its_records() {
    let trace = transformer();
    let bleu = touched(run_page, &trace, |record| {
        if let Record::Evaluation(each) = record {
            each.bleu = each.bleu.map(|bleu| bleu * 0.9);
        }
    });
    assert_eq!(bleu, ["bleu.svg"]);
    let by_length = touched(run_page, &trace, |record| {
        if let Record::ByLength(record) = record {
            record.lengths[2].bleu -= 3.0;
        }
    });
    assert_eq!(by_length, ["bleu-by-length.svg"]);
    let maps = |site: &'static str| {
        touched(run_page, &trace, move |record| {
            if let Record::AttentionMap(map) = record
                && map.site == site
            {
                map.heads[0][1].reverse();
            }
        })
    };
    // The first layer is only in the picture of layers, the last in all.
    assert_eq!(maps("decoder.0.cross.weights"), ["attention-layers.svg"]);
    let all = ["attention-1.svg", "attention-2.svg", "attention-3.svg", "attention-heads.svg", "attention-layers.svg"];
    assert_eq!(maps("decoder.2.cross.weights"), all);
}

#[test]
fn translators_side_by_side_share_a_plot_of_lengths() {
    let all = made_up::translators();
    for make in [Page::of_runs, Page::of_ladder] {
        let page = make(&all);
        let plot = &plots(&page)["bleu-by-length.svg"];
        for label in ["Encoder-decoder", "Seq2seq", "Attention", "Encoder-decoder Transformer"] {
            assert!(plot.contains(&format!(">{label}<")), "no `{label}`");
        }
        assert!([">words of the source<", ">BLEU<"].iter().all(|axis| plot.contains(axis)));
        assert!(page.to_text(false).lines().any(|line| line.starts_with("6 to 10") && line.contains("341")));
        assert!(prose(&page).contains("Encoder-decoder Transformer has the highest BLEU, "));
    }
    assert!(Page::of_runs(&all).to_html().contains("<th class=\"number\">BLEU</th>"));
}

#[test]
fn what_becomes_of_long_sentences_is_said() {
    let with = |lengths: [(u64, u64, f64); 3]| {
        let lengths = lengths.map(|(from, to, bleu)| OfLength { from, to, sentences: 30, bleu });
        let mut all = made_up::translators();
        all.truncate(2);
        let last = changed(&all[1], |record| {
            if let Record::ByLength(record) = record {
                record.lengths = lengths.to_vec();
            }
        });
        let first = changed(&last, |record| {
            if let Record::ByLength(record) = record {
                record.lengths.iter_mut().for_each(|span| span.bleu = 40.0 - span.bleu);
            }
        });
        all[0].records = first.records;
        all[1] = last;
        prose(&Page::of_runs(&all))
    };
    let said = with([(1, 1, 30.0), (2, 9, 25.0), (10, 20, 12.25)]);
    // 40 less 30 and less 12.25.
    let expected = "From sentences of one word to those of 10 to 20 words, Encoder-decoder rises from 10.0 to 27.8 and \
                    Seq2seq falls from 30.0 to 12.2.";
    assert!(said.contains(expected), "{said}");
    let said = with([(1, 1, 20.0), (2, 9, 25.0), (10, 20, f64::NAN)]);
    assert!(!said.contains("From sentences of"), "{said}");
}

#[test]
fn a_translator_is_held_against_its_translations_alone() {
    let html = run_page(&transformer()).to_html();
    for words in [
        "what guessing and counting reach on the translations alone, without their sources.",
        "In training and on sentences held back.",
        "nats per word",
        "on multi30k/train.de and .en.",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let html = run_page(&made_up::watched()).to_html();
    assert!(html.contains("what guessing and counting reach on the same text.") && !html.contains("BLEU"));
}

#[test]
fn the_course_of_bleu_is_told() {
    let mut trace = transformer();
    let values = [3.0, 30.25, 28.5];
    let mut count = 0;
    for record in &mut trace.records {
        if let Record::Evaluation(each) = record {
            each.bleu = values.get(count).copied();
            count += 1;
        }
    }
    let said = prose(&run_page(&trace));
    // Evaluations come every 500 steps. The best has none, so that the last one counts.
    let expected = "BLEU went from 3.0 at step 500 to 28.5 at step 1,500. Its highest was 30.2 at step 1,000.";
    assert!(said.contains(expected) && said.contains("BLEU 28.5 of 100"), "{said}");
}

#[test]
fn a_sample_with_a_reference_stands_between_its_source_and_that() {
    let text = run_page(&transformer()).to_text(false);
    let (_, samples) = text.split_once("What it writes").unwrap();
    let lines: Vec<&str> = samples.lines().filter(|line| line.starts_with("    ")).map(str::trim).take(5).collect();
    assert_eq!(
        lines,
        [
            "source      Zwei Männer haben gestern am Fluss einen großen Fisch gefangen .",
            "step 500    a man is a .",
            "step 2,000  two men caught a big fish at the river yesterday .",
            "step 6,000  two men caught a big fish at the river yesterday .",
            "reference   two men caught a big fish at the river yesterday .",
        ]
    );
    let together = prose(&Page::of_ladder(&made_up::translators()));
    let expected = "Encoder-decoder two men are a a river in a river . Seq2seq two men are a a river in a river . \
                    Attention two men caught";
    assert!(together.contains(expected), "{together}");
}

#[test]
fn the_worst_and_the_best_sentences_are_shown_and_not_too_many() {
    let said = prose(&run_page(&transformer()));
    assert!(said.contains("0.0 chrF2 source Ein kleines Mädchen"), "{said}");
    assert!(said.contains("translation (nothing) reference a little girl"), "{said}");
    let many = changed(&transformer(), |record| {
        if let Record::Translations(record) = record {
            let long = Translation { text: "word ".repeat(4000), ..record.worst[0].clone() };
            record.worst = vec![long; 200];
        }
    });
    let html = run_page(&many).to_html();
    assert!(html.matches("word ").count() < 5 * 100, "{}", html.matches("word ").count());
}

fn record(site: &str, tokens: usize, heads: usize, source: &str) -> AttentionMap {
    let names = |word: &str| (0..tokens).map(|index| format!("{word}{index}")).collect();
    let row = vec![1.0 / tokens as f32; tokens];
    let (source, target) = (names(source), names("written"));
    AttentionMap { site: site.into(), source, target, heads: vec![vec![row; tokens]; heads] }
}

#[test]
fn a_page_does_not_grow_with_sentences_layers_and_heads() {
    let mut trace = transformer();
    trace.records.retain(|record| !matches!(record, Record::AttentionMap(_)));
    for sentence in 0..9 {
        for layer in 0..24 {
            let map = record(&format!("decoder.{layer}.cross.weights"), 90, 16, &format!("s{sentence}_"));
            trace.records.push(Record::AttentionMap(map));
        }
    }
    let page = run_page(&trace);
    let plots = plots(&page);
    let maps: Vec<&String> = plots.keys().filter(|name| name.starts_with("attention")).collect();
    assert_eq!(maps.len(), 5, "{maps:?}");
    assert_eq!(plots["attention-layers.svg"].matches(">layer ").count(), 6);
    assert_eq!(plots["attention-heads.svg"].matches(">head ").count(), 12);
    let html = page.to_html();
    for said in ["The first 60 tokens of 90.", "Four more are left out.", "18 layers between them are left out."] {
        assert!(html.contains(said), "{said}");
    }
    assert!(html.len() < 2 << 20, "{} bytes", html.len());
}

#[test]
fn of_a_sentence_looked_at_twice_the_later_map_holds() {
    let trace = made_up::translators().remove(2);
    let plain = plots(&run_page(&trace));
    let mut again = trace.clone();
    let mut maps: Vec<Record> =
        trace.records.iter().filter(|record| matches!(record, Record::AttentionMap(_))).cloned().collect();
    if let Record::AttentionMap(map) = &mut maps[0] {
        map.target[0] = "three".into();
    }
    again.records.extend(maps);
    let names: BTreeSet<String> = plain.keys().cloned().collect();
    let after = plots(&run_page(&again));
    assert_eq!(names, after.keys().cloned().collect());
    assert!(after["attention-1.svg"].contains(">three<") && !plain["attention-1.svg"].contains(">three<"));
}

#[test]
fn a_record_is_a_picture_of_its_own() {
    let several = attention_svg(&record("decoder.5.cross.weights", 4, 3, "read"));
    for said in ["Where it looked, decoder.5.cross.weights", ">source →<", ">written ↓<", ">read3<", ">head 3<"] {
        assert!(several.contains(said), "{said} in {several}");
    }
    let one = attention_svg(&record("attention", 4, 1, "read"));
    assert!(!one.contains(">head 1<") && !one.contains("var("), "{one}");
    assert!(attention_svg(&record("attention", 0, 0, "")).ends_with("</svg>\n"));
}

#[test]
fn what_was_read_and_written_cannot_become_markup() {
    let evil = "</title><script>alert(1)</script>\"'&\u{202e}\u{1b}";
    let mut trace = changed(&transformer(), |record| match record {
        Record::AttentionMap(map) => {
            map.site = evil.into();
            map.source.fill(evil.into());
            map.target.fill(evil.into());
        }
        Record::Translations(all) => {
            all.split = "validation".into();
            all.metric = evil.into();
            for each in all.worst.iter_mut().chain(&mut all.best) {
                (each.source, each.text, each.reference) = (evil.into(), evil.into(), evil.into());
            }
        }
        _ => {}
    });
    trace.records.push(Record::Sample(Sample {
        step: 9000,
        prompt: evil.into(),
        text: evil.into(),
        strategy: evil.into(),
        reference: Some(evil.into()),
    }));
    let page = run_page(&trace);
    let html = page.to_html();
    assert!(!html.contains("<script>alert") && html.contains("&lt;script&gt;alert"));
    // No line gives orders to a terminal, or turns the rest of a page round.
    let is_order = |letter: char| matches!(letter, '\u{1b}' | '\u{202e}');
    assert!(!page.to_text(false).contains(is_order) && !html.contains(is_order));
    for (name, drawing) in page.svgs() {
        assert!(!drawing.contains("<script") && !drawing.contains(is_order), "{name}");
    }
}

#[test]
fn translations_that_went_wrong_are_still_drawn() {
    let broken = changed(&transformer(), |record| match record {
        Record::Evaluation(each) => (each.loss, each.bleu) = (f64::NAN, Some(f64::NAN)),
        Record::ByLength(record) => record.lengths.iter_mut().for_each(|span| span.bleu = f64::NAN),
        Record::Translations(record) => record.worst[0].score = f64::NAN,
        Record::AttentionMap(map) => map.heads[0][0] = vec![f32::NAN; 3],
        _ => {}
    });
    for page in [run_page(&broken), Page::of_ladder(&[broken.clone(), transformer()])] {
        for (name, drawing) in page.svgs() {
            let is_number = |attribute: &str| !attribute.contains("NaN") && !attribute.contains("inf");
            assert!(drawing.split('"').skip(1).step_by(2).all(is_number), "{name}");
        }
    }
    assert!(!plots(&run_page(&broken)).contains_key("bleu.svg"));
}
