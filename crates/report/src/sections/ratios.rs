//! How large gradients and changes are beside the weights themselves, over the run.

use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::lines::{Axis, Level, Lines, Series};
use crate::plot::multiples::{Multiples, Titled};
use crate::runs::Run;
use crate::say;
use crate::scale::{Kind, Scale};
use crate::table::{Cell, Table};
use rushlight_trace::Weight;

/// The rule of thumb: a weight that changes by a thousandth of its size each step learns well.
const GOOD_UPDATE: f64 = 1e-3;
/// How far the first of a row of blocks stands back behind the last.
const FAINTEST: f64 = 0.4;

/// Weights that have the same place in blocks that follow each other.
struct Group {
    /// `blocks.*.wide.weight`, or a name without a number as it is.
    title: String,
    /// Each with its number, and its full name.
    members: Vec<(String, String)>,
}

pub(crate) fn section(run: &Run) -> Option<Section> {
    run.trace.weights().next()?;
    let groups = groups(run);
    let good = vec![Level { text: "10⁻³".into(), value: GOOD_UPDATE }];
    let update = panels(run, &groups, |weight| weight.update_to_data, &good);
    let gradient = panels(run, &groups, |weight| weight.grad_to_data, &[]);
    let note = "The same weight of blocks that follow each other is in one panel; the deeper, the stronger its line.";
    let section = Section::new("Updates and gradients beside their weights")
        .say(
            "Standard deviation of each weight's last change over that of its values, by factors of ten. Near the \
             dashed line each step changes a weight by about a thousandth of its size. Biases are in the table only.",
        )
        .fact(extremes(run))
        .with_figure(Figure::wide("update-to-data", "Update over data.", update).with_note(note))
        .with_figure(Figure::wide("grad-to-data", "Gradient over data.", gradient).with_note(note))
        .with(Block::Numbers(table(run)));
    Some(section)
}

/// A panel a group of weights, all on one scale.
fn panels(run: &Run, groups: &[Group], ratio: fn(&Weight) -> f64, levels: &[Level]) -> Multiples {
    let all = shown(run).map(ratio).chain(levels.iter().map(|level| level.value));
    let scale = Kind::Log10.over(all).with_air(0.04);
    let steps = Kind::Linear.over(run.trace.weights().map(|weight| weight.step as f64));
    let panels = groups.iter().map(|group| Titled {
        title: group.title.clone(),
        note: String::new(),
        panel: Box::new(panel(run, group, ratio, (steps, scale)).with_levels(levels.to_vec())),
    });
    Multiples { panels: panels.collect(), least_width: 230.0, panel_height: 190.0 }
}

fn panel(run: &Run, group: &Group, ratio: fn(&Weight) -> f64, (steps, scale): (Scale, Scale)) -> Lines {
    let deepest = group.members.len().saturating_sub(1).max(1) as f64;
    let line = |(index, (number, name)): (usize, &(String, String))| {
        let points = run.trace.weights().filter(|weight| weight.name == *name);
        let points = points.map(|weight| (weight.step as f64, ratio(weight))).collect();
        let is_alone = group.members.len() == 1;
        let opacity = if is_alone { 1.0 } else { FAINTEST + (1.0 - FAINTEST) * index as f64 / deepest };
        let label = if is_alone { "" } else { number };
        Series { width: 1.7, opacity, ..Series::new(label, run.paint, points) }
    };
    let mut x = Axis::new("steps", Kind::Linear);
    let mut y = Axis::new("", Kind::Log10);
    (x.range, y.range) = (Some(steps), Some(scale));
    Lines::new(x, y, group.members.iter().enumerate().map(line).collect())
}

/// The weights that are drawn: biases begin at zero, and a ratio to nothing says nothing.
fn shown<'a>(run: &Run<'a>) -> impl Iterator<Item = &'a Weight> {
    run.trace.weights().filter(|weight| !weight.name.ends_with("bias"))
}

/// The weights that are drawn, in the order of the model.
fn groups(run: &Run) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for weight in shown(run) {
        let (title, number) = place(&weight.name);
        let member = (number, weight.name.clone());
        match groups.iter_mut().find(|group| group.title == title) {
            Some(group) if group.members.contains(&member) => {}
            Some(group) => group.members.push(member),
            None => groups.push(Group { title, members: vec![member] }),
        }
    }
    groups
}

/// The name with its first number starred, and that number.
fn place(name: &str) -> (String, String) {
    let parts: Vec<&str> = name.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.chars().all(|letter| letter.is_ascii_digit());
    let Some(index) = parts.iter().position(is_number) else {
        return (name.to_owned(), String::new());
    };
    let title = [&parts[..index], &["*"], &parts[index + 1..]].concat().join(".");
    (title, parts[index].to_owned())
}

/// The weights that change most and least at the last step watched.
fn extremes(run: &Run) -> String {
    let Some(step) = run.trace.weights().next_back().map(|weight| weight.step) else {
        return String::new();
    };
    let last: Vec<&Weight> = shown(run).filter(|weight| weight.step == step && weight.update_to_data > 0.0).collect();
    let by_ratio = |one: &&&Weight, other: &&&Weight| one.update_to_data.total_cmp(&other.update_to_data);
    let (Some(least), Some(most)) = (last.iter().min_by(by_ratio), last.iter().max_by(by_ratio)) else {
        return String::new();
    };
    let said = |weight: &Weight| format!("{} ({})", weight.name, say::significant(weight.update_to_data, 2));
    if least.name == most.name {
        return format!("At step {} it is {}.", say::count(step), say::significant(least.update_to_data, 2));
    }
    format!("At step {} it is least for {} and greatest for {}.", say::count(step), said(least), said(most))
}

/// All weights at the last step watched, biases too.
fn table(run: &Run) -> Table {
    let mut table = Table::new().words("weight").numbers("update over data", "").numbers("gradient over data", "");
    let step = run.trace.weights().next_back().map(|weight| weight.step);
    for weight in run.trace.weights().filter(|weight| Some(weight.step) == step) {
        table.push(vec![
            Cell::from(weight.name.as_str()),
            say::significant(weight.update_to_data, 2).into(),
            say::significant(weight.grad_to_data, 2).into(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn weights_of_different_depth_share_a_place() {
        let check = |name: &str, title: &str, number: &str| {
            assert_eq!(place(name), (title.to_owned(), number.to_owned()));
        };
        check("blocks.2.attention.query.weight", "blocks.*.attention.query.weight", "2");
        check("hidden.0", "hidden.*", "0");
        check("embed.weight", "embed.weight", "");
    }
}
