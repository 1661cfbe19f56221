//! A full disk at every write: the last good checkpoint stands, the message says what to do, and with room again the run
//! goes on to the same bits.

use super::bare;
use super::crash::{RECIPES, going_on};
use super::left::{Left, left_by};
use rushlight_trace::{RunFolder, Which};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder with one recipe, and what its run leaves behind where there is room.
struct Trained {
    folder: TempDir,
    recipe: &'static str,
    whole: Left,
    /// Of a run that keeps every checkpoint.
    keeping: Left,
}

fn trained((recipe, text): (&'static str, &str)) -> Trained {
    let folder = bare();
    fs::write(folder.path().join(format!("{recipe}.toml")), text).unwrap();
    let train = |out: &str, sets: &[&str]| {
        let file = format!("{recipe}.toml");
        super::good(folder.path(), &[&["train", &file, "--out", out], sets].concat());
        left_by(&folder.path().join(out))
    };
    let (whole, keeping) = (train("whole", &[]), train("keeping", &["--set", "train.checkpoint.keep=1000"]));
    Trained { folder, recipe, whole, keeping }
}

impl Trained {
    /// The program with what trains or resumes `run`.
    fn arguments(&self, run: &Path) -> Vec<String> {
        let program = assert_cmd::cargo::cargo_bin("rushlight").display().to_string();
        std::iter::once(program).chain(going_on(run, self.recipe)).collect()
    }

    fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new(&arguments[0]);
        command.args(&arguments[1..]).current_dir(self.folder.path());
        command
    }

    /// Holds what a training may leave that met a full disk; false for one that met none.
    fn was_stopped(&self, run: &Path, output: &Output, what: &str) -> bool {
        let stderr = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            return false;
        }
        assert_eq!(output.status.code(), Some(2), "{what}: {stderr}");
        let is_full = stderr.contains("No space left") || stderr.contains("File too large");
        assert!(is_full && stderr.contains(&format!("`{}", run.display())), "{what}: {stderr}");
        assert!(
            (stderr.contains("free some space") || stderr.contains("ulimit -f")) && !stderr.contains("panicked"),
            "{what}: {stderr}"
        );
        if run.exists() {
            self.keeping.assert_checkpoints_like(&left_by(run), what);
        }
        if run.join("last").exists() {
            RunFolder::open(run).unwrap().checkpoint(Which::Last).unwrap();
        }
        true
    }

    /// Goes on where there is room.
    fn hold_the_end(&self, run: &Path, what: &str) {
        let output = self.command(&self.arguments(run)).output().unwrap();
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
        self.whole.assert_like(&left_by(run), what);
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_file_that_may_not_grow_stops_a_training_which_goes_on_later() {
    const BLOCK_BYTES: u64 = 512; // the unit of `ulimit -f`
    let trained = trained(RECIPES[2]);
    let bytes = |path: PathBuf| fs::metadata(path).unwrap().len();
    // Each file in turn is the one that lacks its last block.
    let mut limits: Vec<u64> = files(&trained.folder.path().join("whole"))
        .into_iter()
        .map(|path| bytes(path).saturating_sub(1) / BLOCK_BYTES)
        .collect();
    limits.sort_unstable();
    limits.dedup();
    let mut stopped = 0;
    for blocks in limits {
        let (run, what) = (trained.folder.path().join("run"), format!("files of {blocks} blocks"));
        // Without the signal, a write that is too long fails as on a full disk.
        let limited =
            ["sh", "-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &blocks.to_string()].map(str::to_owned);
        let output = trained.command(&[&limited[..], &trained.arguments(&run)].concat()).output().unwrap();
        stopped += usize::from(trained.was_stopped(&run, &output, &what));
        trained.hold_the_end(&run, &what);
        fs::remove_dir_all(&run).unwrap();
    }
    assert!(stopped >= 6, "only {stopped} limits stopped it");
}

/// A small disk of its own, which is gone with this value.
struct Disk(TempDir);

impl Disk {
    fn new(size: &str) -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        disk.mount(size);
        disk
    }

    fn mount(&self, options: &str) {
        let status = Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(self.0.path()).status();
        assert!(status.unwrap().success(), "only root may mount");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
#[ignore = "mounts small disks, which only root may"]
fn a_disk_of_any_size_stops_a_training_which_goes_on_later() {
    const PAGE_BYTES: u64 = 4096;
    const ENOUGH: &str = "remount,size=64m,nr_inodes=10000";
    for recipe in RECIPES {
        let trained = trained(recipe);
        for (limit, unit) in [("nr_inodes=10000,size", PAGE_BYTES), ("size=64m,nr_inodes", 1)] {
            let (mut stopped, mut fits, mut size) = (0, 0, 0);
            // A disk may be full for the page, or for the first checkpoint, and again large enough by chance.
            while fits < 3 {
                size += 1;
                let what = format!("{}, {limit}={}", trained.recipe, size * unit);
                let disk = Disk::new(&format!("{limit}={}", size * unit));
                let run = disk.0.path().join("run");
                let output = trained.command(&trained.arguments(&run)).output().unwrap();
                if trained.was_stopped(&run, &output, &what) {
                    (stopped, fits) = (stopped + 1, 0);
                    disk.mount(ENOUGH);
                    trained.hold_the_end(&run, &what);
                } else {
                    fits += 1;
                }
            }
            println!("{}: {stopped} disks too small, by {limit}", trained.recipe);
            assert!(stopped > 10);
        }
    }
}
