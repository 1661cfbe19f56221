//! Other arrangements of the same numbers: reshape, transpose, cut, join. The gradient goes back the same way.

use crate::buffer::Buffer;
use crate::graph::{Differentiable, Node, Target};
use crate::kernels::embedding;
use crate::{Shape, Tensor};

impl Tensor {
    /// The same numbers in another shape; nothing is copied.
    ///
    /// # Panics
    /// When the counts differ.
    #[track_caller]
    pub fn reshape(&self, shape: &[usize]) -> Self {
        let shape = Shape::new(shape);
        assert_eq!(shape.count(), self.count(), "reshape: {:?} to {shape:?}", self.shape());
        let x = Target::from(self);
        let node = Node::result(&[self], move |dy, grads| {
            if let Some(dy) = dy {
                grads.add(&x, dy.view(*x.shape(), None));
            }
        });
        self.view(shape, node)
    }

    /// The last two axes exchanged.
    #[track_caller]
    pub fn t(&self) -> Self {
        let rank = self.shape().len();
        assert!(rank >= 2, "t: {:?} has fewer than two axes", self.shape());
        self.swap(rank - 2, rank - 1)
    }

    /// Two axes exchanged.
    #[track_caller]
    pub fn swap(&self, first: usize, second: usize) -> Self {
        let rank = self.shape().len();
        assert!(first < rank && second < rank, "swap: {:?} has no axes {first} and {second}", self.shape());
        let x = Target::from(self);
        let swapped = swapped(self, first, second);
        Self::result(*swapped.shape(), swapped.into_buffer(), &[self], move |dy, grads| {
            grads.add(&x, self::swapped(&dy, first, second));
        })
    }

    /// `length` entries of an axis, from `start`.
    ///
    /// # Panics
    /// When they are not all there.
    #[track_caller]
    pub fn narrow(&self, axis: usize, start: usize, length: usize) -> Self {
        let shape = self.shape();
        assert!(
            axis < shape.len() && start + length <= shape[axis],
            "narrow: {start}..{} of axis {axis} of {shape:?}",
            start + length
        );
        let inner: usize = shape[axis + 1..].iter().product();
        let (whole, part, offset) = (shape[axis] * inner, length * inner, start * inner);
        let mut axes = shape.to_vec();
        axes[axis] = length;
        let shape = Shape::new(&axes);
        let mut out = Buffer::scratch(shape.count());
        if part > 0 {
            for (out, x) in out.chunks_exact_mut(part).zip(self.data().chunks_exact(whole)) {
                out.copy_from_slice(&x[offset..offset + part]);
            }
        }
        let x = Target::from(self);
        Self::result(shape, out, &[self], move |dy, grads| {
            grads.accumulate(&x, |dx, add| {
                if !add {
                    dx.fill(0.0);
                }
                if part > 0 {
                    for (dx, dy) in dx.chunks_exact_mut(whole).zip(dy.data().chunks_exact(part)) {
                        dx[offset..offset + part].iter_mut().zip(dy).for_each(|(dx, dy)| *dx += dy);
                    }
                }
            });
        })
    }

    /// The last axis cut into `N` equal parts.
    ///
    /// # Panics
    /// When it does not divide.
    #[track_caller]
    pub fn split<const N: usize>(&self) -> [Self; N] {
        let (rank, width) = (self.shape().len(), self.width());
        assert!(rank > 0 && width % N == 0, "split: {:?} into {N} parts", self.shape());
        std::array::from_fn(|i| self.narrow(rank - 1, i * width / N, width / N))
    }

    /// Entries of the first axis by number, in that order; one may be taken more than once.
    ///
    /// # Panics
    /// When there is no such entry.
    #[track_caller]
    pub fn select(&self, rows: &[usize]) -> Self {
        assert!(!self.shape().is_empty(), "select: {:?} has no rows", self.shape());
        let (count, inner) = (self.shape()[0], self.shape()[1..].iter().product::<usize>());
        let mut axes = self.shape().to_vec();
        axes[0] = rows.len();
        for &row in rows {
            assert!(row < count, "select: row {row} of {:?}", self.shape());
        }
        let rows: Vec<u32> = rows.iter().map(|&row| row as u32).collect();
        let mut out = Buffer::scratch(rows.len() * inner);
        if inner > 0 {
            embedding::gather(self.data(), inner, &rows, &mut out);
        }
        let x = Target::from(self);
        Self::result(Shape::new(&axes), out, &[self], move |dy, grads| {
            grads.accumulate(&x, |dx, add| {
                if !add {
                    dx.fill(0.0);
                }
                if inner > 0 {
                    embedding::scatter_add(dx, inner, &rows, dy.data());
                }
            });
        })
    }
}

