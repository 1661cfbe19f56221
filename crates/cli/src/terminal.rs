//! What is printed and how: results to stdout, words for people to stderr.

use anyhow::Context;
use std::io::{ErrorKind, IsTerminal, Write};

pub(crate) mod findings;
mod snippet;

/// Whether people look at stderr.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Whether stdout may be coloured.
pub(crate) fn in_colour() -> bool {
    std::io::stdout().is_terminal() && has_colour()
}

/// Whether the user lets us colour at all.
fn has_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A result, to stdout. Whoever closed the pipe has read enough.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("could not write the answer to stdout")
        }
        _ => Ok(()),
    }
}

/// A line for people, to stderr.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Why a command could not be carried out.
pub(crate) fn complain(error: &anyhow::Error) {
    let words = in_words(error);
    tracing::error!("{words}");
    let in_colour = is_watched() && has_colour();
    say(&snippet::drawn(error, in_colour).unwrap_or_else(|| format!("error: {words}")));
}

/// An error and its causes; a cause that an error before has told in its own words is not told again.
fn in_words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !words.contains(&cause) {
            words += if words.is_empty() { "" } else { ": " };
            words += &cause;
        }
    }
    words + way_out(error)
}

/// What to do where the system had no room.
fn way_out(error: &anyhow::Error) -> &'static str {
    let refusal = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    match refusal.map(std::io::Error::kind) {
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            "; free some space on that disk (`rushlight runs rm` removes a run, a smaller `keep` in [train.checkpoint] keeps \
             fewer checkpoints), and try again"
        }
        Some(ErrorKind::FileTooLarge) => "; free it from its limit (`ulimit -f unlimited`), and try again",
        _ => "",
    }
}

/// Words that stand out on stdout; plain where there is no colour.
pub(crate) fn strong(text: &str) -> String {
    if in_colour() { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// Names in backticks, one after the other.
pub(crate) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Words as a shell takes them.
pub(crate) fn in_shell(words: &[String]) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=,:+@%".contains(letter);
    let quoted = |word: &String| match !word.is_empty() && word.chars().all(is_plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// " Did you mean `lstm`?", or nothing where no name is near.
pub(crate) fn did_you_mean<'n>(asked: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    match near(asked, names).as_slice() {
        [] => String::new(),
        near => {
            format!(" Did you mean {}?", near.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or "))
        }
    }
}

/// The names that were probably meant, the nearest first: a third of the letters may be wrong.
fn near<'n>(asked: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    const MOST: usize = 3;
    let plain = |name: &str| name.to_lowercase().replace('-', "_");
    let asked = plain(asked);
    let far = asked.chars().count().max(3) / 3;
    let distance = |name: &str| {
        let name = plain(name);
        let begins = asked.len() >= 3 && name.starts_with(&asked) || name.len() >= 3 && asked.starts_with(&name);
        if begins { 1 } else { strsim::damerau_levenshtein(&asked, &name) }
    };
    let mut near: Vec<(usize, &str)> =
        names.into_iter().map(|name| (distance(name), name)).filter(|(distance, _)| *distance <= far).collect();
    near.sort();
    near.dedup();
    near.into_iter().take(MOST).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, in_shell, in_words};

    #[test]
    fn a_command_can_be_given_again_to_a_shell() {
        let words = ["rushlight", "ladder", "--data", "it's a text.txt", "--rungs", "bigram,gpt"].map(String::from);
        assert_eq!(in_shell(&words), r"rushlight ladder --data 'it'\''s a text.txt' --rungs bigram,gpt");
    }

    #[test]
    fn a_cause_is_told_once() {
        let error =
            anyhow::anyhow!("no such file").context("`a.txt` cannot be read: no such file").context("evaluation");
        assert_eq!(in_words(&error), "evaluation: `a.txt` cannot be read: no such file");
    }

    #[test]
    fn a_full_disk_is_told_with_what_to_free() {
        // ENOSPC and EFBIG of Linux.
        for (number, words) in [(28, "free some space on that disk"), (27, "ulimit -f"), (13, "")] {
            let error = anyhow::Error::from(std::io::Error::from_raw_os_error(number)).context("`a` cannot be written");
            assert!(
                in_words(&error).contains(words) && in_words(&error).contains("; ") != words.is_empty(),
                "{error:?}"
            );
        }
    }

    fn check(asked: &str, expected: &str) {
        assert_eq!(did_you_mean(asked, ["lstm", "gpt", "feed_forward", "cosine"]), expected);
    }

    #[test]
    fn a_wrong_letter_is_forgiven() {
        check("lstn", " Did you mean `lstm`?");
    }

    #[test]
    fn a_beginning_is_enough_and_a_hyphen_is_as_good() {
        check("feed-f", " Did you mean `feed_forward`?");
    }

    #[test]
    fn another_word_is_not_taken_for_a_typing_error() {
        check("perceptron", "");
    }
}
