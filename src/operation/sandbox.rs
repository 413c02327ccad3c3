//! A state directory for tests of operations: real files in a temporary folder, frozen time that a test can move, and
//! seeded ids. Tests call operations by name, so names and validation are tested too.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    Failure, Lambda, explain::Explained, find, invocation::answer::Runner, sts::caller::Caller,
    version::publish::Publishing,
};
use crate::{
    state::{arn::Scope, error::ServiceError},
    store::{
        Settings, Store,
        clock::{Clock, Ids},
        package::Spool,
    },
};

/// A temporary state directory, with the settings for calls on it.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
    now: Cell<Timestamp>,
    /// The time that a change takes to complete.
    pub(crate) settle: Cell<Duration>,
    /// The fault plan.
    pub(crate) faults: Option<String>,
    /// The runner of functions.
    pub(crate) runner: Runner,
    /// The notices that were printed.
    pub(crate) notices: Arc<Mutex<Vec<String>>>,
    /// `LAMBDRY_TOTAL_CODE_SIZE`.
    pub(crate) total_code_size: Option<u64>,
    /// The explanations, if a test asks for them.
    pub(crate) explained: Option<Explained>,
    /// The step of a write at which the write stops or fails.
    pub(crate) steps: RefCell<Option<String>>,
    /// The rule that decides if a publish makes a version.
    pub(crate) publishing: Publishing,
    /// The caller.
    caller: Caller,
}

