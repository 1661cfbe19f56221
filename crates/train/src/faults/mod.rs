//! The family of faults: what goes wrong in trainings, put in on purpose, so that no model, no loss and no loop is rewritten
//! for it. A file a fault; this page lists them, and nothing else does. To add one: a file with its [`Fault`], and its two
//! lines here.

#![allow(rustdoc::invalid_rust_codeblocks, reason = "headers hold equations, set off by indentation")]

use crate::Prepared;
use crate::recipe::{FaultConfig, Recipe};
use rushlight_data::Corpus;
use rushlight_engine::{Grads, Tensor};
use rushlight_models::Memory;
use rushlight_nn::layers::Asked;
use rushlight_nn::{Mode, Observer, Params, SiteKind};
use rushlight_trace::Component;
use std::fmt;
use std::sync::Arc;

mod chance;
mod parts;
mod suits;

pub mod attention_uniform;
pub mod attention_unscaled;
pub mod batch_norm_by_batch;
pub mod cache_cut;
pub mod cache_not_updated;
pub mod cache_shared;
pub mod cache_stale;
pub mod dropout_in_evaluation;
pub mod dropout_on_scores;
pub mod embedding_block_zeroed;
pub mod embedding_rows_zeroed;
pub mod embedding_scaled;
pub mod forget_gate_shut;
pub mod future_let_in;
pub mod gradient_cut_below;
pub mod gradient_sign_flipped;
pub mod gradients_kept;
pub mod gradients_noised;
pub mod gradients_scaled_down;
pub mod heads_tied;
pub mod inputs_constant;
pub mod keys_zeroed;
pub mod layer_not_moved;
pub mod logits_as_probabilities;
pub mod loss_divided_by_all;
pub mod loss_divided_by_batch;
pub mod loss_summed;
pub mod mask_inverted;
pub mod mask_on_wrong_axis;
pub mod mlp_scaled;
pub mod no_mask;
pub mod norm_epsilon_large;
pub mod norm_gain_large;
pub mod norm_gain_zero;
pub mod norm_shifted;
pub mod nothing_moves;
pub mod one_batch_only;
pub mod output_restarted;
pub mod output_scaled;
pub mod output_silenced;
pub mod padding_in_loss;
pub mod padding_seen;
pub mod positions_all_alike;
pub mod positions_cut;
pub mod positions_late_by_one_when_cached;
pub mod positions_left_out;
pub mod qkv_frozen;
pub mod queries_zeroed;
pub mod rows_mismatched;
pub mod sigmoid_before_loss;
pub mod skip_noisy;
pub mod skip_scaled;
pub mod skip_zeroed;
pub mod softmax_before_loss;
pub mod source_hidden;
pub mod stale_loss;
pub mod start_large;
pub mod start_ones;
pub mod start_zeros;
pub mod state_forgotten;
pub mod statistics_lost_on_loading;
pub mod tanh_saturated_start;
pub mod targets_not_shifted;
pub mod targets_shifted_twice;
pub mod targets_shuffled;
pub mod units_dead;
pub mod validation_inside_train;
pub mod values_zeroed;
pub mod weights_lost_on_loading;

/// Every fault, by the part of a training that it breaks.
pub const ALL: &[Entry] = &[
    // Output.
    softmax_before_loss::ENTRY,
    sigmoid_before_loss::ENTRY,
    output_scaled::ENTRY,
    output_silenced::ENTRY,
    // Loss.
    loss_summed::ENTRY,
    loss_divided_by_all::ENTRY,
    loss_divided_by_batch::ENTRY,
    padding_in_loss::ENTRY,
    stale_loss::ENTRY,
    // Data.
    targets_shuffled::ENTRY,
    targets_not_shifted::ENTRY,
    targets_shifted_twice::ENTRY,
    rows_mismatched::ENTRY,
    inputs_constant::ENTRY,
    one_batch_only::ENTRY,
    // Mask.
    no_mask::ENTRY,
    future_let_in::ENTRY,
    mask_inverted::ENTRY,
    mask_on_wrong_axis::ENTRY,
    padding_seen::ENTRY,
    // Attention.
    queries_zeroed::ENTRY,
    keys_zeroed::ENTRY,
    values_zeroed::ENTRY,
    heads_tied::ENTRY,
    attention_unscaled::ENTRY,
    attention_uniform::ENTRY,
    dropout_on_scores::ENTRY,
    qkv_frozen::ENTRY,
    // Positions.
    positions_left_out::ENTRY,
    positions_all_alike::ENTRY,
    positions_cut::ENTRY,
    // Cache.
    positions_late_by_one_when_cached::ENTRY,
    cache_stale::ENTRY,
    cache_not_updated::ENTRY,
    cache_shared::ENTRY,
    cache_cut::ENTRY,
    // Embedding.
    embedding_rows_zeroed::ENTRY,
    embedding_scaled::ENTRY,
    embedding_block_zeroed::ENTRY,
    // Feed-forward and start.
    mlp_scaled::ENTRY,
    units_dead::ENTRY,
    start_zeros::ENTRY,
    start_ones::ENTRY,
    start_large::ENTRY,
    tanh_saturated_start::ENTRY,
    // Norm.
    norm_gain_zero::ENTRY,
    norm_gain_large::ENTRY,
    norm_shifted::ENTRY,
    batch_norm_by_batch::ENTRY,
    // Residual.
    skip_zeroed::ENTRY,
    skip_scaled::ENTRY,
    skip_noisy::ENTRY,
    // Recurrence.
    state_forgotten::ENTRY,
    forget_gate_shut::ENTRY,
    // Gradient and optimizer.
    gradients_kept::ENTRY,
    layer_not_moved::ENTRY,
    nothing_moves::ENTRY,
    gradients_scaled_down::ENTRY,
    gradients_noised::ENTRY,
    gradient_sign_flipped::ENTRY,
    gradient_cut_below::ENTRY,
    // Evaluation.
    dropout_in_evaluation::ENTRY,
    weights_lost_on_loading::ENTRY,
    statistics_lost_on_loading::ENTRY,
    // Later ones, of all parts: behind the others, so that a gym tries those in the same trainings as before.
    output_restarted::ENTRY,
    norm_epsilon_large::ENTRY,
    validation_inside_train::ENTRY,
    logits_as_probabilities::ENTRY,
    source_hidden::ENTRY,
];

