//! Compares lambdry's `aws` with the real `aws`. The same lines must give the same answers, byte for byte.
//!
//! A responder on the loopback answers the real command with the answers of lambdry's operations. Every difference
//! therefore comes from the command line and not from the operations. The test is optional, because it takes some
//! minutes. It runs if `LAMBDRY_FIDELITY=1` is set and an `aws` is on PATH, or if `LAMBDRY_FIDELITY_AWS` names one.
//! `LAMBDRY_FIDELITY_ONLY=word,…` runs only the lines that contain one of the words or belong to that group. If the
//! installed `aws` is version 1 or a version 2 before 2.34, the tables in `differences` remove the known differences.
#![allow(
    clippy::disallowed_methods,
    reason = "a test looks where the real command is"
)]

mod differences;
mod lines;
mod real;
mod responder;
mod state;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    path::Path,
};

use lambdry::{
    face::{
        self,
        world::{Process, World},
    },
    tool::backend::Lambdry,
};

use lines::Line;
use real::{Driver, Installed, Place};

/// The result of a command line: its exit code and its output.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Prints a message that the test harness does not capture, because people should see what was skipped.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// The answer of lambdry, in this process.
fn ours(line: &[String], place: &Place<'_>) -> Ended {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = face::run(
        &mut World {
            process: process(line, place),
            stdin: &mut io::empty(),
            stdout: &mut out,
            stderr: &mut err,
            sleep: &std::thread::sleep,
        },
        &Lambdry::default(),
    );
    Ended {
        code: code.into(),
        out: String::from_utf8_lossy(&out).into_owned(),
        err: String::from_utf8_lossy(&err).into_owned(),
    }
}

fn process(line: &[String], place: &Place<'_>) -> Process {
    Process {
        program: "aws".to_owned(),
        args: line.iter().map(Into::into).collect(),
        env: place
            .env
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        cwd: place.cwd.to_owned(),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        width: 80,
    }
}

#[test]
fn answers_as_the_real_aws_does() {
    if std::env::var_os("LAMBDRY_FIDELITY").is_none_or(|set| set != "1") {
        say("skipped: the comparison with the real aws runs with LAMBDRY_FIDELITY=1");
        return;
    }
    let Some(aws) = Installed::find() else {
        say("skipped: no real aws on PATH to compare with");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder for the run");
    let bench = Bench::new(&aws, folder.path());
    bench.compare();
}

/// The things that the comparison needs.
struct Bench<'a> {
    aws: &'a Installed,
    folder: &'a Path,
    env: BTreeMap<String, String>,
    responder: responder::Responder,
}

/// The numbers of matches and of comparisons in one group.
#[derive(Default)]
struct Tally {
    matched: usize,
    compared: usize,
}

