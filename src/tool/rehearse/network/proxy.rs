//! The proxy of a rehearsal. Under `registries` it listens inside the namespace, connects from outside, and lets the
//! [`Hosts`] through; under `open` it lets everything through but AWS's API ([`Open`]).
//!
//! `CONNECT host:port` opens a tunnel, whose bytes nobody reads; `GET http://host/…` is passed on to the host that it
//! names. A host that is not allowed is answered with 403 and noted for the report. If this machine has a proxy of its
//! own, allowed requests go through that proxy.
//!
//! Under `open`, [`super::node`] and [`super::trap`] also send connections for hosts of AWS here that are not made for a
//! proxy. The first message of TLS or the header `Host` names the host.

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use super::{
    Network, Refused, Why,
    client::{self, Asking},
    configured::{Outer, Through},
    hosts::{self, Hosts},
    namespace,
    open::Open,
    tls,
};
use crate::face::exit::Stop;
use crate::state::plain::plain;

/// The largest head of a request, in bytes.
const HEAD: usize = 64 << 10;

/// The time limit for the arrival of a head, and for the making of a connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// The largest number of parallel connections. Any further connection waits until one of them ends.
const MOST: usize = 512;

/// The largest number of refused hosts that are remembered.
const REMEMBERED: usize = 1000;

/// A proxy. It runs until the process ends.
#[derive(Debug)]
pub(super) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

/// The state that the proxy's threads share.
#[derive(Debug)]
struct Shared {
    rule: Rule,
    outer: Outer,
    refused: Mutex<Vec<Refused>>,
    connections: AtomicUsize,
    /// The largest number of them.
    most: usize,
}

/// The rule that decides which hosts are reached.
#[derive(Debug)]
enum Rule {
    /// No hosts but these.
    Registries(Hosts),
    /// All hosts but AWS's API.
    Open(Open),
}

impl Rule {
    /// Returns the reason why a request is refused; `None` if it is allowed.
    fn refuses(&self, request: &Request, head: &str, asking: &Asking) -> Option<Why> {
        let plain = (!request.is_tunnel).then_some(head);
        match self {
            Self::Registries(hosts) => hosts.refuses(&request.host, request.port),
            Self::Open(open) => open.refuses(&request.host, request.port, plain, &|| {
                asking.client(request.agent.as_deref())
            }),
        }
    }
}

/// A listener, by the destination of its connections.
enum Door {
    /// The connections go to the proxy.
    Proxy(TcpListener),
    /// The connections go to the proxy. Their clients take it for a host of AWS.
    Trap(TcpListener),
    /// The connections go to the same port of this machine's own loopback.
    Loopback(TcpListener, u16),
}

