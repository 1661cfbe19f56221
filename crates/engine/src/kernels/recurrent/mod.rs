//! Whole-sequence sweeps. (in the making)
pub(crate) mod product;
