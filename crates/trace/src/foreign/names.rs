//! What a name in a log stands for: a training loss, a loss on another part of the data, a learning rate, the norm of
//! a gradient, or a count of steps. Every program names these otherwise, so a name is taken apart into words, and every
//! word must be known: `Loss/train` is a training loss, `kl_loss` is not. Knows no files and no numbers.

/// What the numbers under a name are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The loss of a batch of training.
    Loss,
    /// The loss on a part of the data: `train`, `validation`, `test`.
    Judged(&'static str),
    /// The learning rate.
    Rate,
    /// The norm of the whole gradient.
    GradientNorm,
    /// How far the training is.
    Counter(Counter),
}

/// What is counted; the finest that never starts again comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counter {
    /// Steps over all epochs.
    GlobalStep,
    /// Steps, of an epoch perhaps.
    Step,
    /// The same by another name.
    Iteration,
    /// Batches, of an epoch perhaps.
    Batch,
    /// Passes over the data.
    Epoch,
}

const LOSS: &[&str] = &["loss", "losses"];
/// A loss too, and one that says how it is made.
const SQUARED: &[&str] = &["mse", "mseloss", "squared"];
const TRAIN: &[&str] = &["train", "training", "trainer", "tr"];
const VALIDATION: &[&str] = &["val", "valid", "validation", "dev"];
const TEST: &[&str] = &["test", "testing"];
/// Says that the model is judged, not on what.
const JUDGED: &[&str] = &["eval", "evaluation"];
/// Says how a number was made, and makes no other number of it.
const KIND: &[&str] = &[
    "step",
    "steps",
    "epoch",
    "epochs",
    "iter",
    "iteration",
    "batch",
    "mean",
    "total",
    "running",
    "ce",
    "cross",
    "entropy",
    "xent",
    "nll",
    "lm",
    "error",
    "token",
    "per",
    "set",
    "metrics",
    "scalars",
];
/// What people write around a name in a sentence.
const PROSE: &[&str] = &[
    "a",
    "after",
    "at",
    "average",
    "avg",
    "backprop",
    "backpropagation",
    "backward",
    "before",
    "current",
    "for",
    "in",
    "is",
    "item",
    "now",
    "of",
    "on",
    "pass",
    "tensor",
    "the",
    "this",
    "update",
    "value",
    "was",
];
const OPTIMIZER: &[&str] =
    &["optimizer", "optim", "adam", "adamw", "w", "sgd", "group", "param", "pg1", "pg2", "global"];
/// Says that a number is one of many, not that of this moment.
const PICKED: &[&str] =
    &["best", "min", "minimum", "max", "maximum", "lowest", "final", "target", "previous", "last", "delta", "change"];
/// A longer name is no name.
const LONGEST: usize = 120;

/// What stands under a name, if that is anything we know.
pub(super) fn role(name: &str) -> Option<Role> {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let all = |lists: &[&[&str]]| words.iter().all(|word| lists.iter().any(|list| list.contains(&word.as_str())));
    let numbered = |lists: &[&[&str]]| {
        let rest = words.iter().filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
        rest.into_iter().all(|word| lists.iter().any(|list| list.contains(&word.as_str())))
    };
    if words.is_empty() {
        None
    } else if let Some(counter) = counter(&words) {
        Some(Role::Counter(counter))
    } else if (has(LOSS) || has(SQUARED)) && all(&[LOSS, SQUARED, TRAIN, VALIDATION, TEST, JUDGED, KIND, PROSE]) {
        let part =
            [(TEST, "test"), (VALIDATION, "validation"), (TRAIN, "train")].into_iter().find(|(list, _)| has(list));
        Some(match (part, has(JUDGED)) {
            (Some((_, "train")) | None, false) => Role::Loss,
            (Some((_, part)), _) => Role::Judged(part),
            (None, true) => Role::Judged("validation"),
        })
    } else if has(&["lr", "learningrate"]) || (has(&["learning"]) && has(&["rate"])) {
        let own: &[&str] = &["lr", "learning", "rate", "learningrate"];
        numbered(&[own, TRAIN, OPTIMIZER, KIND, PROSE]).then_some(Role::Rate)
    } else if has(&["gnorm"]) || (has(&["norm"]) && has(&["grad", "grads", "gradient", "gradients"])) {
        let own: &[&str] = &["gnorm", "norm", "grad", "grads", "gradient", "gradients", "global", "l2"];
        numbered(&[own, TRAIN, KIND, PROSE]).then_some(Role::GradientNorm)
    } else {
        None
    }
}

/// Whether a name says that its loss is a squared error.
pub(super) fn is_squared(name: &str) -> bool {
    words(name).iter().any(|word| SQUARED.contains(&word.as_str()))
}

