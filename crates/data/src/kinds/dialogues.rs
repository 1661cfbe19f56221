//! # dialogues: turns that answer each other
//!
//! A line is a dialogue. Its turns have a TAB between, or each is closed by `__eou__`, as DailyDialog has them. A line that
//! begins with a number is one exchange of a dialogue that began with number 1, as PersonaChat has them; what it says of
//! personas is not read.
//!
//! With `form = "pairs"` every turn but the first is a reply, and its source are the `turns` turns before it, a line each: what a
//! translator learns. With `form = "whole"` a dialogue is one row, a line a turn: what a language model learns.
//!
//! A dialogue that came before is left out, in its own part or an earlier one, so what is tested on was not trained on. Text is
//! tidied unless told otherwise: no space before a full stop, one behind it, `don't` for `don ’ t`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rushlight_text::{Limit, Tokenizer};
use serde::{Deserialize, Serialize};

use super::Entry;
use crate::batching::pairs::Gather;
use crate::batching::rows;
use crate::corpus::{Corpus, Making, Part, Tokenizers};
use crate::files::{self, Loaded};
use crate::kept::Kept;
use crate::leaks::leaks;
use crate::splits::shuffled;
use crate::tidy::tidied;
use crate::{Batching, DataError, Fractions, LeftOut, Limits, Pairs, Ratio, Rows};

/// The settings of dialogues.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A file of yours.
    pub path: PathBuf,
    /// The share for validation, or a file of its own in the same folder.
    pub validation: Kept,
    /// The share for testing, or a file of its own.
    pub test: Kept,
    /// What an example is.
    pub form: Form,
    /// How many turns before a reply its source has; only with `form = "pairs"`.
    pub turns: usize,
    /// Whether text is tidied.
    pub tidy: bool,
    /// What `batch` in `[train]` counts; only with `form = "pairs"`.
    pub batching: Gather,
    /// How many tokens a side of a pair to train on, or a row, has at most, its boundary included. Longer pairs are left out, longer
    /// rows are cut.
    pub max_length: Limit,
}

/// What an example is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A reply and the turns before it.
    #[default]
    Pairs,
    /// A dialogue from its beginning to its end.
    Whole,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            path: PathBuf::new(),
            validation: Kept::Share(0.05),
            test: Kept::Share(0.05),
            form: Form::Pairs,
            turns: 2,
            tidy: true,
            batching: Gather::default(),
            max_length: Limit::Never,
        }
    }
}

/// This kind's line.
pub const ENTRY: Entry =
    Entry { name: "dialogues", about: "turns that answer each other", source: include_str!("dialogues.rs") };

/// What stands between two turns.
pub const BETWEEN: &str = "\n";

/// What closes a turn in DailyDialog.
const CLOSED: &str = "__eou__";

/// A dialogue: its turns.
type Dialogue = Vec<String>;

pub(super) fn open(config: &Config, making: Making<'_>, seed: u64) -> Result<Corpus, DataError> {
    config.check()?;
    let fractions = Fractions { validation: config.validation.share(), test: config.test.share() }.check()?;
    let whole = files::load(None, Some(&config.path))?;
    let mut sources = vec![whole.source.clone()];
    let mut parts = fractions.cut(shuffled(config.read(&whole)?, seed), "dialogues")?;
    for (part, kept) in std::iter::zip(&mut parts[1..], [&config.validation, &config.test]) {
        if let Some(path) = kept.file(&config.path) {
            let loaded = files::load(None, Some(&path))?;
            *part = config.read(&loaded)?;
            sources.push(loaded.source);
        }
    }
    let mut known = HashSet::new();
    let before: usize = parts.iter().map(Vec::len).sum();
    parts.iter_mut().for_each(|part| part.retain(|dialogue| known.insert(dialogue.join(BETWEEN))));
    let repeated = before - parts.iter().map(Vec::len).sum::<usize>();
    let texts = parts.each_ref().map(|part| part.iter().map(|dialogue| dialogue.join(BETWEEN)).collect::<Vec<_>>());
    let of = |part: usize| texts[part].iter().map(String::as_str);
    let tokenizer = making.tokenizer(true, (0..3).flat_map(of), of(0))?;
    let [train, validation, test] = parts.each_ref().map(|part| config.part(part, &tokenizer, &whole.source.name));
    let (train, mut left_out) = match train? {
        Part::Pairs(pairs) => {
            let (pairs, left_out) = config.limits().keep(&pairs);
            if pairs.is_empty() {
                return Err(DataError::AllLeftOut { left_out });
            }
            (Part::Pairs(Arc::new(pairs)), left_out)
        }
        other => (other, LeftOut::default()),
    };
    left_out.repeated = repeated;
    let texts = [0, 1, 2].map(|part| of(part).collect::<Vec<_>>());
    Ok(Corpus {
        vocabulary: tokenizer.vocab_size(),
        source_vocabulary: if config.form == Form::Pairs { tokenizer.vocab_size() } else { 0 },
        tokenizer: Some(tokenizer),
        source_tokenizer: None,
        train,
        validation: validation?,
        test: test?,
        batching: match config.form {
            Form::Pairs => Batching::Pairs(config.batching),
            Form::Whole => Batching::Rows(rows::Padding { max_length: config.max_length, buckets: true }),
        },
        sources,
        leaks: leaks(texts.each_ref().map(Vec::as_slice)),
        left_out,
        swapped: Vec::new(),
    })
}

