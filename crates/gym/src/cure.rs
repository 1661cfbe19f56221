//! Cures on trial: a training with and without a change of its recipe, on paired seeds. What helps is kept, and the next change
//! is tried on top of it.

use crate::GymError;
use crate::training::{TARGETS, recorded, shows_in};
use rushlight_doctor::{Chosen, Exam, Report, examine};
use rushlight_engine::{threads, with_threads};
use rushlight_trace::{Component, Severity, Trace};
use rushlight_train::recipe::Recipe;
use rushlight_train::{Session, TrainError, WAYS};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};

/// A change that a finding proposes.
#[derive(Clone, Debug, PartialEq)]
pub struct Cure {
    /// The rule that found something.
    pub rule: String,
    /// The part that is to blame, which says by what loss the change is judged.
    pub component: Component,
    /// The change as `--set` takes it, or several with a blank between: `train.lr=0.01`.
    pub change: String,
    /// Since which step it was so.
    pub since: Option<u64>,
}

/// A change, tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// What was tried.
    pub cure: Cure,
    /// What came of it, seed by seed, up to those with which it did not help.
    pub pairs: Vec<Pair>,
    /// Why it could not be tried at all.
    pub refused: Option<String>,
    /// Whether it helped with every seed, and by a hundredth in the mean.
    pub kept: bool,
}

/// The same training from the same seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The seed.
    pub seed: u64,
    /// The loss on the validation part without the change.
    pub before: f64,
    /// And with it.
    pub after: f64,
}

/// What was tried, and what of it is kept.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Each change that was tried, in order.
    pub trials: Vec<Trial>,
    /// The recipe with all changes that helped.
    pub recipe: Recipe,
    /// The faults of the changed training, as it was last examined; none, where nothing helped.
    pub left: Option<Vec<String>>,
    /// Whether somebody asked to stop before all was tried.
    pub stopped: bool,
}

impl Cure {
    /// All that a report proposes against faults and risks, each change once, causes first.
    pub fn of(report: &Report) -> Vec<Self> {
        let mut cures: Vec<Self> = Vec::new();
        for finding in report.findings.iter().filter(|finding| finding.severity > Severity::Note) {
            let cure = |change: &String| Self {
                rule: finding.name.clone(),
                component: finding.component,
                since: finding.since_step,
                change: change.clone(),
            };
            // When a training stops changes nothing of what it has learned until then.
            let is_new = |change: &&String| {
                !change.starts_with("train.stop.") && cures.iter().all(|cure| cure.change != **change)
            };
            let new = finding.cures.iter().filter(is_new);
            let new: Vec<Self> = new.map(cure).collect();
            cures.extend(new);
        }
        cures
    }

    /// The change, taken apart as `--set` takes it.
    fn sets(&self) -> Vec<String> {
        if self.change.contains('{') {
            return vec![self.change.clone()];
        }
        self.change.split(' ').map(String::from).collect()
    }
}

impl Trial {
    fn helps(&self) -> bool {
        const LEAST: f64 = 0.01;
        let gain = |pair: &Pair| (pair.before - pair.after) / pair.before.abs();
        // What comes from no number at all has gained without measure.
        let gains: Vec<f64> = self.pairs.iter().filter(|pair| pair.before.is_finite()).map(gain).collect();
        self.pairs.iter().all(Pair::is_better) && gains.iter().sum::<f64>() >= LEAST * gains.len() as f64
    }

    /// How many pairs it helped.
    pub fn better(&self) -> usize {
        self.pairs.iter().filter(|pair| pair.is_better()).count()
    }

    /// How likely at least so many pairs would be better if the change did nothing: the one-sided sign test.
    pub fn p(&self) -> f64 {
        let (n, k) = (self.pairs.len() as u32, self.better() as u32);
        let ways = |chosen: u32| (0..chosen).fold(1.0, |ways, i| ways * f64::from(n - i) / f64::from(i + 1));
        (k..=n).map(ways).sum::<f64>() / 2f64.powi(n as i32)
    }

    /// The mean loss without and with the change, over all pairs.
    pub fn means(&self) -> (f64, f64) {
        let mean = |of: fn(&Pair) -> f64| self.pairs.iter().map(of).sum::<f64>() / self.pairs.len().max(1) as f64;
        (mean(|pair| pair.before), mean(|pair| pair.after))
    }
}

impl Pair {
    fn is_better(&self) -> bool {
        self.after.is_finite() && (self.after < self.before || !self.before.is_finite())
    }
}

