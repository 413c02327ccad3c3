//! State directories for measurements. The command itself creates them, and copies of their files make them larger.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use crate::{lambdry, timing::Program};

/// A state directory with one function, `pay`, that has a version and an alias.
#[derive(Debug, Clone)]
pub(crate) struct State {
    root: PathBuf,
}

impl State {
    /// Creates the state in a folder that does not exist yet.
    pub(crate) fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("a folder");
        let zip = folder.join("code.zip");
        fs::write(&zip, small_zip()).expect("a zip");
        let state = Self {
            root: folder.join("state"),
        };
        let zip = format!("fileb://{}", zip.display());
        state.must(&[
            "create-function",
            "--function-name",
            "pay",
            "--runtime",
            "python3.13",
            "--handler",
            "pay.handler",
            "--role",
            "arn:aws:iam::123456789012:role/pay",
            "--zip-file",
            &zip,
        ]);
        state.must(&["publish-version", "--function-name", "pay"]);
        state.must(&[
            "create-alias",
            "--function-name",
            "pay",
            "--name",
            "live",
            "--function-version",
            "1",
        ]);
        state
    }

    /// The directory.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    fn functions(&self) -> PathBuf {
        self.root.join("123456789012/us-east-1/functions")
    }

    /// Prepares a call on it.
    pub(crate) fn call(&self, words: &[&str]) -> Program {
        Program::new(lambdry())
            .words(words)
            .env("LAMBDRY_STATE_DIR", &self.root)
            .env("HOME", &self.root)
    }

    /// Prepares a publish of a function. Before each run, a change that is not measured gives the function new content.
    pub(crate) fn publish(&self, name: &'static str) -> Program {
        let state = self.clone();
        let mut program = self.call(&["publish-version", "--function-name", name]);
        let mut next = 0u64;
        program.before(Box::new(move || {
            next += 1;
            let text = format!("change {next}");
            state.must(&[
                "update-function-configuration",
                "--function-name",
                name,
                "--description",
                &text,
            ]);
        }));
        program
    }

    /// Makes a call, which must succeed.
    pub(crate) fn must(&self, words: &[&str]) {
        self.call(words).time();
    }

    /// Gives `pay` the given number of versions. The new versions are copies of the first version. The head and the
    /// journal are changed to match.
    pub(crate) fn grow_versions(&self, count: u64) {
        let folder = self.functions().join("pay");
        let first = fs::read_to_string(folder.join("versions/1.json")).expect("a version");
        let mut head = read(&folder.join("function.json"));
        let before = head["Changes"].as_u64().expect("a counter");
        let size = head["CodeSize"].as_u64().expect("a size") / 2;
        let mut journal = fs::read_to_string(folder.join("journal.jsonl")).expect("a journal");
        for number in 2..=count {
            let version = first.replacen(
                "\"Version\": \"1\"",
                &format!("\"Version\": \"{number}\""),
                1,
            );
            fs::write(folder.join(format!("versions/{number}.json")), version).expect("written");
            let line = json!({
                "Change": before + number,
                "When": "2026-11-22T12:00:00Z",
                "Call": "PublishVersion",
                "Moved": {"Published": number.to_string()},
            });
            journal.push_str(&format!("{line}\n"));
        }
        head["Changes"] = (before + count).into();
        head["LastVersion"] = count.into();
        head["Published"]["Version"] = count.to_string().into();
        head["CodeSize"] = (size * (count + 1)).into();
        fs::write(folder.join("journal.jsonl"), journal).expect("written");
        write(&folder.join("function.json"), &head);
        self.settle();
    }

    /// Adds the given number of functions to the state. The new functions are copies of `pay`.
    pub(crate) fn grow_functions(&self, count: u64) {
        let first = self.functions().join("pay");
        let text = |name: &str| fs::read_to_string(first.join(name)).expect("a state file");
        let (head, version, journal) = (
            text("function.json"),
            text("versions/1.json"),
            text("journal.jsonl"),
        );
        for number in 1..count {
            let name = format!("pay-{number}");
            let folder = self.functions().join(&name);
            fs::create_dir_all(folder.join("versions")).expect("a folder");
            let head = head.replacen(
                "\"FunctionName\": \"pay\"",
                &format!("\"FunctionName\": \"{name}\""),
                1,
            );
            fs::write(folder.join("function.json"), head).expect("written");
            fs::write(folder.join("versions/1.json"), &version).expect("written");
            fs::write(folder.join("journal.jsonl"), &journal).expect("written");
        }
        self.settle();
    }

    /// Prepares for the measurement: makes the next call count the sums again, and flushes the copies to the disk.
    fn settle(&self) {
        fs::remove_file(self.root.join("123456789012/us-east-1/usage.json")).expect("a cache");
        // Without this command, the first runs may be slower.
        let _ = Command::new("sync").status();
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a state file")).expect("JSON")
}

fn write(path: &Path, value: &Value) {
    fs::write(path, format!("{value:#}\n")).expect("written");
}

fn small_zip() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut zip = zip::ZipWriter::new(&mut bytes);
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("pay.py", stored).expect("a zip");
    std::io::Write::write_all(
        &mut zip,
        b"def handler(event, context):\n    return 'paid'\n",
    )
    .expect("a zip");
    zip.finish().expect("a zip");
    bytes.into_inner()
}
