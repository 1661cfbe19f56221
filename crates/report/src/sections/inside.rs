//! The values inside a network: how they are spread at each site, at the first step that was
//! watched and at the last.

use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::histogram::{Spread, greatest_density, middle_range};
use crate::plot::multiples::{Multiples, Titled};
use crate::runs::Run;
use crate::say;
use crate::table::{Cell, Table};
use rushlight_trace::{Layer, SiteKind};

/// So much of the values is in the picture; the rest would only make it wide.
const SHOWN_SHARE: f64 = 0.995;

pub(crate) fn section(run: &Run) -> Option<Section> {
    let first_step = run.trace.layers().next()?.step;
    let last_step = run.trace.layers().next_back()?.step;
    let mut section = Section::new("Inside the network").say(format!(
        "How the values of one batch are spread at step {}{}. The panels of a figure share both scales{}.",
        say::count(last_step),
        if first_step < last_step {
            format!(", and in dashes at step {}", say::count(first_step))
        } else {
            String::new()
        },
        if run.trace.layers().any(|layer| layer.kind == SiteKind::Gate) {
            "; gates are shown over their own range, all that they can be"
        } else {
            ""
        }
    ));
    let at = |step: u64, kind: SiteKind| -> Vec<&Layer> {
        run.trace.layers().filter(|layer| layer.step == step && layer.kind == kind).collect()
    };
    for kind in [SiteKind::PreActivation, SiteKind::Activation, SiteKind::Gate, SiteKind::Gradient] {
        let now = at(last_step, kind);
        if now.is_empty() {
            continue;
        }
        let before = if first_step < last_step { at(first_step, kind) } else { Vec::new() };
        let slug = kind.to_string();
        let title = say::capital(&format!("{kind}."));
        section = section.with_figure(Figure::wide(&slug, title, panels(run, kind, &now, &before)));
    }
    let last: Vec<&Layer> = run.trace.layers().filter(|layer| layer.step == last_step).collect();
    Some(section.with(Block::Numbers(table(&last))))
}

fn panels(run: &Run, kind: SiteKind, now: &[&Layer], before: &[&Layer]) -> Multiples {
    let all = || now.iter().chain(before).map(|layer| &layer.histogram);
    let ranges = now.iter().map(|layer| middle_range(&layer.histogram, SHOWN_SHARE));
    let (low, high) =
        ranges.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), range| (low.min(range.0), high.max(range.1)));
    let tallest = all().map(greatest_density).fold(f64::MIN_POSITIVE, f64::max);
    let range = |layer: &Layer| match kind {
        // Some gates lie between 0 and 1, others between -1 and 1.
        SiteKind::Gate => (layer.histogram.low, layer.histogram.high),
        _ => (low, high),
    };
    let panel = |layer: &&Layer| Titled {
        title: layer.site.clone(),
        note: note(layer),
        panel: Box::new(Spread {
            now: layer.histogram.clone(),
            before: before.iter().find(|old| old.site == layer.site).map(|old| old.histogram.clone()),
            paint: run.paint,
            low: range(layer).0,
            high: range(layer).1,
            greatest_density: tallest,
        }),
    };
    Multiples { panels: now.iter().map(panel).collect(), least_width: 230.0, panel_height: 120.0 }
}

fn note(layer: &Layer) -> String {
    let mut said = vec![
        format!("mean {}", say::mean_of_spread(layer.mean, layer.std)),
        format!("std {}", say::significant(layer.std, 2)),
    ];
    said.extend(layer.saturated_share.map(|share| format!("{} saturated", say::percent(share))));
    said.extend(layer.dead_units.filter(|units| *units > 0).map(|units| format!("{units} dead")));
    said.join(" · ")
}

fn table(layers: &[&Layer]) -> Table {
    let mut table = Table::new()
        .words("site")
        .words("kind")
        .numbers("mean", "")
        .numbers("std", "")
        .numbers("saturated", "")
        .numbers("dead", "units")
        .numbers("of", "units");
    for layer in layers {
        let nothing = || "–".to_owned();
        table.push(vec![
            Cell::from(layer.site.as_str()),
            layer.kind.to_string().into(),
            say::mean_of_spread(layer.mean, layer.std).into(),
            say::significant(layer.std, 3).into(),
            layer.saturated_share.map_or_else(nothing, say::percent).into(),
            layer.dead_units.map_or_else(nothing, say::count).into(),
            say::count(layer.units).into(),
        ]);
    }
    table
}
