//! `lambdry rehearse begin` and `end`: a rehearsal that consists of several processes, such as the steps of a CI job or
//! the commands that a person types.
//!
//! The stage stays from `begin` to `end`, and so does the server that answers SDKs (see [`super::endpoint::standing`]).
//! `begin` writes the variables into `$GITHUB_ENV` and `$GITHUB_PATH` if those are set; otherwise it prints lines for a
//! shell to eval.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    Rehearse, command, endpoint,
    environment::{CLOSED, Changes},
    folder::{self, Stage},
    network::{Held, Network, variables},
    run::{self, Ran},
    stage::Rehearsal,
    touched,
};
use crate::{
    face::{
        Globals,
        exit::Stop,
        world::{Process, World},
    },
    tool::{backend, typed::Shell},
};

/// lambdry's variables for a session. The end of a session removes or empties them, so that later calls use the state
/// itself again.
const OURS: [&str; 5] = [
    "LAMBDRY_REHEARSAL",
    "LAMBDRY_CALLS",
    "LAMBDRY_SETTLE",
    "LAMBDRY_FAULTS",
    "BASH_ENV",
];

/// Begins a session.
pub(super) fn begin(
    options: &Rehearse,
    globals: &Globals,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    refuse(
        "begin",
        &[
            ("--keep", options.keep.is_some()),
            ("--report", !options.report.is_empty()),
            ("--learn", options.learn.is_some()),
            ("--strict", options.strict.is_some()),
            ("--show-values", options.show_values),
            ("--expect", options.expect.is_some()),
            ("--save-plan", options.save_plan.is_some()),
        ],
        "it belongs to lambdry rehearse end",
    )?;
    refuse(
        "begin",
        &[
            ("--no-network", options.no_network),
            (
                "--network",
                options.network.is_some_and(|it| it != Network::Open),
            ),
        ],
        "it works only for one command, for example lambdry rehearse --no-network -- ./deploy.sh; between begin and \
         end, no lambdry process runs that could enforce it",
    )?;
    if let Some((stage, _)) = present(&world.process) {
        return Err(Stop::Store(
            format!("a session is already open here: {}", stage.display()),
            Some("lambdry rehearse end ends it and prints its report".to_owned()),
        ));
    }
    let github = world.process.path("GITHUB_ENV").map(Path::to_owned);
    if github.is_none() && world.process.stdout_is_terminal {
        return Err(Stop::Store(
            "begin prints lines for your shell, but your shell does not read them".to_owned(),
            Some("write: eval \"$(lambdry rehearse begin)\"".to_owned()),
        ));
    }
    let (network, proxy) = Held::begin(&world.process);
    let mut plan = command::plan(options, globals, world, network)?;
    plan.command.clear();
    plan.rehearsal.session = true;
    let forgotten = folder::sessions(
        &backend::root(&world.process, &globals.own)?,
        &std::env::temp_dir(),
    );
    let cannot = "cannot listen on the loopback";
    let listener = endpoint::listen().context(cannot)?;
    let mut set = run::set(
        &plan,
        &endpoint::url(&listener).context(cannot)?,
        &mut options.progress(&world.process),
    )?;
    touched::keep(&set)?;
    let environment = run::environment(&plan, &set);
    endpoint::standing::start(listener, proxy, set.stage.root(), &plan.cwd, environment)
        .context("cannot start the server for SDKs")?;
    let told = match github {
        Some(file) => into_github(&file, &world.process, &set.changes, &set.stage),
        None => world
            .stdout
            .write_all(for_a_shell(&world.process, &set.changes).as_bytes())
            .and_then(|()| world.stdout.flush()),
    };
    told.context("cannot pass on the variables of the session")?;
    set.stage.last(true);
    if !options.quiet {
        writeln!(
            world.stderr,
            "{}, until lambdry rehearse end",
            command::told(&plan, &set)
        )?;
        if let Some(why) = &plan.network.unheld {
            writeln!(world.stderr, "{}", command::unheld(why))?;
        }
        if let Some(network) = options.unheld {
            writeln!(
                world.stderr,
                "hint: {} asks for the network {}, but a session cannot limit the network: it is open. lambdry \
                 rehearse -- bash starts a shell with that limit",
                super::project::NAME,
                network.word()
            )?;
        }
        for stage in forgotten {
            writeln!(
                world.stderr,
                "hint: an older session is still open; to end it: LAMBDRY_REHEARSAL={} lambdry rehearse end",
                Shell::Sh.quoted(&stage.to_string_lossy())
            )?;
        }
    }
    Ok(0)
}