/// The part of the data that a word alone names: `train`, `validation`, `test`.
pub(super) fn part(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let lists = [(TRAIN, "train"), (VALIDATION, "validation"), (JUDGED, "validation"), (TEST, "test")];
    lists.into_iter().find(|(list, _)| list.contains(&word.as_str())).map(|(_, part)| part)
}

/// The part that a longer name speaks of: of the folder `Loss_val`, `validation`.
pub(super) fn part_within(name: &str) -> Option<&'static str> {
    words(name).iter().find_map(|word| part(word))
}

/// Whether a name says that its number is the best, the last, a change: not that of this moment.
pub(super) fn is_picked(name: &str) -> bool {
    words(name).iter().any(|word| PICKED.contains(&word.as_str()))
}

/// A name without the words of a sentence: of `Loss before backpropagation`, `loss`.
pub(super) fn bare(name: &str) -> String {
    let words = words(name).into_iter().filter(|word| !PROSE.contains(&word.as_str()));
    words.collect::<Vec<_>>().join(" ")
}

/// The words of a name, in lower case; none for a name that is none.
pub(super) fn words(name: &str) -> Vec<String> {
    if name.len() > LONGEST {
        return Vec::new();
    }
    // Weights & Biases puts the run before its names: `brisk-sun-7 - train/loss`.
    let name = name.rsplit(" - ").next().unwrap_or(name);
    let mut words = vec![String::new()];
    let mut before = ' ';
    for sign in name.chars() {
        let begins = !sign.is_alphanumeric() || (before.is_lowercase() && sign.is_uppercase());
        if begins {
            words.push(String::new());
        }
        if let (true, Some(word)) = (sign.is_alphanumeric(), words.last_mut()) {
            word.extend(sign.to_lowercase());
        }
        before = sign;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn counter(words: &[String]) -> Option<Counter> {
    let rest: Vec<&str> = words.iter().map(String::as_str).filter(|word| !TRAIN.contains(word)).collect();
    match rest[..] {
        ["global", "step" | "steps" | "iteration" | "iter"] => Some(Counter::GlobalStep),
        ["step" | "steps" | "update" | "updates"] => Some(Counter::Step),
        ["iter" | "iters" | "iteration" | "iterations" | "it"] => Some(Counter::Iteration),
        ["batch"] | ["batch", "idx" | "index"] => Some(Counter::Batch),
        ["epoch" | "epochs"] => Some(Counter::Epoch),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Counter, Role, bare, is_squared, role, words};

    fn check(names: &[&str], expected: Option<Role>) {
        names.iter().for_each(|name| assert_eq!(role(name), expected, "{name}"));
    }

    #[test]
    fn a_training_loss_has_many_names() {
        check(
            &["loss", "train_loss", "train/loss", "Training Loss", "Loss/train", "epoch_loss", "mse"],
            Some(Role::Loss),
        );
        check(
            &["trainLoss", "train_loss_step", "run-3 - train/loss", "MSELoss", "mean_squared_error"],
            Some(Role::Loss),
        );
    }

    #[test]
    fn a_loss_on_another_part_says_so() {
        let validation =
            ["val_loss", "valid_loss", "eval_loss", "eval/loss", "Loss/val", "loss/validation", "val.loss"];
        check(&validation, Some(Role::Judged("validation")));
        check(&["test_loss", "evaluation/test/loss"], Some(Role::Judged("test")));
        check(&["evaluation/train/loss"], Some(Role::Judged("train")));
    }

    #[test]
    fn another_loss_is_none_that_we_know() {
        check(
            &["kl_loss", "aux_loss", "train/loss__MIN", "loss_scale", "accuracy", "evaluation_loss_vs_iterations"],
            None,
        );
    }

    #[test]
    fn rates_norms_and_counts_are_known_too() {
        check(&["lr", "learning_rate", "train/learning_rate", "lr-AdamW", "Learning Rate", "lr/0"], Some(Role::Rate));
        check(
            &["grad_norm", "gradient_norm", "train/grad_norm", "gnorm", "grad_2.0_norm_total"],
            Some(Role::GradientNorm),
        );
        check(&["grad_norm_clipped", "lr_decay", "batch_size", "steps_per_second", "val_epoch_time"], None);
        check(&["step", "_step", "train/steps"], Some(Role::Counter(Counter::Step)));
        check(&["global_step", "trainer/global_step"], Some(Role::Counter(Counter::GlobalStep)));
        check(&["Epoch", "train/epoch"], Some(Role::Counter(Counter::Epoch)));
    }

    #[test]
    fn a_sentence_around_a_name_makes_no_other_name() {
        assert_eq!(bare("Loss before backpropagation"), "loss");
        assert_eq!(role("Loss after backpropagation"), Some(Role::Loss));
        assert!(is_squared("MSE loss") && !is_squared("rmse"));
    }

    #[test]
    fn what_is_too_long_has_no_words() {
        assert_eq!(words(&"loss ".repeat(40)), [""; 0]);
    }
}
