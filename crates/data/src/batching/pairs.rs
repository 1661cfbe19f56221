//! # pairs: sources and their translations, those of like length together
//!
//! A source is its ids and the boundary. A target's inputs are the boundary and its ids, its targets its ids and the
//! boundary. Every epoch sorts the pairs by the length of the longer side, with a new order among those of the same
//! length, cuts them into batches, and shuffles the batches. The sorted lengths are the same in every epoch, and so are
//! the cuts.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::Entry;
use crate::{Batch, Batches, Chance, DataError, Order, Padded, Pairs};

/// This way's line.
pub const ENTRY: Entry =
    Entry { name: "pairs", about: "sources and their translations, by length", source: include_str!("pairs.rs") };

/// How much comes into a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gather {
    /// So many pairs.
    #[default]
    Sentences,
    /// As many pairs as fit into so many tokens. A batch has its pairs times the length of its longest side, the boundary
    /// included; a pair that is too long for that makes a batch alone.
    Tokens,
}

/// Batches of pairs.
#[derive(Debug)]
pub struct PairBatches {
    pairs: Arc<Pairs>,
    lengths: Vec<usize>,
    /// Which places of the sorted pairs each batch has, from short to long.
    cuts: Vec<Range<usize>>,
    chance: Chance,
    /// The epoch that was asked for last, so that it is sorted once and not at every step.
    sorted: Mutex<Option<Sorted>>,
}

/// The pairs of an epoch from short to long.
#[derive(Debug)]
struct Sorted {
    epoch: u64,
    pairs: Arc<[usize]>,
}

impl PairBatches {
    /// Batches of `most` pairs or tokens; some of an epoch may have fewer.
    ///
    /// # Errors
    /// If there are no pairs.
    pub fn new(pairs: Arc<Pairs>, gather: Gather, most: usize, seed: u64) -> Result<Self, DataError> {
        if pairs.is_empty() {
            return Err(DataError::NoRows);
        }
        let lengths: Vec<usize> = (0..pairs.len()).map(|pair| pairs.length(pair)).collect();
        let mut sorted = lengths.clone();
        sorted.sort_unstable();
        let cuts = gather.cuts(&sorted, most);
        Ok(PairBatches { pairs, lengths, cuts, chance: Chance::new(seed, ENTRY.name), sorted: Mutex::default() })
    }

    /// The pairs of batch `number` of `epoch`.
    fn chosen(&self, epoch: u64, number: usize) -> Vec<usize> {
        let batches = Order::new(self.chance.branch(epoch).branch(0), self.cuts.len());
        self.sorted(epoch)[self.cuts[batches.at(number)].clone()].to_vec()
    }

    fn sorted(&self, epoch: u64) -> Arc<[usize]> {
        let mut known = self.sorted.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some(sorted) if sorted.epoch == epoch => sorted.pairs.clone(),
            _ => {
                let order = Order::new(self.chance.branch(epoch), self.pairs.len());
                let mut pairs: Vec<usize> = (0..self.pairs.len()).map(|place| order.at(place)).collect();
                pairs.sort_by_key(|&pair| self.lengths[pair]); // stable: those of one length stay shuffled
                known.insert(Sorted { epoch, pairs: pairs.into() }).pairs.clone()
            }
        }
    }
}

impl Batches for PairBatches {
    fn at(&self, step: u64) -> Result<Batch, DataError> {
        let (epoch, number) = (step / self.steps_per_epoch(), step % self.steps_per_epoch());
        Ok(padded(&self.pairs, &self.chosen(epoch, number as usize)))
    }

    fn steps_per_epoch(&self) -> u64 {
        self.cuts.len() as u64
    }
}

/// Every pair once, those of like length together. The batches come in an order of chance, always the same one, so that the
/// first of them stand for all.
pub fn cover(pairs: Arc<Pairs>, gather: Gather, most: usize) -> impl Iterator<Item = Batch> + Send {
    let mut sorted: Vec<usize> = (0..pairs.len()).collect();
    sorted.sort_by_key(|&pair| pairs.length(pair));
    let lengths: Vec<usize> = sorted.iter().map(|&pair| pairs.length(pair)).collect();
    let cuts = gather.cuts(&lengths, most);
    let order = Order::new(Chance::new(0, "cover"), cuts.len());
    (0..cuts.len()).map(move |place| padded(&pairs, &sorted[cuts[order.at(place)].clone()]))
}

