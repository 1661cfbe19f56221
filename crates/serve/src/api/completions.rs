//! `/v1/completions`: text that goes on from a prompt, in OpenAI's older form.

use super::App;
use super::asked::Asked;
use super::sampling::{IGNORED, most_tokens, refuse_others, split};
use super::stream::{Shape, event, response, whole};
use super::writing::{Beginning, More, Order, Usage, Writing, unknown, with_text};
use crate::catalogue::{Does, Served};
use crate::engine::{Prompt, Token};
use crate::error::{ApiError, ErrorBody};
use crate::template;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use rushlight_text::Tokenizer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// As OpenAI has it.
const USUAL_TOKENS: usize = 16;
/// The most prompts of a request.
const MOST_PROMPTS: usize = 64;

/// Text to go on from.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CompletionRequest {
    /// The name of a model.
    model: String,
    /// A text, several, tokens, or several lists of tokens; nothing begins anew.
    prompt: Option<Prompts>,
    /// The most tokens to write; 16 unless told otherwise.
    max_tokens: Option<usize>,
    /// How many of the likeliest tokens are told with each, at most 20.
    logprobs: Option<usize>,
    /// Whether the prompt is given back before the text.
    echo: Option<bool>,
}

/// What to go on from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Prompts {
    /// A text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
    /// Tokens.
    Tokens(Vec<u32>),
    /// Several lists of tokens.
    ManyTokens(Vec<Vec<u32>>),
}

/// The text.
#[derive(Serialize, ToSchema)]
pub(crate) struct CompletionAnswer {
    id: String,
    object: &'static str,
    created: u64,
    model: String,
    choices: Vec<CompletionChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    system_fingerprint: Option<String>,
}

/// One way to go on.
#[derive(Serialize, ToSchema)]
pub(crate) struct CompletionChoice {
    text: String,
    index: usize,
    logprobs: Option<TokenLogprobs>,
    /// `stop` or `length`.
    finish_reason: Option<&'static str>,
}

/// How likely the tokens were.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct TokenLogprobs {
    tokens: Vec<String>,
    token_logprobs: Vec<f32>,
    top_logprobs: Vec<BTreeMap<String, f32>>,
    text_offset: Vec<usize>,
}

