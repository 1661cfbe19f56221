//! What every decoder promises about its memory: pieces are the whole, and rows can be taken out and joined.

mod common;

use common::{Case, ROWS, TIME, assert_near, for_each_decoder};
use rushlight_engine::{Ids, Tensor, cat, no_grad};
use rushlight_models::{Decoder, Memory, Sizes};
use rushlight_nn::Context;

/// Reads `ids` from `start` in pieces of these lengths, without a record: all logits, and the memory at the end.
fn read(model: &dyn Decoder, ids: &Ids, mut memory: Memory, lengths: &[usize]) -> (Tensor, Memory) {
    no_grad(|| {
        let (mut start, mut parts) = (0, Vec::new());
        for &length in lengths {
            let (logits, after) = model.read(&mut Context::evaluate(), &times(ids, start, length), memory);
            parts.push(logits);
            (memory, start) = (after, start + length);
        }
        (cat(&parts.iter().collect::<Vec<_>>(), 1), memory)
    })
}

/// `length` times of ids [B, T], from `start`.
fn times(ids: &Ids, start: usize, length: usize) -> Ids {
    let cut = ids.data().chunks_exact(ids.shape()[1]).flat_map(|row| row[start..][..length].to_vec());
    Ids::new(&[ids.shape()[0], length], cut.collect::<Vec<_>>())
}

#[test]
fn reading_in_pieces_is_reading_at_once() {
    for_each_decoder(|case, model| {
        let ids = case.ids(ROWS, TIME, 3);
        let whole = model.forward(&mut Context::evaluate(), &case.reading(&ids));
        for lengths in [&[TIME][..], &[1; TIME], &[3, 1, 2], &[1, 5], &[5, 1]] {
            let (logits, memory) = read(model, &ids, case.begin(model, ROWS, 0), lengths);
            assert_near(&format!("{} in pieces of {lengths:?}", case.name), &logits, &whole);
            assert_eq!(memory.positions(), [TIME; ROWS], "{}", case.name);
        }
    });
}

#[test]
fn a_memory_without_record_is_that_with_it() {
    for_each_decoder(|case, model| {
        let ids = case.ids(ROWS, TIME, 3);
        let (_, plain) = read(model, &ids, case.begin(model, ROWS, 0), &[1; TIME]);
        let (_, recorded) = model.read(&mut Context::evaluate(), &ids, case.begin(model, ROWS, 0));
        for ((name, plain), (_, recorded)) in plain.tensors().iter().zip(recorded.tensors()) {
            assert_near(&format!("{}: {name}", case.name), plain, recorded);
        }
    });
}

#[test]
fn sequences_that_have_read_different_lengths_go_on_together() {
    for_each_decoder(|case, model| {
        let begun = apart(case, model);
        let next = case.ids(LENGTHS.len(), 3, 7);
        let joined = Memory::joined(&begun);
        assert_eq!(joined.positions(), LENGTHS, "{}", case.name);
        let (together, after) = read(model, &next, joined, &[2, 1]);
        for (row, memory) in begun.into_iter().enumerate() {
            let (alone, _) = read(model, &row_of(&next, row), memory, &[2, 1]);
            assert_near(&format!("{}: row {row}", case.name), &together.narrow(0, row, 1), &alone);
            assert_eq!(after.positions()[row], LENGTHS[row] + 3, "{}", case.name);
        }
    });
}

#[test]
fn selected_rows_go_on_as_they_were() {
    const CHOSEN: [usize; 4] = [2, 0, 2, 1];
    for_each_decoder(|case, model| {
        let begun = apart(case, model);
        let next = case.ids(CHOSEN.len(), 2, 7);
        let (together, _) = read(model, &next, Memory::joined(&begun).select(&CHOSEN), &[1, 1]);
        for (place, &row) in CHOSEN.iter().enumerate() {
            let (alone, _) = read(model, &row_of(&next, place), begun[row].clone(), &[1, 1]);
            assert_near(&format!("{}: place {place}", case.name), &together.narrow(0, place, 1), &alone);
        }
    });
}

#[test]
fn a_row_that_takes_another_s_place_goes_on_as_it_was_and_the_others_too() {
    for_each_decoder(|case, model| {
        let begun = apart(case, model);
        let mut batch = Memory::joined(&begun[..2]);
        if batch.encoded().is_some() {
            return;
        }
        batch.put(0, &begun[2], 0);
        assert_eq!(batch.positions(), [LENGTHS[2], LENGTHS[1]], "{}", case.name);
        let next = case.ids(2, 2, 7);
        let (together, _) = read(model, &next, batch, &[1, 1]);
        for (place, row) in [2, 1].into_iter().enumerate() {
            let (alone, _) = read(model, &row_of(&next, place), begun[row].clone(), &[1, 1]);
            assert_near(&format!("{}: place {place}", case.name), &together.narrow(0, place, 1), &alone);
        }
    });
}

#[test]
fn sentences_that_nobody_translates_can_be_let_go() {
    for_each_decoder(|case, model| {
        let selected = Memory::joined(&apart(case, model)).select(&[2, 0]);
        let pruned = selected.clone().pruned();
        let next = case.ids(2, 2, 7);
        let all = [selected, pruned].map(|memory| read(model, &next, memory, &[1, 1]));
        assert_near(&case.name, &all[0].0, &all[1].0);
        assert_eq!(all[1].1.encoded().map_or(2, |encoded| encoded.sources().lengths.len()), 2, "{}", case.name);
    });
}

