//! What was found wrong, if anything was. Only shows what a judge has written down.

use crate::page::{Block, Said, Section};
use crate::runs::Run;
use crate::say;
use rushlight_trace::Finding;

/// What was found, and what to try.
fn message(finding: &Finding) -> String {
    match finding.cures.as_slice() {
        [] => finding.message.clone(),
        cures => format!("{}. Try: {}", finding.message, cures.join(", or: ")),
    }
}

pub(crate) fn section(runs: &[Run]) -> Option<Section> {
    let said: Vec<Said> = runs
        .iter()
        .flat_map(|run| {
            run.trace.findings.iter().map(move |finding| {
                let mut place = vec![finding.place.clone()];
                if runs.len() > 1 {
                    place.insert(0, run.label.clone());
                }
                place.extend(finding.since_step.map(|step| format!("since step {}", say::count(step))));
                place.retain(|part| !part.is_empty());
                Said {
                    severity: finding.severity,
                    name: finding.name.clone(),
                    place: place.join(", "),
                    message: message(finding),
                }
            })
        })
        .collect();
    (!said.is_empty()).then(|| Section::new("Findings").with(Block::Findings(said)))
}
