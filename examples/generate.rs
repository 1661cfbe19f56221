//! Loads the best weights of a run and goes on from a text, in several ways.
//!
//!     cargo run --release -p rushlight-train --example generate -- runs/train_mlp ma
//!
//! The arguments are the folder of the run (here the one that the example `train_mlp` leaves) and the text.
#![allow(clippy::print_stdout, reason = "an example speaks to who runs it")]

use rushlight_engine::Rng;
use rushlight_models::decode::Strategy;
use rushlight_trace::Which;
use rushlight_train::Run;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| "runs/train_mlp".into());
    let prompt = args.next().unwrap_or_default();

    // The folder knows all: recipe, tokenizer and weights.
    let session = Run::open(Path::new(&folder), Which::Best)?;
    println!("{}, {} parameters", session.entry.label, session.model.params().count());

    let ways = [
        ("always the likeliest", Strategy::GREEDY),
        ("by probability", Strategy::SAMPLE),
        ("likelier ones favoured", Strategy { temperature: 0.7, ..Strategy::SAMPLE }),
        ("one of the best five", Strategy { top_k: 5, ..Strategy::SAMPLE }),
        ("of the likeliest 90 %", Strategy { top_p: 0.9, ..Strategy::SAMPLE }),
    ];
    for (name, way) in ways {
        println!("{name:24}{prompt}{}", session.write(&prompt, 100, way, Rng::new(1))?);
    }
    Ok(())
}
