//! `lambdry.toml`: a project's settings for its rehearsals. The file is in the folder of the script or in a folder
//! above, up to the root of the repository. Outside a repository, only the folder of the script is searched.
//!
//! ```toml
//! state = "fixtures/state"
//! region = "eu-west-1"
//! settle = "2s"
//! network = "registries"
//! hosts = ["npm.example.com", "*.example.org:8443", "localhost:5432", "!telemetry.example.com"]
//! stubs = ["fixtures/stubs"]
//! allow = ["docker build *"]
//! others = "http://127.0.0.1:5000"
//! assume = ["pay"]
//! strict = "branches"
//! once = ["npm *"]
//!
//! [ignore]
//! race-after-update = "the builder waits"
//!
//! [given]
//! "ssm parameter /pay/host" = { Value = "db.internal" }
//! ```
//!
//! Options and the environment win over the file. The file's lists are added to the lists of the options and the
//! environment. Paths are relative to the file's folder.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    Rehearse, Strictness,
    network::{self, Network},
    others::emulator,
    suppression::Suppression,
};
use crate::state::plain::plain;
use crate::{
    face::{Globals, exit::Stop, settling_time, world::Process},
    operation::ready::{self, Given},
};

/// The file's name.
pub(crate) const NAME: &str = "lambdry.toml";

/// The settings in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    state: Option<PathBuf>,
    region: Option<String>,
    settle: Option<String>,
    network: Option<String>,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    stubs: Vec<PathBuf>,
    #[serde(default)]
    allow: Vec<String>,
    #[serde(default)]
    assume: Vec<String>,
    others: Option<String>,
    strict: Option<Strict>,
    #[serde(default)]
    once: Vec<String>,
    #[serde(default)]
    ignore: BTreeMap<String, String>,
    #[serde(default)]
    given: Given,
}

/// `strict = true`, `strict = "branches"`
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Strict {
    Is(bool),
    More(String),
}

/// The part of the settings that a subcommand needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// All settings, because the subcommand runs a script and judges the run.
    Whole,
    /// The settings for running a script.
    Run,
    /// The settings for judging a run.
    Judgement,
}

/// Applies the settings of the project's file. Returns the file's path.
///
/// # Errors
/// When the file cannot be read, or has an unknown setting.
pub(super) fn take_in(
    options: &mut Rehearse,
    globals: &mut Globals,
    process: &Process,
    part: Part,
) -> Result<Option<PathBuf>, Stop> {
    let Some(file) = find(&options.command, &process.cwd) else {
        return Ok(None);
    };
    let wrong = |cause: String| {
        Stop::Store(
            format!("{}: {cause}", file.display()),
            Some(
                "the possible keys are: state, region, settle, network, hosts, stubs, allow, others, assume, strict, \
                 once, [ignore], [given]"
                    .to_owned(),
            ),
        )
    };
    let text = std::fs::read_to_string(&file).map_err(|error| wrong(plain(&error)))?;
    let said: Settings = toml::from_str(&text).map_err(|error| wrong(plain(&error)))?;
    let folder = file.parent().unwrap_or(Path::new("."));
    if part != Part::Judgement {
        // Only a sweep uses `--once`.
        if options.sweep {
            options.once.extend(said.once);
        }
        options.allow.extend(said.allow);
        ready::check_given(&said.given).map_err(|cause| wrong(format!("[given]: {cause}")))?;
        options.given = said.given;
        for host in &said.hosts {
            network::check(host).map_err(|cause| wrong(format!("hosts: {cause}")))?;
        }
        options.hosts = said.hosts;
        let network = said.network.map(|network| network.parse::<Network>());
        let network = network
            .transpose()
            .map_err(|cause| wrong(format!("network: {cause}")))?;
        match part {
            Part::Whole if options.network().is_none() => options.network = network,
            Part::Run => options.unheld = network.filter(|it| *it != Network::Open),
            _ => {}
        }
        options
            .stub
            .extend(said.stubs.iter().map(|stub| folder.join(stub)));
        if let Some(url) = said.others
            && options.others.is_none()
        {
            let url =
                emulator(&url).map_err(|cause| wrong(format!("others = {url:?}: {cause}")))?;
            options.others = Some(url);
        }
        if !options.strict_state {
            options.assume.extend(said.assume);
        }
        if globals.region.is_none()
            && ["AWS_REGION", "AWS_DEFAULT_REGION"]
                .iter()
                .all(|name| process.var(name).is_none())
        {
            globals.region = said.region;
        }
        if let Some(settle) = said.settle
            && globals.own.settle.is_none()
            && process.var("LAMBDRY_SETTLE").is_none()
        {
            let settle = settling_time(&settle).map_err(|_| {
                wrong(format!(
                    "settle = {settle:?} is not a time; write for example \"2s\""
                ))
            })?;
            globals.own.settle = Some(settle);
        }
    }
    // lambdry finds a session by its state directory, so this setting also applies to `end`.
    if let Some(state) = said.state
        && globals.own.state_dir.is_none()
        && process.var("LAMBDRY_STATE_DIR").is_none()
    {
        globals.own.state_dir = Some(folder.join(state).to_string_lossy().into_owned());
    }
    if part != Part::Run {
        let strict = match said.strict {
            Some(Strict::Is(is)) => is.then_some(None),
            Some(Strict::More(word)) => {
                let more: Strictness = word.parse().map_err(wrong)?;
                Some(Some(more))
            }
            None => None,
        };
        // A sweep is always as strict as possible.
        if !options.sweep {
            options.strict = options.strict.or(strict);
        }
        let ignored = said.ignore.into_iter();
        options.ignored = ignored
            .map(|(finding, because)| Suppression::of_project(finding, because))
            .collect();
    }
    Ok(Some(file))
}

/// The project's file. It is searched in the script's folder and in the folders above it inside the same repository.
fn find(command: &[String], cwd: &Path) -> Option<PathBuf> {
    let mut scripts = command.iter().map(|word| cwd.join(word));
    let script = scripts.find(|file| file.is_file());
    let folder = match &script {
        Some(script) => script.parent()?.canonicalize().ok()?,
        None => cwd.to_owned(),
    };
    let is_in_repository = folder.ancestors().any(|above| above.join(".git").exists());
    let levels = if is_in_repository { usize::MAX } else { 1 };
    for above in folder.ancestors().take(levels) {
        let file = above.join(NAME);
        if file.is_file() {
            return Some(file);
        }
        if above.join(".git").exists() {
            break;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::find;

    #[test]
    fn it_lies_beside_the_script_or_above_it_in_the_repository() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a path");
        let deep = root.join("repository/deploy/prod");
        fs::create_dir_all(&deep).expect("made");
        fs::write(deep.join("go.sh"), "").expect("written");
        let words = ["bash".to_owned(), "deploy/prod/go.sh".to_owned()];
        let cwd = root.join("repository");
        let found = || find(&words, &cwd);
        fs::write(root.join("lambdry.toml"), "").expect("written");
        assert_eq!(found(), None);
        fs::write(root.join("repository/lambdry.toml"), "").expect("written");
        // Outside a repository, the root of the project is not known.
        assert_eq!(found(), None);
        fs::create_dir(root.join("repository/.git")).expect("made");
        assert_eq!(found(), Some(root.join("repository/lambdry.toml")));
        fs::write(deep.join("lambdry.toml"), "").expect("written");
        assert_eq!(found(), Some(deep.join("lambdry.toml")));
        // If no word of the command is a script, the working folder is used.
        assert_eq!(
            find(&["true".to_owned()], &cwd),
            Some(root.join("repository/lambdry.toml"))
        );
    }
}
