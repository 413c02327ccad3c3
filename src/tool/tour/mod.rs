//! `lambdry tour`: a release to watch, and lessons to do.
//!
//! A lesson has a folder and a state of its own; the learner types real calls, `tour check` reads the state as every
//! call does and says what holds and what is missing, `tour reset` starts over. Same moment, same ids for everybody.
//! What a lesson says and checks is data in a file of its own.

mod aliases;
mod clean_up;
mod desk;
mod guards;
mod in_progress;
mod lesson;
mod versions;
mod watch;
mod weights;

use std::path::PathBuf;

use clap::{CommandFactory as _, Parser, builder::PossibleValue};
use unicode_width::UnicodeWidthStr as _;

use crate::{
    face::{Globals, exit::Stop, world::World},
    store::package::digest,
    tool::{
        backend::{Opened, stop},
        typed::Shell,
    },
};
use desk::Desk;
use lesson::{LESSONS, Lesson, ONE, Part, Seen, TWO};

/// What it does, in a sentence.
pub(super) const ABOUT: &str = "Plays a release to watch, or sets a lesson to do.";

/// The function of the lessons, with one.zip as its code.
const CREATE: &str = "create-function --function-name hello --runtime python3.13 --handler app.handler --role \
     arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip";

/// Version 1 with one.zip, version 2 with two.zip.
const TWO_VERSIONS: &[&str] = &[CREATE, PUBLISH, UPDATE];

/// The same, and an alias.
const LIVE_ON_ONE: &[&str] = &[
    CREATE,
    PUBLISH,
    UPDATE,
    "create-alias --function-name hello --name live --function-version 1",
];

const PUBLISH: &str = "publish-version --function-name hello";

const UPDATE: &str =
    "update-function-code --function-name hello --zip-file fileb://two.zip --publish";

/// Without a word: plays a release step by step and says what happens and why:
/// create, publish, update, alias, traffic shifting, rollback, and the guard
/// against a concurrent change. Every command shown is really run, in a throw-away
/// state directory.
///
/// With the name of a lesson: makes a folder for it here, and sets a task. You type
/// the commands, and tour check says what holds and what is missing. Nothing of
/// yours is touched, and nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(name = "lambdry tour", verbatim_doc_comment)]
struct Tour {
    /// A lesson; or list, which shows them, check, which looks at what you did, reset, which starts over.
    #[arg(value_parser = words())]
    lesson: Option<String>,
    /// The shell that commands are printed for; told by SHELL and PSModulePath when it is not given.
    #[arg(long)]
    shell: Option<Shell>,
    /// Wait for Enter after each step of the release, as it does on a terminal.
    #[arg(long, conflicts_with = "lesson")]
    pause: bool,
    /// Play the release without a stop, on a terminal too.
    #[arg(long, conflicts_with_all = ["lesson", "pause"])]
    no_pause: bool,
    /// Play the release in this empty or new directory, and leave the state there to look at.
    #[arg(long, value_name = "DIR", conflicts_with = "lesson")]
    state_dir: Option<PathBuf>,
}

