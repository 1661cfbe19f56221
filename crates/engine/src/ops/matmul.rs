//! The matrix product over the last two axes, for every entry of the axes before them.
//!
//!     y = a b    da = dy bᵀ    db = aᵀ dy

use crate::buffer::Buffer;
use crate::kernels::gemm::{Mat, gemm};
use crate::Tensor;

impl Tensor {
    /// `self` [.., M, K] times `other` [.., K, N]: [.., M, N]. The outer axes are equal, or `other` is one matrix for all.
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn matmul(&self, other: &Self) -> Self {
        let (a, b) = (self.shape(), other.shape());
        let fits = a.len() >= 2 && b.len() >= 2 && a[a.len() - 1] == b[b.len() - 2] && (b.len() == 2 || a[..a.len() - 2] == b[..b.len() - 2]);
        assert!(fits, "matmul: {a:?} times {b:?}");
        let (m, k, n) = (a[a.len() - 2], a[a.len() - 1], b.width());
        // One matrix on the right: all rows on the left are one tall matrix.
        let (batch, m) = if b.len() == 2 { (1, a.rows()) } else { (a.count() / (m * k).max(1), m) };
        let mut y = Buffer::scratch(batch * m * n);
        for (y, (a, b)) in y.chunks_exact_mut((m * n).max(1)).zip(self.data().chunks_exact((m * k).max(1)).zip(other.data().chunks_exact((k * n).max(1)))) {
            gemm(y, Mat::rows(a, m, k), Mat::rows(b, k, n), false);
        }
        let (left, right) = (self.clone(), other.clone());
        Self::result(a.with_width(n), y, &[self, other], move |dy, grads| {
            let dys = || dy.data().chunks_exact(m * n);
            if grads.wants(&left) {
                grads.accumulate(&left, |da, add| {
                    for ((da, dy), b) in da.chunks_exact_mut(m * k).zip(dys()).zip(right.data().chunks_exact(k * n)) {
                        gemm(da, Mat::rows(dy, m, n), Mat::rows(b, k, n).t(), add);
                    }
                });
            }
            if grads.wants(&right) {
                grads.accumulate(&right, |db, add| {
                    for ((db, dy), a) in db.chunks_exact_mut(k * n).zip(dys()).zip(left.data().chunks_exact(m * k)) {
                        gemm(db, Mat::rows(a, m, k).t(), Mat::rows(dy, m, n), add);
                    }
                });
            }
        })
    }
}

