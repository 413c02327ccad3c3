//! Rehearsals: run a deployment script against a fork, and report what it would have done.
//!
//! `stage` is the folder of a rehearsal, and `folder` makes and clears it. `environment` is the script's environment,
//! `child` the script, `endpoint` the server that answers SDKs. `run` does all of that once, and `session` does it over
//! several processes. `guard` and `wrapped` stand in front of the real commands, and the hook of `shell` in every bash.
//! `calls` is the log that they write, `evidence` adds the state before and after, `outcome` judges each change,
//! `finding` applies the rules, `verdict` sums up in one word, and `report` shows all of it.

#[cfg(unix)]
mod answers;
pub(crate) mod assume;
#[cfg(unix)]
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

use crate::{
    face::{Globals, exit::Stop, world::World},
    operation::ready::Given,
};
use network::Network;
use report::Format;

/// The command's summary in one sentence.
pub(super) const ABOUT: &str =
    "Runs a deployment script against a fork, and says what it would have done.";

/// Runs a deployment script against a fork of the state, with aws answered by
/// lambdry, and says what it would have done. The script is run as it is; its
/// streams and its exit code are its own. aws by its name is answered, and so are
/// SDKs that look at AWS_ENDPOINT_URL: neither reaches AWS. Other commands really
/// run, and may reach the network, but for AWS's API, which a proxy refuses.
/// Commands that are known to change something there are refused. With
/// --network=registries only package registries can be reached, with --no-network
/// nothing. Nothing is kept unless asked for.
///
/// `lambdry rehearse begin` and `lambdry rehearse end` do the same over several
/// steps of a CI job, or in your own shell: eval "$(lambdry rehearse begin)".
/// `lambdry rehearse findings` lists what is looked for, `lambdry rehearse answers`
/// the calls of other services that have ready answers.
///
/// It needs Linux or macOS; on Windows there is no rehearse, and every other command
/// works.
#[derive(Debug, Parser)]
#[command(
    name = "lambdry rehearse",
    verbatim_doc_comment,
    override_usage = "lambdry rehearse [OPTIONS] -- COMMAND…\n       lambdry rehearse [OPTIONS] begin\n       lambdry rehearse [OPTIONS] end\n       lambdry rehearse findings\n       lambdry rehearse answers"
)]
struct Rehearse {
    /// Leave the fork in this new or empty directory, as a state directory.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Run on the state itself: what the script does stays.
    #[arg(long, conflicts_with = "keep")]
    in_place: bool,
    /// Take the network away: a network namespace with nothing in it (Linux). The same
    /// as --network=none.
    #[arg(long)]
    no_network: bool,
    /// The network that the script has: open, this machine's own; registries, package registries and the hosts of
    /// lambdry.toml through a proxy, and nothing of AWS (Linux); none. Open unless lambdry.toml says otherwise.
    #[arg(long, value_name = "NETWORK", num_args = 0..=1, require_equals = true, default_missing_value = "open", conflicts_with = "no_network")]
    network: Option<Network>,
    /// Let sleep take its time, instead of moving the fork's clock.
    #[arg(long)]
    real_sleep: bool,
    /// Really run guarded commands that match: "docker push *". Repeatable.
    #[arg(long, value_name = "PATTERN")]
    allow: Vec<String>,
    /// Answer commands from this file of stubs. Repeatable.
    #[arg(long, value_name = "FILE")]
    stub: Vec<PathBuf>,
    /// Write the stubs that the script needs, into FILE or to stdout.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    learn: Option<Option<PathBuf>>,
    /// Hand what nobody here answers to an emulator that you run on this machine, by
    /// the real aws: http://127.0.0.1:5000. Nothing else is reached.
    #[cfg(unix)]
    #[arg(long, value_name = "URL", value_parser = others::emulator, conflicts_with = "no_network")]
    others: Option<String>,
    // No doc comment: rustdoc would take the brackets for a link.
    #[arg(
        long,
        value_name = "FAULT",
        help = "Fail a call: PublishVersion#2=TooManyRequestsException[,after]. Repeatable"
    )]
    fail: Vec<String>,
    /// Make functions that the script touches and the state does not have, or those of
    /// these names. Without this, only while the state holds no function at all, and
    /// then the rehearsal is not fully played. Repeatable.
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "*", conflicts_with = "strict_state")]
    assume: Vec<String>,
    /// The number of versions that such a function has: 3. `$LATEST` is ahead of them, and its aliases are on the
    /// second newest.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=1000), conflicts_with = "strict_state")]
    assume_versions: Option<u64>,
    /// Make no function that the state does not have, on an empty state either.
    #[arg(long)]
    strict_state: bool,
    /// Do not make this function: play the branch in which it is missing. Repeatable.
    #[arg(long, value_name = "NAME")]
    absent: Vec<String>,
    /// The form of the report, and its file, else stderr: text, json, markdown,
    /// junit, github or html. Repeatable. Text goes to stderr unless another form does.
    #[arg(long, value_name = "FORMAT[=FILE]")]
    report: Vec<Wanted>,
    /// Let every call that changes something fail once before it takes effect and
    /// once after, and say for each whether the script can just be run again.
    /// Exits with 0 if so, with 1 if not.
    #[arg(long, conflicts_with_all = ["keep", "in_place", "fail", "learn", "strict", "show_values", "expect", "save_plan"])]
    sweep: bool,
    /// In a sweep, run commands that match once and replay what they did: "npm *".
    /// Repeatable.
    #[arg(long, value_name = "PATTERN", requires = "sweep")]
    once: Vec<String>,
    /// In a sweep, link to this folder instead of copying it: one that the script
    /// only reads. Repeatable.
    #[arg(long, value_name = "DIR", requires = "sweep")]
    share: Vec<PathBuf>,
    /// In a sweep, end a run after this long: 90s, 5m. Without this, after ten times the clean run's time, and not
    /// before a minute.
    #[arg(long, value_name = "TIME", requires = "sweep", value_parser = time)]
    timeout: Option<Duration>,
    /// In a sweep, make this many runs at once: as many as there are processors unless given.
    #[arg(long, value_name = "NUMBER", requires = "sweep")]
    jobs: Option<usize>,
    /// In a sweep, let the script's other commands run again and again, unasked.
    #[arg(long, requires = "sweep")]
    yes: bool,
    /// Fail, with 255, when the script did not, and the report finds an error, a
    /// change that was refused and that nothing made good, or a step that was not
    /// played and that nobody declared. With =branches also when a call that stands in
    /// the script was not made.
    #[arg(long, value_name = "branches", num_args = 0..=1, require_equals = true)]
    strict: Option<Option<Strictness>>,
    /// Fail, with 255, when the script did not, and what became of the account is not
    /// what this plan says.
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Write what became of the account into FILE, as a plan to review and --expect.
    #[arg(long, value_name = "FILE")]
    save_plan: Option<PathBuf>,
    /// Show what may be secret: values of environment variables and of options.
    #[arg(long)]
    show_values: bool,
    /// Print no banner and no report; files that --report names are written.
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
    /// The command to rehearse, or begin, end, findings or answers.
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true)]
    command: Vec<String>,
}

