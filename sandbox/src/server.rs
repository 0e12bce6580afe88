//! A running server: a thread of its own with a runtime of its own, so that any program can hold one.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::http;
use crate::options::{Error, Options};
use crate::tenant::Tenant;

/// How long requests under way may take to end when the server stops.
const PATIENCE: Duration = Duration::from_secs(2);

/// A running server; stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Opens the tenant and listens on 127.0.0.1; returns when the first request can come.
    #[allow(clippy::needless_pass_by_value, reason = "a server owns how it was started")]
    pub fn start(options: Options) -> Result<Self, Error> {
        if !(options.time_scale.is_finite() && options.time_scale > 0.0) {
            return Err(Error::TimeScale(options.time_scale));
        }
        let tenant = Tenant::open(&options)?;
        let listening = |source| Error::Listen { port: options.port, source };
        let listener =
            std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).map_err(listening)?;
        listener.set_nonblocking(true).map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Error::Thread)?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox-tenant".to_owned())
            .spawn(move || run(&runtime, listener, tenant, stopped))
            .map_err(Error::Thread)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// `http://127.0.0.1:PORT`: login host and Graph host alike.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Blocks until the process is told to stop (Ctrl-C or a termination signal), then stops.
    pub fn wait(self) {
        // On a thread of its own: the caller may be inside a runtime, which can't be blocked on.
        let told = std::thread::spawn(|| {
            if let Ok(runtime) = Builder::new_current_thread().enable_all().build() {
                runtime.block_on(told_to_stop());
            }
        });
        let _ = told.join();
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}

fn run(
    runtime: &Runtime,
    listener: std::net::TcpListener,
    tenant: Tenant,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async move {
        let Ok(listener) = TcpListener::from_std(listener) else { return };
        serve(&listener, &Arc::new(Mutex::new(tenant)), stopped).await;
    });
}

async fn serve(
    listener: &TcpListener,
    tenant: &Arc<Mutex<Tenant>>,
    mut stopped: oneshot::Receiver<()>,
) {
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => break,
        };
        // A failed accept concerns one client (it hung up, or descriptors ran out for a moment).
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let tenant = Arc::clone(tenant);
        let service = service_fn(move |request| http::answer(Arc::clone(&tenant), request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        // Its error is the client's hanging up, or our own cut.
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            let _ = connection.await;
        });
    }
    let _ = tokio::time::timeout(PATIENCE, connections.shutdown()).await;
}
