//! Memory for tensors, and the pool that takes it back: after the first step a step allocates nothing large.
//! Knows no shapes.

use crate::kernels::product::Packed;
use std::ops::{Deref, DerefMut};
use std::sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

const LANES: usize = 16;

/// One cache line of floats; keeps every buffer aligned for the widest vectors.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
struct Line([f32; LANES]);

/// A run of floats that goes back to the pool when it is dropped.
pub(crate) struct Buffer {
    lines: Vec<Line>,
    len: usize,
    /// The same numbers as products like them; gone as soon as they may change.
    packed: OnceLock<Box<Packed>>,
}

impl Buffer {
    /// `len` floats of any value: for those who write every one of them.
    pub(crate) fn scratch(len: usize) -> Self {
        Self { lines: pool::take(len.div_ceil(LANES)).0, len, packed: OnceLock::new() }
    }

    pub(crate) fn zeros(len: usize) -> Self {
        let (lines, is_new) = pool::take(len.div_ceil(LANES));
        let mut buffer = Self { lines, len, packed: OnceLock::new() };
        // New memory has been cleared once already.
        if !is_new {
            buffer.fill(0.0);
        }
        buffer
    }

    pub(crate) fn filled(len: usize, value: f32) -> Self {
        let mut buffer = Self::scratch(len);
        buffer.fill(value);
        buffer
    }

    pub(crate) fn copy_of(values: &[f32]) -> Self {
        let mut buffer = Self::scratch(values.len());
        buffer.copy_from_slice(values);
        buffer
    }

    /// What `pack` makes of these numbers, made once and kept for as long as they stay as they are. Threads that ask for it at
    /// the same time, before it is there, make it each.
    pub(crate) fn packed(&self, pack: impl FnOnce() -> Packed) -> &Packed {
        // Not made inside of the lock: packing shares its work among threads, one of which might come by here again.
        self.packed.get().unwrap_or_else(|| {
            let made = Box::new(pack());
            self.packed.get_or_init(|| made)
        })
    }
}

impl Deref for Buffer {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        &bytemuck::cast_slice(&self.lines)[..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        self.packed.take();
        &mut bytemuck::cast_slice_mut(&mut self.lines)[..self.len]
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        Self::copy_of(self)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        pool::give(std::mem::take(&mut self.lines), self.len.div_ceil(LANES));
    }
}

/// The pool of buffers, shared by all threads.
pub mod pool {
    use super::*;

    static POOL: LazyLock<Mutex<Pool>> = LazyLock::new(Mutex::default);

    #[derive(Default)]
    struct Pool {
        /// Buffers that wait, by the number of their size's class.
        free: Vec<Vec<Vec<Line>>>,
        /// Lines that wait.
        idle: usize,
        /// Lines that are held, the most that were since somebody asked, and the most that ever were.
        held: usize,
        peak: usize,
        most: usize,
    }

    impl Pool {
        /// A buffer of this class that waits, or, where there is none, of the next larger ones up to twice its size.
        fn find(&mut self, class: usize) -> Option<Vec<Line>> {
            // Small buffers have a class for each size, and cost nothing.
            let end = self.free.len().min(if class < 2 * STEPS { class } else { class + STEPS } + 1);
            let waiting = self.free.get_mut(class..end)?.iter_mut().find(|waiting| !waiting.is_empty())?;
            let found = waiting.pop();
            self.idle -= found.as_ref().map_or(0, Vec::len);
            found
        }

        fn hold(&mut self, lines: usize) {
            self.held += lines;
            self.peak = self.peak.max(self.held);
            self.most = self.most.max(self.held);
        }

        /// Takes the largest that wait out, as long as all memory would be more than twice what was ever held at once:
        /// batches of many lengths would else leave a pool of each.
        fn thin(&mut self) -> Vec<Vec<Line>> {
            let mut gone = Vec::new();
            for waiting in self.free.iter_mut().rev() {
                while self.held + self.idle > 2 * self.most
                    && let Some(lines) = waiting.pop()
                {
                    self.idle -= lines.len();
                    gone.push(lines);
                }
            }
            gone
        }
    }

    fn pool() -> MutexGuard<'static, Pool> {
        POOL.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives all memory that no tensor holds back to the system.
    pub fn trim() {
        let mut pool = pool();
        pool.idle = 0;
        let gone = std::mem::take(&mut pool.free);
        drop(pool);
        drop(gone);
    }

    /// Bytes that wait in the pool for their next use.
    pub fn idle_bytes() -> usize {
        pool().idle * size_of::<Line>()
    }

    /// Bytes that tensors and working memory hold.
    pub fn held_bytes() -> usize {
        pool().held * size_of::<Line>()
    }

    /// The most bytes that tensors and working memory have held at once since [`forget_peak`]; what waits is not counted.
    pub fn peak_bytes() -> usize {
        pool().peak * size_of::<Line>()
    }

    /// Lets [`peak_bytes`] begin anew, with what is held now.
    pub fn forget_peak() {
        let mut pool = pool();
        pool.peak = pool.held;
    }

    /// So many lines, and whether they are new, and so all zero.
    pub(super) fn take(lines: usize) -> (Vec<Line>, bool) {
        let (class, size) = class(lines);
        let mut pool = pool();
        pool.hold(size);
        if let Some(kept) = pool.find(class) {
            return (kept, false);
        }
        let gone = pool.thin();
        drop(pool);
        drop(gone);
        (bytemuck::zeroed_vec(size), true)
    }

    /// Takes a buffer back that was asked for with so many lines, and may have more.
    pub(super) fn give(lines: Vec<Line>, asked: usize) {
        let mut pool = pool();
        pool.held -= self::class(asked).1;
        if lines.is_empty() {
            return;
        }
        let (class, _) = class(lines.len());
        pool.idle += lines.len();
        if pool.free.len() <= class {
            pool.free.resize_with(class + 1, Vec::new);
        }
        pool.free[class].push(lines);
    }

    /// The classes of a power of two.
    const STEPS: usize = 8;

    /// Sizes are rounded up to eight steps a power of two, so that batches of nearly one length share memory. The number
    /// of the class, and its size in lines.
    fn class(lines: usize) -> (usize, usize) {
        let step = (lines.next_power_of_two() / 16).max(1);
        let size = lines.next_multiple_of(step);
        (step.ilog2() as usize * 8 + size / step, size)
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn rounding_wastes_at_most_an_eighth() {
            for lines in 1..5000 {
                let (_, size) = super::class(lines);
                assert!(size >= lines && (size - lines) * 8 <= lines, "{lines} became {size}");
            }
        }

        #[test]
        fn a_class_has_one_size_and_a_size_one_class() {
            let mut classes: Vec<_> = (1..5000).map(super::class).collect();
            assert!(classes.is_sorted());
            classes.dedup();
            for pair in classes.windows(2) {
                assert!(pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1, "{pair:?}");
            }
            assert_eq!(super::class(4999), super::class(super::class(4999).1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_aligned_for_the_widest_vectors() {
        for len in [1, 15, 16, 17, 1000] {
            assert_eq!(Buffer::scratch(len).as_ptr() as usize % 64, 0);
            assert_eq!(Buffer::scratch(len).len(), len);
        }
    }

    #[test]
    fn memory_is_used_again() {
        let size = 12_345_678; // no other test asks for so much
        let first = Buffer::zeros(size);
        let place = first.as_ptr();
        drop(first);
        assert_eq!(Buffer::scratch(size).as_ptr(), place);
    }
}
