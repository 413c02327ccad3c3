//! Runs the lessons as a learner would: every command that is printed, the proofs of every claim, every mistake that a
//! check catches, the answers, and the worksheets.
#![cfg(unix)]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use common::Sandbox;
use lambdry::tool::tour::lesson::{LESSONS, Lesson, Part, Proof, Sentence};
use regex::Regex;

/// A learner who has begun a lesson.
struct Learner {
    sandbox: Sandbox,
    /// The output of `lambdry tour <lesson>`.
    text: String,
    folder: PathBuf,
}

impl Learner {
    fn begin(lesson: &'static Lesson) -> Self {
        let sandbox = Sandbox::new();
        let work = sandbox.work();
        let script = format!("lambdry tour {}", lesson.name);
        let (code, text) = typed(&sandbox, &work, &script);
        assert_eq!(code, 0, "{text}");
        let folder = work.join(format!("lambdry-lesson-{}", lesson.name));
        Self {
            sandbox,
            text,
            folder,
        }
    }

    /// Runs lines at a desk, in a shell that the lesson's first two lines have prepared.
    fn types(&self, desk: &Path, lines: &str) -> (i32, String) {
        let lead = self.text.lines().map(str::trim_start);
        let lead: Vec<&str> = lead
            .filter(|line| line.starts_with("cd ") || line.starts_with("export "))
            .collect();
        assert_eq!(lead.len(), 2, "{}", self.text);
        let here = self.folder.to_str().expect("UTF-8");
        let lead = lead.join("\n").replace(here, desk.to_str().expect("UTF-8"));
        typed(
            &self.sandbox,
            &self.sandbox.work(),
            &format!("{lead}\n{lines}"),
        )
    }

    /// A copy of the lesson's folder in its current state.
    fn copy(&self) -> PathBuf {
        let copies = self.sandbox.work().join("copies");
        fs::create_dir_all(&copies).expect("a folder");
        let number = fs::read_dir(&copies).expect("a folder").count();
        let copy = copies
            .join(number.to_string())
            .join(self.folder.file_name().expect("a name"));
        copy_folder(&self.folder, &copy);
        copy
    }

    /// The commands of the text, in the form in which they are printed.
    fn commands(&self) -> Vec<String> {
        let mut commands: Vec<String> = Vec::new();
        let mut goes_on = false;
        for line in self.text.lines() {
            match commands.last_mut() {
                Some(command) if goes_on => *command += &format!("\n{line}"),
                _ if line.starts_with("  lambdry ") => commands.push(line.trim_start().to_owned()),
                _ => continue,
            }
            goes_on = line.ends_with('\\');
        }
        commands
    }

    /// Fails if a proof of one of the sentences does not hold in the lesson's current state.
    fn proves(&self, sentences: &[Sentence], above: &str) {
        for sentence in sentences {
            let Sentence::Claim(text, proofs) = sentence else {
                continue;
            };
            for proof in *proofs {
                match proof {
                    Proof::Above(says) => holds(text, "the command above", above, says),
                    Proof::Sh(lines, code, says) => {
                        let (ended, told) = self.types(&self.copy(), lines);
                        assert_eq!(ended, i32::from(*code), "{text}\n{lines}\n{told}");
                        holds(text, lines, &told, says);
                    }
                }
            }
        }
    }
}

fn holds(text: &str, by: &str, told: &str, says: &[&str]) {
    for say in says {
        assert!(
            told.contains(say),
            "{text}\n{by}\nshould say {say:?} and says\n{told}"
        );
    }
}

/// Runs lines in bash. Both streams become one.
fn typed(sandbox: &Sandbox, folder: &Path, lines: &str) -> (i32, String) {
    let output = sandbox
        .command("bash")
        .arg("-c")
        .arg(format!("exec 2>&1 </dev/null\n{lines}"))
        .current_dir(folder)
        .output()
        .expect("bash is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().unwrap_or(-1), text)
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let (path, to) = {
            let entry = entry.expect("an entry");
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a copy");
        }
    }
}

