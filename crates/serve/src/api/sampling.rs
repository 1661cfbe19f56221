//! How tokens shall be chosen, as OpenAI's requests say it, with ranges.

use super::asked;
use crate::catalogue::Served;
use crate::engine::Sampling;
use crate::error::ApiError;
use axum::http::StatusCode;
use rushlight_models::decode::Strategy;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// The most stop strings, as OpenAI has it, and the most bytes of one.
const MOST_STOPS: usize = 4;
const LONGEST_STOP: usize = 256;
/// The most texts of a request.
const MOST_TEXTS: usize = 16;
/// The most of the likeliest tokens that are told.
const MOST_TOLD: usize = 20;

/// What chat and completions have in common.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct Choosing {
    /// Logits are divided by it, 0 to 2; 0 takes the likeliest token. 1 unless told otherwise.
    temperature: Option<f32>,
    /// Only the likeliest tokens that together hold this probability, 0 to 1; 1 keeps all.
    top_p: Option<f32>,
    /// Only the k likeliest tokens; 0 keeps all. Not in OpenAI's API.
    top_k: Option<usize>,
    /// Logits of tokens in the text so far are made less likely by this factor; 1 leaves them. Not in OpenAI's API.
    repetition_penalty: Option<f32>,
    /// No run of so many tokens is written twice; 0 lets it. Not in OpenAI's API.
    no_repeat: Option<usize>,
    /// Taken off the logit of a token for each time that it was written, -2 to 2.
    frequency_penalty: Option<f32>,
    /// Taken off the logit of each token that was written, -2 to 2.
    presence_penalty: Option<f32>,
    /// Added to the logits of tokens, by their ids, -100 to 100.
    logit_bias: Option<BTreeMap<String, f32>>,
    /// Strings that end the text and are not part of it; one, or up to four.
    stop: Option<OneOrMany>,
    /// How many texts; 1 unless told otherwise.
    n: Option<usize>,
    /// The same seed and request, the same text, whoever else asks at the same time.
    seed: Option<i64>,
    /// Tokens as they are written, by server-sent events.
    stream: Option<bool>,
    /// What a stream tells besides its text.
    stream_options: Option<StreamOptions>,
}

/// What a stream tells besides its text.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct StreamOptions {
    /// A last event with the numbers of tokens.
    include_usage: Option<bool>,
}

/// A string or several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn into_all(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// The same, checked.
pub(crate) struct Chosen {
    pub(crate) sampling: Sampling,
    pub(crate) stops: Vec<String>,
    pub(crate) texts: usize,
    pub(crate) seed: Option<u64>,
    pub(crate) streams: bool,
    pub(crate) tells_usage: bool,
}

impl Choosing {
    /// Refuses what is out of range. `tells` is how many of the likeliest tokens are asked for with each.
    pub(crate) fn checked(self, served: &Served, tells: Option<usize>) -> Result<Chosen, ApiError> {
        let temperature = within("temperature", self.temperature, 1.0, 0.0, 2.0)?;
        let top_p = within("top_p", self.top_p, 1.0, 0.0, 1.0)?;
        let repetition_penalty = within("repetition_penalty", self.repetition_penalty, 1.0, 0.01, 100.0)?;
        let frequency = within("frequency_penalty", self.frequency_penalty, 0.0, -2.0, 2.0)?;
        let presence = within("presence_penalty", self.presence_penalty, 0.0, -2.0, 2.0)?;
        let texts = self.n.unwrap_or(1);
        if !(1..=MOST_TEXTS).contains(&texts) {
            return Err(ApiError::of("n", format!("`n` is {texts}; it must be 1 to {MOST_TEXTS}")));
        }
        if tells.is_some_and(|tells| tells > MOST_TOLD) {
            return Err(ApiError::of(
                "logprobs",
                format!("at most {MOST_TOLD} of the likeliest tokens are told with each"),
            ));
        }
        let streams = self.stream.unwrap_or(false);
        if self.stream_options.is_some() && !streams {
            return Err(ApiError::of("stream_options", "`stream_options` goes with `\"stream\": true`"));
        }
        let (top_k, no_repeat) = (self.top_k.unwrap_or(0), self.no_repeat.unwrap_or(0));
        let strategy = Strategy { temperature, top_k, top_p, repetition_penalty, no_repeat };
        let bias = bias(self.logit_bias.unwrap_or_default(), served.tokenizer.vocab_size())?;
        Ok(Chosen {
            sampling: Sampling { strategy, frequency, presence, bias, tells },
            stops: stops(self.stop)?,
            texts,
            seed: self.seed.map(i64::cast_unsigned),
            streams,
            tells_usage: self.stream_options.and_then(|options| options.include_usage).unwrap_or(false),
        })
    }
}

