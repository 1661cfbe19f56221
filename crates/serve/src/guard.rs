//! Who may ask, how often, and what a browser is told to forbid. Stands before every path.

use crate::api::App;
use crate::error::ApiError;
use crate::keys::Keys;
use crate::rate::Rates;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

/// The cookie that may hold a key.
pub(crate) const COOKIE: &str = "rushlight_key";

/// A page may load what this server has, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Asker {
    /// Whose key it is.
    Key(String),
    /// From where, where no key is needed.
    Address(String),
}

/// Who may ask.
pub(crate) struct Guard {
    /// None where everybody on this machine may.
    pub(crate) keys: Option<Keys>,
    pub(crate) rates: Rates,
}

impl Guard {
    /// Whether this is a key, or none is needed.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.name_of(key).is_some())
    }

    /// Who asks, if they may.
    fn admit(&self, request: &Request) -> Result<Asker, ApiError> {
        let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip().to_string()).unwrap_or_default();
        let Some(keys) = &self.keys else {
            return if is_of_this_machine(request.headers()) { Ok(Asker::Address(peer)) } else { Err(strange_host()) };
        };
        if !needs_key(request.uri().path()) {
            return Ok(Asker::Address(peer));
        }
        let key = bearer(request.headers()).or_else(|| cookie(request.headers()));
        key.and_then(|key| keys.name_of(key)).map(|name| Asker::Key(name.to_owned())).ok_or_else(no_key)
    }
}

/// Whether a path tells or does something; the page itself and the sign of life do not.
fn needs_key(path: &str) -> bool {
    ["/v1/", "/runs/", "/metrics"].iter().any(|begin| path.starts_with(begin))
}

/// Without keys only a request that names this machine is one of a person who sits at it; another name in `Host` is a site's that
/// has given this machine's address for its own.
fn is_of_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return true };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn strange_host() -> ApiError {
    let message =
        "this server has no keys, so it answers only to `localhost` and `127.0.0.1`; behind a proxy, give it keys";
    ApiError::new(StatusCode::FORBIDDEN, "strange_host", message)
}

pub(crate) fn no_key() -> ApiError {
    let message = "this server asks for a key, and got none that it knows; send `Authorization: Bearer YOUR-KEY`";
    ApiError::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message)
}

/// The key that stands in `Authorization`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (kind, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies
        .split(';')
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, key)| key)
}

/// Lets a request through or not, counts it, and tells the browser what it may do with the answer.
pub(crate) async fn watch(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let path = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let is_counted = path != "/healthz" && path != "/metrics";
    let mut response = match admit(&app, &request, is_counted) {
        Ok(asker) => {
            request.extensions_mut().insert(asker);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    harden(response.headers_mut());
    app.metrics.answered(&path, response.status().as_u16());
    app.metrics.answers.see(begun.elapsed());
    tracing::debug!("{path} {}", response.status().as_u16());
    response
}

fn admit(app: &App, request: &Request, is_counted: bool) -> Result<Asker, ApiError> {
    let asker = app.guard.admit(request)?;
    if !is_counted || !needs_key(request.uri().path()) {
        return Ok(asker);
    }
    let (Asker::Key(who) | Asker::Address(who)) = &asker;
    app.guard.rates.take(who, Instant::now()).map_err(|wait| {
        app.metrics.refused.fetch_add(1, Relaxed);
        let message = format!("this is too often; come again in {} s", wait.as_secs().max(1));
        ApiError::later("rate_limit_exceeded", wait, message)
    })?;
    Ok(asker)
}

fn harden(headers: &mut HeaderMap) {
    let set: [(HeaderName, &str); 5] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in set {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// A report has its script and style inside; its own script may run, by its hash, and no other.
pub(crate) fn policy_of_report(page: &str) -> String {
    let script =
        page.split_once("<script>").and_then(|(_, rest)| rest.rsplit_once("</script>")).map(|(script, _)| script);
    let hash = Sha256::digest(script.unwrap_or_default().as_bytes());
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'self'",
        base64(&hash)
    )
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let all = three.iter().fold(0, |all, &byte| all << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let sign = char::from(SIGNS[(all >> (18 - 6 * place)) as usize & 63]);
            text.push(if place <= three.len() { sign } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(name).unwrap());
        is_of_this_machine(&headers)
    }

    #[test]
    fn only_this_machine_s_names_are_its_own() {
        for own in ["localhost", "localhost:8080", "127.0.0.1:80", "[::1]:8080", "127.8.0.1"] {
            assert!(host(own), "{own}");
        }
        for other in ["evil.example", "evil.example:8080", "localhost.evil.example", "10.0.0.1:8080"] {
            assert!(!host(other), "{other}");
        }
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        // RFC 4648, section 10
        let all =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")];
        for (text, expected) in all {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    #[test]
    fn a_key_is_found_in_the_header_and_in_the_cookie() {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("bearer rl-1"));
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; rushlight_key=rl-2"));
        assert_eq!((bearer(&headers), cookie(&headers)), (Some("rl-1"), Some("rl-2")));
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