impl Sandbox {
    /// An empty sandbox. Changes complete at once, so the next call sees them completed.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            now: Cell::new("2026-11-22T12:00:00Z".parse().expect("a moment")),
            settle: Cell::default(),
            faults: None,
            runner: Runner::default(),
            notices: Arc::default(),
            total_code_size: None,
            explained: None,
            steps: RefCell::default(),
            publishing: Publishing::default(),
            caller: Caller::default(),
        }
    }

    /// A sandbox with a function that is ready.
    pub(crate) fn with(name: &str) -> Self {
        let sandbox = Self::new();
        sandbox.create(name);
        sandbox
    }

    /// The state directory.
    pub(crate) fn root(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Makes all later calls as the holder of that session token.
    pub(crate) fn hold(&mut self, token: Option<&str>) {
        self.caller = Caller::of(token);
    }

    /// Advances the clock.
    pub(crate) fn pass(&self, time: Duration) {
        let time = SignedDuration::try_from(time).expect("a short time");
        self.now
            .set(self.now.get().checked_add(time).expect("a moment"));
    }

    /// A fork of the sandbox, with the same time on its clock.
    pub(crate) fn fork(&self) -> Self {
        self.again(|store, folder| store.fork(folder))
    }

    /// A copy of all files of the sandbox, with their modification times.
    pub(crate) fn copied(&self) -> Self {
        fn copy(from: &std::path::Path, to: &std::path::Path) {
            for entry in fs::read_dir(from).expect("a folder") {
                let from = entry.expect("an entry").path();
                let to = to.join(from.file_name().expect("a name"));
                if from.is_dir() {
                    fs::create_dir(&to).expect("a folder");
                    copy(&from, &to);
                    continue;
                }
                fs::copy(&from, &to).expect("a copy");
                let time = fs::metadata(&from).and_then(|found| found.modified());
                let file = fs::File::options().write(true).open(&to).expect("a file");
                file.set_modified(time.expect("a time")).expect("set");
            }
        }
        self.again(|store, folder| {
            copy(store.root(), folder);
            Ok(())
        })
    }

    /// An independent state directory made from the sandbox, which must be a fork.
    pub(crate) fn keep(&self) -> Self {
        self.again(|store, folder| store.keep_fork(folder, &mut |_, _, _| {}))
    }

    fn again(&self, make: impl FnOnce(&Store, &std::path::Path) -> Result<(), Failure>) -> Self {
        let other = Self {
            now: self.now.clone(),
            settle: self.settle.clone(),
            ..Self::new()
        };
        make(&self.store().expect("a state directory"), other.root()).expect("made");
        other
    }

    /// Opens the state directory.
    pub(crate) fn store(&self) -> Result<Store, Failure> {
        Store::open(self.settings())
    }

    /// The settings for opening the state directory.
    pub(crate) fn settings(&self) -> Settings {
        let notices = Arc::clone(&self.notices);
        Settings {
            root: self.root().to_owned(),
            clock: Clock::Frozen(self.now.get()),
            ids: Ids::Seeded("test".to_owned()),
            total_code_size: self.total_code_size,
            lock_timeout: Duration::from_secs(5),
            notice: Box::new(move |text| {
                notices.lock().expect("no panic").push(text.to_owned());
            }),
            steps: self.steps.borrow().clone(),
        }
    }

    /// All files of the state directory: relative path and bytes.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.root().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.root()).expect("below it");
                    let name = name.to_string_lossy().into_owned();
                    files.insert(name, fs::read(&path).expect("a file"));
                }
            }
        }
        files
    }

    /// A file of a function, below its folder.
    pub(crate) fn file_of(&self, name: &str, file: &str) -> PathBuf {
        self.here().join("functions").join(name).join(file)
    }

    /// The folder of this account and region.
    pub(crate) fn here(&self) -> PathBuf {
        self.root().join("123456789012/us-east-1")
    }

    /// Puts an object into `s3/`, and creates the bucket.
    pub(crate) fn put_object(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let path = self.root().join("s3").join(bucket).join(key);
        fs::create_dir_all(path.parent().expect("a bucket")).expect("a bucket");
        fs::write(path, bytes).expect("an object");
    }

    /// Returns the message `cannot … PATH: cause` of a call that fails because of the content of the disk.
    #[track_caller]
    pub(crate) fn broken(&self, operation: &str, request: Value) -> String {
        match self.try_call(operation, request) {
            Err(Failure::Store(error)) => error.to_string(),
            other => panic!("{operation} should be stopped by the store and ended with {other:?}"),
        }
    }

    /// Runs a closure with a [`Lambda`] on the sandbox's state directory.
    pub(crate) fn with_lambda<T>(
        &self,
        act: impl FnOnce(&Lambda<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let store = self.store()?;
        let place = store.place(Scope {
            region: "us-east-1".to_owned(),
            account: self.caller.account().unwrap_or("123456789012").to_owned(),
        });
        act(&Lambda {
            place: &place,
            settle: self.settle.get(),
            faults: self.faults.clone(),
            runner: &self.runner,
            explained: self.explained.as_ref(),
            publishing: &self.publishing,
            caller: &self.caller,
        })
    }

    /// The explanation of the last call.
    #[track_caller]
    pub(crate) fn explanation(&self) -> String {
        let explained = self
            .explained
            .as_ref()
            .expect("an explanation is asked for");
        explained.take().join(" ")
    }

    /// Calls an operation.
    pub(crate) fn try_call(&self, operation: &str, request: Value) -> Result<Value, Failure> {
        self.with_lambda(|lambda| find(operation).expect("an operation").call(lambda, request))
    }

    /// Completes the change that `wait` waits for.
    pub(crate) fn complete(&self, name: &str, qualifier: Option<&str>) -> bool {
        self.with_lambda(|lambda| lambda.complete(name, qualifier))
            .expect("a function")
    }

    /// Calls an operation that succeeds.
    #[track_caller]
    pub(crate) fn call(&self, operation: &str, request: Value) -> Value {
        self.try_call(operation, request).expect(operation)
    }

    /// Calls an operation that the service refuses.
    #[track_caller]
    pub(crate) fn refused(&self, operation: &str, request: Value) -> ServiceError {
        match self.try_call(operation, request) {
            Err(Failure::Service(error)) => error,
            other => {
                panic!("{operation} should be refused by the service and ended with {other:?}")
            }
        }
    }

    /// Returns `(Code): message` of a call that the service refuses.
    #[track_caller]
    pub(crate) fn error(&self, operation: &str, request: Value) -> String {
        self.refused(operation, request).to_string()
    }

    /// Spools bytes for a request. Keep the spool until the call is done.
    pub(crate) fn spool(&self, bytes: &[u8]) -> Spool {
        self.store()
            .expect("a state directory")
            .spool(&mut &bytes[..], "test".as_ref())
            .expect("spooled")
    }

    /// A zip with one file, spooled.
    pub(crate) fn zip(&self, content: &str) -> Spool {
        self.spool(&zip(&[("index.py", content.as_bytes())]))
    }

    /// Creates a function whose code is its name.
    #[track_caller]
    pub(crate) fn create(&self, name: &str) -> Value {
        self.create_with(name, json!({}))
    }

    /// Creates a function. `more` adds members to the request.
    #[track_caller]
    pub(crate) fn create_with(&self, name: &str, more: Value) -> Value {
        let spool = self.zip(name);
        let mut request = json!({
            "FunctionName": name,
            "Runtime": "python3.12",
            "Role": "arn:aws:iam::123456789012:role/r",
            "Handler": "index.handler",
            "Code": { "ZipFile": spool.handle() },
        });
        for (key, value) in more.as_object().expect("members") {
            request[key] = value.clone();
        }
        self.call("CreateFunction", request)
    }

    /// Publishes a layer version.
    #[track_caller]
    pub(crate) fn publish_layer(&self, name: &str, more: Value) -> Value {
        let spool = self.zip("layer");
        let mut request = json!({ "LayerName": name, "Content": { "ZipFile": spool.handle() } });
        for (key, value) in more.as_object().expect("members") {
            request[key] = value.clone();
        }
        self.call("PublishLayerVersion", request)
    }

    /// Creates a code signing configuration with that policy, and returns its ARN.
    #[track_caller]
    pub(crate) fn code_signing_config(&self, policy: &str) -> String {
        let made = self.call(
            "CreateCodeSigningConfig",
            json!({
                "AllowedPublishers": { "SigningProfileVersionArns": ["arn:aws:signer:::p"] },
                "CodeSigningPolicies": { "UntrustedArtifactOnDeployment": policy },
            }),
        );
        made["CodeSigningConfig"]["CodeSigningConfigArn"]
            .as_str()
            .expect("an ARN")
            .to_owned()
    }

    /// Updates a function's code.
    #[track_caller]
    pub(crate) fn update_code(&self, name: &str, content: &str, more: Value) -> Value {
        let spool = self.zip(content);
        let mut request = json!({ "FunctionName": name, "ZipFile": spool.handle() });
        for (key, value) in more.as_object().expect("members") {
            request[key] = value.clone();
        }
        self.call("UpdateFunctionCode", request)
    }

    /// Returns `$LATEST` in the form that GetFunctionConfiguration returns.
    #[track_caller]
    pub(crate) fn latest(&self, name: &str) -> Value {
        self.call("GetFunctionConfiguration", json!({ "FunctionName": name }))
    }

    /// Publishes a version and returns its number.
    #[track_caller]
    pub(crate) fn publish(&self, name: &str) -> String {
        self.call("PublishVersion", json!({ "FunctionName": name }))["Version"]
            .as_str()
            .expect("a number")
            .to_owned()
    }
}

/// A zip with those files, without compression.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        writer.start_file(*name, options).expect("a name");
        writer.write_all(bytes).expect("bytes");
    }
    writer.finish().expect("a zip").into_inner()
}
