//! Tests `lambdry serve` from the side of its clients: requests over the wire, many requests at once, invalid requests,
//! and a server that is killed.

#![cfg(unix)]

mod common;
mod wire;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use common::Sandbox;
use serde_json::{Value, json};
use wire::{Answer, Connection, Server, base64, signed};

const FUNCTIONS: &str = "/2015-03-31/functions";

fn lambdry(sandbox: &Sandbox) -> Command {
    sandbox.command("lambdry")
}

/// A server on the sandbox's state whose changes take no time.
fn server(sandbox: &Sandbox) -> Server {
    Server::start(lambdry(sandbox), &["--settle", "0"])
}

fn code(sandbox: &Sandbox, text: &str) -> String {
    sandbox.zip("app.zip", text);
    base64(&fs::read(sandbox.work().join("app.zip")).expect("a zip"))
}

fn create(sandbox: &Sandbox, connection: &mut Connection, name: &str) -> Answer {
    let request = json!({
        "FunctionName": name, "Runtime": "python3.12", "Handler": "app.handler",
        "Role": "arn:aws:iam::123456789012:role/r", "Code": { "ZipFile": code(sandbox, "one") },
    });
    connection.lambda("POST", FUNCTIONS, &request)
}

/// Returns the answer of a command.
fn of_command(sandbox: &Sandbox, line: &str) -> Value {
    let done = lambdry(sandbox)
        .args(line.split(' '))
        .output()
        .expect("lambdry runs");
    assert!(done.status.success(), "{line}: {done:?}");
    serde_json::from_slice(&done.stdout).unwrap_or(Value::Null)
}

/// Every file below a folder with its bytes, except locks and the server's own files.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.to_string_lossy().contains("/locks/") {
            found.insert(path.display().to_string(), fs::read(&path).expect("bytes"));
        }
    }
    found
}

#[test]
fn answers_are_those_of_the_command() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    let created = create(&sandbox, &mut connection, "pay");
    assert_eq!(
        (created.status, &created.json()["State"]),
        (201, &json!("Pending")),
        "{}",
        created.text()
    );
    assert!(
        created
            .header("x-amzn-requestid")
            .is_some_and(|id| id.len() == 36)
    );
    let published = connection.lambda(
        "POST",
        &format!("{FUNCTIONS}/pay/versions"),
        &json!({ "Description": "é" }),
    );
    assert_eq!(
        (published.status, &published.json()["Version"]),
        (201, &json!("1"))
    );
    let alias = json!({ "Name": "live", "FunctionVersion": "1" });
    assert_eq!(
        connection
            .lambda("POST", &format!("{FUNCTIONS}/pay/aliases"), &alias)
            .status,
        201
    );
    for (target, line) in [
        ("/pay", "get-function --function-name pay"),
        (
            "/pay?Qualifier=live",
            "get-function --function-name pay --qualifier live",
        ),
        (
            "/pay%3A1/configuration",
            "get-function-configuration --function-name pay:1",
        ),
        (
            "/pay/versions",
            "list-versions-by-function --function-name pay",
        ),
        ("/pay/aliases", "list-aliases --function-name pay"),
        (
            "/pay/aliases/live",
            "get-alias --function-name pay --name live",
        ),
        ("/", "list-functions"),
    ] {
        let answer = connection.lambda("GET", &format!("{FUNCTIONS}{target}"), &Value::Null);
        let mut answered = answer.json();
        // The command prints the last page without a marker.
        if answered["NextMarker"].is_null() {
            answered
                .as_object_mut()
                .expect("an object")
                .shift_remove("NextMarker");
        }
        assert_eq!(answered, of_command(&sandbox, line), "{target}");
    }
    let deleted = connection.lambda(
        "DELETE",
        &format!("{FUNCTIONS}/pay/aliases/live"),
        &Value::Null,
    );
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    let listed = connection.lambda(
        "GET",
        &format!("{FUNCTIONS}/pay/versions?MaxItems=1"),
        &Value::Null,
    );
    assert_eq!(listed.json()["Versions"].as_array().map(Vec::len), Some(1));
}

#[test]
fn errors_have_the_form_of_the_service() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    create(&sandbox, &mut connection, "pay");
    let mut told = |method: &str, target: &str, body: Value| {
        let answer = connection.lambda(method, target, &body);
        let kind = answer
            .header("x-amzn-errortype")
            .unwrap_or_default()
            .to_owned();
        (answer.status, kind, answer.text())
    };
    assert_eq!(
        told("GET", &format!("{FUNCTIONS}/nope"), Value::Null),
        (404, "ResourceNotFoundException".to_owned(),
         r#"{"Type":"User","Message":"Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope"}"#.to_owned())
    );
    // Lambda itself refuses this request. The command line would not send it.
    let weights = json!({ "Name": "a", "FunctionVersion": "1", "RoutingConfig": { "AdditionalVersionWeights": { "2": -0.5 } } });
    let (status, kind, text) = told("POST", &format!("{FUNCTIONS}/pay/aliases"), weights);
    assert_eq!((status, kind.as_str()), (400, "ValidationException"));
    assert!(text.starts_with(r#"{"message":"1 validation error detected: Value '{2=-0.5}' at 'routingConfig.additionalVersionWeights'"#), "{text}");
    let none = json!({ "ProvisionedConcurrentExecutions": 0 });
    let (status, _, text) = told(
        "PUT",
        "/2019-09-30/functions/pay/provisioned-concurrency?Qualifier=1",
        none,
    );
    assert!(
        status == 400 && text.contains("Value '0' at 'provisionedConcurrentExecutions'"),
        "{text}"
    );
    assert_eq!(
        told(
            "PUT",
            &format!("{FUNCTIONS}/pay/configuration"),
            json!({ "Timeout": "x" })
        )
        .1,
        "SerializationException"
    );
    let (status, kind, text) = told("POST", "/2025-11-30/capacity-providers", json!({}));
    assert_eq!((status, kind.as_str()), (501, "NotSimulated"), "{text}");
    assert!(
        text.contains("lambda CreateCapacityProvider is not simulated"),
        "{text}"
    );
    assert_eq!(told("GET", "/nothing", Value::Null).0, 404);
}

#[test]
fn an_invocation_travels_in_headers_and_a_body_of_its_own() {
    let sandbox = Sandbox::new();
    let mut command = lambdry(&sandbox);
    command.env("LAMBDRY_INVOKE", "cat");
    let server = Server::start(command, &["--settle", "0"]);
    let mut connection = server.connect();
    create(&sandbox, &mut connection, "pay");
    let target = format!("{FUNCTIONS}/pay/invocations");
    let answer = connection
        .ask_with(
            "lambda",
            "POST",
            &target,
            "X-Amz-Log-Type: Tail\r\n",
            br#"{"a":"b"}"#,
        )
        .expect("an answer");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, r#"{"a":"b"}"#)
    );
    assert_eq!(answer.header("x-amz-executed-version"), Some("$LATEST"));
    assert!(answer.header("x-amz-log-result").is_some());
    let queued = connection
        .ask_with(
            "lambda",
            "POST",
            &target,
            "X-Amz-Invocation-Type: Event\r\n",
            b"{}",
        )
        .expect("an answer");
    assert_eq!((queued.status, queued.body.len()), (202, 0));
    let target = "/2021-11-15/functions/pay/response-streaming-invocations";
    let events = connection
        .ask_with("lambda", "POST", target, "", b"[1]")
        .expect("an answer");
    assert_eq!(
        events.header("content-type"),
        Some("application/vnd.amazon.eventstream")
    );
    let text = events.text();
    assert!(
        text.contains("PayloadChunk") && text.contains("[1]") && text.contains("InvokeComplete"),
        "{text}"
    );
}

#[test]
fn a_waiter_s_request_completes_the_change_it_reads_and_no_other_request_does() {
    let sandbox = Sandbox::new();
    let server = Server::start(lambdry(&sandbox), &["--settle", "3600"]);
    let mut connection = server.connect();
    create(&sandbox, &mut connection, "pay");
    let target = format!("{FUNCTIONS}/pay/configuration");
    let mut state = |agent: &str| {
        let header = format!("User-Agent: Boto3/1.40 {agent}\r\n");
        let answer = connection.ask_with("lambda", "GET", &target, &header, b"");
        answer.expect("an answer").json()["State"].clone()
    };
    assert_eq!(
        [state("m/b,Z"), state("m/b,Z"), state("m/b,Z")],
        ["Pending", "Pending", "Pending"]
    );
    assert_eq!(state("m/B,b"), "Active");
}

#[test]
fn only_the_key_and_the_names_of_the_server_are_let_in() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let target = format!("{FUNCTIONS}/");
    let ask = |key: &str, host: &str, signed: bool| {
        let mut connection = Connection::to(&server.address, key);
        let headers = connection.headers("lambda").replace(
            &format!("Host: {}", server.address),
            &format!("Host: {host}"),
        );
        let headers = match signed {
            true => headers,
            false => format!("Host: {host}\r\nOrigin: http://example.com\r\n"),
        };
        connection
            .send(format!("GET {target} HTTP/1.1\r\n{headers}\r\n").as_bytes())
            .expect("sent");
        connection.answer().expect("read").expect("an answer")
    };
    let right = ask(&server.key, "localhost:1", true);
    assert_eq!(right.status, 200);
    for (key, host, signed, kind) in [
        (
            "AKIAANOTHERANOTHER22",
            "localhost",
            true,
            "UnrecognizedClientException",
        ),
        (
            server.key.as_str(),
            "example.com",
            true,
            "AccessDeniedException",
        ),
        (
            server.key.as_str(),
            "localhost",
            false,
            "MissingAuthenticationTokenException",
        ),
    ] {
        let refused = ask(key, host, signed);
        assert_eq!(
            (refused.status, refused.header("x-amzn-errortype")),
            (403, Some(kind))
        );
        assert!(
            refused
                .headers
                .iter()
                .all(|(name, _)| !name.starts_with("access-control"))
        );
    }
}

