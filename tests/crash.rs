//! Stops every command that changes something at every step of every write, and also makes each of these steps fail.
//! The state is then the state before the command or the state after it. Every read succeeds. The same command works
//! when it is run again.

#![cfg(all(unix, debug_assertions))]

#[path = "disk/changes.rs"]
mod changes;
mod disk;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs, iter,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use lambdry::{
    face::{Backend as _, CONFIGURE},
    operation::{SERVICES, Service},
    store::kind::KINDS,
    tool::backend::Lambdry,
};

use changes::{Case, age, cases};
use disk::{
    Answer, State, create, folder, furnished,
    killed::{Numbers, killed_within, killing},
    strace, words, zip,
};

/// The results of a first and a second run of a command when nothing goes wrong.
struct Course {
    before: String,
    steps: Vec<String>,
    once: End,
    twice: End,
    /// The file trees that stopped commands left, each with its state. Equal trees are read and continued only once.
    known: Mutex<HashMap<Tree, Left>>,
}

type Tree = BTreeMap<String, Vec<u8>>;

/// The state that a command left.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Left {
    Before,
    /// Between the calls of a command that makes several calls.
    Between,
    After,
}

#[derive(Debug, PartialEq)]
struct End {
    answer: Answer,
    seen: String,
    tree: Tree,
}

impl End {
    fn of(state: &State, answer: Answer) -> Self {
        let mut tree = state.lasting();
        // Uploads in progress are in the state that callers see. Files that a finished upload leaves are removed by the
        // next put or by a repair.
        tree.retain(|path, _| !path.contains("s3/.uploads/"));
        Self {
            answer: placeless(state, answer),
            seen: state.observe(),
            tree,
        }
    }
}

/// An answer without the path of the state. A layer version's answer contains the path of its package.
fn placeless(state: &State, mut answer: Answer) -> Answer {
    let root = state.root.display().to_string();
    answer.out = answer.out.replace(&root, "STATE");
    answer
}

fn course(case: &Case, scratch: &Path) -> Course {
    let before = case.state.observe();
    let state = case.state_at(scratch);
    let (answer, steps) = state.steps(&case.command);
    assert_eq!(answer.code, 0, "{:?}: {}", case.command, answer.err);
    let once = End::of(&state, answer);
    let answer = state.run(&case.command);
    let twice = End::of(&state, answer);
    fs::remove_dir_all(scratch).expect("removed");
    Course {
        before,
        steps,
        once,
        twice,
        known: Mutex::default(),
    }
}

/// Runs one command in which one step fails.
fn trial(case: &Case, course: &Course, step: usize, what: &str, scratch: &Path, sweeper: &str) {
    let state = case.state_at(scratch);
    let name = format!(
        "{} with step {step} ({}) {what}",
        case.command.join(" "),
        course.steps[step - 1]
    );
    let broken = state.with("LAMBDRY_STEPS", format!("{step}:{what}"));
    let answer = match what {
        "stop" => broken.spawn(&case.command),
        _ => broken.run(&case.command),
    };
    let left = left(&name, &state, case, course, sweeper);
    match (what, answer.code) {
        ("stop", code) => assert_eq!(code, -1, "{name}: {}", answer.err),
        (_, 0) => {
            assert_eq!(left, Left::After, "{name}: answered, and is not there");
            let said = placeless(&state, answer);
            assert!(case.tells || said == course.once.answer, "{name}: {said:?}");
        }
        // A repair continues, and reports the parts that it could not do.
        (_, 1) if case.tells => {}
        (_, code) => {
            // `aws s3` ends with 1 if a file or an object was not transferred.
            let code = if case.command[0] == "s3" && code == 1 {
                255
            } else {
                code
            };
            assert_eq!(code, 255, "{name}: {}", answer.err);
            // The parent folder is written, too, when the state directory is made.
            let above = state.root.parent().expect("one").display().to_string();
            assert!(answer.err.contains(&above), "{name}: {}", answer.err);
            let system = match what {
                "ENOSPC" => "no space left on device",
                "EACCES" => "permission denied",
                _ => "input/output error",
            };
            assert!(answer.err.contains(system), "{name}: {}", answer.err);
            let promised = answer.err.contains("nothing was changed");
            assert!(left == Left::Before || !promised, "{name}: {}", answer.err);
        }
    }
    // If the very first step failed, the folder does not exist.
    let _ = fs::remove_dir_all(scratch);
}

