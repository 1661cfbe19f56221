//! The plain path, without vector instructions, against the one that this machine takes. The choice is made once in a
//! process, so the test runs itself again as a child that is told to take the plain path.

mod common;

use common::cases::{self, LARGE, SMALL};
use common::relative;
use rushlight_engine::instruction_set;
use std::path::Path;
use std::process::Command;

/// One path rounds a product and a sum together where the other rounds twice, and so in each of up to √393 sums.
const TOLERANCE: f64 = 5e-6;

/// Where the child writes; its being set makes a child.
const RESULTS: &str = "RUSHLIGHT_TEST_RESULTS";

#[test]
fn the_plain_path_agrees_with_vectors() {
    if let Some(path) = std::env::var_os(RESULTS) {
        assert_eq!(instruction_set(), "scalar");
        return write(Path::new(&path));
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plain-path-{}", std::process::id()));
    let myself = std::env::current_exe().expect("a test is a file");
    let child = Command::new(myself)
        .args(["--exact", "the_plain_path_agrees_with_vectors"])
        .env("RUSHLIGHT_SIMD", "scalar")
        .env(RESULTS, &path)
        .output()
        .expect("a test can be run again");
    assert!(
        child.status.success(),
        "{}{}",
        String::from_utf8_lossy(&child.stdout),
        String::from_utf8_lossy(&child.stderr)
    );
    let plain = std::fs::read(&path).expect("the child writes its results");
    std::fs::remove_file(&path).expect("the results can be removed");

    let mut plain = plain.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
    for (name, vectors) in results() {
        let plain: Vec<f32> = plain.by_ref().take(vectors.len()).collect();
        let difference = relative(&vectors, &plain);
        assert!(difference <= TOLERANCE, "{name}: {difference:.1e} apart");
    }
    assert_eq!(plain.next(), None, "the child computes no more than its parent");
}

/// The output and the gradients of every case, one after the other.
fn results() -> Vec<(String, Vec<f32>)> {
    let cases = [SMALL, LARGE].into_iter().flat_map(cases::all);
    cases
        .flat_map(|case| {
            case.run()
                .into_iter()
                .enumerate()
                .map(move |(i, x)| (format!("{}, result {i}", case.name), x.data().to_vec()))
        })
        .collect()
}

fn write(path: &Path) {
    let bytes: Vec<u8> = results().iter().flat_map(|(_, x)| x).flat_map(|x| x.to_le_bytes()).collect();
    std::fs::write(path, bytes).expect("results can be written");
}
