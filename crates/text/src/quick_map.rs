//! A map for many short keys of our own, such as words that are counted: its hash takes one multiplication for eight bytes
//! and is no defence against keys that somebody chose to collide.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map with the quick hash.
pub(crate) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// The state of a hash.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quick(u64);

/// 2^64 divided by the golden ratio, made odd.
const STRIDE: u64 = 0x9E37_79B9_7F4A_7C15;

impl Quick {
    fn add(&mut self, eight: u64) {
        // The high half of a product hangs on all bits, the low half does not: both are kept.
        let product = u128::from(self.0 ^ eight) * u128::from(STRIDE);
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks();
        eights.iter().for_each(|&eight| self.add(u64::from_le_bytes(eight)));
        if !rest.is_empty() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            // The length, so that zeros at the end count.
            self.add(u64::from_le_bytes(last) ^ (rest.len() as u64) << 56);
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.add(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.add(number.into());
    }

    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::BuildHasher;

    #[test]
    fn like_keys_have_unlike_hashes() {
        let hash = |key: &[u8]| BuildHasherDefault::<Quick>::default().hash_one(key);
        let mut keys: Vec<Vec<u8>> = (0..20_000u32).map(|n| format!("word {n}").into_bytes()).collect();
        keys.extend((0..20).map(|zeros| vec![0; zeros]));
        let mut low: Vec<u64> = keys.iter().map(|key| hash(key) & 0xffff).collect();
        let mut high: Vec<u64> = keys.iter().map(|key| hash(key) >> 48).collect();
        for bits in [&mut low, &mut high] {
            bits.sort_unstable();
            bits.dedup();
            // Of 65,536 places, 20,020 keys thrown at random fill 65,536 (1 - e^(-20020/65536)) = 17,251.
            assert!(bits.len() > 17_000, "{}", bits.len());
        }
    }
}
