//! A session to the files of a checkpoint and back: weights, what the optimizer remembers, what a stream carries, and
//! how far the training has come. With them it goes on with the same bits.

use crate::{Session, Task, TrainError};
use rushlight_engine::Tensor;
use rushlight_models::Memory;
use rushlight_nn::weights::{self, WeightsError};
use rushlight_trace::{Checkpoint, PendingCheckpoint, RunFolder, RunWriter, Which};
use serde::{Deserialize, Serialize};

const WEIGHTS: &str = "model.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";
const STATE: &str = "state.json";
const CONFIG: &str = "config.json";
/// Only where sentences are understood.
const SURENESS: &str = "sureness.json";
/// Before the names of what a stream carries, among the optimizer's tensors.
const CARRIED: &str = "carried/";

/// A training would count to this for centuries, and there is room to count on.
const MOST_COUNTED: u64 = 1 << 53;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    progress: crate::Progress,
    /// How many records the run had made: those behind will be made again.
    records: u64,
    schedule: serde_json::Value,
    /// For each row that a stream carries, how much it has read.
    carried: Vec<usize>,
}

/// Writes a checkpoint of `session`. It is there whole or not at all, and nothing names it yet.
pub(crate) fn save(session: &Session, records: u64, writer: &RunWriter) -> Result<Checkpoint, TrainError> {
    let pending = writer.begin_checkpoint(session.progress.step)?;
    write_all(session, records, &pending)?;
    Ok(pending.commit()?)
}

fn write_all(session: &Session, records: u64, pending: &PendingCheckpoint) -> Result<(), TrainError> {
    let params = session.model.params();
    pending.write(WEIGHTS, &weights::bytes(params, &[("format", "rushlight"), ("model", session.entry.name)]))?;
    let mut tensors = session.optimizer.state(params);
    let memory = session.memory.as_ref();
    tensors.extend(
        memory.into_iter().flat_map(|memory| {
            memory.tensors().iter().map(|(name, tensor)| (format!("{CARRIED}{name}"), tensor.clone()))
        }),
    );
    pending.write(OPTIMIZER, &weights::tensor_bytes(&tensors, &[("format", "rushlight")]))?;
    let state = State {
        progress: session.progress.clone(),
        records,
        schedule: session.schedule.state(),
        carried: memory.map(|memory| memory.positions().to_vec()).unwrap_or_default(),
    };
    pending.write(STATE, &json(&state))?;
    let config = serde_json::json!({
        "model": session.entry.name,
        "config": session.recipe.model.settings(),
        "vocabulary": session.sizes.vocabulary,
        "window": session.sizes.window,
    });
    pending.write(CONFIG, &json(&config))?;
    if session.task == Task::Understanding {
        pending.write(SURENESS, &json(&session.fitted_sureness()?))?;
    }
    Ok(())
}

pub(crate) fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("plain values have a JSON form");
    bytes.push(b'\n');
    bytes
}

/// Puts the weights of a checkpoint into the model.
pub(crate) fn load_weights(session: &Session, checkpoint: &Checkpoint) -> Result<(), TrainError> {
    weights::load(&checkpoint.path.join(WEIGHTS), session.model.params())?;
    if let Some(fault) = session.fault() {
        fault.loaded(session.model.params());
    }
    Ok(())
}

/// Puts the weights of a checkpoint into the model, and how its confidence is read beside them.
pub(crate) fn load_trained(session: &mut Session, checkpoint: &Checkpoint) -> Result<(), TrainError> {
    load_weights(session, checkpoint)?;
    if session.task == Task::Understanding {
        let path = checkpoint.path.join(SURENESS);
        let broken = |message: String| TrainError::Checkpoint { path: path.clone(), message };
        let text = std::fs::read_to_string(&path).map_err(|error| broken(error.to_string()))?;
        session.sureness = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
    }
    Ok(())
}

