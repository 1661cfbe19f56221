//! Numbers in JSON that survive being NaN or infinite. JSON has neither, and a run that fails
//! is exactly the run whose numbers we want to read back, so they are written as the strings
//! `"NaN"`, `"inf"` and `"-inf"`. A `null`, as other programs write it, reads as NaN.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// One number; `#[serde(with = "number")]`.
pub(crate) fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    Real(*value).serialize(to)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Real::deserialize(from).map(|real| real.0)
}

/// A list of numbers; `#[serde(with = "number::list")]`.
pub(crate) mod list {
    use super::{Deserialize, Deserializer, Real, Serializer};

    pub(crate) fn serialize<S: Serializer>(values: &[f64], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(values.iter().map(|value| Real(*value)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        let reals = Vec::<Real>::deserialize(from)?;
        Ok(reals.into_iter().map(|real| real.0).collect())
    }
}

/// A number that need not be there; `#[serde(default, with = "number::maybe")]`.
pub(crate) mod maybe {
    use super::{Deserialize, Deserializer, Real, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        value.map(Real).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        Ok(Option::<Real>::deserialize(from)?.map(|real| real.0))
    }
}

struct Real(f64);

impl Serialize for Real {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            to.serialize_f64(self.0)
        } else if self.0.is_nan() {
            to.serialize_str("NaN")
        } else if self.0 > 0.0 {
            to.serialize_str("inf")
        } else {
            to.serialize_str("-inf")
        }
    }
}

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(RealVisitor)
    }
}

struct RealVisitor;

impl Visitor<'_> for RealVisitor {
    type Value = Real;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a number, \"NaN\", \"inf\" or \"-inf\"")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Real, E> {
        Ok(Real(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Real, E> {
        Ok(Real(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Real, E> {
        Ok(Real(value as f64))
    }

    fn visit_unit<E: Error>(self) -> Result<Real, E> {
        Ok(Real(f64::NAN))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Real, E> {
        match text {
            "NaN" => Ok(Real(f64::NAN)),
            "inf" => Ok(Real(f64::INFINITY)),
            "-inf" => Ok(Real(f64::NEG_INFINITY)),
            other => Err(E::invalid_value(serde::de::Unexpected::Str(other), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Holder {
        #[serde(with = "super")]
        one: f64,
        #[serde(with = "super::list")]
        many: Vec<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none", with = "super::maybe")]
        perhaps: Option<f64>,
    }

    #[test]
    fn what_json_cannot_say_is_written_as_words() {
        let holder = Holder { one: f64::NAN, many: vec![f64::INFINITY, f64::NEG_INFINITY, 1.5], perhaps: None };
        assert_eq!(serde_json::to_string(&holder).unwrap(), r#"{"one":"NaN","many":["inf","-inf",1.5]}"#);
    }

    #[test]
    fn it_comes_back_as_it_was() {
        let text = r#"{"one":"NaN","many":["inf","-inf",1.5,3,-2],"perhaps":0.1}"#;
        let holder: Holder = serde_json::from_str(text).unwrap();
        assert!(holder.one.is_nan());
        assert_eq!(holder.many, [f64::INFINITY, f64::NEG_INFINITY, 1.5, 3.0, -2.0]);
        assert_eq!(holder.perhaps, Some(0.1));
    }

    #[test]
    fn null_is_not_a_number() {
        let holder: Holder = serde_json::from_str(r#"{"one":null,"many":[null]}"#).unwrap();
        assert!(holder.one.is_nan() && holder.many[0].is_nan());
    }

    #[test]
    fn other_words_are_refused_with_what_is_possible() {
        let error = serde_json::from_str::<Holder>(r#"{"one":"many","many":[]}"#).err().unwrap();
        assert!(error.to_string().contains("expected a number, \"NaN\", \"inf\""), "{error}");
    }
}
