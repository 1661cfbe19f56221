//! What each rung of the ladder gained over the one before: a row each, and the headline table.

use super::colophon::data_name;
use super::loss::levels;
use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::rungs::{Rung, Rungs};
use crate::runs::{Reading, Run};
use crate::say;
use crate::table::{Cell, Table};

/// The title of the whole ladder.
pub(crate) fn title(rungs: &[Run]) -> String {
    match rungs {
        [] => "The ladder".to_owned(),
        [only] => format!("The ladder: {}", only.label),
        [first, .., last] => format!("The ladder: {} to {}", first.label, last.label),
    }
}

/// What the ladder is, in a sentence or two.
pub(crate) fn deck(rungs: &[Run]) -> String {
    let Some(first) = rungs.first() else {
        return "There is no run to show yet.".to_owned();
    };
    let (trained, counted) = trained_and_counted(rungs);
    let amount = |tokens: u64| say::short(tokens as f64);
    let things =
        format!("{}s{}", first.token(), data_name(first).map_or_else(String::new, |name| format!(" of {name}")));
    let (least, most) = tokens_read(&trained);
    let is_same = is_same(least, most);
    let mut read: Vec<String> = match trained.as_slice() {
        [] => Vec::new(),
        [only] => vec![format!("{} is trained on {} {things}", only.label, amount(most))],
        _ if is_same => vec![format!("each trained on the same {} {things}", amount(most))],
        _ => vec![format!("each trained on {} to {} {things}", amount(least), amount(most))],
    };
    for rung in counted {
        let things = if read.is_empty() { format!(" {things}") } else { String::new() };
        read.push(format!("{} counts {}{things}", rung.label, amount(rung.trace.progress().1)));
    }
    let models = match rungs.len() {
        1 => "One model".to_owned(),
        many => format!("{} models, in the order in which they were invented", say::capital(&say::in_words(many))),
    };
    // A pair of names follows a colon, what is said of all a comma.
    let joint = if trained.len() > 1 { "," } else { ":" };
    let seconds: f64 = trained.iter().map(|rung| rung.trace.progress().2).sum();
    let took = match trained.len() {
        0 => String::new(),
        1 => format!(" Training took {}.", say::duration(seconds)),
        _ => format!(" Training took {} in all.", say::duration(seconds)),
    };
    format!("{models}{joint} {}.{took}", read.join("; "))
}

/// What learns step by step, and what only counts: it takes no steps, and reads all there is.
pub(crate) fn trained_and_counted<'a, 'r>(rungs: &'a [Run<'r>]) -> (Vec<&'a Run<'r>>, Vec<&'a Run<'r>>) {
    rungs.iter().partition(|rung| rung.trace.progress().0 > 0)
}

/// The least and the most tokens that one of them has read.
fn tokens_read(trained: &[&Run]) -> (u64, u64) {
    let tokens = trained.iter().map(|rung| rung.trace.progress().1);
    (tokens.clone().min().unwrap_or(0), tokens.max().unwrap_or(0))
}

/// Within a twentieth people would call it the same.
fn is_same(least: u64, most: u64) -> bool {
    (most - least) * 20 <= most
}

pub(crate) fn section(rungs: &[Run]) -> Option<Section> {
    let first = rungs.iter().find(|rung| rung.result().is_some())?;
    let levels = levels(first);
    let rows = rungs.iter().map(|rung| Rung {
        label: rung.label.clone(),
        note: note(rung),
        paint: rung.paint,
        loss: rung.loss(),
    });
    let unit = first.unit();
    let plot = Rungs { unit: unit.clone(), rows: rows.collect(), levels };
    let far: Vec<String> = plot.near_and_far().1.iter().map(|level| level.text.clone()).collect();
    let far = if far.is_empty() { String::new() } else { format!("Off the picture: {}.", say::list(&far)) };
    let figure = Figure::wide("gains", format!("Validation loss, {unit}."), plot).with_note(format!(
        "Each row runs from the best loss of the rung above to its own best; further left is better. {far}"
    ));
    let section = Section::new("What each rung gained")
        .fact(overall(rungs))
        .fact(steps(rungs))
        .with_figure(figure)
        .with(Block::Table(headline(rungs)));
    let protocol = protocol(rungs);
    Some(if protocol.is_empty() { section } else { section.with(Block::Note(protocol)) })
}

fn note(rung: &Run) -> String {
    let year = rung.trace.card.model.year.map_or_else(String::new, |year| year.to_string());
    format!("{} {year}", paper(rung)).trim().to_owned()
}

/// The paper's authors; a year that is part of the name has a place of its own.
fn paper(rung: &Run) -> String {
    let model = &rung.trace.card.model;
    let year = model.year.map_or_else(String::new, |year| year.to_string());
    model.paper.trim_end_matches(&year).trim_end_matches([' ', ',']).to_owned()
}

/// From the first rung to the last.
fn overall(rungs: &[Run]) -> String {
    let finished: Vec<&Run> = rungs.iter().filter(|rung| rung.loss().is_finite()).collect();
    let [first, .., last] = finished.as_slice() else {
        return String::new();
    };
    let mut said = format!(
        "Look for how far each row reaches. The best of {} is {} {}, of {} {}.",
        first.label,
        say::loss(first.loss()),
        first.unit(),
        last.label,
        say::loss(last.loss())
    );
    let perplexity = |run: &Run| run.result().and_then(|result| result.perplexity);
    if let (Some(from), Some(to)) = (perplexity(first), perplexity(last)) {
        said.push_str(&format!(
            " The first is as unsure of the next {} as a choice among {from:.1} that are equally likely, the last as one among {to:.1}.",
            first.token()
        ));
    }
    said
}

