//! `/v1/models`: which models answer here.

use super::App;
use crate::catalogue::{Does, Served};
use crate::error::{ApiError, ErrorBody};
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// All models.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelList {
    object: &'static str,
    data: Vec<Model>,
}

/// A model.
#[derive(Serialize, ToSchema)]
pub(crate) struct Model {
    /// The name of its run.
    id: String,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
    /// What is not in OpenAI's form.
    rushlight: Details,
}

/// What a model is, for people.
#[derive(Serialize, ToSchema)]
pub(crate) struct Details {
    /// The name of its family.
    family: &'static str,
    parameters: usize,
    /// `writing` or `translation`.
    task: &'static str,
    /// How many tokens it can look back at once; none where there is no end.
    window: Option<usize>,
    vocabulary: usize,
    /// Whether it can be shown where it looks while it translates.
    attention: bool,
}

impl Model {
    fn of(served: &Served) -> Self {
        let task = match served.does {
            Does::Writes => "writing",
            Does::Translates => "translation",
        };
        Self {
            id: served.id.clone(),
            object: "model",
            created: served.created,
            owned_by: "rushlight",
            rushlight: Details {
                family: served.label,
                parameters: served.parameters,
                task,
                window: served.window,
                vocabulary: served.tokenizer.vocab_size(),
                attention: served.looks,
            },
        }
    }
}

/// The models that answer here.
#[utoipa::path(get, path = "/v1/models", responses((status = 200, body = ModelList)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Json<ModelList> {
    Json(ModelList { object: "list", data: app.catalogue.models.iter().map(Model::of).collect() })
}

/// One model.
#[utoipa::path(get, path = "/v1/models/{id}", params(("id" = String, Path, description = "The name of the model")),
    responses((status = 200, body = Model), (status = 404, body = ErrorBody)))]
pub(crate) async fn one(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<Model>, ApiError> {
    Ok(Json(Model::of(app.model(&id)?.1)))
}