/// Reads the state that was left and ignores other files. A state that another stop already left is not checked again.
fn left(name: &str, state: &State, case: &Case, course: &Course, sweeper: &str) -> Left {
    let tree = spools_numbered(state.tree());
    let known = || course.known.lock().expect("nothing panics with it");
    let found = known().get(&tree).copied();
    found.unwrap_or_else(|| {
        let left = go_on(name, state, case, course, sweeper);
        known().insert(tree, left);
        left
    })
}

/// The files of a state, with numbers instead of the random names of spools.
fn spools_numbered(tree: Tree) -> Tree {
    let mut numbers = 0..;
    let mut numbered = |path: String| match path.split_once("spool-") {
        Some((folder, _)) => format!("{folder}spool-{:?}", numbers.next()),
        None => path,
    };
    tree.into_iter()
        .map(|(path, bytes)| (numbered(path), bytes))
        .collect()
}

/// Reads the whole state that was left, runs the command again, and looks for leftovers that accumulate.
fn go_on(name: &str, state: &State, case: &Case, course: &Course, sweeper: &str) -> Left {
    let told = state.run(&["doctor"]);
    assert_eq!(told.code, 0, "{name}: {}", told.out);
    let seen = state.observe();
    let (left, expected) = if seen == course.once.seen {
        (Left::After, &course.twice)
    } else if case.between.contains(&seen) {
        (Left::Between, &course.once)
    } else {
        assert_eq!(seen, course.before, "{name}: neither before nor after");
        (Left::Before, &course.once)
    };
    let again = state.run(&case.command);
    if left == Left::Between || case.tells {
        assert_eq!(again.code, 0, "{name}, then once more: {}", again.err);
        let seen = state.observe();
        assert_eq!(seen, course.once.seen, "{name}, then once more");
    } else {
        assert_eq!(End::of(state, again), *expected, "{name}, then once more");
    }

    let waste = |path: &String| {
        path.contains("spool-")
            || path.contains("trash/f")
            || path.contains("trash/i")
            || path.ends_with(".new")
    };
    if !state.tree().keys().any(waste) {
        return left;
    }
    age(state);
    state.ok(&create("sweeper", sweeper, &[]));
    state.ok(&["delete-function", "--function-name", "sweeper"]);
    let piled: Vec<String> = state.tree().into_keys().filter(waste).collect();
    assert!(piled.is_empty(), "{name}: left for ever: {piled:?}");
    left
}

#[test]
fn every_operation_that_changes_something_is_among_the_cases() {
    // `Assume` counts as a read. The session token of an assumed role contains its caller, and the state does not store
    // the token.
    const READS: [&str; 6] = ["Get", "List", "Head", "Describe", "Invoke", "Assume"];
    let base = folder();
    let walked: BTreeSet<String> = cases(base.path())
        .iter()
        .flat_map(|case| case.command.iter().take(2))
        .map(|word| word.replace('-', ""))
        .collect();
    let entries = SERVICES.iter().flat_map(Service::entries);
    let missing: Vec<&str> = entries
        .map(|entry| entry.name)
        .filter(|name| !READS.iter().any(|read| name.starts_with(read)))
        .filter(|name| !walked.contains(&name.to_lowercase()))
        .collect();
    assert!(missing.is_empty(), "no case walks {missing:?}");
}

