//! How large gradients and changes are beside the weights themselves, over the run.

use crate::page::Section;
use crate::plot::Figure;
use crate::plot::lines::{Axis, Level, Lines, Series};
use crate::plot::multiples::{Multiples, Titled};
use crate::runs::Run;
use crate::say;
use crate::scale::{Kind, Scale};
use crate::theme::{LIT, PLAIN, QUIET};
use rushlight_trace::Weight;

/// The rule of thumb: a weight that changes by a thousandth of its size each step learns well.
const GOOD_UPDATE: f64 = 1e-3;

pub(crate) fn section(run: &Run) -> Option<Section> {
    run.trace.weights().next()?;
    let good = vec![Level { text: "10⁻³".into(), value: GOOD_UPDATE }];
    let update: fn(&Weight) -> f64 = |weight| weight.update_to_data;
    let gradient: fn(&Weight) -> f64 = |weight| weight.grad_to_data;
    let section = Section::new("Updates and gradients beside their weights")
        .say(
            "Standard deviation of each weight's last change over that of its values, by factors of \
             ten. Near the dashed line each step changes a weight by about a thousandth of its size.",
        )
        .fact(extremes(run))
        .with_figure(Figure::wide("update-to-data", "Update over data.", panels(run, update, &good)))
        .with_figure(Figure::wide("grad-to-data", "Gradient over data.", panels(run, gradient, &[])));
    Some(section)
}

/// A panel a group of weights, all on one scale.
fn panels(run: &Run, ratio: fn(&Weight) -> f64, levels: &[Level]) -> Multiples {
    let all = run.trace.weights().map(ratio).chain(levels.iter().map(|level| level.value));
    let scale = Kind::Log10.over(all).with_air(0.04);
    let steps = Kind::Linear.over(run.trace.weights().map(|weight| weight.step as f64));
    let panels = groups(run).into_iter().map(|(group, names)| Titled {
        title: group.clone(),
        note: String::new(),
        panel: Box::new(panel(run, ratio, levels, (&group, &names), steps, scale)),
    });
    Multiples { panels: panels.collect(), least_width: 320.0, panel_height: 250.0 }
}

fn panel(
    run: &Run,
    ratio: fn(&Weight) -> f64,
    levels: &[Level],
    (group, names): (&str, &[String]),
    steps: Scale,
    scale: Scale,
) -> Lines {
    // Weights are no models: they take the model's colour and colours that no model has.
    let looks = [
        (run.paint, ""),
        (PLAIN, ""),
        (LIT, ""),
        (QUIET, ""),
        (run.paint, "5 3"),
        (PLAIN, "5 3"),
        (LIT, "5 3"),
        (QUIET, "5 3"),
    ];
    let line = |(index, name): (usize, &String)| {
        let points = run.trace.weights().filter(|weight| weight.name == *name);
        let points = points.map(|weight| (weight.step as f64, ratio(weight))).collect();
        let short = name.strip_prefix(group).unwrap_or(name).trim_start_matches('.');
        let (paint, dash) = looks[index % looks.len()];
        Series { dash, width: 1.7, ..Series::new(if short.is_empty() { name } else { short }, paint, points) }
    };
    let mut x = Axis::new("steps", Kind::Linear);
    let mut y = Axis::new("", Kind::Log10);
    (x.range, y.range) = (Some(steps), Some(scale));
    Lines::new(x, y, names.iter().enumerate().map(line).collect()).with_levels(levels.to_vec())
}

/// Weights by the part of the model that they belong to, in order: `blocks.0`, else the first
/// word of the name.
fn groups(run: &Run) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for weight in run.trace.weights() {
        let group = group_of(&weight.name);
        let names = match groups.iter().position(|(known, _)| *known == group) {
            Some(index) => &mut groups[index].1,
            None => {
                groups.push((group, Vec::new()));
                &mut groups.last_mut().expect("just pushed").1
            }
        };
        if !names.contains(&weight.name) {
            names.push(weight.name.clone());
        }
    }
    groups
}

fn group_of(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    let is_number = |part: &&str| part.chars().all(|letter| letter.is_ascii_digit());
    match parts.as_slice() {
        [first, second, ..] if is_number(second) => format!("{first}.{second}"),
        [first, ..] => (*first).to_owned(),
        [] => String::new(),
    }
}

/// The weights that change most and least at the last step watched.
fn extremes(run: &Run) -> String {
    let Some(step) = run.trace.weights().next_back().map(|weight| weight.step) else {
        return String::new();
    };
    let last = run.trace.weights().filter(|weight| weight.step == step && weight.update_to_data > 0.0);
    let by_ratio = |one: &&Weight, other: &&Weight| one.update_to_data.total_cmp(&other.update_to_data);
    let (Some(least), Some(most)) = (last.clone().min_by(by_ratio), last.max_by(by_ratio)) else {
        return String::new();
    };
    if least.name == most.name {
        return format!("At step {} it is {}.", say::count(step), say::significant(least.update_to_data, 2));
    }
    format!(
        "At step {} it is least for {} ({}) and greatest for {} ({}).",
        say::count(step),
        least.name,
        say::significant(least.update_to_data, 2),
        most.name,
        say::significant(most.update_to_data, 2)
    )
}
