//! Utterances: sentences as numbers, what each wants and what its words are. Knows no files, and not how they are batched.

use std::sync::Arc;

use rushlight_text::{Spelling, Tokenizer};
use serde::{Deserialize, Serialize};

use crate::{Batch, DataError, Grid, IGNORE, Padded};

/// What may be said of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// What a sentence may want, by id.
    pub intents: Vec<String>,
    /// What a word may be, by id, as in `B-city`; empty where words are not asked about.
    pub tags: Vec<String>,
    /// How the data call what is none of the intents, where they say.
    pub out_of_scope: Option<String>,
}

/// A sentence as it was written, and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Utterance {
    /// The sentence.
    pub text: String,
    /// What it wants.
    pub intent: String,
    /// What each of its words is; empty where nobody said.
    pub tags: Vec<String>,
    /// The line on which it stands, from 1; in a file without lines its number.
    pub line: usize,
}

impl Utterance {
    /// The same with a tag for each word as a tokenizer cuts it, where its tags are for what stands between spaces: `don't` with
    /// `B-a` is `don`, `'`, `t` with `B-a`, `I-a`, `I-a`. So each span is as long as it was, and there are as many.
    ///
    /// # Errors
    /// Another count of tags than of words; the sentence in words.
    pub(crate) fn with_tags_of_words(mut self, tokenizer: &Tokenizer) -> Result<Self, String> {
        let text = self.text.as_str();
        let starts = text.split_whitespace().map(|chunk| chunk.as_ptr() as usize - text.as_ptr() as usize);
        let starts: Vec<usize> = starts.collect();
        if self.tags.is_empty() {
            return Ok(self);
        }
        if self.tags.len() != starts.len() {
            let (words, tags) = (starts.len(), self.tags.len());
            return Err(format!(
                "has not as many tags ({tags}) as words ({words}); give each word a tag, `O` where it is nothing, with a space \
                 between two"
            ));
        }
        let (mut tags, mut last) = (Vec::new(), usize::MAX);
        for word in tokenizer.words_in(text).unwrap_or_default() {
            let chunk = starts.partition_point(|&start| start <= word.place.start) - 1;
            let tag = &self.tags[chunk];
            let inside = tag.strip_prefix("B-").filter(|_| chunk == last).map(|kind| format!("I-{kind}"));
            tags.push(inside.unwrap_or_else(|| tag.clone()));
            last = chunk;
        }
        self.tags = if tags.is_empty() { vec!["O".to_owned()] } else { tags };
        Ok(self)
    }
}

/// Lists of numbers, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// The numbers of all lists.
    pub numbers: Vec<u32>,
    /// Where each list ends.
    pub ends: Vec<usize>,
}

impl Lists {
    /// Adds a list.
    pub fn push(&mut self, list: &[u32]) {
        self.numbers.extend_from_slice(list);
        self.ends.push(self.numbers.len());
    }

    /// A list.
    pub fn get(&self, index: usize) -> &[u32] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.numbers[start..self.ends[index]]
    }
}

/// Sentences as numbers.
#[derive(Clone, Debug)]
pub struct Utterances {
    /// What may be said of them.
    pub labels: Arc<Labels>,
    /// How their words were spelled.
    how: Spelling,
    written: Vec<Utterance>,
    words: Lists,
    /// The spelling of each word of all sentences.
    spelling: Lists,
    intents: Vec<u32>,
    /// The tag of each word of all sentences; empty where nobody asks.
    tags: Vec<u32>,
}

/// What makes sentences numbers.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Words to ids.
    pub tokenizer: &'a Tokenizer,
    /// Words to pieces.
    pub spelling: Spelling,
}

impl Reading<'_> {
    /// The ids and the pieces of the words of a sentence; one without a word is one unknown word.
    ///
    /// # Panics
    /// If the tokenizer cuts no words, or has no unknown one.
    pub fn read(&self, text: &str) -> (Vec<u32>, Lists) {
        let mut spelling = Lists::default();
        let words = self.tokenizer.words_in(text).expect("utterances are read by words");
        let mut ids: Vec<u32> = words.iter().map(|word| word.id).collect();
        words.iter().for_each(|word| spelling.push(&self.spelling.numbers(&word.normal)));
        if ids.is_empty() {
            ids.push(self.tokenizer.unknown().expect("words have an unknown one"));
            spelling.push(&[]);
        }
        (ids, spelling)
    }
}

