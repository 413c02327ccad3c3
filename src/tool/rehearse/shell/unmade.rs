//! Calls in a script's text that were not made, because they are in a branch that was not taken, in a function that was
//! not called, or on lines after the script's end.
//!
//! lambdry looks for them in the script, in the files that the script sources and in the files that made a call. Three
//! things do not count: a command that only names `aws` (`echo aws …`, a wrapper's `aws "$@"`), a function that nothing
//! calls, and a line that may have made a call.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{
    Because, Unmade,
    attention::Scripts,
    script::{Around, Script, Site},
};
use crate::{
    face::is_service,
    tool::rehearse::{
        calls::{Call, ScriptLine},
        place,
    },
};

/// The names of the programs whose calls are searched.
const PROGRAMS: [&str; 2] = ["aws", "awslocal"];

/// The largest number of files that are read.
const MOST: usize = 50;

/// The calls in the text of a command and of its sourced files that were not made. `code` is the script's exit code.
pub(crate) fn of(
    command: &[String],
    cwd: &Path,
    calls: &[Call],
    code: Option<i32>,
    scripts: &mut Scripts,
) -> Vec<Unmade> {
    let files = files(command, cwd, calls, scripts);
    let reached = reached(&files, scripts);
    let last = calls.last().filter(|_| code.is_some_and(|code| code != 0));
    let last = last.and_then(|call| call.place.as_ref());
    let mut functions = BTreeSet::new();
    for file in &files {
        let script = scripts.of(file);
        let of = script.into_iter().flat_map(Script::functions);
        functions.extend(of.map(str::to_owned));
    }
    let mut unmade = Vec::new();
    for file in &files {
        let Some(script) = scripts.of(file) else {
            continue;
        };
        for site in PROGRAMS.iter().flat_map(|name| script.sites(name)) {
            let stands = site.stands;
            let words: Vec<&str> = PROGRAMS
                .iter()
                .map(|name| stands.operation(name).collect::<Vec<_>>())
                .find(|words| !words.is_empty())
                .unwrap_or_default();
            let is_call = words.first().is_some_and(|word| is_service(word))
                && site.calls(&functions)
                && leads_here(&site, &reached);
            let place = ScriptLine {
                file: file.clone(),
                line: script.line_of(site.start),
            };
            let is_made = |call: &Call| {
                call.place.as_ref().is_none_or(|it| *it == place)
                    && words
                        .iter()
                        .all(|word| call.words.iter().any(|it| it == word))
            };
            if !is_call || calls.iter().any(is_made) {
                continue;
            }
            let is_plain = stands.function.is_none() && !stands.around.contains(&Around::Branch);
            let is_behind = last.is_some_and(|last| last.file == *file && last.line < place.line);
            unmade.push(Unmade {
                operation: words.join(" "),
                because: match is_plain && is_behind {
                    true => Because::TheScriptEnded,
                    false => Because::OfABranch,
                },
                place,
            });
        }
    }
    unmade.sort_by(|one, other| {
        let key = |it: &Unmade| (it.place.file.clone(), it.place.line);
        key(one).cmp(&key(other))
    });
    unmade.dedup();
    unmade
}

/// Returns true if the call can be reached: it is outside of all functions, or something calls its function.
fn leads_here(site: &Site<'_>, reached: &Option<BTreeSet<String>>) -> bool {
    match (&site.stands.function, reached) {
        (Some(function), Some(reached)) => reached.contains(function),
        _ => true,
    }
}

/// The shell scripts of a run.
fn files(command: &[String], cwd: &Path, calls: &[Call], scripts: &mut Scripts) -> Vec<PathBuf> {
    let words = command.iter().map(|word| cwd.join(word));
    let main = words.filter(|file| is_shell(file)).take(1);
    let called = calls
        .iter()
        .filter_map(|call| call.caller.as_ref()?.script.clone());
    let mut open: Vec<PathBuf> = main
        .chain(called)
        .map(|file| super::super::run::whole(&file))
        .collect();
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(file) = open.pop() {
        if files.contains(&file) || files.len() >= MOST {
            continue;
        }
        if let Some(script) = scripts.of(&file) {
            let taken_in = script.taken_in();
            let taken_in = taken_in.filter_map(|name| place::taken_in(&file, name));
            open.extend(taken_in.map(|file| super::super::run::whole(&file)));
            files.push(file);
        }
    }
    files
}

/// Returns true if the file's first line or its name shows that it is a shell script.
fn is_shell(file: &Path) -> bool {
    let Some(text) = super::super::bypass::text_of(file) else {
        return false;
    };
    let first = text.lines().next().unwrap_or_default();
    let ends = file
        .extension()
        .is_some_and(|it| it == "sh" || it == "bash");
    match first.strip_prefix("#!") {
        Some(program) => program
            .split(['/', ' '])
            .any(|word| matches!(word, "sh" | "bash" | "dash" | "ksh" | "zsh" | "ash")),
        None => ends,
    }
}

/// The functions that something calls; `None` if the script computes a command's name (`"$1"`), because any function
/// may then be called.
fn reached(files: &[PathBuf], scripts: &mut Scripts) -> Option<BTreeSet<String>> {
    let mut open: Vec<String> = Vec::new();
    let mut named: Vec<(Option<String>, String)> = Vec::new();
    for file in files {
        let script: &Script = scripts.of(file)?;
        if script
            .commands
            .iter()
            .any(|command| command.name() == Some("") || command.dispatches())
        {
            return None;
        }
        for command in &script.commands {
            for word in command.plain_words() {
                named.push((command.function.clone(), word.to_owned()));
            }
        }
    }
    open.extend(
        named
            .iter()
            .filter(|(from, _)| from.is_none())
            .map(|(_, word)| word.clone()),
    );
    let mut reached = BTreeSet::new();
    while let Some(name) = open.pop() {
        if reached.insert(name.clone()) {
            let from = named
                .iter()
                .filter(|(from, _)| from.as_ref() == Some(&name));
            open.extend(from.map(|(_, word)| word.clone()));
        }
    }
    Some(reached)
}
