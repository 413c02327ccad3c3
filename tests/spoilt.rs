//! Damages each file of a state with a resource of every kind, in every way. A command that reads the damaged file
//! names it and ends with 255. Nothing is written. `doctor` finds the fault. A command that does not need the file
//! answers as before. Nothing panics.

#![cfg(unix)]

#[path = "disk/changes.rs"]
mod changes;
mod disk;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::{
        fs::{PermissionsExt as _, symlink},
        process::CommandExt as _,
    },
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use changes::line;
use disk::{Answer, PLACE, State, create, folder, furnished, zip};
use lambdry::store::kind::KINDS;

/// A state with a resource of every kind, and with every file that people may add by hand.
fn full(base: &Path) -> State {
    let state = furnished(base.join("full"), base);
    let file = zip(base, "more");
    let path = file.trim_start_matches("fileb://");
    let ok = |words: &str| state.ok(&line(words));
    ok(&format!(
        "publish-layer-version --layer-name lib --zip-file {file}"
    ));
    ok(
        "add-layer-version-permission --layer-name lib --version-number 1 --statement-id s --action lambda:GetLayerVersion --principal *",
    );
    ok(
        "create-code-signing-config --allowed-publishers SigningProfileVersionArns=arn:aws:signer:::p",
    );
    ok(
        "create-event-source-mapping --function-name pay --event-source-arn arn:aws:sqs:us-east-1:123456789012:orders",
    );
    ok("ecr create-repository --repository-name app");
    let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
    ok(&format!(
        "iam create-role --role-name deploy --assume-role-policy-document {trust}"
    ));
    ok(&format!(
        "iam create-policy --policy-name p --policy-document {trust}"
    ));
    ok("ssm put-parameter --name /pay/host --type String --value db");
    ok("s3 mb s3://box");
    ok("s3api put-bucket-versioning --bucket box --versioning-configuration Status=Enabled");
    for _ in 0..2 {
        ok(&format!(
            "s3api put-object --bucket box --key deep/one --body {path}"
        ));
    }
    ok("s3api delete-object --bucket box --key deep/one");
    ok(&format!(
        "s3api put-object --bucket box --key two --body {path}"
    ));
    let begun = ok("s3api create-multipart-upload --bucket box --key big").json();
    let id = begun["UploadId"].as_str().expect("an id").to_owned();
    ok(&format!(
        "s3api upload-part --bucket box --key big --part-number 1 --body {path} --upload-id {id}"
    ));
    ok("invoke --function-name pay /dev/null");
    ok("configure set output json");
    state.ok(&create("gone", &file, &[]));
    ok("delete-function --function-name gone");
    fs::create_dir(state.path("responses")).expect("made");
    let image = format!(
        r#"{{"123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1":{{"Digest":"{}","Pushed":true}}}}"#,
        "ab".repeat(32)
    );
    for (name, text) in [
        (format!("{PLACE}/responses/pay.json"), "{}\n"),
        (format!("{PLACE}/account.json"), "{}\n"),
        (
            "faults".to_owned(),
            "PublishLayerVersion#9=ServiceException\n",
        ),
        ("stubs".to_owned(), "terraform * => 0\n"),
        ("images.json".to_owned(), &*image),
    ] {
        fs::write(state.root.join(&name), text).expect("written");
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(state.root.join(&name), mode).expect("a mode");
    }
    // The counters of a fault plan.
    ok("list-layers");
    let told = state.run(&line("publish-layer-version --layer-name other"));
    assert_ne!(told.code, 255, "{}", told.err);
    state
}