/// All dialogues of another file.
pub(super) fn open_file(config: &Config, path: &Path, tokenizers: &Tokenizers) -> Result<Part, DataError> {
    let loaded = files::load(None, Some(path))?;
    config.part(&config.read(&loaded)?, &tokenizers.target, &loaded.source.name)
}

impl Config {
    fn check(&self) -> Result<(), DataError> {
        let refuse = |key, value: String, rule: &str| Err(DataError::Setting { key, value, rule: rule.to_owned() });
        if self.path.as_os_str().is_empty() {
            return refuse("path", "\"\"".into(), "no dialogues ship; give a file with a dialogue a line");
        }
        if self.turns == 0 {
            return refuse("turns", "0".into(), "a reply answers something; give 1 or more");
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        Limits { max_length: self.max_length, max_ratio: Ratio::Never }
    }

    /// The dialogues of a file that have two turns or more.
    fn read(&self, loaded: &Loaded) -> Result<Vec<Dialogue>, DataError> {
        let mut all: Vec<Dialogue> = Vec::new();
        for line in loaded.text.strip_prefix('\u{feff}').unwrap_or(&loaded.text).lines() {
            if let Some((number, exchange)) = numbered(line) {
                if number == 1 || all.is_empty() {
                    all.push(Vec::new());
                }
                if let Some(last) = all.last_mut() {
                    last.extend(exchange.map(|turn| self.turn(turn)));
                }
            } else if line.contains(CLOSED) {
                all.push(line.split(CLOSED).map(|turn| self.turn(turn)).collect());
            } else {
                all.push(line.split('\t').map(|turn| self.turn(turn)).collect());
            }
        }
        all.iter_mut().for_each(|dialogue| dialogue.retain(|turn| !turn.is_empty()));
        all.retain(|dialogue| dialogue.len() > 1);
        if all.is_empty() {
            let name = loaded.source.name.clone();
            return Err(DataError::NoTab { name, line: 1 });
        }
        Ok(all)
    }

    fn turn(&self, text: &str) -> String {
        if self.tidy { tidied(text) } else { text.trim().to_owned() }
    }

    fn part(&self, dialogues: &[Dialogue], tokenizer: &Tokenizer, name: &str) -> Result<Part, DataError> {
        let boundary = tokenizer.boundary().ok_or(DataError::NoBoundary)?;
        let encoded = |number: usize, text: &str| {
            let unknown = |source| DataError::UnknownText { name: name.to_owned(), line: number + 1, source };
            tokenizer.try_encode(text).map_err(unknown)
        };
        if self.form == Form::Whole {
            let mut rows = Rows::new(boundary);
            for (number, dialogue) in dialogues.iter().enumerate() {
                rows.push(&encoded(number, &dialogue.join(BETWEEN))?);
            }
            return Ok(Part::Rows(Arc::new(rows)));
        }
        let (mut contexts, mut replies, mut lines) = (Rows::new(boundary), Rows::new(boundary), Vec::new());
        for (number, dialogue) in dialogues.iter().enumerate() {
            for reply in 1..dialogue.len() {
                let context = dialogue[reply.saturating_sub(self.turns)..reply].join(BETWEEN);
                contexts.push(&encoded(number, &context)?);
                replies.push(&encoded(number, &dialogue[reply])?);
                lines.push([context, dialogue[reply].clone()]);
            }
        }
        Ok(Part::Pairs(Arc::new(Pairs::new(contexts, replies).with_lines(lines))))
    }
}

/// The number at the beginning of a line of PersonaChat, and the turns behind it; what is said of personas is no turn.
fn numbered(line: &str) -> Option<(usize, impl Iterator<Item = &str>)> {
    let (number, rest) = line.split_once(' ')?;
    let number = number.parse().ok()?;
    let is_persona = rest.starts_with("your persona:") || rest.starts_with("partner's persona:");
    if !is_persona && !rest.contains('\t') {
        return None;
    }
    Some((number, rest.split('\t').filter(move |_| !is_persona)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialogues(text: &str) -> Vec<String> {
        let loaded = Loaded { source: crate::Source::of("a", text), text: text.to_owned().into(), parts: None };
        let config = Config { path: "a".into(), ..Config::default() };
        config.read(&loaded).unwrap().into_iter().map(|dialogue| dialogue.join("|")).collect()
    }

    #[test]
    fn a_line_is_a_dialogue_in_each_of_three_forms() {
        assert_eq!(dialogues("Hi\tHo\tBye\nalone\n\nA\tB\n"), ["Hi|Ho|Bye", "A|B"]);
        assert_eq!(dialogues("Hi , you . __eou__ Ho ! __eou__\n"), ["Hi, you.|Ho!"]);
        let persona = "1 your persona: i eat.\n2 hello\thi there\n3 bye\tciao\n1 so\tyes\n";
        assert_eq!(dialogues(persona), ["hello|hi there|bye|ciao", "so|yes"]);
    }
}
