//! Writing with a trained model: text in, text out. How a token is chosen is `rushlight_models::decode`'s affair.

use crate::faults::Fault;
use crate::{Session, TrainError};
use rushlight_engine::{Ids, Rng, Tensor};
use rushlight_models::beam::{Beam, Hypothesis};
use rushlight_models::decode::{Strategy, Writer, choose};
use rushlight_models::{Decoder, Generator, Input, Memory, Model};
use rushlight_nn::{Context, Params};
use rushlight_text::Tokenizer;

impl Session {
    /// Goes on from `prompt` to the end of the line (where data are lines), and by `most_tokens` at most. An empty prompt
    /// begins anew. Gives what was written, without the prompt.
    ///
    /// # Errors
    /// A model that does not write, or a prompt with text that the vocabulary does not know.
    pub fn write(&self, prompt: &str, most_tokens: usize, strategy: Strategy, rng: Rng) -> Result<String, TrainError> {
        let (generator, tokenizer, ids) = self.opening(prompt)?;
        let handed = self.fault().map(|fault| Handed { generator, fault });
        let generator = handed.as_ref().map_or(generator, |handed| handed as &dyn Generator);
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

    /// The likeliest ways to go on from `prompt`, best first: what is written, without the prompt, as text and as it
    /// was found. They end with the line (where data are lines), or where the model's window is full, or at the
    /// most tokens of the `beam`, whose own `end` does not matter.
    ///
    /// # Errors
    /// As [`Session::write`], and a prompt that leaves no room in the window.
    pub fn search(&self, prompt: &str, beam: &Beam) -> Result<Vec<(String, Hypothesis)>, TrainError> {
        let (generator, tokenizer, ids) = self.opening(prompt)?;
        if let Some(window) = generator.window().filter(|&window| ids.len() >= window) {
            return Err(TrainError::Unfit(format!(
                "the prompt has {} tokens, and a beam keeps all that it writes in the window of {window}; give a shorter \
                 prompt, or let `--strategy sample` forget its beginning",
                ids.len()
            )));
        }
        let room = generator.window().map_or(usize::MAX, |window| window - ids.len());
        if beam.min_length > room {
            return Err(TrainError::Unfit(format!(
                "behind the prompt the window has room for {room} tokens, but at least {} were asked for; ask for fewer",
                beam.min_length
            )));
        }
        let beam = Beam { end: tokenizer.boundary(), ..beam.clone() };
        let found = beam.search(generator, &Ids::new(&[1, ids.len()], ids), generator.begin(1)).remove(0);
        Ok(found.into_iter().map(|one| (tokenizer.decode(&one.tokens), one)).collect())
    }

    /// What writes, its tokenizer, and the ids that stand before what is written.
    fn opening(&self, prompt: &str) -> Result<(&dyn Generator, &Tokenizer, Vec<u32>), TrainError> {
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
        Ok((generator, tokenizer, ids))
    }
}

/// As many tokens after `prompt`, each drawn as the first that would be written.
pub(crate) fn drawn(
    generator: &dyn Generator,
    fault: Option<&dyn Fault>,
    prompt: &[u32],
    count: usize,
    mut rng: Rng,
) -> Vec<u32> {
    let handed = fault.map(|fault| Handed { generator, fault });
    let generator = handed.as_ref().map_or(generator, |handed| handed as &dyn Generator);
    let writer = Writer::new(generator, prompt, Strategy::SAMPLE, rng.fork(0));
    (0..count).map(|_| choose(&mut writer.logits().to_vec(), prompt, &Strategy::SAMPLE, &mut rng)).collect()
}

/// A generator whose logits come to whoever writes with it as a fault makes them.
struct Handed<'m> {
    generator: &'m dyn Generator,
    fault: &'m dyn Fault,
}

impl Model for Handed<'_> {
    fn params(&self) -> &Params {
        self.generator.params()
    }

    fn forward(&self, cx: &mut Context, input: &Input) -> Tensor {
        self.generator.forward(cx, input)
    }
}

impl Decoder for Handed<'_> {
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        let (logits, memory) = self.generator.read(cx, ids, memory);
        let (width, mut logits) = (logits.width(), logits.detach());
        logits.data_mut().chunks_exact_mut(width).for_each(|row| self.fault.sampled(row));
        (logits, memory)
    }

    fn window(&self) -> Option<usize> {
        self.generator.window()
    }
}

impl Generator for Handed<'_> {
    fn begin(&self, rows: usize) -> Memory {
        self.generator.begin(rows)
    }
}
