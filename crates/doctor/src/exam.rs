//! What a rule looks at: a run's records by name, its recipe by key, and its losses as curves. What is not there is a
//! [`Lack`], which a rule hands on with `?`.

use crate::course::Curve;
use crate::names;
use rushlight_trace::{Finding, Layer, LossUnit, Parameter, Probe, SiteKind, Trace};
use std::collections::BTreeMap;

/// Why a rule could not be asked: what the run has not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lack(pub &'static str);

impl Lack {
    /// No step was recorded.
    pub const STEPS: Self = Self("no losses of training steps");
    /// Too few steps for a judgement on the course.
    pub const COURSE: Self = Self("too few training steps to judge the course");
    /// No evaluation on validation data.
    pub const VALIDATION: Self = Self("no losses on a validation part");
    /// Nobody looked inside.
    pub const INSIDE: Self = Self("no values from inside the network; train with --watch");
    /// No probe was made.
    pub const PROBES: Self = Self("no probes; `rushlight check` makes them");
    /// The loss is not one that has such a level.
    pub const YARDSTICK: Self = Self("no such yardstick for this loss");
    /// Nobody looked inside before it had learned anything.
    pub const START: Self = Self("no look inside at the start; train with --watch");
    /// The training part was not evaluated.
    pub const TRAIN: Self = Self("no loss on the training part at the end");
    /// No text was written.
    pub const SAMPLES: Self = Self("no samples");
    /// Nothing was translated.
    pub const TRANSLATIONS: Self = Self("no translations");
    /// Translations were searched for in one way alone.
    pub const SEARCHES: Self = Self("no translations of a beam beside those of a greedy search");
    /// Nobody saw where a decoder looked.
    pub const MAPS: Self = Self("no maps of where a decoder looks");
    /// No recipe.
    pub const RECIPE: Self = Self("no recipe");
    /// No parameters.
    pub const PARAMETERS: Self = Self("no weights");
}

/// A run on the doctor's table.
pub struct Exam<'t> {
    /// All that it has left behind.
    pub trace: &'t Trace,
    recipe: Option<toml::Table>,
    /// The loss of each recorded step.
    pub(crate) training: Curve,
    /// The loss of each evaluation on the validation part.
    pub(crate) validation: Curve,
}

impl<'t> Exam<'t> {
    /// Of a run.
    pub fn of(trace: &'t Trace) -> Self {
        let recipe = trace.recipe.parse::<toml::Table>().ok().filter(|table| !table.is_empty());
        let training = trace.steps().map(|step| (step.step, step.loss)).collect();
        let validation = trace.evaluations("validation").map(|evaluation| (evaluation.step, evaluation.loss)).collect();
        Self { trace, recipe, training: Curve(training), validation: Curve(validation) }
    }

    /// A setting of the recipe by its path, such as `train.optimizer.kind`.
    pub fn setting(&self, path: &str) -> Option<&toml::Value> {
        let mut keys = path.split('.');
        let first = self.recipe.as_ref()?.get(keys.next()?)?;
        keys.try_fold(first, |value, key| value.get(key))
    }

    /// A setting that is a number.
    pub fn number(&self, path: &str) -> Option<f64> {
        let value = self.setting(path)?;
        value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
    }

    /// A setting that is a word.
    pub fn word(&self, path: &str) -> Option<&str> {
        self.setting(path)?.as_str()
    }

    /// The recipe's change that makes the learning rate so many times as large: `train.lr=0.0003`.
    pub(crate) fn rate_times(&self, factor: f64) -> Option<String> {
        self.number("train.lr").map(|rate| format!("train.lr={}", rounded(rate * factor)))
    }

    /// The finding with gentler first steps to try: warm-up, where there is none, or a tenth of the rate.
    pub(crate) fn gentler(&self, finding: Finding) -> Finding {
        let warms_up = self.number("train.schedule.warmup_steps").is_none_or(|steps| steps > 0.0);
        let finding = if warms_up { finding } else { finding.cure("train.schedule.warmup_steps=100") };
        self.rate_times(0.1).into_iter().fold(finding, Finding::cure)
    }

    /// Whether there is a recipe to change.
    pub(crate) fn has_recipe(&self) -> bool {
        self.recipe.is_some()
    }

    /// Whether the recipe's model has the keys that a change sets; of the others every recipe has all.
    pub(crate) fn takes(&self, change: &str) -> bool {
        let mut keys = change.split(' ').filter_map(|set| set.split_once('=')).map(|(key, _)| key);
        self.recipe.is_none() || keys.all(|key| !key.starts_with("model.") || self.setting(key).is_some())
    }

