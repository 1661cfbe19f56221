//! The model drawn: layers, shapes, and where the parameters are.

use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::network::{Network, largest_part};
use crate::runs::Run;
use crate::say;
use crate::table::{Cell, Table};
use rushlight_trace::LayerShape;

pub(crate) fn section(run: &Run) -> Option<Section> {
    let layers = &run.trace.shape()?.layers;
    let total: u64 = layers.iter().map(|layer| layer.parameters).sum();
    let (name, largest) = largest_part(layers)?;
    let mut lead = String::new();
    if total > 0 {
        lead = format!(
            "{} numbers are learnt; {} of them are in {name}.",
            say::count(total),
            say::percent(largest as f64 / total as f64)
        );
    }
    let plot = Network { layers: layers.clone(), paint: run.paint };
    let figure = Figure::half("model", "From input to output.", plot)
        .with_note("Between the layers: the shape of what is handed on. On the right: parameters.");
    let section = Section::new("The model").fact(lead).with_figure(figure);
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