fn within(name: &str, given: Option<f32>, usual: f32, least: f32, most: f32) -> Result<f32, ApiError> {
    match given {
        None => Ok(usual),
        Some(value) if (least..=most).contains(&value) => Ok(value),
        Some(value) => Err(ApiError::of(name, format!("`{name}` is {value}; it must be {least} to {most}"))),
    }
}

fn stops(given: Option<OneOrMany>) -> Result<Vec<String>, ApiError> {
    let stops = given.map(OneOrMany::into_all).unwrap_or_default();
    let message = if stops.len() > MOST_STOPS {
        format!("`stop` has {} strings; it may have {MOST_STOPS}", stops.len())
    } else if stops.iter().any(String::is_empty) {
        "`stop` has an empty string, which would end every text before it begins; leave it out".to_owned()
    } else if stops.iter().any(|stop| stop.len() > LONGEST_STOP) {
        format!("`stop` has a string of more than {LONGEST_STOP} bytes; give a shorter one")
    } else {
        return Ok(stops);
    };
    Err(ApiError::of("stop", message))
}

fn bias(given: BTreeMap<String, f32>, vocabulary: usize) -> Result<Vec<(u32, f32)>, ApiError> {
    let one = |(token, bias): (String, f32)| {
        let id = token.parse::<u32>().ok().filter(|&id| (id as usize) < vocabulary);
        let known = id.ok_or_else(|| {
            let message = format!(
                "`logit_bias` names `{}`; it takes ids of tokens, 0 to {}",
                token.escape_debug(),
                vocabulary - 1
            );
            ApiError::of("logit_bias", message)
        })?;
        Ok((known, within("logit_bias", Some(bias), 0.0, -100.0, 100.0)?))
    };
    given.into_iter().map(one).collect()
}

/// How many tokens may be written: as asked, or `usual`.
pub(crate) fn most_tokens(name: &str, asked: Option<usize>, usual: usize, limit: usize) -> Result<usize, ApiError> {
    match asked {
        None => Ok(usual.min(limit)),
        Some(asked) if (1..=limit).contains(&asked) => Ok(asked),
        Some(asked) => Err(ApiError::of(name, format!("`{name}` is {asked}; it must be 1 to {limit} on this server"))),
    }
}

/// A request's own keys, how it chooses tokens, and the keys that are neither.
pub(crate) fn split<T: DeserializeOwned>(body: &Value) -> Result<(T, Choosing, BTreeMap<String, Value>), ApiError> {
    let (mut not_own, mut not_common) = (BTreeSet::new(), BTreeSet::new());
    let request = read(body, &mut not_own)?;
    let choosing = read(body, &mut not_common)?;
    let value = |name: &String| Some((name.clone(), body.get(name)?.clone()));
    Ok((request, choosing, not_own.intersection(&not_common).filter_map(value).collect()))
}

/// Reads what `T` knows of; `unknown` gets the keys that it does not.
fn read<T: DeserializeOwned>(body: &Value, unknown: &mut BTreeSet<String>) -> Result<T, ApiError> {
    let mut note = |path: serde_ignored::Path| {
        unknown.insert(path.to_string());
    };
    serde_path_to_error::deserialize(serde_ignored::Deserializer::new(body, &mut note)).map_err(asked::wrong)
}

