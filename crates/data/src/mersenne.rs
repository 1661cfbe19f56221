//! CPython's `random.seed` and `random.shuffle`, so that the lectures' split of names can be made again.
//! For that only: everything else draws from `chance.rs`.
//!
//! Follows   Matsumoto and Nishimura, Mersenne Twister, 1998, with their initialisation of 2002;
//!           CPython's `random` module for the way from 32 bits to a place in a list.

const SIZE: usize = 624;
const MIDDLE: usize = 397;

/// The state of CPython's generator.
#[derive(Clone, Debug)]
pub struct Mersenne {
    state: [u32; SIZE],
    next: usize,
}

impl Mersenne {
    /// The state after `random.seed(seed)`.
    pub fn seeded(seed: u64) -> Self {
        let (low, high) = (seed as u32, (seed >> 32) as u32);
        let key: &[u32] = if high == 0 { &[low] } else { &[low, high] };
        let mut state = filled(19_650_218);
        // The walk goes over the places 1 to 623 and begins again at 1; the last place is copied to the first.
        for k in 0..2 * SIZE - 1 {
            let at = k % (SIZE - 1) + 1;
            let before = state[at - 1];
            let spread = before ^ (before >> 30);
            let word = k % key.len();
            state[at] = match k < SIZE {
                true => (state[at] ^ spread.wrapping_mul(1_664_525)).wrapping_add(key[word]).wrapping_add(word as u32),
                false => (state[at] ^ spread.wrapping_mul(1_566_083_941)).wrapping_sub(at as u32),
            };
            if at == SIZE - 1 {
                state[0] = state[at];
            }
        }
        state[0] = 0x8000_0000;
        Mersenne { state, next: SIZE }
    }

    /// `random.shuffle(list)`.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.below(last as u32 + 1);
            list.swap(last, other as usize);
        }
    }

    /// `random._randbelow(end)`: draws as many bits as `end` has until they are below it.
    fn below(&mut self, end: u32) -> u32 {
        let bits = u32::BITS - end.leading_zeros();
        loop {
            let drawn = self.bits(bits);
            if drawn < end {
                return drawn;
            }
        }
    }

    /// `random.getrandbits(count)`, 1 to 32 bits.
    fn bits(&mut self, count: u32) -> u32 {
        self.word() >> (32 - count)
    }

    fn word(&mut self) -> u32 {
        if self.next == SIZE {
            self.twist();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9D2C_5680;
        word ^= (word << 15) & 0xEFC6_0000;
        word ^ (word >> 18)
    }

    fn twist(&mut self) {
        for at in 0..SIZE {
            let joined = (self.state[at] & 0x8000_0000) | (self.state[(at + 1) % SIZE] & 0x7FFF_FFFF);
            let odd = if joined & 1 == 1 { 0x9908_B0DF } else { 0 };
            self.state[at] = self.state[(at + MIDDLE) % SIZE] ^ (joined >> 1) ^ odd;
        }
        self.next = 0;
    }
}

fn filled(first: u32) -> [u32; SIZE] {
    let mut state = [first; SIZE];
    for at in 1..SIZE {
        let before = state[at - 1];
        state[at] = (before ^ (before >> 30)).wrapping_mul(1_812_433_253).wrapping_add(at as u32);
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_python() {
        // python3 -c "import random; random.seed(42); print([random.getrandbits(32) for _ in range(4)], [random.getrandbits(5) for _ in range(5)])"
        let mut chance = Mersenne::seeded(42);
        let words: Vec<u32> = (0..4).map(|_| chance.bits(32)).collect();
        assert_eq!(words, [2_746_317_213, 478_163_327, 107_420_369, 3_184_935_163]);
        let small: Vec<u32> = (0..5).map(|_| chance.bits(5)).collect();
        assert_eq!(small, [8, 7, 7, 4, 23]);
    }

    fn check(seed: u64, expected: [u32; 10]) {
        let mut list: Vec<u32> = (0..10).collect();
        Mersenne::seeded(seed).shuffle(&mut list);
        assert_eq!(list, expected);
    }

    // python3 -c "import random; x = list(range(10)); random.seed(SEED); random.shuffle(x); print(x)"

    #[test]
    fn a_list_is_shuffled_as_python_does() {
        check(42, [7, 3, 2, 8, 5, 6, 9, 4, 0, 1]);
    }

    #[test]
    fn a_seed_of_two_words_too() {
        check((1 << 40) + 7, [0, 5, 2, 3, 6, 1, 8, 4, 7, 9]);
    }
}
