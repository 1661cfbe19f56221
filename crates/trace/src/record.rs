//! Records: everything that is measured in a run, one JSON object a line. Numbers and names
//! only; no judgement and no drawing. What is measured after training (reach, recall, cost)
//! carries no step: it belongs to the weights the run ended with.

use crate::number;
use serde::{Deserialize, Serialize};
use std::fmt;

mod inside;
mod probe;
mod translation;
mod understanding;
mod whole;

pub use inside::{GradientDistance, Layer, Saturation, SiteKind, Weight};
pub use probe::{Parameter, Probe};
pub use translation::{AttentionMap, ByLength, LengthUnit, OfLength, Searched, Translation, Translations};
pub use understanding::{Confusion, OfIntent, OfSlot, OfSureness, Understanding};
pub use whole::{Axis, Cost, Done, LayerShape, Reach, Recall, Sample, Shape, Yardstick, Yardsticks};

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// A step of training.
    Step(Step),
    /// The model against a part of the data that it is not trained on (or is).
    Evaluation(Evaluation),
    /// The values at one site of the network.
    Layer(Layer),
    /// Which units of a tanh layer are at their ends.
    Saturation(Saturation),
    /// One weight, its gradient and its change.
    Weight(Weight),
    /// The numbers of one parameter.
    Parameter(Parameter),
    /// What an exact probe measured.
    Probe(Probe),
    /// How much of the gradient reaches back in time.
    GradientDistance(GradientDistance),
    /// Loss when only the last few tokens are shown.
    Reach(Reach),
    /// Accuracy at repeating what was shown some steps ago.
    Recall(Recall),
    /// Time of a step against the length of its sequences.
    Cost(Cost),
    /// Something the model wrote.
    Sample(Sample),
    /// Losses to hold the model's against.
    Yardsticks(Yardsticks),
    /// The model, layer by layer.
    Shape(Shape),
    /// Quality of translations by length.
    ByLength(ByLength),
    /// The worst and the best translations.
    Translations(Translations),
    /// Where a decoder looked.
    AttentionMap(AttentionMap),
    /// How sentences were understood.
    Understanding(Understanding),
    /// The end of the run.
    Done(Done),
}

impl Record {
    /// The step the record speaks of; nothing for what is said of the run as a whole.
    pub fn step(&self) -> Option<u64> {
        match self {
            Self::Step(record) => Some(record.step),
            Self::Evaluation(record) => Some(record.step),
            Self::Layer(record) => Some(record.step),
            Self::Saturation(record) => Some(record.step),
            Self::Weight(record) => Some(record.step),
            Self::Parameter(record) => Some(record.step),
            Self::Probe(record) => Some(record.step),
            Self::GradientDistance(record) => Some(record.step),
            Self::Sample(record) => Some(record.step),
            Self::Reach(_) | Self::Recall(_) | Self::Cost(_) | Self::Done(_) => None,
            Self::ByLength(_) | Self::Translations(_) | Self::AttentionMap(_) | Self::Understanding(_) => None,
            Self::Yardsticks(_) | Self::Shape(_) => None,
        }
    }

    /// Whether the record was made after training, from the weights it ended with.
    pub fn follows_training(&self) -> bool {
        let of_translator = matches!(self, Self::ByLength(_) | Self::Translations(_) | Self::AttentionMap(_));
        let of_any = matches!(self, Self::Reach(_) | Self::Recall(_) | Self::Cost(_) | Self::Done(_));
        of_translator || of_any || matches!(self, Self::Understanding(_))
    }
}

/// What a loss is counted in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LossUnit {
    /// Cross-entropy of the next token.
    #[default]
    #[serde(rename = "nats/token")]
    NatsPerToken,
    /// Cross-entropy of the class of an example.
    #[serde(rename = "nats/example")]
    NatsPerExample,
    /// Mean over examples and outputs of the squared error.
    #[serde(rename = "squared error")]
    SquaredError,
}

impl fmt::Display for LossUnit {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(match self {
            Self::NatsPerToken => "nats per token",
            Self::NatsPerExample => "nats per example",
            Self::SquaredError => "mean squared error",
        })
    }
}

