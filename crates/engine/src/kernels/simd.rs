//! The choice of instructions, made once, when the program runs. No arithmetic.
//!
//! A kernel is written once, generic over [`Simd`], and compiled for every instruction set that `pulp` knows; the
//! widest one that the processor has is taken. So that the other paths can be tested, `RUSHLIGHT_SIMD=vector` leaves the
//! matrix unit alone, and `RUSHLIGHT_SIMD=scalar` the vectors too.

use super::amx;
use std::sync::OnceLock;

pub(crate) use pulp::{Scalar, Simd, WithSimd};

/// Runs `kernel` with the widest vectors of this machine.
#[inline]
pub(crate) fn dispatch<K: WithSimd>(kernel: K) -> K::Output {
    static ARCH: OnceLock<pulp::Arch> = OnceLock::new();
    ARCH.get_or_init(choose).dispatch(kernel)
}

/// Asks for the line at `address` to be brought near; a hint, which reads nothing, so that any address will do.
#[inline(always)]
pub(crate) fn prefetch(address: *const f32) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: a hint never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(address.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

fn choose() -> pulp::Arch {
    if asked() == "scalar" { pulp::Arch::Scalar } else { pulp::Arch::new() }
}

/// Whether the processor has a matrix unit, and we are to use it.
pub(crate) fn has_matrix_unit() -> bool {
    amx::usable() && !["scalar", "vector"].contains(&asked())
}

fn asked() -> &'static str {
    static ASKED: OnceLock<String> = OnceLock::new();
    ASKED.get_or_init(|| std::env::var("RUSHLIGHT_SIMD").unwrap_or_default())
}

/// The instruction set in use, as a word for people: `AVX-512 and AMX`, `AVX-512`, `AVX2`, `NEON` or `scalar`.
pub fn instruction_set() -> &'static str {
    struct Name;
    impl WithSimd for Name {
        type Output = &'static str;
        fn with_simd<S: Simd>(self, _: S) -> &'static str {
            match (S::IS_SCALAR, S::F32_LANES) {
                (true, _) => "scalar",
                (_, 16) if has_matrix_unit() => "AVX-512 and AMX",
                (_, 16) => "AVX-512",
                (_, 8) => "AVX2",
                _ => "NEON",
            }
        }
    }
    dispatch(Name)
}
