//! Shapes: the lengths of a tensor's axes, at most six, kept without an allocation. Knows no data.

use std::fmt;
use std::ops::Deref;

const MOST_AXES: usize = 6;

/// The lengths of a tensor's axes, outermost first; a scalar has none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    axes: [usize; MOST_AXES],
    rank: u8,
}

impl Shape {
    /// A shape with these axes.
    ///
    /// # Panics
    /// Above six axes.
    #[track_caller]
    pub fn new(axes: &[usize]) -> Self {
        assert!(axes.len() <= MOST_AXES, "shape: {} axes, at most {MOST_AXES} are possible", axes.len());
        let mut kept = [0; MOST_AXES];
        kept[..axes.len()].copy_from_slice(axes);
        Self { axes: kept, rank: axes.len() as u8 }
    }

    /// How many elements a tensor of this shape has.
    pub fn count(&self) -> usize {
        self.iter().product()
    }

    /// The length of the last axis; 1 for a scalar.
    pub fn width(&self) -> usize {
        self.last().copied().unwrap_or(1)
    }

    /// The product of all axes but the last.
    pub fn rows(&self) -> usize {
        self.split_last().map_or(1, |(_, outer)| outer.iter().product())
    }

    /// This shape with the last axis replaced.
    #[track_caller]
    pub fn with_width(&self, width: usize) -> Self {
        assert!(self.rank > 0, "with_width: a scalar has no last axis");
        let mut changed = *self;
        changed.axes[self.rank as usize - 1] = width;
        changed
    }

    /// The shape that both broadcast to (axes are matched from the last; 1 stretches), if there is one.
    pub(crate) fn broadcast(&self, other: &Self) -> Option<Self> {
        let rank = self.len().max(other.len());
        let mut axes = [1; MOST_AXES];
        for i in 0..rank {
            let (a, b) = (self.axis_from_last(i), other.axis_from_last(i));
            axes[rank - 1 - i] = match (a, b) {
                _ if a == b => a,
                (1, _) => b,
                (_, 1) => a,
                _ => return None,
            };
        }
        Some(Self::new(&axes[..rank]))
    }

    fn axis_from_last(&self, i: usize) -> usize {
        if i < self.len() { self[self.len() - 1 - i] } else { 1 }
    }

    /// For each axis of `full`, the step in a tensor of this shape; 0 where it is stretched.
    pub(crate) fn strides_in(&self, full: &Self) -> [usize; MOST_AXES] {
        let mut strides = [0; MOST_AXES];
        let mut step = 1;
        for i in 0..self.len() {
            let here = self.axis_from_last(i);
            if here != 1 {
                strides[full.len() - 1 - i] = step;
            }
            step *= here;
        }
        strides
    }
}

impl Deref for Shape {
    type Target = [usize];
    fn deref(&self) -> &[usize] {
        &self.axes[..self.rank as usize]
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &[usize], b: &[usize], both: Option<&[usize]>) {
        assert_eq!(Shape::new(a).broadcast(&Shape::new(b)), both.map(Shape::new));
        assert_eq!(Shape::new(b).broadcast(&Shape::new(a)), both.map(Shape::new));
    }

    #[test]
    fn a_row_stretches_over_rows() {
        check(&[2, 3, 5], &[5], Some(&[2, 3, 5]));
    }

    #[test]
    fn a_column_and_a_row_make_a_rectangle() {
        check(&[2, 1], &[1, 7], Some(&[2, 7]));
    }

    #[test]
    fn unequal_lengths_do_not_broadcast() {
        check(&[2, 3], &[2], None);
    }
}
