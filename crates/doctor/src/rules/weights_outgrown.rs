//! # weights-outgrown
//!
//! You see       A loss that stands above where it should be, and smooth; weights many times as large as they began.
//! Measured as   The standard deviation of each matrix as last looked at, over that at the start: the median of all matrices.
//! Fires when    It is above 20.
//! Try           A tenth of the learning rate: Adam moves every weight by about its rate at each step, whatever the gradient is. Weight
//!               decay holds them, too.
//! False alarms  Starts near zero on purpose, of most matrices. Very long trainings without weight decay.
//! Read          Kingma, Ba, Adam, 2015, section 2.1; Loshchilov, Hutter, Decoupled Weight Decay Regularization, 2019

use crate::course::median;
use crate::patient::sound;
use crate::{Exam, Lack, Patient, Rule, names};
use rushlight_trace::{Component, Finding, Parameter, Severity, Trace};

/// Of 474 sound runs of the gym the median grew by 7.6 at most; with a hundred times the rate by 7 to 300, in half above 45.
const GREW: f64 = 20.0;

/// This rule in the list.
pub const ENTRY: Rule = Rule {
    name: "weights-outgrown",
    severity: Severity::Risk,
    component: Component::Rate,
    source: include_str!("weights_outgrown.rs"),
    check,
    sick: || grown([30.0, 60.0, 90.0]),
    // An output layer that began small on purpose.
    healthy: || grown([3.0, 2.0, 90.0]),
};

/// Three matrices, looked at twice.
fn grown(times: [f64; 3]) -> Trace {
    let names = ["blocks.0.mlp.up.weight", "blocks.0.mlp.down.weight", "out.weight"];
    let looked_at = |patient: Patient, step: u64| {
        names.iter().zip(times).fold(patient, |patient, (name, times)| {
            let start = sound(step, name, &[64, 64]);
            let std = if step == 0 { start.std } else { times * start.std };
            patient.parameter(Parameter { std, ..start })
        })
    };
    looked_at(looked_at(Patient::language(27), 0), 900).trace()
}

fn check(exam: &Exam) -> Result<Vec<Finding>, Lack> {
    let (first, last) = (exam.first_parameters()?, exam.last_parameters()?);
    let is_judged = |parameter: &&&Parameter| parameter.shape.len() == 2 && !names::is_statistic(&parameter.name);
    let times = last.iter().filter(is_judged).filter_map(|now| {
        let before = first.iter().find(|before| before.name == now.name)?;
        (before.std > 0.0).then(|| now.std / before.std)
    });
    let Some(times) = median(times).filter(|&times| times > GREW) else { return Ok(Vec::new()) };
    let message = format!("the usual matrix has become {times:.0} times as large as it began");
    let finding = ENTRY.finds(message).because_of("train.lr");
    Ok(vec![exam.rate_times(0.1).into_iter().fold(finding, Finding::cure)])
}
