//! The pager for answers and help, used only if stdout is a terminal.
//!
//! The first of these that is set decides: `--no-cli-pager`, `AWS_PAGER`, `cli_pager` of the profile, `PAGER`. Without
//! any, the pager is `less` (`more` on Windows). An empty value means no pager. `less` gets the options `FRX` unless
//! others are set: with them, it ends by itself if the text fits on the screen.

use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::config::Settings;
use super::exit::Stop;
use super::globals::Globals;
use super::world::{Process, World};
use crate::store::stubs::words_and_quote;

/// The pager if no setting names one.
const DEFAULT: &str = if cfg!(windows) { "more" } else { "less" };

/// The pager of an answer; `None` without a terminal, or if the pager is turned off.
pub(crate) fn of_answers(
    process: &Process,
    globals: &Globals,
    settings: &Settings,
) -> Option<Vec<String>> {
    let named = process
        .var("AWS_PAGER")
        .or_else(|| settings.get("cli_pager"))
        .or_else(|| process.var("PAGER"))
        .unwrap_or(DEFAULT);
    (process.stdout_is_terminal && globals.pages)
        .then(|| words_and_quote(named).0)
        .filter(|words| !words.is_empty())
}

/// The pager of a help page; `None` without a terminal. The variable is `MANPAGER` instead of `AWS_PAGER`.
pub(crate) fn of_help(process: &Process) -> Option<Vec<String>> {
    let named = process
        .var("MANPAGER")
        .or_else(|| process.var("PAGER"))
        .unwrap_or(DEFAULT);
    process
        .stdout_is_terminal
        .then(|| words_and_quote(named).0)
        .filter(|words| !words.is_empty())
}

/// The pager for the pictures of our own commands: `PAGER`, or else `less` if it is installed. `None` without a
/// terminal, and if the pager is turned off.
pub(crate) fn of_pictures(process: &Process, globals: &Globals) -> Option<Vec<String>> {
    let is_there = |program: &str| {
        let path = process.var("PATH").unwrap_or_default();
        std::env::split_paths(path).any(|folder| folder.join(program).is_file())
    };
    let named = match process.var("PAGER") {
        Some(named) => named,
        None if cfg!(windows) || is_there(DEFAULT) => DEFAULT,
        None => "",
    };
    (process.stdout_is_terminal && globals.pages)
        .then(|| words_and_quote(named).0)
        .filter(|words| !words.is_empty())
}

/// Lets `print` write to the pager, or to stdout without one. The pager starts when the first byte is printed. So it
/// does not start if nothing is printed, and the error of a pager that cannot start comes after the call.
///
/// # Errors
/// A pager that does not start, and errors of `print`.
pub(crate) fn through(
    pager: Option<Vec<String>>,
    world: &mut World<'_>,
    print: impl FnOnce(&mut dyn Write) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let Some((program, arguments)) = pager.as_deref().and_then(<[String]>::split_first) else {
        return print(world.stdout);
    };
    // The pager writes to the same terminal, so earlier output must be written first.
    world.stdout.flush()?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    if world.process.var("LESS").is_none() {
        command.env("LESS", "FRX");
    }
    let mut out = Paged {
        command,
        child: None,
        refused: None,
    };
    let printed = print(&mut out).and_then(|()| Ok(out.flush()?));
    if let Some(error) = out.refused {
        return Err(Stop::Configuration(
            "Pager",
            format!(
                "Unable to redirect output to pager. Received the following error when opening pager:\n{}\n\nLearn \
                 more about configuring the output pager by running \"aws help config-vars\".",
                super::paramfile::os_error(&error, program)
            ),
        ));
    }
    if let Some((mut child, stdin)) = out.child {
        // Closing stdin tells the pager that the text has ended.
        drop(stdin);
        child.wait()?;
    }
    match printed {
        // Leaving the pager early is not an error.
        Err(Stop::PipeClosed) => Ok(()),
        printed => printed,
    }
}

