//! The linear layer's product with its bias, in one pass.
//!
//!     y = x Wᵀ + b    dx = dy W    dW = dyᵀ x    db = Σ_rows dy
//!
//! W is [out, in], as PyTorch keeps it. Plain twin: `&x.matmul(&w.t()) + &b`.
//!
//! Where x are rows of a table that come up more than once, such as the characters of a text, the product is that of the
//! table, and its rows are looked up:
//!
//!     x = E[ids]    y = (E Wᵀ + b)[ids]    dE = scatter(dy) W    dW = scatter(dy)ᵀ E

use super::embedding::look_up;
use crate::Tensor;
use crate::buffer::Buffer;
use crate::graph::recording;
use crate::kernels::gemm::{Mat, gains_by_packing, gemm, gemm_plus_row};
use crate::kernels::product::Start;
use crate::kernels::reduce;
use crate::tensor::{Kept, Origin};
use std::cell::Cell;

/// Which products have their weight packed and kept.
#[derive(Clone, Copy, PartialEq)]
enum Keeping {
    None,
    /// Those that gain by it.
    Gaining,
    /// All, whatever their number of rows.
    All,
}

thread_local! {
    static KEEPING: Cell<Keeping> = const { Cell::new(Keeping::None) };
}

/// Runs `work`, which multiplies by the same weights again and again without recording: [`linear`] packs each weight at its
/// first product with more than one row, and keeps it so, as much memory again, until it changes or is dropped. Bits may differ
/// from those outside of it, as those of different numbers of rows do.
pub fn keep_packed<R>(work: impl FnOnce() -> R) -> R {
    keeping(Keeping::Gaining, work)
}

/// Runs `work` as [`keep_packed`] does, with one kernel for any number of rows: the bits of a row do not depend on how many
/// rows stand beside it.
pub fn rows_alike<R>(work: impl FnOnce() -> R) -> R {
    keeping(Keeping::All, work)
}

fn keeping<R>(which: Keeping, work: impl FnOnce() -> R) -> R {
    struct Guard(Keeping);
    impl Drop for Guard {
        fn drop(&mut self) {
            KEEPING.set(self.0);
        }
    }
    let _guard = Guard(KEEPING.replace(which));
    work()
}

/// `x` [.., I] times the transposed `weight` [O, I], plus `bias` (O numbers): [.., O].
///
/// # Panics
/// When the shapes do not fit.
#[track_caller]
pub fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Tensor {
    assert!(!x.shape().is_empty(), "linear: {:?} times a weight of {:?}", x.shape(), weight.shape());
    let (rows, inputs) = (x.shape().rows(), x.width());
    assert_eq!(weight.shape().len(), 2, "linear: a weight of shape {:?}", weight.shape());
    let outputs = weight.shape()[0];
    assert_eq!(weight.width(), inputs, "linear: {:?} times a weight of {:?}", x.shape(), weight.shape());
    if let Some(Origin::Lookup { table, ids }) = x.origin() {
        let of_table = linear(table, weight, bias);
        let (x, weight) = (x.clone(), weight.detach());
        return look_up(&of_table, ids, move |dy, grads| {
            if let Some(node) = &x.node {
                grads.show(node, || dy.matmul(&weight)); // the gradient itself goes around x
            }
        });
    }
    if let Some(bias) = bias {
        assert_eq!(bias.shape()[..], [outputs], "linear: a bias of shape {:?}", bias.shape());
    }
    let mut y = Buffer::scratch(rows * outputs);
    let (x_rows, weight_columns) = (Mat::rows(x.data(), rows, inputs), Mat::rows(weight.data(), outputs, inputs).t());
    let keeps = match KEEPING.get() {
        Keeping::None => false,
        Keeping::Gaining => !recording() && gains_by_packing(x_rows, weight_columns),
        Keeping::All => !recording() && inputs > 0,
    };
    match (keeps.then(|| weight.packed()).flatten(), bias.map(Tensor::data)) {
        (Some(packed), row) => packed.times(x.data(), row.map_or(Start::Zero, Start::Row), &mut y),
        (None, Some(row)) => gemm_plus_row(&mut y, x_rows, weight_columns, row),
        (None, None) => gemm(&mut y, x_rows, weight_columns, false),
    }

    let kept = (Kept::from(x), weight.clone(), bias.cloned());
    let all = [Some(x), Some(weight), bias];
    let given: Vec<&Tensor> = all.into_iter().flatten().collect();
    Tensor::result(x.shape().with_width(outputs), y, &given, move |dy, grads| {
        let (x, weight, bias) = kept;
        let dy_rows = Mat::rows(dy.data(), rows, outputs);
        grads.accumulate(&weight, |dw, add| gemm(dw, dy_rows.t(), Mat::rows(x.tensor().data(), rows, inputs), add));
        if let Some(bias) = &bias {
            grads.accumulate(bias, |db, add| reduce::sum_rows(dy.data(), db, add));
        }
        grads.accumulate(&x, |dx, add| gemm(dx, dy_rows, Mat::rows(weight.data(), outputs, inputs), add));
    })
}
