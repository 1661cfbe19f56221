//! Writing with every generator: what is written has been read, a full window starts afresh, a seed says it all. How a
//! token is chosen is tested where it is done.

mod common;

use common::{Case, assert_near, for_each_generator};
use rushlight_engine::{Ids, Rng, Tensor};
use rushlight_models::decode::{Strategy, Writer, kept};
use rushlight_models::{Generator, Input};
use rushlight_nn::Context;

/// The logits after `tokens`, read at once.
fn after(model: &dyn Generator, tokens: &[u32]) -> Tensor {
    let ids = Ids::new(&[1, tokens.len()], tokens);
    let logits = model.forward(&mut Context::evaluate(), &Input::Ids(ids));
    logits.narrow(1, tokens.len() - 1, 1).reshape(&[logits.width()])
}

#[track_caller]
fn assert_stands_after(case: &Case, model: &dyn Generator, writer: &Writer, tokens: &[u32]) {
    let logits = after(model, tokens);
    assert_near(&format!("{} after {tokens:?}", case.name), &Tensor::new(logits.shape(), writer.logits()), &logits);
}

#[test]
fn a_writer_reads_what_it_writes() {
    for_each_generator(|case, model| {
        let mut writer = Writer::new(model, &[1, 7, 3], Strategy::SAMPLE, Rng::new(2));
        assert_stands_after(case, model, &writer, &[1, 7, 3]);
        for length in 4..=case.sizes.window {
            let token = writer.write();
            assert_eq!(writer.written().len(), length);
            assert_eq!(writer.written().last(), Some(&token));
            assert_stands_after(case, model, &writer, writer.written());
        }
    });
}

#[test]
fn the_last_logits_alone_are_those_of_all() {
    for_each_generator(|case, model| {
        let ids = case.ids(2, 3, 5);
        let read = |last: bool| {
            let (cx, memory) = (&mut Context::evaluate(), model.begin(2));
            if last { model.read_last(cx, &ids, memory) } else { model.read(cx, &ids, memory) }
        };
        let ((all, memory), (last, memory_of_last)) = (read(false), read(true));
        assert_near(&case.name, &last, &all.narrow(1, 2, 1).reshape(&[2, all.width()]));
        for ((name, one), (_, other)) in memory.tensors().iter().zip(memory_of_last.tensors()) {
            assert_near(&format!("{}: {name}", case.name), other, one);
        }
    });
}

#[test]
fn a_full_window_starts_afresh_from_its_last_quarter() {
    for_each_generator(|case, model| {
        let Some(window) = model.window() else { return };
        let prompt = case.ids(1, window, 3);
        let mut writer = Writer::new(model, prompt.data(), Strategy::SAMPLE, Rng::new(2));
        assert_stands_after(case, model, &writer, prompt.data());
        let mut half = Writer::new(model, prompt.data(), Strategy::SAMPLE, Rng::new(2)).keeping(window / 2);
        for written in 0..window {
            for (writer, kept) in [(&mut writer, kept(window)), (&mut half, window / 2)] {
                writer.write();
                let read = kept + written % (window - kept + 1);
                assert_stands_after(case, model, writer, &writer.written()[writer.written().len() - read..]);
            }
        }
    });
}

#[test]
fn of_a_prompt_beyond_the_window_the_last_half_window_counts() {
    for_each_generator(|case, model| {
        let Some(window) = model.window() else { return };
        let prompt = case.ids(1, window + 1, 3);
        let writer = Writer::new(model, prompt.data(), Strategy::GREEDY, Rng::new(2));
        assert_stands_after(case, model, &writer, &prompt.data()[window + 1 - window / 2..]);
    });
}

#[test]
fn a_seed_writes_the_same_each_time_and_another_one_something_else() {
    for_each_generator(|case, model| {
        let write = |seed: u64| {
            let mut writer = Writer::new(model, &[1], Strategy::SAMPLE, Rng::new(seed));
            (0..20).map(|_| writer.write()).collect::<Vec<_>>()
        };
        assert_eq!(write(2), write(2), "{}", case.name);
        assert_ne!(write(2), write(3), "{}", case.name);
    });
}
