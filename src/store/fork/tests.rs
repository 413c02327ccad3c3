use std::{collections::BTreeMap, os::unix::fs::MetadataExt as _};

use serde_json::json;

use super::*;
use crate::{operation::sandbox::Sandbox, store::Failure};

/// Every file of a state directory: its bytes, its inode and the time of its last write.
fn everything(root: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u64, i64, i64)> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let of = fs::metadata(&path).unwrap();
            let seen = (
                fs::read(&path).unwrap(),
                of.ino(),
                of.mtime(),
                of.mtime_nsec(),
            );
            files.insert(path, seen);
        }
    }
    files
}

/// A function with two versions and an alias, and an object.
fn furnished() -> Sandbox {
    let lambda = Sandbox::with("pay");
    lambda.publish("pay");
    lambda.update_code("pay", "two", json!({}));
    lambda.publish("pay");
    let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" });
    lambda.call("CreateAlias", alias);
    lambda.put_object("builds", "three.zip", &three());
    lambda
}

fn three() -> Vec<u8> {
    let sandbox = Sandbox::with("three");
    let hash = sandbox.latest("three")["CodeSha256"]
        .as_str()
        .unwrap()
        .to_owned();
    fs::read(sandbox.store().unwrap().package(&hash).unwrap()).unwrap()
}

/// Changes everything that a script can change.
fn deploy(lambda: &Sandbox) {
    let from_s3 = json!({ "FunctionName": "pay", "S3Bucket": "builds", "S3Key": "three.zip" });
    lambda.call("UpdateFunctionCode", from_s3);
    let tags = json!({ "Resource": "arn:aws:lambda:us-east-1:123456789012:function:pay", "Tags": { "a": "b" } });
    lambda.call("TagResource", tags);
    lambda.publish("pay");
    let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "3" });
    lambda.call("UpdateAlias", alias);
    lambda.call(
        "DeleteFunction",
        json!({ "FunctionName": "pay", "Qualifier": "1" }),
    );
    lambda.create("new");
    lambda.publish("new");
    lambda.call("DeleteFunction", json!({ "FunctionName": "new" }));
}

