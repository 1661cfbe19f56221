//! Plain twins: what the fused operations compute, out of elementary ones and in the order of the equations. Slow.

use rushlight_engine::{CrossEntropy, Ids, Reduction, Tensor};

/// x Wᵀ + b
pub(crate) fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Tensor {
    let product = x.matmul(&weight.t());
    match bias {
        Some(bias) => &product + bias,
        None => product,
    }
}

/// (x - mean) / √(var + ε) ⊙ gain + shift, over `axis`
pub(crate) fn normalise(x: &Tensor, axis: usize, gain: &Tensor, shift: &Tensor, epsilon: f32) -> Tensor {
    let centred = x - &x.mean_along(axis);
    let variance = centred.square().mean_along(axis);
    &(&centred / &(variance + epsilon).sqrt()) * gain + shift
}

/// Each id as a row of zeros with a single 1.
pub(crate) fn one_hot(ids: &Ids, count: usize) -> Tensor {
    let mut axes = ids.shape().to_vec();
    axes.push(count);
    let mut rows = Tensor::zeros(&axes);
    for (row, &id) in rows.data_mut().chunks_exact_mut(count).zip(ids.data()) {
        if id != CrossEntropy::IGNORED {
            row[id as usize] = 1.0;
        }
    }
    rows
}

/// -Σ_j q_j ln p_j for every row, where q_j = w_j ((1-ε) [j = y] + ε/V) and p = softmax(x)
pub(crate) fn cross_entropy(logits: &Tensor, targets: &Ids, how: &CrossEntropy) -> Tensor {
    let classes = logits.width();
    let weights = how.class_weights.clone().unwrap_or_else(|| Tensor::full(&[classes], 1.0));
    let hit = one_hot(targets, classes);
    let counts = hit.sum_along(hit.shape().len() - 1); // 1, or 0 where the target is ignored
    let wanted = &(hit.scale(1.0 - how.smoothing) + &counts.scale(how.smoothing / classes as f32)) * &weights;
    let losses = -&(&wanted * &logits.log_softmax()).sum_along(logits.shape().len() - 1);
    match how.reduction {
        Reduction::None => losses.reshape(targets.shape()),
        Reduction::Sum => losses.sum(),
        Reduction::Mean => losses.sum() / &(&hit * &weights).sum(),
    }
}

/// softmax(q kᵀ / √d + mask) v, with -∞ in the mask where a query may not look
pub(crate) fn attention(q: &Tensor, k: &Tensor, v: &Tensor, mask: &Tensor) -> Tensor {
    let scores = &q.matmul(&k.t()).scale(1.0 / (q.width() as f32).sqrt()) + mask;
    scores.softmax().matmul(v)
}

/// The mask of [`attention`], [B, 1, queries, keys]: of each row the keys from `lengths` [B] on are hidden, and if `causal`
/// those later than the query.
pub(crate) fn attention_mask(lengths: &Ids, queries: usize, keys: usize, causal: bool) -> Tensor {
    let mut mask = Vec::with_capacity(lengths.data().len() * queries * keys);
    for &length in lengths.data() {
        for query in 0..queries {
            mask.extend(
                (0..keys)
                    .map(|key| if key >= length as usize || (causal && key > query) { f32::NEG_INFINITY } else { 0.0 }),
            );
        }
    }
    Tensor::new(&[lengths.data().len(), 1, queries, keys], mask)
}
