//! Tests with states in which each problem was made by hand.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};

use super::*;
use crate::operation::sandbox::Sandbox;

#[derive(Default)]
struct Heard(Vec<(Problem, String, bool)>);

impl Listener for Heard {
    fn found(&mut self, finding: Finding) -> io::Result<()> {
        let path = finding.path.display().to_string();
        let mended = match finding.mended {
            Some(Err(error)) => panic!("{path}: {error}"),
            other => other.is_some(),
        };
        self.0.push((finding.problem, path, mended));
        Ok(())
    }

    fn went_on(&mut self, _: Counted, _: Whole) {}
}

fn look(lambda: &Sandbox, repairs: bool) -> Vec<(Problem, String, bool)> {
    let mut heard = Heard::default();
    let store = lambda.store().expect("a state directory");
    store.check(repairs, &mut heard).expect("looked over");
    heard.0
}

/// The problems that an examination finds, without the files.
fn problems(lambda: &Sandbox) -> Vec<Problem> {
    look(lambda, false)
        .into_iter()
        .map(|(problem, ..)| problem)
        .collect()
}

/// Examines, repairs, and examines again. The problem must be found, then be fixed, and then not be found again.
#[track_caller]
fn mends(lambda: &Sandbox, problem: &Problem) {
    assert_eq!(problems(lambda), std::slice::from_ref(problem));
    assert!(problem.is_mended());
    let mended = look(lambda, true);
    assert!(
        matches!(&mended[..], [(same, _, true)] if same == problem),
        "{mended:?}"
    );
    assert_eq!(problems(lambda), []);
}

/// A state with two versions, an alias, a layer and a code signing configuration.
fn released() -> Sandbox {
    let lambda = Sandbox::with("pay");
    lambda.publish("pay");
    lambda.update_code("pay", "second", json!({}));
    lambda.publish("pay");
    let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" });
    lambda.call("CreateAlias", alias);
    lambda.publish_layer("base", json!({}));
    let arn = lambda.code_signing_config("Warn");
    lambda.call(
        "PutFunctionCodeSigningConfig",
        json!({ "FunctionName": "pay", "CodeSigningConfigArn": arn }),
    );
    lambda
}

fn private(path: &Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("changed");
    #[cfg(not(unix))]
    let _ = path;
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
    private(path);
}

fn change(path: &Path, with: impl FnOnce(&mut Value)) {
    let text = fs::read_to_string(path).expect("a file");
    let mut value: Value = serde_json::from_str(&text).expect("JSON");
    with(&mut value);
    write(path, &value.to_string());
}

fn package(lambda: &Sandbox, name: &str) -> PathBuf {
    let hash = lambda.latest(name)["CodeSha256"]
        .as_str()
        .expect("a hash")
        .to_owned();
    lambda
        .store()
        .expect("opened")
        .package(&hash)
        .expect("a hash")
}

#[test]
fn what_calls_leave_is_as_it_should_be() {
    let lambda = released();
    lambda.call(
        "DeleteFunction",
        json!({ "FunctionName": "pay", "Qualifier": "2" }),
    );
    lambda.create("gone");
    let before = lambda.files();
    let mut heard = Heard::default();
    let counted = lambda
        .store()
        .expect("opened")
        .check(false, &mut heard)
        .expect("looked over");
    assert_eq!(heard.0, []);
    assert_eq!(
        (&counted.kinds[..3], counted.versions, counted.packages),
        (&[2, 1, 1][..], 2, 4)
    );
    assert_eq!(before, lambda.files());
    // The last function that used the package is deleted.
    lambda.call("DeleteFunction", json!({ "FunctionName": "gone" }));
    assert!(matches!(problems(&lambda)[..], [Problem::Orphan { .. }]));
}

#[test]
fn an_orphan_goes_to_the_trash_and_can_be_put_back() {
    let lambda = released();
    let orphan = package(&lambda, "pay");
    let code = fs::read(&orphan).expect("code");
    lambda.update_code("pay", "third", json!({}));
    lambda.call(
        "DeleteFunction",
        json!({ "FunctionName": "pay", "Qualifier": "2" }),
    );
    mends(
        &lambda,
        &Problem::Orphan {
            size: code.len() as u64,
        },
    );
    let below = orphan.strip_prefix(lambda.root()).expect("below");
    assert_eq!(
        fs::read(lambda.root().join("trash").join(below)).expect("there"),
        code
    );
}

#[test]
fn no_package_is_an_orphan_while_a_file_that_may_name_it_cannot_be_read() {
    for file in ["function.json", "versions/1.json"] {
        let lambda = released();
        let before = package(&lambda, "pay");
        write(&lambda.file_of("pay", file), "{");
        let found = look(&lambda, true);
        assert!(
            matches!(&found[0], (Problem::Unreadable { .. }, path, false) if path.ends_with(file))
        );
        assert!(
            matches!(found.last(), Some((Problem::Blind, ..))),
            "{found:?}"
        );
        assert!(before.exists());
    }
}

