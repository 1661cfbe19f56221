//! Attention against its plain twins; its masks by probes, which change what must not be seen; and its step, which keeps
//! the past, against the whole sequence.

mod common;

use common::twins::{self, by_head, side_by_side};
use common::{Case, Draw, assert_close, assert_twins};
use rushlight_engine::{
    AttentionMask, Tensor, attention, attention_plain, attention_step, attention_weights, cat, no_grad, self_attention,
};

/// Sums over up to 300 keys in blocks, in another order than the twin's.
const TOLERANCE: f64 = 1e-5;

/// B rows, heads of d numbers each, and how many queries and keys.
#[derive(Clone, Copy, Debug)]
struct Size {
    rows: usize,
    heads: usize,
    d: usize,
    queries: usize,
    keys: usize,
}

/// One of everything; odd ones; widths beyond a vector; more keys than queries, and many blocks of them; one query.
const SIZES: [Size; 6] = [
    Size { rows: 1, heads: 1, d: 1, queries: 1, keys: 1 },
    Size { rows: 2, heads: 3, d: 5, queries: 7, keys: 7 },
    Size { rows: 2, heads: 1, d: 33, queries: 70, keys: 70 },
    Size { rows: 3, heads: 2, d: 16, queries: 5, keys: 19 },
    Size { rows: 1, heads: 2, d: 24, queries: 131, keys: 300 },
    Size { rows: 2, heads: 2, d: 20, queries: 1, keys: 300 },
];

impl Size {
    fn width(self) -> usize {
        self.heads * self.d
    }

    fn draw(self) -> [Tensor; 3] {
        let mut draw = Draw::new(self.keys as u64);
        [self.queries, self.keys, self.keys].map(|times| draw.values(&[self.rows, times, self.width()]))
    }

    /// Every key real, and all but a few of each row; never so few that the first query of a causal attention sees none.
    fn lengths(self) -> [Vec<usize>; 2] {
        let least = self.keys - self.queries + 1;
        [vec![self.keys; self.rows], (0..self.rows).map(|row| (self.keys - self.keys / 3 - row).max(least)).collect()]
    }
}

/// Calls `check(size, causal, lengths)` for every kind of mask at every size.
fn for_each_mask(check: impl Fn(Size, bool, Vec<usize>)) {
    for size in SIZES {
        for causal in [false, true] {
            size.lengths().into_iter().for_each(|lengths| check(size, causal, lengths));
        }
    }
}

fn mask(causal: bool, lengths: &[usize]) -> AttentionMask<'_> {
    AttentionMask { causal, key_lengths: Some(lengths) }
}

#[test]
fn attention_is_softmax_of_products_times_values() {
    for_each_mask(|size, causal, lengths| {
        let twin_mask = twins::attention_mask(&lengths, size.queries, size.keys, causal);
        let twin = Case::new("by hand", size.draw(), move |[q, k, v]| {
            let [q, k, v] = [q, k, v].map(|x| by_head(x, size.heads));
            side_by_side(&twins::attention(&q, &k, &v, &twin_mask))
        });
        for (name, ours) in [("fused", attention as fn(&_, &_, &_, _, AttentionMask) -> _), ("plain", attention_plain)]
        {
            let lengths = lengths.clone();
            let name = format!("{name} {size:?}, causal {causal}, lengths {lengths:?}");
            let ours =
                Case::new(&name, size.draw(), move |[q, k, v]| ours(q, k, v, size.heads, mask(causal, &lengths)));
            assert_twins(&ours, &twin, TOLERANCE);
        }
    });
}

#[test]
fn without_lengths_every_key_is_real() {
    for size in SIZES {
        let [q, k, v] = size.draw();
        let all = vec![size.keys; size.rows];
        let with = attention(&q, &k, &v, size.heads, mask(true, &all));
        let without = attention(&q, &k, &v, size.heads, AttentionMask { causal: true, key_lengths: None });
        assert_eq!(with.data(), without.data());
    }
}

