//! A checkpoint that is cut at any byte of the last block of any file: refused with the file's name, or whole.

use super::common::{GRU_STREAM, Place, finish, weights};
use super::folder::copy;
use rushlight_train::Run;
use std::fs;

/// What a file system writes at once; without optimisation, what a disk does.
const BLOCK_BYTES: usize = if cfg!(debug_assertions) { 512 } else { 4096 };

#[test]
fn a_checkpoint_cut_at_any_byte_of_its_last_block_is_refused_with_its_name() {
    let place = Place::new();
    let (run, _) = place.train("whole", GRU_STREAM, &[]);
    let (expected, progress) = (weights(&run.session), run.session.progress.clone());
    drop(run);
    let cut = place.path("cut");
    copy(&place.path("whole"), &cut);
    let checkpoint = cut.join("checkpoints").join(fs::read_to_string(cut.join("last")).unwrap().trim());
    // Nobody reads `config.json` back; it is for other programs.
    for name in ["model.safetensors", "optimizer.safetensors", "state.json"] {
        let path = checkpoint.join(name);
        let whole = fs::read(&path).unwrap();
        let mut refused = 0;
        for length in whole.len().saturating_sub(BLOCK_BYTES)..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            match Run::resume(&cut) {
                Err(error) => {
                    let message = error.to_string();
                    let says = [name, "move the folder"].iter().all(|words| message.contains(words));
                    assert!(says, "{name} of {length} bytes: {message}");
                    refused += 1;
                }
                // Without the line's end of a JSON file nothing is lost.
                Ok(run) => assert!(weights(&run.session) == expected && run.session.progress == progress, "{name}"),
            }
        }
        let read = whole.len().min(BLOCK_BYTES);
        assert!(refused + 1 >= read && refused <= read, "{name}: {refused} of {read}");
        fs::write(&path, whole).unwrap();
    }
    // The way out that the message names.
    fs::remove_dir_all(checkpoint).unwrap();
    finish(&mut place.resume("cut"));
    place.assert_same("without its last checkpoint", "whole", "cut");
}
