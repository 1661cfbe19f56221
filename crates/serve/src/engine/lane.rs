//! The texts of one model: who waits, and the batches that they join.
//!
//! A small model has a batch for each core: its weights lie in every core's own cache, and no core waits for another between
//! two layers. A large one has a single batch, so that its weights are read from memory once a step, and its products are shared among the
//! cores. Which it is changes the time that a text takes, not the text.

use super::desk::Desk;
use super::job::keep_wanted;
use super::shard::{Shard, Writer};
use super::{Job, Task};
use crate::metrics::Metrics;
use rushlight_engine::{at_once, rows_alike};
use rushlight_train::Session;
use std::collections::VecDeque;
use std::sync::mpsc::Receiver;

/// Models of at most so many parameters have a batch for each core.
const SMALL: usize = 4 << 20;

/// The texts of one model.
pub(super) struct Lane {
    session: Session,
    /// What ends a text.
    end: Option<u32>,
    /// The most rows of each batch.
    most: usize,
    waiting: VecDeque<Job>,
    shards: Vec<Shard>,
}

impl Lane {
    /// For at most so many texts at once, on so many cores.
    pub(super) fn new(session: Session, most: usize, threads: usize) -> Self {
        let end = session.tokenizer().ok().and_then(|tokenizer| tokenizer.boundary());
        let parameters: usize = session.model.params().iter().map(|param| param.value().count()).sum();
        let count = if parameters <= SMALL { threads.min(most) } else { 1 };
        let shards = (0..count).map(|_| Shard::default()).collect();
        Self { session, end, most: most.div_ceil(count), waiting: VecDeque::new(), shards }
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn wait(&mut self, jobs: Vec<Job>) {
        self.waiting.extend(jobs);
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.shards.iter().all(Shard::is_idle)
    }

    /// Lets texts join where there is most room, and lets every batch write a token.
    pub(super) fn turn(&mut self, metrics: &Metrics) {
        self.let_in();
        let (writer, busy) = self.busy(metrics);
        at_once(busy, |(_, shard)| rows_alike(|| shard.turn(writer)));
    }

    /// Lets every batch write, and texts join, until all are written or something comes that is not for this model, which is of that
    /// number: that is given back.
    pub(super) fn turns(&mut self, model: usize, come: &mut Receiver<Task>, metrics: &Metrics) -> Option<Task> {
        self.let_in();
        let mut waiting = std::mem::take(&mut self.waiting);
        let most = self.most;
        let loads = self.shards.iter().map(|shard| (!shard.is_idle()).then(|| shard.load())).collect();
        let desk = Desk::open(model, come, &mut waiting, loads);
        let (writer, busy) = self.busy(metrics);
        let write = |(number, shard): (usize, &mut Shard)| {
            rows_alike(|| {
                shard.turn(writer);
                while desk.goes_on(number, shard, most) {
                    shard.turn(writer);
                }
            });
        };
        at_once(busy, write);
        let other = desk.close();
        self.waiting = waiting;
        other
    }

    fn let_in(&mut self) {
        keep_wanted(&mut self.waiting);
        while !self.waiting.is_empty()
            && let Some(shard) = self.shards.iter_mut().min_by_key(|shard| shard.load())
            && shard.load() < self.most
        {
            self.waiting.pop_front().into_iter().for_each(|job| shard.wait(job));
        }
    }

    /// The batches that have something to do, by their numbers.
    fn busy<'l>(&'l mut self, metrics: &'l Metrics) -> (Writer<'l>, Vec<(usize, &'l mut Shard)>) {
        let writer = Writer { model: &*self.session.model, end: self.end, most: self.most, metrics };
        (writer, self.shards.iter_mut().enumerate().filter(|(_, shard)| !shard.is_idle()).collect())
    }
}
