//! The pages as a whole, from made-up runs: everything on them comes from records, they need
//! nothing beside themselves, and no run is odd enough to break them.

// A failed unwrap is a failed test.
#![allow(clippy::unwrap_used)]

mod looking;
mod made_up;

use looking::{changed, plots, prose, run_page};
use rushlight_report::Page;
use rushlight_trace::{Evaluation, LossUnit, Record, RunCard, RunFolder, Sample, Step, Trace, Yardsticks};

/// The names of the plots that are drawn otherwise once records are changed.
fn touched(make: impl Fn(&Trace) -> Page, trace: &Trace, change: impl Fn(&mut Record)) -> Vec<String> {
    let (before, after) = (plots(&make(trace)), plots(&make(&changed(trace, change))));
    let differs = |name: &&String| before.get(*name) != after.get(*name);
    before.keys().filter(differs).map(|name| name.trim_end_matches(".svg").to_owned()).collect()
}

/// A change of one kind of record, and the plots that must follow it.
type Case = (fn(&mut Record), &'static [&'static str]);

const CASES: [Case; 12] = [
    (
        |record| {
            if let Record::Evaluation(each) = record {
                each.loss *= 1.1;
                each.top1 = each.top1.map(|share| share * 0.9);
            }
        },
        &["accuracy", "loss"],
    ),
    (
        |record| {
            if let Record::Step(step) = record {
                step.learning_rate *= 1.0 + step.step as f64 / 4000.0;
                step.gradient_norm *= 1.0 + step.step as f64 / 4000.0;
                step.tokens_per_second *= 1.0 - step.step as f64 / 4000.0;
            }
        },
        &["gradient-norm", "learning-rate", "speed"],
    ),
    (
        |record| {
            if let Record::Yardsticks(yardsticks) = record {
                yardsticks.levels.iter_mut().for_each(|level| level.loss -= 0.1);
            }
        },
        // Context reach has the near yardsticks too.
        &["context-reach", "loss"],
    ),
    (
        |record| {
            if let Record::Shape(shape) = record {
                shape.layers[0].parameters += 1;
            }
        },
        &["model"],
    ),
    (
        |record| {
            if let Record::Layer(layer) = record {
                let middle = layer.histogram.counts.len() / 2;
                layer.histogram.counts[middle] *= 2;
            }
        },
        &["activations", "gradients", "pre-activations"],
    ),
    (
        |record| {
            if let Record::Layer(layer) = record {
                let site = layer.site.clone();
                layer.saturated_share = layer.saturated_share.filter(|_| site != "blocks.0.hidden").or(Some(0.01));
            }
        },
        &["activations", "gradients", "pre-activations", "saturated-share"],
    ),
    (
        |record| {
            if let Record::Saturation(map) = record {
                let other = if map.rows[0].starts_with('#') { "." } else { "#" };
                map.rows[0].replace_range(0..1, other);
            }
        },
        &["saturation-blocks-0-hidden-step-0", "saturation-blocks-0-hidden-step-2000"],
    ),
    (
        |record| {
            if let Record::Weight(weight) = record {
                weight.update_to_data *= 1.0 + weight.step as f64 / 2000.0;
            }
        },
        &["update-to-data"],
    ),
    (
        |record| {
            if let Record::Weight(weight) = record {
                weight.grad_to_data *= 1.0 + weight.step as f64 / 2000.0;
            }
        },
        &["grad-to-data"],
    ),
    (
        |record| {
            if let Record::GradientDistance(distance) = record {
                distance.norms[1] *= 2.0;
            }
        },
        &["gradient-against-distance"],
    ),
    (
        |record| match record {
            Record::Reach(reach) => reach.loss[1] += 0.2,
            Record::Recall(recall) => recall.accuracy[3] = 0.25,
            _ => {}
        },
        &["context-reach", "recall"],
    ),
    (
        |record| {
            if let Record::Cost(cost) = record {
                cost.step_milliseconds[2] *= 2.0;
            }
        },
        &["cost-in-time"],
    ),
];

#[test]
fn every_plot_of_a_run_follows_its_records() {
    let trace = made_up::watched();
    let mut followed: Vec<&str> = Vec::new();
    for (change, expected) in CASES {
        assert_eq!(touched(run_page, &trace, change), expected);
        followed.extend(expected);
    }
    // A plot that no case above can touch would be a picture of nothing.
    for name in plots(&run_page(&trace)).keys() {
        let name = name.trim_end_matches(".svg");
        assert!(followed.contains(&name), "no case changes `{name}`");
    }
}

