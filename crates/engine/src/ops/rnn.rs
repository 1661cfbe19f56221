//! The plain recurrent network over a whole sequence in one sweep; the equation stands in `kernels::recurrent::rnn`.
//!
//! What the input contributes comes in ready, `drive` = x Wᵀ + b, and weight gradients are one large product, as in
//! `lstm.rs`. The gradient of `drive` is that of the sums before φ, for each is added to its own sum.

use super::sweep;
use crate::buffer::Buffer;
use crate::graph::Node;
use crate::kernels::recurrent::{self, Activation};
use crate::{Tensor, linear};

/// φ of a plain recurrent network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RnnActivation {
    /// The hyperbolic tangent.
    Tanh,
    /// σ(x) = 1 / (1 + e^-x).
    Sigmoid,
    /// max(x, 0).
    Relu,
}

impl RnnActivation {
    fn of_kernel(self) -> Activation {
        match self {
            Self::Tanh => Activation::Tanh,
            Self::Sigmoid => Activation::Sigmoid,
            Self::Relu => Activation::Relu,
        }
    }
}

/// Sweeps from the state `h0` [B, H] through `drive` [B, T, H] with the state's weight [H, H]: the states of all times,
/// [B, T, H]. They take the memory of `drive`, where nobody else holds it.
///
/// # Panics
/// When the shapes do not fit.
#[track_caller]
pub fn rnn(drive: Tensor, state_weight: &Tensor, h0: &Tensor, activation: RnnActivation) -> Tensor {
    let size = sweep::size("rnn", 1, &drive, state_weight, h0);
    let activation = activation.of_kernel();
    let (h, drive) = sweep::write_over(drive, |h| {
        recurrent::rnn_forward(size, activation, h, state_weight.data(), h0.data());
    });
    let kept = (drive.clone(), state_weight.clone(), h0.clone(), h.clone());
    let node = Node::result(&[&drive, state_weight, h0], move |dh, grads| {
        let Some(dh) = dh else { return };
        let (drive, weight, h0, h) = kept;
        let (mut ddrive, mut dh0) = (Buffer::scratch(h.count()), Buffer::scratch(h0.count()));
        let (h_data, dh_data) = (h.data(), dh.data());
        recurrent::rnn_backward(size, activation, h_data, weight.data(), dh_data, None, &mut ddrive, &mut dh0);
        let ddrive = Tensor::from_buffer(*drive.shape(), ddrive);
        sweep::add_weight_gradient(grads, size, &weight, &ddrive, &h0, &h);
        grads.add(&h0, Tensor::from_buffer(*h0.shape(), dh0));
        grads.add(&drive, ddrive);
    });
    h.with_node(node)
}

/// The sums before φ of a sweep that gave `h`, [B, T, H]: to look at, for the sweep keeps none. Tapped, they have their
/// gradient.
#[track_caller]
pub fn rnn_sums(drive: &Tensor, state_weight: &Tensor, h0: &Tensor, h: &Tensor) -> Tensor {
    let size = sweep::size("rnn_sums", 1, drive, state_weight, h0);
    let before = Tensor::from_buffer(*h.shape(), sweep::states_before(size, h0, h));
    let sums = drive.detach() + linear(&before, &state_weight.detach(), None);
    // Their gradient is that of `drive`, so they share its place in the record.
    sums.with_node(drive.node.clone())
}
