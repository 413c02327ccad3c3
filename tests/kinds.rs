//! Tests every kind of resource with every tool, from the list of kinds. The test fails for a kind that a tool does not
//! know, and for a kind that this file does not make. The same tools also run on a state of release 0.1.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use common::{NOW, Sandbox, crate_folder};
use lambdry::{
    state::{arn::Scope, kind::Named},
    store::{
        Settings, Store,
        clock::{Clock, Ids},
        kind::{KINDS, Key, Kind, Seen, satisfied},
    },
};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";

/// A sample of a kind: the lines that make one, the line that names it (for completion), and a call that asks for
/// something that is true when the sample exists.
struct Sample {
    /// The lines that prepare the state for the sample.
    given: &'static str,
    make: &'static str,
    names: &'static str,
    wish: (&'static str, Value),
}

/// The sample of each kind.
fn sample(kind: &dyn Kind) -> Sample {
    let pay = json!({ "FunctionName": "pay" });
    match kind.words().one {
        "function" => Sample {
            given: "true",
            make: "aws lambda create-function --function-name pay --runtime python3.13 --handler app.handler \
                   --role arn:aws:iam::111122223333:role/deploy --zip-file fileb://one.zip --publish",
            names: "get-function --function-name ",
            wish: ("PublishVersion", pay),
        },
        "layer" => Sample {
            given: "true",
            make: "aws lambda publish-layer-version --layer-name tools --zip-file fileb://one.zip && \
                   aws lambda add-layer-version-permission --layer-name tools --version-number 1 \
                   --statement-id all --principal '*' --action lambda:GetLayerVersion",
            names: "list-layer-versions --layer-name ",
            wish: (
                "AddLayerVersionPermission",
                json!({ "LayerName": "tools", "VersionNumber": 1, "StatementId": "all", "Principal": "*" }),
            ),
        },
        "code signing configuration" => Sample {
            given: "true",
            make: "aws lambda create-code-signing-config --allowed-publishers \
                   SigningProfileVersionArns=arn:aws:signer:eu-west-1:111122223333:/signing-profiles/p/v1",
            names: "get-code-signing-config --code-signing-config-arn ",
            wish: (
                "DeleteCodeSigningConfig",
                json!({ "CodeSigningConfigArn": "arn:aws:lambda:eu-west-1:111122223333:code-signing-config:csc-0" }),
            ),
        },
        "event source mapping" => Sample {
            given: "aws lambda get-function --function-name pay >/dev/null 2>&1 || \
                    aws lambda create-function --function-name pay --runtime python3.13 --handler app.handler \
                    --role arn:aws:iam::111122223333:role/deploy --zip-file fileb://one.zip",
            make: "aws lambda create-event-source-mapping --function-name pay \
                   --event-source-arn arn:aws:sqs:eu-west-1:111122223333:orders",
            names: "get-event-source-mapping --uuid ",
            wish: (
                "DeleteEventSourceMapping",
                json!({ "UUID": "00000000-0000-0000-0000-000000000000" }),
            ),
        },
        "repository" => Sample {
            given: "true",
            make: "aws ecr create-repository --repository-name app/web --tags Key=team,Value=a",
            names: "ecr describe-repositories --repository-names ",
            wish: ("CreateRepository", json!({ "repositoryName": "app/web" })),
        },
        "role" => Sample {
            given: "true",
            make: "aws iam create-role --role-name deploy --assume-role-policy-document '{\"Statement\":[]}'",
            names: "iam get-role --role-name ",
            wish: (
                "CreateRole",
                json!({ "RoleName": "deploy", "AssumeRolePolicyDocument": "{\"Statement\": []}" }),
            ),
        },
        "policy" => Sample {
            given: "true",
            make: "aws iam create-policy --policy-name deploy --policy-document '{\"Statement\":[]}'",
            names: "iam get-policy --policy-arn ",
            wish: (
                "CreatePolicy",
                json!({ "PolicyName": "deploy", "PolicyDocument": "{\"Statement\": []}" }),
            ),
        },
        "thing of another service" => Sample {
            given: "true",
            make: "aws ssm put-parameter --name /pay/host --type String --value db",
            names: "",
            wish: (
                "PutParameter",
                json!({ "Resource": "ssm parameter /pay/host", "Name": "/pay/host", "Value": "db" }),
            ),
        },
        "thing of CloudWatch Logs" => Sample {
            given: "true",
            make: "aws logs create-log-group --log-group-name /pay",
            names: "",
            wish: (
                "CreateLogGroup",
                json!({ "Resource": "logs log-group /pay", "logGroupName": "/pay" }),
            ),
        },
        "bucket" => Sample {
            given: "true",
            make: "aws s3 mb s3://builds",
            names: "s3api head-bucket --bucket ",
            wish: (
                "CreateBucket",
                json!({ "Bucket": "builds", "CreateBucketConfiguration": { "LocationConstraint": REGION } }),
            ),
        },
        "object" => Sample {
            given: "true",
            make: "{ aws s3api head-bucket --bucket builds || aws s3 mb s3://builds; } && \
                   aws s3 cp one.zip s3://builds/releases/one.zip",
            names: "",
            wish: (
                "DeleteObject",
                json!({ "Bucket": "builds", "Key": "other" }),
            ),
        },
        other => panic!("say here how a {other} is made, named and asked for"),
    }
}

fn run(sandbox: &Sandbox, line: &str) -> (i32, String, String) {
    let output = sandbox
        .command("bash")
        .env("AWS_REGION", REGION)
        .env("LAMBDRY_ACCOUNT_ID", ACCOUNT)
        .env("LAMBDRY_SETTLE", "0")
        .args(["-euo", "pipefail", "-c", line])
        .stdin(std::process::Stdio::null())
        .output()
        .expect("a shell");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[track_caller]
fn ok(sandbox: &Sandbox, line: &str) -> (String, String) {
    let (code, out, err) = run(sandbox, line);
    assert_eq!(code, 0, "{line}\n{out}\n{err}");
    (out, err)
}

fn store(root: &Path) -> Store {
    Store::open(Settings {
        root: root.to_owned(),
        clock: Clock::Frozen(NOW.parse().expect("a moment")),
        ids: Ids::Seeded("kinds".to_owned()),
        total_code_size: None,
        lock_timeout: Duration::from_secs(5),
        notice: Box::new(|_| ()),
        steps: None,
    })
    .expect("a state directory")
}

/// Everything in a state as callers see it. The key has the kind.
fn everything(root: &Path) -> BTreeMap<(&'static str, Key), Seen> {
    let store = store(root);
    let mut all = BTreeMap::new();
    for kind in KINDS {
        for scope in kind.places(&store).expect("places") {
            let place = store.place(scope.clone());
            for name in kind.names(&place).expect("names") {
                let seen = kind.seen(&place, &name).expect("readable");
                let key = Key {
                    account: scope.account.clone(),
                    region: scope.region.clone(),
                    name,
                };
                all.insert((kind.words().one, key), seen.expect("there"));
            }
        }
    }
    all
}

/// Runs every tool on the state in `work/state`, which has at least one resource of each of the given kinds.
fn every_tool_knows_all_of(sandbox: &Sandbox, kinds: &[&'static dyn Kind]) {
    let work = sandbox.work();
    let all = everything(&work.join("state"));
    let of = |kind: &dyn Kind| -> Vec<&Key> {
        let of = all.keys().filter(|(one, _)| *one == kind.words().one);
        of.map(|(_, key)| key).collect()
    };

    let (looked, _) = ok(sandbox, "lambdry doctor");
    assert_eq!(looked.lines().count(), 1, "nothing is wrong: {looked}");
    let counted: Value =
        serde_json::from_str(&ok(sandbox, "lambdry doctor --output json").0).expect("JSON");
    for kind in kinds {
        let number = of(*kind).len();
        let words = kind.words();
        assert!(number > 0, "there is a {}", words.one);
        let word = if number == 1 { words.one } else { words.many };
        let told = format!("{number} {word}");
        assert!(looked.contains(&told), "doctor counts {told}: {looked}");
        let counts = counted.as_object().expect("members").values();
        assert!(
            counts.into_iter().any(|count| *count == number),
            "{counted}"
        );
    }

    // An archive holds the whole state.
    let (_, left_out) = ok(sandbox, "lambdry export --archive whole.zip");
    assert_eq!(left_out, "", "nothing is left out");
    ok(sandbox, "lambdry --state-dir copy import whole.zip");
    assert_eq!(all, everything(&work.join("copy")), "an archive holds all");
    ok(sandbox, "lambdry --state-dir copy doctor");
    let retired = |root: &str| {
        let mut names = Vec::new();
        let place = work.join(root).join(ACCOUNT).join(REGION).join("retired");
        for folder in fs::read_dir(place).into_iter().flatten().flatten() {
            let files = fs::read_dir(folder.path()).expect("a folder").flatten();
            names.extend(files.map(|file| (folder.file_name(), file.file_name())));
        }
        names.sort();
        names
    };
    assert_eq!(
        retired("state"),
        retired("copy"),
        "counters of what was deleted"
    );

    // A folder of documents names the resources that it cannot contain.
    let (written, left_out) = ok(sandbox, "lambdry export documents");
    for kind in kinds {
        let words = kind.words();
        let is_told = |text: &str| text.contains(words.one) || text.contains(words.many);
        let told = is_told(&written) || is_told(&left_out);
        assert!(
            told,
            "export is silent of {}: {written}{left_out}",
            words.many
        );
    }

    // A fork begins with the content of its parent, and is still a fork when it is kept.
    let parent = store(&work.join("state"));
    parent.fork(&work.join("fork")).expect("forked");
    let fork = store(&work.join("fork"));
    assert_eq!(all, everything(&work.join("fork")), "a fork has all");
    for kind in kinds {
        let differing = kind.differing(&parent, &fork).expect("readable");
        assert!(differing.is_empty(), "{differing:?}");
    }
    fork.keep_fork(&work.join("kept"), &mut |_, _, _| {})
        .expect("kept");
    assert_eq!(all, everything(&work.join("kept")), "a kept fork has all");

    for kind in kinds {
        let sample = sample(*kind);
        // Completion offers the name of each resource.
        if let Some(key) = of(*kind)
            .into_iter()
            .find(|key| key.region.is_empty() || key.region == REGION)
            && !kind.words().members.is_empty()
        {
            let line = format!(
                "lambdry generate candidates bash -- 'lambdry {}' ''",
                sample.names
            );
            let (offered, _) = ok(sandbox, &line);
            let named = kind.called(&key.scope(), &key.name);
            assert!(
                offered.lines().any(|word| word.trim() == named),
                "{line}: {offered}"
            );
        }
    }
    for name in ["copy", "fork", "kept", "documents"] {
        fs::remove_dir_all(work.join(name)).expect("removed");
    }
    fs::remove_file(work.join("whole.zip")).expect("removed");
}

#[test]
fn every_tool_knows_every_kind() {
    let sandbox = Sandbox::new();
    sandbox.zip("one.zip", "one");
    let making: Vec<String> = KINDS
        .iter()
        .map(|kind| sample(*kind))
        .map(|sample| format!("{}\n{}", sample.given, sample.make))
        .collect();
    let script = format!("set -euo pipefail\n{}\n", making.join("\n"));
    fs::write(sandbox.work().join("deploy.sh"), &script).expect("written");

    // The report shows the change of each resource.
    let (_, told) = ok(&sandbox, "lambdry rehearse -- bash deploy.sh");
    let (_, changed) = told
        .split_once("Before and after")
        .unwrap_or_else(|| panic!("{told}"));
    ok(&sandbox, "bash deploy.sh");
    let root = sandbox.work().join("state");
    for (kind, key) in everything(&root).keys() {
        let name = match *kind {
            // The service chooses another name each time.
            "code signing configuration" | "event source mapping" => kind,
            _ => &*key.name,
        };
        assert!(
            changed.contains(name),
            "the report is silent of {kind} {name}: {told}"
        );
    }
    every_tool_knows_all_of(&sandbox, KINDS);

    // The requests of the samples' calls are fulfilled in the state that has one of each kind, and not in the empty
    // state.
    let scope = Scope {
        region: REGION.to_owned(),
        account: ACCOUNT.to_owned(),
    };
    let (full, empty) = (store(&root), store(&sandbox.work().join("nothing")));
    for kind in KINDS {
        let (service, (operation, request)) = (kind.words().service, sample(*kind).wish);
        let holds =
            |store| satisfied(store, &scope, service, operation, &request).expect("readable");
        assert_eq!(holds(&full), Some(true), "{operation} {request}");
        if !operation.starts_with("Delete") {
            assert_ne!(holds(&empty), Some(true), "{operation} {request}");
        }
    }
}

#[test]
fn a_sweep_sees_what_is_left_of_every_kind() {
    std::thread::scope(|scope| {
        for kind in KINDS {
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                sandbox.zip("one.zip", "one");
                let sample = sample(*kind);
                let (given, make) = (sample.given, sample.make);
                let script = format!("set -euo pipefail\n{given}\n{make} >/dev/null\n");
                fs::write(sandbox.work().join("deploy.sh"), script).expect("written");
                let sweep = "lambdry rehearse --sweep --report json -- bash deploy.sh";
                let (_, told, err) = run(&sandbox, sweep);
                let table = serde_json::from_str::<Value>(&told);
                let table = table.unwrap_or_else(|_| panic!("{told}{err}"));
                let points = table["Points"].as_array().expect("points");
                let last = points.last().expect("a point");
                assert_eq!(last["Left"], "everything is done", "{kind:?}: {table:#}");
            });
        }
    });
}

/// Doctor's findings about folders that have no head.
fn headless(sandbox: &Sandbox, more: &str) -> Vec<String> {
    let (_, told, _) = run(sandbox, &format!("lambdry doctor {more}"));
    let words = ["file is missing", "it is missing", "an empty folder"];
    let found = told.lines();
    let found = found.filter(|line| words.iter().any(|words| line.contains(words)));
    found.map(str::to_owned).collect()
}

#[test]
#[cfg(debug_assertions)]
fn a_create_that_fails_leaves_no_folder_and_one_that_is_stopped_leaves_none_for_ever() {
    for kind in KINDS.iter().filter(|kind| kind.folder().is_some()) {
        let sandbox = Sandbox::new();
        sandbox.zip("one.zip", "one");
        ok(&sandbox, "aws s3 mb s3://any");
        let sample = sample(*kind);
        ok(&sandbox, sample.given);
        let folder = kind.folder().expect("a folder");
        let place = sandbox.work().join("state").join(ACCOUNT).join(REGION);
        let retired = place.join("retired").join(folder);
        let counters = r#"{ "LastVersion": 4, "Changes": 40 }"#;
        fs::create_dir_all(&retired).expect("made");
        let retired = ["pay", "tools"].map(|name| retired.join(format!("{name}.json")));
        for file in &retired {
            fs::write(file, counters).expect("written");
        }
        let create = sample.make.split(" && ").next().expect("a command");
        let make = |steps: &str| run(&sandbox, &format!("LAMBDRY_STEPS={steps} {create}"));
        let again = || fs::remove_dir_all(place.join(folder)).expect("removed");
        // Makes the folders with which each of the following rounds begins.
        ok(&sandbox, create);
        again();
        make("log:steps");
        let steps = fs::read_to_string(sandbox.work().join("steps")).expect("steps");
        let steps: Vec<&str> = steps.lines().collect();
        let of_journal = |step: &&str| step.ends_with("the journal");
        let first = steps.iter().position(of_journal);
        let first = first.expect("it writes a journal") + 1;
        let last = steps.iter().rposition(|step| *step == "rename");
        let last = last.expect("it writes a head") + 1;
        // The create stops before its first journal line, and before the new head replaces the old one.
        for step in [first, last] {
            let kept = || retired.each_ref().map(|file| fs::read_to_string(file).ok());
            again();
            let failed = make(&format!("{step}:EIO"));
            assert_eq!(failed.0, 255, "{kind:?} at {step} of {steps:?}");
            assert_eq!(headless(&sandbox, ""), [""; 0], "{kind:?} fails at {step}");
            again();
            assert_ne!(make(&format!("{step}:stop")).0, 0);
            let left = headless(&sandbox, "");
            assert!(
                matches!(&left[..], [one] if one.starts_with("leftover")),
                "{kind:?} is stopped at {step}: {left:?}"
            );
            let scope = Scope {
                region: REGION.to_owned(),
                account: ACCOUNT.to_owned(),
            };
            let store = store(&sandbox.work().join("state"));
            let offered = kind.names(&store.place(scope)).expect("names");
            assert_eq!(offered, [""; 0], "{kind:?} is stopped at {step}");
            // A repair removes the folder. So does the next create with that name.
            headless(&sandbox, "--repair");
            assert_eq!(headless(&sandbox, ""), [""; 0], "{kind:?}, {step}");
            again();
            make(&format!("{step}:stop"));
            ok(&sandbox, create);
            if kind.named() == Named::ByCaller {
                assert_eq!(headless(&sandbox, ""), [""; 0], "{kind:?}, {step}");
                let (told, _) = ok(&sandbox, "lambdry doctor");
                assert!(!told.contains("versions/"), "nothing of it stays: {told}");
            }
            assert_eq!(kept(), [(); 2].map(|()| Some(counters.to_owned())));
        }
    }
}

/// The kinds that release 0.1 had.
const HAD_BY_0_1: [&str; 7] = [
    "function",
    "layer",
    "code signing configuration",
    "repository",
    "role",
    "bucket",
    "object",
];

/// A state that release 0.1 wrote. Modes and times are restored, because a repository does not keep them.
fn as_0_1_left_it() -> Sandbox {
    fn copy(from: &Path, to: &PathBuf, written: SystemTime) {
        fs::create_dir(to).expect("a folder");
        fs::set_permissions(to, fs::Permissions::from_mode(0o700)).expect("set");
        for entry in fs::read_dir(from).expect("a folder").flatten() {
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            if from.is_dir() {
                copy(&from, &to, written);
                continue;
            }
            fs::copy(from, &to).expect("copied");
            fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).expect("set");
            let file = fs::File::options().write(true).open(to).expect("a file");
            file.set_modified(written).expect("set");
        }
    }
    let sandbox = Sandbox::new();
    sandbox.zip("one.zip", "one");
    let now: jiff::Timestamp = NOW.parse().expect("a moment");
    let stored = crate_folder().join("tests/states/0.1");
    copy(&stored, &sandbox.work().join("state"), now.into());
    sandbox
}

