//! What each rung of several ladders gained over the one before: Markdown, with a table and a few sentences for each ladder.
//! All of it, sentences too, follows from the records; which folders are ladders is for others to know.

use crate::runs::{Run, by_history};
use crate::say;
use crate::sections::{colophon, gains};
use crate::table::{Cell, Table};
use rushlight_trace::Trace;

/// The first line of the page, by which it is known again.
const TITLE: &str = "# What each rung gained";

/// Ladders to be set below each other.
pub struct History {
    /// The ladders, in the order in which they shall stand.
    pub ladders: Vec<Ladder>,
    /// The command line that makes the page.
    pub command: String,
}

/// Runs of several models on the same data, of which one thing is equal.
pub struct Ladder {
    /// The command lines that made its runs.
    pub commands: Vec<String>,
    /// What was equal.
    pub equal: Equal,
    /// Its runs.
    pub traces: Vec<Trace>,
}

/// What every rung of a ladder was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equal {
    /// As many tokens.
    Tokens,
    /// As many seconds of training, of which this many were asked for.
    Seconds(u64),
}

/// What a rung gained.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gain {
    /// The model's name in recipes.
    pub model: String,
    /// Its least loss on validation data.
    pub loss: f64,
    /// By how much the loss is below that of the rung before; nothing for the first.
    pub over_before: Option<f64>,
    /// The same as a share of the loss of the rung before.
    pub share_of_before: Option<f64>,
    /// By how much the loss is below the bigram's; nothing for the bigram itself, or without it.
    pub over_bigram: Option<f64>,
}

impl History {
    /// The page.
    pub fn to_markdown(&self) -> String {
        let commands = self.ladders.iter().flat_map(|ladder| &ladder.commands).chain([&self.command]);
        let commands: String = commands.map(|command| format!("{command}\n")).collect();
        let sections: String = self.ladders.iter().map(Ladder::section).collect();
        format!(
            "{TITLE}\n\n\
             Made by a command from the records of real runs, not by hand. To make it again:\n\n\
             ```sh\n{commands}```\n\n\
             Every rung of a ladder learns from the same text and is judged on the same part of it, which none has \
             learned from. There are two fair ways to do so:\n\n\
             * **At equal tokens** every rung reads equally much, however long that takes. It shows what a model makes \
             of a text. The speed of the machine changes no loss.\n\
             * **At equal seconds** every rung trains equally long on one machine, and a cheap model reads more in that \
             time. It shows what a model makes of the machine's time. On another machine, or on one that is busy, the \
             order may be another.\n\n\
             A loss is the least of a rung's evaluations on the validation part, in nats per token; the seconds are \
             those of training alone. A gain is by how much a loss is below that of the rung before, in percent of that \
             loss, or below that of the bigram; with a minus it is behind. All rungs have the same targets, but for the \
             first few of the part, which a model with a window of its own needs as context. Losses per character and \
             per word are different measures; of words, all that are not in the vocabulary are one unknown word.\n\
             {sections}"
        )
    }

    /// Whether a file is such a page, and may give way to a new one.
    pub fn is_one(text: &str) -> bool {
        text.starts_with(TITLE)
    }
}

impl Ladder {
    /// What each rung gained, in the order of history.
    pub fn gains(&self) -> Vec<Gain> {
        gains_of(&by_history(&self.traces))
    }

    fn section(&self) -> String {
        let rungs = by_history(&self.traces);
        let Some(first) = rungs.first() else { return String::new() };
        let gains = gains_of(&rungs);
        let equal = match self.equal {
            Equal::Tokens => "tokens",
            Equal::Seconds(_) => "seconds",
        };
        let mut points = vec![self.given(&rungs), data(first)];
        points.extend(colophon::lines(&rungs));
        points.retain(|point| !point.is_empty());
        let points: String = points.iter().map(|point| format!("* {point}\n")).collect();
        let said = [largest(&rungs, &gains), behind(&rungs, &gains), past_their_best(&rungs), gains::protocol(&rungs)];
        let said: Vec<String> = said.into_iter().filter(|said| !said.is_empty()).collect();
        format!(
            "\n## {}s, equal {equal}\n\n{points}\n{}\n{}\n",
            say::capital(first.token()),
            table(&rungs, &gains).to_markdown(),
            said.join(" ")
        )
    }

