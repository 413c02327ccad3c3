//! Rehearsals: run a deployment script against a fork, and report what it would have done.
//!
//! `stage` is the folder of a rehearsal, and `folder` makes and clears it. `environment` is the script's environment,
//! `child` is the script, and `endpoint` is the server that answers SDKs. `run` makes one rehearsal of a script;
//! `session` spreads a rehearsal over several processes. `guard` and `wrapped` replace the real commands, and `shell`
//! puts a hook into every bash. All of these write the log, `calls`. `evidence` adds the state before and after the
//! run. `outcome` judges each change, `finding` applies the rules, and `verdict` sums up the rehearsal in one word.
//! `report` shows all of this.

#[cfg(unix)]
mod answers;
pub(crate) mod assume;
mod bypass;
pub(crate) mod calls;
#[cfg(unix)]
mod child;
#[cfg(unix)]
mod command;
#[cfg(unix)]
pub(crate) mod endpoint;
#[cfg(unix)]
mod environment;
pub(crate) mod evidence;
pub(crate) mod finding;
#[cfg(unix)]
mod folder;
#[cfg(unix)]
mod guard;
mod handler;
mod layer;
#[cfg(unix)]
mod learn;
#[cfg(unix)]
pub(crate) mod led;
pub(crate) mod network;
#[cfg(unix)]
mod not_run;
pub(super) mod observer;
#[cfg(unix)]
mod others;
#[cfg(unix)]
mod ours;
pub(crate) mod outcome;
#[cfg(unix)]
mod place;
#[cfg(unix)]
mod processes;
#[cfg(unix)]
mod project;
#[cfg(target_os = "linux")]
mod recipe;
pub(crate) mod report;
#[cfg(unix)]
mod run;
pub(crate) mod secrets;
#[cfg(unix)]
mod session;
pub(crate) mod shell;
pub(crate) mod stage;
#[cfg(unix)]
pub(crate) mod stand_in;
pub(crate) mod suppression;
#[cfg(unix)]
mod sweep;
pub(crate) mod tally;
#[cfg(unix)]
mod tell;
pub(crate) mod touched;
pub(crate) mod verdict;
#[cfg(unix)]
mod wrapped;

#[cfg(unix)]
use std::path::Path;
use std::{path::PathBuf, time::Duration};

use clap::{CommandFactory as _, Parser};

#[cfg(unix)]
use crate::face::{progress::Progress, world::Process};
use crate::{
    face::{Globals, exit::Stop, world::World},
    operation::ready::Given,
};
use network::Network;
use report::Format;

/// The command's summary in one sentence.
pub(super) const ABOUT: &str =
    "Runs a deploy script against a copy of the state, and reports what it would do on AWS.";

