//! The rules, a file each; this page lists them, and nothing else does. To add one: a file with its card, and its two lines here.

use crate::Rule;

pub mod accumulation_not_scaled;
pub mod activation_out_of_range;
pub mod attention_collapsed;
pub mod attention_wrong;
pub mod batch_again;
pub mod beam_worse_than_greedy;
pub mod broken_weight;
pub mod cache_wrong;
pub mod cannot_memorise;
pub mod clip_too_small;
pub mod clipping_every_step;
pub mod company_matters;
pub mod conflicting_labels;
pub mod constant_column;
pub mod copies_its_source;
pub mod dead_units;
pub mod decay_on_gains;
pub mod dimensions_idle;
pub mod diverging;
pub mod embedding_out_of_scale;
pub mod end_never_written;
pub mod equal_units;
pub mod evaluation_is_random;
pub mod exhausted_schedule;
pub mod exploding_gradient;
pub mod future_seen;
pub mod gap_from_the_start;
pub mod gate_shut;
pub mod generic_answer;
pub mod goes_uphill;
pub mod gradient_altered;
pub mod gradient_wrong;
pub mod ignores_its_input;
pub mod inputs_alike;
pub mod languages_swapped;
pub mod last_layer_ahead;
pub mod length_outliers;
pub mod loops;
pub mod loss_miscounted;
pub mod many_unknown;
pub mod never_falls;
pub mod noise_floor;
pub mod norm_out_of_scale;
pub mod not_a_number;
pub mod order_ignored;
pub mod output_out_of_scale;
pub mod over_confident_start;
pub mod overfitting;
pub mod overshoots;
pub mod padding_seen;
pub mod parameter_at_rest;
pub mod parts_leaked;
pub mod plateau;
pub mod probabilities_for_logits;
pub mod rate_too_high;
pub mod rate_too_low;
pub mod sampling_wrong;
pub mod saturated_start;
pub mod saturated_units;
pub mod second_softmax;
pub mod shaken_weights;
pub mod signal_by_depth;
pub mod skip_changed;
pub mod source_ignored;
pub mod stale_loss;
pub mod stale_weights;
pub mod still_falling;
pub mod still_weights;
pub mod stopped_too_early;
pub mod stopped_too_late;
pub mod stuck_at_chance;
pub mod targets_shifted;
pub mod too_good;
pub mod too_much_dropout;
pub mod train_worse_than_validation;
pub mod twin_weights;
pub mod underfitting;
pub mod update_outlier;
pub mod vanishing_gradient;
pub mod weights_outgrown;
pub mod zero_weight;

/// Every rule, causes before what follows from them: a report tells its findings in this order.
pub const ALL: &[Rule] = &[
    languages_swapped::ENTRY,
    parts_leaked::ENTRY,
    too_good::ENTRY,
    inputs_alike::ENTRY,
    batch_again::ENTRY,
    targets_shifted::ENTRY,
    conflicting_labels::ENTRY,
    constant_column::ENTRY,
    length_outliers::ENTRY,
    many_unknown::ENTRY,
    probabilities_for_logits::ENTRY,
    second_softmax::ENTRY,
    loss_miscounted::ENTRY,
    evaluation_is_random::ENTRY,
    future_seen::ENTRY,
    padding_seen::ENTRY,
    zero_weight::ENTRY,
    equal_units::ENTRY,
    twin_weights::ENTRY,
    skip_changed::ENTRY,
    norm_out_of_scale::ENTRY,
    embedding_out_of_scale::ENTRY,
    dimensions_idle::ENTRY,
    activation_out_of_range::ENTRY,
    output_out_of_scale::ENTRY,
    gate_shut::ENTRY,
    saturated_start::ENTRY,
    over_confident_start::ENTRY,
    signal_by_depth::ENTRY,
    attention_wrong::ENTRY,
    order_ignored::ENTRY,
    source_ignored::ENTRY,
    gradient_altered::ENTRY,
    accumulation_not_scaled::ENTRY,
    dead_units::ENTRY,
    parameter_at_rest::ENTRY,
    gradient_wrong::ENTRY,
    goes_uphill::ENTRY,
    too_much_dropout::ENTRY,
    not_a_number::ENTRY,
    clip_too_small::ENTRY,
    rate_too_low::ENTRY,
    exhausted_schedule::ENTRY,
    overshoots::ENTRY,
    shaken_weights::ENTRY,
    rate_too_high::ENTRY,
    diverging::ENTRY,
    exploding_gradient::ENTRY,
    weights_outgrown::ENTRY,
    stale_loss::ENTRY,
    company_matters::ENTRY,
    cache_wrong::ENTRY,
    sampling_wrong::ENTRY,
    stale_weights::ENTRY,
    broken_weight::ENTRY,
    still_weights::ENTRY,
    train_worse_than_validation::ENTRY,
    gap_from_the_start::ENTRY,
    overfitting::ENTRY,
    noise_floor::ENTRY,
    underfitting::ENTRY,
    vanishing_gradient::ENTRY,
    saturated_units::ENTRY,
    update_outlier::ENTRY,
    last_layer_ahead::ENTRY,
    clipping_every_step::ENTRY,
    decay_on_gains::ENTRY,
    plateau::ENTRY,
    still_falling::ENTRY,
    stopped_too_early::ENTRY,
    stopped_too_late::ENTRY,
    attention_collapsed::ENTRY,
    beam_worse_than_greedy::ENTRY,
    end_never_written::ENTRY,
    loops::ENTRY,
    generic_answer::ENTRY,
    copies_its_source::ENTRY,
    never_falls::ENTRY,
    stuck_at_chance::ENTRY,
    ignores_its_input::ENTRY,
    cannot_memorise::ENTRY,
];

/// What nearly everything that is wrong ends in: notes only, where a cause was found.
pub(crate) const CONSEQUENCES: [&str; 4] =
    [never_falls::ENTRY.name, stuck_at_chance::ENTRY.name, ignores_its_input::ENTRY.name, cannot_memorise::ENTRY.name];
