//! Plays a release step by step for a reader to watch. A sentence explains each event and its reason.
//!
//! Every command that is shown is really run, as `aws`, in a state directory that belongs to the tour. The clock moves
//! one second for each command, and ids come from a seed, so every tour has the same text.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};

use super::{desk, page::wrapped};
use crate::{
    face::{
        Globals, Own,
        exit::Stop,
        pager,
        world::{Process, World},
    },
    state::plain::plain,
    store::stubs::words_and_quote,
    tool::{backend, captured, typed::Shell},
};

/// Plays the release, in a directory that is kept if the user named it.
pub(super) fn watch(
    pause: bool,
    pager: Option<Vec<String>>,
    state_dir: Option<PathBuf>,
    globals: &Globals,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    // The temporary folder is deleted when the tour ends, for any reason.
    let folder = tempfile::Builder::new()
        .prefix("lambdry-tour-")
        .tempdir()
        .map_err(|error| {
            Stop::Store(
                format!("cannot make a directory for the tour: {}", plain(&error)),
                Some("TMPDIR names the directory in which it is made".to_owned()),
            )
        })?;
    let named = state_dir
        .map(|path| path.to_string_lossy().into_owned())
        .or_else(|| globals.own.state_dir.clone());
    let named = match named {
        // `backend::root` resolves the path. In a rehearsal, that function never returns the rehearsed state itself.
        Some(path) => Some(backend::root(
            &world.process,
            &Own {
                state_dir: Some(path),
                ..Own::default()
            },
        )?),
        None => None,
    };
    if let Some(path) = &named {
        refuse_a_full_directory(path)?;
    }
    let place = TourFolder {
        state: named.clone().unwrap_or_else(|| folder.path().join("state")),
        folder: folder.path().to_owned(),
        width: world.process.width.clamp(40, 80),
        color: crate::tool::color(globals, &world.process),
    };
    if pager.is_some() {
        pager::through(pager, world, |out| {
            release(&mut Play::new(place, out, None), named.as_deref())
        })?;
    } else {
        let reader = Reader {
            keys: world.stdin,
            prompts: world.stderr,
        };
        let mut play = Play::new(place, world.stdout, pause.then_some(reader));
        release(&mut play, named.as_deref())?;
    }
    Ok(0)
}

/// Refuses a directory that is not empty, because the tour must not change a user's own functions.
fn refuse_a_full_directory(path: &Path) -> Result<(), Stop> {
    match fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(false) => Err(Stop::Store(
            format!(
                "the tour needs an empty directory, but {} is not empty",
                path.display()
            ),
            Some("choose a directory that does not exist yet, or leave --state-dir out".to_owned()),
        )),
        Err(error) => Err(Stop::Other(format!(
            "cannot read {}: {}",
            path.display(),
            plain(&error)
        ))),
    }
}

