//! How long each rung of a ladder trains: by tokens, or by seconds of which a few are spent on timing steps. Trains nothing
//! that is kept.

use super::Flags;
use crate::Cli;
use crate::commands::{Command, compare};
use crate::terminal::say;
use anyhow::{Result, bail, ensure};
use clap::Parser;
use rushlight_trace::RunFolder;
use rushlight_train::recipe::Recipe;
use rushlight_train::{Session, step_seconds};
use serde_json::Value;
use std::path::Path;

/// Tokens that a rung sees unless told otherwise: about one pass over the characters of tiny Shakespeare. The recipes of
/// the rungs are made for so many.
const TOKENS: u64 = 1_000_000;
const LEAST_TOKENS: u64 = 1000;
/// About so long a rung's recipe takes on two cores.
const SECONDS_OF_RECIPES: f64 = 30.0;
/// Timing steps takes this share of the time for training, and no longer than this.
const TIMED_SHARE: f64 = 0.1;
const LONGEST_TIMED_SECONDS: f64 = 3.0;
/// No more than this share of a training is its warm-up.
const WARM_UP_SHARE: f64 = 0.1;

/// What is the same for all rungs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Budget {
    /// So many tokens each.
    Tokens(u64),
    /// So many seconds of training each, about.
    Seconds(u64),
}

impl Budget {
    pub(crate) fn is_tokens(self) -> bool {
        matches!(self, Self::Tokens(_))
    }

    /// The steps of a training on the made-up task, of which the recipe has `steps`; by the clock all of them if the rungs have
    /// as much time as their own recipes take.
    pub(super) fn of_recall(self, steps: u64) -> u64 {
        match self {
            Self::Tokens(tokens) => part(steps, share(tokens)),
            Self::Seconds(seconds) => part(steps, (seconds as f64 / SECONDS_OF_RECIPES).min(1.0)),
        }
    }
}

impl Flags {
    /// What the flags say, or the default.
    pub(crate) fn budget(&self) -> Result<Budget> {
        match (self.tokens, self.seconds) {
            (Some(tokens), Some(seconds)) => {
                bail!("`--tokens {tokens}` and `--seconds {seconds}` both say how long a rung trains; give one of them")
            }
            (_, Some(seconds)) => {
                ensure!(seconds > 0, "`--seconds 0` is no time to learn in; give at least 1, such as 30");
                Ok(Budget::Seconds(seconds))
            }
            (tokens, None) => {
                let tokens = tokens.unwrap_or(TOKENS);
                ensure!(
                    tokens >= LEAST_TOKENS,
                    "`--tokens {tokens}` is too few to learn from; give at least {LEAST_TOKENS}"
                );
                Ok(Budget::Tokens(tokens))
            }
        }
    }

    /// Whether runs of both are rungs of one ladder.
    pub(crate) fn is_same_ladder(&self, other: &Self) -> Result<bool> {
        let of = |flags: &Self| Ok::<_, anyhow::Error>((flags.budget()?, flags.data.clone(), flags.words, flags.seed));
        Ok(of(self)? == of(other)?)
    }

    /// The recipe of a rung, cut to this ladder's tokens or seconds; `path` is where its run lies or will lie.
    pub(super) fn recipe(&self, name: &str, path: &Path) -> Result<Recipe> {
        let plain = self.plain(name)?;
        let share = match self.budget()? {
            Budget::Tokens(tokens) => share(tokens),
            Budget::Seconds(seconds) => {
                let steps = match begun(path, seconds)? {
                    Some(steps) => steps,
                    None => steps_in(seconds, name, &plain)?,
                };
                steps as f64 / plain.train.steps.max(1) as f64
            }
        };
        Ok(cut(plain, share))
    }
}

/// The ladder that a command line asked for; nothing if it asked for something else.
pub(crate) fn asked(command: &[String]) -> Option<Flags> {
    match Cli::try_parse_from(command).ok()?.command {
        Command::Ladder(flags) => Some(flags),
        _ => None,
    }
}

fn share(tokens: u64) -> f64 {
    tokens as f64 / TOKENS as f64
}

/// A share of some steps, but one at least.
fn part(steps: u64, share: f64) -> u64 {
    (steps as f64 * share).round().max(1.0) as u64
}