impl Proxy {
    /// Leaves the network for a namespace that has only the loopback, and starts to listen there.
    ///
    /// # Errors
    /// The namespace cannot be set up, or a port is in use.
    pub(super) fn start(hosts: Hosts, outer: Outer) -> Result<Self, Stop> {
        let ports = hosts.loopback.clone();
        let shared = Shared::new(Rule::Registries(hosts), outer);
        let (hand_over, doors) = mpsc::channel();
        let keeper = Arc::clone(&shared);
        namespace::leave(
            Network::Registries,
            Some(Box::new(move || {
                for door in doors {
                    let shared = Arc::clone(&keeper);
                    let _ = thread::Builder::new().spawn(move || keep(door, &shared));
                }
            })),
        )?;
        let listen = |port: u16| {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
                Stop::Other(format!(
                    "cannot listen on the rehearsal's loopback: {}",
                    plain(&error)
                ))
            })
        };
        let listener = listen(0)?;
        let port = listener
            .local_addr()
            .map_err(|error| Stop::Other(plain(&error)))?
            .port();
        let mut all = vec![Door::Proxy(listener)];
        for port in ports {
            all.push(Door::Loopback(listen(port)?, port));
        }
        for door in all {
            hand_over.send(door).map_err(|_| {
                Stop::Other("the thread outside the namespace has ended".to_owned())
            })?;
        }
        Ok(Self { port, shared })
    }

    /// Begins to answer on a listener of this machine's own network, and on that of the trap, to which names of AWS lead.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub(super) fn open(
        listener: TcpListener,
        trap: Option<TcpListener>,
        open: Open,
        outer: Outer,
    ) -> io::Result<Self> {
        let port = listener.local_addr()?.port();
        let shared = Shared::new(Rule::Open(open), outer);
        for door in std::iter::once(Door::Proxy(listener)).chain(trap.map(Door::Trap)) {
            let keeper = Arc::clone(&shared);
            thread::Builder::new().spawn(move || keep(door, &keeper))?;
        }
        Ok(Self { port, shared })
    }

    /// The port on which it listens.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The hosts that were refused so far, in the order of the first request.
    pub(super) fn refused(&self) -> Vec<Refused> {
        let refused = self.shared.refused.lock();
        refused.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Shared {
    fn new(rule: Rule, outer: Outer) -> Arc<Self> {
        Arc::new(Self {
            rule,
            outer,
            refused: Mutex::default(),
            connections: AtomicUsize::new(0),
            most: MOST,
        })
    }

    /// Takes a place among the parallel connections, and waits until there is one.
    fn take_place(&self) {
        while self.connections.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.connections.fetch_sub(1, Ordering::Relaxed);
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// This machine's own proxy, where a request goes through it.
    fn through(&self, request: &Request) -> Option<&Through> {
        self.outer.of(&request.host, request.is_tunnel)
    }

    /// Connects to the host of a request, if the rule and the host's address allow it.
    fn reach(&self, request: &Request, head: &str, asking: &Asking) -> io::Result<Reached> {
        if let Some(why) = self.rule.refuses(request, head, asking) {
            return Ok(Reached::Refused(why));
        }
        match self.through(request) {
            Some(proxy) => reach_through(proxy, request, head),
            None => reach(request, matches!(self.rule, Rule::Open(_))),
        }
    }
}

/// Answers a listener's connections until the process ends.
fn keep(door: Door, shared: &Arc<Shared>) {
    let listener = match &door {
        Door::Proxy(listener) | Door::Trap(listener) | Door::Loopback(listener, _) => listener,
    };
    let port = match door {
        Door::Proxy(_) | Door::Trap(_) => None,
        Door::Loopback(_, port) => Some(port),
    };
    let is_trap = matches!(door, Door::Trap(_));
    for stream in listener.incoming() {
        let Ok(stream) = stream else {
            // There are no free file descriptors. Connections that end will free some.
            thread::sleep(Duration::from_millis(20));
            continue;
        };
        shared.take_place();
        let of = Arc::clone(shared);
        let spawned = thread::Builder::new().spawn(move || {
            // If the client has closed the connection, nobody needs the error.
            let _ = match port {
                None => serve(stream, &of, is_trap),
                Some(port) => connect(&own(port)).and_then(|to| pass(stream, to)),
            };
            of.connections.fetch_sub(1, Ordering::Relaxed);
        });
        if spawned.is_err() {
            shared.connections.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// The addresses of a port of this machine's own loopback.
fn own(port: u16) -> [SocketAddr; 2] {
    [
        (Ipv4Addr::LOCALHOST, port).into(),
        (std::net::Ipv6Addr::LOCALHOST, port).into(),
    ]
}

/// Answers one request and passes on the rest of the bytes on its connection. A client of the trap's wants a host of AWS,
/// whatever it sends, so each is noted.
fn serve(mut stream: TcpStream, shared: &Shared, is_trap: bool) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let is_open = matches!(shared.rule, Rule::Open(_));
    let asking = Asking::of(&stream);
    if is_open && tls::is_one(&stream) {
        return serve_tls(stream, shared, &asking);
    }
    let read = read_head(&mut stream);
    let request = read
        .as_ref()
        .ok()
        .and_then(Option::as_ref)
        .and_then(|(head, _)| {
            let led_here = || Request::led_here(head).filter(|_| is_open);
            Request::read(head).or_else(led_here)
        });
    if is_trap && request.is_none() {
        shared.note(&Request::of_nobody(&stream), Why::Aws, &asking);
    }
    let Some((head, rest)) = read? else {
        return Ok(());
    };
    let Some(request) = request else {
        return answer(
            &mut stream,
            "400 Bad Request",
            "this proxy is only for http and https",
        );
    };
    let mut to = match shared.reach(&request, &head, &asking) {
        Ok(Reached::Open(to)) => to,
        Ok(Reached::Refused(why)) => return refuse(&mut stream, shared, &request, why, &asking),
        // Without the proxy there would be no answer, and a script that asks if a server is up looks at that.
        Err(_) if is_open && !request.is_tunnel => return Ok(()),
        Err(error) => {
            let text = format!(
                "cannot reach {}:{}: {}",
                request.host,
                request.port,
                plain(&error)
            );
            return answer(&mut stream, "502 Bad Gateway", &text);
        }
    };
    if request.is_tunnel {
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    } else {
        let through = shared.through(&request);
        to.write_all(request.passed_on(&head, through, is_open).as_bytes())?;
    }
    to.write_all(&rest)?;
    pass(stream, to)
}

/// Answers a connection that begins with TLS: a client was told that the host is here.
fn serve_tls(mut stream: TcpStream, shared: &Shared, asking: &Asking) -> io::Result<()> {
    let hello = tls::hello(&mut stream);
    let named = hello.as_ref().ok().and_then(|hello| tls::name(hello));
    let request = match named {
        Some(name) => Request::tunnel(name, 443),
        None => Request::of_nobody(&stream),
    };
    let reached = match hosts::is_aws(&hosts::plain(&request.host)) {
        true => shared.reach(&request, "", asking),
        // Nobody is led here for another host.
        false => Ok(Reached::Refused(Why::Aws)),
    };
    match reached? {
        Reached::Refused(why) => {
            shared.note(&request, why, asking);
            stream.write_all(&tls::DENIED)
        }
        Reached::Open(mut to) => {
            to.write_all(&hello?)?;
            pass(stream, to)
        }
    }
}

/// The connection that a request asked for.
enum Reached {
    Open(TcpStream),
    Refused(Why),
}

/// Connects to the host of a request. `inside` is true if this machine's own addresses are reached, too.
fn reach(request: &Request, inside: bool) -> io::Result<Reached> {
    let is_by_address = request.host.parse::<IpAddr>().is_ok();
    // A name of the loopback stands for both of its addresses.
    if inside && !is_by_address && hosts::is_loopback(&hosts::plain(&request.host)) {
        return connect(&own(request.port)).map(Reached::Open);
    }
    let found: Vec<SocketAddr> = (request.host.as_str(), request.port)
        .to_socket_addrs()?
        .collect();
    // The owner of a host name decides to which address the name leads, so the address is checked as well.
    if let Some(why) = found.iter().find_map(hosts::is_inside)
        && !(is_by_address && (inside || why == Why::NotNamed))
        && !(inside && why == Why::NotNamed)
    {
        return Ok(Reached::Refused(why));
    }
    connect(&found).map(Reached::Open)
}

/// Connects to the first of the given addresses that answers.
fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "it has no address");
    for address in addresses {
        match TcpStream::connect_timeout(address, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// Connects through this machine's own proxy. For a tunnel, that proxy connects further to the host. For other
/// requests, the connection ends at that proxy.
fn reach_through(proxy: &Through, request: &Request, head: &str) -> io::Result<Reached> {
    let addresses: Vec<SocketAddr> = (proxy.host.as_str(), proxy.port)
        .to_socket_addrs()?
        .collect();
    let mut to = connect(&addresses)?;
    if !request.is_tunnel {
        return Ok(Reached::Open(to));
    }
    let agent = header(head, "user-agent").map(|agent| format!("User-Agent: {agent}\r\n"));
    let authority = request.authority();
    let asked = format!(
        "CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{}{}\r\n",
        agent.unwrap_or_default(),
        proxy.authorization()
    );
    to.write_all(asked.as_bytes())?;
    to.set_read_timeout(Some(PATIENCE))?;
    // The head is read byte by byte, because the bytes after it belong to the tunnel.
    let mut answered = Vec::new();
    let mut byte = [0];
    while !answered.ends_with(b"\r\n\r\n") {
        if answered.len() >= HEAD || to.read(&mut byte)? == 0 {
            return Err(io::Error::other("this machine's proxy did not answer"));
        }
        answered.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&answered);
    let first = text.lines().next().unwrap_or_default();
    match first.split(' ').nth(1) {
        Some(code) if code.starts_with('2') => Ok(Reached::Open(to)),
        _ => Err(io::Error::other(format!(
            "this machine's proxy says: {first}"
        ))),
    }
}

/// Passes bytes in both directions until both sides have ended.
fn pass(from: TcpStream, to: TcpStream) -> io::Result<()> {
    for stream in [&from, &to] {
        stream.set_read_timeout(None)?;
        stream.set_nodelay(true)?;
    }
    let (mut up, mut down) = ((from.try_clone()?, to.try_clone()?), (to, from));
    let back = thread::Builder::new().spawn(move || {
        let _ = io::copy(&mut down.0, &mut down.1);
        let _ = down.1.shutdown(Shutdown::Write);
    })?;
    let _ = io::copy(&mut up.0, &mut up.1);
    let _ = up.1.shutdown(Shutdown::Write);
    let _ = back.join();
    Ok(())
}

impl Shared {
    /// Notes a refusal for the report.
    fn note(&self, request: &Request, why: Why, asking: &Asking) {
        let host = request.authority();
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match refused.iter().position(|it| it.host == host) {
            Some(again) => refused[again].times += 1,
            None if refused.len() < REMEMBERED => {
                let program = asking.program();
                refused.push(Refused {
                    host,
                    why,
                    agent: request.agent.clone(),
                    by: program.map(client::Program::line),
                    place: program.and_then(client::Program::place),
                    times: 1,
                });
            }
            None => {}
        }
    }
}

/// Notes a refusal and sends it.
fn refuse(
    stream: &mut TcpStream,
    shared: &Shared,
    request: &Request,
    why: Why,
    asking: &Asking,
) -> io::Result<()> {
    shared.note(request, why, asking);
    let host = request.authority();
    let text = match why {
        Why::Aws => format!("{host} belongs to AWS, which a rehearsal never reaches"),
        Why::S3 => format!("{host} belongs to S3, which only plain downloads reach in a rehearsal"),
        Why::NotNamed | Why::Declined => {
            format!("{host} is not a package registry, and lambdry.toml does not name it")
        }
    };
    answer(stream, "403 Refused in a rehearsal", &text)
}

/// Sends the given sentence as the answer.
fn answer(stream: &mut TcpStream, status: &str, text: &str) -> io::Result<()> {
    let text = format!("lambdry rehearse: {text}\n");
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        text.len()
    );
    stream.write_all((head + &text).as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    // If more of the body arrived after the close, the system would reset the connection, and the client would not get
    // the answer.
    io::copy(&mut stream.take(1 << 20), &mut io::sink()).map(drop)
}

/// Reads a head, and those bytes of the body that arrived together with the head; `None` if the client sends no
/// request.
fn read_head(stream: &mut TcpStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = read.split_off(end + 4);
            return Ok(String::from_utf8(read).ok().map(|head| (head, rest)));
        }
        if read.len() >= HEAD {
            return Ok(None);
        }
        match stream.read(&mut chunk)? {
            0 => return Ok(None),
            some => read.extend_from_slice(&chunk[..some]),
        }
    }
}

/// The parts of a head that the proxy uses: the first line and some headers.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    method: String,
    host: String,
    port: u16,
    /// The path of a request that is not a tunnel.
    path: String,
    is_tunnel: bool,
    agent: Option<String>,
}

impl Request {
    /// Reads `CONNECT host:443 HTTP/1.1` and `GET http://host/path HTTP/1.1`; `None` for any other first line.
    fn read(head: &str) -> Option<Self> {
        let mut words = head.lines().next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if !version.starts_with("HTTP/1.") || words.next().is_some() {
            return None;
        }
        let is_tunnel = method == "CONNECT";
        let (authority, path) = match is_tunnel {
            true => (target, ""),
            false => {
                let scheme = target.get(..7)?;
                let rest = &target[7..];
                scheme.eq_ignore_ascii_case("http://").then_some(())?;
                rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()))
            }
        };
        // A report must never show a user name and a password before a host.
        let authority = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let (name, port) = hosts::split(authority);
        let port = match port {
            Some(port) => port.parse().ok()?,
            None if is_tunnel => return None,
            None => 80,
        };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        let agent = header(head, "user-agent").and_then(|agent| agent.split(' ').next());
        Some(Self {
            method: method.to_owned(),
            host: name.to_owned(),
            port,
            path: match path.starts_with('/') {
                true => path.to_owned(),
                false => format!("/{path}"),
            },
            is_tunnel,
            agent: agent.map(|agent| agent.chars().take(60).collect()),
        })
    }

    /// A tunnel to a host.
    fn tunnel(host: String, port: u16) -> Self {
        Self {
            method: "CONNECT".to_owned(),
            host,
            port,
            path: "/".to_owned(),
            is_tunnel: true,
            agent: None,
        }
    }

    /// A tunnel to a host that the client did not name, by the address that the client asked.
    fn of_nobody(stream: &TcpStream) -> Self {
        let address = stream.local_addr().map(|it| it.ip().to_string());
        Self::tunnel(address.unwrap_or_default(), 443)
    }

    /// Reads `GET /path HTTP/1.1`, as a server gets it, for a host of AWS that its header `Host` names; `None` for any
    /// other.
    fn led_here(head: &str) -> Option<Self> {
        let (method, rest) = head.split_once(' ')?;
        let path = rest.starts_with('/').then_some(rest)?;
        let host = header(head, "host")?;
        let request = Self::read(&format!("{method} http://{host}{path}"))?;
        hosts::is_aws(&hosts::plain(&request.host)).then_some(request)
    }

    /// `example.com:443`
    fn authority(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }

    /// The head of a plain request in the form that is sent on. The host itself gets only the path, another proxy gets
    /// the whole address. The connection is used for one request, because the next one may be for another host. If
    /// `is_open` is true, the request may change the connection to another protocol, and the host itself gets the
    /// client's header `Host`, unless that names AWS: a server may tell its sites apart by it.
    fn passed_on(&self, head: &str, through: Option<&Through>, is_open: bool) -> String {
        let host = match self.port {
            80 if !self.host.contains(':') => self.host.clone(),
            _ => self.authority(),
        };
        let (target, authorization) = match through {
            None => (self.path.clone(), String::new()),
            Some(proxy) => (format!("http://{host}{}", self.path), proxy.authorization()),
        };
        let said = header(head, "host").filter(|said| {
            let (name, _) = hosts::split(said);
            is_open && through.is_none() && !hosts::is_aws(&hosts::plain(name))
        });
        let host = said.unwrap_or(&host);
        let mut passed = format!("{} {target} HTTP/1.1\r\nHost: {host}\r\n", self.method);
        const OURS: [&str; 6] = [
            "host",
            "connection",
            "proxy-connection",
            "proxy-authorization",
            "keep-alive",
            "upgrade",
        ];
        let upgrade = header(head, "upgrade").filter(|_| is_open);
        for line in head.split("\r\n").skip(1).filter(|line| !line.is_empty()) {
            let name = line.split(':').next().unwrap_or_default();
            if !OURS.contains(&name.trim().to_ascii_lowercase().as_str()) {
                passed.push_str(line);
                passed.push_str("\r\n");
            }
        }
        passed.push_str(&authorization);
        match upgrade {
            Some(to) => passed.push_str(&format!("Connection: Upgrade\r\nUpgrade: {to}\r\n\r\n")),
            None => passed.push_str("Connection: close\r\n\r\n"),
        }
        passed
    }
}

