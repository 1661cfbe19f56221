//! How often somebody may ask: a bucket for each, filled at a steady pace.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many are kept apart; then those that are full again are forgotten.
const MOST: usize = 10_000;

/// The buckets.
pub(crate) struct Rates {
    a_minute: u32,
    buckets: Mutex<HashMap<String, Bucket>>,
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl Rates {
    /// So many requests a minute for each; 0 for no limit.
    pub(crate) fn new(a_minute: u32) -> Self {
        Self { a_minute, buckets: Mutex::default() }
    }

    /// Takes a request of `who` at `now`, or says how long to wait.
    pub(crate) fn take(&self, who: &str, now: Instant) -> Result<(), Duration> {
        if self.a_minute == 0 {
            return Ok(());
        }
        let (full, a_second) = (f64::from(self.a_minute), f64::from(self.a_minute) / 60.0);
        let left = |bucket: &Bucket| {
            (bucket.left + now.saturating_duration_since(bucket.at).as_secs_f64() * a_second).min(full)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            buckets.retain(|_, bucket| left(bucket) < full);
        }
        let bucket = buckets.entry(who.to_owned()).or_insert(Bucket { left: full, at: now });
        *bucket = Bucket { left: left(bucket), at: now };
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64(((1.0 - bucket.left) / a_second).ceil()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_s_worth_may_come_at_once_and_then_one_at_a_time() {
        let (rates, begin) = (Rates::new(30), Instant::now());
        assert!((0..30).all(|_| rates.take("ada", begin).is_ok()));
        // Two seconds a request.
        assert_eq!(rates.take("ada", begin), Err(Duration::from_secs(2)));
        assert_eq!(rates.take("bob", begin), Ok(()));
        let later = begin + Duration::from_secs(2);
        assert_eq!((rates.take("ada", later), rates.take("ada", later).is_err()), (Ok(()), true));
    }

    #[test]
    fn no_limit_is_none() {
        let rates = Rates::new(0);
        assert!((0..1000).all(|_| rates.take("ada", Instant::now()).is_ok()));
    }
}
