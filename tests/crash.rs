//! Every mutating command, stopped at every step of every write, and with every step failing. The state that is left is
//! the state before or the state after, every read answers, and the same command run again goes on as if nothing had
//! happened.

#![cfg(all(unix, debug_assertions))]

mod disk;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs, iter,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::Mutex,
    thread,
    time::{Duration, SystemTime},
};

use lambdry::operation::{SERVICES, Service};

use disk::{Answer, State, create, folder, furnished, strace, words, zip};

/// A command, with the state that it is run on.
struct Case {
    command: Vec<String>,
    state: State,
}

/// The results of a command when nothing goes wrong: of a first and of a second run.
struct Course {
    before: String,
    steps: Vec<String>,
    once: End,
    twice: End,
    /// The disks that were left, with the state of each: equal bytes are read and continued only once.
    known: Mutex<HashMap<Tree, Left>>,
}

type Tree = BTreeMap<String, Vec<u8>>;

/// The state that a command left.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Left {
    Before,
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
        Self {
            answer: placeless(state, answer),
            seen: state.observe(),
            tree: state.lasting(),
        }
    }
}

/// An answer that is the same at any path of the state; a layer version's answer holds the path of its package.
fn placeless(state: &State, mut answer: Answer) -> Answer {
    let root = state.root.display().to_string();
    answer.out = answer.out.replace(&root, "STATE");
    answer
}

