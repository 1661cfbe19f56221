//! What the pages say, from made-up runs: sentences, labels and captions follow the records.

// A failed unwrap is a failed test.
#![allow(clippy::unwrap_used)]

mod looking;
mod made_up;

use looking::{changed, plots, prose, run_page};
use rushlight_report::{Equal, History, Ladder, Page};
use rushlight_trace::{Evaluation, Histogram, Layer, Record, SiteKind, Trace};

fn ladder_with(losses: [f64; 6]) -> Page {
    Page::of_ladder(&rungs_with(losses))
}

fn rungs_with(losses: [f64; 6]) -> Vec<Trace> {
    let set = |record: &mut Record, loss: f64| {
        if let Record::Evaluation(each) = record {
            (each.loss, each.perplexity) = (loss, Some(10.0 * loss));
        }
    };
    let rungs = made_up::ladder();
    let rungs = rungs.iter().zip(losses).map(|(rung, loss)| changed(rung, |record| set(record, loss)));
    rungs.collect()
}

fn history_with(losses: [f64; 6], equal: Equal) -> String {
    let ladder = Ladder { commands: vec!["rushlight ladder".into()], equal, traces: rungs_with(losses) };
    History { ladders: vec![ladder], command: "rushlight history runs/ladder".into() }.to_markdown()
}

