//! The checklist of a training before its first step: what must hold, in the words of the trade, each line answered by rules.

use crate::Report;
use rushlight_trace::Trace;

/// A line of the checklist, and the rules that answer it.
pub struct Item {
    /// What must hold.
    pub words: &'static str,
    /// The probes that try it; nothing, where more than probes is asked.
    pub probes: &'static [&'static str],
    /// The rules that find where it does not.
    pub rules: &'static [&'static str],
}

/// What is known of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its rules were asked and found nothing.
    Holds,
    /// One of its rules found something.
    Broken,
    /// It has no meaning here, or nothing to be answered from.
    Open,
}

/// All lines, in the order in which one would look.
pub const ALL: &[Item] = &[
    Item { words: "the model returns logits", probes: &["normalised"], rules: &["probabilities-for-logits"] },
    Item {
        words: "no softmax or sigmoid stands in its last layer, for the loss holds it",
        probes: &["normalised"],
        rules: &["probabilities-for-logits"],
    },
    Item {
        words: "the loss is what it is called: the mean over what counts",
        probes: &["loss"],
        rules: &["loss-miscounted"],
    },
    Item {
        words: "inference sees the same logits: no chance in it, and a cache that changes nothing",
        probes: &["evaluated_twice", "cached_step", "company"],
        rules: &["evaluation-is-random", "cache-wrong", "company-matters"],
    },
    Item {
        words: "what is drawn comes up as often as the logits say",
        probes: &["sampling"],
        rules: &["sampling-wrong"],
    },
    Item {
        words: "loss and prediction are kept apart: nothing is predicted from what comes later",
        probes: &["future", "targets", "padding"],
        rules: &["future-seen", "targets-shifted", "padding-seen"],
    },
    Item { words: "the first answers are unsure", probes: &["start"], rules: &["over-confident-start"] },
    Item {
        words: "the signal is alive at the start: nothing saturated, symmetric or zero",
        probes: &[],
        rules: &[
            "saturated-start",
            "signal-by-depth",
            "equal-units",
            "zero-weight",
            "norm-out-of-scale",
            "skip-changed",
            "embedding-out-of-scale",
            "activation-out-of-range",
            "output-out-of-scale",
        ],
    },
    Item {
        words: "attention is softmax(QKᵀ/√d)V of what may be seen, and order matters",
        probes: &["attention"],
        rules: &["attention-wrong", "order-ignored"],
    },
    Item {
        words: "gradients are the slopes of the loss, each step its own",
        probes: &["slope"],
        rules: &["gradient-wrong", "gradient-altered", "accumulation-not-scaled"],
    },
    Item {
        words: "every parameter has a gradient, and the optimizer moves it",
        probes: &["moved"],
        rules: &["parameter-at-rest"],
    },
    Item { words: "one small batch can be learned by heart", probes: &["memorised"], rules: &["cannot-memorise"] },
    Item { words: "what is saved comes back", probes: &["saved"], rules: &["stale-weights"] },
    Item {
        words: "the data are what they should be: parts apart, words known, labels that agree",
        probes: &[],
        rules: &[
            "parts-leaked",
            "inputs-alike",
            "batch-again",
            "languages-swapped",
            "many-unknown",
            "length-outliers",
            "constant-column",
            "conflicting-labels",
        ],
    },
];

impl Item {
    /// What a report on a run says of this line.
    pub fn answer(&self, report: &Report, trace: &Trace) -> Answer {
        let is_tried = trace.probes().any(|probe| self.probes.contains(&probe.name.as_str()));
        let was_asked = |rule: &&&str| report.examined.contains(*rule);
        if report.findings.iter().any(|finding| self.rules.contains(&finding.name.as_str())) {
            Answer::Broken
        } else if !(is_tried || self.probes.is_empty()) || !self.rules.iter().all(|rule| was_asked(&rule)) {
            Answer::Open
        } else {
            Answer::Holds
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chosen, Exam, Patient, Rule, examine};

    #[test]
    fn every_line_is_answered_by_rules_that_there_are() {
        for item in ALL {
            for rule in item.rules {
                assert!(Rule::named(rule).is_some(), "{rule}");
            }
        }
    }

    #[test]
    fn a_line_is_broken_when_one_of_its_rules_finds_something() {
        let answers = |patient: Patient| {
            let trace = patient.trace();
            let report = examine(&Exam::of(&trace), &Chosen::default());
            ALL.iter().map(|item| item.answer(&report, &trace)).collect::<Vec<_>>()
        };
        let sick = Patient::language(27).probed("normalised", "sum", 0.0, 0.1).probed("normalised", "range", 0.0, 0.1);
        assert_eq!(answers(sick)[..3], [Answer::Broken, Answer::Broken, Answer::Open]);
        assert_eq!(answers(Patient::language(27))[0], Answer::Open);
        let well = Patient::language(27).probed("loss", "", 3.3, 3.3);
        assert_eq!(answers(well)[..3], [Answer::Open, Answer::Open, Answer::Holds]);
    }
}
