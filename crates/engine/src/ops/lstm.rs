//! The LSTM over a whole sequence in one sweep; the equations stand in `kernels::recurrent::lstm`.
//!
//! What the input contributes comes in ready, `drive` = x Wᵀ + b, so that it is one large product. Weight gradients are
//! one large product too: dU = Σ_t da_tᵀ h_(t-1).

use super::sweep::{self, Inner};
use crate::buffer::Buffer;
use crate::graph::{Node, Waiting};
use crate::kernels::recurrent::{self, Sweep};
use crate::{Shape, Tensor};

/// What a sweep of an LSTM gives.
pub struct LstmSweep {
    /// The states h of all times, [B, T, H].
    pub h: Tensor,
    /// The state c after the last time, [B, H].
    pub last_c: Tensor,
    /// The gates i, f, g, o of all times after their functions, [B, T, 4H]: to look at. When tapped, its gradient is that
    /// before the functions.
    pub gates: Tensor,
    /// The states c of all times, [B, T, H]: to look at; it has no gradient of its own.
    pub cells: Tensor,
}

/// Sweeps from the states `h0`, `c0` [B, H] through `drive` [B, T, 4H] with the state's weight [4H, H]; gates in the
/// order i, f, g, o. They take the memory of `drive`, where nobody else holds it.
///
/// # Panics
/// When the shapes do not fit.
#[track_caller]
pub fn lstm(drive: Tensor, state_weight: &Tensor, h0: &Tensor, c0: &Tensor) -> LstmSweep {
    let size = sweep::size("lstm", 4, &drive, state_weight, h0);
    assert_eq!(c0.shape(), h0.shape(), "lstm: the state c beside h");
    let Sweep { rows, steps, hidden } = size;
    let states = Shape::new(&[rows, steps, hidden]);
    let (mut h, mut c) = (Buffer::scratch(states.count()), Buffer::scratch(states.count()));
    let (gates, drive) = sweep::write_over(drive, |gates| {
        recurrent::lstm_forward(size, gates, state_weight.data(), h0.data(), c0.data(), &mut h, &mut c);
    });

    let h = Tensor::from_buffer(states, h);
    let cells = Tensor::from_buffer(states, c);
    let gates = Inner::new(gates);
    let last_c = sweep::last_time(&cells);
    let dc_last = Waiting::default();
    let kept = (drive.clone(), state_weight.clone(), h0.clone(), c0.clone());
    let (all_h, all_c, all_gates, kept_dc_last) = (h.clone(), cells.clone(), gates.clone(), dc_last.clone());
    let node = Node::result(&[&drive, state_weight, h0, c0], move |dh, grads| {
        let (drive, weight, h0, c0) = kept;
        let dh = dh.unwrap_or_else(|| Tensor::zeros(&states));
        let dc_last = kept_dc_last.take();
        let mut dgates = Buffer::scratch(drive.count());
        let (mut dh0, mut dc0) = (Buffer::scratch(h0.count()), Buffer::scratch(c0.count()));
        recurrent::lstm_backward(
            size,
            all_gates.data(),
            weight.data(),
            c0.data(),
            all_c.data(),
            dh.data(),
            None,
            dc_last.as_ref().map(Tensor::data),
            &mut dgates,
            &mut dh0,
            &mut dc0,
        );
        let dgates = Tensor::from_buffer(*drive.shape(), dgates);
        sweep::add_weight_gradient(grads, size, &weight, &dgates, &h0, &all_h);
        all_gates.deposit(grads, &dgates);
        grads.add(&h0, Tensor::from_buffer(*h0.shape(), dh0));
        grads.add(&c0, Tensor::from_buffer(*c0.shape(), dc0));
        grads.add(&drive, dgates);
    });
    let last_c = last_c.with_node(node.clone().map(|main| Node::side(main, dc_last)));
    LstmSweep { gates: gates.shown(node.is_some()), h: h.with_node(node), last_c, cells }
}
