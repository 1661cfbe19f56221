//! The tensor: a shape, its numbers, and its place in the record of what was computed. Operations are in `ops`.

use crate::buffer::Buffer;
use crate::graph::{Differentiable, Grads, Node, Target};
use crate::kernels::pack::Layout;
use crate::kernels::product::Packed;
use crate::{Ids, Rng, Shape};
use std::fmt;
use std::sync::Arc;

/// f32 numbers, contiguous and row-major, of any shape up to six axes; cheap to clone.
#[derive(Clone)]
pub struct Tensor {
    shape: Shape,
    buffer: Arc<Buffer>,
    pub(crate) node: Option<Arc<Node>>,
    origin: Option<Arc<Origin>>,
}

/// Where a result came from, if remembering it saves time or memory; [`crate::linear`] makes use of it.
pub(crate) enum Origin {
    /// The rows `ids` of `table` [V, D].
    Lookup { table: Tensor, ids: Ids },
    /// It is cheap to make again from what the record keeps in any case.
    Remake(Box<dyn Fn() -> Buffer + Send + Sync>),
}

/// The numbers of an input that a derivative reads again: kept, or made again where that is cheap.
pub(crate) enum Kept {
    Numbers(Tensor),
    Origin(Target, Arc<Origin>),
}

impl Kept {
    /// The numbers.
    pub(crate) fn tensor(&self) -> Tensor {
        match self {
            Self::Numbers(tensor) => tensor.clone(),
            Self::Origin(target, origin) => match &**origin {
                Origin::Remake(remake) => Tensor::from_buffer(*target.shape(), remake()),
                Origin::Lookup { table, ids } => crate::embedding(&table.detach(), ids),
            },
        }
    }
}

impl From<&Tensor> for Kept {
    fn from(tensor: &Tensor) -> Self {
        match &tensor.origin {
            Some(origin) => Self::Origin(tensor.into(), Arc::clone(origin)),
            None => Self::Numbers(tensor.clone()),
        }
    }
}

impl Differentiable for Kept {
    fn node(&self) -> Option<&Arc<Node>> {
        match self {
            Self::Numbers(tensor) => tensor.node(),
            Self::Origin(target, _) => target.node(),
        }
    }

    fn shape(&self) -> &Shape {
        match self {
            Self::Numbers(tensor) => tensor.shape(),
            Self::Origin(target, _) => target.shape(),
        }
    }
}

impl Tensor {
    /// A constant: it has no gradient.
    ///
    /// # Panics
    /// When the count of `data` is not that of `shape`.
    #[track_caller]
    pub fn new(shape: &[usize], data: impl AsRef<[f32]>) -> Self {
        let (shape, data) = (Shape::new(shape), data.as_ref());
        assert_eq!(shape.count(), data.len(), "tensor: {shape:?} does not hold {} numbers", data.len());
        Self::from_buffer(shape, Buffer::copy_of(data))
    }

    /// A leaf: `backward` gives its gradient. Parameters are leaves.
    #[track_caller]
    pub fn leaf(shape: &[usize], data: impl AsRef<[f32]>) -> Self {
        Self::new(shape, data).into_leaf()
    }

    /// All zeros.
    #[track_caller]
    pub fn zeros(shape: &[usize]) -> Self {
        let shape = Shape::new(shape);
        Self::from_buffer(shape, Buffer::zeros(shape.count()))
    }

    /// Every element `value`.
    #[track_caller]
    pub fn full(shape: &[usize], value: f32) -> Self {
        let shape = Shape::new(shape);
        Self::from_buffer(shape, Buffer::filled(shape.count(), value))
    }

    /// Independent numbers from the standard normal distribution.
    #[track_caller]
    pub fn normal(shape: &[usize], rng: &mut Rng) -> Self {
        let mut made = Self::zeros(shape);
        made.data_mut().iter_mut().for_each(|x| *x = rng.normal());
        made
    }

    /// Independent numbers, equally likely between `low` and `high`.
    #[track_caller]
    pub fn uniform(shape: &[usize], low: f32, high: f32, rng: &mut Rng) -> Self {
        let mut made = Self::zeros(shape);
        made.data_mut().iter_mut().for_each(|x| *x = low + (high - low) * rng.uniform());
        made
    }

    pub(crate) fn from_buffer(shape: Shape, buffer: Buffer) -> Self {
        debug_assert_eq!(shape.count(), buffer.len());
        Self { shape, buffer: Arc::new(buffer), node: None, origin: None }
    }

