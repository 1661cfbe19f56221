//! `doctor --fix`: each change that a finding proposes, tried on paired seeds; what helps is written into a recipe.

use super::Flags;
use crate::commands::{Answer, INTERRUPTED, number};
use crate::progress::stop_on_ctrl_c;
use crate::terminal::say;
use anyhow::{Result, ensure};
use rushlight_doctor::Report;
use rushlight_gym::{Bench, Cure, Trial};
use rushlight_trace::{RunFolder, write_atomic};
use rushlight_train::Run;
use serde_json::{Value, json};
use std::fmt::Write;

/// `answer` with what became of each change.
pub(super) fn fixed(flags: &Flags, report: &Report, folder: &RunFolder, answer: Answer) -> Result<Answer> {
    let cures = Cure::of(report);
    if cures.is_empty() {
        let text = answer.text + "no finding proposes a change that can be tried\n";
        return Ok(Answer { text, ..answer });
    }
    let session = Run::begin_again(folder.path())?;
    ensure!(session.model.counting().is_none(), "a model that counts takes no steps; there is nothing to try");
    let (recipe, unit, total) = (session.recipe.clone(), session.task.unit(), session.total_steps());
    drop(session);
    let steps = flags.steps.unwrap_or_else(|| short_while(&cures)).min(total);
    let first = recipe.train.seed;
    let seeds = first..=first.saturating_add(flags.seeds - 1);
    say(&format!(
        "trying what is proposed: {steps} steps of {total}, with and without each change, seeds {} to {}",
        seeds.start(),
        seeds.end()
    ));
    let bench = Bench { recipe: &recipe, steps, seeds, stop: stop_on_ctrl_c() };
    let proof = bench.prove(report, |cure| say(&format!("  {} against {}", cure.change, cure.rule)))?;
    let kept: Vec<&Trial> = proof.trials.iter().filter(|trial| trial.kept).collect();
    let mut text = answer.text;
    writeln!(text, "\nafter {steps} steps:")?;
    for trial in &proof.trials {
        writeln!(text, "  {}", words(trial, flags.seeds, &unit.to_string()))?;
    }
    let path = folder.path().join("fixed.toml");
    if proof.stopped {
        writeln!(text, "interrupted: no more was tried, and nothing is written; the same command begins again")?;
    } else if kept.is_empty() {
        // That of another time would be taken for this one's.
        let _ = std::fs::remove_file(&path);
        writeln!(text, "nothing that was tried helps; longer trainings (`--steps`) may tell more")?;
    } else {
        let changes: Vec<&str> = kept.iter().map(|trial| trial.cure.change.as_str()).collect();
        let title = format!("# The recipe of {} with what helped it: {}.", folder.name(), changes.join(", "));
        let mut mended = proof.recipe.clone();
        mended.doctor.expect.clear();
        write_atomic(&path, format!("{title}\n\n{}", mended.to_toml()).as_bytes())?;
        let (shown, run) = (path.display(), folder.path().display());
        writeln!(text, "the recipe with what helps: {shown}; `rushlight train {shown} --out {run}-fixed` trains it")?;
        match proof.left.as_deref() {
            Some([]) | None => writeln!(text, "examined with it, the training has no fault")?,
            Some(left) => writeln!(text, "examined with it, the training still has: {}", left.join(", "))?,
        }
    }
    let mut json = answer.json;
    json["fix"] = json!({
        "steps": steps,
        "recipe": (!kept.is_empty() && !proof.stopped).then_some(&path),
        "left": proof.left,
        "trials": proof.trials.iter().map(json_of).collect::<Vec<_>>(),
    });
    let is_mended = proof.left.as_ref().is_some_and(Vec::is_empty);
    let code = if proof.stopped {
        INTERRUPTED
    } else if is_mended {
        0
    } else {
        answer.code
    };
    Ok(Answer { text, json, code })
}

/// Until what was found would be seen again.
fn short_while(cures: &[Cure]) -> u64 {
    const LEAST: u64 = 300;
    let since = cures.iter().filter_map(|cure| cure.since).max();
    since.map_or(LEAST, |step| LEAST.max(step.saturating_add(step / 2)))
}

fn words(trial: &Trial, seeds: u64, unit: &str) -> String {
    let Trial { cure, pairs, refused, kept } = trial;
    let name = format!("{}: {}", cure.rule, cure.change);
    if let Some(why) = refused {
        return format!("{name}: cannot be tried: {}", why.lines().next().unwrap_or_default());
    }
    let (before, after) = trial.means();
    let effect = match (before.is_finite(), after.is_finite()) {
        (false, false) => "no number, with it and without".to_owned(),
        _ => format!("{} to {} {unit}", number(before), number(after)),
    };
    let better = format!("better with {} of {} seeds", trial.better(), pairs.len());
    let p = match trial.p() {
        p if p > 0.05 => format!("p = {p:.3}, of too few seeds to be sure"),
        p => format!("p = {p:.3}"),
    };
    match *kept {
        true => format!("{name}: {effect}, {better}, {p}: kept"),
        false if (pairs.len() as u64) < seeds => format!("{name}: {effect}, {better}, and no more were tried: no help"),
        false if trial.better() == pairs.len() => {
            format!("{name}: {effect}, {better}, by less than a hundredth: no help")
        }
        false => format!("{name}: {effect}, {better}: no help"),
    }
}

fn json_of(trial: &Trial) -> Value {
    let pair = |pair: &rushlight_gym::Pair| json!({"seed": pair.seed, "before": pair.before, "after": pair.after});
    json!({
        "rule": trial.cure.rule,
        "change": trial.cure.change,
        "pairs": trial.pairs.iter().map(pair).collect::<Vec<_>>(),
        "p": trial.p(),
        "kept": trial.kept,
        "refused": trial.refused,
    })
}
