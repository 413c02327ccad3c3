//! `lambdry doctor`: checks a state directory, reports problems and their repairs, and repairs those that it can.
//!
//! [`crate::store::check`] holds the checks and the repairs; this file puts them into words.

use std::io::{self, Write};

use clap::{CommandFactory as _, Parser};
use serde_json::{Value, json};

use super::{
    AsData,
    backend::{Opened, stop},
    bytes,
};
use crate::output::shown;
use crate::state::plain::plain;
use crate::{
    face::{Globals, exit::Stop, progress::Progress, world::World},
    store::{
        Failure,
        check::{Counted, Finding, Level, Listener, Problem, Whole},
        kind::KINDS,
    },
};

/// The command's summary in one sentence.
pub(super) const ABOUT: &str = "Checks the state directory and repairs it where it can.";

/// Checks the whole state directory: every account and region. It checks that each
/// file is readable and that counters, journals and sums are right. It checks that
/// aliases and settings name things that exist, and that packages match their
/// hashes. It also reports unused things, file modes and lock holders. Each finding
/// is printed at once, with what --repair would do. The directory may be read-only.
///
/// wrong     something is wrong
/// leftover  a stopped process left it, or nothing uses it; it does no harm
/// note      worth knowing
///
/// --repair changes only what it can change without loss. It moves packages and
/// versions that nothing refers to into trash/ in the state directory. From there
/// you can move them back; delete that folder to free the space. Until the repair
/// ends, calls that bring code wait.
///
/// Exit codes: 0 if nothing is wrong or all of it was repaired; 1 if something is
/// wrong; 252 for a wrong command line; 255 if doctor could not check, for example
/// because it does not know the directory's format.
#[derive(Debug, Parser)]
#[command(name = "lambdry doctor", verbatim_doc_comment)]
struct Options {
    /// Repair what can be repaired without loss, and report it.
    #[arg(long)]
    repair: bool,
    #[command(flatten)]
    data: AsData,
}

/// The options, for completion and the man page.
pub(super) fn options() -> clap::Command {
    Options::command()
}

/// Runs the command.
pub(super) fn run(words: &[String], globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    let options: Options = match super::parse(words, world)? {
        Ok(options) => options,
        Err(code) => return Ok(code),
    };
    let opened = Opened::new(&world.process, &globals.own)?;
    let data = options.data.format(globals);
    let root = opened.store.root().to_owned();
    let mut report = Report {
        out: data.is_none().then_some(&mut *world.stdout),
        progress: Progress::new(&world.process),
        findings: Vec::new(),
        wrong: 0,
        told: Ok(()),
    };
    let checked = opened.store.check(options.repair, &mut report);
    report.progress.clear();
    let Report {
        findings,
        wrong,
        told,
        ..
    } = report;
    told?;
    let counted = checked.map_err(|failure| match failure {
        // The error's own hint may say that nothing was changed. That is not true after a repair.
        Failure::Store(error) if options.repair => stop(Failure::Store(error.with_hint(
            "the repairs before this one are done; remove the cause, and run doctor --repair again",
        ))),
        other => stop(other),
    })?;
    if let Some(format) = data {
        let mut value = json!({
            "StateDirectory": root.to_string_lossy(),
            "Findings": findings,
            "Wrong": wrong,
        });
        for (kind, count) in KINDS.iter().zip(counted.kinds) {
            value[member(kind.words().many)] = count.into();
        }
        value["Versions"] = counted.versions.into();
        value["Packages"] = counted.packages.into();
        value["PackageBytes"] = counted.bytes.into();
        super::data(value, format, globals, world)?;
    } else if !root.exists() {
        writeln!(
            world.stdout,
            "The state directory {} does not exist yet.",
            shown::line(&root.display().to_string())
        )?;
    } else {
        // A kind that many states lack is mentioned only if this state has one.
        let told = KINDS.iter().zip(counted.kinds);
        let told = told.filter(|(kind, number)| *number > 0 || kind.has_versions());
        let mut looked: Vec<String> = told
            .map(|(kind, number)| match number {
                1 => format!("1 {}", kind.words().one),
                _ => format!("{number} {}", kind.words().many),
            })
            .collect();
        looked.push(count(counted.versions, "version"));
        looked.push(count(counted.packages, "package"));
        let looked = format!(
            "{}: {} ({})",
            root.display(),
            looked.join(", "),
            bytes(counted.bytes)
        );
        let verdict = match wrong {
            0 => "Nothing is wrong.".to_owned(),
            1 => "One thing is wrong.".to_owned(),
            n => format!("{n} things are wrong."),
        };
        writeln!(world.stdout, "{looked}. {verdict}")?;
    }
    Ok(u8::from(wrong > 0))
}

