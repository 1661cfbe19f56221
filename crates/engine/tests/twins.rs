//! Fused operations against their plain twins of elementary ones, outputs and gradients: on small odd sizes, and on odd
//! sizes at which the work is shared among threads. Attention and recurrence have files of their own.

mod common;

use common::cases::{Axes, LARGE, SMALL, with_ignored};
use common::{Case, Draw, Unary, assert_close, assert_twins, twins};
use rushlight_engine::{
    Bags, CrossEntropy, Reduction, Rng, Tensor, cat, cross_entropy, dropout, embedding, embedding_bag, layer_norm,
    linear, windows,
};

/// Both round each sum to f32, in another order: √129 roundings of 2⁻²⁴ over the longest axis are 7e-7.
const TOLERANCE: f64 = 5e-6;

const SIZES: [Axes; 2] = [SMALL, LARGE];

#[test]
fn linear_is_a_product_and_a_sum() {
    for Axes { b, t, d, h, .. } in SIZES {
        let mut draw = Draw::new(1);
        let inputs = [draw.values(&[b, t, d]), draw.values(&[h, d]), draw.values(&[h])];
        let fused = Case::new("linear", inputs.clone(), |[x, w, b]| linear(x, w, Some(b)));
        assert_twins(
            &fused,
            &Case::new("product and sum", inputs, |[x, w, b]| twins::linear(x, w, Some(b))),
            TOLERANCE,
        );

        let inputs = [draw.values(&[b, t, d]), draw.values(&[h, d])];
        let fused = Case::new("linear without bias", inputs.clone(), |[x, w]| linear(x, w, None));
        assert_twins(&fused, &Case::new("product", inputs, |[x, w]| twins::linear(x, w, None)), TOLERANCE);
    }
}

/// Rows of a table that come up more than once go through the product once.
#[test]
fn linear_of_looked_up_rows_is_linear_of_the_rows() {
    for Axes { b, t, d, h, .. } in SIZES {
        let mut draw = Draw::new(9);
        let rows = (b * t / 3).max(2);
        let ids = draw.ids(rows, &[b, t]);
        let ids_too = ids.clone();
        let inputs = [draw.values(&[rows, d]), draw.values(&[h, d]), draw.values(&[h])];
        let fused = Case::new("linear of rows", inputs.clone(), move |[table, w, b]| {
            linear(&embedding(table, &ids), w, Some(b))
        });
        let plain = Case::new("product of rows", inputs, move |[table, w, b]| {
            twins::linear(&embedding(table, &ids_too), w, Some(b))
        });
        assert_twins(&fused, &plain, TOLERANCE);
    }
}

/// A reshaped tensor is its numbers alone; one that comes straight from its operation may be made again on the way back.
#[test]
fn what_is_made_again_gives_the_bits_of_what_is_kept() {
    for Axes { b, t, d, h, .. } in SIZES {
        let mut draw = Draw::new(12);
        let shape = [b, t, d];
        let [x, w, gain, shift] = [&shape[..], &[h, d], &[d], &[d]].map(|shape| draw.values(shape).into_leaf());
        type Made = fn(&Tensor, &Tensor, &Tensor) -> Tensor;
        let all: [(&str, Made); 3] = [
            ("gelu", |x, _, _| x.gelu()),
            ("silu", |x, _, _| x.silu()),
            ("layer_norm", |x, gain, shift| layer_norm(x, gain, shift, 1e-5)),
        ];
        for (name, make) in all {
            let gradients = |kept: bool| {
                let y = make(&x, &gain, &shift);
                let y = if kept { y.reshape(&shape) } else { y };
                let grads = linear(&y, &w, None).square().sum().backward();
                [&x, &w].map(|leaf| grads.of(leaf).expect("a gradient").data().to_vec())
            };
            assert_eq!(gradients(true), gradients(false), "{name}");
        }
    }
}

#[test]
fn a_sum_over_its_operand_leaves_what_others_hold() {
    let mut draw = Draw::new(13);
    let [a, b] = [draw.values(&[3, 5]).into_leaf(), draw.values(&[3, 5]).into_leaf()];
    let sums: [fn(&Tensor, Tensor) -> Tensor; 2] = [|a, b| a + &b, |a, b| a + b];
    let alone = sums.map(|sum| sum(&a, b.scale(2.0)));
    let shared = sums.map(|sum| {
        let held = b.scale(2.0);
        let sum = sum(&a, held.clone());
        assert!(held.data().iter().zip(b.data()).all(|(held, b)| *held == 2.0 * b));
        sum
    });
    for sum in alone.iter().chain(&shared) {
        assert_eq!(sum.data(), alone[0].data());
        let grads = (sum * sum).sum().backward();
        let twice: Vec<f32> = sum.data().iter().map(|sum| 2.0 * sum).collect();
        assert_eq!(grads.of(&a).expect("a gradient").data(), twice);
        assert_eq!(grads.of(&b).expect("a gradient").data(), twice.iter().map(|x| 2.0 * x).collect::<Vec<_>>());
    }
}

