//! Writing with a trained model: text in, text out. How a token is chosen is `rushlight_models::decode`'s affair.

use crate::{Session, TrainError};
use rushlight_engine::Rng;
use rushlight_models::decode::{Strategy, Writer};

impl Session {
    /// Goes on from `prompt` to the end of the line (where data are lines), and by `most_tokens` at most. An empty prompt
    /// begins anew. Gives what was written, without the prompt.
    ///
    /// # Errors
    /// A model that does not write, or a prompt with text that the vocabulary does not know.
    pub fn write(&self, prompt: &str, most_tokens: usize, strategy: Strategy, rng: Rng) -> Result<String, TrainError> {
        let tokenizer = self.tokenizer()?;
        let does_not = || TrainError::Unfit(format!("a `{}` does not write; use a language model", self.entry.name));
        let generator = self.model.generator().ok_or_else(does_not)?;
        let mut ids: Vec<u32> = tokenizer.boundary().into_iter().collect();
        ids.extend(tokenizer.try_encode(prompt)?);
        if ids.is_empty() {
            // Nothing stands before the first token of a long text; a new line comes nearest.
            let new_line = tokenizer.try_encode("\n").ok().and_then(|ids| ids.last().copied());
            ids.push(new_line.unwrap_or(0));
        }
        let mut writer = Writer::new(generator, &ids, strategy, rng);
        let mut written = Vec::new();
        while written.len() < most_tokens {
            match writer.write() {
                token if Some(token) == tokenizer.boundary() => break,
                token => written.push(token),
            }
        }
        Ok(tokenizer.decode(&written))
    }
}
