//! Tests the networks of a rehearsal: the traffic that leaves the machine in each network, the hosts that the proxy
//! allows, and the report.
#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod disk;
#[path = "network/open.rs"]
mod open;
mod strace;

use std::{
    collections::BTreeSet,
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use disk::{
    Answer, State, furnished,
    skipped::{self, skipped},
    zip,
};
use serde_json::Value;

/// A folder with a state directory and a place to work in.
struct Place {
    folder: tempfile::TempDir,
    state: State,
}

impl Place {
    fn new() -> Self {
        let folder = disk::folder();
        fs::create_dir(folder.path().join("work")).unwrap();
        zip(folder.path(), "next");
        let state = furnished(folder.path().join("state"), folder.path());
        Self { folder, state }
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.work().join(name), text).unwrap();
    }

    /// `lambdry rehearse` with the given words, on a machine without a proxy.
    fn rehearsal(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambdry"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .env("AWS_REGION", "us-east-1")
            .env("LAMBDRY_STATE_DIR", &self.state.root)
            .current_dir(self.work())
            .stdin(Stdio::null())
            .arg("rehearse")
            .args(words);
        command
    }

    fn rehearse(&self, words: &[&str]) -> Answer {
        self.rehearsal(words).output().expect("it runs").into()
    }

    fn report(&self) -> Value {
        let text = fs::read(self.work().join("report.json")).expect("a report");
        serde_json::from_slice(&text).expect("JSON")
    }
}

/// Returns true and prints a message if this machine does not allow namespaces.
fn is_not_to_be_had(answer: &Answer) -> bool {
    let is_not = answer.err.contains("does not work here");
    if is_not {
        skipped("no namespaces here");
        assert_eq!((answer.code, answer.out.as_str()), (255, ""));
    }
    is_not
}

/// A script of `tests/network/`.
struct Hostile {
    file: PathBuf,
    name: String,
    /// The listeners that the script tries to reach.
    tcp: Vec<TcpListener>,
    udp: UdpSocket,
}

impl Hostile {
    /// All scripts, except those that need a program that is missing here.
    fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/network");
        let entries = fs::read_dir(folder).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|it| it == "sh"));
        files.sort();
        // The script that adds a route comes last. Its route leads nowhere, so every later script would wait for an
        // answer.
        files.sort_by_key(|file| file.ends_with("adds-a-route.sh"));
        files.into_iter().filter_map(Self::of).collect()
    }

    fn of(file: PathBuf) -> Option<Self> {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let first = text.lines().next().unwrap_or_default();
        let needs = first
            .strip_prefix("# needs: ")
            .unwrap_or_else(|| panic!("{name}: {first}"));
        let is_root = rustix::process::geteuid().is_root();
        let lacks = needs.split(' ').find(|need| match *need {
            "root" => !is_root,
            "user" => is_root,
            "ipv6" => TcpListener::bind(("::1", 0)).is_err(),
            program => !has(program),
        });
        if let Some(lacks) = lacks {
            skipped(&format!("network/{name}: it needs {lacks}"));
            return None;
        }
        // A port that is free for both TCP and UDP.
        loop {
            let tcp = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
            let port = tcp.local_addr().unwrap().port();
            let udp = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port));
            if let Ok(udp) = udp {
                udp.set_nonblocking(true).unwrap();
                let six = TcpListener::bind(("::1", port));
                let tcp = std::iter::once(tcp).chain(six).collect();
                return Some(Self {
                    file,
                    name,
                    tcp,
                    udp,
                });
            }
        }
    }

    fn port(&self) -> u16 {
        self.tcp[0].local_addr().unwrap().port()
    }
}

fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Answers every connection, and counts them.
fn receive(listener: &TcpListener, count: &Arc<Mutex<usize>>) {
    let (listener, count) = (listener.try_clone().unwrap(), Arc::clone(count));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            *count.lock().unwrap() += 1;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        }
    });
}

/// An address of this machine in its network. If the machine has none, the loopback address.
fn own_address() -> String {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let routed = socket
        .connect(("192.0.2.1", 9))
        .and_then(|()| socket.local_addr());
    routed.map_or("127.0.0.1".to_owned(), |address| address.ip().to_string())
}

