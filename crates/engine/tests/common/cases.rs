//! One list of every operation, in any size: what is checked of one operation is checked of all. No expected values.

use super::{Binary, Case, Draw, Unary};
use rushlight_engine::{
    AttentionMask, Bags, CrossEntropy, GruReset, Ids, Reduction, Rng, RnnActivation, Sources, Tensor,
    additive_attention, attention, cat, cross_attention, cross_entropy, dropout, embedding, embedding_bag, gru,
    layer_norm, linear, lstm, max_over_time, rnn, self_attention, stack, windows,
};

/// Lengths of axes, all different: B batch, T time, D features in, H features out, V vocabulary.
#[derive(Clone, Copy)]
pub(crate) struct Axes {
    pub(crate) b: usize,
    pub(crate) t: usize,
    pub(crate) d: usize,
    pub(crate) h: usize,
    pub(crate) v: usize,
}

pub(crate) const SMALL: Axes = Axes { b: 2, t: 3, d: 5, h: 7, v: 11 };

/// Enough that every operation shares its work among threads (from 32 Ki elements, or 2 Mi multiplications), and odd.
pub(crate) const LARGE: Axes = Axes { b: 3, t: 131, d: 129, h: 257, v: 67 };

pub(crate) fn all(axes: Axes) -> Vec<Case> {
    let families =
        [elementwise, arithmetic, sums, products, rows, losses, attentions, sources, recurrence, arrangements, times];
    families.into_iter().flat_map(|family| family(axes, &mut Draw::new(7))).collect()
}

fn elementwise(Axes { b, t, d, .. }: Axes, draw: &mut Draw) -> Vec<Case> {
    let mut any = |name, f: Unary| Case::new(name, [draw.away_from_zero(&[b, t, d])], move |[x]| f(x));
    let mut cases = vec![
        any("exp", Tensor::exp),
        any("square", Tensor::square),
        any("tanh", Tensor::tanh),
        any("sigmoid", Tensor::sigmoid),
        any("relu", Tensor::relu), // away from zero, where it has no derivative
        any("gelu", Tensor::gelu),
        any("silu", Tensor::silu),
        any("scale", |x| x.scale(-1.75)),
        any("shift", |x| x.shift(0.375)),
        any("negation", |x| -x),
        any("dropout", |x| dropout(x, 0.3, &Rng::new(5))),
    ];
    let mut positive = |name, f: Unary| Case::new(name, [draw.between(&[b, t, d], 2.0, 5.0)], move |[x]| f(x));
    cases.extend([
        positive("ln", Tensor::ln),
        positive("sqrt", Tensor::sqrt),
        positive("reciprocal", Tensor::reciprocal),
    ]);
    cases
}

fn arithmetic(Axes { b, t, d, .. }: Axes, draw: &mut Draw) -> Vec<Case> {
    // Every way in which two shapes can meet.
    let meetings: [(&[usize], &[usize]); 12] = [
        (&[b, t, d], &[b, t, d]),
        (&[b, t, d], &[d]),
        (&[b, t, d], &[t, d]),
        (&[b, t, d], &[1, 1, d]),
        (&[b, t, d], &[t, 1]),
        (&[b, t, d], &[b, 1, d]),
        (&[b, t, d], &[b, 1, 1]),
        (&[b, t, d], &[b, t, 1]),
        (&[b, t, d], &[]),
        (&[b, t, d], &[1]),
        (&[b, 1, d], &[t, 1]),
        (&[b, 1, t, 1, 1, d], &[1, 2, 1, 3, 1, 1]),
    ];
    let operations: [(&str, Binary); 4] =
        [("sum", |a, b| a + b), ("difference", |a, b| a - b), ("product", |a, b| a * b), ("quotient", |a, b| a / b)];
    let mut cases = Vec::new();
    for (name, f) in operations {
        for (left, right) in meetings {
            for (left, right) in [(left, right), (right, left)] {
                // Divisors stay away from zero; the numbers of the other operations need not.
                let inputs = [draw.values(left), draw.between(right, 2.0, 5.0)];
                cases.push(Case::new(&format!("{name} of {left:?} and {right:?}"), inputs, move |[x, y]| f(x, y)));
            }
        }
    }
    cases
}

