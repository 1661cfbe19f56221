//! # validation-inside-train: what shall be new is learned by heart
//!
//! A `share` of the validation part, all where nothing is said, stands in the training part too, ten times over, as what
//! leaks from the web does: the data were cut before what repeats itself was taken out, or a file was put into both.
//!
//!     loss told = loss on what was trained on < loss on new data
//!
//! Nothing looks wrong: the validation loss is better than that of others, and follows the training loss down where it
//! ought to rise. No model is worse for it. The harm is that the number lies, and with it every choice made by it; so a
//! gym counts here by how much the validation loss is too low.
//!
//! Cure  Take out what repeats itself, then cut, by whole documents. Count how much of one part stands in another.

use super::chance::is_chosen;
use super::parts::share;
use super::{Entry, Fault, suits};
use rushlight_data::{Corpus, Pairs, Part, Rows, Table, Targets, VectorBatch};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "validation-inside-train",
    about: "validation data among the training data",
    source: include_str!("validation_inside_train.rs"),
    component: Component::Data,
    suits: suits::has_parts_of_one,
    build: |config| Arc::new(ValidationInsideTrain { share: share(config, 1.0) }),
};

/// A short training passes over its data once at most, and of what it saw once it knows little by heart.
const COPIES: usize = 10;

struct ValidationInsideTrain {
    share: f32,
}

impl Fault for ValidationInsideTrain {
    fn corpus(&self, corpus: &mut Corpus) {
        let with = match (&corpus.train, &corpus.validation) {
            (Part::Rows(train), Part::Rows(validation)) => Part::Rows(Arc::new(self.rows(train, validation))),
            (Part::Pairs(train), Part::Pairs(validation)) => Part::Pairs(Arc::new(Pairs::new(
                self.rows(train.sources(), validation.sources()),
                self.rows(train.targets(), validation.targets()),
            ))),
            (Part::Table(train), Part::Table(validation)) => {
                let all = self.vectors(&train.all, &validation.all);
                Part::Table(Arc::new(Table { all, layout: train.layout.clone() }))
            }
            (Part::Stream(train), Part::Stream(validation)) => {
                let count = (self.share * validation.len() as f32) as usize;
                match (train.first(usize::MAX), validation.first(count)) {
                    (Ok(train), Ok(validation)) => {
                        Part::Stream([&train[..], &validation.repeat(COPIES)].concat().into())
                    }
                    _ => return,
                }
            }
            _ => return,
        };
        corpus.train = with;
    }
}

impl ValidationInsideTrain {
    /// The rows that leak, one pass over them after the other.
    fn chosen(&self, count: usize) -> impl Iterator<Item = usize> {
        (0..COPIES).flat_map(move |_| 0..count).filter(|&row| is_chosen(self.share, [row as u64]))
    }

    fn rows(&self, train: &Rows, validation: &Rows) -> Rows {
        let mut rows = train.clone();
        self.chosen(validation.len()).for_each(|row| rows.push(validation.ids(row)));
        rows
    }

    fn vectors(&self, train: &VectorBatch, validation: &VectorBatch) -> VectorBatch {
        let mut all = train.clone();
        for row in self.chosen(validation.rows()) {
            all.features.extend_from_slice(&validation.features[row * all.width..][..all.width]);
            match (&mut all.targets, &validation.targets) {
                (Targets::Classes(all), Targets::Classes(classes)) => all.push(classes[row]),
                (Targets::Numbers { values: all, width }, Targets::Numbers { values, .. }) => {
                    all.extend_from_slice(&values[row * *width..][..*width]);
                }
                _ => {}
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_leak_stand_behind_the_others_ten_times() {
        let rows = |all: &[u32]| {
            let mut rows = Rows::new(0);
            all.iter().for_each(|&id| rows.push(&[id]));
            rows
        };
        let leaky = ValidationInsideTrain { share: 1.0 }.rows(&rows(&[1, 2, 3]), &rows(&[8, 9]));
        assert_eq!((leaky.len(), leaky.ids(2), leaky.ids(3), leaky.ids(22)), (23, &[3][..], &[8][..], &[9][..]));
        let chosen = ValidationInsideTrain { share: 0.3 }.chosen(1000).count();
        assert!((2500..3500).contains(&chosen), "{chosen}"); // 3000 plus or minus 3 standard errors of ten times the same
    }
}