#[test]
fn nothing_leaves_where_the_network_is_not_open() {
    let place = Place::new();
    let hostile = Hostile::all();
    let counts: Vec<Arc<Mutex<usize>>> = hostile.iter().map(|_| Arc::default()).collect();
    let mut script = String::new();
    let mut together = hostile.iter().filter(|one| one.name != "adds-a-route");
    let last = together.next_back().map_or("", |one| &*one.name);
    for (one, count) in hostile.iter().zip(&counts) {
        one.tcp.iter().for_each(|listener| receive(listener, count));
        let (file, port) = (one.file.display(), one.port());
        let then = match one.name.as_str() {
            "adds-a-route" => "",
            _ => " &",
        };
        script.push_str(&format!(
            "timeout 20 bash '{file}' \"$1\" {port} </dev/null >/dev/null 2>&1{then}\n"
        ));
        if one.name == last {
            script.push_str("wait\n");
        }
    }
    place.write("all.sh", &script);
    let address = own_address();
    // The targets that were reached since the last call of this function.
    let arrived = || -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        for (one, count) in hostile.iter().zip(&counts) {
            let mut many = std::mem::take(&mut *count.lock().unwrap());
            let mut datagram = [0; 2048];
            while one.udp.recv(&mut datagram).is_ok() {
                many += 1;
            }
            if many > 0 {
                names.insert(&*one.name);
            }
        }
        names
    };
    for network in ["--network=registries", "--no-network"] {
        let answer = place.rehearse(&[network, "--", "bash", "all.sh", &address]);
        if is_not_to_be_had(&answer) {
            return;
        }
        assert_eq!(arrived(), BTreeSet::new(), "{network}: {}", answer.err);
    }
    // The same scripts reach their targets if they are allowed to. Without this check, the check above would prove
    // nothing.
    let answer = place.rehearse(&["--network", "--", "bash", "all.sh", &address]);
    let all: BTreeSet<&str> = hostile.iter().map(|one| &*one.name).collect();
    assert_eq!(arrived(), all, "{}", answer.err);
    assert!(all.len() > 10, "too few to say anything: {all:?}");
}

/// A proxy like those of companies. It records the requests and answers them itself.
fn outer_proxy() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let head = head_of(&mut stream);
            let line = head.lines().next().unwrap_or_default().to_owned();
            let secret = head.contains("Proxy-Authorization: Basic bWU6c2VjcmV0");
            log.lock()
                .unwrap()
                .push(format!("{line}{}", if secret { ", by me" } else { "" }));
            let answer: &[u8] = match line.starts_with("CONNECT") {
                true => b"HTTP/1.1 200 OK\r\n\r\nthe other end",
                false => b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nthe other end",
            };
            stream.write_all(answer).unwrap();
        }
    });
    (port, asked)
}

