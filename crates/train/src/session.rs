//! A training in memory: recipe, data, model, optimizer, schedule, and how far it has come. Knows no folder.

use crate::evaluate::{Score, evaluate, tokens_together, unless_broken};
use crate::faults::Fault;
use crate::feed::{Batcher, Feed};
use crate::fitting::{build, entry, fits, holds_batch, holds_counts, nothing_to_judge, reads_on, sizes, within_window};
use crate::opening::Known;
use crate::recipe::{Length, Recipe};
use crate::safety::Toxic;
use crate::step::StepSettings;
use crate::{Prepared, Progress, Sureness, Task, TrainError};
use rushlight_data::{Batching, Corpus, DataError, Gather, Labels, Part, PartName, Shape, Tokenizers};
use rushlight_engine::{Rng, no_grad};
use rushlight_models::{Entry, Input, Memory, Model, Sizes, Takes};
use rushlight_nn::optimizers::{self, Optimizer};
use rushlight_nn::schedules::{self, Schedule, Span};
use rushlight_nn::settings::SettingError;
use rushlight_nn::without_start;
use rushlight_text::Tokenizer;
use rushlight_trace::{Regular, Yardsticks};

/// A training in memory.
pub struct Session {
    /// What was asked for.
    pub recipe: Recipe,
    /// What it learns from.
    pub corpus: Corpus,
    /// What it is trained for.
    pub task: Task,
    /// Its model as listed.
    pub entry: &'static Entry,
    /// The sizes that the data gave the model.
    pub sizes: Sizes,
    /// The model.
    pub model: Box<dyn Model>,
    /// How far it has come.
    pub progress: Progress,
    pub(crate) optimizer: Box<dyn Optimizer>,
    pub(crate) schedule: Box<dyn Schedule>,
    /// The state that a stream carries to the next step.
    pub(crate) memory: Option<Memory>,
    /// How its confidence is read, where it understands sentences.
    pub sureness: Sureness,
    /// What was left out for what it says.
    pub(crate) toxic: Option<Toxic>,
    total_steps: u64,
    pub(crate) settings: StepSettings,
    pub(crate) source: Batcher,
}

impl Session {
    /// Reads the data and makes a fresh model. `tokenizers` are those of a run that goes on; without them they are made.
    ///
    /// # Errors
    /// Data that cannot be read, settings out of range, or a model and data that do not go together.
    pub fn new(recipe: Recipe, tokenizers: Option<Tokenizers>) -> Result<Self, TrainError> {
        Self::knowing(recipe, Known { tokenizers, toxic: None })
    }

    /// The same with what a run found out when it was begun.
    pub(crate) fn knowing(recipe: Recipe, known: Known) -> Result<Self, TrainError> {
        let seed = recipe.train.seed;
        let Known { tokenizers, toxic } = known;
        let mut corpus = rushlight_data::open(&recipe.data, &recipe.tokenizer, &recipe.normalizer, tokenizers, seed)?;
        let toxic = match toxic {
            Some(known) => Some(known),
            None => Toxic::judged(&recipe.train.safety, &corpus, seed)?,
        };
        if let Some(toxic) = &toxic {
            toxic.leave_out(&mut corpus)?;
        }
        if let Some(fault) = recipe.fault() {
            fault.corpus(&mut corpus);
        }
        let entry = entry(&recipe.model.kind)?;
        fits(entry, &corpus)?;
        let sizes = sizes(&recipe, &corpus);
        let model = build(&recipe, entry, sizes)?;
        within_window(&*model, corpus.batching, PartName::ALL.map(|name| corpus.part(name)))?;
        reads_on(entry, &*model, &corpus)?;
        holds_counts(entry, &*model, &corpus)?;
        let shape = Shape { rows: recipe.train.batch, length: recipe.train.window };
        holds_batch(shape, recipe.train.accumulate, &corpus)?;
        let source = match corpus.batching {
            Batching::Vectors => Batcher::Vectors(corpus.train.vector_batches(shape.rows, seed)?),
            batching => Batcher::Ids(corpus.train.batches(batching, shape, seed)?),
        };
        let session = Self { toxic, ..Self::with(recipe, corpus, entry, sizes, model, source)? };
        let judged_by = session.judged_by();
        if session.counts(session.corpus.part(judged_by))? {
            Ok(session)
        } else {
            Err(TrainError::Unfit(nothing_to_judge(&format!("the {} part", judged_by.name()))))
        }
    }

