//! The model drawn: layers, shapes, and where the parameters are.

use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::network::Network;
use crate::runs::Run;
use crate::say;
use crate::table::{Cell, Table};
use rushlight_trace::LayerShape;

pub(crate) fn section(run: &Run) -> Option<Section> {
    let layers = &run.trace.shape()?.layers;
    let total: u64 = layers.iter().map(|layer| layer.parameters).sum();
    let largest = layers.iter().max_by_key(|layer| layer.parameters)?;
    let mut lead = String::new();
    if total > 0 {
        lead = format!(
            "{} numbers are learnt; {} holds {} of them.",
            say::count(total),
            largest.name,
            say::percent(largest.parameters as f64 / total as f64)
        );
    }
    let plot = Network { layers: layers.clone(), paint: run.paint };
    let figure = Figure::half("model", "From input to output.", plot)
        .with_note("Between the layers: the shape of what is handed on. On the right: parameters.");
    let section = Section::new("The model").say(lead).with_figure(figure);
    Some(section.with(Block::Numbers(table(layers))))
}

fn table(layers: &[LayerShape]) -> Table {
    let mut table = Table::new().words("layer").words("kind").words("input").words("output").numbers("parameters", "");
    for layer in layers {
        table.push(vec![
            Cell::from(layer.name.as_str()),
            layer.kind.as_str().into(),
            layer.input_shape.as_str().into(),
            layer.output_shape.as_str().into(),
            say::count(layer.parameters).into(),
        ]);
    }
    table
}
