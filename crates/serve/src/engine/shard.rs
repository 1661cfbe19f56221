//! A running batch: texts join and leave it at each step.
//!
//! Follows  Yu et al., Orca: A Distributed Serving System for Transformer-Based Generative Models, 2022, section 3.2
//!          (scheduling by iterations)
//!
//! A prompt is read on its own, a piece a turn, so that nobody who is in the batch waits for more than that. Its memory then takes
//! the place of a row that is free, in place; where none is, the batch doubles, so that copying costs little per text. A row that is
//! free is read along, and costs next to nothing: its past is empty. Every row's numbers are the same whoever sits
//! beside it (`rushlight_engine::rows_alike`), so a text depends on its own request alone.

use super::seat::Seat;
use super::{Job, Prompt};
use crate::metrics::Metrics;
use rushlight_engine::{Ids, at_once, no_grad};
use rushlight_models::decode::{counting, kept};
use rushlight_models::{Decoder, Memory, Model, Source};
use rushlight_nn::Context;
use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// The most tokens of prompts that are read between two steps.
const PIECE: usize = 256;

/// From so many logits on, choosing tokens is shared among the cores.
const MANY_LOGITS: usize = 64 * 1024;

/// Tokens go out together that were written within this time, and as much more for every so many texts of the batch: a reader
/// sees no difference, and waking a thousand connections for each token, or each at a time of its own, would take more time than
/// writing it.
const TOGETHER: Duration = Duration::from_millis(5);
const BESIDE: usize = 4;

/// What all batches of a model have in common.
#[derive(Clone, Copy)]
pub(super) struct Writer<'m> {
    pub(super) model: &'m dyn Model,
    /// What ends a text.
    pub(super) end: Option<u32>,
    /// The most rows of a batch.
    pub(super) most: usize,
    pub(super) metrics: &'m Metrics,
}

/// A running batch.
#[derive(Default)]
pub(super) struct Shard {
    waiting: VecDeque<Job>,
    reading: Option<Reading>,
    /// A row of the memory each; none where the row is free.
    seats: Vec<Option<Seat>>,
    memory: Option<Memory>,
    /// When tokens went out last.
    sent: Option<Instant>,
}

/// A text whose prompt is being read.
struct Reading {
    seat: Seat,
    memory: Memory,
    left: VecDeque<u32>,
}

impl Writer<'_> {
    fn decoder(&self) -> &dyn Decoder {
        self.model.decoder().expect("only what writes gets work")
    }

    /// The logits behind the last token of each row, [rows, V], and the memory of all that was read.
    fn read(&self, ids: &Ids, memory: Memory) -> (Vec<f32>, Memory) {
        let (logits, memory) = no_grad(|| self.decoder().read_last(&mut Context::evaluate(), ids, memory));
        (logits.data().to_vec(), memory)
    }
}

impl Shard {
    pub(super) fn wait(&mut self, job: Job) {
        self.waiting.push_back(job);
    }

    pub(super) fn is_idle(&self) -> bool {
        self.load() == 0
    }

    /// How many texts are in the batch.
    fn writing(&self) -> usize {
        self.seats.iter().flatten().count()
    }

    /// How many are in the batch, or will be.
    pub(super) fn load(&self) -> usize {
        self.writing() + self.waiting.len() + usize::from(self.reading.is_some())
    }

    /// Lets go, lets in, and writes a token for each row.
    pub(super) fn turn(&mut self, writer: Writer) {
        let now = Instant::now();
        for seat in &mut self.seats {
            if seat.as_mut().is_some_and(|seat| !seat.is_wanted(now)) {
                *seat = None;
            }
        }
        self.shrink();
        self.read_prompts(writer);
        self.step(writer);
        if self.writing() == 0 {
            (self.seats, self.memory) = (Vec::new(), None);
        }
    }

    fn read_prompts(&mut self, writer: Writer) {
        let mut budget = PIECE;
        while budget > 0 && self.writing() < writer.most {
            let Some(mut reading) = self.reading.take().or_else(|| self.next(writer)) else { return };
            if !reading.seat.is_wanted(Instant::now()) {
                continue;
            }
            let count = reading.left.len().min(PIECE);
            let piece: Vec<u32> = reading.left.drain(..count).collect();
            budget = budget.saturating_sub(count);
            let (mut logits, memory) = writer.read(&Ids::new(&[1, count], piece), reading.memory);
            if !reading.left.is_empty() {
                self.reading = Some(Reading { memory, ..reading });
                continue;
            }
            let now = Instant::now();
            writer.metrics.wrote(1, now);
            if reading.seat.write(&mut logits, writer, false, now) {
                self.sit(reading.seat, memory, writer.most);
            }
        }
    }

    /// The next text that waits, of which nothing has been read.
    fn next(&mut self, writer: Writer) -> Option<Reading> {
        let job = self.waiting.pop_front()?;
        let model = writer.model;
        let (left, memory) = match (&job.prompt, model.generator(), model.translator()) {
            (Prompt::After(tokens), Some(generator), _) => {
                let count = counting(tokens.len(), generator.window());
                (tokens[tokens.len() - count..].iter().copied().collect(), generator.begin(1))
            }
            (Prompt::Of(tokens), _, Some(translator)) => {
                let source = Source::whole(Ids::new(&[1, tokens.len()], &tokens[..]));
                let memory = no_grad(|| translator.encode(&mut Context::evaluate(), &source));
                (VecDeque::from([writer.end.unwrap_or(0)]), memory)
            }
            _ => unreachable!("a prompt is of the kind that its model takes"),
        };
        let read = match &job.prompt {
            Prompt::After(tokens) | Prompt::Of(tokens) => tokens.len(),
        };
        writer.metrics.prompt_tokens.fetch_add(read as u64, Relaxed);
        Some(Reading { seat: Seat::new(job), memory, left })
    }