/// Ends a session and reports it.
pub(super) fn end(
    options: &Rehearse,
    globals: &Globals,
    world: &mut World<'_>,
) -> Result<u8, Stop> {
    refuse(
        "end",
        &[
            ("--in-place", options.in_place),
            ("--real-sleep", options.real_sleep),
            ("--allow", !options.allow.is_empty()),
            ("--stub", !options.stub.is_empty()),
            ("--others", options.others.is_some()),
            ("--fail", !options.fail.is_empty()),
            ("--assume", !options.assume.is_empty()),
            ("--assume-versions", options.assume_versions.is_some()),
            ("--strict-state", options.strict_state),
            ("--absent", !options.absent.is_empty()),
            ("--no-network", options.no_network),
            ("--network", options.network.is_some()),
        ],
        "it belongs to lambdry rehearse begin",
    )?;
    let (root, rehearsal) = find(globals, &world.process)?;
    if !rehearsal.session {
        return Err(Stop::Store(
            "no session to end: this is the rehearsal of one command".to_owned(),
            Some("it ends with that command".to_owned()),
        ));
    }
    let parent = rehearsal.parent.clone();
    let mut progress = options.progress(&world.process);
    let stage = Stage::of_session(root);
    let mut ran = Ran::of_session(&world.process, stage, rehearsal, &mut progress)?;
    let code = command::conclude(options, globals, &mut ran, world)?;
    ran.over();
    let own = |name: &str| ran.rehearsal.proxies.get(name).map(String::as_str);
    let was_led = |name: &&str| ran.rehearsal.environment.contains_key(*name);
    let led = variables::names_under_open().filter(was_led);
    match world.process.path("GITHUB_ENV").map(Path::to_owned) {
        Some(file) => {
            // An empty settling time would mean zero, so this variable is not emptied. An empty fault plan means no
            // fault plan.
            let emptied = OURS.iter().filter(|name| **name != "LAMBDRY_SETTLE");
            let mut lines: String = emptied.map(|name| format!("{name}=\n")).collect();
            lines.push_str(&format!("LAMBDRY_STATE_DIR={}\n", parent.display()));
            lines.push_str(&format!("AWS_ENDPOINT_URL={CLOSED}\n"));
            // The proxy is gone, too.
            for name in led {
                lines.push_str(&format!("{name}={}\n", own(name).unwrap_or_default()));
            }
            append(&file, &lines).with_context(|| format!("cannot write {}", file.display()))?;
        }
        None if !world.process.stdout_is_terminal => {
            let mut lines: String = OURS.iter().map(|name| format!("unset {name}\n")).collect();
            lines.push_str(&format!(
                "export LAMBDRY_STATE_DIR={}\n",
                Shell::Sh.quoted(&parent.to_string_lossy())
            ));
            // Another process may take the port later. It must not get the requests of this shell.
            lines.push_str(&format!("export AWS_ENDPOINT_URL={CLOSED}\n"));
            for name in led {
                lines.push_str(&match own(name) {
                    Some(value) => format!("export {name}={}\n", Shell::Sh.quoted(value)),
                    None => format!("unset {name}\n"),
                });
            }
            lines.push_str(&format!(
                "export PATH={}\n",
                Shell::Sh.quoted(&ran.rehearsal.path)
            ));
            world.stdout.write_all(lines.as_bytes())?;
        }
        None => {}
    }
    Ok(code)
}

