//! What every model shows to those who watch: which sites, of which kind and shape, with which gradient; and that
//! watching changes nothing.

mod common;

use common::{Case, ROWS, TAGS, TIME, VOCABULARY, assert_near, bits, gradient_bits, loss, relative, small, training};
use rushlight_engine::{Grads, Tensor};
use rushlight_models::Model;
use rushlight_nn::SiteKind::{self, Activation, Attention, Gate, Inner, Logits, PreActivation, Squashed, State};
use rushlight_nn::{Context, Observer, Role};

/// Taps every site, as those who watch do.
#[derive(Default)]
struct Watcher {
    sites: Vec<(String, SiteKind, Tensor)>,
}

impl Observer for Watcher {
    fn visit(&mut self, site: &str, kind: SiteKind, tensor: Tensor) -> Tensor {
        tensor.tap();
        self.sites.push((site.into(), kind, tensor.clone()));
        tensor
    }
}

/// What is seen of one training pass, and its gradients.
fn watch(case: &Case, model: &dyn Model) -> (Vec<(String, SiteKind, Tensor)>, Grads) {
    let mut watcher = Watcher::default();
    let logits = model.forward(&mut training().watched(&mut watcher), &case.input(ROWS, 3));
    (watcher.sites, loss(&logits).backward())
}

#[test]
fn watching_changes_no_bit() {
    for case in small() {
        let run = |cx: &mut Context| {
            let model = case.rough();
            let logits = model.forward(cx, &case.input(ROWS, 3));
            let grads = loss(&logits).backward();
            let statistics = model.params().iter().filter(|param| param.role() == Role::Statistic);
            let statistics: Vec<_> = statistics.map(|param| bits(&param.value())).collect();
            (bits(&logits), gradient_bits(model.params(), &grads), statistics)
        };
        let mut watcher = Watcher::default();
        assert!(run(&mut training()) == run(&mut training().watched(&mut watcher)), "{}: it did", case.name);
    }
}

#[test]
fn every_model_shows_its_sites() {
    for case in small().iter().filter(|case| !case.varied) {
        let (seen, _) = watch(case, &*case.rough());
        let seen: Vec<_> = seen.into_iter().map(|(site, kind, tensor)| (site, kind, tensor.shape().to_vec())).collect();
        assert_eq!(seen, sites(case.entry.name), "{}", case.name);
    }
}

type Site = (String, SiteKind, Vec<usize>);

