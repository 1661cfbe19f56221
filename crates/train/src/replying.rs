//! Replying with a trained model: the turns of a dialogue in, replies out, each with how likely it is and how well it fits.
//!
//! Follows  Li, Galley, Brockett, Gao, Dolan, A Diversity-Promoting Objective Function for Neural Conversation Models, 2016,
//!          <https://arxiv.org/abs/1510.03055>, section 3: maximum mutual information
//!
//!     fit = (log p(reply | turns) - λ log p(reply)) / tokens
//!
//! What fits everything (`I don't know.`) is likely anyway and wins nothing by it. Where the paper asks a language model for
//! p(reply), here it is the mean of p(reply | other turns) over some turns that have nothing to do with these: so any model that
//! replies can judge itself.

use crate::turns::{self, TurnEnd};
use crate::{Session, TrainError};
use rushlight_data::{DataConfig, Padded, Part};
use rushlight_engine::{Ids, Rng, Tensor, no_grad};
use rushlight_models::beam::{Beam, Hypothesis};
use rushlight_models::decode::{Strategy, log_probability};
use rushlight_models::draw::Draw;
use rushlight_models::{Decoder, Memory};
use rushlight_nn::Context;

/// A reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// As it is written.
    pub text: String,
    /// How many tokens it has, its end included.
    pub tokens: usize,
    /// The logarithm of its probability behind the turns, in nats.
    pub log_probability: f64,
    /// How well it fits the turns, in nats a token; its log-probability a token where nobody asked for more.
    pub fit: f64,
}

/// How replies are found.
#[derive(Clone, Debug, PartialEq)]
pub enum Search {
    /// The likeliest.
    Beam(Beam),
    /// Some by chance.
    Draw {
        /// How a token is chosen.
        strategy: Strategy,
        /// How many replies.
        count: usize,
    },
}

/// How to reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Replying {
    /// How replies are found.
    pub search: Search,
    /// The most tokens of a reply.
    pub most_tokens: usize,
    /// λ, from 0 (a reply is ranked by its probability alone) to 1.
    pub against_generic: f64,
}

/// How many other turns say what is likely anyway.
const OTHERS: usize = 8;

/// Between the turns of a dialogue.
const BETWEEN: &str = "\n";

impl Session {
    /// Replies to the turns of a dialogue, the last one last; the best first. Of more turns than the model reads or its window
    /// holds, the oldest are dropped.
    ///
    /// # Errors
    /// A model that does not reply, or text that its vocabulary does not know.
    pub fn reply<T: AsRef<str>>(&self, turns: &[T], how: &Replying, rng: &Rng) -> Result<Vec<Reply>, TrainError> {
        let decoder = self.replier()?;
        let begun = self.begun_from(turns, how.most_tokens)?;
        let ends = self.ends()?;
        let most = how.most_tokens;
        let found = match &how.search {
            Search::Beam(beam) => {
                let beam = Beam { max_length: most, end: ends.first().copied(), ..beam.clone() };
                let prompt = Ids::new(&[1, begun.prompt.len()], begun.prompt.clone());
                beam.search(decoder, &prompt, begun.memory)
            }
            Search::Draw { strategy, count } => {
                let draw = Draw { strategy: strategy.clone(), most, ends };
                let (logits, memory) = begun.read(decoder);
                let rows = vec![0; *count];
                let streams = (0..*count).map(|reply| rng.fork(reply as u64)).collect();
                vec![draw.go_on(decoder, logits.select(&rows), memory.select(&rows), streams)]
            }
        };
        let mut replies = found.into_iter().flatten().map(|one| self.written(&one)).collect::<Result<Vec<_>, _>>()?;
        // What comes up twice is one reply.
        let mut known = std::collections::HashSet::new();
        replies.retain(|reply| known.insert(reply.text.clone()));
        if how.against_generic > 0.0 {
            let texts: Vec<&str> = replies.iter().map(|reply| &reply.text[..]).collect();
            let fits = self.fits(turns, &texts, how.against_generic)?;
            replies.iter_mut().zip(fits).for_each(|(reply, fit)| reply.fit = fit);
        }
        replies.sort_by(|a, b| b.fit.total_cmp(&a.fit));
        Ok(replies)
    }

