//! How much harm a fault does: the loss of what was trained, measured in each of the ways in which a fault can show. A fault
//! that helps itself, such as a look at the future, shows only where it is taken away.

use crate::check::subject::first;
use crate::faults::Put;
use crate::shard;
use crate::step::{begun, token_by_token};
use crate::{Score, Session, Targets, TrainError};
use rushlight_data::PartName;
use rushlight_engine::no_grad;
use rushlight_models::Input;
use rushlight_nn::{Context, Mode};

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
        let clean = self.evaluate_under(None, self.corpus.part(part), Some(most))?;
        Ok([own, clean.loss(), self.stepped(part)?.unwrap_or(own), self.reread(part, most)?.unwrap_or(own)])
    }

    /// Some rows of a part, read token by token.
    fn stepped(&self, part: PartName) -> Result<Option<f64>, TrainError> {
        let Some(batch) = self.cover(self.corpus.part(part)).next().transpose()? else { return Ok(None) };
        let few = shard::part(&batch, 0..batch.rows().min(ROWS));
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
        Ok(no_grad(|| {
            let mut sites = Put { fault, mode: Mode::Evaluate, behind: None };
            let mut cx = Context::evaluate().watched(&mut sites);
            let source = match &few.input {
                Input::Pair(source, _) => Some(source),
                _ => None,
            };
            let memory = begun(model, &mut cx, source, ids.shape()[0])?;
            let mut score = Score::default();
            score.add(&token_by_token(decoder, &mut cx, ids, memory, fault), &targets);
            Some(score.loss())
        }))
    }

    /// After its weights were saved and read: what a fault does to them then.
    fn reread(&self, part: PartName, most: usize) -> Result<Option<f64>, TrainError> {
        let Some(fault) = self.fault() else { return Ok(None) };
        let params = self.model.params();
        let kept: Vec<_> = params.iter().map(|param| param.value().detach()).collect();
        fault.loaded(params);
        let loss = self.evaluate(part, Some(most))?.loss();
        params.iter().zip(&kept).for_each(|(param, value)| param.set(value));
        Ok(Some(loss))
    }
}
