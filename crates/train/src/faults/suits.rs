//! What a recipe trains, for faults that can be put into some trainings only. No fault.

use crate::recipe::Recipe;
use rushlight_data::DataConfig;
use rushlight_data::kinds::{ids, lines, table, text};
use serde_json::Value;

/// Whether its weights come from gradients.
pub(super) fn learns(recipe: &Recipe) -> bool {
    match recipe.model.kind.as_str() {
        "kneser_ney" => false,
        "bigram" => !has(recipe, "counts"),
        _ => true,
    }
}

/// Whether what it shall say is a token or a class, and its answers are logits.
pub(super) fn has_logits(recipe: &Recipe) -> bool {
    learns(recipe)
        && match &recipe.data {
            DataConfig::Noise(_) => false,
            DataConfig::Table(table) => table.task == table::Task::Classification,
            _ => true,
        }
}

/// Whether its output is a map of its own, and no table that is read from as well.
pub(super) fn has_own_output(recipe: &Recipe) -> bool {
    let shares = is(recipe, &["transformer"]) && !says(recipe, "share", "none");
    learns(recipe) && !is(recipe, &["bigram"]) && !has(recipe, "tied") && !shares
}

/// Whether its parts were cut out of one thing, whose examples seldom repeat themselves.
pub(super) fn has_parts_of_one(recipe: &Recipe) -> bool {
    use DataConfig::{Lines, Parallel, Table, Text};
    learns(recipe) && matches!(recipe.data, Text(_) | Lines(_) | Parallel(_) | Table(_))
}

/// Whether it goes on with text by itself.
pub(super) fn writes(recipe: &Recipe) -> bool {
    reads_tokens(recipe) && !translates(recipe)
}

/// Whether it has an encoder that reads what its decoder translates.
pub(super) fn translates(recipe: &Recipe) -> bool {
    is(recipe, &["encoder_decoder", "seq2seq", "bahdanau", "transformer"])
}

/// Whether it reads tokens; else numbers.
pub(super) fn reads_tokens(recipe: &Recipe) -> bool {
    learns(recipe) && !recipe.data.has_vectors()
}

/// Whether it has a target for every token that it reads; a window, a class and a number have one for all.
pub(super) fn answers_every_token(recipe: &Recipe) -> bool {
    let in_contexts = match &recipe.data {
        DataConfig::Text(data) => data.batching == text::Batching::Contexts,
        DataConfig::Ids(ids::Config { batching, .. }) => *batching == text::Batching::Contexts,
        DataConfig::Lines(data) => data.batching == lines::Batching::Contexts,
        _ => false,
    };
    reads_tokens(recipe) && !in_contexts
}

/// Whether some of its targets do not count: padding, and what a made-up line only asks.
pub(super) fn has_ignored(recipe: &Recipe) -> bool {
    let data = match &recipe.data {
        DataConfig::Lines(data) => data.batching == lines::Batching::Rows,
        DataConfig::Parallel(_) | DataConfig::Dialogues(_) | DataConfig::Recall(_) | DataConfig::Reverse(_) => true,
        _ => false,
    };
    learns(recipe) && data
}

/// Whether it has attention by queries, keys and values.
pub(super) fn attends(recipe: &Recipe) -> bool {
    is(recipe, &["gpt", "transformer"])
}

/// Whether it has several heads of it.
pub(super) fn has_heads(recipe: &Recipe) -> bool {
    attends(recipe) && number(recipe, "heads") > 1.0
}

/// Whether it has layers between what it reads and what it answers.
pub(super) fn has_hidden(recipe: &Recipe) -> bool {
    let layers = recipe.model.config.get("hidden").and_then(Value::as_array);
    learns(recipe) && !is(recipe, &["bigram"]) && layers.is_none_or(|layers| !layers.is_empty())
}

/// Whether some of them are hidden units without memory.
pub(super) fn has_hidden_units(recipe: &Recipe) -> bool {
    has_hidden(recipe) && is(recipe, &["gpt", "transformer", "mlp", "feed_forward"])
}

/// Whether it has layer norms with sites of their own.
pub(super) fn has_layer_norm(recipe: &Recipe) -> bool {
    attends(recipe) && !says(recipe, "norm", "none")
}

/// Whether its decoder carries tensors from one reading to the next.
pub(super) fn remembers(recipe: &Recipe) -> bool {
    let window = is(recipe, &["mlp"]) && recipe.train.window > 1;
    attends(recipe) || is_recurrent(recipe) || window
}

/// Whether it has a recurrent state.
pub(super) fn is_recurrent(recipe: &Recipe) -> bool {
    is(recipe, &["rnn", "lstm", "gru", "encoder_decoder", "seq2seq", "bahdanau"])
}

/// Whether its model is one of these.
pub(super) fn is(recipe: &Recipe, kinds: &[&str]) -> bool {
    kinds.contains(&recipe.model.kind.as_str())
}

/// Whether a setting of its model is true.
pub(super) fn has(recipe: &Recipe, setting: &str) -> bool {
    recipe.model.config.get(setting).and_then(Value::as_bool).unwrap_or(false)
}

/// Whether a setting of its model is this word.
pub(super) fn says(recipe: &Recipe, setting: &str, word: &str) -> bool {
    recipe.model.config.get(setting).and_then(Value::as_str) == Some(word)
}

/// A setting of its model; 0 where it has none.
pub(super) fn number(recipe: &Recipe, setting: &str) -> f64 {
    recipe.model.config.get(setting).and_then(Value::as_f64).unwrap_or(0.0)
}
