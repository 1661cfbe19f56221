//! `ladder`: every rung from the bigram to the Transformer on one text, with as many tokens or as much time each, and a page
//! that shows what each gained, what it still cannot do and what it costs. Rungs that are finished are kept, others go on.

use super::{Answer, compare, growth, train};
use crate::terminal::{self, say};
use crate::{log, recipes};
use anyhow::{Context, Result, bail, ensure};
pub(crate) use budget::{Budget, asked};
use rushlight_data::{Part, PartName, kinds::recall};
use rushlight_engine::{Ids, Rng};
use rushlight_models::{Entry, bigram};
use rushlight_report::Page;
use rushlight_trace::{Axis, Record, RunFolder, Trace, Which, write_atomic};
use rushlight_train::recipe::Recipe;
use rushlight_train::{Prepared, Reason, Run, Session, probe};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

mod budget;

const SHOWN: [usize; 10] = [1, 2, 3, 4, 6, 8, 16, 32, 48, 64];
const PLACES: usize = 1024;
const LENGTHS: [usize; 5] = [64, 128, 256, 512, 1024];
const COST_ROWS: usize = 4;
const DISTANCES: [usize; 9] = [1, 2, 3, 5, 8, 12, 16, 24, 32];
const GRADIENT_ROWS: usize = 32;
const RECALL_ROWS: usize = 200;
const LEAST_WORDS: usize = 10;
/// Of a table of words most cells are empty, and one added to each would drown what was counted. On tiny Shakespeare's 5000
/// commonest words 0.01 has the least loss of 0.001, 0.003, 0.01, 0.03, 0.1, 0.3 and 1.
const SMOOTHING_OF_WORDS: f64 = 0.01;

/// The flags of `ladder`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// A text of your own in place of tiny Shakespeare.
    #[arg(long)]
    data: Option<PathBuf>,
    /// By words in place of characters, with a vocabulary of the commonest: so many, or 5000.
    #[arg(long, value_name = "COUNT", num_args = 0..=1, default_missing_value = "5000")]
    words: Option<usize>,
    /// How many tokens each rung sees; 1000000 unless told otherwise.
    #[arg(long)]
    tokens: Option<u64>,
    /// For how long each rung trains on this machine, in place of `--tokens`: a few steps are timed first. What each rung
    /// can do is measured afterwards, which takes its own time.
    #[arg(long)]
    seconds: Option<u64>,
    /// Only these rungs, such as `bigram,lstm,gpt`.
    #[arg(long, value_delimiter = ',')]
    rungs: Vec<String>,
    /// Where the random numbers begin.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The folder for the runs and the page; `runs/ladder` unless told otherwise, with the name of your text, `-words` and
    /// `-seconds` behind it.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Trains the ladder.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    flags.budget()?;
    if let Some(words) = flags.words {
        ensure!(
            words >= LEAST_WORDS,
            "`--words {words}` is too few for a text; give at least {LEAST_WORDS}, such as 5000"
        );
    }
    let (rungs, out) = (flags.rungs()?, flags.out());
    // All that can be refused is refused before the first minute of training.
    for Entry { name, .. } in &rungs {
        if let Ok(folder) = RunFolder::open(&out.join(name)) {
            flags.must_have_made(&folder, name)?;
        }
    }
    for (index, Entry { name, .. }) in rungs.iter().enumerate() {
        say(&format!("[{}/{}] {name}", index + 1, rungs.len()));
        if flags.rung(name)? == Climbed::Interrupted {
            let text = format!("stopped; go on with the same command. What is there: {}\n", out.display());
            let json = json!({"out": out, "reason": "interrupted"});
            return Ok(Answer { text, json, code: super::INTERRUPTED });
        }
    }
    // Rungs of the same ladder that were climbed before are on the page too.
    let of_this = |entry: &Entry| {
        RunFolder::open(&out.join(entry.name)).ok().filter(|folder| flags.must_have_made(folder, entry.name).is_ok())
    };
    let there = recipes::rungs(&[])?.into_iter().filter_map(of_this);
    let traces = there.map(|folder| Ok(Trace::read(&folder)?)).collect::<Result<Vec<_>>>()?;
    let page = Page::of_ladder(&traces);
    let path = out.join("report.html");
    write_atomic(&path, page.to_html().as_bytes())?;
    let text =
        format!("{}\nThe page with all of it: {}\n", page.to_text(terminal::in_colour()).trim_end(), path.display());
    let rungs: Vec<Value> = traces.iter().map(summary).collect();
    Ok(Answer::new(text, json!({"out": out, "report": path, "rungs": rungs})))
}

