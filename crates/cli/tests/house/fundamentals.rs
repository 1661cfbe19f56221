//! The numbers of docs/fundamentals.md, computed by the engine. A line of the page that holds a number is held against
//! the line that is made here; the spaces between its words do not count.

use crate::Page;
use rushlight_engine::{
    AttentionMask, CrossEntropy, Ids, LstmSweep, RnnActivation, Tensor, attention, cross_entropy, layer_norm, lstm, rnn,
};
use rushlight_models::Sizes;
use rushlight_models::mlp;
use rushlight_nn::layers::{BatchNorm1d, masks};
use rushlight_nn::{Builder, Context};
use rushlight_score::{bits, perplexity};
use serde_json::json;

/// Holds that the page says `line`.
#[track_caller]
fn says(line: &str) {
    let one_space = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = one_space(&Page::read("docs/fundamentals.md").text);
    assert!(page.contains(&one_space(line)), "docs/fundamentals.md does not say: {line}");
}

/// Four decimals, with the sign that people write.
fn number(value: f32) -> String {
    format!("{value:.4}").replace('-', "−")
}

fn numbers(values: &[f32]) -> String {
    values.iter().map(|&value| number(value)).collect::<Vec<_>>().join(" ")
}

fn scalar(value: f32) -> Tensor {
    Tensor::leaf(&[1], [value])
}

#[test]
fn a_neuron_its_loss_its_gradient_and_a_step() {
    let inputs = [0.5, -1.0];
    let [w1, w2, b] = [0.8, 0.3, 0.1].map(scalar);
    let neuron = |w1: &Tensor, w2: &Tensor, b: &Tensor| {
        let sum = w1.scale(inputs[0]) + w2.scale(inputs[1]) + b;
        let y = sum.tanh();
        (sum, y)
    };
    let (sum, y) = neuron(&w1, &w2, &b);
    [&sum, &y].into_iter().for_each(Tensor::tap);
    let loss = (&y - &Tensor::new(&[1], [0.5])).square().sum();
    says(&format!("sum = 0.8 · 0.5 + 0.3 · (−1) + 0.1 = {}", number(sum.item())));
    says(&format!("y = tanh({}) = {}", number(sum.item()), number(y.item())));
    says(&format!("loss = ({} − 0.5)² = {}", number(y.item()), number(loss.item())));

    let grads = loss.backward();
    let of = |tensor: &Tensor| number(grads.of(tensor).unwrap().item());
    says(&format!("by y 2 · ({} − 0.5) = {}", number(y.item()), of(&y)));
    says(&format!("by sum {} · (1 − {}²) = {}", of(&y), number(y.item()), of(&sum)));
    says(&format!("by w₁ {} · 0.5 = {}", of(&sum), of(&w1)));
    says(&format!("by w₂ {} · (−1) = {}", of(&sum), of(&w2)));
    says(&format!("by b {}", of(&b)));

    let [w1, w2, b] = [w1, w2, b].map(|weight| scalar(weight.item() - 0.1 * grads.of(&weight).unwrap().item()));
    let (sum, y) = neuron(&w1, &w2, &b);
    says(&format!("w₁ = {}, w₂ = {}, b = {}", number(w1.item()), number(w2.item()), number(b.item())));
    says(&format!(
        "y = tanh({}) = {} loss = {}",
        number(sum.item()),
        number(y.item()),
        number((y.item() - 0.5).powi(2))
    ));
}

#[test]
fn the_parameters_of_names_mlp() {
    let count = (mlp::ENTRY.parameters)(&json!({"embed": 10, "hidden": 200}), Sizes::new(27, 3));
    says(&format!("27 · 10 + 200 · (30 + 1) + 27 · (200 + 1) = {}", count.unwrap()));
}

#[test]
fn losses_and_yardsticks() {
    let shares = Tensor::new(&[4], [0.9, 0.5, 0.25, 0.01]);
    says(&format!("loss in nats {}", numbers((-&shares.ln()).data())));
    let chance = 27_f64.ln();
    says(&format!("ln 27 = {chance:.4} nats = {:.4} bits, a perplexity of {:.0}", bits(chance), perplexity(chance)));
}

#[test]
fn logits_and_softmax() {
    let logits = Tensor::leaf(&[1, 3], [2.0, 1.0, 0.0]);
    let powers = logits.exp();
    says(&format!("e to each {} sum {}", numbers(powers.data()), number(powers.sum().item())));
    let shares = logits.softmax();
    says(&format!("probability {}", numbers(shares.data())));
    let loss = cross_entropy(&logits, &Ids::new(&[1], vec![2]), &CrossEntropy::default());
    says(&format!("−ln {} = {}", number(shares.data()[2]), number(loss.item())));
    says(&format!("gradient {}", numbers(loss.backward().of(&logits).unwrap().data())));
    says(&format!("softmax of {} = {}", numbers(shares.data()).replace(' ', ", "), numbers(shares.softmax().data())));
    says(&format!("at 0.5 {}", numbers(logits.scale(1.0 / 0.5).softmax().data())));
    let floor = |vocabulary: usize| {
        let mut sure = vec![0.0; vocabulary];
        sure[0] = 1.0;
        let sure = Tensor::new(&[1, vocabulary], sure);
        number(cross_entropy(&sure, &Ids::new(&[1], vec![0]), &CrossEntropy::default()).item())
    };
    says(&format!("is {} for 27 tokens and {} for 8005", floor(27), floor(8005)));
}

