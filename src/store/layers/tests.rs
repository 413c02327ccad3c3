use std::{
    collections::BTreeMap,
    fs,
    io::{self, Cursor, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    operation::sandbox::Sandbox,
    state::{arn::Scope, function::Function},
    store::{
        Failure,
        check::{Counted, Finding, Listener, Problem, Whole},
    },
};

/// Every file and folder of a state directory: its bytes and metadata.
fn everything(root: &Path) -> BTreeMap<PathBuf, (Vec<u8>, [i64; 5])> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let of = fs::symlink_metadata(&path).unwrap();
            let number = i64::try_from(of.ino()).unwrap();
            let lies = [
                number,
                of.mtime(),
                of.mtime_nsec(),
                of.ctime(),
                of.ctime_nsec(),
            ];
            let bytes = match of.is_dir() {
                true => Vec::new(),
                false => fs::read(&path).unwrap(),
            };
            if of.is_dir() {
                folders.push(path.clone());
            }
            files.insert(path, (bytes, lies));
        }
    }
    files
}

/// `pay` with versions 1 and 2 and the alias `live` that points at version 1, `ship` without versions, and one resource
/// of every other kind.
fn furnished() -> Sandbox {
    let lambda = Sandbox::with("pay");
    lambda.publish("pay");
    lambda.update_code("pay", "two", json!({}));
    lambda.publish("pay");
    let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" });
    lambda.call("CreateAlias", alias);
    lambda.create("ship");
    lambda.create("gone");
    lambda.call("DeleteFunction", json!({ "FunctionName": "gone" }));
    lambda.publish_layer("deps", json!({}));
    lambda.code_signing_config("Warn");
    lambda.call("CreateBucket", json!({ "Bucket": "builds" }));
    lambda.call("CreateBucket", json!({ "Bucket": "kept" }));
    fs::create_dir(lambda.root().join("s3/kept/.versions")).unwrap();
    for (bucket, key) in [
        ("builds", "a/1.zip"),
        ("builds", "b.zip"),
        ("kept", "a.zip"),
    ] {
        put(&lambda, bucket, key, "first").unwrap();
    }
    mapping(&lambda, "ship", "jobs").unwrap();
    lambda.call("CreateRepository", json!({ "repositoryName": "apps" }));
    lambda.call("CreateRole", role("deployer"));
    lambda
}

fn role(name: &str) -> Value {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    json!({ "RoleName": name, "AssumeRolePolicyDocument": trust })
}

fn put(lambda: &Sandbox, bucket: &str, key: &str, text: &str) -> Result<Value, Failure> {
    let spool = lambda.spool(text.as_bytes());
    let request = json!({ "Bucket": bucket, "Key": key, "Body": spool.handle() });
    lambda.try_call("PutObject", request)
}

fn mapping(lambda: &Sandbox, function: &str, queue: &str) -> Result<Value, Failure> {
    let source = format!("arn:aws:sqs:us-east-1:123456789012:{queue}");
    let request = json!({ "FunctionName": function, "EventSourceArn": source });
    lambda.try_call("CreateEventSourceMapping", request)
}

/// The answer as text. It does not depend on the path of the state.
fn told(lambda: &Sandbox, answer: Result<Value, Failure>) -> String {
    let text = match answer {
        Ok(value) => value.to_string(),
        Err(error) => error.to_string(),
    };
    text.replace(&*lambda.root().to_string_lossy(), "STATE")
}

/// One call of a script, as numbers that select the operation, the resource and the variant.
type Step = (u8, u8, u8);

const NAMES: [&str; 4] = ["pay", "ship", "gone", "new"];