    /// What every rung that learns was given, and what came of it.
    fn given(&self, rungs: &[Run]) -> String {
        let (trained, counted) = gains::trained_and_counted(rungs);
        let Some(token) = trained.first().map(|rung| rung.token()) else { return String::new() };
        let tokens: Vec<f64> = trained.iter().map(|rung| rung.trace.progress().1 as f64).collect();
        let seconds: Vec<f64> = trained.iter().map(|rung| rung.trace.progress().2).collect();
        // What counts goes through the text once.
        let text = counted.first().map(|rung| rung.trace.progress().1 as f64).filter(|text| *text > 0.0);
        let passes = text.map_or_else(String::new, |text| {
            let passes: Vec<f64> = tokens.iter().map(|tokens| tokens / text).collect();
            format!(", {} times the training text,", range(&passes, |passes| say::significant(passes, 2)))
        });
        let took = range(&seconds, say::duration);
        match self.equal {
            Equal::Tokens => {
                let tokens = range(&tokens, |tokens| say::count(tokens as u64));
                format!("Each rung that learns reads {tokens} {token}s{passes} in {took}")
            }
            Equal::Seconds(asked) => {
                let (tokens, asked) = (range(&tokens, say::short), say::duration(asked as f64));
                format!(
                    "Each rung that learns trains for about {asked} ({took}) and reads {tokens} {token}s{passes} in it"
                )
            }
        }
    }
}

/// `from to`, or one number where both look the same.
fn range(values: &[f64], told: impl Fn(f64) -> String) -> String {
    let (least, most) = values.iter().fold((f64::MAX, f64::MIN), |(least, most), &x| (least.min(x), most.max(x)));
    let (least, most) = (told(least), told(most));
    if least == most { least } else { format!("{least} to {most}") }
}

fn data(run: &Run) -> String {
    let Some(name) = colophon::data_name(run) else { return String::new() };
    let bytes = run.trace.card.data.first().map_or(0, |data| data.bytes);
    let size = if bytes > 0 { format!(", {} bytes", say::count(bytes)) } else { String::new() };
    let text = run.trace.card.text.as_ref();
    let different = text.map_or_else(String::new, |text| {
        format!(", {} different {}s", say::count(text.vocabulary as u64), run.token())
    });
    format!("{name}{size}{different}")
}

fn gains_of(rungs: &[Run]) -> Vec<Gain> {
    let losses: Vec<f64> = rungs.iter().map(Run::loss).collect();
    let bigram = rungs.iter().position(|rung| rung.trace.card.model.name == "bigram");
    let models = rungs.iter().map(|rung| rung.trace.card.model.name.clone());
    std::iter::zip(models, gains_in(&losses, bigram)).map(|(model, gain)| Gain { model, ..gain }).collect()
}

/// The gains of losses in the order of history, of which one is the bigram's. Against what is no number nothing is gained.
fn gains_in(losses: &[f64], bigram: Option<usize>) -> Vec<Gain> {
    let finite = |loss: f64| Some(loss).filter(|loss| loss.is_finite());
    let gain = |(place, &loss): (usize, &f64)| {
        let before = place.checked_sub(1).and_then(|before| finite(losses[before]));
        let bigram = bigram.filter(|bigram| *bigram != place).and_then(|bigram| finite(losses[bigram]));
        let over = |other: Option<f64>| other.and_then(|other| finite(other - loss));
        let share_of_before = over(before).zip(before).map(|(gain, before)| gain / before);
        Gain { loss, over_before: over(before), share_of_before, over_bigram: over(bigram), ..Gain::default() }
    };
    losses.iter().enumerate().map(gain).collect()
}

fn table(rungs: &[Run], gains: &[Gain]) -> Table {
    let token = rungs.first().map_or("token", Run::token);
    let mut table = gains::rung_columns()
        .numbers(&format!("{token}s seen"), "")
        .numbers("training", "seconds")
        .numbers("validation loss", &format!("nats/{token}"))
        .numbers("bits per character", "")
        .numbers("perplexity", "")
        .numbers("gain", "nats")
        .numbers("gain", "%")
        .numbers("gain over the bigram", "nats");
    let dash = || "–".to_owned();
    let least = gains.iter().map(|gain| gain.loss).filter(|loss| loss.is_finite()).fold(f64::MAX, f64::min);
    for (rung, gain) in rungs.iter().zip(gains) {
        let (steps, tokens, seconds) = rung.trace.progress();
        let bits = rung.bits_per_character();
        let loss = Cell::from(say::loss(gain.loss));
        let mut row = gains::rung_cells(rung);
        row.extend([
            say::count(tokens).into(),
            if steps > 0 { format!("{seconds:.1}") } else { dash() }.into(),
            if gain.loss == least { loss.strong() } else { loss },
            bits.map_or_else(dash, say::four_digits).into(),
            // Where a token is a character, bits say the same.
            if bits.is_some() { dash() } else { gains::perplexity(rung) }.into(),
            gain.over_before.map_or_else(dash, say::difference).into(),
            gain.share_of_before.map_or_else(dash, |share| say::tenths(100.0 * share)).into(),
            gain.over_bigram.map_or_else(dash, say::difference).into(),
        ]);
        table.push(row);
    }
    table.without_empty_columns()
}

