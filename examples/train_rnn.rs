//! Trains an RNN on Shakespeare by truncated back-propagation, in memory, with a loop of its own.
//!
//!     cargo run --release -p rushlight-train --example train_rnn
//!     cargo run --release -p rushlight-train --example train_rnn -- model.kind=lstm model.hidden=256 train.steps=2000
//!
//! The arguments change the recipe.
#![allow(clippy::print_stdout, reason = "an example speaks to who runs it")]

use rushlight_data::PartName;
use rushlight_engine::Rng;
use rushlight_models::decode::Strategy;
use rushlight_train::Session;
use rushlight_train::recipe::Recipe;
use std::error::Error;

// As a stream, the text is read on from step to step: the state goes on, the gradient is cut after `window` characters.
const RECIPE: &str = r#"
[data]
kind = "text"
dataset = "shakespeare"
batching = "stream"

[model]
kind = "rnn"
embed = 32
hidden = 128

[train]
steps = 500
batch = 16
window = 32
lr = 3e-3
clip = { norm = 1.0 }
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let sets: Vec<String> = std::env::args().skip(1).collect();
    let mut session = Session::new(Recipe::parse(RECIPE, "train_rnn.toml", &sets)?, None)?;
    let every = (session.total_steps() / 5).max(1);

    while !session.is_over() {
        let report = session.take_step()?;
        if session.progress.step % every == 0 {
            let validation = session.evaluate(PartName::Validation, Some(20_000))?;
            let (step, norm) = (session.progress.step, report.gradient_norm);
            println!("step {step:5}  loss {:.3}  validation {:.3}  gradient {norm:.2}", report.loss, validation.loss());
        }
    }

    let sharper = Strategy { temperature: 0.8, ..Strategy::SAMPLE };
    println!("ROMEO:{}", session.write("ROMEO:", 200, sharper, Rng::new(0))?);
    Ok(())
}