#[test]
fn bytes_are_held_against_their_hash_and_missing_ones_are_missed_once() {
    let lambda = released();
    let path = package(&lambda, "pay");
    let mut code = fs::read(&path).expect("code");
    code[40] ^= 1;
    fs::write(&path, code).expect("written");
    assert_eq!(problems(&lambda), [Problem::WrongHash]);
    fs::remove_file(&path).expect("removed");
    let found = problems(&lambda);
    assert!(
        matches!(&found[..], [Problem::MissingPackage { .. }]),
        "{found:?}"
    );
    // A fork reads its parent's packages, so none is missing here.
    write(&lambda.root().join("FORK"), r#"{"Parent": "/nowhere"}"#);
    assert_eq!(problems(&lambda), []);
}

#[test]
fn what_stopped_calls_leave_is_mended() {
    let lambda = released();
    lambda.update_code("pay", "third", json!({}));
    let files = ["function.json", "journal.jsonl"].map(|file| lambda.file_of("pay", file));
    let before = files
        .clone()
        .map(|file| fs::read_to_string(file).expect("a file"));
    let sums = fs::read_to_string(lambda.here().join("usage.json")).expect("sums");
    lambda.publish("pay");
    for (file, text) in files.iter().zip(before) {
        write(file, &text);
    }
    write(&lambda.here().join("usage.json"), &sums);
    let left = Problem::VersionAhead {
        last_version: 2,
        next: true,
    };
    mends(&lambda, &left);
    let trash = lambda
        .root()
        .join("trash/123456789012/us-east-1/functions/pay/versions/3.json");
    assert!(trash.exists());

    write(&lambda.file_of("pay", "function.json.new"), "{\"Func");
    mends(&lambda, &Problem::Unfinished);
    let empty = lambda.here().join("layers/never/versions");
    lambda
        .store()
        .expect("opened")
        .disk
        .create_folders(&empty)
        .expect("made");
    mends(&lambda, &Problem::EmptyFolder);
    fs::remove_file(lambda.root().join("FORMAT")).expect("removed");
    mends(&lambda, &Problem::MissingFormat);
    let trash = lambda.here().join("trash/functions-old-7");
    lambda
        .store()
        .expect("opened")
        .disk
        .create_folders(&trash)
        .expect("made");
    mends(&lambda, &Problem::Trash);
}

#[test]
fn a_deleted_version_s_file_goes() {
    let lambda = released();
    let path = lambda.file_of("pay", "versions/2.json");
    let text = fs::read_to_string(&path).expect("a version");
    lambda.call(
        "DeleteFunction",
        json!({ "FunctionName": "pay", "Qualifier": "2" }),
    );
    write(&path, &text);
    mends(&lambda, &Problem::DeletedVersion);
}

#[test]
fn sums_are_counted_again() {
    let lambda = released();
    let path = lambda.here().join("usage.json");
    let kept = fs::read_to_string(&path).expect("sums");
    let counted: Usage = serde_json::from_str(&kept).expect("sums");
    change(&path, |sums| sums["FunctionCount"] = json!(9));
    let says = Usage {
        function_count: 9,
        ..counted
    };
    mends(&lambda, &Problem::Usage { says, counted });
    assert_eq!(fs::read_to_string(&path).expect("sums"), kept);
}

#[test]
fn a_spool_goes_once_its_process_is_gone() {
    let lambda = released();
    let spool = lambda.root().join("tmp/spool-abandoned");
    write(&spool, "half a zip");
    assert_eq!(problems(&lambda), []);
    let long_ago = SystemTime::now() - Duration::from_secs(600);
    let file = fs::File::options()
        .write(true)
        .open(&spool)
        .expect("opened");
    file.set_modified(long_ago).expect("changed");
    drop(file);
    mends(&lambda, &Problem::Spool { size: 10 });
}

#[test]
fn what_stopped_calls_leave_in_s3_is_told_and_cleared() {
    let lambda = released();
    lambda.call("CreateBucket", json!({ "Bucket": "builds" }));
    let begin = json!({ "Bucket": "builds", "Key": "k" });
    let upload = lambda.call("CreateMultipartUpload", begin)["UploadId"].clone();
    assert_eq!(problems(&lambda), []);
    for (left, problem) in [
        ("s3/.uploads/stopped/upload.json.new", Problem::Unfinished),
        ("s3/.uploads/stopped/1", Problem::Unfinished),
        ("s3/builds/.bucket.json.new", Problem::Unfinished),
        ("s3/builds/.meta/a/k.json.new", Problem::Unfinished),
        ("s3/builds/.versions/k/v.json.new", Problem::Unfinished),
        ("s3/.new/half/.bucket.json", Problem::Trash),
        ("s3/.trash/gone/key", Problem::Trash),
    ] {
        let path = lambda.root().join(left);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        write(&path, "{");
        mends(&lambda, &problem);
        assert!(!path.exists(), "{left}");
    }
    // An upload into a deleted bucket cannot be continued.
    let id = upload.as_str().expect("an id");
    let folder = lambda.root().join("s3/.uploads").join(id);
    assert!(folder.join("upload.json").exists());
    fs::remove_dir_all(lambda.root().join("s3/builds")).expect("removed");
    mends(&lambda, &Problem::Unfinished);
    assert!(!folder.exists());
}

#[cfg(unix)]
#[test]
fn rights_of_others_are_taken_away() {
    use std::os::unix::fs::PermissionsExt as _;
    let lambda = released();
    let path = lambda.file_of("pay", "function.json");
    for path in [&path, &lambda.here()] {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("changed");
    }
    mends(&lambda, &Problem::Modes { files: 2 });
    let mode = fs::metadata(&path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_names_what_is_not_there_is_told() {
    let lambda = released();
    change(&lambda.file_of("pay", "function.json"), |head| {
        head["Aliases"]["live"]["FunctionVersion"] = json!("7");
        head["Attached"] = json!({ "beta": {} });
        head["CodeSigningConfigArn"] =
            json!("arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0");
    });
    let dangling = |from: &str, to: &str| Problem::Dangling {
        from: from.to_owned(),
        to: to.to_owned(),
    };
    assert_eq!(
        problems(&lambda),
        [
            dangling("alias live", "version 7"),
            dangling("a setting", "version beta"),
            dangling("CodeSigningConfigArn", "csc-0")
        ]
    );
}

#[test]
fn an_older_head_is_suspected_and_nothing_is_moved_for_it() {
    let lambda = Sandbox::with("pay");
    let path = lambda.file_of("pay", "function.json");
    let older = fs::read_to_string(&path).expect("a head");
    for n in 1..=3 {
        lambda.update_code("pay", &n.to_string(), json!({}));
        lambda.publish("pay");
    }
    write(&path, &older);
    let found = look(&lambda, true);
    let kinds: Vec<_> = found.iter().map(|(problem, ..)| problem.level()).collect();
    assert_eq!(
        found
            .iter()
            .filter(|(problem, ..)| matches!(problem, Problem::VersionAhead { .. }))
            .count(),
        3
    );
    assert!(
        found
            .iter()
            .any(|(problem, ..)| matches!(problem, Problem::JournalAhead { lines: 6 })),
        "{found:?}"
    );
    assert!(kinds.contains(&Level::Wrong));
    // The code of versions above the head's counter is not removed, because somebody may restore a newer head.
    assert!(
        found
            .iter()
            .all(|(problem, ..)| !matches!(problem, Problem::Orphan { .. })),
        "{found:?}"
    );
}

#[test]
fn counters_below_those_of_a_namesake_are_told() {
    let lambda = released();
    let folder = lambda.here().join("retired/functions");
    write(
        &folder.join("pay.json"),
        r#"{ "LastVersion": 9, "Changes": 40 }"#,
    );
    assert_eq!(problems(&lambda), [Problem::Retired { last_version: 9 }]);
}

#[cfg(unix)]
#[test]
fn what_is_not_ours_is_noted_and_what_leads_nowhere_is_wrong() {
    let lambda = released();
    for name in ["notes.txt", "clock", ".gitignore"] {
        write(&lambda.root().join(name), "");
    }
    std::os::unix::fs::symlink("nowhere", lambda.root().join("stubs")).expect("a link");
    let found = look(&lambda, false);
    let found: Vec<_> = found
        .iter()
        .map(|(problem, path, _)| (problem, path.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (&Problem::Unknown, "notes.txt"),
            (&Problem::DanglingLink, "stubs")
        ]
    );
}

#[test]
fn names_that_differ_in_case_alone_are_noted() {
    let lambda = released();
    if lambda.file_of("PAY", "function.json").exists() {
        // This disk ignores case, so it refuses the second name.
        return;
    }
    lambda.create("Pay");
    let other = "Pay".to_owned();
    assert_eq!(problems(&lambda), [Problem::NameClash { other }]);
}

#[test]
fn whoever_holds_a_lock_is_told_and_not_waited_for_long() {
    let lambda = released();
    let path = lambda.here().join("locks/functions/pay.lock");
    let store = lambda.store().expect("opened");
    let lock = lock::exclusive(&store, &path, "pay").expect("locked");
    let found = problems(&lambda);
    let [Problem::Held { by }] = &found[..] else {
        panic!("{found:?}");
    };
    if cfg!(target_os = "linux") {
        assert_eq!(by.first().map(|(pid, _)| *pid), Some(std::process::id()));
    }
    // A repair does not wait for the lock, because the holder of the lock may be waiting for the packages that the
    // repair holds.
    let mut heard = Heard::default();
    let repaired = lambda.store().expect("opened").check(true, &mut heard);
    repaired.expect("looked over");
    drop(lock);
    assert_eq!(problems(&lambda), []);
}