/// Commands that are not operations, both lambdry's own and those of `aws`. Each of them is among the cases of the
/// walk, or `NOT_WALKED` gives the reason why it is not.
#[test]
fn every_other_command_that_changes_something_is_among_the_cases() {
    const NOT_WALKED: &[(&str, &str)] = &[
        (
            "rehearse",
            "works on a fork, which is thrown away: tests/parent.rs",
        ),
        ("tour", "works in a state of its own"),
        ("history", "reads"),
        ("diff", "reads"),
        ("export", "reads, and writes elsewhere: tests/transfer.rs"),
        ("serve", "each request is an operation"),
        ("generate", "reads"),
        ("configure get", "reads"),
        ("configure list", "reads"),
        ("configure list-profiles", "reads"),
        ("s3 ls", "reads"),
        ("s3 presign", "reads"),
        ("ecr get-login-password", "reads"),
        ("logs tail", "reads"),
    ];
    let base = folder();
    let cases = cases(base.path());
    let is_walked = |words: &[&str]| {
        let begins = |command: &[String]| {
            // Without a word after it, `configure` is a command of its own.
            let is_whole = words != ["configure"] || command.len() == 1;
            is_whole
                && command.len() >= words.len()
                && iter::zip(words, command).all(|(one, word)| one == word)
        };
        cases.iter().any(|case| begins(&case.command))
    };
    let backend = Lambdry::default();
    let mut all: Vec<Vec<&str>> = backend.own().iter().map(|(name, _)| vec![*name]).collect();
    all.push(vec!["configure"]);
    all.extend(CONFIGURE.iter().map(|(name, _)| vec!["configure", *name]));
    for service in backend.services() {
        let commands = service.commands.iter();
        all.extend(commands.map(|custom| vec![service.name, custom.name]));
    }
    assert!(all.len() > 20, "{all:?}");
    for words in &all {
        let told = words.join(" ");
        let excused = NOT_WALKED.iter().any(|(name, _)| *name == told);
        assert_ne!(
            is_walked(words),
            excused,
            "no case walks `{told}`, or one does"
        );
    }
    for (name, _) in NOT_WALKED {
        let is_command = all.iter().any(|words| words.join(" ") == *name);
        assert!(is_command, "there is no command `{name}`");
    }
}

/// The walk would not cover a kind of resource that no case makes, changes or removes.
#[test]
fn every_kind_is_changed_by_some_case() {
    let base = folder();
    let mut unchanged: Vec<_> = KINDS.iter().collect();
    for case in cases(base.path()) {
        let scratch = base.path().join("scratch");
        let before = case.state_at(&base.path().join("before"));
        let after = case.state_at(&scratch);
        after.ok(&case.command);
        let (one, other) = (before.store(), after.store());
        unchanged.retain(|kind| kind.differing(&one, &other).expect("readable").is_empty());
        for state in [&before, &after] {
            // A case may begin without a state directory.
            let _ = fs::remove_dir_all(&state.root);
        }
    }
    assert!(unchanged.is_empty(), "no case changes {unchanged:?}");
}

#[test]
fn a_stop_or_a_failure_at_any_step_leaves_the_state_before_or_after() {
    let base = folder();
    let cases = cases(base.path());
    let sweeper = zip(base.path(), "sweeper");
    let courses: Vec<Course> = cases
        .iter()
        .map(|case| course(case, &base.path().join("course")))
        .collect();
    let mut jobs = Vec::new();
    for (case, course) in iter::zip(&cases, &courses) {
        assert!(!course.steps.is_empty(), "{:?}", case.command);
        for step in 1..=course.steps.len() {
            // The kinds of error take turns, because each is handled in the same way.
            let error = ["ENOSPC", "EIO", "EACCES"][jobs.len() / 2 % 3];
            for what in ["stop", error] {
                jobs.push((case, course, step, what));
            }
        }
    }
    let jobs = Mutex::new(jobs.into_iter());
    thread::scope(|scope| {
        for worker in 0..thread::available_parallelism().map_or(2, usize::from) {
            let scratch = base.path().join(format!("worker-{worker}"));
            let (jobs, sweeper) = (&jobs, &sweeper);
            scope.spawn(move || {
                loop {
                    let next = jobs.lock().expect("no worker panics with it").next();
                    let Some((case, course, step, what)) = next else {
                        break;
                    };
                    trial(case, course, step, what, &scratch, sweeper);
                }
            });
        }
    });
}

