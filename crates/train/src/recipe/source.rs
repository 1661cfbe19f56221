//! The text of a recipe and the `--set`s on top of it, as one tree of values that remembers where each came from. Knows
//! TOML, and of recipes only that they are tables.

use super::words::{list, suggestion};
use super::{Place, RecipeError};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A table of values.
pub(super) type Table = Map<String, Value>;

/// A recipe before it is understood.
#[derive(Debug)]
pub(super) struct Source {
    path: String,
    text: String,
    sets: Vec<String>,
    root: Value,
    /// By path, such as `train.optimizer.kind`.
    origins: HashMap<String, Origin>,
}

/// Where a key and its value stand.
#[derive(Debug)]
enum Origin {
    File { key: Range<usize>, value: Range<usize> },
    Set(usize),
}

/// The side of a pair that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Key,
    Value,
}

impl Source {
    /// Reads `text`, then puts what `sets` say in its place.
    pub(super) fn read(text: &str, path: &str, sets: &[String]) -> Result<Self, RecipeError> {
        let root = Value::Object(Table::new());
        let mut source =
            Self { path: path.into(), text: text.into(), sets: sets.to_vec(), root, origins: HashMap::new() };
        let table = DeTable::parse(text).map_err(|error| source.not_toml(&error))?;
        let root = source.table(table.get_ref(), "")?;
        source.root = Value::Object(root);
        for number in 0..sets.len() {
            source.set(number)?;
        }
        Ok(source)
    }

    /// The value at a path, if there is one.
    pub(super) fn get(&self, at: &str) -> Option<&Value> {
        at.split('.').filter(|key| !key.is_empty()).try_fold(&self.root, |value, key| value.get(key))
    }

    /// A mistake at a path; where nothing stands there, at the nearest table around it.
    pub(super) fn error(
        &self,
        (at, side): (&str, Side),
        subject: impl Into<String>,
        fault: impl Into<String>,
        help: impl Into<String>,
    ) -> RecipeError {
        RecipeError { place: self.place(at, side), subject: subject.into(), fault: fault.into(), help: help.into() }
    }

    /// That a table has no other keys than `known`; `what` they are.
    pub(super) fn only(&self, known: &[&str], what: &str) -> Result<(), RecipeError> {
        let Some(table) = self.root.as_object() else { return Ok(()) };
        let Some((name, value)) = table.iter().find(|(name, _)| !known.contains(&name.as_str())) else { return Ok(()) };
        let subject =
            if value.is_object() { format!("unknown table [{name}]") } else { format!("unknown key `{name}`") };
        let tables = known.iter().map(|name| format!("[{name}]")).collect::<Vec<_>>();
        let help =
            format!("{what} {}{}", list(tables.iter().map(String::as_str)), suggestion(name, known.iter().copied()));
        Err(self.error((name, Side::Key), subject, "", help))
    }

    /// The text of the file.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where the path stands; where it does not, the nearest table around it.
    pub(super) fn place(&self, at: &str, side: Side) -> Place {
        let path = self.path.clone();
        match (self.origins.get(at), at.rsplit_once('.')) {
            (Some(Origin::Set(number)), _) => Place::Set { words: self.sets[*number].clone() },
            (Some(Origin::File { key, value }), _) => {
                let span = if side == Side::Key { key.clone() } else { value.clone() };
                Place::Line { path, line: self.line(span.start), span }
            }
            (None, Some((around, _))) => self.place(around, Side::Key),
            (None, None) => Place::File { path },
        }
    }

    fn line(&self, byte: usize) -> usize {
        1 + self.text.as_bytes()[..byte.min(self.text.len())].iter().filter(|&&byte| byte == b'\n').count()
    }

    fn not_toml(&self, error: &toml::de::Error) -> RecipeError {
        let span = error.span().unwrap_or(0..0);
        RecipeError {
            place: Place::Line { path: self.path.clone(), line: self.line(span.start), span },
            subject: "the text".into(),
            fault: "is not TOML".into(),
            help: format!("the reader says: {}", error.message().lines().collect::<Vec<_>>().join(", ")),
        }
    }

    fn table(&mut self, table: &DeTable<'_>, within: &str) -> Result<Table, RecipeError> {
        let mut values = Table::new();
        for (key, value) in table {
            let name = key.get_ref().to_string();
            let at = if within.is_empty() { name.clone() } else { format!("{within}.{name}") };
            // The span of a table reaches over its lines; its name is enough to find it.
            let span = if value.get_ref().is_table() { key.span() } else { value.span() };
            self.origins.insert(at.clone(), Origin::File { key: key.span(), value: span });
            values.insert(name, self.value(value.get_ref(), &at)?);
        }
        Ok(values)
    }

