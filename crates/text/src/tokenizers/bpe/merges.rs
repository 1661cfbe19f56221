//! The merges of a BPE vocabulary, applied to a word: again and again the pair of neighbours that was learned first
//! becomes one token. Remembers the words it has met. Knows not how text is cut into words.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::sync::Mutex;

use ahash::AHashMap;

/// What becomes of pairs.
pub(super) struct Merges {
    of_byte: [u32; 256],
    /// For a pair of tokens when it was learned, and which token it makes.
    of_pair: AHashMap<[u32; 2], (u32, u32)>,
    /// One for each thread that has been at work.
    known: Mutex<Vec<Known>>,
}

/// Words met before, with their tokens.
#[derive(Default)]
pub(super) struct Known {
    /// Where a word's tokens lie in `ids`.
    places: AHashMap<Box<[u8]>, (u32, u32)>,
    ids: Vec<u32>,
    word: Word,
}

/// A word on its way from bytes to tokens; its memory is used again for the next.
#[derive(Default)]
struct Word {
    /// A token stands where its first byte stood.
    tokens: Vec<u32>,
    /// The places of each token's neighbours.
    next: Vec<usize>,
    before: Vec<usize>,
    /// Pairs that may be merged, the one that was learned first on top: when it was learned, where its two tokens stand, and
    /// what it makes.
    pairs: BinaryHeap<Reverse<(u32, usize, usize, u32)>>,
}

/// No more words than this are remembered, and none that is longer: text has few that are common.
const MOST_WORDS: usize = 1 << 18;
const LONGEST: usize = 64;

/// No token stands here (any more).
const NONE: usize = usize::MAX;

impl Merges {
    /// `of_byte` are the tokens of single bytes; `learned` the pairs in the order in which they were learned, each with
    /// the token that it makes.
    pub(super) fn new(of_byte: [u32; 256], learned: impl Iterator<Item = ([u32; 2], u32)>) -> Self {
        let of_pair = (0..).zip(learned).map(|(rank, (pair, made))| (pair, (rank, made))).collect();
        Merges { of_byte, of_pair, known: Mutex::default() }
    }

    /// Adds the tokens of each word to `ids`.
    pub(super) fn encode<'w>(&self, words: impl Iterator<Item = &'w str>, ids: &mut Vec<u32>) {
        const HEALTHY: &str = "nothing panics while it holds the words";
        let spare = self.known.lock().expect(HEALTHY).pop();
        let mut known = spare.unwrap_or_default();
        for word in words.map(str::as_bytes) {
            if let Some(&(from, to)) = known.places.get(word) {
                ids.extend_from_slice(&known.ids[from as usize..to as usize]);
                continue;
            }
            let from = ids.len();
            self.merge(word, &mut known.word, ids);
            if known.places.len() < MOST_WORDS && word.len() <= LONGEST {
                let start = known.ids.len() as u32;
                known.ids.extend_from_slice(&ids[from..]);
                known.places.insert(word.into(), (start, known.ids.len() as u32));
            }
        }
        self.known.lock().expect(HEALTHY).push(known);
    }

    /// Adds the tokens of one word.
    fn merge(&self, bytes: &[u8], word: &mut Word, ids: &mut Vec<u32>) {
        let end = bytes.len();
        word.tokens.clear();
        word.tokens.extend(bytes.iter().map(|&byte| self.of_byte[byte as usize]));
        word.next.clear();
        word.next.extend(1..=end);
        word.before.clear();
        word.before.extend((0..end).map(|at| at.wrapping_sub(1)));
        (1..end).for_each(|right| self.push(word, right - 1, right));
        while let Some(Reverse((rank, left, right, made))) = word.pairs.pop() {
            // A pair of which one has become another token since.
            let stands = word.next[left] == right && self.pair(word, left, right) == Some((rank, made));
            if !stands {
                continue;
            }
            word.tokens[left] = made;
            word.next[left] = word.next[right];
            word.next[right] = NONE;
            let (before, next) = (word.before[left], word.next[left]);
            if before < end {
                self.push(word, before, left);
            }
            if next < end {
                word.before[next] = left;
                self.push(word, left, next);
            }
        }
        let mut at = 0;
        while at < end {
            ids.push(word.tokens[at]);
            at = word.next[at];
        }
    }

    fn pair(&self, word: &Word, left: usize, right: usize) -> Option<(u32, u32)> {
        self.of_pair.get(&[word.tokens[left], word.tokens[right]]).copied()
    }

    fn push(&self, word: &mut Word, left: usize, right: usize) {
        if let Some((rank, made)) = self.pair(word, left, right) {
            word.pairs.push(Reverse((rank, left, right, made)));
        }
    }
}

impl fmt::Debug for Merges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Merges({})", self.of_pair.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes are themselves; then ab, then bc, then abc of ab and c, then aa.
    fn merges() -> Merges {
        let [a, b, c] = *b"abc";
        let learned = [([a, b], 256), ([b, c], 257)].map(|(pair, made)| (pair.map(u32::from), made));
        let later = [([256, u32::from(c)], 258), ([u32::from(a), u32::from(a)], 259)];
        Merges::new(std::array::from_fn(|byte| byte as u32), learned.into_iter().chain(later))
    }

    fn check(word: &str, expected: &[u32]) {
        let merges = merges();
        // The second time the word is known.
        for _ in 0..2 {
            let mut ids = Vec::new();
            merges.encode([word].into_iter(), &mut ids);
            assert_eq!(ids, expected, "{word}");
        }
    }

    #[test]
    fn the_pair_that_was_learned_first_goes_first() {
        check("abc", &[258]);
        check("xbc", &[u32::from(b'x'), 257]);
        check("aabc", &[u32::from(b'a'), 258]);
    }

    #[test]
    fn of_equal_pairs_the_left_one_goes_first() {
        check("aaa", &[259, u32::from(b'a')]);
        check("aaaa", &[259, 259]);
    }

    #[test]
    fn a_word_without_pairs_is_its_bytes() {
        check("", &[]);
        check("q", &[u32::from(b'q')]);
    }

    #[test]
    fn a_long_word_takes_no_longer_than_it_should() {
        // In quadratic time this would take minutes.
        let mut ids = Vec::new();
        merges().encode(["ab".repeat(500_000).as_str()].into_iter(), &mut ids);
        assert_eq!(ids, [256; 500_000]);
    }
}