fn head_of(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Asks the rehearsal's proxy for hosts, and prints the answer for each.
const ASKS: &str = r#"
ask() {
  exec 3<>"/dev/tcp/127.0.0.1/${HTTPS_PROXY##*:}"
  printf '%s HTTP/1.1\r\nHost: x\r\nUser-Agent: asks/1 x\r\n\r\n' "$1" >&3
  IFS= read -r first <&3; rest=$(cat <&3); exec 3>&-
  first=${first%$'\r'}; printf '%s: %s %s\n' "$1" "${first#HTTP/1.1 }" "${rest##*$'\n'}"
}
"#;

#[test]
fn registries_are_reached_through_the_machines_own_proxy_and_the_rest_is_refused_by_name() {
    let place = Place::new();
    let (port, asked) = outer_proxy();
    place.write(
        "lambdry.toml",
        "network = \"registries\"\nhosts = [\"npm.example.com\", \"git.example.com:8443\", \"!metrics.example.com\"]\n",
    );
    place.write(".npmrc", "registry=https://mirror.example.net/npm/\n");
    place.write(
        "deploy.sh",
        &format!(
            "{ASKS}aws lambda list-functions --output off
for host in registry.npmjs.org:443 npm.example.com:443 git.example.com:8443 mirror.example.net:443 \
  sts.amazonaws.com:443 sts.amazonaws.com:443 api.example.com:443 metrics.example.com:443 169.254.169.254:80; do
  ask \"CONNECT $host\"
done
ask 'GET http://deb.debian.org/debian'
"
        ),
    );
    let mut rehearsal = place.rehearsal(&[
        "--report",
        "text",
        "--report",
        "json=report.json",
        "--",
        "bash",
        "deploy.sh",
    ]);
    let proxy = format!("http://me:secret@127.0.0.1:{port}");
    rehearsal
        .env("HTTPS_PROXY", &proxy)
        .env("http_proxy", &proxy);
    let answer: Answer = rehearsal.output().expect("it runs").into();
    if is_not_to_be_had(&answer) {
        return;
    }
    let refused = "403 Refused in a rehearsal lambdry rehearse:";
    assert_eq!(
        answer.out,
        format!(
            "CONNECT registry.npmjs.org:443: 200 Connection established the other end
CONNECT npm.example.com:443: 200 Connection established the other end
CONNECT git.example.com:8443: 200 Connection established the other end
CONNECT mirror.example.net:443: 200 Connection established the other end
CONNECT sts.amazonaws.com:443: {refused} sts.amazonaws.com:443 belongs to AWS, which a rehearsal never reaches
CONNECT sts.amazonaws.com:443: {refused} sts.amazonaws.com:443 belongs to AWS, which a rehearsal never reaches
CONNECT api.example.com:443: {refused} api.example.com:443 is not a package registry, and lambdry.toml does not name it
CONNECT metrics.example.com:443: {refused} metrics.example.com:443 is not a package registry, and lambdry.toml does not name it
CONNECT 169.254.169.254:80: {refused} 169.254.169.254:80 belongs to AWS, which a rehearsal never reaches
GET http://deb.debian.org/debian: 200 OK the other end
"
        ),
        "{}",
        answer.err
    );
    assert_eq!(
        *asked.lock().unwrap(),
        [
            "CONNECT registry.npmjs.org:443 HTTP/1.1, by me",
            "CONNECT npm.example.com:443 HTTP/1.1, by me",
            "CONNECT git.example.com:8443 HTTP/1.1, by me",
            "CONNECT mirror.example.net:443 HTTP/1.1, by me",
            "GET http://deb.debian.org/debian HTTP/1.1, by me",
        ]
    );
    let report = place.report();
    assert_eq!(report["Network"], "registries");
    assert_eq!(report["Verdict"], "NotFullyPlayed");
    assert_eq!(
        report["Refused"],
        serde_json::json!([
            { "Host": "sts.amazonaws.com:443", "Why": "Aws", "Agent": "asks/1", "Times": 2 },
            { "Host": "api.example.com:443", "Why": "NotNamed", "Agent": "asks/1", "Times": 1 },
            { "Host": "metrics.example.com:443", "Why": "Declined", "Agent": "asks/1", "Times": 1 },
            { "Host": "169.254.169.254:80", "Why": "Aws", "Agent": "asks/1", "Times": 1 },
        ])
    );
    let flat = answer.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "Rehearsal of bash deploy.sh (network: registries)",
        "sts.amazonaws.com:443 (asks/1, 2 times): it belongs to AWS",
        "to allow it: hosts = [\"api.example.com\"] in lambdry.toml",
        // Three steps were not played: the two hosts of AWS, and the host that no setting allows.
        "Not fully played: exit code 0, 3 steps not played as on AWS",
    ] {
        assert!(flat.contains(part), "{part}: {}", answer.err);
    }
}

#[test]
fn programs_are_led_to_the_proxy_and_the_loopback_is_not() {
    let place = Place::new();
    let script = "for name in HTTPS_PROXY https_proxy HTTP_PROXY http_proxy PIP_PROXY CARGO_HTTP_PROXY npm_config_https_proxy; do \
        [ \"${!name}\" = \"$HTTPS_PROXY\" ] || echo \"$name\"; done; \
        echo \"$HTTPS_PROXY\" | grep -c '^http://127.0.0.1:[0-9]*$'; echo \"$NO_PROXY $no_proxy\"; \
        echo \"$GIT_CONFIG_COUNT $GIT_CONFIG_KEY_0 $GIT_CONFIG_KEY_1\"; [ \"$GIT_CONFIG_VALUE_1\" = \"$HTTPS_PROXY\" ] && echo git; \
        echo \"${MAVEN_OPTS%:*}\"; tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; \
        host=${AWS_ENDPOINT_URL#http://}; exec 3<>/dev/tcp/${host%:*}/${host#*:} && echo reached";
    let mut rehearsal = place.rehearsal(&["--network=registries", "--", "bash", "-c", script]);
    rehearsal
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "user.name")
        .env("GIT_CONFIG_VALUE_0", "you")
        .env("MAVEN_OPTS", "-Dmine:x")
        .env("NO_PROXY", "inside.example");
    let answer: Answer = rehearsal.output().expect("it runs").into();
    if is_not_to_be_had(&answer) {
        return;
    }
    assert_eq!(
        answer.out,
        "1\n127.0.0.1,localhost,::1 127.0.0.1,localhost,::1\n2 user.name http.proxy\ngit\n-Dmine\nlo\nreached\n",
        "{}",
        answer.err
    );
}

