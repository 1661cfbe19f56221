//! Translating with a trained model: lines in, lines out. How hypotheses are found is `rushlight_models::beam`'s affair.

use crate::task::source_of;
use crate::{Session, TrainError};
use rushlight_data::{Padded, Part};
use rushlight_engine::{Ids, at_once, keep_packed, no_grad};
use rushlight_models::Translator;
use rushlight_models::beam::{Beam, Hypothesis};
use rushlight_nn::Context;
use rushlight_score::BleuTokens;
use rushlight_score::metrics::bleu::Bleu;
use rushlight_score::metrics::{Metric, measured, summed};
use rushlight_text::Tokenizer;

/// The most hypotheses that are looked at together, and the most source tokens, with what pads them: enough to keep a core busy,
/// and few enough for what is between two layers to stay near it.
const HYPOTHESES: usize = 160;
const TOKENS: usize = 1536;

/// From so many hypotheses on, weights pay for being packed.
const MANY: usize = 32;

/// A line in the other language.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    /// As it is written.
    pub text: String,
    /// As it was found. Of a line in pieces its tokens stand one after the other, and its scores are summed.
    pub hypothesis: Hypothesis,
}

/// What a line has become.
#[derive(Clone, Debug, PartialEq)]
pub struct Translated {
    /// The best ways to say it, best first; never none.
    pub best: Vec<Translation>,
    /// In how many pieces it was translated: more than one where it is longer than the model's window.
    pub pieces: usize,
}

/// Translations beside what they are held against.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// What was translated.
    pub sources: Vec<String>,
    /// The best translation of each.
    pub best: Vec<Translation>,
    /// How a person translated it.
    pub references: Vec<String>,
}

impl Held {
    /// The score of all of them by `metric`, 0 to 100.
    pub fn score(&self, metric: &dyn Metric) -> f64 {
        let hypotheses: Vec<&str> = self.best.iter().map(|best| &best.text[..]).collect();
        let references = vec![self.references.iter().map(|line| &line[..]).collect()];
        metric.score(&summed(&measured(metric, &hypotheses, &references)))
    }
}

impl Session {
    /// What translates.
    ///
    /// # Errors
    /// A model that does not.
    pub fn translator(&self) -> Result<&dyn Translator, TrainError> {
        let does_not = || {
            TrainError::Unfit(format!(
                "a `{}` does not translate; use a run whose [data] has `kind = \"parallel\"`",
                self.entry.name
            ))
        };
        self.model.translator().ok_or_else(does_not)
    }

    /// Translates lines, each for itself; of several at once those of like length go together. A line without a word stays
    /// one, and one that is longer than the model's window is translated in pieces, of which only the best is given. A
    /// translation has at most as many tokens as the `beam` says; where that is all there are, twice those of its source and
    /// ten more.
    ///
    /// # Errors
    /// A model that does not translate, or text that the vocabulary does not know.
    pub fn translate<T: AsRef<str>>(&self, lines: &[T], beam: &Beam) -> Result<Vec<Translated>, TrainError> {
        let (translator, tokenizer) = (self.translator()?, self.source_tokenizer()?);
        let most = translator.window().map_or(usize::MAX, |window| (window - 1).max(1));
        let mut pieces: Vec<(usize, Vec<u32>)> = Vec::new();
        for (line, text) in lines.iter().enumerate() {
            let ids = tokenizer.try_encode(text.as_ref().trim())?;
            pieces.extend(ids.chunks(most).map(|piece| (line, piece.to_vec())));
        }
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        order.sort_by_key(|&piece| pieces[piece].1.len());
        let mut found: Vec<Vec<Hypothesis>> = vec![Vec::new(); pieces.len()];
        let are_many = order.len() * beam.width >= MANY;
        let batches = batches(&order, |piece| pieces[piece].1.len() + 1, beam.width);
        let ends = [tokenizer.boundary(), self.tokenizer()?.boundary()];
        let translated = at_once(batches.clone(), |together| {
            let sentences: Vec<&[u32]> = together.iter().map(|&piece| &pieces[piece].1[..]).collect();
            let search = || search(translator, &sentences, ends, beam);
            if are_many { keep_packed(search) } else { search() }
        });
        for (together, best) in batches.into_iter().zip(translated) {
            together.iter().zip(best).for_each(|(&piece, best)| found[piece] = best);
        }
        let mut of_line: Vec<Vec<Vec<Hypothesis>>> = vec![Vec::new(); lines.len()];
        for ((line, _), best) in pieces.iter().zip(found) {
            of_line[*line].push(best);
        }
        of_line.into_iter().map(|pieces| self.joined(pieces)).collect()
    }

    /// Translates the first `most` sentences of a part, or all of them: the best of each, beside what it is held against.
    ///
    /// # Errors
    /// As [`Session::translate`].
    pub fn translate_part(&self, part: &Part, most: Option<usize>, beam: &Beam) -> Result<Held, TrainError> {
        let Part::Pairs(pairs) = part else {
            return Err(TrainError::Unfit("these data are no sentences and their translations".into()));
        };
        if pairs.lines().is_empty() && !pairs.is_empty() {
            return Err(TrainError::Unfit(
                "of the training part only tokens are kept, so its sentences cannot be translated and held against their \
                 references; use `validation`, `test` or a file"
                    .into(),
            ));
        }
        let lines = &pairs.lines()[..most.unwrap_or(usize::MAX).min(pairs.lines().len())];
        let (sources, references): (Vec<String>, Vec<String>) =
            lines.iter().map(|[source, target]| (source.clone(), target.clone())).unzip();
        let best = self.translate(&sources, beam)?.into_iter().map(|mut line| line.best.remove(0)).collect();
        Ok(Held { sources, best, references })
    }

