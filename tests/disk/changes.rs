//! Every command that changes a state directory, with the state that it needs. Tests take the commands from this list.
//! They stop the commands, make them fail, kill them, or simulate a power cut.

#![allow(dead_code, unreachable_pub, reason = "every test file uses its part")]

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use crate::disk::{PLACE, State, create, furnished, words, zip};

/// A command, and the state on which it runs.
pub struct Case {
    pub command: Vec<String>,
    pub state: State,
    /// The states between the calls of a command that makes several calls.
    pub between: Vec<String>,
    /// True if the command reports findings. If it was stopped before, the next run may report fewer findings.
    pub tells: bool,
}

impl Case {
    /// A state in a new folder.
    pub fn state_at(&self, scratch: &Path) -> State {
        match self.state.root.exists() {
            true => self.state.copied(scratch),
            false => moved(&self.state, scratch),
        }
    }
}

/// The same state in another folder.
pub fn moved(state: &State, to: &Path) -> State {
    let mut moved = state.with("LAMBDRY_STATE_DIR", to);
    to.clone_into(&mut moved.root);
    moved
}

/// Every mutating command, with the state that it needs.
pub fn cases(base: &Path) -> Vec<Case> {
    let full = furnished(base.join("full"), base);
    let copied = |name: &str| full.copied(&base.join(name));
    let mut cases = Vec::new();
    let mut case = |state: &State, command: Vec<String>| {
        cases.push(Case {
            command,
            state: state.clone(),
            between: Vec::new(),
            tells: false,
        });
    };
    let pay = |command: &str, more: &[&str]| {
        words(&[&[command, "--function-name", "pay"], more].concat())
    };
    let code = zip(base, "new");
    let new = create("new", &zip(base, "created"), &[]);
    let published = create("new", &zip(base, "created"), &["--publish"]);

    let nothing = State::at(base.join("nothing"));
    case(&nothing, new.clone());
    case(&full, new);
    case(&full, published);
    case(&full, pay("update-function-code", &["--zip-file", &code]));
    case(
        &full,
        pay("update-function-code", &["--zip-file", &code, "--publish"]),
    );
    // The state has the package already.
    case(
        &full,
        pay("update-function-code", &["--zip-file", &zip(base, "ship")]),
    );
    case(
        &full,
        pay(
            "update-function-code",
            &["--s3-bucket", "bucket", "--s3-key", "key.zip"],
        ),
    );
    let changed = copied("changed");
    let describe = |text: &str| pay("update-function-configuration", &["--description", text]);
    changed.ok(&describe("three"));
    case(&full, describe("three"));
    case(
        &changed,
        pay("publish-version", &["--description", "third"]),
    );
    let to_two = ["--name", "next", "--function-version", "2"];
    case(&full, pay("create-alias", &to_two));
    case(
        &full,
        pay(
            "update-alias",
            &[
                "--name",
                "live",
                "--function-version",
                "2",
                "--routing-config",
                "AdditionalVersionWeights={}",
            ],
        ),
    );
    case(&full, pay("delete-alias", &["--name", "live"]));
    case(&full, pay("delete-function", &[]));

    // Each of these commands changes a setting of another family.
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:pay";
    let permission = "--qualifier live --statement-id s --action lambda:InvokeFunction --principal s3.amazonaws.com";
    for (command, options) in [
        ("add-permission", permission),
        (
            "put-function-concurrency",
            "--reserved-concurrent-executions 5",
        ),
        (
            "put-provisioned-concurrency-config",
            "--qualifier canary --provisioned-concurrent-executions 5",
        ),
        ("create-function-url-config", "--auth-type NONE"),
        (
            "put-function-event-invoke-config",
            "--qualifier 1 --maximum-retry-attempts 1",
        ),
        ("put-function-recursion-config", "--recursive-loop Allow"),
        (
            "put-runtime-management-config",
            "--update-runtime-on FunctionUpdate",
        ),
    ] {
        let options: Vec<&str> = options.split(' ').collect();
        case(&full, pay(command, &options));
    }
    case(
        &full,
        words(&["tag-resource", "--resource", arn, "--tags", "team=pay"]),
    );

    // A layer's first version, its next version, and their changes.
    let layered = copied("layered");
    let lib =
        |command: &str, more: &[&str]| words(&[&[command, "--layer-name", "lib"], more].concat());
    let publish = |code: &str| lib("publish-layer-version", &["--zip-file", code]);
    case(&full, publish(&code));
    layered.ok(&publish(&zip(base, "layer")));
    case(&layered, publish(&code));
    let first = ["--version-number", "1"];
    case(&layered, lib("delete-layer-version", &first));
    let everybody = "--statement-id s --action lambda:GetLayerVersion --principal *";
    let everybody: Vec<&str> = first.into_iter().chain(everybody.split(' ')).collect();
    case(&layered, lib("add-layer-version-permission", &everybody));

    // A code signing configuration, and commands that start to use it or remove it.
    let publishers = "SigningProfileVersionArns=arn:aws:signer:::p";
    let sign = words(&[
        "create-code-signing-config",
        "--allowed-publishers",
        publishers,
    ]);
    case(&full, sign.clone());
    let signing = copied("signing");
    let config = signing.ok(&sign).json();
    let config = config["CodeSigningConfig"]["CodeSigningConfigArn"]
        .as_str()
        .expect("an ARN");
    let this = ["--code-signing-config-arn", config];
    case(&signing, pay("put-function-code-signing-config", &this));
    case(
        &signing,
        words(&[&["delete-code-signing-config"], &this[..]].concat()),
    );

    // An event source mapping: it is made, changed, and deleted, both at once and later.
    let queue = "arn:aws:sqs:us-east-1:123456789012:orders";
    let map = pay(
        "create-event-source-mapping",
        &["--event-source-arn", queue],
    );
    case(&full, map.clone());
    let mapped = copied("mapped");
    let mapping = mapped.ok(&map).json();
    let mapping = ["--uuid", mapping["UUID"].as_str().expect("an id")];
    for change in [
        &["update-event-source-mapping", "--no-enabled"][..],
        &["delete-event-source-mapping"],
    ] {
        case(&mapped, words(&[change, &mapping[..]].concat()));
    }

    // Resources of other services.
    let object = zip(base, "put");
    let object = object.strip_prefix("fileb://").expect("a file");
    let put = |key: &str| {
        words(&[
            "s3api",
            "put-object",
            "--bucket",
            "bucket",
            "--key",
            key,
            "--body",
            object,
        ])
    };
    case(&full, put("key.zip"));
    case(&full, put("new.zip"));
    let gone = "s3api delete-object --bucket bucket --key key.zip";
    case(&full, words(&gone.split(' ').collect::<Vec<_>>()));
    let repository = "ecr create-repository --repository-name pay";
    case(&full, words(&repository.split(' ').collect::<Vec<_>>()));
    let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let role = "iam create-role --role-name deploy --assume-role-policy-document";
    let role: Vec<&str> = role.split(' ').chain([trust]).collect();
    case(&full, words(&role));

    taken_back(base, &full, &mut case);
    in_buckets(base, &full, &mut case);
    in_parts(base, &full, &mut case);
    kept_beside(base, &full, &mut case);
    of_the_tool(base, &full, &mut case);

    // Imports: into an empty state, and over existing resources.
    let exported = base.join("exported").display().to_string();
    full.ok(&["export", &exported, "pay"]);
    case(&nothing, words(&["import", &exported]));
    case(&changed, words(&["import", "--replace", &exported]));

    let free = copied("free");
    free.ok(&pay("delete-alias", &["--name", "live"]));
    let delete = pay("delete-function", &["--qualifier", "1"]);
    case(&free, delete.clone());
    // A delete that was stopped before it removed the version's file, and the command that finishes this delete.
    let unfinished = free.copied(&base.join("unfinished"));
    let (_, steps) = free.copied(&base.join("learnt")).steps(&delete);
    let unlink = steps
        .iter()
        .rposition(|step| step == "unlink")
        .expect("one");
    let stop = format!("{}:stop", unlink + 1);
    let stopped = unfinished.with("LAMBDRY_STEPS", stop).spawn(&delete);
    assert_eq!(stopped.code, -1, "{stopped:?}");
    assert!(unfinished.path("functions/pay/versions/1.json").exists());
    case(&unfinished, describe("four"));
    unfinished.observe();

    // A fork whose first change of a function copies the function, and a fork of a fork.
    let forked = |of: &State, name: &str| {
        let to = base.join(name);
        of.store().fork(&to).expect("a fork");
        moved(of, &to)
    };
    let fork = forked(&full, "fork");
    let fork_of_fork = forked(&forked(&changed, "forked"), "fork-of-fork");
    let live = ["--name", "live", "--description", "forked"];
    case(&fork, pay("update-alias", &live));
    case(&fork, pay("delete-function", &[]));
    case(&fork_of_fork, pay("publish-version", &[]));
    case(&fork_of_fork, describe("five"));

    let deleted = copied("deleted");
    deleted.ok(&pay("delete-function", &[]));
    case(&deleted, create("pay", &zip(base, "again"), &["--publish"]));
    let busy = copied("busy");
    busy.with("LAMBDRY_SETTLE", "3600s")
        .ok(&pay("update-function-code", &["--zip-file", &code]));
    case(&busy, pay("wait", &[]).into_iter().collect());
    let wait = cases.last_mut().expect("the wait");
    wait.command = words(&["wait", "function-updated-v2", "--function-name", "pay"]);
    cases.extend(of_several_calls(base, &full));
    cases.push(Case {
        command: line("doctor --repair"),
        state: untidy(base, &full),
        between: Vec::new(),
        tells: true,
    });
    cases
}