/// Makes the weights the mean of what they are and of those of the regular checkpoints before, as many as the recipe says or
/// as there are.
pub(crate) fn average(session: &Session, folder: &RunFolder) -> Result<(), TrainError> {
    let mut before = folder.checkpoints()?;
    before.retain(|&step| step < session.progress.step);
    let mut parts = 1.0_f32;
    for step in session.averaged_with().of(&before) {
        let path = folder.checkpoint(Which::Step(step))?.path.join(WEIGHTS);
        let stored = weights::read_tensors(&path)?;
        parts += 1.0;
        for param in session.model.params().iter() {
            let Some((_, other)) = stored.iter().find(|(name, _)| name == param.name()) else { continue };
            // The mean of n is that of n - 1 and a step towards the nth.
            let toward = |(mean, other): (&mut f32, &f32)| *mean += (other - *mean) / parts;
            param.update(|numbers| numbers.iter_mut().zip(other.data()).for_each(toward));
        }
    }
    Ok(())
}

/// Makes the session what it was when the checkpoint was written. Returns how many records the run had made then.
pub(crate) fn restore(session: &mut Session, checkpoint: &Checkpoint) -> Result<u64, TrainError> {
    read(session, checkpoint).map_err(|error| match error {
        // These may be whole: of another model, or not to be read just now.
        TrainError::Weights(WeightsError::Mismatch { .. } | WeightsError::Io { .. }) => error,
        damage => TrainError::Damaged { path: checkpoint.path.clone(), source: Box::new(damage) },
    })
}

fn read(session: &mut Session, checkpoint: &Checkpoint) -> Result<u64, TrainError> {
    load_weights(session, checkpoint)?;
    let path = checkpoint.path.join(STATE);
    let broken = |message: String| TrainError::Checkpoint { path: path.clone(), message };
    let text = std::fs::read_to_string(&path).map_err(|error| broken(error.to_string()))?;
    let state: State = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
    if state.progress.step != checkpoint.step {
        return Err(broken(format!("it is the state of step {}, not {}", state.progress.step, checkpoint.step)));
    }
    let counts = [state.progress.tokens, state.progress.evaluations_without_gain];
    let most = state.carried.iter().map(|&position| position as u64).chain(counts).max().unwrap_or(0);
    if most > MOST_COUNTED {
        return Err(broken(format!("it counts to {most}, to which no training comes")));
    }
    let tensors = weights::read_tensors(&checkpoint.path.join(OPTIMIZER))?;
    let (carried, optimizer): (Vec<_>, Vec<_>) = tensors.into_iter().partition(|(name, _)| name.starts_with(CARRIED));
    session.optimizer.load_state(session.model.params(), &optimizer).map_err(|error| broken(error.to_string()))?;
    session.schedule.load_state(&state.schedule).map_err(|error| broken(error.to_string()))?;
    session.memory = (!state.carried.is_empty())
        .then(|| carried_again(session, state.carried, &carried))
        .transpose()
        .map_err(broken)?;
    session.progress = state.progress;
    Ok(state.records)
}

/// The memory with its tensors in the order in which the model keeps them.
fn carried_again(session: &Session, positions: Vec<usize>, tensors: &[(String, Tensor)]) -> Result<Memory, String> {
    let generator = session.model.generator().ok_or("this model carries nothing, but the checkpoint does")?;
    let empty = generator.begin(positions.len());
    let find = |name: &String| {
        tensors.iter().find(|(stored, _)| stored.strip_prefix(CARRIED) == Some(name)).map(|(_, tensor)| tensor.clone())
    };
    let mut memory = Memory::at(positions);
    for (name, shaped_like) in empty.tensors() {
        let tensor = find(name).ok_or_else(|| format!("the carried `{name}` is missing"))?;
        if tensor.shape() != shaped_like.shape() {
            return Err(format!(
                "the carried `{name}` has the shape {:?}, not {:?}",
                tensor.shape(),
                shaped_like.shape()
            ));
        }
        memory = memory.with(name.clone(), tensor);
    }
    Ok(memory)
}
