//! Turns a run into a report, and writes the report to the places that the user asked for.

use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;

use super::{
    Rehearse, Wanted, bypass,
    calls::ScriptLine,
    endpoint::Visitor,
    report::{Format, Look, Notes, Report, Run, ScriptText, Unseen},
    run::{Ran, whole},
    suppression,
};
use crate::state::plain::plain;
use crate::{
    face::{
        Globals,
        exit::Stop,
        settling_time,
        world::{Process, World},
    },
    store::Store,
    tool::backend::{Opened, stop},
};

/// Writes the requested reports and returns the report.
///
/// # Errors
/// When a state cannot be read or a file cannot be written.
pub(super) fn tell(
    options: &Rehearse,
    globals: &Globals,
    ran: &Ran,
    world: &mut World<'_>,
) -> Result<Report, Stop> {
    let process = &world.process;
    let report = report(options, globals, process, ran)?;
    let annotations = annotations(&report, process);
    let is_github = |format: &Format| format.summarizes();
    let seen = |format: &Format| match is_github(format) {
        true => &annotations,
        false => &report,
    };
    // Files are written last, so an error about a file comes after the report.
    let color = match globals.color.as_deref() {
        Some("on") => true,
        Some("off") => false,
        _ => io::stderr().is_terminal() && process.var("NO_COLOR").is_none_or(str::is_empty),
    };
    let look = Look {
        width: process.width.clamp(40, 160),
        color,
    };
    let text = Format::named("text").expect("it is in the table");
    let github = Format::named("github").expect("it is in the table");
    let named = options.report.iter().filter(|wanted| wanted.file.is_none());
    let mut formats: Vec<&Format> = named.map(|wanted| wanted.format).collect();
    if formats.is_empty() {
        formats.push(text);
        // In a job, people read the text in the log, and the runner reads annotations from the same log.
        let is_job = process.var("GITHUB_ACTIONS") == Some("true");
        if is_job && options.report.is_empty() && !options.quiet {
            formats.push(github);
        }
    }
    // Annotations are for the runner; `--quiet` is only for people.
    formats.retain(|format| !options.quiet || is_github(format));
    for format in formats {
        // If nobody reads the stream any more, the text is not needed.
        let _ = format.write(seen(format), &look, world.stderr);
    }
    let _ = world.stderr.flush();
    let plain = Look {
        width: 80,
        color: false,
    };
    for wanted in &options.report {
        if let Some(file) = &wanted.file {
            let mut text = Vec::new();
            wanted
                .format
                .write(seen(wanted.format), &plain, &mut text)?;
            let path = process.cwd.join(file);
            std::fs::write(&path, text)
                .map_err(|error| cannot(wanted.format.name, &path, &error))?;
        }
        if wanted.format.summarizes() {
            let mut text = Vec::new();
            let markdown = Format::named("markdown").expect("it is in the table");
            markdown.write(&report, &plain, &mut text)?;
            summarize(process, &text)?;
        }
    }
    Ok(report)
}

/// Appends to the summary of a job's step, if there is one.
///
/// # Errors
/// When the summary cannot be written.
pub(super) fn summarize(process: &Process, text: &[u8]) -> Result<(), Stop> {
    let summary = process.path("GITHUB_STEP_SUMMARY");
    let Some(path) = summary.filter(|path| path.is_absolute()) else {
        return Ok(());
    };
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text))
        .map_err(|error| cannot("step summary", path, &error))
}

/// The working folder of a process, relative to the workspace of its job; empty outside a workspace.
pub(super) fn in_workspace(process: &Process) -> PathBuf {
    let workspace = process.path("GITHUB_WORKSPACE");
    let inside = workspace.and_then(|workspace| {
        let cwd = whole(&process.cwd);
        Some(cwd.strip_prefix(whole(workspace)).ok()?.to_owned())
    });
    inside.unwrap_or_default()
}

/// The report for the runner of a job. Its places are relative to the workspace.
fn annotations(report: &Report, process: &Process) -> Report {
    report.seen_from_above(&in_workspace(process))
}

/// The scripts that contain calls of a run, and the scripts that the command line names.
fn scripts(options: &Rehearse, process: &Process, ran: &Ran) -> BTreeSet<PathBuf> {
    let called = ran.calls.iter().filter_map(|call| call.place.as_ref());
    let mut files: BTreeSet<PathBuf> = called.map(|place| process.cwd.join(&place.file)).collect();
    if !ran.rehearsal.session {
        let texts = bypass::texts(&options.command, &process.cwd);
        files.extend(texts.into_iter().map(|(file, _)| process.cwd.join(file)));
    }
    files
}

