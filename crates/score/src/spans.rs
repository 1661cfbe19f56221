//! Spans of words, such as slots and names, and how well they were found.
//!
//! Follows  Ramshaw, Marcus, Text Chunking using Transformation-Based Learning, 1995, <https://arxiv.org/abs/cmp-lg/9505040>,
//!          section 4 (a tag a word), with the letters of what became IOB2 and IOBES
//!
//!     P = spans found right / spans found    R = spans found right / spans there are    F1 = 2 P R / (P + R)
//!
//! A span is right if its kind, its first and its last word are. All kinds are counted together.
//! Equals  seqeval 1.2.2 in its default mode: a span also begins with an `I` whose kind is not that of the word before.

use std::collections::BTreeMap;
use std::ops::Range;

/// Some words in a row that are one thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// What they are, as in `city_name`.
    pub kind: String,
    /// Which words.
    pub words: Range<usize>,
}

const OUTSIDE: (char, &str) = ('O', "_");

/// A tag, cut into what it says of its word and of what kind: `B-city` is `('B', "city")`, and a kind without a name `_`.
fn cut(tag: &str) -> (char, &str) {
    let mut letters = tag.chars();
    let place = letters.next().unwrap_or('O');
    let rest = letters.as_str();
    match rest.split_once('-').map_or(rest, |(_, kind)| kind) {
        "" => (place, "_"),
        kind => (place, kind),
    }
}

/// The spans that tags name, one for each word: `B-kind` begins one, `I-kind` goes on, `E-kind` ends it, `S-kind` is one by
/// itself, `O` is outside of all.
pub fn spans<T: AsRef<str>>(tags: &[T]) -> Vec<Span> {
    let (mut found, mut first) = (Vec::new(), 0);
    let mut before = OUTSIDE;
    for (word, tag) in tags.iter().map(|tag| cut(tag.as_ref())).chain([OUTSIDE]).enumerate() {
        let other_kind = before.1 != tag.1;
        let ends = match before.0 {
            'E' | 'S' => true,
            'B' | 'I' if matches!(tag.0, 'B' | 'S' | 'O') => true,
            'O' | '.' => false,
            _ => other_kind,
        };
        if ends {
            found.push(Span { kind: before.1.to_owned(), words: first..word });
        }
        let begins = match tag.0 {
            'B' | 'S' => true,
            'E' | 'I' if matches!(before.0, 'E' | 'S' | 'O') => true,
            'O' | '.' => false,
            _ => other_kind,
        };
        if begins {
            first = word;
        }
        before = tag;
    }
    found
}

/// How many spans were found, and how many should have been.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanCounts {
    /// Found as they should be.
    pub right: u64,
    /// Found.
    pub found: u64,
    /// To be found.
    pub there: u64,
}

impl SpanCounts {
    /// The share of found spans that are right; 0 where none was found.
    pub fn precision(&self) -> f64 {
        share(self.right, self.found)
    }

    /// The share of spans that were found; 0 where there is none.
    pub fn recall(&self) -> f64 {
        share(self.right, self.there)
    }

    /// The harmonic mean of both; 0 where nothing is right.
    pub fn f1(&self) -> f64 {
        share(2 * self.right, self.found + self.there)
    }
}

fn share(of: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { of as f64 / all as f64 }
}

/// The spans of some sentences, counted by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanScore {
    /// Each kind that was found or should have been.
    pub kinds: BTreeMap<String, SpanCounts>,
}

impl SpanScore {
    /// Counts the spans of a sentence, each of which stands in a list once.
    pub fn add(&mut self, found: &[Span], there: &[Span]) {
        for span in there {
            self.kinds.entry(span.kind.clone()).or_default().there += 1;
        }
        for span in found {
            let counts = self.kinds.entry(span.kind.clone()).or_default();
            counts.found += 1;
            counts.right += u64::from(there.contains(span));
        }
    }

    /// All kinds together.
    pub fn all(&self) -> SpanCounts {
        self.kinds.values().fold(SpanCounts::default(), |all, kind| SpanCounts {
            right: all.right + kind.right,
            found: all.found + kind.found,
            there: all.there + kind.there,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tags: &str, expected: &[(&str, Range<usize>)]) {
        let tags: Vec<&str> = tags.split(' ').collect();
        let expected: Vec<Span> =
            expected.iter().map(|(kind, words)| Span { kind: (*kind).to_owned(), words: words.clone() }).collect();
        assert_eq!(spans(&tags), expected, "{tags:?}");
    }

    #[test]
    fn spans_begin_where_something_else_begins() {
        check("O B-a I-a O B-b", &[("a", 1..3), ("b", 4..5)]);
        check("B-a B-a I-b I-b", &[("a", 0..1), ("a", 1..2), ("b", 2..4)]);
        check("I-a I-a O I-a", &[("a", 0..2), ("a", 3..4)]);
        check("S-a E-a B-a E-a", &[("a", 0..1), ("a", 1..2), ("a", 2..4)]);
        check("O O", &[]);
    }

    #[test]
    fn a_kind_may_have_a_hyphen() {
        check("B-leave-taking I-leave-taking", &[("leave-taking", 0..2)]);
    }

    #[test]
    fn a_span_counts_if_all_of_it_is_right() {
        let mut score = SpanScore::default();
        score.add(&spans(&["B-a", "I-a", "O", "B-b"]), &spans(&["B-a", "O", "O", "B-b"]));
        assert_eq!(score.all(), SpanCounts { right: 1, found: 2, there: 2 });
        assert_eq!((score.all().f1(), score.kinds["a"].f1(), score.kinds["b"].recall()), (0.5, 0.0, 1.0));
        assert_eq!(SpanScore::default().all().f1(), 0.0);
    }
}
