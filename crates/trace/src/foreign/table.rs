//! A log as rows of numbers under names, and the records that follow from it: which column is the loss, which one counts
//! the steps. Every reader fills such a table; none of them decides anything about steps by itself.

use super::names::{self, Counter, Role};
use crate::{Evaluation, Layer, LossUnit, Record, Step};
use std::cmp::Reverse;
use std::collections::HashMap;

/// So many names are kept for whoever asks why there was no loss.
const NAMES_KEPT: usize = 40;
/// Beyond it, whole numbers are no longer exact in a double.
const LARGEST_STEP: f64 = 9_007_199_254_740_992.0; // 2^53

/// One row: columns with their numbers.
pub(super) type Row = Vec<(usize, f64)>;

/// Rows of numbers, of those columns that mean something to us.
#[derive(Default)]
pub(super) struct Table {
    columns: Vec<Column>,
    by_name: HashMap<String, Option<usize>>,
    named: Vec<String>,
    rows: Vec<Row>,
    /// Each with its row.
    layers: Vec<(usize, Layer)>,
}

struct Column {
    name: String,
    role: Role,
    numbers: usize,
}

impl Table {
    /// The column of a name; nothing where the name means nothing to us.
    pub(super) fn column(&mut self, name: &str) -> Option<usize> {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let role = names::role(name);
        let column = role.map(|role| {
            self.columns.push(Column { name: name.to_owned(), role, numbers: 0 });
            self.columns.len() - 1
        });
        if !names::words(name).is_empty() {
            self.by_name.insert(name.to_owned(), column);
            if self.named.len() < NAMES_KEPT {
                self.named.push(name.to_owned());
            }
        }
        column
    }

    /// Whether a column is a loss, of training or of another part.
    pub(super) fn is_loss(&self, column: usize) -> bool {
        matches!(self.columns[column].role, Role::Loss | Role::Judged(_))
    }

    /// Whether something is called a loss, and no row has come yet.
    pub(super) fn awaits_losses(&self) -> bool {
        self.rows.is_empty() && (0..self.columns.len()).any(|column| self.is_loss(column))
    }

    /// One row more; a row without numbers is none.
    pub(super) fn push(&mut self, row: Row) {
        if !row.is_empty() {
            row.iter().for_each(|(column, _)| self.columns[*column].numbers += 1);
            self.rows.push(row);
        }
    }

    /// What is seen inside the network at the last row.
    pub(super) fn push_layer(&mut self, layer: Layer) {
        self.layers.push((self.rows.len().saturating_sub(1), layer));
    }

    /// The names that were met, the first few of them.
    pub(super) fn into_names(self) -> Vec<String> {
        self.named
    }