/// The texts of shell scripts, as a report shows them. Scripts that contain calls come first. Programs in other
/// languages are left out, because it is not known which parts of their text are secret, and because no call has a line
/// in them.
fn texts(
    files: &BTreeSet<PathBuf>,
    process: &Process,
    ran: &Ran,
    show_values: bool,
) -> Vec<ScriptText> {
    /// The largest number of scripts that are shown.
    const MOST: usize = 20;
    let called = |file: &PathBuf| {
        let mut places = ran.calls.iter().filter_map(|call| call.place.as_ref());
        places.any(|place| process.cwd.join(&place.file) == *file)
    };
    let (first, rest): (Vec<&PathBuf>, Vec<&PathBuf>) = files.iter().partition(|file| called(file));
    let texts = first.into_iter().chain(rest).filter_map(|file| {
        let shown = file.strip_prefix(&process.cwd).unwrap_or(file);
        let text = bypass::text_of(file).filter(|text| bypass::is_shell(file, text))?;
        ScriptText::of(shown, &text, show_values)
    });
    texts.take(MOST).collect()
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Stop {
    Stop::Other(format!(
        "cannot write the {what} report to {}: {}",
        path.display(),
        plain(error)
    ))
}

/// The report of a run.
///
/// # Errors
/// When a state cannot be read.
pub(super) fn report(
    options: &Rehearse,
    globals: &Globals,
    process: &Process,
    ran: &Ran,
) -> Result<Report, Stop> {
    let open = |root: &Path| -> Result<Store, Stop> {
        Ok(Opened::at(process, &globals.own, root.to_owned())?.store)
    };
    let settle = ran.rehearsal.environment.get("LAMBDRY_SETTLE");
    let files = scripts(options, process, ran);
    let shows_scripts = |wanted: &Wanted| wanted.format.shows_scripts;
    let scripts = match options.report.iter().any(shows_scripts) {
        true => texts(&files, process, ran, options.show_values),
        false => Vec::new(),
    };
    let mut suppressions = suppression::in_scripts(&files, &process.cwd);
    suppressions.extend(options.ignored.iter().cloned());
    let run = Run {
        command: match ran.rehearsal.session {
            true => Vec::new(),
            false => options.command.clone(),
        },
        cwd: process.cwd.clone(),
        code: match ran.ended.signal {
            None => Some(ran.ended.code.into()),
            Some(_) => None,
        },
        signal: ran.ended.signal,
        began: ran
            .calls
            .first()
            .map_or_else(Timestamp::now, |call| call.began),
        took: ran.took,
        prepared: ran.prepared,
        network: ran.rehearsal.network,
        network_is_meant: ran.rehearsal.network_is_meant,
        settle: settle
            .and_then(|text| settling_time(text).ok())
            .unwrap_or(Duration::ZERO),
    };
    let shown = |file: &Path| file.strip_prefix(&process.cwd).unwrap_or(file).to_owned();
    let notes = Notes {
        bypassed: ran.visitors.iter().map(Visitor::told).collect(),
        unanswered: ran.unanswered.iter().cloned().collect(),
        refused: {
            let refused = ran.refused.iter().cloned().map(|mut refused| {
                if let Some(place) = &mut refused.place {
                    place.file = shown(&place.file);
                }
                refused
            });
            refused.collect()
        },
        leftovers: ran
            .leftovers
            .iter()
            .map(|left| format!("{} (process {}, ended)", left.words.join(" "), left.pid))
            .collect(),
        unseen: ran
            .bypasses
            .iter()
            .map(|bypass| Unseen {
                place: ScriptLine {
                    file: bypass
                        .file
                        .strip_prefix(&process.cwd)
                        .unwrap_or(&bypass.file)
                        .to_owned(),
                    line: bypass.line,
                },
                reason: format!("{} ({})", bypass.text, bypass.way.why()),
            })
            .collect(),
        unmade: {
            let unmade = ran.unmade.iter().cloned().map(|mut unmade| {
                unmade.place.file = shown(&unmade.place.file);
                unmade
            });
            unmade.collect()
        },
        lost: ran.lost,
        losses: ran.losses,
        expected: ran.rehearsal.expected.clone(),
        suppressions,
        scripts,
        others: ran.others.clone(),
        touched: ran.touched.clone(),
        kept: options.keep.as_ref().map(|folder| process.cwd.join(folder)),
    };
    let is_in_place = ran.rehearsal.state == ran.rehearsal.parent;
    let (before, after) = match (ran.lost, is_in_place) {
        // A state that was deleted cannot be compared.
        (true, _) => (open(&ran.before)?, open(&ran.before)?),
        (false, true) => (open(&ran.before)?, open(&ran.after)?),
        // Changes that others made at the same time are not the script's changes.
        (false, false) => (open(&ran.after)?.as_it_began(), open(&ran.after)?),
    };
    Report::new(run, &before, &after, &ran.calls, notes, options.show_values).map_err(stop)
}
