//! The recipes that ship, so that the program finds them from any folder.

use crate::terminal::{did_you_mean, listed};
use anyhow::{Result, bail};
use rushlight_models::{ALL, Entry};
use rushlight_train::recipe::Recipe;
use std::path::Path;

include!(concat!(env!("OUT_DIR"), "/recipes.rs"));

/// The recipe in a file, or the shipped one of this name.
pub(crate) fn find(name: &str, sets: &[String]) -> Result<Recipe> {
    if !Path::new(name).is_file() {
        let short = name.trim_start_matches("recipes/").trim_end_matches(".toml");
        if let Some((_, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == short) {
            return Ok(Recipe::parse(text, &format!("{short}.toml"), sets)?);
        }
        if !name.ends_with(".toml") {
            let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
            bail!(
                "`{name}` is neither a file nor a recipe that ships; those are: {}.{}",
                names.join(", "),
                did_you_mean(name, names.iter().copied())
            );
        }
    }
    Ok(Recipe::read(Path::new(name), sets)?)
}

/// Whether a recipe of this name ships.
pub(crate) fn is_shipped(name: &str) -> bool {
    SHIPPED.iter().any(|(shipped, _)| *shipped == name)
}

/// The rungs of the ladder that are asked for, or all of them, in the order of history.
pub(crate) fn rungs(asked: &[String]) -> Result<Vec<&'static Entry>> {
    let possible = || ALL.iter().filter(|entry| is_shipped(&of_rung(entry.name)));
    let names = || possible().map(|entry| entry.name);
    if let Some(unknown) = asked.iter().find(|asked| !names().any(|name| name == *asked)) {
        bail!("unknown rung `{unknown}`; there are {}.{}", listed(names()), did_you_mean(unknown, names()));
    }
    Ok(possible().filter(|entry| asked.is_empty() || asked.iter().any(|name| name == entry.name)).collect())
}

/// The name of a rung's recipe.
pub(crate) fn of_rung(rung: &str) -> String {
    format!("ladder/{rung}")
}
