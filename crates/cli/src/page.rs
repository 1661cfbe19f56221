//! Where a command may write its page.

use anyhow::{Result, ensure};
use std::path::Path;

/// Such a page gives way to a new one; nothing else does. `example` is a name for the file of somebody who gave a folder.
pub(crate) fn may_be_written(path: &Path, example: &str, is_such: impl Fn(&[u8]) -> bool) -> Result<()> {
    let shown = path.display();
    ensure!(!path.is_dir(), "`{shown}` is a folder; give `--out` a file, such as `{}`", path.join(example).display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        ensure!(folder.is_dir(), "there is no folder `{}` for `{shown}`; make it first", folder.display());
    }
    let is_ours = !path.exists() || std::fs::read(path).is_ok_and(|bytes| is_such(&bytes));
    ensure!(is_ours, "`{shown}` is there already and is not such a page; give `--out` another file");
    Ok(())
}

/// Whether the bytes are a page for a browser.
pub(crate) fn is_html(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().to_ascii_lowercase().starts_with(b"<!doctype html")
}