/// Like the walk, but with real processes, which are killed at any moment and not only before a step.
#[test]
fn a_process_that_is_killed_at_any_moment_leaves_the_state_before_or_after() {
    let base = folder();
    let cases = cases(base.path());
    let sweeper = zip(base.path(), "sweeper");
    let courses: Vec<OnceLock<(Course, Duration)>> =
        cases.iter().map(|_| OnceLock::new()).collect();
    let until = Instant::now() + killing();
    let killed = AtomicU64::new(0);
    thread::scope(|scope| {
        for worker in 0..thread::available_parallelism().map_or(2, usize::from) {
            let scratch = base.path().join(format!("killed-{worker}"));
            let (base, cases, courses) = (base.path(), &cases, &courses);
            let (sweeper, killed) = (&sweeper, &killed);
            scope.spawn(move || {
                let mut numbers = Numbers::new();
                while Instant::now() < until || killed.load(Ordering::Relaxed) < 20 {
                    let at = numbers.below(cases.len());
                    let case = &cases[at];
                    let (course, took) = courses[at].get_or_init(|| {
                        let course = course(case, &base.join(format!("course-of-{at}")));
                        let state = case.state_at(&base.join(format!("timed-{at}")));
                        let began = Instant::now();
                        state.spawn(&case.command);
                        (course, began.elapsed())
                    });
                    let state = case.state_at(&scratch);
                    let name = format!("{} killed", case.command.join(" "));
                    let answer = killed_within(&state, &case.command, *took, &mut numbers);
                    let left = left(&name, &state, case, course, sweeper);
                    match answer.code {
                        0 => assert_eq!(left, Left::After, "{name}: answered, and is not there"),
                        code => assert_eq!(code, -1, "{name}: {}", answer.err),
                    }
                    killed.fetch_add(u64::from(answer.code != 0), Ordering::Relaxed);
                    // The process may have been killed before it made the folder.
                    let _ = fs::remove_dir_all(&scratch);
                }
            });
        }
    });
}

#[test]
fn a_line_of_the_journal_that_was_never_committed_never_comes_back() {
    let base = folder();
    let state = furnished(base.path().join("state"), base.path());
    let untouched = state.copied(&base.path().join("untouched"));
    let code = zip(base.path(), "lost");
    // This command uses three ids, so the number of its journal line is three above the head's number.
    let lost = words(&[
        "update-function-code",
        "--function-name",
        "pay",
        "--zip-file",
        &code,
        "--publish",
    ]);
    let (_, steps) = state.copied(&base.path().join("learnt")).steps(&lost);
    let journal = steps
        .iter()
        .position(|step| step == "fsync the journal")
        .expect("one");
    let stop = format!("{}:stop", journal + 2);
    assert_eq!(state.with("LAMBDRY_STEPS", stop).spawn(&lost).code, -1);
    for state in [&state, &untouched] {
        state.ok(&["delete-alias", "--function-name", "pay", "--name", "live"]);
        state.ok(&[
            "update-function-configuration",
            "--function-name",
            "pay",
            "--timeout",
            "9",
        ]);
        state.ok(&["publish-version", "--function-name", "pay"]);
    }
    assert_eq!(state.observe(), untouched.observe());
}

