//! Tables with a `kind`: which member of which family, and its settings with every default filled in. Builds nothing.

use super::RecipeError;
use super::reader::{Fault, TableReader};
use super::source::{Side, Source, Table};
use super::words::{few, found, suggestion, with_article};
use rushlight_models::{
    bahdanau, bigram, encoder, encoder_decoder, feed_forward, gated_conv, gpt, gru, gru_tagger, kneser_ney, lstm, mlp,
    rnn, seq2seq, text_cnn, transformer,
};
use rushlight_nn::optimizers::{adagrad, adam, adamw, rmsprop, sgd};
use rushlight_nn::schedules::{constant, cosine, exponential, inverse_sqrt, linear, plateau, step};
use rushlight_nn::settings::SettingError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A member of a family and its settings: what a table with a `kind` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Table")]
pub struct Member {
    /// Its name in its family's list.
    pub kind: String,
    /// Its own keys; read from a recipe, all of them.
    #[serde(flatten)]
    pub config: serde_json::Map<String, Value>,
}

impl Member {
    /// The member of that name, of whose settings nothing is said yet.
    pub(super) fn named(kind: &str) -> Self {
        Self { kind: kind.into(), config: Table::new() }
    }

    /// Its settings, as the `build` of its entry takes them.
    pub fn settings(&self) -> Value {
        Value::Object(self.config.clone())
    }
}

/// Only a shape: whoever reads a recipe looks at `kind` and at the rest.
impl From<Table> for Member {
    fn from(mut config: Table) -> Self {
        let kind = config.shift_remove("kind").and_then(|kind| kind.as_str().map(String::from)).unwrap_or_default();
        Self { kind, config }
    }
}

/// Reads settings as a member's `Config` and gives them back with the defaults.
type Fill = fn(TableReader<'_>) -> Result<Value, Fault>;

/// Name and settings of each member. The families' own lists give no settings away, only what is built of them; a test
/// holds that nobody is missing here.
pub(super) struct Family {
    /// What its members are called: "model".
    noun: &'static str,
    members: &'static [(&'static str, Fill)],
}

pub(super) const MODELS: Family = Family {
    noun: "model",
    members: &[
        (bigram::ENTRY.name, fill::<bigram::Config>),
        (feed_forward::ENTRY.name, fill::<feed_forward::Config>),
        (kneser_ney::ENTRY.name, fill::<kneser_ney::Config>),
        (mlp::ENTRY.name, fill::<mlp::Config>),
        (rnn::ENTRY.name, fill::<rnn::Config>),
        (lstm::ENTRY.name, fill::<lstm::Config>),
        (gru::ENTRY.name, fill::<gru::Config>),
        (encoder_decoder::ENTRY.name, fill::<encoder_decoder::Config>),
        (seq2seq::ENTRY.name, fill::<seq2seq::Config>),
        (text_cnn::ENTRY.name, fill::<text_cnn::Config>),
        (bahdanau::ENTRY.name, fill::<bahdanau::Config>),
        (gru_tagger::ENTRY.name, fill::<gru_tagger::Config>),
        (gated_conv::ENTRY.name, fill::<gated_conv::Config>),
        (transformer::ENTRY.name, fill::<transformer::Config>),
        (encoder::ENTRY.name, fill::<encoder::Config>),
        (gpt::ENTRY.name, fill::<gpt::Config>),
    ],
};

pub(super) const OPTIMIZERS: Family = Family {
    noun: "optimizer",
    members: &[
        (sgd::ENTRY.name, fill::<sgd::Config>),
        (adagrad::ENTRY.name, fill::<adagrad::Config>),
        (rmsprop::ENTRY.name, fill::<rmsprop::Config>),
        (adam::ENTRY.name, fill::<adam::Config>),
        (adamw::ENTRY.name, fill::<adamw::Config>),
    ],
};

pub(super) const SCHEDULES: Family = Family {
    noun: "schedule",
    members: &[
        (constant::ENTRY.name, fill::<constant::Config>),
        (step::ENTRY.name, fill::<step::Config>),
        (exponential::ENTRY.name, fill::<exponential::Config>),
        (linear::ENTRY.name, fill::<linear::Config>),
        (cosine::ENTRY.name, fill::<cosine::Config>),
        (inverse_sqrt::ENTRY.name, fill::<inverse_sqrt::Config>),
        (plateau::ENTRY.name, fill::<plateau::Config>),
    ],
};

