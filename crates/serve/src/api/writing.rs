//! A request's texts on their way: handed to the engine as jobs, and back as pieces of text.

use super::App;
use super::sampling::Chosen;
use crate::catalogue::Served;
use crate::engine::{Finish, Job, Likely, Piece, Prompt, Token};
use crate::error::ApiError;
use crate::pieces::Pieces;
use axum::http::StatusCode;
use rushlight_engine::Rng;
use rushlight_text::{TextError, Tokenizer};
use rushlight_trace::since_1970;
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use utoipa::ToSchema;

/// What is to be written.
pub(crate) struct Order {
    pub(crate) prompts: Vec<Beginning>,
    pub(crate) chosen: Chosen,
    /// The most tokens of each text.
    pub(crate) most: usize,
}

/// Where a text begins.
pub(crate) struct Beginning {
    pub(crate) prompt: Prompt,
    /// Whether the text goes on from what the prompt ends with.
    pub(crate) follows: bool,
    /// What ends the text, besides what the request says.
    pub(crate) stops: Vec<String>,
    /// Whether white space at the beginning is left out.
    pub(crate) trims: bool,
}

impl Beginning {
    fn tokens(&self) -> &[u32] {
        let (Prompt::After(tokens) | Prompt::Of(tokens)) = &self.prompt;
        tokens
    }
}

/// Numbers of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Usage {
    /// Of the prompts.
    pub(crate) prompt_tokens: usize,
    /// Of what was written.
    pub(crate) completion_tokens: usize,
    /// Of both.
    pub(crate) total_tokens: usize,
}

/// Some more of one text.
pub(crate) struct More {
    pub(crate) index: usize,
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
    /// `stop` or `length`, where it ends here.
    pub(crate) finish: Option<&'static str>,
}

/// Texts that are being written; who drops this wants them no more.
pub(crate) struct Writing {
    come: UnboundedReceiver<Piece>,
    texts: Vec<Text>,
    left: usize,
    limit: Duration,
    usage: Usage,
    pub(crate) tokenizer: Arc<Tokenizer>,
    /// When the request came, in seconds since 1970.
    pub(crate) created: u64,
    /// Its name, without what says its kind.
    pub(crate) id: String,
}

struct Text {
    pieces: Pieces,
    enough: Arc<AtomicBool>,
    is_over: bool,
}

impl Writing {
    /// Hands the order to the engine.
    ///
    /// # Errors
    /// Prompts that are too long, a queue that is full, an engine that is gone.
    pub(crate) fn begin(app: &App, model: usize, served: &Served, order: Order) -> Result<Self, ApiError> {
        let Order { prompts, chosen, most } = order;
        for beginning in &prompts {
            let (count, limit) = (beginning.tokens().len(), app.limits.prompt);
            if count > limit {
                let message = format!("the prompt has {count} tokens; this server reads at most {limit}");
                return Err(ApiError::new(StatusCode::BAD_REQUEST, "context_length_exceeded", message));
            }
        }
        let count = prompts.len() * chosen.texts;
        let Some(mut places) = app.engine.load.places(count) else {
            app.metrics.refused.fetch_add(1, Relaxed);
            let waiting = app.engine.load.waiting();
            let message = format!("{waiting} texts wait already, and no more may; come again in a moment");
            return Err(ApiError::later("queue_full", Duration::from_secs(1), message));
        };
        let (to, come) = unbounded_channel();
        let begun = Instant::now();
        let seed = chosen.seed.unwrap_or_else(random);
        let (mut jobs, mut texts, mut prompt_tokens) = (Vec::new(), Vec::new(), 0);
        for beginning in &prompts {
            prompt_tokens += beginning.tokens().len();
            for text in 0..chosen.texts {
                let enough = Arc::new(AtomicBool::new(false));
                let stops: Vec<String> = chosen.stops.iter().chain(&beginning.stops).cloned().collect();
                jobs.push(Job {
                    index: jobs.len(),
                    prompt: beginning.prompt.clone(),
                    sampling: chosen.sampling.clone(),
                    // As `rushlight generate --seed` has it.
                    rng: Rng::new(seed).fork(text as u64),
                    most,
                    streams: chosen.streams || !stops.is_empty(),
                    enough: Arc::clone(&enough),
                    to: to.clone(),
                    begun,
                    deadline: begun + app.limits.timeout,
                    place: Some(places.one()),
                });
                let before = beginning.tokens().last().copied().filter(|_| beginning.follows);
                let pieces = Pieces::new(Arc::clone(&served.tokenizer), before, stops, beginning.trims);
                texts.push(Text { pieces, enough, is_over: false });
            }
        }
        app.engine.write(model, jobs).map_err(|_| ApiError::broken())?;
        let now = since_1970();
        Ok(Self {
            come,
            left: texts.len(),
            texts,
            limit: app.limits.timeout,
            usage: Usage { prompt_tokens, completion_tokens: 0, total_tokens: prompt_tokens },
            tokenizer: Arc::clone(&served.tokenizer),
            created: now.as_secs(),
            id: format!("{:016x}", random()),
        })
    }

