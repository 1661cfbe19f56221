//! The matrix unit itself: whether it is there, its configuration, and the product of two packed operands.
//!
//! The language has no functions for its instructions yet, so they are written as they are. Eight tiles: four hold the
//! sums of a block, two a part of the left operand, two a part of the right one.

use super::{BLOCK, CHUNK};
use std::arch::asm;
use std::arch::x86_64::{__cpuid, __cpuid_count};
use std::sync::OnceLock;

/// Whether this processor has the unit and the system lets us use it. Asked once.
pub(crate) fn usable() -> bool {
    static USABLE: OnceLock<bool> = OnceLock::new();
    *USABLE.get_or_init(|| {
        let vectors = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        const BF16: u32 = 1 << 22;
        const TILES: u32 = 1 << 24;
        let features = if __cpuid(0).eax < 7 { 0 } else { __cpuid_count(7, 0).edx };
        vectors && features & (BF16 | TILES) == BF16 | TILES && permitted()
    })
}

/// Linux gives the memory for the tiles of a thread only to a process that has asked.
fn permitted() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_ulong = 0x1023;
    const TILE_DATA: libc::c_ulong = 18;
    // SAFETY: the call reads no memory of ours, and changes only what this process may use.
    unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, TILE_DATA) == 0 }
}

/// The tiles of this thread, configured as long as it lives: eight of 16 rows of 64 bytes.
pub(super) struct Configured(std::marker::PhantomData<*mut ()>); // not to be sent to another thread

impl Configured {
    pub(super) fn new() -> Self {
        #[repr(align(64))]
        struct Configuration([u8; 64]);
        static EIGHT_TILES: Configuration = {
            let mut bytes = [0; 64];
            bytes[0] = 1; // the only palette
            let mut tile = 0;
            while tile < 8 {
                bytes[16 + 2 * tile] = 64; // bytes in a row
                bytes[48 + tile] = 16; // rows
                tile += 1;
            }
            Configuration(bytes)
        };
        assert!(usable(), "amx: this processor has no matrix unit");
        // SAFETY: the unit is there, and the configuration is a valid one of 64 bytes.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const EIGHT_TILES.0, options(nostack, readonly)) };
        Self(std::marker::PhantomData)
    }
}

impl Drop for Configured {
    fn drop(&mut self) {
        // SAFETY: the unit is there, or there would be no configuration.
        unsafe { asm!("tilerelease", options(nostack, nomem)) };
    }
}

/// Asks for a sixth of the right operand's next chunk, which lies behind this one.
macro_rules! fetch {
    ($from:literal) => {
        concat!(
            ".irp at, 0, 64, 128, 192, 256, 320, 384, 448, 512, 576, 640, 704, 768, 832, 896, 960\n",
            "prefetcht0 [{b} + {chunk} + ",
            $from,
            " + \\at]\n",
            ".endr"
        )
    };
}

/// A block of 32 x 32 results in `c`, whose rows are `stride` apart: the product of the packed `a` and `b`, added to
/// `start` in every row; where there is none, to what `c` holds.
pub(super) fn block(_: &Configured, a: &[u16], b: &[u16], c: &mut [f32], stride: usize, start: Option<&[f32; BLOCK]>) {
    let steps = a.len() / CHUNK;
    assert!(steps > 0 && a.len() == steps * CHUNK && b.len() == a.len(), "amx: operands of unequal depth");
    assert!(stride >= BLOCK && c.len() >= (BLOCK - 1) * stride + BLOCK, "amx: the block does not fit");
    let (from, from_stride) = match start {
        Some(row) => (row.as_ptr(), 0),
        None => (c.as_ptr(), stride),
    };
    // SAFETY: the tiles are configured. Read are `steps` chunks of `a` and `b`, and 32 rows of 32 numbers at `from`: all of
    // `c`'s block, or with a stride of 0 the one row again and again. Written are 32 rows of 32 numbers of `c`.
    unsafe {
        asm!(
            "tileloadd tmm0, [{from} + {from_stride}]",
            "tileloadd tmm1, [{from} + {from_stride} + 64]",
            "tileloadd tmm2, [{from_below} + {from_stride}]",
            "tileloadd tmm3, [{from_below} + {from_stride} + 64]",
            "2:",
            // x₀ y₂
            "tileloadd tmm4, [{a} + {line}]",
            "tileloadd tmm6, [{b} + {line} + 4096]",
            "tileloadd tmm7, [{b} + {line} + 5120]",
            "tileloadd tmm5, [{a} + {line} + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            fetch!(0),
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // x₀ y₁
            "tileloadd tmm6, [{b} + {line} + 2048]",
            "tileloadd tmm7, [{b} + {line} + 3072]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            fetch!(1024),
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // x₁ y₁
            "tileloadd tmm4, [{a} + {line} + 2048]",
            "tileloadd tmm5, [{a} + {line} + 3072]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            fetch!(2048),
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // x₁ y₀
            "tileloadd tmm6, [{b} + {line}]",
            "tileloadd tmm7, [{b} + {line} + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            fetch!(3072),
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // x₂ y₀
            "tileloadd tmm4, [{a} + {line} + 4096]",
            "tileloadd tmm5, [{a} + {line} + 5120]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            fetch!(4096),
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            // x₀ y₀
            "tileloadd tmm4, [{a} + {line}]",
            "tileloadd tmm5, [{a} + {line} + 1024]",
            "tdpbf16ps tmm0, tmm4, tmm6",
            fetch!(5120),
            "tdpbf16ps tmm1, tmm4, tmm7",
            "tdpbf16ps tmm2, tmm5, tmm6",
            "tdpbf16ps tmm3, tmm5, tmm7",
            "add {a}, {chunk}",
            "add {b}, {chunk}",
            "dec {steps}",
            "jnz 2b",
            "tilestored [{c} + {stride}], tmm0",
            "tilestored [{c} + {stride} + 64], tmm1",
            "tilestored [{c_below} + {stride}], tmm2",
            "tilestored [{c_below} + {stride} + 64], tmm3",
            from = in(reg) from,
            from_below = in(reg) from.wrapping_add(BLOCK / 2 * from_stride),
            from_stride = in(reg) from_stride * size_of::<f32>(),
            a = inout(reg) a.as_ptr() => _,
            b = inout(reg) b.as_ptr() => _,
            steps = inout(reg) steps => _,
            c = in(reg) c.as_mut_ptr(),
            c_below = in(reg) c.as_mut_ptr().wrapping_add(BLOCK / 2 * stride),
            stride = in(reg) stride * size_of::<f32>(),
            line = in(reg) 64_usize,
            chunk = const CHUNK * size_of::<u16>(),
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}