/// The words of a line.
pub fn line(line: &str) -> Vec<String> {
    words(&line.split(' ').collect::<Vec<_>>())
}

/// Settings that are changed and then removed.
fn taken_back(base: &Path, full: &State, case: &mut dyn FnMut(&State, Vec<String>)) {
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:pay";
    let set = full.copied(&base.join("set"));
    let pay = |rest: &str| {
        let (command, options) = rest.split_once(' ').unwrap_or((rest, ""));
        line(format!("{command} --function-name pay {options}").trim_end())
    };
    let scaling = "put-function-scaling-config --qualifier 1 --function-scaling-config MinExecutionEnvironments=1";
    case(full, pay(scaling));
    for command in [
        "put-function-concurrency --reserved-concurrent-executions 5",
        "put-provisioned-concurrency-config --qualifier canary --provisioned-concurrent-executions 5",
        "create-function-url-config --auth-type NONE",
        "put-function-event-invoke-config --qualifier 1 --maximum-retry-attempts 1",
        "add-permission --qualifier live --statement-id s --action lambda:InvokeFunction --principal s3.amazonaws.com",
    ] {
        set.ok(&pay(command));
    }
    set.ok(&line(&format!(
        "tag-resource --resource {arn} --tags team=pay"
    )));
    for command in [
        "delete-function-concurrency",
        "delete-provisioned-concurrency-config --qualifier canary",
        "update-function-url-config --auth-type AWS_IAM",
        "delete-function-url-config",
        "update-function-event-invoke-config --qualifier 1 --maximum-retry-attempts 2",
        "delete-function-event-invoke-config --qualifier 1",
        "remove-permission --qualifier live --statement-id s",
    ] {
        case(&set, pay(command));
    }
    case(
        &set,
        line(&format!("untag-resource --resource {arn} --tag-keys team")),
    );

    let layered = full.copied(&base.join("permitted"));
    let lib = |rest: &str| {
        let (command, options) = rest.split_once(' ').expect("options");
        line(&format!("{command} --layer-name lib {options}"))
    };
    layered.ok(&lib(&format!(
        "publish-layer-version --zip-file {}",
        zip(base, "layer")
    )));
    layered.ok(&lib("add-layer-version-permission --version-number 1 --statement-id s --action lambda:GetLayerVersion --principal *"));
    case(
        &layered,
        lib("remove-layer-version-permission --version-number 1 --statement-id s"),
    );

    let signed = full.copied(&base.join("signed"));
    let made = "create-code-signing-config --allowed-publishers SigningProfileVersionArns=arn:aws:signer:::p";
    let config = signed.ok(&line(made)).json();
    let config = config["CodeSigningConfig"]["CodeSigningConfigArn"]
        .as_str()
        .expect("an ARN");
    signed.ok(&pay(&format!(
        "put-function-code-signing-config --code-signing-config-arn {config}"
    )));
    case(&signed, pay("delete-function-code-signing-config"));
    let update =
        format!("update-code-signing-config --code-signing-config-arn {config} --description d");
    case(&signed, line(&update));

    let roled = full.copied(&base.join("roled"));
    let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let role = "iam create-role --role-name deploy --assume-role-policy-document";
    roled.ok(&line(&format!("{role} {trust}")));
    let policy =
        format!("iam put-role-policy --role-name deploy --policy-name p --policy-document {trust}");
    case(&roled, line(&policy));
    let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    case(
        &roled,
        line(&format!(
            "iam attach-role-policy --role-name deploy --policy-arn {basic}"
        )),
    );
}

