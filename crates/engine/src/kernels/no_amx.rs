//! Where there is no matrix unit that we could use.

use super::gemm::Mat;
use super::product::Start;

pub(super) fn usable() -> bool {
    false
}

pub(super) fn pays(_a: Mat, _b: Mat) -> bool {
    false
}

pub(super) fn product(_c: &mut [f32], _a: Mat, _b: Mat, _start: Start, _parallel: bool) {
    unreachable!("amx: this processor has no matrix unit");
}