/// The commands that read. Each has the first parts of the paths that the command may read. Every command may also read
/// `FORMAT` and the settings.
fn reads(state: &State) -> Vec<(Vec<String>, Vec<&'static str>)> {
    let told = |words: &str, member: &str, name: &str| {
        let answer = state.ok(&line(words)).json();
        let found = answer
            .pointer(member)
            .and_then(|it| it.as_str())
            .expect("there");
        format!("{name} {found}")
    };
    let config = told(
        "list-code-signing-configs",
        "/CodeSigningConfigs/0/CodeSigningConfigArn",
        "get-code-signing-config --code-signing-config-arn",
    );
    let mapping = told(
        "list-event-source-mappings",
        "/EventSourceMappings/0/UUID",
        "get-event-source-mapping --uuid",
    );
    let upload = told(
        "s3api list-multipart-uploads --bucket box",
        "/Uploads/0/UploadId",
        "s3api list-parts --bucket box --key big --upload-id",
    );
    const ALL: &str = "";
    let code = &["functions/", "account.json", "assumed"][..];
    [
        ("get-function --function-name pay:live", code),
        ("list-functions --function-version ALL", code),
        ("list-versions-by-function --function-name pay", code),
        ("list-aliases --function-name pay", code),
        (
            "get-account-settings",
            &["functions/", "layers/", "account.json"],
        ),
        (
            "history pay",
            &[
                "functions/",
                "packages/",
                "event-source-mappings/",
                "layers/",
            ],
        ),
        (
            "get-layer-version --layer-name lib --version-number 1",
            &["layers/"],
        ),
        ("list-layers", &["layers/"]),
        ("list-layer-versions --layer-name lib", &["layers/"]),
        (&config, &["code-signing-configs/"]),
        ("list-code-signing-configs", &["code-signing-configs/"]),
        (&mapping, &["event-source-mappings/"]),
        ("list-event-source-mappings", &["event-source-mappings/"]),
        ("ecr describe-repositories", &["ecr.json"]),
        (
            "ecr list-images --repository-name app",
            &["ecr.json", "images.json"],
        ),
        ("iam get-role --role-name deploy", &["123456789012/iam"]),
        (
            "iam get-policy --policy-arn arn:aws:iam::123456789012:policy/p",
            &["123456789012/iam"],
        ),
        (
            "ssm get-parameter --name /pay/host",
            &["ready", "things", "ssm"],
        ),
        (
            "s3api list-buckets --query Buckets[].Name",
            &["/.bucket.json"],
        ),
        (
            "s3api get-bucket-versioning --bucket box",
            &["s3/box/.bucket.json"],
        ),
        ("s3api head-object --bucket box --key two", &["s3/box/"]),
        (
            "s3api head-object --bucket bucket --key key.zip",
            &["s3/bucket/"],
        ),
        ("s3api list-objects-v2 --bucket box", &["s3/box/"]),
        ("s3api list-object-versions --bucket box", &["s3/box/"]),
        (
            "s3api list-multipart-uploads --bucket box",
            &["s3/.uploads/", "s3/box/"],
        ),
        (&upload, &["s3/.uploads/", "s3/box/"]),
        (
            "invoke --function-name pay /dev/null",
            &["functions/", "responses/", "invoke", "logs.json"],
        ),
        ("configure get output", &["aws/config"]),
        ("sts get-caller-identity", &[]),
        ("diff pay:1 pay:2", &["functions/", "packages/", "layers/"]),
        ("doctor", &[ALL]),
    ]
    .into_iter()
    .map(|(words, needs)| (line(words), needs.to_vec()))
    .collect()
}

/// Ways to damage a file.
const WAYS: [&str; 9] = [
    "cut in the middle",
    "empty",
    "foreign",
    "a list",
    "zeros",
    "no text",
    "a folder",
    "a link to nothing",
    "a link to itself",
];

fn spoil(path: &Path, good: &[u8], way: &str) {
    fs::remove_file(path).expect("removed");
    let zeros = vec![0; good.len()];
    let written = match way {
        "cut in the middle" => fs::write(path, &good[..good.len() / 2]),
        "empty" => fs::write(path, ""),
        "foreign" => fs::write(path, "{\"name\": \"left-pad\", \"version\": 1.3}\n"),
        "a list" => fs::write(path, "[[]]\n"),
        "zeros" => fs::write(path, zeros),
        "no text" => fs::write(path, b"\"\xff\xfe\"\n"),
        "a folder" => fs::create_dir(path),
        "a link to nothing" => symlink("/nonexistent/x", path),
        _ => symlink(path, path),
    };
    written.expect(way);
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("a mode");
    }
}

