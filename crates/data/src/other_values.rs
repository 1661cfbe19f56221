//! Sentences with other values in their slots: `to rome` and `from oslo` make `to oslo` and `from rome`. Knows no files.

use std::collections::BTreeMap;

use crate::Utterance;
use crate::chance::Chance;

/// The part of a slot's name that says what may stand in it: `fromloc.city_name` and `toloc.city_name` have the same cities.
fn kind(slot: &str) -> &str {
    slot.rsplit('.').next().unwrap_or(slot)
}

/// A piece of a sentence: the name of its slot, if it is one, and its words.
type Piece<'u> = (Option<&'u str>, Vec<&'u str>);

fn pieces(utterance: &Utterance) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (word, tag) in utterance.text.split_whitespace().zip(&utterance.tags) {
        let goes_on = tag.strip_prefix("I-").filter(|name| pieces.last().is_some_and(|(slot, _)| *slot == Some(name)));
        match (goes_on, pieces.last_mut()) {
            (Some(_), Some((_, words))) => words.push(word),
            _ => pieces.push((tag.strip_prefix("B-").or(tag.strip_prefix("I-")), vec![word])),
        }
    }
    pieces
}

/// All sentences, and behind them `times` more of each that has slots, in which about half of the slots have the value that
/// another slot of the same kind has somewhere; those that come out as they went in are left out.
pub(crate) fn with_values(all: Vec<Utterance>, times: usize, seed: u64) -> Vec<Utterance> {
    if times == 0 {
        return all;
    }
    let mut values: BTreeMap<&str, Vec<Vec<&str>>> = BTreeMap::new();
    for (slot, words) in all.iter().flat_map(pieces) {
        slot.into_iter().for_each(|slot| values.entry(kind(slot)).or_default().push(words.clone()));
    }
    // Each value once: a rare one is as good a value as a common one.
    values.values_mut().for_each(|of_kind| {
        of_kind.sort_unstable();
        of_kind.dedup();
    });
    let chance = Chance::new(seed, "other values");
    let mut draws = 0;
    let mut below = |end: usize| {
        draws += 1;
        chance.below(draws, end as u64) as usize
    };
    let mut made = Vec::new();
    for utterance in &all {
        let pieces = pieces(utterance);
        if pieces.iter().all(|(slot, _)| slot.is_none()) {
            continue;
        }
        for _ in 0..times {
            let (mut words, mut tags) = (Vec::<&str>::new(), Vec::new());
            for (slot, own) in &pieces {
                let Some(slot) = slot else {
                    words.extend(own);
                    tags.push("O".to_owned());
                    continue;
                };
                let of_kind = &values[kind(slot)];
                let value = if below(2) == 0 { own } else { &of_kind[below(of_kind.len())] };
                words.extend(value);
                tags.push(format!("B-{slot}"));
                tags.extend((1..value.len()).map(|_| format!("I-{slot}")));
            }
            let text = words.join(" ");
            if text != utterance.text.split_whitespace().collect::<Vec<_>>().join(" ") {
                made.push(Utterance { text, tags, ..utterance.clone() });
            }
        }
    }
    [all, made].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(text: &str, tags: &str) -> Utterance {
        let tags = tags.split(' ').map(str::to_owned).collect();
        Utterance { text: text.into(), intent: "fly".into(), tags, line: 1 }
    }

    #[test]
    fn slots_of_a_kind_lend_each_other_their_values_and_all_else_stays() {
        let all = vec![sentence("to new york now", "O B-to.city I-to.city O"), sentence("from rome", "O B-from.city")];
        let more = with_values(all.clone(), 20, 1);
        assert_eq!(more[..2], all);
        let made: std::collections::BTreeSet<String> =
            more[2..].iter().map(|one| format!("{} | {}", one.text, one.tags.join(" "))).collect();
        let wanted = ["from new york | O B-from.city I-from.city", "to rome now | O B-to.city O"];
        assert_eq!(made.into_iter().collect::<Vec<_>>(), wanted);
        assert_eq!(with_values(all.clone(), 20, 1), more);
        assert_eq!(with_values(all.clone(), 0, 1), all);
    }

    #[test]
    fn a_sentence_without_slots_is_itself_alone() {
        let all = vec![sentence("hello there", "O O")];
        assert_eq!(with_values(all.clone(), 3, 1), all);
    }
}