    /// A model of text with its tokenizers and without its data: to write, and to be looked at.
    ///
    /// # Errors
    /// Settings out of range.
    pub(crate) fn without_data(
        recipe: Recipe,
        tokenizers: Tokenizers,
        labels: Option<Labels>,
    ) -> Result<Self, TrainError> {
        let entry = entry(&recipe.model.kind)?;
        let translates = entry.takes == Takes::Pair;
        let corpus = Corpus::of_nothing(&recipe.data, tokenizers, labels, translates);
        let sizes = sizes(&recipe, &corpus);
        let model = without_start(|| build(&recipe, entry, sizes))?;
        Self::with(recipe, corpus, entry, sizes, model, Batcher::Nothing)
    }

    fn with(
        recipe: Recipe,
        corpus: Corpus,
        entry: &'static Entry,
        sizes: Sizes,
        model: Box<dyn Model>,
        source: Batcher,
    ) -> Result<Self, TrainError> {
        let parts = recipe.train.accumulate as u64;
        let total_steps = match recipe.train.length() {
            Length::Steps(steps) => steps,
            Length::Epochs(epochs) => epochs.saturating_mul(source.steps_per_epoch()).div_ceil(parts),
        };
        let optimizer = optimizer_of(&recipe)?;
        let span = Span { base_rate: f64::from(recipe.train.lr), total_steps };
        let schedule = chosen(schedules::ALL.iter().map(|e| (e.name, e.build)), &recipe.train.schedule.kind)(
            &recipe.train.schedule.settings(),
            span,
        )?;
        let settings = StepSettings {
            clip: recipe.train.clip,
            smoothing: recipe.train.smoothing,
            fault: recipe.fault(),
            forcing: recipe.train.teacher_forcing.over(total_steps),
            rng: Rng::new(recipe.train.seed).fork(1),
        };
        if let Some(fault) = &settings.fault {
            fault.start(model.params());
        }
        let progress = Progress::default();
        Ok(Self {
            task: task_of(&corpus),
            recipe,
            corpus,
            entry,
            sizes,
            model,
            progress,
            optimizer,
            schedule,
            memory: None,
            sureness: Sureness::default(),
            toxic: None,
            total_steps,
            settings,
            source,
        })
    }

    /// The same as a run begins with it: from other weights, where the recipe names some, and then with their vocabulary.
    ///
    /// # Errors
    /// As [`Session::new`], and weights that do not fit.
    pub fn begun(recipe: Recipe) -> Result<Self, TrainError> {
        let tokenizers = crate::init::tokenizers(&recipe)?;
        let session = Self::new(recipe, tokenizers)?;
        crate::init::begin_from(&session)?;
        Ok(session)
    }

    /// How many steps the recipe asks for.
    pub fn total_steps(&self) -> u64 {
        self.total_steps
    }

    /// The losses to hold its own against.
    ///
    /// # Errors
    /// As [`Session::evaluate`].
    pub fn yardsticks(&self) -> Result<Option<Yardsticks>, TrainError> {
        crate::card::yardsticks(self)
    }

    /// What is wrong with it on purpose.
    pub(crate) fn fault(&self) -> Option<&dyn Fault> {
        self.settings.fault.as_deref()
    }

    /// An optimizer like its own, that has not moved yet.
    pub(crate) fn new_optimizer(&self) -> Box<dyn Optimizer> {
        optimizer_of(&self.recipe).expect("the same optimizer was made before")
    }

    /// Whether it has come to its end: all steps are taken, all is counted, or patience is at its end.
    pub fn is_over(&self) -> bool {
        match self.model.counting() {
            Some(_) => self.progress.tokens > 0,
            None => self.progress.step >= self.total_steps || self.is_stopped_early(),
        }
    }

    pub(crate) fn is_stopped_early(&self) -> bool {
        self.progress.is_stopped_early(&self.recipe.train.stop)
    }

    /// How many steps pass over the training part about once.
    pub fn steps_per_epoch(&self) -> u64 {
        self.source.steps_per_epoch().div_ceil(self.recipe.train.accumulate as u64).max(1)
    }