impl<'a> Bench<'a> {
    fn new(aws: &'a Installed, folder: &'a Path) -> Self {
        let responder = responder::Responder::start().expect("a port on the loopback");
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let work = folder.join("work");
        state::files(&work);
        let models = aws.models(folder);
        let pairs = [
            ("HOME", text(&work)),
            ("AWS_CONFIG_FILE", text(&work.join("config"))),
            ("AWS_SHARED_CREDENTIALS_FILE", text(&work.join("none"))),
            ("AWS_ACCESS_KEY_ID", responder::KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "example".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_ENDPOINT_URL", responder.url.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            // Connections that would leave the machine go to a port on which nobody listens.
            ("HTTP_PROXY", "http://127.0.0.1:9".to_owned()),
            ("HTTPS_PROXY", "http://127.0.0.1:9".to_owned()),
            ("NO_PROXY", "127.0.0.1".to_owned()),
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("LAMBDRY_NOW", state::NOW.to_owned()),
            ("LAMBDRY_SEED", "fidelity".to_owned()),
            ("LAMBDRY_SETTLE", "0".to_owned()),
        ];
        let mut env = BTreeMap::from_iter(pairs.map(|(name, value)| (name.to_owned(), value)));
        if let Some(models) = models.filter(|_| aws.major > 1) {
            env.insert("AWS_DATA_PATH".to_owned(), text(&models));
        }
        if let Ok(path) = std::env::var("PATH") {
            env.insert("PATH".to_owned(), path);
        }
        Self {
            aws,
            folder,
            env,
            responder,
        }
    }

    fn compare(&self) {
        let work = self.folder.join("work");
        let base = self.folder.join("state");
        let place = Place {
            env: &self.env,
            cwd: &work,
        };
        state::build(&base, &place);
        let names = state::names(&base, &place);
        let mut driver = Driver::start(self.aws, &place);
        say(&format!(
            "{}, {}",
            self.aws.says,
            if driver.is_some() {
                "as a library"
            } else {
                "a process a line, which takes its time"
            }
        ));
        let only = std::env::var("LAMBDRY_FIDELITY_ONLY").unwrap_or_default();
        let named = |mut line: Line| {
            for word in &mut line.words {
                if let Some((_, name)) = names.iter().find(|(name, _)| name == word) {
                    word.clone_from(name);
                }
            }
            line
        };
        let lines: Vec<Line> = lines::all((self.aws.major, self.aws.minor))
            .into_iter()
            .map(named)
            .filter(|line| {
                let words = line.words.join(" ");
                only.split(',')
                    .any(|only| line.kind == only || words.contains(only))
            })
            .collect();
        let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
        let mut explained = BTreeSet::new();
        let mut differences = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            let states = if line.writes {
                ["aws", "our"].map(|side| {
                    let copy = self.folder.join(format!("{side}-{number}"));
                    state::copy(&base, &copy);
                    copy
                })
            } else {
                [base.clone(), base.clone()]
            };
            let mut env = self.env.clone();
            for (name, value) in &line.env {
                match value {
                    Some(value) => env.insert((*name).to_owned(), (*value).to_owned()),
                    None => env.remove(*name),
                };
            }
            let [theirs_in, ours_in] = states.map(|state| state.to_string_lossy().into_owned());
            let with_state = |state: String| {
                let mut env = env.clone();
                env.insert("LAMBDRY_STATE_DIR".to_owned(), state);
                env
            };
            let (their_env, our_env) = (with_state(theirs_in), with_state(ours_in));
            let (at, ours_at) = (
                Place {
                    env: &their_env,
                    cwd: &work,
                },
                Place {
                    env: &our_env,
                    cwd: &work,
                },
            );
            self.responder.answer_from(process(&[], &at));
            let mut theirs = line.words.clone();
            if self.aws.wants_endpoint_option()
                && let Some(url) = env.get("AWS_ENDPOINT_URL")
            {
                theirs.splice(0..0, ["--endpoint-url".to_owned(), url.clone()]);
            }
            let real = match &mut driver {
                Some(driver) if !line.alone() => driver.run(&theirs, &at),
                _ => self.aws.run(&theirs, &at),
            };
            let mine = if line.process {
                let link = self.link();
                real::ended(&link, &line.words, &ours_at)
            } else {
                ours(&line.words, &ours_at)
            };
            let tally = tallies.entry(line.kind).or_default();
            tally.compared += 1;
            // The path of a package differs between the copies of the state.
            let nameless = |ended: &Ended, place: &Place<'_>| Ended {
                out: ended.out.replace(&place.env["LAMBDRY_STATE_DIR"], "STATE"),
                ..ended.clone()
            };
            let (mut a, mut b) = (nameless(&mine, &ours_at), nameless(&real, &at));
            let version = (self.aws.major, self.aws.minor);
            let used = differences::translate(version, line.kind, &mut a, &mut b);
            if a == b {
                tally.matched += 1;
                explained.extend(used);
            } else {
                differences.push(format!(
                    "$ aws {}\n  ours   {a:?}\n  theirs {b:?}",
                    line.words.join(" ")
                ));
            }
        }
        for (kind, tally) in &tallies {
            say(&format!(
                "{kind:<12} {:>4} matched of {:>4} compared",
                tally.matched, tally.compared
            ));
        }
        say(&format!(
            "{:<12} {:>4} matched of {:>4} compared",
            "in all",
            tallies.values().map(|tally| tally.matched).sum::<usize>(),
            lines.len()
        ));
        for difference in explained {
            say(&format!("translated: {difference}"));
        }
        assert!(
            differences.is_empty(),
            "{} unexplained differences:\n{}",
            differences.len(),
            differences.join("\n")
        );
    }

    /// Makes a link named `aws` to lambdry.
    fn link(&self) -> std::path::PathBuf {
        let link = self.folder.join("aws");
        if !link.exists() {
            std::fs::copy(env!("CARGO_BIN_EXE_lambdry"), &link).expect("a copy of our own");
        }
        link
    }
}