#[test]
fn a_state_of_release_0_1_opens_with_every_tool() {
    let sandbox = as_0_1_left_it();
    let had = |kind: &&&dyn Kind| HAD_BY_0_1.contains(&kind.words().one);
    let kinds: Vec<&'static dyn Kind> = KINDS.iter().filter(had).copied().collect();
    assert_eq!(kinds.len(), HAD_BY_0_1.len());
    every_tool_knows_all_of(&sandbox, &kinds);
    let ask = |line: &str| ok(&sandbox, &format!("{line} --output text")).0;
    assert_eq!(
        ask(
            "aws lambda list-aliases --function-name pay --query 'Aliases[].[Name,FunctionVersion]'"
        ),
        "beta\t$LATEST\nlive\t2\n"
    );
    assert_eq!(
        ask("aws lambda get-function --function-name pay:live --query Configuration.Description"),
        "\n"
    );
    for line in [
        "lambdry",
        "lambdry history pay",
        "aws lambda get-policy --function-name pay:live",
        "aws lambda get-provisioned-concurrency-config --function-name pay --qualifier live",
        "aws lambda get-function-url-config --function-name pay",
        "aws lambda get-layer-version-policy --layer-name tools --version-number 1",
        "aws iam get-role --role-name deploy",
        "aws ecr describe-repositories --repository-names app/web",
        "aws s3 cp s3://builds/notes.txt -",
        "lambdry rehearse -- aws lambda list-functions",
    ] {
        ok(&sandbox, line);
    }
    let (code, differs, _) = run(&sandbox, "lambdry diff pay:2 pay:3");
    assert_eq!(code, 1, "{differs}");
    assert!(differs.contains("Timeout"), "{differs}");
    // Counters continue from their last values, even if the resource was deleted.
    let publish = "aws lambda update-function-configuration --function-name pay --timeout 30 --output off && \
                   aws lambda publish-version --function-name pay --query Version";
    assert_eq!(ask(publish), "4\n");
    let create = sample(KINDS[0]).make.replace("pay", "old");
    assert_eq!(ask(&format!("{create} --query Version")), "2\n");
    let layer = "aws lambda publish-layer-version --layer-name tools --zip-file fileb://one.zip --query Version";
    assert_eq!(ask(layer), "3\n");
    ok(&sandbox, "lambdry doctor");
}

