//! From turns of a conversation to what a model reads. Knows tokenizers; nothing of HTTP, and of models only what they do.
//!
//! A language model reads turns as [`rushlight_train::turns`] has them, and then writes one. Of a conversation that is longer than
//! its window the oldest turns are left out. A model that answers sentences reads the last turn alone.

use crate::catalogue::{Does, Served};
use crate::engine::Prompt;
use rushlight_text::{TextError, Tokenizer};
use rushlight_train::turns::{self, TurnEnd};

/// A conversation as a model reads it.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) prompt: Prompt,
    /// What ends the answer, besides the model's own end.
    pub(crate) stops: Vec<String>,
}

/// What `served` reads of `turns`, of which the last is to be answered with at most `most` tokens.
///
/// # Errors
/// Text that the vocabulary does not know.
pub(crate) fn of_turns(served: &Served, turns: &[&str], most: usize) -> Result<Reading, TextError> {
    if served.does == Does::Translates {
        let last = turns.last().copied().unwrap_or_default();
        return Ok(Reading { prompt: of_sentence(&served.source, last)?, stops: Vec::new() });
    }
    let tokenizer = &served.tokenizer;
    // Half a window at most is kept free to write in: the model could not remember more than that at once.
    let room = served.window.map_or(usize::MAX, |window| window - most.min(window / 2));
    let ids = turns::ids_of(tokenizer, turns, room)?;
    let stops = if TurnEnd::of(tokenizer).is_line { vec!["\n".into()] } else { Vec::new() };
    Ok(Reading { prompt: Prompt::After(never_empty(ids, tokenizer)), stops })
}

/// A text to go on from, as [`rushlight_train::Session::write`] reads it.
///
/// # Errors
/// Text that the vocabulary does not know.
pub(crate) fn of_text(served: &Served, text: &str) -> Result<Prompt, TextError> {
    if served.does == Does::Translates {
        return of_sentence(&served.source, text);
    }
    let mut ids: Vec<u32> = served.tokenizer.boundary().into_iter().collect();
    ids.extend(served.tokenizer.try_encode(text)?);
    Ok(Prompt::After(never_empty(ids, &served.tokenizer)))
}

fn of_sentence(tokenizer: &Tokenizer, text: &str) -> Result<Prompt, TextError> {
    let mut ids = tokenizer.try_encode(text.trim())?;
    ids.extend(tokenizer.boundary());
    Ok(Prompt::Of(never_empty(ids, tokenizer)))
}

/// Nothing stands before the first token of a text; a line end comes nearest.
pub(crate) fn never_empty(mut ids: Vec<u32>, tokenizer: &Tokenizer) -> Vec<u32> {
    if ids.is_empty() {
        ids.push(turns::line_end(tokenizer).and_then(|ids| ids.last().copied()).unwrap_or(0));
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_text::{NormalizerConfig, TokenizerConfig};
    use std::sync::Arc;

    fn served(does: Does, boundary: bool, window: Option<usize>) -> Served {
        let config = TokenizerConfig::Character(Default::default());
        let alphabet = if boundary { "abc d" } else { "abc d\n" };
        let trained =
            Tokenizer::train(&config, NormalizerConfig::default(), boundary, &mut [alphabet].into_iter()).unwrap();
        let tokenizer = Arc::new(trained);
        Served {
            id: "a".into(),
            does,
            label: "LSTM",
            parameters: 0,
            created: 0,
            source: Arc::clone(&tokenizer),
            tokenizer,
            window,
            looks: false,
        }
    }

    fn check(served: &Served, turns: &[&str], most: usize, expected: &str) {
        let reading = of_turns(served, turns, most).unwrap();
        let (Prompt::After(ids) | Prompt::Of(ids)) = &reading.prompt;
        assert_eq!(ids.iter().map(|&id| served.tokenizer.token(id)).collect::<String>().replace('·', " "), expected);
    }

    fn line(served: &Served) -> String {
        served.tokenizer.encode("\n").iter().map(|&id| served.tokenizer.token(id)).collect()
    }

    #[test]
    fn each_turn_is_a_line() {
        let served = served(Does::Writes, false, None);
        let end = line(&served);
        let space = served.tokenizer.token(served.tokenizer.encode(" ")[0]);
        check(&served, &["ab", "c\n\n d"], 8, &format!("ab{end}c{space}d{end}"));
    }

    #[test]
    fn without_a_line_end_a_turn_is_a_row() {
        let served = served(Does::Writes, true, None);
        let reading = of_turns(&served, &["ab", "c"], 8).unwrap();
        let ids = served.tokenizer.encode("abc");
        assert_eq!(reading.prompt, Prompt::After(vec![0, ids[0], ids[1], 0, ids[2], 0]));
        assert!(reading.stops.is_empty());
    }

    #[test]
    fn the_oldest_turns_are_left_out_where_the_window_is_full() {
        let served = served(Does::Writes, false, Some(8));
        let end = line(&served);
        check(&served, &["aaaa", "bb", "c"], 3, &format!("bb{end}c{end}"));
        check(&served, &["aaaa", "bb", "c"], 100, &format!("c{end}"));
        check(&served, &["a", "bbbbbbbbbbbb"], 3, &format!("bbbbbbbbbbbb{end}"));
    }

    #[test]
    fn what_translates_reads_the_last_turn() {
        let served = served(Does::Translates, true, Some(8));
        let reading = of_turns(&served, &["a", " b "], 3).unwrap();
        assert_eq!(reading.prompt, Prompt::Of(vec![served.tokenizer.encode("b")[0], 0]));
    }

    #[test]
    fn nothing_is_a_line_end() {
        let served = served(Does::Writes, false, None);
        assert_eq!(of_text(&served, "").unwrap(), Prompt::After(served.tokenizer.encode("\n")));
    }
}
