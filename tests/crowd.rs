//! Many processes work at once. No update is lost, no read mixes two states, and version numbers have no gaps. A
//! process that waits for a lock says so, and gives up after a time. Readers need no lock in a state that cannot be
//! written.

#![cfg(unix)]

mod disk;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
    sync::{Barrier, Mutex},
    thread,
    time::{Duration, Instant},
};

use disk::{
    Answer, SEED, State, create, folder, furnished,
    killed::{Numbers, killed_within, killing},
    words, zip,
};
use fs2::FileExt;
use lambdry::{
    state::{arn::Scope, function::Function},
    store::{clock::Ids, journal::Line},
};
use serde_json::{Value, json};

const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

fn journal(state: &State, name: &str) -> Vec<Line> {
    let store = state.store();
    let place = store.place(Scope {
        region: "us-east-1".to_owned(),
        account: "123456789012".to_owned(),
    });
    place
        .all::<Function>()
        .journal(name)
        .expect("a journal")
        .expect("a function")
}

#[test]
fn two_hundred_processes_lose_no_update_and_read_nothing_torn() {
    let base = folder();
    let state = furnished(base.path().join("state"), base.path());
    // Time is real, so that every change completes. Ids are seeded, so that each id identifies the change that made it.
    let state = state
        .without("LAMBDRY_NOW")
        .with("LAMBDRY_LOCK_TIMEOUT", "300");
    let so_far = journal(&state, "pay").len();
    let begin = Barrier::new(200);
    let answers: Mutex<Vec<(String, Answer)>> = Mutex::default();
    thread::scope(|scope| {
        for i in 0..200 {
            let (state, begin, answers) = (&state, &begin, &answers);
            scope.spawn(move || {
                let text = format!("by {i}");
                let weights = format!(
                    "AdditionalVersionWeights={{2={}}}",
                    f64::from(i + 1) / 1000.0
                );
                let of = ["--function-name", "pay"];
                let commands: Vec<Vec<&str>> = match i % 4 {
                    0 => vec![
                        [
                            &["update-function-configuration"],
                            &of[..],
                            &["--description", &text],
                        ]
                        .concat(),
                        [&["publish-version"], &of[..]].concat(),
                    ],
                    1 => vec![
                        [
                            &["update-alias"],
                            &of[..],
                            &["--name", "live", "--routing-config", &weights],
                        ]
                        .concat(),
                    ],
                    2 => vec![[&["get-function"], &of[..]].concat()],
                    _ => vec![[&["list-versions-by-function"], &of[..]].concat()],
                };
                begin.wait();
                for command in commands {
                    let answer = state.spawn(&command);
                    let mut answers = answers.lock().expect("nothing panics with it");
                    answers.push((command[0].to_owned(), answer));
                }
            });
        }
    });

    let answers = answers.into_inner().expect("nothing panicked with it");
    for (command, answer) in &answers {
        assert_eq!(answer.code, 0, "{command}: {}", answer.err);
    }
    let of = |wanted: &str| -> Vec<Value> {
        let mine = answers.iter().filter(|(command, _)| command == wanted);
        mine.map(|(_, answer)| answer.json()).collect()
    };
    let text = |value: &Value| value.as_str().expect("text").to_owned();

    // The journal has a line for every change that was answered, and no other lines.
    let lines = journal(&state, "pay");
    let count = |call: &str| {
        lines[so_far..]
            .iter()
            .filter(|line| line.call == call)
            .count()
    };
    assert_eq!(count("UpdateFunctionConfiguration"), 50);
    assert_eq!(count("UpdateAlias"), 50);
    assert_eq!(lines.len() - so_far, 100 + count("PublishVersion"));

    // Ids depend only on the change counter, so each RevisionId identifies its journal line.
    let ids = Ids::Seeded(SEED.to_owned());
    let last = lines.last().expect("lines").change;
    let change_of: BTreeMap<String, u64> = (1..=last).map(|n| (ids.id(ARN, n), n)).collect();
    let line_of = |revision: &Value| {
        let change = change_of[&text(revision)];
        lines
            .iter()
            .position(|line| line.change >= change)
            .expect("a line")
    };
    let mut described = BTreeMap::from([(0, "two".to_owned())]);
    for update in of("update-function-configuration") {
        let line = line_of(&update["RevisionId"]);
        assert_eq!(lines[line].call, "UpdateFunctionConfiguration");
        let other = described.insert(line, text(&update["Description"]));
        assert_eq!(other, None, "two updates in one line");
    }
    let description_at = |line: usize| described.range(..=line).next_back().expect("one").1.clone();

    // Aliases: each journal line begins with the state at the end of the line before it, and the last line ends with
    // the current state.
    let mut weights: Vec<Value> = Vec::new();
    let mut stands = Value::Null;
    for line in &lines {
        let Some(live) = line.moved.pointer("/Aliases/live") else {
            continue;
        };
        assert_eq!(live["From"], stands, "an update was lost before {line:?}");
        stands = live["To"].clone();
        weights.push(live["To"]["AdditionalVersionWeights"]["2"].clone());
    }
    for update in of("update-alias") {
        let given = &update["RoutingConfig"]["AdditionalVersionWeights"]["2"];
        let line = &lines[line_of(&update["RevisionId"])];
        let kept = line
            .moved
            .pointer("/Aliases/live/To/AdditionalVersionWeights/2");
        assert_eq!(kept, Some(given));
    }
    let live = state
        .ok(&["get-alias", "--function-name", "pay", "--name", "live"])
        .json();
    assert_eq!(
        Some(&live["RoutingConfig"]["AdditionalVersionWeights"]["2"]),
        weights.last()
    );

    // Versions have no gaps and are unique. Each version has the content that $LATEST had at the journal line of its
    // publish.
    let listed = state
        .ok(&["list-versions-by-function", "--function-name", "pay"])
        .json();
    let versions = listed["Versions"].as_array().expect("a list");
    let published: Vec<usize> = (0..lines.len())
        .filter(|line| lines[*line].moved.get("Published").is_some())
        .collect();
    assert_eq!(versions.len(), published.len() + 1, "one line a version");
    for (number, version) in versions.iter().enumerate().skip(1) {
        assert_eq!(version["Version"], json!(number.to_string()), "dense");
        let line = published[number - 1];
        assert_eq!(lines[line].moved["Published"], version["Version"]);
        if number > 2 {
            assert_eq!(text(&version["Description"]), description_at(line));
        }
    }
    for answer in of("publish-version") {
        let number: usize = text(&answer["Version"]).parse().expect("a number");
        for member in ["Description", "RevisionId", "CodeSha256"] {
            assert_eq!(answer[member], versions[number][member], "version {number}");
        }
    }

    // Each read of a function gives the description and the RevisionId of the same moment. Each list contains every
    // version below its newest.
    for read in of("get-function") {
        let line = line_of(&read["Configuration"]["RevisionId"]);
        assert_eq!(
            text(&read["Configuration"]["Description"]),
            description_at(line)
        );
    }
    for read in of("list-versions-by-function") {
        let read = read["Versions"].as_array().expect("a list").clone();
        for (number, version) in read.iter().enumerate().skip(1) {
            assert_eq!(version["RevisionId"], versions[number]["RevisionId"]);
        }
    }
    let end = state
        .ok(&["get-function-configuration", "--function-name", "pay"])
        .json();
    assert_eq!(text(&end["Description"]), description_at(lines.len()));
}

