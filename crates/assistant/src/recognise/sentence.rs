//! The kind of a sentence: does it ask, does it want something done, or does it say something? By its last sign and its first
//! words, for English. Knows nothing of what it means.

use serde::{Deserialize, Serialize};

use crate::words::{plain, words};

/// What a sentence does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SentenceKind {
    /// It asks.
    Question,
    /// It wants something done.
    Command,
    /// It says something.
    Statement,
}

const ASKING: [&str; 30] = [
    "what", "what's", "who", "who's", "whom", "whose", "which", "when", "when's", "where", "where's", "why", "how",
    "how's", "do", "does", "did", "is", "are", "am", "was", "were", "can", "could", "will", "would", "should", "shall",
    "may", "has",
];
const NEGATED: [&str; 10] =
    ["isn't", "aren't", "don't", "doesn't", "didn't", "can't", "couldn't", "won't", "wouldn't", "shouldn't"];
const WHO: [&str; 12] = ["you", "i", "we", "they", "he", "she", "it", "there", "the", "your", "this", "that"];
const DOING: [&str; 66] = [
    "add",
    "answer",
    "ask",
    "book",
    "bring",
    "buy",
    "call",
    "cancel",
    "change",
    "check",
    "choose",
    "close",
    "come",
    "correct",
    "delete",
    "describe",
    "do",
    "erase",
    "explain",
    "find",
    "forget",
    "get",
    "give",
    "go",
    "help",
    "hold",
    "keep",
    "leave",
    "let",
    "let's",
    "list",
    "look",
    "make",
    "move",
    "name",
    "open",
    "order",
    "pay",
    "play",
    "put",
    "read",
    "recommend",
    "remember",
    "remind",
    "remove",
    "repeat",
    "reserve",
    "say",
    "schedule",
    "search",
    "send",
    "set",
    "show",
    "sing",
    "skip",
    "start",
    "stop",
    "switch",
    "take",
    "talk",
    "tell",
    "translate",
    "try",
    "turn",
    "use",
    "write",
];

/// What a message does; of several sentences the last counts.
pub fn sentence_kind(text: &str) -> SentenceKind {
    let trimmed = text.trim_end();
    if trimmed.ends_with(['?', '？', '؟']) {
        return SentenceKind::Question;
    }
    let all = words(trimmed);
    let is_end = |word: &str| matches!(word, "." | "!" | "?" | ";");
    let last_end = all.split_last().and_then(|(_, inner)| inner.iter().rposition(|word| is_end(&word.lower)));
    let from = last_end.map_or(0, |end| all[end].place.end);
    let sentence = plain(&trimmed[from..]);
    let polite = ["please", "ok", "okay", "so", "and", "well", "then", "just", "hey", "hi", "hello", "now", "but"];
    let start = sentence.iter().position(|word| !polite.contains(&word.as_str())).unwrap_or(0);
    let [first, second] = [0, 1].map(|at| sentence.get(start + at).map_or("", String::as_str));
    let inverted = WHO.contains(&second);
    if first == "don't" && !inverted || first == "do" && second == "not" {
        return SentenceKind::Command;
    }
    if ASKING[..13].contains(&first) || (ASKING.contains(&first) || NEGATED.contains(&first)) && inverted {
        return SentenceKind::Question;
    }
    if DOING.contains(&first) || sentence.first().is_some_and(|word| word == "please") {
        return SentenceKind::Command;
    }
    SentenceKind::Statement
}

#[cfg(test)]
mod tests {
    use super::SentenceKind::{Command, Question, Statement};
    use super::*;

    fn check(kind: SentenceKind, texts: &[&str]) {
        for text in texts {
            assert_eq!(sentence_kind(text), kind, "{text}");
        }
    }

    #[test]
    fn who_asks_has_a_sign_or_turns_the_words_about() {
        check(
            Question,
            &["You open on Monday?", "what is on the menu", "can you hear me", "Hi. How late is it", "isn't it open"],
        );
    }

    #[test]
    fn who_wants_something_done_begins_with_the_deed() {
        check(
            Command,
            &["Book a table.", "please, a table for two", "ok, cancel that", "don't do it", "Hello! Show me the menu"],
        );
    }

    #[test]
    fn all_else_says_something() {
        check(Statement, &["I live in Bern.", "for four", "", "🎉", "no, for five", "the will was read"]);
    }
}
