//! Beam search with every decoder: one is greedy, all hypotheses of a small vocabulary hold the best one, several
//! sequences at once get what each gets alone, and what is asked of length and repetition is kept.

mod common;

use common::{Case, for_each_decoder};
use rushlight_engine::{Ids, Tensor, no_grad};
use rushlight_models::beam::{Beam, Hypothesis};
use rushlight_models::{Decoder, Input, Memory};
use rushlight_nn::Context;

const END: u32 = 4;

/// The best of one sequence.
fn best(case: &Case, model: &dyn Decoder, beam: &Beam, prompt: &[u32]) -> Vec<Hypothesis> {
    beam.search(model, &Ids::new(&[1, prompt.len()], prompt), case.begin(model, 1, 0)).remove(0)
}

/// The logarithm of the probability of `tokens` behind `prompt`, read at once.
fn log_probability(case: &Case, model: &dyn Decoder, prompt: &[u32], tokens: &[u32]) -> f64 {
    let all = [prompt, tokens].concat();
    let read = &all[..all.len() - 1];
    let logits =
        model.forward(&mut Context::evaluate(), &case.reading(&Ids::new(&[1, read.len()], read))).log_softmax();
    let place = |index: usize| (prompt.len() - 1 + index) * logits.width() + tokens[index] as usize;
    (0..tokens.len()).map(|index| f64::from(logits.data()[place(index)])).sum()
}

/// The likeliest token each time, up to the end.
fn greedy(model: &dyn Decoder, mut memory: Memory, prompt: &[u32], most: usize) -> Vec<u32> {
    let (mut written, mut next) = (Vec::new(), prompt.to_vec());
    while written.len() < most {
        let ids = Ids::new(&[1, next.len()], next);
        let (logits, read) = no_grad(|| model.read(&mut Context::evaluate(), &ids, memory));
        let last = &logits.data()[logits.count() - logits.width()..];
        let best = (0..last.len()).max_by(|&a, &b| last[a].total_cmp(&last[b])).expect("a vocabulary") as u32;
        if best == END {
            break;
        }
        written.push(best);
        (memory, next) = (read, vec![best]);
    }
    written
}

#[test]
fn a_beam_of_one_is_greedy() {
    for_each_decoder(|case, model| {
        for prompt in [&[1, 7][..], &[3]] {
            let most = case.sizes.window - prompt.len();
            let greedy = greedy(model, case.begin(model, 1, 0), prompt, most);
            let beam = best(case, model, &Beam::new(1, most, Some(END)), prompt);
            assert_eq!(beam[0].tokens, greedy, "{}", case.name);
        }
    });
}