/// Prints findings as they are found.
struct Report<'a> {
    /// The stream for findings; `None` if they are collected as data.
    out: Option<&'a mut dyn Write>,
    progress: Progress,
    findings: Vec<Value>,
    wrong: u64,
    told: io::Result<()>,
}

impl Listener for Report<'_> {
    fn found(&mut self, finding: Finding) -> io::Result<()> {
        self.progress.clear();
        let Finding {
            problem,
            path,
            mended,
        } = finding;
        let level = problem.level();
        let is_mended = matches!(mended, Some(Ok(())));
        self.wrong += u64::from(level == Level::Wrong && !is_mended);
        let level = match level {
            Level::Wrong => "wrong",
            Level::Leftover => "leftover",
            Level::Note => "note",
        };
        let path = path.display().to_string();
        let what = words(&problem);
        let (would, did) = repair(&problem).unzip();
        let failed = match &mended {
            Some(Err(error)) => Some(plain(error)),
            _ => None,
        };
        let Some(out) = &mut self.out else {
            self.findings.push(json!({
                "Level": level,
                "Problem": name(&problem),
                "Path": path,
                "Message": what,
                "Repair": would,
                "Repaired": is_mended,
                "Error": failed,
            }));
            return Ok(());
        };
        let advice = match (would, failed) {
            (_, Some(cause)) => format!("\n          not repaired: {cause}"),
            (Some(_), None) if is_mended => format!("\n          {}", did.unwrap_or_default()),
            (Some(would), None) => format!("\n          --repair {would}"),
            (None, None) => {
                advice(&problem).map_or_else(String::new, |advice| format!("\n          {advice}"))
            }
        };
        let (path, advice) = (shown::line(&path), shown::lines(&advice));
        let told = writeln!(out, "{level:<8}  {path}: {}{advice}", shown::line(&what));
        if let Err(error) = told {
            // The error's kind is kept for the exit code, because the store only learns that the report failed.
            let kind = error.kind();
            self.told = Err(error);
            return Err(kind.into());
        }
        Ok(())
    }

    fn went_on(&mut self, counted: Counted, whole: Whole) {
        let resources = counted.kinds.iter().sum();
        let text = format!(
            "{}, {}, {} ({})",
            count(resources, "resource"),
            count(counted.versions, "version"),
            count(counted.packages, "package"),
            bytes(counted.bytes)
        );
        // Packages come last; their work is measured in bytes.
        let (done, all) = match counted.packages {
            0 => (resources, whole.resources),
            _ => (counted.bytes, whole.bytes),
        };
        self.progress.tell(&text, done, all);
    }
}

/// A kind's name as a member: `CodeSigningConfigurations`.
fn member(words: &str) -> String {
    let words = words.split(' ').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect()
}

/// The name of a problem, for scripts.
fn name(problem: &Problem) -> &'static str {
    match problem {
        Problem::Unreadable { .. } => "Unreadable",
        Problem::MissingFormat => "MissingFormat",
        Problem::Unknown => "Unknown",
        Problem::DanglingLink => "DanglingLink",
        Problem::NameClash { .. } => "NameClash",
        Problem::MissingHead => "MissingHead",
        Problem::EmptyFolder => "EmptyFolder",
        Problem::StoppedCreate => "StoppedCreate",
        Problem::Unfinished => "Unfinished",
        Problem::JournalAhead { .. } => "JournalAhead",
        Problem::JournalBehind { .. } => "JournalBehind",
        Problem::VersionAhead { .. } => "VersionAhead",
        Problem::DeletedVersion => "DeletedVersion",
        Problem::MissingVersion { .. } => "MissingVersion",
        Problem::CodeSize { .. } => "CodeSize",
        Problem::Dangling { .. } => "Dangling",
        Problem::Retired { .. } => "Retired",
        Problem::Usage { .. } => "Usage",
        Problem::MissingPackage { .. } => "MissingPackage",
        Problem::WrongHash => "WrongHash",
        Problem::Orphan { .. } => "OrphanPackage",
        Problem::Spool { .. } => "Spool",
        Problem::Trash => "Trash",
        Problem::Modes { .. } => "Modes",
        Problem::Held { .. } => "Held",
        Problem::Blind => "Blind",
    }
}

