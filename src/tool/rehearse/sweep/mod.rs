//! `lambdry rehearse --sweep`: shows if a script can simply be run again after it died at one of its calls.
//!
//! A clean run shows the calls that change something. Then each of these calls fails in two more runs: in one run
//! before the call takes effect, and in the other run after it. Each of these runs has its own fork and its own copy of
//! the working folder. A minute later the script is run again on the state that was left. The ends of both runs are
//! compared with the end of the clean run.
//!
//! [`copy`] is the working folder, and [`point`] is a call at which a run can die. [`runs`] makes the runs. [`end`] is
//! the final state, and [`things`] are the resources in it that are not functions. [`left`] and [`outcome`] describe
//! these in words. [`repeats`] finds the other commands that the runs repeat. [`table`] prints for people and [`ci`]
//! for machines.

mod ci;
mod copy;
mod end;
mod left;
mod outcome;
mod point;
mod repeats;
mod runs;
mod table;
mod things;

use std::{
    collections::BTreeSet,
    io::{self, IsTerminal as _},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use anyhow::Context as _;
use serde::Serialize;

use self::{
    end::{differences, extras},
    outcome::{Again, Did, Script},
    point::Point,
    runs::{Made, Runs},
};
use super::{
    Rehearse, command,
    network::{Network, Refused},
    report::{Report, html},
    secrets, tell,
    touched::{self, Touched},
};
use crate::{
    face::{Globals, exit::Stop, world::World},
    output::shown,
};

/// The largest size of a working folder, in bytes, up to which lambdry copies the folder without asking.
const LARGEST: u64 = 1 << 30;

/// The result of a sweep.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sweep {
    /// The changes of the rehearsed state during the sweep. There should be none.
    touched: Vec<Touched>,
    /// The command and its words.
    command: Vec<String>,
    /// The script's network.
    network: Network,
    /// The hosts that the script tried to reach and could not reach.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<Refused>,
    /// The number of calls of the clean run.
    calls: usize,
    /// Every point, in the order of the clean run.
    points: Vec<Row>,
    /// The result of a second run if no call fails.
    again: Again,
    /// The differences between two clean runs. No comparison counts them.
    at_random: Vec<String>,
    /// True if two clean runs make the same calls.
    same_calls: bool,
    /// The other commands that the runs repeated.
    repeated: Vec<String>,
    /// Further notes.
    notes: Vec<String>,
    /// The number of runs of the script.
    runs: usize,
    /// The duration of the sweep.
    seconds: f64,
    /// The report of the clean run, in which nothing failed.
    clean: Report,
}

/// The result of a point.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(flatten)]
    point: Point,
    /// The script's behaviour when the call failed.
    script: Script,
    /// The state that the script left.
    left: String,
    /// The result of the second run.
    again: Again,
    /// True if a person who finds the script dead can simply run it again.
    rerunnable: bool,
}

impl Sweep {
    /// The points in the order in which they are shown. First come the points after which the script cannot simply be
    /// run again.
    fn in_order(&self) -> impl Iterator<Item = &Row> {
        let bad = self.points.iter().filter(|row| !row.rerunnable);
        bad.chain(self.points.iter().filter(|row| row.rerunnable))
    }
}

impl Row {
    fn of(point: Point, made: &Made, at_random: &BTreeSet<String>) -> Self {
        let compared = |is: &end::End| {
            let mut found = differences(&made.before, &made.clean, is);
            found.retain(|difference| !at_random.contains(&difference.about));
            found
        };
        let is_done = compared(&made.left).is_empty();
        let script = Script::of(&point, &made.first.ended, &made.first.calls, is_done);
        let again = &made.again;
        let left_over = extras(&made.before, &made.clean, &made.end);
        let again = Again::of(
            &again.ended,
            &again.calls,
            &made.said,
            &compared(&made.end),
            left_over,
        );
        let ends_visibly = matches!(script.did, Did::Stopped | Did::Recovered);
        Self {
            left: left::told(&made.before, &made.clean, &made.left, at_random),
            // If a script reports success, nobody runs it again.
            rerunnable: again.arrives && ends_visibly || script.did == Did::NeverCalled,
            point,
            script,
            again,
        }
    }
}

