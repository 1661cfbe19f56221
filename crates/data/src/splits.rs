//! Cutting data into a part to train on, one to choose by and one to judge by. Knows not what is cut.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::datasets::MAKEMORE_TEST;
use crate::{Chance, DataError, Mersenne, Order, PartName};

/// Which shares are kept from training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fractions {
    /// For choosing between models.
    pub validation: f64,
    /// For judging the chosen one.
    pub test: f64,
}

/// How lines go to parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineSplit {
    /// Shuffled by the seed. A line that comes twice may land in two parts.
    #[default]
    Lines,
    /// Each different line once, then shuffled by the seed: nothing stands in two parts.
    Distinct,
    /// As the makemore lectures shuffle names: CPython's `random.seed(42); random.shuffle(words)`.
    Lecture,
    /// As makemore.py cuts names: the 1,000 that it holds out are the validation part, all others in their order the
    /// training part, and nothing is left for testing. For `names` alone; the shares are not used.
    Makemore,
    /// The parts in which the data set comes; the shares are not used.
    Given,
}

impl Fractions {
    /// That both are shares and leave something to train on.
    ///
    /// # Errors
    /// [`DataError::Fractions`] if not.
    pub fn check(self) -> Result<Self, DataError> {
        let Fractions { validation, test } = self;
        let sound = validation >= 0.0 && test >= 0.0 && validation + test < 1.0;
        if sound { Ok(self) } else { Err(DataError::Fractions { validation, test }) }
    }

    /// Where the training part ends, and where the validation part ends, of `count` in a row.
    pub fn cuts(self, count: usize) -> (usize, usize) {
        // Shares are decimal fractions: 1 - 0.1 - 0.1 of 10 is 8, whatever the last bit says.
        let share = |share: f64| (count as f64 * share + 1e-6).floor() as usize;
        (share(1.0 - self.validation - self.test), share(1.0 - self.test))
    }

    /// The sizes of the parts of `count` in a row; a part that is asked for has something in it.
    pub(crate) fn sizes(self, count: usize, unit: &'static str) -> Result<[usize; 3], DataError> {
        let (train, validation) = self.cuts(count);
        let sizes = [train, validation - train, count - validation];
        for ((size, share), part) in sizes.into_iter().zip([1.0, self.validation, self.test]).zip(PartName::ALL) {
            if size == 0 && share > 0.0 {
                return Err(DataError::EmptyPart { part: part.name(), count, unit });
            }
        }
        Ok(sizes)
    }

    /// `items` in their order, cut into train, validation and test.
    pub(crate) fn cut<T>(self, items: Vec<T>, unit: &'static str) -> Result<[Vec<T>; 3], DataError> {
        let sizes = self.sizes(items.len(), unit)?;
        let mut items = items.into_iter();
        Ok(sizes.map(|size| items.by_ref().take(size).collect()))
    }
}

impl LineSplit {
    /// Lines to train, validation and test. `Given` is not for here, and `Makemore` for the lines of `names` alone.
    pub(crate) fn split(
        self,
        mut lines: Vec<&str>,
        fractions: Fractions,
        seed: u64,
    ) -> Result<[Vec<&str>; 3], DataError> {
        match self {
            LineSplit::Lines => fractions.cut(shuffled(lines, seed), "lines"),
            LineSplit::Distinct => {
                let mut seen = HashSet::new();
                lines.retain(|line| seen.insert(*line));
                fractions.cut(shuffled(lines, seed), "lines")
            }
            LineSplit::Lecture => {
                Mersenne::seeded(42).shuffle(&mut lines);
                fractions.cut(lines, "lines")
            }
            LineSplit::Makemore => Ok(as_makemore(&lines)),
            LineSplit::Given => panic!("split: parts that are given are not split again"),
        }
    }
}

/// The names but those that makemore.py holds out, those, and nothing.
fn as_makemore<'t>(names: &[&'t str]) -> [Vec<&'t str>; 3] {
    assert_eq!(names.len(), 32_033, "split: makemore's lines are those of `names`");
    let places = held_out();
    let held: HashSet<usize> = places.iter().copied().collect();
    let train = names.iter().enumerate().filter(|(place, _)| !held.contains(place)).map(|(_, name)| *name).collect();
    [train, places.into_iter().map(|place| names[place]).collect(), Vec::new()]
}

fn held_out() -> Vec<usize> {
    MAKEMORE_TEST.lines().map(|place| place.parse().expect("a built-in list of numbers")).collect()
}

