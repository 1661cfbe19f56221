//! Looks into an MLP before it has learned anything: a careless start beside a careful one.
//!
//!     cargo run --release -p rushlight-train --example diagnose
//!
//! The arguments change the recipe, such as `model.layers=5` or `model.gain=1`.
#![allow(clippy::print_stdout, reason = "an example speaks to who runs it")]

use rushlight_engine::Rng;
use rushlight_nn::Context;
use rushlight_report::Table;
use rushlight_trace::{Record, SiteKind};
use rushlight_train::recipe::Recipe;
use rushlight_train::{Session, Watch};
use std::error::Error;

const RECIPE: &str = r#"
data = { kind = "lines", dataset = "names", batching = "contexts" }
model = { kind = "mlp", hidden = 200, layers = 2 }
train = { steps = 1, batch = 32, window = 3 }
"#;

fn look(title: &str, sets: &[String]) -> Result<(), Box<dyn Error>> {
    let session = Session::new(Recipe::parse(RECIPE, "diagnose.toml", sets)?, None)?;
    let batch = session.batch_at(0)?;

    // One pass with somebody looking on, and back: values and gradients of every site.
    let mut watch = Watch::default();
    let logits = session.model.forward(&mut Context::train(Rng::new(0)).watched(&mut watch), &batch.input);
    let loss = batch.targets.loss_sum(&logits, 0.0).scale(1.0 / batch.targets.counted() as f32);
    let guess = (session.sizes.vocabulary as f64).ln();
    println!("{title}: loss {:.2}, where a guess costs {guess:.2}\n", loss.item());

    let mut table = Table::new().words("site").words("values").numbers("mean", "").numbers("std", "");
    table = table.numbers("saturated", "%").numbers("dead", "units");
    for record in watch.records(0, &loss.backward()) {
        let Record::Layer(layer) = record else { continue };
        let digits = if layer.kind == SiteKind::Gradient { 6 } else { 2 };
        let saturated = layer.saturated_share.map(|share| format!("{:.0}", 100.0 * share));
        let dead = layer.dead_units.map(|dead| format!("{dead} of {}", layer.units));
        let numbers = [layer.mean, layer.std].map(|number| format!("{number:.digits$}"));
        let words = [layer.site, layer.kind.to_string()];
        let cells = words.into_iter().chain(numbers).chain([saturated, dead].map(Option::unwrap_or_default));
        table.push(cells.map(Into::into).collect());
    }
    println!("{}", table.to_text(false));
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let with = |sets: &[&str]| [sets.iter().map(|set| set.to_string()).collect(), args.clone()].concat();
    look("careless", &with(&["model.start=normal", "model.output_scale=1"]))?;
    look("careful", &with(&["model.start=kaiming", "model.output_scale=0.1"]))
}
