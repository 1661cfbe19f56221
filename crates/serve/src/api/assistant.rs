//! `/v1/assistant`: whom one talks with here.

use super::App;
use super::whose::{Named, Whose};
use crate::error::{ApiError, ErrorBody};
use axum::Json;
use axum::extract::State;
use rushlight_assistant::definition::OUT_OF_SCOPE;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The assistant.
#[derive(Serialize, ToSchema)]
pub(crate) struct Assistant {
    /// How it is called.
    name: String,
    /// What it says first.
    greeting: String,
    /// What people may want of it.
    intents: Vec<Intent>,
    /// The longest message, in bytes.
    message_bytes: usize,
    /// Who asks.
    user: String,
}

/// Something that people may want.
#[derive(Serialize, ToSchema)]
pub(crate) struct Intent {
    name: String,
    /// The same in words.
    about: String,
}

/// Whom one talks with here.
#[utoipa::path(get, path = "/v1/assistant", params(Named),
    responses((status = 200, body = Assistant), (status = 404, body = ErrorBody)))]
pub(crate) async fn show(State(app): State<Arc<App>>, Whose(user): Whose) -> Result<Json<Assistant>, ApiError> {
    let hosted = app.hosted()?;
    let definition = hosted.assistant.definition();
    let known = definition.intents.iter().map(|intent| Intent { name: intent.name.clone(), about: intent.told() });
    let outside = Intent { name: OUT_OF_SCOPE.into(), about: "none of these".into() };
    Ok(Json(Assistant {
        name: definition.name.clone(),
        greeting: definition.greeting.clone(),
        intents: known.chain([outside]).collect(),
        message_bytes: definition.limits.message_bytes,
        user,
    }))
}
