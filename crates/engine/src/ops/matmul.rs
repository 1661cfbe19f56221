//! The matrix product over the last two axes, for every entry of the axes before them.
//!
//!     y = a b    da = dy bᵀ    db = aᵀ dy

use crate::Tensor;
use crate::buffer::Buffer;
use crate::kernels::gemm::{Mat, gemm};
use std::ops::Range;

impl Tensor {
    /// `self` [.., M, K] times `other` [.., K, N]: [.., M, N]. The outer axes are equal, or `other` is one matrix for all.
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn matmul(&self, other: &Self) -> Self {
        let (a, b) = (self.shape(), other.shape());
        let fits = a.len() >= 2
            && b.len() >= 2
            && a[a.len() - 1] == b[b.len() - 2]
            && (b.len() == 2 || a[..a.len() - 2] == b[..b.len() - 2]);
        assert!(fits, "matmul: {a:?} times {b:?}");
        let (m, k, n) = (a[a.len() - 2], a[a.len() - 1], b.width());
        // One matrix on the right: all rows on the left are one tall matrix.
        let (batch, m) = if b.len() == 2 { (1, a.rows()) } else { (a[..a.len() - 2].iter().product(), m) };
        let (left_of, right_of, out_of) = (each(m * k), each(k * n), each(m * n));
        let mut y = Buffer::scratch(batch * m * n);
        for i in 0..batch {
            let (a, b) = (&self.data()[left_of(i)], &other.data()[right_of(i)]);
            gemm(&mut y[out_of(i)], Mat::rows(a, m, k), Mat::rows(b, k, n), false);
        }
        let (left, right) = (self.clone(), other.clone());
        Self::result(a.with_width(n), y, &[self, other], move |dy, grads| {
            grads.accumulate(&left, |da, add| {
                for i in 0..batch {
                    let (dy, b) = (&dy.data()[out_of(i)], &right.data()[right_of(i)]);
                    gemm(&mut da[left_of(i)], Mat::rows(dy, m, n), Mat::rows(b, k, n).t(), add);
                }
            });
            grads.accumulate(&right, |db, add| {
                for i in 0..batch {
                    let (dy, a) = (&dy.data()[out_of(i)], &left.data()[left_of(i)]);
                    gemm(&mut db[right_of(i)], Mat::rows(a, m, k).t(), Mat::rows(dy, m, n), add);
                }
            });
        })
    }
}

/// Where the `i`-th matrix of `count` elements lies.
fn each(count: usize) -> impl Fn(usize) -> Range<usize> + Copy {
    move |i| i * count..(i + 1) * count
}
