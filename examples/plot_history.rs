//! Draws the history of a run: every plot as an SVG file, and its losses in the terminal.
//!
//!     cargo run --release -p rushlight-train --example plot_history -- runs/train_mlp plots
//!
//! The arguments are the folder of the run (here the one that the example `train_mlp` leaves) and that of the plots.
#![allow(clippy::print_stdout, reason = "an example speaks to who runs it")]

use rushlight_report::{Page, sparkline};
use rushlight_trace::{RunFolder, Trace};
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| "runs/train_mlp".into());
    let plots = args.next().unwrap_or_else(|| "plots".into());

    // A trace is all that a run has left behind, weights aside: plain data to do with as you like.
    let trace = Trace::read(&RunFolder::open(Path::new(&folder))?)?;
    let training: Vec<f64> = trace.steps().map(|step| step.loss).collect();
    let validation: Vec<f64> = trace.evaluations("validation").map(|evaluation| evaluation.loss).collect();
    for (name, losses) in [("training", &training), ("validation", &validation)] {
        if let (Some(first), Some(last)) = (losses.first(), losses.last()) {
            println!("{name:10}  {first:.3} {} {last:.3}", sparkline(losses));
        }
    }

    for file in Page::of_runs(&[trace]).save_svgs(Path::new(&plots))? {
        println!("{}", file.display());
    }
    Ok(())
}
