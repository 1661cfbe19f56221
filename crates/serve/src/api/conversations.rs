//! `/v1/conversations`: begun, listed, read page by page, removed. What is said in them is in `messages`.

use super::asked::{Asked, Wanted, limit};
use super::messages::Message;
use super::whose::{Named, Whose};
use super::{App, blocking};
use crate::error::{ApiError, ErrorBody};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use rushlight_assistant::memory::{self, Store};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// The most conversations of a page.
const MOST: usize = 100;
/// The most messages of a page.
const MOST_MESSAGES: usize = 200;
/// The longest title, in characters.
const TITLE: usize = 60;

/// Nothing has to be said to begin.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begin {}

/// A conversation.
#[derive(Serialize, ToSchema)]
pub(crate) struct Conversation {
    id: String,
    object: &'static str,
    /// Its first message, shortened; nothing while there is none.
    title: String,
    /// How many messages it has.
    messages: u64,
    /// When it began, in seconds since 1970.
    created: i64,
    /// When something was said last.
    changed: i64,
}

/// A conversation that was begun.
#[derive(Serialize, ToSchema)]
pub(crate) struct Begun {
    #[serde(flatten)]
    conversation: Conversation,
    /// What the assistant says first.
    greeting: String,
}

/// Conversations, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversationList {
    object: &'static str,
    data: Vec<Conversation>,
    /// Whether there are older ones: ask with the last id as `before`.
    has_more: bool,
}

/// A conversation with some of its messages, in their order.
#[derive(Serialize, ToSchema)]
pub(crate) struct Talk {
    #[serde(flatten)]
    conversation: Conversation,
    data: Vec<Message>,
    /// Whether there are earlier messages; with `after`, later ones.
    has_more: bool,
}

/// A conversation that is gone.
#[derive(Serialize, ToSchema)]
pub(crate) struct Removed {
    id: String,
    deleted: bool,
}

/// Which conversations.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// How many at most; 20 unless told otherwise.
    limit: Option<usize>,
    /// Those older than this one.
    before: Option<String>,
}

/// Which messages.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessagePage {
    /// How many at most; 50 unless told otherwise.
    limit: Option<usize>,
    /// The last ones before this number; the last of all unless told otherwise.
    before: Option<u64>,
    /// The first ones behind this number.
    after: Option<u64>,
}

/// Begins a conversation.
#[utoipa::path(post, path = "/v1/conversations", request_body = Begin,
    params(Named),
    responses((status = 200, body = Begun), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    Whose(user): Whose,
    Asked(Begin {}): Asked<Begin>,
) -> Result<Json<Begun>, ApiError> {
    let hosted = app.hosted()?;
    let id = new_id()?;
    let begun = blocking(app.limits.timeout, move || {
        let conversation = Conversation::of(&hosted.store, hosted.begin(&user, &id)?)?;
        Ok(Begun { conversation, greeting: hosted.assistant.definition().greeting.clone() })
    });
    Ok(Json(begun.await?))
}

/// The conversations of a user, the newest first.
#[utoipa::path(get, path = "/v1/conversations", params(Page, Named),
    responses((status = 200, body = ConversationList), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Whose(user): Whose,
    Wanted(page): Wanted<Page>,
) -> Result<Json<ConversationList>, ApiError> {
    let hosted = app.hosted()?;
    let most = limit(page.limit, 20, MOST)?;
    let list = blocking(app.limits.timeout, move || {
        let before = page.before.as_deref();
        before.map(|before| hosted.conversation(&user, before)).transpose()?;
        let mut found = hosted.store.conversations(&user, before, most + 1)?;
        let has_more = found.len() > most;
        found.truncate(most);
        let data = found.into_iter().map(|one| Conversation::of(&hosted.store, one)).collect::<Result<_, _>>()?;
        Ok(ConversationList { object: "list", data, has_more })
    });
    Ok(Json(list.await?))
}

/// A conversation, with its last messages or those of another page.
#[utoipa::path(get, path = "/v1/conversations/{id}",
    params(("id" = String, Path, description = "The conversation"), MessagePage, Named),
    responses((status = 200, body = Talk), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    Whose(user): Whose,
    Path(id): Path<String>,
    Wanted(page): Wanted<MessagePage>,
) -> Result<Json<Talk>, ApiError> {
    let hosted = app.hosted()?;
    let most = limit(page.limit, 50, MOST_MESSAGES)?;
    if page.before.is_some() && page.after.is_some() {
        return Err(ApiError::of("before", "`before` and `after` exclude each other; give one of them"));
    }
    let talk = blocking(app.limits.timeout, move || {
        let (conversation, store) = (hosted.conversation(&user, &id)?, &hosted.store);
        let count = conversation.messages;
        let found = match page.after {
            Some(after) => store.messages(&id, after.min(count), most)?,
            None => store.messages_before(&id, page.before.unwrap_or(u64::MAX).min(count + 1), most)?,
        };
        let has_more = match page.after {
            Some(_) => found.last().is_some_and(|last| last.number < count),
            None => found.first().is_some_and(|first| first.number > 1),
        };
        let feedback = store.feedback_in(&id)?;
        let data = found.into_iter().map(|message| Message::of(message, &feedback)).collect();
        Ok(Talk { conversation: Conversation::of(store, conversation)?, data, has_more })
    });
    Ok(Json(talk.await?))
}

/// Removes a conversation with all that was said in it.
#[utoipa::path(delete, path = "/v1/conversations/{id}",
    params(("id" = String, Path, description = "The conversation"), Named),
    responses((status = 200, body = Removed), (status = "4XX", body = ErrorBody)))]
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Whose(user): Whose,
    Path(id): Path<String>,
) -> Result<Json<Removed>, ApiError> {
    let hosted = app.hosted()?;
    let removed = blocking(app.limits.timeout, move || {
        hosted.remove(&user, &id)?;
        Ok(Removed { id, deleted: true })
    });
    Ok(Json(removed.await?))
}

impl Conversation {
    fn of(store: &Store, kept: memory::Conversation) -> Result<Self, ApiError> {
        let first = store.messages(&kept.id, 0, 1)?.pop().map(|message| message.text).unwrap_or_default();
        Ok(Self {
            title: shortened(&first),
            id: kept.id,
            object: "conversation",
            messages: kept.messages,
            created: kept.begun / 1000,
            changed: kept.changed / 1000,
        })
    }
}

/// The beginning of a text on one line.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TITLE) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// A name that nobody guesses.
fn new_id() -> Result<String, ApiError> {
    let random = || getrandom::u64().ok();
    let (Some(one), Some(other)) = (random(), random()) else {
        let message = "this system gives no random numbers, so no conversation can be named";
        return Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "no_chance", message));
    };
    Ok(format!("talk-{one:016x}{other:016x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_a_short_line() {
        assert_eq!(shortened(" book\n a  table "), "book a table");
        assert_eq!(shortened(&"é".repeat(100)), format!("{}…", "é".repeat(TITLE)));
    }
}
