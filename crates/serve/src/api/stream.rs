//! Server-sent events: a body that grows as texts do, and ends in `data: [DONE]`.

use super::writing::{More, Usage, Writing};
use crate::error::ApiError;
use axum::body::Body;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::Frame;
use serde::Serialize;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How pieces become events.
pub(crate) trait Shape: Send + Unpin + 'static {
    /// What stands before all pieces.
    fn opening(&self, writing: &Writing) -> Vec<String>;
    /// A piece of a text.
    fn more(&mut self, writing: &Writing, more: More) -> Vec<String>;
    /// What stands behind all pieces, where somebody asked for the numbers of tokens.
    fn usage(&self, writing: &Writing, usage: Usage) -> String;
}

/// The body of a stream.
struct Events<S> {
    writing: Writing,
    shape: S,
    tells_usage: bool,
    state: State,
}

#[derive(PartialEq)]
enum State {
    Fresh,
    Open,
    Over,
}

/// The answer that grows.
pub(crate) fn response(writing: Writing, shape: impl Shape, tells_usage: bool) -> Response {
    (headers(), Body::new(Events { writing, shape, tells_usage, state: State::Fresh })).into_response()
}

/// What stands at the head of a stream.
pub(crate) fn headers() -> [(HeaderName, &'static str); 3] {
    [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        // Asks nginx to pass on what it gets.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ]
}

/// One event.
pub(crate) fn event(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).unwrap_or_else(|_| "null".into());
    format!("data: {json}\n\n")
}

impl<S: Shape> Events<S> {
    fn end(&mut self) -> String {
        self.state = State::Over;
        let usage = self.tells_usage.then(|| self.shape.usage(&self.writing, self.writing.usage()));
        format!("{}data: [DONE]\n\n", usage.unwrap_or_default())
    }

    fn fail(&mut self, error: &ApiError) -> String {
        self.state = State::Over;
        event(&error.body())
    }
}

impl<S: Shape> hyper::body::Body for Events<S> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let frame = |text: String| Poll::Ready(Some(Ok(Frame::data(Bytes::from(text)))));
        if this.state == State::Over {
            return Poll::Ready(None);
        }
        if this.state == State::Fresh {
            this.state = State::Open;
            let opening = this.shape.opening(&this.writing).concat();
            if !opening.is_empty() {
                return frame(opening);
            }
        }
        // What has come together goes out together.
        let mut out = String::new();
        loop {
            match this.writing.poll(cx) {
                Poll::Ready(Some(Ok(more))) => out.extend(this.shape.more(&this.writing, more)),
                Poll::Ready(Some(Err(error))) => {
                    out += &this.fail(&error);
                    return frame(out);
                }
                Poll::Ready(None) => {
                    out += &this.end();
                    return frame(out);
                }
                Poll::Pending if out.is_empty() => return Poll::Pending,
                Poll::Pending => return frame(out),
            }
        }
    }
}

/// Waits for all pieces.
///
/// # Errors
/// As pieces have them.
pub(crate) async fn whole(writing: &mut Writing, mut each: impl FnMut(More)) -> Result<(), ApiError> {
    while let Some(more) = writing.next().await {
        each(more?);
    }
    Ok(())
}
