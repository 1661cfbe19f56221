//! The spelling of words as numbers: pieces of their letters, so that a word that was never seen still resembles its relatives.
//!
//! Follows  Bojanowski et al., Enriching Word Vectors with Subword Information, 2017, <https://arxiv.org/abs/1607.04606>,
//!          section 3.2: every run of n letters of the word between `<` and `>`, by FNV-1a into so many numbers

use serde::{Deserialize, Serialize};

/// Which pieces of a word count, and how many numbers there are for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spelling {
    /// The letters of the shortest pieces.
    pub shortest: usize,
    /// The letters of the longest pieces.
    pub longest: usize,
    /// How many numbers there are; pieces that share one are not told apart. 0 leaves spelling out.
    pub buckets: usize,
}

impl Default for Spelling {
    fn default() -> Self {
        Self { shortest: 3, longest: 5, buckets: 16_384 }
    }
}

/// The longest piece that makes sense: longer ones are whole words.
const LONGEST: usize = 20;

impl Spelling {
    /// What is wrong with it: the key, its value and what it must be.
    ///
    /// # Errors
    /// Lengths that are none, or more buckets than ids.
    pub fn check(&self) -> Result<(), (&'static str, usize, String)> {
        if self.shortest == 0 {
            return Err(("shortest", 0, "a piece has 1 letter or more".into()));
        }
        if self.longest < self.shortest || self.longest > LONGEST {
            let rule = format!("{} (`shortest`) to {LONGEST} letters", self.shortest);
            return Err(("longest", self.longest, rule));
        }
        if u32::try_from(self.buckets).is_err() {
            return Err(("buckets", self.buckets, format!("at most {}", u32::MAX)));
        }
        Ok(())
    }

    /// The numbers of a word's pieces, each once, in order of size.
    pub fn numbers(&self, word: &str) -> Vec<u32> {
        if self.buckets == 0 {
            return Vec::new();
        }
        let marked = format!("<{word}>");
        let mut ends: Vec<usize> = marked.char_indices().map(|(at, _)| at).collect();
        ends.push(marked.len());
        let runs = (self.shortest..=self.longest).flat_map(|letters| ends.windows(letters + 1));
        let mut numbers: Vec<u32> =
            runs.map(|run| fnv1a(&marked.as_bytes()[run[0]..run[run.len() - 1]]) % self.buckets as u32).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

/// Fowler, Noll and Vo's hash, variant 1a, of 32 bits.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fowlers() {
        // From the authors' table of test vectors.
        assert_eq!([fnv1a(b""), fnv1a(b"a"), fnv1a(b"foobar")], [0x811c_9dc5, 0xe40c_292c, 0xbf9c_f968]);
    }

    #[test]
    fn pieces_are_runs_of_letters_with_marks_at_both_ends() {
        let all = Spelling { shortest: 3, longest: 4, buckets: u32::MAX as usize };
        let mut expected: Vec<u32> =
            ["<né", "née", "ée>", "<née", "née>"].map(|piece| fnv1a(piece.as_bytes()) % u32::MAX).to_vec();
        expected.sort_unstable();
        assert_eq!(all.numbers("née"), expected);
        assert_eq!(all.numbers("a"), [fnv1a(b"<a>") % u32::MAX]);
        assert!(all.numbers("").is_empty(), "no piece of three letters");
        assert!(Spelling { buckets: 0, ..all }.numbers("word").is_empty());
        assert!(Spelling { buckets: 7, ..all }.numbers("reservations").iter().all(|&number| number < 7));
    }

    #[test]
    fn lengths_that_are_none_are_refused() {
        assert_eq!(Spelling::default().check(), Ok(()));
        assert_eq!(Spelling { shortest: 0, ..Spelling::default() }.check().unwrap_err().0, "shortest");
        assert_eq!(Spelling { longest: 2, ..Spelling::default() }.check().unwrap_err().0, "longest");
        assert_eq!(Spelling { longest: 21, ..Spelling::default() }.check().unwrap_err().0, "longest");
    }
}
