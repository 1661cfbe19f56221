//! Operations that only move, repeat or join numbers, against plain indexing, on shapes at random. No gradients: see
//! `gradients`.

mod common;

use common::Draw;
use proptest::prelude::*;
use rushlight_engine::{Ids, Tensor, cat, embedding, stack};

/// Every place of a shape, in row-major order.
fn places(shape: &[usize]) -> Vec<Vec<usize>> {
    let mut places = vec![vec![]];
    for &length in shape {
        places = places.iter().flat_map(|outer| (0..length).map(move |i| [&outer[..], &[i]].concat())).collect();
    }
    places
}

/// The number at a place; axes of length 1 are repeated, and axes that are missing in front too.
fn at(x: &Tensor, place: &[usize]) -> f32 {
    let shape = x.shape();
    let place = &place[place.len() - shape.len()..];
    x.data()[place
        .iter()
        .zip(shape.iter())
        .fold(0, |index, (&i, &length)| index * length + if length == 1 { 0 } else { i })]
}

/// A tensor whose every number is another one.
fn numbered(shape: &[usize]) -> Tensor {
    Tensor::new(shape, (0..shape.iter().product()).map(|i: usize| i as f32).collect::<Vec<_>>())
}

fn check(moved: &Tensor, shape: &[usize], expected: impl Fn(&[usize]) -> f32) {
    assert_eq!(&moved.shape()[..], shape);
    for (place, &number) in places(shape).iter().zip(moved.data()) {
        assert_eq!(number, expected(place), "at {place:?} of {shape:?}");
    }
}

fn shapes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1..5_usize, 1..6)
}

proptest! {
    #[test]
    fn arithmetic_repeats_what_is_too_short(full in shapes(), ones in prop::collection::vec(prop::bool::ANY, 12), missing in 0..6_usize) {
        let with_ones = |ones: &[bool]| -> Vec<usize> { full.iter().zip(ones).map(|(&n, &one)| if one { 1 } else { n }).collect() };
        let (left, right) = (with_ones(&ones[..6]), with_ones(&ones[6..]));
        let right = &right[missing.min(right.len())..];
        let (a, b) = (Draw::new(1).values(&left), Draw::new(2).between(right, 1.0, 3.0));
        // A scalar and axes of one on both sides: the result has the longer of each pair.
        let shape: Vec<usize> = (0..left.len()).map(|i| {
            let beside = (i + right.len()).checked_sub(left.len()).map_or(1, |i| right[i]);
            left[i].max(beside)
        }).collect();
        check(&(&a + &b), &shape, |place| at(&a, place) + at(&b, place));
        check(&(&b - &a), &shape, |place| at(&b, place) - at(&a, place));
        check(&(&a * &b), &shape, |place| at(&a, place) * at(&b, place));
        check(&(&a / &b), &shape, |place| at(&a, place) / at(&b, place));
    }

    #[test]
    fn swapped_axes_are_indexed_the_other_way_round(shape in shapes(), first in 0..6_usize, second in 0..6_usize) {
        let (first, second) = (first % shape.len(), second % shape.len());
        let x = numbered(&shape);
        let swapped = |axes: &[usize]| {
            let mut axes = axes.to_vec();
            axes.swap(first, second);
            axes
        };
        check(&x.swap(first, second), &swapped(&shape), |place| at(&x, &swapped(place)));
    }

    #[test]
    fn a_part_of_an_axis_begins_later(shape in shapes(), axis in 0..6_usize, start in 0..5_usize, length in 0..5_usize) {
        let axis = axis % shape.len();
        let start = start % shape[axis];
        let length = length.min(shape[axis] - start);
        let x = numbered(&shape);
        let mut part = shape.clone();
        part[axis] = length;
        check(&x.narrow(axis, start, length), &part, |place| {
            let mut place = place.to_vec();
            place[axis] += start;
            at(&x, &place)
        });
    }

    #[test]
    fn what_is_joined_comes_apart_again(shape in shapes(), axis in 0..6_usize, lengths in prop::collection::vec(0..4_usize, 1..4)) {
        let axis = axis % shape.len();
        let parts: Vec<Tensor> = lengths.iter().enumerate().map(|(i, &length)| {
            let mut shape = shape.clone();
            shape[axis] = length;
            Draw::new(i as u64).values(&shape)
        }).collect();
        let joined = cat(&parts.iter().collect::<Vec<_>>(), axis);
        let mut start = 0;
        for part in &parts {
            let length = part.shape()[axis];
            let again = joined.narrow(axis, start, length);
            assert_eq!((again.shape(), again.data()), (part.shape(), part.data()));
            start += length;
        }
        assert_eq!(joined.shape()[axis], start);
    }

    #[test]
    fn what_is_stacked_lies_along_a_new_axis(shape in shapes(), axis in 0..6_usize, count in 1..4_usize) {
        let axis = axis % (shape.len() + 1);
        let parts: Vec<Tensor> = (0..count).map(|i| Draw::new(i as u64).values(&shape)).collect();
        let mut stacked = shape.clone();
        stacked.insert(axis, count);
        check(&stack(&parts.iter().collect::<Vec<_>>(), axis), &stacked, |place| {
            let mut inner = place.to_vec();
            let part = inner.remove(axis);
            at(&parts[part], &inner)
        });
    }

    #[test]
    fn chosen_and_embedded_rows_are_the_rows_of_their_numbers(shape in shapes(), rows in prop::collection::vec(0..12_usize, 0..7)) {
        let rows: Vec<usize> = rows.iter().map(|row| row % shape[0]).collect();
        let x = numbered(&shape);
        let mut chosen = shape.clone();
        chosen[0] = rows.len();
        check(&x.select(&rows), &chosen, |place| at(&x, &[&[rows[place[0]]], &place[1..]].concat()));

        let table = x.reshape(&[shape[0], x.count() / shape[0]]);
        let ids = Ids::new(&[rows.len()], rows.iter().map(|&row| row as u32).collect::<Vec<_>>());
        assert_eq!(embedding(&table, &ids).data(), x.select(&rows).data());
    }

    #[test]
    fn parts_of_the_last_axis_are_its_narrow_pieces(shape in shapes()) {
        let mut wide = shape.clone();
        *wide.last_mut().expect("a shape has an axis") *= 3;
        let x = numbered(&wide);
        let (axis, width) = (shape.len() - 1, shape[shape.len() - 1]);
        for (i, part) in x.split::<3>().iter().enumerate() {
            assert_eq!(part.data(), x.narrow(axis, i * width, width).data());
        }
    }
}
