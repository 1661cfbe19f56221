//! One optimizer step: forward, loss, backward, clip, update. However many small batches it is cut into, the gradient is
//! that of the large batch (batch norm aside, whose statistics are those of each part).

use crate::faults::{Fault, Put};
use crate::forcing::{self, Forcing};
use crate::shard;
use crate::task::{GoesOn, Prepared};
use crate::watch::{self, Watch};
use rushlight_engine::{Grads, Ids, Rng, Tensor, at_once, cat};
use rushlight_models::{Decoder, Generator, Input, Memory, Model, Source};
use rushlight_nn::clip::Clip;
use rushlight_nn::optimizers::Optimizer;
use rushlight_nn::{Context, Mode, Observer};
use rushlight_trace::Record;
use std::sync::Arc;

/// What is fixed for all steps of a training.
pub struct StepSettings {
    /// How gradients are bounded.
    pub clip: Clip,
    /// Label smoothing.
    pub smoothing: f32,
    /// What is wrong on purpose.
    pub fault: Option<Arc<dyn Fault>>,
    /// How much of what a translator's decoder reads is the reference's.
    pub forcing: Forcing,
    /// Where the random numbers of each step come from.
    pub rng: Rng,
}

/// What a step measured.
pub struct StepReport {
    /// The mean loss over what counted, smoothing included.
    pub loss: f64,
    /// The norm of the whole gradient before clipping.
    pub gradient_norm: f64,
    /// How many targets counted.
    pub counted: usize,
    /// What watching saw; empty when nobody watched.
    pub watched: Vec<Record>,
}

/// Takes step number `step` (from 0) on `parts` at learning rate `rate`. `memory` is what a stream carries over from step
/// to step; with `watch` the step is looked at from inside, which changes no bit of it.
pub fn take_step(
    model: &dyn Model,
    optimizer: &mut dyn Optimizer,
    parts: &[Prepared],
    memory: &mut Option<Memory>,
    settings: &StepSettings,
    (step, rate): (u64, f32),
    watch: bool,
) -> StepReport {
    /// The coins of teacher forcing are apart from those of the pass.
    const FORCING: u64 = u64::MAX;
    let share = settings.forcing.share(step);
    let fault = settings.fault.as_deref();
    let faulty: Vec<Prepared> =
        fault.map_or_else(Vec::new, |fault| parts.iter().map(|part| fault.batch(part.clone())).collect());
    let parts = if fault.is_some() { &faulty } else { parts };
    let counted: usize = parts.iter().map(|part| part.targets.counted()).sum();
    let all = parts.iter().map(|part| part.targets.count()).sum();
    let divisor = fault.map_or(counted as f64, |fault| fault.divisor(counted, all)).max(1.0);
    let (mut by_shard, mut loss, mut watched) = (Vec::new(), 0.0, Vec::new());
    for (index, part) in parts.iter().enumerate() {
        let rng = settings.rng.fork(step).fork(index as u64);
        let shards = shard::shards(model, part);
        let cut = shards.len() > 1;
        by_shard.resize_with(shards.len().max(by_shard.len()), Grads::new);
        let memories = shard::split(memory.take(), part.rows(), shards.len());
        let work = shards.into_iter().zip(memories).zip(&mut by_shard).enumerate().collect();
        let passes = at_once(work, |(number, ((batch, memory), grads))| {
            let watch = (watch && index == 0 && number == 0).then_some(step + 1);
            let rng = if cut { rng.fork(number as u64) } else { rng.clone() };
            let batch = forcing::mixed(model, batch, share, &rng.fork(FORCING));
            Pass { model, batch, rng, settings, divisor, watch }.run(memory, grads)
        });
        let mut memories = Vec::with_capacity(passes.len());
        for passed in passes {
            loss += passed.loss;
            memories.extend(passed.memory);
            watched.extend(passed.watched);
        }
        *memory = shard::join(memories);
    }
    let add = |mut sum: Grads, shard: Grads| {
        sum.absorb(shard);
        sum
    };
    let mut grads = by_shard.into_iter().reduce(add).unwrap_or_default();
    if let Some(fault) = fault {
        fault.gradients(model.params(), &mut grads);
    }
    let gradient_norm = settings.clip.apply(model.params(), &mut grads);
    let before: Vec<Tensor> = match watch || fault.is_some() {
        true => model.params().trainable().map(|param| param.value().detach()).collect(),
        false => Vec::new(),
    };
    optimizer.step(model.params(), &grads, rate);
    if let Some(fault) = fault {
        let held = model.params().trainable().zip(&before).filter(|(param, _)| !fault.moves(param.name()));
        held.for_each(|(param, before)| param.set(before));
        loss = fault.reported(loss);
    }
    if watch {
        watched.extend(watch::weights(step + 1, model.params(), &before, &grads));
    }
    StepReport { loss, gradient_norm, counted, watched }
}

