//! The commands, a file each.

pub(crate) mod assistant;
mod bench;
mod chat;
mod check;
mod compare;
mod completions;
mod doctor;
mod eval;
mod explain;
mod generate;
mod growth;
mod gym;
mod history;
mod journey;
mod ladder;
mod models;
mod reply;
mod report;
mod resume;
mod runs;
mod score;
mod serve;
mod sweep;
mod tokenizer;
mod train;
mod translate;
mod understand;

pub(crate) use runs::number;

use anyhow::Result;
use serde_json::Value;

/// The exit code of what was stopped by Ctrl-C and can go on.
pub(crate) const INTERRUPTED: u8 = 130;

/// What a command gives: text for people, the same as an object, and the exit code.
pub(crate) struct Answer {
    /// For stdout, with its line ends.
    pub(crate) text: String,
    /// For `--format json`.
    pub(crate) json: Value,
    /// 0 good, 1 a check failed.
    pub(crate) code: u8,
}

impl Answer {
    /// A good answer.
    pub(crate) fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, code: 0 }
    }
}

/// What Rushlight can be asked to do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Trains every rung from the bigram to the Transformer on one text and shows what each gained.
    Ladder(ladder::Flags),
    /// Trains what a recipe says.
    Train(train::Flags),
    /// Goes on with a run exactly where it stopped.
    Resume(resume::Flags),
    /// Tries what must hold of a training, in seconds, before its first step.
    Check(check::Flags),
    /// Says why a training does not work, from what it has left behind.
    Doctor(doctor::Flags),
    /// Puts faults into real trainings and counts how many of them the doctor finds.
    Gym(gym::Flags),
    /// Measures a run on a part of its data, or on another file.
    Eval(eval::Flags),
    /// Lets a run write.
    Generate(generate::Flags),
    /// Translates a file or standard input, a line in, a line out.
    Translate(translate::Flags),
    /// Replies to the turns of dialogues, or measures the replies to a part of the run's data.
    Reply(reply::Flags),
    /// Says what each sentence of a file or of standard input wants, and which of its words are slots.
    Understand(understand::Flags),
    /// Makes an assistant of a user's own examples.
    Assistant(assistant::Flags),
    /// Talks with an assistant, or with a run that writes.
    Chat(chat::Flags),
    /// Answers over HTTP: a web page, and an API in OpenAI's form.
    Serve(serve::Flags),
    /// Sets runs side by side.
    Compare(compare::Flags),
    /// Trains a recipe again and again with some settings varied, and compares.
    Sweep(sweep::Flags),
    /// Makes the page of a run, or of several.
    Report(report::Flags),
    /// Holds texts against references: BLEU, chrF, ROUGE.
    Score(score::Flags),
    /// Tells the way of one input through a model.
    Journey(journey::Flags),
    /// Says what a model, an optimizer, a rule of the doctor, a fault or another member of a family is.
    Explain(explain::Flags),
    /// Lists the models.
    Models(models::Flags),
    /// Lists, shows and removes runs.
    Runs(runs::Flags),
    /// Trains a tokenizer, and turns text into ids and back.
    Tokenizer(tokenizer::Flags),
    /// Measures what a training step costs as each of its sizes grows.
    Growth(growth::Flags),
    /// Writes down what each rung of some ladders gained over the one before.
    History(history::Flags),
    /// Times one training step on made-up data.
    Bench(bench::Flags),
    /// Prints completions for a shell.
    Completions(completions::Flags),
}

impl Command {
    /// Carries the command out.
    pub(crate) fn run(&self) -> Result<Answer> {
        match self {
            Self::Ladder(flags) => ladder::run(flags),
            Self::Train(flags) => train::run(flags),
            Self::Resume(flags) => resume::run(flags),
            Self::Check(flags) => check::run(flags),
            Self::Doctor(flags) => doctor::run(flags),
            Self::Gym(flags) => gym::run(flags),
            Self::Eval(flags) => eval::run(flags),
            Self::Generate(flags) => generate::run(flags),
            Self::Translate(flags) => translate::run(flags),
            Self::Reply(flags) => reply::run(flags),
            Self::Understand(flags) => understand::run(flags),
            Self::Assistant(flags) => assistant::run(flags),
            Self::Chat(flags) => chat::run(flags),
            Self::Serve(flags) => serve::run(flags),
            Self::Compare(flags) => compare::run(flags),
            Self::Sweep(flags) => sweep::run(flags),
            Self::Report(flags) => report::run(flags),
            Self::Score(flags) => score::run(flags),
            Self::Journey(flags) => journey::run(flags),
            Self::Explain(flags) => explain::run(flags),
            Self::Models(flags) => models::run(flags),
            Self::Runs(flags) => runs::run(flags),
            Self::Tokenizer(flags) => tokenizer::run(flags),
            Self::Growth(flags) => growth::run(flags),
            Self::History(flags) => history::run(flags),
            Self::Bench(flags) => bench::run(flags),
            Self::Completions(flags) => completions::run(flags),
        }
    }
}
