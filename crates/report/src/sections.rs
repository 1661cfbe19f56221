//! What can stand on a page: a file a section. Each takes runs and gives a section, or nothing
//! if the runs have no records for it. Here they are put in order.

use crate::page::{Page, Part, Section};
use crate::runs::Run;
use crate::say;

pub(crate) mod attention;
mod bleu;
mod by_length;
pub(crate) mod colophon;
pub(crate) mod cost;
mod facts;
mod findings;
pub(crate) mod gains;
mod gradient;
mod inside;
mod intents;
mod ladder_loss;
mod loss;
mod network;
mod rates;
mod ratios;
mod reach;
mod recall;
mod samples;
mod saturation;
mod sentences;
mod slots;
mod sureness;
mod table;

/// The page of one run, or of several.
pub(crate) fn run_page(runs: &[Run]) -> Page {
    let mut parts = Vec::new();
    if runs.len() > 1 {
        let together = [
            table::section(runs),
            loss::compared(runs),
            bleu::compared(runs),
            by_length::section(runs),
            reach::section(runs),
            recall::section(runs),
            gradient::section(runs),
            cost::section(runs),
        ];
        parts.push(whole(together));
    }
    for run in runs {
        let own = std::slice::from_ref(run);
        let mut sections = vec![facts::section(run), findings::section(own), loss::section(run), bleu::section(run)];
        if runs.len() == 1 {
            sections.push(by_length::section(own));
        }
        sections.extend([
            attention::section(run),
            sentences::section(run),
            intents::section(run),
            slots::section(run),
            sureness::section(run),
            rates::section(run),
            network::section(run),
            inside::section(run),
            saturation::section(run),
            ratios::section(run),
        ]);
        if runs.len() == 1 {
            sections.extend([gradient::section(own), reach::section(own), recall::section(own), cost::section(own)]);
        }
        sections.push(samples::of_run(run));
        sections.push(table::origin(run));
        let title = if runs.len() > 1 { run.label.clone() } else { String::new() };
        let slug = if runs.len() > 1 { slug(&run.trace.name) } else { String::new() };
        parts.push(Part { title, slug, sections: sections.into_iter().flatten().collect() });
    }
    Page { title: title_of(runs), deck: deck_of(runs), parts, colophon: colophon::lines(runs) }
}

/// The page of a ladder, its rungs in the order of history.
pub(crate) fn ladder_page(rungs: &[Run]) -> Page {
    let sections = [
        gains::section(rungs),
        ladder_loss::section(rungs),
        bleu::compared(rungs),
        by_length::section(rungs),
        reach::section(rungs),
        recall::section(rungs),
        gradient::section(rungs),
        cost::section(rungs),
        findings::section(rungs),
        samples::of_ladder(rungs),
        table::section(rungs),
    ];
    Page {
        title: gains::title(rungs),
        deck: gains::deck(rungs),
        parts: vec![whole(sections)],
        colophon: colophon::lines(rungs),
    }
}

fn whole<const N: usize>(sections: [Option<Section>; N]) -> Part {
    part(sections.into_iter().flatten().collect())
}

/// Sections that belong to the whole page.
fn part(sections: Vec<Section>) -> Part {
    Part { title: String::new(), slug: String::new(), sections }
}

fn title_of(runs: &[Run]) -> String {
    match runs {
        [only] if only.trace.name.is_empty() => only.label.clone(),
        [only] => format!("{}: {}", only.label, only.trace.name),
        runs => say::capital(&format!("{} runs side by side", say::in_words(runs.len()))),
    }
}

fn deck_of(runs: &[Run]) -> String {
    let [run] = runs else {
        return String::new();
    };
    let (steps, tokens, seconds) = run.trace.progress();
    let on = colophon::data_name(run).map_or_else(String::new, |name| format!(" on {name}"));
    let ended = match run.trace.done() {
        Some(done) => format!("It ended after {}", say::plural(steps, "step")) + &reason(&done.reason),
        None => format!("It has taken {} so far", say::plural(steps, "step")),
    };
    let parameters = run.trace.card.model.parameters;
    let size = if parameters > 0 { format!("{} parameters{on}. ", say::count(parameters)) } else { String::new() };
    format!("{size}{ended}: {} {}s in {}.", say::short(tokens as f64), run.counted(), say::duration(seconds))
}

fn reason(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(" ({reason})") }
}

/// A name that can be part of a file's name everywhere.
fn slug(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
}
