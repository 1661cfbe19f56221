//! The embedding: a table with a row for every id.

use crate::init::Init;
use crate::{Builder, Param};
use rushlight_engine::{Ids, Tensor, embedding};

/// A table [V, D], looked up by id.
#[derive(Clone)]
pub struct Embedding {
    /// [V, D].
    pub weight: Param,
}

impl Embedding {
    /// A table of `count` rows of `width` numbers.
    pub fn new(build: &mut Builder, name: &str, count: usize, width: usize, init: &Init) -> Self {
        build.within(name, |build| Self { weight: build.weight("weight", &[count, width], init) })
    }

    /// The rows of `ids` [..]: [.., D].
    #[track_caller]
    pub fn apply(&self, ids: &Ids) -> Tensor {
        embedding(&self.weight.value(), ids)
    }
}
