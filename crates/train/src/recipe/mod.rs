//! Recipes: the TOML file that says all about a training. Reads and checks it, and writes it with every default filled
//! in; trains nothing.
//!
//! A recipe is a few tables, and closed: what is not known is refused, with its place and what is possible. A table
//! with a `kind` belongs to that member of a family, whose own `Config` reads the rest of it.

mod error;
mod members;
mod reader;
mod source;
#[cfg(test)]
mod tests;
mod train;
mod words;

pub use error::{Place, RecipeError};
pub use members::Member;
pub use train::{CheckpointConfig, EvaluateConfig, InitConfig, Length, SafetyConfig, StopConfig, TrainConfig};

use crate::faults;
use rushlight_data::DataConfig;
use rushlight_nn::settings::SettingError;
use rushlight_text::{NormalizerConfig, TokenizerConfig};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use source::{Side, Source};
use std::path::Path;
use std::sync::Arc;
use words::{found, nearest, with_article};

/// What a training is: the whole of a recipe.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The name of the file, without its end.
    pub name: String,
    /// What is learned from.
    pub data: DataConfig,
    /// How text becomes tokens; of no meaning where the data have no text.
    pub tokenizer: TokenizerConfig,
    /// What is done to text before that.
    pub normalizer: NormalizerConfig,
    /// What learns.
    pub model: Member,
    /// How it learns.
    pub train: TrainConfig,
    /// What is known to be wrong with it.
    pub doctor: DoctorConfig,
    /// What is put in that is wrong, on purpose.
    pub fault: Option<FaultConfig>,
    pub(crate) written: Written,
}

/// Where each key of a recipe stands, for mistakes that show only later. No part of what a recipe means: all are equal.
#[derive(Clone, Debug)]
pub(crate) struct Written(Arc<Source>);

impl PartialEq for Written {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What is known to be wrong with a recipe, and who looks on while it is trained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DoctorConfig {
    /// The findings that an exhibit, bad on purpose, must bring.
    pub expect: Vec<String>,
    /// Whether findings are told while it is trained.
    pub watch: bool,
    /// The faults that stop it, by the names of their rules.
    pub stop_on: Vec<String>,
}

impl Default for DoctorConfig {
    fn default() -> Self {
        Self { expect: Vec::new(), watch: true, stop_on: Vec::new() }
    }
}

/// What is put in that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FaultConfig {
    /// Its name among the faults; `none` puts in nothing.
    pub kind: String,
    /// How much of it, for those that can be more or less; 0 for what the fault itself takes.
    pub share: f32,
    /// The part of the model that it is put into, by the beginning of its path; empty for all.
    pub place: String,
}

/// The kind of a fault that is none: `--set fault.kind=none` takes out what a recipe puts in.
const NOTHING: &str = "none";

/// The tables of a recipe.
const TABLES: [&str; 6] = ["data", "tokenizer", "model", "train", "doctor", "fault"];

