//! The family of faults: what goes wrong in trainings, put in on purpose through a model's sites, so that no model is
//! rewritten for it. A file a fault. This page lists them; nothing else does.

use rushlight_engine::Tensor;
use rushlight_nn::{Observer, SiteKind};

pub mod softmax_before_loss;

/// Every fault.
pub const ALL: &[Entry] = &[softmax_before_loss::ENTRY];

/// A fault in the list.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Its file, whose header explains it.
    pub source: &'static str,
    /// What it makes of the tensor at a site.
    pub(crate) visit: fn(&str, SiteKind, Tensor) -> Tensor,
    /// A loss to hold that of a training with this fault against, with its name, for so many tokens.
    pub(crate) yardstick: fn(usize) -> (&'static str, f64),
}

impl Entry {
    /// The fault of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|entry| entry.name == name)
    }
}

/// Puts a fault into every pass, and lets somebody else look on behind it.
pub(crate) struct Put<'o> {
    pub(crate) fault: Option<&'static Entry>,
    pub(crate) behind: Option<&'o mut dyn Observer>,
}

impl Observer for Put<'_> {
    fn visit(&mut self, site: &str, kind: SiteKind, tensor: Tensor) -> Tensor {
        let tensor = match self.fault {
            Some(fault) => (fault.visit)(site, kind, tensor),
            None => tensor,
        };
        match &mut self.behind {
            Some(observer) => observer.visit(site, kind, tensor),
            None => tensor,
        }
    }

    fn watches(&self) -> bool {
        self.fault.is_some() || self.behind.as_ref().is_some_and(|observer| observer.watches())
    }
}