    /// After how many steps there is an evaluation, each time.
    pub(crate) fn evaluate_every(&self) -> u64 {
        let every = self.recipe.train.evaluate.every_steps;
        if every > 0 { every } else { self.steps_per_epoch() }
    }

    /// After how many steps there is a checkpoint, each time; others come when an evaluation is the best, or somebody stops.
    pub(crate) fn checkpoint_every(&self) -> u64 {
        let every = self.recipe.train.checkpoint.every_steps;
        if every > 0 { every } else { self.evaluate_every() }
    }

    /// After how many steps it is looked at from inside, each time; 0 for never. A doctor who watches wants a few looks, and
    /// not so many that they cost.
    pub(crate) fn watch_every(&self) -> u64 {
        const LOOKS: u64 = 6;
        const SPARING: u64 = 100;
        let asked = self.recipe.train.watch_every_steps;
        if asked == 0 && self.recipe.doctor.watch { (self.total_steps / LOOKS).max(SPARING) } else { asked }
    }

    /// The checkpoints that the end of the run is averaged with: those that come whether the run is disturbed or not.
    pub(crate) fn averaged_with(&self) -> Regular {
        Regular { every: self.checkpoint_every(), count: self.recipe.train.checkpoint.average - 1 }
    }

    /// The tokenizer.
    ///
    /// # Errors
    /// When the data are numbers, which need none, or ids whose text is not known.
    pub fn tokenizer(&self) -> Result<&Tokenizer, TrainError> {
        let missing = || match self.task {
            Task::Language => "this run learns from ids, and no tokenizer.json says of what text; name one with \
                               `vocabulary` in [data], and train again"
                .to_owned(),
            _ => format!("this run learns from numbers, not from text; it is a {}", self.task.name()),
        };
        self.corpus.tokenizer.as_ref().ok_or_else(|| TrainError::Unfit(missing()))
    }

    /// The tokenizer of what is translated; that of the text itself, where it has no other.
    ///
    /// # Errors
    /// As [`Session::tokenizer`].
    pub fn source_tokenizer(&self) -> Result<&Tokenizer, TrainError> {
        self.corpus.source_tokenizer.as_ref().map_or_else(|| self.tokenizer(), Ok)
    }

    /// The part by which the best weights are chosen: validation, or the training part where there is no validation.
    pub fn judged_by(&self) -> PartName {
        if self.corpus.validation.is_empty() { PartName::Train } else { PartName::Validation }
    }

    /// Every target of a part once, at most `most` of them if asked.
    ///
    /// # Errors
    /// Data that are read only now and can no longer be read.
    pub fn evaluate(&self, part: PartName, most: Option<usize>) -> Result<Score, TrainError> {
        self.evaluate_part(self.corpus.part(part), most)
    }

    /// The same for data from elsewhere.
    ///
    /// # Errors
    /// As [`Session::evaluate`].
    pub fn evaluate_part(&self, part: &Part, most: Option<usize>) -> Result<Score, TrainError> {
        self.evaluate_under(self.fault(), part, most)
    }

    /// The same under another fault than its own, or none.
    pub(crate) fn evaluate_under(
        &self,
        fault: Option<&dyn Fault>,
        part: &Part,
        most: Option<usize>,
    ) -> Result<Score, TrainError> {
        let mut counted = 0;
        let enough = move |batch: &Prepared| {
            let go_on = most.is_none_or(|most| counted < most);
            counted += batch.targets.counted();
            go_on
        };
        // Sentences come by length: so few of them as are asked for must be of several.
        const LENGTHS: usize = 8;
        let at_once = most.map_or(usize::MAX, |most| (most / LENGTHS).max(1));
        let batches = self.cover_by(part, at_once);
        unless_broken(batches, |batches| evaluate(&*self.model, fault, batches.take_while(enough)))
    }