/// Runs a deploy script against a fork: a copy of the state directory. lambdry
/// answers every `aws` call of the script, and SDKs that read AWS_ENDPOINT_URL.
/// Neither reaches AWS. At the end, a report says what the script changed and why
/// it would break in production.
///
/// The script runs unchanged; its streams and its exit code are its own. Its other
/// commands really run and may reach the network, but a proxy refuses AWS's API to
/// them. Commands that are known to change something outside, such as docker push,
/// are refused. With --network=registries the script reaches only package
/// registries, with --no-network nothing. lambdry throws the fork away at the end,
/// unless --keep or --in-place is given.
///
/// `lambdry rehearse begin` and `lambdry rehearse end` do the same for several
/// steps of a CI job, or in your own shell: eval "$(lambdry rehearse begin)".
/// `lambdry rehearse findings` lists the faults that the report can find. `lambdry
/// rehearse answers` lists the calls of other services that lambdry answers.
///
/// rehearse needs Linux or macOS. On Windows every other command works.
#[derive(Debug, Parser)]
#[command(
    name = "lambdry rehearse",
    verbatim_doc_comment,
    override_usage = "lambdry rehearse [OPTIONS] -- COMMAND…\n       lambdry rehearse [OPTIONS] begin\n       lambdry rehearse [OPTIONS] end\n       lambdry rehearse findings\n       lambdry rehearse answers"
)]
struct Rehearse {
    /// Keep the fork in this new or empty directory. It is a state directory.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Run on the state itself: the changes of the script stay.
    #[arg(long, conflicts_with = "keep")]
    in_place: bool,
    /// Run the script in a network namespace without a network (Linux). The same as --network=none.
    #[arg(long)]
    no_network: bool,
    /// The network of the script. open: the network of this machine. registries: only package registries and the
    /// hosts in lambdry.toml, through a proxy, and never AWS (Linux). none: no network (Linux). The default is open,
    /// or the value in lambdry.toml.
    #[arg(long, value_name = "NETWORK", num_args = 0..=1, require_equals = true, default_missing_value = "open", conflicts_with = "no_network")]
    network: Option<Network>,
    /// Let sleep really wait. Without this, sleep only moves the fork's clock forward.
    #[arg(long)]
    real_sleep: bool,
    /// Really run guarded commands that match, for example "docker push *". Repeatable.
    #[arg(long, value_name = "PATTERN")]
    allow: Vec<String>,
    /// Answer commands from the stubs in this file. Repeatable.
    #[arg(long, value_name = "FILE")]
    stub: Vec<PathBuf>,
    /// Write the stubs that the script needs to FILE, or to stdout.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    learn: Option<Option<PathBuf>>,
    /// Pass calls that lambdry cannot answer to an emulator on this machine, with the real aws.
    /// Example: http://127.0.0.1:5000. Nothing else is reached.
    #[cfg(unix)]
    #[arg(long, value_name = "URL", value_parser = others::emulator, conflicts_with = "no_network")]
    others: Option<String>,
    // No doc comment: rustdoc would take the brackets for a link.
    #[arg(
        long,
        value_name = "FAULT",
        help = "Fail a call on purpose: PublishVersion#2=TooManyRequestsException[,after] fails the second \
            PublishVersion. Repeatable"
    )]
    fail: Vec<String>,
    /// Create functions that the script uses and the state lacks: all of them, or only NAME.
    /// Without this option, lambdry creates them only if the state has no function at all; the
    /// report then says that the rehearsal is not complete. Repeatable.
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "*", conflicts_with = "strict_state")]
    assume: Vec<String>,
    /// The number of versions of a function that --assume creates. The default is 3. `$LATEST` has newer changes,
    /// and the aliases point at the second newest version.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=1000), conflicts_with = "strict_state")]
    assume_versions: Option<u64>,
    /// Never create a function that the state lacks, even if the state is empty.
    #[arg(long)]
    strict_state: bool,
    /// Do not create this function, so that the script runs the branch for a missing function.
    /// Repeatable.
    #[arg(long, value_name = "NAME")]
    absent: Vec<String>,
    /// The report's format: text, json, markdown, junit, github or html. With =FILE the report goes
    /// to the file, else to stderr. Repeatable. Text goes to stderr too, unless another format
    /// does.
    #[arg(long, value_name = "FORMAT[=FILE]")]
    report: Vec<Wanted>,
    /// Sweep: run the script again and again, and fail each changing call once before and once
    /// after it takes effect. For each failure, report whether a second run of the script repairs
    /// it. Exit code 0: every second run works. Exit code 1: at least one does not.
    #[arg(long, conflicts_with_all = ["keep", "in_place", "fail", "learn", "strict", "show_values", "expect", "save_plan"])]
    sweep: bool,
    /// In a sweep, run matching commands only once and replay their effects, for example "npm *".
    /// Repeatable.
    #[arg(long, value_name = "PATTERN", requires = "sweep")]
    once: Vec<String>,
    /// In a sweep, link to this folder instead of copying it. The script must only read it.
    /// Repeatable.
    #[arg(long, value_name = "DIR", requires = "sweep")]
    share: Vec<PathBuf>,
    /// In a sweep, stop a run after this time, for example 90s or 5m. The default is ten times the first run's time,
    /// and at least 1 minute.
    #[arg(long, value_name = "TIME", requires = "sweep", value_parser = time)]
    timeout: Option<Duration>,
    /// In a sweep, the number of runs at the same time. The default is the number of processors.
    #[arg(long, value_name = "NUMBER", requires = "sweep")]
    jobs: Option<usize>,
    /// In a sweep, do not ask before the script's other commands run again and again.
    #[arg(long, requires = "sweep")]
    yes: bool,
    /// Exit with 255 if the script itself succeeded but the report has an error, a refused change
    /// that no later call repaired, or a step that was not played and not declared in
    /// lambdry.toml. With =branches, also if a call in the script's text did not run.
    #[arg(long, value_name = "branches", num_args = 0..=1, require_equals = true)]
    strict: Option<Option<Strictness>>,
    /// Exit with 255 if the script itself succeeded but its changes differ from this plan.
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Write the changes of the script to FILE. This is a plan: review it, and use it with
    /// --expect.
    #[arg(long, value_name = "FILE")]
    save_plan: Option<PathBuf>,
    /// Show values of environment variables and options, which may be secret.
    #[arg(long)]
    show_values: bool,
    /// Print no banner and no report. Files of --report are still written.
    #[arg(long)]
    quiet: bool,
    /// For a session: the network that the project's file asks for, and that a session cannot provide.
    #[arg(skip)]
    unheld: Option<Network>,
    /// The hosts that the project's file names.
    #[arg(skip)]
    hosts: Vec<String>,
    /// The findings that the project's file suppresses.
    #[arg(skip)]
    ignored: Vec<suppression::Suppression>,
    /// Things of other services that the project's file declares.
    #[arg(skip)]
    given: Given,
    /// The command to rehearse; or begin, end, findings or answers.
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true)]
    command: Vec<String>,
}

