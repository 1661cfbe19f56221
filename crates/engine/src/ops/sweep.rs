//! What the recurrent sweeps share: their size, the gradient of the state's weight, and the inner values they show.

use crate::buffer::Buffer;
use crate::graph::{Grads, Node};
use crate::kernels::gemm::{Mat, gemm};
use crate::kernels::recurrent::Sweep;
use crate::{Shape, Tensor};
use std::sync::Arc;

/// Checks the shapes: `drive` [B, T, gates H], `weight` [gates H, H], `h0` [B, H].
#[track_caller]
pub(crate) fn size(name: &str, gates: usize, drive: &Tensor, weight: &Tensor, h0: &Tensor) -> Sweep {
    let (drive, weight, h0) = (drive.shape(), weight.shape(), h0.shape());
    let fits = drive.len() == 3
        && h0.len() == 2
        && drive[0] == h0[0]
        && drive[2] == gates * h0[1]
        && weight[..] == [gates * h0[1], h0[1]];
    assert!(fits && drive.count() > 0, "{name}: drive {drive:?}, state weight {weight:?}, first state {h0:?}");
    Sweep { rows: drive[0], steps: drive[1], hidden: h0[1] }
}

/// Lets `sweep` write over the numbers of `drive`, in their own memory where nobody else holds them. Gives what they have
/// become, and the same numbers in the drive's place in the record.
pub(crate) fn write_over(drive: Tensor, sweep: impl FnOnce(&mut [f32])) -> (Tensor, Tensor) {
    let (shape, place) = (*drive.shape(), drive.node.clone());
    let mut numbers = drive.into_buffer();
    sweep(&mut numbers);
    let written = Tensor::from_buffer(shape, numbers);
    let drive = written.view(shape, place);
    (written, drive)
}

/// `dweight += Σ_t dgates_tᵀ h_(t-1)`, for `rows` [first, ..] of the gates that read the state as it was.
pub(crate) fn add_weight_gradient(
    grads: &mut Grads,
    size: Sweep,
    weight: &Tensor,
    dgates: &Tensor,
    h0: &Tensor,
    h: &Tensor,
) {
    let Sweep { rows, steps, hidden } = size;
    let gates = dgates.width();
    grads.accumulate(weight, |dweight, add| {
        let before = states_before(size, h0, h);
        let places = rows * steps;
        gemm(dweight, Mat::rows(dgates.data(), places, gates).t(), Mat::rows(&before, places, hidden), add);
    });
}

/// The state that each time starts from, [B, T, H]: h0, then all of `h` but the last.
pub(crate) fn states_before(size: Sweep, h0: &Tensor, h: &Tensor) -> Buffer {
    let Sweep { steps, hidden, .. } = size;
    let mut before = Buffer::scratch(h.count());
    for ((before, h), h0) in before
        .chunks_exact_mut(steps * hidden)
        .zip(h.data().chunks_exact(steps * hidden))
        .zip(h0.data().chunks_exact(hidden))
    {
        before[..hidden].copy_from_slice(h0);
        before[hidden..].copy_from_slice(&h[..(steps - 1) * hidden]);
    }
    before
}

/// The last time of [B, T, H], without history: [B, H].
pub(crate) fn last_time(states: &Tensor) -> Tensor {
    let shape = states.shape();
    let (rows, steps, hidden) = (shape[0], shape[1], shape[2]);
    let mut last = Buffer::scratch(rows * hidden);
    for (last, states) in last.chunks_exact_mut(hidden).zip(states.data().chunks_exact(steps * hidden)) {
        last.copy_from_slice(&states[(steps - 1) * hidden..]);
    }
    Tensor::from_buffer(Shape::new(&[rows, hidden]), last)
}

/// A value inside a fused operation that may be looked at and tapped, but not computed on with a gradient.
#[derive(Clone)]
pub(crate) struct Inner {
    value: Tensor,
    node: Arc<Node>,
}

impl Inner {
    pub(crate) fn new(value: Tensor) -> Self {
        Self { value, node: Node::leaf() }
    }

    pub(crate) fn data(&self) -> &[f32] {
        self.value.data()
    }

    /// For the outside; it can be tapped where the operation is recorded.
    pub(crate) fn shown(self, recorded: bool) -> Tensor {
        self.value.with_node(recorded.then_some(self.node))
    }

    /// Leaves `gradient` for whoever tapped the value.
    pub(crate) fn deposit(&self, grads: &mut Grads, gradient: &Tensor) {
        grads.show(&self.node, || gradient.clone());
    }
}