/// The recipe with its training cut to a share of what it says, or made longer.
fn cut(mut recipe: Recipe, share: f64) -> Recipe {
    let train = &mut recipe.train;
    if train.steps > 0 {
        train.steps = part(train.steps, share);
    }
    // 0 is not a number of steps, but each epoch, or never.
    for every in [&mut train.evaluate.every_steps, &mut train.watch_every_steps] {
        if *every > 0 {
            *every = part(*every, share);
        }
    }
    // A longer training needs no longer warm-up; a short one must not be all warm-up.
    let most = part(train.steps, WARM_UP_SHARE);
    let warm_up = train.schedule.config.get_mut("warmup_steps");
    if let Some(steps) = warm_up.filter(|steps| steps.as_u64().is_some_and(|steps| steps > most)) {
        *steps = Value::from(most);
    }
    recipe
}

/// The steps of the run that lies there already; they were timed when it began. Nothing where there is none.
fn begun(path: &Path, seconds: u64) -> Result<Option<u64>> {
    let Ok(folder) = RunFolder::open(path) else { return Ok(None) };
    let there = asked(&folder.card()?.command).and_then(|flags| flags.seconds);
    let told = there.map_or_else(|| "not given".to_owned(), |seconds| seconds.to_string());
    ensure!(
        there == Some(seconds),
        "{}",
        compare::is_another(path, &format!("`--seconds` is {told} there and {seconds} here"))
    );
    let recipe = Recipe::parse(&folder.recipe()?, &folder.recipe_path().display().to_string(), &[])?;
    Ok(Some(recipe.train.steps))
}

/// How many steps of a recipe fit into the time on this machine; what is counted takes none, and keeps its own.
fn steps_in(seconds: u64, name: &str, recipe: &Recipe) -> Result<u64> {
    let session = Session::new(recipe.clone(), None)?;
    if session.model.counting().is_some() {
        return Ok(recipe.train.steps);
    }
    let step_seconds = step_seconds(session, (seconds as f64 * TIMED_SHARE).min(LONGEST_TIMED_SECONDS))?;
    let steps = (seconds as f64 / step_seconds).round().max(1.0) as u64;
    say(&format!("{name}: {steps} steps of {:.2} ms in {seconds} s", step_seconds * 1e3));
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipes;

    fn of_command(words: &str) -> Flags {
        asked(&words.split(' ').map(String::from).collect::<Vec<_>>()).unwrap()
    }

    fn steps(share: f64) -> [u64; 4] {
        let train = cut(recipes::find("ladder/gpt", &[]).unwrap(), share).train;
        let warm_up = train.schedule.config["warmup_steps"].as_u64().unwrap();
        [train.steps, train.evaluate.every_steps, train.watch_every_steps, warm_up]
    }

    #[test]
    fn a_recipe_is_cut_with_all_that_happens_on_its_way() {
        // The recipe has 2000, 500, 200 and 100.
        assert_eq!(steps(1.0), [2000, 500, 200, 100]);
        assert_eq!(steps(3.0), [6000, 1500, 600, 100]);
        // A tenth of 500 is 50.
        assert_eq!(steps(0.25), [500, 125, 50, 50]);
        assert_eq!(steps(1e-4), [1, 1, 1, 1]);
    }

    #[test]
    fn a_command_line_says_what_was_the_same_for_all() {
        let check = |words: &str, expected| assert_eq!(of_command(words).budget().unwrap(), expected);
        check("rushlight ladder", Budget::Tokens(TOKENS));
        check("rl ladder --threads 1 --tokens=5000", Budget::Tokens(5000));
        check("/bin/rushlight ladder --seconds 30 --words", Budget::Seconds(30));
        assert!(asked(&["rushlight".into(), "train".into(), "ladder/gpt".into()]).is_none());
    }

    #[test]
    fn the_folder_says_what_was_the_same() {
        let check = |words: &str, expected| assert_eq!(of_command(words).out(), Path::new(expected));
        check("rushlight ladder", "runs/ladder");
        check("rushlight ladder --words --seconds 5", "runs/ladder-words-seconds");
        check("rushlight ladder --words 300 --out here", "here");
    }
}
