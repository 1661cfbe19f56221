//! `explain`: what a member of a family is, in the words of its own file, with its keys and their defaults.

use super::Answer;
use crate::terminal::{did_you_mean, strong};
use anyhow::{Result, bail};
use rushlight_data::{DataConfig, batching, datasets, kinds};
use rushlight_doctor::rules;
use rushlight_nn::{optimizers, schedules};
use rushlight_score::metrics;
use rushlight_text::tokenizers;
use rushlight_train::recipe::Recipe;
use rushlight_train::{check, faults};
use serde_json::{Map, Value, json};

mod source;

pub(crate) use source::about;
use source::{Key, header, keys, needed, readable};

/// The flags of `explain`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// A model, optimizer, schedule, tokenizer, kind of data, way of batching, data set, metric, rule, probe or fault; without it, all are listed.
    name: Option<String>,
}

/// Explains.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    match &flags.name {
        Some(name) => answer("", name),
        None => {
            let families: Map<String, Value> =
                FAMILIES.iter().map(|family| (family.plural.into(), names(family).into())).collect();
            Ok(Answer::new(format!("{}\n`rushlight explain NAME` explains one\n", contents()), Value::Object(families)))
        }
    }
}

/// The explanation of all that are called `name`, in one family or (family `""`) in any.
pub(crate) fn answer(family: &str, name: &str) -> Result<Answer> {
    let found: Vec<(&Family, Member)> = FAMILIES
        .iter()
        .filter(|known| family.is_empty() || known.name == family)
        .flat_map(|family| (family.members)().into_iter().map(move |member| (family, member)))
        .filter(|(_, member)| member.name.eq_ignore_ascii_case(name))
        .collect();
    if found.is_empty() {
        let all: Vec<&str> = FAMILIES.iter().flat_map(names).collect();
        let families = FAMILIES.iter().map(|family| family.plural).collect::<Vec<_>>().join(", ");
        let near = did_you_mean(name, all);
        bail!("nothing is called `{name}`.{near} `rushlight explain` lists all that can be explained: {families}");
    }
    let (mut texts, mut objects) = (Vec::new(), Vec::new());
    for (family, member) in found {
        let keys = member.keys(family);
        let text = format!("{} `{}`\n\n{}{}", family.name, member.name, member.words(), keys_in_words(family, &keys));
        let keys: Vec<Value> = keys
            .iter()
            .map(|key| json!({"key": key.name, "default": key.default, "needed": key.is_needed, "about": key.about}))
            .collect();
        objects.push(json!({"family": family.name, "name": member.name, "about": member.about, "text": member.words(), "keys": keys}));
        texts.push(text);
    }
    let json = if objects.len() == 1 { objects.remove(0) } else { json!({"name": name, "meanings": objects}) };
    Ok(Answer::new(texts.join("\n\n"), json))
}

/// A list that something can be a member of.
struct Family {
    /// What one member is called.
    name: &'static str,
    plural: &'static str,
    /// The table of a recipe that its keys stand in; empty where it has none.
    table: &'static str,
    members: fn() -> Vec<Member>,
    /// A member's keys with their defaults; those without a default are not there.
    defaults: fn(&Member) -> Map<String, Value>,
}

/// A member: its name, a line, and its file.
struct Member {
    name: &'static str,
    about: String,
    file: File,
}

