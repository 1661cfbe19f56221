//! Learning by counting: one pass over the training part, without a gradient.

use crate::step::past;
use crate::{Session, Targets, TrainError};
use rushlight_engine::Ids;
use rushlight_models::Input;

impl Session {
    /// Learns by counting, in one pass over the training part. False for a model that learns by gradient.
    pub(crate) fn count(&mut self) -> Result<bool, TrainError> {
        let Some(counting) = self.model.counting() else { return Ok(false) };
        // A run that was killed after it had counted must not count again.
        if self.is_over() {
            return Ok(true);
        }
        let (mut counted, mut memory) = (0, None);
        for batch in self.cover(&self.corpus.train) {
            let batch = batch?;
            let (Input::Ids(inputs) | Input::Contexts(inputs), Targets::Classes(targets)) =
                (&batch.input, &batch.targets)
            else {
                continue;
            };
            let last = last_of_each(inputs, targets);
            let before = past(counting, &batch, &mut memory);
            memory = Some(counting.count(&last, targets, before));
            counted += batch.targets.counted() as u64;
        }
        counting.finish();
        self.progress.tokens += counted;
        Ok(true)
    }
}

/// The inputs that stand just before their targets: all of them, or the last of each window.
fn last_of_each(inputs: &Ids, targets: &Ids) -> Ids {
    if inputs.data().len() == targets.data().len() {
        return inputs.clone();
    }
    let width = inputs.shape().width();
    Ids::new(
        &[inputs.shape()[0], 1],
        inputs.data().chunks_exact(width).map(|window| window[width - 1]).collect::<Vec<_>>(),
    )
}