#[test]
fn the_bits_of_a_row_do_not_depend_on_its_company_where_that_is_asked_for() {
    for_each_decoder(|case, model| {
        rushlight_engine::rows_alike(|| {
            let begun = apart(case, model);
            let next = case.ids(LENGTHS.len(), 3, 7);
            let (together, _) = read(model, &next, Memory::joined(&begun), &[1, 1, 1]);
            for (row, memory) in begun.into_iter().enumerate() {
                let (alone, _) = read(model, &row_of(&next, row), memory, &[1, 1, 1]);
                let bits = common::bits(&together.narrow(0, row, 1));
                assert_eq!(bits, common::bits(&alone), "{}: row {row}", case.name);
            }
        });
    });
}

#[test]
fn a_clone_is_not_changed_by_reading_on() {
    for_each_decoder(|case, model| {
        let ids = case.ids(ROWS, 2, 3);
        let (_, memory) = read(model, &ids, case.begin(model, ROWS, 0), &[2]);
        let first = read(model, &ids, memory.clone(), &[2]).0;
        let second = read(model, &ids, memory, &[2]).0;
        assert_eq!(common::bits(&first), common::bits(&second), "{}", case.name);
    });
}

#[test]
fn nothing_flows_back_beyond_a_detached_memory() {
    for_each_decoder(|case, model| {
        let ids = case.ids(ROWS, 2, 3);
        let (_, memory) = model.read(&mut Context::evaluate(), &ids, case.begin(model, ROWS, 0));
        let detached = memory.clone().detached();
        assert!(detached.tensors().iter().all(|(_, tensor)| !tensor.has_history()), "{}", case.name);
        for ((name, a), (_, b)) in detached.tensors().iter().zip(memory.tensors()) {
            assert_eq!(a.data(), b.data(), "{}: {name}", case.name);
        }
    });
}

const LENGTHS: [usize; 3] = [1, 4, 2];
/// The memories of three sequences that have read [`LENGTHS`] tokens, each read alone.
fn apart(case: &Case, model: &dyn Decoder) -> Vec<Memory> {
    let read_one = |(seed, &length): (usize, &usize)| {
        read(model, &case.ids(1, length, seed as u64), case.begin(model, 1, seed as u64), &[length]).1
    };
    LENGTHS.iter().enumerate().map(read_one).collect()
}

fn row_of(ids: &Ids, row: usize) -> Ids {
    let times = ids.shape()[1];
    Ids::new(&[1, times], &ids.data()[row * times..][..times])
}

#[test]
fn translations_of_very_different_lengths_go_on_together() {
    // A Transformer's caches grow as they are needed: here one has grown and the other has not.
    let config = serde_json::json!({"layers": 1, "heads": 2, "width": 8, "inner": 8});
    let sizes = Sizes { source: 13, ..Sizes::new(11, 60) };
    let model = (rushlight_models::transformer::ENTRY.build)(&config, sizes, 0).expect("the settings fit");
    let translator = model.translator().expect("it translates");
    let begun = |length: usize| {
        let source = rushlight_models::Source::whole(Ids::new(&[1, length], vec![3; length]));
        let memory = no_grad(|| translator.encode(&mut Context::evaluate(), &source));
        read(translator, &Ids::new(&[1, length], vec![5; length]), memory, &[length]).1
    };
    let memories = [begun(3), begun(20)];
    let next = Ids::new(&[2, 2], vec![1, 2, 3, 4]);
    let (together, _) = read(translator, &next, Memory::joined(&memories), &[2]);
    for (row, memory) in memories.into_iter().enumerate() {
        let (alone, _) = read(translator, &row_of(&next, row), memory, &[2]);
        assert_near("a row", &together.narrow(0, row, 1), &alone);
    }
}

#[test]
fn caches_grow_for_the_texts_that_are_put_into_them() {
    let config = serde_json::json!({"layers": 2, "heads": 2, "width": 12});
    let model = (rushlight_models::gpt::ENTRY.build)(&config, Sizes::new(9, 40), 1).expect("the settings fit");
    let generator = model.generator().expect("it writes");
    let ids = |rows: usize, times: usize| {
        Ids::new(&[rows, times], (0..rows * times).map(|i| (i * 7 % 9) as u32).collect::<Vec<_>>())
    };
    let text = |length: usize| read(generator, &ids(1, length), generator.begin(1), &[length]).1;
    let places = |memory: &Memory| memory.tensors()[0].1.shape()[2];
    let mut batch = Memory::joined(&[text(3), text(5)]);
    assert_eq!([places(&batch), places(&text(20)), places(&text(33))], [16, 32, 40]);
    batch.put(0, &text(20), 0);
    batch.put(1, &text(2), 0);
    assert_eq!((batch.positions(), places(&batch)), (&[20, 2][..], 32));
    // Over the end of a doubling, to the last place of the window.
    let (next, pieces) = (ids(2, 20), [11, 1, 8]);
    let (together, after) = read(generator, &next, batch, &pieces);
    assert_eq!((after.positions(), places(&after)), (&[40, 22][..], 40));
    for (row, length) in [20, 2].into_iter().enumerate() {
        let (alone, _) = read(generator, &row_of(&next, row), text(length), &pieces);
        assert_near(&format!("row {row}"), &together.narrow(0, row, 1), &alone);
    }
}