/// Runs the command.
pub(super) fn run(
    options: &Rehearse,
    globals: &Globals,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    command::check_files(options, &world.process)?;
    let network = command::enter(options, &world.process)?;
    let plan = command::plan(options, globals, world, network)?;
    let interrupted = interruptions()?;
    let mut progress = options.progress(&world.process);
    let runs = Runs::new(plan, options, Arc::clone(&interrupted), &mut progress)?;
    match sweep(&runs, options, globals, world) {
        // After the user has interrupted the sweep, every error comes from the interruption.
        Err(_) if interrupted.load(Ordering::Relaxed) => {
            writeln!(world.stderr, "lambdry: the sweep was interrupted")?;
            Ok(130)
        }
        ended => ended,
    }
}

fn sweep(
    runs: &Runs,
    options: &Rehearse,
    globals: &Globals,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    let began = Instant::now();
    refuse_a_large_folder(runs, options)?;
    if !options.quiet {
        let what = secrets::of_line(options.command.clone()).join(" ");
        let what = shown::sentence(&what);
        // If stderr is gone, there is nobody to inform.
        let _ = writeln!(
            world.stderr,
            "lambdry: sweeping {what} against forks of {}; first a clean run",
            runs.state().display()
        );
        let _ = world.stderr.flush();
    }
    let clean = runs.clean()?;
    let points = clean.points.clone();
    let mut notes = runs.notes(&clean);
    // If the clean run did not complete a change, nothing can be compared with it.
    let told = tell::report(options, globals, &world.process, &clean.ran)?;
    let calls = told.calls.iter();
    let ignored = calls.filter(|call| call.became == Some(super::outcome::Outcome::Ignored));
    notes.extend(ignored.map(|call| {
        format!(
            "AWS refused {} in the clean run, and the script did not repair it: {}",
            call.name, call.outcome
        )
    }));
    let repeated = repeats::found(runs, &clean, &options.once);
    let more = (points.len() + 1) * 2;
    if !points.is_empty() && !confirm(&repeated, more, options, world)? {
        return Ok(252);
    }
    let (check, made) = runs.all(&points, &clean, options.progress(&world.process))?;
    notes.extend(runs.escaped(&clean)?);
    let differing = differences(&check.before, &check.clean, &check.left);
    let at_random: BTreeSet<String> = differing
        .iter()
        .map(|difference| difference.about.clone())
        .collect();
    let called = |calls: &[super::calls::Call]| -> Vec<String> {
        calls
            .iter()
            .flat_map(|call| &call.exchanges)
            .map(|exchange| exchange.operation.clone())
            .collect()
    };
    let again = {
        let mut found = differences(&check.before, &check.clean, &check.end);
        found.retain(|difference| !at_random.contains(&difference.about));
        let left_over = extras(&check.before, &check.clean, &check.end);
        Again::of(
            &check.again.ended,
            &check.again.calls,
            &check.said,
            &found,
            left_over,
        )
    };
    if check.first.ended.code != 0 {
        notes.push(format!(
            "a second clean run failed: {}; the results below may be chance",
            outcome::why(
                &check.first.calls,
                &check.said_first,
                check.first.ended.code
            )
        ));
    }
    let network = &runs.plan().network;
    let refused = network.refused();
    let unnamed = refused.iter().filter(|refused| !refused.is_declared());
    notes.extend(unnamed.map(|refused| format!("not reached: {}", refused.told())));
    let touched = runs.touched(&clean, &mut options.progress(&world.process));
    let is_touched = touched::is_bad(&touched);
    let sweep = Sweep {
        touched,
        command: secrets::of_line(options.command.clone()),
        network: network.network,
        refused,
        calls: clean.ran.calls.len(),
        points: points
            .into_iter()
            .zip(&made)
            .map(|(point, made)| Row::of(point, made, &at_random))
            .collect(),
        again,
        same_calls: called(&clean.ran.calls) == called(&check.first.calls),
        at_random: at_random
            .iter()
            .map(|about| about.split(" (").next().unwrap_or(about).to_owned())
            .collect(),
        repeated: repeated.iter().map(ToString::to_string).collect(),
        notes,
        runs: 1 + more,
        seconds: began.elapsed().as_secs_f64(),
        clean: told,
    };
    report(&sweep, options, world)?;
    let all = sweep.points.iter().all(|row| row.rerunnable);
    Ok(u8::from(!all || is_touched))
}