#[test]
fn a_tap_on_looked_up_rows_changes_no_bit_and_has_all_of_their_gradient() {
    let Axes { b, t, d, h, .. } = SMALL;
    let mut draw = Draw::new(10);
    let (rows, ids) = (3, draw.ids(3, &[b, t]));
    let (table, w) = (draw.values(&[rows, d]).into_leaf(), draw.values(&[h, d]).into_leaf());
    let gradients = |tapped: bool, plain: bool| {
        let x = embedding(&table, &ids);
        if tapped {
            x.tap();
        }
        // Two uses: one that goes around the rows and one that goes through them.
        let y = if plain { twins::linear(&x, &w, None) } else { linear(&x, &w, None) };
        let grads = (y.square().sum() + x.square().sum()).backward();
        [grads.of(&table), grads.of(&w), grads.of(&x)].map(Option::<&Tensor>::cloned)
    };
    let ([table_apart, w_apart, nothing], [table_seen, w_seen, rows_seen]) =
        (gradients(false, false), gradients(true, false));
    assert!(nothing.is_none());
    for (apart, seen) in [(table_apart, table_seen), (w_apart, w_seen)] {
        assert_eq!(apart.expect("a leaf").data(), seen.expect("a leaf").data());
    }
    let [.., plain] = gradients(true, true);
    assert_close("rows", &rows_seen.expect("tapped"), &plain.expect("tapped"), TOLERANCE);
}

#[test]
fn layer_norm_is_what_its_equation_says() {
    for Axes { b, t, d, .. } in SIZES {
        let mut draw = Draw::new(2);
        let inputs = [draw.values(&[b, t, d]), draw.away_from_zero(&[d]), draw.values(&[d])];
        let fused = Case::new("layer_norm", inputs.clone(), |[x, gain, shift]| layer_norm(x, gain, shift, 1e-5));
        assert_twins(
            &fused,
            &Case::new("by hand", inputs, |[x, gain, shift]| twins::normalise(x, 2, gain, shift, 1e-5)),
            TOLERANCE,
        );
    }
}

#[test]
fn cross_entropy_is_the_sum_of_wanted_log_probabilities() {
    for Axes { b, t, h, .. } in SIZES {
        let mut draw = Draw::new(3);
        for reduction in [Reduction::Mean, Reduction::Sum, Reduction::None] {
            for (smoothing, weighted) in [(0.0, false), (0.1, false), (0.0, true), (0.1, true)] {
                let targets = with_ignored(&draw.ids(h, &[b, t]));
                let how = CrossEntropy {
                    smoothing,
                    class_weights: weighted.then(|| draw.between(&[h], 0.25, 3.0)),
                    reduction,
                };
                let (targets_too, how_too) = (targets.clone(), how.clone());
                let inputs = [draw.values(&[b, t, h])];
                let fused = Case::new(&format!("{how:?}"), inputs.clone(), move |[x]| cross_entropy(x, &targets, &how));
                assert_twins(
                    &fused,
                    &Case::new("by hand", inputs, move |[x]| twins::cross_entropy(x, &targets_too, &how_too)),
                    TOLERANCE,
                );
            }
        }
    }
}

#[test]
fn softmax_is_exponentials_over_their_sum() {
    for Axes { b, t, d, .. } in SIZES {
        let inputs = [Draw::new(4).values(&[b, t, d])];
        let plain = Case::new("by hand", inputs.clone(), |[x]| x.exp() / x.exp().sum_along(2));
        assert_twins(&Case::new("softmax", inputs.clone(), |[x]| x.softmax()), &plain, TOLERANCE);

        let plain = Case::new("by hand", inputs.clone(), |[x]| x - &x.exp().sum_along(2).ln());
        assert_twins(&Case::new("log_softmax", inputs.clone(), |[x]| x.log_softmax()), &plain, TOLERANCE);

        let plain = Case::new("by hand", inputs.clone(), |[x]| x.exp().sum_along(2).ln());
        assert_twins(&Case::new("log_sum_exp", inputs, |[x]| x.log_sum_exp()), &plain, TOLERANCE);
    }
}

