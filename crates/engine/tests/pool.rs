//! After the first step a step of a model allocates nothing as large as an activation: its tensors live in the memory of
//! the step before. Counted by this program's own allocator, on the thread that computes. Not counted is what the `gemm`
//! crate takes for itself, a workspace for each worker thread and at every product room for what it packs, which depends on the
//! caches of the machine: it asks for lines of 128 bytes, and nobody else does.
#![allow(unsafe_code, reason = "an allocator can be written in no other way")]

mod common;

use common::Draw;
use rushlight_engine::kernels::update::update;
use rushlight_engine::{
    AttentionMask, CrossEntropy, Rng, Tensor, cross_entropy, dropout, embedding, layer_norm, linear, lstm, pool,
    self_attention,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Every activation of the model below takes more, and every weight less than half.
const LARGE_BYTES: usize = 256 * 1024;
/// How the `gemm` crate's own memory is aligned; ours never is.
const ALIGN_OF_GEMM: usize = 128;

thread_local! {
    static LARGE_ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= LARGE_BYTES && layout.align() < ALIGN_OF_GEMM {
            LARGE_ALLOCATIONS.set(LARGE_ALLOCATIONS.get() + 1);
        }
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract, and every place came from the system's allocator.
        unsafe { System.dealloc(place, layout) }
    }
}

#[test]
fn a_step_uses_the_memory_of_the_step_before() {
    let mut draw = Draw::new(1);
    let [batch, time, width, vocabulary] = [16, 64, 80, 70];
    let mut parameters = [
        draw.values(&[vocabulary, width]), // the table, also the output layer
        draw.values(&[width]),             // gain
        draw.values(&[width]),             // shift
        draw.values(&[3 * width, width]),  // queries, keys and values
        draw.values(&[4 * width, width]),  // the drive of an LSTM
        draw.values(&[4 * width]),         // its bias
        draw.values(&[4 * width, width]),  // its state's weight
    ]
    .map(Tensor::into_leaf);
    let (ids, targets) = (draw.ids(vocabulary, &[batch, time]), draw.ids(vocabulary, &[batch, time]));
    let start = Tensor::zeros(&[batch, width]);

    let mut large_allocations = || {
        let before = LARGE_ALLOCATIONS.get();
        let [table, gain, shift, qkv, drive, bias, state] = &parameters;
        let x = embedding(table, &ids);
        let n = layer_norm(&x, gain, shift, 1e-5);
        let seen = self_attention(&linear(&n, qkv, None), 4, AttentionMask { causal: true, key_lengths: None });
        let x = &x + &dropout(&seen.gelu(), 0.1, &Rng::new(3));
        let h = lstm(linear(&x, drive, Some(bias)), state, &start, &start).h;
        let loss = cross_entropy(&linear(&h, table, None), &targets, &CrossEntropy::default());
        let grads = loss.backward();
        for parameter in &mut parameters {
            let gradient = grads.of(parameter).expect("every parameter takes part").clone();
            update(parameter.data_mut(), gradient.data(), [], |w, g, []| (w - 0.01 * g, []));
        }
        LARGE_ALLOCATIONS.get() - before
    };
    assert!(large_allocations() > 0, "the first step has no memory yet");
    let later: Vec<usize> = (0..4).map(|_| large_allocations()).collect();
    assert_eq!(later, [0; 4]);

    assert!(pool::idle_bytes() >= LARGE_BYTES);
    pool::trim();
    assert_eq!(pool::idle_bytes(), 0);
    assert!(large_allocations() > 0, "the memory was given back");
}