    fn value(&mut self, value: &DeValue<'_>, at: &str) -> Result<Value, RecipeError> {
        if let DeValue::Table(table) = value {
            return Ok(Value::Object(self.table(table, at)?));
        }
        plain(value).map_err(|(fault, help)| self.error((at, Side::Value), format!("`{at}`"), fault, help))
    }

    /// Puts in the value of `--set` number `number`.
    fn set(&mut self, number: usize) -> Result<(), RecipeError> {
        let words = self.sets[number].clone();
        let refuse = |subject: &str, fault: &str, help: &str| RecipeError {
            place: Place::Set { words: words.clone() },
            subject: format!("`{subject}`"),
            fault: fault.into(),
            help: help.into(),
        };
        let Some((at, value)) = words.split_once('=').map(|(at, value)| (at.trim(), value.trim())) else {
            return Err(refuse(&words, "has no value", "write a key, `=` and a value, such as `--set train.lr=3e-4`"));
        };
        let keys: Vec<&str> = at.split('.').map(str::trim).collect();
        if keys.len() < 2 || keys.contains(&"") {
            return Err(refuse(
                at,
                "names no key of a table",
                "write the table, a point and the key, such as `--set train.lr=3e-4`",
            ));
        }
        let value = set_value(value).map_err(|(fault, help)| refuse(at, &fault, &help))?;
        if let Some(other) = instead_of(at) {
            self.take(other);
        }
        let mut place = &mut self.root;
        for key in &keys {
            place = match place {
                Value::Object(table) => table.entry(*key).or_insert_with(|| Value::Object(Table::new())),
                _ => {
                    return Err(refuse(
                        at,
                        "goes below a key that is no table",
                        "leave out what stands behind that key",
                    ));
                }
            };
        }
        if place.as_object().is_some_and(|table| !table.is_empty()) && !value.is_object() {
            return Err(refuse(at, "is a whole table", "set its keys one by one"));
        }
        *place = value;
        for end in 1..=keys.len() {
            self.origins.entry(keys[..end].join(".")).or_insert(Origin::Set(number));
        }
        self.origins.insert(keys.join("."), Origin::Set(number));
        Ok(())
    }

    fn take(&mut self, at: &str) {
        let (table, key) = at.split_once('.').expect("take: a key in a table");
        if let Some(table) = self.root.get_mut(table).and_then(Value::as_object_mut) {
            table.remove(key);
        }
    }
}

/// Two keys of which only one may stand: to set one takes out the other.
fn instead_of(at: &str) -> Option<&'static str> {
    match at {
        "train.steps" => Some("train.epochs"),
        "train.epochs" => Some("train.steps"),
        "data.dataset" => Some("data.path"),
        "data.path" => Some("data.dataset"),
        _ => None,
    }
}

/// The value behind `--set key=`: TOML, or a bare word.
fn set_value(words: &str) -> Result<Value, (String, String)> {
    match DeValue::parse(words) {
        Ok(value) if !value.get_ref().is_datetime() => plain(value.get_ref()),
        Err(error) if words.starts_with(['"', '\'', '[', '{']) => {
            Err(("is given a value that is not TOML".into(), format!("the reader says: {}", error.message())))
        }
        Ok(_) | Err(_) => Ok(Value::String(words.into())),
    }
}

/// A value without places; what is wrong with it and what to do, where it is nothing that a recipe can hold.
fn plain(value: &DeValue<'_>) -> Result<Value, (String, String)> {
    Ok(match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(yes) => Value::Bool(*yes),
        DeValue::Integer(digits) => {
            let number = i64::from_str_radix(digits.as_str(), digits.radix());
            let too_large = |_| (format!("is {digits}"), format!("whole numbers go up to {}", i64::MAX));
            number
                .map_err(too_large)
                .map(|number| if number < 0 { number.into() } else { number.unsigned_abs().into() })?
        }
        DeValue::Float(digits) => {
            let number = digits.as_str().parse().ok().and_then(serde_json::Number::from_f64);
            number.map(Value::Number).ok_or_else(|| (format!("is {digits}"), "write a finite number".to_string()))?
        }
        DeValue::Datetime(date) => {
            return Err((format!("is the date {date}"), "put it in quotes to make it a string".into()));
        }
        DeValue::Array(values) => values.iter().map(|value| plain(value.get_ref())).collect::<Result<_, _>>()?,
        DeValue::Table(table) => {
            let mut values = Table::new();
            for (key, value) in table {
                values.insert(key.get_ref().to_string(), plain(value.get_ref())?);
            }
            Value::Object(values)
        }
    })
}
