//! Who is who among the runs of a page: the label, the colour and the dash of each. A model
//! keeps its colour; runs of one colour are told apart by name and dash.

use crate::theme::{self, Paint};
use rushlight_trace::{ByLength, Evaluation, LossUnit, Trace, Translations, Understanding};

const DASHES: [&str; 4] = ["", "7 4", "2 4", "9 3 2 3"];

/// The parts of the data, from the one that a run is judged by.
pub(crate) const SPLITS: [&str; 3] = ["validation", "test", "train"];

/// A run as the page shows it.
#[derive(Clone)]
pub(crate) struct Run<'a> {
    pub(crate) trace: &'a Trace,
    pub(crate) label: String,
    pub(crate) paint: Paint,
    pub(crate) dash: &'static str,
}

impl<'a> Run<'a> {
    /// The evaluation that the run is known by: its best on validation data, or else on the
    /// test or training part.
    pub(crate) fn result(&self) -> Option<&'a Evaluation> {
        SPLITS.iter().find_map(|split| self.trace.best_evaluation(split))
    }

    /// The loss the run is known by; not a number if it has none.
    pub(crate) fn loss(&self) -> f64 {
        self.result().map_or(f64::NAN, |evaluation| evaluation.loss)
    }

    /// The run's place in history.
    pub(crate) fn order(&self) -> usize {
        self.trace.card.model.order
    }

    /// What the run's losses are counted in, in its own words.
    pub(crate) fn unit(&self) -> String {
        let step = self.trace.steps().next().map(|step| step.unit);
        let unit = step.or_else(|| self.trace.all_evaluations().next().map(|each| each.unit));
        match unit.unwrap_or_default() {
            LossUnit::NatsPerToken => format!("nats per {}", self.token()),
            unit => unit.to_string(),
        }
    }

    /// What one token of the run is called; `token` if the run does not say, or if end marks are tokens beside the
    /// characters.
    pub(crate) fn token(&self) -> &'a str {
        match &self.trace.card.text {
            Some(text) if text.token != "character" || text.characters_per_token == 1.0 => &text.token,
            _ => "token",
        }
    }

    /// What is counted while it trains: tokens of a text, sentences that are understood, or examples.
    pub(crate) fn counted(&self) -> &'a str {
        match (&self.trace.card.text, self.trace.steps().next().map(|step| step.unit)) {
            (Some(_), Some(LossUnit::NatsPerExample)) => "sentence",
            (Some(_), _) => self.token(),
            (None, _) => "example",
        }
    }

    /// The loss in bits, spread over the characters that a token stands for; nothing where the loss is of no token, or of
    /// words, many of which are one unknown word.
    pub(crate) fn bits_per_character(&self) -> Option<f64> {
        let text = self.trace.card.text.as_ref().filter(|text| text.token != "word")?;
        let count = text.characters_per_token;
        let result = self.result().filter(|result| result.unit == LossUnit::NatsPerToken && count > 0.0)?;
        Some(result.loss / std::f64::consts::LN_2 / count)
    }

    /// Whether the run learns to translate.
    pub(crate) fn is_translator(&self) -> bool {
        self.trace.card.task == "translation"
    }

    /// The BLEU of the evaluation that the run is known by, or else of the last that has one.
    pub(crate) fn bleu(&self) -> Option<f64> {
        let last = || self.trace.all_evaluations().filter_map(|each| each.bleu).next_back();
        self.result().and_then(|result| result.bleu).or_else(last)
    }

    /// Quality by length on the part of the data that the run is judged by.
    pub(crate) fn by_length(&self) -> Option<&'a ByLength> {
        let of = |split: &&str| self.trace.by_lengths().rfind(|record| record.split == **split);
        SPLITS.iter().find_map(of)
    }

    /// The worst and the best translations of the part that the run is judged by.
    pub(crate) fn translations(&self) -> Option<&'a Translations> {
        let of = |split: &&str| self.trace.translations().rfind(|record| record.split == **split);
        SPLITS.iter().find_map(of)
    }

    /// How sentences of the part that the run is judged by were understood.
    pub(crate) fn understanding(&self) -> Option<&'a Understanding> {
        let of = |split: &&str| self.trace.understandings().rfind(|record| record.split == **split);
        SPLITS.iter().find_map(of)
    }

    /// The evaluations on one part of the data, as training went. After an early stop the best weights are measured
    /// once more at the last step; that is not how training went, and is left out.
    pub(crate) fn course(&self, split: &str) -> Vec<&'a Evaluation> {
        let mut all: Vec<&Evaluation> = self.trace.evaluations(split).collect();
        let has_stopped_early = self.trace.done().is_some_and(|done| done.reason.starts_with("stopped early"));
        while let [earlier @ .., before, last] = all.as_slice() {
            let is_known = earlier.iter().any(|each| each.step < last.step && each.loss == last.loss);
            if before.step != last.step || !(is_known || has_stopped_early) {
                break;
            }
            all.pop();
        }
        all
    }

    /// How the run's losses were measured, if its recipe says.
    pub(crate) fn reading(&self) -> Option<Reading> {
        // Recipes of runs are resolved: one `key = value` a line.
        let value = |key: &str| {
            let mut lines = self.trace.recipe.lines().filter_map(|line| line.split_once(" = "));
            lines.find(|(name, _)| *name == key).map(|(_, value)| value.trim_matches('"'))
        };
        let window = || value("window")?.parse().ok();
        match value("batching")? {
            "stream" => Some(Reading::Stream),
            "windows" => Some(Reading::Windows(window()?)),
            "contexts" => Some(Reading::Contexts(window()?)),
            _ => None,
        }
    }
}

