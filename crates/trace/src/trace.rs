//! A run read back: its card and every record, by kind. Read-only, and a copy: a run that goes
//! on meanwhile is read as far as its last whole line.

use crate::{
    AttentionMap, ByLength, Cost, Done, Evaluation, Finding, GradientDistance, Journal, Layer, Parameter, Probe, Reach,
    Recall, Record, RunCard, RunFolder, Sample, Saturation, Shape, Step, TraceError, Translations, Understanding,
    Weight, Yardsticks, lines,
};
use std::path::PathBuf;

/// Everything a run has left behind, weights aside.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// Where it lies.
    pub path: PathBuf,
    /// The run's name.
    pub name: String,
    /// What it is.
    pub card: RunCard,
    /// The resolved recipe.
    pub recipe: String,
    /// What was measured, in order.
    pub records: Vec<Record>,
    /// What was judged, in order.
    pub findings: Vec<Finding>,
}

/// An accessor that gives all records of one kind, in order.
macro_rules! all {
    ($(#[$doc:meta])* $name:ident, $kind:ident) => {
        $(#[$doc])*
        pub fn $name(&self) -> impl DoubleEndedIterator<Item = &$kind> + Clone {
            self.records.iter().filter_map(|record| match record {
                Record::$kind(record) => Some(record),
                _ => None,
            })
        }
    };
}

impl Trace {
    /// Reads a run.
    pub fn read(folder: &RunFolder) -> Result<Self, TraceError> {
        Ok(Self {
            path: folder.path().to_path_buf(),
            name: folder.name(),
            card: folder.card()?,
            recipe: folder.recipe()?,
            records: Journal::read(&folder.metrics_path())?,
            findings: lines::read(&folder.findings_path())?,
        })
    }

    all!(
        /// Steps of training.
        steps, Step
    );
    all!(
        /// Values at sites.
        layers, Layer
    );
    all!(
        /// Maps of saturated units.
        saturations, Saturation
    );
    all!(
        /// Weights with their gradients and changes.
        weights, Weight
    );
    all!(
        /// Numbers of parameters.
        parameters, Parameter
    );
    all!(
        /// Outcomes of exact probes.
        probes, Probe
    );
    all!(
        /// Gradients against distance.
        gradient_distances, GradientDistance
    );
    all!(
        /// Losses against tokens shown.
        reaches, Reach
    );
    all!(
        /// Accuracies against distance.
        recalls, Recall
    );
    all!(
        /// What a step costs as a size grows.
        costs, Cost
    );
    all!(
        /// What the model wrote.
        samples, Sample
    );
    all!(
        /// Quality of translations by length; the last of a part holds.
        by_lengths, ByLength
    );
    all!(
        /// The worst and the best translations; the last of a part hold.
        translations, Translations
    );
    all!(
        /// Where a decoder looked.
        attention_maps, AttentionMap
    );
    all!(
        /// How sentences were understood; the last of a part holds.
        understandings, Understanding
    );
    all!(
        /// All evaluations, of every part of the data.
        all_evaluations, Evaluation
    );
    all!(
        /// Yardsticks; the last ones hold.
        all_yardsticks, Yardsticks
    );
    all!(
        /// Drawings of the model; the last one holds.
        shapes, Shape
    );
    all!(
        /// Ends; a run resumed by hand may have had several, the last one holds.
        ends, Done
    );

    /// Evaluations on one part of the data.
    pub fn evaluations<'a>(&'a self, split: &str) -> impl DoubleEndedIterator<Item = &'a Evaluation> + Clone {
        let split = split.to_owned();
        self.all_evaluations().filter(move |evaluation| evaluation.split == split)
    }

    /// The evaluation with the least loss on one part of the data.
    pub fn best_evaluation(&self, split: &str) -> Option<&Evaluation> {
        self.evaluations(split)
            .filter(|evaluation| !evaluation.loss.is_nan())
            .min_by(|one, other| one.loss.total_cmp(&other.loss))
    }

    /// The losses to hold the model's against.
    pub fn yardsticks(&self) -> Option<&Yardsticks> {
        self.all_yardsticks().next_back()
    }

    /// The model, layer by layer.
    pub fn shape(&self) -> Option<&Shape> {
        self.shapes().next_back()
    }

    /// How the run ended; nothing while it goes on.
    pub fn done(&self) -> Option<&Done> {
        self.ends().next_back()
    }

    /// Steps, tokens and seconds so far: of the end if there is one, else of the last record.
    pub fn progress(&self) -> (u64, u64, f64) {
        if let Some(done) = self.done() {
            return (done.steps, done.tokens, done.seconds);
        }
        let step = self.steps().next_back();
        let step = step.map(|last| (last.step, last.tokens, last.seconds)).unwrap_or_default();
        let evaluation = self.all_evaluations().next_back();
        let evaluation = evaluation.map(|last| (last.step, last.tokens, last.seconds)).unwrap_or_default();
        if evaluation.0 > step.0 { evaluation } else { step }
    }
}

#[cfg(test)]
mod tests {
    use super::Trace;
    use crate::{Done, Evaluation, Record, RunCard, RunFolder, Sample, Yardsticks};

    fn evaluation(step: u64, split: &str, loss: f64) -> Record {
        Record::Evaluation(Evaluation { step, split: split.into(), loss, ..Evaluation::default() })
    }

    fn trace_of(records: &[Record]) -> Trace {
        let root = tempfile::tempdir().unwrap();
        let card = RunCard { seed: 3, ..RunCard::default() };
        let run = RunFolder::create(&root.path().join("one"), &card, "x = 1\n").unwrap();
        let mut journal = run.journal().unwrap();
        records.iter().for_each(|record| journal.append(record).unwrap());
        Trace::read(run.folder()).unwrap()
    }

    #[test]
    fn a_run_is_read_back_by_kind() {
        let trace = trace_of(&[
            Record::Yardsticks(Yardsticks::language(3.0, 2.0, 1.0)),
            evaluation(1, "train", 2.0),
            evaluation(1, "validation", 2.5),
            evaluation(2, "validation", 2.25),
        ]);
        assert_eq!((trace.name.as_str(), trace.card.seed, trace.recipe.as_str()), ("one", 3, "x = 1\n"));
        let losses: Vec<f64> = trace.evaluations("validation").map(|e| e.loss).collect();
        assert_eq!(losses, [2.5, 2.25]);
        assert_eq!(trace.yardsticks().unwrap().levels.len(), 3);
        assert_eq!(trace.done(), None);
    }

    #[test]
    fn the_best_evaluation_is_a_number() {
        let trace = trace_of(&[
            evaluation(1, "validation", 2.0),
            evaluation(2, "validation", 1.5),
            evaluation(3, "validation", f64::NAN),
        ]);
        assert_eq!(trace.best_evaluation("validation").unwrap().step, 2);
        assert_eq!(trace.best_evaluation("test"), None);
    }

    #[test]
    fn progress_is_the_end_or_else_the_last_that_was_heard() {
        let sample = Sample { step: 9, prompt: "".into(), text: "".into(), strategy: "".into(), reference: None };
        let mut records = vec![evaluation(4, "train", 2.0), Record::Sample(sample)];
        assert_eq!(trace_of(&records).progress(), (4, 0, 0.0));
        records.push(Record::Done(Done {
            reason: "finished".into(),
            steps: 10,
            tokens: 320,
            seconds: 2.0,
            wait_seconds: 0.5,
        }));
        assert_eq!(trace_of(&records).progress(), (10, 320, 2.0));
    }
}
