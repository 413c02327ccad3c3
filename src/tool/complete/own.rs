//! Candidates on the command line of one of lambdry's own commands.

use clap::builder::ValueHint;

use crate::{face::world::Process, state::arn::FunctionRef, store::kind::KINDS};

use super::{
    super::{Command, rehearse::report::FORMATS},
    Candidate,
    files::files,
    line::TypedLine,
    plain,
};

/// Candidates for a version or an alias of a function: `pay:live`, or `:live` if an earlier word names the function.
fn sides(line: &TypedLine<'_>, named: Option<&String>, current: &str) -> Vec<Candidate> {
    let (name, _) = current.split_once(':').unwrap_or((current, ""));
    let function = match (name, named) {
        ("", Some(named)) => named.split(':').next().unwrap_or_default(),
        (name, _) => name,
    };
    let mut found = line.qualifiers_of(FunctionRef::parse(function), true, true);
    for candidate in &mut found {
        candidate.word.insert_str(0, &format!("{name}:"));
    }
    found.retain(|candidate| candidate.word.starts_with(current));
    found
}

/// Candidates for `--report`: its forms, and files after a form. `None` if the word is not a value of this option.
fn reports(
    process: &Process,
    own: &Command,
    open: Option<&clap::Arg>,
    current: &str,
) -> Option<Vec<Candidate>> {
    let (before, value) = match open {
        Some(arg) if arg.get_id() == "report" => ("", current),
        None => ("--report=", current.strip_prefix("--report=")?),
        _ => return None,
    };
    if own.name != "rehearse" {
        return None;
    }
    let forms: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    let mut found = match value.split_once('=') {
        Some((form, file)) => {
            let mut found = files(process, "", file, false);
            for candidate in &mut found {
                candidate.word.insert_str(0, &format!("{form}="));
            }
            found
        }
        None => plain(&forms),
    };
    for candidate in &mut found {
        candidate.word.insert_str(0, before);
    }
    found.retain(|candidate| candidate.word.starts_with(current));
    Some(found)
}

/// Candidates on the command line of one of lambdry's own commands. They come from the clap command.
pub(super) fn candidates(
    line: &TypedLine<'_>,
    own: &Command,
    before: &[String],
    current: &str,
) -> Vec<Candidate> {
    let process = line.process;
    let mut command = (own.options)();
    command.build();
    let mut command = &command;
    let mut open: Option<&clap::Arg> = None;
    let mut positionals = 0;
    let by_name = |command: &'_ clap::Command, word: &str| {
        command.get_arguments().position(|arg| {
            arg.get_long()
                .is_some_and(|long| word == format!("--{long}"))
        })
    };
    if before.iter().any(|word| word == "--") {
        // After `--` comes a command of the user, so files are offered.
        return files(process, "", current, false);
    }
    for word in before {
        if let Some(at) = by_name(command, word) {
            open = command
                .get_arguments()
                .nth(at)
                .filter(|arg| arg.get_action().takes_values());
        } else if open.take().is_some() || word.starts_with('-') {
        } else if let Some(sub) = command.find_subcommand(word) {
            (command, positionals) = (sub, 0);
        } else {
            positionals += 1;
        }
    }
    let next = open.or_else(|| command.get_positionals().nth(positionals));
    let mut found = Vec::new();
    if own.name == "diff" && open.is_none() && current.contains(':') {
        let named = before.iter().find(|word| !word.starts_with('-'));
        return sides(line, named, current);
    }
    if let Some(reports) = reports(process, own, open, current) {
        return reports;
    }
    if current.starts_with('-') && open.is_none() {
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let about = arg.get_help().map(ToString::to_string).unwrap_or_default();
            found.extend(
                arg.get_long()
                    .map(|long| Candidate::new(format!("--{long}"), &about)),
            );
        }
    } else {
        if open.is_none() {
            for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
                let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
                found.push(Candidate::new(sub.get_name(), &about));
            }
        }
        if let Some(arg) = next {
            for value in arg
                .get_possible_values()
                .iter()
                .filter(|value| !value.is_hide_set())
            {
                let about = value
                    .get_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                found.push(Candidate::new(value.get_name(), &about));
            }
            let named = arg.get_value_names().and_then(|names| names.first());
            let kind = |name: &str| KINDS.iter().find(|kind| kind.words().one == name);
            let named = named.and_then(|name| kind(&name.to_lowercase()));
            if let Some(kind) = named {
                found.extend(line.resources(*kind));
            }
            match arg.get_value_hint() {
                ValueHint::DirPath => found.extend(files(process, "", current, true)),
                ValueHint::AnyPath | ValueHint::FilePath => {
                    found.extend(files(process, "", current, false));
                }
                _ => {}
            }
        }
    }
    found.retain(|candidate| {
        candidate.word.starts_with(current) && !candidate.word.contains(char::is_control)
    });
    found
}
