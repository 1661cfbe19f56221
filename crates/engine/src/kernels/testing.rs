//! What the tests of the kernels share: repeatable noise, comparison, central differences, pools of threads.

/// `count` numbers between -`size` and `size`, the same at every call with this `seed`.
pub(crate) fn noise(seed: u64, count: usize, size: f32) -> Vec<f32> {
    // Steps of the golden ratio, mixed: equally spread and without visible pattern.
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next() * size).collect()
}

pub(crate) fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}

/// The greatest difference is at most `bound` times the greatest of `truth`.
#[track_caller]
pub(crate) fn close(values: &[f32], truth: &[f64], bound: f64, what: &str) {
    assert_eq!(values.len(), truth.len(), "{what}: length");
    let size = truth.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    for (at, (&value, &truth)) in values.iter().zip(truth).enumerate() {
        let error = (f64::from(value) - truth).abs();
        assert!(
            error <= bound * size,
            "{what}[{at}] is {value}, not {truth}: off by {:e} of the greatest",
            error / size
        );
    }
}

/// `gradient` is that of `output` at `x`, by central differences.
#[track_caller]
pub(crate) fn check_slopes(x: &[f64], gradient: &[f64], output: impl Fn(&[f64]) -> f64) {
    const STEP: f64 = 1e-5; // the differences' own error is about its square
    assert_eq!(x.len(), gradient.len());
    let mut moved = x.to_vec();
    for at in 0..x.len() {
        moved[at] = x[at] + STEP;
        let above = output(&moved);
        moved[at] = x[at] - STEP;
        let below = output(&moved);
        moved[at] = x[at];
        let slope = (above - below) / (2.0 * STEP);
        assert!((slope - gradient[at]).abs() < 1e-7, "gradient[{at}] is {}, the slope is {slope}", gradient[at]);
    }
}

/// Runs `work` where the kernels have `threads` threads.
pub(crate) fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}