#[test]
fn nothing_listens_beyond_loopback() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let port: u16 = server
        .address
        .rsplit_once(':')
        .expect("a port")
        .1
        .parse()
        .expect("a number");
    let mut seen = 0;
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in fs::read_to_string(table).unwrap_or_default().lines() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // State 0A is a socket that listens.
            if let [_, local, _, "0A", ..] = fields[..]
                && local.ends_with(&format!(":{port:04X}"))
            {
                assert_eq!(local, format!("0100007F:{port:04X}"));
                seen += 1;
            }
        }
    }
    assert!(seen == 1 || !Path::new("/proc/net/tcp").exists());
    let beyond = lambdry(&sandbox)
        .args(["serve", "--listen", "0.0.0.0"])
        .output()
        .expect("lambdry runs");
    assert_eq!(beyond.status.code(), Some(252));
    assert!(String::from_utf8_lossy(&beyond.stderr).contains("--access-key"));
}

#[test]
fn with_a_secret_every_signature_is_verified() {
    let sandbox = Sandbox::new();
    fs::write(
        sandbox.work().join("key"),
        "TESTKEY:a secret of some length\n",
    )
    .expect("a file");
    let server = Server::start(
        lambdry(&sandbox),
        &["--listen", "127.0.0.1", "--access-key-file", "key"],
    );
    assert_eq!(server.key, "TESTKEY");
    let ask = |path: &str, secret: &str, moment: &str| {
        let mut connection = server.connect();
        let headers = signed(
            &server.address,
            "/2015-03-31/functions",
            "TESTKEY",
            secret,
            moment,
        );
        connection
            .send(format!("GET {path} HTTP/1.1\r\n{headers}\r\n").as_bytes())
            .expect("sent");
        connection.answer().expect("read").expect("an answer")
    };
    let now = Command::new("date")
        .args(["-u", "+%Y%m%dT%H%M%SZ"])
        .output()
        .expect("date runs");
    let now = String::from_utf8(now.stdout)
        .expect("text")
        .trim()
        .to_owned();
    let secret = "a secret of some length";
    assert_eq!(ask("/2015-03-31/functions", secret, &now).status, 200);
    for (path, secret, moment, text) in [
        (
            "/2015-03-31/functions",
            "another",
            now.as_str(),
            "does not match",
        ),
        ("/2018-10-31/layers", secret, now.as_str(), "does not match"),
        (
            "/2015-03-31/functions?MaxItems=1",
            secret,
            now.as_str(),
            "does not match",
        ),
        (
            "/2015-03-31/functions",
            secret,
            "20200101T000000Z",
            "Signature expired",
        ),
    ] {
        let refused = ask(path, secret, moment);
        assert_eq!(
            (refused.status, refused.header("x-amzn-errortype")),
            (403, Some("InvalidSignatureException")),
            "{path}"
        );
        assert!(refused.text().contains(text), "{}", refused.text());
    }
}

#[test]
fn a_thousand_requests_of_64_clients_lose_nothing_and_tear_nothing() {
    let sandbox = Sandbox::new();
    let mut command = lambdry(&sandbox);
    command.env_remove("LAMBDRY_NOW");
    let server = Server::start(command, &["--settle", "0"]);
    create(&sandbox, &mut server.connect(), "pay");
    let versions: Mutex<Vec<u64>> = Mutex::default();
    thread::scope(|scope| {
        for client in 0..64 {
            let (server, versions) = (&server, &versions);
            scope.spawn(move || {
                let mut connection = server.connect();
                for n in 0..16 {
                    let answer = match n % 4 {
                        0 => {
                            let setting = json!({ "Description": format!("{client}-{n}") });
                            connection.lambda(
                                "PUT",
                                &format!("{FUNCTIONS}/pay/configuration"),
                                &setting,
                            )
                        }
                        1 => {
                            let answer = connection.lambda(
                                "POST",
                                &format!("{FUNCTIONS}/pay/versions"),
                                &json!({}),
                            );
                            let version = answer.json()["Version"]
                                .as_str()
                                .and_then(|v| v.parse().ok());
                            versions
                                .lock()
                                .expect("versions")
                                .push(version.expect("a version"));
                            answer
                        }
                        2 => {
                            let alias =
                                json!({ "Name": format!("c{client}n{n}"), "FunctionVersion": "1" });
                            connection.lambda("POST", &format!("{FUNCTIONS}/pay/aliases"), &alias)
                        }
                        _ => connection.lambda("GET", &format!("{FUNCTIONS}/pay"), &Value::Null),
                    };
                    assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
                    assert!(answer.json().is_object());
                }
            });
        }
    });
    let told: BTreeSet<u64> = versions
        .into_inner()
        .expect("versions")
        .into_iter()
        .collect();
    let newest = *told.last().expect("versions");
    assert_eq!(
        told,
        (1..=newest).collect(),
        "every number was told to somebody"
    );
    let listed = of_command(&sandbox, "list-versions-by-function --function-name pay");
    assert_eq!(
        listed["Versions"].as_array().map(Vec::len),
        Some(newest as usize + 1)
    );
    let aliases = of_command(&sandbox, "list-aliases --function-name pay");
    assert_eq!(aliases["Aliases"].as_array().map(Vec::len), Some(64 * 4));
    of_command(&sandbox, "doctor");
}

#[test]
fn what_was_answered_is_there_after_a_kill() {
    let sandbox = Sandbox::new();
    for round in 0..5 {
        let mut server = server(&sandbox);
        let name = format!("f{round}");
        create(&sandbox, &mut server.connect(), &name);
        let answered: Mutex<BTreeSet<String>> = Mutex::default();
        let enough = AtomicBool::new(false);
        let (address, key) = (server.address.clone(), server.key.clone());
        thread::scope(|scope| {
            for client in 0..8 {
                let (answered, enough, name) = (&answered, &enough, &name);
                let (address, key) = (&address, &key);
                scope.spawn(move || {
                    let mut connection = Connection::to(address, key);
                    for n in 0.. {
                        let alias = format!("c{client}n{n}");
                        let body =
                            json!({ "Name": alias, "FunctionVersion": "$LATEST" }).to_string();
                        let target = format!("{FUNCTIONS}/{name}/aliases");
                        match connection.ask_with("lambda", "POST", &target, "", body.as_bytes()) {
                            Ok(answer) => {
                                assert_eq!(answer.status, 201, "{}", answer.text());
                                let mut answered = answered.lock().expect("names");
                                answered.insert(alias);
                                enough.fetch_or(answered.len() >= 20 + round, Ordering::Relaxed);
                            }
                            Err(_) => return,
                        }
                    }
                });
            }
            while !enough.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            server.child.kill().expect("killed");
        });
        assert_eq!(server.child.wait().expect("ended").signal(), Some(9));
        let listed = of_command(&sandbox, &format!("list-aliases --function-name {name}"));
        let listed = listed["Aliases"].as_array().expect("aliases").iter();
        let there: BTreeSet<String> = listed
            .map(|alias| alias["Name"].as_str().expect("a name").to_owned())
            .collect();
        let answered = answered.into_inner().expect("names");
        assert!(
            answered.is_subset(&there),
            "answered and lost: {:?}",
            answered.difference(&there)
        );
        // The eight calls that were in progress may have succeeded.
        assert!(there.len() <= answered.len() + 8);
    }
    of_command(&sandbox, "doctor");
}