#[test]
fn embedding_is_a_product_with_one_hot_rows() {
    for Axes { b, t, h, v, .. } in SIZES {
        let mut draw = Draw::new(5);
        let ids = draw.ids(v, &[b, t]);
        let (one_hot, inputs) = (twins::one_hot(&ids, v), [draw.values(&[v, h])]);
        let fused = Case::new("embedding", inputs.clone(), move |[table]| embedding(table, &ids));
        assert_twins(&fused, &Case::new("by hand", inputs, move |[table]| one_hot.matmul(table)), TOLERANCE);
    }
}

#[test]
fn a_bag_is_the_mean_of_its_rows() {
    for Axes { b, t, h, v, .. } in SIZES {
        let mut draw = Draw::new(5);
        let bags: Vec<Vec<u32>> =
            (0..b * t).map(|bag| (0..1 + bag % 4).map(|i| ((bag + i * i) % v) as u32).collect()).collect();
        let mut shares = Tensor::zeros(&[b * t, v]);
        for (row, bag) in shares.data_mut().chunks_exact_mut(v).zip(&bags) {
            bag.iter().for_each(|&id| row[id as usize] += 1.0 / bag.len() as f32);
        }
        let (bags, inputs) = (Bags::new(bags), [draw.values(&[v, h])]);
        let fused = Case::new("embedding_bag", inputs.clone(), move |[table]| embedding_bag(table, &bags));
        assert_twins(&fused, &Case::new("by hand", inputs, move |[table]| shares.matmul(table)), TOLERANCE);
    }
}

#[test]
fn windows_are_shifted_rows_side_by_side() {
    for Axes { b, t, d, .. } in SIZES {
        for width in [1, 2, 3, 6] {
            let inputs = [Draw::new(5).values(&[b, t, d])];
            let plain = move |[x]: &[Tensor; 1]| {
                let nothing = |places: usize| Tensor::zeros(&[b, places, d]);
                let before = (width - 1) / 2;
                let padded = cat(&[&nothing(before), x, &nothing(width - 1 - before)], 1);
                let shifted: Vec<Tensor> = (0..width).map(|place| padded.narrow(1, place, t)).collect();
                cat(&shifted.iter().collect::<Vec<_>>(), 2)
            };
            let fused = Case::new("windows", inputs.clone(), move |[x]| windows(x, width));
            assert_twins(&fused, &Case::new("by hand", inputs, plain), TOLERANCE);
        }
    }
}

#[test]
fn matmul_is_a_sum_of_products() {
    // [B, M, K] and [B, K, N], stretched to [B, M, K, N] and summed over K.
    for (b, m, k, n) in [(2, 3, 5, 7), (3, 1, 17, 1), (1, 65, 33, 129)] {
        let mut draw = Draw::new(6);
        let inputs = [draw.values(&[b, m, k]), draw.values(&[b, k, n])];
        let plain = move |[x, y]: &[Tensor; 2]| {
            (x.reshape(&[b, m, k, 1]) * y.reshape(&[b, 1, k, n])).sum_along(2).reshape(&[b, m, n])
        };
        assert_twins(
            &Case::new("matmul", inputs.clone(), |[x, y]| x.matmul(y)),
            &Case::new("by hand", inputs, plain),
            TOLERANCE,
        );
    }
}

#[test]
fn activations_are_what_their_equations_say() {
    for Axes { b, t, d, .. } in SIZES {
        let inputs = [Draw::new(7).away_from_zero(&[b, t, d])];
        let check = |name, fused: Unary, plain: Unary| {
            let fused = Case::new(name, inputs.clone(), move |[x]| fused(x));
            assert_twins(&fused, &Case::new("by hand", inputs.clone(), move |[x]| plain(x)), TOLERANCE);
        };
        check("sigmoid", Tensor::sigmoid, |x| ((-x).exp() + 1.0).reciprocal());
        check("tanh", Tensor::tanh, |x| ((x * 2.0).exp() - 1.0) / ((x * 2.0).exp() + 1.0));
        check("silu", Tensor::silu, |x| x * x.sigmoid());
        check("relu", Tensor::relu, |x| (x + &x.square().sqrt()) * 0.5);
        check("square", Tensor::square, |x| x * x);
        check("reciprocal", Tensor::reciprocal, |x| Tensor::full(&[], 1.0) / x);
    }
}

#[test]
fn dropout_is_a_product_with_its_mask() {
    for Axes { b, t, d, .. } in SIZES {
        let (rate, rng) = (0.3, Rng::new(8));
        let mask = dropout(&Tensor::full(&[b, t, d], 1.0), rate, &rng);
        let inputs = [Draw::new(8).values(&[b, t, d])];
        let fused = Case::new("dropout", inputs.clone(), move |[x]| dropout(x, rate, &rng));
        assert_twins(&fused, &Case::new("by hand", inputs, move |[x]| x * &mask), TOLERANCE);
    }
}
