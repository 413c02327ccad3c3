//! `lambdry serve`: answers SDKs and other HTTP clients from the state directory, on loopback, until it is interrupted.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs as _},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use clap::{CommandFactory as _, Parser};
use serde_json::Value;

use super::backend::Opened;
use crate::state::plain::plain;
use crate::{
    face::{
        Globals, Own, State as _,
        exit::Stop,
        region, settling_time, waiters,
        world::{Process, World},
    },
    operation::{self, Entry, Failure},
    serve::{Call, Client, Host, Key, Options as Serving, Session, key_id, serve},
    store::{Store, StoreError},
};

/// The command's summary in one sentence.
pub(super) const ABOUT: &str =
    "Runs an AWS endpoint for SDKs over HTTP, with the state directory behind it.";

/// The default time that a change takes: the same as under aws.
const SETTLE: Duration = Duration::from_secs(2);

/// Answers SDKs and other clients over HTTP as AWS does, from the state directory.
/// At the start it prints one line with its address and a key, to paste into the
/// client's shell or configuration. The key is new for each server. The server
/// refuses requests that are signed with another key, so other users of this
/// machine and web pages cannot reach the state.
///
/// Each request reads or edits the state directory once, as a command does.
/// Commands, manual edits and several servers can work on the directory at the same
/// time. Time is real. A change takes 2 s, or the time in --settle or
/// LAMBDRY_SETTLE. When an SDK's waiter asks for a change, the change completes at
/// once.
///
/// The server listens on loopback only. For another address, --listen needs
/// --access-key or --access-key-file, and the server then verifies every signature
/// in full.
///
/// Ctrl-C ends the server after the running calls.
#[derive(Debug, Parser)]
#[command(name = "lambdry serve", verbatim_doc_comment)]
struct Options {
    /// The port. The default is a free one.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// The time that a change takes, for example 2s or 500ms.
    #[arg(long, value_name = "TIME", value_parser = settling_time)]
    settle: Option<Duration>,
    /// The address or host name to listen on.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The key that clients sign with. The server then verifies signatures in full.
    #[arg(long, value_name = "ID:SECRET", conflicts_with = "access_key_file")]
    access_key: Option<String>,
    /// A file with the key, as ID:SECRET. Other users can read a command line, but not this file.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    access_key_file: Option<PathBuf>,
}

/// The options, for completion and the man page.
pub(super) fn options() -> clap::Command {
    Options::command()
}

/// Runs the command.
pub(super) fn run(words: &[String], globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    let options: Options = match super::parse(words, world)? {
        Ok(options) => options,
        Err(code) => return Ok(code),
    };
    let mut process = world.process.clone();
    let mut own = globals.own.clone();
    own.settle = options.settle.or(own.settle);
    if own.settle.is_none() && process.var("LAMBDRY_SETTLE").is_none() {
        own.settle = Some(SETTLE);
    }
    // Nobody would read the reasons that a call prints.
    own.explain = false;
    process.env.insert("LAMBDRY_EXPLAIN".into(), "0".into());
    // These errors are reported before the server listens: an invalid setting, a directory that cannot be read.
    let opened = Opened::new(&process, &own)?;
    let region = region(&process, globals, opened.config())?;
    let (addresses, names) = addresses(&options)?;
    let key = key(&options, &process, &addresses)?;
    let listener = TcpListener::bind(&*addresses).map_err(|error| {
        let place = options.listen.as_deref().unwrap_or("127.0.0.1");
        Stop::Other(format!(
            "cannot listen on {place} port {}: {}",
            options.port,
            plain(&error)
        ))
    })?;
    let interrupts = interrupts()?;
    let line_key = key.clone();
    let serving = Serving {
        keys: vec![key],
        names,
    };
    let host = Arc::new(Directory { process, own });
    let server = serve(listener, host, serving).map_err(|error| Stop::Other(plain(&error)))?;
    let address = server.address();
    let url = format!("http://{}", shown(address, &options));
    write!(
        world.stdout,
        "export AWS_ENDPOINT_URL={url} AWS_REGION={region} AWS_DEFAULT_REGION={region} AWS_ACCESS_KEY_ID={}",
        line_key.id
    )?;
    match line_key.secret {
        // A client that may sign already has the key.
        Some(_) => writeln!(world.stdout)?,
        // The server does not check the secret, but every SDK needs a secret.
        None => writeln!(
            world.stdout,
            " AWS_SECRET_ACCESS_KEY=lambdry AWS_SESSION_TOKEN="
        )?,
    }
    world.stdout.flush()?;
    if world.process.hints() {
        writeln!(
            world.stderr,
            "serving {} until Ctrl-C; paste the line above into the client's shell",
            opened.store.root().display()
        )?;
    }
    interrupts.wait();
    server.end();
    Ok(0)
}

