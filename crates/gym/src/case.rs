//! Cases: one training each, with a fault or without, with a seed.

use crate::bases::{self, Base};
use crate::made_up::path_of;
use rushlight_train::faults;
use rushlight_train::recipe::Recipe;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Which half a training belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Half {
    /// Thresholds are chosen on it.
    Tuned,
    /// They are scored on it.
    Held,
}

/// One training.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Case {
    /// The training that it is of.
    pub base: String,
    /// The half that it belongs to.
    pub half: Half,
    /// What is changed in its recipe, as `--set` takes it; nothing for most.
    pub variation: String,
    /// What is wrong on purpose: a fault by name, or a setting that spoils it; nothing, where nothing is.
    pub fault: String,
    /// The seed.
    pub seed: u64,
}

/// Matched seeds with which a fault must hurt.
pub(crate) const SEEDS: u64 = 5;

/// The turn of the first wrong setting among the trainings; as many faults were there once. What was tried on a training stays
/// there, however many faults come after it, so that kept records serve again.
const SETTINGS_FROM: usize = 64;

/// A fault that is no more than a wrong setting.
pub(crate) struct Setting {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The part that it breaks.
    pub(crate) component: rushlight_trace::Component,
    /// What of the recipe is changed to it; nothing where it has no meaning.
    pub(crate) sets: fn(&Recipe) -> Option<Vec<String>>,
}

/// Wrong settings: faults too, that need no code.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        name: "rate-times-100",
        component: rushlight_trace::Component::Rate,
        sets: |recipe| Some(rate_times(recipe, 100.0)),
    },
    Setting {
        name: "rate-by-1000",
        component: rushlight_trace::Component::Rate,
        sets: |recipe| Some(rate_times(recipe, 1e-3)),
    },
    Setting {
        name: "schedule-spent",
        component: rushlight_trace::Component::Rate,
        sets: |recipe| {
            let early = (recipe.train.steps / 30).max(2);
            Some(vec![format!("train.schedule={{kind=\"step\",every_steps={early},factor=0.1}}")])
        },
    },
    Setting {
        name: "clip-far-too-small",
        component: rushlight_trace::Component::Gradient,
        sets: |recipe| (recipe.train.optimizer.kind == "sgd").then(|| vec!["train.clip={norm=1e-4}".to_owned()]),
    },
    Setting {
        name: "start-normal",
        component: rushlight_trace::Component::Start,
        sets: |recipe| {
            (recipe.model.kind == "mlp")
                .then(|| vec!["model.start=normal".to_owned(), "model.output_scale=1.0".to_owned()])
        },
    },
    Setting {
        name: "dropout-nearly-all",
        component: rushlight_trace::Component::Capacity,
        sets: |recipe| recipe.model.config.contains_key("dropout").then(|| vec!["model.dropout=0.95".to_owned()]),
    },
];

/// So many times the rate, and the floor that it falls to.
fn rate_times(recipe: &Recipe, factor: f64) -> Vec<String> {
    let floor = recipe.train.schedule.config.get("floor").and_then(|floor| floor.as_f64());
    let rate = format!("train.lr={:e}", f64::from(recipe.train.lr) * factor);
    floor.map(|floor| format!("train.schedule.floor={:e}", floor * factor)).into_iter().chain([rate]).collect()
}

/// All names of what can be wrong, with the part that it breaks.
pub(crate) fn component_of(fault: &str) -> rushlight_trace::Component {
    let of_setting = SETTINGS.iter().find(|setting| setting.name == fault).map(|setting| setting.component);
    of_setting.or_else(|| faults::Entry::named(fault).map(|entry| entry.component)).unwrap_or_default()
}