    /// Another file as a part, read as the run reads its own data.
    ///
    /// # Errors
    /// A file that cannot be read, or that this run's tokenizer or table does not know.
    pub fn open_file(&self, path: &std::path::Path) -> Result<Part, TrainError> {
        let (tokenizers, like) = (self.corpus.tokenizers(), &self.corpus.train);
        let part = rushlight_data::open_file(&self.recipe.data, path, tokenizers.as_ref(), Some(like))?;
        within_window(&*self.model, self.corpus.batching, [&part])?;
        if self.counts(&part)? {
            Ok(part)
        } else {
            Err(TrainError::Unfit(nothing_to_judge(&path.display().to_string())))
        }
    }

    /// Whether a part has any target that counts.
    fn counts(&self, part: &Part) -> Result<bool, TrainError> {
        unless_broken(self.cover(part), |batches| {
            batches.map(|batch| batch.targets.counted()).any(|counted| counted > 0)
        })
    }

    /// Every target of a part once, in batches. What is wrong with data that are read only now comes in its place.
    pub fn cover(&self, part: &Part) -> Box<dyn Iterator<Item = Result<Prepared, DataError>>> {
        self.cover_by(part, usize::MAX)
    }

    /// The same with at most so many tokens of sentences in a batch.
    fn cover_by(&self, part: &Part, of_sentences: usize) -> Box<dyn Iterator<Item = Result<Prepared, DataError>>> {
        let length = self.recipe.train.window;
        let tokens = tokens_together(self.sizes.vocabulary);
        match self.corpus.batching {
            Batching::Vectors => Box::new(part.vector_cover(tokens).map(|batch| Ok(Prepared::from_rows(batch)))),
            // Sentences of like length come together, as many as make so many tokens.
            Batching::Pairs(_) => {
                let batching = Batching::Pairs(Gather::Tokens);
                let batches = part.cover(batching, Shape { rows: tokens.min(of_sentences), length });
                Box::new(batches.map(move |batch| Ok(Prepared::from_ids(batch?, batching))))
            }
            batching @ Batching::Utterances { .. } => {
                // A sentence has about so many words.
                const WORDS: usize = 16;
                let batches = part.cover(batching, Shape { rows: (tokens / WORDS).max(1), length });
                Box::new(batches.map(move |batch| Ok(Prepared::from_ids(batch?, batching))))
            }
            batching => {
                let rows = match batching {
                    Batching::Stream => self.recipe.train.batch,
                    Batching::Contexts => tokens,
                    _ => (tokens / length.max(1)).max(1),
                };
                let batches = part.cover(batching, Shape { rows, length });
                Box::new(batches.map(move |batch| Ok(Prepared::from_ids(batch?, batching))))
            }
        }
    }

    /// The training batches from the present step on.
    pub(crate) fn feed(&self) -> Feed {
        let window = if self.corpus.batching == Batching::Pairs(Gather::Tokens) { 1 } else { self.sizes.window };
        let numbers = self.recipe.train.batch.saturating_mul(window);
        self.source.ahead(self.progress.step * self.recipe.train.accumulate as u64, numbers, self.corpus.batching)
    }

    /// A small input like those of training, for the drawing of the model.
    ///
    /// # Errors
    /// As [`Session::evaluate`].
    pub fn example_input(&self) -> Result<Input, TrainError> {
        Ok(self.batch_at(0)?.input)
    }

    /// Whether every weight is a number: a training that diverged leaves others.
    pub fn is_finite(&self) -> bool {
        no_grad(|| self.model.params().iter().all(|param| param.value().data().iter().all(|x| x.is_finite())))
    }
}

fn optimizer_of(recipe: &Recipe) -> Result<Box<dyn Optimizer>, SettingError> {
    let optimizer = &recipe.train.optimizer;
    chosen(optimizers::ALL.iter().map(|e| (e.name, e.build)), &optimizer.kind)(&optimizer.settings())
}

fn chosen<B>(family: impl Iterator<Item = (&'static str, B)>, kind: &str) -> B {
    let mut members = family;
    members.find(|(name, _)| *name == kind).expect("a recipe names only members that there are").1
}

fn task_of(corpus: &Corpus) -> Task {
    match &corpus.train {
        Part::Table(table) if table.layout.classes.is_empty() => Task::Regression,
        Part::Table(_) => Task::Classification,
        Part::Pairs(_) => Task::Translation,
        Part::Utterances(_) => Task::Understanding,
        Part::Stream(_) | Part::Rows(_) => Task::Language,
    }
}
