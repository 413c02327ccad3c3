//! The state directory of a test. Commands run in this process, which is fast, or in the real binary, which is
//! realistic. Every read also checks the directory. Time is frozen, ids are seeded, and the environment has only
//! lambdry's variables.

#![allow(dead_code, unreachable_pub, reason = "every test file uses its part")]

#[path = "../skipped/mod.rs"]
pub mod skipped;

pub mod killed;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    io::{Seek as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lambdry::{
    face::{
        self,
        world::{Process, World},
    },
    operation::{Entry, Lambda, find, invocation::answer::Runner},
    state::{
        arn::Scope, code_signing::CodeSigningConfig, event_source_mapping::EventSourceMapping,
        function::Function, layer::Layer,
    },
    store::{
        Settings, Store,
        clock::{Clock, Ids},
        kind::KINDS,
    },
    tool::backend::Lambdry,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub const NOW: &str = "2026-11-22T12:00:00Z";
pub const SEED: &str = "disk";
pub const PLACE: &str = "123456789012/us-east-1";

/// The result of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.err);
        serde_json::from_str(&self.out).expect("JSON")
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            // A process that was killed has no exit code.
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A new folder for a test. The folder is in memory if possible, because tests make thousands of fsyncs in it.
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir()
        && let Ok(folder) = tempfile::tempdir_in(memory)
    {
        return folder;
    }
    tempfile::tempdir().expect("a folder")
}

/// A state directory, and the variables for commands on it.
#[derive(Debug, Clone)]
pub struct State {
    pub root: PathBuf,
    pub vars: BTreeMap<OsString, OsString>,
    /// The text that a command reads on stdin.
    stdin: &'static str,
}

impl State {
    pub fn at(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let vars = [
            ("LAMBDRY_NOW", NOW),
            ("LAMBDRY_SEED", SEED),
            ("HOME", "/nonexistent"),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .chain([("LAMBDRY_STATE_DIR".into(), root.clone().into())])
        .collect();
        Self {
            root,
            vars,
            stdin: "",
        }
    }

    /// The same state, with a text for stdin.
    pub fn told(&self, stdin: &'static str) -> Self {
        Self {
            stdin,
            ..self.clone()
        }
    }

    /// The stdin of a process, with the given text.
    pub fn input(&self) -> Stdio {
        if self.stdin.is_empty() {
            return Stdio::null();
        }
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(self.stdin.as_bytes()).expect("written");
        file.rewind().expect("a file");
        file.into()
    }

    pub fn with(&self, name: &str, value: impl Into<OsString>) -> Self {
        let mut state = self.clone();
        state.vars.insert(name.into(), value.into());
        state
    }

    pub fn without(&self, name: &str) -> Self {
        let mut state = self.clone();
        state.vars.remove(&OsString::from(name));
        state
    }

    /// Copies the directory. Commands on the copy have the same variables.
    pub fn copied(&self, to: &Path) -> Self {
        copy(&self.root, to);
        self.with("LAMBDRY_STATE_DIR", to).moved(to)
    }

    fn moved(mut self, to: &Path) -> Self {
        to.clone_into(&mut self.root);
        self
    }

    /// Runs a command in this process.
    pub fn run<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Answer {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = face::run(
            &mut World {
                process: Process {
                    program: "lambdry".to_owned(),
                    args: args.iter().map(|arg| arg.as_ref().to_owned()).collect(),
                    env: self.vars.clone(),
                    cwd: "/".into(),
                    stdout_is_terminal: false,
                    stderr_is_terminal: false,
                    width: 80,
                },
                stdin: &mut self.stdin.as_bytes(),
                stdout: &mut out,
                stderr: &mut err,
                sleep: &|_| {},
            },
            &Lambdry::default(),
        );
        Answer {
            code: code.into(),
            out: String::from_utf8_lossy(&out).into_owned(),
            err: String::from_utf8_lossy(&err).into_owned(),
        }
    }

    /// Runs a command, which must succeed.
    #[track_caller]
    pub fn ok<S: AsRef<std::ffi::OsStr> + std::fmt::Debug>(&self, args: &[S]) -> Answer {
        let answer = self.run(args);
        assert_eq!(answer.code, 0, "{args:?}: {}", answer.err);
        answer
    }

    /// A process of the real binary that has not started yet.
    pub fn command<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambdry"));
        command
            .args(args)
            .env_clear()
            .envs(&self.vars)
            .current_dir("/")
            .stdin(self.input());
        command
    }

    pub fn spawn<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Answer {
        self.command(args).output().expect("the binary runs").into()
    }

