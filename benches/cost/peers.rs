//! Measures the same calls through `aws` and a moto server on this machine, if both are installed.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::{
    Scale,
    state::State,
    timing::{Program, in_turns, installed, line},
};

/// A server that ends with the bench.
#[derive(Debug)]
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Measures calls through `aws`, and the same calls of lambdry.
pub(crate) fn compare(folder: &Path, scale: Scale) {
    for (program, question) in [("aws", "--version"), ("moto_server", "--help")] {
        if !installed(program, question) {
            println!("aws against a moto server: {program} is not installed\n");
            return;
        }
    }
    let Some((_server, url)) = serve(folder) else {
        println!("aws against a moto server: the server does not start\n");
        return;
    };
    let folder = folder.join("peers");
    let state = State::new(&folder);
    let zip = format!("fileb://{}", folder.join("code.zip").display());
    let aws = |words: &[&str]| peer(&url, &folder, words);
    let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let made = [
        aws(&[
            "iam",
            "create-role",
            "--role-name",
            "pay",
            "--assume-role-policy-document",
            trust,
        ]),
        aws(&[
            "lambda",
            "create-function",
            "--function-name",
            "pay",
            "--runtime",
            "python3.13",
            "--handler",
            "pay.handler",
            "--role",
            "arn:aws:iam::123456789012:role/pay",
            "--zip-file",
            &zip,
        ]),
    ]
    .into_iter()
    .all(|mut program| program.next().status().is_ok_and(|status| status.success()));
    if !made {
        println!("aws against a moto server: the server refuses the function\n");
        return;
    }
    let mut publish = aws(&["lambda", "publish-version", "--function-name", "pay"]);
    let (url, place, mut next) = (url.clone(), folder.clone(), 0u64);
    publish.before(Box::new(move || {
        next += 1;
        let text = format!("change {next}");
        let words = [
            "lambda",
            "update-function-configuration",
            "--function-name",
            "pay",
            "--description",
            &text,
        ];
        peer(&url, &place, &words).time();
    }));
    let mut programs = [
        state.call(&["get-function", "--function-name", "pay"]),
        aws(&["lambda", "get-function", "--function-name", "pay"]),
        state.publish("pay"),
        publish,
    ];
    let times = in_turns(&mut programs, (scale.runs / 40).max(3));
    line("get-function", &times[0], None);
    line("  aws and a warm moto server", &times[1], Some(&times[0]));
    line("publish-version", &times[2], None);
    line("  aws and a warm moto server", &times[3], Some(&times[2]));
    println!();
}

/// Starts a server on a free port of this machine and waits for its first answer.
fn serve(folder: &Path) -> Option<(Server, String)> {
    // The port is free again after the listener is dropped. It is unlikely that another process takes the port before
    // the server does.
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .ok()?
        .port();
    let log = fs::File::create(folder.join("moto.log")).ok()?;
    let server = Command::new("moto_server")
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .ok()
        .map(Server)?;
    for _ in 0..300 {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Some((server, format!("http://127.0.0.1:{port}")));
        }
        thread::sleep(Duration::from_millis(100));
    }
    None
}

/// A call through `aws`, with made-up credentials and without the user's settings.
fn peer(url: &str, home: &Path, words: &[&str]) -> Program {
    let words: Vec<&str> = ["--endpoint-url", url]
        .into_iter()
        .chain(words.iter().copied())
        .collect();
    Program::new("aws")
        .words(&words)
        .inherit()
        .env("AWS_CONFIG_FILE", home.join("no-config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", home.join("no-credentials"))
        .env("AWS_ACCESS_KEY_ID", "none")
        .env("AWS_SECRET_ACCESS_KEY", "none")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_DEFAULT_REGION", "us-east-1")
}
