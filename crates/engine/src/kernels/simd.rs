//! The choice of vector instructions, made once, when the program runs. No arithmetic.
//!
//! A kernel is written once, generic over [`Simd`], and compiled for every instruction set that `pulp` knows; the
//! widest one that the processor has is taken. `RUSHLIGHT_SIMD=scalar` takes the plain path, so that it can be tested.

use std::sync::OnceLock;

pub(crate) use pulp::{Simd, WithSimd};

/// Runs `kernel` with the widest vectors of this machine.
#[inline]
pub(crate) fn dispatch<K: WithSimd>(kernel: K) -> K::Output {
    static ARCH: OnceLock<pulp::Arch> = OnceLock::new();
    ARCH.get_or_init(choose).dispatch(kernel)
}

fn choose() -> pulp::Arch {
    match std::env::var("RUSHLIGHT_SIMD").as_deref() {
        Ok("scalar") => pulp::Arch::Scalar,
        _ => pulp::Arch::new(),
    }
}

/// The instruction set in use, as a word for people: `avx512`, `avx2`, `neon` or `scalar`.
pub fn instruction_set() -> &'static str {
    struct Name;
    impl WithSimd for Name {
        type Output = &'static str;
        fn with_simd<S: Simd>(self, _: S) -> &'static str {
            match (S::IS_SCALAR, S::F32_LANES) {
                (true, _) => "scalar",
                (_, 16) => "avx512",
                (_, 8) => "avx2",
                _ => "neon",
            }
        }
    }
    dispatch(Name)
}
