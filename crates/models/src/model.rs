//! What a model is: the traits that every file of this crate fills, and the entry by which it is listed.

use crate::Memory;
use rushlight_engine::{Ids, Tensor};
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Context, Params};
use serde_json::Value;

/// What goes into a model.
#[derive(Clone, Debug)]
pub enum Input {
    /// Tokens [B, T]: the logits are [B, T, V], one answer after every token.
    Ids(Ids),
    /// A window of tokens [N, C] for each answer: the logits are [N, V].
    Contexts(Ids),
    /// Vectors [N, F]: the outputs are [N, O].
    Rows(Tensor),
}

/// A network: parameters, and the function from input to logits (never probabilities).
pub trait Model: Send + Sync {
    /// All parameters by name.
    fn params(&self) -> &Params;

    /// The logits of `input`.
    ///
    /// # Panics
    /// When the model does not take this kind of input.
    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor;

    /// This model as a writer of sequences, if it is one.
    fn generator(&self) -> Option<&dyn Generator> {
        None
    }

    /// This model as one that learns by counting, if it does.
    fn counting(&self) -> Option<&dyn Counting> {
        None
    }
}

/// A model that reads tokens from left to right and answers after each with logits for the next.
pub trait Generator: Model {
    /// The memory of `rows` sequences of which nothing has been read.
    fn begin(&self, rows: usize) -> Memory;

    /// Reads `ids` [B, T] after what `memory` holds: logits [B, T, V], and the memory of all that has been read. The
    /// whole sequence, a prompt, a piece of truncated back-propagation and a single step are all this.
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory);

    /// How many tokens its memory can hold before it must start afresh; none where there is no end.
    fn window(&self) -> Option<usize> {
        None
    }
}

/// A model that learns by counting instead of by gradients.
pub trait Counting {
    /// Counts the targets [..] after their inputs [..]; targets that do not count are `u32::MAX`.
    fn count(&self, inputs: &Ids, targets: &Ids);

    /// Turns the counts into logits.
    fn finish(&self);
}

/// The sizes that the data give a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// V, the tokens or classes to choose from; the outputs of a regression.
    pub vocabulary: usize,
    /// The longest window that is read at once; the width of the vectors for `Rows`.
    pub window: usize,
}

/// A model in the list: what it is, and how to make it.
pub struct Entry {
    /// Its name in recipes.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// The year of its paper.
    pub year: u32,
    /// The paper, short.
    pub paper: &'static str,
    /// The file itself, whose header explains the model.
    pub source: &'static str,
    /// Its keys in a recipe's `[model]`, besides `kind`.
    pub keys: &'static [&'static str],
    /// Whether it takes windows ([`Input::Contexts`]), tokens ([`Input::Ids`]) or vectors ([`Input::Rows`]).
    pub takes: Takes,
    /// Makes it from the keys of its `[model]` table, the sizes that the data give, and a seed.
    pub build: Build,
    /// The number of parameters, by the formula in the header.
    pub parameters: fn(&Value, Sizes) -> Result<usize, SettingError>,
}

/// What makes a model.
pub type Build = fn(&Value, Sizes, u64) -> Result<Box<dyn Model>, SettingError>;

/// The kind of input that a model wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// [`Input::Ids`].
    Ids,
    /// [`Input::Contexts`] or [`Input::Ids`].
    Contexts,
    /// [`Input::Rows`].
    Rows,
}

/// Refuses sizes of zero by name.
pub(crate) fn at_least_one(sizes: &[(&'static str, usize)]) -> Result<(), SettingError> {
    match sizes.iter().find(|(_, size)| *size == 0) {
        Some((key, _)) => Err(SettingError::Range { key, value: "0".into(), must: "at least 1".into() }),
        None => Ok(()),
    }
}

/// Refuses what is no share: [0, 1).
pub(crate) fn require_share(key: &'static str, share: f32) -> Result<(), SettingError> {
    require((0.0..1.0).contains(&share), key, share, "at least 0 and below 1")
}

/// Refuses what is not a finite number from 0 on.
pub(crate) fn require_from_zero(key: &'static str, value: f32) -> Result<(), SettingError> {
    require(value >= 0.0 && value.is_finite(), key, value, "a number from 0 on")
}

fn require(fits: bool, key: &'static str, value: f32, must: &str) -> Result<(), SettingError> {
    if fits { Ok(()) } else { Err(SettingError::Range { key, value: value.to_string(), must: must.into() }) }
}
