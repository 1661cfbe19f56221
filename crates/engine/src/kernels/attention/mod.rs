//! Attention of many heads side by side, forward and backward, without the Tq x Tk matrix in memory.
//!
//! Follows  Vaswani et al., Attention Is All You Need, 2017, section 3.2; by blocks of keys with a running maximum after
//!          Dao et al., FlashAttention, 2022, algorithm 1
//!
//!     y = softmax(q kᵀ / √d) v
//!
//! Each head of each row of the batch is one piece of work for one core. q, k and v are columns of larger matrices, so
//! they may all lie in one [B, T, 3D]; or k and v lie head by head. B batch, T time, d the width of a head, D of all heads.

mod backward;
mod forward;

use super::columns::{Columns, ColumnsMut};
use super::product::Rows;
use super::simd::{Simd, dispatch};
use crate::buffer::Buffer;
use rayon::prelude::*;

/// The sizes of an attention.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads {
    /// Rows of the batch.
    pub(crate) batch: usize,
    /// Heads of a row.
    pub(crate) heads: usize,
    /// d.
    pub(crate) head_width: usize,
    /// Tq.
    pub(crate) queries: usize,
    /// Tk.
    pub(crate) keys: usize,
    /// Whether a query sees no key later than itself, the last query standing at the last key: j <= i + Tk - Tq.
    pub(crate) causal: bool,
}

impl Heads {
    /// D.
    fn width(self) -> usize {
        self.heads * self.head_width
    }

    /// How many keys `query` sees if the first `keys` are real: those before this number.
    #[inline(always)]
    fn seen(self, query: usize, keys: usize) -> usize {
        if self.causal { (query + 1 + self.keys).saturating_sub(self.queries).min(keys) } else { keys }
    }

    /// The first query that sees `key`; it may be beyond the last.
    #[inline(always)]
    fn first_seeing(self, key: usize) -> usize {
        if self.causal { (key + self.queries).saturating_sub(self.keys) } else { 0 }
    }

    fn scale(self) -> f32 {
        1.0 / (self.head_width as f32).sqrt()
    }

    /// Calls `work(room, batch row, head)` for every head, on all cores if that is worth it.
    fn for_each(self, work: impl Fn(&mut Room, usize, usize) + Sync + Send) {
        const WORTH_SHARING: usize = 1 << 16; // multiplications
        let heads = self.batch * self.heads;
        if heads * self.queries * self.keys * self.head_width < WORTH_SHARING {
            let mut room = Room::default();
            (0..heads).for_each(|index| work(&mut room, index / self.heads, index % self.heads));
        } else {
            let work = |room: &mut Room, index| work(room, index / self.heads, index % self.heads);
            (0..heads).into_par_iter().for_each_init(Room::default, work);
        }
    }

    /// The batch row and the first column of the head behind another, if there is one.
    fn next(self, row: usize, head: usize) -> Option<(usize, usize)> {
        let next = row * self.heads + head + 1;
        (next < self.batch * self.heads).then(|| (next / self.heads, next % self.heads * self.head_width))
    }

    fn check(self, key_lengths: Option<&[usize]>) {
        assert!(self.heads > 0 && self.head_width > 0, "attention: {self:?}");
        if let Some(lengths) = key_lengths {
            assert_eq!(lengths.len(), self.batch, "attention: one key length for each row");
        }
    }

    /// How many keys of a row are real.
    fn real_keys(self, key_lengths: Option<&[usize]>, row: usize) -> usize {
        key_lengths.map_or(self.keys, |lengths| lengths[row].min(self.keys))
    }
}

/// Working memory that goes from head to head.
#[derive(Default)]
struct Room(Option<Buffer>);

impl Room {
    /// `len` floats of any value.
    fn scratch(&mut self, len: usize) -> &mut [f32] {
        let kept = self.0.take().filter(|kept| kept.len() >= len);
        &mut self.0.insert(kept.unwrap_or_else(|| Buffer::scratch(len)))[..len]
    }
}