    /// How well each of some replies fits turns, in nats a token; λ as in [`Replying`].
    ///
    /// # Errors
    /// As [`Session::reply`].
    pub fn fits<T: AsRef<str>>(&self, turns: &[T], replies: &[&str], lambda: f64) -> Result<Vec<f64>, TrainError> {
        let behind = self.likelihoods(turns, replies)?;
        if lambda == 0.0 {
            return Ok(behind.iter().map(|(nats, tokens)| nats / *tokens as f64).collect());
        }
        let others = self.other_turns();
        let mut anyway = vec![Vec::with_capacity(others.len()); replies.len()];
        for other in &others {
            for (all, (nats, _)) in anyway.iter_mut().zip(self.likelihoods(other, replies)?) {
                all.push(nats);
            }
        }
        let of_one = |((nats, tokens), anyway): (&(f64, usize), &Vec<f64>)| {
            (nats - lambda * mean_in_logarithms(anyway)) / *tokens as f64
        };
        Ok(behind.iter().zip(&anyway).map(of_one).collect())
    }

    /// The logarithm of the probability of each reply behind turns, its end included, and how many tokens it has.
    ///
    /// # Errors
    /// As [`Session::reply`].
    pub fn likelihoods<T: AsRef<str>>(&self, turns: &[T], replies: &[&str]) -> Result<Vec<(f64, usize)>, TrainError> {
        let decoder = self.replier()?;
        let Some(&end) = self.ends()?.first() else { return Ok(Vec::new()) };
        let tokenizer = self.tokenizer()?;
        let ids = replies.iter().map(|reply| tokenizer.try_encode(reply)).collect::<Result<Vec<_>, _>>()?;
        let longest = ids.iter().map(Vec::len).max().unwrap_or(0);
        let begun = self.begun_from(turns, longest)?;
        let most = decoder.window().map_or(usize::MAX, |window| window.saturating_sub(begun.prompt.len()));
        let rows: Vec<Vec<u32>> = ids.iter().map(|ids| ids[..ids.len().min(most)].to_vec()).collect();
        let read: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
        let Padded { grid, .. } = Padded::of(&read);
        let (first, memory) = begun.read(decoder);
        let many = vec![0; rows.len()];
        let width = first.width();
        let behind = (grid.cols > 0).then(|| {
            let ids = Ids::new(&[grid.rows, grid.cols], grid.ids.clone());
            no_grad(|| decoder.read(&mut Context::evaluate(), &ids, memory.select(&many)).0)
        });
        let logits_at = |row: usize, place: usize| match (place.checked_sub(1), &behind) {
            (Some(before), Some(logits)) => &logits.data()[(row * grid.cols + before) * width..][..width],
            _ => &first.data()[..width],
        };
        let of_row = |(row, ids): (usize, &Vec<u32>)| {
            let targets = ids.iter().copied().chain([end]).enumerate();
            let nats = targets.map(|(place, token)| log_probability(logits_at(row, place), token)).sum();
            (nats, ids.len() + 1)
        };
        Ok(rows.iter().enumerate().map(of_row).collect())
    }

