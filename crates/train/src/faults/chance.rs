//! Chance of the faults themselves: none of it is the session's, whose random numbers stay what they are. No fault.

use rushlight_engine::{Rng, Tensor};
use rushlight_nn::Mode;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number for words: the same on every machine and in every version.
pub(super) fn hash(words: impl IntoIterator<Item = u64>) -> u64 {
    words.into_iter().fold(START, further)
}

/// Where a hash begins.
pub(super) const START: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash after one more word (FNV-1a, word by word).
pub(super) fn further(hash: u64, word: u64) -> u64 {
    (hash ^ word).wrapping_mul(0x100_0000_01b3)
}

/// Whether the thing of these numbers is one of a share: always the same ones.
pub(super) fn is_chosen(share: f32, words: impl IntoIterator<Item = u64>) -> bool {
    Rng::new(hash(words)).uniform() < share
}

/// Chance in passes. In training it follows from the tensor that it falls on, so that shards may come in any order; in
/// evaluation, which passes do one after the other, each pass has chance of its own.
#[derive(Default)]
pub(super) struct Chance {
    passes: AtomicU64,
}

impl Chance {
    pub(super) fn on(&self, tensor: &Tensor, mode: Mode) -> Rng {
        /// Shards hold different rows: their beginnings tell them apart.
        const BEGINNING: usize = 256;
        let content = hash(tensor.data().iter().take(BEGINNING).map(|x| u64::from(x.to_bits())));
        match mode {
            Mode::Train => Rng::new(content),
            Mode::Evaluate => Rng::new(content).fork(self.passes.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_many_things_is_chosen_and_always_the_same() {
        let chosen = |share| (0..1000).filter(|&thing| is_chosen(share, [thing, 7])).collect::<Vec<u64>>();
        assert!((250..350).contains(&chosen(0.3).len()), "{}", chosen(0.3).len()); // 300 plus or minus 3 standard errors
        assert_eq!(chosen(0.3), chosen(0.3));
        assert_eq!((chosen(0.0).len(), chosen(1.0).len()), (0, 1000));
    }

    #[test]
    fn passes_differ_in_evaluation_alone() {
        let (chance, tensor) = (Chance::default(), Tensor::full(&[3], 0.5));
        assert_eq!(chance.on(&tensor, Mode::Train), chance.on(&tensor, Mode::Train));
        assert_ne!(chance.on(&tensor, Mode::Evaluate), chance.on(&tensor, Mode::Evaluate));
    }
}