/// Which step up was the largest.
fn largest(rungs: &[Run], gains: &[Gain]) -> String {
    let steps =
        rungs.iter().zip(gains).filter_map(|(rung, gain)| Some((rung, gain.over_before?, gain.share_of_before?)));
    let best = steps.filter(|(_, gain, _)| *gain > 0.0).max_by(|one, other| one.1.total_cmp(&other.1));
    best.map_or_else(String::new, |(rung, gain, share)| {
        let (gain, share) = (say::difference(gain), say::percent(share));
        format!("The largest gain over the rung before is {}'s, {gain} nats or {share}.", rung.label)
    })
}

/// Which later rungs did not get below an earlier one.
fn behind(rungs: &[Run], gains: &[Gain]) -> String {
    let said = gains.iter().enumerate().filter_map(|(place, gain)| {
        let better = (0..place).filter(|&earlier| gains[earlier].loss <= gain.loss);
        let better: Vec<String> =
            better.map(|earlier| format!("{} ({})", rungs[earlier].label, say::loss(gains[earlier].loss))).collect();
        let all = format!("{} ({}) behind {}", rungs[place].label, say::loss(gain.loss), say::list(&better));
        (!better.is_empty()).then_some(all)
    });
    let said: Vec<String> = said.collect();
    match (said.as_slice(), rungs.len()) {
        ([], ..2) => String::new(),
        // What is no number is neither below another nor behind it.
        ([], _) if gains.iter().any(|gain| !gain.loss.is_finite()) => String::new(),
        ([], _) => "Every rung ends below all before it.".to_owned(),
        (said, _) => format!("Not every rung ends below all before it: {}.", said.join("; ")),
    }
}

/// Whose validation loss rose again before the end.
fn past_their_best(rungs: &[Run]) -> String {
    let past = rungs.iter().filter_map(|rung| {
        let (best, last) = (rung.result()?, *rung.course("validation").last()?);
        let is_past = best.step < last.step && best.loss < last.loss;
        is_past.then(|| format!("{} (step {} of {})", rung.label, say::count(best.step), say::count(last.step)))
    });
    let past: Vec<String> = past.collect();
    match past.as_slice() {
        [] => String::new(),
        [only] => format!("{only} had its least loss before its end."),
        past => format!("{} had their least loss before their end.", say::list(past)),
    }
}

#[cfg(test)]
mod tests {
    use super::{gains_in, range};

    fn check(losses: &[f64], bigram: Option<usize>, expected: &[[Option<f64>; 3]]) {
        let gains = gains_in(losses, bigram);
        let found: Vec<_> =
            gains.iter().map(|gain| [gain.over_before, gain.share_of_before, gain.over_bigram]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_gain_is_over_the_rung_before_and_over_the_bigram() {
        // 2.5 - 2 = 0.5, a fifth of 2.5; 2 - 1.5 = 0.5, a quarter of 2; 2.5 - 1.5 = 1.
        let expected = [[None; 3], [Some(0.5), Some(0.2), Some(0.5)], [Some(0.5), Some(0.25), Some(1.0)]];
        check(&[2.5, 2.0, 1.5], Some(0), &expected);
    }

    #[test]
    fn a_rung_that_is_behind_has_gained_less_than_nothing() {
        check(&[2.0, 2.5], Some(0), &[[None; 3], [Some(-0.5), Some(-0.25), Some(-0.5)]]);
    }

    #[test]
    fn without_a_bigram_nothing_is_gained_over_it() {
        check(&[2.0, 1.0], None, &[[None; 3], [Some(1.0), Some(0.5), None]]);
    }

    #[test]
    fn over_what_is_no_number_nothing_is_gained() {
        let expected = [[None; 3], [None; 3], [None, None, Some(1.0)]];
        check(&[3.0, f64::NAN, 2.0], Some(0), &expected);
        assert!(gains_in(&[], None).is_empty());
    }

    #[test]
    fn what_looks_the_same_is_one_number() {
        let told = |values: &[f64]| range(values, |x| format!("{x:.0}"));
        assert_eq!((told(&[1.2, 0.9, 1.4]), told(&[3.0, 1.0])), ("1".into(), "1 to 3".into()));
    }
}