    /// The same as the words of this run, known or not, with a space between: for the score of a model of words. None where
    /// a token is no word.
    pub fn tokenised(&self, held: &Held) -> Option<Held> {
        let tokenizer = self.corpus.tokenizer.as_ref()?;
        let references = held.references.iter().map(|line| tokenizer.words(line)).collect::<Option<_>>()?;
        let words = |best: &Translation| {
            let tokens: Vec<String> = best.hypothesis.tokens.iter().map(|&id| tokenizer.token(id)).collect();
            Translation { text: tokens.join(" "), hypothesis: best.hypothesis.clone() }
        };
        Some(Held { best: held.best.iter().map(words).collect(), references, ..held.clone() })
    }

    /// BLEU as this run's text asks for it: of characters, where they are the tokens, else of sacreBLEU's words; without
    /// regard to case, where the model has none.
    pub fn bleu(&self) -> Bleu {
        let of = |is: fn(&Tokenizer) -> bool| self.corpus.tokenizer.as_ref().is_some_and(is);
        let tokens =
            if of(|tokenizer| tokenizer.unit() == "character") { BleuTokens::Char } else { BleuTokens::default() };
        Bleu { tokens, lowercase: of(|tokenizer| tokenizer.normalizer().lowercase), ..Bleu::default() }
    }

    /// The line of these pieces.
    fn joined(&self, mut pieces: Vec<Vec<Hypothesis>>) -> Result<Translated, TrainError> {
        let tokenizer = self.tokenizer()?;
        let count = pieces.len();
        let best = if count == 1 {
            pieces.remove(0)
        } else {
            let nothing = Hypothesis { tokens: Vec::new(), log_probability: 0.0, score: 0.0 };
            let add = |mut sum: Hypothesis, next: Hypothesis| {
                sum.tokens.extend(next.tokens);
                sum.log_probability += next.log_probability;
                sum.score += next.score;
                sum
            };
            vec![pieces.into_iter().map(|mut best| best.remove(0)).fold(nothing, add)]
        };
        let written = |hypothesis: Hypothesis| Translation {
            // A line stays one, whatever a model of bytes may write.
            text: tokenizer.decode(&hypothesis.tokens).replace(['\n', '\r'], " ").trim().into(),
            hypothesis,
        };
        Ok(Translated { best: best.into_iter().map(written).collect(), pieces: count })
    }
}

/// Cuts pieces, of these numbers of tokens and in the order of them, into those that are translated together.
fn batches(mut order: &[usize], tokens: impl Fn(usize) -> usize, width: usize) -> Vec<&[usize]> {
    let mut batches = Vec::new();
    while !order.is_empty() {
        let fits = |&(before, &piece): &(usize, &usize)| {
            before == 0 || (before + 1) * width <= HYPOTHESES && (before + 1) * tokens(piece) <= TOKENS
        };
        let (batch, rest) = order.split_at(order.iter().enumerate().take_while(fits).count());
        batches.push(batch);
        order = rest;
    }
    batches
}

/// The best translations of each sentence. `ends` are what stands behind a sentence of the source, and of the target.
fn search(
    translator: &dyn Translator,
    sentences: &[&[u32]],
    [end_of_source, end]: [Option<u32>; 2],
    beam: &Beam,
) -> Vec<Vec<Hypothesis>> {
    let ended = sentences.iter().map(|ids| ids.iter().copied().chain(end_of_source).collect());
    let source = source_of(Padded::of(&ended.collect::<Vec<Vec<u32>>>()));
    let most = |sentence: &&[u32]| match beam.max_length {
        usize::MAX => (2 * sentence.len() + 10).max(beam.min_length),
        asked => asked,
    };
    let most: Vec<usize> = sentences.iter().map(most).collect();
    let beam = Beam { end, ..beam.clone() };
    let begin = Ids::new(&[sentences.len(), 1], vec![end.unwrap_or(0); sentences.len()]);
    let memory = no_grad(|| translator.encode(&mut Context::evaluate(), &source));
    beam.search_within(translator, &begin, memory, &most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_piece_in_order_and_no_more_than_they_may() {
        let tokens: Vec<usize> = (0..700).map(|piece| 2 + piece / 10).chain([5000]).collect();
        let order: Vec<usize> = (0..tokens.len()).collect();
        for width in [1, 5, 1000] {
            let batches = batches(&order, |piece| tokens[piece], width);
            assert_eq!(batches.concat(), order);
            for batch in batches {
                let longest = batch.iter().map(|&piece| tokens[piece]).max().unwrap();
                assert!(batch.len() == 1 || batch.len() * width <= HYPOTHESES && batch.len() * longest <= TOKENS);
            }
        }
        let of_ten = batches(&order[..10], |piece| tokens[piece], 16);
        assert_eq!(of_ten.len(), 1);
        assert!(batches(&[], |_| 1, 1).is_empty());
    }
}