/// How changes are tried.
#[derive(Clone, Debug)]
pub struct Bench<'a> {
    /// The training as it is.
    pub recipe: &'a Recipe,
    /// How many of its steps are taken.
    pub steps: u64,
    /// The seeds, each with and without a change.
    pub seeds: RangeInclusive<u64>,
    /// Set by who wants no more of it.
    pub stop: &'a AtomicBool,
}

impl Bench<'_> {
    /// Tries what `report` proposes, one change after the other. Where one helps, it stays, what else its rule proposes is left
    /// out, and in the end the changed training is examined again, until nothing more helps, four times at most. `told` hears of
    /// each change before it is tried.
    ///
    /// # Errors
    /// A recipe that cannot be trained as it is.
    pub fn prove(&self, report: &Report, mut told: impl FnMut(&Cure)) -> Result<Proof, GymError> {
        /// Each round examines a training of its own.
        const ROUNDS: usize = 4;
        let failed = |source| GymError::Training { case: self.recipe.name.clone(), source: Box::new(source) };
        let mut best = Trained::of(self.recipe);
        let mut proof = Proof { trials: Vec::new(), recipe: self.recipe.clone(), left: None, stopped: false };
        let (mut cures, mut taken) = (Cure::of(report), Vec::<String>::new());
        // What did not help as things stand now, and what cannot be tried at all.
        let (mut idle, mut impossible) = (Vec::<String>::new(), Vec::<String>::new());
        for _ in 0..ROUNDS {
            let mut cured = Vec::<String>::new();
            for cure in cures {
                if cured.contains(&cure.rule) || [&idle, &impossible].iter().any(|list| list.contains(&cure.change)) {
                    continue;
                }
                told(&cure);
                let sets: Vec<String> = taken.iter().cloned().chain(cure.sets()).collect();
                let mut trial = Trial { cure, pairs: Vec::new(), refused: None, kept: false };
                match changed(self.recipe, &sets) {
                    Err(error) => trial.refused = Some(error),
                    // What is so already.
                    Ok(recipe) if recipe.to_toml() == proof.recipe.to_toml() => continue,
                    Ok(recipe) => {
                        let mut after = Trained::of(&recipe);
                        if !self.compare(&mut trial, &mut best, &mut after).map_err(failed)? {
                            return Ok(Proof { stopped: true, ..proof });
                        }
                        if trial.kept {
                            (proof.recipe, best, taken) = (recipe, after, sets);
                            cured.push(trial.cure.rule.clone());
                            idle.clear();
                        }
                    }
                }
                let list = if trial.refused.is_some() { &mut impossible } else { &mut idle };
                list.extend((!trial.kept).then(|| trial.cure.change.clone()));
                proof.trials.push(trial);
            }
            if cured.is_empty() {
                break;
            }
            let Some(report) = self.examined(&proof.recipe).map_err(failed)? else {
                return Ok(Proof { stopped: true, ..proof });
            };
            cures = Cure::of(&report);
            let faults = report.findings.iter().filter(|finding| finding.severity == Severity::Fault);
            proof.left = Some(faults.map(|finding| finding.name.clone()).collect());
        }
        Ok(proof)
    }

    /// Fills the trial seed by seed, as long as it helps; false, where somebody asked to stop.
    fn compare(&self, trial: &mut Trial, before: &mut Trained, after: &mut Trained) -> Result<bool, TrainError> {
        let way = shows_in(trial.cure.component, self.recipe.fault.as_ref().map_or("", |fault| &fault.kind));
        let seeds: Vec<u64> = self.seeds.clone().collect();
        for some in seeds.chunks(threads()) {
            if !before.train(some, self)? {
                return Ok(false);
            }
            match after.train(some, self) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => {
                    trial.refused = Some(error.to_string());
                    return Ok(true);
                }
            }
            trial.pairs.extend(some.iter().map(|&seed| {
                let loss = |trained: &Trained| trained.losses.get(&seed).map_or(f64::NAN, |losses| losses[way]);
                Pair { seed, before: loss(before), after: loss(after) }
            }));
            if !trial.pairs.iter().all(Pair::is_better) {
                return Ok(true);
            }
        }
        trial.kept = trial.helps();
        Ok(true)
    }

    /// What is found in a training of that recipe; none, where somebody asked to stop.
    fn examined(&self, recipe: &Recipe) -> Result<Option<Report>, TrainError> {
        let mut session = Session::begun(recipe.clone())?;
        let stop = || self.stop.load(Ordering::Relaxed);
        let Some(records) = recorded(&mut session, self.steps, stop)? else { return Ok(None) };
        let trace = Trace { recipe: recipe.to_toml(), records, ..Trace::default() };
        Ok(Some(examine(&Exam::of(&trace), &Chosen::default())))
    }

    /// The losses after the first steps from a seed, which are no numbers where that of a step is none.
    fn train(&self, recipe: &Recipe, seed: u64) -> Result<Option<[f64; WAYS]>, TrainError> {
        let mut recipe = recipe.clone();
        recipe.train.seed = seed;
        let mut session = Session::begun(recipe)?;
        while session.progress.step < self.steps && !session.is_over() {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let (step, _) = session.take_recorded_step(false)?;
            if !step.loss.is_finite() {
                return Ok(Some([f64::NAN; WAYS]));
            }
        }
        session.losses(session.judged_by(), TARGETS).map(Some)
    }
}

