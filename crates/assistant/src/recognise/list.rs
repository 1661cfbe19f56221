//! Word lists of a definition: names, places, dishes. Found without regard to case, the longest first. Knows no inflection.

use super::{Entity, Finder, meet};
use crate::words::{Word, plain, words};

/// A list with the ways in which its members are written.
#[derive(Clone, Debug, PartialEq)]
pub struct WordList {
    /// Its name: the kind of a slot.
    pub name: String,
    /// The normal form of each member, and its words in each way to write it; the longest first.
    members: Vec<(String, Vec<String>)>,
}

impl WordList {
    /// A list of members, each with the ways to write it, of which the first is the normal form.
    pub fn new<'m>(name: &str, members: impl IntoIterator<Item = &'m [String]>) -> Self {
        let cut = |text: &String| words(text).into_iter().map(|word| word.lower).collect::<Vec<_>>();
        let ways = |member: &'m [String]| member.iter().map(move |way| (member[0].clone(), cut(way)));
        let mut members: Vec<_> = members.into_iter().flat_map(ways).filter(|(_, words)| !words.is_empty()).collect();
        members.sort_by_key(|(_, words)| std::cmp::Reverse(words.len()));
        Self { name: name.to_owned(), members }
    }

    /// The normal forms.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(value, _)| value.as_str())
    }

    /// Where members stand in a text that was cut into words.
    pub(super) fn find(&self, text: &str, words: &[Word]) -> Vec<Entity> {
        let mut found: Vec<Entity> = Vec::new();
        for (value, member) in &self.members {
            for window in words.windows(member.len()) {
                let is_it = window.iter().zip(member).all(|(word, wanted)| word.lower == *wanted);
                let place = window[0].place.start..window[member.len() - 1].place.end;
                if is_it && found.iter().all(|other| !meet(&other.place, &place)) {
                    let (kind, text) = (self.name.clone(), text[place.clone()].to_owned());
                    found.push(Entity { kind, place, text, value: value.clone(), sure: 1.0, by: Finder::List });
                }
            }
        }
        found
    }

    /// The member that a text surely means: written just so, or with a letter or two wrong.
    pub fn nearest(&self, text: &str) -> Option<&str> {
        let asked = plain(text).join(" ");
        let far = |words: &[String]| strsim::damerau_levenshtein(&words.join(" "), &asked);
        let most = asked.chars().count() / 4;
        let near = self.members.iter().map(|(value, words)| (far(words), value)).filter(|(far, _)| *far <= most);
        near.min_by_key(|(far, _)| *far).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognise::recognise;
    use crate::recognise::tests::now;

    fn cities() -> WordList {
        let members = [vec!["New York".to_owned(), "NYC".to_owned()], vec!["York".to_owned()]];
        WordList::new("cities", members.iter().map(Vec::as_slice))
    }

    #[test]
    fn the_longest_member_is_found_in_any_case() {
        let found = recognise("from york to NEW  YORK, nyc", now(), &[cities()], None);
        let found: Vec<_> = found.iter().map(|entity| (&*entity.text, &*entity.value)).collect();
        assert_eq!(found, [("york", "York"), ("NEW  YORK", "New York"), ("nyc", "New York")]);
    }

    #[test]
    fn a_wrong_letter_is_forgiven_where_a_member_is_asked_for() {
        assert_eq!(cities().nearest("New Yrok!"), Some("New York"));
        assert_eq!(cities().nearest("Bern"), None);
        assert_eq!(cities().nearest(""), None);
    }
}
