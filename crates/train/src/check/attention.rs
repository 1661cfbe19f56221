//! # attention: it mixes values by softmax(Q Kᵀ / √d) of what may be seen
//!
//! Tried      the batch; the mixture of each attention, computed apart from its queries, keys and values
//! Measured   how far the model's mixture is from: at `..`, the formula; at `.. unscaled`, the formula without 1/√d; at
//!            `.. unmasked`, with all that is real seen by all; at `.. uniform`, the plain mean of what may be seen
//! Reference  the largest number of the formula's mixture
//! Right      at the formula, nothing but rounding

use super::subject::difference;
use super::{Entry, Measured, Subject};
use rushlight_engine::Tensor;
use rushlight_nn::layers::Asked;
use rushlight_nn::{Observer, SiteKind};

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "attention",
    about: "it mixes values by softmax(QKᵀ/√d) of what may be seen",
    source: include_str!("attention.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    let mut formula = Formula::default();
    subject.watched(&mut formula, |cx| subject.model().forward(cx, &subject.batch.input));
    formula.measured
}

/// Computes each attention apart, and compares when its mixture is shown.
#[derive(Default)]
struct Formula {
    expected: Option<(String, [Tensor; 4])>,
    measured: Vec<Measured>,
}

const VARIANTS: [&str; 4] = ["", " unscaled", " unmasked", " uniform"];

impl Observer for Formula {
    fn visit(&mut self, site: &str, _: SiteKind, tensor: Tensor) -> Tensor {
        if site.ends_with("mixed")
            && let Some((place, expected)) = self.expected.take()
        {
            let (_, scale) = difference(expected[0].data(), expected[0].data());
            for (variant, expected) in VARIANTS.iter().zip(&expected) {
                let apart = difference(tensor.data(), expected.data()).0;
                self.measured.push(Measured::at(format!("{place}{variant}"), apart, scale));
            }
        }
        tensor
    }

    fn attend(&mut self, site: &str, asked: &Asked) -> Option<Tensor> {
        let sees = |row: usize, query: usize, key: usize| asked.sees(row, query, key);
        let real = |row: usize, _: usize, key: usize| asked.is_real(row, key);
        let as_asked = |scale: f32| asked.answer(scale, sees, |weights| weights);
        let unmasked = asked.answer(asked.scale(), real, |weights| weights);
        self.expected = Some((site.to_owned(), [as_asked(asked.scale()), as_asked(1.0), unmasked, as_asked(0.0)]));
        None
    }

    fn attends(&self) -> bool {
        true
    }
}
