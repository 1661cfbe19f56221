//! The engine: one thread that owns all models and writes for everybody at once. Knows ids and lines to translate; nothing of
//! HTTP.
//!
//! A turn takes in what has come, lets each model's [`Lane`] read a piece of a prompt and write one token for each of its
//! rows, and translates a few lines; a model that is alone writes on until something else comes. It sleeps when there is nothing to
//! do, and ends when nobody can ask any more.

mod desk;
mod job;
mod lane;
mod load;
mod seat;
mod shard;
mod translations;

pub(crate) use job::{Finish, Job, Likely, Piece, Prompt, Sampling, Token};
pub(crate) use load::{Counted, Load, Places};
pub(crate) use translations::{Translating, Translation};

use crate::metrics::Metrics;
use lane::Lane;
use rushlight_engine::with_threads;
use rushlight_train::Session;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{Builder, JoinHandle};
use translations::Translations;

/// What the engine is asked for.
enum Task {
    /// Texts, by the model of that number.
    Write(usize, Vec<Job>),
    /// Lines in another language.
    Translate(usize, Translating),
}

/// The way to the engine; it ends when the last of these is dropped.
#[derive(Clone)]
pub(crate) struct Engine {
    tasks: Sender<Task>,
    pub(crate) load: Arc<Load>,
}

/// The engine cannot be asked: its thread is gone.
#[derive(Debug)]
pub(crate) struct Gone;

/// What the engine is made with.
pub(crate) struct Shop {
    pub(crate) sessions: Vec<Session>,
    pub(crate) threads: usize,
    /// The most rows of a batch.
    pub(crate) rows: usize,
    /// The most texts that wait.
    pub(crate) queue: usize,
    pub(crate) metrics: Arc<Metrics>,
}

impl Engine {
    /// Starts the thread; `is_alive` becomes false when it is gone.
    ///
    /// # Errors
    /// A system that has no thread to give.
    pub(crate) fn start(shop: Shop, is_alive: Arc<AtomicBool>) -> io::Result<(Self, JoinHandle<()>)> {
        let (tasks, come) = channel();
        let load = Arc::new(Load::new(shop.queue));
        let work = move || {
            let _alive = Alive(is_alive);
            with_threads(shop.threads, move || run(shop, come));
        };
        let thread = Builder::new().name("engine".into()).spawn(work)?;
        Ok((Self { tasks, load }, thread))
    }

    /// Hands jobs over that have their places in the queue.
    ///
    /// # Errors
    /// [`Gone`].
    pub(crate) fn write(&self, model: usize, jobs: Vec<Job>) -> Result<(), Gone> {
        self.tasks.send(Task::Write(model, jobs)).map_err(|_| Gone)
    }

    /// Hands lines over.
    ///
    /// # Errors
    /// [`Gone`].
    pub(crate) fn translate(&self, model: usize, lines: Translating) -> Result<(), Gone> {
        self.tasks.send(Task::Translate(model, lines)).map_err(|_| Gone)
    }
}

/// Tells when the thread is gone, by its end or by a panic.
struct Alive(Arc<AtomicBool>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.store(false, Relaxed);
    }
}

fn run(shop: Shop, mut come: Receiver<Task>) {
    let Shop { sessions, threads, rows, metrics, .. } = shop;
    let mut lanes: Vec<Lane> = sessions.into_iter().map(|session| Lane::new(session, rows, threads)).collect();
    let mut translations: Vec<Translations> = lanes.iter().map(|_| Translations::default()).collect();
    // What a model's batches were told that is not for them.
    let mut other = None;
    loop {
        loop {
            let is_idle = lanes.iter().all(Lane::is_idle) && translations.iter().all(Translations::is_idle);
            let next = match other.take() {
                Some(task) => Ok(task),
                None if is_idle => come.recv().map_err(|_| TryRecvError::Disconnected),
                None => come.try_recv(),
            };
            match next {
                Ok(Task::Write(model, jobs)) => lanes[model].wait(jobs),
                Ok(Task::Translate(model, lines)) => translations[model].wait(lines),
                Err(TryRecvError::Disconnected) if is_idle => return,
                Err(_) => break,
            }
        }
        let busy: Vec<usize> = (0..lanes.len()).filter(|&model| !lanes[model].is_idle()).collect();
        match busy[..] {
            [model] if translations.iter().all(Translations::is_idle) => {
                other = lanes[model].turns(model, &mut come, &metrics);
            }
            _ => busy.iter().for_each(|&model| lanes[model].turn(&metrics)),
        }
        let are_alone = busy.is_empty();
        for (lane, translations) in lanes.iter().zip(&mut translations) {
            translations.turn(lane.session(), are_alone, &metrics);
        }
    }
}