fn fill<C: DeserializeOwned + Serialize>(reader: TableReader<'_>) -> Result<Value, Fault> {
    let config = C::deserialize(reader)?;
    Ok(serde_json::to_value(config).expect("settings are plain data"))
}

/// Reads the table at a path: `kind` first, then the rest as that member's settings.
pub(super) fn read(source: &Source, at: &str, family: &Family, default: Option<&str>) -> Result<Member, RecipeError> {
    let names = || family.members.iter().map(|(name, _)| *name);
    let kind = kind(source, at, names, default)?;
    let (_, fill) = family.members.iter().find(|(name, _)| *name == kind).expect("a kind of the list");
    let owner = owner(&kind, family.noun);
    let filled = fill(source.reader(at, &["kind"])).map_err(|fault| source.refuse(fault, at, &owner, &[]))?;
    let written = source.get(at);
    let keep = |(key, default): (String, Value)| {
        let written = written.and_then(|table| table.get(&key)).cloned();
        (key, written.unwrap_or_else(|| short(default)))
    };
    let given = |(_, value): &(String, Value)| !value.is_null();
    let config = filled.as_object().cloned().unwrap_or_default().into_iter().map(keep).filter(given).collect();
    Ok(Member { kind, config })
}

/// The `kind` of the table at a path, one of `names`.
pub(super) fn kind<'n, I: Iterator<Item = &'n str>>(
    source: &Source,
    table: &str,
    names: impl Fn() -> I,
    default: Option<&str>,
) -> Result<String, RecipeError> {
    let at = format!("{table}.kind");
    let known = format!("the kinds are: {}", few(names()));
    match (source.get(&at), default) {
        (None, Some(default)) => Ok(default.to_string()),
        (None, None) if source.get(table).is_none() => Err(source.error(
            (table, Side::Key),
            format!("[{table}]"),
            "is missing",
            format!("write one, with a `kind`; {known}"),
        )),
        (None, None) => Err(source.error((table, Side::Key), format!("`kind` in [{table}]"), "is missing", known)),
        (Some(Value::String(kind)), _) if names().any(|name| name == kind) => Ok(kind.clone()),
        (Some(Value::String(kind)), _) => {
            let help = format!("{known}{}", suggestion(kind, names()));
            Err(source.error((&at, Side::Value), format!("unknown kind `{kind}` in [{table}]"), "", help))
        }
        (Some(other), _) => Err(source.error((&at, Side::Value), format!("`kind` in [{table}]"), found(other), known)),
    }
}

/// Who has the keys of a table: "an lstm", "a cosine schedule".
fn owner(kind: &str, noun: &str) -> String {
    if noun == "model" { with_article(kind) } else { with_article(&format!("{kind} {noun}")) }
}

/// What a builder refuses, at its place.
pub(super) fn refuse(source: &Source, table: &str, error: SettingError) -> RecipeError {
    match error {
        SettingError::Range { key, value, must } => {
            let at = format!("{table}.{key}");
            source.error(
                (&at, Side::Value),
                format!("`{key}` in [{table}]"),
                format!("is {value}"),
                format!("it must be {must}"),
            )
        }
        other => source.error((table, Side::Key), format!("[{table}]"), "cannot be used", other.to_string()),
    }
}

/// A default that is an f32 becomes the shortest number that means it: 0.1, not 0.10000000149011612.
fn short(value: Value) -> Value {
    match value.as_f64() {
        Some(number) if value.is_f64() && f64::from(number as f32) == number => {
            (number as f32).to_string().parse::<f64>().map_or(value, Value::from)
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(family: &Family, names: Vec<&str>) {
        assert_eq!(family.members.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names, "{}", family.noun);
    }

    #[test]
    fn every_member_of_every_family_is_here() {
        complete(&MODELS, rushlight_models::ALL.iter().map(|entry| entry.name).collect());
        complete(&OPTIMIZERS, rushlight_nn::optimizers::ALL.iter().map(|entry| entry.name).collect());
        complete(&SCHEDULES, rushlight_nn::schedules::ALL.iter().map(|entry| entry.name).collect());
    }

    #[test]
    fn a_default_is_written_as_people_write_it() {
        assert_eq!(short(Value::from(0.1_f32)), Value::from(0.1));
        assert_eq!(short(Value::from(0.1_f64)), Value::from(0.1));
        assert_eq!(short(Value::from(3)), Value::from(3));
    }
}
