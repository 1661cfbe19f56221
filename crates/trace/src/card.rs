//! `run.json`: what a run is and where it was made. Says nothing about how it went; that is in
//! its records.

use serde::{Deserialize, Serialize};
use std::fs;

/// The card of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RunCard {
    /// Version of Rushlight that made it.
    pub rushlight: String,
    /// When it began, as [`crate::utc`] writes it.
    pub started: String,
    /// The command line that made it.
    pub command: Vec<String>,
    /// Every random number of the run follows from it.
    pub seed: u64,
    /// What is trained for: `language`, `classification`, `regression`.
    pub task: String,
    /// Where it ran.
    pub machine: Machine,
    /// Threads it was given.
    pub threads: usize,
    /// What it read.
    pub data: Vec<DataCard>,
    /// What was trained.
    pub model: ModelCard,
    /// How text became tokens; nothing for a run without text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextCard>,
}

/// A machine, as far as speed depends on it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's own name.
    pub processor: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Main memory.
    pub memory_bytes: u64,
    /// The instructions that the kernels used, on which the last bits of every number depend.
    pub instruction_set: String,
}

/// One file or made-up task that the run learnt from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DataCard {
    /// The name people know it by.
    pub name: String,
    /// Where it was read; empty for made-up data.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// The CRC-32C of its bytes, in hexadecimal; empty where it was not noted.
    #[serde(default)]
    pub crc32c: String,
}

/// A model as its list introduces it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Its name in recipes.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// The year of its paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u32>,
    /// Its paper, short: `Bengio et al.`
    #[serde(default)]
    pub paper: String,
    /// Its place in history among all models, from 0; it also gives the model its colour.
    #[serde(default)]
    pub order: usize,
    /// Numbers that training changes.
    pub parameters: u64,
}

/// How text became tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TextCard {
    /// What a token is: `character`, `word`, `piece`.
    pub token: String,
    /// How many different tokens there are.
    pub vocabulary: usize,
    /// Characters in a token, on average over the training text.
    pub characters_per_token: f64,
}

impl Machine {
    /// The machine this process runs on, of whose instructions it uses `instruction_set`. What the system does not tell
    /// stays empty or zero.
    pub fn here(instruction_set: &str) -> Self {
        let told = |path: &str, key: &str| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(key))?.to_owned();
            line.split_once(':').map(|(_, value)| value.trim().to_owned())
        };
        let kibibytes =
            told("/proc/meminfo", "MemTotal").and_then(|size| size.trim_end_matches("kB").trim().parse::<u64>().ok());
        Self {
            processor: told("/proc/cpuinfo", "model name").unwrap_or_default(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: kibibytes.unwrap_or(0) * 1024,
            instruction_set: instruction_set.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Machine, ModelCard, RunCard, TextCard};

    #[test]
    fn a_card_survives_its_file() {
        let card = RunCard {
            rushlight: "0.1.0".into(),
            seed: u64::MAX,
            command: vec!["rushlight".into(), "train".into(), "a name.toml".into()],
            model: ModelCard { name: "lstm".into(), year: Some(2013), ..ModelCard::default() },
            text: Some(TextCard { characters_per_token: 1.1, ..TextCard::default() }),
            ..RunCard::default()
        };
        let text = serde_json::to_string_pretty(&card).unwrap();
        assert_eq!(serde_json::from_str::<RunCard>(&text).unwrap(), card);
    }

    #[test]
    fn this_machine_has_a_core() {
        let machine = Machine::here("AVX2");
        assert!(machine.cores >= 1);
        assert_eq!(machine.instruction_set, "AVX2");
    }
}