    /// Steps, evaluations and layers, by step where there is a count that rises from each loss to the next, else in the
    /// order of the log, counted from 1. None at all without a loss.
    pub(super) fn records(&self) -> Vec<Record> {
        let loss = self.best(Role::Loss);
        let judged: Vec<(usize, &'static str)> = ["train", "validation", "test"]
            .into_iter()
            .filter_map(|part| Some((self.best(Role::Judged(part))?, self.part_as_used(part))))
            .collect();
        let Some(anchor) = loss.or(judged.first().map(|(column, _)| *column)) else { return Vec::new() };
        let course = Course {
            unit: self.unit(loss.into_iter().chain(judged.iter().map(|(column, _)| *column))),
            loss,
            judged,
            counters: self.counters(anchor),
            anchor,
        };
        let mut records = self.follow(&course);
        if !course.counters.is_empty() {
            records.sort_by_key(|record| (record.step(), matches!(record, Record::Evaluation(_))));
        }
        records
    }

    fn follow(&self, course: &Course) -> Vec<Record> {
        let (rate, norm) = (self.best(Role::Rate), self.best(Role::GradientNorm));
        let (rates, norms) = (self.by_step(rate, &course.counters), self.by_step(norm, &course.counters));
        let mut layers = self.layers.iter().peekable();
        let mut records = Vec::new();
        let (mut last, mut counted) = (0, 0);
        for (index, row) in self.rows.iter().enumerate() {
            let told = course.counters.iter().find_map(|counter| step_in(row, *counter));
            if number(row, course.anchor).is_some() {
                counted += 1;
                last = told.unwrap_or(counted);
            }
            let step = told.unwrap_or(last);
            if let Some(loss) = course.loss.and_then(|column| number(row, column)) {
                let learning_rate = of_step(row, rate, &rates, step);
                let gradient_norm = of_step(row, norm, &norms, step);
                records.push(Record::Step(Step { loss, learning_rate, gradient_norm, ..unknown(step, course.unit) }));
            }
            for (column, split) in &course.judged {
                if let Some(loss) = number(row, *column) {
                    let unit = course.unit;
                    let evaluation = Evaluation { step, split: (*split).into(), loss, unit, ..Evaluation::default() };
                    records.push(Record::Evaluation(evaluation));
                }
            }
            while let Some((_, layer)) = layers.next_if(|(at, _)| *at <= index) {
                let step = if course.counters.is_empty() { step } else { layer.step };
                records.push(Record::Layer(Layer { step, ..layer.clone() }));
            }
        }
        records
    }

    /// Of all columns with a role the one with the most numbers: a loss of every step before the mean at the end. Among
    /// equals the one that is called a loss, the shortest name, the first.
    fn best(&self, role: Role) -> Option<usize> {
        let of_role =
            (0..self.columns.len()).filter(|&at| self.columns[at].role == role && self.columns[at].numbers > 0);
        of_role.max_by_key(|&at| {
            let Column { name, numbers, .. } = &self.columns[at];
            let words = names::words(name);
            (*numbers, words.iter().any(|word| word == "loss"), Reverse(words.len()), Reverse(at))
        })
    }

    /// A test part that is looked at again and again while there is no validation part is one, whatever its name.
    fn part_as_used(&self, part: &'static str) -> &'static str {
        let looks = self.best(Role::Judged(part)).map_or(0, |column| self.columns[column].numbers);
        let instead = part == "test" && looks > 1 && self.best(Role::Judged("validation")).is_none();
        if instead { "validation" } else { part }
    }

    fn unit(&self, mut losses: impl Iterator<Item = usize>) -> LossUnit {
        let squared = losses.any(|column| names::is_squared(&self.columns[column].name));
        if squared { LossUnit::SquaredError } else { LossUnit::NatsPerToken }
    }

    /// The column that counts the steps, and those that count the same: the first one that every loss has, and that
    /// rises from each loss to the next. None if there is none such.
    fn counters(&self, anchor: usize) -> Vec<usize> {
        let kind = |at: usize| if let Role::Counter(kind) = self.columns[at].role { Some(kind) } else { None };
        let mut all: Vec<usize> = (0..self.columns.len()).filter(|&at| kind(at).is_some()).collect();
        all.sort_by_key(|&at| kind(at));
        let rises = |counter: usize| {
            let losses = self.rows.iter().filter(|row| number(row, anchor).is_some());
            let steps: Option<Vec<u64>> = losses.map(|row| step_in(row, counter)).collect();
            steps.is_some_and(|steps| steps.is_sorted_by(|before, after| before < after))
        };
        let Some(chosen) = all.iter().copied().find(|&counter| rises(counter)) else { return Vec::new() };
        let is_of_steps = |at: usize| kind(at).is_some_and(|kind| kind <= Counter::Iteration);
        let same = all.into_iter().filter(|&at| at != chosen && is_of_steps(at) && is_of_steps(chosen));
        std::iter::once(chosen).chain(same).collect()
    }

    /// A column's numbers by step: some programs log the learning rate in a row of its own.
    fn by_step(&self, column: Option<usize>, counters: &[usize]) -> HashMap<u64, f64> {
        let Some(column) = column else { return HashMap::new() };
        let told = |row: &Row| counters.iter().find_map(|counter| step_in(row, *counter));
        self.rows.iter().filter_map(|row| Some((told(row)?, number(row, column)?))).collect()
    }
}

/// What a table is read by.
struct Course {
    unit: LossUnit,
    loss: Option<usize>,
    judged: Vec<(usize, &'static str)>,
    /// Columns that count the steps, the chosen one first.
    counters: Vec<usize>,
    /// The loss whose numbers are counted.
    anchor: usize,
}

fn number(row: &Row, column: usize) -> Option<f64> {
    row.iter().find(|(at, _)| *at == column).map(|(_, number)| *number)
}

fn step_in(row: &Row, counter: usize) -> Option<u64> {
    let told = number(row, counter)?;
    (told.fract() == 0.0 && (0.0..=LARGEST_STEP).contains(&told)).then_some(told as u64)
}

fn of_step(row: &Row, column: Option<usize>, by_step: &HashMap<u64, f64>, step: u64) -> f64 {
    let here = column.and_then(|column| number(row, column));
    here.or_else(|| by_step.get(&step).copied()).unwrap_or(f64::NAN)
}

/// A step of which nothing is known: what was not logged is no number, and no rule takes it for one.
fn unknown(step: u64, unit: LossUnit) -> Step {
    let (loss, learning_rate, gradient_norm) = (f64::NAN, f64::NAN, f64::NAN);
    let tokens_per_second = f64::NAN;
    Step {
        step,
        tokens: 0,
        seconds: 0.0,
        loss,
        unit,
        learning_rate,
        gradient_norm,
        tokens_per_second,
        wait_seconds: 0.0,
    }
}