/// The play.
fn release(play: &mut Play<'_>, kept: Option<&Path>) -> Result<(), Stop> {
    play.say(
        "This is a release of one Lambda function, as a deploy script would make it. The commands are those of the \
         AWS command line, and each one really runs while you read it. lambdry answers them from plain files. The \
         option `--query` selects the part of each answer that matters.",
    )?;

    play.step("Create a function")?;
    play.zip(
        "one.zip",
        "def handler(event, context):\n    return 'one'\n",
    )?;
    play.run(&format!(
        "{} --query '{{Version: Version, State: State}}'",
        super::CREATE
    ))?;
    play.say(
        "The copy that you edit is called `$LATEST`. The call is answered, but not finished: the function is \
         `Pending` while Lambda prepares it, which takes some seconds.",
    )?;

    play.step("Publish too early")?;
    play.refused("publish-version --function-name hello")?;
    play.say(
        "Until the function is ready, Lambda refuses changes. This error breaks most deploy scripts, but only \
         sometimes: it depends on how fast they are. Exit code 254 means that the service refused.",
    )?;

    play.step("Wait, then publish")?;
    play.run("wait function-active-v2 --function-name hello")?;
    play.run("publish-version --function-name hello --description 'the first' --query '{Version: Version, \
         CodeSha256: CodeSha256}'")?;
    play.say(
        "`wait` prints nothing and returns when the function is ready. Version 1 is a frozen copy of `$LATEST`: code \
         and configuration under a number that never changes and is never used again.",
    )?;

    play.step("Publish again")?;
    play.run("publish-version --function-name hello --query Version")?;
    play.say(
        "Still 1. Nothing in `$LATEST` differs from the last version, so the publish answers that version and makes \
         no new one. A pipeline may publish on every run without filling the account.",
    )?;

    play.step("Update the code")?;
    play.zip(
        "two.zip",
        "def handler(event, context):\n    return 'two'\n",
    )?;
    play.run("update-function-code --function-name hello --zip-file fileb://two.zip --query '{CodeSha256: \
         CodeSha256, LastUpdateStatus: LastUpdateStatus}'")?;
    play.run("wait function-updated-v2 --function-name hello")?;
    play.run("publish-version --function-name hello --description 'the second' --query '{Version: Version, \
         CodeSha256: CodeSha256}'")?;
    play.say(
        "An update takes time too: `InProgress` is the second state to wait for. The code has another hash, so this \
         time there is something to publish.",
    )?;
    play.run("list-versions-by-function --function-name hello --query 'Versions[].[Version, Description, \
         CodeSha256]' --output table")?;

    play.step("Give clients a name")?;
    play.run(
        "create-alias --function-name hello --name live --function-version 1 --query '{AliasArn: \
         AliasArn, FunctionVersion: FunctionVersion}'",
    )?;
    play.say(
        "An alias is a pointer. Clients call `hello:live` and never need a number. You decide which version that is.",
    )?;

    play.step("Send a tenth of the traffic to version 2")?;
    play.run("update-alias --function-name hello --name live --routing-config \
         AdditionalVersionWeights={2=0.1} --query '{FunctionVersion: FunctionVersion, RoutingConfig: \
         RoutingConfig}'")?;
    play.say(
        "This is a weighted alias: 10 % of the calls go to version 2, the rest to version 1. Watch the errors of the \
         new version before everybody gets it.",
    )?;

    play.step("Promote version 2")?;
    play.run("update-alias --function-name hello --name live --function-version 2 --routing-config \
         AdditionalVersionWeights={} --query '{FunctionVersion: FunctionVersion, RoutingConfig: RoutingConfig}'")?;
    play.say(
        "One call moves the pointer and removes the weight. Without `--routing-config` the weight would stay: an \
         alias keeps every setting that an update does not name.",
    )?;

    play.step("Roll back")?;
    play.run("update-alias --function-name hello --name live --function-version 1 --query FunctionVersion")?;
    play.say(
        "Nothing is uploaded and nothing is built: version 1 has not changed. An alias also needs no wait. This is \
         why releases move aliases and not `$LATEST`.",
    )?;

    play.step("Two people deploy at once")?;
    let seen = play
        .run("get-function-configuration --function-name hello --query RevisionId --output text")?;
    play.say("Ann looks at `$LATEST` and notes its `RevisionId`. Then Ben changes the function:")?;
    play.run(
        "update-function-configuration --function-name hello --timeout 30 --query LastUpdateStatus",
    )?;
    play.run("wait function-updated-v2 --function-name hello")?;
    play.say("Ann publishes what she has tested, and passes the `RevisionId` that she noted:")?;
    let guarded = "publish-version --function-name hello --revision-id";
    play.refused(&format!("{guarded} {}", seen.trim_end()))?;
    play.say(
        "Every change brings a new `RevisionId`. With the guard, Ann learns that `$LATEST` has changed. Without it \
         she would have released Ben's change untested. The end of an update counts as a change too: read the \
         `RevisionId` after the wait.",
    )?;

    if kept.is_none() {
        play.step("Clean up")?;
        play.refused("delete-function --function-name hello --qualifier 1")?;
        play.say("Lambda does not delete a version that an alias uses. But it deletes a whole function, with all its \
            aliases:")?;
        play.run("delete-function --function-name hello")?;
    }
    play.end(kept)
}

/// A tour in progress.
struct Play<'w> {
    out: &'w mut dyn Write,
    place: TourFolder,
    /// The reader, who decides when the tour goes on.
    pause: Option<Reader<'w>>,
    steps: usize,
    commands: i64,
}

/// The folders of a tour, and its appearance.
struct TourFolder {
    /// The folder of the state.
    state: PathBuf,
    /// The folder of the zips, in which the commands run.
    folder: PathBuf,
    width: usize,
    color: bool,
}

/// A reader at a terminal.
struct Reader<'w> {
    keys: &'w mut dyn Read,
    prompts: &'w mut dyn Write,
}

impl<'w> Play<'w> {
    fn new(place: TourFolder, out: &'w mut dyn Write, pause: Option<Reader<'w>>) -> Self {
        Self {
            out,
            place,
            pause,
            steps: 0,
            commands: 0,
        }
    }

