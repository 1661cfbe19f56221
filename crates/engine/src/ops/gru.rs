//! The GRU over a whole sequence in one sweep; the equations stand in `kernels::recurrent::gru`.
//!
//! What the input contributes comes in ready, `drive` = x Wᵀ + b, and weight gradients are large products, as in
//! `lstm.rs`. The state's bias comes in apart: with the reset after the product it is reset too.

use super::sweep::{self, Inner};
use crate::buffer::Buffer;
use crate::graph::{Grads, Node};
use crate::kernels::gemm::{Mat, gemm};
use crate::kernels::recurrent::{self, Reset, Sweep};
use crate::kernels::reduce;
use crate::{Shape, Tensor};

/// Where the candidate of a GRU is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GruReset {
    /// The state before its product with U_n (Cho 2014).
    Before,
    /// The product (cuDNN, PyTorch).
    After,
}

/// What a sweep of a GRU gives.
pub struct GruSweep {
    /// The states of all times, [B, T, H].
    pub h: Tensor,
    /// The gates r, z and the candidate n of all times after their functions, [B, T, 3H]: to look at. When tapped, its
    /// gradient is that before the functions.
    pub gates: Tensor,
}

/// Sweeps from the state `h0` [B, H] through `drive` [B, T, 3H] with the state's weight [3H, H] and its bias of 3H
/// numbers; gates in the order r, z, n. They take the memory of `drive`, where nobody else holds it.
///
/// # Panics
/// When the shapes do not fit.
#[track_caller]
pub fn gru(drive: Tensor, state_weight: &Tensor, state_bias: &Tensor, h0: &Tensor, reset: GruReset) -> GruSweep {
    let size = sweep::size("gru", 3, &drive, state_weight, h0);
    let Sweep { rows, steps, hidden } = size;
    assert_eq!(state_bias.shape()[..], [3 * hidden], "gru: state bias");
    let reset = match reset {
        GruReset::Before => Reset::Before,
        GruReset::After => Reset::After,
    };
    let states = Shape::new(&[rows, steps, hidden]);
    let (mut h, mut inner) = (Buffer::scratch(states.count()), Buffer::scratch(states.count()));
    let (weight, bias) = (state_weight.data(), state_bias.data());
    let (gates, drive) = sweep::write_over(drive, |gates| {
        recurrent::gru_forward(size, reset, gates, weight, bias, h0.data(), &mut h, &mut inner);
    });

    let h = Tensor::from_buffer(states, h);
    let gates = Inner::new(gates);
    let kept = (drive.clone(), state_weight.clone(), state_bias.clone(), h0.clone(), h.clone(), gates.clone());
    let node = Node::result(&[&drive, state_weight, state_bias, h0], move |dh, grads| {
        let Some(dh) = dh else { return };
        let (drive, weight, bias, h0, h, gates) = kept;
        let (mut dgates, mut dinner) = (Buffer::scratch(drive.count()), Buffer::scratch(h.count()));
        let mut dh0 = Buffer::scratch(h0.count());
        recurrent::gru_backward(
            size,
            reset,
            gates.data(),
            weight.data(),
            h0.data(),
            h.data(),
            &inner,
            dh.data(),
            None,
            &mut dgates,
            &mut dinner,
            &mut dh0,
        );
        let places = rows * steps;
        let before = sweep::states_before(size, &h0, &h);
        // The candidate's product: its gradient, and the state that was multiplied.
        let (dproduct, multiplied) = match reset {
            Reset::Before => (Mat::spaced(&dgates[2 * hidden..], places, hidden, 3 * hidden), &inner),
            Reset::After => (Mat::rows(&dinner, places, hidden), &before),
        };
        grads.accumulate(&weight, |dweight, add| {
            let (d_rz, d_n) = dweight.split_at_mut(2 * hidden * hidden);
            gemm(
                d_rz,
                Mat::spaced(&dgates, places, 2 * hidden, 3 * hidden).t(),
                Mat::rows(&before, places, hidden),
                add,
            );
            gemm(d_n, dproduct.t(), Mat::rows(multiplied, places, hidden), add);
        });
        add_bias_gradient(grads, hidden, &bias, &dgates, (reset == Reset::After).then_some(&dinner));
        let dgates = Tensor::from_buffer(*drive.shape(), dgates);
        gates.deposit(grads, &dgates);
        grads.add(&h0, Tensor::from_buffer(*h0.shape(), dh0));
        grads.add(&drive, dgates);
    });
    GruSweep { gates: gates.shown(node.is_some()), h: h.with_node(node) }
}

/// The sums of `dgates` over all places; of the candidate those of `dinner`, where its bias was reset.
fn add_bias_gradient(grads: &mut Grads, hidden: usize, bias: &Tensor, dgates: &[f32], dinner: Option<&Buffer>) {
    if !grads.wants(bias) {
        return;
    }
    let mut dbias = Buffer::scratch(bias.count());
    reduce::sum_rows(dgates, &mut dbias, false);
    if let Some(dinner) = dinner {
        reduce::sum_rows(dinner, &mut dbias[2 * hidden..], false);
    }
    grads.add(bias, Tensor::from_buffer(*bias.shape(), dbias));
}
