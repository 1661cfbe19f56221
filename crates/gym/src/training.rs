//! A case, trained in memory and looked at before, meanwhile and after: what it leaves behind, and how good it became.

use crate::Case;
use crate::board::rise;
use crate::case::component_of;
use crate::made_up::write_tables;
use rushlight_data::PartName;
use rushlight_doctor::{Chosen, Exam, Report, examine};
use rushlight_engine::with_threads;
use rushlight_trace::{Component, Done, Record, Trace};
use rushlight_train::{Session, TrainError, WAYS, check, evaluation};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Targets of an evaluation.
pub(crate) const TARGETS: usize = 2000;
/// How often it is evaluated on the way, and looked at from inside.
const LOOKS: u64 = 6;

/// Why a case could not be trained, or its records not be kept.
#[derive(Debug, thiserror::Error)]
pub enum GymError {
    /// The training was refused.
    #[error("{case}: {source}")]
    Training {
        /// The case.
        case: String,
        /// Why.
        source: Box<TrainError>,
    },
    /// The file system says no.
    #[error("`{}` cannot be {doing}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        doing: &'static str,
        /// Its reason.
        source: std::io::Error,
    },
    /// A file that is none of ours, or of another version.
    #[error("`{}` is not what a gym keeps: {message}; remove it, and it will be made again", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What was found.
        message: String,
    },
}

/// What a case has left behind: enough to judge it again without training it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The case.
    pub case: Case,
    /// How bad it became by each way of measuring: as it evaluates itself, without what is wrong, token by token, read back, drawn.
    #[serde(deserialize_with = "losses")]
    pub losses: [f64; WAYS],
    /// How long it took.
    pub seconds: f64,
    /// Its recipe.
    pub recipe: String,
    /// Its records.
    pub records: Vec<Record>,
}

impl Case {
    /// Trains it on one thread. Keeps its records in `folder`, and gives those that lie there already.
    ///
    /// # Errors
    /// A training that is refused, or a folder that cannot be written.
    pub fn train(&self, folder: &Path) -> Result<Kept, GymError> {
        let path = folder.join(format!("{}.json", self.name()));
        if path.exists() {
            return Kept::read(&path);
        }
        let tables = folder.join("tables");
        write_tables(&tables).map_err(|source| GymError::Io { path: tables.clone(), doing: "written", source })?;
        let kept = with_threads(1, || self.carry_out(&tables))
            .map_err(|source| GymError::Training { case: self.name(), source: Box::new(source) })?;
        kept.write(&path)?;
        Ok(kept)
    }

    fn carry_out(&self, tables: &Path) -> Result<Kept, TrainError> {
        let started = Instant::now();
        let recipe = self.recipe(tables).expect("a case of the list has a recipe");
        let text = recipe.to_toml();
        let mut session = Session::new(recipe, None)?;
        let records = recorded(&mut session, u64::MAX, || false)?.unwrap_or_default();
        let losses = session.losses(PartName::Validation, TARGETS)?;
        let seconds = started.elapsed().as_secs_f64();
        Ok(Kept { case: self.clone(), losses, seconds, recipe: text, records })
    }

    /// Which of the losses its fault shows in.
    pub(crate) fn shows_in(&self) -> usize {
        shows_in(component_of(&self.fault), &self.fault)
    }

    /// By which share of it a loss with its fault is worse than one without: higher; or lower, where the fault spoils no model
    /// and makes its loss a lie.
    pub(crate) fn harm(&self, without: f64, with: f64) -> f64 {
        if self.fault == "validation-inside-train" { rise(with, without) } else { rise(without, with) }
    }
}

/// Which of the losses shows what is wrong with a part, because of this fault or another reason.
pub(crate) fn shows_in(component: Component, fault: &str) -> usize {
    match component {
        // Who sees the future is good at it, and bad where there is none to be seen.
        Component::Mask | Component::Data => 1,
        Component::Cache => 2,
        Component::Evaluation if fault.contains("loading") => 3,
        Component::Output if fault == "output-restarted" => 3,
        Component::Decoding => 4,
        _ => 0,
    }
}

