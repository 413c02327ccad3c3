//! A server of our own on the loopback, which answers the real `aws` from whatever state a line is for.

use std::{
    io,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use lambdry::{
    face::{Own, world::Process},
    operation::{Failure, Result},
    serve::{Client, Host, Key, Options, Server, Session, serve},
    store::StoreError,
    tool::backend::Opened,
};

/// The key's id that lines are signed with.
pub(crate) const KEY: &str = "AKIDEXAMPLE";

/// Where it listens, and the process its operations run in.
pub(crate) struct Responder {
    pub(crate) url: String,
    stage: Arc<Stage>,
    _server: Server,
}

#[derive(Default)]
struct Stage(Mutex<Process>);

impl Host for Stage {
    fn open(&self, _: &Client<'_>) -> Result<Box<dyn Session>> {
        let process = self.0.lock().expect("nobody panics with it").clone();
        match Opened::new(&process, &Own::default()) {
            Ok(opened) => Ok(Box::new(opened)),
            Err(stop) => Err(Failure::Store(StoreError::content(
                &process.cwd,
                format!("{stop:?}"),
            ))),
        }
    }
}

impl Responder {
    /// Starts it on a port of its own; it ends with the test.
    pub(crate) fn start() -> io::Result<Self> {
        let stage = Arc::new(Stage::default());
        let options = Options {
            keys: vec![Key {
                id: KEY.to_owned(),
                secret: None,
            }],
            names: Vec::new(),
        };
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let server = serve(listener, Arc::clone(&stage) as Arc<dyn Host>, options)?;
        Ok(Self {
            url: format!("http://{}", server.address()),
            stage,
            _server: server,
        })
    }

    /// Answers from that state directory on.
    pub(crate) fn answer_from(&self, process: Process) {
        *self.stage.0.lock().expect("nobody panics with it") = process;
    }
}