/// The addresses to listen on, and the host names that are accepted in addition to those of loopback.
fn addresses(options: &Options) -> Result<(Vec<SocketAddr>, Vec<String>), Stop> {
    let Some(name) = &options.listen else {
        return Ok((vec![(Ipv4Addr::LOCALHOST, options.port).into()], Vec::new()));
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let found = (bare, options.port).to_socket_addrs();
    let found =
        found.map_err(|error| Stop::Invalid(format!("--listen {name}: {}", plain(&error))))?;
    let found: Vec<SocketAddr> = found.collect();
    // A Host header may contain the name, or an address that the name stands for.
    let mut names = vec![bare.to_owned()];
    names.extend(found.iter().map(|address| address.ip().to_string()));
    Ok((found, names))
}

/// The key. It is required if the server listens beyond loopback.
fn key(options: &Options, process: &Process, addresses: &[SocketAddr]) -> Result<Key, Stop> {
    let (by, text) = match (&options.access_key, &options.access_key_file) {
        (Some(text), _) => ("--access-key", text.clone()),
        (None, Some(path)) => {
            let text = fs::read_to_string(process.cwd.join(path));
            let text = text.map_err(|error| {
                Stop::Other(format!("cannot read {}: {}", path.display(), plain(&error)))
            })?;
            ("--access-key-file", text)
        }
        (None, None) if addresses.iter().all(|address| address.ip().is_loopback()) => {
            return Ok(Key {
                id: key_id(),
                secret: None,
            });
        }
        (None, None) => {
            return Err(Stop::Usage(
                "--listen beyond loopback needs --access-key or --access-key-file: the server verifies signatures \
                 there"
                    .to_owned(),
            ));
        }
    };
    match text.trim().split_once(':') {
        Some((id, secret)) if id.len() >= 3 && secret.len() >= 8 && !id.contains('/') => Ok(Key {
            id: id.to_owned(),
            secret: Some(secret.to_owned()),
        }),
        _ => Err(Stop::Usage(format!(
            "{by} needs ID:SECRET: an id of 3 or more letters without a slash, and a secret of 8 or more"
        ))),
    }
}

/// The address in the form for clients.
fn shown(address: SocketAddr, options: &Options) -> String {
    match (&options.listen, address.ip()) {
        (Some(name), ip) if ip.is_unspecified() && name.parse::<IpAddr>().is_ok() => {
            format!("localhost:{}", address.port())
        }
        (Some(name), _) if name.parse::<IpAddr>().is_err() && !name.starts_with('[') => {
            format!("{name}:{}", address.port())
        }
        _ => address.to_string(),
    }
}

/// A state directory that is opened again for each request.
#[derive(Debug)]
struct Directory {
    process: Process,
    own: Own,
}

impl Host for Directory {
    fn open(&self, _: &Client<'_>) -> operation::Result<Box<dyn Session>> {
        match Opened::new(&self.process, &self.own) {
            Ok(opened) => Ok(Box::new(opened)),
            Err(stop) => Err(unopened(&stop, &self.process)),
        }
    }
}

/// The failure of a request for which the state directory cannot be opened, although it could be opened when the server
/// started.
pub(super) fn unopened(stop: &Stop, process: &Process) -> Failure {
    let cause = match stop {
        Stop::Store(text, _) | Stop::Other(text) | Stop::Configuration(_, text) => text.clone(),
        other => format!("{other:?}"),
    };
    Failure::Store(StoreError {
        action: "open",
        path: process.cwd.clone(),
        cause,
        source: None,
        hint: None,
    })
}

impl Session for Opened {
    fn store(&self) -> &Store {
        &self.store
    }

    fn call(&self, call: &Call<'_>, request: Value) -> operation::Result<Value> {
        let client = call.client;
        self.calls_as(call.caller.clone());
        if client.waits && completes(call.service, call.entry) {
            // The function that the waiter reads may not exist yet. The waiter's own call then reports that.
            let _ = self.complete(call.region, call.entry, &request);
        }
        crate::face::State::call(self, call.service, call.region, call.entry, request)
    }
}

/// Returns true if a waiter polls the given operation for a change that may be in progress. The change is a change of a
/// function, or of a resource that a ready answer keeps.
pub(super) fn completes(service: &str, entry: &Entry) -> bool {
    let mut waiters = waiters::of(service);
    (service == "lambda" || entry.answer().is_some())
        && waiters.any(|waiter| waiter.operation == entry.name)
}

/// The signals that end the server.
#[cfg(unix)]
struct Interrupts(signal_hook::iterator::Signals);

#[cfg(unix)]
fn interrupts() -> Result<Interrupts, Stop> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]);
    signals.map(Interrupts).map_err(Stop::from)
}

#[cfg(unix)]
impl Interrupts {
    fn wait(mut self) {
        self.0.forever().next();
    }
}

/// A system without such signals kills the process. No call that was answered is lost then.
#[cfg(not(unix))]
struct Interrupts;

#[cfg(not(unix))]
fn interrupts() -> Result<Interrupts, Stop> {
    Ok(Interrupts)
}

#[cfg(not(unix))]
impl Interrupts {
    fn wait(self) {
        loop {
            std::thread::park();
        }
    }
}