impl Utterances {
    /// Sentences of the file `name` as numbers.
    ///
    /// # Errors
    /// An intent or tag that is not among the labels, or words without tags.
    pub fn new(
        written: Vec<Utterance>,
        labels: &Arc<Labels>,
        reading: Reading<'_>,
        name: &str,
    ) -> Result<Self, DataError> {
        let mut all = Utterances::none(labels, reading.spelling);
        for utterance in written {
            let wrong = |what: String| DataError::Utterance { name: name.to_owned(), line: utterance.line, what };
            let (ids, spelling) = reading.read(&utterance.text);
            all.intents.push(labels.intent(&utterance.intent).map_err(wrong)?);
            if !labels.tags.is_empty() {
                if utterance.tags.len() != ids.len() {
                    return Err(wrong(
                        "has no tags, and others have; give each word a tag, `O` where it is nothing".into(),
                    ));
                }
                for tag in &utterance.tags {
                    all.tags.push(labels.tag(tag).map_err(wrong)?);
                }
            }
            all.words.push(&ids);
            (0..ids.len()).for_each(|word| all.spelling.push(spelling.get(word)));
            all.written.push(utterance);
        }
        Ok(all)
    }

    /// No sentences, of which might be said what `labels` has.
    pub fn none(labels: &Arc<Labels>, how: Spelling) -> Self {
        Utterances {
            labels: Arc::clone(labels),
            how,
            written: Vec::new(),
            words: Lists::default(),
            spelling: Lists::default(),
            intents: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// How many sentences.
    pub fn len(&self) -> usize {
        self.intents.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.intents.is_empty()
    }

    /// Which pieces of a word count.
    pub fn spelling(&self) -> Spelling {
        self.how
    }

    /// The sentences as they were written.
    pub fn written(&self) -> &[Utterance] {
        &self.written
    }

    /// The ids of a sentence's words.
    pub fn words(&self, sentence: usize) -> &[u32] {
        self.words.get(sentence)
    }

    /// The ids of all words, one sentence after the other.
    pub fn all_words(&self) -> &[u32] {
        &self.words.numbers
    }

    /// The intent of each sentence.
    pub fn intents(&self) -> &[u32] {
        &self.intents
    }

    /// The tag of each word of all sentences.
    pub fn tags(&self) -> &[u32] {
        &self.tags
    }

    /// The sentences with these numbers: inputs [B, T] are words; targets [B, 1 + T], or [B, 1] without tags, the intent and
    /// then each word's tag.
    pub fn batch(&self, chosen: &[usize]) -> Batch {
        let rows: Vec<&[u32]> = chosen.iter().map(|&sentence| self.words(sentence)).collect();
        let Padded { grid, lengths } = Padded::of(&rows);
        let (mut spelling, mut targets) = (Lists::default(), Vec::new());
        for &sentence in chosen {
            let first = if sentence == 0 { 0 } else { self.words.ends[sentence - 1] };
            let words = first..self.words.ends[sentence];
            let padding = grid.cols - words.len();
            words.clone().for_each(|word| spelling.push(self.spelling.get(word)));
            (0..padding).for_each(|_| spelling.push(&[]));
            targets.push(self.intents[sentence]);
            if !self.labels.tags.is_empty() {
                targets.extend(&self.tags[words]);
                targets.extend(std::iter::repeat_n(IGNORE, padding));
            }
        }
        let targets = Grid { rows: chosen.len(), cols: targets.len() / chosen.len().max(1), ids: targets };
        Batch { inputs: grid, targets, fresh: true, lengths, source: None, spelling: Some(spelling) }
    }
}

impl Labels {
    /// The labels of some sentences, by spelling. Where words of some are named, those of all must be.
    pub fn of<'u>(utterances: impl Iterator<Item = &'u Utterance>, slots: bool, out_of_scope: Option<String>) -> Self {
        let (mut intents, mut tags) = (Vec::new(), Vec::new());
        for utterance in utterances {
            intents.push(&utterance.intent);
            tags.extend(utterance.tags.iter().filter(|_| slots));
        }
        let named = |mut names: Vec<&String>| -> Vec<String> {
            names.sort_unstable();
            names.dedup();
            names.into_iter().cloned().collect()
        };
        let (intents, tags) = (named(intents), named(tags));
        Labels { intents, tags, out_of_scope }
    }

    /// How many things a word may be; none where words are not asked about.
    pub fn kinds(&self) -> Option<usize> {
        Some(self.tags.len()).filter(|&count| count > 0)
    }

    /// The id of what is none of the intents, where the data have a name for it.
    pub fn outside(&self) -> Option<u32> {
        let name = self.out_of_scope.as_ref()?;
        self.intents.iter().position(|intent| intent == name).map(|id| id as u32)
    }

    fn intent(&self, name: &str) -> Result<u32, String> {
        let unknown = || format!("has the intent `{name}`, which the training data do not have");
        self.intents.iter().position(|intent| intent == name).map(|id| id as u32).ok_or_else(unknown)
    }

    fn tag(&self, name: &str) -> Result<u32, String> {
        let unknown = || format!("has the tag `{name}`, which the training data do not have");
        self.tags.iter().position(|tag| tag == name).map(|id| id as u32).ok_or_else(unknown)
    }
}