/// All sequences of at most `most` tokens with their score, those of the greatest length with a forced end too.
fn all(case: &Case, model: &dyn Decoder, beam: &Beam, prompt: &[u32]) -> Vec<(f64, Vec<u32>)> {
    let mut sequences = vec![Vec::new()];
    let mut from = 0;
    for _ in 0..beam.max_length {
        let longer: Vec<Vec<u32>> = sequences[from..]
            .iter()
            .flat_map(|tokens| {
                (0..case.sizes.vocabulary as u32).filter(|&t| t != END).map(|t| [&tokens[..], &[t]].concat())
            })
            .collect();
        from = sequences.len();
        sequences.extend(longer);
    }
    let mut scored: Vec<(f64, Vec<u32>)> = sequences
        .into_iter()
        .map(|tokens| {
            let probability = log_probability(case, model, prompt, &[&tokens[..], &[END]].concat());
            (probability / ((6 + tokens.len()) as f64 / 6.0).powf(f64::from(beam.length_penalty)), tokens)
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored
}

#[test]
fn a_beam_as_wide_as_all_hypotheses_finds_the_best_ones() {
    for_each_decoder(|case, model| {
        if case.varied {
            return;
        }
        for length_penalty in [0.0, 1.0] {
            let beam = Beam { length_penalty, best: 5, ..Beam::new(200, 2, Some(END)) };
            let truth = all(case, model, &beam, &[1, 7]);
            let found = best(case, model, &beam, &[1, 7]);
            assert_eq!(found.len(), 5);
            for (found, (score, tokens)) in found.iter().zip(&truth) {
                assert_eq!(&found.tokens, tokens, "{} {found:?}", case.name);
                assert!((found.score - score).abs() < 1e-4, "{}: {} {score}", case.name, found.score);
            }
        }
    });
}

#[test]
fn hypotheses_have_the_probability_that_the_model_gives_them() {
    for_each_decoder(|case, model| {
        let beam = Beam { best: 3, length_penalty: 0.6, ..Beam::new(3, 3, Some(END)) };
        let found = best(case, model, &beam, &[1, 7]);
        assert!(!found.is_empty());
        for Hypothesis { tokens, log_probability: found, score } in found {
            let truth = log_probability(case, model, &[1, 7], &[&tokens[..], &[END]].concat());
            assert!((found - truth).abs() < 1e-4, "{}: {found}, not {truth}", case.name);
            let expected = found / ((6 + tokens.len()) as f64 / 6.0).powf(f64::from(0.6_f32));
            assert!((score - expected).abs() < 1e-9);
        }
    });
}

#[test]
fn several_sequences_at_once_get_what_each_gets_alone() {
    for_each_decoder(|case, model| {
        let prompts = [[1, 7], [3, 0], [9, 9]];
        let beam = Beam { best: 2, ..Beam::new(3, 3, Some(END)) };
        let together = beam.search(model, &Ids::new(&[3, 2], prompts.concat()), case.begin(model, 3, 0));
        for (row, (prompt, found)) in prompts.iter().zip(&together).enumerate() {
            let begun = case.begin(model, 1, row as u64);
            let alone = beam.search(model, &Ids::new(&[1, 2], prompt.to_vec()), begun).remove(0);
            let tokens = |found: &[Hypothesis]| found.iter().map(|one| one.tokens.clone()).collect::<Vec<_>>();
            assert_eq!(tokens(found), tokens(&alone), "{}", case.name);
        }
    });
}

#[test]
fn without_an_end_all_have_the_greatest_length() {
    for_each_decoder(|case, model| {
        let found = best(case, model, &Beam { best: 2, ..Beam::new(4, 3, None) }, &[1]);
        assert_eq!(found.iter().map(|one| one.tokens.len()).collect::<Vec<_>>(), [3, 3], "{}", case.name);
    });
}

#[test]
fn a_window_is_not_written_beyond() {
    for_each_decoder(|case, model| {
        let Some(window) = model.window() else { return };
        let found = best(case, model, &Beam::new(2, 1000, None), &[1, 2]);
        assert_eq!(found[0].tokens.len(), window - 2, "{}", case.name);
    });
}

/// Answers after every token with the same logits; what is read leaves no trace.
struct Constant(Vec<f32>, rushlight_nn::Params);

impl rushlight_models::Model for Constant {
    fn params(&self) -> &rushlight_nn::Params {
        &self.1
    }

    fn forward(&self, _: &mut Context, input: &Input) -> Tensor {
        let Input::Ids(ids) = input else { panic!("tokens alone") };
        let logits = self.0.repeat(ids.data().len());
        Tensor::new(&[ids.shape()[0], ids.shape().width(), self.0.len()], logits)
    }
}

impl Decoder for Constant {
    fn read(&self, cx: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        (rushlight_models::Model::forward(self, cx, &Input::Ids(ids.clone())), memory)
    }
}

fn constant(probabilities: [f32; 4]) -> Constant {
    Constant(probabilities.map(f32::ln).to_vec(), rushlight_nn::Builder::new(0).finish())
}

/// Logits of a large vocabulary: the likeliest far apart and nearly alike, some without any hope.
fn far_apart() -> Vec<f32> {
    let mut logits: Vec<f32> = (0..200).map(|token| ((token * 37 % 101) as f32 / 50.0).sin()).collect();
    let mut best = 3.0_f32;
    for token in [130, 63, 199, 64, 0, 127, 128] {
        logits[token] = best;
        best = best.next_down();
    }
    logits[1] = f32::NEG_INFINITY;
    logits[65] = f32::NEG_INFINITY;
    logits
}

#[test]
fn the_likeliest_of_a_large_vocabulary_are_found_wherever_they_stand() {
    let model = Constant(far_apart(), rushlight_nn::Builder::new(0).finish());
    let mut sorted: Vec<u32> = (0..200).collect();
    sorted.sort_by(|&a, &b| model.0[b as usize].total_cmp(&model.0[a as usize]).then(a.cmp(&b)));
    for width in [1, 2, 7, 40, 198] {
        let beam = Beam { best: width, ..Beam::new(width, 1, None) };
        let found = beam.search(&model, &Ids::new(&[1, 1], [0]), Memory::new(1)).remove(0);
        let tokens: Vec<u32> = found.iter().map(|one| one.tokens[0]).collect();
        assert_eq!(tokens, sorted[..width], "{width}");
    }
}

#[test]
fn the_likeliest_pairs_of_a_large_vocabulary_are_found() {
    let model = Constant(far_apart(), rushlight_nn::Builder::new(0).finish());
    let total: f64 = model.0.iter().map(|&logit| f64::from(logit).exp()).sum::<f64>().ln();
    let pairs = model.0.iter().flat_map(|&a| model.0.iter().map(move |&b| f64::from(a) + f64::from(b) - 2.0 * total));
    let mut sorted: Vec<f64> = pairs.collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let beam = Beam { best: 30, ..Beam::new(30, 2, None) };
    let found = beam.search(&model, &Ids::new(&[1, 1], [0]), Memory::new(1)).remove(0);
    for (found, truth) in found.iter().zip(&sorted[..30]) {
        assert!((found.log_probability - truth).abs() < 1e-5, "{found:?}, not {truth}");
    }
    assert_eq!(found.len(), 30);
}

#[track_caller]
fn check(beam: &Beam, probabilities: [f32; 4], expected: &[&[u32]]) {
    let found = beam.search(&constant(probabilities), &Ids::new(&[1, 1], [0]), Memory::new(1)).remove(0);
    assert_eq!(found.iter().map(|one| &one.tokens[..]).collect::<Vec<_>>(), expected);
}

#[test]
fn short_ones_are_likelier_and_the_penalty_lets_long_ones_win() {
    // Token 3 ends. Ending at once has probability 0.3; two 1s and the end 0.6 * 0.6 * 0.3 = 0.108.
    let beam = Beam::new(4, 2, Some(3));
    check(&beam, [0.05, 0.6, 0.05, 0.3], &[&[]]);
    // By length: ln 0.3 / 1 = -1.204, ln 0.18 / (7/6)^4 = -0.926, ln 0.108 / (8/6)^4 = -0.704.
    check(&Beam { length_penalty: 4.0, ..beam }, [0.05, 0.6, 0.05, 0.3], &[&[1, 1]]);
}

#[test]
fn the_end_comes_not_before_the_least_length() {
    check(&Beam { min_length: 2, ..Beam::new(3, 5, Some(3)) }, [0.1, 0.2, 0.1, 0.6], &[&[1, 1]]);
}

#[test]
fn no_run_is_written_twice() {
    // 1 is likeliest, but 1 1 may stand there once, and so 1 1 1 never.
    check(&Beam { no_repeat: 2, ..Beam::new(1, 4, None) }, [0.1, 0.5, 0.3, 0.1], &[&[1, 1, 2, 1]]);
}

#[test]
fn where_every_token_would_repeat_it_ends() {
    check(&Beam { no_repeat: 1, ..Beam::new(1, 10, None) }, [0.1, 0.5, 0.3, 0.1], &[&[1, 2, 3]]);
}

#[test]
fn the_best_come_in_order() {
    let beam = Beam { best: 3, ..Beam::new(8, 1, Some(3)) };
    check(&beam, [0.1, 0.4, 0.2, 0.3], &[&[], &[1], &[2]]); // 0.3, 0.12, 0.06
}

#[test]
fn the_end_is_no_repetition() {
    // The prompt is the end of the line before.
    let beam = Beam { no_repeat: 1, ..Beam::new(1, 3, Some(0)) };
    check(&beam, [0.9, 0.05, 0.03, 0.02], &[&[]]);
}

#[test]
fn what_must_end_and_has_no_room_is_empty() {
    check(&Beam::new(3, 0, Some(3)), [0.1, 0.2, 0.3, 0.4], &[&[]]);
    check(&Beam::new(3, 0, None), [0.1, 0.2, 0.3, 0.4], &[&[]]);
}

/// Ends for sure behind two tokens, and hardly before.
struct Late(rushlight_nn::Params);

impl rushlight_models::Model for Late {
    fn params(&self) -> &rushlight_nn::Params {
        &self.0
    }

    fn forward(&self, _: &mut Context, _: &Input) -> Tensor {
        unreachable!("it is read step by step")
    }
}

impl Decoder for Late {
    fn read(&self, _: &mut Context, ids: &Ids, memory: Memory) -> (Tensor, Memory) {
        let read = memory.positions()[0] + ids.shape().width();
        let row = if read < 3 { [0.03, 0.9, 0.02, 0.05] } else { [0.004, 0.003, 0.003, 0.99_f32] };
        let logits = row.map(f32::ln).repeat(ids.data().len());
        let positions = memory.positions().iter().map(|position| position + ids.shape().width()).collect();
        (Tensor::new(&[ids.shape()[0], ids.shape().width(), 4], logits), Memory::at(positions))
    }
}

#[test]
fn early_ends_that_are_unlikely_do_not_stop_the_search() {
    for width in 1..5 {
        let model = Late(rushlight_nn::Builder::new(0).finish());
        let found = Beam::new(width, 5, Some(3)).search(&model, &Ids::new(&[1, 1], [0]), Memory::new(1));
        assert_eq!(found[0][0].tokens, [1, 1], "{width}");
    }
}
