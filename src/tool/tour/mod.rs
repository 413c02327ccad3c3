//! `lambdry tour`: a release to watch, and lessons to do.
//!
//! A lesson has a folder, a state and a clock of its own. The learner types real calls, each of which takes a minute on
//! that clock. `tour check` reads the state as every call does. It lists the conditions that hold and those that do not
//! hold yet. `tour reset` starts over. Moments and ids are the same for everybody. Each lesson has a file that holds
//! its text and its checks as data.

mod aliases;
mod clean_up;
mod desk;
mod export;
mod guards;
mod in_progress;
pub mod lesson;
mod look;
mod mappings;
mod mend;
mod page;
mod progress;
mod release;
mod versions;
mod watch;
mod weights;

use std::path::PathBuf;

use clap::{CommandFactory as _, Parser, builder::PossibleValue};

use crate::{
    face::{Globals, Settings, exit::Stop, pager, world::World},
    tool::typed::Shell,
};
use desk::Desk;
use lesson::LESSONS;
use page::Page;

/// The command's description, in a sentence.
pub(super) const ABOUT: &str = "Plays a release to watch, or gives you a lesson to do.";

/// The function of the lessons, with one.zip as its code.
const CREATE: &str = "create-function --function-name hello --runtime python3.13 --handler app.handler --role \
     arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip";

/// Makes version 1 with one.zip and version 2 with two.zip.
const TWO_VERSIONS: &[&str] = &[CREATE, PUBLISH, UPDATE];

/// The same two versions, and an alias.
const LIVE_ON_ONE: &[&str] = &[
    CREATE,
    PUBLISH,
    UPDATE,
    "create-alias --function-name hello --name live --function-version 1",
];

const PUBLISH: &str = "publish-version --function-name hello";

const UPDATE: &str =
    "update-function-code --function-name hello --zip-file fileb://two.zip --publish";

/// Without a name: plays a release step by step, and explains each step: create,
/// publish, update, alias, traffic shifting, rollback, and the guard against a
/// concurrent change. Every command on the screen really runs, in a temporary state
/// directory.
///
/// With the name of a lesson: makes a folder for the lesson here, and gives you a
/// task. You type the commands, and `lambdry tour check` says which parts of the
/// task are done. A lesson never changes your own state, and nothing leaves this
/// machine.
///
/// On a terminal, long text goes through the pager (AWS_PAGER, PAGER, else less).
#[derive(Debug, Parser)]
#[command(name = "lambdry tour", verbatim_doc_comment)]
struct Tour {
    /// The name of a lesson, or one of four words. list: show the lessons and your progress. check: check your work.
    /// mend: repair one fault in the lesson's script. reset: start the lesson again.
    #[arg(value_parser = words())]
    lesson: Option<String>,
    /// The shell that the printed commands are for. The default comes from SHELL and PSModulePath.
    #[arg(long)]
    shell: Option<Shell>,
    /// Wait for Enter after each step of the release. This is the default on a terminal without a
    /// pager.
    #[arg(long, conflicts_with = "lesson")]
    pause: bool,
    /// Play the release without a pager and without pauses, also on a terminal.
    #[arg(long, conflicts_with_all = ["lesson", "pause"])]
    no_pause: bool,
    /// Play the release in this empty or new directory, and keep the state there.
    #[arg(long, value_name = "DIR", conflicts_with = "lesson")]
    state_dir: Option<PathBuf>,
    /// Write every lesson as a Markdown worksheet, with the output of each command and the answers, into this empty
    /// or new directory.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["lesson", "pause", "no_pause", "state_dir"])]
    export: Option<PathBuf>,
}

fn words() -> Vec<PossibleValue> {
    let own = [
        ("list", "Shows the lessons and your progress"),
        ("check", "Says which parts of the task are done"),
        ("mend", "Repairs the next fault in the lesson's script"),
        ("reset", "Starts the lesson again"),
    ];
    let own = own.map(|(word, about)| PossibleValue::new(word).help(about));
    let lessons = LESSONS
        .iter()
        .map(|lesson| PossibleValue::new(lesson.name).help(lesson.about));
    own.into_iter().chain(lessons).collect()
}

/// The options, for completion and the man page.
pub(super) fn options() -> clap::Command {
    Tour::command()
}

/// Runs the command.
pub(super) fn run(words: &[String], globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    let options: Tour = match super::parse(words, world)? {
        Ok(options) => options,
        Err(code) => return Ok(code),
    };
    let process = world.process.clone();
    let color = super::color(globals, &process);
    if let Some(folder) = &options.export {
        return export::run(&process.cwd.join(folder), &options, world);
    }
    let Some(word) = options.lesson else {
        let reads = process.stdout_is_terminal && process.stderr_is_terminal;
        let paged = !options.pause && !options.no_pause;
        let pager = pager(globals, world)?.filter(|_| paged);
        let pause = options.pause || reads && paged && pager.is_none();
        return watch::watch(pause, pager, options.state_dir, globals, world);
    };
    if globals.own.state_dir.is_some() {
        return Err(Stop::Invalid(
            "a lesson has its own state directory; --state-dir is only for the release".to_owned(),
        ));
    }
    let page = Page {
        shell: options
            .shell
            .unwrap_or_else(|| Shell::of(&process, cfg!(windows))),
        told: options.shell.is_some(),
        width: process.width.clamp(40, 80),
        color,
    };
    match word.as_str() {
        "list" => page.list(&process, world.stdout)?,
        "check" => return page.check(&Desk::here(&process)?, world),
        "mend" => mend::run(&Desk::here(&process)?, world.stdout)?,
        "reset" => {
            let desk = Desk::here(&process)?;
            desk.reset()?;
            let name = desk.lesson.name;
            writeln!(
                world.stdout,
                "The lesson {name} starts again. To read its text: lambdry tour {name}"
            )?;
            page.begin(&desk, &process, world.stdout)?;
        }
        name => {
            if let Some(lesson) = LESSONS.iter().find(|lesson| lesson.name == name) {
                let (desk, made) = Desk::open(lesson, &process.cwd)?;
                let pager = pager(globals, world)?;
                pager::through(pager, world, |out| page.lesson(&desk, made, &process, out))?;
            }
        }
    }
    Ok(0)
}