#[test]
fn what_is_no_request_is_refused_or_cut_off_and_changes_nothing() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    create(&sandbox, &mut server.connect(), "pay");
    let state = sandbox.work().join("state");
    let before = files(&state);
    let headers = server.connect().headers("lambda");
    let long = "x".repeat(1 << 20);
    let code = code(&sandbox, "two");
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    let mut case = |head: String, body: &[u8]| cases.push((head, body.to_vec()));
    for line in [
        "FOO / HTTP/1.1",
        "GET /%00 HTTP/1.1",
        "GET /%zz HTTP/1.1",
        "GET /../../etc/passwd HTTP/1.1",
        "GET / HTTP/9.9",
        "GET",
        "",
        "\0\0\0",
        "GET /2015-03-31/functions/..%2f..%2f HTTP/1.1",
        "GET /2015-03-31/functions/%2e%2e HTTP/1.1",
        "PUT /2015-03-31/functions/pay HTTP/1.1",
        "GET /2015-03-31/functions/pay%00 HTTP/1.1",
        "GET /2015-03-31/functions/%ff HTTP/1.1",
        "POST /2015-03-31/functions/../versions HTTP/1.1",
        "DELETE /2015-03-31/functions/ HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "CONNECT example.com:443 HTTP/1.1",
        "PUT /2015-03-31/functions/pay/code HTTP/1.1",
        "TRACE /2015-03-31/functions HTTP/1.1",
    ] {
        case(format!("{line}\r\n{headers}\r\n"), b"");
    }
    let update = "PUT /2015-03-31/functions/pay/configuration HTTP/1.1";
    let body = br#"{"Description":"torn"}"#;
    let length = body.len();
    for more in [
        format!("Content-Length: {}\r\n", length + 1),
        format!(
            "Content-Length: {length}\r\nContent-Length: {}\r\n",
            length + 3
        ),
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
        "Content-Length: -1\r\n".to_owned(),
        "Content-Length: 99999999999999999999999\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\n".to_owned(),
        "Transfer-Encoding: gzip\r\n".to_owned(),
        format!("X: {long}\r\nContent-Length: {length}\r\n"),
        format!("{}Content-Length: {length}\r\n", "A: b\r\n".repeat(2000)),
        format!("Host: localhost\r\nContent-Length: {length}\r\n"),
        "Bad Header: x\r\n".to_owned(),
    ] {
        case(format!("{update}\r\n{headers}{more}\r\n"), body);
    }
    for chunks in [
        "zz\r\n{}\r\n0\r\n\r\n",
        "5\r\n{}\r\n0\r\n\r\n",
        "2\r\n{",
        "ffffffffffffffffff\r\n{}",
        "-2\r\n{}\r\n0\r\n\r\n",
    ] {
        case(
            format!("{update}\r\n{headers}Transfer-Encoding: chunked\r\n\r\n"),
            chunks.as_bytes(),
        );
    }
    for text in [
        "{",
        "[]",
        "null",
        "\"",
        "{\"Description\":",
        "{\"Description\":5}",
        "\u{0}",
        "{\"Description\":\"a\"}{}",
        "{\"Timeout\":1e999}",
    ] {
        case(
            format!(
                "{update}\r\n{headers}Content-Length: {}\r\n\r\n",
                text.len()
            ),
            text.as_bytes(),
        );
    }
    let nested = format!("{{\"Description\":{}", "[".repeat(100_000));
    case(
        format!(
            "{update}\r\n{headers}Content-Length: {}\r\n\r\n",
            nested.len()
        ),
        nested.as_bytes(),
    );
    let update = "PUT /2015-03-31/functions/pay/code HTTP/1.1";
    let forged = r#"{"Spool":"../functions/pay/function.json","CodeSha256":"x","CodeSize":1}"#;
    for text in [
        format!("{{\"ZipFile\":\"{}\"}}", &code[..code.len() - 2]),
        format!("{{\"ZipFile\":{forged}}}"),
        format!("{{\"Zip\\u0046ile\":{forged}}}"),
        "{\"ZipFile\":\"not base64!\"}".to_owned(),
        "{\"ZipFile\":5}".to_owned(),
    ] {
        case(
            format!(
                "{update}\r\n{headers}Content-Length: {}\r\n\r\n",
                text.len()
            ),
            text.as_bytes(),
        );
    }
    // If a body is cut inside the code, nothing is stored.
    case(
        format!("{update}\r\n{headers}Content-Length: 100000\r\n\r\n"),
        format!("{{\"ZipFile\":\"{code}").as_bytes(),
    );
    for (head, body) in &cases {
        let mut connection = server.connect();
        // A server that has read enough may close before the client has sent everything.
        let _ = connection
            .send(head.as_bytes())
            .and_then(|()| connection.send(body));
        connection.close_write();
        if let Ok(Some(answer)) = connection.answer() {
            let start: String = head.chars().take(80).collect();
            assert!(
                (400..500).contains(&answer.status),
                "{start:?} {body:?}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    assert_eq!(
        server
            .connect()
            .lambda("GET", &format!("{FUNCTIONS}/pay"), &Value::Null)
            .status,
        200
    );
    let after = files(&state);
    let changed: Vec<&String> = after
        .iter()
        .filter(|(name, bytes)| before.get(*name) != Some(bytes))
        .map(|(name, _)| name)
        .collect();
    assert!(
        changed.is_empty() && before.len() == after.len(),
        "{changed:?}"
    );
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_sent() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    let head = format!(
        "POST {FUNCTIONS} HTTP/1.1\r\n{}Content-Length: 70167212\r\nExpect: 100-continue\r\n\r\n",
        connection.headers("lambda")
    );
    connection.send(head.as_bytes()).expect("sent");
    let refused = connection.answer().expect("read").expect("an answer");
    assert_eq!(
        (refused.status, refused.header("x-amzn-errortype")),
        (413, Some("RequestEntityTooLargeException"))
    );
    assert_eq!(
        refused.json(),
        json!({ "message": "Request must be smaller than 70167211 bytes for the CreateFunction operation" })
    );
}

#[test]
fn an_interrupt_ends_the_server_after_the_calls_under_way() {
    let sandbox = Sandbox::new();
    let fifo = |name: &str| {
        let path = sandbox.work().join(name);
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .expect("mkfifo runs")
                .success()
        );
        path
    };
    let (begun, go) = (fifo("begun"), fifo("go"));
    let mut command = lambdry(&sandbox);
    command.env(
        "LAMBDRY_INVOKE",
        format!("echo > {}; cat {}", begun.display(), go.display()),
    );
    let mut server = Server::start(command, &["--settle", "0"]);
    let mut connection = server.connect();
    create(&sandbox, &mut connection, "pay");
    let mut idle = server.connect();
    thread::scope(|scope| {
        let call = scope.spawn(|| {
            connection.lambda("POST", &format!("{FUNCTIONS}/pay/invocations"), &json!({}))
        });
        // This pipe opens when the call has begun.
        fs::read(&begun).expect("begun");
        server.interrupt();
        // A connection that is idle is closed.
        assert!(idle.answer().expect("read").is_none());
        fs::write(&go, "\"done\"").expect("a pipe");
        assert_eq!(call.join().expect("an answer").text(), "\"done\"");
    });
    assert!(server.child.wait().expect("ended").success());
}

/// Sends a request to S3.
fn s3(
    connection: &mut Connection,
    method: &str,
    target: &str,
    headers: &str,
    body: &[u8],
) -> Answer {
    let answer = connection.ask_with("s3", method, target, headers, body);
    answer.expect("an answer")
}