#[derive(PartialEq, Eq)]
enum Climbed {
    Wholly,
    Interrupted,
}

impl Flags {
    /// The rungs to climb, in the order of history.
    pub(crate) fn rungs(&self) -> Result<Vec<&'static Entry>> {
        recipes::rungs(&self.rungs)
    }

    /// That a rung which is there already was trained as these flags say.
    fn must_have_made(&self, folder: &RunFolder, name: &str) -> Result<()> {
        compare::must_be_of(folder, &self.recipe(name, folder.path())?)
    }

    fn out(&self) -> PathBuf {
        let named = || {
            let data = self.data.as_ref().and_then(|path| path.file_stem());
            let data = data.map_or_else(String::new, |name| format!("-{}", name.display()));
            let words = if self.words.is_some() { "-words" } else { "" };
            let seconds = if self.seconds.is_some() { "-seconds" } else { "" };
            PathBuf::from(format!("runs/ladder{data}{words}{seconds}"))
        };
        self.out.clone().unwrap_or_else(named)
    }

    /// What a rung is trained on; how long is not said yet.
    fn plain(&self, name: &str) -> Result<Recipe> {
        let mut sets = vec![format!("train.seed={}", self.seed)];
        if let Some(words) = self.words {
            sets.extend(["tokenizer.kind=word".to_owned(), format!("tokenizer.max_size={words}")]);
            if name == bigram::ENTRY.name {
                sets.push(format!("model.smoothing={SMOOTHING_OF_WORDS}"));
            }
        }
        if let Some(path) = &self.data {
            sets.push(format!("data.path={:?}", path.display().to_string()));
        }
        recipes::find(&recipes::of_rung(name), &sets)
    }

    /// Trains one rung and measures what it can do.
    fn rung(&self, name: &str) -> Result<Climbed> {
        let path = self.out().join(name);
        let recipe = self.recipe(name, &path)?;
        let recalls = recipes::is_shipped(&format!("ladder-recall/{name}"));
        let is_whole =
            |trace: &Trace| trace.reaches().next().is_some() && (!recalls || trace.recalls().next().is_some());
        let Some(mut run) = open(&path, recipe, is_whole)? else { return Ok(Climbed::Wholly) };
        let ending = train::train(&mut run)?;
        if let Reason::Asked(why) = &ending.reason {
            bail!("{name} stopped: {why}");
        }
        if ending.reason == Reason::Interrupted {
            return Ok(Climbed::Interrupted);
        }
        if Trace::read(run.folder())?.reaches().next().is_none() {
            say(&format!("{name}: measuring reach, gradients and cost"));
            for record in self.probes(&run.session)? {
                run.record(&record)?;
            }
        }
        match self.recall(name, &run.session)? {
            Some(Recalled::Record(record)) => run.record(&record)?,
            Some(Recalled::Interrupted) => return Ok(Climbed::Interrupted),
            None => {}
        }
        Ok(Climbed::Wholly)
    }

    fn probes(&self, session: &Session) -> Result<Vec<Record>> {
        let (model, name) = (&*session.model, session.entry.name);
        let part = if session.corpus.validation.is_empty() { PartName::Train } else { PartName::Validation };
        let text = session.corpus.part(part).id_stream();
        let text = text.first(usize::MAX)?;
        let longest = SHOWN
            .iter()
            .copied()
            .filter(|&k| k <= session.recipe.train.window.max(64) && k < text.len())
            .max()
            .unwrap_or(1);
        let mut rng = Rng::new(self.seed).fork(3);
        let places: Vec<usize> = (0..PLACES).map(|_| longest + rng.below(text.len() - longest)).collect();
        let shown: Vec<usize> = SHOWN.iter().copied().filter(|&k| k <= longest).collect();
        let mut records = vec![Record::Reach(probe::reach(model, name, &text, &places, &shown))];
        let rows = places.iter().take(GRADIENT_ROWS);
        let inputs: Vec<u32> = rows.clone().flat_map(|&place| &text[place - longest..place]).copied().collect();
        let last: Vec<u32> = rows.clone().map(|&place| text[place]).collect();
        let inputs = Ids::new(&[last.len(), longest], inputs);
        records.extend(
            probe::gradient_distance(model, session.progress.step, &inputs, &last).map(Record::GradientDistance),
        );
        if model.counting().is_none() {
            let step = |length| growth::Step {
                recipe: session.recipe.clone(),
                rows: COST_ROWS,
                length,
                vocabulary: session.sizes.vocabulary,
            };
            records.push(Record::Cost(probe::cost(name, Axis::Length, &LENGTHS, |length| step(length).made())?));
        }
        Ok(records)
    }

    /// A training of the same kind of model, small, on a symbol that must be repeated after some steps.
    fn recall(&self, name: &str, session: &Session) -> Result<Option<Recalled>> {
        let shipped = format!("ladder-recall/{name}");
        if !recipes::is_shipped(&shipped) {
            return Ok(None);
        }
        let steps = self.budget()?.of_recall(recipes::find(&shipped, &[])?.train.steps);
        let recipe = recipes::find(&shipped, &[format!("train.steps={steps}"), format!("train.seed={}", self.seed)])?;
        let path = self.out().join("recall").join(name);
        if let Some(mut run) = open(&path, recipe, |_| true)? {
            say(&format!("{name}: learning to recall, {steps} steps"));
            let ending = train::train(&mut run)?;
            match ending.reason {
                Reason::Finished | Reason::StoppedEarly => {}
                Reason::Interrupted => return Ok(Some(Recalled::Interrupted)),
                Reason::Asked(why) => bail!("{name}, learning to recall, stopped: {why}"),
            }
        }
        let trained = Run::open(&path, Which::Last)?;
        let rushlight_data::DataConfig::Recall(config) = &trained.recipe.data else {
            bail!("{shipped} is not about recall")
        };
        let tokenizer = trained.tokenizer()?;
        let batches = DISTANCES.iter().map(|&distance| {
            // Short distances have few different rows.
            let different =
                (config.symbols as f64 * (config.distractors as f64).powi(distance as i32)).min(RECALL_ROWS as f64);
            let rows = recall::at_distance(config, distance, different as usize, tokenizer, self.seed)?;
            let part = Part::Rows(std::sync::Arc::new(rows));
            Ok((distance as u64, trained.cover(&part).collect::<Result<Vec<Prepared>, _>>()?))
        });
        let batches = batches.collect::<Result<Vec<_>>>()?;
        let record = probe::recall(&*trained.model, session.entry.name, batches, 1.0 / config.symbols as f64);
        Ok(Some(Recalled::Record(Record::Recall(record))))
    }
}

