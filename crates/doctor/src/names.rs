//! Names of parameters: which part of a network they belong to, in Rushlight's own words and in those of other frameworks.

use rushlight_trace::Component;

/// The part of a network that a parameter or site belongs to; layers without memory, where its name says no more.
pub(crate) fn part_of(name: &str) -> Component {
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let is_word = |words: &[&str]| name.split('.').any(|word| words.contains(&word));
    let is_last = |words: &[&str]| name.rsplit('.').next().is_some_and(|word| words.contains(&word));
    if has(&["norm", "ln_", ".bn"]) {
        Component::Norm
    } else if has(&["position", "wpe"]) {
        Component::Positions
    } else if has(&["embed", "wte"]) || is_word(&["table"]) {
        Component::Embedding
    } else if has(&["attn", "attention", "qkv", "cross"]) {
        Component::Attention
    } else if has(&["gates", "rnn", "lstm", "gru", "weight_hh", "weight_ih"])
        || is_word(&["state"])
        || is_last(&["h", "s"])
    {
        Component::Recurrence
    } else if has(&["lm_head"])
        || is_word(&["out", "head", "output", "fc_out", "context_out", "direct", "generator", "logits"])
    {
        Component::Output
    } else {
        Component::FeedForward
    }
}

/// Whether its rows are looked up one by one, so that some of them may never have been touched.
pub(crate) fn is_table(name: &str) -> bool {
    matches!(part_of(name), Component::Embedding | Component::Positions)
}

/// Whether it is no weight, but something counted or averaged along the way.
pub(crate) fn is_statistic(name: &str) -> bool {
    ["counts", "running_mean", "running_var", "num_batches_tracked"].iter().any(|end| name.ends_with(end))
}

/// Whether it is the gain of a norm: `norm1.weight`, `norms.0.gain`.
pub(crate) fn is_gain(name: &str) -> bool {
    part_of(name) == Component::Norm && (name.ends_with(".weight") || name.ends_with(".gain"))
}

/// Whether its name is that of a matrix of weights, and not of a bias or a gain.
pub(crate) fn is_matrix(name: &str) -> bool {
    name.contains("weight") && part_of(name) != Component::Norm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_where_a_parameter_belongs() {
        let check = |name: &str, part| assert_eq!(part_of(name), part, "{name}");
        check("source_embed.weight", Component::Embedding);
        check("transformer.wte.weight", Component::Embedding);
        check("transformer.h.0.ln_1.weight", Component::Norm);
        check("encoder.0.norm1.weight", Component::Norm);
        check("position.weight", Component::Positions);
        check("blocks.0.attention.qkv.weight", Component::Attention);
        check("bert.encoder.layer.0.attention.output.LayerNorm.weight", Component::Norm);
        check("encoder.forward.gates.input.weight", Component::Recurrence);
        check("transformer.h.0.mlp.c_fc.weight", Component::FeedForward);
        check("layers.0.h", Component::Recurrence);
        check("lm_head.weight", Component::Output);
        check("out.weight", Component::Output);
        check("context_out.weight", Component::Output);
        check("hidden.0.weight", Component::FeedForward);
    }

    #[test]
    fn gains_and_statistics_are_told_from_matrices() {
        assert!(is_gain("norms.0.weight") && is_gain("norm1.gain") && !is_gain("norm1.bias") && !is_gain("out.weight"));
        assert!(is_statistic("table.counts") && is_statistic("norms.0.running_var") && !is_statistic("table.weight"));
        assert!(is_matrix("hidden.0.weight") && is_matrix("rnn.weight_hh_l0"));
        assert!(!is_matrix("norm1.weight") && !is_matrix("out.bias"));
    }
}
