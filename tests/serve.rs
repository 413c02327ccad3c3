//! `lambdry serve` as clients meet it: over the wire, many at once, killed, with invalid requests.

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

/// The answer of a command.
fn of_command(sandbox: &Sandbox, line: &str) -> Value {
    let done = lambdry(sandbox)
        .args(line.split(' '))
        .output()
        .expect("lambdry runs");
    assert!(done.status.success(), "{line}: {done:?}");
    serde_json::from_slice(&done.stdout).unwrap_or(Value::Null)
}

/// Every file below a folder with its bytes, without locks and a server's own traces.
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
        // The command leaves out the last page's marker.
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
    // Lambda itself refuses a request that no command line would send.
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
            // 0A stands for a socket that listens.
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
        // The eight calls in progress may have succeeded.
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
    // A body that is cut within the code leaves nothing.
    case(
        format!("{update}\r\n{headers}Content-Length: 100000\r\n\r\n"),
        format!("{{\"ZipFile\":\"{code}").as_bytes(),
    );
    for (head, body) in &cases {
        let mut connection = server.connect();
        // A server that has read enough may close before everything is sent.
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
        // This opens once the call has begun.
        fs::read(&begun).expect("begun");
        server.interrupt();
        // An idle connection is closed.
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
    // The next request of a kept connection is not taken for the rest of the last one.
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
    // Neither the key without its token, nor the token with another key, nor an invented token is accepted.
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
    let other = ask("sns", "Action=ListTopics&Version=2010-03-31");
    assert!(
        other.status == 501
            && other
                .text()
                .contains("<Message>sns ListTopics is not simulated"),
        "{}",
        other.text()
    );
    for body in ["", "Action=%ff", "Action=<script>", &"a=b&".repeat(400_000)] {
        assert!((400..500).contains(&ask("iam", body).status));
    }
}
