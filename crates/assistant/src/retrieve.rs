//! Known answers: which of the known questions is the nearest to what was asked, and how near, 0 to 1.
//!
//! Follows  Salton, Buckley, Term-weighting approaches in automatic text retrieval, 1988, <https://doi.org/10.1016/0306-4573(88)90021-0>
//!
//!     idf(w)    = ln((1 + N) / (1 + df(w))) + 1      (1)  N questions, df(w) of which have the word w
//!     weight(w) = (1 + ln tf(w)) idf(w)              (2)
//!     score     = a·b / (|a| |b|)                    (3)  cosine of the weights of two texts: 1 for the same words
//!
//! Departures  Words without their commonest endings; the commonest words of English count a fifth; a word that no question has
//!             counts as one that no other text has, so that what is strange lowers the score. Knows no meaning and no order of words.

use std::collections::BTreeMap;

use crate::words::plain;

/// An answer that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The number of the answer.
    pub answer: usize,
    /// The question that is nearest.
    pub question: String,
    /// How near it is, 0 to 1.
    pub score: f64,
}

/// Known questions, ready to be compared.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Each question, the number of its answer, and its weights.
    questions: Vec<(String, usize, Weights)>,
    /// In how many questions each word is.
    with_word: BTreeMap<String, usize>,
}

type Weights = BTreeMap<String, f64>;

/// Words that say little of what is asked.
const COMMON: [&str; 58] = [
    "a", "an", "the", "is", "are", "am", "was", "be", "do", "does", "did", "i", "you", "your", "yours", "my", "me",
    "we", "us", "our", "it", "its", "this", "that", "there", "of", "to", "in", "on", "at", "for", "with", "and", "or",
    "can", "could", "would", "will", "have", "has", "what", "please", "any", "some", "i'd", "i'm", "what's", "if",
    "so", "just", "be", "tell", "know", "like", "want", "get", "got", "also",
];
const OF_COMMON: f64 = 0.2;

impl Answers {
    /// Questions, each with the number of its answer.
    pub fn new<'q>(questions: impl IntoIterator<Item = (&'q str, usize)>) -> Self {
        let counted: Vec<(&str, usize, BTreeMap<String, usize>)> =
            questions.into_iter().map(|(question, answer)| (question, answer, counts(question))).collect();
        let mut answers = Answers::default();
        for word in counted.iter().flat_map(|(.., counts)| counts.keys()) {
            *answers.with_word.entry(word.clone()).or_default() += 1;
        }
        let all = counted.len();
        answers.questions = counted
            .into_iter()
            .map(|(question, answer, counts)| (question.to_owned(), answer, answers.weights(counts, all)))
            .collect();
        answers
    }

    /// The answers that are nearest to a text, the nearest first; each once, and none that has no word of it.
    pub fn find(&self, text: &str, most: usize) -> Vec<Hit> {
        let asked = self.weights(counts(text), self.questions.len());
        let mut hits: Vec<Hit> = Vec::new();
        for (question, answer, weights) in &self.questions {
            let score = cosine(&asked, weights);
            match hits.iter_mut().find(|hit| hit.answer == *answer) {
                Some(hit) if hit.score >= score => {}
                Some(hit) => (hit.question, hit.score) = (question.clone(), score),
                None if score > 0.0 => hits.push(Hit { answer: *answer, question: question.clone(), score }),
                None => {}
            }
        }
        hits.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.answer.cmp(&other.answer)));
        hits.truncate(most);
        hits
    }

    /// How near two texts are, 0 to 1, with the words weighed as among the known questions.
    pub fn likeness(&self, one: &str, other: &str) -> f64 {
        let [one, other] = [one, other].map(|text| self.weights(counts(text), self.questions.len()));
        cosine(&one, &other)
    }

    fn weights(&self, counts: BTreeMap<String, usize>, all: usize) -> Weights {
        let weight = |(word, count): (String, usize)| {
            let with = self.with_word.get(&word).copied().unwrap_or(0);
            let rare = ((1 + all) as f64 / (1 + with) as f64).ln() + 1.0; // (1)
            let common = if COMMON.contains(&word.as_str()) { OF_COMMON } else { 1.0 };
            let weight = (1.0 + (count as f64).ln()) * rare * common; // (2)
            (word, weight)
        };
        counts.into_iter().map(weight).collect()
    }
}