    /// The norm that gradients are clipped to, if they are.
    pub(crate) fn clip_norm(&self) -> Result<Option<f64>, Lack> {
        self.recipe.as_ref().ok_or(Lack::RECIPE)?;
        Ok(self.number("train.clip.norm").filter(|&norm| norm > 0.0))
    }

    /// Whether the decoder comes to read more and more of what it writes itself, which makes training losses rise.
    pub(crate) fn forcing_fades(&self) -> bool {
        let share = |key| self.number(key).unwrap_or(1.0);
        share("train.teacher_forcing.end") < share("train.teacher_forcing.start")
    }

    /// Whether the run has come to its planned end.
    pub(crate) fn is_over(&self) -> bool {
        self.trace.done().is_some_and(|done| done.reason.starts_with("finished") || done.reason.starts_with("stopped"))
    }

    /// What the loss is counted in.
    pub(crate) fn unit(&self) -> LossUnit {
        let of_steps = self.trace.steps().next().map(|step| step.unit);
        of_steps.or_else(|| self.trace.all_evaluations().next().map(|e| e.unit)).unwrap_or_default()
    }

    /// Whether losses are of tokens or classes, and not of numbers.
    pub(crate) fn is_in_nats(&self) -> bool {
        self.unit() != LossUnit::SquaredError
    }

    /// Whether it goes on with text, as far as one knows: pairs of tokens say nothing of what a translation or a made-up task
    /// costs.
    pub(crate) fn is_of_text(&self) -> bool {
        let translates = self.trace.samples().any(|sample| sample.reference.is_some())
            || self.trace.all_evaluations().any(|evaluation| evaluation.bleu.is_some());
        self.word("data.kind").is_none_or(|kind| ["text", "lines", "ids"].contains(&kind)) && !translates
    }

    /// Translations that were not picked for being bad, each source once: samples of the last step and the best. Source, what
    /// became of it, reference.
    pub(crate) fn answers(&self) -> Vec<(&'t str, &'t str, &'t str)> {
        let last = self.trace.samples().next_back().map_or(0, |sample| sample.step);
        let samples = self.trace.samples().filter(|sample| sample.step == last).filter_map(|sample| {
            let reference = sample.reference.as_deref()?;
            Some((sample.prompt.as_str(), (sample.text.as_str(), reference)))
        });
        let best = self.trace.translations().next_back().into_iter().flat_map(|kept| &kept.best);
        let best = best.map(|one| (one.source.as_str(), (one.text.as_str(), one.reference.as_str())));
        let by_source: BTreeMap<_, _> = best.chain(samples).collect();
        by_source.into_iter().map(|(source, (text, reference))| (source, text, reference)).collect()
    }

