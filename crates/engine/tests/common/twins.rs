//! Plain twins: what the fused operations compute, out of elementary ones and in the order of the equations. Slow.

use super::Unary;
use rushlight_engine::{CrossEntropy, GruReset, Ids, Reduction, Tensor, cat, stack};

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

/// softmax(q kᵀ / √d + mask) v of every head, from [B, heads, T, d]
pub(crate) fn attention(q: &Tensor, k: &Tensor, v: &Tensor, mask: &Tensor) -> Tensor {
    attention_weights(q, k, mask).matmul(v)
}

/// softmax(q kᵀ / √d + mask), with -∞ in the mask where a query may not look
pub(crate) fn attention_weights(q: &Tensor, k: &Tensor, mask: &Tensor) -> Tensor {
    (&q.matmul(&k.t()).scale(1.0 / (q.width() as f32).sqrt()) + mask).softmax()
}

/// The mask of [`attention`], [B, 1, queries, keys]: of each row the keys from its length on are hidden, and if `causal`
/// those later than the query, of which the last stands at the last key.
pub(crate) fn attention_mask(lengths: &[usize], queries: usize, keys: usize, causal: bool) -> Tensor {
    let mut mask = Vec::with_capacity(lengths.len() * queries * keys);
    for &length in lengths {
        for query in 0..queries {
            let hidden = |key: usize| key >= length || (causal && key + queries > query + keys);
            mask.extend((0..keys).map(|key| if hidden(key) { f32::NEG_INFINITY } else { 0.0 }));
        }
    }
    Tensor::new(&[lengths.len(), 1, queries, keys], mask)
}

/// [B, T, D] as [B, heads, T, d], and back.
pub(crate) fn by_head(x: &Tensor, heads: usize) -> Tensor {
    let [batch, times, width] = x.shape()[..] else { panic!("not [B, T, D]: {:?}", x.shape()) };
    x.reshape(&[batch, times, heads, width / heads]).swap(1, 2)
}

pub(crate) fn side_by_side(x: &Tensor) -> Tensor {
    let [batch, heads, times, width] = x.shape()[..] else { panic!("not [B, heads, T, d]: {:?}", x.shape()) };
    x.swap(1, 2).reshape(&[batch, times, heads * width])
}

/// What a recurrent network's sweep gives, and for each time the sums before its functions, tapped: side by side they are
/// the sums of all gates.
pub(crate) struct Swept {
    pub(crate) h: Tensor,
    pub(crate) gates: Tensor,
    pub(crate) sums: Vec<Vec<Tensor>>,
}

/// h = φ(drive + U h), a step after the other
pub(crate) fn rnn(drive: &Tensor, weight: &Tensor, h0: &Tensor, phi: Unary) -> Swept {
    let mut h = h0.clone();
    let (mut hs, mut sums) = (vec![], vec![]);
    for t in 0..drive.shape()[1] {
        let a = time(drive, t) + h.matmul(&weight.t());
        h = phi(&a);
        sums.push(tapped([a]));
        hs.push(h.clone());
    }
    Swept { h: over_time(&hs), gates: over_time(&hs), sums }
}

/// c = f ⊙ c + i ⊙ g, h = o ⊙ tanh(c), a step after the other; the c of all times too, [B, T, H], and the last one
pub(crate) fn lstm(drive: &Tensor, weight: &Tensor, h0: &Tensor, c0: &Tensor) -> (Swept, Tensor, Tensor) {
    let (mut h, mut c) = (h0.clone(), c0.clone());
    let (mut hs, mut cs, mut gates, mut sums) = (vec![], vec![], vec![], vec![]);
    for t in 0..drive.shape()[1] {
        let a = time(drive, t) + h.matmul(&weight.t());
        let [i, f, g, o] = a.split();
        let (i, f, g, o) = (i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid());
        c = &f * &c + &i * &g;
        h = &o * &c.tanh();
        sums.push(tapped([a]));
        gates.push(cat(&[&i, &f, &g, &o], 1));
        cs.push(c.clone());
        hs.push(h.clone());
    }
    (Swept { h: over_time(&hs), gates: over_time(&gates), sums }, over_time(&cs), c)
}

/// h = (1 - z) ⊙ n + z ⊙ h, a step after the other; the candidate n reads the state through its reset, before the product
/// with its weight or after it
pub(crate) fn gru(drive: &Tensor, weight: &Tensor, bias: &Tensor, h0: &Tensor, reset: GruReset) -> Swept {
    let hidden = h0.width();
    let part = |x: &Tensor, gate: usize| x.narrow(0, gate * hidden, hidden);
    let product = |state: &Tensor, gate: usize| linear(state, &part(weight, gate), Some(&part(bias, gate)));
    let mut h = h0.clone();
    let (mut hs, mut gates, mut sums) = (vec![], vec![], vec![]);
    for t in 0..drive.shape()[1] {
        let [drive_r, drive_z, drive_n] = time(drive, t).split();
        let (a_r, a_z) = (drive_r + product(&h, 0), drive_z + product(&h, 1));
        let (r, z) = (a_r.sigmoid(), a_z.sigmoid());
        let a_n = match reset {
            GruReset::Before => drive_n + product(&(&r * &h), 2),
            GruReset::After => drive_n + &r * &product(&h, 2),
        };
        let n = a_n.tanh();
        h = (-&z + 1.0) * &n + &z * &h;
        sums.push(tapped([a_r, a_z, a_n]));
        gates.push(cat(&[&r, &z, &n], 1));
        hs.push(h.clone());
    }
    Swept { h: over_time(&hs), gates: over_time(&gates), sums }
}

/// [B, T, H] at time `t`: [B, H].
fn time(x: &Tensor, t: usize) -> Tensor {
    x.narrow(1, t, 1).reshape(&[x.shape()[0], x.width()])
}

fn tapped<const N: usize>(sums: [Tensor; N]) -> Vec<Tensor> {
    sums.iter().for_each(Tensor::tap);
    sums.into()
}

/// A [B, H] for each time, as one [B, T, H].
pub(crate) fn over_time(times: &[Tensor]) -> Tensor {
    stack(&times.iter().collect::<Vec<_>>(), 1)
}
