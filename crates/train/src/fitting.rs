//! Whether recipe, model, data and machine go together, asked before the first step: what does not is refused with what
//! to do. Trains nothing.

use crate::TrainError;
use crate::recipe::Recipe;
use rushlight_data::{Batching, Corpus, Gather, Part, Shape};
use rushlight_models::{ALL, Entry, Model, Sizes, Takes};
use rushlight_trace::Machine;

/// Refuses a batch that this machine could not hold, however small the model: its answers are logits over the vocabulary.
pub(crate) fn holds_batch(shape: Shape, accumulate: usize, corpus: &Corpus) -> Result<(), TrainError> {
    /// A token's id and target, in every batch of a step.
    const BYTES_A_TOKEN: f64 = 8.0;
    /// A logit and its gradient, in one of them.
    const BYTES_A_LOGIT: f64 = 8.0;
    let Shape { rows, length } = match corpus.batching {
        Batching::Pairs(Gather::Sentences) => Shape { length: longest_line([&corpus.train]).unwrap_or(1), ..shape },
        Batching::Pairs(Gather::Tokens) => Shape { length: 1, ..shape },
        _ => shape,
    };
    let tokens = rows as f64 * length as f64;
    let answers = if matches!(corpus.batching, Batching::Contexts | Batching::Vectors) { rows as f64 } else { tokens };
    let needed = tokens * accumulate as f64 * BYTES_A_TOKEN + answers * corpus.vocabulary as f64 * BYTES_A_LOGIT;
    within_memory(needed, |needed, there| {
        let batches = match corpus.batching {
            Batching::Pairs(Gather::Tokens) => format!("{rows} tokens"),
            _ => format!("{rows} rows of {length} tokens"),
        };
        format!(
            "batches of {batches}, {accumulate} a step, would need {needed} GB, but this machine has \
             {there} GB; make `batch`, `window` or `accumulate` in [train] smaller"
        )
    })
}

/// Refuses what needs more bytes than this machine has, in the words of `refusal`: it is told the gigabytes needed and
/// those there. Where the system does not say what it has, nothing is refused.
fn within_memory(needed: f64, refusal: impl FnOnce(f64, f64) -> String) -> Result<(), TrainError> {
    let there = Machine::here(rushlight_engine::instruction_set()).memory_bytes as f64;
    let gigabytes = |bytes: f64| (bytes / 1e9).ceil();
    let fits = there == 0.0 || needed <= there;
    if fits { Ok(()) } else { Err(TrainError::Unfit(refusal(gigabytes(needed), gigabytes(there)))) }
}

/// The model of a recipe, if this machine can hold it.
pub(crate) fn build(recipe: &Recipe, entry: &Entry, sizes: Sizes) -> Result<Box<dyn Model>, TrainError> {
    /// Weights, gradients, and two moments of the optimizer, four bytes each: what training takes at the very least.
    const BYTES_A_PARAMETER: f64 = 16.0;
    let settings = recipe.model.settings();
    let refused = |error| recipe.refuse("model", error);
    let parameters = (entry.parameters)(&settings, sizes).map_err(refused)?;
    within_memory(parameters as f64 * BYTES_A_PARAMETER, |needed, there| {
        format!(
            "this `{}` has {parameters} parameters and would need {needed} GB to be trained, but this machine has {there} \
             GB; make the sizes in [model] smaller",
            entry.name
        )
    })?;
    let model = (entry.build)(&settings, sizes, recipe.train.seed).map_err(refused)?;
    if let Some(fault) = recipe.fault() {
        fault.built(model.params());
    }
    if recipe.train.batch < model.least_rows() {
        return Err(TrainError::Unfit(format!(
            "this `{}` normalises over its batch and needs at least {} rows in it, but `batch` in [train] is {}",
            entry.name,
            model.least_rows(),
            recipe.train.batch
        )));
    }
    Ok(model)
}

/// Refuses to count more text than this machine could hold the counts of.
pub(crate) fn holds_counts(entry: &Entry, model: &dyn Model, corpus: &Corpus) -> Result<(), TrainError> {
    let (Some(counting), Part::Stream(text)) = (model.counting(), &corpus.train) else { return Ok(()) };
    let needed = text.len() as f64 * counting.bytes_a_token() as f64;
    within_memory(needed, |needed, there| {
        format!(
            "to count {} tokens, this `{}` may need {needed} GB, but this machine has {there} GB; make `order` in [model] \
             smaller, or give it less text",
            text.len(),
            entry.name
        )
    })
}

/// The model of this name.
///
/// # Errors
/// When there is none; the error names those that there are.
pub fn entry(kind: &str) -> Result<&'static Entry, TrainError> {
    let names = || ALL.iter().map(|entry| format!("`{}`", entry.name)).collect::<Vec<_>>().join(", ");
    ALL.iter()
        .find(|entry| entry.name == kind)
        .ok_or_else(|| TrainError::Unfit(format!("unknown model `{kind}`; there are {}", names())))
}