    /// A level that losses are held against, by its name; an entropy may be that of the first so many tokens.
    pub(crate) fn yardstick(&self, name: &str) -> Result<f64, Lack> {
        let levels = &self.trace.yardsticks().ok_or(Lack::YARDSTICK)?.levels;
        let is_named =
            |full: &str| full.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(','));
        levels.iter().find(|level| is_named(&level.name)).map(|level| level.loss).ok_or(Lack::YARDSTICK)
    }

    /// What a probe of this name measured when probes were first made; nothing, where they were and this one has no meaning.
    /// What is wrong later alone, in a training that came apart, is a consequence.
    pub(crate) fn probed(&self, name: &str) -> Result<Vec<&'t Probe>, Lack> {
        let first = self.trace.probes().next().ok_or(Lack::PROBES)?.step;
        Ok(self.trace.probes().filter(|probe| probe.name == name && probe.step == first).collect())
    }

    /// The same, whenever it was measured.
    pub(crate) fn probed_ever(&self, name: &str) -> Result<Vec<&'t Probe>, Lack> {
        self.trace.probes().next().ok_or(Lack::PROBES)?;
        Ok(self.trace.probes().filter(|probe| probe.name == name).collect())
    }

    /// Whether evaluations have chance in them: then no two passes are alike, and what compares passes has nothing to say.
    pub(crate) fn evaluates_at_random(&self) -> bool {
        self.trace.probes().any(|probe| probe.name == "evaluated_twice" && probe.measured > 0.0)
    }

    /// The losses that say best what was learned: those of validation where there are at least `least` of them, else those
    /// of training.
    pub(crate) fn judged(&self, least: usize) -> &Curve {
        if self.validation.len() >= least { &self.validation } else { &self.training }
    }

    /// Whether no weight ever moved by more than a hair: then what the loss does is the noise of its batches.
    pub(crate) fn stands_still(&self) -> bool {
        const MOVES: f64 = 1e-4;
        let mut looks = self.trace.weights().filter(|weight| names::is_matrix(&weight.name)).peekable();
        looks.peek().is_some() && looks.all(|weight| weight.update_to_data < MOVES)
    }

    /// Whether steps tell the norm of their gradient; many logs do not.
    pub(crate) fn tells_gradients(&self) -> bool {
        self.trace.steps().any(|step| step.gradient_norm.is_finite())
    }

    /// The learning rate of each recorded step.
    pub(crate) fn rates(&self) -> impl DoubleEndedIterator<Item = (u64, f64)> + Clone {
        self.trace.steps().map(|step| (step.step, step.learning_rate))
    }

    /// The parameters as they were before training, or after its first step.
    pub(crate) fn first_parameters(&self) -> Result<Vec<&'t Parameter>, Lack> {
        let first = self.trace.parameters().next().ok_or(Lack::PARAMETERS)?.step;
        of_the_start(first)?;
        Ok(self.trace.parameters().filter(|parameter| parameter.step == first).collect())
    }

    /// The parameters as they were last looked at.
    pub(crate) fn last_parameters(&self) -> Result<Vec<&'t Parameter>, Lack> {
        let last = self.trace.parameters().next_back().ok_or(Lack::PARAMETERS)?.step;
        Ok(self.trace.parameters().filter(|parameter| parameter.step == last).collect())
    }

    /// The values at sites of a kind, in the first step.
    pub(crate) fn first_layers(&self, kind: SiteKind) -> Result<Vec<&'t Layer>, Lack> {
        let first = self.trace.layers().next().ok_or(Lack::INSIDE)?.step;
        of_the_start(first)?;
        Ok(self.trace.layers().filter(|layer| layer.step == first && layer.kind == kind).collect())
    }

    /// The values at sites of a kind, as they were last looked at.
    pub(crate) fn last_layers(&self, kind: SiteKind) -> Result<Vec<&'t Layer>, Lack> {
        let last = self.trace.layers().next_back().ok_or(Lack::INSIDE)?.step;
        Ok(self.trace.layers().filter(|layer| layer.step == last && layer.kind == kind).collect())
    }
}

/// A first look counts as one at the start when it was taken during the first step: values are those before its update.
fn of_the_start(step: u64) -> Result<(), Lack> {
    if step <= 1 { Ok(()) } else { Err(Lack::START) }
}

/// A number with two digits, as a person would write it in a recipe.
pub(crate) fn rounded(number: f64) -> f64 {
    format!("{number:.1e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Patient;

    #[test]
    fn a_cure_is_written_as_a_person_would() {
        let trace = Patient::language(27).recipe("[train]\nlr = 0.003").trace();
        let exam = Exam::of(&trace);
        assert_eq!(exam.rate_times(0.1).unwrap(), "train.lr=0.0003");
        assert_eq!((exam.rate_times(10.0).unwrap(), rounded(1.0 / 3.0)), ("train.lr=0.03".into(), 0.33));
    }

    #[test]
    fn a_change_of_a_key_that_the_model_has_not_is_none() {
        let trace = Patient::language(27).recipe("[model]\nkind = \"gpt\"\ndropout = 0.0\n").trace();
        let exam = Exam::of(&trace);
        let takes = ["model.dropout=0.2", "model.output_scale=0.01 model.dropout=0.2", "train.clip={ norm = 1.0 }"];
        assert_eq!(takes.map(|change| exam.takes(change)), [true, false, true]);
        assert!(Exam::of(&Patient::language(27).trace()).takes("model.start=kaiming"));
    }

    #[test]
    fn an_entropy_of_the_first_tokens_is_still_that_entropy() {
        let levels = rushlight_trace::Yardsticks::default().and("unigram entropy, first 4", 2.0);
        let trace = Patient::regression().with(rushlight_trace::Record::Yardsticks(levels)).trace();
        let exam = Exam::of(&trace);
        assert_eq!(exam.yardstick("unigram entropy"), Ok(2.0));
        assert_eq!(exam.yardstick("unigram"), Err(Lack::YARDSTICK));
    }

    #[test]
    fn what_was_first_seen_late_is_no_start() {
        let seen = |step| Patient::language(27).parameter(Parameter { step, ..Parameter::default() }).trace();
        assert!(Exam::of(&seen(1)).first_parameters().is_ok());
        assert_eq!(Exam::of(&seen(500)).first_parameters(), Err(Lack::START));
    }
}
