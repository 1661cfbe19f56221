//! Settings: a table of a recipe becomes the `Config` of a member of a family, with errors that name the key. Knows no
//! file and no line; whoever read the file finds the line by the key.

use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::Value;
use std::cell::Cell;
use std::fmt::Display;

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// A key that there is not.
    #[error("unknown key `{key}`; {}", list(known))]
    UnknownKey {
        /// The key.
        key: String,
        /// Those that there are.
        known: &'static [&'static str],
    },
    /// A value that is not of its key's kind.
    #[error("`{key}`: {message}")]
    Kind {
        /// The key.
        key: String,
        /// What is wrong with the value.
        message: String,
    },
    /// A value that makes no sense, alone or beside the others.
    #[error("`{key}` is {value}, but must be {must}")]
    Range {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What is possible.
        must: String,
    },
    /// A missing key, or no table at all.
    #[error("{0}")]
    Table(String),
}

fn list(known: &[&str]) -> String {
    match known {
        [] => "there are no keys".into(),
        [only] => format!("the only key is `{only}`"),
        all => format!("the keys are `{}`", all.join("`, `")),
    }
}

/// Reads the `Config` of a member whose keys are `known`.
///
/// # Errors
/// When `table` is no table, or has a key that is not `known`, lacks a necessary one, or has a value of another kind.
pub fn read<T: DeserializeOwned>(table: &Value, known: &'static [&'static str]) -> Result<T, SettingError> {
    let Value::Object(map) = table else {
        return Err(SettingError::Table(format!("settings must be a table, but are {table}")));
    };
    if let Some(key) = map.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(SettingError::UnknownKey { key: key.clone(), known });
    }
    // serde's errors do not say which value was being read, so the key is noted as it is handed over.
    let reading = Cell::new(None);
    let mut entries = map.iter();
    let noted = std::iter::from_fn(|| {
        let next = entries.next();
        reading.set(next.map(|(key, _)| key));
        next.map(|(key, value)| (key.as_str(), value))
    });
    T::deserialize(MapDeserializer::new(noted)).map_err(|error: serde_json::Error| match reading.get() {
        Some(key) => SettingError::Kind { key: key.clone(), message: error.to_string() },
        None => SettingError::Table(error.to_string()),
    })
}

/// Refuses a value outside its range.
pub(crate) fn require(
    fits: bool,
    key: &'static str,
    value: impl Display,
    must: impl Into<String>,
) -> Result<(), SettingError> {
    if fits { Ok(()) } else { Err(SettingError::Range { key, value: value.to_string(), must: must.into() }) }
}

/// Refuses what is not a finite number from 0 on.
pub(crate) fn require_from_zero(key: &'static str, value: f64) -> Result<(), SettingError> {
    require(value >= 0.0 && value.is_finite(), key, value, "a number from 0 on")
}

/// Refuses what is not within [0, 1).
pub(crate) fn require_share(key: &'static str, value: f64) -> Result<(), SettingError> {
    require((0.0..1.0).contains(&value), key, value, "at least 0 and below 1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Config {
        rate: f64,
        #[serde(default)]
        every_steps: u64,
    }

    fn check(table: Value, message: &str) {
        let error = read::<Config>(&table, &["rate", "every_steps"]).unwrap_err();
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn a_good_table_is_read_and_may_leave_out_what_has_a_default() {
        let config: Config = read(&json!({"rate": 1}), &["rate", "every_steps"]).unwrap();
        assert_eq!((config.rate, config.every_steps), (1.0, 0));
    }

    #[test]
    fn an_unknown_key_is_named_with_those_that_there_are() {
        check(json!({"rat": 0.1}), "unknown key `rat`; the keys are `rate`, `every_steps`");
    }

    #[test]
    fn a_value_of_another_kind_is_named_by_its_key() {
        check(json!({"rate": 0.1, "every_steps": -3}), "`every_steps`: invalid value: integer `-3`, expected u64");
    }

    #[test]
    fn a_missing_key_is_named() {
        check(json!({"every_steps": 3}), "missing field `rate`");
    }

    #[test]
    fn what_is_no_table_is_refused() {
        check(json!([1]), "settings must be a table, but are [1]");
    }
}
