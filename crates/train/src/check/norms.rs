//! # norms: what comes out of a norm has variance 1
//!
//! Tried      the batch, in a pass of training, with a copy of the model
//! Measured   behind each layer norm and batch norm, before its gain and shift, the standard deviation: of the middle row of a
//!            layer norm, the middle feature of a batch norm; those that are all alike have none
//! Reference  1
//! Right      as good as 1: √(var/(var + ε)) with an ε far below the variance

use super::{Entry, Measured, Subject};
use crate::watch::{Watch, mean_and_std};
use rushlight_engine::{Tensor, no_grad};
use rushlight_nn::{Mode, Params};

/// This probe in the list.
pub const ENTRY: Entry = Entry {
    name: "norms",
    about: "what comes out of a norm has variance 1",
    source: include_str!("norms.rs"),
    measure,
};

fn measure(subject: &Subject) -> Vec<Measured> {
    if subject.model().params().constants().len() == 0 {
        return Vec::new();
    }
    let trial = subject.trial();
    let params = trial.model.params();
    let mut watch = Watch::default();
    no_grad(|| trial.watched(Mode::Train, &subject.batch, Some(&mut watch)));
    let of = |norm: &str| {
        let behind = behind(norm, &watch)?;
        let by_row = unscaled(behind, params, norm)?;
        let deviations = if is_of_batch(params, norm) { of_columns(&by_row) } else { of_rows(&by_row) };
        Some(Measured::at(norm, middle(deviations)?, 1.0))
    };
    let norms = params.constants().filter_map(|constant| constant.name().strip_suffix(".epsilon"));
    norms.filter_map(of).collect()
}

/// What is shown behind a norm: a layer norm has a site of its name, a batch norm that of the layer that it stands in.
fn behind<'w>(norm: &str, watch: &'w Watch) -> Option<&'w Tensor> {
    let layer = norm.strip_prefix("norms.");
    let drives = layer.into_iter().flat_map(|l| [format!("hidden.{l}.drive"), format!("layers.{l}.drive")]);
    drives.chain([norm.to_owned()]).find_map(|site| watch.tensor(&site))
}

fn is_of_batch(params: &Params, norm: &str) -> bool {
    params.get(&format!("{norm}.running_var")).is_some()
}

/// The rows of what is shown, without the shift and the gain of the norm; features without a gain are left out.
fn unscaled(shown: &Tensor, params: &Params, norm: &str) -> Option<Vec<Vec<f32>>> {
    let (gain, shift) = (params.get(&format!("{norm}.weight"))?.value(), params.get(&format!("{norm}.bias"))?.value());
    let of = |row: &[f32]| {
        let features = row.iter().zip(gain.data()).zip(shift.data()).filter(|((_, gain), _)| **gain != 0.0);
        features.map(|((x, gain), shift)| (x - shift) / gain).collect()
    };
    Some(shown.data().chunks_exact(gain.count().max(1)).map(of).collect())
}

fn of_rows(rows: &[Vec<f32>]) -> Vec<f64> {
    rows.iter().map(|row| mean_and_std(row).1).collect()
}

fn of_columns(rows: &[Vec<f32>]) -> Vec<f64> {
    let width = rows.first().map_or(0, Vec::len);
    let column = |j: usize| rows.iter().map(|row| row[j]).collect::<Vec<_>>();
    (0..width).map(|j| mean_and_std(&column(j)).1).collect()
}

/// The middle one of those that are not all alike.
fn middle(mut deviations: Vec<f64>) -> Option<f64> {
    /// Rounding alone makes as much.
    const ALIKE: f64 = 1e-6;
    deviations.retain(|deviation| deviation.is_nan() || *deviation > ALIKE);
    deviations.sort_by(f64::total_cmp);
    deviations.get(deviations.len() / 2).copied()
}
