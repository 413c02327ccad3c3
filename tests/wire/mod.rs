//! A `lambdry serve` for tests, and a client that builds its requests itself.

#![allow(dead_code, reason = "every test file uses its part")]

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A running `lambdry serve`. It is killed when dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    /// `127.0.0.1:4510`
    pub(crate) address: String,
    /// The id of the key.
    pub(crate) key: String,
}

impl Server {
    /// Starts the server with the given words after `serve`.
    pub(crate) fn start(mut command: Command, words: &[&str]) -> Self {
        let mut child = command
            .arg("serve")
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("lambdry serves");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let value = |name: &str| {
            let mut words = line.split_whitespace();
            let word = words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            word.unwrap_or_else(|| panic!("{name} in {line:?}"))
                .to_owned()
        };
        let url = value("AWS_ENDPOINT_URL");
        Self {
            child,
            address: url.trim_start_matches("http://").to_owned(),
            key: value("AWS_ACCESS_KEY_ID"),
        }
    }

    /// Opens a connection to the server.
    pub(crate) fn connect(&self) -> Connection {
        Connection::to(&self.address, &self.key)
    }

    /// Interrupts the server, as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        let killed = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status();
        assert!(killed.expect("kill runs").success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that is kept open.
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    host: String,
    key: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Connection {
    pub(crate) fn to(address: &str, key: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        let most = Some(Duration::from_secs(60));
        stream.set_read_timeout(most).expect("a time-out");
        Self {
            reader: BufReader::new(stream),
            host: address.to_owned(),
            key: key.to_owned(),
        }
    }

    /// Sends bytes unchanged.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.reader.get_mut().write_all(bytes)
    }

    /// Closes the sending side of the connection.
    pub(crate) fn close_write(&self) {
        let _ = self.reader.get_ref().shutdown(std::net::Shutdown::Write);
    }

    /// Reads one answer; `None` if the connection has ended.
    pub(crate) fn answer(&mut self) -> io::Result<Option<Answer>> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let status = line.split(' ').nth(1).and_then(|word| word.parse().ok());
        let mut answer = Answer {
            status: status.unwrap_or(0),
            headers: Vec::new(),
            body: Vec::new(),
        };
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            answer
                .headers
                .push((name.to_owned(), value.trim().to_owned()));
        }
        if answer.status == 100 {
            return self.answer();
        }
        let length = answer.header("content-length").and_then(|n| n.parse().ok());
        answer.body = vec![0; length.unwrap_or(0)];
        self.reader.read_exact(&mut answer.body)?;
        Ok(Some(answer))
    }

    /// The headers of a request for a service. The signature has the right form, but it is not valid.
    pub(crate) fn headers(&self, service: &str) -> String {
        format!(
            "Host: {}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={}/20261122/us-east-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=0\r\n",
            self.host, self.key
        )
    }

    /// Sends a request, with more headers and a body.
    pub(crate) fn ask_with(
        &mut self,
        service: &str,
        method: &str,
        target: &str,
        headers: &str,
        body: &[u8],
    ) -> io::Result<Answer> {
        let head = format!(
            "{method} {target} HTTP/1.1\r\n{}Content-Length: {}\r\n{headers}\r\n",
            self.headers(service),
            body.len()
        );
        self.send(&[head.as_bytes(), body].concat())?;
        match self.answer()? {
            Some(answer) => Ok(answer),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Sends a request to Lambda. The body is JSON, or empty for null.
    pub(crate) fn lambda(&mut self, method: &str, target: &str, body: &Value) -> Answer {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        self.ask_with("lambda", method, target, "", body.as_bytes())
            .expect("an answer")
    }
}

/// Bytes in the form in which JSON carries them.
pub(crate) fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// HMAC-SHA256.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = [&block.map(|byte| byte ^ 0x36)[..], text].concat();
    let inner = Sha256::digest(inner);
    Sha256::digest([&block.map(|byte| byte ^ 0x5c)[..], &inner].concat()).to_vec()
}

/// The SHA-256 of a body, in the form for headers.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The headers of a GET to Lambda without a query, signed as AWS documents it.
pub(crate) fn signed(host: &str, path: &str, id: &str, secret: &str, moment: &str) -> String {
    let day = &moment[..8];
    let scope = format!("{day}/us-east-1/lambda/aws4_request");
    let canonical = format!(
        "GET\n{path}\n\nhost:{host}\nx-amz-date:{moment}\n\nhost;x-amz-date\n{}",
        hex(&Sha256::digest(b""))
    );
    let text = format!(
        "AWS4-HMAC-SHA256\n{moment}\n{scope}\n{}",
        hex(&Sha256::digest(canonical))
    );
    let mut key = format!("AWS4{secret}").into_bytes();
    for word in [day, "us-east-1", "lambda", "aws4_request"] {
        key = hmac(&key, word.as_bytes());
    }
    format!(
        "Host: {host}\r\nX-Amz-Date: {moment}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={id}/{scope}, \
         SignedHeaders=host;x-amz-date, Signature={}\r\n",
        hex(&hmac(&key, text.as_bytes()))
    )
}