fn sums(Axes { b, t, d, .. }: Axes, draw: &mut Draw) -> Vec<Case> {
    let mut case = |name: &str, f: Unary| Case::new(name, [draw.values(&[b, t, d])], move |[x]| f(x));
    vec![
        case("sum", Tensor::sum),
        case("mean", Tensor::mean),
        case("sum_along 0", |x| x.sum_along(0)),
        case("sum_along 1", |x| x.sum_along(1)),
        case("sum_along 2", |x| x.sum_along(2)),
        case("mean_along 0", |x| x.mean_along(0)),
        case("mean_along 1", |x| x.mean_along(1)),
        case("mean_along 2", |x| x.mean_along(2)),
    ]
}

fn products(Axes { b, t, d, h, v }: Axes, draw: &mut Draw) -> Vec<Case> {
    let (ids, other_ids) = (draw.ids(v, &[b, t]), draw.ids(v, &[t, b]));
    // Of no, of one and of several rows, one of them twice.
    let bags =
        Bags::new((0..b * t).map(|bag| (0..bag % 4).map(|i| ((bag * 5 + i * i) % v) as u32).collect::<Vec<_>>()));
    vec![
        Case::new("embedding_bag", [draw.values(&[v, d])], move |[table]| embedding_bag(table, &bags)),
        Case::new("matmul of batches", [draw.values(&[b, t, d]), draw.values(&[b, d, h])], |[x, y]| x.matmul(y)),
        Case::new("matmul by one matrix", [draw.values(&[b, t, d]), draw.values(&[d, h])], |[x, y]| x.matmul(y)),
        Case::new("matmul of heads", [draw.values(&[2, b, t, d]), draw.values(&[2, b, d, h])], |[x, y]| x.matmul(y)),
        Case::new("linear", [draw.values(&[b, t, d]), draw.values(&[h, d]), draw.values(&[h])], |[x, w, b]| {
            linear(x, w, Some(b))
        }),
        Case::new(
            "linear of one row",
            [draw.values(&[1, d]), draw.values(&[h * t, d]), draw.values(&[h * t])],
            |[x, w, b]| linear(x, w, Some(b)),
        ),
        Case::new("linear without bias", [draw.values(&[b, t, d]), draw.values(&[h, d])], |[x, w]| linear(x, w, None)),
        Case::new("embedding", [draw.values(&[v, d])], move |[table]| embedding(table, &ids)),
        Case::new("embedding, wider", [draw.values(&[v, h])], move |[table]| embedding(table, &other_ids)),
    ]
}

fn rows(Axes { b, t, d, .. }: Axes, draw: &mut Draw) -> Vec<Case> {
    let norm = [draw.values(&[b, t, d]), draw.away_from_zero(&[d]), draw.values(&[d])];
    vec![
        Case::new("layer_norm", norm, |[x, gain, shift]| layer_norm(x, gain, shift, 1e-5)),
        Case::new("softmax", [draw.values(&[b, t, d])], |[x]| x.softmax()),
        Case::new("log_softmax", [draw.values(&[b, t, d])], |[x]| x.log_softmax()),
        Case::new("log_sum_exp", [draw.values(&[b, t, d])], |[x]| x.log_sum_exp()),
    ]
}

fn losses(Axes { b, t, h, .. }: Axes, draw: &mut Draw) -> Vec<Case> {
    let mut cases = Vec::new();
    for reduction in [Reduction::Mean, Reduction::Sum, Reduction::None] {
        for (smoothing, weighted, some_ignored) in
            [(0.0, false, false), (0.0, false, true), (0.1, false, false), (0.0, true, false), (0.1, true, true)]
        {
            let targets = if some_ignored { with_ignored(&draw.ids(h, &[b, t])) } else { draw.ids(h, &[b, t]) };
            let how =
                CrossEntropy { smoothing, class_weights: weighted.then(|| draw.between(&[h], 0.25, 3.0)), reduction };
            let name = format!(
                "cross_entropy, {reduction:?}, smoothing {smoothing}, weighted {weighted}, some ignored {some_ignored}"
            );
            cases.push(Case::new(&name, [draw.values(&[b, t, h])], move |[x]| cross_entropy(x, &targets, &how)));
        }
    }
    cases
}

/// Every third target, from the second, does not count.
pub(crate) fn with_ignored(targets: &Ids) -> Ids {
    let data: Vec<u32> =
        targets.data().iter().enumerate().map(|(i, &id)| if i % 3 == 1 { CrossEntropy::IGNORED } else { id }).collect();
    Ids::new(targets.shape(), data)
}