/// Makes a call that changes something or is refused.
fn call(lambda: &Sandbox, (what, which, how): Step) -> String {
    let name = NAMES[usize::from(which) % NAMES.len()];
    let version = (how % 4 + 1).to_string();
    let alias = json!({ "FunctionName": name, "Name": "live", "FunctionVersion": version });
    let key = ["a/1.zip", "b.zip", "a.zip", "new.zip"][usize::from(how % 4)];
    let bucket = ["builds", "kept"][usize::from(which % 2)];
    let answer = match what {
        0 => {
            let spool = lambda.zip(&format!("{name}{how}"));
            let code = json!({ "ZipFile": spool.handle() });
            let mut request = json!({ "FunctionName": name, "Runtime": "python3.12", "Handler": "a.b",
                "Role": "arn:aws:iam::123456789012:role/r" });
            request["Code"] = code;
            request["Publish"] = json!(how % 2 == 0);
            lambda.try_call("CreateFunction", request)
        }
        1 => {
            let spool = lambda.zip(&format!("code {how}"));
            let request =
                json!({ "FunctionName": name, "ZipFile": spool.handle(), "Publish": how == 3 });
            lambda.try_call("UpdateFunctionCode", request)
        }
        2 => lambda.try_call(
            "UpdateFunctionConfiguration",
            json!({ "FunctionName": name, "Timeout": 3 + how }),
        ),
        3 | 4 => lambda.try_call("PublishVersion", json!({ "FunctionName": name })),
        5 => lambda.try_call("CreateAlias", alias),
        6 => lambda.try_call("UpdateAlias", alias),
        7 => lambda.try_call(
            "DeleteAlias",
            json!({ "FunctionName": name, "Name": "live" }),
        ),
        8 | 9 => lambda.try_call(
            "DeleteFunction",
            json!({ "FunctionName": name, "Qualifier": version }),
        ),
        10 => lambda.try_call("DeleteFunction", json!({ "FunctionName": name })),
        11 => {
            let spool = lambda.zip("layer");
            let content = json!({ "ZipFile": spool.handle() });
            let layer = ["deps", "more"][usize::from(which % 2)];
            lambda.try_call(
                "PublishLayerVersion",
                json!({ "LayerName": layer, "Content": content }),
            )
        }
        12 => lambda.try_call(
            "DeleteLayerVersion",
            json!({ "LayerName": "deps", "VersionNumber": how % 3 + 1 }),
        ),
        13 => put(lambda, bucket, key, &format!("text {how}")),
        14 => lambda.try_call("DeleteObject", json!({ "Bucket": bucket, "Key": key })),
        15 => lambda.try_call("DeleteBucket", json!({ "Bucket": bucket })),
        16 => lambda.try_call("CreateBucket", json!({ "Bucket": bucket })),
        17 => mapping(lambda, name, ["jobs", "mail"][usize::from(how % 2)]),
        18 => {
            let all = lambda.call("ListEventSourceMappings", json!({}));
            let uuid = all["EventSourceMappings"][usize::from(how % 2)]["UUID"].clone();
            lambda.try_call("DeleteEventSourceMapping", json!({ "UUID": uuid }))
        }
        19 => lambda.try_call(
            "CreateCodeSigningConfig",
            json!({ "AllowedPublishers": { "SigningProfileVersionArns": ["arn:aws:signer:::p"] } }),
        ),
        20 => {
            let all = lambda.call("ListCodeSigningConfigs", json!({}));
            let arn =
                all["CodeSigningConfigs"][usize::from(how % 2)]["CodeSigningConfigArn"].clone();
            lambda.try_call(
                "DeleteCodeSigningConfig",
                json!({ "CodeSigningConfigArn": arn }),
            )
        }
        21 => lambda.try_call("CreateRole", role(name)),
        22 => lambda.try_call("CreateRepository", json!({ "repositoryName": name })),
        _ => lambda.try_call(
            "PutFunctionConcurrency",
            json!({ "FunctionName": name, "ReservedConcurrentExecutions": how }),
        ),
    };
    told(lambda, answer)
}

/// All pages of a list, one entry on each.
fn pages(
    lambda: &Sandbox,
    operation: &str,
    mut request: Value,
    [size, next, marker]: [&str; 3],
) -> Vec<String> {
    let mut pages = Vec::new();
    request[size] = json!(1);
    loop {
        let page = lambda.try_call(operation, request.clone());
        let after = page.as_ref().ok().and_then(|page| page.get(next).cloned());
        pages.push(told(lambda, page));
        match after.filter(|after| !after.is_null()) {
            Some(after) => request[marker] = after,
            None => return pages,
        }
    }
}

