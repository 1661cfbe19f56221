//! # inputs-constant: the model reads one and the same token, whatever stands there
//!
//! All tokens that are read in training become token 0, all features 0: an unknown word everywhere, a tensor that was
//! never filled. The targets are right.
//!
//!     best loss = the entropy of the targets, by their place at most
//!
//! The answers are the same whatever is asked. The loss stops at that of word counts, and on validation, which is read
//! as it is, it is worse than that.
//!
//! Cure  Print a batch as text. Unknown tokens everywhere are a vocabulary of other data; zeros are a buffer that
//!       nobody filled.

use super::{Entry, Fault, suits};
use crate::Prepared;
use rushlight_engine::{Bags, Ids, Tensor};
use rushlight_models::{Input, Source};
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "inputs-constant",
    about: "every input is token 0",
    source: include_str!("inputs_constant.rs"),
    component: Component::Data,
    suits: suits::learns,
    build: |_| Arc::new(InputsConstant),
};

struct InputsConstant;

impl Fault for InputsConstant {
    fn batch(&self, batch: Prepared) -> Prepared {
        let blank = |ids: &Ids| Ids::new(ids.shape(), vec![0; ids.data().len()]);
        let input = match &batch.input {
            Input::Ids(ids) => Input::Ids(blank(ids)),
            Input::Contexts(ids) => Input::Contexts(blank(ids)),
            Input::Rows(numbers) => Input::Rows(Tensor::zeros(numbers.shape())),
            Input::Pair(source, ids) => {
                Input::Pair(Source { ids: blank(&source.ids), lengths: source.lengths.clone() }, blank(ids))
            }
            Input::Sentences(source, spelling) => {
                let source = Source { ids: blank(&source.ids), lengths: vec![source.places(); source.rows()] };
                Input::Sentences(source, Bags::new(spelling.iter().map(|_| [])))
            }
        };
        Prepared { input, ..batch }
    }
}
