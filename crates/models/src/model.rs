//! What a model is: the traits that every file of this crate fills, and the entry by which it is listed.

use crate::{Memory, Source};
use rushlight_engine::{Bags, Ids, Tensor};
use rushlight_nn::init::Start;
use rushlight_nn::settings::SettingError;
use rushlight_nn::{Context, Params};
use serde_json::Value;
use std::ops::RangeInclusive;

/// What goes into a model.
#[derive(Clone, Debug)]
pub enum Input {
    /// Tokens [B, T]: the logits are [B, T, V], one answer after every token.
    Ids(Ids),
    /// A window of tokens [N, C] for each answer: the logits are [N, V].
    Contexts(Ids),
    /// Vectors [N, F]: the outputs are [N, O].
    Rows(Tensor),
    /// Sentences to translate, and the tokens [B, T] before each target: the logits are [B, T, V].
    Pair(Source, Ids),
    /// Sentences to understand, with the spelling of the word at each place: the answers are [B, I + T S], the logits of the
    /// intent and then of each word's tag; [B, I] where no words are named.
    Sentences(Source, Bags),
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

    /// This model as one that translates, if it does.
    fn translator(&self) -> Option<&dyn Translator> {
        None
    }

    /// This model as one that reads from left to right, whatever it begins from, if it does.
    fn decoder(&self) -> Option<&dyn Decoder> {
        let translator = || self.translator().map(|translator| translator as &dyn Decoder);
        self.generator().map(|generator| generator as &dyn Decoder).or_else(translator)
    }

    /// How many places of a sentence it can read, where it understands sentences; none where there is no end.
    fn longest_sentence(&self) -> Option<usize> {
        None
    }

    /// This model as one that learns by counting, if it does.
    fn counting(&self) -> Option<&dyn Counting> {
        None
    }

    /// Whether the rows of a batch know nothing of each other in training, so that a batch may be cut in two; with batch norm
    /// they do.
    fn rows_are_apart(&self) -> bool {
        self.least_rows() == 1
    }

    /// How many rows a batch of training needs at least: 2 with batch norm, for one row has no variance. Rows are the
    /// windows of `Contexts`, the vectors of `Rows`, the tokens of `Ids`.
    fn least_rows(&self) -> usize {
        1
    }
}

/// A model that reads tokens from left to right and answers after each with logits for the next.
pub trait Decoder: Model {
    /// Reads `ids` [B, T] after what `memory` holds: logits [B, T, V], and the memory of all that has been read. The
    /// whole sequence, a prompt, a piece of truncated back-propagation and a single step are all this.
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory);

    /// The same, but the logits [B, V] behind the last of the tokens alone: all that writing on needs.
    fn read_last(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        let (logits, memory) = self.read(cx, ids, memory);
        let [rows, times, width] = [ids.shape()[0], ids.shape().width(), logits.width()];
        (logits.narrow(1, times - 1, 1).reshape(&[rows, width]), memory)
    }

    /// How many tokens its memory can hold before it must start afresh; none where there is no end.
    fn window(&self) -> Option<usize> {
        None
    }
}

/// A decoder that begins from nothing: a language model.
pub trait Generator: Decoder {
    /// The memory of `rows` sequences of which nothing has been read.
    fn begin(&self, rows: usize) -> Memory;
}

/// A decoder that begins from sentences to translate.
pub trait Translator: Decoder {
    /// Reads the sentences: the memory of as many translations of which nothing has been read.
    fn encode(&self, cx: &mut Context, source: &Source) -> Memory;
}

/// A model that learns by counting instead of by gradients.
pub trait Counting: Generator {
    /// Counts the targets [..] after their inputs [B, T], which go on after what `memory` holds, and gives the memory of
    /// all that has been read; targets that do not count are `u32::MAX`.
    fn count(&self, inputs: &Ids, targets: &Ids, memory: Memory) -> Memory;

    /// The most memory that counting takes for each token of the text, in bytes, besides the parameters.
    fn bytes_a_token(&self) -> usize {
        0
    }

    /// Turns the counts into logits.
    fn finish(&self);
}

