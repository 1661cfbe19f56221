//! Writes the pages of made-up runs into a folder, to look at them in a browser:
//! `cargo run -p rushlight-report --example made_up_pages -- FOLDER`. Nothing in them was measured.

#[path = "../tests/made_up/mod.rs"]
mod made_up;

use rushlight_report::Page;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/pages".to_owned()));
    std::fs::create_dir_all(&folder)?;
    let (ladder, watched) = (made_up::ladder(), made_up::watched());
    let pages = [
        ("ladder", Page::of_ladder(&ladder)),
        ("run", Page::of_runs(std::slice::from_ref(&watched))),
        ("runs", Page::of_runs(&ladder[2..5])),
    ];
    for (name, page) in pages {
        std::fs::write(folder.join(format!("{name}.html")), page.to_html())?;
        std::fs::write(folder.join(format!("{name}.txt")), page.to_text(true))?;
        page.save_svgs(&folder.join(name))?;
    }
    Ok(())
}
