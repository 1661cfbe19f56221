//! What a trained translator can do: its quality by the length of the source, its worst and its best sentences, what a wider
//! search finds, and where it looks while it writes.

use crate::{Held, Session, TrainError};
use rushlight_data::Part;
use rushlight_engine::{Ids, Tensor, no_grad};
use rushlight_models::beam::{Beam, Hypothesis};
use rushlight_models::{Input, Source};
use rushlight_nn::{Context, Observer, SiteKind};
use rushlight_score::metrics::chrf::ChrF;
use rushlight_score::metrics::{Metric, measured, summed};
use rushlight_trace::{AttentionMap, ByLength, LengthUnit, OfLength, Record, Searched, Translation, Translations};

/// How many sentences are translated for it.
const MOST_SENTENCES: usize = 1000;
/// How many of the worst and of the best are shown.
const SHOWN: usize = 5;
/// How many sentences are searched for by a beam too, and how wide it is.
const SEARCHED: usize = 200;
const WIDTH: usize = 5;
/// Of how many sentences it is shown where the model looked.
const MAPS: usize = 3;

/// One word that is right is no achievement.
const SHORTEST: usize = 4;

/// A map of a longer sentence could not be looked at, and takes a number for each pair of tokens of each head.
const LONGEST: usize = 40;
const MOST_TOKENS: usize = 60;

/// Translates a part greedily, at most a thousand of its sentences, and some with a beam, and measures.
///
/// # Errors
/// As [`Session::translate`].
pub fn translation(session: &Session, split: &str, part: &Part) -> Result<Vec<Record>, TrainError> {
    let held = session.translate_part(part, Some(MOST_SENTENCES), &Beam::greedy())?;
    // Digits have no spaces between them; a text of letters has words, though its tokens are characters.
    let is_one_word = |line: &String| LengthUnit::Word.count(line) <= 1;
    let unit = if held.sources.iter().all(is_one_word) { LengthUnit::Character } else { LengthUnit::Word };
    let lengths: Vec<usize> = held.sources.iter().map(|line| unit.count(line)).collect();
    let wide = session.translate_part(part, Some(SEARCHED), &Beam::new(WIDTH, usize::MAX, None))?;
    let searches = [(1, &held), (WIDTH, &wide)].map(|(width, held)| searched(session, width, held));
    let mut records = vec![
        Record::ByLength(ByLength {
            split: split.to_owned(),
            unit,
            lengths: by_length(&session.bleu(), &held, &lengths),
        }),
        Record::Translations(Translations { searches: searches.into(), ..extremes(session, split, &held, &lengths) }),
    ];
    let fits = |line: &usize| {
        (SHORTEST..=LONGEST).contains(&lengths[*line]) && held.best[*line].hypothesis.tokens.len() <= MOST_TOKENS
    };
    for line in (0..held.sources.len()).filter(fits).take(MAPS) {
        let maps = attention(session, &held.sources[line], &held.best[line].hypothesis.tokens)?;
        records.extend(maps.into_iter().map(Record::AttentionMap));
    }
    Ok(records)
}

/// BLEU of the sentences of each length. A span has five lengths, or as many as make it twenty sentences.
fn by_length(metric: &dyn Metric, held: &Held, lengths: &[usize]) -> Vec<OfLength> {
    const SPAN: usize = 5;
    const LEAST: usize = 20;
    let span_of = |length: usize| length.saturating_sub(1) / SPAN;
    let hypotheses: Vec<&str> = held.best.iter().map(|best| &best.text[..]).collect();
    let references = vec![held.references.iter().map(|line| &line[..]).collect()];
    let measures = measured(metric, &hypotheses, &references);
    let mut order: Vec<(usize, usize)> = lengths.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let mut spans: Vec<Vec<(usize, usize)>> = Vec::new();
    for (length, line) in order {
        match spans.last_mut() {
            Some(span) if span.len() < LEAST || span_of(length) == span_of(span[span.len() - 1].0) => {
                span.push((length, line));
            }
            _ => spans.push(vec![(length, line)]),
        }
    }
    // What is left at the end and too little goes with the span before.
    if spans.len() > 1 && spans[spans.len() - 1].len() < LEAST {
        let rest = spans.pop().unwrap_or_default();
        spans.last_mut().into_iter().for_each(|last| last.extend(&rest));
    }
    let of = |span: Vec<(usize, usize)>| OfLength {
        from: span[0].0 as u64,
        to: span[span.len() - 1].0 as u64,
        sentences: span.len() as u64,
        bleu: metric.score(&summed(span.iter().map(|&(_, line)| &measures[line]))),
    };
    spans.into_iter().map(of).collect()
}

/// What a search of this width found, for as many sentences as all searches have tried.
fn searched(session: &Session, width: usize, held: &Held) -> Searched {
    let first = |lines: &[String]| lines.iter().take(SEARCHED).cloned().collect::<Vec<_>>();
    let best: Vec<_> = held.best.iter().take(SEARCHED).cloned().collect();
    let mean = |of: fn(&Hypothesis) -> f64| {
        best.iter().map(|best| of(&best.hypothesis)).sum::<f64>() / best.len().max(1) as f64
    };
    let (log_probability, tokens) = (mean(|found| found.log_probability), mean(|found| found.tokens.len() as f64));
    let sentences = best.len() as u64;
    let few = Held { sources: first(&held.sources), references: first(&held.references), best };
    Searched { width: width as u64, sentences, log_probability, tokens, bleu: few.score(&session.bleu()) }
}