fn words() -> Vec<PossibleValue> {
    let own = [
        ("list", "Shows the lessons"),
        ("check", "Says what holds and what is missing"),
        ("reset", "Starts the lesson over"),
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
    let Some(word) = options.lesson else {
        let reads = world.process.stdout_is_terminal && world.process.stderr_is_terminal;
        let pause = options.pause || reads && !options.no_pause;
        return watch::watch(pause, options.state_dir, globals, world);
    };
    if globals.own.state_dir.is_some() {
        return Err(Stop::Invalid(
            "a lesson has a state directory of its own; --state-dir is for watching".to_owned(),
        ));
    }
    let process = &world.process;
    let page = Page {
        shell: options
            .shell
            .unwrap_or_else(|| Shell::of(process, cfg!(windows))),
        told: options.shell.is_some(),
        width: process.width.clamp(40, 80),
        color: super::color(globals, process),
    };
    match word.as_str() {
        "list" => page.list(world)?,
        "check" => return page.check(&Desk::here(&world.process)?, world),
        "reset" => {
            let desk = Desk::here(&world.process)?;
            desk.reset()?;
            let name = desk.lesson.name;
            writeln!(
                world.stdout,
                "The lesson {name} starts over. Its text: lambdry tour {name}"
            )?;
            page.begin(&desk, world)?;
        }
        name => {
            if let Some(lesson) = LESSONS.iter().find(|lesson| lesson.name == name) {
                let (desk, made) = Desk::open(lesson, &world.process.cwd)?;
                page.lesson(&desk, made, world)?;
            }
        }
    }
    Ok(0)
}

/// A paragraph in lines of at most that width, each behind the indent.
fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let (gap, length) = (usize::from(column > 0), word.width());
        if column > 0 && indent.len() + column + gap + length > width {
            lines.push('\n');
            column = 0;
        }
        if column == 0 {
            lines.push_str(indent);
        } else {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

/// How a lesson is written down.
struct Page {
    shell: Shell,
    /// Whether the shell was given, and need not be guessed.
    told: bool,
    width: usize,
    color: bool,
}

impl Page {
    fn paint(&self, style: &str, text: &str) -> String {
        if self.color {
            format!("\x1b[{style}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn list(&self, world: &mut World<'_>) -> Result<(), Stop> {
        let out = &mut *world.stdout;
        writeln!(out, "Lessons, in this order:\n")?;
        for lesson in LESSONS {
            writeln!(out, "  lambdry tour {:<12} {}", lesson.name, lesson.about)?;
        }
        writeln!(
            out,
            "\n{}",
            wrapped(
                "Each makes a folder of its own in this one and sets a task. lambdry tour check says what holds and what is missing, \
                 lambdry tour reset starts over. lambdry tour alone plays a release to watch.",
                self.width,
                ""
            )
        )?;
        Ok(())
    }

    /// What leads the shell to the lesson.
    fn begin(&self, desk: &Desk, world: &mut World<'_>) -> Result<(), Stop> {
        if desk.is_set(&world.process) && world.process.cwd == desk.folder {
            return Ok(());
        }
        let again = if self.told {
            ""
        } else {
            "; --shell with sh, fish, powershell or elvish prints those of another"
        };
        let text = format!(
            "First point this shell at the lesson. Paste these two lines (they are for {}{again}):",
            self.shell.name()
        );
        let folder = desk.folder.to_string_lossy();
        writeln!(
            world.stdout,
            "\n{}\n\n  {}\n  {}",
            wrapped(&text, self.width, ""),
            self.paint("36", &format!("cd {}", self.shell.quoted(&folder))),
            self.paint("36", &self.shell.set(&desk.variables()))
        )?;
        Ok(())
    }

    fn lesson(&self, desk: &Desk, made: bool, world: &mut World<'_>) -> Result<(), Stop> {
        let lesson = desk.lesson;
        writeln!(
            world.stdout,
            "{}",
            self.paint("1", &format!("Lesson {}: {}", lesson.name, lesson.about))
        )?;
        self.begin(desk, world)?;
        if !made {
            let text = "This lesson was begun before, and is as you left it. lambdry tour reset starts over.";
            writeln!(world.stdout, "\n{}", wrapped(text, self.width, ""))?;
        }
        let out = &mut *world.stdout;
        let mut typed = false;
        for part in lesson.parts {
            match part {
                Part::Say(text) => writeln!(out, "\n{}", wrapped(text, self.width, ""))?,
                Part::Type(line) => {
                    let command = self.shell.command("  lambdry", line, self.width);
                    let gap = if typed { "" } else { "\n" };
                    writeln!(out, "{gap}{}", self.paint("36", &command))?;
                }
                Part::Task(text) => {
                    writeln!(out, "\n{}", self.paint("1", "Your turn"))?;
                    writeln!(out, "\n{}", wrapped(text, self.width, ""))?;
                }
            }
            typed = matches!(part, Part::Type(_));
        }
        writeln!(out, "\nThen: lambdry tour check")?;
        Ok(())
    }

    /// Answers 0 when everything holds, and 1 when something is missing.
    fn check(&self, desk: &Desk, world: &mut World<'_>) -> Result<u8, Stop> {
        let seen = seen(desk)?;
        let lesson = desk.lesson;
        let held = lesson
            .checks
            .iter()
            .filter(|check| (check.holds)(&seen))
            .count();
        let all = lesson.checks.len();
        writeln!(
            world.stdout,
            "{}\n",
            self.paint(
                "1",
                &format!("Lesson {}: {held} of {all} hold", lesson.name)
            )
        )?;
        let mut helped = false;
        for check in lesson.checks {
            let holds = (check.holds)(&seen);
            let mark = if holds {
                self.paint("32", "holds  ")
            } else {
                self.paint("33", "missing")
            };
            writeln!(world.stdout, "  {mark}  {}", check.what)?;
            // One thing after another: what comes later often follows from it.
            if !holds && !helped {
                helped = true;
                writeln!(
                    world.stdout,
                    "{}",
                    wrapped(check.help, self.width, "           ")
                )?;
            }
        }
        if !desk.is_set(&world.process) {
            writeln!(world.stdout)?;
            writeln!(
                world.stdout,
                "{}",
                wrapped(
                    "The calls of this shell do not go to the lesson.",
                    self.width,
                    ""
                )
            )?;
            self.begin(desk, world)?;
        }
        if held < all {
            return Ok(1);
        }
        self.end(lesson, world)?;
        Ok(0)
    }

    fn end(&self, lesson: &Lesson, world: &mut World<'_>) -> Result<(), Stop> {
        writeln!(world.stdout, "\n{}", wrapped(lesson.learnt, self.width, ""))?;
        let next = LESSONS
            .iter()
            .skip_while(|one| one.name != lesson.name)
            .nth(1);
        let next = match next {
            Some(next) => format!("The next lesson: lambdry tour {}", next.name),
            None => "That was the last lesson.".to_owned(),
        };
        writeln!(world.stdout, "\n{next}")?;
        let names = [
            "LAMBDRY_STATE_DIR",
            "LAMBDRY_NOW",
            "LAMBDRY_SEED",
            "LAMBDRY_SETTLE",
            "LAMBDRY_ACCOUNT_ID",
            "AWS_REGION",
        ];
        writeln!(
            world.stdout,
            "To leave the lessons, close this shell, or type the line below; the folders of lessons can be deleted.\n\n  {}",
            self.shell.forget(&names)
        )?;
        Ok(())
    }
}

/// The function hello as the store tells of it.
fn seen(desk: &Desk) -> Result<Seen, Stop> {
    let sha256 = |code: &str| Ok::<_, Stop>(digest(&mut desk::zip(code)?.as_slice())?.0);
    let mut seen = Seen {
        one: sha256(ONE)?,
        two: sha256(TWO)?,
        ..Seen::default()
    };
    let opened = Opened::new(&desk.process(""), &crate::face::Own::default())?;
    opened
        .with("us-east-1", |lambda| {
            let all = lambda.functions();
            if let Some(whole) = all.whole("hello")? {
                seen.versions = whole.versions.into_iter().collect();
                seen.journal = whole.journal;
            }
            seen.head = all.view("hello", |view| Ok(view.head.clone()))?;
            Ok(())
        })
        .map_err(stop)?;
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use super::*;
    use crate::tool::captured;

    fn run(process: crate::face::world::Process) -> (u8, String) {
        let (code, stdout, stderr) = captured(process, &[]);
        (code, stdout + &stderr)
    }

    fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                files.extend(self::files(&path));
            } else {
                files.insert(
                    path.to_string_lossy().into_owned(),
                    fs::read(&path).expect("a file"),
                );
            }
        }
        files
    }

    #[test]
    fn every_command_of_a_lesson_is_one_that_lambda_answers_or_refuses() {
        for lesson in LESSONS {
            let above = tempfile::tempdir().expect("a folder");
            let (desk, made) = Desk::open(lesson, above.path()).expect("a desk");
            assert!(made);
            let mut refused = 0;
            for part in lesson.parts {
                if let Part::Type(line) = part {
                    let (code, told) = run(desk.process(line));
                    assert!(matches!(code, 0 | 254), "{}: {line}: {told}", lesson.name);
                    refused += usize::from(code == 254);
                }
            }
            // Each lesson that speaks of an error shows one.
            let wanted = match lesson.name {
                "guards" => 2,
                "in-progress" | "clean-up" => 1,
                _ => 0,
            };
            assert_eq!(refused, wanted, "{}", lesson.name);
        }
    }

    #[test]
    fn no_lesson_is_done_before_it_is_done_and_reset_leads_back_there() {
        for lesson in LESSONS {
            let above = tempfile::tempdir().expect("a folder");
            let (desk, _) = Desk::open(lesson, above.path()).expect("a desk");
            let fresh = files(&desk.folder);
            let (code, told) = run(desk.process("tour check"));
            assert_eq!(code, 1, "{}: {told}", lesson.name);
            assert_eq!(
                told.matches("  missing  ").count() + told.matches("  holds    ").count(),
                lesson.checks.len()
            );
            for part in lesson.parts {
                if let Part::Type(line) = part {
                    run(desk.process(line));
                }
            }
            let (code, told) = run(desk.process("tour check"));
            assert_eq!(
                code, 1,
                "{}: typing along is not enough: {told}",
                lesson.name
            );
            let (again, made) = Desk::open(lesson, &desk.folder).expect("a desk");
            assert!(
                !made && again.folder == desk.folder,
                "it goes on where it was left"
            );
            assert_eq!(run(desk.process("tour reset")).0, 0);
            assert_eq!(files(&desk.folder), fresh, "{}", lesson.name);
        }
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
            code == 1 && told.contains("The calls of this shell do not go to the lesson."),
            "{told}"
        );
        assert!(!own.exists());
    }
}