/// Fills `y` [B, Tq, D] and `lse` [B, heads, Tq], the logarithm of each softmax's denominator. Keys at or beyond a row's
/// length are not looked at; a query with nothing to see gives zeros, and minus infinity in `lse`.
pub(crate) fn attention_forward(
    heads: Heads,
    q: Columns,
    k: Columns,
    v: Columns,
    key_lengths: Option<&[usize]>,
    y: &mut [f32],
    lse: &mut [f32],
) {
    heads.check(key_lengths);
    assert_eq!(y.len(), heads.batch * heads.queries * heads.width(), "attention: y");
    assert_eq!(lse.len(), heads.batch * heads.heads * heads.queries, "attention: lse");
    let [y] = ColumnsMut::split(y, heads.queries, [heads.width()]);
    let [lse] = ColumnsMut::split(lse, heads.heads, [heads.queries]);
    heads.for_each(|room, row, head| {
        let from = head * heads.head_width;
        if let Some((row, from)) = heads.next(row, head) {
            let keys = heads.real_keys(key_lengths, row);
            q.fetch(row, from, (heads.queries, heads.head_width));
            [k, v].iter().for_each(|x| x.fetch(row, from, (keys, heads.head_width)));
        }
        dispatch(forward::Forward {
            room,
            heads,
            keys: heads.real_keys(key_lengths, row),
            q: q.head(row, from),
            k: k.head(row, from),
            v: v.head(row, from),
            // SAFETY: this call alone writes this head's columns of this row, and its line of `lse`.
            write_y: |query: usize, values: &[f32]| unsafe { y.write(row, query, from, values) },
            // SAFETY: as above.
            write_lse: |query: usize, value: f32| unsafe { lse.write(row, head, query, &[value]) },
        });
    });
}

/// The gradients of [`attention_forward`], from its results and `dy` [B, Tq, D]. Fills `dq`, `dk` and `dv`; those of keys
/// that nobody sees are zero.
#[allow(clippy::too_many_arguments, reason = "a kernel's operands")]
pub(crate) fn attention_backward(
    heads: Heads,
    q: Columns,
    k: Columns,
    v: Columns,
    key_lengths: Option<&[usize]>,
    y: &[f32],
    lse: &[f32],
    dy: &[f32],
    dq: &mut ColumnsMut,
    dk: &mut ColumnsMut,
    dv: &mut ColumnsMut,
) {
    heads.check(key_lengths);
    assert!(y.len() == heads.batch * heads.queries * heads.width() && dy.len() == y.len(), "attention: y and dy");
    assert_eq!(lse.len(), heads.batch * heads.heads * heads.queries, "attention: lse");
    let (y, dy) = (Columns::whole(y, heads.queries, heads.width()), Columns::whole(dy, heads.queries, heads.width()));
    let (dq, dk, dv) = (&*dq, &*dk, &*dv);
    heads.for_each(|room, row, head| {
        let from = head * heads.head_width;
        if let Some((row, from)) = heads.next(row, head) {
            [q, y, dy].iter().for_each(|x| x.fetch(row, from, (heads.queries, heads.head_width)));
            [k, v].iter().for_each(|x| x.fetch(row, from, (heads.keys, heads.head_width)));
        }
        dispatch(backward::Backward {
            room,
            heads,
            keys: heads.real_keys(key_lengths, row),
            q: q.head(row, from),
            k: k.head(row, from),
            v: v.head(row, from),
            y: y.head(row, from),
            dy: dy.head(row, from),
            lse: &lse[(row * heads.heads + head) * heads.queries..][..heads.queries],
            // SAFETY: the views are borrowed for writing, of separate columns, and this call alone writes this head's.
            write_dq: |query: usize, values: &[f32]| unsafe { dq.write(row, query, from, values) },
            // SAFETY: as above.
            write_dk: |key: usize, values: &[f32]| unsafe { dk.write(row, key, from, values) },
            // SAFETY: as above.
            write_dv: |key: usize, values: &[f32]| unsafe { dv.write(row, key, from, values) },
        });
    });
}

/// Queries that are worked on at a time: arrays of this length become vectors.
const LANES: usize = 16;

/// Puts `value` in place of the first `hidden` of `scores`.
#[inline(always)]
fn hide_before<S: Simd>(simd: S, scores: &mut [f32], hidden: usize, value: f32) {
    let (lanes, value) = (S::F32_LANES, simd.splat_f32s(value));
    for (index, score) in S::as_mut_simd_f32s(scores).0.iter_mut().enumerate() {
        // All vectors alike: a loop whose length differs from key to key would be guessed wrongly.
        let hidden = hidden.saturating_sub(index * lanes).min(lanes) as u32;
        *score = simd.select_f32s(simd.mask_between_m32s(0, hidden).mask(), value, *score);
    }
}