/// Every case of a half: healthy ones in all variations with `healthy_seeds` seeds each, and every fault on at most `most`
/// trainings that it suits, with five seeds and, to be held against, the same trainings without it.
pub fn cases(half: Half, tables: &Path, healthy_seeds: u64, most: usize) -> Vec<Case> {
    let bases = || bases::of(half);
    let case = |base: &Base, variation: &str, fault: &str, seed| Case {
        base: base.name.to_owned(),
        half,
        variation: variation.to_owned(),
        fault: fault.to_owned(),
        seed,
    };
    let mut all = Vec::new();
    for base in bases() {
        for variation in base.variations {
            let seeds = if variation.is_empty() { healthy_seeds.max(SEEDS) } else { healthy_seeds };
            all.extend((1..=seeds).map(|seed| case(base, variation, "", seed)));
        }
    }
    let settings = SETTINGS.iter().map(|setting| setting.name).zip(SETTINGS_FROM..);
    let names = faults::ALL.iter().map(|entry| entry.name).zip(0..).chain(settings);
    for (name, number) in names {
        let suited: Vec<&Base> = bases().filter(|base| case(base, "", name, 1).recipe(tables).is_some()).collect();
        // Not the same few for every fault.
        let turned = suited.iter().cycle().skip(number % suited.len().max(1)).take(suited.len().min(most));
        for base in turned {
            all.extend((1..=SEEDS).map(|seed| case(base, "", name, seed)));
        }
    }
    all
}

impl Case {
    /// Its name, which can be that of a file.
    pub fn name(&self) -> String {
        let what = match (self.fault.as_str(), self.variation.as_str()) {
            ("", "") => "healthy".to_owned(),
            ("", variation) => format!("healthy-{}", variation.replace(|c: char| !c.is_ascii_alphanumeric(), "_")),
            (fault, _) => fault.to_owned(),
        };
        format!("{}-{what}-{}", self.base, self.seed)
    }

    /// The same case with nothing wrong.
    pub fn without_fault(&self) -> Self {
        Self { fault: String::new(), ..self.clone() }
    }

    /// Its recipe; none where the fault has no meaning in it.
    ///
    /// # Panics
    /// When a recipe of the gym cannot be read, which its tests would show.
    pub fn recipe(&self, tables: &Path) -> Option<Recipe> {
        let base = Base::named(&self.base)?;
        let classes = path_of(tables, "classes");
        let folder = classes.parent().unwrap_or(tables).display().to_string();
        let text = base.recipe.replace("TABLES", &folder);
        let read = |sets: &[String]| {
            Recipe::parse(&text, &format!("{}.toml", base.name), sets)
                .unwrap_or_else(|error| panic!("{}: {error}", self.name()))
        };
        let mut sets: Vec<String> = self.variation.split(' ').filter(|set| !set.is_empty()).map(String::from).collect();
        sets.push(format!("train.seed={}", self.seed));
        let plain = read(&sets);
        if self.fault.is_empty() {
            return Some(plain);
        }
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.name == self.fault) {
            sets.extend((setting.sets)(&plain)?);
            return Some(read(&sets));
        }
        let entry = faults::Entry::named(&self.fault).filter(|entry| (entry.suits)(&plain))?;
        sets.push(format!("fault.kind={}", entry.name));
        Some(read(&sets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_train::Session;

    #[test]
    fn every_training_can_begin_in_every_variation() {
        let folder = tempfile::tempdir().unwrap();
        crate::made_up::write_tables(folder.path()).unwrap();
        for (half, base) in
            [Half::Tuned, Half::Held].into_iter().flat_map(|half| bases::of(half).map(move |base| (half, base)))
        {
            for variation in base.variations {
                let case = Case {
                    base: base.name.into(),
                    half,
                    variation: (*variation).into(),
                    fault: String::new(),
                    seed: 1,
                };
                let recipe = case.recipe(folder.path()).unwrap();
                Session::new(recipe, None).unwrap_or_else(|error| panic!("{}: {error}", case.name()));
            }
        }
    }

    #[test]
    fn the_halves_share_no_training_and_every_fault_is_tried_in_both() {
        let folder = Path::new("tables");
        let [tuned, held] = [Half::Tuned, Half::Held].map(|half| cases(half, folder, 1, 4));
        assert!(tuned.iter().all(|one| held.iter().all(|other| one.base != other.base)));
        for fault in faults::ALL.iter().map(|entry| entry.name).chain(SETTINGS.iter().map(|setting| setting.name)) {
            let tried = |cases: &[Case]| cases.iter().filter(|case| case.fault == fault).count();
            assert!(tried(&tuned) + tried(&held) >= SEEDS as usize, "{fault} suits no training");
        }
    }
}