    fn paint(&self, style: &str, text: &str) -> String {
        if self.place.color {
            format!("\x1b[{style}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Begins a step when the reader has finished the step before.
    fn step(&mut self, title: &str) -> Result<(), Stop> {
        self.go_on()?;
        self.steps += 1;
        let title = self.paint("1", &format!("{}. {title}", self.steps));
        Ok(writeln!(self.out, "\n{title}")?)
    }

    /// Waits for the reader, if the tour pauses between its steps.
    fn go_on(&mut self) -> Result<(), Stop> {
        if let Some(reader) = &mut self.pause {
            self.out.flush()?;
            write!(reader.prompts, "\nPress Enter to go on. ")?;
            reader.prompts.flush()?;
            let mut byte = [0];
            while reader.keys.read(&mut byte)? == 1 && byte != *b"\n" {}
        }
        Ok(())
    }

    /// Writes a paragraph, with a blank line before it unless it is the first.
    fn say(&mut self, text: &str) -> Result<(), Stop> {
        if self.steps > 0 {
            writeln!(self.out)?;
        }
        Ok(writeln!(
            self.out,
            "{}",
            wrapped(text, self.place.width, "", self.place.color)
        )?)
    }

    /// Makes a package with one file.
    fn zip(&self, name: &str, code: &str) -> Result<(), Stop> {
        desk::write_zip(&self.place.folder.join(name), code)
    }

    /// Shows a command and its answer. Returns the answer.
    fn run(&mut self, line: &str) -> Result<String, Stop> {
        self.call(line, 0)
    }

    /// Shows a command that the service refuses.
    fn refused(&mut self, line: &str) -> Result<(), Stop> {
        self.call(line, 254).map(drop)
    }

    fn call(&mut self, line: &str, expected: u8) -> Result<String, Stop> {
        let command = self.paint(
            "36",
            &Shell::Sh.command("$ aws lambda", line, self.place.width),
        );
        writeln!(self.out, "\n{command}")?;
        let process = self.process(line);
        self.commands += 1;
        let (code, answer, said) = captured(process, &[]);
        write!(self.out, "{answer}")?;
        if !said.is_empty() {
            let said = self.paint("31", said.trim());
            writeln!(self.out, "{said}")?;
        }
        if code == expected {
            Ok(answer)
        } else {
            Err(Stop::Other(format!(
                "the tour stops here: that command should have ended with {expected} and ended with {code}"
            )))
        }
    }

    /// The process of the command, without this process's environment.
    fn process(&self, line: &str) -> Process {
        let start = Timestamp::constant(1_795_348_800, 0);
        let now = start
            .checked_add(SignedDuration::from_secs(self.commands))
            .unwrap_or(start);
        let env = [
            ("LAMBDRY_STATE_DIR", self.place.state.as_os_str().to_owned()),
            ("LAMBDRY_NOW", now.to_string().into()),
            ("LAMBDRY_SEED", "tour".into()),
            // This is longer than the tour, so a change completes only when a command waits for it.
            ("LAMBDRY_SETTLE", "3600s".into()),
            ("AWS_REGION", "us-east-1".into()),
        ];
        Process {
            program: "aws".to_owned(),
            args: words_and_quote(&format!("lambda {line}"))
                .0
                .into_iter()
                .map(Into::into)
                .collect(),
            env: env
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
            cwd: self.place.folder.clone(),
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            width: self.place.width,
        }
    }

    /// Shows what the reader can do next.
    fn end(&mut self, kept: Option<&Path>) -> Result<(), Stop> {
        self.go_on()?;
        self.say(
            "That was the release. Nothing left this machine: lambdry opened no connection, read no credentials, and \
             used no AWS account.",
        )?;
        let state = kept.map(|path| Shell::Sh.quoted(&path.to_string_lossy()));
        if let Some(state) = &state {
            self.say("All files are still there:")?;
            writeln!(self.out, "  lambdry --state-dir {state}")?;
            writeln!(self.out, "  find {state} -type f")?;
        }
        write!(
            self.out,
            "\n\
             Next steps:\n  \
             lambdry rehearse -- ./deploy.sh    your own script, on a copy of your state\n  \
             lambdry tour list                  lessons to do yourself\n  \
             lambdry                            your own state directory\n  \
             lambdry help                       every option and command\n"
        )?;
        self.say(
            "A rehearsal changes nothing. It says where and why the script would break in production.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(words: &[&str], cwd: &Path, stdin: &[u8]) -> (u8, String, String) {
        let process = Process {
            program: "lambdry".to_owned(),
            args: words.iter().map(Into::into).collect(),
            cwd: cwd.to_owned(),
            width: 80,
            ..Process::default()
        };
        captured(process, stdin)
    }

    #[test]
    fn waits_for_enter_when_asked_and_says_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let (code, plain, silent) = played(&["tour"], folder.path(), b"");
        assert_eq!((code, silent.as_str()), (0, ""));
        let enters = [b'\n'; 20];
        let (code, paused, prompts) = played(&["tour", "--pause"], folder.path(), &enters);
        assert_eq!((code, paused == plain), (0, true));
        assert_eq!(prompts.matches("Press Enter to go on.").count(), 12);
        let left = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 0, "nothing is left where it was called");
    }

    #[test]
    fn keeps_a_named_directory_and_never_plays_in_a_full_one() {
        let folder = tempfile::tempdir().expect("a folder");
        for words in [["tour", "--state-dir", "a"], ["--state-dir", "b", "tour"]] {
            let (code, text, _) = played(&words, folder.path(), b"");
            assert_eq!(code, 0);
            assert!(!text.contains("Clean up"));
            let state = folder
                .path()
                .join(words.iter().find(|word| word.len() == 1).expect("one"));
            assert!(
                state
                    .join("123456789012/us-east-1/functions/hello/versions/2.json")
                    .is_file()
            );
            let (code, text, error) = played(&words, folder.path(), b"");
            assert_eq!((code, text.as_str()), (255, ""));
            assert!(error.contains("is not empty"), "{error}");
        }
    }

    #[test]
    fn colours_what_was_asked_for_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let (_, plain, _) = played(&["tour"], folder.path(), b"");
        let (_, colored, _) = played(&["--color", "on", "tour"], folder.path(), b"");
        assert!(!plain.contains('\x1b') && colored.contains("\x1b[1m1. Create"));
    }
}
