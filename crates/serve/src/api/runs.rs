//! Runs and how they go: their numbers as they come, what the doctor found, and the page that `report` draws.

use super::{App, blocking};
use crate::error::{ApiError, ErrorBody};
use crate::guard;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rushlight_report::Page;
use rushlight_trace::{Finding, RunFolder, Trace, TraceError};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// So many points of a curve are as good as all of them.
const MOST_POINTS: usize = 400;

/// All runs.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunList {
    object: &'static str,
    data: Vec<Summary>,
}

/// A run in a line.
#[derive(Serialize, ToSchema)]
pub(crate) struct Summary {
    name: String,
    /// What it is trained for.
    task: String,
    /// The model's family.
    model: String,
    /// When it began.
    started: String,
    steps: u64,
    tokens: u64,
    seconds: f64,
    /// Why it ended; nothing while it goes on.
    ended: Option<String>,
    /// Its best loss on the validation part, or else on the training part.
    loss: Option<f64>,
    /// What losses are counted in.
    unit: Option<String>,
    /// Whether its model answers here.
    served: bool,
    findings: Vec<Found>,
    /// Changes whenever there is something new.
    version: String,
}

/// What the doctor found.
#[derive(Serialize, ToSchema)]
pub(crate) struct Found {
    name: String,
    /// `note`, `risk` or `fault`.
    severity: String,
    message: String,
    place: String,
    since_step: Option<u64>,
    cures: Vec<String>,
}

/// A run and its curves.
#[derive(Serialize, ToSchema)]
pub(crate) struct Course {
    #[serde(flatten)]
    summary: Summary,
    /// Losses of training: step and loss.
    training: Vec<(u64, Option<f64>)>,
    /// Losses on the validation part: step and loss.
    validation: Vec<(u64, Option<f64>)>,
    /// Losses to hold its own against: name and loss.
    yardsticks: Vec<(String, Option<f64>)>,
}

/// All runs that are shown here.
#[utoipa::path(get, path = "/v1/runs", responses((status = 200, body = RunList)))]
pub(crate) async fn list(State(app): State<Arc<App>>) -> Result<Json<RunList>, ApiError> {
    let all = blocking(app.limits.timeout, move || {
        let summary = |(name, folder): (&String, &RunFolder)| read(folder).map(|trace| summary(&app, name, &trace));
        app.catalogue.runs.iter().map(summary).collect::<Result<_, _>>()
    });
    Ok(Json(RunList { object: "list", data: all.await? }))
}

/// A run and its curves, as far as they have come.
#[utoipa::path(get, path = "/v1/runs/{name}", params(("name" = String, Path, description = "The name of the run")),
    responses((status = 200, body = Course), (status = 404, body = ErrorBody)))]
pub(crate) async fn one(State(app): State<Arc<App>>, Path(name): Path<String>) -> Result<Json<Course>, ApiError> {
    let course = blocking(app.limits.timeout, move || {
        let trace = read(find(&app, &name)?)?;
        let number = |value: f64| value.is_finite().then_some(value);
        let training: Vec<_> = trace.steps().map(|step| (step.step, number(step.loss))).collect();
        let validation = trace.evaluations("validation").map(|each| (each.step, number(each.loss))).collect();
        let levels = trace.yardsticks().map(|yardsticks| &yardsticks.levels[..]).unwrap_or_default();
        Ok(Course {
            summary: summary(&app, &name, &trace),
            training: thinned(training),
            validation: thinned(validation),
            yardsticks: levels.iter().map(|level| (level.name.clone(), number(level.loss))).collect(),
        })
    });
    Ok(Json(course.await?))
}

/// The page that `rushlight report` writes of a run, as far as it has come.
#[utoipa::path(get, path = "/runs/{name}/report", params(("name" = String, Path, description = "The name of the run")),
    responses((status = 200, description = "A page", content_type = "text/html"), (status = 404, body = ErrorBody)))]
pub(crate) async fn report(State(app): State<Arc<App>>, Path(name): Path<String>) -> Result<Response, ApiError> {
    let page = blocking(app.limits.timeout, move || Ok(Page::of_runs(&[read(find(&app, &name)?)?]).to_html())).await?;
    let policy = guard::policy_of_report(&page);
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

fn find<'a>(app: &'a App, name: &str) -> Result<&'a RunFolder, ApiError> {
    app.catalogue.runs.get(name).ok_or_else(|| {
        let names: Vec<String> = app.catalogue.runs.keys().map(|name| format!("`{name}`")).collect();
        let message = format!("there is no run `{}` here; there are: {}", name.escape_debug(), names.join(", "));
        ApiError::new(StatusCode::NOT_FOUND, "run_not_found", message)
    })
}

fn read(folder: &RunFolder) -> Result<Trace, ApiError> {
    let broken = |error: TraceError| {
        // Paths of this machine are nobody's business.
        tracing::warn!("{error}");
        let message = format!("the records of `{}` cannot be read; the server's log says why", folder.name());
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "run_broken", message)
    };
    Trace::read(folder).map_err(broken)
}

fn summary(app: &App, name: &str, trace: &Trace) -> Summary {
    let best = trace.best_evaluation("validation").or_else(|| trace.best_evaluation("train"));
    let (steps, tokens, seconds) = trace.progress();
    Summary {
        name: name.to_owned(),
        task: trace.card.task.clone(),
        model: trace.card.model.label.clone(),
        started: trace.card.started.clone(),
        steps,
        tokens,
        seconds,
        ended: trace.done().map(|done| done.reason.clone()),
        loss: best.map(|best| best.loss).filter(|loss| loss.is_finite()),
        unit: best.map(|best| best.unit.to_string()),
        served: app.catalogue.model(name).is_some(),
        findings: trace.findings.iter().map(Found::of).collect(),
        version: format!("{}-{}", trace.records.len(), trace.findings.len()),
    }
}

impl Found {
    fn of(finding: &Finding) -> Self {
        Self {
            name: finding.name.clone(),
            severity: finding.severity.to_string(),
            message: finding.message.clone(),
            place: finding.place.clone(),
            since_step: finding.since_step,
            cures: finding.cures.clone(),
        }
    }
}

/// Every so many points of a curve, and its last.
fn thinned<T: Clone>(points: Vec<T>) -> Vec<T> {
    let every = points.len().div_ceil(MOST_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let kept = points.iter().enumerate().filter(|(place, _)| place % every == 0 || *place == last);
    kept.map(|(_, point)| point.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_keeps_its_ends() {
        let thin = thinned((0..1001).collect());
        assert!(thin.len() <= MOST_POINTS && thin[0] == 0 && thin[thin.len() - 1] == 1000, "{}", thin.len());
        assert_eq!(thinned(vec![1, 2, 3]), [1, 2, 3]);
        assert!(thinned::<u8>(Vec::new()).is_empty());
    }
}
