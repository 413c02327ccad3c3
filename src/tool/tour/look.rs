//! Reads the learner's work: the function `hello` and the mappings in the store, and the result of a rehearsal of the
//! lesson's script.

use std::{fs, io, process::Command};

use anyhow::Context as _;
use serde_json::Value;

use super::{
    desk::{self, Desk},
    lesson::{Feed, ONE, Rehearsed, Script, Seen, TWO},
};
use crate::{
    face::{Own, exit::Stop, world::Process},
    operation::Lambda,
    store::package::digest,
    tool::backend::{Opened, stop},
};

/// The learner's work on a desk.
pub(super) fn at(desk: &Desk, process: &Process) -> Result<Seen, Stop> {
    let sha256 = |code: &str| Ok::<_, Stop>(digest(&mut desk::zip(code)?.as_slice())?.0);
    let mut seen = Seen {
        one: sha256(ONE)?,
        two: sha256(TWO)?,
        ..Seen::default()
    };
    let opened = Opened::new(&desk.process(""), &Own::default())?;
    opened
        .with("us-east-1", |lambda| {
            let all = lambda.functions();
            if let Some(whole) = all.whole("hello")? {
                seen.versions = whole.versions.into_iter().collect();
                seen.journal = whole.journal;
            }
            seen.head = all.view("hello", |view| Ok(view.head.clone()))?;
            seen.mappings = feeds(lambda)?;
            Ok(())
        })
        .map_err(stop)?;
    if let Some(script) = desk.lesson.script {
        seen.rehearsed = rehearsed(desk, script, process)?;
    }
    Ok(seen)
}

fn feeds(lambda: &Lambda<'_>) -> crate::operation::Result<Vec<Feed>> {
    let mappings = lambda.event_source_mappings();
    let mut feeds = Vec::new();
    for uuid in mappings.names()? {
        let feed = mappings.view(&uuid, |view| {
            let shown = &view.head.configuration;
            let journal = view.journal()?;
            let switched = journal.iter().filter_map(|line| {
                let on = line.moved.get("Enabled")?.as_bool()?;
                Some((line.when, on))
            });
            Ok(Feed {
                uuid: view.head.uuid.clone(),
                function_arn: shown.function_arn.clone().unwrap_or_default(),
                state: shown.state.clone().unwrap_or_default(),
                switched: switched.collect(),
            })
        })?;
        feeds.extend(feed);
    }
    Ok(feeds)
}

/// Rehearses the desk's script as the learner would, but in a fresh lesson. The result is therefore the same before and
/// after the learner's release. If the rehearsal is clean, sweeps the script too.
fn rehearsed(desk: &Desk, script: &Script, process: &Process) -> Result<Rehearsed, Stop> {
    let folder = tempfile::tempdir().context("cannot make a folder for the rehearsal")?;
    let (fresh, _) = Desk::open(desk.lesson, folder.path())?;
    let (learners, judged) = (
        desk.folder.join(script.file),
        fresh.folder.join(script.file),
    );
    if fs::copy(&learners, &judged).is_err() {
        // A missing script does not pass any check.
        return Ok(Rehearsed::default());
    }
    let desk = &fresh;
    let report = folder.path().join("report.json");
    let mut command = command(desk, process)?;
    command.args(["rehearse", "--quiet", "--report"]);
    let mut form = std::ffi::OsString::from("json=");
    form.push(&report);
    command.arg(form).args(["--", "bash", script.file]);
    run(command)?;
    let report: Value = fs::read(&report)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let findings = report["Findings"].as_array().into_iter().flatten();
    let mut rehearsed = Rehearsed {
        verdict: report["Verdict"].as_str().unwrap_or_default().to_owned(),
        findings: findings
            .filter_map(|finding| Some(finding["Rule"].as_str()?.to_owned()))
            .collect(),
        swept: false,
    };
    if rehearsed.verdict == "Clean" {
        let mut command = self::command(desk, process)?;
        command.args(["rehearse", "--sweep", "--", "bash", script.file]);
        rehearsed.swept = run(command)?;
    }
    Ok(rehearsed)
}

/// Prepares to run this program in another process at a desk. Of lambdry's variables, that process gets only those of
/// the desk.
pub(super) fn command(desk: &Desk, process: &Process) -> Result<Command, Stop> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut command = Command::new(program);
    let kept = process.env.iter().filter(|(name, _)| {
        let name = name.to_string_lossy();
        !["LAMBDRY_", "AWS_"]
            .iter()
            .any(|ours| name.starts_with(ours))
    });
    command
        .env_clear()
        .envs(kept)
        .envs(desk.variables())
        .current_dir(&desk.folder);
    Ok(command)
}

/// Runs a command and ignores its output. Returns true if the command succeeded.
fn run(mut command: Command) -> Result<bool, Stop> {
    let output = command
        .stdin(std::process::Stdio::null())
        .output()
        .context("cannot rehearse the lesson's script")?;
    Ok(output.status.success())
}

/// Runs a command. Returns its exit code, and both of its streams in the order in which they were written.
pub(super) fn both_streams(mut command: Command) -> io::Result<(i32, String)> {
    let (mut reader, writer) = io::pipe()?;
    command
        .stdin(std::process::Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let mut child = command.spawn()?;
    // The command also holds the writing end of the pipe, so it is dropped before the pipe is read.
    drop(command);
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut reader, &mut bytes)?;
    let status = child.wait()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok((status.code().unwrap_or(-1), text))
}
