//! Probes: what a model can and cannot do, measured from outside. Each gives a record; none judges.

mod cost;
mod gradient_distance;
mod reach;
mod recall;
mod shape;
mod translation;
mod understanding;

pub use cost::{Stepped, cost};
pub use gradient_distance::gradient_distance;
pub use reach::reach;
pub use recall::recall;
pub use shape::shape;
pub use translation::{attention, translation};
pub use understanding::understanding;
