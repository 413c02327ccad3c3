//! The loopback responder: where `AWS_ENDPOINT_URL` leads during a rehearsal. It refuses every request at once and
//! remembers who came, so that the report can name the programs that did not go through us.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// The most bytes of a request's head that are looked at.
const HEAD: usize = 16 << 10;

/// How many visitors are remembered.
const MOST: usize = 1000;

/// How long a visitor may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(2);

/// Somebody who came by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Visitor {
    /// `POST`; empty when it did not speak HTTP.
    pub(crate) method: String,
    /// `/2015-03-31/functions`, without its query.
    pub(crate) path: String,
    /// The host it thought to reach.
    pub(crate) host: String,
    /// The service that the request was signed for: `lambda`.
    pub(crate) service: Option<String>,
    /// What was asked for, where a header says so: `DynamoDB_20120810.ListTables`.
    pub(crate) target: Option<String>,
    /// What it calls itself, shortened: `Boto3/1.40`.
    pub(crate) agent: Option<String>,
}

/// A responder. Its thread ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Responder {
    port: u16,
    visitors: Arc<Mutex<Vec<Visitor>>>,
    over: Arc<AtomicBool>,
}

impl Responder {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the machine has no loopback.
    pub(crate) fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let responder = Self {
            port: listener.local_addr()?.port(),
            visitors: Arc::default(),
            over: Arc::default(),
        };
        let (visitors, over) = (Arc::clone(&responder.visitors), Arc::clone(&responder.over));
        thread::Builder::new().spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let visitors = Arc::clone(&visitors);
                // One that says nothing does not keep the others waiting.
                let _ = thread::Builder::new().spawn(move || serve(stream, &visitors));
            }
        })?;
        Ok(responder)
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Who came by so far, in order.
    pub(crate) fn visitors(&self) -> Vec<Visitor> {
        let visitors = self.visitors.lock();
        visitors.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // A visit of our own wakes the thread.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

/// Hears a visitor out and refuses it.
fn serve(mut stream: TcpStream, visitors: &Mutex<Vec<Visitor>>) {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let _ = stream.set_write_timeout(Some(PATIENCE));
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    while head.len() < HEAD && !ends(&head) {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(read) => head.extend_from_slice(&chunk[..read]),
        }
    }
    // Whoever only looked whether the port is open wanted nothing.
    if head.is_empty() {
        return;
    }
    let visitor = describe(&head);
    let answer = refusal(&visitor);
    {
        let mut visitors = visitors.lock().unwrap_or_else(PoisonError::into_inner);
        if visitors.len() < MOST {
            visitors.push(visitor);
        }
    }
    let _ = stream.write_all(answer.as_bytes());
    let _ = stream.shutdown(Shutdown::Write);
    // A body that is still on its way would turn the answer into a reset.
    let mut drained = 0;
    while let Ok(read @ 1..) = stream.read(&mut chunk) {
        drained += read;
        if drained > 64 << 20 {
            break;
        }
    }
}

fn ends(head: &[u8]) -> bool {
    head.windows(4).any(|four| four == b"\r\n\r\n")
}

/// What the head of a request tells.
fn describe(head: &[u8]) -> Visitor {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let mut visitor = Visitor::default();
    if let (Some(method), Some(path), Some(version)) = (first.next(), first.next(), first.next())
        && version.starts_with("HTTP/")
    {
        method.clone_into(&mut visitor.method);
        // A query may hold a signature.
        path.split('?')
            .next()
            .unwrap_or(path)
            .clone_into(&mut visitor.path);
        visitor.service = scope(path, "X-Amz-Credential=", "%2F");
    }
    for line in lines.take_while(|line| !line.is_empty()) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "host" => value.clone_into(&mut visitor.host),
            "authorization" => visitor.service = scope(value, "Credential=", "/"),
            "x-amz-target" => visitor.target = Some(value.to_owned()),
            "user-agent" => {
                let agent = value.split(' ').next().unwrap_or(value);
                visitor.agent = Some(agent.chars().take(60).collect());
            }
            _ => {}
        }
    }
    visitor
}

/// The service of a signature's scope: `AKIA…/20261122/us-east-1/lambda/aws4_request`.
fn scope(text: &str, before: &str, between: &str) -> Option<String> {
    let (_, scope) = text.split_once(before)?;
    let service = scope.split(between).nth(3)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (!service.is_empty() && service.chars().all(plain)).then(|| service.to_owned())
}

/// An answer that no client tries again: AWS's for what one may not do.
fn refusal(visitor: &Visitor) -> String {
    let text = "this is a rehearsal: the request was refused, and AWS was not asked";
    let speaks_xml = matches!(
        visitor.service.as_deref(),
        Some("s3" | "sts" | "iam" | "ec2" | "cloudformation" | "sns" | "elasticloadbalancing")
    );
    let (kind, body) = if speaks_xml {
        let error = format!("<Error><Code>AccessDenied</Code><Message>{text}</Message></Error>");
        // S3 has its error bare, the query services have it in an ErrorResponse.
        let body = match visitor.service.as_deref() {
            Some("s3") => error,
            _ => format!("<ErrorResponse>{error}</ErrorResponse>"),
        };
        ("text/xml", body)
    } else {
        let body = format!("{{\"__type\":\"AccessDeniedException\",\"message\":\"{text}\"}}");
        ("application/json", body)
    };
    format!(
        "HTTP/1.1 403 Forbidden\r\nContent-Type: {kind}\r\nx-amzn-ErrorType: AccessDeniedException\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(responder: &Responder, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, responder.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn refuses_and_remembers_who_came() {
        let responder = Responder::listen().unwrap();
        let answer = ask(
            &responder,
            "GET /2015-03-31/functions?Marker=x HTTP/1.1\r\nHost: 127.0.0.1:1\r\nUser-Agent: Boto3/1.40 md/x\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=AKID/20261122/eu-west-1/lambda/aws4_request, SignedHeaders=x\r\n\r\n",
        );
        assert!(
            answer.starts_with("HTTP/1.1 403 ") && answer.contains("a rehearsal"),
            "{answer}"
        );
        let answer = ask(
            &responder,
            "PUT /b/k?X-Amz-Credential=AKID%2F20261122%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=beef HTTP/1.1\r\nHost: h\r\n\r\n",
        );
        assert!(
            answer.contains("<Error><Code>AccessDenied</Code>"),
            "{answer}"
        );
        ask(&responder, "\u{16}\u{3}\u{1} hello");
        assert_eq!(
            responder.visitors(),
            [
                Visitor {
                    method: "GET".to_owned(),
                    path: "/2015-03-31/functions".to_owned(),
                    host: "127.0.0.1:1".to_owned(),
                    service: Some("lambda".to_owned()),
                    target: None,
                    agent: Some("Boto3/1.40".to_owned()),
                },
                Visitor {
                    method: "PUT".to_owned(),
                    path: "/b/k".to_owned(),
                    host: "h".to_owned(),
                    service: Some("s3".to_owned()),
                    ..Visitor::default()
                },
                Visitor::default(),
            ]
        );
    }
}