/// What a model has before it when its losses are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// All of the text so far, in the state that it carries.
    Stream,
    /// What stands before in the same window of so many tokens.
    Windows(u64),
    /// Always so many tokens.
    Contexts(u64),
}

/// The runs in the order given, each with its label and look.
pub(crate) fn identified(traces: &[Trace]) -> Vec<Run<'_>> {
    let label = |trace: &Trace| {
        let model = &trace.card.model;
        [&model.label, &model.name, &trace.name].into_iter().find(|name| !name.is_empty()).cloned()
    };
    let labels: Vec<String> = traces.iter().map(|trace| label(trace).unwrap_or_default()).collect();
    let alike = |index: usize| labels.iter().filter(|other| **other == labels[index]).count();
    let of_one_model = traces.len() > 1 && alike(0) == traces.len();
    let paint = |trace: &Trace| theme::model(trace.card.model.order);
    let before = |index: usize| traces[..index].iter().filter(|other| paint(other) == paint(&traces[index])).count();
    traces
        .iter()
        .enumerate()
        .map(|(index, trace)| Run {
            trace,
            label: match alike(index) {
                // What all share need not be said.
                _ if of_one_model => trace.name.clone(),
                1 => labels[index].clone(),
                _ => format!("{}, {}", labels[index], trace.name),
            },
            paint: paint(trace),
            dash: DASHES[before(index) % DASHES.len()],
        })
        .collect()
}

/// Whether all learnt from the same files, so that their numbers can be compared.
pub(crate) fn have_same_data(runs: &[Run]) -> bool {
    let data = |run: &Run| run.trace.card.data.iter().map(|data| (data.name.clone(), data.bytes)).collect::<Vec<_>>();
    runs.windows(2).all(|pair| data(&pair[0]) == data(&pair[1]))
}

/// The runs in the order of history.
pub(crate) fn by_history(traces: &[Trace]) -> Vec<Run<'_>> {
    let mut runs = identified(traces);
    runs.sort_by_key(|run| run.order());
    runs
}

#[cfg(test)]
mod tests {
    use super::{Reading, by_history, identified};
    use crate::theme;
    use rushlight_trace::{Evaluation, ModelCard, Record, RunCard, TextCard, Trace};

    fn trace(name: &str, label: &str, order: usize) -> Trace {
        let model = ModelCard { label: label.into(), order, ..ModelCard::default() };
        Trace { name: name.into(), card: RunCard { model, ..RunCard::default() }, ..Trace::default() }
    }

    #[test]
    fn a_model_keeps_its_colour_whoever_stands_beside_it() {
        let (alone, among) = ([trace("a", "LSTM", 3)], [trace("b", "RNN", 2), trace("a", "LSTM", 3)]);
        assert_eq!(identified(&alone)[0].paint, identified(&among)[1].paint);
        assert_eq!(identified(&alone)[0].paint, theme::model(3));
    }