#[test]
fn a_port_of_the_machines_loopback_stands_open_where_the_project_names_it() {
    let place = Place::new();
    let count = Arc::default();
    let [named, other] = [0, 1].map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    let [one, two] = [&named, &other].map(|it| it.local_addr().unwrap().port());
    receive(&named, &count);
    receive(&other, &count);
    place.write("lambdry.toml", &format!("hosts = [\"localhost:{one}\"]\n"));
    let script = format!(
        "for port in {one} {two}; do exec 3<>/dev/tcp/127.0.0.1/$port && head -n 1 <&3; done; true"
    );
    let answer = place.rehearse(&["--network=registries", "--", "bash", "-c", &script]);
    if is_not_to_be_had(&answer) {
        return;
    }
    assert_eq!(answer.out, "HTTP/1.1 204 No Content\r\n", "{}", answer.err);
    assert_eq!(*count.lock().unwrap(), 1);
}

#[test]
fn the_report_says_which_network_held_and_asks_once_which_one_is_meant() {
    let place = Place::new();
    place.write(
        "deploy.sh",
        "aws lambda list-functions --output off; git --version\n",
    );
    let words = [
        "--report",
        "text",
        "--report",
        "json=report.json",
        "--",
        "bash",
        "deploy.sh",
    ];
    let first = |answer: &Answer| {
        let lines = answer.err.lines();
        lines
            .filter(|line| line.starts_with("Rehearsal of"))
            .map(str::to_owned)
            .next()
    };
    let asks = |answer: &Answer| answer.err.contains("--network=registries");
    let plain = place.rehearse(&words);
    assert_eq!(
        first(&plain).as_deref(),
        Some("Rehearsal of bash deploy.sh (network: open)")
    );
    assert!(asks(&plain) || !has("git"), "{}", plain.err);
    assert_eq!(place.report()["Network"], "open");
    let meant = place.rehearse(&[&["--network"], &words[..]].concat());
    assert!(!asks(&meant), "{}", meant.err);
    place.write("lambdry.toml", "network = \"open\"\n");
    assert!(!asks(&place.rehearse(&words)));
    let none = place.rehearse(&[&["--no-network"], &words[..]].concat());
    if is_not_to_be_had(&none) {
        return;
    }
    assert_eq!(
        first(&none).as_deref(),
        Some("Rehearsal of bash deploy.sh (network: none)")
    );
    assert_eq!(place.report()["Network"], "none");
}

#[test]
fn what_names_no_network_and_no_host_is_refused_before_anything_runs() {
    let place = Place::new();
    let refused = |words: &[&str], why: &str| {
        let answer = place.rehearse(&[words, &["--", "touch", "ran"]].concat());
        assert!(answer.code == 252 || answer.code == 255, "{}", answer.err);
        assert!(answer.err.contains(why), "{why}: {}", answer.err);
        assert!(!place.work().join("ran").exists());
    };
    refused(&["--network=some"], "open, registries or none");
    refused(&["--network", "--no-network"], "--no-network");
    for (text, why) in [
        ("network = \"some\"", "open, registries or none"),
        ("hosts = [\"https://a.example\"]", "is not a host"),
        ("hosts = [\"s3.amazonaws.com\"]", "belongs to AWS"),
        ("hosts = [\"localhost\"]", "needs a port"),
    ] {
        place.write("lambdry.toml", text);
        refused(&[], why);
    }
    fs::remove_file(place.work().join("lambdry.toml")).unwrap();
    let begin = place.rehearse(&["begin", "--network=registries"]);
    assert!(
        begin
            .err
            .contains("no lambdry process runs that could enforce it"),
        "{}",
        begin.err
    );
    // The network in the project's file does not prevent a session, but the session prints a note about it.
    place.write("lambdry.toml", "network = \"registries\"\n");
    let begin = place.rehearse(&["begin"]);
    assert_eq!(begin.code, 0, "{}", begin.err);
    assert!(
        begin
            .err
            .contains("but a session cannot limit the network: it is open"),
        "{}",
        begin.err
    );
    let mut end = place.rehearsal(&["end"]);
    let end: Answer = end.output().unwrap().into();
    assert!(
        end.err.contains("Rehearsal of a session (network: open)"),
        "{}",
        end.err
    );
    fs::remove_file(place.work().join("lambdry.toml")).unwrap();
    let mut socks = place.rehearsal(&["--network=registries", "--", "touch", "ran"]);
    let answer: Answer = socks
        .env("ALL_PROXY", "socks5://127.0.0.1:1")
        .output()
        .unwrap()
        .into();
    assert!(answer.err.contains("ALL_PROXY"), "{}", answer.err);
    assert!(!place.work().join("ran").exists());
}