fn attentions(Axes { b, t, d, .. }: Axes, draw: &mut Draw) -> Vec<Case> {
    let heads = 2;
    let mut cases = Vec::new();
    for causal in [false, true] {
        for lengths in [vec![t; b], (0..b).map(|row| t - row).collect::<Vec<_>>()] {
            let name = |kind| format!("{kind}, causal {causal}, lengths {lengths:?}");
            let (key_lengths, key_lengths_too) = (lengths.clone(), lengths.clone());
            let separate =
                [draw.values(&[b, t, heads * d]), draw.values(&[b, t, heads * d]), draw.values(&[b, t, heads * d])];
            cases.push(Case::new(&name("attention"), separate, move |[q, k, v]| {
                attention(q, k, v, heads, AttentionMask { causal, key_lengths: Some(&key_lengths) })
            }));
            cases.push(Case::new(&name("self_attention"), [draw.values(&[b, t, 3 * heads * d])], move |[qkv]| {
                self_attention(qkv, heads, AttentionMask { causal, key_lengths: Some(&key_lengths_too) })
            }));
        }
    }
    cases
}

/// Queries over sources of their own, of which one is whole and the others end early.
fn sources(Axes { b, t, d, h, .. }: Axes, draw: &mut Draw) -> Vec<Case> {
    let (heads, of) = (2, (0..b).collect::<Vec<_>>());
    let (lengths, too) = ((0..b).map(|row| t - row).collect::<Vec<_>>(), of.clone());
    let lengths_too = lengths.clone();
    let multi = [draw.values(&[b, h, heads * d]), draw.values(&[b, t, 2 * heads * d])];
    let reach = 2.0 / (d as f32).sqrt(); // keeps scores near 1, where no weight is all
    let energy = draw.between(&[d], -reach, reach);
    let additive = [draw.values(&[b, t, d]), draw.values(&[b, t, h]), draw.values(&[b, d]), energy];
    vec![
        Case::new("cross_attention", multi, move |[q, kv]| {
            cross_attention(q, kv, heads, Sources { of: &of, lengths: &lengths })
        }),
        Case::new("additive_attention", additive, move |[keys, values, query, energy]| {
            additive_attention(keys, values, query, energy, Sources { of: &too, lengths: &lengths_too }).context
        }),
    ]
}

fn recurrence(Axes { b, t, d, h, .. }: Axes, draw: &mut Draw) -> Vec<Case> {
    let reach = 2.0 / (h as f32).sqrt(); // keeps sums over the states near 1, where no gate is saturated
    let mut cases = Vec::new();
    // Few rows, for which weights are used as they lie, and rows enough for several blocks of them.
    for (rows, steps) in [(b, t), (t, b), (d, b)] {
        let drive = |draw: &mut Draw, gates: usize| draw.values(&[rows, steps, gates * h]);
        let weight = |draw: &mut Draw, gates: usize| draw.between(&[gates * h, h], -reach, reach);
        let state = |draw: &mut Draw| draw.values(&[rows, h]);
        for activation in [RnnActivation::Tanh, RnnActivation::Sigmoid] {
            let inputs = [drive(draw, 1), weight(draw, 1), state(draw)];
            cases.push(Case::new(&format!("rnn {activation:?} of {rows} rows"), inputs, move |[drive, weight, h0]| {
                rnn(drive.clone(), weight, h0, activation)
            }));
        }
        for reset in [GruReset::Before, GruReset::After] {
            let inputs = [drive(draw, 3), weight(draw, 3), draw.values(&[3 * h]), state(draw)];
            cases.push(Case::new(
                &format!("gru {reset:?} of {rows} rows"),
                inputs,
                move |[drive, weight, bias, h0]| gru(drive.clone(), weight, bias, h0, reset).h,
            ));
        }
        let inputs = [drive(draw, 4), weight(draw, 4), state(draw), state(draw)];
        cases.push(Case::new(&format!("lstm of {rows} rows"), inputs, move |[drive, weight, h0, c0]| {
            let swept = lstm(drive.clone(), weight, h0, c0);
            cat(&[&swept.h, &swept.last_c.reshape(&[rows, 1, h])], 1)
        }));
    }
    cases
}

