//! `/healthz` for those who start servers again, `/metrics` for Prometheus.

use super::App;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use utoipa::ToSchema;

/// Whether it answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `engine stopped`.
    status: &'static str,
    /// How many models answer.
    models: usize,
    /// How many texts wait.
    waiting: usize,
    /// How many are being written.
    writing: usize,
}

/// Whether the server can answer.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = Health), (status = 503, body = Health)))]
pub(crate) async fn health(State(app): State<Arc<App>>) -> impl IntoResponse {
    let is_alive = app.is_alive.load(Relaxed);
    let status = if is_alive { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let load = &app.engine.load;
    let health = Health {
        status: if is_alive { "ok" } else { "engine stopped" },
        models: app.catalogue.models.len(),
        waiting: load.waiting(),
        writing: load.writing(),
    };
    (status, Json(health))
}

/// Counts for Prometheus.
#[utoipa::path(get, path = "/metrics",
    responses((status = 200, description = "Prometheus' text format", content_type = "text/plain; version=0.0.4")))]
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.page(&app.engine.load))
}