#[test]
fn objects_travel_as_they_are_in_chunks_and_in_parts() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    let mut ask = |method: &str, target: &str, headers: &str, body: &[u8]| {
        s3(&mut connection, method, target, headers, body)
    };
    let region = b"<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(ask("PUT", "/far", "", region).status, 200);
    let location = ask("GET", "/far?location", "", b"").text();
    assert!(
        location.ends_with("/\">eu-west-1</LocationConstraint>"),
        "{location}"
    );
    assert_eq!(
        ask(
            "PUT",
            "/farther",
            "",
            b"<CreateBucketConfiguration><!DOCTYPE x>"
        )
        .status,
        400
    );
    assert_eq!(ask("DELETE", "/far", "", b"").status, 204);
    assert_eq!(ask("PUT", "/code", "", b"").status, 200);
    let put = ask(
        "PUT",
        "/code/a/b%20c",
        "Content-Type: text/x\r\nx-amz-meta-a: b\r\n",
        b"0123456789",
    );
    assert_eq!(
        (put.status, put.header("etag")),
        (200, Some("\"781e5e245d69b566979b86e28d23f2c7\""))
    );
    let got = ask("GET", "/code/a/b%20c", "", b"");
    assert_eq!((got.status, got.text().as_str()), (200, "0123456789"));
    assert_eq!(
        (got.header("content-type"), got.header("x-amz-meta-a")),
        (Some("text/x"), Some("b"))
    );
    let part = ask("GET", "/code/a/b%20c", "Range: bytes=2-4\r\n", b"");
    assert_eq!(
        (
            part.status,
            part.text().as_str(),
            part.header("content-range")
        ),
        (206, "234", Some("bytes 2-4/10"))
    );
    assert_eq!(
        ask("GET", "/code/a/b%20c", "Range: bytes=10-\r\n", b"").status,
        416
    );
    assert_eq!(
        ask(
            "GET",
            "/code/a/b%20c",
            "If-None-Match: \"781e5e245d69b566979b86e28d23f2c7\"\r\n",
            b""
        )
        .status,
        304
    );
    let chunked = "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nContent-Encoding: aws-chunked\r\n\
        x-amz-decoded-content-length: 9\r\nx-amz-trailer: x-amz-checksum-crc32\r\n";
    // The CRC-32 of 123456789 is CBF43926.
    let body =
        |sum: &str| format!("4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:{sum}\r\n\r\n");
    assert_eq!(
        ask("PUT", "/code/chunks", chunked, body("y/Q5Jg==").as_bytes()).status,
        200
    );
    assert_eq!(ask("GET", "/code/chunks", "", b"").text(), "123456789");
    assert_eq!(
        ask("GET", "/code/chunks", "", b"").header("content-encoding"),
        None
    );
    for (target, headers, body, code) in [
        ("/code/bad", chunked, body("AAAAAA=="), "BadDigest"),
        (
            "/code/bad",
            chunked,
            body("y/Q5Jg==").replace("5\r\n", "6\r\n"),
            "MalformedXML",
        ),
        (
            "/code/bad",
            "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
            "x".to_owned(),
            "BadDigest",
        ),
        ("/none/k", "", "x".to_owned(), "NoSuchBucket"),
    ] {
        let refused = ask("PUT", target, headers, body.as_bytes());
        assert!(
            (400..500).contains(&refused.status)
                && refused.text().contains(&format!("<Code>{code}</Code>")),
            "{}",
            refused.text()
        );
    }
    assert_eq!(ask("GET", "/code/bad", "", b"").status, 404);
    let listed = ask("GET", "/code?list-type=2&delimiter=%2F", "", b"").text();
    assert!(
        listed.contains("<Key>chunks</Key>")
            && listed.contains("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>"),
        "{listed}"
    );
    assert!(listed.contains("<ListBucketResult xmlns="), "{listed}");
    let begun = ask("POST", "/code/parts?uploads", "", b"").text();
    let id = begun
        .split("<UploadId>")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    let id = id.unwrap_or_else(|| panic!("{begun}"));
    let part = ask(
        "PUT",
        &format!("/code/parts?partNumber=1&uploadId={id}"),
        "",
        b"part",
    );
    let tag = part.header("etag").expect("a tag").to_owned();
    let parts = format!(
        "<CompleteMultipartUpload><Part><ETag>{tag}</ETag><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>"
    );
    let whole = ask(
        "POST",
        &format!("/code/parts?uploadId={id}"),
        "",
        parts.as_bytes(),
    );
    assert!(
        whole.status == 200 && whole.text().contains("-1&quot;</ETag>"),
        "{}",
        whole.text()
    );
    assert_eq!(ask("GET", "/code/parts", "", b"").text(), "part");
    assert_eq!(ask("DELETE", "/code/parts", "", b"").status, 204);
    let listed = ask("GET", "/code/parts?uploadId=x", "", b"");
    assert!(listed.status == 404 && listed.text().contains("<Code>NoSuchUpload</Code>"));
    let other = ask("GET", "/code?acl", "", b"");
    assert!(other.status == 501 && other.text().contains("s3 GetBucketAcl is not simulated"));
    let begun = ask("POST", "/code/copied?uploads", "", b"").text();
    let id = begun
        .split("UploadId>")
        .nth(1)
        .and_then(|text| text.split('<').next());
    let id = id.expect("an id").to_owned();
    let copied = ask(
        "PUT",
        &format!("/code/copied?uploadId={id}&partNumber=1"),
        "x-amz-copy-source: code/a/b%20c\r\nx-amz-copy-source-range: bytes=0-1\r\n",
        b"",
    );
    assert!(
        copied.status == 200 && copied.text().contains("<CopyPartResult"),
        "{}",
        copied.text()
    );
    let listed = ask("GET", &format!("/code/copied?uploadId={id}"), "", b"").text();
    assert!(
        listed.contains("<Part><PartNumber>1</PartNumber>") && listed.contains("<Size>2</Size>"),
        "{listed}"
    );
    let listed = ask("GET", "/code?uploads", "", b"").text();
    assert!(listed.contains("<Upload><UploadId>"), "{listed}");
    assert_eq!(
        ask("DELETE", &format!("/code/copied?uploadId={id}"), "", b"").status,
        204
    );
    ask("PUT", "/code/gone", "", b"x");
    let listed = ask("GET", "/code?marker=c", "", b"").text();
    assert!(
        listed.contains("<Key>gone</Key>") && !listed.contains("<Key>a/b"),
        "{listed}"
    );
    let delete = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>gone</Key></Object></Delete>";
    let deleted = ask("POST", "/code?delete", "", delete.as_bytes()).text();
    assert!(
        deleted.contains("<Deleted><Key>gone</Key></Deleted></DeleteResult>"),
        "{deleted}"
    );
    let listed = ask("GET", "/code?versions", "", b"").text();
    assert!(
        listed.contains("<VersionId>null</VersionId><IsLatest>true</IsLatest>"),
        "{listed}"
    );
    assert_eq!(ask("DELETE", "/code/chunks", "", b"").status, 204);
    // On a kept connection, the next request is not taken for a part of the last request.
    assert_eq!(ask("GET", "/", "", b"").status, 200);
    let keys = of_command(
        &sandbox,
        "s3api list-objects-v2 --bucket code --query Contents[].Key",
    );
    assert_eq!(keys, json!(["a/b c"]));
}

#[test]
fn code_that_was_put_over_http_is_code_for_a_function() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    create(&sandbox, &mut connection, "pay");
    sandbox.zip("two.zip", "two");
    let zip = fs::read(sandbox.work().join("two.zip")).expect("a zip");
    assert_eq!(s3(&mut connection, "PUT", "/code", "", b"").status, 200);
    assert_eq!(
        s3(
            &mut connection,
            "PUT",
            "/code/two.zip",
            "Expect: 100-continue\r\n",
            &zip
        )
        .status,
        200
    );
    let source = json!({ "S3Bucket": "code", "S3Key": "two.zip", "Publish": true });
    let updated = connection.lambda("PUT", &format!("{FUNCTIONS}/pay/code"), &source);
    assert_eq!(
        (updated.status, &updated.json()["Version"]),
        (200, &json!("1")),
        "{}",
        updated.text()
    );
}

#[test]
fn whoever_took_a_role_is_let_in_as_that_role_and_nobody_who_made_it_up() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    let form = "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n";
    let body = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=ci&RoleArn=arn%3Aaws%3Aiam%3A%3A210987654321%3Arole%2Fdeploy";
    let taken = connection.ask_with("sts", "POST", "/", form, body.as_bytes());
    let taken = taken.expect("an answer").text();
    let value = |name: &str| {
        let value = taken.split(&format!("<{name}>")).nth(1);
        let value = value.and_then(|text| text.split('<').next());
        value
            .unwrap_or_else(|| panic!("{name} in {taken}"))
            .to_owned()
    };
    let token = format!("X-Amz-Security-Token: {}\r\n", value("SessionToken"));
    let mut role = Connection::to(&server.address, &value("AccessKeyId"));
    let who = role.ask_with(
        "sts",
        "POST",
        "/",
        &format!("{form}{token}"),
        b"Action=GetCallerIdentity&Version=2011-06-15",
    );
    let who = who.expect("an answer");
    assert!(
        who.text()
            .contains("<Arn>arn:aws:sts::210987654321:assumed-role/deploy/ci</Arn>"),
        "{}",
        who.text()
    );
    let settings = role.ask_with("lambda", "GET", FUNCTIONS, &token, b"");
    assert_eq!(settings.expect("an answer").status, 200);
    // Three requests are refused: the key without its token, the token with another key, and an invented token.
    for (key, token) in [
        (value("AccessKeyId"), String::new()),
        ("ASIAQQQQQQQQQQQQQQQQ".to_owned(), token.clone()),
        (
            value("AccessKeyId"),
            "X-Amz-Security-Token: lambdry.e30\r\n".to_owned(),
        ),
    ] {
        let mut other = Connection::to(&server.address, &key);
        let refused = other.ask_with("lambda", "GET", FUNCTIONS, &token, b"");
        assert_eq!(refused.expect("an answer").status, 403, "{key} {token}");
    }
}

#[test]
fn who_is_calling_is_told_in_xml() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    let form = "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n";
    let mut ask = |service: &str, body: &str| {
        let answer = connection.ask_with(service, "POST", "/", form, body.as_bytes());
        answer.expect("an answer")
    };
    let told = ask("sts", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(told.status, 200);
    assert!(
        told.text().contains("<GetCallerIdentityResult><UserId>"),
        "{}",
        told.text()
    );
    let other = ask("sns", "Action=ListPlatformApplications&Version=2010-03-31");
    assert!(
        other.status == 501
            && other
                .text()
                .contains("<Message>sns ListPlatformApplications is not simulated"),
        "{}",
        other.text()
    );
    for body in ["", "Action=%ff", "Action=<script>", &"a=b&".repeat(400_000)] {
        assert!((400..500).contains(&ask("iam", body).status));
    }
}

/// A request to a service of ready answers, with a JSON body.
fn rpc(connection: &mut Connection, service: &str, target: &str, body: &Value) -> Answer {
    let headers = format!("X-Amz-Target: {target}\r\nContent-Type: application/x-amz-json-1.0\r\n");
    connection
        .ask_with(service, "POST", "/", &headers, body.to_string().as_bytes())
        .expect("an answer")
}

/// A request with a form, for a service that speaks the query protocol.
fn form(connection: &mut Connection, service: &str, path: &str, form: &str) -> Answer {
    let headers = "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n";
    connection
        .ask_with(service, "POST", path, headers, form.as_bytes())
        .expect("an answer")
}

