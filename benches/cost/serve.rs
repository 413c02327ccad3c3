//! Measures a publish over a kept connection, and compares it with its fsyncs alone in a running process.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    Scale, lambdry,
    state::State,
    timing::{Act, acts_in_turns, line},
};

/// A server that ends with the bench.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A kept connection, and the headers of every request on it.
struct Connection {
    reader: BufReader<TcpStream>,
    head: String,
}

impl Connection {
    fn ask(&mut self, method: &str, path: &str, body: &str) {
        let length = body.len();
        let text = format!(
            "{method} {path} HTTP/1.1\r\n{}Content-Length: {length}\r\n\r\n{body}",
            self.head
        );
        self.reader
            .get_mut()
            .write_all(text.as_bytes())
            .expect("a request");
        let mut status = String::new();
        self.reader.read_line(&mut status).expect("an answer");
        assert!(status.starts_with("HTTP/1.1 20"), "{status}");
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).expect("a header");
            match line.trim_end().to_ascii_lowercase().split_once(':') {
                Some(("content-length", value)) => length = value.trim().parse().expect("a length"),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body).expect("a body");
    }
}

/// Serves a separate state, and connects.
fn served(state: &State) -> (Server, Connection) {
    let mut child = Command::new(lambdry())
        .env_clear()
        .env("LAMBDRY_STATE_DIR", state.root())
        .env("HOME", state.root())
        .args(["serve", "--settle", "0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("lambdry serves");
    let stdout = child.stdout.take().expect("a pipe");
    let server = Server(child);
    let mut said = String::new();
    BufReader::new(stdout)
        .read_line(&mut said)
        .expect("a line to paste");
    let value = |name: &str| {
        let mut words = said.split_whitespace();
        let found = words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        found.expect("a setting").to_owned()
    };
    let url = value("AWS_ENDPOINT_URL");
    let host = url.trim_start_matches("http://");
    let stream = TcpStream::connect(host).expect("a connection");
    stream.set_nodelay(true).expect("a setting");
    let head = format!(
        "Host: {host}\r\nContent-Type: application/json\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential={}/20261122/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0\r\n",
        value("AWS_ACCESS_KEY_ID")
    );
    let reader = BufReader::new(stream);
    (server, Connection { reader, head })
}

/// Does the disk work of a publish and nothing else: writes a version file, a journal line and a head of the usual
/// sizes, with five fsyncs.
fn durable(folder: &Path, number: u64) -> io::Result<()> {
    let prepare = |folder: &Path, name: &str, bytes: &[u8]| -> io::Result<File> {
        let fresh = folder.join(format!("{name}.new"));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(fresh)?;
        file.write_all(bytes)?;
        Ok(file)
    };
    let place = |folder: &Path, name: &str, file: File| -> io::Result<()> {
        file.sync_all()?;
        fs::rename(folder.join(format!("{name}.new")), folder.join(name))?;
        File::open(folder)?.sync_all()
    };
    let (versions, version) = (folder.join("versions"), format!("{number}.json"));
    let written = prepare(&versions, &version, &[b'v'; 860])?;
    let mut journal = OpenOptions::new()
        .append(true)
        .create(true)
        .open(folder.join("journal.jsonl"))?;
    journal.write_all(&[b'j'; 100])?;
    let head = prepare(folder, "function.json", &[b'h'; 1100])?;
    place(&versions, &version, written)?;
    journal.sync_all()?;
    place(folder, "function.json", head)
}

/// Measures in turns: a publish over the connection, and only its disk work.
pub(crate) fn publishes(folder: &Path, scale: Scale) {
    let state = State::new(&folder.join("serving"));
    let (_server, mut connection) = served(&state);
    let like = folder.join("like-a-served-function");
    fs::create_dir_all(like.join("versions")).expect("a folder");
    let (mut number, mut change) = (0u64, 0u64);
    let mut acts: [Act<'_>; 2] = [
        Box::new(|| {
            number += 1;
            let began = Instant::now();
            durable(&like, number).expect("it is written");
            began.elapsed()
        }),
        Box::new(|| {
            change += 1;
            let path = "/2015-03-31/functions/pay";
            let text = format!("{{\"Description\":\"change {change}\"}}");
            connection.ask("PUT", &format!("{path}/configuration"), &text);
            let began = Instant::now();
            connection.ask("POST", &format!("{path}/versions"), "{}");
            let took: Duration = began.elapsed();
            took
        }),
    ];
    let times = acts_in_turns(&mut acts, scale.runs);
    println!(
        "{:<44}{:>9}{:>9}{:>9}{:>9}",
        "serve", "median", "p10", "ratio", "ratio"
    );
    line(
        "the five fsyncs of a publish, in a process",
        &times[0],
        None,
    );
    line(
        "  a publish over a kept connection",
        &times[1],
        Some(&times[0]),
    );
    println!();
}
