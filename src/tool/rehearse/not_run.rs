//! The error for a command that could not be started, with the line that would start the command.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use crate::{face::exit::Stop, state::plain::plain, tool::typed::Shell};

/// The error for a command that the system refused to start. The hint names the file.
pub(super) fn stop(command: &[String], cwd: &Path, typed: Shell, error: &io::Error) -> Stop {
    let program = command.first().map(String::as_str).unwrap_or_default();
    let message = format!("cannot run {program}: {}", plain(error));
    match hint(command, cwd, typed, error.kind()) {
        Some(hint) => Stop::Store(message, Some(hint)),
        None => Stop::Other(message),
    }
}

fn hint(command: &[String], cwd: &Path, typed: Shell, kind: io::ErrorKind) -> Option<String> {
    let (program, rest) = command.split_first()?;
    let path = cwd.join(program);
    // For the system, a word with a slash is a path. The system searches any other word on PATH.
    let is_path = program.contains('/');
    let line = |words: &[&str]| {
        let words = words.iter().copied().chain(rest.iter().map(String::as_str));
        let words: Vec<String> = words.map(|word| typed.quoted(word)).collect();
        format!("lambdry rehearse -- {}", words.join(" "))
    };
    Some(match kind {
        io::ErrorKind::NotFound if is_path && path.is_file() => match interpreter(&path) {
            Some(named) => format!("its first line names {named}, which this machine does not have"),
            None => "this machine lacks a file that it needs to start".to_owned(),
        },
        io::ErrorKind::NotFound if !is_path && path.is_file() => {
            format!("write the path of a file in this folder: {}", line(&[&format!("./{program}")]))
        }
        io::ErrorKind::NotFound if program.contains(char::is_whitespace) => {
            "write the command and its words without quotes around all of them: lambdry rehearse -- ./deploy.sh prod".to_owned()
        }
        io::ErrorKind::NotFound => {
            "rehearse needs a command line, for example: lambdry rehearse -- ./deploy.sh prod".to_owned()
        }
        io::ErrorKind::PermissionDenied if path.is_dir() => "it is a directory".to_owned(),
        io::ErrorKind::PermissionDenied => {
            let named = interpreter(&path);
            let shell = named.as_deref().and_then(|named| {
                let words = named.split_whitespace();
                let names = words.filter_map(|word| word.rsplit('/').next());
                names.filter(|name| *name != "env").find(|name| !name.starts_with('-'))
            });
            let file = typed.quoted(program);
            let through = line(&[shell.unwrap_or("bash"), program]);
            let has_bit = path.metadata().is_ok_and(|file| file.permissions().mode() & 0o111 != 0);
            match has_bit {
                false => format!(
                    "{file} is not executable: run chmod +x {file}, or run it with its shell: {through}"
                ),
                true => format!("run it with its shell: {through}"),
            }
        }
        _ => return None,
    })
}

/// The program that the `#!` in a script's first line names, with the words that follow it.
fn interpreter(path: &Path) -> Option<String> {
    let mut first = Vec::new();
    let start = BufReader::new(File::open(path).ok()?);
    start.take(256).read_until(b'\n', &mut first).ok()?;
    let named = String::from_utf8(first).ok()?;
    let named = named.strip_prefix("#!")?.trim();
    (!named.is_empty()).then(|| named.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn names_the_file_that_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let cwd = folder.path();
        let hint = |words: &[&str], kind: io::ErrorKind| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            hint(&words, cwd, Shell::Sh, kind).unwrap_or_default()
        };
        fs::write(cwd.join("release it.sh"), "#!/usr/bin/env -S zsh -e\n").unwrap();
        fs::write(cwd.join("go.sh"), "aws sts get-caller-identity\n").unwrap();
        fs::write(cwd.join("gone.sh"), "#!/opt/no/such/shell\n").unwrap();
        let denied = io::ErrorKind::PermissionDenied;
        assert_eq!(
            hint(&["./release it.sh", "prod eu"], denied),
            "'./release it.sh' is not executable: run chmod +x './release it.sh', or run it with its shell: \
             lambdry rehearse -- zsh './release it.sh' 'prod eu'"
        );
        assert_eq!(
            hint(&["./go.sh"], denied),
            "./go.sh is not executable: run chmod +x ./go.sh, or run it with its shell: lambdry rehearse -- \
             bash ./go.sh"
        );
        assert_eq!(hint(&["."], denied), "it is a directory");
        let missing = io::ErrorKind::NotFound;
        assert_eq!(
            hint(&["go.sh", "prod"], missing),
            "write the path of a file in this folder: lambdry rehearse -- ./go.sh prod"
        );
        assert_eq!(
            hint(&["./gone.sh"], missing),
            "its first line names /opt/no/such/shell, which this machine does not have"
        );
        assert!(hint(&["./go.sh prod"], missing).contains("without quotes"));
        assert!(hint(&["nosuch"], missing).contains("needs a command line"));
        assert_eq!(hint(&["./go.sh"], io::ErrorKind::OutOfMemory), "");
    }
}
