//! From a tree of values to a `Config`: a serde deserializer that knows at each moment where it is, so that a mistake can
//! be shown where it stands. Keeps serde's answers as data; `refuse` makes sentences of them.

use super::RecipeError;
use super::source::{Side, Source, Table};
use super::words::{expected, found, list, suggestion};
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value;
use std::fmt;

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct Reader<'v> {
    value: &'v Value,
    at: String,
}

/// A table that leaves some keys to others.
pub(super) struct TableReader<'v> {
    entries: Vec<(&'v String, &'v Value)>,
    at: String,
}

/// What serde finds wrong, and where.
#[derive(Debug)]
pub(super) struct Fault {
    at: Option<(String, Side)>,
    what: What,
}

#[derive(Debug)]
enum What {
    UnknownKey(&'static [&'static str]),
    Missing(&'static str),
    Word { asked: String, known: &'static [&'static str] },
    Kind(String),
    Other(String),
}

impl Source {
    /// The table at a path (an empty one where there is none) without the keys `except`.
    pub(super) fn reader(&self, at: &str, except: &[&str]) -> TableReader<'_> {
        let table = self.get(at).and_then(Value::as_object);
        let entries = table.into_iter().flatten().filter(|(key, _)| !except.contains(&key.as_str()));
        TableReader { entries: entries.collect(), at: at.to_string() }
    }

    /// The sentence about a fault found while the table at `table` was read. `owner` has its keys: "an lstm"; `more` are
    /// keys of that table that somebody else has read.
    pub(super) fn refuse(&self, fault: Fault, table: &str, owner: &str, more: &[&str]) -> RecipeError {
        let (at, side) = fault.at.unwrap_or_else(|| (table.to_string(), Side::Key));
        let (around, key) = at.rsplit_once('.').unwrap_or(("", &at));
        let (owner, more) = if around == table { (owner.to_string(), more) } else { (format!("[{around}]"), &[][..]) };
        let subject = if around.is_empty() { format!("[{key}]") } else { format!("`{key}` in [{around}]") };
        let value = || found(self.get(&at).unwrap_or(&Value::Null));
        let (subject, fault, help) = match fault.what {
            What::UnknownKey(own) => {
                let known = || own.iter().chain(more).copied();
                let help = format!("{owner} has: {}{}", list(known()), suggestion(key, known()));
                (format!("unknown key {subject}"), String::new(), help)
            }
            What::Missing(missing) => {
                (format!("`{missing}` in [{at}]"), "is missing".into(), "it has no default; write it".into())
            }
            What::Word { asked, known } => {
                let help = format!(
                    "it is one of: {}{}",
                    list(known.iter().copied()),
                    suggestion(&asked, known.iter().copied())
                );
                (subject, format!("is `{asked}`"), help)
            }
            What::Kind(kind) => (subject, value(), format!("it is {}", expected(&kind))),
            What::Other(sentence) => (subject, value(), sentence),
        };
        self.error((&at, side), subject, fault, help)
    }
}

impl Fault {
    fn of(what: What) -> Self {
        Self { at: None, what }
    }

    /// The first to know the place says it.
    fn at(mut self, at: &str, side: Side) -> Self {
        self.at.get_or_insert_with(|| (at.to_string(), side));
        self
    }
}

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::of(What::Other(message.to_string()))
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::of(What::Kind(expected.to_string()))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::of(What::Kind(expected.to_string()))
    }

    fn unknown_variant(asked: &str, known: &'static [&'static str]) -> Self {
        Self::of(What::Word { asked: asked.to_string(), known })
    }

    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        Self::of(What::UnknownKey(known))
    }

    fn missing_field(key: &'static str) -> Self {
        Self::of(What::Missing(key))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.what)
    }
}

impl std::error::Error for Fault {}

impl<'v> TableReader<'v> {
    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let at = self.at.clone();
        visitor
            .visit_map(Pairs { entries: self.entries.into_iter(), at: self.at, next: None })
            .map_err(|fault| fault.at(&at, Side::Key))
    }
}

impl<'de> Deserializer<'de> for TableReader<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'v> Reader<'v> {
    fn table(self, table: &'v Table) -> TableReader<'v> {
        TableReader { entries: table.iter().collect(), at: self.at }
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let at = self.at.clone();
        let read = match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(yes) => visitor.visit_bool(*yes),
            Value::String(text) => visitor.visit_str(text),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Value::Array(values) => visitor.visit_seq(Items { values: values.iter(), at: self.at }),
            Value::Object(table) => return self.table(table).visit(visitor),
        };
        read.map_err(|fault| fault.at(&at, Side::Value))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let at = self.at.clone();
        let read = match self.value {
            Value::String(word) => visitor.visit_enum(StrDeserializer::new(word)),
            Value::Object(table) if table.len() == 1 => visitor.visit_enum(self.table(table)),
            _ => Err(Fault::of(What::Kind(format!("one of: {}", list(words.iter().copied()))))),
        };
        read.map_err(|fault| fault.at(&at, Side::Value))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'v> {
    values: std::slice::Iter<'v, Value>,
    at: String,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        self.values.next().map(|value| seed.deserialize(Reader { value, at: self.at.clone() })).transpose()
    }
}

struct Pairs<'v> {
    entries: std::vec::IntoIter<(&'v String, &'v Value)>,
    at: String,
    next: Option<(&'v String, &'v Value)>,
}

impl<'de> MapAccess<'de> for Pairs<'_> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        self.next = self.entries.next();
        let Some((key, _)) = self.next else { return Ok(None) };
        let read = seed.deserialize(StrDeserializer::new(key));
        read.map(Some).map_err(|fault: Fault| fault.at(&format!("{}.{key}", self.at), Side::Key))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let (key, value) = self.next.take().expect("recipe reader: a value before its key");
        let at = format!("{}.{key}", self.at);
        // What a value's own reading refuses, after it was read.
        seed.deserialize(Reader { value, at: at.clone() }).map_err(|fault: Fault| fault.at(&at, Side::Value))
    }
}

/// An enum written `{ word = value }`.
impl<'de, 'v> EnumAccess<'de> for TableReader<'v> {
    type Error = Fault;
    type Variant = Reader<'v>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Reader<'v>), Fault> {
        let (word, value) = self.entries[0];
        let at = format!("{}.{word}", self.at);
        let read = seed.deserialize(IntoDeserializer::<Fault>::into_deserializer(word.as_str()));
        read.map_err(|fault| fault.at(&at, Side::Key)).map(|variant| (variant, Reader { value, at }))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Err(Fault::of(What::Other("it takes no value; write the word alone, in quotes".into())).at(&self.at, Side::Key))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_any(visitor)
    }
}
