//! # stopped-too-late
//!
//! You see       The best weights are old: the run went on for hours and the validation loss never came back to where it had been.
//! Measured as   Of a run that came to its end and was not to be stopped early: when its lowest validation loss was, and what the
//!               losses after it did.
//! Fires when    That was before 60 % of the run, with at least four evaluations after it, whose second half is no lower than their
//!               first; and no later one had a higher BLEU, or 2 % fewer wrong first guesses.
//! Try           Early stopping, with a patience that would have outlasted every pause before the best.
//! False alarms  Grokking, where nothing happens for long before it does. A loss that rests on its floor is none: that time is lost,
//!               too. What climbs by 5 % is overfitting, and told there alone; what ends above its beginning came apart.
//! Read          Prechelt, Early Stopping - But When?, 1998

use crate::course::level;
use crate::rules::overfitting;
use crate::{Exam, Lack, Patient, Rule, patient::falling};
use rushlight_trace::{Component, Evaluation, Finding, Severity, Trace};

/// Provisional, from 19 finished runs with eight evaluations or more: it speaks of one, a classifier of intents whose loss was
/// 0.294 after a third of its steps and 0.313 at the end. Two others, whose lowest loss was as early, made 7 and 9 % fewer mistakes
/// at the end than with it.
const BEFORE: f64 = 0.6;
const EVALUATIONS: usize = 8;
const AFTER: usize = 4;
const FEWER: f64 = 0.02;
const PATIENCE: usize = 5;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "stopped-too-late",
    severity: Severity::Note,
    component: Component::Capacity,
    source: include_str!("stopped_too_late.rs"),
    check,
    sick: || finished([2.9, 2.5, 2.3, 2.2, 2.21, 2.22, 2.23, 2.22, 2.24, 2.25]),
    // One lucky evaluation, and after it the loss goes on falling.
    healthy: || finished([2.9, 2.7, 2.5, 2.2, 2.4, 2.38, 2.33, 2.28, 2.24, 2.22]),
};

fn finished(losses: [f64; 10]) -> Trace {
    let recipe = "[train]\nlr = 0.001\nstop = { patience_evaluations = 0 }\n";
    let patient = Patient::language(65).recipe(recipe).steps(1000, falling(4.0, 2.0, 100.0, 0.01));
    let with = |patient: Patient, (step, loss)| patient.evaluated("validation", step, loss);
    (1..).map(|i| 100 * i).zip(losses).fold(patient, with).finished().trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let patience = exam.number("train.stop.patience_evaluations").unwrap_or(0.0);
    if patience > 0.0 || exam.trace.done().is_none_or(|done| done.reason != "finished") {
        return Ok(Vec::new());
    }
    let losses: Vec<(u64, f64)> = exam.validation.finite().collect();
    let ((at, least), &(end, last)) = exam.validation.least().zip(losses.last()).ok_or(Lack::VALIDATION)?;
    let (before, after): (Vec<_>, Vec<_>) = losses.iter().copied().partition(|&(step, _)| step <= at);
    if losses.len() < EVALUATIONS {
        return Err(Lack::COURSE);
    }
    let (soon, late) = after.split_at(after.len() / 2);
    let still_falls = level(late) < level(soon);
    let learned = before.first().is_some_and(|&(_, first)| least < first && last < first);
    let is_early = (at as f64) < BEFORE * end as f64 && after.len() >= AFTER;
    if !is_early || still_falls || !learned || got_better(exam, at) {
        return Ok(Vec::new());
    }
    // That rule tells the same, and why.
    if !(overfitting::ENTRY.check)(exam)?.is_empty() {
        return Ok(Vec::new());
    }
    let message = format!(
        "the validation loss was lowest at step {at} ({least:.3}) and is {last:.3} at step {end}: {:.0} % of the time was spent after \
         its best",
        100.0 * share_after(exam, at, end)
    );
    let finding = ENTRY.finds(message).since(at).at("validation").because_of("train.stop.patience_evaluations");
    let enough = PATIENCE.max(longest_pause(&before) + 1);
    let finding = finding.cure(format!("train.stop.patience_evaluations={enough}"));
    Ok(vec![finding])
}

