//! What probes are tried on: a session with a small batch, and copies of its model that may be trained. Every pass goes
//! through what is wrong with the session on purpose.

use crate::faults::{Fault, Put, befallen};
use crate::fitting::build;
use crate::forcing::Forcing;
use crate::shard;
use crate::step::{self, StepReport, StepSettings, take_step};
use crate::task::{Prepared, Targets};
use crate::{Session, TrainError};
use rushlight_data::IGNORE;
use rushlight_engine::{Grads, Ids, Rng, Tensor, no_grad};
use rushlight_models::{Decoder, Input, Memory, Model, Source};
use rushlight_nn::clip::Clip;
use rushlight_nn::optimizers::{Optimizer, adamw};
use rushlight_nn::{Context, Mode, Observer, without_start};
use std::cell::Cell;

/// Rows and tokens of the small batch.
const ROWS: usize = 4;
const TOKENS: usize = 32;
/// Windows or vectors of the small batch: more, for each is one answer.
const SINGLES: usize = 64;

/// What probes are tried on.
pub struct Subject<'s> {
    /// The session.
    pub session: &'s Session,
    /// The beginning of its first batch, with what is wrong on purpose: at most 4 rows of 32 tokens, or 64 windows or vectors.
    pub batch: Prepared,
    /// The same as the data have it: for steps, which put in themselves what is wrong.
    pub(crate) raw: Prepared,
    /// How many passes in training mode there have been: each has chance of its own.
    passes: Cell<u64>,
}

impl<'s> Subject<'s> {
    pub(crate) fn of(session: &'s Session) -> Result<Self, TrainError> {
        let raw = beginning(&session.batch_at(0)?);
        // Not the session's own: a fault that remembers must not remember this.
        let batch = befallen(session.recipe.fault().as_deref(), &raw);
        Ok(Self { session, batch, raw, passes: Cell::new(0) })
    }

    /// Its model.
    pub(crate) fn model(&self) -> &'s dyn Model {
        &*self.session.model
    }

    /// What is wrong on purpose.
    pub(crate) fn fault(&self) -> Option<&'s dyn Fault> {
        self.session.fault()
    }

    /// V.
    pub(crate) fn vocabulary(&self) -> usize {
        self.session.sizes.vocabulary
    }

    /// The longest row of tokens that is tried.
    pub(crate) fn times(&self) -> usize {
        let window = self.model().decoder().and_then(|decoder| decoder.window()).unwrap_or(TOKENS);
        window.min(TOKENS)
    }

    /// Whether its weights come from gradients.
    pub(crate) fn learns(&self) -> bool {
        self.model().counting().is_none() && self.model().params().trainable().next().is_some()
    }

    /// Whether training has chance in it: then two of its passes differ.
    pub(crate) fn drops(&self) -> bool {
        self.session
            .recipe
            .model
            .config
            .get("dropout")
            .and_then(serde_json::Value::as_f64)
            .is_some_and(|rate| rate > 0.0)
    }

    fn evaluates_in(&self) -> Mode {
        self.fault().map_or(Mode::Evaluate, |fault| fault.evaluates_in())
    }

    /// A pass in the mode in which this session evaluates, without a gradient.
    pub(crate) fn evaluate<T>(&self, pass: impl FnOnce(&mut Context) -> T) -> T {
        no_grad(|| self.pass(self.evaluates_in(), None, pass))
    }

    /// The same with somebody looking on.
    pub(crate) fn watched<T>(&self, observer: &mut dyn Observer, pass: impl FnOnce(&mut Context) -> T) -> T {
        no_grad(|| self.pass(self.evaluates_in(), Some(observer), pass))
    }

    /// A pass in training mode, with a gradient.
    pub(crate) fn train<'p, T>(
        &'p self,
        observer: Option<&'p mut dyn Observer>,
        pass: impl FnOnce(&mut Context) -> T,
    ) -> T {
        self.pass(Mode::Train, observer, pass)
    }

    fn pass<'p, T>(
        &'p self,
        mode: Mode,
        behind: Option<&'p mut dyn Observer>,
        pass: impl FnOnce(&mut Context) -> T,
    ) -> T {
        self.passes.set(self.passes.get() + 1);
        let mut sites = Put { fault: self.fault(), mode, behind };
        let mut cx = Context::train(Rng::new(self.passes.get())).watched(&mut sites);
        cx.mode = mode;
        pass(&mut cx)
    }

    /// What the model answers to an input when it is evaluated.
    pub(crate) fn answers(&self, input: &Input) -> Tensor {
        self.evaluate(|cx| self.model().forward(cx, input))
    }

    /// Tokens that mean nothing, [rows, times]: another row for each seed.
    pub(crate) fn tokens(&self, rows: usize, times: usize, seed: u64) -> Ids {
        let mut rng = Rng::new(seed);
        let ids: Vec<u32> = (0..rows * times).map(|_| rng.below(self.vocabulary()) as u32).collect();
        Ids::new(&[rows, times], ids)
    }

    /// `ids` as this model's input; a translator reads them after the first sentence of the batch, once for each row.
    pub(crate) fn reading(&self, ids: &Ids) -> Input {
        match &self.batch.input {
            Input::Pair(source, _) => Input::Pair(repeated(source, ids.shape()[0]), ids.clone()),
            _ => Input::Ids(ids.clone()),
        }
    }

    /// The memory before the first token of `rows` rows, for a decoder.
    pub(crate) fn begin(&self, cx: &mut Context, rows: usize) -> Memory {
        let source = match &self.batch.input {
            Input::Pair(source, _) => Some(repeated(source, rows)),
            _ => None,
        };
        step::begun(self.model(), cx, source.as_ref(), rows).expect("begin: a model that decodes")
    }

    /// Its model as one that reads from left to right, where it is one that predicts the next token.
    pub(crate) fn decoder(&self) -> Option<&'s dyn Decoder> {
        self.model().decoder().filter(|_| !matches!(self.batch.input, Input::Rows(_)))
    }

    /// A copy that may be trained.
    pub(crate) fn trial(&self) -> Trial<'s> {
        Trial::of(self.session)
    }
}

