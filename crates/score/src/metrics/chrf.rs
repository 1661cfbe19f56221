//! # chrF: how many runs of letters a translation shares with its reference
//!
//! Source   Popović, chrF: character n-gram F-score for automatic MT evaluation, 2015, <https://aclanthology.org/W15-3049>;
//!          chrF++, with runs of words too: Popović, chrF++: words helping character n-grams, 2017,
//!          <https://aclanthology.org/W17-4770>
//!
//!     P = mean over n of (shared runs / runs written)     R = mean over n of (shared runs / runs of the reference)
//!     chrF = 100 (1 + β²) P R / (β² P + R)                β 2: recall counts four times as much as precision
//!
//! Runs     of 1 to 6 characters, without white space; chrF++ adds runs of 1 and 2 words, signs at a word's end apart
//! Range    0 to 100, higher is better; a corpus score, not the mean of its lines
//! Equals   sacreBLEU 2.6.0, to 1e-9
//! Several references  of each line the one that this line alone would have the best score with
//! Departures  none; a length that one of both texts does not reach is left out of the means, as sacreBLEU does

use super::{Entry, Metric};
use crate::bleu_tokens::{is_space, words};
use crate::runs::{Numbered, Runs};

/// chrF with its settings.
#[derive(Clone, Debug)]
pub struct ChrF {
    /// The longest runs of characters, at most 6.
    pub characters: usize,
    /// The longest runs of words, at most 4: 0 for chrF, 2 for chrF++.
    pub words: usize,
    /// β.
    pub beta: u32,
    /// Whether `The` and `the` are the same.
    pub lowercase: bool,
}

impl Default for ChrF {
    fn default() -> Self {
        Self { characters: 6, words: 0, beta: 2, lowercase: false }
    }
}

impl ChrF {
    /// chrF++.
    pub fn plus_plus() -> Self {
        Self { words: 2, ..Self::default() }
    }

    /// The runs of a line, of characters and of words, shortest first.
    fn runs<'a>(&self, line: &'a str, known: &mut Numbered) -> Vec<Runs> {
        let line: std::borrow::Cow<'a, str> = if self.lowercase { line.to_lowercase().into() } else { line.into() };
        let letters: Vec<u32> = line.chars().filter(|&c| !is_space(c)).map(u32::from).collect();
        let parts = known.ids(words(&line).flat_map(parted));
        let of_letters = (1..=self.characters).map(|n| Runs::of(&letters, n));
        of_letters.chain((1..=self.words).map(|n| Runs::of(&parts, n))).collect()
    }
}

/// A sign of ASCII at the end of a word set apart, or else one at its beginning.
fn parted(word: &str) -> impl Iterator<Item = &str> {
    let is_sign = |c: char| c.is_ascii_punctuation();
    let at = match (word.chars().next(), word.chars().next_back()) {
        _ if word.chars().count() == 1 => word.len(),
        (_, Some(last)) if is_sign(last) => word.len() - 1,
        (Some(first), _) if is_sign(first) => 1,
        _ => word.len(),
    };
    let (first, second) = word.split_at(at);
    [first, second].into_iter().filter(|part| !part.is_empty())
}

impl Metric for ChrF {
    fn measure(&self, hypothesis: &str, references: &[&str]) -> Vec<f64> {
        let mut known = Numbered::default();
        let written = self.runs(hypothesis, &mut known);
        let mut against = |reference: &&str| -> Vec<f64> {
            let theirs = self.runs(reference, &mut known);
            let of_length = |(ours, theirs): (&Runs, &Runs)| {
                let reference = theirs.count();
                // Nothing was missed where the reference has no run of this length.
                let ours_counted = if reference == 0 { 0 } else { ours.count() };
                [ours_counted, reference, ours.shared(theirs)].map(|count| count as f64)
            };
            written.iter().zip(&theirs).flat_map(of_length).collect()
        };
        let mut best: Option<(f64, Vec<f64>)> = None;
        for line in references.iter().map(&mut against) {
            let score = self.score(&line);
            if best.as_ref().is_none_or(|best| score > best.0) {
                best = Some((score, line));
            }
        }
        best.expect("chrf: no reference").1
    }

    fn score(&self, sums: &[f64]) -> f64 {
        let (mut precision, mut recall, mut lengths) = (0.0, 0.0, 0.0);
        for of_length in sums.chunks_exact(3) {
            let &[written, reference, shared] = of_length else { continue };
            if written > 0.0 && reference > 0.0 {
                precision += shared / written;
                recall += shared / reference;
                lengths += 1.0;
            }
        }
        if lengths == 0.0 || precision + recall == 0.0 {
            return 0.0;
        }
        let (precision, recall, factor) = (precision / lengths, recall / lengths, f64::from(self.beta).powi(2));
        100.0 * ((1.0 + factor) * precision * recall / (factor * precision + recall))
    }

    fn label(&self) -> String {
        format!("chrF{}{}", self.beta, "+".repeat(self.words))
    }

    fn settings(&self) -> Vec<String> {
        vec![
            format!("case:{}", if self.lowercase { "lc" } else { "mixed" }),
            "eff:yes".to_string(),
            format!("nc:{}", self.characters),
            format!("nw:{}", self.words),
            "space:no".to_string(),
        ]
    }
}

/// This metric in the list.
pub const ENTRY: Entry = Entry { name: "chrf", source: include_str!("chrf.rs") };

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: &[&str]) {
        assert_eq!(parted(word).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn one_sign_of_a_word_is_apart_the_last_before_the_first() {
        check("(hi)", &["(hi", ")"]);
        check("(hi", &["(", "hi"]);
        check("hi", &["hi"]);
        check("!", &["!"]);
        check("ä", &["ä"]);
        check("“hi”", &["“hi”"]); // signs of ASCII alone
    }
}
