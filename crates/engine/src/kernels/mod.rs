//! The seam to the machine: plain functions on slices of f32, which is all that the operations know of a processor.
//! Another device is another implementation of these functions. Knows no tensors, no gradients, no record.
//!
//! Each kernel is written once and compiled for every instruction set (`simd`), shares its work by shape (`threads`), and
//! adds partial sums in the order of their index: the same numbers for every thread count.

pub(crate) mod additive;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod amx;
pub(crate) mod attention;
pub(crate) mod columns;
mod crew;
pub(crate) mod dots;
pub(crate) mod dropout;
pub(crate) mod embedding;
pub(crate) mod gemm;
pub(crate) mod map;
pub(crate) mod math;
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
mod no_amx;
pub(crate) mod norm;
pub(crate) mod pack;
pub(crate) mod product;
pub(crate) mod recurrent;
pub(crate) mod reduce;
pub mod simd;
pub(crate) mod softmax;
#[cfg(test)]
pub(crate) mod testing;
pub mod threads;
pub(crate) mod time;
pub mod update;

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
use no_amx as amx;