/// (3)
fn cosine(one: &Weights, other: &Weights) -> f64 {
    let length = |weights: &Weights| weights.values().map(|weight| weight * weight).sum::<f64>().sqrt();
    let product: f64 = one.iter().filter_map(|(word, weight)| Some(weight * other.get(word)?)).sum();
    let lengths = length(one) * length(other);
    if lengths > 0.0 { (product / lengths).clamp(0.0, 1.0) } else { 0.0 }
}

/// The most words of a text that are compared.
const MOST_WORDS: usize = 512;

/// How often each word is in a text, without its ending.
fn counts(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for word in plain(text).into_iter().take(MOST_WORDS) {
        *counts.entry(stem(word)).or_default() += 1;
    }
    counts
}

/// A word without the endings of plurals and verbs.
fn stem(word: String) -> String {
    if COMMON.contains(&word.as_str()) {
        return word;
    }
    let word = word.strip_suffix("'s").map_or(word.clone(), str::to_owned);
    let letters = word.chars().count();
    let kept = match () {
        () if letters > 4 && word.ends_with("ies") => return format!("{}y", &word[..word.len() - 3]),
        () if letters > 5 && word.ends_with("ing") => &word[..word.len() - 3],
        () if letters > 4 && word.ends_with("ed") => &word[..word.len() - 2],
        () if letters > 3 && word.ends_with('s') && !word.ends_with("ss") => &word[..word.len() - 1],
        () => &word,
    };
    // "closed", "closing" and "close" are one word.
    kept.strip_suffix('e').filter(|rest| rest.len() > 2).unwrap_or(kept).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Answers {
        Answers::new([
            ("Do you have parking?", 0),
            ("Where can I park my car?", 0),
            ("Are dogs allowed?", 1),
            ("Do you have a terrace?", 2),
        ])
    }

    #[test]
    fn the_same_words_in_any_form_score_one() {
        let hit = &known().find("WHERE can I park my cars", 1)[0];
        assert_eq!((hit.answer, hit.question.as_str()), (0, "Where can I park my car?"));
        assert!((hit.score - 1.0).abs() < 1e-12, "{hit:?}");
        assert_eq!(known().find("dog allowed", 9)[0].answer, 1);
    }

    #[test]
    fn an_answer_comes_once_however_many_questions_it_has() {
        let found = known().find("do you have parking on the terrace", 9);
        assert_eq!(found.iter().map(|hit| hit.answer).collect::<Vec<_>>(), [2, 0]);
    }

    #[test]
    fn words_that_no_question_has_lower_the_score() {
        let score = |text| known().find(text, 1)[0].score;
        assert!(score("parking") > score("parking for helicopters"));
        assert!(known().find("quantum chromodynamics", 1).is_empty());
        assert!(known().find("", 1).is_empty() && known().find("🎉", 1).is_empty());
    }

    #[test]
    fn common_words_alone_are_far_from_an_answer() {
        assert!(known().find("do you have a", 1)[0].score < 0.5);
    }

    // Two questions, "a1 b1" and "a1 c1": idf(a1) = ln(3/3) + 1 = 1, idf(b1) = ln(3/2) + 1 = 1.405465.
    // "b1" against "a1 b1": 1.405465 / sqrt(1 + 1.975332) = 0.814802.
    #[test]
    fn the_score_is_the_cosine_of_the_weights() {
        let answers = Answers::new([("a1 b1", 0), ("a1 c1", 1)]);
        assert!((answers.find("b1", 1)[0].score - 0.814_802).abs() < 1e-6, "{:?}", answers.find("b1", 1));
    }

    #[test]
    fn no_answers_are_no_hits() {
        assert!(Answers::default().find("hello", 3).is_empty());
        assert_eq!(Answers::default().likeness("hello there", "hello there"), 1.0);
    }
}
