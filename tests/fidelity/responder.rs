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
    /// Members that travel in headers, `x-amz-log-type` as `LogType`.
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// An answer as it goes over the wire.
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Reply {
    /// A JSON answer; null is none.
    fn json(status: u16, body: &Value) -> Self {
        let body = match body {
            Value::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        };
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    fn error(status: u16, kind: &str, body: Value) -> Self {
        Self {
            headers: vec![("x-amzn-ErrorType", kind.to_owned())],
            ..Self::json(status, &body)
        }
    }

    /// What Invoke answers: the payload is the body, the rest status and headers.
    fn invocation(answer: &Value) -> Self {
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let headers = [
            ("X-Amz-Function-Error", "FunctionError"),
            ("X-Amz-Log-Result", "LogResult"),
            ("X-Amz-Executed-Version", "ExecutedVersion"),
        ];
        let status = answer.get("StatusCode").and_then(Value::as_u64);
        Self {
            status: status.and_then(|code| code.try_into().ok()).unwrap_or(500),
            headers: headers
                .into_iter()
                .filter_map(|(header, member)| Some((header, text(member)?.to_owned())))
                .collect(),
            body: text("Payload")
                .and_then(|text| STANDARD.decode(text).ok())
                .unwrap_or_default(),
        }
    }
}

fn serve(stream: TcpStream, process: &Process) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let request = read(&mut reader)?;
    let reply = respond(&request, process);
    let headers: String = (reply.headers.iter())
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let mut stream = reader.into_inner();
    write!(
        stream,
        "HTTP/1.1 {} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        reply.status,
        reply.body.len()
    )?;
    stream.write_all(&reply.body)
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
        headers: Vec::new(),
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
            name => {
                if let Some(member) = name.strip_prefix("x-amz-") {
                    let member = member.replace('-', "");
                    request.headers.push((member, value.trim().to_owned()));
                }
            }
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

fn respond(request: &Request, process: &Process) -> Reply {
    let wrong = |text: String| Reply::error(500, "ResponderFailed", json!({"Message": text}));
    let found = FAMILIES
        .iter()
        .flat_map(|family| family.iter())
        .filter_map(|entry| Some((entry, labels(entry, request)?)))
        // `layers?find=LayerVersion` is not `layers`.
        .max_by_key(|(entry, _)| fixed(entry).count());
    let Some((entry, mut members)) = found else {
        return wrong(format!("no route for {} {}", request.method, request.path));
    };
    let opened = match Opened::new(process, &Own::default()) {
        Ok(opened) => opened,
        Err(stop) => return wrong(format!("{stop:?}")),
    };
    let shape = entry.request();
    let named = |name: &str| {
        let mut members = shape.members.iter();
        members.find(|member| member.name.eq_ignore_ascii_case(name))
    };
    for (name, value) in &request.query {
        if fixed(entry).any(|pair| pair == (name, value)) {
            continue;
        }
        let Some(member) = named(name) else {
            return wrong(format!("{} takes no {name}", entry.name));
        };
        match &member.shape {
            Shape::List { .. } => {
                let list = members.entry(member.name.clone()).or_insert(json!([]));
                list.as_array_mut().expect("a list").push(json!(value));
            }
            shape => {
                members.insert(member.name.clone(), text_as(shape, value));
            }
        }
    }
    let invokes = entry.name == "Invoke";
    if invokes {
        // The other headers of that kind sign the request.
        for (name, value) in &request.headers {
            if let Some(member) = named(name) {
                members.insert(member.name.clone(), json!(value));
            }
        }
        if !request.body.is_empty() {
            members.insert("Payload".to_owned(), STANDARD.encode(&request.body).into());
        }
    } else if !request.body.is_empty() {
        match serde_json::from_slice(&request.body) {
            Ok(Value::Object(body)) => members.extend(body),
            other => return wrong(format!("the body is {other:?}")),
        }
    }
    let mut value = Value::Object(members);
    if let Err(error) = spool(shape, &mut value, &opened) {
        return wrong(error);
    }
    match opened.with(&request.region, |lambda| entry.call(lambda, value)) {
        Ok(answer) if invokes => Reply::invocation(&answer),
        Ok(answer) => {
            let status = entry.route.rsplit(' ').next();
            let status = status.and_then(|text| text.parse().ok()).unwrap_or(200);
            let body = if status == 204 { Value::Null } else { answer };
            Reply::json(status, &body)
        }
        Err(Failure::Service(error)) => {
            let mut body = Map::from_iter([("Message".to_owned(), json!(error.message))]);
            body.extend(error.details);
            Reply::error(error.code.status(), error.code.name(), Value::Object(body))
        }
        Err(other) => wrong(other.to_string()),
    }
}

/// A value that travels as text.
fn text_as(shape: &Shape, text: &str) -> Value {
    match shape {
        Shape::Integer { .. } => text.parse::<i64>().map_or(Value::Null, Value::from),
        _ => json!(text),
    }
}

/// The query that is part of an entry's route.
fn fixed(entry: &Entry) -> impl Iterator<Item = (&str, &str)> {
    let target = entry.route.split(' ').nth(1).unwrap_or_default();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.split_once('='))
}

/// What the path says, if it and the query are the entry's.
fn labels(entry: &Entry, request: &Request) -> Option<Map<String, Value>> {
    let mut route = entry.route.split(' ');
    if route.next()? != request.method {
        return None;
    }
    let target = route.next()?;
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let wanted: Vec<&str> = path.split('/').collect();
    let path: Vec<&str> = request.path.trim_end_matches('/').split('/').collect();
    let asks = |(name, value)| (request.query.iter()).any(|(n, v)| n == name && v == value);
    if wanted.len() != path.len() || !fixed(entry).all(asks) {
        return None;
    }
    let shapes = entry.request().members.iter();
    let mut members = Map::new();
    for (wanted, given) in wanted.iter().zip(path) {
        match wanted
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            Some(name) => {
                let member = shapes.clone().find(|member| member.name == name)?;
                members.insert(name.to_owned(), text_as(&member.shape, &decoded(given)));
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
                *value = opened
                    .stream(&mut bytes.as_slice())
                    .map_err(|error| error.to_string())?;
            }
            Shape::Structure(inner) => spool(inner, value, opened)?,
            _ => {}
        }
    }
    Ok(())
}