/// Does something for every lesson, each in its own thread.
fn in_each(act: impl Fn(&'static Lesson) + Sync) {
    thread::scope(|scope| {
        let running: Vec<_> = LESSONS
            .iter()
            .map(|lesson| (lesson.name, scope.spawn(|| act(lesson))))
            .collect();
        let failed: Vec<&str> = running
            .into_iter()
            .filter_map(|(name, case)| case.join().is_err().then_some(name))
            .collect();
        assert!(failed.is_empty(), "lessons that are not true: {failed:?}");
    });
}

/// Replaces times in a text, because a rehearsal prints its duration.
fn steady(text: &str) -> String {
    let took = Regex::new(r"\b(in|not done|not finished)(\s)[0-9]+\.[0-9] s\b").expect("a pattern");
    took.replace_all(text, "$1${2}0.1 s").into_owned()
}

/// The first words of sentences that tell the learner to do something.
const TO_DO: [&str; 32] = [
    "Be ",
    "Bring ",
    "Call ",
    "Compare ",
    "Create ",
    "Delete ",
    "Describe ",
    "Find ",
    "Give ",
    "At the end, ",
    "Leave ",
    "Let ",
    "Look ",
    "Make ",
    "Mend ",
    "Now ",
    "Pass ",
    "Pause ",
    "Publish ",
    "Put ",
    "Read ",
    "Rehearse ",
    "Release",
    "Remove ",
    "Repair ",
    "Replace ",
    "See ",
    "Take ",
    "Then ",
    "Try ",
    "Wait ",
    "wait ",
];

/// A sentence that says how something behaves has proofs. A sentence that names a thing of AWS or lambdry must be a
/// claim, or must tell the learner to do something.
#[test]
fn a_sentence_without_a_proof_claims_nothing() {
    let mut wrong = Vec::new();
    let mut claims = 0;
    for lesson in LESSONS {
        let paragraphs = lesson.parts.iter().map(Part::sentences);
        for sentence in paragraphs.chain([lesson.learnt]).flatten() {
            let is_right = match sentence {
                Sentence::Aim(text) => !text.contains('`'),
                Sentence::Do(text) => {
                    TO_DO.iter().any(|begins| text.starts_with(begins)) && !text.contains(". ")
                }
                Sentence::Claim(_, proofs) => {
                    claims += 1;
                    // A command that may end in any way and print anything proves nothing.
                    let shows = |proof: &Proof| match proof {
                        Proof::Above(says) => !says.is_empty(),
                        Proof::Sh(lines, code, says) => {
                            !says.is_empty() || *code != 0 || lines.contains("[ ")
                        }
                    };
                    !proofs.is_empty() && proofs.iter().all(shows)
                }
            };
            if !is_right || sentence.text().matches('`').count() % 2 == 1 {
                wrong.push(format!("{}: {}", lesson.name, sentence.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(claims > 80, "{claims} claims");
}

/// Goes through a whole lesson: types the printed commands, proves each sentence where it stands, gives the answers,
/// and runs the check.
fn every_word_is_true(lesson: &'static Lesson) {
    let learner = Learner::begin(lesson);
    let desk = learner.folder.clone();
    let (code, told) = learner.types(&desk, "lambdry tour check");
    assert_eq!(code, 1, "done before it is done: {told}");
    let mut commands = learner.commands().into_iter();
    let mut above = String::new();
    for part in lesson.parts {
        match part {
            Part::Say(sentences) | Part::Task(sentences) => learner.proves(sentences, &above),
            Part::Show(file) => {
                let shown = fs::read_to_string(desk.join(file)).expect("a file");
                let first = shown.lines().next().expect("a line");
                assert!(learner.text.contains(&format!("  | {first}\n")));
            }
            Part::Type(_, code, says) | Part::Fill(_, _, code, says) => {
                let mut command = commands.next().expect("a printed command");
                if let Part::Fill((word, by), ..) = part {
                    assert!(command.contains(word), "{command}");
                    let (_, value) = learner.types(&desk, by);
                    command = command.replace(word, value.trim());
                }
                let (ended, told) = learner.types(&desk, &command);
                assert_eq!(ended, i32::from(*code), "{command}\n{told}");
                holds(lesson.name, &command, &told, says);
                above = told;
            }
        }
    }
    assert_eq!(
        commands.next(),
        None,
        "a command that is no part of the lesson"
    );
    let (code, told) = learner.types(&desk, "lambdry tour check");
    assert_eq!(code, 1, "typing along is not enough: {told}");
    let (code, told) = learner.types(&desk, &format!("set -e\n{}", lesson.solution.join("\n")));
    assert_eq!(code, 0, "{told}");
    let (code, told) = learner.types(&desk, "lambdry tour check");
    assert_eq!(code, 0, "{told}");
    let learnt: Vec<&str> = lesson.learnt.iter().map(Sentence::text).collect();
    assert!(words(&told).contains(&words(&learnt.join(" "))), "{told}");
    learner.proves(lesson.learnt, &told);
    let (_, told) = learner.types(&desk, "lambdry tour list");
    assert!(
        told.contains(&format!("  done  lambdry tour {} ", lesson.name)),
        "{told}"
    );
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_command_and_every_sentence_of_a_lesson_is_true() {
    in_each(every_word_is_true);
}

/// Joins lines of bash. If a line ends in another way than expected, the later lines do not run. A line that must be
/// refused begins with `! `.
fn strictly(lines: &str) -> String {
    let line = |line: &str| match line.strip_prefix("! ") {
        Some(refused) => format!("if {refused}; then echo 'was not refused'; exit 9; fi"),
        None => line.to_owned(),
    };
    let lines: Vec<String> = lines.lines().map(line).collect();
    format!("set -e\n{}", lines.join("\n"))
}

#[test]
fn a_wrong_turn_leads_to_the_check_that_helps() {
    in_each(|lesson| {
        let learner = Learner::begin(lesson);
        for check in lesson.checks {
            let desk = learner.copy();
            let (code, told) = learner.types(&desk, &strictly(check.wrong));
            assert_eq!(code, 0, "{}: {}\n{told}", lesson.name, check.wrong);
            let (code, told) = learner.types(&desk, "lambdry tour check");
            assert_eq!(code, 1, "{}: {}\n{told}", lesson.name, check.what);
            let missing = words(told.split("  missing  ").nth(1).unwrap_or_default());
            let wanted = words(&format!("{} {}", check.what, check.help));
            assert!(
                missing.starts_with(&wanted),
                "{}: {wanted}\n{told}",
                lesson.name
            );
        }
    });
}

#[test]
fn reset_leads_back_to_the_beginning() {
    in_each(|lesson| {
        let learner = Learner::begin(lesson);
        let fresh = learner.copy();
        let lines = format!(
            "lambdry create-function --function-name more --runtime python3.13 --handler a.b --role \
             arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip\nlambdry tour check\n\
             for file in *.zip; do echo >> $file; done; [ ! -e deploy.sh ] || echo >> deploy.sh\nlambdry tour reset\nrm -f out.json\ndiff -r . {}",
            fresh.display()
        );
        let (code, told) = learner.types(&learner.folder, &lines);
        assert_eq!(code, 0, "{}: {told}", lesson.name);
    });
}

#[test]
fn the_list_tells_how_far_somebody_is_and_where_to_go_on() {
    let learner = Learner::begin(&LESSONS[1]);
    let work = learner.sandbox.work();
    let list = |folder: &Path| typed(&learner.sandbox, folder, "lambdry tour list").1;
    let told = list(&work);
    assert!(told.contains("  0 of 6  lambdry tour aliases "), "{told}");
    assert!(told.contains("          lambdry tour versions "), "{told}");
    assert!(
        told.contains("Go on with `lambdry tour versions`."),
        "{told}"
    );
    learner.types(&learner.folder, "lambdry tour check");
    let told = list(&learner.folder);
    assert!(
        told.contains("  1 of 6  lambdry tour aliases "),
        "both versions are there: {told}"
    );
    // In a folder without lessons, no lesson is begun. A damaged progress file counts as no progress.
    fs::write(learner.folder.join("progress"), "\u{0}9").expect("a file");
    assert!(list(&work).contains("  0 of 6  lambdry tour aliases "));
    let home = work.parent().expect("a home");
    let told = list(home);
    assert!(
        told.contains("\n  lambdry tour versions ") && told.contains("Begin with"),
        "{told}"
    );
    assert!(!home.join(".local").exists(), "nothing is kept elsewhere");
}

/// A worksheet shows the same as a learner sees who types the same commands.
#[test]
fn worksheets_show_what_a_learner_sees() {
    let sandbox = Sandbox::new();
    let (code, told) = typed(&sandbox, &sandbox.work(), "lambdry tour --export sheets");
    assert_eq!(code, 0, "{told}");
    assert_eq!(told.lines().count(), LESSONS.len() + 1);
    let sheets = sandbox.work().join("sheets");
    in_each(|lesson| {
        let number = LESSONS
            .iter()
            .position(|one| one.name == lesson.name)
            .expect("it")
            + 1;
        let path = sheets.join(format!("{number}-{}.md", lesson.name));
        let sheet = steady(&fs::read_to_string(&path).expect("a worksheet"));
        let learner = Learner::begin(lesson);
        let above = format!("{}/", learner.sandbox.work().display());
        let typed = |part: &&Part| matches!(part, Part::Type(..) | Part::Fill(..));
        let mut rest = sheet.as_str();
        for (part, command) in lesson.parts.iter().filter(typed).zip(learner.commands()) {
            let mut command = command;
            if let Part::Fill((word, by), ..) = part {
                let (_, value) = learner.types(&learner.folder, by);
                command = command.replace(word, value.trim());
            }
            let (_, told) = learner.types(&learner.folder, &command);
            let told = steady(&told.replace(&above, "~/"));
            let at = rest.find(told.trim_start_matches('\n'));
            let at = at.unwrap_or_else(|| panic!("{command}\n{told}\nis not in\n{rest}"));
            rest = &rest[at..];
        }
        for sentences in lesson.parts.iter().map(Part::sentences) {
            for sentence in sentences {
                assert!(
                    words(&sheet).contains(&words(sentence.text())),
                    "{}",
                    sentence.text()
                );
            }
        }
    });
    let answers = fs::read_to_string(sheets.join("answers.md")).expect("the answers");
    for line in LESSONS.iter().flat_map(|lesson| lesson.solution) {
        assert!(answers.contains(line), "{line}");
    }
}

#[test]
fn worksheets_go_into_a_directory_of_their_own_or_nowhere() {
    let sandbox = Sandbox::new();
    let work = sandbox.work();
    fs::write(work.join("file"), "mine\n").expect("a file");
    fs::create_dir(work.join("full")).expect("a folder");
    fs::write(work.join("full/1-versions.md"), "mine\n").expect("a file");
    for (folder, says) in [
        ("file", "is a file\nhint: choose a directory"),
        ("file/below", "is a file\nhint: choose a directory"),
        ("full", "is not empty\nhint: choose a directory"),
        ("/proc/none", "cannot make /proc/none: "),
    ] {
        let (code, told) = typed(&sandbox, &work, &format!("lambdry tour --export {folder}"));
        assert_eq!(code, 255, "{folder}: {told}");
        assert!(told.contains(says), "{folder}: {told}");
    }
    let mine = |name: &str| fs::read_to_string(work.join(name)).expect("a file");
    assert_eq!(
        (mine("file"), mine("full/1-versions.md")),
        ("mine\n".to_owned(), "mine\n".to_owned())
    );
    let (code, told) = typed(
        &sandbox,
        &work,
        "mkdir empty && lambdry tour --export empty >/dev/null && ls empty",
    );
    assert!(code == 0 && told.starts_with("1-versions.md\n"), "{told}");
    // A name that is not UTF-8 is refused or used exactly, and never changed into another one.
    let (code, told) = typed(
        &sandbox,
        &work,
        "lambdry tour --export $'sheets-\\xff'; echo $?; ls | grep -c sheets",
    );
    assert!(
        told.ends_with("255\n0\n") || told.ends_with("252\n0\n"),
        "{code} {told}"
    );
    let (_, told) = typed(
        &sandbox,
        &work,
        "mkdir $'here-\\xff'; cd $'here-\\xff'; lambdry tour versions; echo $?; ls | wc -l",
    );
    assert!(
        told.contains("is not UTF-8\nhint: go to another folder") && told.ends_with("255\n0\n"),
        "{told}"
    );
}