/// Whether an evaluation after a step was better by what one looks at, whatever its loss: by BLEU, or by fewer wrong first guesses.
fn got_better(exam: &Exam, at: u64) -> bool {
    let best = |is_later: bool, of: fn(&Evaluation) -> Option<f64>| {
        let of_side = exam.trace.evaluations("validation").filter(|evaluation| (evaluation.step > at) == is_later);
        of_side.filter_map(of).max_by(f64::total_cmp)
    };
    let rose = |of: fn(&Evaluation) -> Option<f64>, is_more: fn(f64, f64) -> bool| {
        best(false, of).zip(best(true, of)).is_some_and(|(then, later)| is_more(then, later))
    };
    rose(|evaluation| evaluation.bleu, |then, later| later > then)
        || rose(|evaluation| evaluation.top1, |then, later| 1.0 - later < (1.0 - FEWER) * (1.0 - then))
}

/// Which share of the training's time came after a step; of its steps, where no time is known.
fn share_after(exam: &Exam, at: u64, end: u64) -> f64 {
    let seconds =
        |step: u64| exam.trace.steps().filter(|taken| taken.step <= step).map(|taken| taken.seconds).next_back();
    match (seconds(at), seconds(end)) {
        (Some(then), Some(now)) if now > 0.0 => 1.0 - then / now,
        _ => 1.0 - at as f64 / end.max(1) as f64,
    }
}

/// The most evaluations in a row that were no better than one before them.
fn longest_pause(losses: &[(u64, f64)]) -> usize {
    let (mut least, mut pause, mut longest) = (f64::INFINITY, 0, 0);
    for &(_, loss) in losses {
        pause = if loss < least { 0 } else { pause + 1 };
        least = least.min(loss);
        longest = longest.max(pause);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_trace::Record;

    fn found(trace: &Trace) -> Option<(String, Vec<String>)> {
        check(&Exam::of(trace)).unwrap().pop().map(|finding| (finding.message, finding.cures))
    }

    #[test]
    fn the_time_after_the_best_is_told_and_patience_outlasts_the_pauses_before_it() {
        let (message, cures) = found(&(ENTRY.sick)()).unwrap();
        assert!(message.ends_with("60 % of the time was spent after its best"), "{message}");
        assert_eq!(cures, ["train.stop.patience_evaluations=5"]);
        assert_eq!(longest_pause(&[(1, 3.0), (2, 2.0), (3, 2.5), (4, 2.1), (5, 1.0), (6, 1.1)]), 2);
    }

    #[test]
    fn what_overfits_or_is_stopped_or_translates_better_is_not_told_twice() {
        let sick = (ENTRY.sick)();
        let overfits = finished([2.9, 2.5, 2.3, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7, 2.8]);
        // Its training loss comes below 2.2 in the meanwhile: it falls to 2.
        assert_eq!(found(&overfits), None);
        let patient = Trace { recipe: sick.recipe.replace("= 0 }", "= 3 }"), ..sick.clone() };
        assert_eq!(found(&patient), None);
        let better = |then: Evaluation, later: Evaluation| {
            let mut trace = sick.clone();
            for (step, evaluation) in [(400, then), (900, later)] {
                let evaluation = Evaluation { step, split: "validation".into(), loss: 2.3, ..evaluation };
                trace.records.push(Record::Evaluation(evaluation));
            }
            found(&trace).is_none()
        };
        let bleu = |bleu| Evaluation { bleu: Some(bleu), ..Evaluation::default() };
        let right = |share| Evaluation { top1: Some(share), ..Evaluation::default() };
        assert!(better(bleu(29.0), bleu(30.0)) && !better(bleu(30.0), bleu(29.0)));
        // Of a hundred mistakes ten less, and one.
        assert!(better(right(0.9), right(0.91)) && !better(right(0.9), right(0.901)));
    }
}