/// Everything that callers can see, and the changes of the functions.
fn seen(lambda: &Sandbox) -> Vec<String> {
    let by_marker = ["MaxItems", "NextMarker", "Marker"];
    let by_token = ["MaxKeys", "NextContinuationToken", "ContinuationToken"];
    let mut seen = Vec::new();
    for (operation, request) in [
        ("ListFunctions", json!({})),
        ("ListFunctions", json!({ "FunctionVersion": "ALL" })),
        ("ListLayers", json!({})),
        ("ListLayerVersions", json!({ "LayerName": "deps" })),
        ("ListEventSourceMappings", json!({})),
        ("ListCodeSigningConfigs", json!({})),
    ] {
        seen.extend(pages(lambda, operation, request, by_marker));
    }
    for name in NAMES {
        let of = json!({ "FunctionName": name });
        for operation in ["ListVersionsByFunction", "ListAliases"] {
            seen.extend(pages(lambda, operation, of.clone(), by_marker));
        }
        for qualifier in ["$LATEST", "1", "2", "3", "4", "live"] {
            let request = json!({ "FunctionName": name, "Qualifier": qualifier });
            seen.push(told(lambda, lambda.try_call("GetFunction", request)));
        }
        seen.push(told(lambda, lambda.try_call("GetFunctionConcurrency", of)));
        let store = lambda.store().unwrap();
        let scope = Scope {
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
        };
        let changes = store.place(scope).all::<Function>().journal(name);
        seen.push(format!("{:?}", changes.unwrap()));
    }
    for bucket in ["builds", "kept"] {
        let request = json!({ "Bucket": bucket });
        seen.extend(pages(lambda, "ListObjectsV2", request, by_token));
    }
    for (operation, request) in [
        ("ListBuckets", json!({})),
        ("GetAccountSettings", json!({})),
        ("DescribeRepositories", json!({})),
        ("GetRole", json!({ "RoleName": "deployer" })),
        ("GetRole", json!({ "RoleName": "new" })),
    ] {
        seen.push(told(lambda, lambda.try_call(operation, request)));
    }
    seen
}

/// The contents of an archive of a state, by name. The metadata of an object also describe the bytes that it replaced.
/// A fork stores those bytes at another path, so this part is left out.
fn archived(lambda: &Sandbox) -> BTreeMap<String, String> {
    let mut bytes = Cursor::new(Vec::new());
    let store = lambda.store().unwrap();
    let left_out = store.archive(&mut bytes, Path::new("archive"), &mut |_, _, _| ());
    assert_eq!(left_out.unwrap(), [""; 0]);
    let mut zip = zip::ZipArchive::new(bytes).unwrap();
    let count = zip.len();
    let read = |at| {
        let mut file = zip.by_index(at).unwrap();
        let mut bytes = Vec::new();
        let name = file.name().unwrap().into_owned();
        if !name.contains("/.meta/") && !name.contains("/.versions/") {
            file.read_to_end(&mut bytes).unwrap();
        }
        (name, String::from_utf8_lossy(&bytes).into_owned())
    };
    (0..count).map(read).collect()
}

/// The findings of an examination, and its counts.
fn examined(lambda: &Sandbox) -> (Vec<String>, Counted) {
    struct Heard(Vec<String>);
    impl Listener for Heard {
        fn found(&mut self, finding: Finding) -> io::Result<()> {
            // If an update has replaced code, nothing refers to the old code any more.
            if !matches!(finding.problem, Problem::Orphan { .. }) {
                self.0.push(format!("{finding:?}"));
            }
            Ok(())
        }

        fn went_on(&mut self, _: Counted, _: Whole) {}
    }
    let mut heard = Heard(Vec::new());
    let counted = lambda.store().unwrap().check(false, &mut heard).unwrap();
    (heard.0, counted)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_fork_answers_as_a_full_copy_would_and_its_parents_stay_as_they_are(
        steps in proptest::collection::vec((0u8..24, 0u8..4, 0u8..4), 1..18),
        again in 0usize..18,
    ) {
        let parent = furnished();
        let mut lies = vec![everything(parent.root())];
        let copy = parent.copied();
        let mut states = vec![parent];
        states.push(states[0].fork());
        for (at, step) in steps.into_iter().enumerate() {
            if at == again {
                let fork = states.last().unwrap();
                lies.push(everything(fork.root()));
                states.push(fork.fork());
            }
            let fork = states.last().unwrap();
            prop_assert_eq!(call(fork, step), call(&copy, step), "{:?}", step);
        }
        let fork = states.last().unwrap();
        let found = seen(&copy);
        prop_assert_eq!(&seen(fork), &found);
        let kept = fork.keep();
        prop_assert_eq!(&seen(&kept), &found, "what is kept of it");
        prop_assert_eq!(archived(fork), archived(&copy));
        let (findings, counted) = examined(fork);
        prop_assert_eq!(findings, [""; 0]);
        let of_copy = examined(&copy).1;
        prop_assert_eq!((counted.kinds, counted.versions), (of_copy.kinds, of_copy.versions));
        for (state, lies) in states.iter().zip(&lies) {
            prop_assert_eq!(&everything(state.root()), lies);
        }
    }
}