/// A shard's way forward and back.
struct Pass<'a> {
    model: &'a dyn Model,
    batch: Prepared,
    rng: Rng,
    settings: &'a StepSettings,
    /// What the sum of all losses of the step is divided by.
    divisor: f64,
    /// Under which step it is looked at from inside.
    watch: Option<u64>,
}

struct Passed {
    loss: f64,
    memory: Option<Memory>,
    watched: Vec<Record>,
}

impl Pass<'_> {
    /// Goes on from `memory` and adds to `grads`.
    fn run(self, mut memory: Option<Memory>, grads: &mut Grads) -> Passed {
        let mut observer = Watch::default();
        let behind = self.watch.map(|_| &mut observer as &mut dyn Observer);
        let mut sites = Put { fault: self.settings.fault.as_deref(), mode: Mode::Train, behind };
        let output = forward(self.model, &mut Context::train(self.rng).watched(&mut sites), &self.batch, &mut memory);
        let sum = self.batch.targets.loss_sum(&output, self.settings.smoothing);
        drop(output);
        let mean = sum.scale(1.0 / self.divisor as f32);
        mean.backward_into(grads);
        let watched = self.watch.map_or_else(Vec::new, |step| observer.records(step, grads));
        Passed { loss: f64::from(mean.item()), memory, watched }
    }
}

/// The output for a batch; on a stream a generator goes on from its memory.
///
/// # Panics
/// When a model that has no memory is given a stream.
pub(crate) fn forward(model: &dyn Model, cx: &mut Context, batch: &Prepared, memory: &mut Option<Memory>) -> Tensor {
    let (Input::Ids(ids), true) = (&batch.input, batch.goes_on != GoesOn::Never) else {
        return model.forward(cx, &batch.input);
    };
    let generator = model.generator().expect("a stream is read by a model with a memory");
    let (output, past) = generator.read(cx, ids, past(generator, batch, memory));
    *memory = Some(past.detached());
    output
}

/// The memory of `rows` sequences of which `model` has read nothing; of translations, of these sentences. None for a model
/// that reads in no order.
pub(crate) fn begun(model: &dyn Model, cx: &mut Context, source: Option<&Source>, rows: usize) -> Option<Memory> {
    match (source, model.translator()) {
        (Some(source), Some(translator)) => Some(translator.encode(cx, source)),
        _ => model.generator().map(|generator| generator.begin(rows)),
    }
}

/// The logits after `ids` [B, T], read token by token after `memory`, and with what a fault makes of it in between.
pub(crate) fn token_by_token(
    decoder: &dyn Decoder,
    cx: &mut Context,
    ids: &Ids,
    mut memory: Memory,
    fault: Option<&dyn Fault>,
) -> Tensor {
    let (rows, times) = (ids.shape()[0], ids.shape().width());
    let mut logits = Vec::with_capacity(times);
    for time in 0..times {
        let now = Ids::new(&[rows, 1], (0..rows).map(|row| ids.data()[row * times + time]).collect::<Vec<_>>());
        let between = match fault {
            Some(fault) => fault.memory(memory),
            None => memory,
        };
        let (after, next) = decoder.read(cx, &now, between);
        memory = next;
        logits.push(after);
    }
    cat(&logits.iter().collect::<Vec<_>>(), 1)
}

/// What `generator` remembers before `batch`: what the batch before left in `memory`, where this one goes on from it.
pub(crate) fn past(generator: &dyn Generator, batch: &Prepared, memory: &mut Option<Memory>) -> Memory {
    match memory.take().filter(|_| batch.goes_on == GoesOn::Continues) {
        None => generator.begin(batch.rows()),
        Some(past) if past.rows() == batch.rows() => past,
        // The last batch of a stream may have fewer rows than the one before: the first of its rows go on.
        Some(past) => past.select(&(0..batch.rows()).collect::<Vec<_>>()),
    }
}