#[test]
fn a_stop_leaves_the_sum_of_code_too_high_or_right_and_never_too_low() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    full.ok(&["delete-alias", "--function-name", "pay", "--name", "live"]);
    let code = zip(base.path(), "a longer package than the one before it");
    for command in [
        words(&[
            "update-function-code",
            "--function-name",
            "pay",
            "--zip-file",
            &code,
        ]),
        words(&[
            "delete-function",
            "--function-name",
            "pay",
            "--qualifier",
            "1",
        ]),
        words(&["delete-function", "--function-name", "pay"]),
    ] {
        let learnt = base.path().join("learnt");
        let (_, steps) = full.copied(&learnt).steps(&command);
        fs::remove_dir_all(learnt).expect("removed");
        for step in 1..=steps.len() {
            let state = full.copied(&base.path().join("trial"));
            let stopped = state.with("LAMBDRY_STEPS", format!("{step}:stop"));
            assert_eq!(stopped.spawn(&command).code, -1);
            let number = |text: &str, name: &str| {
                let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
                value
                    .pointer(name)
                    .and_then(serde_json::Value::as_u64)
                    .expect("a number")
            };
            let account = state.ok(&["get-account-settings"]).out;
            let counted = number(&account, "/AccountUsage/TotalCodeSize");
            // A damaged cache counts as missing.
            if let Ok(cache) = fs::read_to_string(state.path("usage.json"))
                && cache.starts_with('{')
            {
                let kept = number(&cache, "/TotalCodeSize");
                assert!(
                    kept >= counted,
                    "{command:?} step {step}: {kept} < {counted}"
                );
            }
            // A limit that is one byte too small refuses the code, even if the cache says otherwise. A limit with
            // enough room accepts it.
            let grow = [
                "update-function-code",
                "--function-name",
                "ship",
                "--zip-file",
                &code,
            ];
            let more = fs::metadata(code.trim_start_matches("fileb://"))
                .expect("a zip")
                .len();
            let ship = state
                .ok(&["get-function-configuration", "--function-name", "ship"])
                .out;
            let needed = counted - number(&ship, "/CodeSize") + more;
            let limited = |limit: u64| {
                state
                    .with("LAMBDRY_TOTAL_CODE_SIZE", limit.to_string())
                    .run(&grow)
            };
            assert_eq!(limited(needed - 1).code, 254, "{command:?} step {step}");
            assert_eq!(limited(needed).code, 0, "{command:?} step {step}");
            fs::remove_dir_all(&state.root).expect("removed");
        }
    }
}

#[test]
fn a_publish_makes_five_fsyncs_in_order_and_a_read_none() {
    let base = folder();
    let state = furnished(base.path().join("state"), base.path());
    state.ok(&[
        "update-function-configuration",
        "--function-name",
        "pay",
        "--timeout",
        "9",
    ]);
    let (_, steps) = state.steps(&["publish-version", "--function-name", "pay"]);
    let mut order: Vec<&str> = steps.iter().map(String::as_str).collect();
    // Everything is written before the first sync.
    let first = order.iter().position(|step| step.contains("fsync"));
    let last = order.iter().rposition(|step| step.starts_with("write"));
    assert!(last < first, "{order:?}");
    order.retain(|step| step.contains("fsync") || *step == "rename");
    assert_eq!(
        order,
        [
            "fsync",
            "rename",
            "fsync the folder", // the version
            "fsync the journal",
            "fsync",
            "rename",
            "fsync the folder", // the head
        ]
    );
    for read in [
        words(&["get-function", "--function-name", "pay"]),
        words(&["get-function-configuration", "--function-name", "pay:1"]),
        words(&["list-functions", "--function-version", "ALL"]),
        words(&["list-versions-by-function", "--function-name", "pay"]),
        words(&["list-aliases", "--function-name", "pay"]),
        words(&["get-alias", "--function-name", "pay", "--name", "live"]),
        words(&["get-account-settings"]),
    ] {
        let before = state.tree();
        let (answer, steps) = state.steps(&read);
        assert_eq!((answer.code, steps), (0, Vec::new()), "{read:?}");
        assert_eq!(state.tree(), before, "{read:?}");
    }
}

#[test]
fn folders_and_files_are_for_their_owner_alone() {
    let base = folder();
    let state = furnished(base.path().join("state"), base.path());
    fs::remove_dir_all(state.root.join("s3")).expect("what the test made");
    state.ok(&["delete-function", "--function-name", "ship"]);
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&state.root), 0o700);
    for path in state.tree().into_keys() {
        let wanted = if path.ends_with('/') { 0o700 } else { 0o600 };
        assert_eq!(mode(&state.root.join(&path)), wanted, "{path}");
    }
}

