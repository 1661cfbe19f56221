//! Patients: made-up runs, a few words each, for rules to show themselves on.

use rushlight_trace::{
    Done, Evaluation, Histogram, Layer, LossUnit, Parameter, Probe, Record, Sample, SiteKind, Step, Trace, Translation,
    Translations, Weight, Yardsticks,
};

/// A made-up run that is told in a few words.
#[derive(Clone, Debug)]
pub struct Patient {
    trace: Trace,
    unit: LossUnit,
}

impl Patient {
    /// A language model over so many tokens, of whose unigrams and bigrams the entropies are 0.85 and 0.7 of ln V.
    pub fn language(vocabulary: usize) -> Self {
        let chance = (vocabulary as f64).ln();
        let levels = Yardsticks::language(chance, 0.85 * chance, 0.7 * chance);
        Self { trace: Trace::default(), unit: LossUnit::NatsPerToken }.with(Record::Yardsticks(levels))
    }

    /// A regression on targets of variance 1.
    pub fn regression() -> Self {
        let levels = Yardsticks { unit: LossUnit::SquaredError, levels: Vec::new() }.and("variance", 1.0);
        Self { trace: Trace::default(), unit: LossUnit::SquaredError }.with(Record::Yardsticks(levels))
    }

    /// The same with this recipe.
    pub fn recipe(mut self, recipe: &str) -> Self {
        self.trace.recipe = recipe.to_owned();
        self
    }

    /// The same with one more record.
    pub fn with(mut self, record: Record) -> Self {
        self.trace.records.push(record);
        self
    }

    /// The same after `count` steps more, at each of which `tell(step)` is the loss and the norm of the gradient.
    pub fn steps(self, count: u64, tell: impl Fn(u64) -> (f64, f64)) -> Self {
        self.rated(count, |step| {
            let (loss, gradient_norm) = tell(step);
            (loss, gradient_norm, 1e-3)
        })
    }

    /// The same, with the learning rate behind them.
    pub fn rated(mut self, count: u64, tell: impl Fn(u64) -> (f64, f64, f64)) -> Self {
        let before = self.trace.steps().next_back().map_or(0, |step| step.step);
        for step in before + 1..=before + count {
            let (loss, gradient_norm, learning_rate) = tell(step);
            self.trace.records.push(Record::Step(Step {
                step,
                tokens: 32 * step,
                seconds: step as f64 / 100.0,
                loss,
                unit: self.unit,
                learning_rate,
                gradient_norm,
                tokens_per_second: 3200.0,
                wait_seconds: 0.0,
            }));
        }
        self
    }

    /// The same with the loss on a part after a step.
    pub fn evaluated(self, split: &str, step: u64, loss: f64) -> Self {
        let unit = self.unit;
        self.with(Record::Evaluation(Evaluation { step, split: split.into(), loss, unit, ..Evaluation::default() }))
    }

    /// The same with what a probe measured at a place, before the first step.
    pub fn probed(self, name: &str, place: &str, measured: f64, reference: f64) -> Self {
        self.with(Record::Probe(Probe { step: 0, name: name.into(), place: place.into(), measured, reference }))
    }

    /// The same with a look at a site: mean and deviation, the share that is saturated and how many units are dead, of 100.
    pub fn layer(
        self,
        step: u64,
        (site, kind): (&str, SiteKind),
        (mean, std): (f64, f64),
        saturated: Option<f64>,
        dead: Option<u64>,
    ) -> Self {
        // What is no number has no ends, and is counted apart.
        let (low, high) =
            if mean.is_finite() { (mean - 4.0 * std - 1e-9, mean + 4.0 * std + 1e-9) } else { (0.0, 1.0) };
        // Of 512 examples, 100 units each.
        let histogram = Histogram { low, high, counts: vec![51_200], not_finite: u64::from(!mean.is_finite()) };
        self.with(Record::Layer(Layer {
            step,
            site: site.into(),
            kind,
            mean,
            std,
            saturated_share: saturated,
            dead_units: dead,
            units: 100,
            histogram,
        }))
    }

    /// The same with a weight's gradient and update beside its values.
    pub fn weight(self, step: u64, name: &str, grad_to_data: f64, update_to_data: f64) -> Self {
        let grad_histogram = Histogram::between(-1.0, 1.0, 1, [0.0]);
        self.with(Record::Weight(Weight { step, name: name.into(), grad_to_data, update_to_data, grad_histogram }))
    }

    /// The same with the numbers of a parameter.
    pub fn parameter(self, parameter: Parameter) -> Self {
        self.with(Record::Parameter(parameter))
    }

    /// The same with a text that was written after a step.
    pub fn wrote(self, step: u64, text: &str) -> Self {
        let (prompt, strategy) = (String::new(), String::new());
        self.with(Record::Sample(Sample { step, prompt, text: text.into(), strategy, reference: None }))
    }

    /// The same with samples of a translator after a step: source, what became of it, reference.
    pub fn answered(self, step: u64, sentences: &[(&str, &str, &str)]) -> Self {
        let with = |patient: Self, &(source, text, reference): &(&str, &str, &str)| {
            let (prompt, strategy, reference) = (source.into(), "greedy".into(), Some(reference.into()));
            patient.with(Record::Sample(Sample { step, prompt, text: text.into(), strategy, reference }))
        };
        sentences.iter().fold(self, with)
    }

    /// The same with translations of validation sentences: source, what became of it, reference.
    pub fn translated(self, sentences: &[(&str, &str, &str)]) -> Self {
        let one = |&(source, text, reference): &(&str, &str, &str)| Translation {
            source: source.into(),
            text: text.into(),
            reference: reference.into(),
            score: 50.0,
        };
        let worst = sentences.iter().map(one).collect();
        let (split, metric) = ("validation".into(), "chrF2".into());
        self.with(Record::Translations(Translations { split, metric, worst, best: Vec::new(), searches: Vec::new() }))
    }

    /// The same at its planned end.
    pub fn finished(self) -> Self {
        let steps = self.trace.steps().next_back().map_or(0, |step| step.step);
        self.with(Record::Done(Done {
            reason: "finished".into(),
            steps,
            tokens: 32 * steps,
            seconds: steps as f64 / 100.0,
            wait_seconds: 0.0,
        }))
    }

    /// What it leaves behind.
    pub fn trace(self) -> Trace {
        self.trace
    }
}

/// A loss that falls from `from` towards `to`, by e in `pace` steps, and trembles by `noise`.
pub(crate) fn falling(from: f64, to: f64, pace: f64, noise: f64) -> impl Fn(u64) -> (f64, f64) {
    move |step| {
        // An irrational turn a step: no pattern, and the same on every machine.
        let tremble = (step as f64 * 2.399_963).sin() + (step as f64 * 1.324_718).cos();
        (to + (from - to) * (-(step as f64) / pace).exp() + 0.7 * noise * tremble, 1.0 + 0.2 * tremble)
    }
}

/// A parameter as one finds it in a network that is well.
pub(crate) fn sound(step: u64, name: &str, shape: &[u64]) -> Parameter {
    Parameter { step, name: name.into(), shape: shape.to_vec(), std: 0.1, largest: 0.4, ..Parameter::default() }
}
