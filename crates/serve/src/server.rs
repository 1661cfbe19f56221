//! The server: checks what it was told, loads the models, listens, and stops without breaking anything off.

use crate::api::{App, router};
use crate::catalogue::Catalogue;
use crate::engine::{Engine, Shop};
use crate::guard::Guard;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::rate::Rates;
use crate::{Limits, ServeError, Settings, net};
use axum::Router;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// Threads that read and write HTTP: they wait most of the time.
const HTTP_THREADS: usize = 2;

/// A server that listens and has its models loaded.
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    app: Arc<App>,
    engine: JoinHandle<()>,
    limits: Limits,
    stop: Stop,
}

/// Stops a server.
#[derive(Clone)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// Takes nobody in any more, and lets what runs finish.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Server {
    /// Loads the models and begins to listen.
    ///
    /// # Errors
    /// A public address without keys, an address that is taken, a file of keys or a run that cannot be read.
    pub fn start(settings: &Settings) -> Result<Self, ServeError> {
        let keys = settings.keys.as_deref().map(Keys::read).transpose()?;
        if keys.is_none() && !settings.address.ip().is_loopback() {
            return Err(ServeError::Open(settings.address));
        }
        let runtime = Builder::new_multi_thread().worker_threads(HTTP_THREADS).enable_all().build()?;
        // An address that is taken is told before models are loaded, which may take a while.
        let listener = runtime.block_on(TcpListener::bind(settings.address));
        let listener = listener.map_err(|error| refused(settings.address, &error))?;
        let address = listener.local_addr()?;
        let (catalogue, sessions) = Catalogue::open(settings)?;
        let (limits, metrics) = (settings.limits.clone(), Arc::new(Metrics::default()));
        let shop = Shop {
            sessions,
            threads: settings.threads,
            rows: limits.batch.max(1),
            queue: limits.queue,
            metrics: Arc::clone(&metrics),
        };
        let is_alive = Arc::new(AtomicBool::new(true));
        let (engine, thread) = Engine::start(shop, Arc::clone(&is_alive))?;
        let guard = Guard { keys, rates: Rates::new(limits.requests_per_minute) };
        let hosted = settings.assistant.clone();
        let app = Arc::new(App { catalogue, hosted, engine, metrics, guard, limits: limits.clone(), is_alive });
        let router = router(Arc::clone(&app));
        let stop = Stop(watch::Sender::new(false));
        Ok(Self { runtime, listener, address, router, app, engine: thread, limits, stop })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The names of the models that answer.
    pub fn models(&self) -> Vec<String> {
        self.app.catalogue.models.iter().map(|served| served.id.clone()).collect()
    }

    /// The names of the runs that are shown.
    pub fn runs(&self) -> Vec<String> {
        self.app.catalogue.runs.keys().cloned().collect()
    }

    /// The name of the assistant.
    pub fn assistant(&self) -> Option<String> {
        self.app.hosted.as_ref().map(|hosted| hosted.assistant.definition().name.clone())
    }

    /// What stops it.
    pub fn stopper(&self) -> Stop {
        self.stop.clone()
    }

    /// Lets Ctrl-C and SIGTERM stop it, once gently and a second time at once.
    ///
    /// # Errors
    /// A system without signals to hear.
    pub fn stop_on_signals(&self) -> io::Result<()> {
        let stop = self.stop.clone();
        let _guard = self.runtime.enter();
        let mut heard = signals()?;
        self.runtime.spawn(async move {
            heard.next().await;
            tracing::info!("stops: finishes what runs");
            stop.stop();
            heard.next().await;
            // 130: ended by a signal, as shells have it.
            std::process::exit(130);
        });
        Ok(())
    }

    /// Serves until it is stopped; what runs then is finished, as far as it is in time.
    ///
    /// # Errors
    /// An engine that failed.
    pub fn run(self) -> Result<(), ServeError> {
        let Self { runtime, listener, router, app, engine, limits, stop, .. } = self;
        let is_finished = runtime.block_on(net::serve(listener, router, &limits, stop.0.subscribe()));
        let is_alive = Arc::clone(&app.is_alive);
        // Ends the tasks that still hold a way to the engine, and with the last way the engine itself.
        runtime.shutdown_background();
        drop(app);
        if is_finished && is_alive.load(Relaxed) {
            engine.join().map_err(|_| io::Error::other("the engine failed at its last work"))?;
        }
        Ok(())
    }
}

fn refused(address: SocketAddr, error: &io::Error) -> ServeError {
    let cure = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program has this port; give another one with `--port`, or 0 for any that is free"
        }
        io::ErrorKind::PermissionDenied => "ports below 1024 are the system's; give a higher one with `--port`",
        io::ErrorKind::AddrNotAvailable => "this machine has no such address; give one of its own with `--host`",
        _ => "give another one with `--host` and `--port`",
    };
    ServeError::Listen { address, why: error.to_string(), cure }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
fn signals() -> io::Result<Signals> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
}

#[cfg(unix)]
impl Signals {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
fn signals() -> io::Result<Signals> {
    Ok(Signals)
}

#[cfg(not(unix))]
impl Signals {
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
