//! Numbers of parameters that stop at the largest instead of wrapping round, so that a formula may be asked about any
//! sizes and still looks as in its header. Allocates nothing.

use std::iter::Sum;
use std::ops::{Add, Mul, Sub};

/// A size, or what is counted of sizes: at most `usize::MAX`, and at least 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) usize);

impl From<usize> for Count {
    fn from(size: usize) -> Self {
        Self(size)
    }
}

impl<R: Into<Count>> Add<R> for Count {
    type Output = Count;

    fn add(self, other: R) -> Count {
        Count(self.0.saturating_add(other.into().0))
    }
}

impl<R: Into<Count>> Sub<R> for Count {
    type Output = Count;

    fn sub(self, other: R) -> Count {
        Count(self.0.saturating_sub(other.into().0))
    }
}

impl<R: Into<Count>> Mul<R> for Count {
    type Output = Count;

    fn mul(self, other: R) -> Count {
        Count(self.0.saturating_mul(other.into().0))
    }
}

impl Mul<Count> for usize {
    type Output = Count;

    fn mul(self, other: Count) -> Count {
        other * self
    }
}

impl Sum for Count {
    fn sum<I: Iterator<Item = Count>>(counts: I) -> Count {
        counts.fold(Count(0), |sum, count| sum + count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: Count, expected: usize) {
        assert_eq!(count, Count(expected));
    }

    #[test]
    fn small_numbers_are_counted_as_ever() {
        check(3 * Count(5) + Count(7) * 2 - 1 + Count(4), 32);
        check([Count(2), Count(3)].into_iter().sum(), 5);
    }

    #[test]
    fn large_numbers_stop_at_the_largest() {
        check(Count(usize::MAX) + 1, usize::MAX);
        check(2 * Count(usize::MAX / 2 + 1), usize::MAX);
        check(Count(99_999_999_999_999_999) * Count(99_999_999_999_999_999), usize::MAX);
        check([Count(usize::MAX), Count(1)].into_iter().sum(), usize::MAX);
    }

    #[test]
    fn nothing_is_less_than_nothing() {
        check(Count(0) - 1, 0);
    }
}
