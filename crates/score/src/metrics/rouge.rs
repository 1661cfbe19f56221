//! # ROUGE: how much of a reference a summary has
//!
//! Source   Lin, ROUGE: A Package for Automatic Evaluation of Summaries, 2004, <https://aclanthology.org/W04-1013>, sections 2
//!          (ROUGE-N) and 3 (ROUGE-L, of whole texts and of summaries in sentences)
//!
//!     ROUGE-N      P = shared runs of n words / runs written    R = shared runs / runs of the reference
//!     ROUGE-L      the same with the longest common subsequence, as a share of the words
//!     ROUGE-Lsum   for each sentence of the reference the words that are in its longest common subsequence with any
//!                  sentence written, no word counted more often than it is written
//!     F = 2 P R / (P + R)
//!
//! Words    lower-case letters a to z and digits; all else stands between words
//! Range    0 to 100, higher is better; the mean of the lines' F
//! Equals   rouge-score 0.1.2 without its stemmer, to 1e-9 (which gives shares, 0 to 1)
//! Several references  of each line the one with the highest F
//! Departures  none

use super::{Entry, Metric};
use crate::runs::{Numbered, Runs};
use std::collections::{BTreeSet, HashMap};

/// Which ROUGE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Runs of so many words, 1 to 4.
    N(usize),
    /// The longest common subsequence.
    L,
    /// That of summaries whose sentences are on lines of their own.
    LSum,
}

/// ROUGE of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Rouge(pub Kind);

impl Rouge {
    /// Those that are reported together.
    pub const USUAL: [Self; 4] = [Self(Kind::N(1)), Self(Kind::N(2)), Self(Kind::L), Self(Kind::LSum)];

    /// Precision, recall and F of the lines, 0 to 100, from the sums of what they add.
    pub fn parts(&self, sums: &[f64]) -> [f64; 3] {
        [0, 1, 2].map(|part| if sums[3] == 0.0 { 0.0 } else { 100.0 * sums[part] / sums[3] })
    }

    /// Precision, recall and F of one text, 0 to 1.
    fn of_text(&self, hypothesis: &str, reference: &str) -> [f64; 3] {
        let mut known = Numbered::default();
        let mut ids = |text: &str| -> Vec<u32> {
            let text = text.to_lowercase();
            let is_between = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit());
            known.ids(text.split(is_between).filter(|word| !word.is_empty()))
        };
        let (hits, written, wanted) = match self.0 {
            Kind::N(n) => {
                let [written, wanted] = [hypothesis, reference].map(|text| Runs::of(&ids(text), n));
                (written.shared(&wanted), written.count(), wanted.count())
            }
            Kind::L => {
                let [written, wanted] = [hypothesis, reference].map(&mut ids);
                (longest(&wanted, &written), written.len() as u64, wanted.len() as u64)
            }
            Kind::LSum => {
                let mut sentences = |text: &str| text.split('\n').map(&mut ids).collect::<Vec<_>>();
                let (written, wanted) = (sentences(hypothesis), sentences(reference));
                let words = |sentences: &[Vec<u32>]| sentences.iter().map(|ids| ids.len() as u64).sum();
                (in_common(&wanted, &written), words(&written), words(&wanted))
            }
        };
        let share = |of: u64| hits as f64 / of.max(1) as f64;
        let (precision, recall) = (share(written), share(wanted));
        let sum = precision + recall;
        [precision, recall, if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 }]
    }
}

/// The length of a longest common subsequence, in the memory of two rows of the table.
fn longest(wanted: &[u32], written: &[u32]) -> u64 {
    let mut row = vec![0_u64; written.len() + 1];
    for word in wanted {
        let mut diagonal = 0;
        for (j, other) in written.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if word == other { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    row[written.len()]
}

/// The places in `wanted` of a longest subsequence that `written` has too; of several, the one that a walk from the ends
/// finds which rather leaves out a word of `wanted`.
fn common(wanted: &[u32], written: &[u32]) -> Vec<usize> {
    let width = written.len() + 1;
    let mut longest = vec![0_u32; (wanted.len() + 1) * width];
    for (i, word) in wanted.iter().enumerate() {
        for (j, other) in written.iter().enumerate() {
            longest[(i + 1) * width + j + 1] = match word == other {
                true => longest[i * width + j] + 1,
                false => longest[i * width + j + 1].max(longest[(i + 1) * width + j]),
            };
        }
    }
    let (mut i, mut j, mut places) = (wanted.len(), written.len(), Vec::new());
    while i > 0 && j > 0 {
        if wanted[i - 1] == written[j - 1] {
            places.push(i - 1);
            (i, j) = (i - 1, j - 1);
        } else if longest[i * width + j - 1] > longest[(i - 1) * width + j] {
            j -= 1;
        } else {
            i -= 1;
        }
    }
    places
}

/// How many words of the sentences `wanted` stand in common subsequences with sentences `written`, none more often than it
/// is in both texts.
fn in_common(wanted: &[Vec<u32>], written: &[Vec<u32>]) -> u64 {
    let counts = |sentences: &[Vec<u32>]| {
        let mut counts = HashMap::<u32, u64>::new();
        sentences.iter().flatten().for_each(|&word| *counts.entry(word).or_default() += 1);
        counts
    };
    let (mut left_wanted, mut left_written) = (counts(wanted), counts(written));
    let mut hits = 0;
    for sentence in wanted {
        let places: BTreeSet<usize> = written.iter().flat_map(|other| common(sentence, other)).collect();
        for word in places.into_iter().map(|place| sentence[place]) {
            if let (Some(wanted @ 1..), Some(written @ 1..)) = (left_wanted.get_mut(&word), left_written.get_mut(&word))
            {
                (*wanted, *written) = (*wanted - 1, *written - 1);
                hits += 1;
            }
        }
    }
    hits
}

impl Metric for Rouge {
    fn measure(&self, hypothesis: &str, references: &[&str]) -> Vec<f64> {
        let parts = references.iter().map(|reference| self.of_text(hypothesis, reference));
        let best = parts.reduce(|best, parts| if parts[2] > best[2] { parts } else { best });
        let [precision, recall, f] = best.expect("rouge: no reference");
        vec![precision, recall, f, 1.0]
    }

    fn score(&self, sums: &[f64]) -> f64 {
        self.parts(sums)[2]
    }

    fn label(&self) -> String {
        match self.0 {
            Kind::N(n) => format!("ROUGE-{n}"),
            Kind::L => "ROUGE-L".to_string(),
            Kind::LSum => "ROUGE-Lsum".to_string(),
        }
    }

    fn settings(&self) -> Vec<String> {
        vec!["case:lc".to_string(), "stem:no".to_string()]
    }

    fn details(&self, sums: &[f64]) -> String {
        let [precision, recall, _] = self.parts(sums);
        format!("(precision = {precision:.2} recall = {recall:.2})")
    }
}

/// This metric in the list.
pub const ENTRY: Entry = Entry { name: "rouge", source: include_str!("rouge.rs") };