#[test]
fn ready_answers_are_given_over_json_and_forms_on_one_state() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    let connection = &mut connection;
    let put = json!({ "Name": "/pay/host", "Value": "a", "Type": "String" });
    let told = rpc(connection, "ssm", "AmazonSSM.PutParameter", &put);
    assert_eq!((told.status, &told.json()["Version"]), (200, &json!(1)));
    let read = of_command(&sandbox, "ssm get-parameter --name /pay/host");
    assert_eq!(read["Parameter"]["Value"], "a");
    let wanted = json!({ "Name": "/pay/host" });
    let told = rpc(connection, "ssm", "AmazonSSM.GetParameter", &wanted);
    assert!(
        told.json()["Parameter"]["LastModifiedDate"].is_number(),
        "moments are seconds: {}",
        told.text()
    );
    let told = rpc(
        connection,
        "ssm",
        "AmazonSSM.GetParameter",
        &json!({ "Name": "/none" }),
    );
    assert_eq!(
        (told.status, &told.json()["__type"]),
        (400, &json!("ParameterNotFound"))
    );
    // Another service has the same signing name. That service is not called.
    let told = rpc(
        connection,
        "dynamodb",
        "DynamoDBStreams_20120810.ListStreams",
        &json!({}),
    );
    assert_eq!(told.status, 404, "{}", told.text());
    let told = rpc(
        connection,
        "dynamodb",
        "DynamoDB_20120810.PutItem",
        &json!({}),
    );
    assert_eq!(told.status, 501, "{}", told.text());
    assert!(told.text().contains("dynamodb PutItem is not simulated"));
    // A service that speaks two protocols has one state for both.
    let told = form(
        connection,
        "monitoring",
        "/",
        "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=errors&MetricName=Errors&Namespace=AWS%2FLambda&Period=60\
         &EvaluationPeriods=1&Threshold=1.5&ComparisonOperator=GreaterThanThreshold&Statistic=Sum\
         &Dimensions.member.1.Name=FunctionName&Dimensions.member.1.Value=pay",
    );
    assert_eq!(told.status, 200, "{}", told.text());
    let target = "GraniteServiceVersion20100801.DescribeAlarms";
    let told = rpc(connection, "monitoring", target, &json!({}));
    let alarm = &told.json()["MetricAlarms"][0];
    assert_eq!(alarm["Threshold"], 1.5, "{}", told.text());
    assert_eq!(alarm["Dimensions"][0]["Value"], "pay");
    // The bytes are {"AlarmNames": ["errors"]} in CBOR, as newer SDKs send it.
    let asked = b"\xa1\x6aAlarmNames\x81\x66errors";
    let headers = "smithy-protocol: rpc-v2-cbor\r\nContent-Type: application/cbor\r\nAccept: application/cbor\r\n";
    let path = "/service/GraniteServiceVersion20100801/operation";
    let mut cbor = |name: &str, body: &[u8]| {
        connection
            .ask_with(
                "monitoring",
                "POST",
                &format!("{path}/{name}"),
                headers,
                body,
            )
            .expect("an answer")
    };
    let told = cbor("DescribeAlarms", asked);
    let has = |answer: &Answer, part: &[u8]| answer.body.windows(part.len()).any(|it| it == part);
    assert_eq!(
        (told.status, told.header("smithy-protocol")),
        (200, Some("rpc-v2-cbor"))
    );
    // This is 1.5 as a 64-bit float, and a moment.
    assert!(
        has(&told, b"\x69Threshold\xfb\x3f\xf8\0\0\0\0\0\0"),
        "{}",
        told.text()
    );
    assert!(has(&told, b"Timestamp\xc1\xfb"), "{}", told.text());
    let told = cbor(
        "SetAlarmState",
        b"\xa3\x69AlarmName\x64none\x6aStateValue\x62OK\x6bStateReason\x61r",
    );
    assert_eq!(told.status, 404, "{}", told.text());
    assert!(
        has(&told, b"\x66__type\x70ResourceNotFound"),
        "{}",
        told.text()
    );
    let told = cbor("ListDashboards", b"\xa0");
    assert!(
        told.status == 501
            && told
                .text()
                .contains("cloudwatch ListDashboards is not simulated")
    );
    assert_eq!(cbor("DescribeAlarms", b"\xa1\x6a").status, 400);
    let topic = form(
        connection,
        "sns",
        "/",
        "Action=CreateTopic&Version=2010-03-31&Name=ops&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=a+%26+b",
    );
    let arn = "arn:aws:sns:us-east-1:123456789012:ops";
    assert!(
        topic
            .text()
            .contains(&format!("<TopicArn>{arn}</TopicArn>"))
    );
    let told = form(
        connection,
        "sns",
        "/",
        &format!("Action=GetTopicAttributes&Version=2010-03-31&TopicArn={arn}"),
    );
    let entry = "<entry><key>DisplayName</key><value>a &amp; b</value></entry>";
    assert!(told.text().contains(entry), "{}", told.text());
}

/// SDKs call the address of a queue itself. That address must lead to this server.
#[test]
fn the_address_of_a_queue_leads_to_the_server_in_both_protocols() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    let connection = &mut connection;
    let queue = json!({ "QueueName": "orders", "Attributes": { "DelaySeconds": "5" } });
    let told = rpc(connection, "sqs", "AmazonSQS.CreateQueue", &queue);
    let path = "/123456789012/orders";
    let url = format!("http://{}{path}", server.address);
    assert_eq!(told.json()["QueueUrl"], url.as_str(), "{}", told.text());
    let asked = json!({ "QueueUrl": url, "AttributeNames": ["DelaySeconds"] });
    let headers = "X-Amz-Target: AmazonSQS.GetQueueAttributes\r\n";
    let told = connection
        .ask_with("sqs", "POST", path, headers, asked.to_string().as_bytes())
        .expect("an answer");
    assert_eq!(told.json()["Attributes"], json!({ "DelaySeconds": "5" }));
    let asked = "Action=GetQueueAttributes&Version=2012-11-05&AttributeName.1=QueueArn";
    let asked = format!(
        "{asked}&QueueUrl={}",
        url.replace(':', "%3A").replace('/', "%2F")
    );
    let told = form(connection, "sqs", path, &asked);
    let attribute = "<Attribute><Name>QueueArn</Name><Value>arn:aws:sqs:us-east-1:123456789012:orders</Value></Attribute>";
    assert!(
        told.text().contains(&format!(
            "<GetQueueAttributesResult>{attribute}</GetQueueAttributesResult>"
        )),
        "{}",
        told.text()
    );
    let told = form(
        connection,
        "sqs",
        "/",
        "Action=GetQueueUrl&Version=2012-11-05&QueueName=orders",
    );
    assert!(told.text().contains(&format!("<QueueUrl>{url}</QueueUrl>")));
    // The stored address, and the address that a command prints, are AWS's.
    let printed = of_command(&sandbox, "sqs get-queue-url --queue-name orders");
    let of_aws = format!("https://sqs.us-east-1.amazonaws.com{path}");
    assert_eq!(printed["QueueUrl"], of_aws.as_str());
    // Clients that know the query protocol expect its error codes.
    let told = rpc(
        connection,
        "sqs",
        "AmazonSQS.GetQueueUrl",
        &json!({ "QueueName": "none" }),
    );
    let code = "AWS.SimpleQueueService.NonExistentQueue";
    assert_eq!(told.status, 400);
    assert_eq!(
        told.header("x-amzn-query-error"),
        Some(&*format!("{code};Sender"))
    );
    assert_eq!(told.json()["__type"], "com.amazonaws.sqs#QueueDoesNotExist");
    let told = form(
        connection,
        "sqs",
        "/",
        "Action=GetQueueUrl&Version=2012-11-05&QueueName=none",
    );
    assert!(
        told.text().contains(&format!("<Code>{code}</Code>")),
        "{}",
        told.text()
    );
}

