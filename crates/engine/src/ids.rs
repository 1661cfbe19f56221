//! Integers in a rectangle: tokens, classes, positions. They have no gradient.

use crate::Shape;
use std::sync::Arc;

/// Row-major integers of any shape, cheap to clone.
#[derive(Clone, Debug)]
pub struct Ids {
    shape: Shape,
    data: Arc<[u32]>,
}

impl Ids {
    /// Integers in this shape.
    ///
    /// # Panics
    /// When the count of `data` is not that of `shape`.
    #[track_caller]
    pub fn new(shape: &[usize], data: impl Into<Arc<[u32]>>) -> Self {
        let (shape, data) = (Shape::new(shape), data.into());
        assert_eq!(shape.count(), data.len(), "ids: {shape:?} does not hold {} integers", data.len());
        Self { shape, data }
    }

    /// The shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The integers, row-major.
    pub fn data(&self) -> &[u32] {
        &self.data
    }

    /// The same integers in another shape.
    #[track_caller]
    pub fn reshape(&self, shape: &[usize]) -> Self {
        Self::new(shape, Arc::clone(&self.data))
    }
}
