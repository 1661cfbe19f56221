//! The data sets that the program carries with it, so that it works from any folder. This page lists them.

use std::borrow::Cow;

/// A data set built into the program.
#[derive(Clone, Copy, Debug)]
pub struct Dataset {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Its licence.
    pub licence: &'static str,
    /// Where it comes from.
    pub origin: &'static str,
    /// Its whole description: source, licence, known faults.
    pub readme: &'static str,
    pub(crate) content: Content,
}

/// Every built-in data set.
pub const ALL: &[Dataset] = &[
    Dataset {
        name: "names",
        about: "32,033 English first names, one a line",
        licence: "MIT",
        origin: "karpathy/makemore at commit 988aa59",
        readme: include_str!("../../../datasets/names/README.md"),
        content: Content::Whole(include_str!("../../../datasets/names/names.txt")),
    },
    Dataset {
        name: "shakespeare",
        about: "plays of Shakespeare, 1.1 million characters",
        licence: "public domain",
        origin: "karpathy/char-rnn at commit 6f9487a",
        readme: include_str!("../../../datasets/shakespeare/README.md"),
        content: Content::Whole(include_str!("../../../datasets/shakespeare/input.txt")),
    },
    Dataset {
        name: "tatoeba",
        about: "22,000 English sentences with a French translation each, in three parts",
        licence: "CC BY 2.0",
        origin: "tatoeba.org through modelexlab/data at commit adddaf3",
        readme: include_str!("../../../datasets/tatoeba/README.md"),
        content: Content::Parts([
            include_str!("../../../datasets/tatoeba/train.tsv"),
            include_str!("../../../datasets/tatoeba/valid.tsv"),
            include_str!("../../../datasets/tatoeba/test.tsv"),
        ]),
    },
    Dataset {
        name: "clinc150",
        about: "18,000 English requests of 150 intents and 1,200 that are none of them, in three parts",
        licence: "CC BY 3.0",
        origin: "clinc/oos-eval at commit 828f809",
        readme: include_str!("../../../datasets/clinc150/README.md"),
        content: Content::Parts([
            include_str!("../../../datasets/clinc150/train.tsv"),
            include_str!("../../../datasets/clinc150/valid.tsv"),
            include_str!("../../../datasets/clinc150/test.tsv"),
        ]),
    },
    Dataset {
        name: "snips",
        about: "14,484 English requests of 7 intents, with the slots of their words, in three parts",
        licence: "CC0 1.0",
        origin: "sonos/nlu-benchmark through MiuLab/SlotGated-SLU at commit 61f0307",
        readme: include_str!("../../../datasets/snips/README.md"),
        content: Content::Parts([
            include_str!("../../../datasets/snips/train.tsv"),
            include_str!("../../../datasets/snips/valid.tsv"),
            include_str!("../../../datasets/snips/test.tsv"),
        ]),
    },
];

/// The lines of `names` that makemore.py holds out, counted from 0, in its order; made by `reference/makemore_split.py`.
pub(crate) const MAKEMORE_TEST: &str = include_str!("../../../datasets/names/makemore-test.txt");

#[derive(Clone, Copy, Debug)]
pub(crate) enum Content {
    Whole(&'static str),
    /// Train, validation and test, as the source cut them.
    Parts([&'static str; 3]),
}

impl Dataset {
    /// The data set of that name.
    pub fn named(name: &str) -> Option<&'static Dataset> {
        ALL.iter().find(|dataset| dataset.name == name)
    }

    /// All of its text.
    pub fn text(&self) -> Cow<'static, str> {
        match self.content {
            Content::Whole(text) => Cow::Borrowed(text),
            Content::Parts(parts) => Cow::Owned(parts.concat()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_readme_gives_licence_source_and_faults() {
        for Dataset { name, licence, readme, .. } in ALL {
            for needed in [*licence, "| source |", "## Known faults"] {
                assert!(readme.contains(needed), "{name}: {needed}");
            }
        }
    }

    fn check(name: &str, lines: usize, distinct: usize) {
        let text = Dataset::named(name).unwrap().text();
        let all: Vec<&str> = text.lines().collect();
        let set: std::collections::HashSet<&&str> = all.iter().collect();
        assert_eq!((all.len(), set.len()), (lines, distinct));
    }

    // The numbers of lines are those of the data sets' own READMEs; `sort -u | wc -l` gives the distinct ones.

    #[test]
    fn names_are_whole() {
        check("names", 32_033, 29_494);
    }

    #[test]
    fn tatoeba_is_whole_and_no_pair_comes_twice() {
        check("tatoeba", 22_000, 22_000);
    }

    #[test]
    fn requests_are_whole() {
        for (name, counts) in [("clinc150", [15_100, 3_100, 5_500]), ("snips", [13_084, 700, 700])] {
            let Content::Parts(parts) = Dataset::named(name).unwrap().content else { panic!("{name} has parts") };
            assert_eq!(parts.map(|part| part.lines().count()), counts, "{name}");
        }
    }

    #[test]
    fn shakespeare_is_whole() {
        assert_eq!(Dataset::named("shakespeare").unwrap().text().len(), 1_115_394);
    }
}