/// A copy of a session's model, with an optimizer of its own that has not moved yet.
pub(crate) struct Trial<'s> {
    session: &'s Session,
    pub(crate) model: Box<dyn Model>,
    optimizer: Box<dyn Optimizer>,
    settings: StepSettings,
    steps: u64,
}

impl<'s> Trial<'s> {
    fn of(session: &'s Session) -> Self {
        let model = without_start(|| build(&session.recipe, session.entry, session.sizes))
            .expect("the same model was built before");
        for (copy, param) in model.params().iter().zip(session.model.params().iter()) {
            copy.set(&param.value());
            copy.freeze(!param.is_trainable());
        }
        // A fault that remembers begins anew too.
        let fault = session.recipe.fault();
        let settings = StepSettings {
            clip: Clip::Never,
            smoothing: 0.0,
            fault,
            forcing: Forcing::ALWAYS,
            rng: Rng::new(session.recipe.train.seed).fork(2),
        };
        Self { session, model, optimizer: session.new_optimizer(), settings, steps: 0 }
    }

    /// The same with Adam for an optimizer.
    pub(crate) fn with_adam(self) -> Self {
        let optimizer = adamw::Config::default().build().expect("the default settings are in range");
        Self { optimizer, ..self }
    }

    /// Takes a step, as the training would.
    pub(crate) fn step(&mut self, batch: &Prepared, rate: f32) -> StepReport {
        self.step_of(std::slice::from_ref(batch), rate)
    }

    /// The same on a batch in parts.
    pub(crate) fn step_of(&mut self, parts: &[Prepared], rate: f32) -> StepReport {
        let (model, optimizer) = (&*self.model, &mut *self.optimizer);
        let report = take_step(model, optimizer, parts, &mut None, &self.settings, (self.steps, rate), false);
        self.steps += 1;
        report
    }

    /// The mean loss of a batch and its gradient, as the next step should find them: with the chance of that step.
    pub(crate) fn of_next_step(&self, batch: &Prepared) -> (f64, Grads) {
        self.mean(Mode::Train, batch)
    }

    /// The mean loss of a batch as it should be counted, with its gradient; in evaluation mode, for dropout would blur it.
    pub(crate) fn gradient(&self, batch: &Prepared) -> (f64, Grads) {
        self.mean(Mode::Evaluate, batch)
    }

    /// The mean loss of a batch as it should be counted, in f64, without its gradient.
    pub(crate) fn loss(&self, batch: &Prepared) -> f64 {
        exact_loss(&no_grad(|| self.output(Mode::Evaluate, batch)), &batch.targets)
    }

    fn mean(&self, mode: Mode, batch: &Prepared) -> (f64, Grads) {
        let sum = batch.targets.loss_sum(&self.output(mode, batch), 0.0);
        let mean = sum.scale(1.0 / batch.targets.counted().max(1) as f32);
        (f64::from(mean.item()), mean.backward())
    }