/// The pager for texts longer than a screen; `None` without a terminal, or if the pager is turned off.
fn pager(globals: &Globals, world: &World<'_>) -> Result<Option<Vec<String>>, Stop> {
    if !world.process.stdout_is_terminal {
        return Ok(None);
    }
    let settings = Settings::load(&world.process, globals, None)?;
    Ok(pager::of_answers(&world.process, globals, &settings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{face::world::Process, tool::captured};

    fn run(process: Process) -> (u8, String) {
        let (code, stdout, stderr) = captured(process, &[]);
        (code, stdout + &stderr)
    }

    #[test]
    fn a_learner_s_own_state_is_neither_read_nor_written() {
        let above = tempfile::tempdir().expect("a folder");
        let own = above.path().join("own");
        let (desk, _) = Desk::open(&LESSONS[1], above.path()).expect("a desk");
        let mut process = desk.process("tour reset");
        process
            .env
            .insert("LAMBDRY_STATE_DIR".into(), own.clone().into());
        process
            .env
            .insert("LAMBDRY_NOW".into(), "not a moment".into());
        assert_eq!(run(process.clone()).0, 0);
        process.args = vec!["tour".into(), "check".into()];
        let (code, told) = run(process);
        assert!(
            code == 1 && told.contains("The commands of this shell do not go to the lesson."),
            "{told}"
        );
        assert!(!own.exists());
    }

    #[test]
    fn each_call_takes_a_minute_of_the_lesson_and_our_own_commands_take_none() {
        let above = tempfile::tempdir().expect("a folder");
        let (desk, _) = Desk::open(&LESSONS[1], above.path()).expect("a desk");
        let clock = || std::fs::read_to_string(desk.folder.join("clock")).expect("a clock");
        assert_eq!(
            clock(),
            "2026-11-22T12:03:00Z\n",
            "three calls made the lesson"
        );
        for line in [
            "history hello",
            "diff hello:1 hello:2",
            "tour check",
            "tour list",
        ] {
            run(desk.process(line));
        }
        assert_eq!(clock(), "2026-11-22T12:03:00Z\n");
        for line in [
            "publish-version --function-name hello",
            "get-alias --function-name hello --name no",
        ] {
            run(desk.process(line));
        }
        assert_eq!(clock(), "2026-11-22T12:05:00Z\n");
    }

    #[cfg(unix)]
    #[test]
    fn on_a_terminal_what_is_long_goes_through_the_pager_and_nowhere_else() {
        let above = tempfile::tempdir().expect("a folder");
        let paged = above.path().join("paged");
        let play = |words: &[&str], env: &[(&str, &str)]| {
            let _ = std::fs::remove_file(&paged);
            let pager = format!("sh -c 'cat > \"$0\"' {}", paged.display());
            let all = [("PAGER", pager.as_str())].into_iter();
            let env = all.chain(env.iter().copied());
            let process = Process {
                program: "lambdry".to_owned(),
                args: words.iter().map(Into::into).collect(),
                cwd: above.path().to_owned(),
                env: env
                    .map(|(name, value)| (name.into(), value.into()))
                    .collect(),
                stdout_is_terminal: true,
                stderr_is_terminal: true,
                width: 80,
            };
            let (code, stdout, stderr) = captured(process, &[b'\n'; 20]);
            assert_eq!(code, 0, "{stderr}");
            (
                std::fs::read_to_string(&paged).unwrap_or_default(),
                stdout,
                stderr,
            )
        };
        let (all, stdout, stderr) = play(&["tour"], &[]);
        assert!(
            stdout.is_empty() && !stderr.contains("Enter"),
            "{stdout}{stderr}"
        );
        assert!(all.lines().count() > 150 && all.contains("\x1b[1m11. Clean up"));
        let (plain, ..) = play(&["tour"], &[("NO_COLOR", "1")]);
        assert!(plain.lines().count() > 150 && !plain.contains('\x1b'));
        for (words, env) in [
            (&["tour"][..], &[("PAGER", "")][..]),
            (&["--no-cli-pager", "tour"], &[]),
            (&["tour", "--pause"], &[]),
        ] {
            let (none, stdout, stderr) = play(words, env);
            assert!(
                none.is_empty() && stdout.contains("11. Clean up"),
                "{words:?}"
            );
            assert_eq!(
                stderr.matches("Press Enter to go on.").count(),
                12,
                "{words:?}"
            );
        }
        let (none, stdout, stderr) = play(&["tour", "--no-pause"], &[]);
        assert!(none.is_empty() && stdout.contains("11. Clean up") && stderr.is_empty());
        let (lesson, stdout, _) = play(&["tour", "guards"], &[]);
        assert!(
            stdout.is_empty() && lesson.contains("\x1b[1mYour turn"),
            "{stdout}"
        );
    }
}