fn versions(lambda: &Sandbox) -> Vec<String> {
    let all = lambda.call("ListVersionsByFunction", json!({ "FunctionName": "pay" }));
    let all = all["Versions"].as_array().unwrap().iter();
    all.map(|version| version["Version"].as_str().unwrap().to_owned())
        .collect()
}

fn change(lambda: &Sandbox, timeout: u64) {
    let request = json!({ "FunctionName": "pay", "Timeout": timeout });
    lambda.call("UpdateFunctionConfiguration", request);
}

fn delete(lambda: &Sandbox, version: &str) {
    let of = json!({ "FunctionName": "pay", "Qualifier": version });
    lambda.call("DeleteFunction", of);
}

#[test]
fn a_fork_begins_with_as_few_files_whatever_its_parent_holds() {
    let files = |lambda: &Sandbox| -> Vec<String> {
        let files = lambda.files().into_keys();
        files.filter(|file| !file.starts_with("locks/")).collect()
    };
    let lambda = furnished();
    let few = files(&lambda.fork());
    for name in 0..20 {
        lambda.create(&format!("f{name}"));
        lambda.publish(&format!("f{name}"));
        put(&lambda, "builds", &format!("{name}.zip"), "x").unwrap();
        lambda.publish_layer("deps", json!({}));
    }
    let fork = lambda.fork();
    assert_eq!(files(&fork), few);
    change(&fork, 9);
    let more: Vec<String> = files(&fork)
        .into_iter()
        .filter(|file| !few.contains(file))
        .collect();
    let of_pay = ["function.json", "inherited.json", "journal.jsonl"];
    let of_pay = of_pay.map(|file| format!("123456789012/us-east-1/functions/pay/{file}"));
    let locks = |file: &String| !file.contains("/locks/");
    assert_eq!(more.into_iter().filter(locks).collect::<Vec<_>>(), of_pay);
}

#[test]
fn what_the_fork_has_not_changed_is_the_parents_and_what_it_has_is_its_own() {
    let lambda = furnished();
    let fork = lambda.fork();
    change(&lambda, 20);
    assert_eq!(
        fork.latest("pay")["Timeout"],
        20,
        "an account others work on"
    );
    change(&fork, 30);
    change(&lambda, 21);
    lambda.update_code("pay", "theirs", json!({ "Publish": true }));
    assert_eq!(fork.latest("pay")["Timeout"], 30);
    assert_eq!(versions(&fork), ["$LATEST", "1", "2"]);
    fork.update_code("pay", "ours", json!({}));
    assert_eq!(fork.publish("pay"), "3");
    let third = |lambda: &Sandbox| {
        let of = json!({ "FunctionName": "pay", "Qualifier": "3" });
        lambda.call("GetFunctionConfiguration", of)["CodeSha256"].clone()
    };
    assert_ne!(third(&fork), third(&lambda));
    delete(&fork, "3");
    assert_eq!(
        versions(&fork),
        ["$LATEST", "1", "2"],
        "theirs is no version 3 here"
    );
}