/// `items` in the order of the seed.
pub(crate) fn shuffled<T: Clone>(items: Vec<T>, seed: u64) -> Vec<T> {
    let order = Order::new(Chance::new(seed, "split"), items.len());
    (0..items.len()).map(|place| items[order.at(place)].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::Dataset;

    const TENTHS: Fractions = Fractions { validation: 0.1, test: 0.1 };

    #[test]
    fn shakespeare_is_cut_where_everyone_cuts_it() {
        // nanoGPT: data[:int(len(data) * 0.9)] and the rest.
        let cuts = Fractions { validation: 0.1, test: 0.0 }.cuts(1_115_394);
        assert_eq!(cuts, (1_003_854, 1_115_394));
    }

    #[test]
    fn tenths_are_cut_as_python_cuts_them() {
        // n1 = int(0.8 * n), n2 = int(0.9 * n)
        assert_eq!(TENTHS.cuts(32_033), (25_626, 28_829));
        assert_eq!(TENTHS.cuts(10), (8, 9));
    }

    fn refused(validation: f64, test: f64) {
        assert!(Fractions { validation, test }.check().is_err());
    }

    #[test]
    fn shares_that_leave_nothing_to_train_on_are_refused() {
        refused(0.5, 0.5);
        refused(-0.1, 0.0);
        refused(f64::NAN, 0.0);
    }

    #[test]
    fn the_lectures_split_of_names_begins_and_ends_as_in_python() {
        // python3 -c "import random; w = open('names.txt').read().splitlines(); random.seed(42); random.shuffle(w); print(w[:8], w[-3:])"
        let text = Dataset::named("names").unwrap().text();
        let parts = LineSplit::Lecture.split(text.lines().collect(), TENTHS, 7).unwrap();
        let first = ["yuheng", "diondre", "xavien", "jori", "juanluis", "erandi", "phia", "samatha"];
        assert_eq!(parts[0][..8], first);
        assert_eq!(parts[2][parts[2].len() - 3..], ["opal", "zaylynn", "yovani"]);
        // Published: 182,625, 22,655 and 22,866 examples; a name has one for each letter and one for its end.
        let examples = parts.map(|part| part.iter().map(|name| name.len() + 1).sum::<usize>());
        assert_eq!(examples, [182_625, 22_655, 22_866]);
    }

    #[test]
    fn makemores_split_of_names_is_that_of_pytorch() {
        // reference/makemore_split.py; its names.txt[rp[-1000]] and names.txt[rp[-1]].
        let text = Dataset::named("names").unwrap().text();
        let [train, validation, test] = LineSplit::Makemore.split(text.lines().collect(), TENTHS, 7).unwrap();
        assert_eq!((train.len(), validation.len(), test.len()), (31_033, 1000, 0));
        assert_eq!((validation[0], validation[999]), ("kalub", "jvion"));
        assert_eq!((&train[..3], train[31_032]), (&["emma", "olivia", "ava"][..], "zzyzx"));
        // By the same script: sum(len(name) + 1) of each part.
        let examples = [train, validation].map(|part| part.iter().map(|name| name.len() + 1).sum::<usize>());
        assert_eq!(examples, [220_980, 7166]);
    }

    #[test]
    fn makemore_holds_no_line_out_twice() {
        let places = held_out();
        assert_eq!((places[0], places[999]), (25_859, 29_400));
        assert!(places.iter().all(|&place| place < 32_033));
        assert_eq!(places.into_iter().collect::<HashSet<_>>().len(), 1000);
    }

    fn split(how: LineSplit, seed: u64) -> [Vec<&'static str>; 3] {
        const LINES: [&str; 10] = ["a", "b", "c", "d", "a", "e", "f", "g", "h", "a"];
        how.split(LINES.to_vec(), Fractions { validation: 0.3, test: 0.2 }, seed).unwrap()
    }

    #[test]
    fn a_split_by_line_keeps_every_line() {
        let parts = split(LineSplit::Lines, 1);
        assert_eq!(parts.each_ref().map(Vec::len), [5, 3, 2]);
        let mut all = parts.concat();
        all.sort_unstable();
        assert_eq!(all, ["a", "a", "a", "b", "c", "d", "e", "f", "g", "h"]);
    }

    #[test]
    fn a_split_by_distinct_line_puts_none_into_two_parts() {
        for seed in 0..20 {
            let all = split(LineSplit::Distinct, seed).concat();
            assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (8, 8));
        }
    }

    #[test]
    fn a_split_follows_its_seed() {
        assert_eq!(split(LineSplit::Lines, 1), split(LineSplit::Lines, 1));
        assert_ne!(split(LineSplit::Lines, 1), split(LineSplit::Lines, 2));
    }
}