/// A flag that is set when somebody stops the sweep. Each run then ends its own script.
fn interruptions() -> Result<Arc<AtomicBool>, Stop> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .context("cannot listen for signals")?;
    }
    Ok(interrupted)
}

fn refuse_a_large_folder(runs: &Runs, options: &Rehearse) -> Result<(), Stop> {
    let size = runs.size()?;
    if size.bytes <= LARGEST || options.yes {
        return Ok(());
    }
    let largest = size
        .largest()
        .into_iter()
        .map(|(path, bytes)| format!("{} {}", path.display(), table::bytes(bytes)));
    Err(Stop::Store(
        format!(
            "every run copies {}, which has {} ({})",
            runs.folder().display(),
            table::bytes(size.bytes),
            largest.collect::<Vec<_>>().join(", ")
        ),
        Some(
            "--share DIR links to a folder that the script only reads; --yes copies everything"
                .to_owned(),
        ),
    ))
}

/// Asks whether the script's other commands may run again and again. Returns the answer.
fn confirm(
    repeated: &[repeats::Repeated],
    more: usize,
    options: &Rehearse,
    world: &mut World<'_>,
) -> Result<bool, Stop> {
    if options.yes || repeated.is_empty() {
        return Ok(true);
    }
    let list: String = repeated
        .iter()
        .map(|repeated| format!("  {repeated}\n"))
        .collect();
    let err = &mut *world.stderr;
    write!(
        err,
        "lambdry: the script will run {more} more times, and these commands really run each time:\n\
         {list}"
    )?;
    let advice = "--once 'PATTERN' runs a command once and replays its effects";
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        writeln!(
            err,
            "The sweep stopped here: with --yes it runs them. {advice}."
        )?;
        return Ok(false);
    }
    write!(err, "{advice}. Run them? [y/N] ")?;
    err.flush()?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while world.stdin.read(&mut byte)? == 1 && byte != [b'\n'] {
        answer.extend(byte);
    }
    let may = matches!(answer.trim_ascii(), b"y" | b"Y" | b"yes");
    if !may {
        writeln!(world.stderr, "The sweep stopped here.")?;
    }
    Ok(may)
}

/// Reports the sweep.
fn report(sweep: &Sweep, options: &Rehearse, world: &mut World<'_>) -> Result<(), Stop> {
    let width = match world.process.stdout_is_terminal {
        true => world.process.width,
        false => table::WIDTH,
    };
    let mut wanted: Vec<(&str, Option<&Path>)> = options
        .report
        .iter()
        .map(|wanted| (wanted.format.name, wanted.file.as_deref()))
        .collect();
    if wanted.is_empty() {
        wanted.push(("text", None));
        // In a job, people read the text in the log, and the runner reads annotations from the same log.
        if world.process.var("GITHUB_ACTIONS") == Some("true") && !options.quiet {
            wanted.push(("github", None));
        }
    }
    for (format, file) in wanted {
        let width = if file.is_some() { table::WIDTH } else { width };
        let text = match format {
            "json" => {
                let value = serde_json::to_value(sweep).expect("plain data becomes JSON");
                format!("{value:#}\n")
            }
            "markdown" => table::markdown(sweep),
            "html" => html::of_sweep(&sweep.clean, &table::page(sweep)),
            "junit" => {
                let mut text = Vec::new();
                ci::junit(sweep, &mut text)?;
                String::from_utf8_lossy(&text).into_owned()
            }
            "github" => {
                let mut text = Vec::new();
                ci::github(sweep, &tell::in_workspace(&world.process), &mut text)?;
                tell::summarize(&world.process, table::markdown(sweep).as_bytes())?;
                String::from_utf8_lossy(&text).into_owned()
            }
            _ => table::text(sweep, width),
        };
        match file {
            Some(file) => {
                std::fs::write(world.process.cwd.join(file), text)
                    .with_context(|| format!("cannot write {}", file.display()))?;
            }
            // Annotations are for the runner; `--quiet` is only for people.
            None if options.quiet && format != "github" => {}
            None => world.stdout.write_all(text.as_bytes())?,
        }
    }
    Ok(())
}

/// A path relative to a folder.
fn seen(path: &Path, from: &Path) -> std::path::PathBuf {
    path.strip_prefix(from).unwrap_or(path).to_owned()
}
