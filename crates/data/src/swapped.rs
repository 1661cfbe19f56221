//! Whether a part of the data has its languages the other way round than the part that is trained on. Knows words, and no
//! language.

use std::collections::HashSet;

use crate::PartName;

/// The parts whose sources look like the targets that are trained on, and their targets like the sources: more of their
/// words, as they stand between spaces, are known from the other side than from their own. Parts as train, validation and
/// test, each pair as source and target.
pub(crate) fn swapped(parts: &[Vec<[&str; 2]>; 3]) -> Vec<PartName> {
    let known = [0, 1].map(|side| words(&parts[0], side).collect::<HashSet<&str>>());
    let is_swapped = |part: &[[&str; 2]]| {
        [0, 1].iter().all(|&side| {
            let seen = |known: &HashSet<&str>| words(part, side).filter(|word| known.contains(word)).count();
            seen(&known[1 - side]) > seen(&known[side])
        })
    };
    let of_name = PartName::ALL.iter().zip(parts).skip(1);
    of_name.filter(|(_, part)| is_swapped(part)).map(|(name, _)| *name).collect()
}

fn words<'t>(part: &'t [[&'t str; 2]], side: usize) -> impl Iterator<Item = &'t str> {
    part.iter().flat_map(move |pair| pair[side].split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAIN: [[&str; 2]; 3] = [["the house", "das Haus"], ["the tree .", "der Baum ."], ["a house", "ein Haus"]];

    fn check(validation: &[[&str; 2]], expected: &[PartName]) {
        assert_eq!(swapped(&[TRAIN.to_vec(), validation.to_vec(), Vec::new()]), expected);
    }

    #[test]
    fn a_part_the_other_way_round_is_seen() {
        check(&[["ein Baum .", "a tree ."]], &[PartName::Validation]);
    }

    #[test]
    fn a_part_the_right_way_round_or_of_strange_words_is_not() {
        check(&[["a tree .", "ein Baum ."]], &[]);
        check(&[["x y", "z"]], &[]);
    }
}
