//! Watching: the values at the sites of one forward pass, their gradients after the backward pass, and how far each
//! weight moved. Says what is there, never whether it is good.

use rushlight_engine::{Grads, Tensor};
use rushlight_nn::{Observer, Params, SiteKind as Site};
use rushlight_trace::{Histogram, Layer, Record, Saturation, SiteKind, Weight};

/// |tanh| beyond which the lectures count a value as saturated, and draw it white in the map.
const SATURATED: f32 = 0.97;
const WHITE: f64 = 0.99;
const BINS: usize = 60;
/// Examples and units in a saturation map: more cannot be seen.
const MAP_EXAMPLES: usize = 32;
const MAP_UNITS: usize = 200;

/// Collects the inner tensors of one forward pass.
#[derive(Default)]
pub struct Watch {
    seen: Vec<(String, Site, Tensor)>,
}

impl Observer for Watch {
    fn visit(&mut self, site: &str, kind: Site, tensor: Tensor) -> Tensor {
        tensor.tap();
        self.seen.push((site.to_owned(), kind, tensor.clone()));
        tensor
    }
}

impl Watch {
    /// What was seen at a site.
    pub fn tensor(&self, site: &str) -> Option<&Tensor> {
        self.seen.iter().find(|(name, ..)| name == site).map(|(.., tensor)| tensor)
    }

    /// All sites in the order of the pass, with what was seen.
    pub fn sites(&self) -> impl Iterator<Item = (&str, Site, &Tensor)> {
        self.seen.iter().map(|(site, kind, tensor)| (site.as_str(), *kind, tensor))
    }

    /// The records of values and gradients at every site, as of `step`.
    pub fn records(&self, step: u64, grads: &Grads) -> Vec<Record> {
        let mut records = Vec::new();
        for (site, kind, tensor) in self.sites() {
            let Some(shown) = shown_as(kind) else { continue };
            for (name, part) in parts(site, kind, tensor) {
                let bounded = bound_of(kind, &name);
                records.push(Record::Layer(values(step, &name, shown, bounded, &part)));
                if kind == Site::Squashed {
                    records.push(Record::Saturation(map(step, &name, &part)));
                }
            }
            if let Some(gradient) = grads.of(tensor) {
                records.push(Record::Layer(values(step, site, SiteKind::Gradient, None, gradient)));
            }
        }
        records
    }
}

