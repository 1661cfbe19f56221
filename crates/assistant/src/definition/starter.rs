//! A small assistant that works: what `init` writes, to be changed by its user.

use crate::CORRECTIONS;

/// A file of it.
#[derive(Clone, Copy, Debug)]
pub struct StarterFile {
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub text: &'static str,
}

/// The files of the assistant that `init` writes.
pub const STARTER: &[StarterFile] = &[
    StarterFile { name: "assistant.toml", text: include_str!("starter/assistant.toml") },
    StarterFile { name: "recipe.toml", text: include_str!("starter/recipe.toml") },
    StarterFile { name: CORRECTIONS, text: "" },
    StarterFile { name: "README.md", text: include_str!("starter/README.md") },
];

#[cfg(test)]
mod tests {
    use super::STARTER;
    use crate::definition::{Definition, Example};
    use rushlight_train::Session;
    use rushlight_train::recipe::Recipe;

    fn starter() -> Definition {
        Definition::parse(STARTER[0].text, STARTER[0].name).unwrap()
    }

    #[test]
    fn the_starter_has_enough_to_learn_from() {
        let starter = starter();
        for intent in &starter.intents {
            assert!(intent.examples.len() >= 12, "{} has {}", intent.name, intent.examples.len());
        }
        assert!(starter.answers.len() >= 25 && starter.fallback.examples.len() >= 20);
        assert!(starter.is_tagged());
    }

    #[test]
    fn every_known_question_finds_its_answer() {
        let starter = starter();
        let answers = crate::retrieve::Answers::new(starter.questions());
        for (question, answer) in starter.questions() {
            assert_eq!(answers.find(question, 1)[0].answer, answer, "{question}");
        }
    }

    #[test]
    fn marked_values_are_what_recognisers_find() {
        let (starter, now) = (starter(), crate::recognise::tests::now());
        let lists = starter.word_lists();
        for intent in &starter.intents {
            for example in intent.examples.iter().map(|example| Example::read(example).unwrap()) {
                let found = crate::recognise::recognise(&example.text, now, &lists, None);
                for (place, slot) in &example.slots {
                    let kind = &intent.slot(slot).unwrap().kind;
                    let is_found = found.iter().any(|e| e.kind == *kind && crate::recognise::meet(&e.place, place));
                    assert!(is_found, "{slot} in \"{}\"", example.text);
                }
            }
        }
    }

    #[test]
    fn the_recipe_makes_a_model_of_the_examples() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("utterances.tsv");
        std::fs::write(&path, starter().utterances()).unwrap();
        std::fs::write(folder.path().join(STARTER[2].name), STARTER[2].text).unwrap();
        let sets = [format!("data.path={:?}", path.display().to_string())];
        let recipe = Recipe::parse(STARTER[1].text, STARTER[1].name, &sets).unwrap();
        let session = Session::new(recipe, None).unwrap();
        let labels = session.labels().unwrap();
        assert_eq!(labels.intents.len(), starter().intents.len() + 1);
        assert!(labels.tags.iter().any(|tag| tag == "B-people"));
        assert_eq!(labels.out_of_scope.as_deref(), Some("out_of_scope"));
    }
}