#[test]
fn ready_answers_are_given_over_rest_as_well() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    let mut ask = |service: &str, method: &str, target: &str, body: &str| {
        connection
            .ask_with(service, method, target, "", body.as_bytes())
            .expect("an answer")
    };
    let rest = |ask: &mut dyn FnMut(&str, &str, &str, &str) -> Answer,
                method,
                target: &str,
                body: Value| {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let told = ask("apigateway", method, target, &body);
        (told.status, told.json())
    };
    let (status, api) = rest(&mut ask, "POST", "/restapis", json!({ "name": "pay" }));
    assert_eq!(status, 201, "{api}");
    assert!(api["createdDate"].is_number(), "{api}");
    let id = api["id"].as_str().expect("an id").to_owned();
    let (_, listed) = rest(&mut ask, "GET", "/restapis?limit=10", Value::Null);
    assert_eq!(listed["item"][0]["id"], id.as_str(), "{listed}");
    let root = api["rootResourceId"].as_str().expect("a root").to_owned();
    let method = format!("/restapis/{id}/resources/{root}/methods/POST");
    let (status, told) = rest(
        &mut ask,
        "PUT",
        &method,
        json!({ "authorizationType": "NONE" }),
    );
    assert_eq!((status, &told["httpMethod"]), (201, &json!("POST")));
    let integration = json!({ "type": "AWS_PROXY", "httpMethod": "PUT", "uri": "arn:x" });
    let path = format!("{method}/integration");
    let (status, told) = rest(&mut ask, "PUT", &path, integration);
    assert_eq!(
        (status, &told["httpMethod"]),
        (201, &json!("PUT")),
        "{told}"
    );
    let patch = json!({ "patchOperations": [{ "op": "replace", "path": "/name", "value": "b" }] });
    let (status, told) = rest(&mut ask, "PATCH", &format!("/restapis/{id}"), patch);
    assert_eq!((status, &told["name"]), (200, &json!("b")), "{told}");
    let (status, told) = rest(&mut ask, "GET", "/restapis/none", Value::Null);
    assert_eq!(status, 404, "{told}");
    // Version 2 has the same signing name.
    let web =
        json!({ "name": "web", "protocolType": "HTTP", "corsConfiguration": { "maxAge": 60 } });
    let (status, told) = rest(&mut ask, "POST", "/v2/apis", web);
    assert_eq!(
        (status, &told["corsConfiguration"]["maxAge"]),
        (201, &json!(60))
    );
    assert!(
        told["createdDate"]
            .as_str()
            .is_some_and(|it| it.ends_with('Z'))
    );
    let id = told["apiId"].as_str().expect("an id");
    let kept = of_command(&sandbox, &format!("apigatewayv2 get-api --api-id {id}"));
    assert_eq!(kept["CorsConfiguration"]["MaxAge"], 60);
    let told = ask("apigateway", "GET", "/apikeys", "");
    assert_eq!(told.status, 501);
    assert!(
        told.text()
            .contains("apigateway GetApiKeys is not simulated"),
        "{}",
        told.text()
    );
    let told = ask("apigateway", "GET", "/v2/vpclinks", "");
    assert!(
        told.text()
            .contains("apigatewayv2 GetVpcLinks is not simulated"),
        "{}",
        told.text()
    );
    let batch = "<?xml version=\"1.0\"?><InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths>\
        <Quantity>2</Quantity><Items><Path>/*</Path><Path>/a&amp;b</Path></Items></Paths>\
        <CallerReference>r</CallerReference></InvalidationBatch>";
    let made = "cloudfront create-distribution --origin-domain-name example.com";
    let made = of_command(&sandbox, made);
    let id = made["Distribution"]["Id"].as_str().expect("an id");
    let target = format!("/2020-05-31/distribution/{id}/invalidation");
    let target = target.as_str();
    let told = ask("cloudfront", "POST", target, batch);
    assert_eq!(told.status, 201, "{}", told.text());
    assert!(
        told.header("location")
            .is_some_and(|place| place.contains(target))
    );
    let paths =
        "<Paths><Quantity>2</Quantity><Items><Path>/*</Path><Path>/a&amp;b</Path></Items></Paths>";
    assert!(told.text().contains(paths), "{}", told.text());
    let told = ask("cloudfront", "GET", &format!("{target}/none"), "");
    assert_eq!(told.status, 404);
    assert!(
        told.text().contains("<Code>NoSuchInvalidation</Code>"),
        "{}",
        told.text()
    );
    let told = ask("cloudfront", "GET", "/2020-05-31/cache-policy", "");
    assert!(
        told.text()
            .contains("cloudfront ListCachePolicies is not simulated")
    );
}

#[test]
fn a_waiter_s_request_completes_what_a_ready_answer_has_under_way() {
    let sandbox = Sandbox::new();
    let server = Server::start(lambdry(&sandbox), &["--settle", "3600"]);
    let mut connection = server.connect();
    let table = json!({
        "TableName": "t", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
    });
    let made = rpc(
        &mut connection,
        "dynamodb",
        "DynamoDB_20120810.CreateTable",
        &table,
    );
    assert_eq!(
        made.json()["TableDescription"]["TableStatus"],
        "CREATING",
        "{}",
        made.text()
    );
    let mut status = |agent: &str| {
        let headers =
            format!("X-Amz-Target: DynamoDB_20120810.DescribeTable\r\nUser-Agent: {agent}\r\n");
        let told = connection
            .ask_with("dynamodb", "POST", "/", &headers, br#"{"TableName":"t"}"#)
            .expect("an answer");
        told.json()["Table"]["TableStatus"].clone()
    };
    assert_eq!(status("Boto3/1.43.11 m/b"), "CREATING");
    assert_eq!(status("Boto3/1.43.11 m/B,b"), "ACTIVE");
}

/// Sends a request without a signature.
fn unsigned(connection: &mut Connection, host: &str, head: &str, body: &str) -> Answer {
    let (line, headers) = head.split_once('\n').unwrap_or((head, ""));
    let length = body.len();
    let text = format!(
        "{line} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    connection.send(text.as_bytes()).expect("it is sent");
    connection.answer().expect("an answer").expect("an answer")
}

#[test]
fn what_sdks_send_without_a_signature_is_answered_to_the_server_s_own_user_alone() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    // This is {"sub": "repo"}.
    let asked = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A210987654321%3Arole%2Fci\
        &RoleSessionName=run&WebIdentityToken=e30.eyJzdWIiOiAicmVwbyJ9.x";
    let told = unsigned(
        &mut connection,
        &server.address,
        &format!("POST /\n{form}"),
        asked,
    );
    if cfg!(not(target_os = "linux")) {
        // This system does not tell which user owns the connection.
        assert_eq!(told.status, 403, "{}", told.text());
        return;
    }
    assert_eq!(told.status, 200, "{}", told.text());
    let text = told.text();
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>")).expect("an element");
        rest.split('<').next().expect("a text").to_owned()
    };
    assert_eq!(element("SubjectFromWebIdentityToken"), "repo");
    let mut as_role = Connection::to(&server.address, &element("AccessKeyId"));
    let token = format!(
        "X-Amz-Security-Token: {}\r\n{form}",
        element("SessionToken")
    );
    let who = b"Action=GetCallerIdentity&Version=2011-06-15";
    let told = as_role
        .ask_with("sts", "POST", "/", &token, who)
        .expect("an answer");
    assert!(
        told.text()
            .contains("arn:aws:sts::210987654321:assumed-role/ci/run"),
        "{}",
        told.text()
    );
    let before = files(&sandbox.work());
    for (head, body, status, says) in [
        (
            format!("POST /\n{form}"),
            "Action=GetCallerIdentity",
            403,
            "MissingAuthenticationToken",
        ),
        (
            format!("POST /\n{form}"),
            "Action=AssumeRole",
            403,
            "MissingAuthenticationToken",
        ),
        (
            format!("POST /\n{form}"),
            "Action=CreateRole&RoleName=x",
            403,
            "MissingAuthenticationToken",
        ),
        (
            format!("POST /\n{form}"),
            "Action=AssumeRoleWithSAML",
            501,
            "sts AssumeRoleWithSAML is not simulated",
        ),
        (
            format!("GET {FUNCTIONS}"),
            "",
            403,
            "Missing Authentication Token",
        ),
        (
            "POST /\nX-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth\r\n".to_owned(),
            "{}",
            501,
            "cognito-idp InitiateAuth is not simulated",
        ),
        (
            "GET /federation/credentials?role_name=a&account_id=1".to_owned(),
            "",
            501,
            "sso GetRoleCredentials is not simulated",
        ),
        (
            "POST /token".to_owned(),
            "{}",
            501,
            "sso-oidc CreateToken is not simulated",
        ),
    ] {
        let told = unsigned(&mut connection, &server.address, &head, body);
        assert_eq!(told.status, status, "{head} {body}: {}", told.text());
        assert!(told.text().contains(says), "{head} {body}: {}", told.text());
    }
    assert_eq!(files(&sandbox.work()), before);
}

/// An error as AWS was recorded to answer it (`wire/recorded.json`): the operation, its members, the status, the code,
/// the message, and a flag. The flag is true if the body says that the user is at fault.
#[derive(serde::Deserialize)]
struct Recorded(
    String,
    serde_json::Map<String, Value>,
    u16,
    String,
    String,
    bool,
);

/// Makes a request to Lambda from an operation and its members. Method, target and body follow the operation's route.
fn request(name: &str, members: serde_json::Map<String, Value>) -> (&'static str, String, Value) {
    use lambdry::operation::{find, route::Location};
    let entry = find(name).expect("an operation");
    let route = entry.routed();
    let mut target = entry.route.split(' ').nth(1).expect("a path").to_owned();
    let (mut query, mut body) = (Vec::new(), serde_json::Map::new());
    for (member, value) in members {
        let text = |value: &Value| {
            let text = value.as_str().map_or(value.to_string(), str::to_owned);
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            text.bytes()
                .map(|byte| match plain(byte) {
                    true => char::from(byte).to_string(),
                    false => format!("%{byte:02X}"),
                })
                .collect::<String>()
        };
        match entry.place_in_request(&route, &member) {
            Location::Path => target = target.replace(&format!("{{{member}}}"), &text(&value)),
            Location::Query(name) => match value {
                Value::Array(items) => {
                    query.extend(items.iter().map(|it| format!("{name}={}", text(it))));
                }
                one => query.push(format!("{name}={}", text(&one))),
            },
            _ => drop(body.insert(member, value)),
        }
    }
    let body = if route.has_body() {
        body.into()
    } else {
        Value::Null
    };
    let mark = if target.contains('?') { '&' } else { '?' };
    let target = match query.is_empty() {
        true => target,
        false => format!("{target}{mark}{}", query.join("&")),
    };
    (route.method, target, body)
}

