//! How much harm a fault does: the loss of what was trained, measured in each of the ways in which a fault can show. A fault
//! that helps itself, such as a look at the future, shows only where it is taken away; one of the sampler, only in what is drawn.

use crate::check::subject::first;
use crate::faults::Put;
use crate::shard;
use crate::step::{begun, token_by_token};
use crate::{Score, Session, Targets, TrainError};
use rushlight_data::PartName;
use rushlight_engine::no_grad;
use rushlight_models::Input;
use rushlight_nn::{Context, Mode};

/// In how many ways a loss is measured.
pub const WAYS: usize = 5;

/// Rows that are read token by token, or drawn behind.
const ROWS: usize = 8;

impl Session {
    /// The loss on a part, on about `most` of its targets: as the session evaluates itself; with nothing wrong but its weights;
    /// read token by token; after its weights were saved and read; and with what a token that it draws surprises it more, or
    /// less, than one that it should draw. Where one of them has no meaning, it is the first.
    ///
    /// # Errors
    /// As [`Session::evaluate`].
    pub fn losses(&self, part: PartName, most: usize) -> Result<[f64; WAYS], TrainError> {
        let own = self.evaluate(part, Some(most))?.loss();
        let clean = self.evaluate_under(None, self.corpus.part(part), Some(most))?;
        let (stepped, reread) = (self.stepped(part)?.unwrap_or(own), self.reread(part, most)?.unwrap_or(own));
        Ok([own, clean.loss(), stepped, reread, own + self.surprise_of_drawing(part)?])
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

    /// By how much the tokens that its sampler draws in some rows of a part surprise the model more than those that it means, or
    /// less: how far the mean of -ln p over what is drawn is from that over p itself. What it draws is noise, or dull.
    fn surprise_of_drawing(&self, part: PartName) -> Result<f64, TrainError> {
        let (Some(fault), Some(_)) = (self.fault(), self.model.generator()) else { return Ok(0.0) };
        let Some(batch) = self.cover(self.corpus.part(part)).next().transpose()? else { return Ok(0.0) };
        let few = shard::part(&batch, 0..batch.rows().min(ROWS));
        let logits = no_grad(|| self.model.forward(&mut Context::evaluate(), &few.input));
        let (mut sum, mut places) = (0.0, 0.0);
        for row in logits.data().chunks_exact(logits.width()) {
            let mut handed = row.to_vec();
            fault.sampled(&mut handed);
            let (meant, drawn) = (log_shares(row), log_shares(&handed));
            sum += meant.iter().zip(&drawn).map(|(p, q)| (p.exp() - q.exp()) * p).sum::<f64>();
            places += 1.0;
        }
        Ok(f64::abs(sum) / f64::max(places, 1.0))
    }
}

/// The logarithm of the softmax.
fn log_shares(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().fold(f64::NEG_INFINITY, |most, &x| most.max(f64::from(x)));
    let sum: f64 = logits.iter().map(|&x| (f64::from(x) - largest).exp()).sum();
    logits.iter().map(|&x| f64::from(x) - largest - sum.ln()).collect()
}
