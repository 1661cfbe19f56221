//! `/v1/chat/completions`: the next turn of a conversation, in OpenAI's form.

use super::App;
use super::asked::Asked;
use super::sampling::{IGNORED, most_tokens, refuse_others, split};
use super::stream::{Shape, event, response, whole};
use super::writing::{Beginning, More, Order, Usage, Writing, unknown, with_text};
use crate::engine::{Likely, Token};
use crate::error::{ApiError, ErrorBody};
use crate::template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use rushlight_text::Tokenizer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// How long an answer may become unless told otherwise: these models write lines, not essays.
const USUAL_TOKENS: usize = 256;

/// A conversation to go on with.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ChatRequest {
    /// The name of a model.
    model: String,
    /// The turns, oldest first.
    messages: Vec<Message>,
    /// The most tokens to write.
    max_tokens: Option<usize>,
    /// The same, by its newer name.
    max_completion_tokens: Option<usize>,
    /// How likely each token was.
    logprobs: Option<bool>,
    /// How many of the likeliest tokens are told with each, at most 20.
    top_logprobs: Option<usize>,
}

/// A turn.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Message {
    role: Role,
    content: Option<Content>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// What stands before the conversation.
    System,
    /// The same, by its newer name.
    Developer,
    /// A person.
    User,
    /// The model.
    Assistant,
}

/// Text, or parts that are text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Content {
    /// Text.
    Text(String),
    /// Parts.
    Parts(Vec<ContentPart>),
}

/// A part of a turn.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ContentPart {
    /// `text`.
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
}

/// The next turn.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChatAnswer {
    id: String,
    object: &'static str,
    created: u64,
    model: String,
    choices: Vec<ChatChoice>,
    usage: Usage,
    system_fingerprint: Option<String>,
}

/// One way to go on.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct ChatChoice {
    index: usize,
    message: Said,
    logprobs: Option<Probabilities>,
    /// `stop` or `length`.
    finish_reason: Option<&'static str>,
}

/// What the model says.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Said {
    role: &'static str,
    content: String,
    refusal: Option<String>,
}

/// How likely the tokens were.
#[derive(Clone, Default, Serialize, ToSchema)]
pub(crate) struct Probabilities {
    content: Vec<Probability>,
}

/// How likely a token was.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Probability {
    token: String,
    logprob: f32,
    bytes: Vec<u8>,
    top_logprobs: Vec<Alternative>,
}

/// Another token, and how likely it was.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Alternative {
    token: String,
    logprob: f32,
    bytes: Vec<u8>,
}