    /// The answer to a batch; the chance is that of the next step, of which nothing falls in evaluation.
    pub(crate) fn output(&self, mode: Mode, batch: &Prepared) -> Tensor {
        self.watched(mode, batch, None)
    }

    /// The same, and somebody may look on.
    pub(crate) fn watched<'p>(&'p self, mode: Mode, batch: &Prepared, behind: Option<&'p mut dyn Observer>) -> Tensor {
        let mut sites = Put { fault: self.settings.fault.as_deref(), mode, behind };
        let mut cx = Context::train(self.settings.rng.fork(self.steps).fork(0)).watched(&mut sites);
        cx.mode = mode;
        step::forward(&*self.model, &mut cx, batch, &mut None)
    }

    /// The learning rate that the recipe begins with.
    pub(crate) fn rate(&self) -> f32 {
        self.session.recipe.train.lr
    }
}

/// The beginning of a batch.
fn beginning(batch: &Prepared) -> Prepared {
    let rows = match &batch.input {
        Input::Contexts(_) | Input::Rows(_) => SINGLES,
        Input::Ids(_) | Input::Pair(..) | Input::Sentences(..) => ROWS,
    };
    let few = shard::part(batch, 0..batch.rows().min(rows));
    let (input, targets) = match (&few.input, &few.targets) {
        (Input::Ids(ids), Targets::Classes(targets)) => (Input::Ids(first(ids, TOKENS)), first(targets, TOKENS)),
        (Input::Pair(source, ids), Targets::Classes(targets)) => {
            (Input::Pair(source.clone(), first(ids, TOKENS)), first(targets, TOKENS))
        }
        _ => return few,
    };
    Prepared { input, targets: Targets::Classes(targets), ..few }
}

/// The first tokens of each row, at most so many.
pub(crate) fn first(ids: &Ids, most: usize) -> Ids {
    let (rows, times) = (ids.shape()[0], ids.shape().width());
    let kept = times.min(most);
    let data = ids.data().chunks_exact(times).flat_map(|row| row[..kept].to_vec());
    Ids::new(&[rows, kept], data.collect::<Vec<_>>())
}

/// The first sentence, so many times.
fn repeated(source: &Source, rows: usize) -> Source {
    let places = source.places();
    let ids = source.ids.data()[..places].repeat(rows);
    Source { ids: Ids::new(&[rows, places], ids), lengths: vec![source.lengths[0]; rows] }
}

/// The mean loss over what counts, in f64: a mean in f32 rounds away what moves it little.
fn exact_loss(output: &Tensor, targets: &Targets) -> f64 {
    let sum: f64 = match targets {
        Targets::Classes(ids) => {
            let rows = output.data().chunks_exact(output.width()).zip(ids.data());
            rows.filter(|(_, target)| **target != IGNORE).map(|(row, &target)| surprise(row, target as usize)).sum()
        }
        Targets::Labels(labels) => {
            let (intents, tags) = labels.apart(output);
            let of_tags: f64 = (0..labels.intents.data().len())
                .map(|row| {
                    let one = |ids: &Ids| {
                        Ids::new(
                            &[ids.shape().width()],
                            &ids.data()[row * ids.shape().width()..][..ids.shape().width()],
                        )
                    };
                    let tags = tags.narrow(0, row, 1).reshape(&tags.shape()[1..]);
                    exact_loss(&tags, &Targets::Classes(one(&labels.tags)))
                })
                .sum();
            exact_loss(&intents, &Targets::Classes(labels.intents.clone())) * labels.intents.data().len() as f64
                + of_tags
        }
        Targets::Values(values) => {
            output.data().iter().zip(values.data()).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
        }
    };
    sum / targets.counted().max(1) as f64
}

/// -ln of the probability that these logits give the target.
fn surprise(logits: &[f32], target: usize) -> f64 {
    let largest = logits.iter().fold(f64::NEG_INFINITY, |most, &x| most.max(f64::from(x)));
    let sum: f64 = logits.iter().map(|&x| (f64::from(x) - largest).exp()).sum();
    largest + sum.ln() - f64::from(logits[target])
}

/// The largest difference of two tensors of one shape, and the largest number of the second.
pub(crate) fn difference(a: &[f32], b: &[f32]) -> (f64, f64) {
    let apart = a.iter().zip(b).fold(0.0_f64, |most, (a, b)| worst(most, f64::from(a - b).abs()));
    let largest = b.iter().fold(0.0_f64, |most, b| worst(most, f64::from(b.abs())));
    (apart, largest)
}

/// The larger, or what is no number.
pub(crate) fn worst(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}
