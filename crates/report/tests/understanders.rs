//! The pages of models that understand sentences, from made-up runs: matrix, slots and sureness follow the record, and stay in
//! bounds.

// A failed unwrap is a failed test.
#![allow(clippy::unwrap_used)]

mod looking;
mod made_up;

use looking::{changed, plots, prose, run_page};
use rushlight_trace::{Confusion, OfIntent, OfSlot, Record, Trace, Understanding};

const TITLES: [&str; 3] = ["Which intents it confuses", "Which slots it finds", "Whether it is as sure as it is right"];

/// The same run with another record.
fn with(trace: &Trace, change: impl Fn(&mut Understanding)) -> Trace {
    changed(trace, |record| {
        if let Record::Understanding(record) = record {
            change(record);
        }
    })
}

/// The names of the plots that are drawn otherwise with another record.
fn touched(change: impl Fn(&mut Understanding)) -> Vec<String> {
    let trace = made_up::understander();
    let (before, after) = (plots(&run_page(&trace)), plots(&run_page(&with(&trace, change))));
    before.keys().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

#[test]
fn every_plot_follows_its_part_of_the_record() {
    assert_eq!(touched(|record| record.confused[0].count += 1), ["confusion.svg"]);
    assert_eq!(touched(|record| record.intents[3].right -= 1), ["confusion.svg"]);
    assert_eq!(touched(|record| record.sureness[2].right += 1), ["sureness.svg"]);
    assert!(touched(|record| record.slots[0].right -= 1).is_empty());
}

#[test]
fn a_run_without_the_record_has_no_such_sections() {
    let mut old = made_up::understander();
    for title in TITLES {
        assert!(prose(&run_page(&old)).contains(title), "{title}");
    }
    old.records.retain(|record| !matches!(record, Record::Understanding(_)));
    let page = run_page(&old);
    assert!(TITLES.iter().all(|title| !page.to_html().contains(title)));
    assert!(plots(&page).contains_key("loss.svg"));
}

#[test]
fn the_matrix_has_rows_of_what_was_wanted() {
    let plot = &plots(&run_page(&made_up::understander()))["confusion.svg"].replace('\u{a0}', " ");
    // Each name at its row and at its column.
    for name in [">SearchCreativeWork<", ">out of scope<"] {
        assert_eq!(plot.matches(name).count(), 2, "{name}");
    }
    // Seven confusions; and of 40 out of scope 37 are right, 92.5 %.
    assert_eq!(plot.matches("fill=\"#e8a33d\"").count(), 7, "{plot}");
    assert!(plot.contains(">92 %<") && plot.contains(">37<"), "{plot}");
}

#[test]
fn what_is_confused_and_doubted_is_said() {
    let said = prose(&run_page(&made_up::understander()));
    for words in [
        // 675 of 700 and 37 of 40.
        "Taken for what they are: 712 of the 740 sentences of the validation part, 96.2 %.",
        "Of 40 sentences out of scope, 37 are held for it. 3 more had their own intent as the likeliest, but were held for out \
         of scope; below a probability of 0.41 the model does not commit itself.",
        "The commonest confusion: SearchCreativeWork was said where SearchScreeningEvent was wanted, 9 times.",
        // 91 right; said of 91 + 9 sentences.
        "SearchCreativeWork 100 100 91 91 % 91 % SearchScreeningEvent (6)",
        "What it says and how often it is right lie 1.8 points of a hundred apart",
        "Its temperature, 0.840, was fitted to these very sentences.",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
    let said = prose(&run_page(&with(&made_up::understander(), |record| {
        record.confused.clear();
        record.intents.pop();
        record.intents.iter_mut().for_each(|intent| intent.right = intent.there);
        (record.named, record.sentences, record.temperature) = (700, 700, 1.0);
    })));
    assert!(
        said.contains("700 of the 700 sentences of the validation part, 100.0 %. None is taken for another."),
        "{said}"
    );
    assert!(!said.contains("out of scope,") && !said.contains("Its temperature"), "{said}");
}

#[test]
fn slots_with_most_mistakes_stand_first_and_rare_ones_together() {
    let said = prose(&run_page(&made_up::understander()));
    // 2 * 121 of 147 + 139 are 84.6 %; of all, 2 * 633 of 702 + 700 are 90.3 %.
    assert!(said.contains("found right % % % object_name 147 85 87 82 139 121 movie_name 47 75"), "{said}");
    assert!(
        said.contains("F1 is 90.3 % over all 702 slots of the validation part. 611 of its 740 sentences"),
        "{said}"
    );
    assert!(said.contains("state 59 100 100 100 59 59 all kinds 702 90 90 90 700 633"), "{said}");
    let many = with(&made_up::understander(), |record| {
        let rare = |index: u64| OfSlot { kind: format!("rare{index}"), there: 2, found: 0, right: 0 };
        record.slots.extend((0..50).map(rare));
    });
    let said = prose(&run_page(&many));
    // Eight of the nine have more than two mistakes; seven of the fifty stand with them.
    assert!(said.contains("rare6 2 0 – 0 0 0 44 other kinds"), "{said}");
    assert!(said.contains("all kinds 802 84 90 79 700 633"), "{said}");
}

#[test]
fn of_many_intents_only_the_most_confused_have_a_row() {
    let page = run_page(&made_up::of_many_intents());
    let plot = &plots(&page)["confusion.svg"];
    assert_eq!(plot.matches(">intent_").count(), 2 * 20);
    assert!(plot.contains("The 20 intents that are confused most") && !plot.contains(">intent_21<"));
    // Three times and twice, the rarest two of twelve.
    assert!(page.to_html().contains("Not shown: 5 wrong answers about others."));
    let said = prose(&page);
    assert!(
        said.contains("wanted said sentences of those wanted intent_1 intent_2 13 65 % intent_3 intent_4 12 60 %"),
        "{said}"
    );
    assert!(said.contains("30 more are left out"), "{said}");
    assert!(!said.contains(TITLES[1]));
    let none = with(&made_up::of_many_intents(), |record| record.confused.clear());
    assert!(!plots(&run_page(&none)).contains_key("confusion.svg"));
}

#[test]
fn a_page_does_not_grow_with_intents_and_kinds() {
    let trace = with(&made_up::understander(), |record| {
        let name = |index: usize| format!("a_rather_long_name_of_intent_{index}");
        record.intents =
            (0..400).map(|index| OfIntent { name: name(index), there: 1000, right: 610, is_outside: false }).collect();
        record.confused = (0..400)
            .flat_map(|wanted| (1..40).map(move |step| (wanted, (wanted + step) % 400)))
            .map(|(wanted, said)| Confusion { wanted: name(wanted), said: name(said), count: 10 })
            .collect();
        record.slots =
            (0..400).map(|index| OfSlot { kind: format!("slot{index}"), there: 9, found: 9, right: 8 }).collect();
    });
    let html = run_page(&trace).to_html();
    assert!(html.len() < 1 << 20, "{} bytes", html.len());
}

#[test]
fn what_the_data_call_intents_cannot_become_markup() {
    let evil = "</title><script>alert(1)</script>\"'&\u{202e}\u{1b}";
    let trace = with(&made_up::understander(), |record| {
        record.intents[0].name = evil.into();
        record.slots[0].kind = evil.into();
        (record.confused[0].wanted, record.confused[0].said) = (evil.into(), evil.into());
    });
    let page = run_page(&trace);
    let html = page.to_html();
    assert!(!html.contains("<script>alert") && html.contains("&lt;script&gt;alert"));
    let is_order = |letter: char| matches!(letter, '\u{1b}' | '\u{202e}');
    assert!(!html.contains(is_order));
    for (name, drawing) in page.svgs() {
        assert!(!drawing.contains("<script") && !drawing.contains(is_order), "{name}");
    }
}

#[test]
fn a_record_that_fits_nothing_is_still_drawn() {
    let trace = with(&made_up::understander(), |record| {
        record.sentences = 1;
        record.intents.truncate(2);
        record.intents[0].there = 0;
        record.slots[0].right = 10_000;
        record.sureness[0].confidence = f64::NAN;
        record.sureness[1].sentences = 0;
        (record.calibration_error, record.threshold, record.temperature) = (f64::NAN, f64::NAN, f64::INFINITY);
    });
    for (name, drawing) in run_page(&trace).svgs() {
        let is_number = |attribute: &str| !attribute.contains("NaN") && !attribute.contains("inf");
        assert!(drawing.split('"').skip(1).step_by(2).all(is_number), "{name}");
    }
    let empty = with(&made_up::understander(), |record| {
        *record = Understanding { split: "test".into(), ..Understanding::default() }
    });
    assert!(TITLES.iter().all(|title| !run_page(&empty).to_html().contains(title)));
}
