//! # word: a token a word
//!
//! The vocabulary is the commonest words, sorted by how often they come (then by spelling); every other word becomes
//! the unknown token. A line break is a token of its own, so that lines come back. Spaces do not: decoding sets single
//! spaces, and none before a full stop or after a bracket. Knows nothing about the inside of words.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use unicode_normalization::char::is_combining_mark;

use super::{Counts, Entry, Learner, Scheme, Trained};
use crate::file;
use crate::vocabulary::{BOUNDARY, Vocabulary};
use crate::{Limit, TextError};

/// The settings of a word tokenizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A word that comes less often than this is unknown.
    pub min_frequency: u64,
    /// How many tokens there are at most, the special ones included.
    pub max_size: Limit,
    /// How text is cut.
    pub split: Split,
    /// How the unknown token is written. Text that already holds it (Penn Treebank's `<unk>`) then means the same.
    pub unknown: String,
}

/// Where a word ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Letters, digits and apostrophes between letters make a word; any other sign is a token by itself.
    #[default]
    Words,
    /// Whatever stands between spaces is a word: for text that was cut into tokens before.
    Spaces,
}

impl Default for Config {
    fn default() -> Self {
        Config { min_frequency: 2, max_size: Limit::Never, split: Split::Words, unknown: "<unk>".to_string() }
    }
}

/// This member's line.
pub const ENTRY: Entry = Entry {
    name: "word",
    about: "a token a word; rare words become one unknown token",
    source: include_str!("word.rs"),
    read,
};

/// How often each word came.
struct Counting {
    config: Config,
    boundary: bool,
    counts: Counts,
}

pub(super) fn learner(config: &Config, boundary: bool) -> Result<Box<dyn Learner>, TextError> {
    if config.unknown.is_empty() || config.unknown.contains(char::is_whitespace) || config.unknown == BOUNDARY {
        return Err(TextError::UnknownToken { asked: config.unknown.clone() });
    }
    let special = specials(boundary);
    if config.max_size.most() <= special {
        return Err(TextError::NoRoom { asked: config.max_size.most(), special });
    }
    Ok(Box::new(Counting { config: config.clone(), boundary, counts: Counts::default() }))
}

fn specials(boundary: bool) -> usize {
    usize::from(boundary) + 1
}

impl Learner for Counting {
    fn see(&mut self, pieces: &[Cow<str>]) {
        let words = pieces.iter().flat_map(|piece| self.config.split.pieces(piece));
        words.for_each(|word| self.counts.add(word, 1));
    }

    fn finish(self: Box<Self>) -> Result<Trained, TextError> {
        let Counting { config, boundary, counts: Counts(mut counts) } = *self;
        if counts.is_empty() {
            return Err(TextError::NoText);
        }
        // They have their own places.
        counts.remove(config.unknown.as_str());
        counts.remove(BOUNDARY);
        counts.retain(|_, count| *count >= config.min_frequency);
        let mut words: Vec<(String, u64)> = counts.into_iter().collect();
        words.sort_by(|(one, often), (other, seldom)| seldom.cmp(often).then_with(|| one.cmp(other)));
        words.truncate(config.max_size.most() - specials(boundary));
        let words = words.into_iter().map(|(word, _)| word);
        let vocabulary = Vocabulary::new(boundary, Some(&config.unknown), words);
        Ok(Trained { scheme: Arc::new(config.split), vocabulary })
    }
}

fn read(json: &Value) -> Result<Option<Trained>, TextError> {
    let split = [Split::Words, Split::Spaces].into_iter().find(|split| json["pre_tokenizer"] == split.pattern());
    match split {
        Some(split) if json["model"]["type"] == "WordLevel" => {
            let vocabulary = file::read_word_level(json)?;
            if vocabulary.unknown.is_none() {
                return Err(TextError::Foreign("its words have no unknown token".to_string()));
            }
            Ok(Some(Trained { scheme: Arc::new(split), vocabulary }))
        }
        _ => Ok(None),
    }
}

impl Split {
    /// The words of `text`, and its line breaks.
    fn pieces(self, text: &str) -> impl Iterator<Item = &str> {
        let mut rest = text;
        std::iter::from_fn(move || {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() && c != '\n');
            let first = rest.chars().next()?;
            let length = match self {
                _ if first == '\n' => 1,
                Split::Spaces => rest.find(char::is_whitespace).unwrap_or(rest.len()),
                Split::Words if is_word(first) => word_length(rest),
                Split::Words => first.len_utf8(),
            };
            let (piece, after) = rest.split_at(length);
            rest = after;
            Some(piece)
        })
    }

    /// The same cuts in the words of tokenizer.json.
    fn pattern(self) -> Value {
        let regex = match self {
            Split::Words => r"\n|[\p{Alphabetic}\p{N}\p{M}_]+(?:['’][\p{Alphabetic}\p{N}\p{M}_]+)*|[^\s]",
            Split::Spaces => r"\n|[^\s]+",
        };
        json!({ "type": "Split", "pattern": { "Regex": regex }, "behavior": "Removed", "invert": true })
    }

    /// The same spacing in the words of tokenizer.json.
    fn decoder(self) -> Value {
        let replace =
            |pattern: &str, by: &str| json!({ "type": "Replace", "pattern": { "Regex": pattern }, "content": by });
        // "WordPiece" sets a space before each token that does not begin with its prefix; no word begins with this one.
        let spaces = json!({ "type": "WordPiece", "prefix": "\n\n", "cleanup": false });
        let mut steps = vec![spaces, json!({ "type": "Fuse" }), replace(" ?\\n ?", "\n")];
        if self == Split::Words {
            steps.push(replace(r" (?=[.,;:!?)\]}])", ""));
            steps.push(replace(r"(?<=[(\[{]) ", ""));
        }
        json!({ "type": "Sequence", "decoders": steps })
    }

    fn joins(self, before: &str, after: &str) -> bool {
        let tight = self == Split::Words
            && (after.starts_with(['.', ',', ';', ':', '!', '?', ')', ']', '}']) || before.ends_with(['(', '[', '{']));
        before == "\n" || after == "\n" || tight
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining_mark(c)
}