/// The largest gain, and rungs that gained nothing.
fn steps(rungs: &[Run]) -> String {
    let gains: Vec<(&Run, f64)> = rungs.windows(2).map(|pair| (&pair[1], pair[0].loss() - pair[1].loss())).collect();
    let finite = gains.iter().filter(|(_, gain)| gain.is_finite());
    let Some((best, gain)) = finite.clone().max_by(|one, other| one.1.total_cmp(&other.1)) else {
        return String::new();
    };
    let mut said = String::new();
    if *gain > 0.0 {
        said = format!("The largest gain over the rung before is {}'s, {}.", best.label, say::difference(*gain));
    }
    let behind: Vec<String> = finite.filter(|(_, gain)| *gain <= 0.0).map(|(run, _)| run.label.clone()).collect();
    if !behind.is_empty() {
        let (least, most) = tokens_read(&trained_and_counted(rungs).0);
        let given = if is_same(least, most) { "With this many tokens" } else { "With this much training" };
        said.push_str(&format!(" {given} {} did not get below the rung before.", say::list(&behind)));
    }
    said
}

/// A table that begins with what a rung is.
pub(crate) fn rung_columns() -> Table {
    Table::new().words("rung").numbers("year", "").words("paper").numbers("parameters", "")
}

/// The cells of [`rung_columns`].
pub(crate) fn rung_cells(rung: &Run) -> Vec<Cell> {
    let model = &rung.trace.card.model;
    vec![
        Cell::model(rung.label.clone(), rung.order()),
        model.year.map_or_else(String::new, |year| year.to_string()).into(),
        paper(rung).into(),
        say::count(model.parameters).into(),
    ]
}

fn headline(rungs: &[Run]) -> Table {
    let token = rungs.first().map_or("token", Run::token);
    let mut table = rung_columns()
        .numbers("tokens", &format!("{token}s"))
        .numbers("time", "")
        .numbers("validation loss", &format!("nats/{token}"))
        .numbers("perplexity", "")
        .numbers("BLEU", "")
        .numbers("bits", "per character")
        .numbers("gain", "nats")
        .words("curve");
    let least = rungs.iter().map(Run::loss).filter(|loss| loss.is_finite()).fold(f64::MAX, f64::min);
    for (index, rung) in rungs.iter().enumerate() {
        let (_, tokens, seconds) = rung.trace.progress();
        let loss = rung.loss();
        let gain = index.checked_sub(1).map(|above| rungs[above].loss() - loss);
        let gain = gain.filter(|gain| gain.is_finite()).map_or_else(|| "–".to_owned(), say::difference);
        let said = Cell::from(say::loss(loss));
        let mut row = rung_cells(rung);
        row.extend([
            say::count(tokens).into(),
            say::duration(seconds).into(),
            if loss == least { said.strong() } else { said },
            perplexity(rung).into(),
            rung.bleu().map_or_else(|| "–".to_owned(), say::tenths).into(),
            rung.bits_per_character().map_or_else(|| "–".to_owned(), say::four_digits).into(),
            gain.into(),
            Cell::curve(rung.course("validation").into_iter().map(|each| each.loss).collect()),
        ]);
        table.push(row);
    }
    table.without_empty_columns()
}

pub(crate) fn perplexity(rung: &Run) -> String {
    let perplexity = rung.result().and_then(|result| result.perplexity);
    perplexity.map_or_else(|| "–".to_owned(), say::four_digits)
}

/// What each model has before it when it is judged: a loss is the lower for more of it.
pub(crate) fn protocol(rungs: &[Run]) -> String {
    // What only counts sees one token, however it is read.
    let learns = |rung: &&Run| rung.trace.progress().0 > 0;
    let mut kinds: Vec<(Reading, Vec<String>)> = Vec::new();
    for (rung, reading) in rungs.iter().filter(learns).filter_map(|rung| Some((rung, rung.reading()?))) {
        match kinds.iter_mut().find(|(other, _)| *other == reading) {
            Some((_, names)) => names.push(rung.label.clone()),
            None => kinds.push((reading, vec![rung.label.clone()])),
        }
    }
    let token = rungs.first().map_or("token", Run::token);
    let said = |(reading, names): &(Reading, Vec<String>)| {
        let (who, is_one) = (say::list(names), names.len() == 1);
        let form = |one: &'static str, many: &'static str| if is_one { one } else { many };
        match reading {
            Reading::Stream => {
                format!("{who} {} through the text", form("carries its state", "carry their state"))
            }
            Reading::Windows(length) => {
                format!("{who} {} judged on windows of {length} {token}s side by side", form("is", "are"))
            }
            Reading::Contexts(length) => {
                format!("{who} {} own context of {length} {token}s", form("sees its", "see their"))
            }
        }
    };
    match kinds.as_slice() {
        [] => String::new(),
        kinds => format!("How the losses are measured: {}.", kinds.iter().map(said).collect::<Vec<_>>().join("; ")),
    }
}