/// The value of the header that has the given name, in lower case.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.split("\r\n").skip(1);
    let mut pairs = lines.filter_map(|line| line.split_once(':'));
    let (_, value) = pairs.find(|(it, _)| it.eq_ignore_ascii_case(name))?;
    Some(value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_tunnels_and_whole_addresses_alone() {
        let read = |line: &str| Request::read(&format!("{line}\r\nUser-Agent: curl/8.5 x\r\n\r\n"));
        let of = |line: &str| {
            read(line).map(|it| (it.host.clone(), it.port, it.path.clone(), it.is_tunnel))
        };
        let some = |host: &str, port, path: &str, tunnel| {
            Some((host.to_owned(), port, path.to_owned(), tunnel))
        };
        for (line, expected) in [
            (
                "CONNECT pypi.org:443 HTTP/1.1",
                some("pypi.org", 443, "/", true),
            ),
            ("CONNECT [::1]:443 HTTP/1.1", some("::1", 443, "/", true)),
            (
                "GET http://deb.debian.org/debian/?x HTTP/1.1",
                some("deb.debian.org", 80, "/debian/?x", false),
            ),
            (
                "GET HTTP://a.example:81?x HTTP/1.0",
                some("a.example", 81, "/?x", false),
            ),
            (
                "GET http://good.example@evil.example/ HTTP/1.1",
                some("evil.example", 80, "/", false),
            ),
            (
                "GET http://evil.example#@good.example/ HTTP/1.1",
                some("evil.example", 80, "/#@good.example/", false),
            ),
            ("CONNECT pypi.org HTTP/1.1", None),
            ("CONNECT pypi.org:x HTTP/1.1", None),
            ("CONNECT pypi.org:443 x HTTP/1.1", None),
            ("CONNECT good.example\\evil:443 HTTP/1.1", None),
            ("CONNECT :443 HTTP/1.1", None),
            ("GET /here HTTP/1.1", None),
            ("GET https://pypi.org/ HTTP/1.1", None),
            ("GET é HTTP/1.1", None),
            ("", None),
        ] {
            assert_eq!(of(line), expected, "{line}");
        }
        assert_eq!(
            read("CONNECT a.example:1 HTTP/1.1")
                .unwrap()
                .agent
                .as_deref(),
            Some("curl/8.5")
        );
    }

    #[test]
    fn a_request_that_was_led_here_is_for_a_host_of_aws_alone() {
        let of = |host: &str| {
            let head = format!("POST /q?x HTTP/1.1\r\nHost: {host}\r\n\r\n");
            Request::led_here(&head).map(|it| (it.authority(), it.path))
        };
        let expected = (
            "sqs.eu-west-1.amazonaws.com:80".to_owned(),
            "/q?x".to_owned(),
        );
        assert_eq!(of("sqs.eu-west-1.amazonaws.com"), Some(expected));
        for host in ["127.0.0.1:8080", "example.com", "", "a b"] {
            assert_eq!(of(host), None, "{host}");
        }
    }

    #[test]
    fn a_request_goes_on_for_the_host_that_it_names_and_for_nothing_after_it() {
        let head = "GET http://a.example/p?q HTTP/1.1\r\nHost: evil.example\r\nAccept: */*\r\nProxy-Authorization: x\r\nConnection: keep-alive\r\n\r\n";
        let request = Request::read(head).unwrap();
        assert_eq!(
            request.passed_on(head, None, false),
            "GET /p?q HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        );
        let proxy = Through::read("http://me:p%40ss@proxy.example:3128").unwrap();
        let upgrade = head.replace("keep-alive", "Upgrade\r\nUpgrade: tcp");
        assert_eq!(
            request.passed_on(&upgrade, None, true),
            "GET /p?q HTTP/1.1\r\nHost: evil.example\r\nAccept: */*\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
        );
        assert_eq!(
            request.passed_on(
                &head.replace("evil.example", "sqs.eu-west-1.amazonaws.com:80"),
                None,
                true
            ),
            "GET /p?q HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(
            request.passed_on(head, Some(&proxy), true),
            "GET http://a.example/p?q HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(
            request.passed_on(head, Some(&proxy), false),
            "GET http://a.example/p?q HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\nConnection: close\r\n\r\n"
        );
    }

    /// A proxy of an open network with one door, and the address of that door.
    fn proxy(most: usize, door: fn(TcpListener) -> Door) -> (Arc<Shared>, SocketAddr) {
        let shared = Arc::new(Shared {
            rule: Rule::Open(Open::default()),
            outer: Outer::default(),
            refused: Mutex::default(),
            connections: AtomicUsize::new(0),
            most,
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let keeper = Arc::clone(&shared);
        thread::spawn(move || keep(door(listener), &keeper));
        (shared, address)
    }

    /// Sends bytes, and returns the answer up to the end of the connection.
    fn said(to: SocketAddr, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(to).unwrap();
        stream.write_all(bytes).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }

    #[test]
    fn whoever_comes_to_the_trap_is_noted_whatever_it_says() {
        for (bytes, host) in [
            (&b"EHLO me\r\n\r\n"[..], "127.0.0.1:443"),
            (b"", "127.0.0.1:443"),
            (b"\x16\x03\x01x", "127.0.0.1:443"),
            (
                b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
                "127.0.0.1:443",
            ),
            (
                b"GET / HTTP/1.1\r\nHost: sqs.eu-west-1.amazonaws.com\r\n\r\n",
                "sqs.eu-west-1.amazonaws.com:80",
            ),
        ] {
            let noted = |door: fn(TcpListener) -> Door| {
                let (shared, address) = proxy(MOST, door);
                said(address, bytes);
                let refused = shared.refused.lock().unwrap();
                let hosts = refused.iter().map(|it| (it.host.clone(), it.why));
                hosts.collect::<Vec<_>>()
            };
            assert_eq!(
                noted(Door::Trap),
                [(host.to_owned(), Why::Aws)],
                "{bytes:?}"
            );
        }
        let (shared, address) = proxy(MOST, Door::Proxy);
        said(address, b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
        assert!(shared.refused.lock().unwrap().is_empty());
    }

    #[test]
    fn a_connection_beyond_the_largest_number_waits_for_a_place() {
        let (shared, address) = proxy(1, Door::Proxy);
        let first = TcpStream::connect(address).unwrap();
        while shared.connections.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
        let mut second = TcpStream::connect(address).unwrap();
        second
            .write_all(b"CONNECT sqs.eu-west-1.amazonaws.com:443 HTTP/1.1\r\n\r\n")
            .unwrap();
        second.shutdown(Shutdown::Write).unwrap();
        // It is not closed while the first has the only place.
        second.set_nonblocking(true).unwrap();
        let early = second.read(&mut [0]).unwrap_err();
        assert_eq!(early.kind(), io::ErrorKind::WouldBlock);
        second.set_nonblocking(false).unwrap();
        drop(first);
        let mut answer = Vec::new();
        second.read_to_end(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 403 "), "{answer:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_address_of_the_loopback_is_reached_as_it_is() {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let request = Request::tunnel("127.0.0.2".to_owned(), address.port());
        match reach(&request, true).unwrap() {
            Reached::Open(stream) => assert_eq!(stream.peer_addr().unwrap(), address),
            Reached::Refused(why) => panic!("{why:?}"),
        }
        let request = Request::tunnel("LOCALHOST".to_owned(), address.port());
        assert!(
            reach(&request, true).is_err(),
            "a name is 127.0.0.1 and ::1"
        );
    }
}