/// The same call by the command.
fn by_command_of(
    sandbox: &Sandbox,
    name: &str,
    members: &serde_json::Map<String, Value>,
) -> std::process::Output {
    let kebab = name.chars().fold(String::new(), |mut text, c| {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
        text
    });
    let input = Value::Object(members.clone()).to_string();
    lambdry(sandbox)
        .args(["lambda", &kebab, "--cli-input-json", &input])
        .output()
        .expect("lambdry runs")
}

#[test]
#[allow(clippy::print_stdout, reason = "a test that tells two rates")]
fn recorded_errors_are_answered_over_http_as_well_as_by_the_command() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    create(&sandbox, &mut connection, "pay");
    connection.lambda("POST", &format!("{FUNCTIONS}/pay/versions"), &json!({}));
    let alias = json!({ "Name": "live", "FunctionVersion": "1" });
    connection.lambda("POST", &format!("{FUNCTIONS}/pay/aliases"), &alias);
    let text = include_str!("wire/recorded.json");
    let all: Vec<Recorded> = serde_json::from_str(text).expect("what was recorded");
    let (mut by_command, mut over_http, mut odd) = (0, 0, Vec::new());
    let count = all.len();
    for Recorded(name, members, status, code, message, is_of_user) in all {
        let done = by_command_of(&sandbox, &name, &members);
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        let wanted =
            format!("An error occurred ({code}) when calling the {name} operation: {message}");
        match done.status.code() == Some(254) && told.lines().any(|line| line.ends_with(&wanted)) {
            true => by_command += 1,
            false => odd.push(format!("{name} by the command: {told}")),
        }
        let (method, target, body) = request(&name, members);
        let answer = connection.lambda(method, &target, &body);
        let capital = [
            "ResourceNotFoundException",
            "CodeSigningConfigNotFoundException",
        ];
        let key = if capital.contains(&code.as_str()) {
            "Message"
        } else {
            "message"
        };
        let told = answer.json();
        let is_it = answer.status == status
            && answer.header("x-amzn-errortype") == Some(&*code)
            && told[key] == message.as_str()
            && (told["Type"] == "User") == is_of_user;
        match is_it {
            true => over_http += 1,
            false => odd.push(format!(
                "{name} over HTTP: {} {}",
                answer.status,
                answer.text()
            )),
        }
    }
    println!("of {count} recorded errors: {by_command} by the command, {over_http} over HTTP");
    assert!(over_http >= by_command, "{}", odd.join("\n"));
    assert_eq!(over_http, count, "{}", odd.join("\n"));
}

/// A call whose answer was recorded from AWS (`wire/answers.json`): the operation, its members, the status and the answer.
/// Placeholders replace ids, sums and moments. The calls form one chain on one state.
#[derive(serde::Deserialize)]
struct Success(String, serde_json::Map<String, Value>, u16, Value);

/// The values of placeholders. `<uuid first>` is the same value wherever it occurs, and differs from all other named
/// values. `<moment _>` is any moment.
#[derive(Default)]
struct Names(BTreeMap<String, Value>);

impl Names {
    /// Returns the place and the reason of the first difference.
    fn differs(&mut self, wanted: &Value, told: &Value, path: &str) -> Option<String> {
        let other = || Some(format!("{path} is {told}, not {wanted}"));
        match (wanted, told) {
            (Value::String(text), _) if text.starts_with('<') && text.ends_with('>') => {
                let (kind, name) = text[1..text.len() - 1].split_once(' ').expect("a name");
                let is_moment = |text: &str| text.len() > 18 && text.starts_with("20");
                let is_of_kind = match (kind, told) {
                    ("uuid", Value::String(text)) => {
                        text.len() == 36 && text.matches('-').count() == 4
                    }
                    ("text", Value::String(text)) => !text.is_empty(),
                    ("moment", Value::String(text)) => is_moment(text),
                    ("moment" | "number", Value::Number(_)) => true,
                    _ => false,
                };
                if !is_of_kind {
                    return other();
                }
                if name == "_" {
                    return None;
                }
                let key = format!("{kind} {name}");
                if let Some(known) = self.0.get(&key) {
                    return (known != told).then(|| format!("{path} is {told}, not {known}"));
                }
                let twin = self.0.iter().find(|(_, known)| *known == told);
                if let Some((twin, _)) = twin {
                    return Some(format!("{path} is {told} again, which is {twin}"));
                }
                self.0.insert(key, told.clone());
                None
            }
            (Value::Object(all), Value::Object(has)) => {
                let more = has.keys().find(|name| !all.contains_key(*name));
                if let Some(more) = more {
                    return Some(format!("{path} has {more}"));
                }
                all.iter().find_map(|(name, wanted)| {
                    let told = has.get(name).unwrap_or(&Value::Null);
                    self.differs(wanted, told, &format!("{path}.{name}"))
                })
            }
            (Value::Array(all), Value::Array(has)) if all.len() == has.len() => all
                .iter()
                .zip(has)
                .enumerate()
                .find_map(|(at, (wanted, told))| {
                    self.differs(wanted, told, &format!("{path}[{at}]"))
                }),
            (wanted, told) if wanted == told => None,
            _ => other(),
        }
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "a test that tells two rates")]
fn recorded_successes_are_answered_over_http_as_well_as_by_the_command() {
    use lambdry::operation::{find, route::Location};
    let (by, over) = (Sandbox::new(), Sandbox::new());
    let server = server(&over);
    let mut connection = server.connect();
    let text = include_str!("wire/answers.json");
    let text = text.replace("@zip", &code(&by, "one"));
    let text = text.replace("@other", &code(&by, "two"));
    let all: Vec<Success> = serde_json::from_str(&text).expect("what was recorded");
    let count = all.len();
    let (mut by_command, mut over_http, mut odd) = (0, 0, Vec::new());
    let (mut names_by, mut names_over) = (Names::default(), Names::default());
    for (at, Success(name, members, status, wanted)) in all.into_iter().enumerate() {
        let done = by_command_of(&by, &name, &members);
        // It prints nothing for an empty answer.
        let told = match done.stdout.is_empty() && wanted.is_object() {
            true => json!({}),
            false => serde_json::from_slice(&done.stdout).unwrap_or_default(),
        };
        let differs = match done.status.success() {
            true => names_by.differs(&wanted, &told, ""),
            false => Some(String::from_utf8_lossy(&done.stderr).into_owned()),
        };
        match differs {
            None => by_command += 1,
            Some(why) => odd.push(format!("{at} {name} by the command: {why}")),
        }
        let (method, target, body) = request(&name, members);
        let answer = connection.lambda(method, &target, &body);
        let mut told = match answer.body.is_empty() {
            true => Value::Null,
            false => answer.json(),
        };
        // The command shows the status where the model has a member for it.
        let entry = find(&name).expect("an operation");
        let of_status = wanted.as_object().and_then(|wanted| {
            let mut names = wanted.keys();
            names.find(|name| entry.place_in_response(name) == Location::Status)
        });
        if let Some(member) = of_status {
            told = json!({ member.as_str(): answer.status });
        }
        let differs = match answer.status == status {
            true => names_over.differs(&wanted, &told, ""),
            false => Some(format!("{} {}", answer.status, answer.text())),
        };
        match differs {
            None => over_http += 1,
            Some(why) => odd.push(format!("{at} {name} over HTTP: {why}")),
        }
    }
    println!("of {count} recorded successes: {by_command} by the command, {over_http} over HTTP");
    assert!(over_http >= by_command, "{}", odd.join("\n"));
    assert_eq!(over_http, count, "{}", odd.join("\n"));
}