fn arrangements(Axes { b, t, d, h, .. }: Axes, draw: &mut Draw) -> Vec<Case> {
    let mut one = |name: &str, f: Box<dyn Fn(&Tensor) -> Tensor + Send + Sync>| {
        Case::new(name, [draw.values(&[b, t, d])], move |[x]| f(x))
    };
    let mut cases = vec![
        one("reshape", Box::new(move |x| x.reshape(&[d, b * t]))),
        one("transpose", Box::new(|x| x.t())),
        one("swap of outer axes", Box::new(|x| x.swap(0, 1))),
        one("swap across an axis", Box::new(|x| x.swap(2, 0))),
        one("select", Box::new(move |x| x.select(&[b - 1, 0, b - 1]))),
        one("narrow 0", Box::new(move |x| x.narrow(0, 1, b - 1))),
        one("narrow 1", Box::new(move |x| x.narrow(1, 1, t - 2))),
        one("narrow 2", Box::new(move |x| x.narrow(2, 2, d - 3))),
    ];
    cases.push(Case::new("split", [draw.values(&[b, t, 3 * d])], |[x]| {
        let [p, q, r] = x.split();
        &(&p * &q) - &r
    }));
    cases.push(Case::new("cat 0", [draw.values(&[b, t, d]), draw.values(&[1, t, d])], |[x, y]| cat(&[x, y], 0)));
    cases.push(Case::new("cat 1", [draw.values(&[b, t, d]), draw.values(&[b, 2, d])], |[x, y]| cat(&[x, y], 1)));
    cases.push(Case::new("cat 2", [draw.values(&[b, t, d]), draw.values(&[b, t, h])], |[x, y]| cat(&[x, y], 2)));
    for axis in 0..4 {
        let pair = [draw.values(&[b, t, d]), draw.values(&[b, t, d])];
        cases.push(Case::new(&format!("stack {axis}"), pair, move |[x, y]| stack(&[x, y], axis)));
    }
    cases
}

fn times(Axes { b, t, d, .. }: Axes, draw: &mut Draw) -> Vec<Case> {
    // Numbers that a small step does not put into another order.
    let apart: Vec<f32> = (0..b * t * d).map(|i| ((i * 37) % (b * t * d)) as f32 / 8.0 - 2.0).collect();
    let lengths: Vec<usize> = (0..b).map(|row| t - row).collect();
    let mut cases =
        vec![Case::new("max_over_time", [Tensor::new(&[b, t, d], apart)], move |[x]| max_over_time(x, &lengths))];
    cases.extend([1, 2, 3, 8].map(|width| {
        Case::new(&format!("windows of {width}"), [draw.values(&[b, t, d])], move |[x]| windows(x, width))
    }));
    cases
}

/// Operations that are given the same tensor twice: its gradient is the sum of both.
pub(crate) fn twice(Axes { b, t, d, v, .. }: Axes) -> Vec<Case> {
    let mut draw = Draw::new(11);
    let ids = draw.ids(v, &[b, t]);
    let square = |draw: &mut Draw| [draw.between(&[d, d], 2.0, 5.0)];
    vec![
        Case::new("x + x", square(&mut draw), |[x]| x + x),
        Case::new("x - 2 x", square(&mut draw), |[x]| x - &(x * 2.0)),
        Case::new("x x", square(&mut draw), |[x]| x * x),
        Case::new("x / (x + its first row)", square(&mut draw), |[x]| x / &(x + &x.narrow(0, 0, 1))),
        Case::new("x x, matrices", square(&mut draw), |[x]| x.matmul(x)),
        Case::new("x xᵀ", square(&mut draw), |[x]| linear(x, x, None)),
        Case::new("layer_norm by its own first row", square(&mut draw), |[x]| {
            let row = x.narrow(0, 0, 1).reshape(&[x.width()]);
            layer_norm(x, &row, &row, 1e-5)
        }),
        Case::new("x beside x", square(&mut draw), |[x]| cat(&[x, x], 1)),
        Case::new("x over x", square(&mut draw), |[x]| stack(&[x, x], 0)),
        Case::new("softmax x ⊙ x", square(&mut draw), |[x]| &x.softmax() * x),
        Case::new("a table that is embedding and output", [draw.values(&[v, d])], move |[table]| {
            linear(&embedding(table, &ids), table, None)
        }),
    ]
}
