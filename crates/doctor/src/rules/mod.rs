//! The rules, a file each; this page lists them, and nothing else does. To add one: a file with its card, and its two lines here.

use crate::Rule;

pub mod accumulation_not_scaled;
pub mod attention_wrong;
pub mod broken_weight;
pub mod cache_wrong;
pub mod cannot_memorise;
pub mod clip_too_small;
pub mod clipping_every_step;
pub mod company_matters;
pub mod conflicting_labels;
pub mod constant_column;
pub mod dead_units;
pub mod diverging;
pub mod equal_units;
pub mod evaluation_is_random;
pub mod exhausted_schedule;
pub mod exploding_gradient;
pub mod future_seen;
pub mod gap_from_the_start;
pub mod generic_answer;
pub mod gradient_wrong;
pub mod gradients_kept;
pub mod ignores_its_input;
pub mod languages_swapped;
pub mod length_outliers;
pub mod loops;
pub mod loss_miscounted;
pub mod many_unknown;
pub mod noise_floor;
pub mod not_a_number;
pub mod order_ignored;
pub mod over_confident_start;
pub mod overfitting;
pub mod padding_seen;
pub mod parameter_at_rest;
pub mod parts_leaked;
pub mod plateau;
pub mod probabilities_for_logits;
pub mod rate_too_high;
pub mod rate_too_low;
pub mod saturated_start;
pub mod saturated_units;
pub mod signal_by_depth;
pub mod stale_loss;
pub mod stale_weights;
pub mod still_falling;
pub mod still_weights;
pub mod stuck_at_chance;
pub mod targets_shifted;
pub mod train_worse_than_validation;
pub mod update_outlier;
pub mod vanishing_gradient;
pub mod zero_weight;

/// Every rule: what probes tell, what shows at the start, what in the course of a training, and what in
/// the texts that it gives.
pub const ALL: &[Rule] = &[
    conflicting_labels::ENTRY,
    constant_column::ENTRY,
    languages_swapped::ENTRY,
    length_outliers::ENTRY,
    many_unknown::ENTRY,
    parts_leaked::ENTRY,
    targets_shifted::ENTRY,
    probabilities_for_logits::ENTRY,
    loss_miscounted::ENTRY,
    future_seen::ENTRY,
    padding_seen::ENTRY,
    company_matters::ENTRY,
    order_ignored::ENTRY,
    attention_wrong::ENTRY,
    cache_wrong::ENTRY,
    evaluation_is_random::ENTRY,
    gradient_wrong::ENTRY,
    parameter_at_rest::ENTRY,
    gradients_kept::ENTRY,
    accumulation_not_scaled::ENTRY,
    stale_weights::ENTRY,
    cannot_memorise::ENTRY,
    over_confident_start::ENTRY,
    saturated_start::ENTRY,
    signal_by_depth::ENTRY,
    equal_units::ENTRY,
    zero_weight::ENTRY,
    broken_weight::ENTRY,
    exploding_gradient::ENTRY,
    not_a_number::ENTRY,
    diverging::ENTRY,
    stuck_at_chance::ENTRY,
    ignores_its_input::ENTRY,
    noise_floor::ENTRY,
    plateau::ENTRY,
    overfitting::ENTRY,
    gap_from_the_start::ENTRY,
    train_worse_than_validation::ENTRY,
    still_falling::ENTRY,
    exhausted_schedule::ENTRY,
    rate_too_high::ENTRY,
    rate_too_low::ENTRY,
    clipping_every_step::ENTRY,
    clip_too_small::ENTRY,
    stale_loss::ENTRY,
    vanishing_gradient::ENTRY,
    dead_units::ENTRY,
    saturated_units::ENTRY,
    still_weights::ENTRY,
    update_outlier::ENTRY,
    loops::ENTRY,
    generic_answer::ENTRY,
];
