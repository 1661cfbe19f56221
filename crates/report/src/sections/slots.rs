//! Which kinds of slots are found, and how well.

use crate::page::{Block, Section};
use crate::runs::Run;
use crate::say;
use crate::table::{Cell, Table};
use rushlight_trace::{OfSlot, Understanding};
use std::cmp::Reverse;

/// A table of more kinds is not small; the rest stand in one row.
const MOST: usize = 15;

pub(crate) fn section(run: &Run) -> Option<Section> {
    let record = run.understanding().filter(|record| !record.slots.is_empty())?;
    let section = Section::new("Which slots it finds")
        .say(
            "A slot counts only if its kind, its first word and its last one are right. Precision is the share of right ones \
             among those found, recall the share of those there are that were found, and F1 lies between the two. The kinds \
             with most mistakes stand first; of a kind of which there are few, a share says little.",
        )
        .fact(together(record))
        .with(Block::Table(table(&record.slots)));
    Some(section)
}

fn together(record: &Understanding) -> String {
    let all = sum("", &record.slots);
    format!(
        "F1 is {}\u{a0}% over all {} of the {} part. {} of its {} are wholly right, the intent and every slot: {}\u{a0}%.",
        say::tenths(100.0 * all.f1()),
        say::plural(all.there, "slot"),
        record.split,
        say::count(record.whole),
        say::plural(record.sentences, "sentence"),
        say::tenths(100.0 * record.whole as f64 / record.sentences.max(1) as f64),
    )
}

/// Slots of several kinds, under one name.
fn sum<'s>(name: &str, all: impl IntoIterator<Item = &'s OfSlot>) -> OfSlot {
    all.into_iter().fold(OfSlot { kind: name.to_owned(), ..OfSlot::default() }, |sum, slot| OfSlot {
        there: sum.there + slot.there,
        found: sum.found + slot.found,
        right: sum.right + slot.right,
        ..sum
    })
}

/// What was missed, and what was found where it is not.
fn mistakes(slot: &OfSlot) -> u64 {
    (slot.there + slot.found).saturating_sub(2 * slot.right)
}

fn table(slots: &[OfSlot]) -> Table {
    let mut slots: Vec<&OfSlot> = slots.iter().collect();
    slots.sort_by_key(|slot| (Reverse(mistakes(slot)), Reverse(slot.there)));
    // A row for one kind says as much as a row for the rest.
    let shown = if slots.len() <= MOST + 1 { slots.len() } else { MOST };
    let rest =
        sum(&format!("{} other kinds", say::count((slots.len() - shown) as u64)), slots[shown..].iter().copied());
    let all = sum("all kinds", slots.iter().copied());
    let mut table = Table::new()
        .words("slot")
        .numbers("there are", "")
        .numbers("F1", "%")
        .numbers("precision", "%")
        .numbers("recall", "%")
        .numbers("found", "")
        .numbers("right", "");
    for slot in &slots[..shown] {
        table.push(row(slot));
    }
    if shown < slots.len() {
        table.push(row(&rest));
    }
    table.push(row(&all).into_iter().map(Cell::strong).collect());
    table
}

/// Whole hundredths: kinds are of tens or hundreds.
fn row(slot: &OfSlot) -> Vec<Cell> {
    let share = |share: f64, of: u64| if of == 0 { "–".to_owned() } else { format!("{:.0}", 100.0 * share) };
    vec![
        slot.kind.as_str().into(),
        say::count(slot.there).into(),
        share(slot.f1(), slot.there + slot.found).into(),
        share(slot.precision(), slot.found).into(),
        share(slot.recall(), slot.there).into(),
        say::count(slot.found).into(),
        say::count(slot.right).into(),
    ]
}
