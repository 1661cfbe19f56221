//! The turns of a conversation as a language model reads them: a line each, oldest first, as in a run of whole dialogues. What a
//! speaker is called is not written: turns alternate. Knows tokenizers and no model.

use rushlight_text::{TextError, Tokenizer};

/// What stands behind each turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnEnd {
    /// As ids: a line's end; where the vocabulary has none, the token that ends a row; where there is none either, a space.
    pub ids: Vec<u32>,
    /// Whether it is a line's end.
    pub is_line: bool,
}

impl TurnEnd {
    /// As this vocabulary has it.
    pub fn of(tokenizer: &Tokenizer) -> Self {
        match (line_end(tokenizer), tokenizer.boundary()) {
            (Some(ids), _) => Self { ids, is_line: true },
            (None, Some(boundary)) => Self { ids: vec![boundary], is_line: false },
            (None, None) => Self { ids: tokenizer.try_encode(" ").unwrap_or_default(), is_line: false },
        }
    }
}

/// The line's end, where the vocabulary has one.
pub fn line_end(tokenizer: &Tokenizer) -> Option<Vec<u32>> {
    let ids = tokenizer.try_encode("\n").ok()?;
    (tokenizer.decode(&ids) == "\n").then_some(ids)
}

/// The ids of the last of some turns that fit into `room`, of which the last one is always there; the boundary, where the
/// vocabulary has one, stands before them and counts.
///
/// # Errors
/// Text that the vocabulary does not know.
pub fn ids_of<T: AsRef<str>>(tokenizer: &Tokenizer, turns: &[T], room: usize) -> Result<Vec<u32>, TextError> {
    let end = TurnEnd::of(tokenizer).ids;
    let (mut parts, mut count) = (Vec::new(), usize::from(tokenizer.boundary().is_some()));
    for turn in turns.iter().rev() {
        let mut ids = tokenizer.try_encode(&one_line(turn.as_ref()))?;
        ids.extend(&end);
        count += ids.len();
        if count > room && !parts.is_empty() {
            break;
        }
        parts.push(ids);
    }
    Ok(tokenizer.boundary().into_iter().chain(parts.into_iter().rev().flatten()).collect())
}

/// A turn is a line, whatever stands in it.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
