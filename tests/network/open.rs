//! The network `open`: AWS's API is refused to programs that bring keys and an endpoint of their own, and everything else
//! passes. No test reaches AWS: what is let through goes to a proxy of the test's, or the name leads to the loopback.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    process::Command,
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

use super::{
    ASKS, Answer, Place, has, head_of, outer_proxy, own_address, receive, skipped::skipped,
    strace::Trace,
};

/// A rehearsal whose way out is a proxy of the test's.
fn behind(place: &Place, proxy: u16, words: &[&str]) -> Command {
    let mut rehearsal = place.rehearsal(words);
    let proxy = format!("http://me:secret@127.0.0.1:{proxy}");
    rehearsal
        .env("HTTPS_PROXY", &proxy)
        .env("http_proxy", &proxy);
    rehearsal
}

const REPORTS: [&str; 4] = ["--report", "text", "--report", "json=report.json"];

fn words(rest: &[&'static str]) -> Vec<&'static str> {
    [&REPORTS[..], &["--"], rest].concat()
}

#[test]
fn aws_s_api_is_refused_and_everything_else_passes() {
    let place = Place::new();
    let (port, asked) = outer_proxy();
    place.write(
        "lambdry.toml",
        "hosts = [\"named.s3.eu-west-1.amazonaws.com\"]\n",
    );
    let passes = [
        "CONNECT registry.npmjs.org:443",
        "CONNECT api.example.com:8443",
        "CONNECT 10.1.2.3:443",
        "CONNECT awscli.amazonaws.com:443",
        "CONNECT public.ecr.aws:443",
        "CONNECT abc.execute-api.eu-west-1.amazonaws.com:443",
        "CONNECT named.s3.eu-west-1.amazonaws.com:443",
        "GET http://deb.debian.org/debian",
        "GET http://tools.s3.amazonaws.com/tool.zip",
        "GET http://169.254.169.254/latest/meta-data/instance-id",
    ];
    let refused = [
        (
            "CONNECT lambda.eu-west-1.amazonaws.com:443",
            "belongs to AWS, which a rehearsal never reaches",
        ),
        (
            "CONNECT lambda.eu-west-1.api.aws:443",
            "belongs to AWS, which a rehearsal never reaches",
        ),
        (
            "GET http://sqs.eu-west-1.amazonaws.com/",
            "belongs to AWS, which a rehearsal never reaches",
        ),
        (
            "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/me",
            "belongs to AWS, which a rehearsal never reaches",
        ),
        (
            "CONNECT other.s3.eu-west-1.amazonaws.com:443",
            "belongs to S3, which only plain downloads reach in a rehearsal",
        ),
        (
            "PUT http://tools.s3.amazonaws.com/tool.zip",
            "belongs to S3, which only plain downloads reach in a rehearsal",
        ),
    ];
    let all = passes.iter().chain(refused.iter().map(|(line, _)| line));
    let asks: String = all.map(|line| format!("ask '{line}'\n")).collect();
    place.write(
        "deploy.sh",
        &format!("{ASKS}aws lambda list-functions --output off\n{asks}"),
    );
    let answer: Answer = behind(&place, port, &words(&["bash", "deploy.sh"]))
        .output()
        .unwrap()
        .into();
    let mut lines = answer.out.lines();
    for line in passes {
        let told = lines.next().unwrap_or_default();
        assert!(
            told.starts_with(&format!("{line}: 200")) && told.ends_with("the other end"),
            "{told}: {}",
            answer.err
        );
    }
    for (line, why) in refused {
        let told = lines.next().unwrap_or_default();
        assert!(
            told.starts_with(&format!("{line}: 403")) && told.ends_with(why),
            "{told}: {}",
            answer.err
        );
    }
    let passed: Vec<String> = passes
        .iter()
        .map(|line| format!("{line} HTTP/1.1, by me"))
        .collect();
    assert_eq!(*asked.lock().unwrap(), passed);
    let report = place.report();
    assert_eq!(
        (&report["Network"], &report["Verdict"]),
        (&json!("open"), &json!("NotFullyPlayed"))
    );
    let told: Vec<(&Value, &Value, &Value)> = report["Refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["Host"], &one["Why"], &one["By"]))
        .collect();
    let (aws, s3, by) = (json!("Aws"), json!("S3"), json!("bash deploy.sh"));
    let hosts = [
        ("lambda.eu-west-1.amazonaws.com:443", &aws),
        ("lambda.eu-west-1.api.aws:443", &aws),
        ("sqs.eu-west-1.amazonaws.com:80", &aws),
        ("169.254.169.254:80", &aws),
        ("other.s3.eu-west-1.amazonaws.com:443", &s3),
        ("tools.s3.amazonaws.com:80", &s3),
    ]
    .map(|(host, why)| (json!(host), why));
    let expected: Vec<(&Value, &Value, &Value)> =
        hosts.iter().map(|(host, why)| (host, *why, &by)).collect();
    assert_eq!(told, expected, "{}", answer.err);
    assert!(!answer.err.contains("Clean"), "{}", answer.err);
}

/// Programs that bring keys and an endpoint of their own, by what they need. `HOST` is a host in AWS's form.
const PROGRAMS: [(&str, &str, &str); 7] = [
    (
        "python3",
        "urllib",
        "python3 -c 'import urllib.request; urllib.request.urlopen(urllib.request.Request(\"https://HOST/2015-03-31/functions\", headers={\"Authorization\": \"AWS4-HMAC-SHA256 x\"}))'",
    ),
    (
        "curl",
        "curl signs",
        "curl -sS --aws-sigv4 aws:amz:eu-west-1:lambda --user a:b https://HOST/2015-03-31/functions",
    ),
    (
        "curl",
        "curl http",
        "curl -sSf --aws-sigv4 aws:amz:eu-west-1:lambda --user a:b http://HOST/",
    ),
    (
        "curl",
        "env -i",
        "env -i curl -sS https://HOST/2015-03-31/functions",
    ),
    (
        "curl",
        "env -u",
        "env -u AWS_REGION -u AWS_ENDPOINT_URL curl -sS https://HOST/",
    ),
    (
        "node",
        "node https",
        "node -e 'require(\"https\").get(\"https://HOST/\").on(\"error\", () => process.exit(1))'",
    ),
    (
        "node",
        "node tls",
        "node -e 'require(\"tls\").connect({ host: \"HOST\", port: 443, servername: \"HOST\" }).on(\"error\", () => process.exit(1))'",
    ),
];

#[test]
fn a_program_with_keys_and_an_endpoint_of_its_own_is_refused_and_nothing_leaves() {
    for (needs, name, line) in PROGRAMS {
        if !has(needs) {
            skipped(&format!("{name}: there is no {needs}"));
            continue;
        }
        let place = Place::new();
        let (port, asked) = outer_proxy();
        // There is no such region, so that no mistake of the test's can reach anybody.
        let host = "lambda.eu-nowhere-1.amazonaws.com";
        let line = line.replace("HOST", host);
        place.write(
            "deploy.sh",
            &format!("aws lambda list-functions --output off\n{line} || echo refused\n"),
        );
        let rehearsal = behind(&place, port, &words(&["bash", "deploy.sh"]));
        let traced = Trace::of(&rehearsal, &place.folder.path().join("traces"));
        let (mut rehearsal, trace) = match traced {
            Some((traced, trace)) => (traced, Some(trace)),
            None => (rehearsal, None),
        };
        let answer: Answer = rehearsal.output().unwrap().into();
        assert_eq!(
            (answer.code, answer.out.as_str()),
            (0, "refused\n"),
            "{name}: {}",
            answer.err
        );
        assert_eq!(*asked.lock().unwrap(), [] as [String; 0], "{name}");
        let report = place.report();
        let refused = report["Refused"].as_array().map_or(&[][..], Vec::as_slice);
        assert_eq!(refused.len(), 1, "{name}: {}", answer.err);
        assert!(
            refused[0]["Host"].as_str().unwrap().starts_with(host),
            "{name}: {}",
            refused[0]
        );
        // curl blanks the user among its words, and the line is found by the words.
        let place = match line.contains("--user") {
            true => Value::Null,
            false => json!({ "File": "deploy.sh", "Line": 2 }),
        };
        assert_eq!(refused[0]["Place"], place, "{name}");
        assert_eq!(
            report["Verdict"], "NotFullyPlayed",
            "{name}: {}",
            answer.err
        );
        if let Some(trace) = trace {
            let (all, left) = trace.read();
            assert!(all > 0, "{name}: nothing was traced");
            assert_eq!(left, [] as [String; 0], "{name}");
        }
    }
}

/// Programs that honour no proxy, or have lost their environment.
const PAST: [(&str, &str); 8] = [
    ("curl", "curl -sS --noproxy '*' https://HOST/"),
    (
        "curl",
        "/usr/bin/env -i \"$(command -v curl)\" -sS https://HOST/",
    ),
    (
        "curl",
        "bash -c 'exec -c \"$0\" -sS https://HOST/' \"$(command -v curl)\"",
    ),
    (
        "python3",
        "unset https_proxy HTTPS_PROXY; python3 -c 'import urllib.request; urllib.request.urlopen(\"https://HOST/\")'",
    ),
    (
        "python3",
        "python3 -c 'import http.client, ssl; http.client.HTTPSConnection(\"HOST\").request(\"GET\", \"/\")'",
    ),
    (
        "bash",
        "exec 3<>/dev/tcp/HOST/443; printf 'GET / HTTP/1.1\\r\\nHost: HOST\\r\\n\\r\\n' >&3; head -n 1 <&3; false",
    ),
    ("curl", "curl -sS --noproxy '*' https://HOST./"),
    (
        "python3",
        "python3 -c 'import http.client, socket; at = socket.getaddrinfo(\"HOST\", 443, socket.AF_INET6, socket.SOCK_STREAM)[0][4]; to = http.client.HTTPSConnection(\"HOST\"); to._create_connection = lambda *_: socket.create_connection(at[:2]); to.request(\"GET\", \"/\")'",
    ),
];

#[test]
fn what_honours_no_proxy_is_led_to_it_where_a_namespace_can_be_had() {
    let host = "lambda.us-east-1.amazonaws.com";
    for (needs, line) in PAST {
        if !has(needs) || !has("getent") {
            skipped(&format!("{line}: there is no {needs}, or no getent"));
            continue;
        }
        let place = Place::new();
        let line = line.replace("HOST", host);
        // Nobody is asked before the name is known to lead to the loopback.
        let script = format!(
            "aws lambda list-functions --output off\ncase $(getent ahosts {host}) in 127.*) ;; *) exit 77 ;; esac\n({line}) || echo refused\n"
        );
        place.write("deploy.sh", &script);
        let rehearsal = place.rehearsal(&words(&["bash", "deploy.sh"]));
        let traced = Trace::of(&rehearsal, &place.folder.path().join("traces"));
        let (mut rehearsal, trace) = match traced {
            Some((traced, trace)) => (traced, Some(trace)),
            None => (rehearsal, None),
        };
        let answer: Answer = rehearsal.output().unwrap().into();
        if answer.code == 77 {
            assert!(
                !rustix::process::geteuid().is_root() || !may_mount(),
                "{}",
                answer.err
            );
            skipped("no mount namespace here: what honours no proxy is not led to it");
            return;
        }
        assert!(
            answer.out.ends_with("refused\n"),
            "{line}: {}: {}",
            answer.out,
            answer.err
        );
        let report = place.report();
        let hosts = report["Refused"].as_array().map_or(&[][..], Vec::as_slice);
        assert!(
            hosts
                .iter()
                .any(|one| one["Host"].as_str().unwrap().starts_with(host)),
            "{line}: {}",
            answer.err
        );
        assert_eq!(
            report["Verdict"], "NotFullyPlayed",
            "{line}: {}",
            answer.err
        );
        if let Some(trace) = trace {
            let (all, left) = trace.read();
            assert!(all > 0, "{line}: nothing was traced");
            assert_eq!(left, [] as [String; 0], "{line}");
        }
    }
}

#[test]
fn a_trap_that_cannot_be_set_is_told() {
    if !has("python3") || !has("ip") || !may_mount() {
        skipped("no network namespace to try it in: a trap that cannot be set is told");
        return;
    }
    for (server, is_told) in [("taken", true), ("free", false)] {
        let place = Place::new();
        let call = ["--", "aws", "lambda", "list-functions", "--output", "off"];
        let rehearsal = place.rehearsal(&call);
        // A network of the test's own, in which a server has port 443 of every address.
        let script = "ip link set lo up && exec python3 -c 'import os, socket, sys
server = socket.socket()
server.bind((\"0.0.0.0\", 443))
server.listen()
server.set_inheritable(sys.argv[1] == \"taken\")
os.execvp(sys.argv[2], sys.argv[2:])' \"$@\"";
        let mut within = Command::new("unshare");
        within
            .args(["--net", "bash", "-c", script, "bash", server])
            .arg(rehearsal.get_program())
            .args(rehearsal.get_args())
            .current_dir(place.work())
            .env_clear();
        for (name, value) in rehearsal.get_envs() {
            within.env(name, value.unwrap_or_default());
        }
        let answer: Answer = within.output().unwrap().into();
        let flat = answer.err.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = "and honours no proxy, lambdry cannot stop it from reaching AWS: cannot listen on port 443 of the loopback";
        assert_eq!(flat.contains(told), is_told, "{server}: {}", answer.err);
        assert_eq!(answer.code, 0, "{server}: {}", answer.err);
    }
}

#[test]
fn node_runs_as_another_user_too() {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root || !has("runuser") || !has("node") {
        skipped("no root, no runuser or no node: node as another user");
        return;
    }
    let place = Place::new();
    let script = "aws lambda list-functions --output off; cd /; echo \"$NODE_OPTIONS\"; runuser -u nobody -- node -p 1";
    let mut rehearsal = place.rehearsal(&["--", "bash", "-c", script]);
    // Every user may enter this folder.
    let answer: Answer = rehearsal.env("TMPDIR", "/tmp").output().unwrap().into();
    let (option, printed) = answer.out.split_once('\n').unwrap_or_default();
    assert_eq!(printed, "1\n", "{}", answer.err);
    let hook = option
        .strip_prefix("--require=\"")
        .and_then(|it| it.strip_suffix('"'));
    let folder = std::path::Path::new(hook.unwrap()).parent().unwrap();
    assert!(folder.starts_with("/tmp") && !folder.exists(), "{option}");
}

/// Returns true if this user may take a mount namespace.
fn may_mount() -> bool {
    let probe = Command::new("unshare").args(["--mount", "true"]).output();
    probe.is_ok_and(|probe| probe.status.success())
}

#[test]
fn the_machine_s_own_hosts_are_the_same_after_a_rehearsal_and_stay_in_front_within() {
    let place = Place::new();
    let before = fs::read("/etc/hosts").unwrap_or_default();
    let answer = place.rehearse(&[
        "--",
        "bash",
        "-c",
        "aws lambda list-functions --output off; cat /etc/hosts",
    ]);
    assert!(
        answer
            .out
            .trim_end()
            .starts_with(String::from_utf8_lossy(&before).trim_end()),
        "{}",
        answer.err
    );
    assert_eq!(fs::read("/etc/hosts").unwrap_or_default(), before);
}

#[test]
fn s3_is_reached_by_a_plain_download_and_by_nothing_else() {
    if !has("curl") {
        skipped("there is no curl");
        return;
    }
    let place = Place::new();
    let (port, asked) = outer_proxy();
    place.write(
        "deploy.sh",
        "aws lambda list-functions --output off
curl -sSfLo tool.zip https://tools.s3.eu-nowhere-1.amazonaws.com/tool.zip
curl -sST deploy.sh https://code.s3.eu-nowhere-1.amazonaws.com/next.zip
curl -sS -X PUT --data-binary @deploy.sh https://more.s3.eu-nowhere-1.amazonaws.com/next.zip
true\n",
    );
    let answer: Answer = behind(&place, port, &words(&["bash", "deploy.sh"]))
        .output()
        .unwrap()
        .into();
    let expected = ["CONNECT tools.s3.eu-nowhere-1.amazonaws.com:443 HTTP/1.1, by me"];
    assert_eq!(*asked.lock().unwrap(), expected, "{}", answer.err);
    let flat = answer.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "deploy.sh:3: code.s3.eu-nowhere-1.amazonaws.com:443",
        "deploy.sh:4: more.s3.eu-nowhere-1.amazonaws.com:443",
        "only plain downloads reach S3; to allow a bucket's host: hosts = [\"code.s3.eu-nowhere-1.amazonaws.com\"]",
        "Not fully played",
    ] {
        assert!(flat.contains(part), "{part}: {}", answer.err);
    }
}

#[test]
fn the_machine_s_own_network_is_as_it_was() {
    if !has("curl") {
        skipped("there is no curl");
        return;
    }
    let place = Place::new();
    let listener = TcpListener::bind((own_address(), 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (address, count) = (own_address(), Arc::<Mutex<usize>>::default());
    receive(&listener, &count);
    // By its address through the proxy, by a name of the loopback past it, and a port on which nobody listens.
    let near = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    receive(&near, &count);
    let near = near.local_addr().unwrap().port();
    let closed = TcpListener::bind(("127.0.0.1", 0))
        .and_then(|it| it.local_addr())
        .unwrap()
        .port();
    place.write(
        "deploy.sh",
        &format!(
            "aws lambda list-functions --output off
curl -sS -o out -w '%{{http_code}} ' http://{address}:{port}/
curl -sS -o out -w '%{{http_code}} ' http://localhost:{near}/
curl -sS -o out -w '%{{http_code}} ' http://127.0.0.1:{near}/
curl -s http://{address}:{closed}/ && echo up || echo down
curl -s http://{address}:{closed}/; echo $?
curl -s http://0.0.0.0:{closed}/; echo $?
"
        ),
    );
    let answer: Answer = place
        .rehearsal(&words(&["bash", "deploy.sh"]))
        .output()
        .unwrap()
        .into();
    // 7: curl could not connect.
    assert_eq!(answer.out, "204 204 204 down\n7\n7\n", "{}", answer.err);
    assert_eq!(*count.lock().unwrap(), 3);
    assert_eq!(place.report()["Verdict"], "Clean", "{}", answer.err);
}

#[test]
fn the_hosts_that_are_reached_without_a_proxy_do_not_open_a_way_to_aws() {
    let place = Place::new();
    let (port, asked) = outer_proxy();
    place.write("deploy.sh", &format!("{ASKS}aws lambda list-functions --output off\nask 'CONNECT lambda.eu-nowhere-1.amazonaws.com:443'\necho \"$NO_PROXY\"\n"));
    let mut rehearsal = behind(&place, port, &words(&["bash", "deploy.sh"]));
    let answer: Answer = rehearsal
        .env("NO_PROXY", "*,.amazonaws.com")
        .output()
        .unwrap()
        .into();
    let (first, second) = answer.out.split_once('\n').unwrap();
    assert!(first.contains(": 403 "), "{}", answer.out);
    assert!(
        second.starts_with("127.0.0.1,localhost,::1"),
        "{}",
        answer.out
    );
    assert_eq!(*asked.lock().unwrap(), [] as [String; 0]);
}

#[test]
fn a_proxy_of_another_form_stays_the_script_s_and_is_told() {
    let place = Place::new();
    let script = "aws lambda list-functions --output off; echo \"$ALL_PROXY $HTTPS_PROXY\"";
    let mut rehearsal = place.rehearsal(&["--", "bash", "-c", script]);
    let answer: Answer = rehearsal
        .env("ALL_PROXY", "socks5://127.0.0.1:1")
        .output()
        .unwrap()
        .into();
    assert_eq!(
        (answer.code, answer.out.as_str()),
        (0, "socks5://127.0.0.1:1 \n"),
        "{}",
        answer.err
    );
    let told = "hint: if a program has keys or an endpoint of its own, lambdry cannot stop it from reaching AWS: it cannot use the proxy in ALL_PROXY";
    assert!(answer.err.contains(told), "{}", answer.err);
}

#[test]
fn containers_get_the_user_s_own_proxy() {
    let place = Place::new();
    let bin = place.folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for name in ["docker", "kind"] {
        fs::write(
            bin.join(name),
            "#!/bin/sh\necho \"$HTTPS_PROXY $https_proxy $NODE_OPTIONS\"\n",
        )
        .unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(bin).chain(std::env::split_paths(&path));
    let script = "aws lambda list-functions --output off; docker build .; kind create cluster";
    let mut rehearsal = place.rehearsal(&["--", "sh", "-c", script]);
    rehearsal
        .env("PATH", std::env::join_paths(folders).unwrap())
        .env("HTTPS_PROXY", "http://proxy.example:3128")
        .env("NODE_OPTIONS", "--no-warnings");
    let answer: Answer = rehearsal.output().unwrap().into();
    let own = "http://proxy.example:3128  --no-warnings\n";
    assert_eq!(answer.out, own.repeat(2), "{}", answer.err);
}

#[test]
fn a_session_refuses_aws_s_api_too_and_gives_the_proxy_back() {
    if !has("curl") {
        skipped("there is no curl");
        return;
    }
    let place = Place::new();
    let (port, asked) = outer_proxy();
    let script = format!(
        "eval \"$('{lambdry}' rehearse begin 2>/dev/null)\"
aws lambda list-functions --output off
curl -sS https://lambda.eu-nowhere-1.amazonaws.com/ 2>/dev/null; echo $?
curl -s http://api.example.com/
eval \"$('{lambdry}' rehearse end)\"
echo \"$HTTPS_PROXY ${{https_proxy-unset}} ${{NODE_OPTIONS-unset}}\"
",
        lambdry = env!("CARGO_BIN_EXE_lambdry")
    );
    place.write("session.sh", &script);
    let own = format!("http://me:secret@127.0.0.1:{port}");
    let rehearsal = behind(&place, port, &[]);
    let mut session = Command::new("bash");
    session
        .arg("session.sh")
        .current_dir(place.work())
        .env_clear();
    for (name, value) in rehearsal.get_envs() {
        session.env(name, value.unwrap_or_default());
    }
    let answer: Answer = session.output().unwrap().into();
    let expected = format!("56\nthe other end{own} unset unset\n");
    assert_eq!(answer.out, expected, "{}", answer.err);
    assert_eq!(
        *asked.lock().unwrap(),
        ["GET http://api.example.com/ HTTP/1.1, by me"]
    );
    let flat = answer.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("lambda.eu-nowhere-1.amazonaws.com:443 (curl"),
        "{}",
        answer.err
    );
    assert!(flat.contains("Not fully played"), "{}", answer.err);
}

#[test]
fn a_connection_that_changes_its_protocol_passes() {
    let place = Place::new();
    let listener = TcpListener::bind((own_address(), 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head = head_of(&mut stream);
        assert!(head.contains("Upgrade: tcp"), "{head}");
        stream
            .write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            .unwrap();
        let mut said = [0; 4];
        stream.read_exact(&mut said).unwrap();
        stream.write_all(&said).unwrap();
    });
    let address = own_address();
    let script = format!(
        "aws lambda list-functions --output off
exec 3<>\"/dev/tcp/127.0.0.1/${{http_proxy##*:}}\"
printf 'POST http://{address}:{port}/x HTTP/1.1\\r\\nConnection: Upgrade\\r\\nUpgrade: tcp\\r\\n\\r\\n' >&3
IFS= read -r first <&3; IFS= read -r empty <&3
printf ping >&3; head -c 4 <&3"
    );
    place.write("deploy.sh", &script);
    let answer: Answer = place
        .rehearsal(&["--", "bash", "deploy.sh"])
        .output()
        .unwrap()
        .into();
    assert_eq!(answer.out, "ping", "{}", answer.err);
}

#[test]
fn nobody_is_led_through_the_proxy_to_itself() {
    let place = Place::new();
    let script = "aws lambda list-functions --output off; exec 3<>\"/dev/tcp/127.0.0.1/${http_proxy##*:}\"; \
        printf 'GET / HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' >&3; IFS= read -r first <&3; echo \"${first%$'\\r'}\"";
    let answer = place.rehearse(&["--", "bash", "-c", script]);
    assert_eq!(answer.out, "HTTP/1.1 400 Bad Request\n", "{}", answer.err);
}
