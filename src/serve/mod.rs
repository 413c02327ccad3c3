//! Serves the same operations over HTTP on loopback, for SDKs.
//!
//! A request is turned into members by the route and the shapes of its operation
//! ([`Route`](crate::operation::route::Route)). There is a file for each protocol. The operation is called, and its
//! answer is written in the protocol's form. Nothing is kept between two requests: each request opens the state
//! directory through the [`Host`], and reads it once or edits it once.
//!
//! ```text
//! connection ─ exchange ─ door (host, key, signature) ─ services ─ protocol ─ Host::open ─ Session::call
//! ```

mod canned;
mod cbor;
mod chunks;
mod connection;
mod door;
mod exchange;
mod head;
mod json;
mod json_rpc;
mod peer;
mod query;
mod refusal;
mod reply;
mod rest_json;
mod rest_xml;
mod rpc_cbor;
mod services;
mod signature;
mod stream;
mod sums;
mod wait;
#[cfg(test)]
mod walk;
mod xml;

use std::{
    collections::BTreeMap,
    fmt, io,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::Value;

pub use canned::{Canned, CannedError};
pub use door::{Key, key_id};
pub use peer::Socket;
pub use reply::Handed;
pub use signature::authorization;

use crate::{
    operation::{Entry, Result, sts::caller::Caller},
    store::Store,
};
use wait::Bell;

/// The most connections at the same time. One connection more replaces a connection that only waits.
const MOST: usize = 128;

/// The state that answers requests. In a rehearsal, the state is the fork.
pub trait Host: Send + Sync {
    /// Opens the state for one request.
    ///
    /// # Errors
    /// When the state cannot be opened.
    fn open(&self, client: &Client<'_>) -> Result<Box<dyn Session>>;

    /// The moment with which signatures are compared. It is the machine's time, even if the state has another time.
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    /// Handles a request that calls no operation. If this function returns an answer, the client receives that answer
    /// instead of the refusal.
    fn turned_away(&self, _: &Stranger<'_>) -> Option<Instead> {
        None
    }

    /// Returns true if requests that are not simulated are passed on. The server then keeps the whole of such a
    /// request.
    fn hands_over(&self) -> bool {
        false
    }
}

/// The state as one request sees it.
pub trait Session {
    /// The directory, for spools.
    fn store(&self) -> &Store;

    /// Calls the operation.
    ///
    /// # Errors
    /// The operation's errors.
    fn call(&self, call: &Call<'_>, request: Value) -> Result<Value>;
}

/// A call and the client that made it.
#[derive(Debug)]
pub struct Call<'a> {
    /// The name of the service on the command line.
    pub service: &'static str,
    /// The operation.
    pub entry: &'static Entry,
    /// AWS's name for the requested operation, or for another form of it.
    pub asked: &'static str,
    /// The region in the request's signature.
    pub region: &'a str,
    /// The caller, identified by the session token of the request.
    pub caller: &'a Caller,
    /// The client that made the call.
    pub client: &'a Client<'a>,
    /// The id that the answer carries.
    pub request_id: &'a str,
}

/// The client that made a request: the facts about it that the request and its connection give.
#[derive(Debug)]
pub struct Client<'a> {
    /// The client's own name for itself.
    pub agent: Option<&'a str>,
    /// True if the client says that a waiter makes the call.
    pub waits: bool,
    /// The id of the key that the request names.
    pub key: Option<&'a str>,
    /// The client's id for the call. A retry has the same id.
    pub invocation: Option<&'a str>,
    /// The client's end of the connection. The system can find the client's process by it.
    pub peer: SocketAddr,
    /// The server's end.
    pub local: SocketAddr,
    /// The number of the connection.
    pub connection: u64,
}

/// An answer instead of a refusal.
#[derive(Debug)]
pub enum Instead {
    /// The text that a command would print, in the form of the request's protocol.
    Canned(Canned),
    /// Another server's answer, unchanged.
    Handed(Handed),
}

/// A request for which no operation is called.
#[derive(Debug)]
pub struct Stranger<'a> {
    /// The reason why no operation is called.
    pub why: Why,
    /// The client that made the request.
    pub client: &'a Client<'a>,
    /// `POST`
    pub method: &'a str,
    /// The request's path. The query is left out, because it may hold a signature.
    pub path: &'a str,
    /// The service: its name on the command line. If that name is unknown, its name in signatures.
    pub service: Option<&'a str>,
    /// The service's name in the signature, and the region.
    pub scope: Option<(&'a str, &'a str)>,
    /// The operation that the request asks for, if it is known: `PutItem`.
    pub operation: Option<String>,
    /// The members of the request's body that were read.
    pub members: Value,
    /// The request's query, unchanged, without the question mark.
    pub query: &'a str,
    /// The request's headers, with names in lower case.
    pub headers: &'a [(String, String)],
    /// The request's body, if it is passed on; `None` if the body is too large to be kept.
    pub body: Option<&'a [u8]>,
}

