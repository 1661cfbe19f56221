//! A look inside before the first step or after the last: the numbers of every parameter, and the values and gradients at
//! every site over the small batch.

use super::Subject;
use crate::TrainError;
use crate::step::forward;
use crate::watch::{Watch, mean_and_std};
use rushlight_engine::Tensor;
use rushlight_nn::Role;
use rushlight_trace::{Histogram, Parameter, Record, Weight};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

pub(super) fn records(subject: &Subject, step: u64) -> Vec<Record> {
    let params = subject.model().params().iter().filter(|param| param.role() == Role::Weight);
    let weights: Vec<(String, Tensor)> = params.map(|param| (param.name().to_owned(), param.value())).collect();
    let mut records = numbers(step, &weights);
    if subject.learns() {
        let mut watch = Watch::default();
        let output = subject.train(Some(&mut watch), |cx| forward(subject.model(), cx, &subject.batch, &mut None));
        let counted = subject.batch.targets.counted().max(1) as f32;
        let grads = subject.batch.targets.loss_sum(&output, 0.0).scale(1.0 / counted).backward();
        records.extend(watch.records(step, &grads));
    }
    records
}

/// The numbers of the weights in safetensors files of any framework; of a second file, a later checkpoint, too, with how far
/// each weight moved. Nobody told their steps: the first counts as a start, and the second as a thousand steps after it.
///
/// # Errors
/// A file that cannot be read, or that is no safetensors file.
pub fn weights(paths: &[PathBuf]) -> Result<Vec<Record>, TrainError> {
    let (mut records, mut before) = (Vec::new(), None::<Vec<(String, Tensor)>>);
    for (step, path) in (0..).step_by(1000).zip(paths) {
        let tensors: Vec<(String, Tensor)> = rushlight_nn::weights::read_foreign(path)?;
        records.extend(numbers(step, &tensors));
        for (name, value) in before.iter().flatten() {
            let Some((_, after)) =
                tensors.iter().find(|(other, after)| other == name && after.shape() == value.shape())
            else {
                continue;
            };
            let change: Vec<f32> =
                after.data().iter().zip(value.data()).map(|(after, before)| after - before).collect();
            records.push(Record::Weight(Weight {
                step,
                name: name.clone(),
                // Nobody told the gradient.
                grad_to_data: f64::NAN,
                update_to_data: mean_and_std(&change).1 / mean_and_std(value.data()).1,
                grad_histogram: Histogram::spanning(&[], 1),
            }));
        }
        before = Some(tensors);
    }
    Ok(records)
}

/// How many parameters of two safetensors files have one name and one shape, and how many of those the same numbers.
///
/// # Errors
/// As [`weights`].
pub fn in_common(one: &Path, other: &Path) -> Result<(usize, usize), TrainError> {
    let [one, other] = [rushlight_nn::weights::read_foreign(one)?, rushlight_nn::weights::read_foreign(other)?];
    let is_same = |name: &String, value: &Tensor| {
        let (_, other) = other.iter().find(|(theirs, other)| theirs == name && other.shape() == value.shape())?;
        let pairs = value.data().iter().zip(other.data());
        Some(pairs.into_iter().all(|(one, other)| one.to_bits() == other.to_bits()))
    };
    let shared: Vec<bool> = one.iter().filter_map(|(name, value)| is_same(name, value)).collect();
    Ok((shared.len(), shared.iter().filter(|same| **same).count()))
}

/// The numbers of each parameter, with the matrix before it that is its twin.
fn numbers(step: u64, weights: &[(String, Tensor)]) -> Vec<Record> {
    let mut known: HashMap<u64, Vec<&(String, Tensor)>> = HashMap::new();
    let of = |weight| {
        let (name, value): &(String, Tensor) = weight;
        let data = value.data();
        let differ = value.shape().len() > 1 && data.iter().any(|number| *number != data[0]);
        let mut hasher = DefaultHasher::new();
        data.iter().for_each(|number| number.to_bits().hash(&mut hasher));
        let alike = known.entry(hasher.finish()).or_default();
        let is_twin = |other: &&&(String, Tensor)| differ && other.1.shape() == value.shape() && other.1.data() == data;
        let twin = alike.iter().find(is_twin).map_or(String::new(), |(twin, _)| twin.clone());
        alike.push(weight);
        Record::Parameter(Parameter { twin, ..numbers_of(step, name, value) })
    };
    weights.iter().map(of).collect()
}

/// The numbers of a parameter, as a whole and by rows and columns; more axes than two, as of a convolution, count as columns.
fn numbers_of(step: u64, name: &str, value: &Tensor) -> Parameter {
    let value = &match **value.shape() {
        [rows, _, _, ..] => value.reshape(&[rows, value.count() / rows.max(1)]),
        _ => value.clone(),
    };
    let data = value.data();
    let finite: Vec<f32> = data.iter().copied().filter(|x| x.is_finite()).collect();
    let (mean, std) = mean_and_std(&finite);
    let width = value.width().max(1);
    let rows: Vec<&[f32]> = data.chunks_exact(width).collect();
    let is_zero = |row: &&&[f32]| row.iter().all(|&x| x == 0.0);
    let mut seen = HashSet::new();
    let is_repeated = |row: &[f32]| !seen.insert(row.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
    let equal_rows = rows.iter().copied().filter(|row| !is_zero(&row)).map(is_repeated).filter(|&again| again).count();
    let mut column_lives = vec![false; width];
    for row in &rows {
        column_lives.iter_mut().zip(*row).for_each(|(lives, &x)| *lives |= x != 0.0);
    }
    Parameter {
        step,
        name: name.to_owned(),
        shape: value.shape().iter().map(|&size| size as u64).collect(),
        mean,
        std,
        largest: finite.iter().fold(0.0, |most: f64, x| most.max(f64::from(x.abs()))),
        not_finite: (data.len() - finite.len()) as u64,
        zero_rows: rows.iter().filter(is_zero).count() as u64,
        equal_rows: equal_rows as u64,
        zero_columns: column_lives.iter().filter(|lives| !**lives).count() as u64,
        twin: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_counted() {
        // Rows: 1 2 0, 0 0 0, 1 2 0, 3 4 0: one of zeros, one again; the last column is empty.
        let value = Tensor::new(&[4, 3], [1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 3.0, 4.0, 0.0]);
        let numbers = numbers_of(7, "w", &value);
        assert_eq!((numbers.zero_rows, numbers.equal_rows, numbers.zero_columns), (1, 1, 1));
        assert_eq!((numbers.largest, numbers.not_finite, numbers.mean), (4.0, 0, 13.0 / 12.0));
    }

    #[test]
    fn twins_are_known_by_their_numbers() {
        let weight = |name: &str, numbers: &[f32]| (name.to_owned(), Tensor::new(&[1, numbers.len()], numbers));
        let weights = [
            weight("a", &[1.0, 2.0]),
            weight("zeros", &[0.0, 0.0]),
            weight("b", &[1.0, 2.0]),
            weight("c", &[0.0, 0.0]),
        ];
        let twins: Vec<String> = numbers(0, &weights)
            .into_iter()
            .filter_map(|record| match record {
                Record::Parameter(parameter) => Some(parameter.twin),
                _ => None,
            })
            .collect();
        assert_eq!(twins, ["", "", "a", ""]);
    }

    #[test]
    fn what_is_no_number_is_counted_and_left_out() {
        let numbers = numbers_of(0, "w", &Tensor::new(&[3], [1.0, f32::NAN, f32::INFINITY]));
        assert_eq!((numbers.not_finite, numbers.largest, numbers.mean), (2, 1.0, 1.0));
    }
}
