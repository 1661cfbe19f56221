//! What an attention is asked, for an observer that answers it in another way: by plain operations, with every part of the
//! formula open to change. Nothing here runs unless somebody asks.

use rushlight_engine::{Sources, Tensor};

/// Queries, keys and values, and which query may see which key.
pub struct Asked<'a> {
    /// Queries [R, Tq, D].
    pub q: Tensor,
    /// Keys [R, Tk, D].
    pub k: Tensor,
    /// Values [R, Tk, D].
    pub v: Tensor,
    /// How many heads share the width.
    pub heads: usize,
    /// Whether no query sees a key after its own place.
    pub causal: bool,
    /// For each row, how many keys are real; all, where nothing is said.
    lengths: Option<Vec<usize>>,
    /// For each row, the place of its first query among the keys; 0 where nothing was read before.
    first: Option<&'a [usize]>,
}

impl<'a> Asked<'a> {
    /// Of `qkv` [R, T, 3D] over itself; with `lengths` all places see all that are real, without no later one.
    pub(crate) fn itself(qkv: &Tensor, heads: usize, lengths: Option<&[usize]>) -> Self {
        let [q, k, v] = qkv.split();
        Self { q, k, v, heads, causal: lengths.is_none(), lengths: lengths.map(<[usize]>::to_vec), first: None }
    }

    /// Of `qkv` [R, T, 3D] over the keys and values [R, K, W, d] of all that was read before, `first` of them, and itself.
    pub(crate) fn past(qkv: &Tensor, past: [&Tensor; 2], first: &'a [usize]) -> Self {
        let times = qkv.shape()[1];
        let lengths = first.iter().map(|first| first + times).collect();
        let [q, _, _] = qkv.split();
        let (heads, room) = (past[0].shape()[1], past[0].shape()[2]);
        let [k, v] = past.map(|x| x.swap(1, 2).reshape(&[q.shape()[0], room, q.width()]));
        Self { q, k, v, heads, causal: true, lengths: Some(lengths), first: Some(first) }
    }

    /// Of `q` [R, T, D] over the keys and values `kv` [N, S, 2D] of its sources.
    pub(crate) fn sources(q: &Tensor, kv: &Tensor, heads: usize, sources: Sources) -> Self {
        let [k, v] = kv.select(sources.of).split();
        let lengths = sources.of.iter().map(|&source| sources.lengths[source]).collect();
        Self { q: q.clone(), k, v, heads, causal: false, lengths: Some(lengths), first: None }
    }

    /// 1/√d, d the width of one head.
    pub fn scale(&self) -> f32 {
        1.0 / ((self.q.width() / self.heads) as f32).sqrt()
    }

    /// Whether the query at `query` of a row may see its key at `key`.
    pub fn sees(&self, row: usize, query: usize, key: usize) -> bool {
        let place = query + self.first(row);
        (!self.causal || key <= place) && self.is_real(row, key)
    }

    /// Whether a row has a key there, and no padding.
    pub fn is_real(&self, row: usize, key: usize) -> bool {
        self.lengths.as_ref().is_none_or(|lengths| key < lengths[row])
    }

    /// The place of a row's first query among its keys.
    pub fn first(&self, row: usize) -> usize {
        self.first.map_or(0, |first| first[row])
    }

    /// softmax(`scale` q kᵀ) of what `sees(row, query, key)` allows, changed by `weigh` [R, K, Tq, Tk], times v: [R, Tq, D].
    pub fn answer(
        &self,
        scale: f32,
        sees: impl Fn(usize, usize, usize) -> bool,
        weigh: impl FnOnce(Tensor) -> Tensor,
    ) -> Tensor {
        let (rows, queries, keys) = (self.q.shape()[0], self.q.shape()[1], self.k.shape()[1]);
        let blocked: Vec<f32> = (0..rows * queries * keys)
            .map(|i| if sees(i / (queries * keys), i / keys % queries, i % keys) { 0.0 } else { -1e9 })
            .collect();
        let blocked = Tensor::new(&[rows, 1, queries, keys], blocked);
        let scores = self.by_head(&self.q).matmul(&self.by_head(&self.k).t()).scale(scale);
        let weights = weigh((&scores + &blocked).softmax()); // [R, K, Tq, Tk]
        weights.matmul(&self.by_head(&self.v)).swap(1, 2).reshape(self.q.shape())
    }

    /// [R, T, D] to [R, K, T, d].
    fn by_head(&self, x: &Tensor) -> Tensor {
        let shape = x.shape();
        x.reshape(&[shape[0], shape[1], self.heads, shape[2] / self.heads]).swap(1, 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_engine::{AttentionMask, Rng, attention_step, cross_attention, self_attention};

    fn near(a: &Tensor, b: &Tensor) {
        assert_eq!(a.shape(), b.shape());
        a.data().iter().zip(b.data()).for_each(|(a, b)| assert!((a - b).abs() < 1e-5, "{a} {b}"));
    }

    fn plainly(asked: &Asked) -> Tensor {
        asked.answer(asked.scale(), |row, query, key| asked.sees(row, query, key), |weights| weights)
    }

    #[test]
    fn unchanged_it_is_the_attention_that_was_asked() {
        let mut rng = Rng::new(3);
        let qkv = Tensor::normal(&[2, 5, 24], &mut rng);
        let causal = AttentionMask { causal: true, key_lengths: None };
        near(&plainly(&Asked::itself(&qkv, 2, None)), &self_attention(&qkv, 2, causal));
        let padded = AttentionMask { causal: false, key_lengths: Some(&[5, 3]) };
        near(&plainly(&Asked::itself(&qkv, 2, Some(&[5, 3]))), &self_attention(&qkv, 2, padded));
        let (q, kv) = (Tensor::normal(&[3, 4, 8], &mut rng), Tensor::normal(&[2, 6, 16], &mut rng));
        let sources = Sources { of: &[0, 1, 1], lengths: &[6, 2] };
        near(&plainly(&Asked::sources(&q, &kv, 2, sources)), &cross_attention(&q, &kv, 2, sources));
    }

    #[test]
    fn a_step_is_asked_with_all_that_was_read_before() {
        let mut rng = Rng::new(4);
        let (qkv, first) = (Tensor::normal(&[2, 1, 24], &mut rng), [3, 1]);
        let cache = |rng: &mut Rng| Tensor::normal(&[2, 2, 7, 4], rng);
        let (mixed, keys, values) = attention_step(&qkv, cache(&mut rng), cache(&mut rng), &first);
        near(&plainly(&Asked::past(&qkv, [&keys, &values], &first)), &mixed);
    }
}
