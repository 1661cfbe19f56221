//! What all optimizers share: a rule for one element, what is kept for each parameter, and one pass over memory that
//! reads the gradient and writes weights and what is kept. No equation is here.

use super::Optimizer;
use crate::weights::Mismatch;
use crate::{Param, Params};
use rushlight_engine::kernels::update::update;
use rushlight_engine::{Grads, Shape, Tensor};
use std::collections::HashMap;

/// From weight, gradient and the `N` kept numbers of one element to the new weight and the new kept numbers.
pub(super) trait Element<const N: usize>:
    Fn(f32, f32, [f32; N]) -> (f32, [f32; N]) + Copy + Send + Sync
{
}

impl<F, const N: usize> Element<N> for F where F: Fn(f32, f32, [f32; N]) -> (f32, [f32; N]) + Copy + Send + Sync {}

/// A rule that looks at one element at a time, and keeps `N` numbers for each.
pub(super) trait Rule<const N: usize>: Send + Sync {
    /// What the kept numbers are called in a checkpoint; they start at 0.
    const KEPT: [&'static str; N];

    /// The rule for `param` at its step `t`, counted from 1.
    fn at(&self, param: &Param, t: u64, rate: f32) -> impl Element<N>;
}

/// An optimizer made of such a rule.
pub(super) struct PerElement<R, const N: usize> {
    rule: R,
    /// By parameter; none until it has had a gradient.
    slots: Vec<Option<Slot<N>>>,
}

/// What is kept for one parameter.
struct Slot<const N: usize> {
    /// How often it was moved. Parameters may differ, as one without a gradient is left out.
    steps: u64,
    kept: [Tensor; N],
}

/// What the count of steps is called in a checkpoint.
const STEPS: &str = "steps";

impl<R: Rule<N>, const N: usize> PerElement<R, N> {
    pub(super) fn new(rule: R) -> Self {
        Self { rule, slots: Vec::new() }
    }
}

impl<R: Rule<N>, const N: usize> Optimizer for PerElement<R, N> {
    fn step(&mut self, params: &Params, grads: &Grads, rate: f32) {
        let count = params.iter().len();
        assert!(
            self.slots.is_empty() || self.slots.len() == count,
            "optimizer: {count} parameters, but {} at the step before",
            self.slots.len()
        );
        self.slots.resize_with(count, || None);
        for (param, slot) in params.iter().zip(&mut self.slots) {
            if !param.is_trainable() {
                continue;
            }
            let Some(gradient) = param.gradient(grads) else { continue };
            let slot = slot.get_or_insert_with(|| Slot::new(&param.shape()));
            slot.steps += 1;
            let rule = self.rule.at(param, slot.steps, rate);
            let kept = slot.kept.each_mut().map(Tensor::data_mut);
            param.update(|weights| update(weights, gradient.data(), kept, rule));
        }
    }

    fn state(&self, params: &Params) -> Vec<(String, Tensor)> {
        let mut state = Vec::new();
        for (param, slot) in params.iter().zip(&self.slots) {
            let Some(slot) = slot else { continue };
            state.push((format!("{}.{STEPS}", param.name()), count_to_tensor(slot.steps)));
            for (what, tensor) in R::KEPT.iter().zip(&slot.kept) {
                state.push((format!("{}.{what}", param.name()), tensor.clone()));
            }
        }
        state
    }

    fn load_state(&mut self, params: &Params, state: &[(String, Tensor)]) -> Result<(), Mismatch> {
        let mut given: HashMap<_, _> = state.iter().map(|(name, tensor)| (name.clone(), tensor)).collect();
        let mut mismatch = Mismatch::default();
        let mut slots = Vec::new();
        for param in params.iter() {
            let name = |what: &str| format!("{}.{what}", param.name());
            // A parameter of which nothing was saved has never had a gradient.
            if !R::KEPT.iter().chain([&STEPS]).any(|what| given.contains_key(&name(what))) {
                slots.push(None);
                continue;
            }
            // In place of what is missing stands anything: the mismatch is noted, and then nothing is used.
            let mut take = |what: &str, shape: &[usize]| match given.remove(&name(what)) {
                Some(tensor) if **tensor.shape() == *shape => tensor.detach(),
                Some(tensor) => {
                    mismatch.add_shape(name(what), tensor.shape(), shape);
                    Tensor::zeros(shape)
                }
                None => {
                    mismatch.missing.push(name(what));
                    Tensor::zeros(shape)
                }
            };
            let steps = tensor_to_count(&take(STEPS, &[COUNT_DIGITS]));
            slots.push(Some(Slot { steps, kept: R::KEPT.map(|what| take(what, &param.shape())) }));
        }
        mismatch.unknown = given.into_keys().collect();
        mismatch.unknown.sort();
        mismatch.into_result()?;
        self.slots = slots;
        Ok(())
    }
}

impl<const N: usize> Slot<N> {
    fn new(shape: &Shape) -> Self {
        Self { steps: 0, kept: std::array::from_fn(|_| Tensor::zeros(shape)) }
    }
}

/// f32 holds whole numbers below this exactly, so a count is kept as two digits to this base.
const COUNT_BASE: u64 = 1 << 24;
const COUNT_DIGITS: usize = 2;

fn count_to_tensor(count: u64) -> Tensor {
    Tensor::new(&[COUNT_DIGITS], [(count / COUNT_BASE) as f32, (count % COUNT_BASE) as f32])
}

fn tensor_to_count(digits: &Tensor) -> u64 {
    let read = |count: u64, &digit: &f32| count.saturating_mul(COUNT_BASE).saturating_add(digit as u64);
    digits.data().iter().fold(0, read) // whatever a file may hold in this place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_beyond_the_whole_numbers_of_f32_comes_back() {
        for count in [0, 1, COUNT_BASE - 1, COUNT_BASE, 5 * COUNT_BASE + 7] {
            assert_eq!(tensor_to_count(&count_to_tensor(count)), count);
        }
    }
}