/// The recipe with these changes; the reason, where no training can be made of it.
fn changed(recipe: &Recipe, sets: &[String]) -> Result<Recipe, String> {
    if sets.iter().any(|set| set.starts_with("tokenizer.")) {
        return Err("losses of other tokens cannot be compared".into());
    }
    let mut changed = Recipe::parse(recipe.text(), &recipe.name, sets).map_err(|error| error.to_string())?;
    if sets.iter().all(|set| !set.starts_with("data.")) {
        // The data may have been found elsewhere than the text says.
        changed.data = recipe.data.clone();
    }
    Session::begun(changed.clone()).map_err(|error| error.to_string())?;
    Ok(changed)
}

/// The losses of a training by seed, each trained once.
struct Trained {
    recipe: Recipe,
    losses: BTreeMap<u64, [f64; WAYS]>,
}

impl Trained {
    fn of(recipe: &Recipe) -> Self {
        Self { recipe: recipe.clone(), losses: BTreeMap::new() }
    }

    /// With each of these seeds at the same time, a thread each; false, where somebody asked to stop.
    fn train(&mut self, seeds: &[u64], bench: &Bench) -> Result<bool, TrainError> {
        let new: Vec<u64> = seeds.iter().copied().filter(|seed| !self.losses.contains_key(seed)).collect();
        let recipe = &self.recipe;
        let trained = std::thread::scope(|scope| {
            let start = |&seed: &u64| scope.spawn(move || with_threads(1, || bench.train(recipe, seed)));
            let started: Vec<_> = new.iter().map(start).collect();
            let ended = started.into_iter().map(|thread| thread.join().expect("a training does not panic"));
            ended.collect::<Result<Option<Vec<_>>, _>>()
        })?;
        let Some(losses) = trained else { return Ok(false) };
        self.losses.extend(new.into_iter().zip(losses));
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(pairs: &[(f64, f64)]) -> Trial {
        let cure = Cure { rule: String::new(), component: Component::Rate, change: String::new(), since: None };
        let pair = |(seed, &(before, after)): (usize, &(f64, f64))| Pair { seed: seed as u64, before, after };
        Trial { cure, pairs: pairs.iter().enumerate().map(pair).collect(), refused: None, kept: false }
    }

    #[test]
    fn a_change_helps_with_every_seed_or_not_at_all() {
        assert!(trial(&[(2.0, 1.9), (2.0, 1.8)]).helps());
        assert!(!trial(&[(2.0, 1.5), (2.0, 2.01)]).helps());
        // Always better, and by less than a hundredth.
        assert!(!trial(&[(2.0, 1.999), (2.0, 1.999)]).helps());
        assert!(trial(&[(f64::NAN, 1.9)]).helps() && !trial(&[(2.0, f64::NAN)]).helps());
        // Squared errors are small.
        assert!(trial(&[(9e-4, 4e-4), (8e-4, 5e-4)]).helps());
    }

    #[test]
    fn chance_is_counted_by_signs() {
        let better =
            |k: usize, n: usize| trial(&(0..n).map(|i| (2.0, if i < k { 1.0 } else { 3.0 })).collect::<Vec<_>>());
        assert_eq!(better(5, 5).p(), 1.0 / 32.0);
        // Four or five of five: (5 + 1)/32.
        assert_eq!((better(4, 5).p(), better(0, 5).p()), (6.0 / 32.0, 1.0));
    }

    #[test]
    fn several_changes_are_several_sets() {
        let cure =
            |change: &str| Cure { rule: String::new(), component: Component::Rate, change: change.into(), since: None };
        assert_eq!(cure("a=1 b=2").sets(), ["a=1", "b=2"]);
        assert_eq!(cure("train.clip={ norm = 1.0 }").sets(), ["train.clip={ norm = 1.0 }"]);
    }
}