    /// Takes a text whose prompt is read into the batch.
    fn sit(&mut self, seat: Seat, memory: Memory, most: usize) {
        let Some(mut batch) = self.memory.take() else {
            (self.seats, self.memory) = (vec![Some(seat)], Some(memory));
            return;
        };
        if batch.encoded().is_some() {
            self.seats.push(Some(seat));
            self.memory = Some(Memory::joined(&[batch, memory]));
            return;
        }
        let free = self.seats.iter().position(Option::is_none);
        let row = free.unwrap_or_else(|| {
            let rows = self.seats.len();
            let more = rows.min(most - rows);
            batch = Memory::joined(&[std::mem::replace(&mut batch, Memory::new(0)), memory.select(&vec![0; more])]);
            self.seats.resize_with(rows + more, || None);
            rows
        });
        batch.put(row, &memory, 0);
        self.seats[row] = Some(seat);
        self.memory = Some(batch);
    }

    /// Gives rows up that are free, where they are many.
    fn shrink(&mut self) {
        let (rows, taken) = (self.seats.len(), self.writing());
        let Some(memory) = self.memory.take() else { return };
        // Sentences have lengths of their own and take no other's place, so a translation leaves at once.
        let translates = memory.encoded().is_some();
        if taken == 0 {
            self.seats.clear();
        } else if taken < rows && (translates || 4 * taken <= rows) {
            let mut chosen: Vec<usize> = (0..rows).filter(|&row| self.seats[row].is_some()).collect();
            self.seats.retain(Option::is_some);
            if !translates {
                chosen.resize(2 * taken, chosen[0]);
                self.seats.resize_with(2 * taken, || None);
            }
            self.memory = Some(memory.select(&chosen).pruned());
        } else {
            self.memory = Some(memory);
        }
    }

    /// Reads what each row wrote last, and writes the next.
    fn step(&mut self, writer: Writer) {
        let Some(mut memory) = self.memory.take() else { return };
        self.start_afresh(writer, &mut memory);
        if self.writing() == 0 {
            return;
        }
        // A row that nobody reads begins at nothing, and so costs no attention.
        let rows = self.seats.iter().zip(memory.positions());
        let (tokens, positions): (Vec<u32>, Vec<usize>) =
            rows.map(|(seat, &read)| seat.as_ref().map_or((0, 0), |seat| (seat.last(), read))).unzip();
        let (mut logits, memory) = writer.read(&Ids::new(&[tokens.len(), 1], tokens), memory.with_positions(positions));
        self.memory = Some(memory);
        self.write(&mut logits, writer);
    }

    /// Rows whose memory is full begin afresh with their last tokens, as `rushlight_models::decode::Writer` does but for rounding; all but the newest,
    /// which the batch reads as it reads every row's, are read here. What translates cannot: its text ends there.
    fn start_afresh(&mut self, writer: Writer, memory: &mut Memory) {
        let Some(window) = writer.decoder().window() else { return };
        let is_full = |row: &usize| self.seats[*row].is_some() && memory.positions()[*row] >= window;
        let full: Vec<usize> = (0..self.seats.len()).filter(is_full).collect();
        let Some(generator) = writer.model.generator() else {
            for &row in &full {
                if let Some(mut seat) = self.seats[row].take() {
                    seat.end();
                }
            }
            return;
        };
        if full.is_empty() {
            return;
        }
        let before = kept(window) - 1;
        let mut begun = generator.begin(full.len());
        if before > 0 {
            let seats = full.iter().filter_map(|&row| self.seats[row].as_ref());
            let recent: Vec<u32> = seats.flat_map(|seat| &seat.recent(before + 1)[..before]).copied().collect();
            begun = writer.read(&Ids::new(&[full.len(), before], recent), begun).1;
        }
        for (from, &row) in full.iter().enumerate() {
            memory.put(row, &begun, from);
        }
    }

    /// Writes a token for each row by its logits, [rows, V].
    fn write(&mut self, logits: &mut [f32], writer: Writer) {
        let width = logits.len() / self.seats.len();
        let (metrics, now) = (writer.metrics, Instant::now());
        let rows = logits.chunks_exact_mut(width).zip(&mut self.seats).filter(|(_, seat)| seat.is_some());
        let rows: Vec<_> = rows.collect();
        let count = rows.len();
        let is_due = self.sent.is_none_or(|sent| now - sent >= TOGETHER * (1 + count / BESIDE) as u32);
        if is_due {
            self.sent = Some(now);
        }
        let write = |(logits, place): (&mut [f32], &mut Option<Seat>)| {
            if place.as_mut().is_some_and(|seat| !seat.write(logits, writer, is_due, now)) {
                *place = None;
            }
        };
        if rows.len() * width >= MANY_LOGITS {
            at_once(rows, write);
        } else {
            rows.into_iter().for_each(write);
        }
        metrics.steps.fetch_add(1, Relaxed);
        metrics.rows.fetch_add(count as u64, Relaxed);
        metrics.wrote(count as u64, now);
    }
}