/// What a fault may change. Each of these leaves things as they are, unless a fault says otherwise.
pub trait Fault: Send + Sync {
    /// Changes the data behind their cut into parts.
    fn corpus(&self, _corpus: &mut Corpus) {}

    /// Changes what a model is made of, each time it is made.
    fn built(&self, _params: &Params) {}

    /// Changes weights as they start.
    fn start(&self, _params: &Params) {}

    /// Changes a batch of training before the model sees it.
    fn batch(&self, batch: Prepared) -> Prepared {
        batch
    }

    /// Changes the tensor at a site, in a pass of that mode.
    fn visit(&self, _mode: Mode, _site: &str, _kind: SiteKind, tensor: Tensor) -> Tensor {
        tensor
    }

    /// Answers an attention in another way; none lets it be. Asked only where [`Fault::attends`].
    fn attend(&self, _mode: Mode, _site: &str, _asked: &Asked) -> Option<Tensor> {
        None
    }

    /// Whether it answers attentions.
    fn attends(&self) -> bool {
        false
    }

    /// Changes what a decoder remembers, between two readings.
    fn memory(&self, memory: Memory) -> Memory {
        memory
    }

    /// What the sum of the losses of a step is divided by, of which `counted` count in `all`.
    fn divisor(&self, counted: usize, _all: usize) -> f64 {
        counted as f64
    }

    /// Changes the gradients of a step, before they are clipped.
    fn gradients(&self, _params: &Params, _grads: &mut Grads) {}

    /// Whether the optimizer moves the parameter of this name.
    fn moves(&self, _parameter: &str) -> bool {
        true
    }

    /// What a step says that its loss was.
    fn reported(&self, loss: f64) -> f64 {
        loss
    }

    /// The mode in which the model is evaluated and writes.
    fn evaluates_in(&self) -> Mode {
        Mode::Evaluate
    }

    /// Changes weights after they were read from a file.
    fn loaded(&self, _params: &Params) {}

    /// Changes the logits for a next token on their way to who draws it.
    fn sampled(&self, _logits: &mut [f32]) {}

    /// A loss to hold that of a training with this fault against, with its name, for so many tokens.
    fn yardstick(&self, _vocabulary: usize) -> Option<(&'static str, f64)> {
        None
    }
}

/// A fault in the list.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Its file, whose header explains it.
    pub source: &'static str,
    /// The part of a training that it breaks.
    pub component: Component,
    /// Whether it can be put into such a training at all.
    pub suits: fn(&Recipe) -> bool,
    /// Makes it as a recipe asks for it.
    pub build: fn(&FaultConfig) -> Arc<dyn Fault>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Entry {
    /// The fault of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|entry| entry.name == name)
    }
}

/// What a fault, if there is one, makes of a batch of the data.
pub(crate) fn befallen(fault: Option<&dyn Fault>, batch: &Prepared) -> Prepared {
    fault.map_or_else(|| batch.clone(), |fault| fault.batch(batch.clone()))
}

/// Puts a fault into a pass, and lets somebody else look on behind it.
pub(crate) struct Put<'o> {
    pub(crate) fault: Option<&'o dyn Fault>,
    pub(crate) mode: Mode,
    pub(crate) behind: Option<&'o mut dyn Observer>,
}

impl Observer for Put<'_> {
    fn visit(&mut self, site: &str, kind: SiteKind, tensor: Tensor) -> Tensor {
        let tensor = match self.fault {
            Some(fault) => fault.visit(self.mode, site, kind, tensor),
            None => tensor,
        };
        match &mut self.behind {
            Some(observer) => observer.visit(site, kind, tensor),
            None => tensor,
        }
    }

    fn watches(&self) -> bool {
        self.fault.is_some() || self.behind.as_ref().is_some_and(|observer| observer.watches())
    }

    fn attend(&mut self, site: &str, asked: &Asked) -> Option<Tensor> {
        let answer = self.fault.filter(|fault| fault.attends()).and_then(|fault| fault.attend(self.mode, site, asked));
        let behind = self.behind.as_mut().filter(|observer| observer.attends());
        let looked = behind.and_then(|observer| observer.attend(site, asked));
        looked.or(answer)
    }

    fn attends(&self) -> bool {
        let looks = |observer: &&mut dyn Observer| observer.attends();
        self.fault.is_some_and(|fault| fault.attends()) || self.behind.as_ref().is_some_and(looks)
    }
}
