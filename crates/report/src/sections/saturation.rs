//! Maps of saturated units: examples down, units across, white where a unit is at its end; and
//! how saturated each layer is.

use crate::page::{Block, Section};
use crate::plot::Figure;
use crate::plot::bars::{Bar, Bars};
use crate::plot::bits::Bits;
use crate::runs::Run;
use crate::say;
use rushlight_trace::{Saturation, SiteKind};

/// More maps than this say nothing new: the first and last of each site are shown.
const MOST_MAPS: usize = 6;

pub(crate) fn section(run: &Run) -> Option<Section> {
    let maps = first_and_last(run);
    let bars = bars(run);
    if maps.is_empty() && bars.is_none() {
        return None;
    }
    let mut section = Section::new("Saturation");
    if let Some(map) = maps.first() {
        section = section.say(format!(
            "White: the unit is past ±{} for that example, where its slope, and with it the gradient, \
             is next to nothing. A white column is a unit that is so for all examples; an amber tick \
             stands under it.",
            say::significant(map.bound, 2)
        ));
    }
    for map in maps.iter().take(MOST_MAPS) {
        let bits = Bits { rows: map.map() };
        let full = bits.full_columns().len();
        let units = bits.rows.first().map_or(0, Vec::len);
        let note = format!(
            "{} white; {} of {} units for every example.",
            say::percent(bits.share()),
            if full == 0 { "none".to_owned() } else { say::in_words(full) },
            say::count(units as u64)
        );
        let slug = format!("saturation-{}-step-{}", super::slug(&map.site), map.step);
        let title = format!("{}, step {}.", map.site, say::count(map.step));
        section = section.with_figure(Figure::wide(&slug, title, bits).with_note(note));
    }
    if let Some(bars) = bars {
        let figure = Figure::half("saturated-share", "Share of saturated values, layer by layer.", bars);
        section = section.with(Block::Figures(vec![figure]));
    }
    Some(section)
}

/// The first map of each site, and its last if that is another.
fn first_and_last<'a>(run: &Run<'a>) -> Vec<&'a Saturation> {
    let mut chosen: Vec<&Saturation> = Vec::new();
    let all: Vec<&Saturation> = run.trace.saturations().collect();
    for map in &all {
        let same_site = |other: &&&Saturation| other.site == map.site;
        let is_first = !chosen.iter().any(|other| other.site == map.site);
        let is_last = all.iter().rev().find(same_site).is_some_and(|last| last.step == map.step);
        if is_first || is_last {
            chosen.push(map);
        }
    }
    chosen.sort_by_key(|map| all.iter().position(|other| other.site == map.site));
    chosen
}

fn bars(run: &Run) -> Option<Bars> {
    let step = run.trace.layers().next_back()?.step;
    let rows: Vec<Bar> = run
        .trace
        .layers()
        .filter(|layer| layer.step == step && layer.kind == SiteKind::Activation)
        .filter_map(|layer| {
            let share = layer.saturated_share?;
            Some(Bar { label: layer.site.clone(), value: share, said: say::percent(share), paint: run.paint })
        })
        .collect();
    (rows.len() > 1).then(|| Bars { unit: format!("step {}", say::count(step)), rows })
}