fn swapped(x: &Tensor, first: usize, second: usize) -> Tensor {
    if first == second {
        return x.detach();
    }
    let (first, second) = (first.min(second), first.max(second));
    let shape = x.shape();
    let mut axes = shape.to_vec();
    axes.swap(first, second);
    let product = |axes: &[usize]| axes.iter().product::<usize>();
    // [outer, a, middle, b, inner] becomes [outer, b, middle, a, inner].
    let (outer, middle, inner) =
        (product(&shape[..first]), product(&shape[first + 1..second]), product(&shape[second + 1..]));
    let (a, b) = (shape[first], shape[second]);
    let mut out = Buffer::scratch(x.count());
    let mut places = out.chunks_exact_mut(inner.max(1));
    for o in 0..outer {
        for j in 0..b {
            for m in 0..middle {
                for i in 0..a {
                    let from = (((o * a + i) * middle + m) * b + j) * inner;
                    if let Some(place) = places.next() {
                        place.copy_from_slice(&x.data()[from..from + inner]);
                    }
                }
            }
        }
    }
    Tensor::from_buffer(Shape::new(&axes), out)
}

/// Tensors joined along `axis`; all other axes must agree.
///
/// # Panics
/// When they do not, or nothing is given.
#[track_caller]
pub fn cat(tensors: &[&Tensor], axis: usize) -> Tensor {
    assert!(!tensors.is_empty(), "cat: nothing to join");
    let mut axes = tensors[0].shape().to_vec();
    assert!(axis < axes.len(), "cat: {:?} has no axis {axis}", tensors[0].shape());
    axes[axis] = tensors.iter().map(|x| x.shape()[axis]).sum();
    for x in tensors {
        let agrees = x.shape().len() == axes.len() && (0..axes.len()).all(|i| i == axis || x.shape()[i] == axes[i]);
        assert!(agrees, "cat along {axis}: {:?} beside {:?}", x.shape(), tensors[0].shape());
    }
    let shape = Shape::new(&axes);
    let inner: usize = axes[axis + 1..].iter().product();
    let whole = axes[axis] * inner;
    let mut out = Buffer::scratch(shape.count());
    let mut offset = 0;
    for x in tensors {
        let part = x.shape()[axis] * inner;
        if part > 0 {
            for (out, x) in out.chunks_exact_mut(whole).zip(x.data().chunks_exact(part)) {
                out[offset..offset + part].copy_from_slice(x);
            }
        }
        offset += part;
    }
    let parts: Vec<Target> = tensors.iter().map(|&x| Target::from(x)).collect();
    Tensor::result(shape, out, tensors, move |dy, grads| {
        let mut start = 0;
        for x in &parts {
            let length = x.shape()[axis];
            if grads.wants(x) {
                grads.add(x, dy.narrow(axis, start, length));
            }
            start += length;
        }
    })
}

/// Tensors of one shape side by side along a new `axis`.
///
/// # Panics
/// When shapes differ, or nothing is given.
#[track_caller]
pub fn stack(tensors: &[&Tensor], axis: usize) -> Tensor {
    assert!(!tensors.is_empty(), "stack: nothing to join");
    let shape = tensors[0].shape();
    assert!(axis <= shape.len(), "stack: no new axis {axis} in {shape:?}");
    for x in tensors {
        assert_eq!(x.shape(), shape, "stack: {:?} beside {shape:?}", x.shape());
    }
    let widened: Vec<Tensor> = tensors
        .iter()
        .map(|x| {
            let mut axes = x.shape().to_vec();
            axes.insert(axis, 1);
            x.reshape(&axes)
        })
        .collect();
    cat(&widened.iter().collect::<Vec<_>>(), axis)
}