enum Recalled {
    Record(Record),
    Interrupted,
}

/// A new run, or one that goes on; none if it has come to its end and `is_whole`. A folder with another recipe is left
/// alone, and so is one whose text has changed since.
fn open(path: &Path, recipe: Recipe, is_whole: impl Fn(&Trace) -> bool) -> Result<Option<Run>> {
    let Ok(folder) = RunFolder::open(path) else { return Ok(Some(train::begin(path, recipe)?)) };
    compare::must_be_of(&folder, &recipe)?;
    let trace = Trace::read(&folder)?;
    if trace.done().is_some() && is_whole(&trace) {
        Run::open(path, Which::Last).with_context(|| format!("keeping {}", path.display()))?;
        say(&format!("{}: finished before, kept", folder.name()));
        return Ok(None);
    }
    let run = Run::resume(path).with_context(|| format!("going on with {}", path.display()))?;
    log::into_file(&run.folder().log_path());
    Ok(Some(run))
}

fn summary(trace: &Trace) -> Value {
    let (steps, tokens, seconds) = trace.progress();
    let last = trace.evaluations("validation").next_back();
    json!({
        "model": trace.card.model.name,
        "parameters": trace.card.model.parameters,
        "steps": steps,
        "tokens": tokens,
        "seconds": seconds,
        "validation.loss_nats_per_token": last.map(|evaluation| evaluation.loss),
        "validation.perplexity": last.and_then(|evaluation| evaluation.perplexity),
    })
}
