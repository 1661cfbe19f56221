//! A batch in shards: rows that go through the model on their own, at the same time as the others, and whose gradients are
//! added up afterwards. Two cores then have their own numbers in their own caches, and no operation of one waits for the other.
//!
//! How a batch is cut follows from its shape and from the model, never from the machine, so that one seed gives the same
//! bits on any number of threads.

use crate::task::{Labels, Prepared, Targets};
use rushlight_engine::{Bags, Ids, Tensor};
use rushlight_models::{Input, Memory, Model, Source};
use std::ops::Range;

/// Each shard has a gradient of its own: two serve two cores, and more cores share the work within a shard.
const SHARDS: usize = 2;

/// Beyond so many parameters each product is large enough to keep all cores busy, and a further gradient is dear.
const MOST_PARAMETERS: usize = 10_000_000;

/// Targets, or words of sentences, below which a shard's steps are too short to be handed over.
const LEAST_TARGETS: usize = 128;

/// Cuts `batch` for `model`; gives it back whole where that does not pay, or where its rows know of each other.
pub(crate) fn shards(model: &dyn Model, batch: &Prepared) -> Vec<Prepared> {
    let rows = batch.rows();
    let large = model.params().count() > MOST_PARAMETERS;
    let work = match &batch.input {
        Input::Sentences(source, _) => source.ids.data().len(),
        _ => batch.targets.count(),
    };
    if large || rows < SHARDS || !model.rows_are_apart() || work < SHARDS * LEAST_TARGETS {
        return vec![batch.clone()];
    }
    ranges(rows).map(|rows| part(batch, rows)).collect()
}

/// The part of each of `shards` in what a stream of at least `rows` rows carries over.
pub(crate) fn split(memory: Option<Memory>, rows: usize, shards: usize) -> Vec<Option<Memory>> {
    match memory {
        Some(memory) if shards > 1 => ranges(rows).map(|rows| Some(memory.select(&rows.collect::<Vec<_>>()))).collect(),
        one_or_none => vec![one_or_none; shards],
    }
}

/// The opposite of [`split`], for what the shards leave.
pub(crate) fn join(mut memories: Vec<Memory>) -> Option<Memory> {
    if memories.len() > 1 { Some(Memory::joined(&memories)) } else { memories.pop() }
}

fn ranges(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..SHARDS).map(move |shard| shard * rows / SHARDS..(shard + 1) * rows / SHARDS)
}

/// Some rows of a batch.
pub(crate) fn part(batch: &Prepared, rows: Range<usize>) -> Prepared {
    let input = match &batch.input {
        Input::Ids(ids) => Input::Ids(rows_of_ids(ids, &rows)),
        Input::Contexts(ids) => Input::Contexts(rows_of_ids(ids, &rows)),
        Input::Rows(tensor) => Input::Rows(rows_of_tensor(tensor, &rows)),
        Input::Pair(source, ids) => {
            let lengths = source.lengths[rows.clone()].to_vec();
            Input::Pair(Source { ids: rows_of_ids(&source.ids, &rows), lengths }, rows_of_ids(ids, &rows))
        }
        Input::Sentences(source, spelling) => {
            let places = rows.start * source.places()..rows.end * source.places();
            let lengths = source.lengths[rows.clone()].to_vec();
            let of_rows = spelling.iter().skip(places.start).take(places.len());
            Input::Sentences(Source { ids: rows_of_ids(&source.ids, &rows), lengths }, Bags::new(of_rows))
        }
    };
    let targets = match &batch.targets {
        Targets::Classes(ids) => Targets::Classes(rows_of_ids(ids, &rows)),
        Targets::Labels(labels) => Targets::Labels(Labels {
            intents: rows_of_ids(&labels.intents, &rows),
            tags: rows_of_ids(&labels.tags, &rows),
            kinds: labels.kinds,
        }),
        Targets::Values(values) => Targets::Values(rows_of_tensor(values, &rows)),
    };
    Prepared { input, targets, goes_on: batch.goes_on }
}

fn rows_of_ids(ids: &Ids, rows: &Range<usize>) -> Ids {
    let (shape, width) = part_shape(ids.shape(), rows);
    Ids::new(&shape, &ids.data()[rows.start * width..rows.end * width])
}

fn rows_of_tensor(tensor: &Tensor, rows: &Range<usize>) -> Tensor {
    let (shape, width) = part_shape(tensor.shape(), rows);
    Tensor::new(&shape, &tensor.data()[rows.start * width..rows.end * width])
}

/// The shape of these rows, and how many numbers each has.
fn part_shape(shape: &[usize], rows: &Range<usize>) -> (Vec<usize>, usize) {
    let mut part = shape.to_vec();
    part[0] = rows.len();
    (part, shape[1..].iter().product())
}