#[test]
fn begins_as_its_parent_and_never_changes_it() {
    let lambda = furnished();
    let before = everything(lambda.root());
    let fork = lambda.fork();
    let of = json!({ "FunctionName": "pay" });
    for read in [
        "GetFunctionConfiguration",
        "ListVersionsByFunction",
        "ListAliases",
    ] {
        assert_eq!(
            fork.call(read, of.clone()),
            lambda.call(read, of.clone()),
            "{read}"
        );
    }
    deploy(&fork);
    assert_eq!(before, everything(lambda.root()));
    assert_eq!(
        fork.call("ListVersionsByFunction", of.clone())["Versions"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    fork.call("DeleteFunction", of);
    assert_eq!(before, everything(lambda.root()));
}

#[test]
fn shares_no_file_with_its_parent_nor_does_what_is_kept_of_it() {
    let lambda = furnished();
    fs::create_dir_all(lambda.root().join("s3/builds/.versions")).unwrap();
    let fork = lambda.fork();
    assert!(!fork.root().join("packages").exists() && !fork.root().join("s3").exists());
    for version in ["1", "2", "$LATEST"] {
        let of = json!({ "FunctionName": "pay", "Qualifier": version });
        let code = fork.call("GetFunction", of)["Code"]["Location"].clone();
        let own = fork.root().join("packages");
        assert!(
            code.as_str().unwrap().contains(&*own.to_string_lossy()),
            "{code}"
        );
    }
    fork.put_object("builds", "three.zip", &three());
    let kept = fork.keep();
    let files = |lambda: &Sandbox| -> std::collections::BTreeSet<u64> {
        let seen = everything(lambda.root());
        seen.values().map(|(_, inode, ..)| *inode).collect()
    };
    assert!(files(&fork).is_disjoint(&files(&lambda)));
    assert!(files(&kept).is_disjoint(&files(&lambda)) && files(&kept).is_disjoint(&files(&fork)));
}

#[test]
fn packages_are_read_from_the_parent_and_what_is_torn_there_is_written_anew() {
    let lambda = furnished();
    let hash = lambda.latest("pay")["CodeSha256"]
        .as_str()
        .unwrap()
        .to_owned();
    let whole = lambda.store().unwrap().package(&hash).unwrap();
    let bytes = fs::read(&whole).unwrap();
    let fork = lambda.fork();
    let package = || fork.store().unwrap().package(&hash).unwrap();
    assert_eq!(package(), whole);
    fs::write(&whole, &bytes[..9]).unwrap();
    fork.update_code("pay", "other", json!({}));
    fork.update_code("pay", "two", json!({}));
    assert!(package().starts_with(fork.root()));
    assert_eq!(fs::read(package()).unwrap(), bytes);
    assert_eq!(fs::read(&whole).unwrap(), bytes[..9], "not ours to repair");
}

#[test]
fn what_is_torn_in_the_parent_is_named_by_whoever_reads_it() {
    let lambda = furnished();
    let torn = lambda.file_of("pay", "versions/1.json");
    fs::write(&torn, "{").unwrap();
    let fork = lambda.fork();
    let of_it = json!({ "FunctionName": "pay", "Qualifier": "1" });
    assert!(
        fork.broken("GetFunctionConfiguration", of_it)
            .contains("versions/1.json")
    );
    fork.call("GetFunctionConfiguration", json!({ "FunctionName": "pay" }));
}

#[test]
fn a_fork_can_be_forked() {
    let lambda = furnished();
    let first = lambda.fork();
    deploy(&first);
    let left = everything(first.root());
    let second = first.fork();
    let of = json!({ "FunctionName": "pay" });
    let configuration = |lambda: &Sandbox| lambda.call("GetFunctionConfiguration", of.clone());
    assert_eq!(configuration(&second), configuration(&first));
    second.update_code("pay", "four", json!({}));
    second.publish("pay");
    assert_eq!(left, everything(first.root()));
    let of_first = json!({ "FunctionName": "pay", "Qualifier": "2" });
    let code = second.call("GetFunction", of_first)["Code"]["Location"].clone();
    assert!(
        code.as_str()
            .unwrap()
            .contains(&*second.root().to_string_lossy()),
        "{code}"
    );
}

#[test]
fn a_sleep_moves_its_time_and_no_other() {
    let lambda = Sandbox::with("pay");
    lambda.settle.set(Duration::from_secs(5));
    let fork = lambda.fork();
    let status = || fork.latest("pay")["LastUpdateStatus"].clone();
    fork.update_code("pay", "two", json!({}));
    fork.store().unwrap().pass(Duration::from_secs(4)).unwrap();
    assert_eq!(status(), "InProgress");
    fork.store().unwrap().pass(Duration::from_secs(1)).unwrap();
    assert_eq!(status(), "Successful");
    assert!(matches!(
        lambda.store().unwrap().pass(Duration::from_secs(1)),
        Err(Failure::Store(_))
    ));
}

#[test]
fn a_fork_of_what_cannot_be_written_can_be() {
    use std::os::unix::fs::PermissionsExt as _;
    let lambda = furnished();
    for file in ["function.json", "journal.jsonl"] {
        let path = lambda.file_of("pay", file);
        fs::set_permissions(path, fs::Permissions::from_mode(0o400)).unwrap();
    }
    let fork = lambda.fork();
    // Root may write any file, so the test compares modes.
    let mode = |file: &str| fs::metadata(fork.file_of("pay", file)).unwrap().mode() & 0o777;
    deploy(&fork);
    assert_eq!(mode("journal.jsonl"), 0o600);
    assert_eq!(mode("function.json"), 0o600);
}

#[test]
fn what_does_not_exist_forks_into_nothing() {
    let lambda = Sandbox::new();
    let folder = lambda.root().join("fork");
    lambda.store().unwrap().fork(&folder).unwrap();
    assert_eq!(entries(&folder).unwrap(), ["FORK"]);
}

/// The steps that an action tells of: `copying pay 0/2`.
fn steps(act: impl FnOnce(&mut Tell<'_>) -> Result<()>) -> Vec<String> {
    let mut steps = Vec::new();
    act(&mut |what, done, all| steps.push(format!("{what} {done}/{all}"))).unwrap();
    steps
}

#[test]
fn a_look_and_a_copy_tell_of_each_thing() {
    let lambda = furnished();
    lambda.create("ship");
    let store = lambda.store().unwrap();
    let beside = tempfile::tempdir_in(lambda.root().parent().unwrap()).unwrap();
    let look = steps(|tell| store.look(&beside.path().join("clock"), tell).map(drop));
    assert_eq!(
        look,
        ["looking at the state 0/2", "looking at the state 1/2"]
    );
    let resources = ["copying pay 0/2", "copying ship 1/2"];
    let copied = steps(|tell| store.snapshot(&beside.path().join("copy"), tell));
    assert_eq!(copied, resources);
    let fork = lambda.fork();
    let store = fork.store().unwrap();
    let kept = steps(|tell| store.keep_fork(&beside.path().join("kept"), tell));
    assert_eq!(kept[..2], resources);
    let packages = (0..3).map(|done| format!("copying packages {done}/3"));
    let rest: Vec<String> = ["copying s3 0/1".to_owned()]
        .into_iter()
        .chain(packages)
        .collect();
    assert_eq!(kept[2..], rest);
}

#[test]
fn a_kept_fork_stands_without_its_parent() {
    let lambda = furnished();
    let fork = lambda.fork();
    deploy(&fork);
    let kept = fork.keep();
    let of = json!({ "FunctionName": "pay" });
    let seen = |lambda: &Sandbox| {
        [
            "GetFunctionConfiguration",
            "ListVersionsByFunction",
            "ListAliases",
        ]
        .map(|read| lambda.call(read, of.clone()))
    };
    assert_eq!(seen(&kept), seen(&fork));
    let left = everything(fork.root());
    let before = everything(lambda.root());
    kept.publish("pay");
    kept.update_code("pay", "five", json!({}));
    assert_eq!(
        (left, before),
        (everything(fork.root()), everything(lambda.root()))
    );
    assert_eq!(kept.store().unwrap().parent(), None);
    let full = fork
        .store()
        .unwrap()
        .keep_fork(kept.root(), &mut |_, _, _| {});
    assert!(full.unwrap_err().to_string().contains("it is not empty"));
    drop((lambda, fork));
    let code = kept.call(
        "GetFunction",
        json!({ "FunctionName": "pay", "Qualifier": "2" }),
    );
    let path = code["Code"]["Location"]
        .as_str()
        .unwrap()
        .strip_prefix("file://")
        .unwrap()
        .to_owned();
    assert!(Path::new(&path).exists(), "{path}");
}
