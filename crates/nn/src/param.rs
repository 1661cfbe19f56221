//! Named parameters: what a model learns, the running statistics that it keeps, and what it has counted; and its constants,
//! which none of these change. Knows no layer and no file.

use crate::init::Init;
use rushlight_engine::{Grads, Rng, Shape, Tensor};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A tensor with a name that training changes; a handle, so clones are the same parameter.
#[derive(Clone)]
pub struct Param(Arc<Inner>);

struct Inner {
    name: String,
    role: Role,
    frozen: AtomicBool,
    value: Mutex<Tensor>,
}

/// Whether gradients or the forward pass change a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Learned by gradient.
    Weight,
    /// Kept by the layer itself, such as the running mean of batch norm.
    Statistic,
    /// Counted by the model itself: as many rows as the data have different things to count.
    Counts,
}

impl Param {
    fn new(name: String, role: Role, value: Tensor) -> Self {
        let value = if role == Role::Weight { value.into_leaf() } else { value.detach() };
        Self(Arc::new(Inner { name, role, frozen: AtomicBool::new(false), value: Mutex::new(value) }))
    }

    /// Its path in the model, such as `blocks.2.attention.qkv.weight`.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its shape, which never changes, but for the rows of counts.
    pub fn shape(&self) -> Shape {
        *self.lock().shape()
    }

    /// Whether a value of this shape can be its value: one of its own shape, or counts with any number of rows.
    pub fn takes(&self, shape: &[usize]) -> bool {
        let own = self.shape();
        match (&own[..], shape) {
            ([_, own @ ..], [_, shape @ ..]) if self.role() == Role::Counts => own == shape,
            (own, shape) => own == shape,
        }
    }

    /// How many numbers it holds.
    pub fn count(&self) -> usize {
        self.shape().count()
    }

    /// What changes it.
    pub fn role(&self) -> Role {
        self.0.role
    }

    /// Whether an optimizer may move it.
    pub fn is_trainable(&self) -> bool {
        self.0.role == Role::Weight && !self.0.frozen.load(Ordering::Relaxed)
    }

    /// Holds it still (or lets it go): a frozen parameter has no gradient.
    pub fn freeze(&self, frozen: bool) {
        self.0.frozen.store(frozen, Ordering::Relaxed);
    }

    /// The current value, cheap to take. Gradients flow to it unless it is frozen or a statistic.
    pub fn value(&self) -> Tensor {
        let value = self.lock();
        if self.is_trainable() { value.clone() } else { value.detach() }
    }

    /// Replaces the value.
    ///
    /// # Panics
    /// When it does not take that shape.
    #[track_caller]
    pub fn set(&self, value: &Tensor) {
        assert!(self.takes(value.shape()), "parameter {}: another shape, {:?}", self.name(), value.shape());
        match self.role() {
            Role::Counts => *self.lock() = value.detach(),
            Role::Weight | Role::Statistic => self.update(|numbers| numbers.copy_from_slice(value.data())),
        }
    }

    /// Changes the numbers in place (in a copy, where somebody still holds the old value).
    pub fn update<R>(&self, change: impl FnOnce(&mut [f32]) -> R) -> R {
        change(self.lock().data_mut())
    }

