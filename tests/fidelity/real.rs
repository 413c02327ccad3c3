//! Finds the real `aws` on PATH, makes sure that it is not a link to lambdry, and runs lines with it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::Ended;

/// The environment and the folder in which a line runs.
pub(crate) struct Place<'a> {
    pub(crate) env: &'a BTreeMap<String, String>,
    pub(crate) cwd: &'a Path,
}

/// An installed `aws`.
pub(crate) struct Installed {
    pub(crate) path: PathBuf,
    /// The text of `aws --version`: `aws-cli/1.45.11 …`.
    pub(crate) says: String,
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

impl Installed {
    /// The `aws` that `LAMBDRY_FIDELITY_AWS` names, else the first real `aws` on PATH.
    pub(crate) fn find() -> Option<Self> {
        if let Some(path) = std::env::var_os("LAMBDRY_FIDELITY_AWS") {
            return Self::at(PathBuf::from(path));
        }
        let ours = Path::new(env!("CARGO_BIN_EXE_lambdry"))
            .canonicalize()
            .ok()?;
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find_map(|folder| {
            let path = folder.join("aws");
            let target = path.canonicalize().ok()?;
            if target == ours || target.file_stem().is_some_and(|name| name == "lambdry") {
                return None;
            }
            Self::at(path)
        })
    }

    fn at(path: PathBuf) -> Option<Self> {
        let output = Command::new(&path).arg("--version").output().ok()?;
        // Old versions print their version on stderr.
        let text = [output.stdout, output.stderr].concat();
        let says = String::from_utf8(text).ok()?.trim().to_owned();
        let mut numbers = says.strip_prefix("aws-cli/")?.split('.');
        let mut number = || numbers.next()?.parse().ok();
        (!says.contains("lambdry")).then_some(Self {
            major: number()?,
            minor: number()?,
            path,
            says: says.clone(),
        })
    }

    /// Returns true if this version ignores `AWS_ENDPOINT_URL`. Lines for such a version use `--endpoint-url` instead.
    pub(crate) fn wants_endpoint_option(&self) -> bool {
        (self.major, self.minor) < (2, 13) && self.major == 2
    }

    /// Writes the Lambda models of the newest botocore on the machine, in a form that an older command can read. The
    /// commands are then compared with equal models. `None` if there is no botocore.
    pub(crate) fn models(&self, folder: &Path) -> Option<PathBuf> {
        let to = folder.join("models");
        let done = Command::new("python3")
            .args(["-c", include_str!("models.py")])
            .arg(&to)
            .output();
        (done.is_ok_and(|done| done.status.success())).then_some(to)
    }

    /// Runs a line in a new process.
    pub(crate) fn run(&self, line: &[String], place: &Place<'_>) -> Ended {
        ended(&self.path, line, place)
    }

    /// Finds the Python interpreter that has exactly this version as a library.
    fn python(&self) -> Option<PathBuf> {
        let shebang = std::fs::read(&self.path).ok().and_then(|bytes| {
            let first = bytes.split(|byte| *byte == b'\n').next()?;
            let name = std::str::from_utf8(first.strip_prefix(b"#!")?).ok()?.trim();
            name.contains("python").then(|| PathBuf::from(name))
        });
        shebang
            .into_iter()
            .chain([PathBuf::from("python3")])
            .find(|python| {
                Command::new(python)
                    .args(["-c", "import awscli; print(awscli.__version__)"])
                    .output()
                    .is_ok_and(|output| {
                        let version = String::from_utf8_lossy(&output.stdout);
                        self.says
                            .starts_with(&format!("aws-cli/{} ", version.trim()))
                    })
            })
    }
}

/// Runs a program whose environment has only the given variables.
pub(crate) fn ended(program: &Path, line: &[String], place: &Place<'_>) -> Ended {
    let output = Command::new(program)
        .args(line)
        .env_clear()
        .envs(place.env)
        .current_dir(place.cwd)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A Python process that runs one line after another.
pub(crate) struct Driver {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Driver {
    /// Starts the process; `None` if the installed `aws` is not a Python library.
    pub(crate) fn start(aws: &Installed, place: &Place<'_>) -> Option<Self> {
        let mut child = Command::new(aws.python()?)
            .args(["-c", include_str!("driver.py")])
            .env_clear()
            .envs(place.env)
            .current_dir(place.cwd)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let mut answers = BufReader::new(child.stdout.take()?);
        let mut hello = String::new();
        answers.read_line(&mut hello).ok()?;
        let started = hello.contains("version");
        let driver = Self { child, answers };
        started.then_some(driver)
    }

    /// Runs a line.
    pub(crate) fn run(&mut self, line: &[String], place: &Place<'_>) -> Ended {
        let asked = json!({"line": line, "env": place.env, "cwd": place.cwd});
        let stdin = self.child.stdin.as_mut().expect("it was piped");
        writeln!(stdin, "{asked}").expect("the driver listens");
        let mut text = String::new();
        self.answers
            .read_line(&mut text)
            .expect("the driver answers");
        let answer: Value = serde_json::from_str(&text).expect("the driver answers JSON");
        let stream = |name: &str| {
            let bytes = STANDARD
                .decode(answer[name].as_str().expect("base64"))
                .expect("base64");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Ended {
            code: answer["code"]
                .as_i64()
                .and_then(|code| code.try_into().ok())
                .unwrap_or(-1),
            out: stream("out"),
            err: stream("err"),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The process ends when its stdin is closed.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