/// Every mutating command on the state that it is meant for.
fn cases(base: &Path) -> Vec<Case> {
    let full = furnished(base.join("full"), base);
    let copied = |name: &str| full.copied(&base.join(name));
    let mut cases = Vec::new();
    let mut case = |state: &State, command: Vec<String>| {
        cases.push(Case {
            command,
            state: state.clone(),
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
    // The package is in the state already.
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

    // These are one of each family of settings.
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

    // A layer's first version, the next one, and their changes.
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

    // A code signing configuration, and commands that begin to use it or remove it.
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

    // An event source mapping: made, changed, and deleted at once or after a while.
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
    kept_beside(base, &full, &mut case);

    // Imports: into an empty place, and in place of existing resources.
    let exported = base.join("exported").display().to_string();
    full.ok(&["export", &exported, "pay"]);
    case(&nothing, words(&["import", &exported]));
    case(&changed, words(&["import", "--replace", &exported]));

    let free = copied("free");
    free.ok(&pay("delete-alias", &["--name", "live"]));
    let delete = pay("delete-function", &["--qualifier", "1"]);
    case(&free, delete.clone());
    // A delete that was stopped before it removed the version's file, and the command that finishes it.
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

    // A fork, whose first change of a function copies the function, and a fork of a fork.
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
    cases
}

/// The words of a line.
fn line(line: &str) -> Vec<String> {
    words(&line.split(' ').collect::<Vec<_>>())
}

/// Settings that are changed and removed.
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
}

/// Resources in documents of their own beside functions: repositories, roles, policies, settings of a bucket.
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
    // Each command is run on the state that those before it left.
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
    step(
        r#"s3api delete-objects --bucket bucket --delete {"Objects":[{"Key":"key.zip"}]}"#
            .to_owned(),
    );
}

fn course(case: &Case, scratch: &Path) -> Course {
    let before = case.state.observe();
    let state = match case.state.root.exists() {
        true => case.state.copied(scratch),
        false => moved(&case.state, scratch),
    };
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

fn moved(state: &State, to: &Path) -> State {
    let mut moved = state.with("LAMBDRY_STATE_DIR", to);
    to.clone_into(&mut moved.root);
    moved
}

/// Runs one command with one failed step.
fn trial(case: &Case, course: &Course, step: usize, what: &str, scratch: &Path, sweeper: &str) {
    let state = match case.state.root.exists() {
        true => case.state.copied(scratch),
        false => moved(&case.state, scratch),
    };
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
    let tree = spools_numbered(state.tree());
    let known = course
        .known
        .lock()
        .expect("nothing panics with it")
        .get(&tree)
        .copied();
    let left = known.unwrap_or_else(|| {
        let left = go_on(&name, &state, case, course, sweeper);
        course
            .known
            .lock()
            .expect("nothing panics with it")
            .insert(tree, left);
        left
    });
    match (what, answer.code) {
        ("stop", code) => assert_eq!(code, -1, "{name}: {}", answer.err),
        (_, 0) => {
            assert_eq!(left, Left::After, "{name}: answered, and is not there");
            assert_eq!(placeless(&state, answer), course.once.answer, "{name}");
        }
        (_, code) => {
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
    // The folder does not exist if the very first step failed.
    let _ = fs::remove_dir_all(scratch);
}

/// A tree whose spools are numbered, because their names are random.
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

/// Reads the whole state that is left, runs the command again, and searches for leftovers that accumulate.
fn go_on(name: &str, state: &State, case: &Case, course: &Course, sweeper: &str) -> Left {
    let seen = state.observe();
    let (left, expected) = if seen == course.once.seen {
        (Left::After, &course.twice)
    } else {
        assert_eq!(seen, course.before, "{name}: neither before nor after");
        (Left::Before, &course.once)
    };
    let again = state.run(&case.command);
    assert_eq!(End::of(state, again), *expected, "{name}, then once more");

    let waste = |path: &String| {
        path.contains("spool-")
            || path.contains("trash/f")
            || path.contains("trash/i")
            || path.ends_with(".new")
    };
    if !state.tree().keys().any(waste) {
        return left;
    }
    // Spools are kept for a minute, because their process may live.
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    for entry in fs::read_dir(state.root.join("tmp")).into_iter().flatten() {
        let file = fs::File::open(entry.expect("an entry").path()).expect("a spool");
        file.set_modified(long_ago).expect("aged");
    }
    state.ok(&create("sweeper", sweeper, &[]));
    state.ok(&["delete-function", "--function-name", "sweeper"]);
    let piled: Vec<String> = state.tree().into_keys().filter(waste).collect();
    assert!(piled.is_empty(), "{name}: left for ever: {piled:?}");
    left
}

#[test]
fn every_operation_that_changes_something_is_among_the_cases() {
    // The session token of an assumed role holds its caller; the state keeps nothing of it.
    const READS: [&str; 6] = ["Get", "List", "Head", "Describe", "Invoke", "Assume"];
    // An upload that was stopped at its begin leaves its folder, which no read shows and no clean-up finds. Images come
    // only from a rehearsed push.
    const NOT_WALKED: [&str; 6] = [
        "AbortMultipartUpload",
        "BatchDeleteImage",
        "CompleteMultipartUpload",
        "CreateMultipartUpload",
        "UploadPart",
        "UploadPartCopy",
    ];
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
        .filter(|name| !walked.contains(&name.to_lowercase()) && !NOT_WALKED.contains(name))
        .collect();
    assert!(missing.is_empty(), "no case walks {missing:?}");
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
            for what in ["stop", "ENOSPC", "EIO", "EACCES"] {
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

#[test]
fn a_line_of_the_journal_that_was_never_committed_never_comes_back() {
    let base = folder();
    let state = furnished(base.path().join("state"), base.path());
    let untouched = state.copied(&base.path().join("untouched"));
    let code = zip(base.path(), "lost");
    // This line takes three ids, so it is three above the head.
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
            // A torn cache counts as missing.
            if let Ok(cache) = fs::read_to_string(state.path("usage.json"))
                && cache.starts_with('{')
            {
                let kept = number(&cache, "/TotalCodeSize");
                assert!(
                    kept >= counted,
                    "{command:?} step {step}: {kept} < {counted}"
                );
            }
            // One byte too few is refused, even if the cache says otherwise; enough bytes are not.
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

/// A hand-copied or cloned state lacks them: git keeps no empty folders, and nobody copies locks.
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
        // A function without versions has an empty folder for versions.
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

/// The walk above proves only as much as the seam covers: no call that changes a disk may pass without a step before
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
        let state = match case.state.root.exists() {
            true => case.state.copied(&scratch),
            false => moved(&case.state, &scratch),
        };
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
            .stdout(std::process::Stdio::null())
            .status()
            .expect("strace runs");
        assert!(status.success(), "{:?}", case.command);
        let text = fs::read_to_string(&trace).expect("a trace");
        let root = scratch.display().to_string();
        let mut stepped = 0;
        let mut seen = 0;
        for line in text.lines() {
            let call = line
                .split_once(' ')
                .map_or(line, |(_, call)| call.trim_start());
            if call.contains(&log.display().to_string()) {
                stepped += usize::from(call.starts_with("write("));
                continue;
            }
            let reads = call.starts_with("open") && !call.contains("O_CREAT");
            let failed = call.contains(") = -1 ");
            // A deleted part is moved out of the state, so one step covers a whole folder. An unclaimed spool is
            // removed after the answer, or later by the clean-up.
            let waste = call.contains(&format!("{root}/{}/trash", disk::PLACE))
                && (call.starts_with("unlink") || call.starts_with("rmdir("))
                || call.contains(&format!("{root}/s3/.trash")) && call.starts_with("unlink")
                || call.starts_with("unlink") && call.contains(&format!("{root}/tmp/spool-"))
                // The folder in which buckets are made is removed again if no bucket is made.
                || call.starts_with("rmdir") && call.contains(&format!("{root}/s3/.new\""));
            // A layer version's answer holds the path of its package.
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
