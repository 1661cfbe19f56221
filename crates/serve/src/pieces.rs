//! From tokens to pieces of text that can be sent: never half a character, and nothing that may be the beginning of a stop
//! string.

use rushlight_text::Tokenizer;
use std::sync::Arc;

/// The sign that a decoder puts where bytes make no character, or none yet.
const BROKEN: char = '\u{FFFD}';

/// So many tokens are decoded together before older ones are let go.
const TOGETHER: usize = 16;

/// The text of one answer as it grows.
pub(crate) struct Pieces {
    tokenizer: Arc<Tokenizer>,
    /// The last tokens: what stands before a token says whether there is a space between.
    recent: Vec<u32>,
    /// How many bytes of the text of `recent` have been passed on.
    passed: usize,
    /// Whether white space at the beginning is left out.
    trims: bool,
    stops: Vec<String>,
    /// What has come and may be the beginning of a stop string.
    held: String,
    is_over: bool,
}

impl Pieces {
    /// The text that follows the token `before`, if there is one, and ends before any of `stops`.
    pub(crate) fn new(tokenizer: Arc<Tokenizer>, before: Option<u32>, stops: Vec<String>, trims: bool) -> Self {
        let recent: Vec<u32> = before.into_iter().collect();
        let passed = tokenizer.decode(&recent).len();
        Self { tokenizer, recent, passed, trims, stops, held: String::new(), is_over: false }
    }

    /// Whether a stop string has come.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Takes a token, and gives the text that is certain.
    pub(crate) fn push(&mut self, token: u32) -> String {
        self.recent.push(token);
        self.decoded(false)
    }

    /// The rest, after the last token.
    pub(crate) fn finish(&mut self) -> String {
        if self.is_over {
            return String::new();
        }
        let mut out = self.decoded(true);
        out += &std::mem::take(&mut self.held);
        self.is_over = true;
        out
    }

    /// What the last tokens add.
    fn decoded(&mut self, is_end: bool) -> String {
        if self.is_over {
            return String::new();
        }
        let text = self.tokenizer.decode(&self.recent);
        // One sign at the end may be a character whose other bytes are still to come; those before it are not.
        let certain = match text.strip_suffix(BROKEN) {
            Some(certain) if !is_end => certain,
            _ => &text[..],
        };
        let mut new = certain.get(self.passed..).unwrap_or_default().to_owned();
        self.passed = self.passed.max(certain.len());
        if self.recent.len() >= TOGETHER && certain.len() == text.len() {
            self.recent.drain(..self.recent.len() - 1);
            self.passed = self.tokenizer.decode(&self.recent).len();
        }
        if self.trims {
            new = new.trim_start().to_owned();
            self.trims = new.is_empty();
        }
        self.until_stop(&new)
    }

    fn until_stop(&mut self, new: &str) -> String {
        if self.stops.is_empty() {
            return new.to_owned();
        }
        self.held += new;
        let found = self.stops.iter().filter_map(|stop| self.held.find(stop.as_str())).min();
        if let Some(place) = found {
            self.is_over = true;
            self.held.truncate(place);
            return std::mem::take(&mut self.held);
        }
        let may_stop = |from: usize| self.stops.iter().any(|stop| stop.starts_with(&self.held[from..]));
        let held = self.held.char_indices().map(|(place, _)| place).find(|&place| may_stop(place));
        let rest = self.held.split_off(held.unwrap_or(self.held.len()));
        std::mem::replace(&mut self.held, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_text::{NormalizerConfig, TokenizerConfig};

    fn tokenizer(config: &str, text: &str) -> Arc<Tokenizer> {
        let config = serde_json::from_str::<serde_json::Value>(config).unwrap();
        let kind = config["kind"].as_str().unwrap().to_owned();
        let mut rest = config.clone();
        rest.as_object_mut().unwrap().remove("kind");
        let config = TokenizerConfig::of_kind(&kind, rest).unwrap();
        Arc::new(Tokenizer::train(&config, NormalizerConfig::default(), false, &mut [text].into_iter()).unwrap())
    }

    /// The pieces of `text`, a token at a time.
    fn pieces(config: &str, text: &str, stops: &[&str], trims: bool) -> Vec<String> {
        let tokenizer = tokenizer(config, text);
        let ids = tokenizer.encode(text);
        let stops = stops.iter().map(|&stop| stop.to_owned()).collect();
        let mut pieces = Pieces::new(tokenizer, None, stops, trims);
        let mut all: Vec<String> = ids.into_iter().map(|id| pieces.push(id)).collect();
        all.push(pieces.finish());
        all
    }

    const BYTES: &str = r#"{"kind": "bpe", "vocab_size": 260}"#;
    const WORDS: &str = r#"{"kind": "word"}"#;
    const CHARACTERS: &str = r#"{"kind": "character"}"#;

    #[test]
    fn no_piece_holds_half_a_character_and_all_together_are_the_text() {
        let text = "naïve 😀 日本語 – fin".repeat(20);
        let pieces = pieces(BYTES, &text, &[], false);
        assert!(pieces.iter().all(|piece| !piece.contains(BROKEN)), "{pieces:?}");
        assert_eq!(pieces.concat(), text);
    }

    #[test]
    fn words_have_their_spaces() {
        let text = "we go, they stay (here); nobody knows. ".repeat(30);
        assert_eq!(pieces(WORDS, text.trim_end(), &[], false).concat(), text.trim_end());
    }

    #[test]
    fn a_word_after_a_prompt_begins_with_a_space() {
        let tokenizer = tokenizer(WORDS, "we go home. we go home.");
        let ids = tokenizer.encode("we go home");
        let mut pieces = Pieces::new(tokenizer, Some(ids[0]), Vec::new(), false);
        assert_eq!(ids[1..].iter().map(|&id| pieces.push(id)).collect::<String>(), " go home");
    }

    #[test]
    fn a_stop_string_across_tokens_ends_the_text_and_is_not_sent() {
        let check = |text: &str, stops: &[&str], expected: &str| {
            assert_eq!(pieces(CHARACTERS, text, stops, false).concat(), expected);
        };
        check("one END two", &["END"], "one ");
        check("one EN two", &["END"], "one EN two");
        check("aab", &["ab"], "a");
        check("one EN", &["END"], "one EN");
        check("one two three", &["three", "two"], "one ");
    }

    #[test]
    fn nothing_that_may_become_a_stop_string_is_sent_before_it_is_known() {
        let pieces = pieces(CHARACTERS, "a EN b", &["END"], false);
        assert_eq!(pieces, ["a", " ", "", "", "EN ", "b", ""]);
    }

    #[test]
    fn an_answer_begins_with_what_can_be_seen() {
        assert_eq!(pieces(CHARACTERS, "\n \nyes.\nno", &["\n"], true).concat(), "yes.");
    }

    #[test]
    fn what_is_left_broken_at_the_end_is_shown_so() {
        let tokenizer = tokenizer(BYTES, "😀");
        let ids = tokenizer.encode("😀");
        assert!(ids.len() > 1, "{ids:?}");
        let mut pieces = Pieces::new(tokenizer, None, Vec::new(), false);
        assert_eq!(pieces.push(ids[0]), "");
        assert_eq!(pieces.finish(), "\u{FFFD}");
    }
}
