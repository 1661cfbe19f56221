//! `/v1/translate`: lines in another language, by beams, and where the model looked.

use super::App;
use super::asked::Asked;
use super::sampling::OneOrMany;
use crate::catalogue::Does;
use crate::engine::{Translating, Translation};
use crate::error::{ApiError, ErrorBody};
use axum::Json;
use axum::extract::State;
use rushlight_models::beam::Beam;
use rushlight_trace::AttentionMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use utoipa::ToSchema;

/// The most lines, the widest beam.
const MOST_LINES: usize = 256;
const WIDEST: usize = 32;

/// Lines to translate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TranslateRequest {
    /// The name of a model that translates.
    model: String,
    /// A line, or several.
    text: OneOrMany,
    /// How many hypotheses are kept side by side, 1 to 32; 5 unless told otherwise.
    beam: Option<usize>,
    /// How many of the best are given for each line; 1 unless told otherwise.
    best: Option<usize>,
    /// How much what is long is favoured, 0 to 10; 1 unless told otherwise.
    length_penalty: Option<f32>,
    /// The most tokens of a translation; twice those of its source and ten more unless told otherwise.
    max_tokens: Option<usize>,
    /// Whether it is told where the model looked.
    #[serde(default)]
    attention: bool,
}

/// Lines that were translated.
#[derive(Serialize, ToSchema)]
pub(crate) struct TranslateAnswer {
    model: String,
    translations: Vec<Line>,
}

/// A line that was translated.
#[derive(Serialize, ToSchema)]
pub(crate) struct Line {
    source: String,
    /// The best translation.
    text: String,
    /// The best translations, best first.
    best: Vec<Scored>,
    /// In how many pieces it was translated: more than one where it is longer than the model's window.
    pieces: usize,
    /// Where the model looked, a map for each layer; where nobody asked, or of a line in pieces, none.
    attention: Vec<Map>,
}

/// A translation with its score.
#[derive(Serialize, ToSchema)]
pub(crate) struct Scored {
    text: String,
    /// The logarithm of its probability.
    logprob: f64,
    /// What it is ranked by.
    score: f64,
}

/// For each token written, the share of each token of the source.
#[derive(Serialize, ToSchema)]
pub(crate) struct Map {
    /// Where in the model.
    site: String,
    source: Vec<String>,
    target: Vec<String>,
    /// For each head a row for each token written.
    heads: Vec<Vec<Vec<f32>>>,
}

impl From<AttentionMap> for Map {
    fn from(AttentionMap { site, source, target, heads }: AttentionMap) -> Self {
        Self { site, source, target, heads }
    }
}

/// Lines in another language.
#[utoipa::path(post, path = "/v1/translate", request_body = TranslateRequest,
    responses((status = 200, body = TranslateAnswer), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody)))]
pub(crate) async fn translate(
    State(app): State<Arc<App>>,
    Asked(request): Asked<TranslateRequest>,
) -> Result<Json<TranslateAnswer>, ApiError> {
    let (number, served) = app.model(&request.model)?;
    if served.does != Does::Translates {
        let message = format!("`{}` does not translate; ask it at `/v1/completions`", served.id);
        return Err(ApiError::of("model", message));
    }
    let beam = request.beam()?;
    let lines = request.text.into_all();
    if !(1..=MOST_LINES).contains(&lines.len()) {
        return Err(ApiError::of("text", format!("`text` has {} lines; it may have 1 to {MOST_LINES}", lines.len())));
    }
    let mut tokens = 0;
    for line in &lines {
        tokens += served.source.try_encode(line.trim()).map_err(|error| super::writing::unknown(&error, "text"))?.len();
    }
    if tokens > app.limits.prompt {
        let message = format!("`text` has {tokens} tokens; this server reads at most {} at once", app.limits.prompt);
        return Err(ApiError::of("text", message));
    }
    if request.max_tokens.is_some_and(|most| most > app.limits.tokens) {
        return Err(ApiError::of("max_tokens", format!("`max_tokens` may be at most {}", app.limits.tokens)));
    }
    let Some(place) = app.engine.load.places(1) else {
        app.metrics.refused.fetch_add(1, Relaxed);
        let message = "as many requests wait already as may; come again in a moment";
        return Err(ApiError::later("queue_full", Duration::from_secs(1), message));
    };
    let (to, come) = oneshot::channel();
    let deadline = Instant::now() + app.limits.timeout;
    let asked = Translating { lines: lines.clone(), beam, looks: request.attention, to, deadline, place: Some(place) };
    app.engine.translate(number, asked).map_err(|_| ApiError::broken())?;
    let done = match come.await {
        Ok(Ok(done)) => done,
        Ok(Err(message)) => return Err(ApiError::of("text", message)),
        Err(_) if Instant::now() >= deadline => return Err(ApiError::too_long(app.limits.timeout)),
        Err(_) => return Err(ApiError::broken()),
    };
    let translations = lines.into_iter().zip(done).map(|(source, done)| Line::of(source, done)).collect();
    Ok(Json(TranslateAnswer { model: served.id.clone(), translations }))
}

impl TranslateRequest {
    fn beam(&self) -> Result<Beam, ApiError> {
        let (width, best) = (self.beam.unwrap_or(5), self.best.unwrap_or(1));
        let length_penalty = self.length_penalty.unwrap_or(1.0);
        if !(1..=WIDEST).contains(&width) {
            return Err(ApiError::of("beam", format!("`beam` is {width}; it must be 1 to {WIDEST}")));
        }
        if !(1..=width).contains(&best) {
            return Err(ApiError::of("best", format!("`best` is {best}; a beam of {width} knows 1 to {width}")));
        }
        if !(0.0..=10.0).contains(&length_penalty) {
            let message = format!("`length_penalty` is {length_penalty}; it must be 0 to 10");
            return Err(ApiError::of("length_penalty", message));
        }
        if self.max_tokens == Some(0) {
            return Err(ApiError::of("max_tokens", "`max_tokens` is 0; give 1 or more"));
        }
        let most = self.max_tokens.unwrap_or(usize::MAX);
        Ok(Beam { best, length_penalty, ..Beam::new(width, most, None) })
    }
}

impl Line {
    fn of(source: String, done: Translation) -> Self {
        let scored = |best: rushlight_train::Translation| Scored {
            text: best.text,
            logprob: best.hypothesis.log_probability,
            score: best.hypothesis.score,
        };
        let best: Vec<Scored> = done.translated.best.into_iter().map(scored).collect();
        let text = best.first().map(|best| best.text.clone()).unwrap_or_default();
        let attention = done.maps.into_iter().map(Map::from).collect();
        Self { source, text, best, pieces: done.translated.pieces, attention }
    }
}
