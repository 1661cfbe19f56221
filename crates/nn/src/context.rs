//! What a forward pass is told besides its input: train or evaluate, the random stream, and who looks on at the sites.

use crate::layers::Asked;
use rushlight_engine::{Rng, Tensor};

/// Training changes what dropout and batch norm do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Dropout falls, batch norm uses and records the batch.
    Train,
    /// Nothing is random; batch norm uses its running statistics.
    Evaluate,
}

/// What stands at a site, for those who watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteKind {
    /// Before a nonlinearity.
    PreActivation,
    /// After a nonlinearity without upper end, such as ReLU.
    Activation,
    /// After tanh: between -1 and 1.
    Squashed,
    /// A gate, or all gates of a cell side by side.
    Gate,
    /// A recurrent state over time, [B, T, H].
    State,
    /// Any other inner tensor: a residual stream, queries.
    Inner,
    /// Weights of attention, which sum to 1 over the last axis: source places [.., S], to look at.
    Attention,
    /// The output of the model.
    Logits,
}

/// Looks at the inner tensors of a model as they are made, and may put others in their place.
pub trait Observer {
    /// Called at every site of a forward pass, in order. What it returns goes on in place of `tensor`; to have its
    /// gradient kept, call [`Tensor::tap`].
    fn visit(&mut self, site: &str, kind: SiteKind, tensor: Tensor) -> Tensor;

    /// Whether anybody wants this site; where not, its name is not even made.
    fn watches(&self) -> bool {
        true
    }

    /// Answers an attention in another way than it would be answered; none lets it be.
    fn attend(&mut self, _site: &str, _asked: &Asked) -> Option<Tensor> {
        None
    }

    /// Whether it answers attentions itself; where not, nobody asks.
    fn attends(&self) -> bool {
        false
    }
}

/// What a forward pass is told besides its input.
pub struct Context<'o> {
    /// Train or evaluate.
    pub mode: Mode,
    /// The random stream of this pass; each use takes the next stream of it.
    pub rng: Rng,
    path: String,
    observer: Option<&'o mut dyn Observer>,
}

impl<'o> Context<'o> {
    /// For evaluation and generation: nothing random, nobody looking.
    pub fn evaluate() -> Self {
        Self { mode: Mode::Evaluate, rng: Rng::new(0), path: String::new(), observer: None }
    }

    /// For training: `rng` names this step's random numbers.
    pub fn train(rng: Rng) -> Self {
        Self { mode: Mode::Train, rng, path: String::new(), observer: None }
    }

    /// The same with somebody looking on.
    pub fn watched(self, observer: &'o mut dyn Observer) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// Whether this pass trains.
    pub fn is_training(&self) -> bool {
        self.mode == Mode::Train
    }

    /// Whether somebody looks on.
    pub fn is_watched(&self) -> bool {
        self.observer.as_ref().is_some_and(|observer| observer.watches())
    }

    /// Shows `tensor` under `name` (below the current path) to the observer and gives back what shall go on.
    pub fn site(&mut self, name: &str, kind: SiteKind, tensor: Tensor) -> Tensor {
        match &mut self.observer {
            Some(observer) if observer.watches() => observer.visit(&format!("{}{name}", self.path), kind, tensor),
            _ => tensor,
        }
    }

    /// What the observer answers to an attention, if it is one that does.
    pub fn attend<'a>(&mut self, asked: impl FnOnce() -> Asked<'a>) -> Option<Tensor> {
        match &mut self.observer {
            Some(observer) if observer.attends() => observer.attend(self.path.trim_end_matches('.'), &asked()),
            _ => None,
        }
    }

    /// Runs `work` with `name` added to the path of its sites.
    pub fn within<T>(&mut self, name: impl std::fmt::Display, work: impl FnOnce(&mut Self) -> T) -> T {
        if !self.is_watched() {
            return work(self);
        }
        let outer = self.path.len();
        self.path += &format!("{name}.");
        let made = work(self);
        self.path.truncate(outer);
        made
    }
}
