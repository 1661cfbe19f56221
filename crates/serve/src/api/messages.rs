//! `/v1/conversations/{id}/messages`: what somebody says, and the reply with all that led to it.

use super::asked::Asked;
use super::stream::{event, headers};
use super::whose::{Named, Whose};
use super::{App, blocking};
use crate::error::{ApiError, ErrorBody};
use crate::hosted::Told;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use rushlight_assistant::memory::{self, FeedbackRow};
use rushlight_assistant::recognise::{self, Finder, sentence::SentenceKind};
use rushlight_assistant::{Act, Reply, Role, Source};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use utoipa::ToSchema;

/// Something said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Say {
    /// What is said.
    text: String,
    /// How many messages the writer has seen; where others came meanwhile, this one is refused.
    after: Option<u64>,
    /// Whether the reply comes as server-sent events.
    #[serde(default)]
    stream: bool,
}

/// A message.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    /// Its number in the conversation, from 1.
    number: u64,
    /// `user` or `assistant`.
    #[schema(value_type = String)]
    role: Role,
    text: String,
    /// When, in seconds since 1970.
    at: i64,
    /// Of a reply: what led to it.
    #[serde(flatten)]
    why: Option<Why>,
    /// Of a reply: what its reader thought of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<Given>,
}

/// What led to a reply.
#[derive(Serialize, ToSchema)]
pub(crate) struct Why {
    /// `answer`, `ask`, `confirm`, `clarify`, `cancel`, `profile`, `fallback` or `refuse`.
    #[schema(value_type = String)]
    act: Act,
    /// `template`, `retrieval` or `generator`.
    #[schema(value_type = String)]
    source: Source,
    /// How sure it is, 0 to 1.
    confidence: f64,
    /// What it took the message to want.
    intent: Option<String>,
    /// What the message may have wanted, the likeliest first.
    considered: Vec<Considered>,
    /// What was found in the message.
    entities: Vec<Entity>,
    /// `question`, `command` or `statement`.
    #[schema(value_type = String)]
    sentence: SentenceKind,
    /// The known question that was nearest.
    question: Option<String>,
    /// What is now known completely, and can be carried out.
    finished: Option<Finished>,
    /// Whether the message or the reply was refused.
    refused: bool,
}

/// What a message may have wanted.
#[derive(Serialize, ToSchema)]
pub(crate) struct Considered {
    intent: String,
    probability: f64,
}

/// Something that was found in a message.
#[derive(Serialize, ToSchema)]
pub(crate) struct Entity {
    /// A recogniser, a list, or a slot.
    kind: String,
    /// As it was written.
    text: String,
    /// In normal form.
    value: String,
    /// Where it begins, in bytes.
    start: usize,
    /// Where it ends.
    end: usize,
    /// How sure that is, 0 to 1.
    sure: f64,
    /// `recogniser`, `list` or `learnt`.
    #[schema(value_type = String)]
    by: Finder,
}

/// What can be carried out.
#[derive(Serialize, ToSchema)]
pub(crate) struct Finished {
    intent: String,
    slots: BTreeMap<String, String>,
}

/// What a reader thought of a reply.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Given {
    /// `up` or `down`.
    thumb: Option<&'static str>,
    /// What should have been replied.
    reply: Option<String>,
    /// What was meant.
    intent: Option<String>,
}

/// Says something, and is replied to. When the answer comes, both are on the disk. A reply is chosen among candidates before its
/// first word, so a stream is words as they are shown and not as they are written: `{"delta": "word "}` each, then
/// `{"message": {...}}`, then `[DONE]`.
#[utoipa::path(post, path = "/v1/conversations/{id}/messages", request_body = Say,
    params(("id" = String, Path, description = "The conversation"), Named),
    responses((status = 200, body = Message, description = "The reply; with `stream` as server-sent events"),
        (status = 409, body = ErrorBody, description = "Others wrote meanwhile; nothing was kept"),
        (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn say(
    State(app): State<Arc<App>>,
    Whose(user): Whose,
    Path(id): Path<String>,
    Asked(Say { text, after, stream }): Asked<Say>,
) -> Result<Response, ApiError> {
    let hosted = app.hosted()?;
    let Some(place) = app.engine.load.places(1) else {
        app.metrics.refused.fetch_add(1, Relaxed);
        let message = "as many requests wait already as may; come again in a moment";
        return Err(ApiError::later("queue_full", Duration::from_secs(1), message));
    };
    let told = blocking(app.limits.timeout, move || {
        let _place = place;
        Ok(hosted.hear(&user, &id, &text, after)?)
    });
    let message = Message::from(told.await?);
    if !stream {
        return Ok(Json(message).into_response());
    }
    let words = message.text.split_inclusive(char::is_whitespace).map(|word| event(&json!({"delta": word})));
    let mut events: String = words.collect();
    events += &event(&json!({"message": message}));
    events += "data: [DONE]\n\n";
    Ok((headers(), events).into_response())
}

impl Message {
    /// A message that was kept, with what was thought of it.
    pub(super) fn of(kept: memory::Message, feedback: &[FeedbackRow]) -> Self {
        let of_this: Vec<&FeedbackRow> = feedback.iter().filter(|row| row.number == kept.number).collect();
        let given = of_this.iter().fold(Given::default(), |given, row| Given {
            thumb: row.thumb.map(|is_good| if is_good { "up" } else { "down" }).or(given.thumb),
            reply: row.better.clone().or(given.reply),
            intent: row.intent.clone().or(given.intent),
        });
        Self {
            number: kept.number,
            role: kept.role,
            text: kept.text,
            at: kept.at / 1000,
            why: kept.reply.map(Why::from),
            feedback: (!of_this.is_empty()).then_some(given),
        }
    }
}

impl From<Told> for Message {
    fn from(Told { kept, at }: Told) -> Self {
        let text = kept.reply.text.clone();
        let why = Some(Why::from(kept.reply));
        Self { number: kept.number, role: Role::Assistant, text, at: at / 1000, why, feedback: None }
    }
}

impl From<Reply> for Why {
    fn from(reply: Reply) -> Self {
        let Reply { act, source, confidence, intent, ranked, entities, sentence, question, finished, .. } = reply;
        Self {
            act,
            source,
            confidence,
            intent,
            considered: ranked.into_iter().map(|(intent, probability)| Considered { intent, probability }).collect(),
            entities: entities.into_iter().map(Entity::from).collect(),
            sentence,
            question,
            finished: finished.map(|finished| Finished { intent: finished.intent, slots: finished.slots }),
            refused: act == Act::Refuse,
        }
    }
}

impl From<recognise::Entity> for Entity {
    fn from(found: recognise::Entity) -> Self {
        let recognise::Entity { kind, place, text, value, sure, by } = found;
        Self { kind, text, value, start: place.start, end: place.end, sure, by }
    }
}
