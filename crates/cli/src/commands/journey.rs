//! `journey`: the way of one input through a model, as numbers: characters, ids, one-hot rows, embedding, every site, the
//! answer, its loss, and back as gradients. It sees a model through its sites alone, so a new model needs no code here.

use super::Answer;
use crate::terminal::{did_you_mean, listed};
use anyhow::{Context, Result, bail, ensure};
use rushlight_data::IGNORE;
use rushlight_engine::{Ids, Tensor};
use rushlight_models::beam::Beam;
use rushlight_models::{ALL, Input, Source, Takes};
use rushlight_trace::Which;
use rushlight_train::recipe::Recipe;
use rushlight_train::{GoesOn, Prepared, Run, Session, Targets, Task, entry};
use std::path::Path;

mod picture;
mod story;

/// The flags of `journey`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// A run's folder, or a model's name for a fresh one that has learned nothing.
    #[arg(value_name = "RUN|MODEL")]
    of: String,
    /// The text; its last token is what the model should answer after the others. Vectors are taken from the data.
    #[arg(long)]
    text: Option<String>,
}

/// Tells the journey.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let path = Path::new(&flags.of);
    let session = if path.is_dir() { Run::open_alone(path, Which::Best)? } else { fresh(&flags.of)? };
    let source = if path.is_dir() {
        format!("the trained {} of {}", session.entry.label, flags.of)
    } else {
        format!("an untrained {}", session.entry.label)
    };
    let (input, names, title) = match session.task {
        Task::Language | Task::Translation => {
            let text =
                flags.text.as_deref().with_context(|| format!("`{}` reads text; say which with `--text`", flags.of))?;
            let hint = || {
                let of = &flags.of;
                format!("an untrained `{of}` knows the letters a to z alone; name a run in its place for other text")
            };
            let tokens = Tokens::of(&session, text);
            let tokens = if path.is_dir() { tokens } else { tokens.with_context(hint) }?;
            (tokens.prepared(session.entry.takes), Some(tokens), format!("The way of `{text}` through {source}"))
        }
        Task::Understanding => {
            let text =
                flags.text.as_deref().with_context(|| format!("`{}` reads text; say which with `--text`", flags.of))?;
            (understood(&session, text)?, None, format!("The way of `{text}` through {source}"))
        }
        Task::Classification | Task::Regression => {
            ensure!(
                flags.text.is_none(),
                "a `{}` reads rows of numbers, not text; leave `--text` out, and the first row of the data is shown",
                session.entry.name
            );
            (first_row(&session)?, None, format!("The way of a row of numbers through {source}"))
        }
    };
    ensure!(
        session.is_finite() && story::is_finite(&session, &input),
        "`{}` answers with what is no number: its weights have grown beyond measure; train it again with a smaller `lr` or a `clip`",
        flags.of
    );
    Ok(story::tell(&session, &input, names.as_ref(), &title))
}

/// The tokens of a text: what the model reads, and what it should answer.
pub(crate) struct Tokens {
    /// What the model reads.
    pub(crate) inputs: Vec<u32>,
    /// The true next one.
    pub(crate) target: u32,
    /// Each input as a person reads it.
    pub(crate) names: Vec<String>,
    /// How many tokens were left out at the front, because the model's window ends.
    pub(crate) left_out: usize,
}

impl Tokens {
    /// A sentence to translate, up to the first token of what it becomes.
    fn translated(session: &Session, text: &str) -> Result<Self> {
        let (tokenizer, end) = (session.source_tokenizer()?, session.tokenizer()?.boundary().unwrap_or(0));
        let inputs: Vec<u32> = tokenizer.try_encode(text).context("`--text`")?.into_iter().chain([end]).collect();
        let window = session.translator()?.window().unwrap_or(usize::MAX);
        ensure!(inputs.len() <= window, "`--text` has {} tokens, but the model's window {window}", inputs.len());
        let best = session.translate(&[text], &Beam::greedy())?.remove(0).best.remove(0);
        let target = best.hypothesis.tokens.first().copied().unwrap_or(end);
        let names = inputs.iter().map(|&id| tokenizer.token(id)).collect();
        Ok(Self { inputs, target, names, left_out: 0 })
    }

