//! The shape of a model for its drawing: the sites of one forward pass in their order, with the shape that passes each
//! and the parameters that stand before it.

use crate::watch::Watch;
use rushlight_engine::no_grad;
use rushlight_models::{Input, Model};
use rushlight_nn::{Context, Role};
use rushlight_trace::{LayerShape, Shape};

/// Looks at one forward pass over `input`. Parameters are counted by the first part of their path that is a layer; what
/// was counted is a layer that has none.
pub fn shape(model: &dyn Model, input: &Input) -> Shape {
    let mut watch = Watch::default();
    let (input_shape, output) = {
        let mut cx = Context::evaluate().watched(&mut watch);
        let output = no_grad(|| model.forward(&mut cx, input));
        let shape = match input {
            Input::Ids(ids) | Input::Contexts(ids) => ids.shape().to_vec(),
            Input::Rows(rows) => rows.shape().to_vec(),
            Input::Pair(source, _) | Input::Sentences(source, _) => source.ids.shape().to_vec(),
        };
        (shape, output)
    };
    let layers = layers_of(model);
    let mut here = input_shape;
    let mut drawn = Vec::with_capacity(layers.len());
    for (index, (name, parameters)) in layers.iter().enumerate() {
        let last_site =
            watch.sites().filter(|(site, ..)| site.starts_with(&format!("{name}.")) || *site == name).last();
        let next = match last_site {
            // What shares a table with the embedding ends in a norm, and still answers.
            _ if index + 1 == layers.len() => output.shape().to_vec(),
            Some((.., tensor)) => tensor.shape().to_vec(),
            // A table without a site puts a row in the place of each id.
            None if kind_of(name) == "embedding" => here.iter().copied().chain(table_width(model, name)).collect(),
            None => here.clone(),
        };
        drawn.push(LayerShape {
            name: name.clone(),
            kind: kind_in(model, name).to_owned(),
            input_shape: format!("{here:?}"),
            output_shape: format!("{next:?}"),
            parameters: *parameters as u64,
        });
        here = next;
    }
    Shape { layers: drawn }
}

/// The layers of a model and their parameters, in order: `embed`, `layers.0`, `blocks.3`, `out`.
fn layers_of(model: &dyn Model) -> Vec<(String, usize)> {
    let mut layers: Vec<(String, usize)> = Vec::new();
    for param in model.params().iter().filter(|param| param.role() != Role::Statistic) {
        let words: Vec<&str> = param.name().split('.').collect();
        let numbered = words.get(1).is_some_and(|word| word.parse::<usize>().is_ok());
        let name = words[..if numbered { 2 } else { 1 }].join(".");
        let learned = if param.role() == Role::Weight { param.count() } else { 0 };
        match layers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += learned,
            None => layers.push((name, learned)),
        }
    }
    layers
}

fn table_width(model: &dyn Model, layer: &str) -> Option<usize> {
    model.params().get(&format!("{layer}.weight")).map(|table| table.shape().width())
}

/// What a layer is. An encoder or a decoder is what stands in it.
fn kind_in(model: &dyn Model, layer: &str) -> &'static str {
    let has = |part: &str| model.params().iter().any(|param| param.name().starts_with(&format!("{layer}.{part}")));
    match layer.split('.').next().unwrap_or_default() {
        "encoder" | "decoder" if has("attention.") => "attention and FFN",
        "encoder" | "decoder" => "recurrent",
        "attention" => "attention",
        _ => kind_of(layer),
    }
}

fn kind_of(layer: &str) -> &'static str {
    match layer.split('.').next().unwrap_or_default() {
        "embed" | "source_embed" | "position" | "table" => "embedding",
        "blocks" => "attention and MLP",
        "layers" => "recurrent",
        "ngrams" => "counts",
        "norm" | "norms" | "encoder_norm" | "decoder_norm" => "norm",
        _ => "linear",
    }
}