pub(crate) fn fits(entry: &Entry, corpus: &Corpus) -> Result<(), TrainError> {
    let (name, vectors) = (entry.name, corpus.batching == Batching::Vectors);
    match (entry.takes, vectors) {
        (Takes::Rows, false) => Err(TrainError::Unfit(format!(
            "a `{name}` reads rows of numbers, but `[data]` is text; use `kind = \"table\"` or another model"
        ))),
        (Takes::Ids | Takes::Contexts, true) => Err(TrainError::Unfit(format!(
            "a `{name}` reads text, but `[data]` is rows of numbers; use `kind = \"feed_forward\"` in [model]"
        ))),
        (Takes::Ids, _) if corpus.batching == Batching::Contexts && entry.name != "bigram" => Err(TrainError::Unfit(
            format!("a `{name}` reads whole sequences, but `[data]` says `batching = \"contexts\"`; leave it out"),
        )),
        (Takes::Sentences, _) if !matches!(corpus.batching, Batching::Utterances { .. }) => {
            Err(TrainError::Unfit(format!(
                "a `{name}` understands sentences, but `[data]` has no intents; use `kind = \"utterances\"` in [data], or \
                 another model"
            )))
        }
        (takes, _) if takes != Takes::Sentences && matches!(corpus.batching, Batching::Utterances { .. }) => {
            let names = ALL.iter().filter(|entry| entry.takes == Takes::Sentences);
            let names: Vec<String> = names.map(|entry| format!("`{}`", entry.name)).collect();
            Err(TrainError::Unfit(format!(
                "a `{name}` does not name intents, but `[data]` is sentences with theirs; for those there are {}",
                names.join(", ")
            )))
        }
        (Takes::Pair, _) if !matches!(corpus.batching, Batching::Pairs(_)) => Err(TrainError::Unfit(format!(
            "a `{name}` translates, but `[data]` has no translations; use `kind = \"parallel\"` in [data], or another model"
        ))),
        (Takes::Ids | Takes::Contexts, _) if matches!(corpus.batching, Batching::Pairs(_)) => {
            let names = ALL.iter().filter(|entry| entry.takes == Takes::Pair).map(|entry| format!("`{}`", entry.name));
            Err(TrainError::Unfit(format!(
                "a `{name}` reads one text, but `[data]` is sentences and their translations; for those there are {}",
                names.collect::<Vec<_>>().join(", ")
            )))
        }
        _ => Ok(()),
    }
}

/// A stream needs a memory without end.
pub(crate) fn reads_on(entry: &Entry, model: &dyn Model, corpus: &Corpus) -> Result<(), TrainError> {
    let window = model.generator().and_then(|generator| generator.window());
    match (corpus.batching, window) {
        (Batching::Stream, Some(window)) => Err(TrainError::Unfit(format!(
            "a `{}` sees no further back than its window of {window}, but `[data]` says `batching = \"stream\"`, which reads \
             on without end; use `batching = \"windows\"`",
            entry.name
        ))),
        _ => Ok(()),
    }
}

/// The sizes that the data give a model.
pub(crate) fn sizes(recipe: &Recipe, corpus: &Corpus) -> Sizes {
    if let Part::Table(table) = &corpus.train {
        let outputs =
            if table.layout.classes.is_empty() { table.layout.targets.len() } else { table.layout.classes.len() };
        return Sizes::new(outputs, table.layout.features.len());
    }
    if let Part::Utterances(utterances) = &corpus.train {
        return Sizes {
            source: corpus.source_vocabulary,
            tags: utterances.labels.tags.len(),
            pieces: recipe.data.spelling().buckets,
            ..Sizes::new(corpus.vocabulary, recipe.train.window)
        };
    }
    let joint = corpus.source_vocabulary > 0 && corpus.source_tokenizer.is_none();
    Sizes { source: corpus.source_vocabulary, joint, ..Sizes::new(corpus.vocabulary, recipe.train.window) }
}

/// The tokens of the longest line or side of a pair, with its boundary; none where parts are not lines.
fn longest_line<'a>(parts: impl IntoIterator<Item = &'a Part>) -> Option<usize> {
    let longest = |part: &Part| match part {
        Part::Rows(rows) => (0..rows.len()).map(|row| rows.ids(row).len() + 1).max(),
        Part::Pairs(pairs) => (0..pairs.len()).map(|pair| pairs.length(pair)).max(),
        Part::Utterances(utterances) => (0..utterances.len()).map(|row| utterances.words(row).len()).max(),
        Part::Stream(_) | Part::Table(_) => None,
    };
    parts.into_iter().filter_map(longest).max()
}

/// A Transformer sees no line that is longer than its window.
pub(crate) fn within_window<'a>(
    model: &dyn Model,
    batching: Batching,
    parts: impl IntoIterator<Item = &'a Part>,
) -> Result<(), TrainError> {
    let window = model.decoder().and_then(|decoder| decoder.window()).or(model.longest_sentence());
    let (Some(window), Some(longest)) = (window, longest_line(parts)) else { return Ok(()) };
    match batching {
        Batching::Utterances { .. } if longest > window => Err(TrainError::Unfit(format!(
            "the longest sentence has {longest} words, but `window` in [train] is {window}; set `window = {longest}`"
        ))),
        Batching::Rows(layout) if longest.min(layout.max_length.most()) > window => Err(TrainError::Unfit(format!(
            "the longest line has {longest} tokens, but `window` in [train] is {window}; set `window = {longest}`, or \
             `max_length = {window}` in [data] to cut lines"
        ))),
        Batching::Pairs(_) if longest > window => Err(TrainError::Unfit(format!(
            "the longest sentence has {longest} tokens, its end included, but `window` in [train] is {window}; set \
             `window = {longest}`, or, where it is one of the training part, `max_length = {window}` in [data] to leave it out"
        ))),
        _ => Ok(()),
    }
}

pub(crate) fn nothing_to_judge(name: &str) -> String {
    format!(
        "{name} is too short: no token in it has enough before it to be foretold; give a longer text, or a smaller `window`"
    )
}
