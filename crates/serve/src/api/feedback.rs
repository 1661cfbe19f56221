//! `/v1/conversations/{id}/feedback`: what somebody thinks of a reply, and what it should have been.

use super::asked::Asked;
use super::whose::{Named, Whose};
use super::{App, blocking};
use crate::error::{ApiError, ErrorBody};
use crate::hosted::Hosted;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use rushlight_assistant::memory::Feedback;
use rushlight_assistant::{AssistantError, Role, message};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What somebody thinks: one of `thumb`, `reply` and `intent`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Judgement {
    /// The number of the reply; the last one unless told otherwise.
    message: Option<u64>,
    /// Good or bad.
    thumb: Option<Thumb>,
    /// What should have been replied.
    reply: Option<String>,
    /// The intent that was meant.
    intent: Option<String>,
}

/// Good or bad.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Thumb {
    /// Good.
    Up,
    /// Bad.
    Down,
}

/// What was noted.
#[derive(Serialize, ToSchema)]
pub(crate) struct Noted {
    /// The number of the reply that it is about.
    message: u64,
    noted: bool,
}

/// Keeps what a user thinks of a reply; a later judgement of a kind takes the place of an earlier one.
#[utoipa::path(post, path = "/v1/conversations/{id}/feedback", request_body = Judgement,
    params(("id" = String, Path, description = "The conversation"), Named),
    responses((status = 200, body = Noted), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn judge(
    State(app): State<Arc<App>>,
    Whose(user): Whose,
    Path(id): Path<String>,
    Asked(judgement): Asked<Judgement>,
) -> Result<Json<Noted>, ApiError> {
    let hosted = app.hosted()?;
    let noted = blocking(app.limits.timeout, move || {
        let count = hosted.conversation(&user, &id)?.messages;
        let feedback = judgement.feedback(&hosted)?;
        let number = judgement.message.unwrap_or(count);
        let found = hosted.store.messages(&id, number.saturating_sub(1).min(count), 1)?;
        match found.first().filter(|found| found.number == number).map(|found| found.role) {
            Some(Role::Assistant) => hosted.judge(&user, &id, number, &feedback)?,
            Some(Role::User) => {
                let message =
                    format!("message {number} is the user's own; judge a reply, such as number {}", number + 1);
                return Err(ApiError::of("message", message));
            }
            None if count == 0 => return Err(ApiError::of("message", "nothing was replied yet; say something first")),
            None => {
                let message = format!("there is no message {number} in this conversation; it has {count}");
                return Err(ApiError::new(StatusCode::NOT_FOUND, "message_not_found", message).about("message"));
            }
        }
        Ok(Noted { message: number, noted: true })
    });
    Ok(Json(noted.await?))
}

impl Judgement {
    fn feedback(&self, hosted: &Hosted) -> Result<Feedback, ApiError> {
        let definition = hosted.assistant.definition();
        let about = |param: &'static str| {
            move |error: AssistantError| match error {
                AssistantError::Message(told) => ApiError::of(param, told),
                error => error.into(),
            }
        };
        match (self.thumb, &self.reply, &self.intent) {
            (Some(thumb), None, None) => Ok(Feedback::Thumb(matches!(thumb, Thumb::Up))),
            (None, Some(reply), None) => {
                let reply = message(reply.as_bytes(), definition.limits.message_bytes).map_err(about("reply"))?;
                Ok(Feedback::Reply(reply))
            }
            (None, None, Some(intent)) => {
                definition.require_intent(intent).map_err(about("intent"))?;
                Ok(Feedback::Intent(intent.clone()))
            }
            _ => Err(ApiError::invalid(
                "give one of `thumb` (`up` or `down`), `reply` (what should have been replied) and `intent` (what was meant)",
            )),
        }
    }
}
