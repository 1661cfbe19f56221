//! What goes wrong: before the server runs, as words for the one who starts it; while it runs, in OpenAI's form for the one who
//! asked.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rushlight_assistant::{AssistantError, MemoryError};
use serde::Serialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use utoipa::ToSchema;

/// Why a server cannot start, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A run that cannot be opened.
    #[error(transparent)]
    Run(#[from] rushlight_train::TrainError),
    /// A folder that is no run.
    #[error(transparent)]
    Trace(#[from] rushlight_trace::TraceError),
    /// No run, or none that may be served.
    #[error("{0}")]
    Nothing(String),
    /// A public address without keys.
    #[error(
        "`{0}` can be reached from other machines, and without keys anybody there could use it; make a key with \
         `rushlight serve --new-key keys.txt` and give `--keys keys.txt`, or stay on this machine with `--host 127.0.0.1`"
    )]
    Open(SocketAddr),
    /// A port that cannot be listened on.
    #[error("`{address}` cannot be listened on: {why}; {cure}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        why: String,
        /// What to do.
        cure: &'static str,
    },
    /// A file of keys that cannot be used.
    #[error("`{path}` {why}", path = .path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// The system refuses a thread or a signal.
    #[error("the server cannot start: {0}")]
    System(#[from] std::io::Error),
}

/// Why a request is not answered, in OpenAI's form.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    body: Told,
    retry_after: Option<Duration>,
}

/// The body of an error.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ErrorResponse)]
pub(crate) struct ErrorBody {
    error: Told,
}

/// What went wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct Told {
    /// What was asked, what is possible, and what to do.
    message: String,
    /// `invalid_request_error`, `rate_limit_error` or `server_error`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The key of the request that it is about.
    param: Option<String>,
    /// A name for programs.
    code: Option<&'static str>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let kind = match status {
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_server_error() => "server_error",
            _ => "invalid_request_error",
        };
        let body = Told { message: message.into(), kind, param: None, code: Some(code) };
        Self { status, body, retry_after: None }
    }

    /// A request that asks for what is not possible.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_value", message)
    }

    /// The same about a key.
    pub(crate) fn of(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(message).about(param)
    }

    pub(crate) fn about(mut self, param: impl Into<String>) -> Self {
        self.body.param = Some(param.into());
        self
    }

    /// Too much at once: come again later.
    pub(crate) fn later(code: &'static str, after: Duration, message: impl Into<String>) -> Self {
        let later = Self::new(StatusCode::TOO_MANY_REQUESTS, code, message);
        Self { retry_after: Some(after), ..later }
    }

    /// It took longer than it may.
    pub(crate) fn too_long(limit: Duration) -> Self {
        let message = format!(
            "this took longer than the {} s that a request may take; ask for fewer tokens, or later",
            limit.as_secs()
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", message)
    }

    /// Something else took longer than it may.
    pub(crate) fn too_late(limit: Duration) -> Self {
        let message = format!(
            "this took longer than the {} s that a request may take; what it was to change may still be changed, so look \
             before you ask again",
            limit.as_secs()
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", message)
    }

    /// A fault of ours.
    pub(crate) fn failed() -> Self {
        let message = "the server failed at this, by a fault of its own; its log says more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_failed", message)
    }

    /// The engine is gone, by a fault of ours.
    pub(crate) fn broken() -> Self {
        let message = "the engine has stopped: this is a fault of the server; its log says more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "engine_stopped", message)
    }

    /// As a value, for a stream that has begun.
    pub(crate) fn body(&self) -> ErrorBody {
        ErrorBody { error: self.body.clone() }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        if let Some(after) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<MemoryError> for ApiError {
    fn from(error: MemoryError) -> Self {
        let (status, code, told) = match &error {
            MemoryError::Overtaken { .. } => (StatusCode::CONFLICT, "conversation_went_on", None),
            MemoryError::Rewritten { .. } => (StatusCode::CONFLICT, "profile_changed", None),
            MemoryError::Missing { what: "message", .. } => (StatusCode::NOT_FOUND, "message_not_found", None),
            MemoryError::Missing { .. } => (StatusCode::NOT_FOUND, "conversation_not_found", None),
            MemoryError::Busy { .. } => {
                (StatusCode::SERVICE_UNAVAILABLE, "store_busy", Some("another program writes to the store; try again"))
            }
            MemoryError::Full { .. } => (
                StatusCode::INSUFFICIENT_STORAGE,
                "store_full",
                Some(
                    "the disk of the server is full, and nothing of this was kept; tell who runs it, and try again later",
                ),
            ),
            _ => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "store_failed",
                Some("the store of conversations failed; the server's log says why"),
            ),
        };
        let Some(told) = told else { return Self::new(status, code, error.to_string()) };
        // Paths of this machine are nobody's business.
        tracing::warn!("{error}");
        Self::new(status, code, told)
    }
}

impl From<AssistantError> for ApiError {
    fn from(error: AssistantError) -> Self {
        match error {
            AssistantError::Message(told) => Self::of("text", told),
            AssistantError::Memory(error) => error.into(),
            error => {
                tracing::warn!("{error}");
                let told = "the assistant failed at this message; the server's log says why";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "assistant_failed", told)
            }
        }
    }
}
