//! Trains Bengio's MLP on names, tells how it gets on, and lets it make up names.
//!
//!     cargo run --release -p rushlight-train --example train_mlp
//!     cargo run --release -p rushlight-train --example train_mlp -- runs/large model.hidden=300 train.steps=20000
//!
//! The first argument is the folder of the run, the others change the recipe.
#![allow(clippy::print_stdout, reason = "an example speaks to who runs it")]

use rushlight_engine::Rng;
use rushlight_models::decode::Strategy;
use rushlight_trace::Record;
use rushlight_train::Run;
use rushlight_train::recipe::Recipe;
use std::error::Error;
use std::path::Path;

// What is not said has a default; `recipe.toml` in the run's folder holds them all.
const RECIPE: &str = r#"
[data]
kind = "lines"
dataset = "names"
batching = "contexts"

[model]
kind = "mlp"
embed = 10
hidden = 100

[train]
steps = 5000
batch = 32
window = 3
lr = 0.1

[train.optimizer]
kind = "sgd"

[train.evaluate]
every_steps = 1000
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| "runs/train_mlp".into());
    let recipe = Recipe::parse(RECIPE, "train_mlp.toml", &args.collect::<Vec<_>>())?;

    let mut run = Run::create(Path::new(&folder), recipe, &[])?;
    println!("{} parameters, {} steps", run.session.model.params().count(), run.session.total_steps());
    let ending = run.train_to_end(|record| {
        if let Record::Evaluation(e) = record {
            println!("step {:5}  {:10}  loss {:.4} {}", e.step, e.split, e.loss, e.unit);
        }
    })?;
    println!("{}; the run lies in {folder}", ending.reason);

    for seed in 0..5 {
        println!("  {}", run.session.write("", 20, Strategy::SAMPLE, Rng::new(seed))?);
    }
    Ok(())
}