/// The worst and the best sentences by chrF, which means something for one sentence too.
fn extremes(session: &Session, split: &str, held: &Held, lengths: &[usize]) -> Translations {
    let chrf = ChrF { lowercase: session.bleu().lowercase, ..ChrF::default() };
    let score = |line: usize| chrf.score(&chrf.measure(&held.best[line].text, &[&held.references[line]]));
    let mut scored: Vec<(f64, usize)> =
        (0..held.best.len()).filter(|&line| lengths[line] >= SHORTEST).map(|line| (score(line), line)).collect();
    scored.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let shown = |&(score, line): &(f64, usize)| Translation {
        source: held.sources[line].clone(),
        text: held.best[line].text.clone(),
        reference: held.references[line].clone(),
        score,
    };
    Translations {
        split: split.to_owned(),
        metric: chrf.label(),
        worst: scored.iter().take(SHOWN).map(shown).collect(),
        best: scored.iter().rev().take(SHOWN).map(shown).collect(),
        searches: Vec::new(),
    }
}

/// Where the decoder looks at a `source` line while it writes `tokens` and the end: a map for each place in the model that
/// looks; none for a model that does not.
///
/// # Errors
/// A model that does not translate, text that the vocabulary does not know, or a sentence beyond the window.
pub fn attention(session: &Session, source: &str, tokens: &[u32]) -> Result<Vec<AttentionMap>, TrainError> {
    let (from, to) = (session.source_tokenizer()?, session.tokenizer()?);
    let end = to.boundary().unwrap_or(0);
    let read: Vec<u32> = from.try_encode(source.trim())?.into_iter().chain([end]).collect();
    let written: Vec<u32> = tokens.iter().copied().chain([end]).collect();
    let longest = read.len().max(written.len());
    if let Some(window) = session.translator()?.window().filter(|&window| longest > window) {
        return Err(TrainError::Unfit(format!("the sentence has {longest} tokens, but the model's window {window}")));
    }
    let begun: Vec<u32> = [end].into_iter().chain(tokens.iter().copied()).collect();
    let input =
        Input::Pair(Source::whole(Ids::new(&[1, read.len()], read.clone())), Ids::new(&[1, begun.len()], begun));
    let mut looks = Looks::default();
    no_grad(|| session.model.forward(&mut Context::evaluate().watched(&mut looks), &input));
    let names =
        |tokenizer: &rushlight_text::Tokenizer, ids: &[u32]| ids.iter().map(|&id| tokenizer.token(id)).collect();
    let map = |(site, weights): (String, Tensor)| AttentionMap {
        site,
        source: names(from, &read),
        target: names(to, &written),
        heads: weights
            .data()
            .chunks_exact(written.len() * read.len())
            .map(|head| head.chunks_exact(read.len()).map(<[f32]>::to_vec).collect())
            .collect(),
    };
    Ok(looks.0.into_iter().map(map).collect())
}

/// Keeps the weights with which a decoder looks at its source.
#[derive(Default)]
struct Looks(Vec<(String, Tensor)>);

impl Observer for Looks {
    fn visit(&mut self, site: &str, kind: SiteKind, tensor: Tensor) -> Tensor {
        if kind == SiteKind::Attention && !site.starts_with("encoder") {
            self.0.push((site.to_owned(), tensor.clone()));
        }
        tensor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Translation;
    use rushlight_models::beam::Hypothesis;
    use rushlight_score::metrics::bleu::Bleu;

    fn held(lengths: &[usize]) -> Held {
        let line = |&words: &usize| vec!["a"; words].join(" ");
        let lines: Vec<String> = lengths.iter().map(line).collect();
        let hypothesis = Hypothesis { tokens: Vec::new(), log_probability: 0.0, score: 0.0 };
        let best = lines.iter().map(|text| Translation { text: text.clone(), hypothesis: hypothesis.clone() });
        Held { sources: lines.clone(), best: best.collect(), references: lines.clone() }
    }

    fn check(lengths: &[usize], expected: &[(u64, u64, u64)]) {
        let spans = by_length(&Bleu::default(), &held(lengths), lengths);
        assert_eq!(spans.iter().map(|span| (span.from, span.to, span.sentences)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_span_has_five_lengths() {
        let lengths: Vec<usize> = (1..=15).flat_map(|length| [length; 20]).collect();
        check(&lengths, &[(1, 5, 100), (6, 10, 100), (11, 15, 100)]);
    }

    #[test]
    fn few_sentences_go_with_the_lengths_beside_them() {
        let lengths = [vec![3; 10], vec![7; 15], vec![12; 40], vec![30; 5]].concat();
        check(&lengths, &[(3, 7, 25), (12, 30, 45)]);
        check(&[2, 9], &[(2, 9, 2)]);
        check(&[], &[]);
    }

    #[test]
    fn what_equals_its_reference_has_a_hundred() {
        let spans = by_length(&Bleu::default(), &held(&[6; 30]), &[6; 30]);
        assert!((spans[0].bleu - 100.0).abs() < 1e-9, "{spans:?}");
    }
}
