//! A loopback responder: takes the requests of the real `aws` and gives the answers of our operations.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use lambdry::{
    face::{Own, Spooler, world::Process},
    operation::{
        Entry, FAMILIES, Failure,
        shape::{Shape, Structure},
    },
    tool::backend::Opened,
};
use serde_json::{Map, Value, json};

/// Where it listens, and the process its operations run in.
pub(crate) struct Responder {
    pub(crate) url: String,
    process: Arc<Mutex<Process>>,
}

impl Responder {
    /// Starts it on a port of its own; it ends with the test.
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let process = Arc::new(Mutex::new(Process::default()));
        let shared = Arc::clone(&process);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let process = shared.lock().expect("nobody panics with it").clone();
                // A client that went away is its own trouble.
                let _ = serve(stream, &process);
            }
        });
        Ok(Self { url, process })
    }

    /// Answers from that state directory on.
    pub(crate) fn answer_from(&self, process: Process) {
        *self.process.lock().expect("nobody panics with it") = process;
    }
}

struct Request {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    region: String,
    body: Vec<u8>,
}

fn serve(stream: TcpStream, process: &Process) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let request = read(&mut reader)?;
    let (status, kind, body) = respond(&request, process);
    let body = match &body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let kind = kind.map_or(String::new(), |kind| {
        format!("x-amzn-ErrorType: {kind}\r\n")
    });
    let mut stream = reader.into_inner();
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n{kind}\r\n{body}",
        body.len()
    )
}

fn read(reader: &mut impl BufRead) -> io::Result<Request> {
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split_whitespace();
    let (method, target) = (
        words.next().unwrap_or_default().to_owned(),
        words.next().unwrap_or_default(),
    );
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method,
        path: path.to_owned(),
        query: query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect(),
        region: "us-east-1".to_owned(),
        body: Vec::new(),
    };
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            // AWS4-HMAC-SHA256 Credential=KEY/20261122/us-east-1/lambda/aws4_request, …
            "authorization" => {
                if let Some(region) = value.split('/').nth(2) {
                    request.region = region.to_owned();
                }
            }
            _ => {}
        }
    }
    request.body = vec![0; length];
    reader.read_exact(&mut request.body)?;
    Ok(request)
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let byte = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Status, error type and body.
fn respond(request: &Request, process: &Process) -> (u16, Option<&'static str>, Value) {
    let wrong = |text: String| (500, Some("ResponderFailed"), json!({"Message": text}));
    let found = FAMILIES
        .iter()
        .flat_map(|family| family.iter())
        .find_map(|entry| Some((entry, labels(entry, request)?)));
    let Some((entry, mut members)) = found else {
        return wrong(format!("no route for {} {}", request.method, request.path));
    };
    let opened = match Opened::new(process, &Own::default()) {
        Ok(opened) => opened,
        Err(stop) => return wrong(format!("{stop:?}")),
    };
    let shape = entry.request();
    for (name, value) in &request.query {
        let member = shape
            .members
            .iter()
            .find(|member| member.name.eq_ignore_ascii_case(name));
        let Some(member) = member else {
            return wrong(format!("{} takes no {name}", entry.name));
        };
        let value = match member.shape {
            Shape::Integer { .. } => value.parse::<i64>().map_or(Value::Null, Value::from),
            _ => json!(value),
        };
        members.insert(member.name.clone(), value);
    }
    if !request.body.is_empty() {
        match serde_json::from_slice(&request.body) {
            Ok(Value::Object(body)) => members.extend(body),
            other => return wrong(format!("the body is {other:?}")),
        }
    }
    let mut value = Value::Object(members);
    if let Err(error) = spool(&shape, &mut value, &opened) {
        return wrong(error);
    }
    match opened.with(&request.region, |lambda| entry.call(lambda, value)) {
        Ok(answer) => {
            let status = entry.route.rsplit(' ').next();
            let status = status.and_then(|text| text.parse().ok()).unwrap_or(200);
            let body = if status == 204 { Value::Null } else { answer };
            (status, None, body)
        }
        Err(Failure::Service(error)) => {
            let mut body = Map::from_iter([("Message".to_owned(), json!(error.message))]);
            body.extend(error.details);
            (
                error.code.status(),
                Some(error.code.name()),
                Value::Object(body),
            )
        }
        Err(other) => wrong(other.to_string()),
    }
}

/// What the path says, if it is the entry's.
fn labels(entry: &Entry, request: &Request) -> Option<Map<String, Value>> {
    let mut route = entry.route.split(' ');
    if route.next()? != request.method {
        return None;
    }
    let wanted: Vec<&str> = route.next()?.split('/').collect();
    let path: Vec<&str> = request.path.trim_end_matches('/').split('/').collect();
    if wanted.len() != path.len() {
        return None;
    }
    let mut members = Map::new();
    for (wanted, given) in wanted.iter().zip(path) {
        match wanted
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            Some(name) => {
                members.insert(name.to_owned(), json!(decoded(given)));
            }
            None if *wanted == given => {}
            None => return None,
        }
    }
    Some(members)
}

/// Turns base64 into what an operation takes for bytes.
fn spool(shape: &Structure, value: &mut Value, opened: &Opened) -> Result<(), String> {
    for member in &shape.members {
        let Some(value) = value.get_mut(&member.name) else {
            continue;
        };
        match &member.shape {
            Shape::Blob => {
                let bytes = value.as_str().and_then(|text| STANDARD.decode(text).ok());
                let bytes = bytes.ok_or_else(|| format!("{} is no base64", member.name))?;
                *value = opened.bytes(bytes).map_err(|error| error.to_string())?;
            }
            Shape::Structure(inner) => spool(inner, value, opened)?,
            _ => {}
        }
    }
    Ok(())
}
