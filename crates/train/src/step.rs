//! One optimizer step: forward, loss, backward, clip, update. However many small batches it is cut into, the gradient is
//! that of the large batch (batch norm aside, whose statistics are those of each part).

use crate::task::{GoesOn, Prepared};
use crate::watch::{self, Watch};
use rushlight_engine::{Grads, Rng, Tensor};
use rushlight_models::{Input, Memory, Model};
use rushlight_nn::Context;
use rushlight_nn::clip::Clip;
use rushlight_nn::optimizers::Optimizer;
use rushlight_trace::Record;

/// What is fixed for all steps of a training.
pub struct StepSettings {
    /// How gradients are bounded.
    pub clip: Clip,
    /// Label smoothing.
    pub smoothing: f32,
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
    let counted: usize = parts.iter().map(|part| part.targets.counted()).sum();
    let (mut grads, mut loss, mut watched) = (Grads::new(), 0.0, Vec::new());
    for (index, part) in parts.iter().enumerate() {
        let mut observer = Watch::default();
        let watched_part = watch && index == 0;
        let cx = Context::train(settings.rng.fork(step).fork(index as u64));
        let mut cx = if watched_part { cx.watched(&mut observer) } else { cx };
        let output = forward(model, &mut cx, part, memory);
        drop(cx);
        let mean = part.targets.loss_sum(&output, settings.smoothing).scale(1.0 / counted.max(1) as f32);
        loss += f64::from(mean.item());
        mean.backward_into(&mut grads);
        if watched_part {
            watched = observer.records(step + 1, &grads);
        }
    }
    let gradient_norm = settings.clip.apply(model.params(), &mut grads);
    let before: Vec<Tensor> =
        if watch { model.params().trainable().map(|param| param.value().detach()).collect() } else { Vec::new() };
    optimizer.step(model.params(), &grads, rate);
    if watch {
        watched.extend(watch::weights(step + 1, model.params(), &before, &grads));
    }
    StepReport { loss, gradient_norm, counted, watched }
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
    let past = memory.take().filter(|_| batch.goes_on == GoesOn::Continues);
    // The last batch of a stream may have fewer rows than the one before: the first of its rows go on.
    let past =
        past.map(
            |past| if past.rows() == batch.rows() { past } else { past.select(&(0..batch.rows()).collect::<Vec<_>>()) },
        );
    let (output, past) = generator.read(cx, ids, past.unwrap_or_else(|| generator.begin(batch.rows())));
    *memory = Some(past.detached());
    output
}