#[test]
fn what_hangs_on_a_function_loses_no_update_and_the_account_gives_no_more_than_it_has() {
    let base = folder();
    let state = furnished(base.path().join("state"), base.path());
    let begin = Barrier::new(60);
    let reserved: Mutex<Vec<i32>> = Mutex::default();
    thread::scope(|scope| {
        for i in 0..60 {
            let (state, begin, reserved) = (&state, &begin, &reserved);
            scope.spawn(move || {
                let (sid, tag) = (format!("s{i}"), format!("k{i}=v"));
                let of = ["--function-name", "pay"];
                let name = ["--function-name", if i % 8 < 4 { "pay" } else { "ship" }];
                let command = match i % 4 {
                    0 => [
                        &["add-permission"],
                        &of[..],
                        &["--statement-id", &sid, "--action", "lambda:InvokeFunction"],
                        &["--principal", "s3.amazonaws.com", "--qualifier", "live"],
                    ]
                    .concat(),
                    1 => vec!["tag-resource", "--resource", ARN, "--tags", &tag],
                    2 => [
                        &["put-function-concurrency"],
                        &name[..],
                        &["--reserved-concurrent-executions", "600"],
                    ]
                    .concat(),
                    _ => [
                        &["update-alias"],
                        &of[..],
                        &["--name", "canary", "--description", &sid],
                    ]
                    .concat(),
                };
                begin.wait();
                let answer = state.spawn(&command);
                match i % 4 {
                    2 => reserved
                        .lock()
                        .expect("nothing panics with it")
                        .push(answer.code),
                    _ => assert_eq!(answer.code, 0, "{command:?}: {}", answer.err),
                }
            });
        }
    });
    let reserved = reserved.into_inner().expect("nothing panicked with it");
    assert!(
        reserved.contains(&0) && reserved.contains(&254),
        "{reserved:?}"
    );
    let limits = state.ok(&["get-account-settings"]).json();
    assert_eq!(
        limits["AccountLimit"]["UnreservedConcurrentExecutions"],
        400
    );
    let policy = state
        .ok(&["get-policy", "--function-name", "pay:live"])
        .json();
    let policy = policy["Policy"].as_str().expect("a text").to_owned();
    let tags = state.ok(&["list-tags", "--resource", ARN]).json();
    for i in 0..15 {
        assert!(
            policy.contains(&format!(r#""Sid":"s{}""#, i * 4)),
            "{policy}"
        );
        assert_eq!(tags["Tags"][format!("k{}", i * 4 + 1)], "v");
    }
}

#[test]
fn layers_lose_no_version_and_no_configuration_goes_while_a_function_begins_to_use_it() {
    let base = folder();
    let state = furnished(base.path().join("state"), base.path());
    let state = state.with("LAMBDRY_LOCK_TIMEOUT", "300");
    let code = zip(base.path(), "layer");
    let lib =
        |command: &str, more: &[&str]| words(&[&[command, "--layer-name", "lib"], more].concat());
    let publish = lib("publish-layer-version", &["--zip-file", &code]);
    for _ in 0..11 {
        state.ok(&publish);
    }
    let publishers = "SigningProfileVersionArns=arn:aws:signer:::p";
    let configs: Vec<String> = (0..5)
        .map(|_| {
            let made = state.ok(&[
                "create-code-signing-config",
                "--allowed-publishers",
                publishers,
            ]);
            let arn = &made.json()["CodeSigningConfig"]["CodeSigningConfigArn"];
            arn.as_str().expect("an ARN").to_owned()
        })
        .collect();
    let begin = Barrier::new(50);
    thread::scope(|scope| {
        for i in 0..50 {
            let (state, begin, publish) = (&state, &begin, &publish);
            let (configs, lib) = (&configs, &lib);
            scope.spawn(move || {
                let (sid, number) = (format!("s{i}"), (i / 5 + 2).to_string());
                let arn = configs[i / 10].as_str();
                let of = ["--code-signing-config-arn", arn];
                let command = match i % 5 {
                    0 => publish.clone(),
                    1 => lib("delete-layer-version", &["--version-number", &number]),
                    2 => lib(
                        "add-layer-version-permission",
                        &[
                            "--version-number",
                            "1",
                            "--statement-id",
                            &sid,
                            "--action",
                            "lambda:GetLayerVersion",
                            "--principal",
                            "*",
                        ],
                    ),
                    3 => words(
                        &[
                            &["put-function-code-signing-config"][..],
                            &["--function-name", "pay"],
                            &of[..],
                        ]
                        .concat(),
                    ),
                    _ => words(&[&["delete-code-signing-config"], &of[..]].concat()),
                };
                begin.wait();
                let answer = state.spawn(&command);
                let lost = i % 5 > 2 && answer.code == 254;
                assert!(answer.code == 0 || lost, "{command:?}: {}", answer.err);
            });
        }
    });
    let versions = state.ok(&lib("list-layer-versions", &[])).json();
    let versions = versions["LayerVersions"].as_array().expect("a list");
    let numbers: Vec<u64> = versions
        .iter()
        .filter_map(|version| version["Version"].as_u64())
        .collect();
    assert_eq!(numbers, (12..=21).rev().chain([1]).collect::<Vec<_>>());
    let policy = state.ok(&lib("get-layer-version-policy", &["--version-number", "1"]));
    for i in (2..50).step_by(5) {
        assert!(
            policy.out.contains(&format!("\\\"s{i}\\\"")),
            "{}",
            policy.out
        );
    }
    let used = state
        .ok(&["get-function-code-signing-config", "--function-name", "pay"])
        .out;
    if !used.is_empty() && used.trim() != "{}" {
        let used: Value = serde_json::from_str(&used).expect("JSON");
        let arn = used["CodeSigningConfigArn"].as_str().expect("an ARN");
        state.ok(&["get-code-signing-config", "--code-signing-config-arn", arn]);
    }
}

#[test]
fn a_new_state_directory_is_begun_by_many_at_once() {
    let base = folder();
    let state = State::at(base.path().join("state"));
    let code = zip(base.path(), "code");
    let begin = Barrier::new(40);
    thread::scope(|scope| {
        for i in 0..40 {
            let (state, begin, code) = (&state, &begin, &code);
            scope.spawn(move || {
                begin.wait();
                // Two processes try to use each name.
                let answer = state.spawn(&create(&format!("f{}", i / 2), code, &[]));
                let lost = answer.code == 254 && answer.err.contains("ResourceConflictException");
                assert!(answer.code == 0 || lost, "{}", answer.err);
            });
        }
    });
    let listed = state.ok(&["list-functions"]).json();
    assert_eq!(listed["Functions"].as_array().expect("a list").len(), 20);
    let used = state.ok(&["get-account-settings"]).json();
    let kept: Value =
        serde_json::from_slice(&fs::read(state.path("usage.json")).expect("sums")).expect("JSON");
    assert_eq!(kept["FunctionCount"], 20);
    assert_eq!(kept["TotalCodeSize"], used["AccountUsage"]["TotalCodeSize"]);
}

#[test]
fn a_new_state_directory_is_begun_by_many_in_the_same_moment() {
    let base = folder();
    let code = zip(base.path(), "code");
    for round in 0..25 {
        let state = State::at(base.path().join(round.to_string()));
        let begin = Barrier::new(8);
        thread::scope(|scope| {
            for i in 0..8 {
                let (state, begin, code) = (&state, &begin, &code);
                scope.spawn(move || {
                    // Threads of one process collide more often than processes.
                    let create = create(&format!("f{i}"), code, &[]);
                    begin.wait();
                    state.ok(&create);
                });
            }
        });
        assert_eq!(
            fs::read(state.root.join("FORMAT")).expect("a number"),
            b"2\n"
        );
    }
}

/// Many processes change one state, and each is killed at some moment. Afterwards, the state has all answered changes,
/// no file is damaged, and the sums are right.
#[test]
fn what_killed_processes_answered_is_there() {
    let base = folder();
    let state = furnished(base.path().join("state"), base.path());
    let state = state.without("LAMBDRY_NOW");
    let code = zip(base.path(), "code");
    let writers = 8;
    for i in 0..writers {
        state.ok(&create(&format!("f{i}"), &code, &[]));
    }
    let began = Instant::now();
    state.spawn(&["publish-version", "--function-name", "pay"]);
    let took = began.elapsed() * 2;
    let until = Instant::now() + killing();
    thread::scope(|scope| {
        for i in 0..writers {
            let (state, base) = (&state, base.path());
            scope.spawn(move || {
                let mut numbers = Numbers::new();
                let name = format!("f{i}");
                let (mut tried, mut described, mut stored) = (0, 0, 0);
                let (mut repositories, mut published) = (Vec::new(), 0);
                while Instant::now() < until {
                    tried += 1;
                    let text = tried.to_string();
                    let repository = format!("r{i}-{tried}");
                    let of = ["--function-name", &name];
                    let body = base.join(format!("body-{i}"));
                    fs::write(&body, &text).expect("written");
                    let (key, body) = (format!("k{i}"), body.display().to_string());
                    let put = ["--bucket", "bucket", "--key", &key, "--body", &body];
                    let mut killed = |command: &[&str], more: &[&str]| {
                        let line = words(&[command, more].concat());
                        killed_within(state, &line, took, &mut numbers)
                    };
                    let describe = ["update-function-configuration", "--description", &text];
                    if killed(&describe, &of).code == 0 {
                        described = tried;
                    }
                    let answer = killed(&["publish-version"], &of);
                    if answer.code == 0 {
                        let version = answer.json()["Version"].clone();
                        published = version.as_str().expect("text").parse().expect("a number");
                    }
                    let make = ["ecr", "create-repository", "--repository-name", &repository];
                    if killed(&make, &[]).code == 0 {
                        repositories.push(repository);
                    }
                    if killed(&["s3api", "put-object"], &put).code == 0 {
                        stored = tried;
                    }
                }
                let number = |text: &str| text.trim().trim_matches('"').parse().unwrap_or(0);
                let get = ["get-function-configuration", "--function-name", &name];
                let stands = state.ok(&get).json();
                let stands = number(stands["Description"].as_str().unwrap_or_default());
                assert!(
                    stands >= described,
                    "{name}: {described} was answered, {stands} stands"
                );
                let versions = ["list-versions-by-function", "--function-name", &name];
                let versions = state.ok(&versions).json();
                let versions = versions["Versions"].as_array().expect("a list").len() - 1;
                assert!(
                    versions >= published,
                    "{name}: {published} was answered, {versions} are there"
                );
                let file = fs::read_to_string(state.root.join("s3/bucket").join(format!("k{i}")));
                let there = number(&file.unwrap_or_default());
                assert!(
                    there >= stored,
                    "k{i}: {stored} was answered, {there} is there"
                );
                for repository in repositories {
                    state.ok(&[
                        "ecr",
                        "describe-repositories",
                        "--repository-names",
                        &repository,
                    ]);
                }
            });
        }
    });
    let told = state.ok(&["doctor"]);
    assert!(told.out.contains("Nothing is wrong."), "{}", told.out);
    state.ok(&["doctor", "--repair"]);
    state.observe();
}

/// Holds a function's lock, as another process would.
fn hold(state: &State, name: &str) -> File {
    let lock = File::open(state.path(&format!("locks/functions/{name}.lock"))).expect("a lock");
    FileExt::lock_exclusive(&lock).expect("free");
    lock
}

#[test]
fn a_busy_lock_is_named_after_its_patience_and_other_functions_do_not_wait() {
    let base = folder();
    let state = furnished(base.path().join("state"), base.path()).with("LAMBDRY_LOCK_TIMEOUT", "1");
    let _lock = hold(&state, "pay");
    let before = state.lasting();
    let publish = words(&["publish-version", "--function-name", "pay"]);
    let read = words(&["get-function", "--function-name", "pay"]);
    for command in [publish, read] {
        let began = Instant::now();
        let answer = state.spawn(&command);
        assert!(began.elapsed() >= Duration::from_secs(1));
        assert_eq!(answer.code, 255, "{}", answer.err);
        for part in [
            "pay.lock: another process has locked pay",
            "hint: ",
            "LAMBDRY_LOCK_TIMEOUT",
        ] {
            assert!(answer.err.contains(part), "{}", answer.err);
        }
    }
    assert_eq!(state.lasting(), before);
    let other = state.spawn(&["publish-version", "--function-name", "ship"]);
    assert_eq!((other.code, other.err.as_str()), (0, ""));
    let other = state.spawn(&["delete-function", "--function-name", "ship"]);
    assert_eq!((other.code, other.err.as_str()), (0, ""));
}

#[test]
fn a_busy_lock_speaks_after_a_second_and_the_call_goes_on() {
    let base = folder();
    let state =
        furnished(base.path().join("state"), base.path()).with("LAMBDRY_LOCK_TIMEOUT", "30");
    let lock = hold(&state, "ship");
    let waiting =
        thread::spawn(move || state.spawn(&["publish-version", "--function-name", "ship"]));
    thread::sleep(Duration::from_millis(1600));
    drop(lock);
    let answer = waiting.join().expect("no panic");
    assert_eq!(answer.code, 0, "{}", answer.err);
    let told = "lambdry: waiting for another process that has locked ship (up to 30 s; ";
    assert!(answer.err.starts_with(told), "{}", answer.err);
    assert_eq!(answer.err.lines().count(), 1, "{}", answer.err);
}

fn allow(path: &Path, folders: u32, files: u32) {
    for entry in fs::read_dir(path).expect("a folder") {
        let entry = entry.expect("an entry").path();
        if entry.is_dir() {
            allow(&entry, folders, files);
        } else {
            fs::set_permissions(&entry, fs::Permissions::from_mode(files)).expect("a mode");
        }
    }
    fs::set_permissions(path, fs::Permissions::from_mode(folders)).expect("a mode");
}

#[test]
fn a_state_that_cannot_be_written_is_read_and_every_write_says_why_not() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    let locked = full.copied(&base.path().join("locked"));
    let lockless = full.copied(&base.path().join("lockless"));
    fs::remove_dir_all(lockless.path("locks")).expect("removed");
    fs::set_permissions(base.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
    for state in [&locked, &lockless] {
        allow(&state.root, 0o555, 0o444);
    }
    let root = fs::write(locked.root.join("probe"), "").is_ok();
    let as_reader = |state: &State, args: &[&str]| {
        let mut command = state.command(args);
        if root {
            // File modes do not stop root, so another user runs the commands.
            command.uid(65534);
        }
        command.output().map(Answer::from)
    };
    let reads = [
        &["get-function", "--function-name", "pay:live"][..],
        &["list-functions", "--function-version", "ALL"],
        &["list-versions-by-function", "--function-name", "pay"],
        &["list-aliases", "--function-name", "pay"],
        &["get-account-settings"],
    ];
    for state in [&locked, &lockless] {
        for read in reads {
            let Ok(answer) = as_reader(state, read) else {
                disk::skipped::skipped("nobody but root can run the binary here");
                return;
            };
            assert_eq!(answer.code, 0, "{read:?}: {}", answer.err);
            let wanted = full.ok(read).out;
            let moved =
                |text: &str, from: &State| text.replace(&from.root.display().to_string(), "");
            assert_eq!(moved(&answer.out, state), moved(&wanted, &full), "{read:?}");
        }
        let code = zip(base.path(), "code");
        for write in [
            &["publish-version", "--function-name", "ship"][..],
            &[
                "update-function-code",
                "--function-name",
                "pay",
                "--zip-file",
                &code,
            ],
            &["delete-alias", "--function-name", "pay", "--name", "live"],
            &["delete-function", "--function-name", "pay"],
        ] {
            let answer = as_reader(state, write).expect("it ran before");
            assert_eq!(answer.code, 255, "{write:?}");
            let named = answer.err.contains(&state.root.display().to_string());
            assert!(
                named && answer.err.contains("permission denied"),
                "{}",
                answer.err
            );
        }
    }
    for state in [&locked, &lockless] {
        allow(&state.root, 0o700, 0o600);
    }
}
