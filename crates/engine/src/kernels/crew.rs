//! Helpers that wait awake, for work of a few microseconds. It is cut into as many parts as there are cores, and a part
//! of one number is given to the same thread each time: so what a core reads of a weight matrix for one token is still in
//! that core's cache for the next, and a helper that looks for work has begun before a sleeping one would be awake.
//! No arithmetic; and since the cut follows the number of threads, only for work whose parts share no sum.
//!
//! A helper looks for work for [`AWAKE`] and then sleeps. Who calls never waits for one that sleeps: it does its part too.

use super::threads::threads;
use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How long a helper without work looks for some. Between two products of a token lie some microseconds.
const AWAKE: Duration = Duration::from_micros(50);

/// More parts than this are not worth their handing over.
const MOST_PARTS: usize = 8;

/// What is done to a part.
type Work<'a> = dyn Fn(Range<usize>) + Sync + 'a;

/// Calls `work` for parts of `0..len` that share nothing, the first of them here and the others by the helpers. A part has a
/// multiple of `least` elements, but for the last. What is short stays whole, and so does what a second caller has while the helpers are
/// with the first.
pub(crate) fn in_parts(len: usize, least: usize, work: &Work) {
    static CREW: Mutex<Vec<Helper>> = Mutex::new(Vec::new());
    let parts = (len / least).min(threads()).min(MOST_PARTS);
    if parts <= 1 {
        return work(0..len);
    }
    let mut crew = match CREW.try_lock() {
        Ok(crew) => crew,
        Err(TryLockError::Poisoned(crew)) => crew.into_inner(),
        Err(TryLockError::WouldBlock) => return work(0..len),
    };
    while crew.len() < parts - 1 {
        match Helper::start() {
            Ok(helper) => crew.push(helper),
            Err(_) => return work(0..len),
        }
    }
    let part = len.div_ceil(parts).next_multiple_of(least);
    let firsts = (part..len).step_by(part);
    let busy = Busy(&crew[..firsts.len()]);
    for (helper, first) in busy.0.iter().zip(firsts) {
        helper.hand_over(Job::new(work, first..len.min(first + part)));
    }
    work(0..len.min(part));
}

/// Helpers with work that borrows from the caller: it does not go on before they are done, even when its own part panics.
struct Busy<'a>(&'a [Helper]);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let failed = self.0.iter().filter(|helper| !helper.finish()).count();
        assert!(failed == 0 || thread::panicking(), "{failed} parts of a kernel's work panicked");
    }
}

/// Work and its part, without the lifetime of what it borrows.
struct Job {
    work: *const Work<'static>,
    part: Range<usize>,
}

impl Job {
    fn new(work: &Work, part: Range<usize>) -> Self {
        let work: *const Work = work;
        // SAFETY: only the lifetime is another. `run` says when it may be called.
        let work = unsafe { std::mem::transmute::<*const Work<'_>, *const Work<'static>>(work) };
        Self { work, part }
    }

    /// # Safety
    /// What it was made from is still borrowed for it.
    unsafe fn run(self) {
        // SAFETY: the caller's promise.
        unsafe { (*self.work)(self.part) }
    }
}

/// A helper's place of work. Who may touch the job follows from its state.
struct Bench {
    state: AtomicU8,
    job: UnsafeCell<Option<Job>>,
}

/// No job, and the helper looks for one. The job is the caller's.
const LOOKING: u8 = 0;
/// No job, and the helper sleeps. The job is the caller's.
const ASLEEP: u8 = 1;
/// A job that nobody has begun. It is his who changes this state.
const READY: u8 = 2;
/// The helper is at it. The job is the helper's.
const BEGUN: u8 = 3;
/// No job, and the helper's last one panicked. Who handed it over makes it LOOKING again.
const FAILED: u8 = 4;

// SAFETY: the states say which of the two threads may touch the job; it holds a pointer to what is `Sync`.
unsafe impl Send for Bench {}
// SAFETY: as above.
unsafe impl Sync for Bench {}

struct Helper {
    bench: Arc<Bench>,
    thread: Thread,
}