impl Rehearse {
    /// The network that the options ask for, if they ask for one.
    #[cfg(unix)]
    fn network(&self) -> Option<Network> {
        match self.no_network {
            true => Some(Network::None),
            false => self.network,
        }
    }

    /// The progress line for what takes long before and after the script.
    #[cfg(unix)]
    fn progress(&self, process: &Process) -> Progress {
        match self.quiet {
            true => Progress::silent(),
            false => Progress::new(process),
        }
    }
}

/// An additional requirement of `--strict`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// Every call in the script's text must be made.
    Branches,
}

impl std::str::FromStr for Strictness {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "branches" => Ok(Self::Branches),
            _ => Err("expected --strict or --strict=branches".to_owned()),
        }
    }
}

/// A report that was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The form of the report.
    pub(crate) format: &'static Format,
    /// The file of the report; stderr if `None`.
    pub(crate) file: Option<PathBuf>,
}

impl std::str::FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name is missing after the =".to_owned()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format =
            Format::named(name).ok_or_else(|| format!("a report is {}", Format::names()))?;
        Ok(Self { format, file })
    }
}

/// A time limit for a script: `30`, `30s`, `5m`.
fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match (text.strip_suffix('m'), text.strip_suffix('s')) {
        (Some(number), _) => (number, 60.0),
        (None, Some(number)) => (number, 1.0),
        (None, None) => (text, 1.0),
    };
    let seconds = number.parse::<f64>().ok().filter(|number| *number > 0.0);
    seconds
        .and_then(|number| Duration::try_from_secs_f64(number * unit).ok())
        .ok_or_else(|| "expected a time in seconds or minutes, for example 90s or 5m".to_owned())
}

/// The options, for completion and the man page.
pub(super) fn options() -> clap::Command {
    Rehearse::command()
}

/// Runs the command.
#[cfg(unix)]
pub(super) fn run(words: &[String], globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    // Only `begin` starts the hidden process with these words.
    if let [option, stage] = words
        && option == endpoint::standing::OPTION
    {
        return endpoint::standing::run(Path::new(stage), world);
    }
    let mut words = words.to_vec();
    // A script with the name `begin` or `end` must come after `--`.
    let is_session = |word: &String| word == "begin" || word == "end";
    let has_command = words.iter().any(|word| word == "--");
    if !has_command && words.first().is_some_and(is_session) {
        // The options of `begin` and `end` may come before or after the word. The options of a rehearsal come before
        // its command.
        words.rotate_left(1);
    }
    let mut options: Rehearse = match super::parse(&words, world)? {
        Ok(options) => options,
        Err(code) => return Ok(code),
    };
    let is_own = |own: &str| !has_command && options.command == [own];
    let part = match () {
        () if is_own("begin") => project::Part::Run,
        () if is_own("end") => project::Part::Judgement,
        () => project::Part::Whole,
    };
    let mut globals = globals.clone();
    if !is_own("findings") && !is_own("answers") {
        project::take_in(&mut options, &mut globals, &world.process, part)?;
    }
    let globals = &globals;
    match options.command.as_slice() {
        _ if options.sweep => sweep::run(&options, globals, world),
        [word] if word == "begin" && !has_command => session::begin(&options, globals, world),
        [word] if word == "end" && !has_command => session::end(&options, globals, world),
        [word] if word == "findings" && !has_command => {
            let width = world.process.width.clamp(40, 100);
            finding::list::write(width, world.stdout)?;
            Ok(0)
        }
        [word] if word == "answers" && !has_command => {
            answers::write(world.stdout)?;
            Ok(0)
        }
        _ => command::run(&options, globals, world),
    }
}

/// Reports that this system has no rehearsals.
#[cfg(not(unix))]
pub(super) fn run(words: &[String], _: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    match super::parse::<Rehearse>(words, world)? {
        Ok(_) => Err(Stop::Store(
            "rehearse does not run on Windows: it needs the links and signals of Unix".to_owned(),
            Some(
                "use WSL, a container or a Linux runner; every other command works here".to_owned(),
            ),
        )),
        Err(code) => Ok(code),
    }
}