/// The problem in words.
fn words(problem: &Problem) -> String {
    match problem {
        Problem::Unreadable { cause } => cause.clone(),
        Problem::MissingFormat => "it is missing, but the directory has state".to_owned(),
        Problem::Unknown => "not a file of lambdry".to_owned(),
        Problem::DanglingLink => "a link to a file that does not exist".to_owned(),
        Problem::NameClash { other } => {
            format!("the same name as {other} on a disk that ignores upper and lower case")
        }
        Problem::MissingHead => "it is missing, so calls do not see the files beside it".to_owned(),
        Problem::StoppedCreate => {
            "its main file is missing: a stopped create left the rest".to_owned()
        }
        Problem::EmptyFolder => "an empty folder that a stopped create left".to_owned(),
        Problem::Unfinished => "a stopped write left it".to_owned(),
        Problem::JournalAhead { lines: 1 } => {
            "its last line belongs to a stopped change; the next change removes the line".to_owned()
        }
        Problem::JournalAhead { lines } => {
            format!(
                "{lines} changes are missing in the resource's main file: is that file an older copy?"
            )
        }
        Problem::JournalBehind { journal, head } => {
            format!("it ends at change {journal} of {head}, so history lacks the later changes")
        }
        Problem::VersionAhead { next: true, .. } => "a stopped publish left it".to_owned(),
        Problem::VersionAhead { last_version, .. } => {
            format!(
                "a version above the last one, {last_version}: is the resource's main file an older copy?"
            )
        }
        Problem::DeletedVersion => {
            "the version was deleted, but its file still exists".to_owned()
        }
        Problem::MissingVersion { version } => {
            format!("version {version} was published last, but versions/{version}.json is missing")
        }
        Problem::CodeSize { says, counted } => {
            format!(
                "it gives {says} bytes as the size of all its code, but the parts add up to {counted}"
            )
        }
        Problem::Dangling { from, to } => format!("{from} names {to}, which does not exist"),
        Problem::Retired { last_version } => format!(
            "an earlier resource of this name had versions up to {last_version}, but this one has fewer: numbers \
             would be used twice"
        ),
        Problem::Usage { says, counted } => format!(
            "it says {} and {} bytes of code, but there are {} and {}",
            count(says.function_count, "function"),
            says.total_code_size,
            counted.function_count,
            counted.total_code_size
        ),
        Problem::MissingPackage { by } => format!("the code of {by} is missing"),
        Problem::WrongHash => "its content does not match the hash in its name".to_owned(),
        Problem::Orphan { size } => format!(
            "no function, layer or version uses this code ({})",
            bytes(*size)
        ),
        Problem::Spool { size } => {
            format!(
                "a process was writing or removing it and has ended ({})",
                bytes(*size)
            )
        }
        Problem::Trash => "a part of something that was deleted".to_owned(),
        Problem::Modes { files: 1 } => "other users can open it".to_owned(),
        Problem::Modes { files } => {
            format!("other users can open this and {} more", files - 1)
        }
        Problem::Held { by } if by.is_empty() => "a process holds this lock".to_owned(),
        Problem::Held { by } => {
            let by: Vec<String> = by
                .iter()
                .map(|(pid, name)| format!("{pid} ({name})"))
                .collect();
            format!("process {} holds it", by.join(", "))
        }
        Problem::Blind => {
            "a file that may name one of them cannot be read, so it is unknown which of them are in use"
                .to_owned()
        }
    }
}

/// The words for a repair, before and after it is made.
fn repair(problem: &Problem) -> Option<(&'static str, &'static str)> {
    if !problem.is_mended() {
        return None;
    }
    match problem {
        Problem::MissingFormat => Some(("writes it", "written")),
        Problem::EmptyFolder
        | Problem::Unfinished
        | Problem::DeletedVersion
        | Problem::Spool { .. }
        | Problem::Trash => Some(("removes it", "removed")),
        Problem::VersionAhead { .. } | Problem::Orphan { .. } | Problem::StoppedCreate => {
            Some(("moves it to trash/", "moved to trash/"))
        }
        Problem::Usage { .. } => Some(("writes the counted values", "counted values written")),
        Problem::Modes { .. } => Some((
            "removes the access of other users",
            "access of other users removed",
        )),
        _ => None,
    }
}

/// Advice for a problem that no repair can solve.
fn advice(problem: &Problem) -> Option<&'static str> {
    match problem {
        Problem::Unreadable { .. } | Problem::MissingHead => {
            Some("restore it from a copy, or delete what cannot be saved")
        }
        Problem::MissingVersion { .. } => Some(
            "restore it from a copy; without it, the next publish makes a new version even if nothing changed",
        ),
        Problem::MissingPackage { .. } | Problem::WrongHash => {
            Some("restore it from a copy, or upload the code again")
        }
        Problem::JournalAhead { lines: 2.. } | Problem::VersionAhead { .. } => {
            Some("restore the newer copy, or move the versions above it out of the directory")
        }
        Problem::Dangling { .. } => Some("update or delete the setting that names it"),
        Problem::CodeSize { .. } => Some("correct CodeSize in the file"),
        Problem::Retired { .. } => {
            Some("raise LastVersion in the resource's main file to that number")
        }
        _ => None,
    }
}

fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