impl Gather {
    /// The places of each batch, of pairs with these lengths from short to long.
    fn cuts(self, lengths: &[usize], most: usize) -> Vec<Range<usize>> {
        let mut cuts = Vec::new();
        let mut first = 0;
        for end in 1..=lengths.len() {
            let is_full = match (self, lengths.get(end)) {
                (_, None) => true,
                (Gather::Sentences, _) => end - first == most,
                (Gather::Tokens, Some(next)) => (end + 1 - first) * next > most,
            };
            if is_full {
                cuts.push(first..end);
                first = end;
            }
        }
        cuts
    }
}

fn padded(pairs: &Pairs, chosen: &[usize]) -> Batch {
    let sources: Vec<&[u32]> = chosen.iter().map(|&pair| &pairs.sources().framed(pair)[1..]).collect();
    let targets: Vec<&[u32]> = chosen.iter().map(|&pair| pairs.targets().framed(pair)).collect();
    Batch { source: Some(Padded::of(&sources)), ..Batch::shifted(&targets, true) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IGNORE, Rows};

    const WAYS: [(Gather, usize); 2] = [(Gather::Sentences, 6), (Gather::Tokens, 60)];

    /// The sides of pair n hold the id n + 1: the source n % 7 + 1 times, the target n % 11 times.
    fn pairs(count: u32) -> Arc<Pairs> {
        let (mut sources, mut targets) = (Rows::new(0), Rows::new(0));
        for n in 0..count {
            sources.push(&vec![n + 1; n as usize % 7 + 1]);
            targets.push(&vec![n + 1; n as usize % 11]);
        }
        Arc::new(Pairs::new(sources, targets))
    }

    fn batches(count: u32, (gather, most): (Gather, usize)) -> PairBatches {
        PairBatches::new(pairs(count), gather, most, 1).unwrap()
    }

    fn epoch(batches: &PairBatches, epoch: u64) -> Vec<Vec<usize>> {
        (0..batches.cuts.len()).map(|number| batches.chosen(epoch, number)).collect()
    }

    #[test]
    fn a_source_ends_and_a_target_begins_and_ends_with_the_boundary() {
        let pairs = crate::pairs::tests::pairs(&[(&[1, 2], &[3]), (&[4], &[])]);
        let batch = cover(Arc::new(pairs), Gather::Sentences, 2).next().unwrap();
        let source = batch.source.unwrap();
        // From short to long.
        assert_eq!((source.grid.ids, source.lengths), (vec![4, 8, 0, 1, 2, 8], vec![2, 3]));
        assert_eq!((batch.inputs.ids, batch.lengths), (vec![9, 0, 9, 3], vec![1, 2]));
        assert_eq!(batch.targets.ids, [9, IGNORE, 3, 9]);
        assert!(batch.fresh);
    }

    #[test]
    fn an_epoch_takes_every_pair_once() {
        for way in WAYS {
            for count in [1, 5, 6, 7, 60, 200] {
                let batches = batches(count, way);
                for number in [0, 1] {
                    let mut taken = epoch(&batches, number).concat();
                    taken.sort_unstable();
                    assert_eq!(taken, (0..count as usize).collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn each_epoch_has_its_own_batches_of_the_same_sizes() {
        for way in WAYS {
            let batches = batches(200, way);
            let members = |number| {
                let mut all = epoch(&batches, number);
                all.iter_mut().for_each(|batch| batch.sort_unstable());
                all.sort_unstable();
                all
            };
            assert_ne!(members(0), members(1));
            let sizes = |number| {
                let mut sizes: Vec<usize> = epoch(&batches, number).iter().map(Vec::len).collect();
                sizes.sort_unstable();
                sizes
            };
            assert_eq!(sizes(0), sizes(1));
        }
    }

    #[test]
    fn batches_do_not_come_from_short_to_long() {
        for way in WAYS {
            let batches = batches(200, way);
            let longest = |step| batches.at(step).unwrap().inputs.cols;
            assert!(!(0..batches.steps_per_epoch()).map(longest).is_sorted());
        }
    }

    fn cut(gather: Gather, most: usize, lengths: &[usize]) -> Vec<Range<usize>> {
        gather.cuts(lengths, most)
    }

    #[test]
    fn so_many_sentences_make_a_batch() {
        assert_eq!(cut(Gather::Sentences, 2, &[1, 1, 5, 9, 9]), [0..2, 2..4, 4..5]);
        assert_eq!(cut(Gather::Sentences, 3, &[1, 1, 5, 9, 9, 9]), [0..3, 3..6]);
    }

    #[test]
    fn so_many_tokens_make_a_batch_and_padding_is_one() {
        // 3 x 3 would be 9 tokens, 2 x 4 are 8.
        assert_eq!(cut(Gather::Tokens, 8, &[2, 2, 3, 4, 5]), [0..2, 2..4, 4..5]);
    }

    #[test]
    fn a_pair_that_is_too_long_makes_a_batch_alone() {
        assert_eq!(cut(Gather::Tokens, 6, &[2, 3, 7, 9]), [0..2, 2..3, 3..4]);
    }

    #[test]
    fn no_pairs_make_no_batch() {
        assert!(cut(Gather::Tokens, 6, &[]).is_empty());
    }

    #[test]
    fn a_batch_has_no_more_tokens_than_it_may() {
        let batches = batches(300, (Gather::Tokens, 60));
        for step in 0..batches.steps_per_epoch() {
            let batch = batches.at(step).unwrap();
            let longest = batch.inputs.cols.max(batch.source.unwrap().grid.cols);
            assert!(batch.inputs.rows * longest <= 60, "{} x {longest}", batch.inputs.rows);
        }
    }

    /// Both sides of a pair have the same length, and there are 15 pairs of each: 10 sorted ones have two lengths at most.
    #[test]
    fn a_row_has_little_padding() {
        let mut rows = Rows::new(0);
        for n in 0..600 {
            rows.push(&vec![1; n % 40]);
        }
        let pairs = Arc::new(Pairs::new(rows.clone(), rows));
        let drawn = PairBatches::new(pairs.clone(), Gather::Sentences, 10, 1).unwrap();
        let drawn = (0..drawn.steps_per_epoch()).map(|step| drawn.at(step).unwrap());
        for batch in drawn.chain(cover(pairs, Gather::Sentences, 10)) {
            let source = batch.source.unwrap();
            assert!(source.lengths.iter().all(|length| length + 1 >= source.grid.cols), "{:?}", source.lengths);
            assert!(batch.lengths.iter().all(|length| length + 1 >= batch.inputs.cols), "{:?}", batch.lengths);
        }
    }

    #[test]
    fn a_step_is_the_same_in_whatever_order_steps_are_asked() {
        for way in WAYS {
            let (ahead, back) = (batches(100, way), batches(100, way));
            let steps = 3 * ahead.steps_per_epoch();
            let forwards: Vec<Batch> = (0..steps).map(|step| ahead.at(step).unwrap()).collect();
            for step in (0..steps).rev() {
                assert_eq!(back.at(step).unwrap(), forwards[step as usize]);
            }
        }
    }

    #[test]
    fn all_pairs_are_covered_once_not_from_short_to_long_and_the_same_each_time() {
        for (gather, most) in WAYS {
            let covered = || cover(pairs(100), gather, most).collect::<Vec<_>>();
            // Pair n has n % 11 targets and its end.
            let counted: usize = covered().iter().map(Batch::counted).sum();
            assert_eq!(counted, (0..100).map(|n| n % 11 + 1).sum::<usize>());
            let longest =
                |batch: &Batch| batch.inputs.cols.max(batch.source.as_ref().map_or(0, |source| source.grid.cols));
            assert!(!covered().iter().map(longest).is_sorted());
            assert_eq!(covered(), covered());
        }
    }

    #[test]
    fn no_pairs_are_refused() {
        assert!(matches!(PairBatches::new(pairs(0), Gather::Sentences, 6, 1), Err(DataError::NoRows)));
    }
}
