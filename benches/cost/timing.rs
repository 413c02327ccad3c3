//! Runs programs in turns and measures their times.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// A change that makes a run different from the one before.
type Change = Box<dyn FnMut(&mut Command)>;

/// A program that is run repeatedly.
pub(crate) struct Program {
    path: OsString,
    words: Vec<OsString>,
    env: Vec<(String, OsString)>,
    inherits: bool,
    before: Option<Box<dyn FnMut()>>,
    each: Option<Change>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("path", &self.path)
            .field("words", &self.words)
            .finish_non_exhaustive()
    }
}

impl Program {
    /// A program without arguments and with an empty environment.
    pub(crate) fn new(path: impl AsRef<OsStr>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            words: Vec::new(),
            env: Vec::new(),
            inherits: false,
            before: None,
            each: None,
        }
    }

    /// Adds words to the command line.
    pub(crate) fn words(mut self, words: &[&str]) -> Self {
        self.words = words.iter().map(Into::into).collect();
        self
    }

    /// Sets a variable in the program's environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Uses the bench's own environment instead of an empty one.
    pub(crate) fn inherit(mut self) -> Self {
        self.inherits = true;
        self
    }

    /// Sets an action to run before each run, outside the measurement.
    pub(crate) fn before(&mut self, act: Box<dyn FnMut()>) {
        self.before = Some(act);
    }

    /// Sets the change that makes each run of the program different.
    pub(crate) fn vary(&mut self, change: Change) {
        self.each = Some(change);
    }

    /// Makes the next run, ready to start. The output is discarded.
    pub(crate) fn next(&mut self) -> Command {
        if let Some(before) = &mut self.before {
            before();
        }
        let mut command = Command::new(&self.path);
        if !self.inherits {
            command.env_clear();
        }
        command
            .args(&self.words)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(each) = &mut self.each {
            each(&mut command);
        }
        command
    }

    /// Runs the program once and returns the time.
    pub(crate) fn time(&mut self) -> Duration {
        let mut command = self.next();
        let began = Instant::now();
        let status = command.status().expect("the program starts");
        let took = began.elapsed();
        assert!(status.success(), "{command:?} failed: {status}");
        took
    }
}

/// The times of one program, sorted.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// The median in milliseconds.
    pub(crate) fn median(&self) -> f64 {
        self.0
            .get(self.0.len() / 2)
            .map_or(0.0, Duration::as_secs_f64)
            * 1e3
    }

    /// The tenth percentile in milliseconds: one run in ten is faster.
    pub(crate) fn p10(&self) -> f64 {
        self.0
            .get(self.0.len() / 10)
            .map_or(0.0, Duration::as_secs_f64)
            * 1e3
    }
}

/// A function that does something and returns the time of the part that is measured.
pub(crate) type Act<'a> = Box<dyn FnMut() -> Duration + 'a>;

/// Runs programs in turns, after one unmeasured run of each.
pub(crate) fn in_turns(programs: &mut [Program], runs: usize) -> Vec<Times> {
    let programs = programs.iter_mut();
    let mut acts: Vec<Act<'_>> = programs
        .map(|program| Box::new(|| program.time()) as Act<'_>)
        .collect();
    acts_in_turns(&mut acts, runs)
}

/// Runs several actions in turns, after one unmeasured run of each.
pub(crate) fn acts_in_turns(acts: &mut [Act<'_>], runs: usize) -> Vec<Times> {
    let mut times: Vec<Times> = acts.iter().map(|_| Times::default()).collect();
    for run in 0..=runs {
        for (act, times) in acts.iter_mut().zip(&mut times) {
            let took = act();
            if run > 0 {
                times.0.push(took);
            }
        }
    }
    for times in &mut times {
        times.0.sort_unstable();
    }
    times
}

/// Prints a line of a table: median and tenth percentile, and both as multiples of the floor's values.
pub(crate) fn line(name: &str, times: &Times, floor: Option<&Times>) {
    let (median, p10) = (times.median(), times.p10());
    match floor {
        Some(floor) => println!(
            "{name:<44}{median:>9.2}{p10:>9.2}{:>9.2}{:>9.2}",
            median / floor.median(),
            p10 / floor.p10()
        ),
        None => println!("{name:<44}{median:>9.2}{p10:>9.2}"),
    }
}

/// Returns true if a program is installed: it starts and answers `question`.
pub(crate) fn installed(program: &str, question: &str) -> bool {
    Command::new(program)
        .arg(question)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