/// For every weight: its gradient and its last change beside its values. `before` are the values before the step.
pub(crate) fn weights(step: u64, params: &Params, before: &[Tensor], grads: &Grads) -> Vec<Record> {
    let moved = params.trainable().zip(before).filter_map(|(param, before)| {
        let (gradient, now) = (param.gradient(grads)?, param.value());
        let change: Vec<f32> = now.data().iter().zip(before.data()).map(|(now, before)| now - before).collect();
        let (.., of_values) = mean_and_std(before.data());
        Some(Record::Weight(Weight {
            step,
            name: param.name().to_owned(),
            grad_to_data: mean_and_std(gradient.data()).1 / of_values,
            update_to_data: mean_and_std(&change).1 / of_values,
            grad_histogram: Histogram::spanning(gradient.data(), BINS),
        }))
    });
    moved.collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Range {
    /// -1 to 1.
    Tanh,
    /// 0 to 1.
    Sigmoid,
}

fn shown_as(kind: Site) -> Option<SiteKind> {
    match kind {
        Site::PreActivation => Some(SiteKind::PreActivation),
        Site::Activation | Site::Squashed | Site::State => Some(SiteKind::Activation),
        Site::Gate => Some(SiteKind::Gate),
        Site::Inner | Site::Attention | Site::Logits => None,
    }
}

/// A site of gates names them in its last word, a letter each (`gates.ifgo`): each becomes a part of its own.
fn parts(site: &str, kind: Site, tensor: &Tensor) -> Vec<(String, Tensor)> {
    let tensor = tensor.detach();
    let Some((path, letters)) = site.rsplit_once('.').filter(|_| kind == Site::Gate) else {
        return vec![(site.to_owned(), tensor)];
    };
    let width = tensor.width() / letters.len();
    let axis = tensor.shape().len() - 1;
    letters
        .chars()
        .enumerate()
        .map(|(i, letter)| (format!("{path}.{letter}"), tensor.narrow(axis, i * width, width)))
        .collect()
}

fn bound_of(kind: Site, name: &str) -> Option<Range> {
    match kind {
        Site::Gate if name.ends_with(".g") || name.ends_with(".n") => Some(Range::Tanh),
        Site::Gate => Some(Range::Sigmoid),
        Site::State | Site::Squashed => Some(Range::Tanh),
        _ => None,
    }
}

fn values(step: u64, site: &str, kind: SiteKind, range: Option<Range>, tensor: &Tensor) -> Layer {
    let (values, units) = (tensor.data(), tensor.width());
    let (mean, std) = mean_and_std(values);
    let beyond = |value: &&f32| match range {
        Some(Range::Sigmoid) => (2.0 * **value - 1.0).abs() > SATURATED,
        _ => value.abs() > SATURATED,
    };
    let saturated_share = range.map(|_| values.iter().filter(beyond).count() as f64 / values.len().max(1) as f64);
    let dead_units = (kind == SiteKind::Activation).then(|| dead(values, units, range));
    let histogram = match range {
        Some(Range::Tanh) => Histogram::between(-1.0, 1.0, BINS, values.iter().copied()),
        Some(Range::Sigmoid) => Histogram::between(0.0, 1.0, BINS, values.iter().copied()),
        None => Histogram::spanning(values, BINS),
    };
    Layer { step, site: site.to_owned(), kind, mean, std, saturated_share, dead_units, units: units as u64, histogram }
}

/// Units that give the same for every example: 0 after a ReLU, an end of the range after a tanh.
fn dead(values: &[f32], units: usize, range: Option<Range>) -> u64 {
    let is_dead = |unit: usize| {
        let mut of_unit = values.iter().skip(unit).step_by(units);
        match range {
            None => of_unit.all(|&value| value == 0.0),
            Some(_) => of_unit.all(|value| f64::from(value.abs()) > WHITE),
        }
    };
    (0..units).filter(|&unit| is_dead(unit)).count() as u64
}

fn map(step: u64, site: &str, tensor: &Tensor) -> Saturation {
    let units = tensor.width().min(MAP_UNITS);
    let rows = tensor.data().chunks_exact(tensor.width()).take(MAP_EXAMPLES);
    let seen: Vec<f32> = rows.flat_map(|row| &row[..units]).copied().collect();
    Saturation::of(step, site, WHITE, units, &seen)
}

/// Mean and standard deviation, in f64.
pub(crate) fn mean_and_std(values: &[f32]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
    let variance = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_told_apart_by_their_letters() {
        let gates = Tensor::new(&[1, 4], [0.1, 0.2, 0.3, 0.4]);
        let named: Vec<String> = parts("layers.0.gates.ifgo", Site::Gate, &gates)
            .into_iter()
            .map(|(name, part)| format!("{name} {}", part.item()))
            .collect();
        assert_eq!(
            named,
            ["layers.0.gates.i 0.1", "layers.0.gates.f 0.2", "layers.0.gates.g 0.3", "layers.0.gates.o 0.4"]
        );
    }

    #[test]
    fn a_unit_that_is_always_at_its_end_is_dead() {
        let values = [0.999, 0.5, 0.0, -1.0, 0.999, 0.0];
        assert_eq!(dead(&values, 3, Some(Range::Tanh)), 1);
        assert_eq!(dead(&values, 3, None), 1);
    }

    #[test]
    fn spread_is_counted_without_correction() {
        assert_eq!(mean_and_std(&[1.0, 3.0]), (2.0, 1.0));
    }
}