    /// The names of the steps that a command takes. The command also takes effect.
    pub fn steps<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> (Answer, Vec<String>) {
        let log = tempfile::NamedTempFile::new().expect("a file");
        let plan = format!("log:{}", log.path().display());
        let answer = self.with("LAMBDRY_STEPS", plan).run(args);
        let steps = fs::read_to_string(log.path()).expect("a log");
        (answer, steps.lines().map(str::to_owned).collect())
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.root.join(PLACE).join(below)
    }

    pub fn store(&self) -> Store {
        Store::open(Settings {
            root: self.root.clone(),
            clock: Clock::Frozen(NOW.parse().expect("a moment")),
            ids: Ids::Seeded(SEED.to_owned()),
            total_code_size: None,
            lock_timeout: Duration::from_secs(5),
            notice: Box::new(|_| {}),
            steps: None,
        })
        .expect("a state directory")
    }

    /// The answers of all reads, as one text. Equal states give the same text at any path. Fails if a read fails, or if
    /// a package does not match its hash.
    #[track_caller]
    pub fn observe(&self) -> String {
        let store = self.store();
        let place = store.place(Scope {
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
        });
        let lambda = Lambda {
            caller: &lambdry::operation::sts::caller::Caller::default(),
            publishing: &lambdry::operation::version::publish::Publishing::default(),
            explained: None,
            place: &place,
            settle: Duration::ZERO,
            faults: None,
            runner: &Runner::default(),
        };
        let mut seen = String::new();
        let mut ask = |operation: &str, request: Value| -> Value {
            let entry = entry_of(operation);
            let mut answer = entry
                .call(&lambda, request.clone())
                .unwrap_or_else(|error| panic!("{operation} {request}: {error}"));
            for (place, hash) in [
                ("/Code/Location", "/Configuration/CodeSha256"),
                ("/Content/Location", "/Content/CodeSha256"),
            ] {
                let wanted = answer.pointer(hash).cloned();
                let Some(location) = answer.pointer_mut(place) else {
                    continue;
                };
                let path = location
                    .as_str()
                    .and_then(|url| url.strip_prefix("file://"));
                let bytes = fs::read(path.expect("a file")).expect("the package");
                let hash = BASE64_STANDARD.encode(Sha256::digest(&bytes));
                assert_eq!(wanted, Some(json!(hash)), "{path:?}");
                *location = json!("fetched");
            }
            seen.push_str(&format!("{operation} {request}\n{answer}\n"));
            answer
        };
        ask("ListFunctions", json!({ "FunctionVersion": "ALL" }));
        ask("GetAccountSettings", json!({}));
        let listed = ask("ListFunctions", json!({}));
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let each = |list: &Value| list.as_array().expect("a list").clone();
        let mut journals = String::new();
        for function in each(&listed["Functions"]) {
            let name = text(&function["FunctionName"]);
            let of = json!({ "FunctionName": name });
            let versions = ask("ListVersionsByFunction", of.clone());
            let aliases = ask("ListAliases", of.clone());
            ask("GetFunction", of.clone());
            ask("ListProvisionedConcurrencyConfigs", of.clone());
            ask("ListFunctionUrlConfigs", of.clone());
            ask("ListFunctionEventInvokeConfigs", of.clone());
            ask("GetFunctionRecursionConfig", of.clone());
            ask("GetRuntimeManagementConfig", of.clone());
            ask("GetFunctionCodeSigningConfig", of.clone());
            for version in each(&versions["Versions"]) {
                let of = json!({ "FunctionName": name, "Qualifier": version["Version"] });
                ask("GetFunction", of.clone());
                ask("GetFunctionConfiguration", of);
            }
            for alias in each(&aliases["Aliases"]) {
                let of = json!({ "FunctionName": name, "Name": alias["Name"] });
                ask("GetAlias", of);
                let of = json!({ "FunctionName": name, "Qualifier": alias["Name"] });
                ask("GetFunction", of);
            }
            let journal = place.all::<Function>().journal(&name).expect("a journal");
            journals.push_str(&format!("{name} {journal:?}\n"));
        }
        // The time of a bucket or an object is the time of its file, so it is left out here.
        let buckets = entry_of("ListBuckets").call(&lambda, json!({}));
        for bucket in each(&buckets.expect("a listing")["Buckets"]) {
            let versioning =
                entry_of("GetBucketVersioning").call(&lambda, json!({ "Bucket": bucket["Name"] }));
            journals.push_str(&format!("{} {versioning:?}\n", bucket["Name"]));
            let objects = entry_of("ListObjectsV2")
                .call(&lambda, json!({ "Bucket": bucket["Name"] }))
                .expect("a listing");
            for object in each(objects.get("Contents").unwrap_or(&json!([]))) {
                let (key, tag) = (&object["Key"], &object["ETag"]);
                journals.push_str(&format!("{} {key} {tag}\n", bucket["Name"]));
                let told = entry_of("HeadObject")
                    .call(&lambda, json!({ "Bucket": bucket["Name"], "Key": key }))
                    .expect("it is listed");
                journals.push_str(&format!("{} {}\n", told["ContentType"], told["VersionId"]));
            }
            let of = json!({ "Bucket": bucket["Name"] });
            let versions = entry_of("ListObjectVersions").call(&lambda, of.clone());
            let versions = versions.expect("a listing");
            for list in ["Versions", "DeleteMarkers"] {
                for it in each(versions.get(list).unwrap_or(&json!([]))) {
                    let (key, version, tag) = (&it["Key"], &it["VersionId"], &it["ETag"]);
                    let latest = &it["IsLatest"];
                    journals.push_str(&format!("{list} {key} {version} {latest} {tag}\n"));
                }
            }
            let uploads = entry_of("ListMultipartUploads").call(&lambda, of);
            let uploads = uploads.expect("a listing");
            for upload in each(uploads.get("Uploads").unwrap_or(&json!([]))) {
                let of = json!({ "Bucket": bucket["Name"], "Key": upload["Key"], "UploadId": upload["UploadId"] });
                let parts = entry_of("ListParts").call(&lambda, of).expect("parts");
                journals.push_str(&format!("{} {}\n", upload["UploadId"], upload["Key"]));
                for part in each(parts.get("Parts").unwrap_or(&json!([]))) {
                    journals.push_str(&format!("{} {}\n", part["PartNumber"], part["ETag"]));
                }
            }
        }
        let settings = fs::read_to_string(self.root.join("aws/config")).unwrap_or_default();
        let images = fs::read_to_string(self.root.join("images.json")).unwrap_or_default();
        journals.push_str(&format!("{settings}\n{images}\n"));
        for (operation, request) in [
            ("DescribeRepositories", json!({})),
            ("GetRole", json!({ "RoleName": "deploy" })),
            (
                "ListPolicyVersions",
                json!({ "PolicyArn": "arn:aws:iam::123456789012:policy/p" }),
            ),
        ] {
            let told = entry_of(operation).call(&lambda, request);
            journals.push_str(&format!("{operation} {told:?}\n"));
        }
        // The list of kinds also has resources that are not read above, such as policies of roles and settings of a
        // bucket.
        for kind in KINDS {
            for scope in kind.places(&store).expect("places") {
                let place = store.place(scope);
                for name in kind.names(&place).expect("names") {
                    let told = kind.seen(&place, &name).expect("readable");
                    journals.push_str(&format!("{} {name} {told:?}\n", kind.words().one));
                }
            }
        }
        let layers = place.all::<Layer>();
        for name in layers.names().expect("a list") {
            // A stop may leave the folder of a layer that never existed.
            let Some(head) = layers.head(&name).expect("a head") else {
                continue;
            };
            let versions = ask("ListLayerVersions", json!({ "LayerName": name }));
            for version in each(&versions["LayerVersions"]) {
                let of = json!({ "LayerName": name, "VersionNumber": version["Version"] });
                ask("GetLayerVersion", of.clone());
                let number = version["Version"].to_string();
                if head.policies.contains_key(&number) {
                    ask("GetLayerVersionPolicy", of);
                }
            }
            let journal = layers.journal(&name).expect("a journal");
            journals.push_str(&format!("{name} {journal:?}\n"));
        }
        ask("ListLayers", json!({}));
        let configs = ask("ListCodeSigningConfigs", json!({}));
        for config in each(&configs["CodeSigningConfigs"]) {
            let of = json!({ "CodeSigningConfigArn": config["CodeSigningConfigArn"] });
            ask("ListFunctionsByCodeSigningConfig", of);
            let id = text(&config["CodeSigningConfigId"]);
            let journal = place.all::<CodeSigningConfig>().journal(&id);
            journals.push_str(&format!("{id} {:?}\n", journal.expect("a journal")));
        }
        // The times and the ids of mappings come from the clock and the counter, like all other times and ids.
        let mappings = place.all::<EventSourceMapping>();
        let listed = ask("ListEventSourceMappings", json!({}));
        for mapping in each(&listed["EventSourceMappings"]) {
            let id = text(&mapping["UUID"]);
            ask("GetEventSourceMapping", json!({ "UUID": id }));
            let journal = mappings.journal(&id).expect("a journal");
            journals.push_str(&format!("{id} {journal:?}\n"));
        }
        seen + &journals
    }