impl Recipe {
    /// Reads the file at `path`; `sets` are what stands behind `--set`: `train.lr=3e-4`.
    ///
    /// # Errors
    /// A file that cannot be read, or whatever [`Recipe::parse`] refuses.
    pub fn read(path: &Path, sets: &[String]) -> Result<Self, RecipeError> {
        let shown = path.display().to_string();
        let refuse = |fault: String| RecipeError {
            place: Place::File { path: shown.clone() },
            subject: "the text".into(),
            fault,
            help: format!("give the path of a recipe, a TOML file{}", sibling(path)),
        };
        let bytes = std::fs::read(path).map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|_| refuse("is not UTF-8".into()))?;
        Self::parse(&text, &shown, sets)
    }

    /// Reads the text of a recipe; `path` is what messages call it.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place and what is possible.
    pub fn parse(text: &str, path: &str, sets: &[String]) -> Result<Self, RecipeError> {
        let source = Source::read(text, path, sets)?;
        source.only(&TABLES, "a recipe has:")?;
        for table in TABLES {
            if let Some(value) = source.get(table).filter(|value| !value.is_object()) {
                let help = format!("it is a table, which begins with a line [{table}]");
                return Err(source.error((table, Side::Value), format!("`{table}`"), found(value), help));
            }
        }
        let data = data(&source)?;
        if !data.has_text() && source.get("tokenizer").is_some() {
            let help = match data.has_vectors() {
                true => "there is no text in these data; take the table out",
                false => "these data are ids already, and `vocabulary` in [data] says of what; take the table out",
            };
            return Err(source.error(("tokenizer", Side::Key), "[tokenizer]", "is of no use", help));
        }
        let (tokenizer, normalizer) = tokenizer(&source, &data)?;
        let doctor = DoctorConfig::deserialize(source.reader("doctor", &[]));
        let file = Path::new(path).file_name().map_or(path.into(), |name| name.to_string_lossy());
        let recipe = Self {
            name: file.trim_end_matches(".toml").into(),
            data,
            tokenizer,
            normalizer,
            model: members::read(&source, "model", &members::MODELS, None)?,
            train: train::read(&source)?,
            fault: fault(&source)?,
            doctor: doctor.map_err(|fault| source.refuse(fault, "doctor", "[doctor]", &[]))?,
            written: Written(Arc::new(source)),
        };
        recipe.must_take_its_fault()?;
        Ok(recipe)
    }

    /// Refuses a fault that would do nothing.
    fn must_take_its_fault(&self) -> Result<(), RecipeError> {
        let Some(FaultConfig { kind, share, .. }) = &self.fault else { return Ok(()) };
        let source = &self.written.0;
        if !(share.is_finite() && *share >= 0.0) {
            let help = "give a number above 0, or leave it out".to_owned();
            return Err(source.error(("fault.share", Side::Value), "`share`", format!("is {share}"), help));
        }
        let suits = |entry: &faults::Entry| (entry.suits)(self);
        if faults::Entry::named(kind).is_none_or(suits) {
            return Ok(());
        }
        let others = faults::ALL.iter().filter(|entry| suits(entry)).map(|entry| entry.name).collect::<Vec<_>>();
        let help = format!("faults that have are: {}", others.join(", "));
        Err(source.error(("fault.kind", Side::Value), format!("`{kind}`"), "has no meaning in this training", help))
    }

    /// What is put in that is wrong, on purpose.
    pub fn fault(&self) -> Option<Arc<dyn faults::Fault>> {
        let config = self.fault.as_ref()?;
        faults::Entry::named(&config.kind).map(|entry| (entry.build)(config))
    }

    /// What a builder refused in the settings of `table` ("model"), as a mistake of this recipe with its place.
    pub fn refuse(&self, table: &str, error: SettingError) -> RecipeError {
        members::refuse(&self.written.0, table, error)
    }

    /// Where a key stands, such as `train.lr`, or the table around it; none where neither is written.
    pub fn place_of(&self, key: &str) -> Option<Place> {
        Some(self.written.0.place(key, Side::Key)).filter(|place| !matches!(place, Place::File { .. }))
    }

    /// The text that it was read from, without what `--set` puts in its place.
    pub fn text(&self) -> &str {
        self.written.0.text()
    }

    /// The recipe with all that it means, defaults too; read again, it gives an equal one.
    pub fn to_toml(&self) -> String {
        #[derive(Serialize)]
        struct Tables<'r> {
            data: &'r DataConfig,
            #[serde(skip_serializing_if = "Option::is_none")]
            tokenizer: Option<Text<'r>>,
            model: &'r Member,
            train: &'r TrainConfig,
            doctor: &'r DoctorConfig,
            #[serde(skip_serializing_if = "Option::is_none")]
            fault: &'r Option<FaultConfig>,
        }
        #[derive(Serialize)]
        struct Text<'r> {
            #[serde(flatten)]
            tokenizer: &'r TokenizerConfig,
            #[serde(flatten)]
            normalizer: &'r NormalizerConfig,
        }
        let Self { data, tokenizer, normalizer, model, train, doctor, fault, name: _, written: _ } = self;
        let text = data.has_text().then_some(Text { tokenizer, normalizer });
        let tables = Tables { data, tokenizer: text, model, train, doctor, fault };
        toml::to_string(&tables).expect("a recipe is plain data")
    }
}

/// `[fault]`, where there is one.
fn fault(source: &Source) -> Result<Option<FaultConfig>, RecipeError> {
    if source.get("fault").is_none() {
        return Ok(None);
    }
    let kind = members::kind(source, "fault", || faults::ALL.iter().map(|entry| entry.name).chain([NOTHING]), None)?;
    if kind == NOTHING {
        return Ok(None);
    }
    let owner = format!("{kind} fault");
    FaultConfig::deserialize(source.reader("fault", &[]))
        .map(Some)
        .map_err(|fault| source.refuse(fault, "fault", &owner, &[]))
}

fn data(source: &Source) -> Result<DataConfig, RecipeError> {
    let kind = members::kind(source, "data", || rushlight_data::kinds::ALL.iter().map(|entry| entry.name), None)?;
    let owner = format!("data of kind {kind}");
    DataConfig::of_kind(&kind, source.reader("data", &["kind"]))
        .map_err(|fault| source.refuse(fault, "data", &owner, &[]))
}

/// `[tokenizer]` holds two things: the keys of the normaliser, and those of the tokenizer.
fn tokenizer(source: &Source, data: &DataConfig) -> Result<(TokenizerConfig, NormalizerConfig), RecipeError> {
    const AT: &str = "tokenizer";
    let usual = if data.is_of_words() { "word" } else { "character" };
    let kind =
        members::kind(source, AT, || rushlight_text::tokenizers::ALL.iter().map(|entry| entry.name), Some(usual))?;
    let owner = format!("{} tokenizer", with_article(&kind));
    let all = serde_json::to_value(NormalizerConfig::default()).expect("settings are plain data");
    let normal: Vec<&str> = all.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    let table = source.get(AT).and_then(Value::as_object);
    let others: Vec<&str> =
        table.into_iter().flatten().map(|(key, _)| key.as_str()).filter(|key| !normal.contains(key)).collect();
    let refuse = |fault| source.refuse(fault, AT, &owner, &normal);
    let normalizer = NormalizerConfig::deserialize(source.reader(AT, &others)).map_err(refuse)?;
    let except: Vec<&str> = normal.iter().copied().chain(["kind"]).collect();
    let tokenizer = TokenizerConfig::of_kind(&kind, source.reader(AT, &except)).map_err(refuse)?;
    Ok((tokenizer, normalizer))
}

/// " Did you mean ..?": the recipe beside a path that was probably meant.
fn sibling(path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    let asked = path.file_name().unwrap_or_default().to_string_lossy();
    match nearest(&asked, names.iter().map(String::as_str)) {
        Some(name) => format!(". Did you mean `{}`?", folder.join(name).display()),
        None => String::new(),
    }
}