#[test]
fn every_plot_of_a_ladder_follows_the_records_of_one_rung() {
    let ladder = made_up::ladder();
    let with = |rung: &Trace| {
        let mut rungs = ladder.clone();
        rungs[3] = rung.clone();
        Page::of_ladder(&rungs)
    };
    let lower = |record: &mut Record| match record {
        Record::Evaluation(each) => each.loss -= 0.2,
        Record::Reach(reach) => reach.loss.iter_mut().for_each(|loss| *loss -= 0.2),
        Record::Recall(recall) => recall.accuracy[1] = 0.5,
        Record::GradientDistance(distance) => distance.norms[9] *= 3.0,
        Record::Cost(cost) => cost.step_milliseconds[4] *= 3.0,
        _ => {}
    };
    let all: Vec<String> =
        plots(&with(&ladder[3])).keys().map(|name| name.trim_end_matches(".svg").to_owned()).collect();
    assert_eq!(touched(with, &ladder[3], lower), all);
    assert_eq!(all.len(), 7, "{all:?}");
}

/// The ladder with this loss at every evaluation of each rung.
#[test]
fn nothing_at_all_still_makes_a_page() {
    for page in
        [Page::of_runs(&[]), Page::of_ladder(&[]), run_page(&Trace::default()), Page::of_ladder(&[Trace::default()])]
    {
        assert!(page.to_html().ends_with("</html>\n"));
        assert!(page.svgs().is_empty());
        assert!(!page.to_text(false).is_empty());
    }
}

#[test]
fn a_page_needs_nothing_beside_itself() {
    let pages = [run_page(&made_up::watched()), Page::of_ladder(&made_up::ladder())];
    for html in pages.map(|page| page.to_html()) {
        // The one address is the name of SVG itself, which nobody fetches.
        let html = html.replace("http://www.w3.org/2000/svg", "");
        for fetched in ["http", "src=", "url(", "@import", "<link", "fetch("] {
            assert!(!html.contains(fetched), "{fetched}");
        }
        assert!(html.contains("prefers-color-scheme:dark") && html.contains("name=\"viewport\""));
    }
}

/// Goes through tags as an XML reader would, and fails where one is not closed.
fn check_tags(name: &str, drawing: &str) {
    let mut open: Vec<&str> = Vec::new();
    for piece in drawing.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').unwrap_or_else(|| panic!("{name}: {piece}"));
        let word = tag.split([' ', '\n']).next().unwrap_or_default();
        if let Some(closed) = word.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{name}");
        } else if !tag.ends_with('/') {
            open.push(word);
        }
    }
    assert!(open.is_empty(), "{name}: {open:?}");
}

/// Every number an attribute holds must be one.
fn check_numbers(name: &str, drawing: &str) {
    for attribute in drawing.split('"').skip(1).step_by(2) {
        assert!(!attribute.contains("NaN") && !attribute.contains("inf"), "{name}: {attribute}");
    }
}