/// A pager that starts at the first write.
struct Paged {
    command: Command,
    child: Option<(Child, io::BufWriter<ChildStdin>)>,
    /// The error of a pager that could not be started.
    refused: Option<io::Error>,
}

impl Paged {
    fn start(&mut self) -> io::Result<&mut io::BufWriter<ChildStdin>> {
        if self.child.is_none() {
            let mut child = match self.command.spawn() {
                Ok(child) => child,
                Err(error) => {
                    self.refused = Some(error);
                    return Err(io::ErrorKind::BrokenPipe.into());
                }
            };
            let stdin = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
            self.child = Some((child, io::BufWriter::new(stdin)));
        }
        let (_, stdin) = self.child.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(stdin)
    }
}

impl Write for Paged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match bytes {
            [] => Ok(0),
            bytes => self.start()?.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.child {
            Some((_, stdin)) => stdin.flush(),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::fixtures::process;

    fn pager(env: &[(&str, &str)], config: &str, pages: bool) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config");
        std::fs::write(&path, config).unwrap();
        let mut process = process(env, dir.path());
        process.stdout_is_terminal = true;
        let globals = Globals {
            pages,
            ..Globals::default()
        };
        let settings = Settings::load(&process, &globals, Some(path)).unwrap();
        let found = of_answers(&process, &globals, &settings);
        process.stdout_is_terminal = false;
        assert_eq!(of_answers(&process, &globals, &settings), None);
        found.map(|words| words.join("|"))
    }

    #[test]
    fn finds_the_pager_in_order() {
        let set = "[default]\ncli_pager = most\n";
        assert_eq!(pager(&[], "", true).as_deref(), Some(DEFAULT));
        assert_eq!(
            pager(&[("PAGER", "more")], "", true).as_deref(),
            Some("more")
        );
        assert_eq!(
            pager(&[("PAGER", "more")], set, true).as_deref(),
            Some("most")
        );
        assert_eq!(
            pager(&[("AWS_PAGER", "sh -c 'cat -n'")], set, true).as_deref(),
            Some("sh|-c|cat -n")
        );
        assert_eq!(pager(&[("AWS_PAGER", "")], set, true), None);
        assert_eq!(pager(&[], "[default]\ncli_pager =\n", true), None);
        assert_eq!(pager(&[("AWS_PAGER", "less")], "", false), None);
    }

    #[cfg(unix)]
    #[test]
    fn hands_the_answer_to_the_pager() {
        let dir = tempfile::tempdir().unwrap();
        let (mut stdin, mut stdout, mut stderr) = (io::empty(), Vec::new(), Vec::new());
        let mut world = World {
            process: process(&[], dir.path()),
            stdin: &mut stdin,
            stdout: &mut stdout,
            stderr: &mut stderr,
            sleep: &|_| (),
        };
        let file = dir.path().join("seen");
        let command = format!(
            "sh -c 'echo $LESS > \"$0\"; cat >> \"$0\"' {}",
            file.display()
        );
        let print = |out: &mut dyn Write| Ok(out.write_all(b"answer\n")?);
        through(Some(words_and_quote(&command).0), &mut world, print).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "FRX\nanswer\n");
        let Err(Stop::Configuration("Pager", text)) =
            through(Some(words_and_quote("nosuchpager").0), &mut world, print)
        else {
            panic!("started")
        };
        assert!(
            text.contains("\n[Errno 2] No such file or directory: 'nosuchpager'\n"),
            "{text}"
        );
        // The pager does not start if nothing is printed.
        through(Some(words_and_quote("nosuchpager").0), &mut world, |_| {
            Ok(())
        })
        .unwrap();
        let refused = Stop::Other("refused".to_owned());
        let fail = |_: &mut dyn Write| Err(refused.clone());
        assert_eq!(
            through(Some(words_and_quote("nosuchpager").0), &mut world, fail),
            Err(refused.clone())
        );
        through(None, &mut world, print).unwrap();
        assert_eq!(stdout, b"answer\n");
    }
}