#[test]
fn self_attention_is_attention_of_its_parts() {
    for_each_mask(|size, causal, _| {
        let size = Size { queries: size.keys, ..size };
        let lengths: Vec<usize> =
            (0..size.rows).map(|row| size.keys - (row + size.keys / 3).min(size.keys - 1)).collect();
        let qkv = [Draw::new(5).values(&[size.rows, size.keys, 3 * size.width()])];
        let lengths_too = lengths.clone();
        let fused = Case::new(&format!("{size:?}"), qkv.clone(), move |[qkv]| {
            self_attention(qkv, size.heads, mask(causal, &lengths))
        });
        let parts = Case::new("parts", qkv, move |[qkv]| {
            let [q, k, v] = qkv.split();
            attention(&q, &k, &v, size.heads, mask(causal, &lengths_too))
        });
        assert_twins(&fused, &parts, TOLERANCE);
    });
}

#[test]
fn weights_are_shares_of_what_is_seen() {
    for_each_mask(|size, causal, lengths| {
        let [q, k, _] = size.draw();
        let weights = attention_weights(&q, &k, size.heads, mask(causal, &lengths));
        let twin_mask = twins::attention_mask(&lengths, size.queries, size.keys, causal);
        let twin = twins::attention_weights(&by_head(&q, size.heads), &by_head(&k, size.heads), &twin_mask);
        assert_close("weights", &weights, &twin, TOLERANCE);
        // What is hidden has no share at all, not a small one.
        assert!(weights.data().iter().zip(twin.data()).all(|(ours, twin)| (*ours == 0.0) == (*twin == 0.0)));
    });
}

/// Keys and values of which `hidden(row, key)` are others.
fn probed(size: Size, x: &Tensor, hidden: impl Fn(usize, usize) -> bool) -> Tensor {
    let mut changed = x.clone();
    for (at, values) in changed.data_mut().chunks_exact_mut(size.width()).enumerate() {
        if hidden(at / size.keys, at % size.keys) {
            values.iter_mut().for_each(|x| *x = 7.0 - 3.0 * *x);
        }
    }
    changed
}

#[test]
fn no_query_sees_the_future() {
    for size in SIZES {
        let [q, k, v] = size.draw();
        let out =
            |k: &Tensor, v: &Tensor| attention(&q, k, v, size.heads, AttentionMask { causal: true, key_lengths: None });
        let before = out(&k, &v);
        for query in [0, size.queries / 2, size.queries - 1] {
            let own_key = query + size.keys - size.queries;
            let later = |_, key| key > own_key;
            let after = out(&probed(size, &k, later), &probed(size, &v, later));
            let upto = |x: &Tensor| x.narrow(1, 0, query + 1).data().to_vec();
            assert_eq!(upto(&after), upto(&before), "{size:?}, query {query}");
            let own = |_, key| key == own_key;
            let after = out(&k, &probed(size, &v, own));
            assert_ne!(upto(&after), upto(&before), "{size:?}: query {query} does not see its own place");
        }
    }
}

#[test]
fn no_query_sees_padding_and_padding_gets_no_gradient() {
    for_each_mask(|size, causal, lengths| {
        let [q, k, v] = size.draw();
        let out = |k: &Tensor, v: &Tensor| attention(&q, k, v, size.heads, mask(causal, &lengths));
        let padding = |row: usize, key: usize| key >= lengths[row];
        let before = out(&k, &v);
        assert_eq!(out(&probed(size, &k, padding), &probed(size, &v, padding)).data(), before.data());
        let not_a_number = |x: &Tensor| {
            let mut x = x.clone();
            let at_padding = x.data_mut().chunks_exact_mut(size.width()).enumerate();
            at_padding.filter(|(at, _)| padding(at / size.keys, at % size.keys)).for_each(|(_, x)| x.fill(f32::NAN));
            x.into_leaf()
        };
        let (k, v) = (not_a_number(&k), not_a_number(&v));
        let after = out(&k, &v);
        assert_eq!(after.data(), before.data(), "whatever the padding holds");
        let grads = after.sum().backward();
        for x in [&k, &v] {
            let gradient = grads.of(x).expect("keys and values take part").data().chunks_exact(size.width());
            let of_padding = gradient.enumerate().filter(|(at, _)| padding(at / size.keys, at % size.keys));
            assert!(of_padding.flat_map(|(_, x)| x).all(|&x| x == 0.0));
        }
    });
}