/// The reason why no operation is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// AWS has the operation, and this server does not.
    NotSimulated,
    /// The request was not admitted or cannot be read. The text gives the reason.
    Refused(String),
}

/// Options of a server.
#[derive(Debug)]
pub struct Options {
    /// The keys that the server accepts.
    pub keys: Vec<Key>,
    /// Names that a Host header may have, in addition to those of loopback and AWS.
    pub names: Vec<String>,
}

/// The state that all connections share.
struct Shared {
    host: Arc<dyn Host>,
    options: Options,
    bell: Bell,
    crowd: Crowd,
}

/// The open connections.
#[derive(Default)]
struct Crowd {
    open: Mutex<BTreeMap<u64, Arc<Member>>>,
    left: Condvar,
}

/// An open connection.
struct Member {
    stream: Arc<TcpStream>,
    /// The time at which the connection began to wait for a request, in milliseconds after the server's start; 0 while
    /// the connection does not wait.
    idle: AtomicU64,
}

impl Crowd {
    /// Waits until there is room for a connection, and admits it.
    fn enter(&self, number: u64, stream: Arc<TcpStream>) -> Arc<Member> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        while open.len() >= MOST {
            // The connection that has waited the longest is closed; its client opens another connection when it needs
            // one.
            let idle = |member: &Arc<Member>| member.idle.load(Ordering::Relaxed);
            let mut waiting: Vec<_> = open.values().filter(|member| idle(member) > 0).collect();
            waiting.sort_by_key(|member| idle(member));
            if let Some(member) = waiting.first() {
                let _ = member.stream.shutdown(std::net::Shutdown::Both);
            }
            open = self
                .left
                .wait_timeout(open, Duration::from_millis(100))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        let member = Arc::new(Member {
            stream,
            idle: AtomicU64::new(0),
        });
        open.insert(number, Arc::clone(&member));
        member
    }

    fn leave(&self, number: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&number);
        self.left.notify_all();
    }

    /// Waits until all connections have ended.
    fn empty(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        while !open.is_empty() {
            open = self.left.wait(open).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A running server. After [`Server::end`] is called, it finishes the running calls and ends.
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// The address of the listener.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Admits no more requests. Returns when all running requests are answered.
    pub fn end(mut self) {
        self.finish();
    }

    fn finish(&mut self) {
        self.shared.bell.ring();
        if let Some(accepting) = self.accepting.take() {
            // A thread that panicked leaves nothing to wait for.
            let _ = accepting.join();
            self.shared.crowd.empty();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Starts to serve on the given listener, in new threads.
///
/// # Errors
/// When the system does not allow it.
pub fn serve(listener: TcpListener, host: Arc<dyn Host>, options: Options) -> io::Result<Server> {
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared {
        host,
        options,
        bell: Bell::new()?,
        crowd: Crowd::default(),
    });
    let accepting = {
        let shared = Arc::clone(&shared);
        thread::Builder::new()
            .name("accept".to_owned())
            .spawn(move || accept(&listener, &shared))?
    };
    Ok(Server {
        shared,
        address,
        accepting: Some(accepting),
    })
}

/// Takes connections until the bell rings.
fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let began = Instant::now();
    let mut number = 0;
    while !shared.bell.has_rung() {
        match listener.accept() {
            Ok((stream, peer)) => {
                number += 1;
                admit(stream, peer, number, began, shared);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let hour = Duration::from_secs(3600);
                let _ = wait::either(listener, true, false, Some(&shared.bell), hour);
            }
            // For example, the process has no free descriptors. Open connections will end and free some.
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Starts a thread for a connection.
fn admit(stream: TcpStream, peer: SocketAddr, number: u64, began: Instant, shared: &Arc<Shared>) {
    let Ok(local) = stream.local_addr() else {
        return;
    };
    let stream = Arc::new(stream);
    let member = shared.crowd.enter(number, Arc::clone(&stream));
    let of_thread = Arc::clone(shared);
    let spawned = thread::Builder::new()
        .name("connection".to_owned())
        .spawn(move || {
            let shared = of_thread;
            let idle = |waits: bool| {
                let since = match waits {
                    true => (began.elapsed().as_millis() as u64).max(1),
                    false => 0,
                };
                if (since == 0) != (member.idle.load(Ordering::Relaxed) == 0) {
                    member.idle.store(since, Ordering::Relaxed);
                }
            };
            // A failed connection concerns only its client, because answered calls are already on the disk.
            let _ = connection::serve(stream, &shared.bell, &idle, |request| {
                exchange::answer(&shared, [peer, local], number, request)
            });
            shared.crowd.leave(number);
        });
    if spawned.is_err() {
        shared.crowd.leave(number);
    }
}