    fn of(session: &Session, text: &str) -> Result<Self> {
        if session.task == Task::Translation {
            return Self::translated(session, text);
        }
        let tokenizer = session.tokenizer()?;
        let ids: Vec<u32> =
            tokenizer.boundary().into_iter().chain(tokenizer.try_encode(text).context("`--text`")?).collect();
        let Some((&target, read)) = ids.split_last().filter(|(_, read)| !read.is_empty()) else {
            bail!("`--text` has no token to read before the last one, which is the answer; give a longer text");
        };
        let most = match session.entry.takes {
            Takes::Contexts => session.sizes.window,
            _ => session.model.generator().and_then(|generator| generator.window()).unwrap_or(usize::MAX),
        };
        let left_out = read.len().saturating_sub(most);
        let mut inputs = read[left_out..].to_vec();
        if session.entry.takes == Takes::Contexts {
            // Before the text begins the window holds the boundary, which is 0.
            let missing = most.saturating_sub(inputs.len());
            inputs.splice(0..0, std::iter::repeat_n(0, missing));
        }
        let names = inputs.iter().map(|&id| tokenizer.token(id)).collect();
        Ok(Self { inputs, target, names, left_out })
    }

    fn prepared(&self, takes: Takes) -> Prepared {
        let ids = Ids::new(&[1, self.inputs.len()], self.inputs.clone());
        let (input, targets) = match takes {
            Takes::Contexts => (Input::Contexts(ids), Ids::new(&[1], vec![self.target])),
            // A translation begins with the end of the sentence before.
            Takes::Pair => {
                let begin = self.inputs[self.inputs.len() - 1];
                let source = Source::whole(ids);
                (Input::Pair(source, Ids::new(&[1, 1], vec![begin])), Ids::new(&[1, 1], vec![self.target]))
            }
            Takes::Ids | Takes::Rows | Takes::Sentences => {
                let mut targets = vec![IGNORE; self.inputs.len()];
                targets[self.inputs.len() - 1] = self.target;
                (Input::Ids(ids), Ids::new(&[1, self.inputs.len()], targets))
            }
        };
        Prepared { input, targets: Targets::Classes(targets), goes_on: GoesOn::Never }
    }
}

/// A model that has learned nothing, for names by character (or for noise, if it reads numbers).
fn fresh(name: &str) -> Result<Session> {
    let names = || ALL.iter().map(|entry| entry.name);
    if !names().any(|known| known == name) {
        bail!(
            "`{name}` is neither the folder of a run nor a model; the models are {}.{}",
            listed(names()),
            did_you_mean(name, names())
        );
    }
    let (data, window) = match entry(name)?.takes {
        Takes::Contexts => ("kind = \"lines\"\ndataset = \"names\"\nbatching = \"contexts\"", 3),
        Takes::Ids => ("kind = \"lines\"\ndataset = \"names\"", 32),
        Takes::Rows => ("kind = \"noise\"", 1),
        Takes::Pair => ("kind = \"parallel\"\ndataset = \"tatoeba\"", 300),
        Takes::Sentences => ("kind = \"utterances\"\ndataset = \"snips\"\nslots = false", 64),
    };
    let recipe =
        format!("[data]\n{data}\n[model]\nkind = \"{name}\"\n[train]\nsteps = 1\nwindow = {window}\nlr = 0.1\n");
    Ok(Session::new(Recipe::parse(&recipe, "journey.toml", &[])?, None)?)
}

/// The first row of the first training batch.
fn first_row(session: &Session) -> Result<Prepared> {
    let batch = session.batch_at(0)?;
    let row = |tensor: &Tensor| tensor.select(&[0]);
    let input = match &batch.input {
        Input::Rows(rows) => Input::Rows(row(rows)),
        other => other.clone(),
    };
    let targets = match &batch.targets {
        Targets::Classes(classes) => Targets::Classes(Ids::new(&[1], vec![classes.data()[0]])),
        Targets::Labels(labels) => Targets::Classes(Ids::new(&[1], vec![labels.intents.data()[0]])),
        Targets::Values(values) => Targets::Values(row(values)),
    };
    Ok(Prepared { input, targets, ..batch })
}

/// A sentence, with the intent that the model names for it.
fn understood(session: &Session, text: &str) -> Result<Prepared> {
    let intent = session.understand(&[text])?.remove(0).0.intent as u32;
    let targets = Targets::Classes(Ids::new(&[1], vec![intent]));
    Ok(Prepared { input: session.sentence(text)?, targets, goes_on: GoesOn::Never })
}