/// JSON has no word for what is no number. Records of earlier versions know fewer ways, of which each had no meaning for their
/// faults: there it is the first.
fn losses<'de, D: Deserializer<'de>>(from: D) -> Result<[f64; WAYS], D::Error> {
    let kept: Vec<Option<f64>> = Vec::deserialize(from)?;
    let first = kept.first().copied().ok_or_else(|| D::Error::custom("no losses"))?;
    Ok(std::array::from_fn(|way| kept.get(way).copied().unwrap_or(first).unwrap_or(f64::NAN)))
}

/// What the training leaves behind that takes at most `steps` steps of `session`, looked at before, meanwhile and after; none,
/// where it was asked to stop.
pub(crate) fn recorded(
    session: &mut Session,
    steps: u64,
    stop: impl Fn() -> bool,
) -> Result<Option<Vec<Record>>, TrainError> {
    let started = Instant::now();
    let mut records: Vec<Record> = session.yardsticks()?.map(Record::Yardsticks).into_iter().collect();
    records.extend(check::check(session)?);
    let total = session.total_steps().min(steps);
    let every = (total / LOOKS).max(1);
    let mut reason = if total < session.total_steps() { "interrupted" } else { "finished" };
    while session.progress.step < total && !session.is_over() {
        if stop() {
            return Ok(None);
        }
        let step = session.progress.step + 1;
        let watch = step == 1 || step.is_multiple_of(every);
        let (taken, watched) = session.take_recorded_step(watch)?;
        let is_number = taken.loss.is_finite();
        records.push(Record::Step(taken));
        records.extend(watched);
        if !is_number {
            reason = "the loss is no number";
            break;
        }
        if step.is_multiple_of(every) && step < total {
            records.push(evaluated(session, session.judged_by())?);
        }
    }
    if session.judged_by() == PartName::Validation {
        records.push(evaluated(session, PartName::Validation)?);
    }
    records.push(evaluated(session, PartName::Train)?);
    records.extend(check::check(session)?);
    let progress = &session.progress;
    records.push(Record::Done(Done {
        reason: reason.into(),
        steps: progress.step,
        tokens: progress.tokens,
        seconds: started.elapsed().as_secs_f64(),
        wait_seconds: 0.0,
    }));
    Ok(Some(records))
}

fn evaluated(session: &Session, part: PartName) -> Result<Record, TrainError> {
    let score = session.evaluate(part, Some(TARGETS))?;
    Ok(Record::Evaluation(evaluation(session, part.name(), &score)))
}

impl Kept {
    /// What the doctor says of it.
    pub fn examined(&self) -> Report {
        examine(&Exam::of(&self.trace()), &Chosen::default())
    }

    /// Its records as the trace of a run.
    pub fn trace(&self) -> Trace {
        Trace { name: self.case.name(), recipe: self.recipe.clone(), records: self.records.clone(), ..Trace::default() }
    }

    /// The loss that its fault would show in; larger is worse.
    pub(crate) fn loss(&self) -> f64 {
        self.losses[self.case.shows_in()]
    }

    fn read(path: &Path) -> Result<Self, GymError> {
        let text =
            fs::read_to_string(path).map_err(|source| GymError::Io { path: path.into(), doing: "read", source })?;
        serde_json::from_str(&text).map_err(|error| GymError::Format { path: path.into(), message: error.to_string() })
    }

    fn write(&self, path: &Path) -> Result<(), GymError> {
        let text = serde_json::to_string(self).expect("plain data has a JSON form");
        rushlight_trace::write_atomic(path, text.as_bytes()).map_err(|error| GymError::Io {
            path: path.into(),
            doing: "written",
            source: std::io::Error::other(error.to_string()),
        })
    }
}
