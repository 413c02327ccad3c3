//! `lambdry rehearse -- COMMAND…`: turns the options into a plan, runs the plan, and turns the run into a report and an
//! exit code.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{
    Rehearse, learn,
    network::{Held, Network},
    report::ReviewedPlan,
    run::{self, Assume, Plan, Ran, Set, Streams},
    secrets,
    stage::Rehearsal,
    tell,
};
use crate::state::plain::plain;
use crate::{
    face::{
        Globals,
        exit::Stop,
        progress::Progress,
        world::{Process, World},
    },
    operation,
    output::shown,
    store::{faults, stubs},
    tool::backend::{Opened, stop},
};

/// Runs the command.
pub(super) fn run(
    options: &Rehearse,
    globals: &Globals,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    check_files(options, &world.process)?;
    let network = enter(options, &world.process)?;
    let plan = plan(options, globals, world, network)?;
    // The plan is read before the script runs. After the run, an error would come too late.
    expected(options, &world.process)?;
    if let Some(folder) = keeps(options, world) {
        refuse_a_full_folder(&folder)?;
    }
    let mut progress = options.progress(&world.process);
    let mut ran = run::run_once(&plan, &mut progress, &mut |set| {
        if !options.quiet {
            // If stderr is gone, there is nobody to inform.
            let _ = writeln!(world.stderr, "{}", told(&plan, set));
            if let Some(why) = &plan.network.unheld {
                let _ = writeln!(world.stderr, "{}", unheld(why));
            }
            let _ = world.stderr.flush();
        }
    })?;
    conclude(options, globals, &mut ran, world)
}

/// Checks that the files that options name can be written once the script has ended: an error then would come too late.
///
/// # Errors
/// When the folder of one is missing or cannot be written, and when one is a folder itself.
pub(super) fn check_files(options: &Rehearse, process: &Process) -> Result<(), Stop> {
    let reports = options.report.iter().filter_map(|wanted| {
        let what = format!("the {} report", wanted.format.name);
        Some((what, wanted.file.as_deref()?))
    });
    let stubs = options.learn.iter().flatten();
    let stubs = stubs.map(|file| ("the stubs".to_owned(), file.as_path()));
    let plan = options.save_plan.iter();
    let plan = plan.map(|file| ("the plan".to_owned(), file.as_path()));
    for (what, file) in reports.chain(stubs).chain(plan) {
        let path = process.cwd.join(file);
        let cannot = |cause: &str, hint: Option<&str>| {
            Err(Stop::Store(
                format!("cannot write {what} to {}: {cause}", file.display()),
                hint.map(str::to_owned),
            ))
        };
        let folder = path.parent().unwrap_or(&path);
        let may = |path: &Path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok();
        match () {
            () if path.is_dir() => return cannot("it is a folder", None),
            // A file in a folder that cannot be written can itself be, as /dev/stdout is.
            () if path.exists() && may(&path) => {}
            () if path.exists() => return cannot("it may not be written", None),
            () if !folder.is_dir() => {
                let hint = "nothing was run; create the folder first, or name another file";
                return cannot(
                    &format!("there is no folder {}", folder.display()),
                    Some(hint),
                );
            }
            () if !may(folder) => return cannot("its folder may not be written", None),
            () => {}
        }
    }
    Ok(())
}

/// Enters the network that was asked for.
///
/// # Errors
/// When the network cannot be set up.
pub(super) fn enter(options: &Rehearse, process: &Process) -> Result<Held, Stop> {
    Held::enter(
        options.network().unwrap_or_default(),
        &options.hosts,
        process,
    )
}

/// Concludes a rehearsal: keeps its fork if an option asks for that, reports the rehearsal, and determines the exit
/// code.
///
/// # Errors
/// When a file or a folder cannot be written.
pub(super) fn conclude(
    options: &Rehearse,
    globals: &Globals,
    ran: &mut Ran,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    let kept = keeps(options, world).map(|folder| {
        refuse_a_full_folder(&folder)?;
        let mut progress = options.progress(&world.process);
        keep_fork(globals, &world.process, ran, &folder, &mut progress)
    });
    // The report comes first, because it is worth more than an error about the fork.
    let told = tell::tell(options, globals, ran, world)?;
    if let Some(file) = &options.learn {
        let file = file.as_ref().map(|file| world.process.cwd.join(file));
        learn::write(&ran.calls, file.as_deref(), world.stdout).with_context(|| {
            let file = file
                .as_deref()
                .map_or("stdout".into(), Path::to_string_lossy);
            format!("cannot write the stubs to {file}")
        })?;
    }
    kept.transpose()?;
    let plan = ReviewedPlan::of(&told);
    if let Some(file) = &options.save_plan {
        let path = world.process.cwd.join(file);
        std::fs::write(&path, plan.text())
            .with_context(|| format!("cannot write the plan to {}", file.display()))?;
    }
    let differences = match expected(options, &world.process)? {
        Some(expected) => plan.differences(&expected),
        None => Vec::new(),
    };
    if !differences.is_empty() && !options.quiet {
        let mut text = "lambdry: the changes of the script differ from the plan:\n".to_owned();
        for line in &differences {
            text.push_str(&format!("  {}\n", shown::sentence(line)));
        }
        let _ = world.stderr.write_all(text.as_bytes());
    }
    Ok(match ran.code() {
        0 if options
            .strict
            .is_some_and(|more| !told.passes(more.is_some())) =>
        {
            255
        }
        0 if !differences.is_empty() => 255,
        code => code,
    })
}

