//! A row of a running batch: the text that is written in it.

use super::shard::Writer;
use super::{Counted, Finish, Job, Piece, Places, Prompt, Token};
use std::time::Instant;

/// A text that is being written.
pub(super) struct Seat {
    job: Job,
    /// The prompt and all that was written.
    all: Vec<u32>,
    /// How much of it is the prompt.
    prompt: usize,
    /// Tokens that have not gone out yet.
    pending: Vec<Token>,
    has_sent: bool,
    _counted: Option<Counted>,
}

impl Seat {
    /// Of a job whose text begins after `prompt`.
    pub(super) fn new(mut job: Job) -> Self {
        let all = match &mut job.prompt {
            Prompt::After(tokens) => std::mem::take(tokens),
            Prompt::Of(_) => Vec::new(),
        };
        let _counted = job.place.take().map(Places::begin);
        Self { prompt: all.len(), all, job, pending: Vec::new(), has_sent: false, _counted }
    }

    /// The token that was written last.
    ///
    /// # Panics
    /// When there is none, nor a prompt.
    pub(super) fn last(&self) -> u32 {
        *self.all.last().expect("a text that is read has a token")
    }

    /// The last `count` tokens, the prompt among them.
    pub(super) fn recent(&self, count: usize) -> &[u32] {
        &self.all[self.all.len().saturating_sub(count)..]
    }

    /// Whether it goes on: somebody waits, and there is time.
    pub(super) fn is_wanted(&mut self, now: Instant) -> bool {
        self.job.is_wanted(now, &mut self.pending)
    }

    /// Writes the next token by its logits, which goes out with those that wait for it where it `is_due`, or is the first; whether the
    /// text goes on.
    pub(super) fn write(&mut self, logits: &mut [f32], writer: Writer, is_due: bool, now: Instant) -> bool {
        let token = self.job.sampling.choose(logits, &self.all, self.prompt, &mut self.job.rng);
        if self.all.len() == self.prompt {
            writer.metrics.first_tokens.see(now.saturating_duration_since(self.job.begun));
        }
        if Some(token.id) == writer.end {
            self.send(Some(Finish::Stop));
            return false;
        }
        self.all.push(token.id);
        self.pending.push(token);
        if self.all.len() - self.prompt >= self.job.most {
            self.send(Some(Finish::Length));
            return false;
        }
        let goes_out = self.job.streams && (is_due || !self.has_sent);
        !goes_out || self.send(None)
    }

    /// Ends it, because there is no room to go on.
    pub(super) fn end(&mut self) {
        self.send(Some(Finish::Length));
    }

    /// Whether anybody takes it.
    fn send(&mut self, finish: Option<Finish>) -> bool {
        self.has_sent = true;
        let tokens = std::mem::take(&mut self.pending);
        self.job.to.send(Piece { index: self.job.index, tokens, finish }).is_ok()
    }
}