/// Buckets and objects.
fn in_buckets(base: &Path, full: &State, case: &mut dyn FnMut(&State, Vec<String>)) {
    case(full, line("s3api create-bucket --bucket new"));
    let empty = full.copied(&base.join("empty"));
    empty.ok(&line("s3api create-bucket --bucket new"));
    case(&empty, line("s3api delete-bucket --bucket new"));
    let copy = "s3api copy-object --bucket bucket --key copy.zip --copy-source bucket/key.zip --query CopyObjectResult.ETag";
    case(full, line(copy));
    // A bucket that keeps versions. A key gets a first version, a next version and a delete marker, and the marker is
    // removed.
    let kept = full.copied(&base.join("kept"));
    let on =
        "s3api put-bucket-versioning --bucket bucket --versioning-configuration Status=Enabled";
    kept.ok(&line(on));
    let put = |key: &str| {
        let body = zip(base, "version");
        let body = body.trim_start_matches("fileb://");
        line(&format!(
            "s3api put-object --bucket bucket --key {key} --body {body} --content-type a/b"
        ))
    };
    case(&kept, put("new.zip"));
    case(&kept, put("key.zip"));
    let delete = line("s3api delete-object --bucket bucket --key key.zip");
    case(&kept, delete.clone());
    let marked = kept.copied(&base.join("marked"));
    let marker = marked.ok(&delete).json();
    let marker = marker["VersionId"].as_str().expect("a version");
    let unmark = format!("s3api delete-object --bucket bucket --key key.zip --version-id {marker}");
    case(&marked, line(&unmark));
    case(&marked, put("key.zip"));
    let off =
        "s3api put-bucket-versioning --bucket bucket --versioning-configuration Status=Suspended";
    marked.ok(&line(off));
    case(&marked, put("key.zip"));
    case(&marked, delete);
    // An object with metadata, which is replaced.
    let told = full.copied(&base.join("told"));
    told.ok(&put("key.zip"));
    let body = zip(base, "another");
    let body = body.trim_start_matches("fileb://");
    case(
        &told,
        line(&format!(
            "s3api put-object --bucket bucket --key key.zip --body {body} --content-type c/d"
        )),
    );

    // The commands of `aws s3` that make only one call.
    let file = zip(base, "copied");
    let file = file.trim_start_matches("fileb://");
    case(full, line("s3 mb s3://new"));
    case(&empty, line("s3 rb s3://new"));
    case(full, line("s3 rm s3://bucket/key.zip"));
    case(full, line(&format!("s3 cp {file} s3://bucket/copied.zip")));
    case(
        full,
        line("s3 cp s3://bucket/key.zip s3://bucket/copied.zip"),
    );
    let tree = base.join("one-file");
    fs::create_dir(&tree).expect("a folder");
    fs::copy(file, tree.join("a.zip")).expect("a file");
    case(
        full,
        line(&format!("s3 sync {} s3://bucket/tree", tree.display())),
    );
}

