//! The record of what was computed, and the walk back through it. Knows no operation: each brings its own derivative.
//!
//! Nodes are numbered as they are made, so the highest number first is an order in which every gradient is whole before
//! it is passed on.

use crate::buffer::Buffer;
use crate::{Shape, Tensor};
use std::cell::Cell;
use std::collections::{BinaryHeap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

type Backward = Box<dyn FnOnce(Option<Tensor>, &mut Grads) + Send>;

/// One result in the record.
pub(crate) struct Node {
    pub(crate) id: u64,
    tapped: AtomicBool,
    edges: Vec<Arc<Node>>,
    backward: Mutex<Option<Backward>>,
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Where the gradient of a side result waits for its operation's derivative.
#[derive(Clone, Default)]
pub(crate) struct Waiting(Arc<Mutex<Option<Tensor>>>);

impl Waiting {
    /// The gradient, if the loss depends on the side result.
    pub(crate) fn take(&self) -> Option<Tensor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Node {
    fn make(edges: Vec<Arc<Node>>, backward: Option<Backward>) -> Arc<Self> {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self { id, tapped: AtomicBool::new(false), edges, backward: Mutex::new(backward) })
    }

    pub(crate) fn leaf() -> Arc<Self> {
        Self::make(Vec::new(), None)
    }

    /// A result of an operation on `inputs`, if any of them is in the record. `backward` is handed the gradient of the
    /// result; none when only a side result (see [`Node::side`]) has one.
    pub(crate) fn result(
        inputs: &[&Tensor],
        backward: impl FnOnce(Option<Tensor>, &mut Grads) + Send + 'static,
    ) -> Option<Arc<Self>> {
        if !recording() {
            return None;
        }
        let edges: Vec<_> = inputs.iter().filter_map(|input| input.node.clone()).collect();
        (!edges.is_empty()).then(|| Self::make(edges, Some(Box::new(backward))))
    }

    /// A further result of the operation of `main`. It is walked first, being made later; its gradient is left in
    /// `waiting` for `main`'s derivative to take.
    pub(crate) fn side(main: Arc<Self>, waiting: Waiting) -> Arc<Self> {
        let leave = move |gradient, _: &mut Grads| *waiting.0.lock().unwrap_or_else(PoisonError::into_inner) = gradient;
        Self::make(vec![main], Some(Box::new(leave)))
    }

    pub(crate) fn tap(&self) {
        self.tapped.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_tapped(&self) -> bool {
        self.tapped.load(Ordering::Relaxed)
    }

    /// Gives up all that leads to other nodes: the derivative, whose tensors hold them too, and then the edges.
    fn let_go(&mut self) -> Vec<Arc<Node>> {
        *self.backward.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        std::mem::take(&mut self.edges)
    }
}

impl Drop for Node {
    /// One node after the other: each inside the one before it, a long record would overflow the stack.
    fn drop(&mut self) {
        let mut waiting = self.let_go();
        while let Some(edge) = waiting.pop() {
            if let Some(mut node) = Arc::into_inner(edge) {
                waiting.append(&mut node.let_go());
            }
        }
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl Eq for Node {}
impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Node {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.id.cmp(&other.id)
    }
}

/// What has a gradient.
pub(crate) trait Differentiable {
    fn node(&self) -> Option<&Arc<Node>>;
    fn shape(&self) -> &Shape;
}

impl Differentiable for Tensor {
    fn node(&self) -> Option<&Arc<Node>> {
        self.node.as_ref()
    }

    fn shape(&self) -> &Shape {
        self.shape()
    }
}

/// A tensor without its numbers: all that a derivative keeps of an input which it need not read again.
pub(crate) struct Target {
    node: Option<Arc<Node>>,
    shape: Shape,
}

impl From<&Tensor> for Target {
    fn from(tensor: &Tensor) -> Self {
        Self { node: tensor.node.clone(), shape: *tensor.shape() }
    }
}

impl Differentiable for Target {
    fn node(&self) -> Option<&Arc<Node>> {
        self.node.as_ref()
    }

    fn shape(&self) -> &Shape {
        &self.shape
    }
}

/// Gradients by tensor: those of leaves and of tapped tensors stay, the others are passed on and go.
#[derive(Default)]
pub struct Grads {
    by_node: HashMap<u64, Tensor>,
    /// Those of tapped tensors, which have been passed on.
    tapped: HashMap<u64, Tensor>,
}

impl Grads {
    /// No gradients yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The gradient of `tensor`, of its shape; none if the loss does not depend on it, or it is neither a leaf nor tapped.
    pub fn of(&self, tensor: &Tensor) -> Option<&Tensor> {
        let id = tensor.node.as_ref()?.id;
        self.by_node.get(&id).or_else(|| self.tapped.get(&id))
    }

    /// Takes the gradient of `tensor` out.
    pub fn take(&mut self, tensor: &Tensor) -> Option<Tensor> {
        let id = tensor.node.as_ref()?.id;
        self.by_node.remove(&id).or_else(|| self.tapped.remove(&id))
    }

    /// The gradient of `tensor`, to change in place.
    pub fn of_mut(&mut self, tensor: &Tensor) -> Option<&mut Tensor> {
        self.by_node.get_mut(&tensor.node.as_ref()?.id)
    }

    /// Adds the gradients of another walk, over other data with the same leaves. Of what was tapped, that of this walk stays.
    pub fn absorb(&mut self, other: Self) {
        for (id, gradient) in other.by_node {
            match self.by_node.get_mut(&id) {
                Some(sum) => crate::kernels::map::add_into(sum.data_mut(), gradient.data()),
                None => {
                    self.by_node.insert(id, gradient);
                }
            }
        }
    }

    /// Whether anybody asks for the gradient of `tensor`.
    pub(crate) fn wants(&self, tensor: &impl Differentiable) -> bool {
        tensor.node().is_some()
    }

    /// Adds `gradient` to that of `tensor`.
    pub(crate) fn add(&mut self, tensor: &impl Differentiable, gradient: Tensor) {
        let Some(node) = tensor.node() else { return };
        assert_eq!(tensor.shape(), gradient.shape(), "gradient: its shape is not that of its tensor");
        match self.by_node.get_mut(&node.id) {
            Some(sum) => crate::kernels::map::add_into(sum.data_mut(), gradient.data()),
            None => {
                self.by_node.insert(node.id, gradient.detach());
            }
        }
    }

    /// Lets `write` put the gradient of `tensor` straight into its place: `write(place, true)` adds to what is there,
    /// `write(place, false)` overwrites what is there (it may hold anything).
    pub(crate) fn accumulate(&mut self, tensor: &impl Differentiable, write: impl FnOnce(&mut [f32], bool)) {
        let Some(node) = tensor.node() else { return };
        match self.by_node.get_mut(&node.id) {
            Some(sum) => write(sum.data_mut(), true),
            None => {
                let mut place = Buffer::scratch(tensor.shape().count());
                write(&mut place, false);
                self.by_node.insert(node.id, Tensor::from_buffer(*tensor.shape(), place));
            }
        }
    }

    pub(crate) fn backward(&mut self, root: &Tensor, seed: Tensor) {
        let Some(start) = &root.node else { return };
        self.add(root, seed);
        let mut waiting = BinaryHeap::from([Arc::clone(start)]);
        while let Some(node) = waiting.pop() {
            while waiting.peek() == Some(&node) {
                waiting.pop();
            }
            let backward = node.backward.lock().unwrap_or_else(PoisonError::into_inner).take();
            waiting.extend(node.edges.iter().cloned());
            let Some(backward) = backward else { continue };
            let gradient = self.by_node.remove(&node.id);
            if let Some(gradient) = &gradient {
                self.show(&node, || gradient.clone());
            }
            backward(gradient, self);
        }
    }

    /// Where `node` is tapped, adds to the gradient that [`Grads::of`] finds, and passes nothing on: for operations that
    /// go around a value inside them.
    pub(crate) fn show(&mut self, node: &Node, gradient: impl FnOnce() -> Tensor) {
        if !node.is_tapped() {
            return;
        }
        match self.tapped.get_mut(&node.id) {
            Some(sum) => crate::kernels::map::add_into(sum.data_mut(), gradient().data()),
            None => {
                self.tapped.insert(node.id, gradient().detach());
            }
        }
    }
}

thread_local! {
    static SILENT: Cell<u32> = const { Cell::new(0) };
}

/// Whether operations of this thread are recorded.
pub fn recording() -> bool {
    SILENT.get() == 0
}

/// Runs `work` without recording: for evaluation and generation.
pub fn no_grad<R>(work: impl FnOnce() -> R) -> R {
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            SILENT.set(SILENT.get() - 1);
        }
    }
    SILENT.set(SILENT.get() + 1);
    let _guard = Guard;
    work()
}
