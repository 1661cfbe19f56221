//! Lines of a file or of standard input, as they come. Knows nothing of what is done with them.

use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

/// How many lines are read ahead.
pub(crate) const AHEAD: usize = 1024;

/// The lines of a file or of standard input, read ahead on another thread.
pub(crate) fn read(path: &Path) -> Result<Receiver<Result<String>>> {
    let from_file = path != Path::new("-");
    ensure!(!path.is_dir(), "`{}` is a folder; give a file with a sentence a line", path.display());
    let file = from_file.then(|| File::open(path)).transpose().with_context(|| {
        format!("`{}` cannot be read; give a file with a sentence a line, or `-` for standard input", path.display())
    })?;
    let name = if from_file { format!("`{}`", path.display()) } else { "standard input".to_owned() };
    let (send, receive) = sync_channel(AHEAD);
    std::thread::spawn(move || {
        let mut from: Box<dyn BufRead> = match file {
            Some(file) => Box::new(BufReader::new(file)),
            None => Box::new(std::io::stdin().lock()),
        };
        for number in 1.. {
            let mut bytes = Vec::new();
            let line = match from.read_until(b'\n', &mut bytes) {
                Ok(0) => return,
                Ok(_) => String::from_utf8(bytes).map_err(|error| {
                    let byte = error.utf8_error().valid_up_to();
                    anyhow::anyhow!(
                        "line {number} of {name} is no UTF-8: its byte {} is 0x{:02x}; save it as UTF-8 and go on from there",
                        byte + 1,
                        error.as_bytes()[byte]
                    )
                }),
                Err(error) => Err(anyhow::anyhow!("{name} cannot be read any further: {error}")),
            };
            let is_broken = line.is_err();
            // Nobody listens any more where the work on earlier lines has failed.
            if send.send(line).is_err() || is_broken {
                return;
            }
        }
    });
    Ok(receive)
}