/// A state that was copied by hand or cloned lacks some folders and files, because git keeps no empty folders and
/// nobody copies locks.
#[test]
fn missing_empty_folders_are_made_again() {
    let base = folder();
    let full = furnished(base.path().join("full"), base.path());
    for name in ["pay", "ship"] {
        let state = full.copied(&base.path().join(name));
        for below in [
            "locks",
            "tmp",
            &format!("{}/locks", disk::PLACE),
            &format!("{}/retired", disk::PLACE),
        ] {
            fs::remove_dir_all(state.root.join(below)).expect(below);
        }
        // A function without versions has an empty folder `versions`.
        let _ = fs::remove_dir(state.path("functions/ship/versions"));
        let seen = full.observe();
        assert_eq!(state.observe(), seen);
        state.ok(&["publish-version", "--function-name", name]);
        let code = zip(base.path(), "cloned");
        state.ok(&[
            "update-function-code",
            "--function-name",
            name,
            "--zip-file",
            &code,
        ]);
        state.ok(&["delete-function", "--function-name", name]);
        state.ok(&create(name, &code, &[]));
    }
}

/// The walk above tests only changes that pass a step. Every call that changes a disk must therefore have a step before
/// it.
#[test]
fn every_system_call_that_writes_is_a_step() {
    if !strace() {
        return;
    }
    let base = folder();
    let log = base.path().join("steps");
    let trace = base.path().join("trace");
    for (number, case) in cases(base.path()).into_iter().enumerate() {
        let scratch = base.path().join(format!("traced-{number}"));
        let state = case.state_at(&scratch);
        let state = state.with("LAMBDRY_STEPS", format!("log:{}", log.display()));
        let command = state.command(&case.command);
        let status = std::process::Command::new("strace")
            .args(["-f", "-y", "-s", "4096", "-e"])
            .arg("trace=open,openat,creat,write,pwrite64,writev,sendfile,copy_file_range,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,mkdir,mkdirat,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,truncate,ftruncate,fallocate,chmod,fchmod,fchmodat,chown,fchown,utimensat")
            .arg("-o")
            .arg(&trace)
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .envs(&state.vars)
            .stdin(state.input())
            .stdout(std::process::Stdio::null())
            .status()
            .expect("strace runs");
        assert!(status.success(), "{:?}", case.command);
        let text = fs::read_to_string(&trace).expect("a trace");
        let root = scratch.display().to_string();
        let mut stepped = 0;
        let mut seen = 0;
        let mut is_folder = false;
        for line in text.lines() {
            let call = line
                .split_once(' ')
                .map_or(line, |(_, call)| call.trim_start());
            if call.contains(&log.display().to_string()) {
                stepped += usize::from(call.starts_with("write("));
                is_folder =
                    call.contains("\"remove a folder") || is_folder && !call.starts_with("write(");
                continue;
            }
            let reads = call.starts_with("open") && !call.contains("O_CREAT");
            let failed = call.contains(") = -1 ");
            // A deleted part is moved out of the state, so one step covers a whole folder. An unclaimed spool is
            // removed after the answer, or later by the clean-up. This is also true for a removed bucket or upload.
            let waste = call.contains(&format!("{root}/{}/trash", disk::PLACE))
                && (call.starts_with("unlink") || call.starts_with("rmdir("))
                || call.starts_with("unlink")
                    && (is_folder || call.contains(&format!("{root}/tmp/spool-")));
            // The line that prints an answer is not a write to the state, although the answer of a layer version
            // contains the path of its package.
            let answer = call.starts_with("write(1<");
            if !call.contains(&root) || reads || failed || answer {
                continue;
            }
            seen += 1;
            if !waste {
                assert!(
                    stepped > 0,
                    "{:?}: no step before {call}\n{text}",
                    case.command
                );
                stepped = 0;
            }
        }
        assert!(seen > 2, "{:?}:\n{text}", case.command);
    }
}
