//! The runs that are served: which models write or translate, with what stands beside them, and which are only shown.

use crate::{ServeError, Settings};
use rushlight_engine::no_grad;
use rushlight_text::Tokenizer;
use rushlight_trace::{RunFolder, Which, runs_under};
use rushlight_train::{Run, Session};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// All that is served.
pub(crate) struct Catalogue {
    /// In the order of the engine's models.
    pub(crate) models: Vec<Served>,
    /// Every run by its name, those too whose models do not write.
    pub(crate) runs: BTreeMap<String, RunFolder>,
}

/// What a model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Goes on from text.
    Writes,
    /// Answers or translates a sentence.
    Translates,
}

/// A model that answers.
pub(crate) struct Served {
    /// Its run's name.
    pub(crate) id: String,
    pub(crate) does: Does,
    /// The name of its family, for people.
    pub(crate) label: &'static str,
    pub(crate) parameters: usize,
    /// When its run began, in seconds since 1970.
    pub(crate) created: u64,
    pub(crate) tokenizer: Arc<Tokenizer>,
    /// Of what is translated.
    pub(crate) source: Arc<Tokenizer>,
    /// How many tokens its memory holds; none where there is no end.
    pub(crate) window: Option<usize>,
    /// Whether it can be shown where it looks.
    pub(crate) looks: bool,
}

impl Catalogue {
    /// Opens the runs, and gives the sessions of the models in their order.
    ///
    /// # Errors
    /// A folder that is no run, two runs of one name, a model that cannot be loaded, or nothing to serve.
    pub(crate) fn open(settings: &Settings) -> Result<(Self, Vec<Session>), ServeError> {
        let mut catalogue = Self { models: Vec::new(), runs: BTreeMap::new() };
        let mut sessions = Vec::new();
        let folders = folders(settings)?;
        let is_alone = folders.len() == 1;
        for folder in folders {
            let name = folder.name();
            let has_weights = folder.checkpoint(Which::Best).is_ok();
            match has_weights.then(|| load(&folder, &name)).transpose() {
                Ok(Some(Some((served, session)))) => {
                    catalogue.models.push(served);
                    sessions.push(session);
                }
                Ok(_) => tracing::info!("`{name}` is shown; it has no weights that write"),
                Err(error) if is_alone => return Err(error),
                // Of many runs, one that is damaged takes nothing from the others.
                Err(error) => tracing::warn!("`{name}` is shown and not served: {error}"),
            }
            if let Some(other) = catalogue.runs.insert(name.clone(), folder.clone()) {
                return Err(ServeError::Nothing(format!(
                    "both `{}` and `{}` are called `{name}`, which is their name for those who ask; serve one of them, or \
                     rename one",
                    other.path().display(),
                    folder.path().display()
                )));
            }
        }
        Ok((catalogue, sessions))
    }

    /// The model of this name, with its number.
    pub(crate) fn model(&self, id: &str) -> Option<(usize, &Served)> {
        self.models.iter().enumerate().find(|(_, served)| served.id == id)
    }

    /// The models' names, for those who asked for another.
    pub(crate) fn names(&self) -> String {
        match self.models.as_slice() {
            [] => "none: the runs here do not write".into(),
            models => models.iter().map(|served| format!("`{}`", served.id)).collect::<Vec<_>>().join(", "),
        }
    }
}

fn folders(settings: &Settings) -> Result<Vec<RunFolder>, ServeError> {
    let mut folders = Vec::new();
    for path in &settings.runs {
        match (RunFolder::open(path), runs_under(path)?) {
            (Ok(folder), _) => folders.push(folder),
            (Err(error), below) if below.is_empty() => return Err(error.into()),
            (Err(_), below) => folders.extend(below),
        }
    }
    if folders.is_empty() && settings.assistant.is_none() {
        return Err(ServeError::Nothing("no run to serve; give the folders of some".into()));
    }
    Ok(folders)
}

/// The model of a run, if it writes.
fn load(folder: &RunFolder, name: &str) -> Result<Option<(Served, Session)>, ServeError> {
    let session = Run::open_alone(folder.path(), Which::Best)?;
    let does = match (session.model.generator(), session.model.translator()) {
        (Some(_), _) => Does::Writes,
        (_, Some(_)) => Does::Translates,
        _ => return Ok(None),
    };
    let (Ok(tokenizer), Ok(source)) = (session.tokenizer(), session.source_tokenizer()) else { return Ok(None) };
    let (tokenizer, source) = (Arc::new(tokenizer.clone()), Arc::new(source.clone()));
    if !session.is_finite() {
        return Err(ServeError::Nothing(format!(
            "the weights of `{name}` are not numbers: its training diverged, so it cannot write; train it again with a \
             smaller `lr`"
        )));
    }
    let window = session.model.decoder().and_then(|decoder| decoder.window());
    let looks = does == Does::Translates
        && no_grad(|| rushlight_train::probe::attention(&session, "", &[])).is_ok_and(|maps| !maps.is_empty());
    let parameters = session.model.params().iter().map(|param| param.value().count()).sum();
    let changed = std::fs::metadata(folder.card_path()).and_then(|data| data.modified());
    let created = changed.unwrap_or_else(|_| SystemTime::now()).duration_since(UNIX_EPOCH).unwrap_or_default();
    let served = Served {
        id: name.to_owned(),
        does,
        label: session.entry.label,
        parameters,
        created: created.as_secs(),
        tokenizer,
        source,
        window,
        looks,
    };
    Ok(Some((served, session)))
}