    /// Some turns of the validation part that have nothing to do with each other; always the same.
    fn other_turns(&self) -> Vec<Vec<String>> {
        let lines = match &self.corpus.validation {
            Part::Pairs(pairs) => pairs.lines().iter().map(|[source, _]| source.clone()).collect(),
            Part::Rows(rows) => {
                let text = |row| self.tokenizer().map(|tokenizer| tokenizer.decode(rows.ids(row))).unwrap_or_default();
                (0..rows.len()).map(text).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        };
        let turns = |line: &String| line.split(BETWEEN).take(self.turns_read()).map(str::to_owned).collect();
        let apart = (lines.len() / OTHERS).max(1);
        let others: Vec<Vec<String>> = lines.iter().step_by(apart).take(OTHERS).map(turns).collect();
        // A session that was opened without its data: what is likely behind nothing.
        if others.is_empty() { vec![vec![String::new()]] } else { others }
    }

    /// What replies.
    fn replier(&self) -> Result<&dyn Decoder, TrainError> {
        let translator = self.model.translator().map(|translator| translator as &dyn Decoder);
        let generator = || self.model.generator().map(|generator| generator as &dyn Decoder);
        translator.or_else(generator).ok_or_else(|| self.does_not_reply())
    }

    fn does_not_reply(&self) -> TrainError {
        TrainError::Unfit(format!(
            "a `{}` does not write, and so cannot reply; use a run of dialogues",
            self.entry.name
        ))
    }

    /// How many turns before a reply were read in training.
    fn turns_read(&self) -> usize {
        match &self.recipe.data {
            DataConfig::Dialogues(data) if self.model.translator().is_some() => data.turns,
            _ if self.model.translator().is_some() => 1,
            _ => usize::MAX,
        }
    }

    /// What a reply ends with: the boundary, and between the turns of whole dialogues a line's end.
    fn ends(&self) -> Result<Vec<u32>, TrainError> {
        let tokenizer = self.tokenizer()?;
        let end = TurnEnd::of(tokenizer);
        let of_generator = (self.model.translator().is_none() && end.is_line && end.ids.len() == 1).then(|| end.ids[0]);
        let boundary = tokenizer.boundary().filter(|&boundary| Some(boundary) != of_generator);
        Ok(of_generator.into_iter().chain(boundary).collect())
    }

    /// The model before a reply to turns, with room for as many tokens.
    fn begun_from<T: AsRef<str>>(&self, turns: &[T], room: usize) -> Result<Begun, TrainError> {
        let mut turns: Vec<String> = turns.iter().map(|turn| one_line(turn.as_ref())).collect();
        turns.drain(..turns.len().saturating_sub(self.turns_read()));
        if let Some(translator) = self.model.translator() {
            let tokenizer = self.source_tokenizer()?;
            let most = translator.window().map_or(usize::MAX, |window| (window - 1).max(1));
            let mut ids = tokenizer.try_encode(&turns.join(BETWEEN))?;
            while ids.len() > most && turns.len() > 1 {
                turns.remove(0);
                ids = tokenizer.try_encode(&turns.join(BETWEEN))?;
            }
            ids.drain(..ids.len().saturating_sub(most));
            ids.extend(tokenizer.boundary());
            let source = crate::task::source_of(Padded::of(&[&ids[..]]));
            let memory = no_grad(|| translator.encode(&mut Context::evaluate(), &source));
            return Ok(Begun { prompt: vec![self.tokenizer()?.boundary().unwrap_or(0)], memory });
        }
        let generator = self.model.generator().ok_or_else(|| self.does_not_reply())?;
        let tokenizer = self.tokenizer()?;
        let most = generator.window().map_or(usize::MAX, |window| window.saturating_sub(room + 1).max(window / 2));
        turns.retain(|turn| !turn.is_empty());
        let mut ids = turns::ids_of(tokenizer, &turns, most)?;
        ids.drain(..ids.len().saturating_sub(most.max(1)));
        if ids.is_empty() {
            ids.push(0);
        }
        Ok(Begun { prompt: ids, memory: generator.begin(1) })
    }

    fn written(&self, one: &Hypothesis) -> Result<Reply, TrainError> {
        let (text, tokens) = (one_line(&self.tokenizer()?.decode(&one.tokens)), one.tokens.len() + 1);
        Ok(Reply { text, tokens, log_probability: one.log_probability, fit: one.log_probability / tokens as f64 })
    }
}

/// A model that has read the turns, and what it reads next.
struct Begun {
    prompt: Vec<u32>,
    memory: Memory,
}

impl Begun {
    /// The logits for the first token of the reply [1, V], and the memory of all before it.
    fn read(self, decoder: &dyn Decoder) -> (Tensor, Memory) {
        let ids = Ids::new(&[1, self.prompt.len()], self.prompt);
        no_grad(|| decoder.read_last(&mut Context::evaluate(), &ids, self.memory))
    }
}

/// A turn is a line.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ").trim().to_owned()
}

/// The logarithm of the mean of what these are the logarithms of.
fn mean_in_logarithms(logarithms: &[f64]) -> f64 {
    let high = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logarithms.iter().map(|one| (one - high).exp()).sum();
    high + (sum / logarithms.len().max(1) as f64).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_of_probabilities_is_taken_behind_the_logarithm() {
        let [half, eighth] = [0.5_f64, 0.125].map(f64::ln);
        assert!((mean_in_logarithms(&[half, eighth]) - 0.3125_f64.ln()).abs() < 1e-12); // (1/2 + 1/8)/2
    }

    #[test]
    fn a_turn_is_one_line() {
        assert_eq!(one_line(" a\r\nb\n"), "a  b");
    }
}