#[test]
fn a_version_that_the_parent_deletes_meanwhile_is_never_taken_for_one_that_never_was() {
    let lambda = furnished();
    let (untouched, changed, agrees) = (lambda.fork(), lambda.fork(), lambda.fork());
    change(&changed, 9);
    delete(&agrees, "2");
    delete(&lambda, "2");
    assert_eq!(versions(&untouched), ["$LATEST", "1"]);
    assert_eq!(versions(&agrees), ["$LATEST", "1"]);
    let of = |qualifier: &str| json!({ "FunctionName": "pay", "Qualifier": qualifier });
    for (operation, request) in [
        ("GetFunctionConfiguration", of("2")),
        ("ListVersionsByFunction", json!({ "FunctionName": "pay" })),
        (
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "new", "FunctionVersion": "2" }),
        ),
    ] {
        let told = changed.broken(operation, request);
        assert!(told.contains("version 2 was deleted there after"), "{told}");
    }
    changed.call("GetFunctionConfiguration", of("1"));
    changed.update_code("pay", "more", json!({}));
    assert_eq!(changed.publish("pay"), "3");
    // The whole resource is deleted, and another one is created with the same name.
    for _ in 0..2 {
        let whole = json!({ "FunctionName": "pay" });
        let _ = lambda.try_call("DeleteFunction", whole);
        let told = changed.broken("GetFunctionConfiguration", of("1"));
        assert!(
            told.contains("it was deleted or replaced there after"),
            "{told}"
        );
        assert_eq!(changed.latest("pay")["Timeout"], 9);
        changed.call("GetFunctionConfiguration", of("3"));
        lambda.create("pay");
        lambda.publish("pay");
    }
    assert_eq!(untouched.latest("pay")["Timeout"], 3);
}

#[test]
fn a_fork_as_it_began_shows_what_it_changed_as_it_found_it() {
    let lambda = furnished();
    let fork = lambda.fork();
    change(&fork, 9);
    delete(&fork, "2");
    fork.create("new");
    change(&lambda, 20);
    let begun = || fork.store().unwrap().as_it_began();
    let scope = Scope {
        region: "us-east-1".to_owned(),
        account: "123456789012".to_owned(),
    };
    let (before, after) = (begun(), fork.store().unwrap());
    let (before, after) = (before.place(scope.clone()), after.place(scope));
    let (before, after) = (before.all::<Function>(), after.all::<Function>());
    let names: Vec<String> = before.apart(&after).unwrap().into_iter().collect();
    assert_eq!(names, ["new", "pay"], "and not those that nobody touched");
    assert_eq!(before.head("new").unwrap(), None);
    // A deleted version has also used up a number.
    delete(&lambda, "2");
    let found = before.view("pay", |view| {
        Ok((
            view.head.latest.configuration.timeout,
            view.numbers()?,
            view.version(1)?.is_some(),
        ))
    });
    assert_eq!(found.unwrap(), Some((3, vec![1, 2], true)));
}

#[cfg(debug_assertions)]
#[test]
fn a_change_that_is_stopped_anywhere_leaves_a_fork_as_it_was_or_as_it_is_after() {
    let lambda = furnished();
    let of = json!({ "FunctionName": "pay" });
    let read = |fork: &Sandbox| {
        let alias = json!({ "FunctionName": "pay", "Name": "live" });
        [
            told(fork, fork.try_call("GetFunctionConfiguration", of.clone())),
            told(fork, fork.try_call("ListVersionsByFunction", of.clone())),
            told(fork, fork.try_call("GetAlias", alias)),
        ]
    };
    change(&lambda, 20);
    for step in [(2, 0, 1), (3, 0, 0), (6, 0, 1), (8, 0, 1), (10, 0, 0)] {
        let lies = everything(lambda.root());
        let before = read(&lambda.fork());
        let done = lambda.fork();
        call(&done, step);
        let after = read(&done);
        for stop in 1.. {
            let fork = lambda.fork();
            fork.steps.replace(Some(format!("{stop}:down")));
            let answer = call(&fork, step);
            fork.steps.replace(None);
            let found = read(&fork);
            assert!(
                found == before || found == after,
                "{step:?} stopped at {stop}: {found:?}"
            );
            // Later calls work with the state that the stop left.
            if found == before {
                call(&fork, step);
                assert_eq!(read(&fork), after, "{step:?} stopped at {stop}");
            }
            change_if_there(&fork);
            if !answer.contains("cannot ") {
                assert!(stop > 3, "{answer}");
                break;
            }
        }
        assert_eq!(everything(lambda.root()), lies);
    }
}

#[cfg(debug_assertions)]
fn change_if_there(fork: &Sandbox) {
    let of = json!({ "FunctionName": "pay", "Timeout": 77 });
    if fork.try_call("UpdateFunctionConfiguration", of).is_ok() {
        assert_eq!(fork.latest("pay")["Timeout"], 77);
    }
}
