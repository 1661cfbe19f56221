//! What models that understand sentences share: words with their spelling, and an answer for the sentence and for each word.
//! Knows no encoder.
//!
//! Letters   B batch, T time, D width, U words, G pieces of spelling, I intents, S tags
//!
//!     x_t = E[w_t] + 1/|g_t| Σ_(g in g_t) F[g]      (1)  [B, T, D]; zeros where there is padding
//!     s = [max_t f_t, 1/T Σ_t f_t]                  (2)  [B, 2P] from the features f of the words, [B, T, P]
//!     answers = [W s + b, V f_1 + c, .., V f_T + c] (3)  [B, I + T S]: the intent, then the tag of each word
//!
//! (1) is Bojanowski et al., Enriching Word Vectors with Subword Information, 2017, section 3.2, with a mean over the pieces. In
//! training a share of the words becomes the unknown word, id 0, whose spelling stays (Iyyer et al. 2015, word dropout), so
//! that spelling is learnt from words that are known too.
//!
//! Parameters  U D + G D for the words; I (2P + 1) + S (P + 1) for the answers from P features

use crate::count::Count;
use crate::{Sizes, Source};
use rushlight_engine::{Bags, Ids, Tensor, cat, embedding_bag, max_over_time};
use rushlight_nn::init::Init;
use rushlight_nn::layers::{Embedding, Linear, dropout};
use rushlight_nn::{Builder, Context, Param, SiteKind};

/// The id of a word that the vocabulary does not have.
const UNKNOWN: u32 = 0;

/// The tables of words and of the pieces of their spelling.
pub(crate) struct Words {
    words: Embedding,
    pieces: Option<Param>,
}

impl Words {
    pub(crate) fn new(build: &mut Builder, Sizes { source, pieces, .. }: Sizes, width: usize) -> Self {
        let small = Init::Normal { std: 0.1 };
        Self {
            words: Embedding::new(build, "words", source, width, &small),
            pieces: (pieces > 0).then(|| build.weight("spelling.weight", &[pieces, width], &small)),
        }
    }

    /// Equation (1); in training a share `forget` of the words is unknown, and a share `rate` of the elements dropped.
    pub(crate) fn apply(
        &self,
        cx: &mut Context,
        (source, spelling): (&Source, &Bags),
        forget: f32,
        rate: f32,
    ) -> Tensor {
        let (rows, places) = (source.rows(), source.places());
        let words = self.words.apply(&forgotten(cx, &source.ids, forget));
        let width = words.width();
        let x = match &self.pieces {
            Some(table) => words + embedding_bag(&table.value(), spelling).reshape(&[rows, places, width]),
            None => words,
        };
        let x = cx.site("embed", SiteKind::Inner, x * &is_real(source));
        dropout(cx, x, rate)
    }
}

/// 1 for every word and 0 for padding, [B, T, 1].
fn is_real(source: &Source) -> Tensor {
    let mut real = Tensor::zeros(&[source.rows(), source.places(), 1]);
    for (row, &length) in real.data_mut().chunks_exact_mut(source.places()).zip(&source.lengths) {
        row[..length].fill(1.0);
    }
    real
}

/// The mean of the places of each row that are words: [B, T, P] to [B, P].
fn mean_over_time(x: &Tensor, source: &Source) -> Tensor {
    let mut shares = is_real(source);
    for (row, &length) in shares.data_mut().chunks_exact_mut(source.places()).zip(&source.lengths) {
        row.iter_mut().for_each(|share| *share /= length as f32);
    }
    (x * &shares).sum_along(1).reshape(&[source.rows(), x.width()])
}

fn forgotten(cx: &mut Context, ids: &Ids, share: f32) -> Ids {
    if share == 0.0 || !cx.is_training() {
        return ids.clone();
    }
    let mut rng = cx.rng.next_stream();
    let kept = ids.data().iter().map(|&id| if rng.uniform() < share { UNKNOWN } else { id });
    Ids::new(ids.shape(), kept.collect::<Vec<_>>())
}

/// The answers for a sentence and for each of its words.
pub(crate) struct Answers {
    intent: Linear,
    tag: Option<Linear>,
}

impl Answers {
    /// From `features` of each word.
    pub(crate) fn new(build: &mut Builder, sizes: Sizes, features: usize) -> Self {
        // Small, for the largest of each feature is far from 0: a fresh model knows nothing.
        let small = Init::Normal { std: 0.02 };
        let linear = |build: &mut Builder, name, features, answers| {
            Linear::with_init(build, name, [features, answers], &small, Some(&Init::Zeros))
        };
        Self {
            intent: linear(build, "intent", 2 * features, sizes.vocabulary),
            tag: (sizes.tags > 0).then(|| linear(build, "tag", features, sizes.tags)),
        }
    }

    /// Equations (2) and (3) from the features of each word, [B, T, P], of which a share `rate` is dropped in training.
    pub(crate) fn apply(&self, cx: &mut Context, features: &Tensor, source: &Source, rate: f32) -> Tensor {
        let (largest, mean) = (max_over_time(features, &source.lengths), mean_over_time(features, source));
        let sentence = cx.site("sentence", SiteKind::Inner, cat(&[&largest, &mean], 1)); // [B, 2P]
        let sentence = dropout(cx, sentence, rate);
        let intents = cx.site("logits", SiteKind::Logits, self.intent.apply(&sentence)); // [B, I]
        let Some(tag) = &self.tag else { return intents };
        let words = dropout(cx, features.clone(), rate);
        let tags = cx.site("tag.logits", SiteKind::Logits, tag.apply(&words)); // [B, T, S]
        let each = source.places() * tags.width();
        cat(&[&intents, &tags.reshape(&[source.rows(), each])], 1)
    }
}

/// The parameters of [`Words`].
pub(crate) fn of_words(Sizes { source, pieces, .. }: Sizes, width: usize) -> Count {
    (Count(source) + pieces) * width
}

/// The parameters of [`Answers`].
pub(crate) fn of_answers(Sizes { vocabulary, tags, .. }: Sizes, features: Count) -> Count {
    (2 * features + 1) * vocabulary + (features + 1) * tags
}
