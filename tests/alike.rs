//! The same calls with the same seed and clock give the same bytes, on the disk and on stdout. This does not depend on
//! the path of the state, or on simultaneous changes of other functions. Nothing leaves this machine.

#![cfg(unix)]

mod disk;

use std::{fs, path::Path, process::Command, thread};

use disk::{State, create, folder, strace, words, zip};

/// The commands of a whole release.
fn release(name: &str, zips: &Path) -> Vec<Vec<String>> {
    let of =
        |command: &str, more: &[&str]| words(&[&[command, "--function-name", name], more].concat());
    vec![
        create(
            name,
            &zip(zips, "one"),
            &["--publish", "--environment", "Variables={STAGE=beta,KEY=1}"],
        ),
        of("update-function-configuration", &["--description", "two"]),
        of("publish-version", &["--description", "second"]),
        of(
            "create-alias",
            &["--name", "live", "--function-version", "1"],
        ),
        of(
            "update-alias",
            &[
                "--name",
                "live",
                "--routing-config",
                "AdditionalVersionWeights={2=0.1}",
            ],
        ),
        of(
            "update-function-code",
            &["--zip-file", &zip(zips, "two"), "--publish"],
        ),
        of("get-function", &["--qualifier", "live"]),
        of("list-versions-by-function", &[]),
        of("delete-alias", &["--name", "live"]),
        of("delete-function", &["--qualifier", "1"]),
        of("publish-version", &[]),
        of("delete-function", &[]),
        create(name, &zip(zips, "three"), &["--publish"]),
        of("get-function", &[]),
        words(&["get-account-settings"]),
    ]
}

fn play(state: &State, name: &str, zips: &Path) -> String {
    let root = state.root.display().to_string();
    release(name, zips)
        .iter()
        .map(|command| {
            let answer = state.spawn(command);
            assert_eq!(answer.code, 0, "{command:?}: {}", answer.err);
            (answer.out + &answer.err).replace(&root, "")
        })
        .collect()
}

#[test]
fn the_same_calls_give_the_same_bytes_wherever_the_state_lies() {
    let base = folder();
    let states = ["here", "far/away"].map(|name| State::at(base.path().join(name)));
    let [a, b] = states
        .each_ref()
        .map(|state| play(state, "pay", base.path()));
    assert_eq!(a, b);
    assert_eq!(states[0].tree(), states[1].tree());
}

#[test]
fn functions_called_side_by_side_give_the_bytes_of_calls_in_turn() {
    let base = folder();
    let names = ["a", "b", "c", "d"];
    let [turn, side] = ["turn", "side"].map(|name| State::at(base.path().join(name)));
    for name in names {
        play(&turn, name, base.path());
    }
    thread::scope(|scope| {
        for name in names {
            let (side, zips) = (&side, base.path());
            scope.spawn(move || play(side, name, zips));
        }
    });
    // A process that waited leaves a queue file, which the comparison leaves out.
    let tree = |state: &State| {
        let mut tree = state.tree();
        tree.retain(|path, _| !path.ends_with(".turn"));
        tree
    };
    assert_eq!(tree(&turn), tree(&side));
}

#[test]
fn nothing_leaves_this_machine_and_no_credentials_are_read() {
    if !strace() {
        return;
    }
    let base = folder();
    let home = base.path().join("home");
    fs::create_dir_all(home.join(".aws")).expect("a folder");
    let planted = "[default]\naws_access_key_id = AKIAPLANTED\naws_secret_access_key = planted\n";
    fs::write(home.join(".aws/credentials"), planted).expect("planted");
    fs::write(home.join(".aws/config"), "[default]\nregion = eu-west-1\n").expect("planted");
    fs::write(base.path().join("shared-credentials"), planted).expect("planted");
    let state = State::at(base.path().join("state"))
        .with("HOME", &home)
        .with(
            "AWS_SHARED_CREDENTIALS_FILE",
            base.path().join("shared-credentials"),
        )
        .with("AWS_PROFILE", "default")
        .with("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let trace = base.path().join("trace");
    let mut read_config = false;
    let others = [
        words(&["list-functions", "--endpoint-url", "http://127.0.0.1:9"]),
        words(&["s3", "ls"]),
        words(&["help"]),
        words(&["wait", "function-active-v2", "--function-name", "pay"]),
    ];
    for args in release("pay", base.path()).into_iter().chain(others) {
        let command = state.command(&args);
        let status = Command::new("strace")
            .args([
                "-f",
                "-s",
                "4096",
                "-e",
                "trace=%network,%file,execve",
                "-o",
            ])
            .arg(&trace)
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .envs(&state.vars)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .expect("strace runs");
        assert!(
            matches!(status.code(), Some(0 | 252..=255)),
            "{args:?}: {status}"
        );
        let text = fs::read_to_string(&trace).expect("a trace");
        let calls = |line: &str, name: &str| {
            let call = line
                .split_once(' ')
                .map_or(line, |(_, call)| call.trim_start());
            call.starts_with(name)
        };
        assert!(
            text.lines().any(|line| calls(line, "openat(")),
            "{args:?}: nothing was traced"
        );
        for line in text.lines() {
            for network in ["socket(", "connect(", "sendto(", "sendmsg(", "bind("] {
                assert!(!calls(line, network), "{args:?}: {line}");
            }
            assert!(!line.contains("credentials"), "{args:?}: {line}");
            read_config |= line.contains(".aws/config");
        }
        let processes = text.lines().filter(|line| calls(line, "execve(")).count();
        assert_eq!(processes, 1, "{args:?}: it runs another program");
    }
    assert!(
        read_config,
        "the region of the profile is read, so the trace sees such reads"
    );
}
