//! `/v1/profile`: what is known of a user, all that is kept of them, and its erasure.

use super::whose::{Named, Whose};
use super::{App, blocking};
use crate::error::{ApiError, ErrorBody};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use rushlight_assistant::Forgotten;
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// What is known of a user.
#[derive(Serialize, ToSchema)]
pub(crate) struct Profile {
    /// Who.
    user: String,
    /// How they want to be called.
    name: Option<String>,
    /// What they told.
    facts: Vec<Fact>,
    /// The same in words, a sentence each.
    told: Vec<String>,
}

/// Something that a user told.
#[derive(Serialize, ToSchema)]
pub(crate) struct Fact {
    /// What it is about.
    key: String,
    value: String,
    /// In which words.
    said: String,
}

/// What is gone.
#[derive(Serialize, ToSchema)]
pub(crate) struct Erased {
    /// Conversations.
    conversations: u64,
    /// Messages.
    messages: u64,
    /// Lines that a model was to learn from; what one has learnt from them stays in it until it is trained anew.
    corrections: usize,
}

/// What is known of a user.
#[utoipa::path(get, path = "/v1/profile", params(Named),
    responses((status = 200, body = Profile), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn show(State(app): State<Arc<App>>, Whose(user): Whose) -> Result<Json<Profile>, ApiError> {
    let hosted = app.hosted()?;
    let profile = blocking(app.limits.timeout, move || {
        let known = hosted.store.profile(&user)?;
        let told = known.told();
        let fact = |fact: rushlight_assistant::Fact| Fact { key: fact.key, value: fact.value, said: fact.said };
        Ok(Profile { user, name: known.name, facts: known.facts.into_iter().map(fact).collect(), told })
    });
    Ok(Json(profile.await?))
}

/// All that is kept of a user: profile, conversations, feedback.
#[utoipa::path(get, path = "/v1/profile/export", params(Named),
    responses((status = 200, description = "A file of JSON", body = Object), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn export(State(app): State<Arc<App>>, Whose(user): Whose) -> Result<impl IntoResponse, ApiError> {
    let hosted = app.hosted()?;
    let all: Value = blocking(app.limits.timeout, move || Ok(hosted.export(&user)?)).await?;
    Ok(([(header::CONTENT_DISPOSITION, "attachment; filename=\"rushlight-profile.json\"")], Json(all)))
}

/// Erases all that is kept of a user, from the file itself.
#[utoipa::path(delete, path = "/v1/profile", params(Named),
    responses((status = 200, body = Erased), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn erase(State(app): State<Arc<App>>, Whose(user): Whose) -> Result<Json<Erased>, ApiError> {
    let hosted = app.hosted()?;
    let erased = blocking(app.limits.timeout, move || {
        let Forgotten { erased, corrections } = hosted.forget(&user)?;
        Ok(Erased { conversations: erased.conversations, messages: erased.messages, corrections })
    });
    Ok(Json(erased.await?))
}
