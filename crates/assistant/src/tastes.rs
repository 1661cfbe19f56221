//! What a user thought of earlier replies, and what that changes: replies of a kind that was liked come first, those that were
//! disliked last, and a reply that was corrected is known from then on. Pure sums; knows no store.

use std::collections::BTreeMap;

use crate::reply::Source;

/// A judgement of a reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The intent that it was given for.
    pub intent: Option<String>,
    /// Who made it.
    pub source: Source,
    /// The reply, before its values were filled in.
    pub key: String,
    /// Whether it was good.
    pub is_good: bool,
}

/// What a user likes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tastes {
    by_source: BTreeMap<(Option<String>, Source), Count>,
    by_reply: BTreeMap<String, Count>,
    /// What the user said, and what should have been replied.
    pub corrected: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Count {
    good: u32,
    bad: u32,
}

/// The most that liking changes how sure we are of a reply.
const MOST: f64 = 0.2;

impl Tastes {
    /// Adds a judgement.
    pub fn add(&mut self, judged: &Judged) {
        let Judged { intent, source, key, is_good } = judged;
        for count in [
            self.by_source.entry((intent.clone(), *source)).or_default(),
            self.by_reply.entry(key.clone()).or_default(),
        ] {
            *(if *is_good { &mut count.good } else { &mut count.bad }) += 1;
        }
    }

    /// How much better a reply is for this user, -0.4 to 0.4: half by its source for this intent, half by itself.
    pub fn bonus(&self, intent: Option<&str>, source: Source, key: &str) -> f64 {
        let of = |count: Option<&Count>| count.map_or(0.0, Count::share);
        let source = self.by_source.get(&(intent.map(str::to_owned), source));
        MOST * (of(source) + of(self.by_reply.get(key)))
    }

    /// How much a reply was liked by itself, -1 to 1.
    pub(crate) fn of_reply(&self, key: &str) -> f64 {
        self.by_reply.get(key).map_or(0.0, Count::share)
    }
}

impl Count {
    /// -1 to 1, and near 0 while few have judged.
    fn share(&self) -> f64 {
        let (good, bad) = (f64::from(self.good), f64::from(self.bad));
        (good - bad) / (good + bad + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // One judgement: 1 / 2 of the most for the source, and 1 / 2 for the reply itself; 0.2 in all.
    #[test]
    fn a_thumb_moves_a_reply_and_half_as_much_its_like() {
        let mut tastes = Tastes::default();
        let judged = Judged { intent: Some("menu".into()), source: Source::Template, key: "a".into(), is_good: true };
        tastes.add(&judged);
        assert_eq!(tastes.bonus(Some("menu"), Source::Template, "a"), 0.2);
        assert_eq!(tastes.bonus(Some("menu"), Source::Template, "b"), 0.1);
        assert_eq!(tastes.bonus(Some("menu"), Source::Generator, "b"), 0.0);
        tastes.add(&Judged { is_good: false, ..judged });
        assert_eq!(tastes.bonus(Some("menu"), Source::Template, "a"), 0.0);
    }

    #[test]
    fn a_thousand_thumbs_change_no_more_than_the_most() {
        let mut tastes = Tastes::default();
        let judged = Judged { intent: None, source: Source::Generator, key: "a".into(), is_good: false };
        (0..1000).for_each(|_| tastes.add(&judged));
        let bonus = tastes.bonus(None, Source::Generator, "a");
        assert!((-0.4..-0.39).contains(&bonus), "{bonus}");
    }
}