fn unspoil(path: &Path, good: &[u8]) {
    let _ = fs::remove_dir(path).or_else(|_| fs::remove_file(path));
    fs::write(path, good).expect("mended");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("a mode");
}

/// Returns true for a file with which any content is valid: a file that people put there, or a file that lambdry makes
/// again.
fn is_free(file: &str, way: &str) -> bool {
    let is_object = file.starts_with("s3/") && !file.ends_with(".json");
    let no_file = way.starts_with("a folder") || way.starts_with("a link");
    is_object
        // A part of a number is also a number.
        || file == "FORMAT" && way.starts_with("cut")
        || file.contains("/responses/")
        || file.ends_with("usage.json")
        || file.contains("/invocations/")
        // A journal, a fault plan and the settings may end anywhere. An empty file and a file with other content are
        // valid for them.
        || file.ends_with("faults.count")
        || file.ends_with("stubs") && !no_file
        || (file.ends_with("journal.jsonl") || file == "faults" || file == "aws/config" || file.ends_with("account.json")) && !no_file
}

#[test]
fn whatever_reads_a_spoilt_file_names_it_and_nothing_is_written() {
    let base = folder();
    let state = full(base.path());
    for kind in KINDS {
        let places = kind.places(&state.store()).expect("places").into_iter();
        let store = state.store();
        let names = places.flat_map(|scope| kind.names(&store.place(scope)).expect("names"));
        assert!(names.count() > 0, "there is no {}", kind.words().one);
    }
    let reads = reads(&state);
    let sound: Vec<Answer> = reads
        .iter()
        .map(|(command, _)| state.run(command))
        .collect();
    for ((command, _), answer) in reads.iter().zip(&sound) {
        // `diff` ends with 1, because the two versions differ.
        let code = i32::from(command[0] == "diff");
        assert_eq!(answer.code, code, "{command:?}: {}", answer.err);
    }
    let mut files: Vec<String> = state.lasting().into_keys().collect();
    files.push(format!("{PLACE}/usage.json"));
    files.retain(|file| !file.ends_with('/'));
    assert!(files.len() > 30, "{files:?}");
    let mut wrong: Vec<String> = Vec::new();
    for file in &files {
        let path = state.root.join(file);
        let good = fs::read(&path).expect("a file");
        let time = fs::metadata(&path).and_then(|found| found.modified());
        for way in WAYS {
            // Here the file is a link to nothing, so an invocation finds no file, and makes it when it writes its log.
            let is_made = file.ends_with("logs.json") || file == "FORMAT";
            if is_made && way == "a link to nothing" {
                continue;
            }
            spoil(&path, &good, way);
            let before = state.tree();
            let what = format!("{file} is {way}");
            let mut named = 0;
            for ((command, needs), sound) in reads.iter().zip(&sound) {
                let may = needs.iter().any(|need| file.contains(need))
                    || ["FORMAT", "aws/config", "faults", "stubs"].contains(&&**file);
                // Two ways to damage a file are enough to show that the command does not need it.
                if !may && !["zeros", "a folder"].contains(&way) {
                    continue;
                }
                let answer = catch_unwind(AssertUnwindSafe(|| state.run(command)));
                let told = command.join(" ");
                let Ok(answer) = answer else {
                    wrong.push(format!("{what}: {told} panicked"));
                    continue;
                };
                let said = format!("{}{}", answer.out, answer.err);
                let is_named = said.contains(file.as_str());
                let code = match answer.code == sound.code {
                    true => 0,
                    false => answer.code,
                };
                named += usize::from(is_named && code != 0);
                let placed = |text: &str| text.replace(&state.root.display().to_string(), "STATE");
                match code {
                    0 if may => {}
                    0 if placed(&answer.out) == placed(&sound.out) => {}
                    0 => wrong.push(format!(
                        "{what}: {told} answers another thing: {}",
                        answer.out
                    )),
                    255 if !is_named => {
                        wrong.push(format!("{what}: {told} does not name it: {}", answer.err));
                    }
                    255 if !may => {
                        wrong.push(format!("{what}: {told} does not need it: {}", answer.err))
                    }
                    1 if ["doctor", "configure"].contains(&&*command[0]) => {}
                    // An object that cannot be read counts as missing.
                    254 if may => {}
                    255 => {}
                    code => wrong.push(format!("{what}: {told} ends with {code}: {}", answer.err)),
                }
                if command[0] == "doctor" && !is_free(file, way) && !is_named {
                    wrong.push(format!("{what}: doctor does not tell of it: {said}"));
                }
            }
            if named == 0 && !is_free(file, way) {
                wrong.push(format!("{what}: nobody says so"));
            }
            let after = state.tree();
            let is_cache = |path: &str| path.contains("locks/") || path.contains("invocations");
            let differing = |one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>| {
                let mut paths: Vec<String> = one
                    .iter()
                    .filter(|(path, bytes)| other.get(*path) != Some(bytes))
                    .map(|(path, _)| path.clone())
                    .collect();
                paths.retain(|path| !is_cache(path));
                paths
            };
            let mut written = differing(&before, &after);
            written.extend(differing(&after, &before));
            // The sums are a cache. Every command that needs the sums makes them again.
            written.retain(|path| !path.contains("usage.json"));
            // An invocation writes its log file, but not if the file cannot be read.
            written.retain(|path| file.ends_with("logs.json") || !path.ends_with("logs.json"));
            if !written.is_empty() {
                wrong.push(format!("{what}: {written:?} was written"));
            }
            unspoil(&path, &good);
            let file = fs::File::options().write(true).open(&path).expect("a file");
            file.set_modified(*time.as_ref().expect("a time"))
                .expect("set");
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    for ((command, _), sound) in reads.iter().zip(&sound) {
        assert_eq!(state.run(command).out, sound.out, "{command:?}");
    }
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let base = folder();
    let state = full(base.path());
    let mut reads = reads(&state);
    reads.retain(|(command, _)| command[0] != "diff");
    fs::set_permissions(base.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
    let probe = state.root.join("FORMAT");
    fs::set_permissions(&probe, fs::Permissions::from_mode(0o0)).expect("a mode");
    let is_root = fs::read(&probe).is_ok();
    fs::set_permissions(&probe, fs::Permissions::from_mode(0o600)).expect("a mode");
    if is_root {
        // File modes do not stop root, so another user owns all files and runs the commands.
        let all = std::process::Command::new("chown")
            .args(["-R", "65534"])
            .arg(&state.root)
            .status();
        assert!(all.expect("chown").success());
    }
    let run = |command: &[String]| {
        let mut command = state.command(command);
        if is_root {
            command.uid(65534);
        }
        command.output().map(Answer::from)
    };
    if run(&reads[0].0).is_err() {
        disk::skipped::skipped("nobody but root can run the binary here");
        return;
    }
    for file in ["function.json", "versions/1.json"]
        .map(|file| format!("{PLACE}/functions/pay/{file}"))
        .into_iter()
        .chain([
            format!("{PLACE}/layers/lib/layer.json"),
            format!("{PLACE}/ecr.json"),
            "123456789012/iam.json".to_owned(),
            "s3/box/.bucket.json".to_owned(),
            "s3/box/.meta/two.json".to_owned(),
            "FORMAT".to_owned(),
        ])
    {
        let path = state.root.join(&file);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).expect(&file);
        let mut named = 0;
        for (command, needs) in &reads {
            let answer = run(command).expect("it ran before");
            let said = format!("{}{}", answer.out, answer.err);
            let may = file == "FORMAT" || needs.iter().any(|need| file.contains(need));
            assert!(answer.code == 0 || may, "{file}: {command:?}: {said}");
            assert!(
                answer.code == 0 || said.contains(&file),
                "{file}: {command:?}: {said}"
            );
            named += usize::from(answer.code != 0 && said.contains("permission denied"));
        }
        assert!(named > 0, "{file}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect(&file);
    }
}
