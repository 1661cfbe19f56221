//! Additive attention of one query a row.
//!
//! Follows  Bahdanau, Cho, Bengio 2015, <https://arxiv.org/abs/1409.0473>, section 3.1 and appendix A.1.2
//!
//!     e_s = vᵀ tanh(k_s + q)        the keys k = U h + b come in ready, once for all queries
//!     α = softmax(e)
//!     c = Σ_s α_s h_s
//!
//! With δ_s = dc · h_s:  de_s = α_s (δ_s - Σ α δ),  dh_s = α_s dc,  dk_s = de_s v ⊙ (1 - tanh²),  dq = Σ_s dk_s,
//! dv = Σ_s de_s tanh. The hyperbolic tangents are taken again on the way back, which costs less than to keep them.
//!
//! Plain twin: [`additive_attention_plain`].

use crate::buffer::Buffer;
use crate::kernels::additive::{self as kernel, Looked, Size};
use crate::kernels::reduce;
use crate::{Shape, Tensor, stack};

/// Which of some sources each row of queries looks at, and how many places of each source are real; the rest is padding.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// For each row of queries the number of its source. Gradients ask that row r looks at source r.
    pub of: &'a [usize],
    /// For each source how many places are real, at least one.
    pub lengths: &'a [usize],
}

impl Sources<'_> {
    /// Whether row r looks at source r.
    pub fn are_rows(&self) -> bool {
        self.of.len() == self.lengths.len() && self.of.iter().enumerate().all(|(row, &source)| row == source)
    }

    #[track_caller]
    pub(crate) fn check(&self, name: &str, rows: usize, sources: usize, places: usize) {
        let fits = self.of.len() == rows && self.lengths.len() == sources;
        assert!(fits, "{name}: {rows} rows and {sources} sources, but {self:?}");
        let real = self.lengths.iter().all(|length| (1..=places).contains(length));
        assert!(real && self.of.iter().all(|&source| source < sources), "{name}: {places} places, {self:?}");
    }
}

/// What additive attention gives.
pub struct AdditiveAttention {
    /// The mixed values c, [R, D].
    pub context: Tensor,
    /// The weights α, [R, S]: to look at.
    pub weights: Tensor,
}

/// Looks with each row of `query` [R, A] at `keys` [N, S, A] and mixes `values` [N, S, D]; `energy` is v, of A numbers.
///
/// # Panics
/// When the shapes do not fit, or a gradient would have to flow where rows share sources.
#[track_caller]
pub fn additive_attention(
    keys: &Tensor,
    values: &Tensor,
    query: &Tensor,
    energy: &Tensor,
    sources: Sources,
) -> AdditiveAttention {
    let size = size("additive_attention", keys, values, query, energy, sources);
    let rows = query.shape()[0];
    let (mut context, mut weights) = (Buffer::scratch(rows * size.value), Buffer::scratch(rows * size.keys));
    let looked = Looked { keys: keys.data(), values: values.data(), energy: energy.data(), lengths: sources.lengths };
    kernel::forward(size, looked, sources.of, query.data(), &mut weights, &mut context);
    let weights = Tensor::from_buffer(Shape::new(&[rows, size.keys]), weights);
    let kept = (keys.clone(), values.clone(), query.clone(), energy.clone(), weights.clone());
    let (lengths, are_rows) = (sources.lengths.to_vec(), sources.are_rows());
    let inputs = [keys, values, query, energy];
    let context = Tensor::result(Shape::new(&[rows, size.value]), context, &inputs, move |dcontext, grads| {
        assert!(are_rows, "additive_attention: no gradient flows where rows share sources");
        let (keys, values, query, energy, weights) = kept;
        let looked = Looked { keys: keys.data(), values: values.data(), energy: energy.data(), lengths: &lengths };
        let mut dscores = Buffer::scratch(weights.count());
        kernel::scores_back(size, looked, weights.data(), dcontext.data(), &mut dscores);
        grads.accumulate(&values, |dvalues, add| {
            kernel::values_back(size, weights.data(), dcontext.data(), dvalues, add);
        });
        let (mut dquery, mut denergy) = (Buffer::scratch(query.count()), Buffer::scratch(query.count()));
        let mut keys_back = |dkeys: &mut [f32], add| {
            kernel::keys_back(size, looked, query.data(), &dscores, dkeys, add, &mut dquery, &mut denergy);
        };
        if grads.wants(&keys) {
            grads.accumulate(&keys, keys_back);
        } else {
            keys_back(&mut Buffer::scratch(keys.count()), false);
        }
        grads.add(&query, Tensor::from_buffer(*query.shape(), dquery));
        grads.accumulate(&energy, |sum, add| reduce::sum_rows(&denergy, sum, add));
    });
    AdditiveAttention { context, weights }
}

#[track_caller]
fn size(name: &str, keys: &Tensor, values: &Tensor, query: &Tensor, energy: &Tensor, sources: Sources) -> Size {
    let (k, h, q) = (keys.shape(), values.shape(), query.shape());
    let fits = k.len() == 3 && h.len() == 3 && k[..2] == h[..2] && q.len() == 2 && q[1] == k[2];
    assert!(fits && energy.shape()[..] == [k[2]], "{name}: keys {k:?}, values {h:?}, query {q:?}");
    sources.check(name, q[0], k[0], k[1]);
    Size { keys: k[1], width: k[2], value: h[2] }
}

/// The same by plain operations, a row at a time.
#[track_caller]
pub fn additive_attention_plain(
    keys: &Tensor,
    values: &Tensor,
    query: &Tensor,
    energy: &Tensor,
    sources: Sources,
) -> AdditiveAttention {
    let Size { keys: times, width, value } = size("additive_attention_plain", keys, values, query, energy, sources);
    let (mut contexts, mut all_weights) = (Vec::new(), Vec::new());
    for (row, &source) in sources.of.iter().enumerate() {
        let length = sources.lengths[source];
        let real = |x: &Tensor, width| x.narrow(0, source, 1).reshape(&[times, width]).narrow(0, 0, length);
        let tanh = (&real(keys, width) + &query.narrow(0, row, 1)).tanh(); //                     [length, A]
        let weights = (&tanh * energy).sum_along(1).reshape(&[1, length]).softmax();
        contexts.push(weights.matmul(&real(values, value)).reshape(&[value]));
        let mut padded = weights.data().to_vec();
        padded.resize(times, 0.0);
        all_weights.push(Tensor::new(&[times], padded));
    }
    let rows = |parts: &[Tensor]| stack(&parts.iter().collect::<Vec<_>>(), 0);
    AdditiveAttention { context: rows(&contexts), weights: rows(&all_weights) }
}