/// The sites of a model in its small sizes, in the order of a pass.
fn sites(model: &str) -> Vec<Site> {
    const D: usize = 5; // the embedding of all models but one
    const H: usize = 7;
    let token = |width: usize| vec![ROWS, TIME, width];
    let one = |site: &str, kind, shape| vec![(site.to_string(), kind, shape)];
    let recurrent = |of_layer: &[(&str, SiteKind, usize)]| {
        let of_layer = of_layer.iter().map(|&(site, kind, width)| (site, kind, token(width))).collect::<Vec<_>>();
        [one("embed", Inner, token(D)), layers("layers", 3, &of_layer)].concat()
    };
    let before_logits = match model {
        "bigram" | "kneser_ney" => vec![],
        "feed_forward" => [(0, 7), (1, 5)]
            .into_iter()
            .flat_map(|(l, width)| {
                let shape = vec![ROWS, width];
                let (drive, active) = (format!("layers.{l}.drive"), format!("layers.{l}.active"));
                [(drive, PreActivation, shape.clone()), (active, Activation, shape)]
            })
            .collect(),
        "mlp" => {
            let hidden = vec![ROWS, H];
            let of_layer = [("drive", PreActivation, hidden.clone()), ("active", Squashed, hidden)];
            [one("x", Inner, vec![ROWS, 3 * D]), layers("hidden", 1, &of_layer)].concat()
        }
        "rnn" => recurrent(&[("sums", PreActivation, H), ("h", State, H)]),
        "lstm" => recurrent(&[("gates.ifgo", Gate, 4 * H), ("c", Inner, H), ("h", State, H)]),
        "gru" => recurrent(&[("gates.rzn", Gate, 3 * H), ("h", State, H)]),
        "gated_conv" => {
            let of_layer = [
                ("norm", Inner, token(D)),
                ("value", Inner, token(D)),
                ("gate.drive", PreActivation, token(D)),
                ("gate", Gate, token(D)),
                ("x", Inner, token(D)),
            ];
            let before = one("embed", Inner, token(D));
            [before, layers("layers", 3, &of_layer), one("norm", Inner, token(D))].concat()
        }
        "gpt" => {
            const D: usize = 12;
            const F: usize = 14;
            let of_block = [
                ("norm1", Inner, token(D)),
                ("attention.qkv", Inner, token(3 * D)),
                ("attention.mixed", Inner, token(D)),
                ("attention.skip", Inner, token(D)),
                ("norm2", Inner, token(D)),
                ("mlp.drive", PreActivation, token(F)),
                ("mlp.active", Activation, token(F)),
                ("mlp.skip", Inner, token(D)),
                ("x", Inner, token(D)),
            ];
            let before = [("positions", Inner, vec![1, TIME, D]), ("embed", Inner, token(D))];
            [under("", &before), layers("blocks", 2, &of_block), one("norm", Inner, token(D))].concat()
        }
        "encoder_decoder" => {
            let source = |width: usize| vec![ROWS, PLACES_SEEN, width];
            let of_encoder = [("embed", Inner, source(D)), ("gates.rzn", Gate, source(3 * H)), ("h", State, source(H))];
            let of_decoder = [("decoder.gates.rzn", Gate, token(3 * H)), ("decoder.h", State, token(H))];
            let middle = [("c", Inner, vec![ROWS, H]), ("embed", Inner, token(D))];
            [under("encoder.", &of_encoder), under("", &middle), under("", &of_decoder)].concat()
        }
        "seq2seq" => {
            let source = |width: usize| vec![ROWS, PLACES_SEEN, width];
            let of_layer = |shape: &dyn Fn(usize) -> Vec<usize>| {
                [("gates.ifgo", Gate, shape(4 * H)), ("c", Inner, shape(H)), ("h", State, shape(H))]
            };
            let encoder = layers("encoder", 3, &of_layer(&source));
            let decoder = layers("decoder", 3, &of_layer(&token));
            [one("encoder.embed", Inner, source(D)), encoder, one("embed", Inner, token(D)), decoder].concat()
        }
        "bahdanau" => {
            let source = |width: usize| vec![ROWS, PLACES_SEEN, width];
            let of_encoder = [
                ("embed", Inner, source(D)),
                ("forward.gates.rzn", Gate, source(3 * H)),
                ("forward.h", State, source(H)),
                ("backward.gates.rzn", Gate, source(3 * H)),
                ("backward.h", State, source(H)),
            ];
            let of_decoder = [
                ("bridge", Squashed, vec![ROWS, H]),
                ("embed", Inner, token(D)),
                ("attention", Attention, token(PLACES_SEEN)),
                ("decoder.s", State, token(H)),
                ("context", Inner, token(2 * H)),
            ];
            [under("encoder.", &of_encoder), under("", &of_decoder)].concat()
        }
        "transformer" => {
            const D: usize = 12;
            const F: usize = 14;
            const K: usize = 3;
            let source = |width: usize| vec![ROWS, PLACES_SEEN, width];
            let of_encoder = [
                ("skip1", Inner, source(D)),
                ("norm1", Inner, source(D)),
                ("attention.qkv", Inner, source(3 * D)),
                ("attention.weights", Attention, vec![ROWS, K, PLACES_SEEN, PLACES_SEEN]),
                ("attention.mixed", Inner, source(D)),
                ("skip2", Inner, source(D)),
                ("norm2", Inner, source(D)),
                ("ffn.drive", PreActivation, source(F)),
                ("ffn.active", Activation, source(F)),
                ("x", Inner, source(D)),
            ];
            let of_decoder = [
                ("skip1", Inner, token(D)),
                ("norm1", Inner, token(D)),
                ("attention.qkv", Inner, token(3 * D)),
                ("attention.mixed", Inner, token(D)),
                ("skip2", Inner, token(D)),
                ("norm2", Inner, token(D)),
                ("cross.q", Inner, token(D)),
                ("cross.weights", Attention, vec![ROWS, K, TIME, PLACES_SEEN]),
                ("cross.mixed", Inner, token(D)),
                ("skip3", Inner, token(D)),
                ("norm3", Inner, token(D)),
                ("ffn.drive", PreActivation, token(F)),
                ("ffn.active", Activation, token(F)),
                ("y", Inner, token(D)),
            ];
            let before = |shape: Vec<usize>, times| [("positions", Inner, vec![1, times, D]), ("embed", Inner, shape)];
            let encoder = under("encoder.", &before(source(D), PLACES_SEEN));
            let encoder = [encoder, layers("encoder", 2, &of_encoder)].concat();
            [encoder, under("", &before(token(D), TIME)), layers("decoder", 2, &of_decoder)].concat()
        }
        "text_cnn" => {
            let word = |width: usize| vec![ROWS, PLACES_SEEN, width];
            let of_filter = [("drive", PreActivation, word(4)), ("active", Squashed, word(4))];
            let filters = [1, 2, 3].into_iter().flat_map(|k| under(&format!("filters.{k}."), &of_filter)).collect();
            [one("embed", Inner, word(D)), filters, one("sentence", Inner, vec![ROWS, 24])].concat()
        }
        "gru_tagger" => {
            let word = |width: usize| vec![ROWS, PLACES_SEEN, width];
            let of_way = [("gates.rzn", Gate, word(3 * H)), ("h", State, word(H))];
            let ways = ["forward", "backward"].into_iter().flat_map(|way| under(&format!("layers.0.{way}."), &of_way));
            [one("embed", Inner, word(D)), ways.collect(), one("sentence", Inner, vec![ROWS, 4 * H])].concat()
        }
        "encoder" => {
            const D: usize = 12;
            const F: usize = 14;
            const K: usize = 3;
            let word = |width: usize| vec![ROWS, PLACES_SEEN, width];
            let of_layer = [
                ("norm1", Inner, word(D)),
                ("attention.qkv", Inner, word(3 * D)),
                ("attention.weights", Attention, vec![ROWS, K, PLACES_SEEN, PLACES_SEEN]),
                ("attention.mixed", Inner, word(D)),
                ("skip1", Inner, word(D)),
                ("norm2", Inner, word(D)),
                ("ffn.drive", PreActivation, word(F)),
                ("ffn.active", Activation, word(F)),
                ("skip2", Inner, word(D)),
                ("x", Inner, word(D)),
            ];
            let before = [("embed", Inner, word(D)), ("positions", Inner, vec![1, PLACES_SEEN, D])];
            [under("", &before), layers("layers", 2, &of_layer), one("sentence", Inner, vec![ROWS, 2 * D])].concat()
        }
        other => panic!("{other}: its sites do not stand here"),
    };
    if ["text_cnn", "gru_tagger", "encoder"].contains(&model) {
        let tags = one("tag.logits", Logits, vec![ROWS, PLACES_SEEN, TAGS]);
        return [before_logits, one("logits", Logits, vec![ROWS, VOCABULARY]), tags].concat();
    }
    let logits = if ["feed_forward", "mlp"].contains(&model) { vec![ROWS, VOCABULARY] } else { token(VOCABULARY) };
    [before_logits, one("logits", Logits, logits)].concat()
}