/// Refuses options that have no meaning for the given word.
fn refuse(word: &str, given: &[(&str, bool)], why: &str) -> Result<(), Stop> {
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Stop::Invalid(format!(
            "argument {option}: not allowed with {word}: {why}"
        ))),
        None => Ok(()),
    }
}

/// The rehearsal to which this process belongs.
fn present(process: &Process) -> Option<(PathBuf, Rehearsal)> {
    let stage = process.path("LAMBDRY_REHEARSAL")?;
    Some((stage.to_owned(), Rehearsal::read(stage)?))
}

/// The session to end. This is the session that the environment names. If the environment names none, it is the only
/// session of the state directory.
fn find(globals: &Globals, process: &Process) -> Result<(PathBuf, Rehearsal), Stop> {
    if let Some(found) = present(process) {
        return Ok(found);
    }
    let stage = process
        .path("LAMBDRY_REHEARSAL")
        .filter(|stage| !stage.as_os_str().is_empty());
    if let Some(stage) = stage {
        return Err(Stop::Store(
            format!(
                "the session has ended, or its folder was deleted: {} does not exist",
                stage.display()
            ),
            Some("unset LAMBDRY_REHEARSAL, and begin a new session".to_owned()),
        ));
    }
    let state = backend::root(process, &globals.own)?;
    let sessions = folder::sessions(&state, &std::env::temp_dir());
    match sessions.as_slice() {
        [only] => Rehearsal::read(only).map(|rehearsal| (only.clone(), rehearsal)),
        _ => None,
    }
    .ok_or_else(|| {
        let (cause, hint) = if sessions.is_empty() {
            let cause = format!("{} has no open session", state.display());
            (cause, "lambdry rehearse begin starts one".to_owned())
        } else {
            let names: Vec<String> = sessions.iter().map(|it| it.display().to_string()).collect();
            (
                format!(
                    "{} sessions were begun on {}",
                    sessions.len(),
                    state.display()
                ),
                format!("set LAMBDRY_REHEARSAL to one of them: {}", names.join(", ")),
            )
        };
        Stop::Store(cause, Some(hint))
    })
}

/// The lines for a shell. A variable is unset only if it is set in this process.
fn for_a_shell(process: &Process, changes: &Changes) -> String {
    let mut lines = String::new();
    for (name, value) in changes {
        let name_text = name.to_string_lossy();
        match value {
            Some(value) => {
                let value = Shell::Sh.quoted(&value.to_string_lossy());
                lines.push_str(&format!("export {name_text}={value}\n"));
            }
            None if process.env.contains_key(name) => {
                lines.push_str(&format!("unset {name_text}\n"));
            }
            None => {}
        }
    }
    lines
}

/// Lines for the following steps of a job. GitHub cannot remove a variable. So a variable that should be removed is set
/// to the empty text, which AWS's clients treat as not set.
fn into_github(file: &Path, process: &Process, changes: &Changes, stage: &Stage) -> io::Result<()> {
    let path = process
        .path("GITHUB_PATH")
        .ok_or_else(|| io::Error::other("GITHUB_ENV is set, but GITHUB_PATH is not"))?;
    let mut lines = String::new();
    for (name, value) in changes {
        let name_text = name.to_string_lossy();
        match value {
            _ if name == "PATH" => {}
            Some(value) => lines.push_str(&format!("{name_text}={}\n", value.to_string_lossy())),
            None if process.env.contains_key(name) => lines.push_str(&format!("{name_text}=\n")),
            None => {}
        }
    }
    append(file, &lines)?;
    append(path, &format!("{}\n", stage.bin().display()))
}

fn append(file: &Path, lines: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    file.write_all(lines.as_bytes())
}
