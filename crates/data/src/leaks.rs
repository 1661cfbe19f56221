//! The leak check: lines that stand in two parts. It counts; whether that is bad is for others to say.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::PartName;

/// Lines of one part that stand in an earlier one too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leak {
    /// The earlier part.
    pub from: PartName,
    /// The later part.
    pub into: PartName,
    /// How many lines of the later part stand in the earlier one.
    pub lines: usize,
    /// How many lines the later part has.
    pub of: usize,
    /// Some of them, each once, in order.
    pub examples: Vec<String>,
}

/// How many lines are shown.
const EXAMPLES: usize = 5;

/// The leaks between the parts; none where no line is shared. Blank lines do not count.
pub(crate) fn leaks(parts: [&[&str]; 3]) -> Vec<Leak> {
    let mut found = Vec::new();
    for (from, into) in [(0, 1), (0, 2), (1, 2)] {
        if parts[into].is_empty() {
            continue;
        }
        let earlier: HashSet<&str> = parts[from].iter().copied().filter(|line| !line.trim().is_empty()).collect();
        let shared: Vec<&str> = parts[into].iter().copied().filter(|line| earlier.contains(line)).collect();
        if shared.is_empty() {
            continue;
        }
        let mut examples: Vec<String> = Vec::new();
        for line in &shared {
            if examples.len() < EXAMPLES && !examples.iter().any(|shown| shown == line) {
                examples.push((*line).to_string());
            }
        }
        let [from_name, into_name] = [PartName::ALL[from], PartName::ALL[into]];
        found.push(Leak { from: from_name, into: into_name, lines: shared.len(), of: parts[into].len(), examples });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_lines_are_counted_and_shown_once() {
        let found = leaks([&["a", "b", ""], &["b", "x", "b", ""], &["y"]]);
        let expected =
            Leak { from: PartName::Train, into: PartName::Validation, lines: 2, of: 4, examples: vec!["b".into()] };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn validation_and_test_are_compared_too() {
        let found = leaks([&["a"], &["b"], &["b", "a"]]);
        let pairs: Vec<_> = found.iter().map(|leak| (leak.from, leak.into, leak.lines)).collect();
        assert_eq!(pairs, [(PartName::Train, PartName::Test, 1), (PartName::Validation, PartName::Test, 1)]);
    }

    #[test]
    fn parts_without_a_shared_line_have_no_leak() {
        assert_eq!(leaks([&["a"], &["b"], &["c"]]), []);
    }
}
