//! Work shared among threads. Pieces are cut by the shape of the work and never by the number of threads, so that
//! the same numbers come out on any machine of one kind.

use rayon::prelude::*;

/// Elementwise work below this many elements stays on one core: handing it over costs more than doing it.
pub(crate) const GRAIN: usize = 32 * 1024;

/// Calls `work(index, piece)` for pieces of `piece_len` elements of `out`, on all cores when there is more than one.
pub(crate) fn for_pieces<T: Send>(out: &mut [T], piece_len: usize, work: impl Fn(usize, &mut [T]) + Sync + Send) {
    if out.len() <= piece_len {
        if !out.is_empty() {
            work(0, out);
        }
        return;
    }
    out.par_chunks_mut(piece_len).enumerate().for_each(|(piece, chunk)| work(piece, chunk));
}

/// Calls `work` on every item, on several at once where there are cores, and gives the results in the order of the items.
pub fn at_once<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    if items.len() > 1 { items.into_par_iter().map(work).collect() } else { items.into_iter().map(work).collect() }
}

/// How many threads the kernels share.
pub fn threads() -> usize {
    rayon::current_num_threads()
}

/// Runs `work` with kernels that share `count` threads; it runs on one of them.
///
/// # Panics
/// When the system cannot start so many threads.
pub fn with_threads<R: Send>(count: usize, work: impl FnOnce() -> R + Send) -> R {
    // A long chain of tensors is dropped by recursion, and the default stack of a worker is small.
    const STACK: usize = 64 << 20;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count).stack_size(STACK).build();
    pool.unwrap_or_else(|error| panic!("{count} threads could not be started: {error}")).install(work)
}
