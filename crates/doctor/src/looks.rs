//! Looks inside: which records belong to one step, and which sites are the same one in layer after layer. Judges nothing.

use rushlight_trace::{Finding, Layer, Weight};
use std::collections::BTreeMap;

/// The same site in every layer of a stack, from the first layer to the last.
pub(crate) struct Stack<'t> {
    /// The site with a star for the layer's number: `hidden.*.active`.
    pub(crate) name: String,
    /// What was seen there.
    pub(crate) layers: Vec<&'t Layer>,
}

/// The stacks among the sites of one look. A site without a number belongs to none.
pub(crate) fn stacks<'t>(layers: &[&'t Layer]) -> Vec<Stack<'t>> {
    let mut by_name: BTreeMap<String, BTreeMap<u64, &Layer>> = BTreeMap::new();
    for layer in layers {
        let words: Vec<&str> = layer.site.split('.').collect();
        let found = words.iter().enumerate().find_map(|(place, word)| Some((place, word.parse().ok()?)));
        let Some((place, number)) = found else { continue };
        let name = words.iter().enumerate().map(|(i, word)| if i == place { "*" } else { word });
        by_name.entry(name.collect::<Vec<_>>().join(".")).or_default().insert(number, *layer);
    }
    let stack =
        |(name, layers): (String, BTreeMap<u64, &'t Layer>)| Stack { name, layers: layers.into_values().collect() };
    by_name.into_iter().map(stack).collect()
}

/// One finding for sites that have the same: that of the worst, which says how many others there are.
pub(crate) fn gathered(mut found: Vec<(f64, Finding)>) -> Vec<Finding> {
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let others = found.len().saturating_sub(1);
    let worst = found.into_iter().next().map(|(_, finding)| match others {
        0 => finding,
        _ => Finding { message: format!("{}; so it is at {others} more", finding.message), ..finding },
    });
    worst.into_iter().collect()
}

/// Layers, look by look.
pub(crate) fn of_layers<'t>(layers: impl Iterator<Item = &'t Layer>) -> Vec<(u64, Vec<&'t Layer>)> {
    by_step(layers, |layer| layer.step)
}

/// Weights, look by look.
pub(crate) fn of_weights<'t>(weights: impl Iterator<Item = &'t Weight>) -> Vec<(u64, Vec<&'t Weight>)> {
    by_step(weights, |weight| weight.step)
}

fn by_step<'t, T>(records: impl Iterator<Item = &'t T>, step: impl Fn(&T) -> u64) -> Vec<(u64, Vec<&'t T>)> {
    let mut looks: BTreeMap<u64, Vec<&T>> = BTreeMap::new();
    records.for_each(|record| looks.entry(step(record)).or_default().push(record));
    looks.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Patient;
    use rushlight_trace::SiteKind;

    #[test]
    fn layers_are_stacked_by_their_number_and_not_by_their_letters() {
        let seen =
            |patient: Patient, site: &str| patient.layer(1, (site, SiteKind::Activation), (0.0, 1.0), None, None);
        let sites = ["hidden.10.active", "hidden.2.active", "embed", "blocks.0.x"];
        let trace = sites.into_iter().fold(Patient::language(27), seen).trace();
        let layers: Vec<&Layer> = trace.layers().collect();
        let named: Vec<(String, Vec<&str>)> = stacks(&layers)
            .into_iter()
            .map(|stack| (stack.name, stack.layers.iter().map(|layer| layer.site.as_str()).collect()))
            .collect();
        let expected =
            [("blocks.*.x", vec!["blocks.0.x"]), ("hidden.*.active", vec!["hidden.2.active", "hidden.10.active"])];
        assert_eq!(named, expected.map(|(name, sites)| (name.to_owned(), sites)));
    }
}
