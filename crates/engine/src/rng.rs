//! Random numbers by counter: number `index` of stream `(seed, step, site)` is a pure function of the four, so that a
//! resumed run, another thread count or a skipped measurement changes nothing.
//!
//! Follows  Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, 2011 (Philox4x32-10)

/// One stream of random numbers. Cloning it gives the same numbers again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    key: [u32; 2],
    stream: u64,
    index: u64,
}

impl Rng {
    /// The first stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self { key: [seed as u32, (seed >> 32) as u32], stream: 0, index: 0 }
    }

    /// An independent stream, named by `site`; the same name gives the same stream.
    #[must_use]
    pub fn fork(&self, site: u64) -> Self {
        let counter = [site, site >> 32, self.stream, self.stream >> 32].map(|word| [word]);
        let [a, b, c, d] = philox(counter, [self.key[0] ^ 0x5EED, self.key[1]]).map(|[word]| word as u32);
        Self { key: [self.key[0] ^ c, self.key[1] ^ d], stream: u64::from(a) | u64::from(b) << 32, index: 0 }
    }

    /// The next independent stream; this one moves on.
    #[must_use]
    pub fn next_stream(&mut self) -> Self {
        self.index += 1;
        self.fork(self.index | 1 << 63)
    }

    /// The next 32 random bits.
    pub fn bits(&mut self) -> u32 {
        let block = self.block(self.index / 4);
        let bits = block[(self.index % 4) as usize];
        self.index += 1;
        bits
    }

    /// The next number in [0, 1), with 24 random bits.
    pub fn uniform(&mut self) -> f32 {
        unit(self.bits())
    }

    /// The next integer below `count`, each equally likely.
    pub fn below(&mut self, count: usize) -> usize {
        let wide = u64::from(self.bits()) | u64::from(self.bits()) << 32;
        ((u128::from(wide) * count as u128) >> 64) as usize
    }

    /// The next number of the standard normal distribution (Box and Muller 1958).
    pub fn normal(&mut self) -> f32 {
        let (u, v) = (f64::from(self.bits()) + 0.5, f64::from(self.bits()));
        let radius = (-2.0 * (u / 4_294_967_296.0).ln()).sqrt();
        (radius * (v / 4_294_967_296.0 * std::f64::consts::TAU).cos()) as f32
    }

    /// Four random words: block `block` of this stream.
    #[inline(always)]
    fn block(&self, block: u64) -> [u32; 4] {
        self.blocks::<1>(block)[0]
    }

    /// Four random words of each of `N` blocks, from `first` on: several at once go through the rounds as vectors.
    #[inline(always)]
    pub(crate) fn blocks<const N: usize>(&self, first: u64) -> [[u32; 4]; N] {
        let mut counters = [[0; N]; 4];
        for lane in 0..N {
            let block = first + lane as u64;
            for (words, counter) in counters.iter_mut().zip([block, block >> 32, self.stream, self.stream >> 32]) {
                words[lane] = counter;
            }
        }
        let [a, b, c, d] = philox(counters, self.key);
        let mut words = [[0; 4]; N];
        for lane in 0..N {
            words[lane] = [a[lane] as u32, b[lane] as u32, c[lane] as u32, d[lane] as u32];
        }
        words
    }
}

/// 32 random bits as a number in [0, 1).
#[inline(always)]
pub(crate) fn unit(bits: u32) -> f32 {
    (bits >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// The ten rounds for `N` counters side by side. Of each word the lower half counts: that is what a vector multiplies.
#[inline(always)]
fn philox<const N: usize>(counters: [[u64; N]; 4], mut key: [u32; 2]) -> [[u64; N]; 4] {
    const LOW: u64 = u32::MAX as u64;
    let [mut a, mut b, mut c, mut d] = counters;
    for _ in 0..10 {
        let [first, second] = key.map(u64::from);
        for i in 0..N {
            let (p, q) = (0xD251_1F53 * (a[i] & LOW), 0xCD9E_8D57 * (c[i] & LOW));
            (a[i], b[i], c[i], d[i]) = ((q >> 32) ^ b[i] ^ first, q, (p >> 32) ^ d[i] ^ second, p);
        }
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_published_words() {
        // Random123's known answers for philox4x32-10: zeros, and all ones.
        let words = |counter: u32, key| philox([[u64::from(counter)]; 4], [key; 2]).map(|[word]| word as u32);
        assert_eq!(words(0, 0), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(words(u32::MAX, u32::MAX), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    }

    #[test]
    fn many_blocks_are_those_of_one_after_the_other() {
        let rng = Rng::new(9).fork(4);
        let first = u64::from(u32::MAX) - 3; // a carry into the upper half among them
        let one_by_one: [[u32; 4]; 8] = std::array::from_fn(|i| rng.block(first + i as u64));
        assert_eq!(rng.blocks::<8>(first), one_by_one);
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let mut rng = Rng::new(7);
        let sample: Vec<f64> = (0..100_000).map(|_| f64::from(rng.normal())).collect();
        let mean = sample.iter().sum::<f64>() / 1e5;
        let variance = sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.015 && (variance - 1.0).abs() < 0.02, "mean {mean}, variance {variance}"); // 4 standard errors
    }

    #[test]
    fn streams_differ_and_repeat() {
        let root = Rng::new(1);
        assert_eq!(root.fork(3).bits(), root.fork(3).bits());
        assert_ne!(root.fork(3).bits(), root.fork(4).bits());
        assert_ne!(root.fork(3).bits(), Rng::new(2).fork(3).bits());
        let mut moving = root.clone();
        assert_ne!(moving.next_stream().bits(), moving.next_stream().bits());
    }

    #[test]
    fn below_reaches_every_value_and_no_more() {
        let mut rng = Rng::new(5);
        let mut seen = [0; 7];
        (0..7000).for_each(|_| seen[rng.below(7)] += 1);
        assert!(seen.iter().all(|&n| (850..1150).contains(&n)), "{seen:?}"); // 1000 plus or minus 5 standard errors
    }
}
