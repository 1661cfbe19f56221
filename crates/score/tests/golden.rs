//! BLEU, chrF, ROUGE and the F1 of spans against their reference programs, to 1e-9; `reference/metrics.py` makes the file.
#![allow(clippy::unwrap_used)]

use rushlight_score::metrics::bleu::{Bleu, Smoothing};
use rushlight_score::metrics::chrf::ChrF;
use rushlight_score::metrics::rouge::{Kind, Rouge};
use rushlight_score::metrics::{Metric, SACREBLEU, measured, summed};
use rushlight_score::{BleuTokens, SpanScore, spans};
use serde_json::{Value, json};

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/metrics.json")).unwrap()
}

/// Hypotheses, and one list for each reference.
fn columns(lines: &Value) -> (Vec<&str>, Vec<Vec<&str>>) {
    let column = |index: usize| lines.as_array().unwrap().iter().map(|line| line[index].as_str().unwrap()).collect();
    (column(0), vec![column(1), column(2)])
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[track_caller]
fn close(measured: f64, expected: f64, what: &str) {
    assert!((measured - expected).abs() <= 1e-9, "{what}: {measured}, not {expected}");
}

/// The score of all lines, which is returned as sums too, and that of each line alone.
fn check(metric: &dyn Metric, alone: &dyn Metric, golden: &Value, case: &Value) -> Vec<f64> {
    let (hypotheses, mut references) = columns(&golden["lines"]);
    references.truncate(case["references"].as_u64().unwrap() as usize);
    let what = case["signature"].as_str().unwrap();
    let lines = measured(metric, &hypotheses, &references);
    let sums = summed(&lines);
    close(metric.score(&sums), case["score"].as_f64().unwrap(), what);
    for (line, expected) in lines.iter().zip(numbers(&case["sentences"])) {
        close(alone.score(line), expected, &format!("a line by {what}"));
    }
    let settings = metric.settings().join("|");
    assert_eq!(format!("nrefs:{}|{settings}|version:{SACREBLEU}", references.len()), what);
    sums
}

#[test]
fn bleu_is_sacrebleus() {
    let golden = golden();
    for case in golden["bleu"].as_array().unwrap() {
        let value = |usual| case["smooth_value"].as_f64().unwrap_or(usual);
        let metric = Bleu {
            tokens: BleuTokens::ALL.into_iter().find(|tokens| tokens.name() == case["tokenize"]).unwrap(),
            lowercase: case["lowercase"].as_bool().unwrap(),
            smoothing: match case["smooth_method"].as_str().unwrap() {
                "none" => Smoothing::None,
                "floor" => Smoothing::Floor(value(0.1)),
                "add-k" => Smoothing::AddK(value(1.0)),
                _ => Smoothing::Exp,
            },
            effective_order: false,
        };
        let alone = Bleu { effective_order: true, ..metric.clone() };
        let sums = check(&metric, &alone, &golden, case);
        let parts = metric.parts(&sums);
        let what = case["signature"].as_str().unwrap();
        for (measured, expected) in parts.precisions.into_iter().zip(numbers(&case["precisions"])) {
            close(measured, expected, what);
        }
        close(parts.brevity_penalty, case["bp"].as_f64().unwrap(), what);
        close(parts.written, case["written"].as_f64().unwrap(), what);
        close(parts.reference, case["reference"].as_f64().unwrap(), what);
        let line = format!("{} = {:.2} {}", metric.label(), parts.score, metric.details(&sums));
        assert_eq!(line, case["line"], "{what}");
    }
}

#[test]
fn chrf_is_sacrebleus() {
    let golden = golden();
    for case in golden["chrf"].as_array().unwrap() {
        let metric = ChrF {
            words: case["words"].as_u64().unwrap() as usize,
            beta: case["beta"].as_u64().unwrap() as u32,
            lowercase: case["lowercase"].as_bool().unwrap(),
            ..ChrF::default()
        };
        check(&metric, &metric, &golden, case);
        assert_eq!(metric.label(), case["label"]);
    }
}

#[test]
fn rouge_is_rouge_scores() {
    let golden = golden();
    let kinds = [
        ("rouge1", Kind::N(1)),
        ("rouge2", Kind::N(2)),
        ("rouge3", Kind::N(3)),
        ("rougeL", Kind::L),
        ("rougeLsum", Kind::LSum),
    ];
    let (hypotheses, references) = columns(&golden["summaries"]);
    for (index, case) in golden["rouge"].as_array().unwrap().iter().enumerate() {
        for (name, kind) in kinds {
            let references: Vec<&str> = references.iter().map(|lines| lines[index]).collect();
            for (references, expected) in [(&references[..1], &case[name][0]), (&references[..], &case[name][1])] {
                let parts = Rouge(kind).parts(&Rouge(kind).measure(hypotheses[index], references));
                for (measured, expected) in parts.into_iter().zip(numbers(expected)) {
                    close(measured / 100.0, expected, &format!("{name} of {:?}", hypotheses[index]));
                }
            }
        }
    }
}

#[test]
fn spans_are_seqevals() {
    let lists = |value: &Value| -> Vec<Vec<String>> { serde_json::from_value(value.clone()).unwrap() };
    for case in golden()["spans"].as_array().unwrap() {
        let mut score = SpanScore::default();
        let there = case["spans"].as_array().unwrap();
        for ((written, wanted), there) in lists(&case["written"]).iter().zip(lists(&case["wanted"])).zip(there) {
            let wanted = spans(&wanted);
            // seqeval counts the last word in.
            let told = wanted.iter().map(|span| json!([span.kind, span.words.start, span.words.end - 1]));
            assert_eq!(Value::from_iter(told), *there);
            score.add(&spans(written), &wanted);
        }
        let all = score.all();
        for (name, measured) in [("precision", all.precision()), ("recall", all.recall()), ("f1", all.f1())] {
            close(measured, case[name].as_f64().unwrap(), name);
        }
    }
}
