//! A key in a cookie: so a browser that was given one can load pages too, which send no `Authorization`.

use super::App;
use crate::error::{ApiError, ErrorBody};
use crate::guard;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use std::sync::Arc;

/// Keeps the key of this request in a cookie that no script can read and no other site can use.
#[utoipa::path(post, path = "/session", responses((status = 204), (status = 401, body = ErrorBody)))]
pub(crate) async fn begin(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    let key = guard::bearer(&headers).filter(|key| app.guard.knows(key));
    let key = key.ok_or_else(guard::no_key)?;
    // A day; who stays longer gives the key again.
    let cookie = format!("{}={key}; Path=/; HttpOnly; SameSite=Strict; Max-Age=86400", guard::COOKIE);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

/// Forgets it.
#[utoipa::path(delete, path = "/session", responses((status = 204)))]
pub(crate) async fn end() -> impl IntoResponse {
    let cookie = format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", guard::COOKIE);
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)])
}
