//! `tour --export`: every lesson as a Markdown worksheet with the output of its commands, and the answers.

use std::{fs, io, path::Path};

use anyhow::Context as _;

use super::{
    Tour,
    desk::Desk,
    lesson::{LESSONS, Lesson, Part, Sentence, paragraph},
    look,
    page::wrapped,
};
use crate::{
    face::{
        exit::Stop,
        world::{Process, World},
    },
    state::plain::plain,
    store::stubs::words_and_quote,
    tool::typed::Shell,
};

/// The width of paragraphs and commands.
const WIDTH: usize = 100;

/// Writes the worksheets into a new folder, after all of them are made.
pub(super) fn run(folder: &Path, options: &Tour, world: &mut World<'_>) -> Result<u8, Stop> {
    refuse_what_is_there(folder)?;
    let shell = options.shell.unwrap_or(Shell::Sh);
    let mut sheets: Vec<(String, String)> = Vec::new();
    let mut answers = "# Answers\n".to_owned();
    for (at, lesson) in LESSONS.iter().enumerate() {
        let name = format!("{}-{}.md", at + 1, lesson.name);
        sheets.push((name, worksheet(lesson, at + 1, shell, &world.process)?));
        answers += &format!("\n## {}. {}\n\n```sh\n", at + 1, lesson.name);
        for line in lesson.solution {
            answers += line;
            answers += "\n";
        }
        answers += "```\n";
    }
    sheets.push(("answers.md".to_owned(), answers));
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, text) in sheets {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        writeln!(world.stdout, "{}", path.display())?;
    }
    Ok(0)
}

/// Refuses a folder that holds other files.
fn refuse_what_is_there(folder: &Path) -> Result<(), Stop> {
    let hint = Some("choose a directory that does not exist yet, or an empty one".to_owned());
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(false) => Err(Stop::Store(
            format!(
                "worksheets need an empty directory, but {} is not empty",
                folder.display()
            ),
            hint,
        )),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(Stop::Store(
            format!(
                "worksheets need a directory, but {} is a file",
                folder.display()
            ),
            hint,
        )),
        Err(error) => Err(Stop::Other(format!(
            "cannot read {}: {}",
            folder.display(),
            plain(&error)
        ))),
    }
}

/// A lesson's worksheet: its text, and the output of its commands, which are run one after another.
fn worksheet(
    lesson: &'static Lesson,
    number: usize,
    shell: Shell,
    process: &Process,
) -> Result<String, Stop> {
    let above = tempfile::Builder::new()
        .prefix("lambdry-tour-")
        .tempdir()
        .context("cannot make a directory for the lesson")?;
    // Links are resolved, so that the outputs show the same paths as this process.
    let root = above
        .path()
        .canonicalize()
        .context("cannot find the directory of the lesson")?;
    let (desk, _) = Desk::open(lesson, &root)?;
    let play = Playing {
        desk: &desk,
        root: format!("{}/", root.display()),
        process,
    };
    let subject = format!("Subject: {}.", lesson.about);
    let begin = format!(
        "To do it yourself, type `lambdry tour {}`. That makes a folder for the lesson and prints two lines. Paste \
         them into the same terminal, so that its commands go to the lesson. In this text, `$` marks a typed \
         command. `[exit status: 1]` means that the command above ended with 1; a command without such a note ended \
         with 0.",
        lesson.name
    );
    let lines = |text: &str| wrapped(text, WIDTH, "", false);
    let mut text = format!(
        "# Lesson {number}: {}\n\n{}\n\n{}\n",
        lesson.name,
        lines(&subject),
        lines(&begin)
    );
    let mut inside = false;
    for part in lesson.parts {
        let is_typed = matches!(part, Part::Type(..) | Part::Fill(..));
        if is_typed != inside {
            text += if is_typed { "\n```console\n" } else { "```\n" };
            inside = is_typed;
        }
        match part {
            Part::Say(sentences) => text += &paragraph_of(sentences),
            Part::Task(sentences) => {
                text += "\n## Your turn\n";
                text += &paragraph_of(sentences);
            }
            Part::Show(file) => {
                let shown = fs::read_to_string(desk.folder.join(file)).unwrap_or_default();
                text += &format!("\n```sh\n{shown}```\n");
            }
            Part::Type(line, ..) => text += &play.typed(shell, line, line)?,
            Part::Fill((word, by), line, ..) => {
                let (_, value) = play.run(by.trim_start_matches("lambdry "))?;
                let filled = line.replace(word, value.trim());
                text += &play.typed(shell, line, &filled)?;
            }
        }
    }
    if inside {
        text += "```\n";
    }
    text += "\n\
        ## Goals\n\n\
        `lambdry tour check` checks these goals:\n\n";
    for check in lesson.checks {
        text += &format!("* {}\n", check.what);
    }
    text += "\n## In short\n";
    text += &paragraph_of(lesson.learnt);
    Ok(text)
}

fn paragraph_of(sentences: &[Sentence]) -> String {
    format!("\n{}\n", wrapped(&paragraph(sentences), WIDTH, "", false))
}

/// A lesson whose commands are run.
struct Playing<'a> {
    desk: &'a Desk,
    /// The folder above the lesson's folder. Worksheets do not show it.
    root: String,
    process: &'a Process,
}

impl Playing<'_> {
    /// Runs a command and returns the text of the worksheet. The text has the command `shown`, and the output of the
    /// command `run`.
    fn typed(&self, shell: Shell, shown: &str, run: &str) -> Result<String, Stop> {
        let (code, told) = self.run(run)?;
        let mut text =
            shell.command("$ lambdry", shown, WIDTH) + "\n" + told.trim_start_matches('\n');
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if code != 0 {
            text += &format!("[exit status: {code}]\n");
        }
        Ok(text)
    }

    /// Runs a command of lambdry. Returns its exit code and its output.
    fn run(&self, line: &str) -> Result<(i32, String), Stop> {
        // The command runs in another process, because a rehearsed script calls more commands, and the messages of
        // those go to stderr.
        let mut command = look::command(self.desk, self.process)?;
        command.args(words_and_quote(line).0);
        let (code, told) = look::both_streams(command).context("cannot run this program")?;
        Ok((code, told.replace(&self.root, "~/")))
    }
}
