//! A reverse proxy between the clients and the tenant, which keeps what passes, so that it can be
//! judged.
//!
//! It changes nothing: the tenant sees the host that the client spoke to, and builds its links from
//! it. What the tenant does wrong on purpose arrives as it left: a cut is a cut, half an answer is
//! half an answer, and before a tenant that is gone nobody listens.
#![allow(dead_code, reason = "the contract test looks at more than the stories do")]

mod contract;
pub(crate) mod exchange;
mod json_schema;
pub(crate) mod judgement;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpSocket;
use tokio::sync::oneshot;

use contract::CONTRACT;
use exchange::{Content, Exchange};
use judgement::{Violation, violations};

/// A proxy with an address of its own, which stays its own while nobody listens there.
pub(crate) struct Proxy {
    address: SocketAddr,
    /// Keeps the port from everybody else.
    port: TcpSocket,
    passed: Arc<Mutex<Vec<Exchange>>>,
    road: Option<OpenRoad>,
}

/// The proxy at work.
struct OpenRoad {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Proxy {
    /// An address where nobody listens yet.
    pub(crate) fn closed() -> Self {
        let port = bound("127.0.0.1:0".parse().unwrap());
        let address = port.local_addr().unwrap();
        Self { address, port, passed: Arc::default(), road: None }
    }

    /// From now on passes everything on to the server at `upstream`.
    pub(crate) fn open(&mut self, upstream: &str) {
        let road = Arc::new(Road {
            upstream: upstream.to_owned(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            passed: Arc::clone(&self.passed),
        });
        let (stop, stopped) = oneshot::channel();
        let (listens, is_listening) = std::sync::mpsc::channel();
        let socket = bound(self.address);
        let thread = std::thread::spawn(move || serve(socket, &road, &listens, stopped));
        is_listening.recv().unwrap();
        self.road = Some(OpenRoad { stop, thread });
    }

    /// Ends all connections, and refuses new ones.
    pub(crate) fn close(&mut self) {
        if let Some(OpenRoad { stop, thread }) = self.road.take() {
            drop(stop);
            let _ = thread.join();
        }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that passed since the last call.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.passed.lock().unwrap())
    }

    /// The access tokens that were given, to whomever and for whichever service.
    pub(crate) fn tokens(&self) -> BTreeSet<String> {
        let passed = self.passed.lock().unwrap();
        let answers = passed.iter().filter_map(|exchange| exchange.answered.as_ref());
        answers
            .filter_map(|content| content.value["access_token"].as_str())
            .map(str::to_owned)
            .collect()
    }

    /// How many answers had that status, those to the items of batches included.
    pub(crate) fn answers(&self, status: u16) -> usize {
        let passed = self.passed.lock().unwrap();
        let all = passed.iter().cloned().chain(passed.iter().flat_map(Exchange::items));
        all.filter(|exchange| exchange.status == status).count()
    }

    /// The statuses of each batch's items, in the order in which they were asked.
    pub(crate) fn batches(&self) -> Vec<Vec<u16>> {
        let passed = self.passed.lock().unwrap();
        let items = passed.iter().map(Exchange::items).filter(|items| !items.is_empty());
        items.map(|items| items.iter().map(|item| item.status).collect()).collect()
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
        self.close();
    }
}

/// A socket at that address, beside others of ours.
fn bound(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

struct Road {
    upstream: String,
    client: reqwest::Client,
    passed: Arc<Mutex<Vec<Exchange>>>,
}

fn serve(
    socket: TcpSocket,
    road: &Arc<Road>,
    listens: &std::sync::mpsc::Sender<()>,
    mut stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let listener = socket.listen(1024).unwrap();
        listens.send(()).unwrap();
        loop {
            let (stream, _) = tokio::select! {
                accepted = listener.accept() => accepted.unwrap(),
                _ = &mut stopped => return,
            };
            stream.set_nodelay(true).unwrap();
            let road = Arc::clone(road);
            let service = service_fn(move |request| Arc::clone(&road).pass(request));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
}

type Body = BoxBody<Bytes, Cut>;

/// The other side ended its connection.
#[derive(Debug, thiserror::Error)]
#[error("the connection ended")]
struct Cut;

impl Road {
    /// Passes one request on; without an answer the client's connection ends as the tenant's did.
    async fn pass(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let (head, body) = request.into_parts();
        let sent = body.collect().await.map_err(|_| Cut)?.to_bytes();
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let url = format!("{}{target}", self.upstream);
        let mut headers = of_message(&head.headers);
        headers.remove(CONTENT_LENGTH);
        let media = |headers: &HeaderMap| text(CONTENT_TYPE.as_str(), headers);
        let lost = Exchange {
            method: head.method.to_string(),
            target: target.to_owned(),
            sent: Content::read(media(&head.headers).as_deref(), &sent),
            is_lost: true,
            status: 0,
            request_id: None,
            answered: None,
        };
        let request = self.client.request(head.method, url).headers(headers).body(sent);
        let Ok(answer) = request.send().await else {
            self.keep(lost);
            return Err(Cut);
        };
        let (status, headers) = (answer.status(), of_message(answer.headers()));
        let half =
            Exchange { status: status.as_u16(), request_id: text("request-id", &headers), ..lost };
        let mut response = Response::new(self.carry(answer, half, media(&headers)).await?);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// The answer's body, piece by piece as it comes. The exchange is kept before the last one goes:
    /// who has the answer finds it there.
    async fn carry(
        self: Arc<Self>,
        mut answer: reqwest::Response,
        half: Exchange,
        media: Option<String>,
    ) -> Result<Body, Cut> {
        let mut next = match answer.chunk().await {
            Ok(Some(first)) => first,
            Ok(None) => {
                self.keep(Exchange { is_lost: false, ..half });
                return Ok(Empty::new().map_err(|never| match never {}).boxed());
            }
            Err(_) => {
                self.keep(half);
                return Err(Cut);
            }
        };
        let (mut client, body): (Sender<Bytes, Cut>, _) = Channel::new(1);
        tokio::spawn(async move {
            let mut answered = Vec::new();
            loop {
                answered.extend_from_slice(&next);
                let following = answer.chunk().await;
                if let Ok(None) = following {
                    let answered = Content::read(media.as_deref(), &answered);
                    self.keep(Exchange { is_lost: false, answered, ..half });
                    let _ = client.send_data(next).await;
                    return;
                }
                let is_gone = client.send_data(next).await.is_err();
                match following {
                    Ok(Some(piece)) if !is_gone => next = piece,
                    _ => break,
                }
            }
            self.keep(half);
            // What came before the end of the connection arrives before it, as it did here.
            tokio::time::sleep(Duration::from_millis(20)).await;
            client.abort(Cut);
        });
        Ok(body.boxed())
    }

    fn keep(&self, exchange: Exchange) {
        self.passed.lock().unwrap().push(exchange);
    }
}

fn text(name: &str, headers: &HeaderMap) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The headers that belong to the message, not to a connection.
fn of_message(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for name in [CONNECTION, TRANSFER_ENCODING] {
        kept.remove(name);
    }
    kept
}