/// The length in bytes of the word at the start of `text`: an apostrophe belongs to it where a letter follows.
fn word_length(text: &str) -> usize {
    let mut after = text.char_indices().peekable();
    while let Some((at, c)) = after.next() {
        let inner = matches!(c, '\'' | '’') && after.peek().is_some_and(|&(_, next)| is_word(next));
        if !is_word(c) && !inner {
            return at;
        }
    }
    text.len()
}

impl Scheme for Split {
    fn encode(&self, text: &str, vocabulary: &Vocabulary) -> Option<Vec<u32>> {
        self.pieces(text)
            .map(|word| vocabulary.id(word).filter(|&id| !vocabulary.is_boundary(id)).or(vocabulary.unknown))
            .collect()
    }

    fn unknown_in(&self, text: &str, vocabulary: &Vocabulary) -> Vec<String> {
        self.pieces(text).filter(|word| vocabulary.id(word).is_none()).map(String::from).collect()
    }

    fn words<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        Some(self.pieces(text).collect())
    }

    fn decode(&self, ids: &[u32], vocabulary: &Vocabulary) -> String {
        let mut text = String::new();
        let mut before = "\n";
        for word in ids.iter().map(|&id| vocabulary.token(id)) {
            if !self.joins(before, word) {
                text.push(' ');
            }
            text.push_str(word);
            before = word;
        }
        text
    }

    fn bytes(&self, token: &str) -> Vec<u8> {
        token.as_bytes().to_vec()
    }

    fn unit(&self) -> &'static str {
        "word"
    }

    fn json(&self, vocabulary: &Vocabulary) -> Value {
        let unknown = vocabulary.unknown.map_or("<unk>", |id| vocabulary.token(id));
        json!({
            "pre_tokenizer": self.pattern(),
            "decoder": self.decoder(),
            "model": file::word_level(vocabulary, unknown),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(split: Split, text: &str, expected: &[&str]) {
        assert_eq!(split.pieces(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn signs_are_words_by_themselves_and_inner_apostrophes_are_not() {
        cut(Split::Words, "Don't go -- 'tis 4.5%", &["Don't", "go", "-", "-", "'", "tis", "4", ".", "5", "%"]);
    }

    #[test]
    fn a_line_break_is_a_word() {
        cut(Split::Words, " a\t\n\nb\u{a0}", &["a", "\n", "\n", "b"]);
    }

    #[test]
    fn text_cut_before_is_cut_at_spaces() {
        cut(Split::Spaces, " it 's <unk> N-1 \n", &["it", "'s", "<unk>", "N-1", "\n"]);
    }

    fn learn(config: Config, text: &str) -> Trained {
        let mut learner = learner(&config, true).unwrap();
        learner.see(&[text.into()]);
        learner.finish().unwrap()
    }

    fn check(config: Config, text: &str, expected: &[&str]) {
        assert_eq!(learn(config, text).vocabulary.tokens().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn words_are_sorted_by_count_then_by_spelling_and_rare_ones_left_out() {
        check(Config::default(), "b a b c a c c d", &["<|end|>", "<unk>", "c", "a", "b"]);
    }

    #[test]
    fn the_limit_counts_special_tokens() {
        let config = Config { max_size: Limit::At(3), min_frequency: 1, ..Config::default() };
        check(config, "b a b", &["<|end|>", "<unk>", "b"]);
    }

    #[test]
    fn an_unknown_token_in_the_text_is_the_unknown_token() {
        let config = Config { min_frequency: 1, split: Split::Spaces, ..Config::default() };
        check(config, "<unk> a <unk>", &["<|end|>", "<unk>", "a"]);
    }

    #[test]
    fn a_limit_below_the_special_tokens_is_refused() {
        let config = Config { max_size: Limit::At(2), ..Config::default() };
        let error = learner(&config, true).err().unwrap().to_string();
        assert!(error.contains("leaves no room"), "{error}");
    }

    #[test]
    fn a_boundary_in_the_text_is_no_word() {
        let config = Config { min_frequency: 1, split: Split::Spaces, ..Config::default() };
        check(config, "a <|end|> a", &["<|end|>", "<unk>", "a"]);
    }

    #[test]
    fn an_unknown_token_that_no_word_can_be_is_refused() {
        for unknown in ["", "no word", BOUNDARY] {
            let config = Config { unknown: unknown.to_string(), ..Config::default() };
            let error = learner(&config, true).err().unwrap().to_string();
            assert!(error.starts_with(&format!("`unknown = \"{unknown}\"` cannot be")), "{error}");
        }
    }

    fn spaced(split: Split, text: &str, expected: &str) {
        let trained = learn(Config { min_frequency: 1, split, ..Config::default() }, text);
        let ids = trained.scheme.encode(text, &trained.vocabulary).unwrap();
        assert_eq!(trained.scheme.decode(&ids, &trained.vocabulary), expected);
    }

    #[test]
    fn spaces_come_back_where_people_set_them() {
        spaced(Split::Words, "Well (he  said), no:\n\n why?", "Well (he said), no:\n\nwhy?");
    }

    #[test]
    fn text_cut_before_stays_cut() {
        spaced(Split::Spaces, "no , thanks .\nbye", "no , thanks .\nbye");
    }
}