    /// The numbers of tokens so far.
    pub(crate) fn usage(&self) -> Usage {
        self.usage
    }

    /// How many texts there are.
    pub(crate) fn count(&self) -> usize {
        self.texts.len()
    }

    /// The next piece of any text; nothing when all are at their end.
    pub(crate) fn poll(&mut self, cx: &mut Context) -> Poll<Option<Result<More, ApiError>>> {
        while self.left > 0 {
            let Some(piece) = ready!(self.come.poll_recv(cx)) else {
                return Poll::Ready(Some(Err(ApiError::broken())));
            };
            if piece.finish == Some(Finish::TooLong) {
                return Poll::Ready(Some(Err(ApiError::too_long(self.limit))));
            }
            if let Some(more) = self.take(piece) {
                return Poll::Ready(Some(Ok(more)));
            }
        }
        Poll::Ready(None)
    }

    /// The same for those who can wait.
    pub(crate) async fn next(&mut self) -> Option<Result<More, ApiError>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn take(&mut self, piece: Piece) -> Option<More> {
        let Piece { index, mut tokens, finish } = piece;
        let text = &mut self.texts[index];
        if text.is_over {
            return None;
        }
        let (mut new, mut count) = (String::new(), 0);
        // What the engine wrote behind a stop string, before it heard of it, is nobody's.
        while count < tokens.len() && !text.pieces.is_over() {
            new += &text.pieces.push(tokens[count].id);
            count += 1;
        }
        tokens.truncate(count);
        self.usage.completion_tokens += count;
        self.usage.total_tokens += count;
        let is_stopped = text.pieces.is_over();
        if finish.is_some() {
            new += &text.pieces.finish();
        }
        let finish = match finish {
            // A stop string may come with the last token.
            _ if is_stopped => Some("stop"),
            Some(Finish::Stop) => Some("stop"),
            Some(_) => Some("length"),
            None => None,
        };
        if finish.is_some() {
            text.is_over = true;
            text.enough.store(true, Relaxed);
            self.left -= 1;
        }
        (finish.is_some() || !new.is_empty() || !tokens.is_empty()).then_some(More { index, text: new, tokens, finish })
    }
}

/// The text of one token, and how likely it was.
pub(crate) fn with_text<'t>(tokenizer: &Tokenizer, tokens: &'t [Token]) -> impl Iterator<Item = (String, &'t Likely)> {
    tokens.iter().filter_map(|token| Some((tokenizer.decode(&[token.id]), &**token.likely.as_ref()?)))
}

/// Text that the vocabulary does not know: it may well be a good request to another model.
pub(crate) fn unknown(error: &TextError, param: &str) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_text", error.to_string()).about(param)
}

/// A number that nobody has seen.
fn random() -> u64 {
    getrandom::u64().unwrap_or_else(|_| since_1970().as_nanos() as u64)
}