/// Requests in the form of SDKs that were not run here. The form is known from their sources and from requests in public
/// reports.
///
/// Java: `RetryableStageHelper2`, `SdkUserAgentBuilder`, `apache/ozone` 8020 and `getmoto/moto` 9338 (signed chunks with a
/// trailer). .NET: `RetryHandler`, `Marshaller`, `AWS4Signer`, aws-sdk-net 678, 2567, 3759 and 4013. C++: `AWSClient`,
/// `UserAgent`, `ChecksumInterceptor`, aws-sdk-cpp 3411 and `apache/arrow` 45304 (a whole request).
#[test]
fn requests_of_the_sdks_for_java_net_and_c_plus_plus_are_answered() {
    let sandbox = Sandbox::new();
    let server = server(&sandbox);
    let mut connection = server.connect();
    create(&sandbox, &mut connection, "pay");
    let made = connection.ask_with("s3", "PUT", "/code", "", b"");
    assert_eq!(made.expect("an answer").status, 200);
    let java = "amz-sdk-invocation-id: 5f2f9a2c-6f0c-2f1d-6d3e-0f6d1f0c9f11\r\namz-sdk-request: attempt=1; max=4\r\n\
        Content-Type: application/json\r\nUser-Agent: aws-sdk-java/2.33.4 md/io#sync md/http#Apache ua/2.1 \
        api/Lambda#2.33.x os/Linux#6.1 lang/java#17.0.15 md/OpenJDK_64-Bit_Server_VM#17.0.15 md/vendor#Amazon.com_Inc. \
        md/en_US m/D,N\r\n\
        Connection: Keep-Alive\r\nAccept-Encoding: gzip\r\n";
    let path = format!("{FUNCTIONS}/pay/versions");
    let told = connection.ask_with("lambda", "POST", &path, java, br#"{"Description":"j"}"#);
    let told = told.expect("an answer");
    assert_eq!((told.status, &told.json()["Version"]), (201, &json!("1")));
    assert!(
        told.header("content-encoding").is_none(),
        "nothing is packed"
    );
    // A retry has the number of its attempt.
    let net = "User-Agent: aws-sdk-dotnet-coreclr/3.7.412 ua/2.0 os/linux#6.1 md/ARCH#X64 lang/.NET_Core#8.0.8 \
        md/aws-sdk-dotnet-core#3.7.400 api/Lambda#3.7.412 cfg/retry-mode#legacy md/ClientAsync cfg/init-coll#0\r\n\
        amz-sdk-invocation-id: 0a1b2c3d-0000-4000-8000-000000000001\r\n\
        amz-sdk-request: attempt=2; max=5\r\nx-amz-api-version: 2015-03-31\r\n\
        X-Amz-Content-SHA256: 61e9c5e1f8ff0ee3ed3f5a8a4a4c7b9b6d8b1a35fe2bff8b0d2c5d9fe1ea2b4d\r\n";
    let alias = br#"{"Name":"live","FunctionVersion":"1"}"#;
    let path = format!("{FUNCTIONS}/pay/aliases");
    let told = connection
        .ask_with("lambda", "POST", &path, net, alias)
        .expect("an answer");
    assert_eq!(
        told.status,
        400,
        "a hash that is another body's: {}",
        told.text()
    );
    let net = net.replace(
        "61e9c5e1f8ff0ee3ed3f5a8a4a4c7b9b6d8b1a35fe2bff8b0d2c5d9fe1ea2b4d",
        &wire::sha256(alias),
    );
    let told = connection
        .ask_with("lambda", "POST", &path, &net, alias)
        .expect("an answer");
    assert_eq!(told.status, 201, "{}", told.text());
    assert!(told.header("date").is_some(), "clocks are set by it");
    // A request with signed chunks, but without the header that names the encoding of chunks.
    let signature = "0".repeat(64);
    let chunks =
        format!("5;chunk-signature={signature}\r\nhello\r\n0;chunk-signature={signature}\r\n\r\n");
    let put = "Content-Type: text/plain\r\nx-amz-meta-color: Yellow\r\nX-Amz-Date: 20261122T120000Z\r\n\
        User-Agent: aws-sdk-dotnet-45/3.3.7.0 aws-sdk-dotnet-core/3.3.14.1 .NET_Runtime/4.0 ClientSync\r\n\
        X-Amz-Decoded-Content-Length: 5\r\nX-Amz-Content-SHA256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\n";
    let told = connection.ask_with("s3", "PUT", "/code/net", put, chunks.as_bytes());
    assert_eq!(told.expect("an answer").status, 200);
    let read = connection
        .ask_with("s3", "GET", "/code/net", "", b"")
        .expect("an answer");
    assert_eq!(
        (read.text().as_str(), read.header("x-amz-meta-color")),
        ("hello", Some("Yellow"))
    );
    // Signed chunks, followed by a checksum and its signature: Java and .NET 4 send them to an address without TLS.
    let trailer = "x-amz-checksum-crc32:NhCmhg==";
    let chunks = |trailer: &str| {
        format!(
            "5;chunk-signature={signature}\r\nhello\r\n0;chunk-signature={signature}\r\n{trailer}\r\n\
             x-amz-trailer-signature:{signature}\r\n\r\n"
        )
    };
    let put = "Content-Encoding: aws-chunked\r\nContent-Type: application/octet-stream\r\n\
        amz-sdk-invocation-id: 5f2f9a2c-6f0c-2f1d-6d3e-0f6d1f0c9f12\r\namz-sdk-request: attempt=1; max=4\r\n\
        x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER\r\nx-amz-decoded-content-length: 5\r\n\
        x-amz-sdk-checksum-algorithm: CRC32\r\nx-amz-trailer: x-amz-checksum-crc32\r\n";
    for (trailer, status) in [(trailer, 200), ("x-amz-checksum-crc32:AAAAAA==", 400)] {
        let body = chunks(trailer);
        let told = connection.ask_with("s3", "PUT", "/code/java", put, body.as_bytes());
        let told = told.expect("an answer");
        assert_eq!(told.status, status, "{}", told.text());
    }
    let read = connection
        .ask_with("s3", "GET", "/code/java", "", b"")
        .expect("an answer");
    assert_eq!(read.text(), "hello");
    // AWS's chunks, followed by the checksum, inside HTTP's chunks.
    let inner = "5\r\nhello\r\n0\r\nx-amz-checksum-crc64nvme:M3eFcAZSQlc=\r\n\r\n";
    let outer = format!("{:x}\r\n{inner}\r\n0\r\n\r\n", inner.len());
    let cpp = |key: &str| {
        format!(
            "PUT /code/{key} HTTP/1.1\r\n{}Accept: */*\r\ntransfer-encoding: chunked\r\ncontent-encoding: aws-chunked\r\n\
             content-type: binary/octet-stream\r\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n\
             x-amz-decoded-content-length: 5\r\nx-amz-trailer: x-amz-checksum-crc64nvme\r\n\
             amz-sdk-invocation-id: 0A1B2C3D-0000-4000-8000-000000000002\r\namz-sdk-request: attempt=1\r\n\
             user-agent: aws-sdk-cpp/1.11.495 ua/2.1 api/S3 os/Linux#6.1 lang/c++#C++11 md/aws-crt#0.29.9 md/arch#x86_64 \
             md/GCC#12.2.0 m/D,W,Z,b\r\n\r\n",
            connection.headers("s3")
        )
    };
    let (good, bad) = (cpp("cpp"), cpp("bad"));
    connection
        .send(&[good.as_bytes(), outer.as_bytes()].concat())
        .expect("it is sent");
    let told = connection.answer().expect("an answer").expect("an answer");
    assert_eq!(told.status, 200, "{}", told.text());
    let read = connection
        .ask_with("s3", "GET", "/code/cpp", "", b"")
        .expect("an answer");
    assert_eq!(read.text(), "hello");
    assert!(
        read.header("content-encoding")
            .is_none_or(|it| it != "aws-chunked")
    );
    let lies = outer.replace("M3eFcAZSQlc=", "AAAAAAAAAAA=");
    connection
        .send(&[bad.as_bytes(), lies.as_bytes()].concat())
        .expect("it is sent");
    let told = connection.answer().expect("an answer").expect("an answer");
    assert_eq!(told.status, 400, "{}", told.text());
    // A query of a second attempt, with the moment until which the client waits.
    let form = "content-type: application/x-www-form-urlencoded\r\nuser-agent: aws-sdk-cpp/1.11.495 ua/2.1 api/STS\r\n\
        amz-sdk-request: ttl=20261122T120010Z; attempt=2; max=10\r\n";
    let asked = b"Action=GetCallerIdentity&Version=2011-06-15&";
    let told = connection
        .ask_with("sts", "POST", "/", form, asked)
        .expect("an answer");
    assert!(
        told.text().contains("<Account>123456789012</Account>"),
        "{}",
        told.text()
    );
}

/// An SDK on a machine with a wrong clock takes the time from the date of the refusal, and signs again.
#[test]
fn a_request_of_another_time_is_refused_in_words_that_sdks_set_their_clocks_by() {
    let sandbox = Sandbox::new();
    let words = ["--settle", "0", "--access-key", "AKIDEXAMPLE:wJalrXUtnFEMI"];
    let mut command = lambdry(&sandbox);
    command.env_remove("LAMBDRY_NOW");
    let server = Server::start(command, &words);
    let mut connection = server.connect();
    let headers = signed(
        &server.address,
        FUNCTIONS,
        "AKIDEXAMPLE",
        "wJalrXUtnFEMI",
        "20200101T000000Z",
    );
    let text = format!("GET {FUNCTIONS} HTTP/1.1\r\n{headers}\r\n");
    connection.send(text.as_bytes()).expect("it is sent");
    let told = connection.answer().expect("an answer").expect("an answer");
    assert_eq!(told.status, 403);
    assert_eq!(
        told.header("x-amzn-errortype"),
        Some("InvalidSignatureException")
    );
    assert!(
        told.text()
            .contains("Signature expired: 20200101T000000Z is now earlier than "),
        "{}",
        told.text()
    );
    assert!(
        told.header("date")
            .is_some_and(|date| date.ends_with(" GMT")),
        "{:?}",
        told.headers
    );
}
