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
        let text = answer.text + "no finding proposes a change of the recipe: there is nothing to try\n";
        return Ok(Answer { text, ..answer });
    }
    let session = Run::begin_again(folder.path())?;
    ensure!(session.model.counting().is_none(), "a model that counts takes no steps; there is nothing to try");
    let (recipe, unit, total) = (session.recipe.clone(), session.task.unit(), session.total_steps());
    drop(session);
    let steps = flags.steps.unwrap_or_else(|| short_while(report)).min(total);
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
    if kept.is_empty() {
        writeln!(text, "nothing that was tried helps; longer trainings (`--steps`) may tell more")?;
    } else {
        let changes: Vec<&str> = kept.iter().map(|trial| trial.cure.change.as_str()).collect();
        let title = format!("# The recipe of {} with what helped it: {}.", folder.name(), changes.join(", "));
        write_atomic(&path, format!("{title}\n\n{}", proof.recipe.to_toml()).as_bytes())?;
        let shown = path.display();
        writeln!(
            text,
            "the recipe with what helps: {shown}; `rushlight train {shown} --out {}-fixed` trains it",
            folder.path().display()
        )?;
    }
    let mut json = answer.json;
    json["fix"] = json!({
        "steps": steps,
        "recipe": (!kept.is_empty()).then_some(&path),
        "trials": proof.trials.iter().map(json_of).collect::<Vec<_>>(),
    });
    let code = match (proof.stopped, kept.is_empty()) {
        (true, _) => INTERRUPTED,
        (false, true) => answer.code,
        (false, false) => 0,
    };
    Ok(Answer { text, json, code })
}

/// Until what was found would be seen again.
fn short_while(report: &Report) -> u64 {
    const LEAST: u64 = 300;
    let since =
        report.findings.iter().filter(|finding| !finding.cures.is_empty()).filter_map(|finding| finding.since_step);
    since.max().map_or(LEAST, |step| LEAST.max(step + step / 2))
}

fn words(trial: &Trial, seeds: u64, unit: &str) -> String {
    let Trial { cure, pairs, refused, kept } = trial;
    let name = format!("{}: {}", cure.rule, cure.change);
    if let Some(why) = refused {
        return format!("{name}: cannot be tried: {}", why.lines().next().unwrap_or_default());
    }
    let (before, after) = trial.means();
    let effect = format!("{} to {} {unit}", number(before), number(after));
    let better = format!("better with {} of {} seeds", trial.better(), pairs.len());
    match *kept {
        true => format!("{name}: {effect}, {better}, p = {:.3}: kept", trial.p()),
        false if (pairs.len() as u64) < seeds => format!("{name}: {effect}, {better}, and no more were tried: no help"),
        false => format!("{name}: {effect}, {better}, by less than a hundredth: no help"),
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