#[test]
fn a_history_tells_gains_and_where_a_later_rung_is_behind() {
    let said = history_with([2.5, 2.0, 1.9, 1.8, 1.85, 1.7], Equal::Tokens);
    // 2.5 - 2.0 is a fifth of 2.5; 1.85 lies 0.05 above 1.8, 2.8 % of it, and 0.65 below 2.5.
    for words in [
        "The largest gain over the rung before is MLP's, 0.500 nats or 20\u{a0}%.",
        "Not every rung ends below all before it: GRU (1.850) behind LSTM (1.800).",
        "| −0.050 | −2.8 | 0.650 |",
        "## Characters, equal tokens",
        "```sh\nrushlight ladder\nrushlight history runs/ladder\n```",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    let said = history_with([2.5, 2.0, 1.9, 1.8, 1.7, 1.6], Equal::Seconds(30));
    assert!(said.contains("Every rung ends below all before it."), "{said}");
    assert!(said.contains("Each rung that learns trains for about 30\u{a0}s ("), "{said}");
    assert!(said.contains("## Characters, equal seconds"), "{said}");
}

#[test]
fn tables_and_sentences_follow_the_records() {
    let before = prose(&ladder_with([2.5, 2.0, 1.9, 1.8, 1.85, 1.7]));
    // 2.5 - 2.0; and GRU's 1.85 is above LSTM's 1.8.
    assert!(before.contains("The largest gain over the rung before is MLP's, 0.500."), "{before}");
    assert!(before.contains("With this many tokens GRU did not get below the rung before."), "{before}");

    let after = ladder_with([2.5, 2.4, 1.75, 1.8, 1.85, 1.7]);
    // 2.4 - 1.75; and now LSTM's 1.8 is above RNN's 1.75 too.
    let said = prose(&after);
    assert!(said.contains("The largest gain over the rung before is RNN's, 0.650."), "{said}");
    assert!(said.contains("LSTM and GRU did not get below the rung before."), "{said}");
    let text = after.to_text(false);
    let row = text.lines().find(|line| line.contains("● RNN")).unwrap();
    // 1.75 nats are 1.75 / ln 2 = 2.525 bits.
    assert!(["1.750", "17.50", "2.52", "0.650"].iter().all(|number| row.contains(number)), "{row}");
}

#[test]
fn what_was_not_measured_is_not_shown() {
    let mut trace = made_up::watched();
    trace.records.retain(|record| matches!(record, Record::Evaluation(_)));
    let names: Vec<String> = plots(&run_page(&trace)).into_keys().collect();
    assert_eq!(names, ["loss.svg"]);
    assert!(!run_page(&trace).to_html().contains("Saturation"));
}

#[test]
fn one_counted_model_is_one_model_that_counts() {
    let page = Page::of_ladder(&made_up::ladder()[..1]);
    let said = prose(&page);
    assert!(said.contains("One model: Bigram counts 1.00 M characters of tiny Shakespeare. "), "{said}");
    assert!(!said.contains("Training took"), "{said}");
    let two = prose(&Page::of_ladder(&made_up::ladder()[..2]));
    assert!(
        two.contains("MLP is trained on 1.00 M characters of tiny Shakespeare; Bigram counts 1.00 M. Training took")
    );
}

#[test]
fn a_ladder_speaks_of_bests_and_of_training_alone() {
    let page = Page::of_ladder(&made_up::ladder());
    let said = prose(&page);
    assert!(said.contains("The best of Bigram is 2.462 nats per character, of Transformer"), "{said}");
    assert!(said.contains("each trained on the same 1.00 M characters of tiny Shakespeare; Bigram counts 1.00 M."));
    assert!(said.contains("Training took") && !said.contains("All of it took"), "{said}");
    // Pictures stand above each other on a phone.
    let html = page.to_html();
    assert!(!html.contains("On the left") && !html.contains("where it ended itself"));
}

#[test]
fn a_ladder_says_what_each_model_has_before_it() {
    let mut rungs = made_up::ladder();
    for (rung, (batching, window)) in rungs.iter_mut().zip([
        ("windows", 64),
        ("contexts", 16),
        ("stream", 64),
        ("stream", 64),
        ("stream", 64),
        ("windows", 64),
    ]) {
        rung.recipe = format!("[data]\nbatching = \"{batching}\"\n\n[train]\nwindow = {window}\n");
    }
    let said = prose(&Page::of_ladder(&rungs));
    let expected = "How the losses are measured: MLP sees its own context of 16 characters; RNN, LSTM and GRU carry \
                    their state through the text; Transformer is judged on windows of 64 characters side by side.";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_run_with_end_marks_counts_by_tokens() {
    let mut trace = made_up::watched();
    trace.card.text.as_mut().unwrap().characters_per_token = 0.8605;
    let html = run_page(&trace).to_html();
    assert!(html.contains("nats per token") && !html.contains("nats per character"));
    assert!(html.contains("per character</small>"), "bits are still counted by characters");
}

#[test]
fn a_run_that_stopped_early_ends_where_training_ended() {
    let evaluation = |step: u64, loss: f64| {
        Record::Evaluation(Evaluation { step, split: "validation".into(), loss, ..Evaluation::default() })
    };
    let records = [(10, 3.0), (20, 2.0), (30, 2.5), (30, 2.0)].map(|(step, loss)| evaluation(step, loss)).to_vec();
    let page = run_page(&Trace { name: "stopped".into(), records, ..Trace::default() });
    let said = prose(&page);
    assert!(said.contains("went from 3.000 at step 10 to 2.500 at step 30. Its least was 2.000 at step 20;"), "{said}");
}

#[test]
fn gates_are_drawn_over_all_that_they_can_be() {
    let gate = |site: &str, low: f64| {
        Record::Layer(Layer {
            step: 1,
            site: site.into(),
            kind: SiteKind::Gate,
            mean: 0.5,
            std: 0.1,
            saturated_share: None,
            dead_units: None,
            units: 7,
            histogram: Histogram::between(low, 1.0, 10, [0.45, 0.5, 0.55]),
        })
    };
    let records = vec![gate("gates.i", 0.0), gate("gates.g", -1.0)];
    let plots = plots(&run_page(&Trace { name: "lstm".into(), records, ..Trace::default() }));
    let (first, second) = plots["gates.svg"].split_once("gates.g").unwrap();
    assert!(!first.contains(">−") && second.contains(">−1.0<"), "{first}");
}

#[test]
fn a_loss_far_above_all_others_is_cut_off_and_the_page_says_so() {
    let high = changed(&made_up::watched(), |record| {
        if let Record::Step(step) = record
            && step.step == 1
        {
            step.loss = 22.0;
        }
    });
    let html = run_page(&high).to_html();
    assert!(html.contains(", up to 22.0, is off the picture."));
    assert!(html.contains("Thin dashes: what guessing and counting reach"));
    assert!(!run_page(&made_up::watched()).to_html().contains("off the picture"));
}
