//! How much harm a fault does: the loss of what was trained, measured in each of the ways in which a fault can show. A fault
//! that helps itself, such as a look at the future, shows only where it is taken away.

use crate::check::subject::first;
use crate::{Score, Session, Targets, TrainError, evaluate, unless_broken};
use rushlight_data::PartName;
use rushlight_engine::{Ids, cat, no_grad};
use rushlight_models::{Input, Memory};
use rushlight_nn::{Context, weights};

/// Rows that are read token by token.
const ROWS: usize = 8;

impl Session {
    /// The loss on a part, on about `most` of its targets: as the session evaluates itself; with nothing wrong but its weights;
    /// read token by token; after its weights were saved and read. Where one of them has no meaning, it is the first.
    ///
    /// # Errors
    /// As [`Session::evaluate`].
    pub fn losses(&self, part: PartName, most: usize) -> Result<[f64; 4], TrainError> {
        let own = self.evaluate(part, Some(most))?.loss();
        let clean = unless_broken(self.cover(self.corpus.part(part)), |batches| {
            let mut counted = 0;
            let enough = batches.take_while(|batch| {
                let go_on = counted < most;
                counted += batch.targets.counted();
                go_on
            });
            evaluate(&*self.model, None, enough)
        })?;
        Ok([own, clean.loss(), self.stepped(part)?.unwrap_or(own), self.reread(part, most)?.unwrap_or(own)])
    }

    /// Some rows of a part, read token by token.
    fn stepped(&self, part: PartName) -> Result<Option<f64>, TrainError> {
        let Some(batch) = self.cover(self.corpus.part(part)).next().transpose()? else { return Ok(None) };
        let few = crate::shard::part(&batch, 0..batch.rows().min(ROWS));
        let (model, fault) = (&*self.model, self.fault());
        let (ids, targets, decoder) = match (&few.input, &few.targets, model.decoder()) {
            (Input::Ids(ids) | Input::Pair(_, ids), Targets::Classes(targets), Some(decoder)) => {
                (ids, targets, decoder)
            }
            _ => return Ok(None),
        };
        // A place less than there are: a fault may count one too many.
        let most = decoder.window().map_or(usize::MAX, |window| window.saturating_sub(1).max(1));
        let (ids, targets) = (&first(ids, most), Targets::Classes(first(targets, most)));
        let (rows, times) = (ids.shape()[0], ids.shape().width());
        Ok(no_grad(|| {
            let mut sites = crate::faults::Put { fault, mode: rushlight_nn::Mode::Evaluate, behind: None };
            let mut cx = Context::evaluate().watched(&mut sites);
            let mut memory: Memory = match (&few.input, model.translator(), model.generator()) {
                (Input::Pair(source, _), Some(translator), _) => translator.encode(&mut cx, source),
                (_, _, Some(generator)) => generator.begin(rows),
                _ => return None,
            };
            let mut logits = Vec::with_capacity(times);
            for time in 0..times {
                let column: Vec<u32> = (0..rows).map(|row| ids.data()[row * times + time]).collect();
                let between = fault.map_or_else(|| memory.clone(), |fault| fault.memory(memory.clone()));
                let (now, after) = decoder.read(&mut cx, &Ids::new(&[rows, 1], column), between);
                memory = after;
                logits.push(now);
            }
            let mut score = Score::default();
            score.add(&cat(&logits.iter().collect::<Vec<_>>(), 1), &targets);
            Some(score.loss())
        }))
    }

    /// After its weights were saved and read: what a fault does to them then.
    fn reread(&self, part: PartName, most: usize) -> Result<Option<f64>, TrainError> {
        let Some(fault) = self.fault() else { return Ok(None) };
        let params = self.model.params();
        let before = weights::bytes(params, &[]);
        let kept: Vec<_> = params.iter().map(|param| param.value().detach()).collect();
        fault.loaded(params);
        let loss = self.evaluate(part, Some(most))?.loss();
        params.iter().zip(&kept).for_each(|(param, value)| param.set(value));
        debug_assert_eq!(before, weights::bytes(params, &[]));
        Ok(Some(loss))
    }
}
