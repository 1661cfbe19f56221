//! Lines to translate by beams, some a turn, between the steps of what is being written.

use crate::metrics::Metrics;
use rushlight_models::beam::Beam;
use rushlight_trace::AttentionMap;
use rushlight_train::probe::attention;
use rushlight_train::{Session, Translated};
use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;
use tokio::sync::oneshot::Sender;

/// The most lines of a turn: while others write, and alone.
const BESIDE: usize = 8;
const ALONE: usize = 64;

/// Lines of one request.
pub(crate) struct Translating {
    pub(crate) lines: Vec<String>,
    pub(crate) beam: Beam,
    /// Whether it is asked where the model looked.
    pub(crate) looks: bool,
    pub(crate) to: Sender<Result<Vec<Translation>, String>>,
    pub(crate) deadline: Instant,
    /// Its place in the queue, until its first line is translated.
    pub(crate) place: Option<super::Places>,
}

/// A line that was translated.
pub(crate) struct Translation {
    pub(crate) translated: Translated,
    /// Where the model looked, by layers; nothing where nobody asked, or where a line was translated in pieces.
    pub(crate) maps: Vec<AttentionMap>,
}

/// A request of which some lines are translated.
struct Begun {
    asked: Translating,
    done: Vec<Translation>,
}

/// All that wait.
#[derive(Default)]
pub(super) struct Translations {
    waiting: VecDeque<Begun>,
}

impl Translations {
    pub(super) fn wait(&mut self, asked: Translating) {
        self.waiting.push_back(Begun { asked, done: Vec::new() });
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Translates some lines; of requests that ask alike, several go together.
    pub(super) fn turn(&mut self, session: &Session, are_alone: bool, metrics: &Metrics) {
        let now = Instant::now();
        self.waiting.retain(|begun| !begun.asked.to.is_closed() && now < begun.asked.deadline);
        let Some(beam) = self.waiting.front().map(|begun| begun.asked.beam.clone()) else { return };
        let mut room = if are_alone { ALONE } else { BESIDE };
        let (mut lines, mut counts) = (Vec::new(), Vec::new());
        for begun in self.waiting.iter_mut().take_while(|begun| begun.asked.beam == beam) {
            begun.asked.place = None;
            let left = &begun.asked.lines[begun.done.len()..];
            let count = left.len().min(room);
            lines.extend_from_slice(&left[..count]);
            counts.push(count);
            room -= count;
            if room == 0 {
                break;
            }
        }
        metrics.translated_lines.fetch_add(lines.len() as u64, Relaxed);
        let mut translated = match session.translate(&lines, &beam) {
            Ok(translated) => translated.into_iter(),
            Err(error) => {
                for begun in self.waiting.drain(..counts.len()) {
                    // Who went away needs no answer.
                    let _ = begun.asked.to.send(Err(error.to_string()));
                }
                return;
            }
        };
        for (begun, &count) in self.waiting.iter_mut().zip(&counts) {
            for translated in translated.by_ref().take(count) {
                let line = &begun.asked.lines[begun.done.len()];
                let looks = begun.asked.looks && translated.pieces == 1;
                let best = translated.best.first().filter(|_| looks);
                let maps = best.map(|best| attention(session, line, &best.hypothesis.tokens).unwrap_or_default());
                begun.done.push(Translation { translated, maps: maps.unwrap_or_default() });
            }
        }
        while self.waiting.front().is_some_and(|begun| begun.done.len() == begun.asked.lines.len()) {
            if let Some(Begun { asked, done }) = self.waiting.pop_front() {
                let _ = asked.to.send(Ok(done));
            }
        }
    }
}
