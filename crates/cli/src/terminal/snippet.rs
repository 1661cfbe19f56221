//! A mistake in a recipe drawn where it stands, as compilers do. Knows no terminal.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use rushlight_train::TrainError;
use rushlight_train::recipe::{Place, RecipeError};

/// The drawing; none where the mistake stands in no line of a file that can be read.
pub(super) fn drawn(error: &anyhow::Error, in_colour: bool) -> Option<String> {
    let mistake = error.downcast_ref::<RecipeError>().or_else(|| match error.downcast_ref::<TrainError>() {
        Some(TrainError::Recipe(mistake)) => Some(mistake),
        _ => None,
    })?;
    let Place::Line { path, .. } = &mistake.place else { return None };
    draw(mistake, &std::fs::read_to_string(path).ok()?, in_colour)
}

fn draw(mistake: &RecipeError, text: &str, in_colour: bool) -> Option<String> {
    let Place::Line { path, span, .. } = &mistake.place else { return None };
    // The file may have changed since it was read.
    text.get(span.clone())?;
    let (message, help) = (mistake.message(), mistake.help.as_str());
    let place = Snippet::source(text).path(path.as_str()).annotation(AnnotationKind::Primary.span(span.clone()));
    let renderer = if in_colour { Renderer::styled() } else { Renderer::plain() };
    Some(
        renderer
            .render(&[Level::ERROR.primary_title(message.as_str()).element(place).element(Level::HELP.message(help))]),
    )
}

#[cfg(test)]
#[path = "../../../train/tests/readers/damage.rs"]
mod damage;

#[cfg(test)]
mod tests {
    use super::damage::fate;
    use super::*;
    use proptest::prelude::*;
    use rushlight_train::recipe::Recipe;

    const RECIPE: &str =
        "[data]\nkind = \"noise\"\n[model]\nkind = \"feed_forward\"\nhiden = [8]\n[train]\nsteps = 1\n";

    #[test]
    fn a_mistake_is_drawn_where_it_stands() {
        let mistake = Recipe::parse(RECIPE, "a.toml", &[]).unwrap_err();
        let drawn = draw(&mistake, RECIPE, false).unwrap();
        assert!(drawn.starts_with("error: unknown key `hiden` in [model]\n --> a.toml:5:1\n"), "{drawn}");
        assert!(drawn.contains("5 | hiden = [8]\n  | ^^^^^\n") && drawn.contains("help: "), "{drawn}");
    }

    #[test]
    fn a_file_that_has_changed_is_not_drawn() {
        let mistake = Recipe::parse(RECIPE, "a.toml", &[]).unwrap_err();
        assert_eq!(draw(&mistake, "[data]", false), None);
    }

    proptest! {
        #[test]
        fn a_mistake_of_any_kind_is_drawn(fate in fate(), in_colour in any::<bool>()) {
            let text = String::from_utf8_lossy(&fate.befall(RECIPE.as_bytes())).into_owned();
            if let Err(mistake) = Recipe::parse(&text, "a.toml", &[]) {
                let drawn = draw(&mistake, &text, in_colour);
                let stands_in_a_line = matches!(mistake.place, Place::Line { .. });
                prop_assert_eq!(drawn.is_some(), stands_in_a_line, "{}", mistake);
            }
        }
    }
}
