//! Regression: a noisy sine learned from a CSV file, with a step schedule and early stopping.
//!
//!     cargo run --release -p rushlight-train --example regression
//!
//! The first argument is the folder of the run, the others change the recipe.
#![allow(clippy::print_stdout, reason = "an example speaks to who runs it")]

use rushlight_data::PartName;
use rushlight_engine::Rng;
use rushlight_nn::Context;
use rushlight_trace::Record;
use rushlight_train::recipe::Recipe;
use rushlight_train::{Run, Targets};
use std::error::Error;
use std::path::{Path, PathBuf};

/// Three hundred points of a sine with noise of deviation 0.1, so that no mean squared error below 0.01 is to be had.
fn write_points(path: &Path) -> std::io::Result<()> {
    let mut rng = Rng::new(0);
    let point = |index: usize| {
        let x = index as f32 / 300.0 * std::f32::consts::TAU;
        format!("{x},{}\n", x.sin() + 0.1 * rng.normal())
    };
    std::fs::write(path, format!("x,y\n{}", (0..300).map(point).collect::<String>()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().unwrap_or_else(|| "runs/regression".into()));
    let file = folder.with_extension("csv");
    std::fs::create_dir_all(folder.parent().unwrap_or(Path::new(".")))?;
    write_points(&file)?;
    let recipe = format!(
        r#"
data = {{ kind = "table", path = {file:?}, targets = ["y"], validation = 0.2 }}
model = {{ kind = "feed_forward", hidden = [32, 32], activation = "tanh" }}
[train]
steps = 5000
batch = 32
lr = 1e-2
optimizer = {{ kind = "adam" }}
schedule = {{ kind = "step", every_steps = 500, factor = 0.3 }}
evaluate = {{ every_steps = 50 }}
stop = {{ patience_evaluations = 8, least_gain = 1e-4 }}
"#
    );
    let mut run = Run::create(&folder, Recipe::parse(&recipe, "regression.toml", &args.collect::<Vec<_>>())?, &[])?;
    let ending = run.train_to_end(|record| {
        if let Record::Evaluation(e) = record {
            println!("step {:4}  {:10}  {} {:.4}", e.step, e.split, e.unit, e.loss);
        }
    })?;
    println!("{} after {} of {} steps", ending.reason, run.session.progress.step, run.session.total_steps());

    for batch in run.session.cover(run.session.corpus.part(PartName::Test)) {
        let batch = batch?;
        let answers = run.session.model.forward(&mut Context::evaluate(), &batch.input);
        if let Targets::Values(values) = &batch.targets {
            let pairs = values.data().iter().zip(answers.data()).take(5);
            pairs.for_each(|(y, answer)| println!("measured {y:6.2}  answered {answer:6.2}"));
        }
    }
    Ok(())
}