    /// Every file with its bytes, by path. The path of a folder ends in a slash.
    pub fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut tree = BTreeMap::new();
        walk(&self.root, &mut |path, kind| {
            let name = path.strip_prefix(&self.root).expect("below").display();
            if kind.is_dir() {
                tree.insert(format!("{name}/"), Vec::new());
            } else if kind.is_symlink() {
                let to = fs::read_link(path).expect("a link");
                tree.insert(format!("{name}@"), to.display().to_string().into_bytes());
            } else if kind.is_file() {
                tree.insert(name.to_string(), fs::read(path).expect("a file"));
            } else {
                tree.insert(format!("{name}|"), Vec::new());
            }
        });
        tree
    }

    /// The files that are the same in equal states. Caches, locks, and leftovers for a later clean-up are left out.
    pub fn lasting(&self) -> BTreeMap<String, Vec<u8>> {
        let mut tree = self.tree();
        tree.retain(|path, _| {
            !["locks/", "tmp/", "trash/", "usage.json"]
                .iter()
                .any(|part| path.contains(part))
        });
        tree
    }
}

fn entry_of(operation: &str) -> &'static Entry {
    find(operation).expect("an operation")
}

fn walk(folder: &Path, see: &mut dyn FnMut(&Path, fs::FileType)) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.expect("an entry");
        let kind = entry.file_type().expect("a kind");
        see(&entry.path(), kind);
        if kind.is_dir() {
            walk(&entry.path(), see);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    let mode = fs::metadata(from).map(|found| found.permissions());
    // If the folder does not exist yet, its copy is an empty folder.
    if let Ok(mode) = mode {
        fs::set_permissions(to, mode).expect("a mode");
    }
    for entry in fs::read_dir(from).into_iter().flatten() {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("a kind").is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).expect("copied");
            // An object's metadata is valid as long as its file has the same time.
            let time = entry.metadata().and_then(|found| found.modified());
            let copy = fs::File::options().write(true).open(to);
            copy.expect("a copy")
                .set_modified(time.expect("a time"))
                .expect("set");
        }
    }
}