/// The plan that `--expect` names.
///
/// # Errors
/// When the plan cannot be read.
fn expected(options: &Rehearse, process: &Process) -> Result<Option<ReviewedPlan>, Stop> {
    let Some(file) = &options.expect else {
        return Ok(None);
    };
    let read = || -> anyhow::Result<ReviewedPlan> {
        let text = std::fs::read(process.cwd.join(file))?;
        Ok(ReviewedPlan::read(&text)?)
    };
    let plan = read().with_context(|| format!("cannot read the plan {}", file.display()))?;
    Ok(Some(plan))
}

/// The folder that `--keep` names, as an absolute path.
fn keeps(options: &Rehearse, world: &World<'_>) -> Option<PathBuf> {
    let folder = options.keep.as_ref()?;
    Some(world.process.cwd.join(folder))
}

/// Turns the options into the plan of a run.
///
/// # Errors
/// When the options are wrong.
pub(super) fn plan(
    options: &Rehearse,
    globals: &Globals,
    world: &World<'_>,
    network: Held,
) -> Result<Plan, Stop> {
    let process = &world.process;
    let faults = (!options.fail.is_empty()).then(|| options.fail.join("\n"));
    if let Some(plan) = &faults {
        faults::check(plan, operation::keys).map_err(|cause| {
            Stop::Invalid(format!(
                "argument --fail: {cause}; write a fault as PublishVersion#2=TooManyRequestsException or \
                 PublishVersion#2=ServiceException,after"
            ))
        })?;
    }
    if options.others.is_some() && network.network != Network::Open {
        return Err(Stop::Usage(format!(
            "--network={} also blocks the emulator of --others; remove one of the two options",
            network.network.word()
        )));
    }
    for pattern in &options.allow {
        stubs::words(pattern)
            .map_err(|cause| Stop::Usage(format!("argument --allow: {pattern:?}: {cause}")))?;
    }
    for file in &options.stub {
        let path = process.cwd.join(file);
        std::fs::File::open(&path)
            .with_context(|| format!("cannot read the stubs {}", file.display()))?;
    }
    Ok(Plan {
        process: process.clone(),
        globals: globals.clone(),
        command: options.command.clone(),
        cwd: process.cwd.clone(),
        in_place: options.in_place,
        faults,
        assume: match (
            options.assume.iter().any(|name| name == "*"),
            options.strict_state,
        ) {
            (true, _) => Assume::Always,
            (_, true) => Assume::Never,
            _ => Assume::OnEmpty,
        },
        rehearsal: Rehearsal {
            allow: options.allow.clone(),
            once: options.once.clone(),
            stubs: options
                .stub
                .iter()
                .map(|file| process.cwd.join(file))
                .collect(),
            others: options.others.clone(),
            real_sleep: options.real_sleep,
            absent: options.absent.clone(),
            expected: options.assume.clone(),
            given: options.given.clone(),
            assume_versions: options.assume_versions,
            learn: options.learn.is_some(),
            network: network.network,
            network_is_meant: options.network().is_some(),
            hosts: options.hosts.clone(),
            show_values: options.show_values,
            folder: process.cwd.clone(),
            ..Rehearsal::default()
        },
        network,
        streams: Streams::Ours,
        timeout: None,
        most_calls: None,
    })
}

/// The hint that an open network does not hold everything back.
pub(super) fn unheld(why: &str) -> String {
    shown::sentence(&format!("hint: {why}"))
}

/// The line that is shown before a rehearsal.
pub(super) fn told(plan: &Plan, set: &Set) -> String {
    let state = set.rehearsal.parent.display();
    let functions = match set.functions {
        0 => "no function yet".to_owned(),
        1 => "1 function".to_owned(),
        many => format!("{many} functions"),
    };
    let functions = match &set.elsewhere {
        Some((region, regions)) => {
            let regions = regions.join(", ");
            format!("{functions}, but none in {region}; they are in {regions}")
        }
        None => functions,
    };
    let on = if plan.in_place {
        format!("on the state {state} itself")
    } else {
        format!("against a fork of {state}")
    };
    let what = if plan.command.is_empty() {
        String::new()
    } else {
        let words = match plan.rehearsal.show_values {
            true => plan.command.clone(),
            false => secrets::of_line(plan.command.clone()),
        };
        format!(" {}", words.join(" "))
    };
    let network = match plan.rehearsal.network {
        Network::Open => String::new(),
        network => format!("; network: {}", network.word()),
    };
    shown::sentence(&format!(
        "lambdry: rehearsing{what} {on} ({functions}); lambdry answers aws{network}"
    ))
}

/// Saves the state that the script left, as a state directory.
fn keep_fork(
    globals: &Globals,
    process: &Process,
    ran: &Ran,
    folder: &Path,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let opened = Opened::at(process, &globals.own, ran.after.clone())?;
    let mut tell = |what: &str, done, all| progress.tell(what, done, all);
    opened.store.keep_fork(folder, &mut tell).map_err(stop)
}

fn refuse_a_full_folder(folder: &Path) -> Result<(), Stop> {
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Ok(false) => Err(Stop::Store(
            format!(
                "--keep needs an empty directory, but {} is not empty",
                folder.display()
            ),
            Some("choose a directory that does not exist yet".to_owned()),
        )),
        Err(error) => Err(Stop::Other(format!(
            "cannot read {}: {}",
            folder.display(),
            plain(&error)
        ))),
    }
}
