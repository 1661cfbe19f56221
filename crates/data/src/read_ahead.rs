//! Reading ahead: the next batches are made on another thread while this one computes. The batches are the same
//! either way; only the waiting differs, and is measured.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::{Batch, Batches, DataError};

/// The batches from some step on, in order, a few of them made in advance.
#[derive(Debug)]
pub struct ReadAhead<B = Batch> {
    /// Handed over and not yet asked for.
    here: std::vec::IntoIter<Result<B, DataError>>,
    /// Taken first when dropped, so that the other thread stops.
    ready: Option<Receiver<Vec<Result<B, DataError>>>>,
    maker: Option<JoinHandle<()>>,
    waited: Duration,
}

impl<B: Send + 'static> ReadAhead<B> {
    /// Batches from `first_step` on. They are handed over at once when they are wanted, else at most `most_together` in a
    /// hand (at least one), for a hand-over takes as long as making a small one; three such hands may be under way.
    pub fn new(batches: Arc<dyn Batches<B>>, first_step: u64, most_together: usize) -> Self {
        let (give, ready) = sync_channel(1);
        let make = move || {
            let mut made = Vec::new();
            for step in first_step.. {
                made.push(batches.at(step));
                let is_last = made.last().is_some_and(Result::is_err);
                let given = match give.try_send(made) {
                    Err(TrySendError::Full(more)) if more.len() < most_together && !is_last => {
                        made = more;
                        continue;
                    }
                    Err(TrySendError::Full(more)) => give.send(more).is_ok(),
                    given => given.is_ok(),
                };
                if !given || is_last {
                    return; // nobody wants more, or there is no more
                }
                made = Vec::with_capacity(most_together);
            }
        };
        let maker = Some(std::thread::spawn(make));
        ReadAhead { here: Vec::new().into_iter(), ready: Some(ready), maker, waited: Duration::ZERO }
    }

    /// How long [`Iterator::next`] had to wait in all, in seconds.
    pub fn waited_seconds(&self) -> f64 {
        self.waited.as_secs_f64()
    }
}

/// Ends only behind an error. Panics as the other thread did, if it did.
impl<B: Send + 'static> Iterator for ReadAhead<B> {
    type Item = Result<B, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(batch) = self.here.next() {
            return Some(batch);
        }
        let start = Instant::now();
        let handed = self.ready.as_ref()?.recv();
        self.waited += start.elapsed();
        match handed {
            Ok(batches) => self.here = batches.into_iter(),
            Err(_) => {
                if let Some(Err(panic)) = self.maker.take().map(JoinHandle::join) {
                    std::panic::resume_unwind(panic);
                }
            }
        }
        self.here.next()
    }
}

impl<B> Drop for ReadAhead<B> {
    fn drop(&mut self) {
        self.ready = None;
        if let Some(maker) = self.maker.take() {
            // If it panicked, whoever asked for a batch has heard of it.
            let _ = maker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A batch is its step; there is none behind 20, and the step 13 fails.
    struct Steps;

    impl Batches<u64> for Steps {
        fn at(&self, step: u64) -> Result<u64, DataError> {
            assert_ne!(step, 13, "no step 13");
            if step > 20 { Err(DataError::NoRows) } else { Ok(step) }
        }

        fn steps_per_epoch(&self) -> u64 {
            1
        }
    }

    #[test]
    fn the_batches_come_in_order_from_the_step_asked() {
        for ahead in [0, 1, 4] {
            let read: Vec<u64> = ReadAhead::new(Arc::new(Steps), 14, ahead).take(7).map(Result::unwrap).collect();
            assert_eq!(read, (14..21).collect::<Vec<_>>());
        }
    }

    #[test]
    #[should_panic(expected = "no step 13")]
    fn a_failure_on_the_other_thread_is_seen_here() {
        let _ = ReadAhead::new(Arc::new(Steps), 12, 2).take(2).count();
    }

    #[test]
    fn an_error_comes_in_its_place_and_is_the_last() {
        let read: Vec<bool> = ReadAhead::new(Arc::new(Steps), 19, 2).map(|batch| batch.is_ok()).collect();
        assert_eq!(read, [true, true, false]);
    }

    struct Slow;

    impl Batches<u64> for Slow {
        fn at(&self, step: u64) -> Result<u64, DataError> {
            std::thread::sleep(Duration::from_millis(20));
            Ok(step)
        }

        fn steps_per_epoch(&self) -> u64 {
            1
        }
    }

    #[test]
    fn waiting_is_measured() {
        let mut ahead = ReadAhead::new(Arc::new(Slow), 0, 1);
        assert_eq!(ahead.next().unwrap().unwrap(), 0);
        assert!(ahead.waited_seconds() > 0.005, "{}", ahead.waited_seconds());
    }
}