/// Uploads in parts. They begin, get a part by a put or by a copy, and are completed or aborted. The bucket may also be
/// one that keeps versions.
fn in_parts(base: &Path, full: &State, case: &mut dyn FnMut(&State, Vec<String>)) {
    let body = zip(base, "part");
    let body = body.trim_start_matches("fileb://");
    for (name, key) in [("parts", "big.zip"), ("parts-over", "key.zip")] {
        let of = |command: &str| format!("s3api {command} --bucket bucket --key {key}");
        let create = line(&of("create-multipart-upload"));
        let state = full.copied(&base.join(name));
        if key == "key.zip" {
            let on = "s3api put-bucket-versioning --bucket bucket --versioning-configuration Status=Enabled";
            state.ok(&line(on));
        }
        case(&state, create.clone());
        let id = state.ok(&create).json();
        let id = id["UploadId"].as_str().expect("an id").to_owned();
        let of = |command: &str| format!("{} --upload-id {id}", of(command));
        let put = line(&format!(
            "{} --part-number 1 --body {body}",
            of("upload-part")
        ));
        let copy = line(&format!(
            "{} --part-number 2 --copy-source bucket/key.zip --query CopyPartResult.ETag",
            of("upload-part-copy")
        ));
        let begun = state.copied(&base.join(format!("{name}-begun")));
        case(&begun, put.clone());
        case(&begun, copy.clone());
        let tag = state.ok(&put).json()["ETag"].to_string();
        // A part is replaced by one with the same number.
        let body = zip(base, "part-again");
        let again = put.iter().map(|word| match word.ends_with("part.zip") {
            true => body.trim_start_matches("fileb://").to_owned(),
            false => word.clone(),
        });
        let parted = state.copied(&base.join(format!("{name}-parted")));
        case(&parted, again.collect());
        parted.ok(&copy);
        let tag = tag.replace(['\\', '"'], "");
        let parts = format!("Parts=[{{PartNumber=1,ETag={tag}}}]");
        let complete = of("complete-multipart-upload");
        case(
            &parted,
            line(&format!("{complete} --multipart-upload {parts}")),
        );
        case(&parted, line(&of("abort-multipart-upload")));
    }
}

