//! Writes the pages of made-up runs into a folder, to look at them in a browser:
//! `cargo run -p rushlight-report --example made_up_pages -- FOLDER`. Nothing in them was measured.

#[path = "../tests/made_up/mod.rs"]
mod made_up;

use rushlight_report::Page;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/pages".to_owned()));
    std::fs::create_dir_all(&folder)?;
    let (ladder, watched, translators) = (made_up::ladder(), made_up::watched(), made_up::translators());
    let pages = [
        ("ladder", Page::of_ladder(&ladder)),
        ("run", Page::of_runs(std::slice::from_ref(&watched))),
        ("runs", Page::of_runs(&ladder[2..5])),
        ("translators", Page::of_runs(&translators)),
        ("translators-ladder", Page::of_ladder(&translators)),
        ("attention", Page::of_runs(&translators[2..3])),
        ("transformer", Page::of_runs(&translators[3..])),
        ("understander", Page::of_runs(&[made_up::understander()])),
        ("many-intents", Page::of_runs(&[made_up::of_many_intents()])),
        ("long-sentence", Page::of_runs(&[made_up::with_long_sentence()])),
    ];
    for (name, page) in pages {
        std::fs::write(folder.join(format!("{name}.html")), page.to_html())?;
        std::fs::write(folder.join(format!("{name}.txt")), page.to_text(true))?;
        page.save_svgs(&folder.join(name))?;
    }
    Ok(())
}