impl Helper {
    fn start() -> io::Result<Self> {
        let bench = Arc::new(Bench { state: AtomicU8::new(LOOKING), job: UnsafeCell::new(None) });
        let theirs = Arc::clone(&bench);
        let thread = thread::Builder::new().name("helper".into()).spawn(move || theirs.help())?;
        Ok(Self { bench, thread: thread.thread().clone() })
    }

    fn hand_over(&self, job: Job) {
        // SAFETY: the helper has no job and only looks at the state.
        unsafe { *self.bench.job.get() = Some(job) };
        if self.bench.state.swap(READY, Ordering::AcqRel) == ASLEEP {
            self.thread.unpark();
        }
    }

    /// Waits until the job is done, or does it here where the helper has not begun; false when it panicked.
    fn finish(&self) -> bool {
        let state = &self.bench.state;
        if state.compare_exchange(READY, LOOKING, Ordering::Acquire, Ordering::Relaxed).is_ok() {
            return catch_unwind(AssertUnwindSafe(|| self.bench.run())).is_ok();
        }
        let mut looks = 0_u32;
        loop {
            match state.load(Ordering::Acquire) {
                BEGUN if looks < 10_000 => spin_loop(),
                // Its core is with another program.
                BEGUN => thread::yield_now(),
                FAILED => {
                    state.store(LOOKING, Ordering::Relaxed);
                    return false;
                }
                _ => return true,
            }
            looks += 1;
        }
    }
}

impl Bench {
    fn help(&self) {
        let mut since = Instant::now();
        for looks in 1_u64.. {
            if self.state.load(Ordering::Relaxed) == READY
                && self.state.compare_exchange(READY, BEGUN, Ordering::Acquire, Ordering::Relaxed).is_ok()
            {
                let done = catch_unwind(AssertUnwindSafe(|| self.run()));
                self.state.store(if done.is_ok() { LOOKING } else { FAILED }, Ordering::Release);
                since = Instant::now();
            } else if looks % 64 == 0 && since.elapsed() > AWAKE {
                let sleeps = self.state.compare_exchange(LOOKING, ASLEEP, Ordering::Relaxed, Ordering::Relaxed).is_ok();
                while sleeps && self.state.load(Ordering::Relaxed) == ASLEEP {
                    thread::park();
                }
                since = Instant::now();
            }
            spin_loop();
        }
    }

    fn run(&self) {
        // SAFETY: whoever calls has just changed the state from READY, so the job is its own.
        let job = unsafe { (*self.job.get()).take() };
        let job = job.expect("READY is a job");
        // SAFETY: the one who handed it over is still in `in_parts`, where `Busy` holds it.
        unsafe { job.run() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn times_worked_on(len: usize, least: usize) -> Vec<usize> {
        let times: Vec<_> = (0..len).map(|_| AtomicUsize::new(0)).collect();
        in_parts(len, least, &|part| {
            assert!(part.start % least == 0, "a part from {}", part.start);
            for i in part {
                times[i].fetch_add(1, Ordering::Relaxed);
            }
        });
        times.into_iter().map(AtomicUsize::into_inner).collect()
    }

    #[test]
    fn every_place_is_worked_on_once() {
        for round in 0..2000 {
            let (len, least) = (round % 97, round % 7 + 1);
            assert_eq!(times_worked_on(len, least), vec![1; len], "{len} by {least}");
            if round % 500 == 0 {
                // Long enough for the helpers to fall asleep.
                thread::sleep(4 * AWAKE);
            }
        }
    }

    #[test]
    fn several_callers_at_once_all_get_theirs() {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for len in (0..5000).step_by(37) {
                        assert_eq!(times_worked_on(len, 64), vec![1; len]);
                    }
                });
            }
        });
    }

    #[test]
    fn a_panic_in_a_part_reaches_the_caller_and_the_next_work_is_done() {
        let most = AtomicUsize::new(0);
        let caught = catch_unwind(AssertUnwindSafe(|| {
            in_parts(64, 16, &|part| {
                most.fetch_max(part.start, Ordering::Relaxed);
                assert_eq!(part.start, 0, "the second part fails");
            });
        }));
        assert_eq!(caught.is_err(), most.into_inner() > 0);
        (0..100).for_each(|_| assert_eq!(times_worked_on(64, 16), [1; 64]));
    }
}