#[test]
fn a_query_with_nothing_to_see_gives_zeros_and_no_gradient() {
    let size = Size { rows: 2, heads: 2, d: 5, queries: 4, keys: 3 };
    let [q, k, v] = size.draw().map(Tensor::into_leaf);
    // The first query stands before all keys; the second row has no keys.
    let out = attention(&q, &k, &v, size.heads, mask(true, &[3, 0]));
    let grads = out.sum().backward();
    let blind = |at: usize| at == 0 || at >= size.queries;
    let is_zero = |x: &Tensor, at: usize| x.data()[at * size.width()..][..size.width()].iter().all(|&x| x == 0.0);
    for at in 0..size.rows * size.queries {
        assert_eq!(is_zero(&out, at), blind(at), "query {at}");
        assert!(!blind(at) || is_zero(grads.of(&q).expect("queries take part"), at), "gradient of query {at}");
    }
    assert!([&k, &v].iter().all(|x| grads.of(x).expect("they take part").data().iter().all(|x| x.is_finite())));
}

#[test]
fn steps_with_the_past_kept_equal_the_whole_sequence() {
    let (rows, heads, width, times) = (2, 3, 15, 17);
    let qkv = Draw::new(6).values(&[rows, times, 3 * width]);
    let whole = self_attention(&qkv, heads, AttentionMask { causal: true, key_lengths: None });
    for pieces in [vec![1; times], vec![times], vec![5, 1, 7, 4]] {
        let mut past = [(); 2].map(|()| Tensor::zeros(&[rows, heads, times + 2, width / heads]));
        let (mut start, mut outs) = (0, Vec::new());
        for piece in pieces {
            let [keys, values] = past;
            let step = qkv.narrow(1, start, piece);
            let (out, keys, values) = no_grad(|| attention_step(&step, keys, values, &[start; 2]));
            past = [keys, values];
            outs.push(out);
            start += piece;
        }
        assert_close("steps", &cat(&outs.iter().collect::<Vec<_>>(), 1), &whole, TOLERANCE);
    }
}

#[test]
fn each_row_steps_from_its_own_place() {
    let (heads, width) = (2, 10);
    let qkv = Draw::new(7).values(&[2, 9, 3 * width]);
    let row = |row: usize, length: usize| {
        let one = qkv.narrow(0, row, 1).narrow(1, 0, length);
        self_attention(&one, heads, AttentionMask { causal: true, key_lengths: None })
    };
    // The first row's past is 8 places long and the second's 3; what lies beyond must not be looked at.
    let empty = || Tensor::zeros(&[2, heads, 9, width / heads]);
    let (_, mut keys, mut values) = no_grad(|| attention_step(&qkv.narrow(1, 0, 8), empty(), empty(), &[0, 0]));
    for past in [&mut keys, &mut values] {
        past.data_mut()[9 * width..]
            .chunks_exact_mut(9 * width / heads)
            .for_each(|head| head[3 * width / heads..].fill(f32::NAN));
    }
    let next = cat(&[&qkv.narrow(0, 0, 1).narrow(1, 8, 1), &qkv.narrow(0, 1, 1).narrow(1, 3, 1)], 0);
    let (out, ..) = no_grad(|| attention_step(&next, keys, values, &[8, 3]));
    for (at, length) in [(0, 9), (1, 4)] {
        let expected = row(at, length).narrow(1, length - 1, 1);
        assert_close(&format!("row {at}"), &out.narrow(0, at, 1), &expected, TOLERANCE);
    }
}

#[test]
fn a_first_step_lets_gradients_through() {
    let (rows, heads, width, times) = (2, 3, 15, 4);
    let qkv = [Draw::new(8).values(&[rows, times, 3 * width])];
    let step = Case::new("step", qkv.clone(), move |[qkv]| {
        let empty = || Tensor::zeros(&[rows, heads, times, width / heads]);
        attention_step(qkv, empty(), empty(), &[0; 2]).0
    });
    let whole = Case::new("whole", qkv, move |[qkv]| {
        self_attention(qkv, heads, AttentionMask { causal: true, key_lengths: None })
    });
    assert_twins(&step, &whole, TOLERANCE);
}