    #[test]
    fn two_runs_of_one_model_have_two_names_and_two_dashes() {
        let traces = [trace("small", "LSTM", 3), trace("large", "LSTM", 3), trace("x", "RNN", 2)];
        let runs = identified(&traces);
        let labels: Vec<&str> = runs.iter().map(|run| run.label.as_str()).collect();
        assert_eq!(labels, ["LSTM, small", "LSTM, large", "RNN"]);
        assert_eq!((runs[0].dash, runs[1].dash, runs[2].dash), ("", "7 4", ""));
    }

    #[test]
    fn runs_of_one_model_go_by_their_names_alone() {
        let traces = [trace("small", "LSTM", 3), trace("large", "LSTM", 3)];
        let labels: Vec<String> = identified(&traces).into_iter().map(|run| run.label).collect();
        assert_eq!(labels, ["small", "large"]);
    }

    #[test]
    fn a_character_is_a_token_only_where_there_are_no_others() {
        let check = |token: &str, characters_per_token: f64, expected: &str| {
            let mut trace = trace("a", "MLP", 1);
            trace.card.text = Some(TextCard { token: token.into(), vocabulary: 27, characters_per_token });
            assert_eq!(identified(&[trace])[0].token(), expected);
        };
        check("character", 1.0, "character");
        check("character", 0.8605, "token");
        check("piece", 3.2, "piece");
    }

    #[test]
    fn bits_follow_from_nats_a_token() {
        let mut trace = trace("a", "MLP", 1);
        trace.card.text = Some(TextCard { token: "character".into(), vocabulary: 27, characters_per_token: 0.5 });
        let evaluation =
            Evaluation { split: "validation".into(), loss: std::f64::consts::LN_2, ..Evaluation::default() };
        trace.records.push(Record::Evaluation(evaluation));
        // One bit a token, half a character a token.
        assert_eq!(identified(&[trace.clone()])[0].bits_per_character(), Some(2.0));
        trace.card.text.as_mut().unwrap().token = "word".into();
        assert_eq!(identified(&[trace])[0].bits_per_character(), None);
    }

    #[test]
    fn the_best_weights_measured_again_are_no_part_of_the_course() {
        let check = |all: &[(u64, f64)], expected: &[u64]| {
            let record = |(step, loss): &(u64, f64)| {
                Record::Evaluation(Evaluation {
                    step: *step,
                    split: "validation".into(),
                    loss: *loss,
                    ..Evaluation::default()
                })
            };
            let trace = Trace { records: all.iter().map(record).collect(), ..Trace::default() };
            let traces = [trace];
            let steps: Vec<u64> = identified(&traces)[0].course("validation").iter().map(|each| each.step).collect();
            assert_eq!(steps, expected);
        };
        check(&[(10, 3.0), (20, 2.0), (30, 2.5), (30, 2.0)], &[10, 20, 30]);
        // Looked at once more later.
        check(&[(10, 3.0), (20, 2.0), (30, 2.5), (30, 2.0), (30, 2.0)], &[10, 20, 30]);
        check(&[(10, 3.0), (20, 2.0), (30, 2.5)], &[10, 20, 30]);
        check(&[(10, 3.0), (20, 2.0), (30, 2.0)], &[10, 20, 30]);
    }

    #[test]
    fn the_recipe_says_what_a_model_has_before_it() {
        let check = |recipe: &str, expected: Option<Reading>| {
            let traces = [Trace { recipe: recipe.into(), ..Trace::default() }];
            assert_eq!(identified(&traces)[0].reading(), expected);
        };
        check("batching = \"windows\"\n[train]\nwindow = 64\n", Some(Reading::Windows(64)));
        check("batching = \"stream\"\nwindow = 64\n", Some(Reading::Stream));
        check("batching = \"contexts\"\nwindow = 3\n", Some(Reading::Contexts(3)));
        check("window = 64\n", None);
    }

    #[test]
    fn history_puts_the_oldest_first() {
        let traces = [trace("a", "GPT", 5), trace("b", "Bigram", 0)];
        let labels: Vec<String> = by_history(&traces).into_iter().map(|run| run.label).collect();
        assert_eq!(labels, ["Bigram", "GPT"]);
    }
}