/// A state of format 1 can be read without a change. The first change of a directory raises only that directory's
/// format number.
#[test]
fn a_state_of_format_1_is_raised_by_its_first_write_alone() {
    let sandbox = as_0_1_left_it();
    let format = |folder: &str| {
        fs::read_to_string(sandbox.work().join(folder).join("FORMAT")).expect("a number")
    };
    let zip = || {
        ok(
            &sandbox,
            "cd state && find . -type f ! -path './locks/*' | sort | xargs sha256sum",
        )
        .0
    };
    let before = zip();
    assert_eq!(format("state"), "1\n");
    for line in [
        "aws lambda list-functions",
        "lambdry export --archive kept.zip",
        "lambdry history pay",
        "lambdry doctor",
        "lambdry rehearse -- aws lambda update-function-configuration --function-name pay --timeout 9",
    ] {
        ok(&sandbox, line);
        assert_eq!(zip(), before, "{line}");
    }
    // An archive of format 1 becomes a state of format 1.
    ok(&sandbox, "lambdry --state-dir other import kept.zip");
    let list = "aws lambda list-functions --query 'Functions[].FunctionName' --output text";
    assert_eq!(
        ok(&sandbox, list).0,
        ok(&sandbox, &format!("LAMBDRY_STATE_DIR=other {list}")).0
    );
    // In a state that cannot be written, everything can still be read.
    ok(
        &sandbox,
        &format!("chmod -R a-w state && {list}; chmod -R u+w state"),
    );
    assert_eq!(format("state"), "1\n");
    ok(
        &sandbox,
        "aws lambda update-function-configuration --function-name pay --timeout 9 --output off",
    );
    assert_eq!(format("state"), "2\n");
}