/// The next turn of a conversation. A language model reads each turn as a line; a model that translates or answers sentences reads
/// the last turn alone.
#[utoipa::path(post, path = "/v1/chat/completions", request_body = ChatRequest,
    responses((status = 200, body = ChatAnswer, description = "The turn; with `stream` as server-sent events"),
        (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn complete(State(app): State<Arc<App>>, Asked(body): Asked<Value>) -> Result<Response, ApiError> {
    let (request, choosing, others) = split::<ChatRequest>(&body)?;
    let ChatRequest { model, messages, max_tokens, max_completion_tokens, logprobs, top_logprobs } = request;
    refuse_others(&others, IGNORED, UNDONE)?;
    let (number, served) = app.model(&model)?;
    if top_logprobs.is_some() && logprobs != Some(true) {
        return Err(ApiError::of("top_logprobs", "`top_logprobs` goes with `\"logprobs\": true`"));
    }
    let tells = logprobs.unwrap_or(false).then_some(top_logprobs.unwrap_or(0));
    let (name, asked) = match max_completion_tokens {
        Some(asked) => ("max_completion_tokens", Some(asked)),
        None => ("max_tokens", max_tokens),
    };
    let most = most_tokens(name, asked, USUAL_TOKENS, app.limits.tokens)?;
    let turns = turns(&messages, app.limits.turns)?;
    let chosen = choosing.checked(served, tells)?;
    let turns: Vec<&str> = turns.iter().map(String::as_str).collect();
    let reading = template::of_turns(served, &turns, most).map_err(|error| unknown(&error, "messages"))?;
    let beginning = Beginning { prompt: reading.prompt, follows: false, stops: reading.stops, trims: true };
    let (streams, tells_usage) = (chosen.streams, chosen.tells_usage);
    let order = Order { prompts: vec![beginning], chosen, most };
    let writing = Writing::begin(&app, number, served, order)?;
    if streams {
        return Ok(response(writing, Chunks { model, tells_usage, tells: tells.is_some() }, tells_usage));
    }
    Ok(Json(answer(writing, model, tells.is_some()).await?).into_response())
}

/// What models here do not do.
const UNDONE: &[(&str, &str)] = &[
    ("tools", "the models here call nothing"),
    ("functions", "the models here call nothing"),
    ("tool_choice", "the models here call nothing"),
    ("function_call", "the models here call nothing"),
    ("response_format", "the models here write plain text"),
    ("audio", "the models here write text"),
    ("prediction", "nothing is predicted ahead"),
    ("web_search_options", "the models here have no network"),
];

/// The texts of the turns, those without a word left out.
fn turns(messages: &[Message], most: usize) -> Result<Vec<String>, ApiError> {
    if messages.is_empty() {
        return Err(ApiError::of("messages", "`messages` is empty; give at least one turn to answer"));
    }
    if messages.len() > most {
        let message = format!("the conversation has {} turns; this server reads at most {most}", messages.len());
        return Err(ApiError::of("messages", message));
    }
    let text = |(index, message): (usize, &Message)| match &message.content {
        Some(Content::Text(text)) => Ok(text.clone()),
        None if message.role == Role::Assistant => Ok(String::new()),
        None => Err(ApiError::of(format!("messages[{index}].content"), "a turn has no `content`; give it a text")),
        Some(Content::Parts(parts)) => parts
            .iter()
            .map(|part| match (&part.kind[..], &part.text) {
                ("text", Some(text)) => Ok(text.as_str()),
                (kind, _) => {
                    let message =
                        format!("a part of kind `{}` cannot be read; the models here read text", kind.escape_debug());
                    Err(ApiError::of(format!("messages[{index}].content"), message))
                }
            })
            .collect(),
    };
    let texts: Vec<String> = messages.iter().enumerate().map(text).collect::<Result<_, _>>()?;
    Ok(texts.into_iter().filter(|text| !text.trim().is_empty()).collect())
}

async fn answer(mut writing: Writing, model: String, tells: bool) -> Result<ChatAnswer, ApiError> {
    let choice = |index| ChatChoice {
        index,
        message: Said { role: "assistant", content: String::new(), refusal: None },
        logprobs: tells.then(Probabilities::default),
        finish_reason: None,
    };
    let mut choices: Vec<ChatChoice> = (0..writing.count()).map(choice).collect();
    let tokenizer = Arc::clone(&writing.tokenizer);
    whole(&mut writing, |more| {
        let choice = &mut choices[more.index];
        choice.message.content += &more.text;
        choice.finish_reason = more.finish;
        if let Some(told) = &mut choice.logprobs {
            told.content.extend(probabilities(&tokenizer, &more.tokens));
        }
    })
    .await?;
    Ok(ChatAnswer {
        id: format!("chatcmpl-{}", writing.id),
        object: "chat.completion",
        created: writing.created,
        model,
        choices,
        usage: writing.usage(),
        system_fingerprint: None,
    })
}

fn probabilities(tokenizer: &Tokenizer, tokens: &[Token]) -> Vec<Probability> {
    let alternative = |&(id, logprob): &(u32, f32)| {
        let token = tokenizer.decode(&[id]);
        Alternative { bytes: token.clone().into_bytes(), token, logprob }
    };
    let one = |(token, likely): (String, &Likely)| Probability {
        bytes: token.clone().into_bytes(),
        token,
        logprob: likely.log_probability,
        top_logprobs: likely.top.iter().map(alternative).collect(),
    };
    with_text(tokenizer, tokens).map(one).collect()
}

/// The events of a turn.
struct Chunks {
    model: String,
    tells_usage: bool,
    tells: bool,
}

/// An event of a turn.
#[derive(Serialize)]
struct Chunk<'a> {
    id: String,
    object: &'static str,
    created: u64,
    model: &'a str,
    system_fingerprint: Option<String>,
    choices: Vec<ChunkChoice>,
    /// Where it was asked for: null, and in the last event the numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<Usage>>,
}

#[derive(Serialize)]
struct ChunkChoice {
    index: usize,
    delta: Delta,
    logprobs: Option<Probabilities>,
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Delta {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

impl Chunks {
    fn chunk(&self, writing: &Writing, choices: Vec<ChunkChoice>, usage: Option<Usage>) -> String {
        event(&Chunk {
            id: format!("chatcmpl-{}", writing.id),
            object: "chat.completion.chunk",
            created: writing.created,
            model: &self.model,
            system_fingerprint: None,
            choices,
            usage: self.tells_usage.then_some(usage),
        })
    }
}

impl Shape for Chunks {
    fn opening(&self, writing: &Writing) -> Vec<String> {
        let choice = |index| ChunkChoice {
            index,
            delta: Delta { role: Some("assistant"), content: Some(String::new()) },
            logprobs: None,
            finish_reason: None,
        };
        (0..writing.count()).map(|index| self.chunk(writing, vec![choice(index)], None)).collect()
    }

    fn more(&mut self, writing: &Writing, more: More) -> Vec<String> {
        let More { index, text, tokens, finish } = more;
        let content = probabilities(&writing.tokenizer, &tokens);
        let logprobs = (self.tells && !content.is_empty()).then_some(Probabilities { content });
        let choice = |content: Option<String>, logprobs, finish_reason| {
            let delta = Delta { role: None, content };
            vec![ChunkChoice { index, delta, logprobs, finish_reason }]
        };
        let mut events = Vec::new();
        if !text.is_empty() || logprobs.is_some() {
            events.push(self.chunk(writing, choice(Some(text), logprobs, None), None));
        }
        if finish.is_some() {
            events.push(self.chunk(writing, choice(None, None, finish), None));
        }
        events
    }

    fn usage(&self, writing: &Writing, usage: Usage) -> String {
        self.chunk(writing, Vec::new(), Some(usage))
    }
}
