//! `[train.init]`: starting from another run's weights, and holding some of them still.

use crate::recipe::Recipe;
use crate::{Session, TrainError, checkpoint, opening};
use rushlight_data::Tokenizers;
use rushlight_trace::{RunFolder, Which};
use std::path::Path;

/// Puts in the weights that the recipe names, and holds still what it says.
pub(crate) fn begin_from(session: &Session) -> Result<(), TrainError> {
    let run = &session.recipe.train.init.run;
    if !run.is_empty() {
        let folder = RunFolder::open(Path::new(run))?;
        let theirs = folder.card()?.model.name;
        if theirs != session.entry.name {
            return Err(TrainError::Unfit(format!(
                "`run` in [train.init] is {run}, whose model is `{theirs}`, but [model] says `{}`; give a run of the same kind",
                session.entry.name
            )));
        }
        checkpoint::load_weights(session, &folder.checkpoint(Which::Best)?)?;
    }
    check_patterns(session)?;
    freeze(session);
    Ok(())
}

/// The tokenizers of the run that the recipe begins from: its weights mean nothing with others.
pub(crate) fn tokenizers(recipe: &Recipe) -> Result<Option<Tokenizers>, TrainError> {
    let run = &recipe.train.init.run;
    if run.is_empty() || !recipe.data.has_text() {
        return Ok(None);
    }
    opening::tokenizers_of(&RunFolder::open(Path::new(run))?)
}

/// Holds still every parameter that a pattern of the recipe names.
pub(crate) fn freeze(session: &Session) {
    for param in session.model.params().iter() {
        if session.recipe.train.init.freeze.iter().any(|pattern| matches(pattern, param.name())) {
            param.freeze(true);
        }
    }
}

fn check_patterns(session: &Session) -> Result<(), TrainError> {
    let names: Vec<&str> = session.model.params().iter().map(|param| param.name()).collect();
    match session.recipe.train.init.freeze.iter().find(|pattern| !names.iter().any(|name| matches(pattern, name))) {
        None => Ok(()),
        Some(pattern) => Err(TrainError::Unfit(format!(
            "`freeze` in [train.init] names `{pattern}`, but no parameter is called so; there are: {}",
            names.join(", ")
        ))),
    }
}

/// Whether `name` is what `pattern` says; `*` stands for any letters.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|skip| rest.is_char_boundary(skip) && matches(after, &rest[skip..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_letters() {
        assert!(matches("embed.*", "embed.weight"));
        assert!(matches("*.bias", "layers.0.input.bias"));
        assert!(matches("blocks.*.norm1.*", "blocks.3.norm1.weight"));
        assert!(!matches("embed", "embed.weight"));
        assert!(!matches("blocks.*.bias", "out.bias"));
    }
}