#[inline(always)]
fn load(scores: &[f32], from: usize) -> [f32; LANES] {
    let mut loaded = [0.0; LANES];
    loaded.copy_from_slice(&scores[from..][..LANES]);
    loaded
}

/// The rows of `rows` from `first` on.
#[inline(always)]
fn from_row(rows: Rows, first: usize) -> Rows {
    Rows { data: rows.data.get(first * rows.row_stride..).unwrap_or(&[]), ..rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{check_slopes, close, noise, on_threads, wide};

    /// The twin: the equation of the header, one number at a time, on q [B, Tq, D], k and v [B, Tk, D].
    struct Plain {
        y: Vec<f64>,
        lse: Vec<f64>,
    }

    fn plain_forward(heads: Heads, q: &[f64], k: &[f64], v: &[f64], lengths: &[usize]) -> Plain {
        let (d, width) = (heads.head_width, heads.width());
        let mut plain =
            Plain { y: vec![0.0; q.len()], lse: vec![f64::NEG_INFINITY; heads.batch * heads.heads * heads.queries] };
        for_each_query(heads, lengths, |row, head, i, keys| {
            let at = |t: usize, steps: usize| (row * steps + t) * width + head * d;
            let q = &q[at(i, heads.queries)..][..d];
            let weights: Vec<f64> =
                keys.clone().map(|j| (dot(q, &k[at(j, heads.keys)..]) / (d as f64).sqrt()).exp()).collect();
            let sum: f64 = weights.iter().sum();
            if sum > 0.0 {
                plain.lse[(row * heads.heads + head) * heads.queries + i] = sum.ln();
            }
            for (j, weight) in keys.zip(weights) {
                for c in 0..d {
                    plain.y[at(i, heads.queries) + c] += weight / sum * v[at(j, heads.keys) + c];
                }
            }
        });
        plain
    }

    /// The gradients of q, k and v.
    fn plain_backward(heads: Heads, q: &[f64], k: &[f64], v: &[f64], lengths: &[usize], dy: &[f64]) -> [Vec<f64>; 3] {
        let (d, width) = (heads.head_width, heads.width());
        let scale = 1.0 / (d as f64).sqrt();
        let (mut dq, mut dk, mut dv) = (vec![0.0; q.len()], vec![0.0; k.len()], vec![0.0; v.len()]);
        for_each_query(heads, lengths, |row, head, i, keys| {
            let at = |t: usize, steps: usize| (row * steps + t) * width + head * d;
            let here = at(i, heads.queries);
            let weights: Vec<f64> =
                keys.clone().map(|j| (dot(&q[here..][..d], &k[at(j, heads.keys)..]) * scale).exp()).collect();
            let sum: f64 = weights.iter().sum();
            let dp: Vec<f64> = keys.clone().map(|j| dot(&dy[here..][..d], &v[at(j, heads.keys)..])).collect();
            let mean: f64 = weights.iter().zip(&dp).map(|(w, dp)| w / sum * dp).sum();
            for ((j, weight), dp) in keys.zip(weights).zip(dp) {
                let (there, p) = (at(j, heads.keys), weight / sum);
                for c in 0..d {
                    dv[there + c] += p * dy[here + c];
                    dq[here + c] += p * (dp - mean) * scale * k[there + c];
                    dk[there + c] += p * (dp - mean) * scale * q[here + c];
                }
            }
        });
        [dq, dk, dv]
    }

    fn for_each_query(
        heads: Heads,
        lengths: &[usize],
        mut work: impl FnMut(usize, usize, usize, std::ops::Range<usize>),
    ) {
        for (row, &length) in lengths.iter().enumerate() {
            for head in 0..heads.heads {
                for i in 0..heads.queries {
                    let last = if heads.causal {
                        i as isize + heads.keys as isize - heads.queries as isize
                    } else {
                        isize::MAX - 1
                    };
                    work(row, head, i, 0..length.min((last + 1).max(0) as usize));
                }
            }
        }
    }

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    struct Case {
        heads: Heads,
        lengths: Vec<usize>,
        q: Vec<f32>,
        k: Vec<f32>,
        v: Vec<f32>,
        dy: Vec<f32>,
    }

    fn case(
        batch: usize,
        (heads, head_width): (usize, usize),
        (queries, keys): (usize, usize),
        causal: bool,
        lengths: &[usize],
    ) -> Case {
        let heads = Heads { batch, heads, head_width, queries, keys, causal };
        let [from, to] = [queries, keys].map(|steps| batch * steps * heads.width());
        let lengths = if lengths.is_empty() { vec![keys; batch] } else { lengths.to_vec() };
        Case {
            heads,
            lengths,
            q: noise(1, from, 2.0),
            k: noise(2, to, 2.0),
            v: noise(3, to, 1.0),
            dy: noise(4, from, 1.0),
        }
    }

    /// Widths below, at and beyond vectors; lengths below and beyond strips and blocks; one query; more queries than
    /// keys, so that some see nothing; padding, whole rows of it too.
    fn cases() -> Vec<Case> {
        vec![
            case(1, (1, 1), (1, 1), true, &[]),
            case(2, (3, 5), (7, 7), true, &[]),
            case(2, (2, 32), (64, 64), true, &[]),
            case(2, (1, 33), (70, 70), true, &[70, 33]),
            case(3, (2, 7), (5, 19), false, &[19, 0, 4]),
            case(2, (2, 20), (1, 300), true, &[300, 77]),
            case(1, (2, 70), (2, 37), true, &[]),
            case(1, (1, 16), (20, 9), true, &[]),
            case(1, (1, 24), (131, 600), true, &[]),
            case(1, (2, 9), (90, 300), false, &[290]),
        ]
    }

    impl Case {
        fn forward(&self) -> [Vec<f32>; 2] {
            let heads = self.heads;
            let mut y = vec![f32::NAN; self.q.len()];
            let mut lse = vec![f32::NAN; heads.batch * heads.heads * heads.queries];
            let (q, [k, v]) = (self.rows(&self.q, heads.queries), [&self.k, &self.v].map(|x| self.rows(x, heads.keys)));
            attention_forward(heads, q, k, v, Some(&self.lengths), &mut y, &mut lse);
            [y, lse]
        }

        fn backward(&self, [y, lse]: &[Vec<f32>; 2]) -> [Vec<f32>; 3] {
            let heads = self.heads;
            let mut gradients = [&self.q, &self.k, &self.v].map(|x| vec![f32::NAN; x.len()]);
            let [dq, dk, dv] = &mut gradients;
            let [mut dq] = ColumnsMut::split(dq, heads.queries, [heads.width()]);
            let [[mut dk], [mut dv]] = [dk, dv].map(|x| ColumnsMut::split(x, heads.keys, [heads.width()]));
            let (q, [k, v]) = (self.rows(&self.q, heads.queries), [&self.k, &self.v].map(|x| self.rows(x, heads.keys)));
            attention_backward(heads, q, k, v, Some(&self.lengths), y, lse, &self.dy, &mut dq, &mut dk, &mut dv);
            gradients
        }

        fn rows<'a>(&self, data: &'a [f32], steps: usize) -> Columns<'a> {
            Columns::whole(data, steps, self.heads.width())
        }
    }

    #[test]
    fn fused_agrees_with_plain() {
        for case in cases() {
            let [q, k, v, dy] = [&case.q, &case.k, &case.v, &case.dy].map(|x| wide(x));
            let forward = case.forward();
            let plain = plain_forward(case.heads, &q, &k, &v, &case.lengths);
            close(&forward[0], &plain.y, 1e-5, "y");
            let (seen, truth): (Vec<f32>, Vec<f64>) =
                forward[1].iter().zip(&plain.lse).filter(|(_, truth)| truth.is_finite()).map(|(&x, &y)| (x, y)).unzip();
            close(&seen, &truth, 1e-5, "lse");
            let gradients = plain_backward(case.heads, &q, &k, &v, &case.lengths, &dy);
            for ((fused, plain), name) in case.backward(&forward).iter().zip(&gradients).zip(["dq", "dk", "dv"]) {
                close(fused, plain, 1e-5, &format!("{name} of {:?}", case.heads));
            }
        }
    }

    #[test]
    fn the_twin_has_the_slopes_of_its_own_output() {
        for case in [case(1, (2, 3), (4, 5), true, &[]), case(2, (1, 2), (3, 3), false, &[2, 3])] {
            let (heads, lengths) = (case.heads, &case.lengths);
            let [q, k, v, dy] = [&case.q, &case.k, &case.v, &case.dy].map(|x| wide(x));
            let [dq, dk, dv] = plain_backward(heads, &q, &k, &v, lengths, &dy);
            let output = |q: &[f64], k: &[f64], v: &[f64]| dot(&plain_forward(heads, q, k, v, lengths).y, &dy);
            check_slopes(&q, &dq, |x| output(x, &k, &v));
            check_slopes(&k, &dk, |x| output(&q, x, &v));
            check_slopes(&v, &dv, |x| output(&q, &k, x));
        }
    }

    #[test]
    fn what_lies_side_by_side_gives_the_same_bits() {
        let case = case(2, (3, 5), (21, 21), true, &[]);
        let (heads, width) = (case.heads, case.heads.width());
        let side_by_side = |parts: [&[f32]; 3]| -> Vec<f32> {
            (0..heads.batch * heads.queries)
                .flat_map(|at| parts.map(|part| part[at * width..][..width].to_vec()).concat())
                .collect()
        };
        let qkv = side_by_side([&case.q, &case.k, &case.v]);
        let [q, k, v] = [0, 1, 2].map(|part| Columns::part(&qkv, heads.queries, 3 * width, part * width));
        let forward = case.forward();
        let (mut y, mut lse) = (vec![f32::NAN; case.q.len()], vec![f32::NAN; forward[1].len()]);
        attention_forward(heads, q, k, v, None, &mut y, &mut lse);
        assert!(y == forward[0] && lse == forward[1]);
        let mut gradient = vec![f32::NAN; qkv.len()];
        let [mut dq, mut dk, mut dv] = ColumnsMut::split(&mut gradient, heads.queries, [width; 3]);
        attention_backward(heads, q, k, v, None, &y, &lse, &case.dy, &mut dq, &mut dk, &mut dv);
        let [dq, dk, dv] = case.backward(&forward);
        assert!(gradient == side_by_side([&dq, &dk, &dv]));
    }

    #[test]
    fn a_query_with_nothing_to_see_gives_zeros() {
        let case = case(2, (1, 4), (3, 2), true, &[2, 0]);
        let [y, lse] = case.forward();
        // Of three queries the first stands before both keys; the second row has no keys at all.
        assert_eq!(y[..4], [0.0; 4]);
        assert_eq!(lse[0], f32::NEG_INFINITY);
        assert_eq!(y[12..], [0.0; 12]);
        assert!(case.backward(&[y, lse]).iter().flatten().all(|x| x.is_finite()));
    }

    #[test]
    fn the_future_and_padding_change_no_bit() {
        let case = case(1, (2, 12), (80, 80), true, &[75]);
        let width = case.heads.width();
        let before = case.forward();
        let mut changed = Case { q: case.q.clone(), k: case.k.clone(), v: case.v.clone(), ..case };
        for x in [&mut changed.k, &mut changed.v] {
            x[50 * width..].iter_mut().for_each(|x| *x = 3.0 - *x);
        }
        let after = changed.forward();
        assert!(before[0][..50 * width] == after[0][..50 * width]);
        assert!(before[0][50 * width..] != after[0][50 * width..]);
        for x in [&mut changed.k, &mut changed.v] {
            x[75 * width..].fill(f32::NAN);
        }
        assert!(changed.forward()[0] == after[0]);
    }

    #[test]
    fn large_scores_do_not_overflow() {
        let mut case = case(1, (1, 8), (40, 40), true, &[]);
        case.q.iter_mut().chain(&mut case.k).for_each(|x| *x *= 100.0);
        let [q, k, v] = [&case.q, &case.k, &case.v].map(|x| wide(x));
        // Scores reach some ten thousand: e to it is beyond double precision too. The twin takes the greatest as shift.
        let [y, lse] = case.forward();
        assert!(y.iter().chain(&lse).all(|x| x.is_finite()));
        let (width, scale) = (8, 1.0 / 8_f64.sqrt());
        for i in 0..40 {
            let score = |j: usize| dot(&q[i * width..][..width], &k[j * width..]) * scale;
            let best = (0..=i).max_by(|&a, &b| score(a).total_cmp(&score(b))).unwrap();
            let second = (0..=i).filter(|&j| j != best).map(score).fold(f64::NEG_INFINITY, f64::max);
            // Where one key leads by far, its value is the result.
            if score(best) - second > 50.0 {
                close(&y[i * width..][..width], &v[best * width..][..width], 1e-6, "y");
            }
        }
    }

    #[test]
    fn the_same_bits_on_one_and_two_threads() {
        let case = case(3, (3, 20), (50, 50), true, &[]);
        let run = || {
            let forward = case.forward();
            let backward = case.backward(&forward);
            (forward, backward)
        };
        assert!(on_threads(1, run) == on_threads(2, run));
    }
}