/// Makes a zip with one file. Returns it as an argument of `--zip-file`.
pub fn zip(folder: &Path, content: &str) -> String {
    let path = folder.join(format!("{content}.zip"));
    let mut writer = zip::ZipWriter::new(fs::File::create(&path).expect("a file"));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    writer.start_file("index.py", options).expect("a name");
    writer.write_all(content.as_bytes()).expect("bytes");
    writer.finish().expect("a zip");
    format!("fileb://{}", path.display())
}

/// The words of a create-function.
pub fn create(name: &str, zip: &str, more: &[&str]) -> Vec<String> {
    words(&[
        "create-function",
        "--function-name",
        name,
        "--runtime",
        "python3.12",
        "--role",
        "arn:aws:iam::123456789012:role/r",
        "--handler",
        "index.handler",
        "--zip-file",
        zip,
    ])
    .into_iter()
    .chain(words(more))
    .collect()
}

pub fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A state with `pay`, which has two versions and two aliases, `ship`, which has none, and an object in `s3/`. `zips`
/// is the folder for zips.
pub fn furnished(root: PathBuf, zips: &Path) -> State {
    let state = State::at(root);
    state.ok(&create("pay", &zip(zips, "one"), &["--publish"]));
    let pay = |command: &'static str, more: &[&'static str]| {
        state.ok(&[&[command, "--function-name", "pay"], more].concat());
    };
    pay("update-function-configuration", &["--description", "two"]);
    pay("publish-version", &[]);
    pay(
        "create-alias",
        &["--name", "live", "--function-version", "2"],
    );
    let weights = "AdditionalVersionWeights={2=0.25}";
    let canary = ["--name", "canary", "--function-version", "2"];
    pay("create-alias", &canary);
    pay(
        "update-alias",
        &[
            "--name",
            "live",
            "--function-version",
            "1",
            "--routing-config",
            weights,
        ],
    );
    state.ok(&create("ship", &zip(zips, "ship"), &[]));
    let bucket = state.root.join("s3/bucket");
    fs::create_dir_all(&bucket).expect("a bucket");
    fs::copy(
        zip(zips, "object").trim_start_matches("fileb://"),
        bucket.join("key.zip"),
    )
    .expect("an object");
    state
}

/// Returns true if `strace` works here; otherwise prints a message.
pub fn strace() -> bool {
    let there = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !there {
        skipped::skipped("strace is not installed, or may not trace here");
    }
    there
}
