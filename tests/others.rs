//! `--others`: calls that lambdry cannot answer go to an emulator on this machine. The real `aws` sends them, and they
//! go to no other place.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod common;
#[path = "skipped/mod.rs"]
mod skipped;
mod strace;

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use common::Sandbox;
use serde_json::Value;
use skipped::skipped;
use strace::Trace;

/// An emulator that answers every request in the same way and records its clients.
struct Emulator {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Emulator {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&heads);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let head = answer(stream);
                kept.lock().expect("no panic").push(head);
            }
        });
        Self { port, heads }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic").clone()
    }
}

fn answer(mut stream: TcpStream) -> String {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        head.extend(byte);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let lower = text.to_lowercase();
    let header = |name: &str| {
        let mut lines = lower.lines();
        lines.find_map(|line| line.strip_prefix(name).map(|value| value.trim().to_owned()))
    };
    if header("expect:").is_some() {
        let _ = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
    }
    // If the body were not read, the system would reset the connection, and the answer would be lost.
    let length = header("content-length:").and_then(|length| length.parse().ok());
    let _ = stream.read_exact(&mut vec![0; length.unwrap_or(0)]);
    let (status, body) = match lower.contains("awsglue.getjob") {
        true => (
            "200 OK",
            r#"{"Job": {"Name": "/db", "Description": "by the emulator"}}"#,
        ),
        false => ("403 Forbidden", ""),
    };
    let reply = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(reply.as_bytes());
    text
}

/// Rehearses a bash script with the given words before `--` and with the given PATH.
fn rehearse(
    sandbox: &Sandbox,
    path: &OsString,
    words: &[&str],
    script: &str,
) -> (i32, String, String) {
    ended(rehearsal(sandbox, path, words, script))
}

fn rehearsal(sandbox: &Sandbox, path: &OsString, words: &[&str], script: &str) -> Command {
    fs::write(sandbox.work().join("go.sh"), script).expect("a script");
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_lambdry"));
    command
        .env("PATH", path)
        .env("AWS_REGION", "eu-west-1")
        .env_remove("LAMBDRY_NOW")
        // Settings that a person may have. None of them may reach the emulator.
        .env("AWS_SESSION_TOKEN", "a secret")
        .env("AWS_SECRET_ACCESS_KEY", "another secret")
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .env("OF_THE_PERSON", "x")
        .args(["rehearse"])
        .args(words)
        .args(["--", "bash", "go.sh"]);
    command
}

fn ended(mut command: Command) -> (i32, String, String) {
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// Makes a folder with an `aws` that prints its words and its environment. Returns a PATH with that folder.
fn told(sandbox: &Sandbox) -> OsString {
    let folder = sandbox.work().join("real");
    fs::create_dir_all(&folder).expect("a folder");
    let aws = folder.join("aws");
    fs::write(&aws, "#!/bin/sh\necho \"args $*\"\nenv | sort\nexit 3\n").expect("a program");
    fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).expect("a program");
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder).chain(std::env::split_paths(&rest));
    std::env::join_paths(folders).expect("a path")
}