    /// Its gradient in `grads`; none if it is frozen or took no part.
    pub fn gradient<'g>(&self, grads: &'g Grads) -> Option<&'g Tensor> {
        grads.of(&self.lock())
    }

    /// Its gradient in `grads`, to change in place.
    pub fn gradient_mut<'g>(&self, grads: &'g mut Grads) -> Option<&'g mut Tensor> {
        grads.of_mut(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Tensor> {
        self.0.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number of a layer that nobody learns and no file keeps, such as the ε of a norm; a handle, so clones are the same one.
#[derive(Clone)]
pub struct Constant(Arc<Named>);

struct Named {
    name: String,
    bits: AtomicU32,
}

impl Constant {
    /// Its path in the model, such as `blocks.2.norm1.epsilon`.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The number.
    pub fn value(&self) -> f32 {
        f32::from_bits(self.0.bits.load(Ordering::Relaxed))
    }

    /// Puts another number in its place.
    pub fn set(&self, value: f32) {
        self.0.bits.store(value.to_bits(), Ordering::Relaxed);
    }
}

/// All parameters of a model, in the order in which they were made, and its constants.
#[derive(Clone, Default)]
pub struct Params {
    list: Vec<Param>,
    constants: Vec<Constant>,
}

impl Params {
    /// Every parameter, statistics and counts too.
    pub fn iter(&self) -> std::slice::Iter<'_, Param> {
        self.list.iter()
    }

    /// The parameters that an optimizer may move.
    pub fn trainable(&self) -> impl Iterator<Item = &Param> {
        self.iter().filter(|param| param.is_trainable())
    }

    /// The parameter of this name.
    pub fn get(&self, name: &str) -> Option<&Param> {
        self.iter().find(|param| param.name() == name)
    }

    /// The numbers of layers that nobody learns.
    pub fn constants(&self) -> std::slice::Iter<'_, Constant> {
        self.constants.iter()
    }

    /// How many numbers are learned by gradient, frozen ones included; statistics and counts are not.
    pub fn count(&self) -> usize {
        self.iter().filter(|param| param.role() == Role::Weight).map(Param::count).sum()
    }
}

/// Makes the parameters of a model: carries the path of names and the random stream of the start values.
pub struct Builder {
    params: Params,
    path: String,
    rng: Rng,
}

impl Builder {
    /// Starts a model whose start values come from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { params: Params::default(), path: String::new(), rng: Rng::new(seed) }
    }

    /// Runs `make` with `name` added to the path.
    pub fn within<T>(&mut self, name: impl std::fmt::Display, make: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.path.len();
        self.path += &format!("{name}.");
        let made = make(self);
        self.path.truncate(outer);
        made
    }

    /// A weight of this shape ([out, in] for matrices), started by `init`. Its numbers depend on the seed and its name
    /// alone, so that adding a layer leaves the others as they were.
    ///
    /// # Panics
    /// When the name is taken.
    pub fn weight(&mut self, name: &str, shape: &[usize], init: &Init) -> Param {
        let path = format!("{}{name}", self.path);
        let start =
            if BLANK.get() { Tensor::zeros(shape) } else { init.tensor(shape, &mut self.rng.fork(fingerprint(&path))) };
        self.add(Param::new(path, Role::Weight, start))
    }

    /// A running statistic, started at `value` everywhere.
    ///
    /// # Panics
    /// When the name is taken.
    pub fn statistic(&mut self, name: &str, shape: &[usize], value: f32) -> Param {
        let path = format!("{}{name}", self.path);
        self.add(Param::new(path, Role::Statistic, Tensor::full(shape, value)))
    }

    /// Counts, of which there are none yet: no rows of `width` numbers.
    ///
    /// # Panics
    /// When the name is taken.
    pub fn counts(&mut self, name: &str, width: usize) -> Param {
        let path = format!("{}{name}", self.path);
        self.add(Param::new(path, Role::Counts, Tensor::zeros(&[0, width])))
    }

    /// A number that nobody learns.
    pub fn constant(&mut self, name: &str, value: f32) -> Constant {
        let named = Named { name: format!("{}{name}", self.path), bits: AtomicU32::new(value.to_bits()) };
        let constant = Constant(Arc::new(named));
        self.params.constants.push(constant.clone());
        constant
    }

    /// All parameters made so far.
    pub fn finish(self) -> Params {
        self.params
    }

    fn add(&mut self, param: Param) -> Param {
        assert!(self.params.get(param.name()).is_none(), "parameter {}: made twice", param.name());
        self.params.list.push(param.clone());
        param
    }
}

thread_local! {
    static BLANK: Cell<bool> = const { Cell::new(false) };
}

/// Makes a model whose weights are all zero: one that is about to be given those of a file need not draw its own.
pub fn without_start<M>(make: impl FnOnce() -> M) -> M {
    struct Guard(bool);
    impl Drop for Guard {
        fn drop(&mut self) {
            BLANK.set(self.0);
        }
    }
    let _guard = Guard(BLANK.replace(true));
    make()
}

/// A number for a name (FNV-1a): the same on every machine and in every version.
pub(crate) fn fingerprint(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