#[test]
fn start_values() {
    let mut logits = vec![0.0; 27];
    logits[1] = 10.0;
    let loss = cross_entropy(&Tensor::new(&[1, 27], logits), &Ids::new(&[1], vec![0]), &CrossEntropy::default());
    says(&format!("ln(e¹⁰ + 26) = {}", number(loss.item())));
    let sums = Tensor::leaf(&[4], [0.0, 1.0, 3.0, 5.0]);
    let slopes = sums.tanh().sum().backward();
    says(&format!("slope {}", numbers(slopes.of(&sums).unwrap().data())));
    says(&format!("√30 = {}", number(30_f32.sqrt())));
    let gain = rushlight_nn::init::gain("tanh").unwrap();
    says(&format!("(5/3) / √30 = {}", number(gain / 30_f32.sqrt())));
}

#[test]
fn normalisation() {
    let mut build = Builder::new(0);
    let norm = BatchNorm1d::new(&mut build, "norm", 1);
    let examples = Tensor::new(&[3, 1], [1.0, 3.0, 5.0]);
    let mean = examples.mean_along(0);
    let variance = (&examples - &mean).square().mean_along(0);
    says(&format!("mean {:.0}, variance {}", mean.item(), number(variance.item())));
    let normed = norm.apply(&Context::train(rushlight_engine::Rng::new(0)), &examples);
    says(&numbers(normed.data()));
    let running = [&norm.running_mean, &norm.running_var].map(|statistic| number(statistic.value().item()));
    says(&format!("running mean {}, running variance {}", running[0], running[1]));
    // The same sum along the other side.
    let row = Tensor::new(&[1, 3], [1.0, 3.0, 5.0]);
    let ones = Tensor::full(&[3], 1.0);
    assert_eq!(numbers(layer_norm(&row, &ones, &Tensor::zeros(&[3]), 1e-5).data()), numbers(normed.data()));
}

#[test]
fn recurrence() {
    let drive = Tensor::leaf(&[1, 3, 1], [1.0, 0.0, 0.0]);
    let h = rnn(drive.clone(), &Tensor::new(&[1, 1], [0.5]), &Tensor::zeros(&[1, 1]), RnnActivation::Tanh);
    let [first, second, third] = h.data() else { panic!("three steps") };
    says(&format!("h = {}", numbers(h.data()).replace(' ', ", ")));
    // The gradient of the last state by the first: by the first sum, less the slope of its own tanh.
    let back = h.narrow(1, 2, 1).sum().backward().of(&drive).unwrap().data()[0] / (1.0 - first * first);
    says(&format!("0.5 · (1 − {}²) · 0.5 · (1 − {}²) = {}", number(*third), number(*second), number(back)));
    says(&format!("0.5¹⁰ = {}", number(0.5_f32.powi(10))));
    says(&format!("the same product is {}", number(1.5_f32.powi(10))));
}

#[test]
fn gates() {
    let drive = Tensor::new(&[1, 1, 4], [0.0, 3.0, 1.0, 0.0]);
    let past = |value: f32| Tensor::new(&[1, 1], [value]);
    let LstmSweep { h, gates, cells, .. } = lstm(drive.clone(), &Tensor::zeros(&[4, 1]), &past(0.0), &past(2.0));
    let [i, f, g, o] = gates.data() else { panic!("four gates") };
    let [i, f, g, o] = [i, f, g, o].map(|gate| number(*gate));
    says(&format!("i = {i}, f = {f}, g = {g}, o = {o}"));
    let c = number(cells.item());
    says(&format!("c = {f} · 2 + {i} · {g} = {c} h = {o} · tanh({c}) = {}", number(h.item())));
    let kept = |share: f32| number(share.powi(50));
    says(&format!("f = 0.95 leaves {} f = 0.99 leaves {}", kept(0.95), kept(0.99)));
    assert!(0.5_f64.powi(50) < 1e-15);
    let (z, h, n) = (scalar(0.9), scalar(1.0), scalar(-0.5));
    says(&format!("h = 0.9 · 1 + 0.1 · (−0.5) = {}", number((&n + &(&z * &(&h - &n))).item())));
}

#[test]
fn looking_back() {
    let query = Tensor::new(&[1, 1, 2], [1.0, 0.0]);
    let keys = Tensor::new(&[1, 3, 2], [1.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    let values = Tensor::new(&[1, 3, 2], [1.0, 0.0, 0.0, 0.0, 4.0, 0.0]);
    let scores = query.matmul(&keys.t()).scale(1.0 / 2_f32.sqrt());
    says(&format!("scores {}", numbers(scores.data())));
    let weights = scores.softmax();
    says(&format!("weights {}", numbers(weights.data())));
    let answer = attention(&query, &keys, &values, 1, AttentionMask::default());
    let [a, b, c] = weights.data() else { panic!("three weights") };
    let products = format!("{} · 1 + {} · 0 + {} · 4", number(*a), number(*b), number(*c));
    says(&format!("answer {products} = {}", number(answer.data()[0])));
    says(&masks::causal(3, 3).to_string());
    says(&format!("at 64 tokens {} scores a head, at 1024 already {}", 64 * 64, 1024 * 1024));
}
