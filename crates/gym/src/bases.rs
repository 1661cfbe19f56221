//! The trainings of the gym: small, of every kind of model, each over in a second or two. Each belongs to one
//! half; a held one that has been looked at goes over to the tuned half, and none comes back.

use crate::Half;

pub mod held;
pub mod once_held;
pub mod tuned;

/// A training that works.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    /// Its name.
    pub name: &'static str,
    /// Its recipe; `TABLES` stands for the folder of the made-up tables and texts.
    pub recipe: &'static str,
    /// Changes under each of which it works as well: other sizes, rates, optimizers and schedules, odd ones too.
    pub variations: &'static [&'static str],
}

/// The trainings of a half.
pub fn of(half: Half) -> impl Iterator<Item = &'static Base> + Clone {
    let (first, second): (&[Base], &[Base]) = match half {
        Half::Tuned => (tuned::ALL, once_held::ALL),
        Half::Held => (held::ALL, &[]),
    };
    first.iter().chain(second)
}

impl Base {
    /// The training of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        [Half::Held, Half::Tuned].into_iter().flat_map(of).find(|base| base.name == name)
    }
}