    /// A result of an operation: its numbers, what it was made from, and how a gradient goes back.
    pub(crate) fn result(
        shape: Shape,
        buffer: Buffer,
        inputs: &[&Self],
        backward: impl FnOnce(Self, &mut Grads) + Send + 'static,
    ) -> Self {
        let node = Node::result(inputs, move |gradient, grads| {
            if let Some(gradient) = gradient {
                backward(gradient, grads);
            }
        });
        Self { node, ..Self::from_buffer(shape, buffer) }
    }

    /// The same numbers under another shape and place in the record.
    pub(crate) fn view(&self, shape: Shape, node: Option<Arc<Node>>) -> Self {
        Self { shape, buffer: Arc::clone(&self.buffer), node, origin: None }
    }

    pub(crate) fn with_node(self, node: Option<Arc<Node>>) -> Self {
        Self { node, origin: None, ..self }
    }

    pub(crate) fn with_origin(self, origin: Origin) -> Self {
        Self { origin: Some(Arc::new(origin)), ..self }
    }

    /// Says how this result is cheaply made again, for derivatives to come.
    pub(crate) fn remade_by(self, remake: impl Fn() -> Buffer + Send + Sync + 'static) -> Self {
        if self.has_history() { self.with_origin(Origin::Remake(Box::new(remake))) } else { self }
    }

    pub(crate) fn origin(&self) -> Option<&Origin> {
        self.origin.as_deref()
    }

    /// The same numbers as a leaf of their own.
    #[must_use]
    pub fn into_leaf(self) -> Self {
        self.with_node(Some(Node::leaf()))
    }

    /// The same numbers without their history: no gradient flows through.
    #[must_use]
    pub fn detach(&self) -> Self {
        self.view(self.shape, None)
    }

    /// Asks [`Tensor::backward`] to keep the gradient of this inner tensor.
    pub fn tap(&self) {
        if let Some(node) = &self.node {
            node.tap();
        }
    }

    /// Whether gradients flow to this tensor.
    pub fn has_history(&self) -> bool {
        self.node.is_some()
    }

    /// The shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// How many numbers it holds.
    pub fn count(&self) -> usize {
        self.buffer.len()
    }

    /// The length of the last axis; 1 for a scalar.
    pub fn width(&self) -> usize {
        self.shape.width()
    }

    /// The numbers, row-major.
    pub fn data(&self) -> &[f32] {
        &self.buffer
    }

    /// The numbers, to change in place; a copy is made first where somebody else holds them too.
    pub fn data_mut(&mut self) -> &mut [f32] {
        self.origin = None;
        Arc::<Buffer>::make_mut(&mut self.buffer)
    }

    /// The transposed matrix of this one [O, I], ready for products with many rows: packed at the first call, and kept for as
    /// long as the numbers stay as they are. None where its buffer is packed under another shape.
    pub(crate) fn packed(&self) -> Option<&Packed> {
        let (outputs, inputs) = (self.shape.rows(), self.width());
        let packed = self.buffer.packed(|| Packed::new(self.data(), Layout::Transposed(inputs), inputs, outputs));
        packed.is_of(inputs, outputs).then_some(packed)
    }

    /// The numbers as a buffer of one's own: moved out where nobody else holds them, else copied.
    pub(crate) fn into_buffer(self) -> Buffer {
        Arc::try_unwrap(self.buffer).unwrap_or_else(|shared| (*shared).clone())
    }

    /// The only element.
    ///
    /// # Panics
    /// When there is not exactly one.
    #[track_caller]
    pub fn item(&self) -> f32 {
        assert_eq!(self.count(), 1, "item: {:?} is not a single number", self.shape);
        self.data()[0]
    }

    /// The gradient of this scalar with respect to every leaf and tapped tensor that it was computed from.
    ///
    /// The record is used up: a second walk over the same part gives nothing.
    ///
    /// # Panics
    /// When this is not a single number.
    #[track_caller]
    pub fn backward(&self) -> Grads {
        let mut grads = Grads::new();
        self.backward_into(&mut grads);
        grads
    }

    /// Like [`Tensor::backward`], adding to gradients that are there already: accumulation over small batches.
    #[track_caller]
    pub fn backward_into(&self, grads: &mut Grads) {
        assert_eq!(self.count(), 1, "backward: {:?} is not a single number", self.shape);
        grads.backward(self, Self::full(&self.shape, 1.0));
    }

    /// Walks back from this tensor with a given gradient of its shape.
    #[track_caller]
    pub fn backward_with(&self, gradient: &Self) -> Grads {
        assert_eq!(self.shape, gradient.shape, "backward_with: the gradient has another shape");
        let mut grads = Grads::new();
        grads.backward(self, gradient.detach());
        grads
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        write!(f, "Tensor{:?} {:?}", self.shape, &self.data()[..self.count().min(SHOWN)])?;
        if self.count() > SHOWN { write!(f, "...") } else { Ok(()) }
    }
}
