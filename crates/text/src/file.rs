//! tokenizer.json: the file of a tokenizer, in the format of Hugging Face's `tokenizers`, which can load it.
//!
//! We read what we write and refuse the rest: a file that only looks alike would give other ids without a word.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::tokenizers::ALL;
use crate::vocabulary::{BOUNDARY, Vocabulary};
use crate::{NormalizerConfig, TextError, Tokenizer};

impl Tokenizer {
    /// The text of a tokenizer.json.
    pub fn to_json(&self) -> String {
        format!("{:#}\n", self.to_value())
    }

    /// Reads what [`Tokenizer::to_json`] wrote.
    ///
    /// # Errors
    /// Text that is not JSON, or JSON of another kind.
    pub fn from_json(text: &str) -> Result<Self, TextError> {
        let json: Value = serde_json::from_str(text).map_err(|error| TextError::NotJson(error.to_string()))?;
        let normalizer = match &json["normalizer"] {
            _ if !json["model"].is_object() => {
                return Err(TextError::Foreign("it has no `model`".to_string()));
            }
            steps => NormalizerConfig::from_json(steps).ok_or_else(|| {
                TextError::Foreign("its `normalizer` has steps that Rushlight does not know".to_string())
            })?,
        };
        for member in ALL {
            if let Some(trained) = (member.read)(&json)? {
                return Tokenizer { normalizer, trained }.if_it_writes(&json);
            }
        }
        let model = &json["model"]["type"];
        Err(TextError::Foreign(format!("its model is {model} with a way of cutting text that Rushlight does not know")))
    }

    /// Itself, if its own file is the one that it was read from: no setting in it was overlooked.
    fn if_it_writes(self, json: &Value) -> Result<Self, TextError> {
        let own = self.to_value();
        let keys = own.as_object().into_iter().chain(json.as_object()).flat_map(Map::keys);
        match keys.into_iter().find(|key| own.get(key) != json.get(key)) {
            Some(key) => Err(TextError::Foreign(format!("its `{key}` says something that Rushlight does not do"))),
            None => Ok(self),
        }
    }

    /// Writes a tokenizer.json. The file is there whole or not at all.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn save(&self, path: &Path) -> Result<(), TextError> {
        let error = |source| TextError::File { path: path.to_path_buf(), done: "written", source };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let aside = path.with_file_name(format!(".{name}.{}.aside", std::process::id()));
        let written = std::fs::write(&aside, self.to_json()).and_then(|()| std::fs::rename(&aside, path));
        if written.is_err() {
            // The first error is the one worth telling; a leftover is only untidy.
            let _ = std::fs::remove_file(&aside);
        }
        written.map_err(error)
    }

    /// Reads a tokenizer.json.
    ///
    /// # Errors
    /// A file that is missing, not JSON, or of another kind; the message names it.
    pub fn load(path: &Path) -> Result<Self, TextError> {
        let error = |source| TextError::File { path: path.to_path_buf(), done: "read", source };
        let text = std::fs::read_to_string(path).map_err(error)?;
        Tokenizer::from_json(&text)
            .map_err(|source| TextError::InFile { path: path.to_path_buf(), source: Box::new(source) })
    }

    pub(crate) fn to_value(&self) -> Value {
        let vocabulary = &self.trained.vocabulary;
        let own = self.trained.scheme.json(vocabulary);
        json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": vocabulary.boundary.map(boundary_json).into_iter().collect::<Vec<_>>(),
            "normalizer": self.normalizer.to_json(),
            "pre_tokenizer": own["pre_tokenizer"],
            "post_processor": null,
            "decoder": own["decoder"],
            "model": own["model"],
        })
    }
}

fn boundary_json(id: u32) -> Value {
    json!({
        "id": id, "content": BOUNDARY, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true
    })
}

/// The model of the members whose tokens are looked up whole. The format wants an unknown token even where there is none.
pub(crate) fn word_level(vocabulary: &Vocabulary, unknown: &str) -> Value {
    let ids: Map<String, Value> = vocabulary.tokens().map(String::from).zip((0u32..).map(Value::from)).collect();
    json!({ "type": "WordLevel", "vocab": ids, "unk_token": unknown })
}

/// Reads what [`word_level`] and [`boundary_json`] wrote.
pub(crate) fn read_word_level(json: &Value) -> Result<Vocabulary, TextError> {
    let foreign = |what: &str| TextError::Foreign(what.to_string());
    let model = &json["model"];
    let tokens = tokens_of(model)?;
    let boundary = match json["added_tokens"].as_array().map(Vec::as_slice) {
        Some([]) => false,
        Some([only]) if *only == boundary_json(0) => true,
        _ => return Err(foreign("its special tokens are not those of Rushlight")),
    };
    let unknown = model["unk_token"].as_str().filter(|&token| !model["vocab"][token].is_null());
    Vocabulary::from_tokens(tokens, boundary, unknown)
        .ok_or_else(|| foreign("its special tokens are not in its `vocab`"))
}

/// The tokens in the `vocab` of a model, in the order of their ids, which must be 0, 1, 2 and so on.
pub(crate) fn tokens_of(model: &Value) -> Result<Vec<String>, TextError> {
    let foreign = |what: String| TextError::Foreign(what);
    let ids = model["vocab"].as_object().ok_or_else(|| foreign("its model has no `vocab`".to_string()))?;
    let pairs: Option<Vec<(&String, u64)>> = ids.iter().map(|(token, id)| Some((token, id.as_u64()?))).collect();
    let mut pairs = pairs.ok_or_else(|| foreign("an id in its `vocab` is not a whole number".to_string()))?;
    pairs.sort_unstable_by_key(|&(_, id)| id);
    match (0..).zip(&pairs).find(|(place, (_, id))| place != id) {
        Some((place, _)) => Err(foreign(format!("id {place} is missing from its `vocab`, or there twice"))),
        None => Ok(pairs.into_iter().map(|(token, _)| token.clone()).collect()),
    }
}
