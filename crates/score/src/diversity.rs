//! How varied written text is. Knows not whether it is good.

use std::collections::{HashMap, HashSet};

/// Distinct-n (Li and others, 2016): different runs of `n` ids, as a share of all runs; 0 where there is none.
///
/// # Panics
/// If `n` is 0.
pub fn distinct_n(ids: &[u32], n: usize) -> f64 {
    let distinct: HashSet<&[u32]> = ids.windows(n).collect();
    match ids.windows(n).len() {
        0 => 0.0,
        all => distinct.len() as f64 / all as f64,
    }
}

/// How varied the replies of a system are: shares from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diversity {
    /// Distinct-1 and distinct-2: different words, and different pairs of words, of all replies, as a share of all of them.
    pub distinct: [f64; 2],
    /// Pairs of words that came before in the same reply, as a share of all pairs.
    pub repeated: f64,
    /// Replies that are generic: the same words were said to more than one in [`GENERIC`] others.
    pub generic: f64,
    /// The commonest replies as words, and how often each was given, the commonest first.
    pub commonest: Vec<(String, usize)>,
}

/// A reply that is given more often than once in so many is generic.
pub const GENERIC: usize = 200;

/// The letters and digits of a text as small words: what is said, without how it is written.
fn words(text: &str) -> Vec<String> {
    let cut = |c: char| !(c.is_alphanumeric() || c == '\'');
    text.to_lowercase().split(cut).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// How varied these replies are, each to something else.
pub fn diversity<T: AsRef<str>>(replies: &[T]) -> Diversity {
    let replies: Vec<Vec<String>> = replies.iter().map(|reply| words(reply.as_ref())).collect();
    let distinct = [1, 2].map(|n| {
        let runs = || replies.iter().flat_map(|words| words.windows(n));
        runs().collect::<HashSet<_>>().len() as f64 / runs().count().max(1) as f64
    });
    let pairs = |words: &[String]| words.windows(2).count();
    let different = |words: &[String]| words.windows(2).collect::<HashSet<_>>().len();
    let all: usize = replies.iter().map(|words| pairs(words)).sum();
    let repeated: usize = replies.iter().map(|words| pairs(words) - different(words)).sum();
    let mut counts: HashMap<String, usize> = HashMap::new();
    replies.iter().for_each(|words| *counts.entry(words.join(" ")).or_default() += 1);
    let generic: usize = counts.values().filter(|&&count| count > 1 && count * GENERIC > replies.len()).sum();
    let mut commonest: Vec<(String, usize)> = counts.into_iter().collect();
    commonest.sort_by(|(a, often), (b, seldom)| seldom.cmp(often).then_with(|| a.cmp(b)));
    commonest.truncate(10);
    Diversity {
        distinct,
        repeated: repeated as f64 / all.max(1) as f64,
        generic: generic as f64 / replies.len().max(1) as f64,
        commonest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ids: &[u32], n: usize, expected: f64) {
        assert_eq!(distinct_n(ids, n), expected);
    }

    #[test]
    fn repeated_runs_count_once() {
        check(&[1, 2, 1, 2, 1], 2, 0.5); // 12 and 21, out of four
    }

    #[test]
    fn all_different_is_1() {
        check(&[1, 2, 3], 1, 1.0);
    }

    #[test]
    fn text_shorter_than_n_is_0() {
        check(&[1], 2, 0.0);
    }

    #[test]
    fn replies_are_counted_by_what_they_say() {
        // a b a b | A, b! | c: 7 words, 3 of them different; pairs ab ba ab | ab: 4, of which 2 are different
        let told = diversity(&["a b a b", "A, b!", "c"]);
        assert_eq!(told.distinct, [3.0 / 7.0, 0.5]);
        assert_eq!(told.repeated, 0.25); // the second ab of the first reply
        assert_eq!((told.generic, told.commonest[0].1), (0.0, 1));
    }

    #[test]
    fn a_reply_to_more_than_one_in_two_hundred_is_generic() {
        let mut replies: Vec<String> = (0..400).map(|n| format!("reply {n}")).collect();
        replies[..2].fill("I don't know.".into());
        assert_eq!(diversity(&replies).generic, 0.0); // 2 of 400 are one in 200, and not more
        replies[..3].fill("I don't know".into());
        assert_eq!(diversity(&replies).generic, 3.0 / 400.0);
        assert_eq!(diversity(&replies).commonest[0], ("i don't know".into(), 3));
        assert_eq!(diversity::<&str>(&[]), Diversity::default());
    }
}
