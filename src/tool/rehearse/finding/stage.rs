//! A script for tests. The real code of `aws` makes its calls on a fork and leaves a real log. The test moves the time
//! of the fork.

use std::{
    cell::{Cell, OnceCell},
    collections::BTreeMap,
    fs,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use super::Finding;
use crate::{
    face::{Globals, is_service, world::Process},
    operation::sandbox::zip,
    store::{Store, stubs::words},
    tool::{
        backend::Opened,
        captured,
        rehearse::{
            calls::{self, Call, ScriptLine},
            network::Network,
            report::{Notes, Report, Run},
            shell::Attention,
        },
    },
};

/// A state, the script's calls on a fork of this state, and the results of the calls.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    now: Cell<Timestamp>,
    forked: OnceCell<()>,
    code: Cell<i32>,
    /// The number of the call that a trap makes.
    trap: Cell<Option<usize>>,
    /// True if all calls are on one line.
    loops: Cell<bool>,
}

impl Stage {
    /// An empty state.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["one", "two", "three"] {
            let package = zip(&[("app.py", name.as_bytes())]);
            fs::write(folder.path().join(format!("{name}.zip")), package).expect("a file");
        }
        Self {
            folder,
            now: Cell::new("2026-11-22T12:00:00Z".parse().expect("a moment")),
            forked: OnceCell::new(),
            code: Cell::new(0),
            trap: Cell::new(None),
            loops: Cell::new(false),
        }
    }

    /// A settled function `pay` with the given number of versions. Its alias `live` points to the last version.
    pub(crate) fn with_versions(versions: usize) -> Self {
        let stage = Self::new();
        stage.given(
            "create-function --function-name pay --runtime python3.13 --handler app.handler \
             --role arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip",
        );
        for number in 1..=versions {
            stage.given(&format!(
                "update-function-configuration --function-name pay --description v{number}"
            ));
            stage.given("publish-version --function-name pay");
        }
        if versions > 0 {
            stage.given(&format!(
                "create-alias --function-name pay --name live --function-version {versions}"
            ));
        }
        stage
    }

    /// Writes a file into the folder in which the calls run.
    pub(crate) fn put(&self, name: &str, content: &[u8]) {
        fs::write(self.folder.path().join(name), content).expect("a file");
    }

    /// Makes a call before the script runs: on the state itself, done at once, not in the log.
    pub(crate) fn given(&self, line: &str) {
        assert!(self.forked.get().is_none(), "the script has begun");
        let (code, told) = self.call("state", "0", false, line);
        assert_eq!(code, 0, "{line}: {told}");
    }

    /// Makes a call of the script. Returns its exit code and its output.
    pub(crate) fn aws(&self, line: &str) -> (u8, String) {
        self.forked.get_or_init(|| {
            let fork = self.folder.path().join("fork");
            self.store("state").fork(&fork).expect("a fork");
        });
        self.call("fork", "2s", true, line)
    }

    /// Makes the calls of the script, one for each line. All of them are made, even if some fail.
    pub(crate) fn script(self, lines: &[&str]) -> Self {
        for line in lines {
            match line.strip_prefix("sleep ") {
                Some(seconds) => self.pass(seconds.parse().expect("seconds")),
                None => {
                    self.aws(line);
                }
            }
        }
        self
    }

    /// Moves the clock.
    pub(crate) fn pass(&self, seconds: f64) {
        let time = SignedDuration::from_millis((seconds * 1000.0) as i64);
        self.now.set(self.now.get() + time);
    }

    /// Sets the script's exit code.
    pub(crate) fn ends(&self, code: i32) {
        self.code.set(code);
    }

    /// Records that a trap made the given call of the script. Calls are counted from 0.
    pub(crate) fn in_trap(&self, call: usize) {
        self.trap.set(Some(call));
    }

    /// Marks all calls as made by a loop. Then all of them are on one line.
    pub(crate) fn in_a_loop(&self) {
        self.loops.set(true);
    }

    /// The log. The nth call is on the nth line of `deploy.sh`.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let log = self.folder.path().join("calls");
        let (mut calls, _) = calls::read(&log).expect("a log");
        for (at, call) in calls.iter_mut().enumerate() {
            call.place = Some(ScriptLine {
                file: self.folder.path().join("deploy.sh"),
                line: if self.loops.get() { 1 } else { at + 1 },
            });
            call.in_trap = self.trap.get() == Some(at);
            // The test's script is a shell script without `set -e`.
            call.attention = (call.code != 0).then_some(Attention::NobodyLooked);
        }
        calls
    }

    /// The report.
    pub(crate) fn report(&self) -> Report {
        self.report_with(Notes::default())
    }

    /// The report of a run with further notes.
    pub(crate) fn report_with(&self, notes: Notes) -> Report {
        let run = Run {
            command: vec!["./deploy.sh".to_owned(), "prod".to_owned()],
            cwd: self.folder.path().to_owned(),
            code: Some(self.code.get()),
            signal: None,
            began: "2026-11-22T12:00:00Z".parse().expect("a moment"),
            took: Duration::from_millis(1234),
            prepared: Duration::ZERO,
            settle: Duration::from_secs(2),
            network: Network::Open,
            network_is_meant: true,
        };
        let (before, after) = (self.store("state"), self.store("fork"));
        Report::new(run, &before, &after, &self.calls(), notes, false).expect("a report")
    }

    /// The findings.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.report().findings
    }

    /// The findings in short form, each with its line of the script: `error race-after-update 2`.
    pub(crate) fn found(&self) -> Vec<String> {
        let findings = self.findings().into_iter();
        findings
            .map(|finding| {
                let line = finding.place.expect("a place").line;
                format!("{} {} {line}", finding.severity.word(), finding.rule)
            })
            .collect()
    }

    fn process(&self, state: &str, settle: &str, logs: bool, words: Vec<String>) -> Process {
        let path = |name: &str| self.folder.path().join(name);
        let mut env = BTreeMap::from([
            ("AWS_REGION".into(), "eu-west-1".into()),
            ("LAMBDRY_STATE_DIR".into(), path(state).into()),
            ("LAMBDRY_SETTLE".into(), settle.into()),
            ("LAMBDRY_NOW".into(), self.now.get().to_string().into()),
            ("LAMBDRY_SEED".into(), "stage".into()),
        ]);
        if logs {
            env.insert("LAMBDRY_CALLS".into(), path("calls").into());
        }
        Process {
            program: "aws".to_owned(),
            args: words.into_iter().map(Into::into).collect(),
            env,
            cwd: self.folder.path().to_owned(),
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            width: 80,
        }
    }

    /// The store of the state before the script (`state`), or after the script (`fork`).
    pub(crate) fn store(&self, state: &str) -> Store {
        let process = self.process(state, "0", false, Vec::new());
        let opened = Opened::new(&process, &Globals::default().own);
        opened.expect("a state directory").store
    }

    fn call(&self, state: &str, settle: &str, logs: bool, line: &str) -> (u8, String) {
        let line = match line.split(' ').next() {
            Some(word) if is_service(word) => line.to_owned(),
            _ => format!("lambda {line}"),
        };
        let words = words(&line).expect("closed quotes");
        let process = self.process(state, settle, logs, words);
        let (code, stdout, stderr) = captured(process, &[]);
        (code, (stdout + &stderr).trim().to_owned())
    }
}
