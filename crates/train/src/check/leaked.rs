//! # leaked: no part of the data stands in another
//!
//! Tried      the parts as they were cut, and once more as they are trained on: lines; of pairs, their sources; of one text, runs of
//!            64 tokens too; of a table, its rows, of which as many are taken off as repeat themselves within the earlier part
//! Measured   at `validation in train` and so on, how many lines of the later part stand in the earlier one too
//! Reference  how many lines the later part has
//! Right      few: short lines repeat themselves

use super::{Entry, Measured, Subject};
use rushlight_data::{Corpus, DataConfig, Part, PartName, Rows, Table, Targets};
use std::collections::{HashMap, HashSet};

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "leaked",
    about: "no part of the data stands in another",
    source: include_str!("leaked.rs"),
    measure,
};

/// Tokens of a run: so long that two pieces of a text do not have one in common by chance.
const RUN: usize = 64;

fn measure(subject: &Subject) -> Vec<Measured> {
    let (corpus, data) = (&subject.session.corpus, &subject.session.recipe.data);
    let pairs = [
        (PartName::Train, PartName::Validation),
        (PartName::Train, PartName::Test),
        (PartName::Validation, PartName::Test),
    ];
    pairs.iter().flat_map(|&(from, into)| of_pair(corpus, data, from, into)).collect()
}

/// How much of the part `into` stands in `from`.
fn of_pair(corpus: &Corpus, data: &DataConfig, from: PartName, into: PartName) -> Vec<Measured> {
    let place = format!("{} in {}", into.name(), from.name());
    let as_cut = corpus.leaks.iter().find(|leak| (leak.from, leak.into) == (from, into));
    let as_cut = as_cut.map(|leak| Measured::at(&place, leak.lines as f64, leak.of as f64));
    let unknown = corpus.tokenizers().and_then(|both| both.of_source().unknown());
    let as_trained = match (data, corpus.part(from), corpus.part(into)) {
        (DataConfig::Lines(_), Part::Rows(from), Part::Rows(into)) => Some(of_rows(from, into, unknown)),
        (DataConfig::Parallel(_), Part::Pairs(from), Part::Pairs(into)) => {
            Some(of_rows(from.sources(), into.sources(), unknown))
        }
        (DataConfig::Table(_), Part::Table(from), Part::Table(into)) => Some(of_tables(from, into)),
        _ => None,
    };
    let as_trained =
        as_trained.filter(|(shared, _)| *shared > 0.0).map(|(shared, all)| Measured::at(&place, shared, all));
    let lines = match (as_cut, as_trained) {
        (Some(cut), Some(trained)) if trained.measured > cut.measured => Some(trained),
        (cut, trained) => cut.or(trained),
    };
    let runs = match (data, corpus.part(from), corpus.part(into)) {
        (DataConfig::Text(_), Part::Stream(from), Part::Stream(into)) => {
            let all = |stream: &rushlight_data::IdStream| stream.first(usize::MAX).map(std::borrow::Cow::into_owned);
            all(from).and_then(|from| Ok(of_runs(&from, &all(into)?))).ok()
        }
        _ => None,
    };
    let runs = runs.filter(|(shared, _)| *shared > 0.0);
    let runs = runs.map(|(shared, all)| Measured::at(format!("{place}, runs of {RUN} tokens"), shared, all));
    lines.into_iter().chain(runs).collect()
}

/// How many rows stand in `from` too, of how many; those with a token that is not known are like others by that alone.
fn of_rows(from: &Rows, into: &Rows, unknown: Option<u32>) -> (f64, f64) {
    let earlier: HashSet<&[u32]> = (0..from.len()).map(|row| from.ids(row)).collect();
    let is_known = |ids: &[u32]| unknown.is_none_or(|unknown| !ids.contains(&unknown));
    let shared = (0..into.len()).map(|row| into.ids(row)).filter(|ids| is_known(ids) && earlier.contains(ids)).count();
    (shared as f64, into.len() as f64)
}