/// Text that goes on from a prompt.
#[utoipa::path(post, path = "/v1/completions", request_body = CompletionRequest,
    responses((status = 200, body = CompletionAnswer, description = "The text; with `stream` as server-sent events"),
        (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn complete(State(app): State<Arc<App>>, Asked(body): Asked<Value>) -> Result<Response, ApiError> {
    let (request, choosing, mut others) = split::<CompletionRequest>(&body)?;
    let CompletionRequest { model, prompt, max_tokens, logprobs, echo } = request;
    // Of as many as are written, the best are all.
    if others.get("best_of").is_none_or(|best| best.is_null() || *best == 1) {
        others.remove("best_of");
    }
    refuse_others(&others, IGNORED, UNDONE)?;
    let (number, served) = app.model(&model)?;
    let most = most_tokens("max_tokens", max_tokens, USUAL_TOKENS, app.limits.tokens)?;
    let chosen = choosing.checked(served, logprobs)?;
    let prompts = beginnings(served, prompt.unwrap_or(Prompts::Text(String::new())))?;
    let echoed: Vec<String> = match echo.unwrap_or(false) {
        true => prompts.iter().flat_map(|(text, _)| std::iter::repeat_n(text.clone(), chosen.texts)).collect(),
        false => Vec::new(),
    };
    let (streams, tells_usage) = (chosen.streams, chosen.tells_usage);
    let prompts = prompts.into_iter().map(|(_, beginning)| beginning).collect();
    let writing = Writing::begin(&app, number, served, Order { prompts, chosen, most })?;
    let lengths = (0..writing.count()).map(|index| echoed.get(index).map_or(0, |text| text.chars().count())).collect();
    let shape = Events { model, echoed, lengths, tells: logprobs.is_some() };
    if streams {
        return Ok(response(writing, shape, tells_usage));
    }
    Ok(Json(shape.answer(writing).await?).into_response())
}

/// What is not done here.
const UNDONE: &[(&str, &str)] =
    &[("suffix", "the models here write from left to right"), ("best_of", "give `n`, and choose yourself")];

/// Where each prompt begins, with its text.
fn beginnings(served: &Served, prompts: Prompts) -> Result<Vec<(String, Beginning)>, ApiError> {
    let beginning = |prompt, text: &str| Beginning {
        prompt,
        follows: served.does == Does::Writes && !text.is_empty(),
        stops: Vec::new(),
        trims: false,
    };
    let of_text = |text: String| {
        let prompt = template::of_text(served, &text).map_err(|error| unknown(&error, "prompt"))?;
        let beginning = beginning(prompt, &text);
        Ok::<_, ApiError>((text, beginning))
    };
    let of_tokens = |tokens: Vec<u32>| {
        let tokenizer = if served.does == Does::Writes { &served.tokenizer } else { &served.source };
        let count = tokenizer.vocab_size();
        if let Some(strange) = tokens.iter().find(|&&token| token as usize >= count) {
            let message = format!("`prompt` has the token {strange}; this model's tokens are 0 to {}", count - 1);
            return Err(ApiError::of("prompt", message));
        }
        let text = tokenizer.decode(&tokens);
        let tokens = template::never_empty(tokens, tokenizer);
        let prompt = if served.does == Does::Writes { Prompt::After(tokens) } else { Prompt::Of(tokens) };
        Ok((text.clone(), beginning(prompt, &text)))
    };
    let all: Vec<(String, Beginning)> = match prompts {
        Prompts::Text(text) => vec![of_text(text)?],
        Prompts::Texts(texts) => texts.into_iter().map(of_text).collect::<Result<_, _>>()?,
        Prompts::Tokens(tokens) => vec![of_tokens(tokens)?],
        Prompts::ManyTokens(all) => all.into_iter().map(of_tokens).collect::<Result<_, _>>()?,
    };
    if (1..=MOST_PROMPTS).contains(&all.len()) {
        return Ok(all);
    }
    let message = format!("`prompt` has {} texts; it may have 1 to {MOST_PROMPTS}", all.len());
    Err(ApiError::of("prompt", message))
}

/// The events of texts, and the texts as a whole.
struct Events {
    model: String,
    /// The prompts to give back, a text each; none where nobody asked.
    echoed: Vec<String>,
    /// How many characters of each text there are so far.
    lengths: Vec<usize>,
    tells: bool,
}

impl Events {
    fn answer_of(&self, writing: &Writing, choices: Vec<CompletionChoice>, usage: Option<Usage>) -> CompletionAnswer {
        CompletionAnswer {
            id: format!("cmpl-{}", writing.id),
            object: "text_completion",
            created: writing.created,
            model: self.model.clone(),
            choices,
            usage,
            system_fingerprint: None,
        }
    }

    async fn answer(mut self, mut writing: Writing) -> Result<CompletionAnswer, ApiError> {
        let choice = |index: usize| CompletionChoice {
            text: self.echoed.get(index).cloned().unwrap_or_default(),
            index,
            logprobs: self.tells.then(TokenLogprobs::default),
            finish_reason: None,
        };
        let mut choices: Vec<CompletionChoice> = (0..writing.count()).map(choice).collect();
        let tokenizer = Arc::clone(&writing.tokenizer);
        whole(&mut writing, |more| {
            let choice = &mut choices[more.index];
            if let Some(told) = &mut choice.logprobs {
                told.add(&tokenizer, &more.tokens, &mut self.lengths[more.index]);
            }
            choice.text += &more.text;
            choice.finish_reason = more.finish;
        })
        .await?;
        Ok(self.answer_of(&writing, choices, Some(writing.usage())))
    }
}

impl TokenLogprobs {
    fn add(&mut self, tokenizer: &Tokenizer, tokens: &[Token], length: &mut usize) {
        for (text, likely) in with_text(tokenizer, tokens) {
            self.text_offset.push(*length);
            *length += text.chars().count();
            self.tokens.push(text);
            self.token_logprobs.push(likely.log_probability);
            self.top_logprobs.push(likely.top.iter().map(|&(id, value)| (tokenizer.decode(&[id]), value)).collect());
        }
    }
}

impl Shape for Events {
    fn opening(&self, writing: &Writing) -> Vec<String> {
        let echo = |(index, text): (usize, &String)| {
            let choice = CompletionChoice { text: text.clone(), index, logprobs: None, finish_reason: None };
            event(&self.answer_of(writing, vec![choice], None))
        };
        self.echoed.iter().enumerate().map(echo).collect()
    }

    fn more(&mut self, writing: &Writing, more: More) -> Vec<String> {
        let More { index, text, tokens, finish: finish_reason } = more;
        let mut told = TokenLogprobs::default();
        told.add(&writing.tokenizer, &tokens, &mut self.lengths[index]);
        if text.is_empty() && finish_reason.is_none() && told.tokens.is_empty() {
            return Vec::new();
        }
        let choice = CompletionChoice { text, index, logprobs: self.tells.then_some(told), finish_reason };
        vec![event(&self.answer_of(writing, vec![choice], None))]
    }

    fn usage(&self, writing: &Writing, usage: Usage) -> String {
        event(&self.answer_of(writing, Vec::new(), Some(usage)))
    }
}