/// Sites with the same beginning.
fn under(path: &str, sites: &[(&str, SiteKind, Vec<usize>)]) -> Vec<Site> {
    sites.iter().map(|(site, kind, shape)| (format!("{path}{site}"), *kind, shape.clone())).collect()
}

/// The places of the longest sentence that is watched.
const PLACES_SEEN: usize = 9;

/// The sites of `count` layers one after the other.
fn layers(name: &str, count: usize, of_layer: &[(&str, SiteKind, Vec<usize>)]) -> Vec<Site> {
    let of =
        |l: usize| of_layer.iter().map(move |(site, kind, shape)| (format!("{name}.{l}.{site}"), *kind, shape.clone()));
    (0..count).flat_map(of).collect()
}

#[test]
fn what_is_before_a_nonlinearity_has_the_gradient_of_the_bias_that_is_added_there() {
    for case in small() {
        let model = case.rough();
        let (seen, grads) = watch(&case, &*model);
        // A cell's sweep is one operation: of its gates the gradient before their functions is known.
        let is_before = |site: &str, kind| kind == PreActivation || (kind == Gate && site.contains(".gates."));
        for (site, _, tensor) in seen.iter().filter(|(site, kind, _)| is_before(site, *kind)) {
            let gradient = grads.of(tensor).unwrap_or_else(|| panic!("{}: {site} has no gradient", case.name));
            let width = gradient.width();
            let over_places = gradient.reshape(&[gradient.count() / width, width]).sum_along(0).reshape(&[width]);
            let bias = bias_at(&*model, site);
            assert_near(&format!("{}: {site}", case.name), &over_places, bias.gradient(&grads).expect("a bias learns"));
        }
    }
}

/// The bias that is added last before the function at `site`.
fn bias_at(model: &dyn Model, site: &str) -> rushlight_nn::Param {
    const ENDS: [&str; 4] = [".gates.rzn", ".gates.ifgo", ".sums", ".drive"];
    let layer = ENDS.iter().find_map(|end| site.strip_suffix(end)).unwrap_or_else(|| panic!("{site} is no drive"));
    let number = layer.rsplit('.').next().unwrap_or_default();
    let names = ["input.bias", "up.bias", "bias"].map(|bias| format!("{layer}.{bias}"));
    let mut places = [format!("norms.{number}.bias")].into_iter().chain(names);
    places.find_map(|name| model.params().get(&name)).unwrap_or_else(|| panic!("{site}: no bias")).clone()
}

#[test]
fn what_is_before_a_nonlinearity_becomes_what_is_shown_after_it() {
    for case in small() {
        let (seen, _) = watch(&case, &*case.rough());
        for (before, after) in seen.iter().zip(&seen[1..]).filter(|((_, kind, _), _)| *kind == PreActivation) {
            let functions = [Tensor::tanh, Tensor::sigmoid, Tensor::relu, Tensor::gelu];
            let near = |f: fn(&Tensor) -> Tensor| relative(f(&before.2).data(), after.2.data()) < 1e-5;
            assert!(functions.into_iter().any(near), "{}: {} is no function of {}", case.name, after.0, before.0);
        }
    }
}

#[test]
fn states_and_activations_have_gradients() {
    // Where nothing is learned by gradient there is none.
    for case in small().into_iter().filter(|case| case.fresh(0).params().trainable().next().is_some()) {
        let (seen, grads) = watch(&case, &*case.rough());
        for (site, kind, tensor) in seen.iter().filter(|(_, kind, _)| ![Inner, Attention].contains(kind)) {
            let moved = grads.of(tensor).is_some_and(|gradient| gradient.data().iter().any(|&slope| slope != 0.0));
            assert!(moved, "{}: {site}, {kind:?}, has no gradient", case.name);
        }
    }
}