/// The same for runs of tokens, from the first to the last one that is whole.
fn of_runs(from: &[u32], into: &[u32]) -> (f64, f64) {
    /// An odd number without a pattern.
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
    let further = |hash: u64, id: u32| hash.wrapping_mul(BASE).wrapping_add(u64::from(id) + 1);
    let runs: Vec<&[u32]> = into.chunks_exact(RUN).collect();
    let mut wanted: HashMap<u64, Vec<usize>> = HashMap::new();
    for (number, run) in runs.iter().enumerate() {
        wanted.entry(run.iter().fold(0, |hash, &id| further(hash, id))).or_default().push(number);
    }
    let leaving = (0..RUN).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let (mut hash, mut shared) = (0_u64, vec![false; runs.len()]);
    for (end, &id) in from.iter().enumerate() {
        hash = further(hash, id);
        if let Some(begin) = (end + 1).checked_sub(RUN) {
            if begin > 0 {
                hash = hash.wrapping_sub(leaving.wrapping_mul(u64::from(from[begin - 1]) + 1));
            }
            for &number in wanted.get(&hash).into_iter().flatten() {
                shared[number] |= runs[number] == &from[begin..=end];
            }
        }
    }
    (shared.iter().filter(|&&shared| shared).count() as f64, runs.len() as f64)
}

/// The same for rows of a table, beyond what follows from how often rows of the earlier part repeat each other.
fn of_tables(from: &Table, into: &Table) -> (f64, f64) {
    let mut earlier: HashMap<Vec<u32>, usize> = HashMap::new();
    rows(from).for_each(|row| *earlier.entry(row).or_default() += 1);
    let shared = rows(into).filter(|row| earlier.contains_key(row)).count() as f64;
    let repeated: usize = earlier.values().filter(|&&times| times > 1).sum();
    let by_chance = repeated as f64 / from.all.rows().max(1) as f64;
    let all = into.all.rows() as f64;
    ((shared - by_chance * all).max(0.0).round(), all)
}

/// All numbers of each row, with what is to be said of it.
fn rows(table: &Table) -> impl Iterator<Item = Vec<u32>> {
    let bits = |numbers: &[f32]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    (0..table.all.rows()).map(move |row| {
        let mut all = bits(&table.all.features[row * table.all.width..][..table.all.width]);
        match &table.all.targets {
            Targets::Classes(classes) => all.push(classes[row]),
            Targets::Numbers { values, width } => all.extend(bits(&values[row * width..][..*width])),
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_found_wherever_it_stands_and_only_whole() {
        let text: Vec<u32> = (0..1000).map(|n| n * n % 101 + n / 50).collect();
        let later: Vec<u32> = (0..200_u32).map(|n| n.wrapping_mul(2_654_435_761) >> 25).collect();
        let with = |from: usize, to: usize| [&text[..333], &later[from..to], &text[333..]].concat();
        assert_eq!(of_runs(&text, &later), (0.0, 3.0));
        assert_eq!(of_runs(&with(0, 192), &later), (3.0, 3.0));
        assert_eq!(of_runs(&with(60, 192), &later), (2.0, 3.0));
        assert_eq!(of_runs(&later[..63], &later), (0.0, 3.0));
        assert_eq!(of_runs(&later[..64], &later), (1.0, 3.0));
    }

    #[test]
    fn rows_that_repeat_themselves_anyway_are_no_leak() {
        let table = |classes: &[u32]| {
            let all = rushlight_data::VectorBatch {
                features: classes.iter().map(|&class| class as f32).collect(),
                width: 1,
                targets: Targets::Classes(classes.to_vec()),
            };
            let names = Vec::new;
            let layout = rushlight_data::Layout {
                features: names(),
                targets: names(),
                classes: names(),
                means: Vec::new(),
                deviations: Vec::new(),
            };
            Table { all, layout }
        };
        assert_eq!(of_tables(&table(&[1, 2, 1, 2]), &table(&[1, 2, 1])), (0.0, 3.0));
        assert_eq!(of_tables(&table(&[1, 2, 3, 4]), &table(&[1, 2, 5])), (2.0, 3.0));
        assert_eq!(of_tables(&table(&[1, 1, 3, 4]), &table(&[3, 4])), (1.0, 2.0)); // half of 2 would be there by chance
    }
}
