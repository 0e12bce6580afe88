//! A reverse proxy between a client and the tenant, which keeps what passed.
//!
//! It changes nothing: the tenant sees the host that the client spoke to, and builds its links from it.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::contract::CONTRACT;
use crate::exchange::{Content, Exchange};
use crate::judgement::{Violation, violations};

/// A running proxy; stops when dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    passed: Arc<Mutex<Vec<Exchange>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Stands in front of the server at `upstream`.
    pub(crate) fn before(upstream: &str) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let passed = Arc::default();
        let (stop, stopped) = oneshot::channel();
        let road = Arc::new(Road {
            upstream: upstream.to_owned(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            passed: Arc::clone(&passed),
        });
        let thread = std::thread::spawn(move || serve(listener, &road, stopped));
        Self { address, passed, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that passed since the last call.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.passed.lock().unwrap())
    }

    /// Fails with every violation in what passed; gives the operations that were used.
    #[track_caller]
    pub(crate) fn contract_is_kept(&self) -> BTreeSet<&'static str> {
        let passed = self.take();
        let found: BTreeSet<Violation> = passed.iter().flat_map(violations).collect();
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "{} violations:\n{}", lines.len(), lines.join("\n"));
        let items = passed.iter().flat_map(Exchange::items);
        let all: Vec<Exchange> = items.chain(passed.iter().cloned()).collect();
        all.iter()
            .filter_map(|exchange| CONTRACT.find(&exchange.method, exchange.path()))
            .map(|operation| operation.name.as_str())
            .collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Road {
    upstream: String,
    client: reqwest::Client,
    passed: Arc<Mutex<Vec<Exchange>>>,
}

fn serve(listener: std::net::TcpListener, road: &Arc<Road>, mut stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let (stream, _) = tokio::select! {
                accepted = listener.accept() => accepted.unwrap(),
                _ = &mut stopped => return,
            };
            let road = Arc::clone(road);
            let service = service_fn(move |request| {
                let road = Arc::clone(&road);
                async move { road.pass(request).await }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
}

impl Road {
    /// Passes one request on; without an answer the client's connection ends as the tenant's did.
    async fn pass(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, reqwest::Error> {
        let (head, body) = request.into_parts();
        let sent = body.collect().await.map(http_body_util::Collected::to_bytes);
        let sent = sent.unwrap_or_default();
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let url = format!("{}{target}", self.upstream);
        let request = self.client.request(head.method.clone(), url);
        let request = request.headers(of_message(&head.headers)).body(sent.clone());
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), of_message(answer.headers()));
        let answered = answer.bytes().await?;
        let text = |name: &str, headers: &HeaderMap| {
            headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let media = |headers: &HeaderMap| text(CONTENT_TYPE.as_str(), headers);
        self.passed.lock().unwrap().push(Exchange {
            method: head.method.to_string(),
            target: target.to_owned(),
            sent: Content::read(media(&head.headers).as_deref(), &sent),
            status: status.as_u16(),
            request_id: text("request-id", &headers),
            answered: Content::read(media(&headers).as_deref(), &answered),
        });
        let mut response = Response::new(Full::new(answered));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// The headers that belong to the message, not to a connection.
fn of_message(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        kept.remove(name);
    }
    kept
}
