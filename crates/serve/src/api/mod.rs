//! What can be asked over HTTP, a file a subject. The list of paths is [`router`]; their description for programs is `openapi`.

mod asked;
mod assistant;
mod chat;
mod completions;
mod conversations;
mod feedback;
mod health;
mod messages;
mod models;
mod openapi;
mod profile;
mod runs;
mod sampling;
mod session;
mod stream;
mod translate;
mod whose;
mod writing;

use crate::catalogue::{Catalogue, Served};
use crate::engine::Engine;
use crate::error::ApiError;
use crate::hosted::Hosted;
use crate::metrics::Metrics;
use crate::{Limits, guard, page};
use axum::Router;
use axum::extract::{Path, Request};
use axum::http::{Method, StatusCode};
use axum::routing::{MethodRouter, get, post};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::time::timeout;

/// What every request can reach.
pub(crate) struct App {
    pub(crate) catalogue: Catalogue,
    pub(crate) hosted: Option<Arc<Hosted>>,
    pub(crate) engine: Engine,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) guard: guard::Guard,
    pub(crate) limits: Limits,
    /// Whether the engine's thread runs.
    pub(crate) is_alive: Arc<AtomicBool>,
}

impl App {
    /// The model that was asked for, with its number.
    fn model(&self, id: &str) -> Result<(usize, &Served), ApiError> {
        self.catalogue.model(id).ok_or_else(|| {
            let message =
                format!("there is no model `{}` here; there are: {}", id.escape_debug(), self.catalogue.names());
            ApiError::new(StatusCode::NOT_FOUND, "model_not_found", message).about("model")
        })
    }

    /// The assistant, where there is one.
    fn hosted(&self) -> Result<Arc<Hosted>, ApiError> {
        self.hosted.clone().ok_or_else(|| {
            let message = "there is no assistant here; `rushlight serve` takes the folder of one";
            ApiError::new(StatusCode::NOT_FOUND, "no_assistant", message)
        })
    }
}

/// Work that waits for the disk or thinks for long; others are answered meanwhile. Where it takes longer than `limit`, that is the
/// answer; where it has begun, it goes on being done.
async fn blocking<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let mut task = tokio::task::spawn_blocking(work);
    let Ok(done) = timeout(limit, &mut task).await else {
        task.abort(); // what has begun cannot be stopped
        return Err(ApiError::too_late(limit));
    };
    done.unwrap_or_else(|_| Err(ApiError::failed()))
}

/// Every path.
pub(crate) fn router(app: Arc<App>) -> Router {
    let routes: [(&str, MethodRouter<Arc<App>>); 19] = [
        ("/v1/models", get(models::list)),
        ("/v1/models/{id}", get(models::one)),
        ("/v1/chat/completions", post(chat::complete)),
        ("/v1/completions", post(completions::complete)),
        ("/v1/translate", post(translate::translate)),
        ("/v1/assistant", get(assistant::show)),
        ("/v1/conversations", get(conversations::list).post(conversations::begin)),
        ("/v1/conversations/{id}", get(conversations::one).delete(conversations::remove)),
        ("/v1/conversations/{id}/messages", post(messages::say)),
        ("/v1/conversations/{id}/feedback", post(feedback::judge)),
        ("/v1/profile", get(profile::show).delete(profile::erase)),
        ("/v1/profile/export", get(profile::export)),
        ("/v1/runs", get(runs::list)),
        ("/v1/runs/{name}", get(runs::one)),
        ("/runs/{name}/report", get(runs::report)),
        ("/session", post(session::begin).delete(session::end)),
        ("/healthz", get(health::health)),
        ("/metrics", get(health::metrics)),
        ("/openapi.json", get(openapi::document)),
    ];
    let mut router = Router::new();
    for (path, method) in routes {
        router = router.route(path, method.fallback(not_so));
    }
    router
        .route("/", get(|| async { page::file("index.html") }).fallback(not_so))
        .route("/page/{name}", get(|Path(name): Path<String>| async move { page::file(&name) }).fallback(not_so))
        .fallback(not_found)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&app), guard::watch))
        .with_state(app)
}

async fn not_found(request: Request) -> ApiError {
    let path = request.uri().path().escape_debug();
    let message = format!("there is nothing at `{path}`; `/openapi.json` says what there is");
    ApiError::new(StatusCode::NOT_FOUND, "not_found", message)
}

async fn not_so(method: Method, request: Request) -> ApiError {
    let path = request.uri().path().escape_debug();
    let message = format!("`{path}` takes no {method}; `/openapi.json` says what it takes");
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}
