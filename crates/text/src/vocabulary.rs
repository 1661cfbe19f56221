//! A vocabulary: tokens and their ids, both ways. Knows not how text is cut into tokens.

use std::collections::HashMap;

/// The special token that starts and ends a row. Wherever there is one, its id is 0.
pub const BOUNDARY: &str = "<|end|>";

/// Tokens in the order of their ids.
#[derive(Clone, Debug)]
pub(crate) struct Vocabulary {
    tokens: Vec<String>,
    ids: HashMap<String, u32>,
    /// The id of [`BOUNDARY`], if there is one.
    pub(crate) boundary: Option<u32>,
    /// The id that stands for every piece of text outside the vocabulary, if there is one.
    pub(crate) unknown: Option<u32>,
}

impl Vocabulary {
    /// The special tokens first, then `tokens` in their order.
    ///
    /// # Panics
    /// If a token stands there twice.
    pub(crate) fn new(boundary: bool, unknown: Option<&str>, tokens: impl IntoIterator<Item = String>) -> Self {
        let specials = boundary.then_some(BOUNDARY).into_iter().chain(unknown);
        let tokens: Vec<String> = specials.map(str::to_string).chain(tokens).collect();
        Vocabulary::from_tokens(tokens, boundary, unknown).expect("every token of a new vocabulary is another one")
    }

    /// A vocabulary read from a file; `None` if a token stands there twice or a special one is missing.
    pub(crate) fn from_tokens(tokens: Vec<String>, boundary: bool, unknown: Option<&str>) -> Option<Self> {
        let ids: HashMap<String, u32> = tokens.iter().cloned().zip(0..).collect();
        if ids.len() != tokens.len() || (boundary && tokens.first().map(String::as_str) != Some(BOUNDARY)) {
            return None;
        }
        let unknown = match unknown {
            Some(token) => Some(*ids.get(token)?),
            None => None,
        };
        Some(Vocabulary { tokens, ids, boundary: boundary.then_some(0), unknown })
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    /// # Panics
    /// If the id is outside the vocabulary.
    pub(crate) fn token(&self, id: u32) -> &str {
        let size = self.tokens.len();
        self.tokens.get(id as usize).unwrap_or_else(|| panic!("id {id} is outside a vocabulary of {size}"))
    }

    pub(crate) fn tokens(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(String::as_str)
    }

    /// How many ids at the front are not text.
    pub(crate) fn specials(&self) -> usize {
        usize::from(self.boundary.is_some()) + usize::from(self.unknown.is_some())
    }

    pub(crate) fn is_boundary(&self, id: u32) -> bool {
        self.boundary == Some(id)
    }
}