#[test]
fn the_real_command_sees_the_emulator_and_nothing_of_the_person() {
    let sandbox = Sandbox::new();
    let path = told(&sandbox);
    let url = "http://127.0.0.1:5999";
    let report = format!("json={}", sandbox.work().join("report.json").display());
    let words = ["--others", url, "--report", &report];
    let script = "aws glue get-job --job-name /db --profile ci || echo \"ended $?\"\naws sts get-caller-identity >/dev/null\n";
    let (code, out, err) = rehearse(&sandbox, &path, &words, script);
    assert_eq!(code, 0, "{out}\n{err}");
    let mut lines = out.lines();
    assert_eq!(
        lines.next(),
        Some("args glue get-job --job-name /db --profile ci --endpoint-url http://127.0.0.1:5999")
    );
    let names: BTreeSet<&str> = out
        .lines()
        .skip(1)
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    let known: BTreeSet<&str> = [
        "ALL_PROXY",
        "AWS_ACCESS_KEY_ID",
        "AWS_CONFIG_FILE",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_ENDPOINT_URL",
        "AWS_PAGER",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SHARED_CREDENTIALS_FILE",
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NO_PROXY",
        "PATH",
        "all_proxy",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        // These variables are set by a shell itself.
        "LC_ALL",
        "OLDPWD",
        "PWD",
        "SHLVL",
        "TERM",
        "TZ",
        "_",
    ]
    .into();
    let more: Vec<_> = names.difference(&known).collect();
    assert!(more.is_empty(), "{more:?}");
    for line in [
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "AWS_REGION=eu-west-1",
        "AWS_DEFAULT_REGION=eu-west-1",
        "HTTPS_PROXY=http://127.0.0.1:9",
        "https_proxy=http://127.0.0.1:9",
        "AWS_ENDPOINT_URL=http://127.0.0.1:5999",
    ] {
        assert!(out.lines().any(|other| other == line), "{line} in {out}");
    }
    assert!(!out.contains("secret"), "{out}");
    assert!(out.contains("ended 3"), "its exit code is its own: {out}");
    let text = fs::read(sandbox.work().join("report.json")).expect("a report");
    let report: Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(report["Calls"][0]["Answered"], "Others");
    assert_eq!(report["Calls"][0]["Outcome"], "answered by 127.0.0.1:5999");
    assert_eq!(
        report["Calls"][1]["Answered"], "Simulated",
        "what is simulated stays here"
    );
}

#[test]
fn a_run_that_hands_over_is_clean_and_says_so() {
    let sandbox = Sandbox::new();
    let path = told(&sandbox);
    let aws = sandbox.work().join("real/aws");
    fs::write(&aws, "#!/bin/sh\necho by the emulator\n").expect("a program");
    fs::write(
        sandbox.work().join("lambdry.toml"),
        "others = \"http://127.0.0.1:5999\"\n",
    )
    .expect("a file");
    let script = "set -e\nvalue=$(aws glue get-job --job-name /db --query Job.Description --output text)\necho \"got $value\"\n";
    let (code, out, err) = rehearse(&sandbox, &path, &["--strict"], script);
    assert_eq!((code, out.as_str()), (0, "got by the emulator\n"), "{err}");
    assert!(err.contains("answered by 127.0.0.1:5999"), "{err}");
    assert!(err.contains("handed over"), "{err}");
    assert!(err.contains("Clean"), "{err}");
}

#[test]
fn what_is_no_emulator_of_this_machine_is_refused_by_name() {
    let sandbox = Sandbox::new();
    let path = told(&sandbox);
    let (code, out, err) = rehearse(
        &sandbox,
        &path,
        &["--others", "http://10.1.2.3:5000"],
        "echo ran\n",
    );
    assert_eq!((code, out.as_str()), (252, ""), "{err}");
    assert!(
        err.contains("10.1.2.3 is not an address of this machine"),
        "{err}"
    );
    fs::write(
        sandbox.work().join("lambdry.toml"),
        "others = \"http://localhost.localstack.cloud:4566\"\n",
    )
    .expect("a file");
    let (code, out, err) = rehearse(&sandbox, &path, &[], "echo ran\n");
    assert_eq!((code, out.as_str()), (255, ""), "{err}");
    assert!(
        err.contains("localhost.localstack.cloud is not an address of this machine"),
        "{err}"
    );
    fs::write(sandbox.work().join("lambdry.toml"), "").expect("a file");
    // There is no real aws. Nothing is passed to the emulator, and the call fails.
    let nowhere = sandbox.work().join("nowhere");
    fs::create_dir(&nowhere).expect("a folder");
    for name in ["bash", "sh", "env"] {
        let real = ["/bin", "/usr/bin"].map(|folder| PathBuf::from(folder).join(name));
        let real = real
            .into_iter()
            .find(|path| path.exists())
            .expect("a shell");
        std::os::unix::fs::symlink(real, nowhere.join(name)).expect("a link");
    }
    let words = ["--others", "http://127.0.0.1:5999"];
    let (_, out, err) = rehearse(
        &sandbox,
        &nowhere.into(),
        &words,
        "aws glue get-job --job-name x || echo \"ended $?\"\n",
    );
    assert!(out.contains("ended 255"), "{out}\n{err}");
    assert!(
        err.contains("no aws on PATH, so http://127.0.0.1:5999 cannot be asked"),
        "{err}"
    );
}