/// Commands that are not operations of a service and that make one change.
fn of_the_tool(base: &Path, full: &State, case: &mut dyn FnMut(&State, Vec<String>)) {
    case(full, line("configure set output text"));
    let set = full.copied(&base.join("configured"));
    set.ok(&line("configure set region eu-west-1 --profile dev"));
    case(&set, line("configure set output text"));
    // `configure` asks for two keys, a region and a format.
    let asked = set.told("\n\neu-west-1\ntext\n");
    case(&asked, line("configure"));
    // A thing in a service with ready answers.
    let put = "ssm put-parameter --name /pay/host --type String --value db";
    case(full, line(put));
    let put_there = full.copied(&base.join("parameter"));
    put_there.ok(&line(put));
    case(&put_there, line("ssm delete-parameter --name /pay/host"));
    // Images, as a rehearsed push stores them.
    let pushed = full.copied(&base.join("pushed"));
    pushed.ok(&line("ecr create-repository --repository-name app"));
    let image = format!(
        r#"{{"123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1":{{"Digest":"{}","Pushed":true}}}}"#,
        "ab".repeat(32)
    );
    fs::write(pushed.root.join("images.json"), image).expect("written");
    case(
        &pushed,
        line("ecr batch-delete-image --repository-name app --image-ids imageTag=1"),
    );
}

/// Commands that make several calls. If a command is stopped, its first calls have taken effect and the later ones have
/// not.
fn of_several_calls(base: &Path, full: &State) -> Vec<Case> {
    let file = zip(base, "synced");
    let file = file.trim_start_matches("fileb://");
    let tree = base.join("two-files");
    fs::create_dir(&tree).expect("a folder");
    for name in ["a.zip", "b.zip"] {
        fs::copy(file, tree.join(name)).expect("a file");
    }
    let tree = tree.display();
    let seen_after = |commands: &[String]| {
        let state = full.copied(&base.join("between"));
        for command in commands {
            state.ok(&line(command));
        }
        let seen = state.observe();
        fs::remove_dir_all(&state.root).expect("removed");
        seen
    };
    // If one file of a transfer fails, the transfer continues with the next one.
    let one_of_two = ["a.zip", "b.zip"]
        .map(|name| vec![format!("s3 cp {tree}/{name} s3://bucket/tree/{name}")])
        .to_vec();
    let copied = "s3 cp s3://bucket/key.zip s3://bucket/moved.zip".to_owned();
    let removed = "s3 rm s3://bucket/key.zip".to_owned();
    [
        (
            format!("s3 sync {tree} s3://bucket/tree"),
            one_of_two.clone(),
        ),
        (
            format!("s3 cp --recursive {tree} s3://bucket/tree"),
            one_of_two,
        ),
        (
            "s3 mv s3://bucket/key.zip s3://bucket/moved.zip".to_owned(),
            vec![vec![copied]],
        ),
        ("s3 rb --force s3://bucket".to_owned(), vec![vec![removed]]),
    ]
    .into_iter()
    .map(|(command, between)| Case {
        command: line(&command),
        state: full.clone(),
        between: between.iter().map(|calls| seen_after(calls)).collect(),
        tells: false,
    })
    .collect()
}

