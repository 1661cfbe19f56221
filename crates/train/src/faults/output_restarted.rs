//! # output-restarted: a head that the file does not know
//!
//! The output layer has another name in the file than in the program, or another size. What is read has no weights for
//! it, so they are drawn anew, with deviation `share`, 0.02 where nothing is said, and only a warning says so: "some
//! weights were newly initialised".
//!
//!     W ~ N(0, share²),  b = 0,  all below as it was trained
//!
//! Training looks well to its end. The model that is read from its file answers as one that has just begun: its loss is
//! about ln V, and no two programs that read it agree.
//!
//! Cure  Let a name that is missing be an error. Save, load, and compare the answers to the last bit.

use super::chance::hash;
use super::parts::{output, share};
use super::{Entry, Fault, suits};
use rushlight_engine::Rng;
use rushlight_nn::Params;
use rushlight_trace::Component;
use std::sync::Arc;

/// This fault in the list.
pub const ENTRY: Entry = Entry {
    name: "output-restarted",
    about: "the output is drawn anew on loading",
    source: include_str!("output_restarted.rs"),
    component: Component::Output,
    suits: suits::has_own_output,
    build: |config| Arc::new(OutputRestarted { deviation: share(config, 0.02) }),
};

struct OutputRestarted {
    deviation: f32,
}

impl Fault for OutputRestarted {
    fn loaded(&self, params: &Params) {
        let output = output(params);
        for param in params.iter().filter(|param| output.iter().any(|name| name == param.name())) {
            let deviation = if param.name().ends_with(".bias") { 0.0 } else { self.deviation };
            let mut rng = Rng::new(hash(param.name().bytes().map(u64::from)));
            param.update(|numbers| numbers.iter_mut().for_each(|x| *x = deviation * rng.normal()));
        }
    }
}
