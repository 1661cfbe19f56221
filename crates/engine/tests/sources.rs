//! Attention over sources, additive and by heads: against the plain twins, and with rows that share sources against the
//! same rows with sources of their own.

mod common;

use common::{Case, Draw, assert_close, assert_twins};
use rushlight_engine::{
    AttentionMask, Sources, Tensor, additive_attention, additive_attention_plain, attention_plain, cross_attention,
};

const TOLERANCE: f64 = 1e-5;

/// Sources, places of each, width of a key, width of a value.
const SIZES: [[usize; 4]; 4] = [[1, 1, 1, 1], [3, 5, 7, 11], [4, 19, 33, 17], [9, 14, 130, 65]];

fn lengths([sources, places, ..]: [usize; 4]) -> [Vec<usize>; 2] {
    [vec![places; sources], (0..sources).map(|row| (places - row.min(places - 1)).max(1)).collect()]
}

fn own(rows: usize) -> Vec<usize> {
    (0..rows).collect()
}

#[test]
fn additive_attention_is_its_equations() {
    for size @ [rows, places, width, value] in SIZES {
        for lengths in lengths(size) {
            let mut draw = Draw::new(3);
            let shapes: [&[usize]; 4] = [&[rows, places, width], &[rows, places, value], &[rows, width], &[width]];
            let inputs = shapes.map(|shape| draw.values(shape));
            let name = format!("additive {size:?}, lengths {lengths:?}");
            let (of, too, lengths_too) = (own(rows), own(rows), lengths.clone());
            let plain = Case::new("plain", inputs.clone(), move |[k, h, q, v]| {
                additive_attention_plain(k, h, q, v, Sources { of: &too, lengths: &lengths_too }).context
            });
            let fused = Case::new(&name, inputs, move |[k, h, q, v]| {
                additive_attention(k, h, q, v, Sources { of: &of, lengths: &lengths }).context
            });
            assert_twins(&fused, &plain, TOLERANCE);
        }
    }
}

#[test]
fn cross_attention_is_attention_without_a_triangle() {
    for size @ [rows, places, width, queries] in SIZES {
        for lengths in lengths(size) {
            for heads in [1, 2] {
                let mut draw = Draw::new(4);
                let d = 2 * width;
                let inputs = [draw.values(&[rows, queries, d]), draw.values(&[rows, places, 2 * d])];
                let name = format!("cross {size:?}, {heads} heads, lengths {lengths:?}");
                let (of, lengths_too, lengths) = (own(rows), lengths.clone(), lengths.clone());
                let plain = Case::new("plain", inputs.clone(), move |[q, kv]| {
                    let [k, v] = kv.split();
                    let mask = AttentionMask { causal: false, key_lengths: Some(&lengths_too) };
                    attention_plain(q, &k, &v, heads, mask)
                });
                let fused = Case::new(&name, inputs, move |[q, kv]| {
                    cross_attention(q, kv, heads, Sources { of: &of, lengths: &lengths })
                });
                assert_twins(&fused, &plain, TOLERANCE);
            }
        }
    }
}

/// Neighbours of one source, a source that comes again, and one that nobody looks at.
const SHARED: [usize; 6] = [2, 2, 0, 2, 0, 0];
const LENGTHS: [usize; 3] = [4, 5, 3];

#[test]
fn rows_that_share_a_source_are_rows_with_a_source_each() {
    let mut draw = Draw::new(5);
    let own_lengths = SHARED.map(|source| LENGTHS[source]);
    let shared = Sources { of: &SHARED, lengths: &LENGTHS };
    let apart = Sources { of: &[0, 1, 2, 3, 4, 5], lengths: &own_lengths };

    let [keys, values] = [draw.values(&[3, 5, 7]), draw.values(&[3, 5, 11])];
    let [query, energy] = [draw.values(&[6, 7]), draw.values(&[7])];
    let ours = additive_attention(&keys, &values, &query, &energy, shared);
    let twin = additive_attention(&keys.select(&SHARED), &values.select(&SHARED), &query, &energy, apart);
    assert_close("context", &ours.context, &twin.context, TOLERANCE);
    assert_close("weights", &ours.weights, &twin.weights, TOLERANCE);

    let [q, kv] = [draw.values(&[6, 2, 12]), draw.values(&[3, 5, 24])];
    let ours = cross_attention(&q, &kv, 3, shared);
    assert_close("cross", &ours, &cross_attention(&q, &kv.select(&SHARED), 3, apart), TOLERANCE);
}

#[test]
fn weights_are_shares_and_padding_has_none() {
    let mut draw = Draw::new(6);
    let inputs = [&[3, 5, 7][..], &[3, 5, 11], &[3, 7], &[7]].map(|shape| draw.values(shape));
    let weights = |change: f32| {
        let [mut keys, values, query, energy] = inputs.clone();
        for (source, &length) in LENGTHS.iter().enumerate() {
            keys.data_mut()[source * 35..][length * 7..35].iter_mut().for_each(|x| *x += change);
        }
        additive_attention(&keys, &values, &query, &energy, Sources { of: &[0, 1, 2], lengths: &LENGTHS }).weights
    };
    let plain: Tensor = weights(0.0);
    for (row, &length) in plain.data().chunks_exact(5).zip(&LENGTHS) {
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6 && row[length..].iter().all(|&x| x == 0.0), "{row:?}");
    }
    assert_eq!(plain.data(), weights(1.0).data());
}
