//! Where the batches of a model get their texts while they write: no batch waits for another between two steps, since one that
//! reads a prompt or begins texts afresh takes longer, and the others would stand still meanwhile.

use super::job::keep_wanted;
use super::shard::Shard;
use super::{Job, Task};
use std::collections::VecDeque;
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};

/// The desk of one model.
pub(super) struct Desk<'e>(Mutex<Inside<'e>>);

struct Inside<'e> {
    /// The number of the model.
    model: usize,
    come: &'e mut Receiver<Task>,
    waiting: &'e mut VecDeque<Job>,
    /// How much each batch has; none where it does not write.
    loads: Vec<Option<usize>>,
    /// What has come for others.
    other: Option<Task>,
    closes: bool,
}

impl<'e> Desk<'e> {
    /// For batches that have so much, of a model of that number, whose texts wait or come.
    pub(super) fn open(
        model: usize,
        come: &'e mut Receiver<Task>,
        waiting: &'e mut VecDeque<Job>,
        loads: Vec<Option<usize>>,
    ) -> Self {
        Self(Mutex::new(Inside { model, come, waiting, loads, other: None, closes: false }))
    }

    /// Lets a batch take its share of what waits, as far as it has room; whether it goes on. It does not where it has nothing
    /// left, or where the engine is wanted: something has come for others, or a batch that does not write could take what waits.
    pub(super) fn goes_on(&self, number: usize, shard: &mut Shard, most: usize) -> bool {
        let mut desk = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        desk.hear();
        desk.loads[number] = Some(shard.load());
        let all = desk.loads.iter().flatten().sum::<usize>() + desk.waiting.len();
        let fair = all.div_ceil(desk.loads.len()).min(most);
        while shard.load() < fair
            && let Some(job) = desk.waiting.pop_front()
        {
            shard.wait(job);
        }
        let could_help = desk.loads.iter().any(Option::is_none);
        desk.closes |= desk.other.is_some() || (could_help && !desk.waiting.is_empty());
        let goes_on = !desk.closes && !shard.is_idle();
        desk.loads[number] = goes_on.then(|| shard.load());
        goes_on
    }

    /// What has come for others.
    pub(super) fn close(self) -> Option<Task> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).other
    }
}

impl Inside<'_> {
    /// Takes in what has come, and lets go who waits no more.
    fn hear(&mut self) {
        while self.other.is_none() {
            match self.come.try_recv() {
                Ok(Task::Write(model, jobs)) if model == self.model => self.waiting.extend(jobs),
                Ok(other) => self.other = Some(other),
                // Nothing, or nobody who could ask: that is seen when all is written.
                Err(_) => break,
            }
        }
        keep_wanted(self.waiting);
    }
}
