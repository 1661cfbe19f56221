//! What a user has told about themselves: a name, facts and preferences. A plain value; knows no conversation.

use serde::{Deserialize, Serialize};

/// What is known of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// How they want to be called.
    pub name: Option<String>,
    /// What they told, in the order in which they did.
    pub facts: Vec<Fact>,
}

/// Something that a user told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about: `home`, `is`, `likes`, `favourite colour`, ...
    pub key: String,
    /// What was said of it.
    pub value: String,
    /// The sentence in which it was said.
    pub said: String,
}

/// The keys of which a user may have several.
const SEVERAL: [&str; 7] = ["is", "likes", "dislikes", "allergic to", "does not eat", "speaks", "note"];
/// The most facts that are kept; the oldest go first.
const MOST: usize = 200;

impl Profile {
    /// Notes a fact. A new one takes the place of an old one with its key, but of likes and the like there may be many.
    pub fn note(&mut self, fact: Fact) {
        let is_several = SEVERAL.contains(&fact.key.as_str());
        let same =
            |other: &Fact| other.key == fact.key && (!is_several || other.value.eq_ignore_ascii_case(&fact.value));
        // Who likes a thing no longer dislikes it.
        let opposite = |other: &Fact| {
            let pair = (fact.key.as_str(), other.key.as_str());
            matches!(pair, ("likes", "dislikes") | ("dislikes", "likes"))
                && other.value.eq_ignore_ascii_case(&fact.value)
        };
        self.facts.retain(|other| !same(other) && !opposite(other));
        self.facts.push(fact);
        let over = self.facts.len().saturating_sub(MOST);
        self.facts.drain(..over);
    }

    /// What is known under a key; several values have commas.
    pub fn get(&self, key: &str) -> Option<String> {
        if key == "name" {
            return self.name.clone();
        }
        let values: Vec<&str> =
            self.facts.iter().filter(|fact| fact.key == key).map(|fact| fact.value.as_str()).collect();
        (!values.is_empty()).then(|| listed(&values))
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.facts.is_empty()
    }

    /// All that is known, a sentence each, told to the user.
    pub fn told(&self) -> Vec<String> {
        let mut told: Vec<String> = self.name.iter().map(|name| format!("your name is {name}")).collect();
        let mut keys: Vec<&str> = Vec::new();
        for fact in &self.facts {
            if !keys.contains(&fact.key.as_str()) {
                keys.push(&fact.key);
            }
        }
        told.extend(keys.iter().filter_map(|key| Some(sentence(key, &self.get(key)?))));
        told
    }
}

impl Fact {
    /// The fact as it is told to the user: "you live in Bern".
    pub fn told(&self) -> String {
        sentence(&self.key, &self.value)
    }

    /// Whether it is a taste and no circumstance.
    pub fn is_preference(&self) -> bool {
        matches!(self.key.as_str(), "likes" | "dislikes" | "prefers") || self.key.starts_with("favourite ")
    }
}

fn sentence(key: &str, value: &str) -> String {
    match key {
        "is" => format!("you are {value}"),
        "home" => format!("you live in {value}"),
        "origin" => format!("you are from {value}"),
        "work" => format!("you work {value}"),
        "likes" => format!("you like {value}"),
        "dislikes" => format!("you do not like {value}"),
        "prefers" => format!("you prefer {value}"),
        "allergic to" => format!("you are allergic to {value}"),
        "does not eat" => format!("you do not eat {value}"),
        "speaks" => format!("you speak {value}"),
        "note" => format!("I was to remember that {value}"),
        _ => format!("your {key} is {value}"),
    }
}

/// "a, b and c".
pub(crate) fn listed<T: AsRef<str>>(all: &[T]) -> String {
    match all {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            format!("{} and {}", first.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(key: &str, value: &str) -> Fact {
        Fact { key: key.into(), value: value.into(), said: String::new() }
    }

    #[test]
    fn a_new_home_takes_the_place_of_the_old_one_and_likes_add_up() {
        let mut profile = Profile::default();
        for (key, value) in [("home", "Bern"), ("likes", "tea"), ("likes", "rain"), ("home", "Basel"), ("likes", "Tea")]
        {
            profile.note(fact(key, value));
        }
        assert_eq!(profile.get("home").as_deref(), Some("Basel"));
        assert_eq!(profile.told(), ["you like rain and Tea", "you live in Basel"]);
        profile.note(fact("dislikes", "rain"));
        assert_eq!(profile.get("likes").as_deref(), Some("Tea"));
    }

    #[test]
    fn the_oldest_facts_go_where_there_are_too_many() {
        let mut profile = Profile::default();
        (0..300).for_each(|n| profile.note(fact("likes", &n.to_string())));
        assert_eq!((profile.facts.len(), profile.facts[0].value.as_str()), (MOST, "100"));
    }
}