/// A program that makes two calls over HTTP. lambdry answers only one of them.
const PROGRAM: &str = "from sdk import Client, ClientError\n\
    key = Client('glue').get_job(JobName='/db')['Job']\n\
    print(key['Description'], len(Client().list_functions()['Functions']))\n\
    try:\n    Client('dynamodb').put_item(TableName='t', Item={'id': {'S': 'x' * 70000}})\n\
    except ClientError as error:\n    print(error.status)\n";

/// Writes the program and its small SDK. Without Python, returns false and prints a message.
fn has_program(sandbox: &Sandbox) -> bool {
    if Command::new("python3").arg("--version").output().is_err() {
        skipped("there is no python3");
        return false;
    }
    let work = sandbox.work();
    fs::write(work.join("sdk.py"), include_str!("answer/sdk.py")).expect("a file");
    fs::write(work.join("call.py"), PROGRAM).expect("a file");
    true
}

/// A server that must not be reached. It counts its connections.
fn sinkhole() -> (u16, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let count = Arc::<Mutex<usize>>::default();
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for _ in listener.incoming().flatten() {
            *counted.lock().expect("no panic") += 1;
        }
    });
    (port, count)
}

#[test]
fn a_program_s_requests_go_to_the_emulator_with_the_example_s_key_and_nowhere_else() {
    let sandbox = Sandbox::new();
    if !has_program(&sandbox) {
        return;
    }
    let emulator = Emulator::start();
    let (port, came) = sinkhole();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let report = format!("json={}", sandbox.work().join("report.json").display());
    let url = emulator.url();
    // Requests to the emulator do not use the program's own proxy.
    let script = format!(
        "export http_proxy=http://127.0.0.1:{port} https_proxy=http://127.0.0.1:{port}\npython3 call.py\n"
    );
    let words = ["--others", &url, "--report", &report];
    let command = rehearsal(&sandbox, &path, &words, &script);
    // The sinkhole counts those who come by the proxy; the trace has every other way out.
    let traced = Trace::of(&command, &sandbox.work().join("traces"));
    let (command, trace) = match traced {
        Some((traced, trace)) => (traced, Some(trace)),
        None => (command, None),
    };
    let (code, out, err) = ended(command);
    assert_eq!(code, 0, "{out}\n{err}");
    assert_eq!(out, "by the emulator 0\n403\n", "{err}");
    if let Some(trace) = trace {
        let (all, left) = trace.read();
        assert!(all >= 2, "nothing was traced");
        assert_eq!(left, [] as [String; 0], "{err}");
    }
    let heads = emulator.heads();
    assert_eq!(heads.len(), 2, "what is simulated stays here: {heads:?}");
    for head in &heads {
        let credential = "authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/";
        assert!(head.contains(credential), "{head}");
        assert!(!head.to_lowercase().contains("security-token"), "{head}");
        assert!(
            head.contains(&format!("host: 127.0.0.1:{}\r\n", emulator.port)),
            "{head}"
        );
    }
    assert!(
        heads[0].contains("/eu-west-1/glue/aws4_request"),
        "{heads:?}"
    );
    assert_eq!(*came.lock().expect("no panic"), 0);
    let text = fs::read(sandbox.work().join("report.json")).expect("a report");
    let report: Value = serde_json::from_slice(&text).expect("JSON");
    let told = format!("answered by 127.0.0.1:{}", emulator.port);
    assert_eq!(report["Calls"][0]["Answered"], "Others");
    assert_eq!(report["Calls"][0]["Outcome"], told.as_str());
    assert_eq!(report["Calls"][1]["Answered"], "Simulated");
    assert!(err.contains(&told), "{err}");
}

