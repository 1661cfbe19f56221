//! `[train.safety]`: what a classifier holds for toxic is left out of the training part, so that less of it is written. Learns
//! no classifier: that is a training of its own, of a model that understands sentences.
//!
//! Follows  Dinan et al., Build it Break it Fix it for Dialogue Safety, 2019, <https://arxiv.org/abs/1908.06083>: a classifier over
//!          what people say; and Xu et al., Recipes for Safety in Open-domain Chatbots, 2020, <https://arxiv.org/abs/2010.07079>,
//!          section 3.2: it cleans what a model learns from
//! Departs  a line may stay with a probability in the place of a weight, which has the same mean gradient

use crate::recipe::SafetyConfig;
use crate::{Run, Session, TrainError};
use rushlight_data::Corpus;
use rushlight_engine::Rng;
use rushlight_trace::Which;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

/// A model that understands sentences and says how toxic they are.
pub struct Judge {
    session: Arc<Session>,
    toxic: usize,
}

impl Judge {
    /// Takes a session, one of whose intents is `toxic`, in letters of any case.
    ///
    /// # Errors
    /// A session of another task, one that does not know that intent, or one that diverged.
    pub fn new(session: Arc<Session>, toxic: &str) -> Result<Self, TrainError> {
        if !session.is_finite() {
            let help = "its weights are not numbers: the training diverged; train it again with a smaller `lr`";
            return Err(TrainError::Unfit(help.into()));
        }
        session.sentence("hello")?;
        let intents = session.labels().map(|labels| labels.intents.as_slice()).unwrap_or_default();
        let Some(toxic) = intents.iter().position(|name| name.eq_ignore_ascii_case(toxic)) else {
            let known = intents.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return Err(TrainError::Unfit(format!(
                "the run has no label `{toxic}`; it has {known}; name the one that is toxic (`--toxic NAME`, or `toxic` in [train.safety])"
            )));
        };
        Ok(Self { session, toxic })
    }

    /// Opens a run.
    ///
    /// # Errors
    /// A folder that is no run, or as [`Judge::new`].
    pub fn open(run: &Path, toxic: &str) -> Result<Self, TrainError> {
        Self::new(Arc::new(Run::open_alone(run, Which::Best)?), toxic)
    }

    /// How sure it is that a text is toxic, from 0 to 1: of its lines, of the worst.
    ///
    /// # Errors
    /// As [`Session::understand`].
    pub fn toxicity(&self, text: &str) -> Result<f64, TrainError> {
        let mut worst: f64 = 0.0;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            worst = worst.max(self.session.understand(&[line])?[0].0.intents[self.toxic]);
        }
        Ok(worst)
    }
}

/// What a classifier said of a training part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Toxic {
    /// How many lines it held for toxic.
    found: usize,
    /// Those that are not trained on, by their numbers, rising.
    left_out: Vec<usize>,
}

impl Toxic {
    /// Asks the classifier that the recipe names, if it names one.
    pub(crate) fn judged(config: &SafetyConfig, corpus: &Corpus, seed: u64) -> Result<Option<Self>, TrainError> {
        if config.judge.is_empty() {
            return Ok(None);
        }
        let lines = corpus.tokenizer.as_ref().and_then(|tokenizer| corpus.train.lines(tokenizer));
        let lines = lines.ok_or_else(|| {
            let help = "[train.safety] leaves out lines, and these data have none; it goes with `kind` = \"lines\", \
                        \"dialogues\" or \"parallel\" in [data]";
            TrainError::Unfit(help.into())
        })?;
        let judge = Judge::open(Path::new(&config.judge), &config.toxic)?;
        let mut rng = Rng::new(seed).fork(SAFETY);
        let mut toxic = Self { found: 0, left_out: Vec::new() };
        for (number, line) in lines.iter().enumerate() {
            if judge.toxicity(line)? >= config.threshold {
                toxic.found += 1;
                if rng.uniform() >= config.keep {
                    toxic.left_out.push(number);
                }
            }
        }
        if toxic.left_out.len() == lines.len() {
            return Err(TrainError::Unfit(format!(
                "`{}` holds every line for toxic, so none is left to train on; raise `threshold` in [train.safety]",
                config.judge
            )));
        }
        Ok(Some(toxic))
    }

    /// Whether it may be what was said of a training part of so many lines.
    fn fits(&self, lines: usize) -> bool {
        self.left_out.is_sorted_by(|one, next| one < next)
            && self.left_out.last().is_none_or(|&last| last < lines)
            && self.left_out.len() <= self.found
    }

    /// Leaves them out of the training part.
    ///
    /// # Errors
    /// Numbers that are not those of the part's lines: somebody wrote into the run's folder.
    pub(crate) fn leave_out(&self, corpus: &mut Corpus) -> Result<(), TrainError> {
        if !self.fits(corpus.train.len()) {
            let help = "`toxic.json` of this run names lines that its data do not have; put the old one back, or begin a new run \
                        with `train`";
            return Err(TrainError::Unfit(help.into()));
        }
        let mut left_out = self.left_out.iter().copied().peekable();
        let kept: Vec<usize> = (0..corpus.train.len()).filter(|number| left_out.next_if_eq(number).is_none()).collect();
        corpus.train = corpus.train.pick(&kept);
        corpus.left_out.toxic = self.left_out.len();
        Ok(())
    }
}

/// The fork of the seed that decides which toxic lines stay.
const SAFETY: u64 = 3;
