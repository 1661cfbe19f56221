//! # twin-weights
//!
//! You see       A network that is smaller than it looks; two layers that do the same.
//! Measured as   The numbers of each parameter, against those of all before it.
//! Fires when    Two matrices have the same numbers throughout, and not one number throughout.
//! Try           Make each layer anew; do not copy one, and do not seed the random numbers again for each.
//! False alarms  Layers that share their weights on purpose (Universal Transformer, ALBERT) and are saved once for each. The table
//!               of tokens and the output, which are often tied: silent there.
//! Read          PyTorch documentation, TransformerEncoder: its layers are copies of one, which begin alike

use crate::patient::sound;
use crate::{Exam, Lack, Patient, Rule, names};
use rushlight_trace::{Component, Finding, Parameter, Severity};

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "twin-weights",
    severity: Severity::Risk,
    component: Component::FeedForward,
    source: include_str!("twin_weights.rs"),
    check,
    sick: || {
        let twin = Parameter { twin: "layers.0.up.weight".into(), ..sound(0, "layers.1.up.weight", &[64, 32]) };
        Patient::language(27).parameter(sound(0, "layers.0.up.weight", &[64, 32])).parameter(twin).trace()
    },
    healthy: || {
        let tied = Parameter { twin: "embed.weight".into(), ..sound(0, "out.weight", &[27, 32]) };
        Patient::language(27).parameter(sound(0, "embed.weight", &[27, 32])).parameter(tied).trace()
    },
};

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let last = exam.last_parameters()?;
    let is_end = |name: &str| names::is_table(name) || names::part_of(name) == Component::Output;
    let is_tied = |parameter: &&Parameter| is_end(&parameter.name) || is_end(&parameter.twin);
    // Masks and tables of sinusoids are saved once a layer, and are no weights.
    let is_weight = |parameter: &&Parameter| parameter.shape.len() > 1 && names::is_matrix(&parameter.name);
    let twins = last.into_iter().filter(|parameter| !parameter.twin.is_empty()).filter(is_weight);
    let finding = |parameter: &Parameter| {
        let Parameter { name, twin, .. } = parameter;
        let message = format!("{name} has the numbers of {twin}, to the last bit");
        Finding { component: names::part_of(name), ..ENTRY.finds(message).at(name) }
    };
    Ok(twins.filter(|twin| !is_tied(twin)).map(finding).collect())
}
