//! Random numbers by counter: each is a function of a seed, a purpose and an index, never of what was drawn before.
//! So a batch can be made again from its step alone. Not for secrets.

/// A stream of random numbers that can be entered at any place.
///
/// The numbers are those of splitmix64 (Steele, Lea, Flood 2014), whose state is a counter.
#[derive(Clone, Copy, Debug)]
pub struct Chance {
    key: u64,
}

/// 2^64 divided by the golden ratio, made odd.
const STRIDE: u64 = 0x9E37_79B9_7F4A_7C15;

impl Chance {
    /// The stream of `seed` for one purpose: two purposes with the same seed have nothing to do with each other.
    pub fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a: names are few and chosen by us.
        let named = purpose.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        Chance { key: seed }.branch(named)
    }

    /// The stream number `number` below this one.
    pub fn branch(self, number: u64) -> Self {
        Chance { key: mix(self.number(number) ^ mix(number)) }
    }

    /// 64 random bits.
    pub fn number(self, index: u64) -> u64 {
        mix(self.key.wrapping_add(index.wrapping_add(1).wrapping_mul(STRIDE)))
    }

    /// A whole number from 0 to `end - 1`. Its bias is below `end` / 2^64.
    pub fn below(self, index: u64, end: u64) -> u64 {
        ((u128::from(self.number(index)) * u128::from(end)) >> 64) as u64
    }

    /// A number from the standard normal distribution, by Box and Muller.
    pub fn normal(self, index: u64) -> f64 {
        let unit = |bits: u64| (bits >> 11) as f64 / (1u64 << 53) as f64;
        let radius = (-2.0 * (1.0 - unit(self.number(2 * index))).ln()).sqrt();
        radius * (std::f64::consts::TAU * unit(self.number(2 * index + 1))).cos()
    }
}

fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// A random order of `0..count`, of which any place can be asked without making the whole.
///
/// A Feistel network shuffles the smallest square power of two that holds `count`; where it leaves the range, it is
/// asked again.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    chance: Chance,
    count: u64,
    half_bits: u32,
}

/// Luby and Rackoff need four rounds with ideal round functions; two more for ours.
const ROUNDS: u64 = 6;

/// Below this size the halves of the network would be too few bits to mix well.
const LEAST_HALF_BITS: u32 = 4;

impl Order {
    /// The order that `chance` gives.
    pub fn new(chance: Chance, count: usize) -> Self {
        let bits = u64::BITS - (count as u64).leading_zeros();
        Order { chance, count: count as u64, half_bits: bits.div_ceil(2).max(LEAST_HALF_BITS) }
    }

    /// Which one stands at `place`.
    ///
    /// # Panics
    /// If `place` is not below the count.
    pub fn at(&self, place: usize) -> usize {
        assert!((place as u64) < self.count, "order: place {place} of {}", self.count);
        let mut value = place as u64;
        loop {
            value = self.shuffled(value);
            if value < self.count {
                return value as usize;
            }
        }
    }

    fn shuffled(&self, value: u64) -> u64 {
        let mask = (1u64 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for round in 0..ROUNDS {
            let drawn = self.chance.number(right << 3 | round) >> 32 & mask;
            (left, right) = (right, left ^ drawn);
        }
        left << self.half_bits | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The first three outputs for state 0, as printed with the reference implementation by Vigna.
        let zero = Chance { key: 0 };
        let expected = [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F];
        assert_eq!([0, 1, 2].map(|index| zero.number(index)), expected);
    }

    #[test]
    fn seeds_purposes_and_branches_differ() {
        let mut seen = std::collections::HashSet::new();
        for seed in 0..20 {
            for purpose in ["windows", "rows"] {
                for branch in 0..20 {
                    seen.insert(Chance::new(seed, purpose).branch(branch).number(0));
                }
            }
        }
        assert_eq!(seen.len(), 800);
    }

    #[test]
    fn every_number_below_the_end_is_drawn_about_as_often() {
        let chance = Chance::new(1, "test");
        let mut counts = [0i64; 7];
        for index in 0..70_000 {
            counts[chance.below(index, 7) as usize] += 1;
        }
        // 10,000 each; four standard deviations are 370.
        assert!(counts.iter().all(|count| (count - 10_000).abs() < 370), "{counts:?}");
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let chance = Chance::new(2, "test");
        let drawn: Vec<f64> = (0..100_000).map(|index| chance.normal(index)).collect();
        let mean = drawn.iter().sum::<f64>() / 1e5;
        let variance = drawn.iter().map(|x| x * x).sum::<f64>() / 1e5;
        // Four standard errors: 4 / sqrt(1e5), and sqrt(2) times that.
        assert!(mean.abs() < 0.0127 && (variance - 1.0).abs() < 0.018, "{mean} {variance}");
    }

    fn order(seed: u64, count: usize) -> Vec<usize> {
        let order = Order::new(Chance::new(seed, "test"), count);
        (0..count).map(|place| order.at(place)).collect()
    }

    #[test]
    fn an_order_holds_each_place_once() {
        for count in [1, 2, 3, 15, 16, 17, 255, 256, 257, 1000, 32_033] {
            let mut sorted = order(3, count);
            sorted.sort_unstable();
            assert_eq!(sorted, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_order_moves_its_members() {
        let stayed = order(4, 1000).iter().enumerate().filter(|&(place, &member)| place == member).count();
        assert!(stayed < 8, "{stayed} of 1000 stayed; one is expected");
        assert_ne!(order(4, 1000), order(5, 1000));
    }

    #[test]
    fn each_order_of_three_comes_about_as_often() {
        let mut counts = std::collections::BTreeMap::<Vec<usize>, i64>::new();
        for seed in 0..6000 {
            *counts.entry(order(seed, 3)).or_default() += 1;
        }
        // 1,000 each; four standard deviations are 115.
        assert!(counts.len() == 6 && counts.values().all(|count| (count - 1000).abs() < 115), "{counts:?}");
    }
}
