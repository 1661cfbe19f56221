//! The few numbers that a run is known by, large.

use crate::page::{Block, Fact, Section};
use crate::runs::Run;
use crate::say;

pub(crate) fn section(run: &Run) -> Option<Section> {
    let fact = |name, value: String, unit: &str| Fact { name, value, unit: unit.to_owned() };
    let (steps, tokens, seconds) = run.trace.progress();
    let mut facts = Vec::new();
    if let Some(result) = run.result() {
        let name = match result.split.as_str() {
            "test" => "Test loss",
            "train" => "Training loss",
            _ => "Validation loss",
        };
        facts.push(fact(name, say::loss(result.loss), &run.unit()));
        facts.extend(result.perplexity.map(|value| fact("Perplexity", say::four_digits(value), "")));
        facts.extend(run.bits_per_character().map(|bits| fact("Bits", say::four_digits(bits), "per character")));
        facts.extend(run.bleu().map(|bleu| fact("BLEU", say::tenths(bleu), "of 100")));
        facts.extend(result.top1.map(|share| fact("First guess right", say::percent(share), "")));
        facts.extend(result.top5.map(|share| fact("Among first five", say::percent(share), "")));
    }
    facts.push(fact("Parameters", say::count(run.trace.card.model.parameters), ""));
    facts.push(fact("Steps", say::count(steps), ""));
    if seconds > 0.0 {
        facts.push(fact("Time", say::duration(seconds), ""));
        let noun = run.counted();
        facts.push(fact("Speed", say::short(tokens as f64 / seconds), &format!("{noun}s a second")));
    }
    Some(Section::new("In short").with(Block::Facts(facts)))
}
