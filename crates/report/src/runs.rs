//! Who is who among the runs of a page: the label, the colour and the dash of each. A model
//! keeps its colour; runs of one colour are told apart by name and dash.

use crate::theme::{self, Paint};
use rushlight_trace::{Evaluation, LossUnit, Trace};

const DASHES: [&str; 4] = ["", "7 4", "2 4", "9 3 2 3"];

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
        ["validation", "test", "train"].iter().find_map(|split| self.trace.best_evaluation(split))
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

    /// What one token of the run is called; `token` if the run does not say.
    pub(crate) fn token(&self) -> &'a str {
        self.trace.card.text.as_ref().map_or("token", |text| text.token.as_str())
    }
}

/// The runs in the order given, each with its label and look.
pub(crate) fn identified(traces: &[Trace]) -> Vec<Run<'_>> {
    let label = |trace: &Trace| {
        let model = &trace.card.model;
        [&model.label, &model.name, &trace.name].into_iter().find(|name| !name.is_empty()).cloned()
    };
    let labels: Vec<String> = traces.iter().map(|trace| label(trace).unwrap_or_default()).collect();
    let alike = |index: usize| labels.iter().filter(|other| **other == labels[index]).count();
    let paint = |trace: &Trace| theme::model(trace.card.model.order);
    let before = |index: usize| traces[..index].iter().filter(|other| paint(other) == paint(&traces[index])).count();
    traces
        .iter()
        .enumerate()
        .map(|(index, trace)| Run {
            trace,
            label: if alike(index) > 1 { format!("{}, {}", labels[index], trace.name) } else { labels[index].clone() },
            paint: paint(trace),
            dash: DASHES[before(index) % DASHES.len()],
        })
        .collect()
}

/// The runs in the order of history.
pub(crate) fn by_history(traces: &[Trace]) -> Vec<Run<'_>> {
    let mut runs = identified(traces);
    runs.sort_by_key(|run| run.order());
    runs
}

#[cfg(test)]
mod tests {
    use super::{by_history, identified};
    use crate::theme;
    use rushlight_trace::{ModelCard, RunCard, Trace};

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
    fn history_puts_the_oldest_first() {
        let traces = [trace("a", "GPT", 5), trace("b", "Bigram", 0)];
        let labels: Vec<String> = by_history(&traces).into_iter().map(|run| run.label).collect();
        assert_eq!(labels, ["Bigram", "GPT"]);
    }
}