#[test]
fn a_program_is_told_where_the_emulator_cannot_be_asked() {
    let sandbox = Sandbox::new();
    if !has_program(&sandbox) {
        return;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    // The port was free a moment ago, so nobody listens on it.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    let url = format!("http://{}", port.expect("a port"));
    let (code, out, err) = rehearse(&sandbox, &path, &["--others", &url], "python3 call.py\n");
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(
        err.contains("glue GetJob is not simulated by lambdry; nothing was changed"),
        "{err}"
    );
    assert!(err.contains("lambdry could not pass it on to"), "{err}");
    assert!(!err.contains("Clean"), "{err}");
}

/// The real `aws`: the one in `LAMBDRY_FIDELITY_AWS`, or the one on PATH.
fn real_aws() -> Option<PathBuf> {
    let named = std::env::var_os("LAMBDRY_FIDELITY_AWS").map(PathBuf::from);
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        let mut all = std::env::split_paths(&path).map(|folder| folder.join("aws"));
        all.find(|path| path.exists())
    };
    let aws = named.or_else(on_path)?;
    let output = Command::new(&aws).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.starts_with("aws-cli/").then_some(aws)
}

#[test]
fn the_real_aws_reaches_the_emulator_and_nothing_else() {
    if std::env::var_os("LAMBDRY_FIDELITY").is_none() {
        skipped("LAMBDRY_FIDELITY=1 hands calls to the real aws, and looks at what it connects to");
        return;
    }
    let Some(aws) = real_aws() else {
        skipped("there is no real aws to hand a call to an emulator with");
        return;
    };
    let has_strace = Command::new("strace").arg("-V").output().is_ok();
    if !has_strace {
        skipped("there is no strace to see what the real aws connects to");
        return;
    }
    let emulator = Emulator::start();
    let sandbox = Sandbox::new();
    let folder = sandbox.work().join("real");
    fs::create_dir_all(&folder).expect("a folder");
    let trace = sandbox.work().join("trace");
    let traced = format!(
        "#!/bin/sh\nexec strace -f -qq -e trace=connect,sendto -o '{}'.$$ '{}' \"$@\"\n",
        trace.display(),
        aws.display()
    );
    fs::write(folder.join("aws"), traced).expect("a program");
    fs::set_permissions(folder.join("aws"), fs::Permissions::from_mode(0o755)).expect("a program");
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder).chain(std::env::split_paths(&rest));
    let path = std::env::join_paths(folders).expect("a path");
    // The last command makes its own S3 client, which does not get the option `--endpoint-url`.
    let script = "export AWS_MAX_ATTEMPTS=1\n\
        aws glue get-job --job-name /db --query Job.Description --output text\n\
        aws glue get-job --job-name /db --endpoint-url https://glue.eu-west-1.amazonaws.com --query Job.Description --output text\n\
        mkdir code; echo pass > code/app.py\n\
        echo 'Resources: {A: {Type: \"AWS::Lambda::Function\", Properties: {Code: code}}}' > t.yaml\n\
        aws cloudformation package --template-file t.yaml --s3-bucket nobody-has-this-bucket >/dev/null 2>&1 || true\n";
    let url = emulator.url();
    let (code, out, err) = rehearse(&sandbox, &path, &["--others", &url], script);
    assert_eq!(code, 0, "{out}\n{err}");
    assert_eq!(out, "by the emulator\nby the emulator\n", "{err}");
    let heads = emulator.heads();
    assert!(heads.len() >= 2, "{heads:?}");
    for head in &heads {
        assert!(!head.contains("secret"), "{head}");
    }
    let mut connects = 0;
    for entry in fs::read_dir(sandbox.work()).expect("a folder").flatten() {
        if !entry.file_name().to_string_lossy().starts_with("trace.") {
            continue;
        }
        for line in fs::read_to_string(entry.path()).expect("a trace").lines() {
            if !line.contains("AF_INET") {
                continue;
            }
            connects += 1;
            let here = line.contains("\"127.0.0.1\"") || line.contains("\"::1\"");
            let port = |port: u16| line.contains(&format!("htons({port})"));
            assert!(here && (port(emulator.port) || port(9)), "{line}");
        }
    }
    assert!(connects >= 2, "nothing was traced");
}