/// Refuses keys that are not known, as OpenAI does, and those that ask for what models here do not do.
pub(crate) fn refuse_others(
    others: &BTreeMap<String, Value>,
    ignored: &[&str],
    undone: &[(&str, &str)],
) -> Result<(), ApiError> {
    let refused = |code, name: &str, message| Err(ApiError::new(StatusCode::BAD_REQUEST, code, message).about(name));
    for (name, value) in others {
        let asks_nothing = match value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(all) => all.is_empty(),
            Value::String(text) => matches!(&text[..], "" | "none" | "auto"),
            Value::Object(all) => all.is_empty() || all.get("type").is_some_and(|kind| kind == "text"),
            Value::Bool(true) | Value::Number(_) => false,
        };
        match undone.iter().find(|(undone, _)| undone == name) {
            Some((_, why)) if !asks_nothing => {
                let message = format!("`{name}` is not possible here: {why}; leave it out");
                return refused("unsupported_parameter", name, message);
            }
            None if !ignored.contains(&name.as_str()) => {
                let message = format!("there is no key `{}` in this request; leave it out", name.escape_debug());
                return refused("unknown_parameter", name, message);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Keys that change nothing for models like these.
pub(crate) const IGNORED: &[&str] = &[
    "user",
    "store",
    "metadata",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "parallel_tool_calls",
    "reasoning_effort",
    "verbosity",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    struct Own {
        model: String,
    }

    fn check(body: &Value, expected: &str) {
        let refused = || {
            let (_, _, others) = split::<Own>(body)?;
            refuse_others(&others, IGNORED, &[("tools", "nothing is called")])
        };
        let told = serde_json::to_string(&refused().unwrap_err().body()).unwrap();
        assert!(told.contains(expected), "{told}");
    }

    #[test]
    fn keys_are_known_ignored_or_refused_by_name() {
        let (own, choosing, others) =
            split::<Own>(&json!({"model": "a", "temperature": 0.5, "user": "ada", "tools": []})).unwrap();
        assert_eq!((own.model.as_str(), choosing.temperature), ("a", Some(0.5)));
        assert_eq!(others.keys().collect::<Vec<_>>(), ["tools", "user"]);
        assert!(refuse_others(&others, IGNORED, &[("tools", "nothing is called")]).is_ok());
        check(&json!({"model": "a", "tools": [{}]}), "`tools` is not possible here: nothing is called");
        check(&json!({"model": "a", "temprature": 1}), "there is no key `temprature`");
    }

    #[test]
    fn a_wrong_kind_of_value_is_told_with_its_key() {
        check(&json!({"model": 3}), "\"param\":\"model\"");
        check(&json!({"model": "a", "temperature": "hot"}), "\"param\":\"temperature\"");
        check(&json!({"model": "a", "stream_options": {"include_usage": 1}}), "stream_options.include_usage");
        check(&json!([]), "invalid length 0");
    }

    #[test]
    fn absurd_numbers_are_refused_with_their_ranges() {
        for (name, value) in [("temperature", -1.0), ("temperature", 2.5), ("top_p", 1.1), ("presence_penalty", 3.0)] {
            assert!(within(name, Some(value), 1.0, 0.0, 2.0).is_err() || name != "temperature", "{name} {value}");
        }
        assert!(most_tokens("max_tokens", Some(0), 16, 100).is_err());
        assert!(most_tokens("max_tokens", Some(101), 16, 100).is_err());
        assert_eq!(most_tokens("max_tokens", None, 256, 100).unwrap(), 100);
        assert!(stops(Some(OneOrMany::One(String::new()))).is_err());
        assert!(stops(Some(OneOrMany::Many(vec!["a".into(); 5]))).is_err());
        assert!(bias(BTreeMap::from([("65".into(), 1.0)]), 65).is_err());
        assert!(bias(BTreeMap::from([("64".into(), 101.0)]), 65).is_err());
    }
}
