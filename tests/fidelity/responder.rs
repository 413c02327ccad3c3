//! A server on the loopback that answers the real `aws` from the state that belongs to each line.

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

/// The id of the key that signs the requests of all lines.
pub(crate) const KEY: &str = "AKIDEXAMPLE";

/// The server's address, and the process in which its operations run.
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
    /// Starts the server on a free port. It ends with the test.
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

    /// Makes all later answers use the state directory of the given process.
    pub(crate) fn answer_from(&self, process: Process) {
        *self.stage.0.lock().expect("nobody panics with it") = process;
    }
}
