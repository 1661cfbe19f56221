//! Trains a Transformer on Shakespeare from the parts of the library alone: no recipe, no run, no session.
//!
//!     cargo run --release -p rushlight-train --example train_transformer
//!     cargo run --release -p rushlight-train --example train_transformer -- 2000 4 128
//!
//! The arguments are the number of steps, of layers, and the width.
#![allow(clippy::print_stdout, reason = "an example speaks to who runs it")]

use rushlight_data::kinds::text;
use rushlight_data::{Batching, DataConfig, Shape};
use rushlight_engine::Rng;
use rushlight_models::decode::{Strategy, Writer};
use rushlight_models::gpt::{self, Gpt};
use rushlight_models::{Model, Sizes};
use rushlight_nn::clip::Clip;
use rushlight_nn::optimizers::adamw;
use rushlight_nn::schedules::{Span, cosine};
use rushlight_text::{NormalizerConfig, TokenizerConfig, tokenizers::character};
use rushlight_train::{Forcing, Prepared, StepSettings, evaluate, take_step, unless_broken};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let numbers = std::env::args().skip(1).map(|arg| arg.parse()).collect::<Result<Vec<usize>, _>>()?;
    let number = |place: usize, default: usize| numbers.get(place).copied().unwrap_or(default);
    let (steps, layers, width) = (number(0, 300) as u64, number(1, 2), number(2, 64));

    // Text to ids, and ids to batches: 12 windows of 64 characters each.
    let data = DataConfig::Text(text::Config { dataset: Some("shakespeare".into()), ..text::Config::default() });
    let characters = TokenizerConfig::Character(character::Config::default());
    let corpus = rushlight_data::open(&data, &characters, &NormalizerConfig::default(), None, 0)?;
    let tokenizer = corpus.tokenizer.as_ref().ok_or("a text has a tokenizer")?;
    let shape = Shape { rows: 12, length: 64 };
    let batches = corpus.train.batches(Batching::Windows, shape, 0)?;

    let sizes = Sizes::new(tokenizer.vocab_size(), shape.length);
    let model = Gpt::new(&gpt::Config { layers, width, ..gpt::Config::default() }, sizes, 0);
    println!("{} parameters", model.params().count());

    let mut optimizer = adamw::Config { weight_decay: 0.1, ..adamw::Config::default() }.build()?;
    let span = Span { base_rate: 2e-3, total_steps: steps };
    let schedule = cosine::Config { warmup_steps: steps / 20, floor: 2e-4 }.build(span)?;
    let settings =
        StepSettings { clip: Clip::Norm(1.0), smoothing: 0.0, fault: None, forcing: Forcing::ALWAYS, rng: Rng::new(0) };
    for step in 0..steps {
        let batch = Prepared::from_ids(batches.at(step)?, Batching::Windows);
        let rate = schedule.rate(step);
        let report = take_step(&model, &mut *optimizer, &[batch], &mut None, &settings, (step, rate), false);
        if step % (steps / 5).max(1) == 0 {
            println!("step {step:5}  loss {:.3}  rate {rate:.5}", report.loss);
        }
    }

    let validation = corpus.validation.cover(Batching::Windows, Shape { rows: 64, ..shape });
    let validation = validation.map(|batch| Ok(Prepared::from_ids(batch?, Batching::Windows)));
    let score = unless_broken(validation, |batches| evaluate(&model, None, batches))?;
    println!("validation {:.3} nats over {} characters", score.loss(), score.counted);

    let mut writer = Writer::new(&model, &tokenizer.encode("ROMEO:"), Strategy::SAMPLE, Rng::new(0));
    while writer.written().len() < 200 {
        writer.write();
    }
    println!("{}", tokenizer.decode(writer.written()));
    Ok(())
}
