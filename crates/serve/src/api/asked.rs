//! What a request holds: a body of JSON, of a limited size and within a limited time; and what stands behind the `?`.

use super::App;
use crate::error::ApiError;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::sync::Arc;

/// Of a body that is too large, so many times what it may have is read before it is cut off.
const PATIENCE: usize = 16;

/// What was asked.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let limits = &app.limits;
        require_json(request.headers())?;
        let too_large = || {
            let message =
                format!("the body is larger than the {} bytes that it may have; send less", limits.body_bytes);
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
        };
        let told = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if told.is_some_and(|told: u64| told > limits.body_bytes as u64) {
            // Who still sends would not hear the answer: so a little more is read, and thrown away.
            let rest = Limited::new(request.into_body(), PATIENCE * limits.body_bytes);
            let _ = tokio::time::timeout(limits.body, thrown_away(rest)).await;
            return Err(too_large());
        }
        let body = Limited::new(request.into_body(), limits.body_bytes).collect();
        let Ok(body) = tokio::time::timeout(limits.body, body).await else {
            let message = format!("the body did not come within {} s; send it faster", limits.body.as_secs_f64());
            return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", message));
        };
        let body = body.map_err(|error| match error.is::<LengthLimitError>() {
            true => too_large(),
            false => ApiError::new(StatusCode::BAD_REQUEST, "body_broken", format!("the body broke off: {error}")),
        })?;
        parse(&body.to_bytes()).map(Self)
    }
}

/// What stands behind the `?` of a path.
pub(crate) struct Wanted<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Wanted<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, ApiError> {
        let Query(wanted) = Query::try_from_uri(&parts.uri).map_err(|error| unread(&error.body_text()))?;
        Ok(Self(wanted))
    }
}

/// Says what behind the `?` cannot be read; `told` is "prefix: name: why". Words always can be read: it is a number.
fn unread(told: &str) -> ApiError {
    match told.splitn(3, ": ").collect::<Vec<_>>()[..] {
        [_, name, why] => ApiError::of(name, format!("`{name}` is no whole number from 0 on ({why}); give one")),
        _ => ApiError::invalid(told),
    }
}

/// A number from 1 to `most`, or what is usual.
pub(super) fn limit(asked: Option<usize>, usual: usize, most: usize) -> Result<usize, ApiError> {
    match asked.unwrap_or(usual) {
        asked if (1..=most).contains(&asked) => Ok(asked),
        asked => Err(ApiError::of("limit", format!("`limit` is {asked}; it must be 1 to {most}"))),
    }
}

async fn thrown_away(mut body: Limited<Body>) {
    while let Some(Ok(_)) = body.frame().await {}
}

/// Refuses what does not say that it is JSON: so no page of another site can ask here in its reader's name.
fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let given = if kind.is_empty() { "says nothing".into() } else { format!("is `{}`", kind.escape_debug()) };
    let message = format!("the content type {given}; send JSON, with `Content-Type: application/json`");
    Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut json);
    let value = read.map_err(wrong)?;
    json.end().map_err(|error| not_json(&error))?;
    // A list would be taken for the fields in their order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(ApiError::invalid("the body is no JSON object; send one, in `{}`"));
    }
    Ok(value)
}

/// Says what cannot be read, and where it stands.
pub(super) fn wrong(error: serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let (path, error) = (error.path().to_string(), error.into_inner());
    match error.classify() {
        Category::Data if path == "." || path.is_empty() => ApiError::invalid(error.to_string()),
        Category::Data => ApiError::of(&path, format!("`{path}`: {error}")),
        _ => not_json(&error),
    }
}

fn not_json(error: &serde_json::Error) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "invalid_json", format!("the body is not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Some {
        #[serde(rename = "list")]
        _list: Vec<u8>,
    }

    fn check(body: &str, expected: &str) {
        let error = parse::<Some>(body.as_bytes()).unwrap_err();
        let told = serde_json::to_string(&error.body()).unwrap();
        assert!(told.contains(expected), "{told}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        check("", "invalid_json");
        check("{\"list\": [1, 2", "invalid_json");
        check("{\"list\": [1]} {}", "invalid_json");
        check("{\"list\": [1, \"a\"]}", "\"param\":\"list[1]\"");
        check("{}", "missing field `list`");
        check(" [[1]]", "no JSON object");
        let deep = format!("{{\"messages\": {}", "[".repeat(1 << 20));
        let error = parse::<serde_json::Value>(deep.as_bytes()).unwrap_err();
        assert!(serde_json::to_string(&error.body()).unwrap().contains("recursion limit exceeded"));
    }

    #[test]
    fn what_is_no_number_behind_the_question_mark_is_told_by_its_name() {
        #[derive(Debug, Deserialize)]
        struct Page {
            #[serde(rename = "limit")]
            _limit: Option<usize>,
        }
        for value in ["abc", "-1", "1.5", "99999999999999999999999"] {
            let uri = format!("/v1/conversations?limit={value}").parse().unwrap();
            let rejected = Query::<Page>::try_from_uri(&uri).unwrap_err();
            let told = serde_json::to_string(&unread(&rejected.body_text()).body()).unwrap();
            assert!(told.contains("`limit` is no whole number from 0 on"), "{told}");
            assert!(told.contains("\"param\":\"limit\""), "{told}");
        }
    }
}