/// A state with the leftovers of stopped processes and with unused things.
fn untidy(base: &Path, full: &State) -> State {
    let state = full.copied(&base.join("untidy"));
    state.ok(&line(&format!(
        "update-function-code --function-name ship --zip-file {}",
        zip(base, "orphaned")
    )));
    let pay = state.path("functions/pay");
    fs::write(pay.join("function.json.new"), "{").expect("written");
    fs::copy(pay.join("versions/2.json"), pay.join("versions/3.json")).expect("copied");
    fs::write(
        state.path("usage.json"),
        "{\"FunctionCount\":7,\"TotalCodeSize\":1}\n",
    )
    .expect("written");
    for folder in [
        PLACE.to_owned() + "/layers/never/versions",
        PLACE.to_owned() + "/trash/functions-old-7",
        "s3/.uploads/stopped".to_owned(),
        "s3/.new/half".to_owned(),
        "s3/bucket/.meta".to_owned(),
        "tmp/spool-batch".to_owned(),
    ] {
        fs::create_dir_all(state.root.join(folder)).expect("made");
    }
    for file in [
        "s3/.uploads/stopped/upload.json.new",
        "s3/bucket/.bucket.json.new",
        "s3/bucket/.meta/key.zip.json.new",
        "tmp/spool-file",
        "tmp/spool-batch/1",
    ] {
        fs::write(state.root.join(file), "{").expect("written");
    }
    // Spools are kept for a minute, because their process may still run.
    age(&state);
    private(&state.root);
    state
}

/// Gives a folder and its contents the modes of a state, independent of the umask.
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let found = fs::symlink_metadata(path).expect("there");
    if found.is_symlink() {
        return;
    }
    let mode = found.permissions().mode() & 0o700;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    if found.is_dir() {
        for entry in fs::read_dir(path).expect("a folder") {
            private(&entry.expect("an entry").path());
        }
    }
}

/// Makes spools old enough to be removed by a clean-up.
pub fn age(state: &State) {
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    for entry in fs::read_dir(state.root.join("tmp")).into_iter().flatten() {
        let file = fs::File::open(entry.expect("an entry").path()).expect("a spool");
        file.set_modified(long_ago).expect("aged");
    }
}