#[test]
fn each_saved_plot_is_whole_and_has_its_colours() {
    let folder = tempfile::tempdir().unwrap();
    let files = run_page(&made_up::watched()).save_svgs(&folder.path().join("plots")).unwrap();
    assert!(files.len() > 10);
    for file in files {
        let (name, drawing) = (file.display().to_string(), std::fs::read_to_string(&file).unwrap());
        assert!(drawing.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{name}");
        assert!(!drawing.contains("var("), "{name}");
        check_tags(&name, &drawing);
        check_numbers(&name, &drawing);
    }
}

#[test]
fn a_run_that_went_wrong_everywhere_is_still_drawn() {
    let broken = changed(&made_up::watched(), |record| match record {
        Record::Step(step) if step.step > 900 => {
            step.loss = f64::NAN;
            step.gradient_norm = f64::INFINITY;
        }
        Record::Evaluation(each) if each.step > 900 => (each.loss, each.perplexity) = (f64::NAN, Some(f64::NAN)),
        Record::Layer(layer) => (layer.mean, layer.std) = (f64::NAN, f64::INFINITY),
        Record::Weight(weight) => (weight.update_to_data, weight.grad_to_data) = (0.0, f64::NAN),
        Record::GradientDistance(distance) => distance.norms.iter_mut().for_each(|norm| *norm = 0.0),
        Record::Reach(reach) => reach.loss[3] = f64::NAN,
        Record::Recall(recall) => recall.accuracy.fill(f64::NAN),
        Record::Cost(cost) => cost.step_milliseconds.fill(0.0),
        _ => {}
    });
    let page = run_page(&broken);
    assert!(prose(&page).contains("At step 901 the training loss stopped being a number."));
    for (name, drawing) in page.svgs() {
        check_tags(&name, &drawing);
        check_numbers(&name, &drawing);
    }
    let mut ladder = made_up::ladder();
    ladder[4] = broken;
    for (name, drawing) in Page::of_ladder(&ladder).svgs() {
        check_numbers(&name, &drawing);
    }
}

#[test]
fn what_a_model_or_a_user_wrote_cannot_become_markup() {
    let evil = "</pre><script>alert(1)</script>\"";
    let mut trace = made_up::watched();
    trace.card.model.label = evil.into();
    trace.recipe = evil.into();
    trace.records.push(Record::Sample(Sample {
        step: 2000,
        prompt: evil.into(),
        text: evil.into(),
        strategy: evil.into(),
        reference: None,
    }));
    let html = Page::of_runs(&[trace.clone()]).to_html();
    assert!(!html.contains("<script>alert") && html.contains("&lt;script&gt;alert"));
    assert!(!Page::of_ladder(&[trace]).to_html().contains("<script>alert"));
}

#[test]
fn plots_that_are_compared_have_one_scale() {
    let plots = plots(&Page::of_ladder(&made_up::ladder()));
    // The labels of the upright axis are the only ones set from their end at this x.
    let heights = |name: &str| -> Vec<String> {
        let ticks =
            plots[name].lines().filter(|line| line.starts_with("<text") && line.contains("text-anchor=\"end\""));
        let ticks = ticks.filter(|line| line.contains(" font-size=\"12\""));
        ticks.filter_map(|line| line.split_once(" y=").map(|(_, rest)| rest.to_owned())).take(4).collect()
    };
    assert_eq!(heights("loss-against-tokens.svg"), heights("loss-against-seconds.svg"));
    assert_eq!(heights("loss-against-tokens.svg").len(), 4);
}

#[test]
fn a_regression_has_its_own_unit_and_no_perplexity() {
    let step = |step: u64| {
        Record::Step(Step {
            step,
            tokens: step * 10,
            seconds: step as f64,
            loss: 1.0 / step as f64,
            unit: LossUnit::SquaredError,
            learning_rate: 0.01,
            gradient_norm: 1.0,
            tokens_per_second: 10.0,
            wait_seconds: 0.0,
        })
    };
    let mut records: Vec<Record> = (1..=9).map(step).collect();
    records.push(Record::Yardsticks(
        Yardsticks { unit: LossUnit::SquaredError, ..Yardsticks::default() }.and("variance of the targets", 1.0),
    ));
    records.push(Record::Evaluation(Evaluation {
        step: 9,
        split: "validation".into(),
        loss: 0.25,
        unit: LossUnit::SquaredError,
        ..Evaluation::default()
    }));
    let page = run_page(&Trace { name: "noise".into(), card: RunCard::default(), records, ..Trace::default() });
    let text = prose(&page);
    assert!(text.contains("0.250 mean squared error") && !text.contains("erplexity"), "{text}");
    assert!(text.contains("It lies 0.750 below variance of the targets 1.000."), "{text}");
    assert!(plots(&page)["loss.svg"].contains(">mean squared error<"));
}

#[test]
fn a_terminal_without_colour_gets_none() {
    for page in [run_page(&made_up::watched()), Page::of_ladder(&made_up::ladder())] {
        assert!(!page.to_text(false).contains('\u{1b}'));
        assert!(page.to_text(true).contains('\u{1b}'));
        assert!(page.to_text(false).lines().all(|line| line == line.trim_end()));
    }
}

#[test]
fn a_run_read_back_from_its_folder_gives_the_same_page() {
    let trace = made_up::watched();
    let root = tempfile::tempdir().unwrap();
    let run = RunFolder::create(&root.path().join(&trace.name), &trace.card, &trace.recipe).unwrap();
    let mut journal = run.journal().unwrap();
    trace.records.iter().for_each(|record| journal.append(record).unwrap());
    trace.findings.iter().for_each(|finding| run.add_finding(finding).unwrap());
    let read = Trace::read(run.folder()).unwrap();
    assert!(run_page(&trace).to_html() == run_page(&read).to_html(), "the pages differ");
}
