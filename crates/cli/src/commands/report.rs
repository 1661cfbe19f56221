//! `report`: the page of a run, or of several side by side.

use super::{Answer, compare, runs};
use crate::page;
use anyhow::{Context, Result};
use rushlight_report::Page;
use rushlight_trace::write_atomic;
use serde_json::json;
use std::path::PathBuf;

/// The flags of `report`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// The runs' folders; a folder of runs stands for all of them.
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// The page; `report.html` in the run's own folder (of several runs: here) unless told otherwise.
    #[arg(long)]
    out: Option<PathBuf>,
    /// A folder for every plot as a file of its own.
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
    /// As a ladder: models on the same data, in the order of history.
    #[arg(long)]
    ladder: bool,
}

/// Makes the page.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    let traces = runs::read_all(&flags.runs)?;
    let out = match (&flags.out, traces.as_slice()) {
        (Some(out), _) => out.clone(),
        (None, [only]) => only.path.join("report.html"),
        (None, _) => PathBuf::from("report.html"),
    };
    page::may_be_written(&out, "report.html", page::is_html)?;
    compare::warn(&traces.iter().collect::<Vec<_>>());
    let page = if flags.ladder { Page::of_ladder(&traces) } else { Page::of_runs(&traces) };
    write_atomic(&out, page.to_html().as_bytes())?;
    let mut text = format!("page: {}\n", out.display());
    let mut json = json!({"runs": traces.iter().map(|trace| &trace.path).collect::<Vec<_>>(), "page": out});
    if let Some(folder) = &flags.svg {
        let files = page.save_svgs(folder).with_context(|| {
            format!("the plots cannot be written into `{}`; give `--svg` another folder", folder.display())
        })?;
        text += &format!("plots: {} in {}\n", files.len(), folder.display());
        json["plots"] = json!(files);
    }
    Ok(Answer::new(text, json))
}