/// A step of training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Optimizer steps taken, this one included.
    pub step: u64,
    /// Training tokens (or examples) seen so far.
    pub tokens: u64,
    /// Seconds of training so far, over all sittings.
    #[serde(with = "number")]
    pub seconds: f64,
    /// Loss of this step's batch, smoothing included.
    #[serde(with = "number")]
    pub loss: f64,
    /// What the loss is counted in.
    #[serde(default)]
    pub unit: LossUnit,
    /// Learning rate of this step.
    #[serde(with = "number")]
    pub learning_rate: f64,
    /// Norm of the whole gradient, before clipping.
    #[serde(with = "number")]
    pub gradient_norm: f64,
    /// Tokens (or examples) a second since the step recorded before.
    #[serde(with = "number")]
    pub tokens_per_second: f64,
    /// Of the time since the step recorded before: seconds spent waiting for data.
    #[serde(with = "number")]
    pub wait_seconds: f64,
}

/// The model against one part of the data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Optimizer steps taken before it.
    pub step: u64,
    /// Training tokens (or examples) seen before it.
    pub tokens: u64,
    /// Seconds of training before it.
    #[serde(with = "number")]
    pub seconds: f64,
    /// Which part: `train`, `validation`, `test`.
    pub split: String,
    /// Loss without smoothing.
    #[serde(with = "number")]
    pub loss: f64,
    /// What the loss is counted in.
    #[serde(default)]
    pub unit: LossUnit,
    /// e to the loss, where the loss is in nats.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "number::maybe")]
    pub perplexity: Option<f64>,
    /// Share of right first guesses, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "number::maybe")]
    pub top1: Option<f64>,
    /// Share of targets among the first five guesses, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "number::maybe")]
    pub top5: Option<f64>,
    /// BLEU of translations of some of its sentences, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "number::maybe")]
    pub bleu: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(record: &Record, line: &str) {
        assert_eq!(serde_json::to_string(record).unwrap(), line);
        assert_eq!(&serde_json::from_str::<Record>(line).unwrap(), record);
    }

    #[test]
    fn a_step_is_one_flat_object_that_names_its_unit() {
        check(
            &Record::Step(Step {
                step: 3,
                tokens: 96,
                seconds: 0.5,
                loss: 2.25,
                unit: LossUnit::NatsPerToken,
                learning_rate: 0.1,
                gradient_norm: f64::INFINITY,
                tokens_per_second: 192.0,
                wait_seconds: 0.0,
            }),
            concat!(
                r#"{"record":"step","step":3,"tokens":96,"seconds":0.5,"loss":2.25,"#,
                r#""unit":"nats/token","learning_rate":0.1,"gradient_norm":"inf","#,
                r#""tokens_per_second":192.0,"wait_seconds":0.0}"#
            ),
        );
    }

    #[test]
    fn translations_of_before_there_were_searches_are_still_read() {
        let mut kept = Translations {
            split: "validation".into(),
            metric: "chrF2".into(),
            worst: Vec::new(),
            best: Vec::new(),
            searches: Vec::new(),
        };
        check(
            &Record::Translations(kept.clone()),
            r#"{"record":"translations","split":"validation","metric":"chrF2","worst":[],"best":[]}"#,
        );
        kept.searches.push(Searched { width: 5, sentences: 200, log_probability: -5.5, tokens: 12.0, bleu: 43.0 });
        check(
            &Record::Translations(kept),
            concat!(
                r#"{"record":"translations","split":"validation","metric":"chrF2","worst":[],"best":[],"#,
                r#""searches":[{"width":5,"sentences":200,"log_probability":-5.5,"tokens":12.0,"bleu":43.0}]}"#
            ),
        );
    }

    #[test]
    fn a_regression_has_a_loss_and_no_perplexity() {
        check(
            &Record::Evaluation(Evaluation {
                step: 1,
                split: "validation".into(),
                loss: 0.0794,
                unit: LossUnit::SquaredError,
                ..Evaluation::default()
            }),
            concat!(
                r#"{"record":"evaluation","step":1,"tokens":0,"seconds":0.0,"#,
                r#""split":"validation","loss":0.0794,"unit":"squared error"}"#
            ),
        );
    }

    #[test]
    fn the_saturation_map_can_be_seen_in_its_line() {
        let map = Saturation::of(0, "hidden", 0.99, 3, &[1.0, 0.0, -0.995, 0.99, f32::NAN, -1.0]);
        assert_eq!(map.rows, ["#.#", "..#"]);
        assert_eq!(map.map(), [[true, false, true], [false, false, true]]);
    }

    #[test]
    fn only_what_training_produces_has_a_step() {
        let shape = Record::Shape(Shape::default());
        assert_eq!((shape.step(), shape.follows_training()), (None, false));
        let done = Done { reason: "finished".into(), steps: 9, tokens: 9, seconds: 1.0, wait_seconds: 0.0 };
        assert_eq!(Record::Done(done.clone()).step(), None);
        assert!(Record::Done(done).follows_training());
    }
}