/// The sizes that the data give a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// V, the tokens, classes or intents to choose from; the outputs of a regression.
    pub vocabulary: usize,
    /// The longest window that is read at once; the width of the vectors for `Rows`.
    pub window: usize,
    /// U, the tokens of the sentences to translate, or the words of those to understand; 0 where there are none.
    pub source: usize,
    /// Whether they are the tokens to choose from too: one vocabulary for both languages.
    pub joint: bool,
    /// S, what a word of a sentence may be; 0 where words are not named.
    pub tags: usize,
    /// G, the pieces that the spelling of words is made of; 0 where it is not looked at.
    pub pieces: usize,
}

impl Sizes {
    /// Where nothing is translated or understood.
    pub fn new(vocabulary: usize, window: usize) -> Self {
        Self { vocabulary, window, source: 0, joint: false, tags: 0, pieces: 0 }
    }
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
    /// Which [`Input`] it takes.
    pub takes: Takes,
    /// Makes it from the keys of its `[model]` table, the sizes that the data give, and a seed.
    pub build: Build,
    /// The number of parameters, by the formula in the header; `usize::MAX` where that is too small to hold it. Refuses the
    /// settings that `build` refuses and allocates nothing, so it may be asked before anything is built.
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
    /// [`Input::Pair`].
    Pair,
    /// [`Input::Sentences`].
    Sentences,
}

/// The largest size that a setting may have. Which model a machine can hold, its number of parameters tells.
pub const LARGEST_SIZE: usize = 1 << 40;

/// The most layers that a model may have.
pub const MOST_LAYERS: usize = 1024;

/// Refuses sizes of zero, and sizes beyond [`LARGEST_SIZE`], by name.
pub(crate) fn require_sizes(sizes: &[(&'static str, usize)]) -> Result<(), SettingError> {
    sizes.iter().try_for_each(|&(key, size)| require_within(1..=LARGEST_SIZE, key, size))
}

/// Refuses no layers, and more than [`MOST_LAYERS`].
pub(crate) fn require_layers(layers: usize) -> Result<(), SettingError> {
    require_within(1..=MOST_LAYERS, "layers", layers)
}

/// What every recurrent model asks of its settings.
pub(crate) fn require_recurrent(
    [embed, hidden, layers]: [usize; 3],
    dropout: f32,
    start: Start,
) -> Result<(), SettingError> {
    require_sizes(&[("embed", embed), ("hidden", hidden)])?;
    require_layers(layers)?;
    require_share("dropout", dropout)?;
    match start {
        Start::Torch => Ok(()),
        Start::Uniform(bound) => require(bound > 0.0 && bound.is_finite(), "start", bound, "a number above 0"),
    }
}

/// Refuses heads that do not divide the width.
pub(crate) fn require_heads(heads: usize, width: usize) -> Result<(), SettingError> {
    let must = || format!("a multiple of the {heads} `heads`");
    let refused = || SettingError::Range { key: "width", value: width.to_string(), must: must() };
    if width.is_multiple_of(heads) { Ok(()) } else { Err(refused()) }
}

/// Refuses what is smaller or larger, and says which.
pub(crate) fn require_within(range: RangeInclusive<usize>, key: &'static str, size: usize) -> Result<(), SettingError> {
    if range.contains(&size) {
        return Ok(());
    }
    let too_small = size < *range.start();
    let must = if too_small { format!("at least {}", range.start()) } else { format!("at most {}", range.end()) };
    Err(SettingError::Range { key, value: size.to_string(), must })
}

/// Refuses what is no share: [0, 1).
pub(crate) fn require_share(key: &'static str, share: f32) -> Result<(), SettingError> {
    require((0.0..1.0).contains(&share), key, share, "at least 0 and below 1")
}

/// Refuses what is not a finite number from 0 on.
pub(crate) fn require_from_zero(key: &'static str, value: f32) -> Result<(), SettingError> {
    require(value >= 0.0 && value.is_finite(), key, value, "a number from 0 on")
}

/// Refuses what is no share of something: (0, 1].
pub(crate) fn require_some_share(key: &'static str, share: f32) -> Result<(), SettingError> {
    require(share > 0.0 && share <= 1.0, key, share, "more than 0 and at most 1")
}

fn require(fits: bool, key: &'static str, value: f32, must: &str) -> Result<(), SettingError> {
    if fits { Ok(()) } else { Err(SettingError::Range { key, value: value.to_string(), must: must.into() }) }
}