#[derive(Clone, Copy)]
enum File {
    /// A source file that explains itself in its header.
    Source(&'static str),
    /// A README.
    Page(&'static str),
}

impl Member {
    fn of(name: &'static str, about: impl Into<String>, source: &'static str) -> Self {
        Self { name, about: about.into(), file: File::Source(source) }
    }

    fn words(&self) -> String {
        match self.file {
            File::Source(source) => readable(&header(source), false),
            File::Page(page) => readable(page, true),
        }
    }

    fn keys(&self, family: &Family) -> Vec<Key> {
        match self.file {
            File::Source(source) if !family.table.is_empty() => {
                let mut defaults = (family.defaults)(self);
                // What must be given had a stand-in, so that the others could be read.
                defaults.retain(|key, _| needed(source).iter().all(|(name, _)| name != key));
                keys(source, &defaults)
            }
            _ => Vec::new(),
        }
    }
}

const FAMILIES: &[Family] = &[
    Family {
        name: "model",
        plural: "models",
        table: "model",
        members: || {
            rushlight_models::ALL
                .iter()
                .map(|e| Member::of(e.name, format!("{}, {}", e.label, e.paper), e.source))
                .collect()
        },
        defaults: |member| recipe_with("model", member).map(|recipe| recipe.model.config).unwrap_or_default(),
    },
    Family {
        name: "optimizer",
        plural: "optimizers",
        table: "train.optimizer",
        members: || optimizers::ALL.iter().map(|e| Member::of(e.name, e.line, e.source)).collect(),
        defaults: |member| {
            recipe_with("train.optimizer", member).map(|recipe| recipe.train.optimizer.config).unwrap_or_default()
        },
    },
    Family {
        name: "schedule",
        plural: "schedules",
        table: "train.schedule",
        members: || schedules::ALL.iter().map(|e| Member::of(e.name, e.line, e.source)).collect(),
        defaults: |member| {
            recipe_with("train.schedule", member).map(|recipe| recipe.train.schedule.config).unwrap_or_default()
        },
    },
    Family {
        name: "tokenizer",
        plural: "tokenizers",
        table: "tokenizer",
        members: || tokenizers::ALL.iter().map(|e| Member::of(e.name, e.about, e.source)).collect(),
        defaults: |member| {
            recipe_with("tokenizer", member)
                .and_then(|recipe| object(serde_json::to_value(&recipe.tokenizer)))
                .unwrap_or_default()
        },
    },
    Family {
        name: "kind of data",
        plural: "kinds of data",
        table: "data",
        members: || kinds::ALL.iter().map(|e| Member::of(e.name, e.about, e.source)).collect(),
        defaults: data_defaults,
    },
    Family {
        name: "way of batching",
        plural: "ways of batching",
        table: "",
        members: || batching::ALL.iter().map(|e| Member::of(e.name, e.about, e.source)).collect(),
        defaults: |_| Map::new(),
    },
    Family {
        name: "data set",
        plural: "data sets",
        table: "",
        members: || {
            datasets::ALL
                .iter()
                .map(|d| Member { name: d.name, about: d.about.into(), file: File::Page(d.readme) })
                .collect()
        },
        defaults: |_| Map::new(),
    },
    Family {
        name: "metric",
        plural: "metrics",
        table: "",
        members: || metrics::ALL.iter().map(|e| Member::of(e.name, about(e.source), e.source)).collect(),
        defaults: |_| Map::new(),
    },
    Family {
        name: "rule",
        plural: "rules",
        table: "",
        members: || rules::ALL.iter().map(|rule| Member::of(rule.name, rule.about(), rule.source)).collect(),
        defaults: |_| Map::new(),
    },
    Family {
        name: "probe",
        plural: "probes",
        table: "",
        members: || check::ALL.iter().map(|e| Member::of(e.name, e.about, e.source)).collect(),
        defaults: |_| Map::new(),
    },
    Family {
        name: "fault",
        plural: "faults",
        table: "",
        members: || faults::ALL.iter().map(|e| Member::of(e.name, e.about, e.source)).collect(),
        defaults: |_| Map::new(),
    },
];

/// A recipe in which the table at `at` is of this kind, every default filled in; what has no default is 1.
fn recipe_with(at: &str, member: &Member) -> Option<Recipe> {
    const PLAIN: &str =
        "[data]\nkind = \"text\"\ndataset = \"names\"\n[model]\nkind = \"bigram\"\n[train]\nsteps = 1\n";
    let File::Source(source) = member.file else { return None };
    let kind = std::iter::once(format!("{at}.kind={}", member.name));
    let sets: Vec<String> = kind.chain(needed(source).iter().map(|(key, _)| format!("{at}.{key}=1"))).collect();
    Recipe::parse(PLAIN, "explain.toml", &sets).ok()
}

/// What has no default is given an empty stand-in.
fn data_defaults(member: &Member) -> Map<String, Value> {
    let File::Source(source) = member.file else { return Map::new() };
    let config = DataConfig::of_kind(member.name, Value::Object(needed(source).into_iter().collect())).ok();
    config.and_then(|config| object(serde_json::to_value(&config))).unwrap_or_default()
}

fn object(config: serde_json::Result<Value>) -> Option<Map<String, Value>> {
    match config {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

fn names(family: &Family) -> Vec<&'static str> {
    (family.members)().iter().map(|member| member.name).collect()
}

/// All families with their members, a line each.
fn contents() -> String {
    let width = FAMILIES.iter().map(|family| family.plural.len()).max().unwrap_or(0);
    FAMILIES.iter().map(|family| format!("  {:<width$}  {}\n", family.plural, names(family).join(", "))).collect()
}

fn keys_in_words(family: &Family, keys: &[Key]) -> String {
    if keys.is_empty() {
        return String::new();
    }
    let default = |key: &Key| match &key.default {
        Some(default) => default.to_string(),
        None => if key.is_needed { "must be given" } else { "none" }.to_owned(),
    };
    let width = |text: &dyn Fn(&Key) -> String| keys.iter().map(|key| text(key).chars().count()).max().unwrap_or(0);
    let (names, defaults) = (width(&|key| key.name.clone()), width(&default));
    let line = |key: &Key| format!("  {:<names$}  {:<defaults$}  {}\n", key.name, default(key), key.about);
    let title = strong(&format!("Keys in [{}] with their defaults", family.table));
    format!("\n{title}\n{}", keys.iter().map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_says_what_it_is() {
        for family in FAMILIES {
            for member in (family.members)() {
                assert!(member.words().len() > 40 && !member.about.is_empty(), "{} {}", family.name, member.name);
            }
        }
    }

    #[test]
    fn every_key_has_a_sentence_and_a_default_or_must_be_given() {
        for family in FAMILIES {
            for member in (family.members)() {
                for key in member.keys(family) {
                    assert!(!key.about.is_empty(), "{} {}", member.name, key.name);
                    // Of all keys only those that say where data come from, or what is called out of scope there, may be left out and
                    // have no default.
                    let of_data =
                        family.table == "data" && ["source", "target", "out_of_scope", "more"].contains(&&key.name[..]);
                    let is_source = key.name == "dataset" || key.name.ends_with("path") || of_data;
                    let is_clear = key.default.is_some() != key.is_needed || is_source;
                    assert!(is_clear, "{} {}: {:?}", member.name, key.name, key.default);
                }
            }
        }
    }

    #[test]
    fn the_keys_of_a_model_are_those_of_its_entry() {
        for entry in rushlight_models::ALL {
            let member = Member::of(entry.name, "", entry.source);
            let keys: Vec<String> = member.keys(&FAMILIES[0]).into_iter().map(|key| key.name).collect();
            assert_eq!(keys, entry.keys, "{}", entry.name);
        }
    }
}