/// Resources that are not functions and have their own documents, such as repositories, roles, policies and settings of
/// a bucket.
fn kept_beside(base: &Path, full: &State, case: &mut dyn FnMut(&State, Vec<String>)) {
    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
    const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    const RULES: &str = r#"{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":3},"action":{"type":"expire"}}]}"#;
    const PULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":"*","Action":"ecr:*"}]}"#;
    const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::new/*"}]}"#;
    let state = full.copied(&base.join("beside"));
    let arn = "--policy-arn arn:aws:iam::123456789012:policy/p";
    let basic = "--policy-arn arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let role = "--role-name deploy";
    // Each command runs on the state that the commands before it left.
    let mut number = 0;
    let mut step = |command: String| {
        number += 1;
        let before = state.copied(&base.join(format!("beside-{number}")));
        case(&before, line(&command));
        state.ok(&line(&command));
    };
    let ecr = |command: &str| format!("ecr {command} --repository-name pay");
    step(ecr("create-repository"));
    step(
        ecr("put-image-scanning-configuration") + " --image-scanning-configuration scanOnPush=true",
    );
    step(ecr("put-image-tag-mutability") + " --image-tag-mutability IMMUTABLE");
    step(ecr("put-lifecycle-policy") + " --lifecycle-policy-text " + RULES);
    step(ecr("delete-lifecycle-policy"));
    step(ecr("set-repository-policy") + " --policy-text " + PULL);
    step(ecr("delete-repository-policy"));
    step(ecr("delete-repository"));
    step(format!(
        "iam create-role {role} --assume-role-policy-document {TRUST}"
    ));
    step(format!(
        "iam update-assume-role-policy {role} --policy-document {ALLOW}"
    ));
    step(format!("iam tag-role {role} --tags Key=a,Value=b"));
    step(format!("iam untag-role {role} --tag-keys a"));
    step(format!(
        "iam put-role-policy {role} --policy-name p --policy-document {ALLOW}"
    ));
    step(format!("iam delete-role-policy {role} --policy-name p"));
    step(format!("iam attach-role-policy {role} {basic}"));
    step(format!("iam detach-role-policy {role} {basic}"));
    step(format!("iam delete-role {role}"));
    step(format!(
        "iam create-policy --policy-name p --policy-document {ALLOW}"
    ));
    step(format!(
        "iam create-policy-version {arn} --policy-document {ALLOW}"
    ));
    step(format!(
        "iam set-default-policy-version {arn} --version-id v2"
    ));
    step(format!("iam delete-policy-version {arn} --version-id v1"));
    step(format!("iam delete-policy {arn}"));
    let group = "--log-group-name /pay";
    step(format!("logs create-log-group {group}"));
    step(format!(
        "logs create-log-stream {group} --log-stream-name one"
    ));
    step(format!(
        "logs put-metric-filter {group} --filter-name f --filter-pattern ERROR --metric-transformations \
         metricName=m,metricNamespace=n,metricValue=1"
    ));
    step(format!("logs delete-log-group {group}"));
    step("sqs create-queue --queue-name orders".to_owned());
    step("s3api create-bucket --bucket new".to_owned());
    for (what, taken_back, option, value) in [
        (
            "cors",
            "cors",
            "cors-configuration",
            r#"{"CORSRules":[{"AllowedMethods":["GET"],"AllowedOrigins":["*"]}]}"#,
        ),
        (
            "encryption",
            "encryption",
            "server-side-encryption-configuration",
            r#"{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}"#,
        ),
        (
            "lifecycle-configuration",
            "lifecycle",
            "lifecycle-configuration",
            r#"{"Rules":[{"ID":"a","Status":"Enabled","Filter":{"Prefix":""},"Expiration":{"Days":3}}]}"#,
        ),
        (
            "ownership-controls",
            "ownership-controls",
            "ownership-controls",
            r#"{"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]}"#,
        ),
        ("policy", "policy", "policy", DENY),
        (
            "tagging",
            "tagging",
            "tagging",
            r#"{"TagSet":[{"Key":"a","Value":"b"}]}"#,
        ),
        (
            "website",
            "website",
            "website-configuration",
            r#"{"IndexDocument":{"Suffix":"index.html"}}"#,
        ),
    ] {
        step(format!(
            "s3api put-bucket-{what} --bucket new --{option} {value}"
        ));
        step(format!("s3api delete-bucket-{taken_back} --bucket new"));
    }
    step("s3api put-public-access-block --bucket new --public-access-block-configuration BlockPublicAcls=true".to_owned());
    step("s3api delete-public-access-block --bucket new".to_owned());
    step(r#"s3api put-bucket-notification-configuration --bucket new --notification-configuration {"QueueConfigurations":[{"QueueArn":"arn:aws:sqs:us-east-1:123456789012:q","Events":["s3:ObjectCreated:*"]}]}"#.to_owned());
    step(
        "s3api put-bucket-versioning --bucket new --versioning-configuration Status=Enabled"
            .to_owned(),
    );
    step(
        r#"s3api delete-objects --bucket bucket --delete {"Objects":[{"Key":"key.zip"}]}"#
            .to_owned(),
    );
}