impl Rehearse {
    /// The network that was asked for, if one was.
    #[cfg(unix)]
    fn network(&self) -> Option<Network> {
        match self.no_network {
            true => Some(Network::None),
            false => self.network,
        }
    }
}

/// A further demand of `--strict`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// Every call in the script's text has to be made.
    Branches,
}

impl std::str::FromStr for Strictness {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "branches" => Ok(Self::Branches),
            _ => Err("it is --strict or --strict=branches".to_owned()),
        }
    }
}

/// A report that was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Its form.
    pub(crate) format: &'static Format,
    /// Its file; else stderr.
    pub(crate) file: Option<PathBuf>,
}

impl std::str::FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file should be named after the =".to_owned()),
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
        .ok_or_else(|| "a time is seconds or minutes, as in 90s or 5m".to_owned())
}

/// The options, for completion and the man page.
pub(super) fn options() -> clap::Command {
    Rehearse::command()
}

/// Runs the command.
#[cfg(unix)]
pub(super) fn run(words: &[String], globals: &Globals, world: &mut World<'_>) -> Result<u8, Stop> {
    // Only `begin` starts lambdry with these words.
    if let [option, stage] = words
        && option == endpoint::standing::OPTION
    {
        return endpoint::standing::run(Path::new(stage), world);
    }
    let mut words = words.to_vec();
    // A command of that name stands behind `--`.
    let is_session = |word: &String| word == "begin" || word == "end";
    let has_command = words.iter().any(|word| word == "--");
    if !has_command && words.first().is_some_and(is_session) {
        // Options may stand on either side of these words; for a command they stand before it.
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
            "there is no rehearse on Windows: it needs links and signals as Unix has them".to_owned(),
            Some("it works in WSL, in a container and on a runner with Linux; every other command works here".to_owned()),
        )),
        Err(code) => Ok(code),
    }
}
