//! Parts of a model by the names that models give to their sites and parameters, for faults that break one part. No fault.

use crate::recipe::FaultConfig;
use rushlight_nn::{Param, Params, Role};

/// The part of a model that a fault is put into, by the beginning of its path: `blocks.1`; empty for all.
pub(super) struct Place(String);

impl Place {
    pub(super) fn of(config: &FaultConfig) -> Self {
        Self(config.place.trim_end_matches('.').to_owned())
    }

    /// Whether it is the whole model.
    pub(super) fn is_everywhere(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a site or a parameter lies in it.
    pub(super) fn holds(&self, path: &str) -> bool {
        let below = path.strip_prefix(self.0.as_str());
        self.is_everywhere() || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// How much of a fault a recipe asks for; `usual` where it says nothing.
pub(super) fn share(config: &FaultConfig, usual: f32) -> f32 {
    if config.share == 0.0 { usual } else { config.share }
}

/// What a site is called within its layer: `active` of `blocks.0.mlp.active`.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Whether tokens have just become vectors at this site.
pub(super) fn is_embedding_site(site: &str) -> bool {
    // The MLP shows the vectors of a whole window side by side, and calls them by the letter of its paper.
    last(site) == "embed" || site == "x"
}

/// Whether a parameter is a table of token vectors.
pub(super) fn is_embedding(name: &str) -> bool {
    name == "embed.weight" || name == "source_embed.weight"
}

/// Whether a parameter is the gain of a layer norm or a batch norm.
pub(super) fn is_gain(name: &str) -> bool {
    name.ends_with(".weight") && name.split('.').any(|part| part.starts_with("norm") || part.ends_with("_norm"))
}

/// Every weight with two axes: maps and tables.
pub(super) fn matrices(params: &Params) -> impl Iterator<Item = &Param> {
    params.iter().filter(|param| param.role() == Role::Weight && param.shape().len() == 2)
}

/// The maps between the tables and the output.
pub(super) fn hidden_maps(params: &Params) -> impl Iterator<Item = &Param> {
    let is_table = |name: &str| is_embedding(name) || name.starts_with("position.") || name.starts_with("table.");
    let output = output(params);
    matrices(params).filter(move |param| !is_table(param.name()) && !output.iter().any(|name| name == param.name()))
}

/// The names of the parameters that make the output: weight and bias of the last map, or the table that stands in for it.
pub(super) fn output(params: &Params) -> Vec<String> {
    let names = || params.iter().map(Param::name);
    let of = |first: &[&str]| -> Vec<String> {
        let is_of =
            |name: &&str| first.iter().any(|first| name.strip_prefix(first).is_some_and(|rest| rest.starts_with('.')));
        names().filter(is_of).map(str::to_owned).collect()
    };
    // The feed-forward net counts its layers, and the last one is its output.
    let number = |name: &str| name.strip_prefix("layers.")?.strip_suffix(".weight")?.parse::<usize>().ok();
    let last = names().filter_map(number).max().map(|last| format!("layers.{last}"));
    let candidates = [of(&["out", "context_out", "direct"]), last.map_or_else(Vec::new, |last| of(&[&last]))];
    let tables = [of(&["embed"]), of(&["table"])];
    candidates.into_iter().chain(tables).find(|found| !found.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_models::{ALL, Sizes};

    /// The parameters of a model with the settings in `config`.
    fn params(kind: &str, config: &str) -> Params {
        let entry = ALL.iter().find(|entry| entry.name == kind).unwrap();
        let sizes = Sizes { source: 11, ..Sizes::new(11, 8) };
        (entry.build)(&serde_json::from_str(config).unwrap(), sizes, 0).unwrap().params().clone()
    }

    #[test]
    fn a_place_holds_what_lies_below_it_and_nothing_beside_it() {
        let place = |place: &str| Place::of(&FaultConfig { place: place.into(), ..FaultConfig::default() });
        assert!(place("blocks.1").holds("blocks.1.norm1") && place("blocks.1.").holds("blocks.1"));
        assert!(!place("blocks.1").holds("blocks.10.norm1") && !place("norm1").holds("blocks.1.norm1"));
        assert!(place("").holds("logits"));
    }

    #[test]
    fn the_output_is_found_in_every_model() {
        let check = |kind: &str, config: &str, expected: &[&str]| assert_eq!(output(&params(kind, config)), expected);
        check("lstm", "{}", &["out.weight", "out.bias"]);
        check("gpt", r#"{"width": 8, "heads": 2, "tied": true}"#, &["embed.weight"]);
        check("feed_forward", r#"{"hidden": [4, 3]}"#, &["layers.2.weight", "layers.2.bias"]);
        check("feed_forward", r#"{"hidden": []}"#, &["layers.0.weight", "layers.0.bias"]);
        check("encoder_decoder", "{}", &["out.weight", "out.bias", "context_out.weight"]);
        check("bigram", r#"{"counts": false}"#, &["table.weight"]);
    }

    #[test]
    fn hidden_maps_are_neither_tables_nor_the_output() {
        let gpt = params("gpt", r#"{"layers": 1, "width": 8, "heads": 2}"#);
        let names: Vec<&str> = hidden_maps(&gpt).map(Param::name).collect();
        let within = ["attention.qkv", "attention.proj", "mlp.up", "mlp.down"];
        assert_eq!(names, within.map(|name| format!("blocks.0.{name}.weight")));
        assert_eq!(hidden_maps(&params("bigram", r#"{"counts": false}"#)).count(), 0);
        assert_eq!(hidden_maps(&params("feed_forward", r#"{"hidden": [4]}"#)).count(), 1);
    }

    #[test]
    fn gains_are_those_of_both_norms() {
        let gains = |params: &Params| params.iter().filter(|param| is_gain(param.name())).count();
        assert_eq!(gains(&params("gpt", r#"{"layers": 2, "width": 8, "heads": 2}"#)), 5);
        assert_eq!(gains(&params("transformer", r#"{"layers": 1, "width": 8, "heads": 2}"#)), 7);
        assert_eq!(gains(&params("mlp", r#"{"layers": 2, "batch_norm": true}"#)), 2);
    }
}
