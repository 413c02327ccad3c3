//! The AWS config file: `[default]`, `[profile NAME]`, `key = value`. This module reads these files and never writes
//! them.
//!
//! Two files are read: the state directory's `aws/config`, then the user's (`AWS_CONFIG_FILE`, else `~/.aws/config`);
//! if both have a setting, the first file is used. The credentials file (`AWS_SHARED_CREDENTIALS_FILE`, else
//! `~/.aws/credentials`) is read only for the names of its sections, because these are profiles, too.
//! `~/.aws/cli/alias` has the same format.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use indexmap::{IndexMap, IndexSet};

use super::blobs::BinaryFormat;
use super::customize;
use super::exit::{ErrorFormat, Stop};
use super::globals::Globals;
use super::python;
use super::world::Process;

/// The profiles of one file, with their settings.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Config {
    profiles: IndexMap<String, BTreeMap<String, String>>,
}

impl Config {
    /// Parses the text of a file. Returns `None` if Python's configparser would refuse it: a line that is not a
    /// setting, or a duplicate header or key.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut config = Self::default();
        let mut section: Option<String> = None;
        let mut key: Option<(String, usize)> = None;
        let (mut headers, mut keys) = (HashSet::new(), HashSet::new());
        for line in text.lines() {
            let trimmed = python::strip(line);
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            let indent = line.chars().take_while(|c| python::is_space(*c)).count();
            if let (Some(section), Some((key, level))) = (&section, &key)
                && indent > *level
            {
                let settings = config.profiles.entry(section.clone()).or_default();
                let value = settings.entry(key.clone()).or_default();
                value.push('\n');
                value.push_str(trimmed);
                continue;
            }
            if let Some(rest) = trimmed.strip_prefix('[') {
                let name = &rest[..rest.rfind(']')?];
                if name.is_empty() || !headers.insert(name) {
                    return None;
                }
                keys.clear();
                section = Some(profile_of(name));
                key = None;
                config.profiles.entry(profile_of(name)).or_default();
                continue;
            }
            let (name, value) = trimmed.split_once(['=', ':'])?;
            let name = python::strip(name).to_lowercase();
            if name.is_empty() || !keys.insert(name.clone()) {
                return None;
            }
            let settings = config.profiles.entry(section.clone()?).or_default();
            settings.insert(name.clone(), python::strip(value).to_owned());
            key = Some((name, indent));
        }
        Some(config)
    }

    /// A setting of a profile.
    pub(crate) fn setting(&self, profile: &str, key: &str) -> Option<&str> {
        self.profiles.get(profile)?.get(key).map(String::as_str)
    }

    /// The section whose header consists of these words. Any number of blanks may separate them.
    pub(crate) fn section(&self, header: &[&str]) -> Option<&BTreeMap<String, String>> {
        let mut sections = self.profiles.iter();
        sections.find_map(|(key, section)| {
            let words = key.strip_prefix('[')?.strip_suffix(']')?.split_whitespace();
            words.eq(header.iter().copied()).then_some(section)
        })
    }

    /// Reads a file. Error messages call the file `shown`.
    pub(crate) fn read(path: &Path, shown: &str) -> Result<Self, Stop> {
        let refused = || Stop::Other(format!("Unable to parse config file: {shown}"));
        match std::fs::read(path) {
            Ok(bytes) => String::from_utf8(bytes)
                .ok()
                .and_then(|text| Self::parse(&text))
                .ok_or_else(refused),
            // A missing or unreadable file counts as an empty file, as in botocore.
            Err(_) => Ok(Self::default()),
        }
    }
}

/// The names of the sections in a credentials file. Each section is a profile. The lines below a header are not read.
fn names_of(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let header = |line: &str| {
        let rest = line.strip_prefix('[')?;
        Some(python::strip(&rest[..rest.rfind(']')?]).to_owned())
    };
    text.lines().filter_map(header).collect()
}

/// The file that a variable names, with `~` expanded; without the variable, `default` below the home directory.
fn file(process: &Process, variable: &str, default: &str) -> Option<PathBuf> {
    let home = process.path("HOME");
    match process.path(variable) {
        Some(path) => Some(match (path.strip_prefix("~"), home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => process.cwd.join(path),
        }),
        None => home.map(|home| home.join(".aws").join(default)),
    }
}

/// The key under which a section is kept: `default`, or a profile's name. For `services` and similar sections, the key
/// is the whole header, because no profile can have such a name.
fn profile_of(header: &str) -> String {
    let header = python::strip(header);
    match header
        .strip_prefix("profile")
        .filter(|rest| rest.starts_with(python::is_space))
    {
        Some(name) => python::strip(name).trim_matches(['"', '\'']).to_owned(),
        None if header == "default" => header.to_owned(),
        None => format!("[{header}]"),
    }
}

/// The settings from options, environment and config files together.
#[derive(Debug)]
pub(crate) struct Settings {
    profile: String,
    /// True if the option or a variable named the profile.
    named: bool,
    files: [Config; 2],
    /// The credentials file, and the names of its profiles. The file is read only if no other file has the profile, or
    /// if all profiles are requested.
    credentials: (Option<PathBuf>, OnceCell<Vec<String>>),
    /// The names of the two files, as `configure list` shows them.
    names: [String; 2],
}

/// A setting, and the file that holds it.
#[derive(Debug)]
pub(crate) struct Found<'s> {
    pub(crate) value: &'s str,
    pub(crate) file: String,
}

impl Settings {
    /// Reads the files. `state` is the state directory's config file.
    ///
    /// # Errors
    /// A file that exists but cannot be parsed.
    pub(crate) fn load(
        process: &Process,
        globals: &Globals,
        state: Option<PathBuf>,
    ) -> Result<Self, Stop> {
        let user = file(process, "AWS_CONFIG_FILE", "config");
        let credentials = file(process, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
        // The user's own file may be a pipe, such as `<(…)`, as in aws-cli.
        if let Some(path) = &state
            && std::fs::metadata(path).is_ok_and(|found| !found.is_file())
        {
            let cause = format!("cannot read {}: it is not a regular file", path.display());
            let hint = "remove it; aws configure set creates the file";
            return Err(Stop::Store(cause, Some(hint.to_owned())));
        }
        let read = |path: Option<PathBuf>, given: Option<&str>| match path {
            // A relative path is shown as it was given.
            Some(path) => Config::read(
                &path,
                given
                    .filter(|given| !given.starts_with('~'))
                    .unwrap_or(&path.to_string_lossy()),
            ),
            None => Ok(Config::default()),
        };
        let profile = globals
            .profile
            .as_deref()
            .or_else(|| process.var("AWS_PROFILE"))
            .or_else(|| process.var("AWS_DEFAULT_PROFILE"));
        let names = [
            state
                .as_deref()
                .map(|path| path.display().to_string())
                .unwrap_or_default(),
            process
                .var("AWS_CONFIG_FILE")
                .unwrap_or("~/.aws/config")
                .to_owned(),
        ];
        Ok(Self {
            profile: profile.unwrap_or("default").to_owned(),
            named: profile.is_some(),
            credentials: (credentials, OnceCell::new()),
            files: [
                read(state, None)?,
                read(user, process.var("AWS_CONFIG_FILE"))?,
            ],
            names,
        })
    }

    /// The profile's name.
    pub(crate) fn profile(&self) -> &str {
        &self.profile
    }

    /// Refuses a profile that is in no file. Under our own name, an unknown profile that a variable names is not an
    /// error and has no settings: the region does not depend on a profile there.
    ///
    /// # Errors
    /// An error in aws-cli's words.
    pub(crate) fn demand_profile(&self, process: &Process, globals: &Globals) -> Result<(), Stop> {
        let counts = self.named && (process.is_aws() || globals.profile.is_some());
        if counts
            && !self.named_in_files().any(|name| *name == self.profile)
            && !self.named_in_credentials().contains(&self.profile)
        {
            return Err(Stop::Other(format!(
                "The config profile ({}) could not be found",
                self.profile
            )));
        }
        Ok(())
    }

    /// A setting of the profile.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.lookup(&self.profile, key)
    }

    /// A setting of any profile.
    pub(crate) fn lookup(&self, profile: &str, key: &str) -> Option<&str> {
        self.find(profile, key).map(|found| found.value)
    }

    /// A setting of any profile, and the file that holds it.
    pub(crate) fn find(&self, profile: &str, key: &str) -> Option<Found<'_>> {
        self.files.iter().zip(&self.names).find_map(|(file, name)| {
            let value = file.setting(profile, key)?;
            let file = name.clone();
            Some(Found { value, file })
        })
    }

    /// The names of all profiles, in the files' order. A key that starts with a bracket is a section that is not a
    /// profile.
    pub(crate) fn profiles(&self) -> Vec<String> {
        let names: IndexSet<&String> =
            (self.named_in_files().chain(self.named_in_credentials())).collect();
        names.into_iter().cloned().collect()
    }

    fn named_in_files(&self) -> impl Iterator<Item = &String> {
        let names = self.files.iter().flat_map(|file| file.profiles.keys());
        names.filter(|name| !name.starts_with('['))
    }

    fn named_in_credentials(&self) -> &Vec<String> {
        let (path, names) = &self.credentials;
        names.get_or_init(|| path.as_deref().map(names_of).unwrap_or_default())
    }

    /// The text that is set as the region, if any.
    pub(crate) fn region_word<'s>(
        &'s self,
        process: &'s Process,
        globals: &'s Globals,
    ) -> Option<&'s str> {
        (globals.region.as_deref())
            .or_else(|| process.var("AWS_REGION"))
            .or_else(|| process.var("AWS_DEFAULT_REGION"))
            .or_else(|| self.get("region"))
    }

    /// The region: from the option, the environment or the profile; else us-east-1 under our own name.
    ///
    /// # Errors
    /// A missing region under `aws`, and a text that is not a host label.
    pub(crate) fn region(
        &self,
        process: &Process,
        globals: &Globals,
        service: &str,
    ) -> Result<String, Stop> {
        match self.region_word(process, globals) {
            Some("") => {
                let host = customize::host(service);
                Err(Stop::Other(format!("Invalid endpoint: https://{host}..amazonaws.com")))
            }
            Some(region) if is_host_label(region) => Ok(region.to_owned()),
            Some(region) => Err(Stop::Other(format!(
                "Provided region_name '{region}' doesn't match a supported format."
            ))),
            None if process.is_aws() => Err(Stop::Configuration(
                "NoRegion",
                "You must specify a region. You can also configure your region by running \"aws configure\".".to_owned(),
            )),
            None => Ok("us-east-1".to_owned()),
        }
    }

    /// The name of the output format. It is checked later, when the answer is printed.
    pub(crate) fn output<'s>(&'s self, process: &'s Process, globals: &'s Globals) -> &'s str {
        globals
            .output
            .as_deref()
            .or_else(|| process.var("AWS_DEFAULT_OUTPUT"))
            .or_else(|| self.get("output"))
            .unwrap_or("json")
    }

    /// The encoding of bytes as text. It has no environment variable.
    pub(crate) fn binary_format(&self, globals: &Globals) -> BinaryFormat {
        match globals
            .binary_format
            .as_deref()
            .or_else(|| self.get("cli_binary_format"))
        {
            Some("raw-in-base64-out") => BinaryFormat::Raw,
            _ => BinaryFormat::Base64,
        }
    }

    /// The format of errors.
    pub(crate) fn error_format(&self, process: &Process, globals: &Globals) -> ErrorFormat {
        globals
            .error_format
            .as_deref()
            .or_else(|| process.var("AWS_CLI_ERROR_FORMAT"))
            .or_else(|| self.get("cli_error_format"))
            .and_then(ErrorFormat::named)
            .unwrap_or_default()
    }

    /// Refuses unknown names in the settings of formats that every call reads.
    ///
    /// # Errors
    /// An error in aws-cli's words.
    pub(crate) fn demand_formats(&self) -> Result<(), Stop> {
        match self.get("cli_timestamp_format") {
            None | Some("iso8601" | "wire") => {}
            Some(other) => {
                return Err(Stop::Configuration(
                    "Configuration",
                    format!(
                        "Unknown cli_timestamp_format value: {other}, valid values are \"wire\" or \"iso8601\""
                    ),
                ));
            }
        }
        match self.get("cli_binary_format") {
            None | Some("base64" | "raw-in-base64-out") => Ok(()),
            // The error for a key that is not in the table.
            Some(other) => Err(Stop::Other(python::repr(other))),
        }
    }

    /// The number of attempts for a call: the configured number, or else 3.
    ///
    /// # Errors
    /// An invalid number or an unknown mode. Mode `legacy` exists in version 1 alone.
    pub(crate) fn attempts(&self, process: &Process) -> Result<u32, Stop> {
        let set = |variable, key| process.var(variable).or_else(|| self.get(key));
        let attempts = set("AWS_MAX_ATTEMPTS", "max_attempts").map_or(Ok(3), python::int);
        let attempts = attempts.map_err(Stop::Other)?;
        let mode = set("AWS_RETRY_MODE", "retry_mode").unwrap_or("standard");
        if !matches!(mode, "standard" | "adaptive") {
            return Err(Stop::Other(format!(
                "Invalid value provided to \"mode\": \"{mode}\" must be one of: \"standard\" or \"adaptive\""
            )));
        }
        match u32::try_from(attempts) {
            Ok(attempts) if attempts > 0 => Ok(attempts),
            _ if attempts > 0 => Ok(u32::MAX),
            _ => Err(Stop::Other(format!(
                "Value provided to \"max_attempts\": {attempts} must be an integer greater than or equal to one."
            ))),
        }
    }
}

/// botocore's `^(?![0-9]+$)(?!-)[a-zA-Z0-9-]{,63}(?<!-)$`.
fn is_host_label(text: &str) -> bool {
    text.len() <= 63
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::face::fixtures::process;

    const FILE: &str = "# top\n[default]\nregion = eu-west-1\noutput=text\ns3 =\n    max_queue = 10\n  # in between\n    x=1\nafter: y\n\n\
                        [profile dev]\nregion=us-west-2\n[profile \"two words\"]\nregion=ap-south-1\n[services s]\nlambda =\n  endpoint_url = http://x\n";

    fn settings(env: &[(&str, &str)], globals: &Globals) -> (Process, Settings) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config");
        std::fs::write(&path, FILE).unwrap();
        let mut env = env.to_vec();
        env.push(("AWS_CONFIG_FILE", path.to_str().unwrap()));
        let process = process(&env, dir.path());
        let settings = Settings::load(&process, globals, None).unwrap();
        (process, settings)
    }

    #[test]
    fn reads_profiles() {
        let config = Config::parse(FILE).unwrap();
        assert_eq!(config.profiles["default"]["region"], "eu-west-1");
        assert_eq!(config.profiles["default"]["s3"], "\nmax_queue = 10\nx=1");
        assert_eq!(config.profiles["default"]["after"], "y");
        assert_eq!(config.profiles["dev"]["region"], "us-west-2");
        assert_eq!(config.profiles["two words"]["region"], "ap-south-1");
        for text in [
            "key = before any section",
            "[default",
            "[default]\nno delimiter",
            "[default]\n[default]",
            "[default]\nregion = a\nREGION = b",
            "[]\nregion = a",
        ] {
            assert_eq!(Config::parse(text), None, "{text}");
        }
    }

    #[test]
    fn finds_the_region_in_order() {
        let region = |env: &[(&str, &str)], option: Option<&str>| {
            let globals = Globals {
                region: option.map(str::to_owned),
                ..Globals::default()
            };
            let (process, settings) = settings(env, &globals);
            settings
                .region(&process, &globals, "lambda")
                .map_err(|stop| stop.code())
        };
        assert_eq!(region(&[], None), Ok("eu-west-1".to_owned()));
        assert_eq!(
            region(&[("AWS_PROFILE", "dev")], None),
            Ok("us-west-2".to_owned())
        );
        assert_eq!(
            region(&[("AWS_DEFAULT_REGION", "b-1")], None),
            Ok("b-1".to_owned())
        );
        assert_eq!(
            region(
                &[("AWS_DEFAULT_REGION", "b-1"), ("AWS_REGION", "a-1")],
                None
            ),
            Ok("a-1".to_owned())
        );
        assert_eq!(
            region(&[("AWS_REGION", "a-1")], Some("z-1")),
            Ok("z-1".to_owned())
        );
        assert_eq!(region(&[("AWS_REGION", "")], None), Err(255));
        assert_eq!(region(&[], Some("us east 1")), Err(255));
        assert_eq!(region(&[("AWS_PROFILE", "nope")], None), Err(253));
    }

    #[test]
    fn falls_back_to_us_east_1_under_our_own_name() {
        let (mut process, settings) = settings(&[("AWS_PROFILE", "nope")], &Globals::default());
        process.program = "lambdry".to_owned();
        assert_eq!(
            settings.region(&process, &Globals::default(), "lambda"),
            Ok("us-east-1".to_owned())
        );
    }

    #[test]
    fn lets_the_state_directory_win() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ours"), "[default]\nregion=sa-east-1\n").unwrap();
        std::fs::write(dir.path().join("theirs"), FILE).unwrap();
        std::fs::write(dir.path().join("broken"), "[default").unwrap();
        let process = process(&[("AWS_CONFIG_FILE", "theirs")], dir.path());
        let settings =
            Settings::load(&process, &Globals::default(), Some(dir.path().join("ours"))).unwrap();
        assert_eq!(
            (settings.get("region"), settings.get("output")),
            (Some("sa-east-1"), Some("text"))
        );
        assert!(
            Settings::load(
                &process,
                &Globals::default(),
                Some(dir.path().join("broken"))
            )
            .is_err()
        );
    }

    #[test]
    fn counts_attempts() {
        let attempts = |env: &[(&str, &str)]| {
            let (process, settings) = settings(env, &Globals::default());
            settings.attempts(&process)
        };
        let refused = |text: &str| Err(Stop::Other(text.to_owned()));
        assert_eq!(attempts(&[]), Ok(3));
        assert_eq!(attempts(&[("AWS_MAX_ATTEMPTS", "5")]), Ok(5));
        assert_eq!(attempts(&[("AWS_RETRY_MODE", "adaptive")]), Ok(3));
        for mode in ["legacy", "fast", ""] {
            assert_eq!(
                attempts(&[("AWS_RETRY_MODE", mode)]),
                refused(&format!(
                    "Invalid value provided to \"mode\": \"{mode}\" must be one of: \"standard\" or \"adaptive\""
                ))
            );
        }
        for number in ["0", "-1"] {
            assert_eq!(
                attempts(&[("AWS_MAX_ATTEMPTS", number)]),
                refused(&format!(
                    "Value provided to \"max_attempts\": {number} must be an integer greater than or equal to one."
                ))
            );
        }
        assert_eq!(
            attempts(&[("AWS_MAX_ATTEMPTS", "x")]),
            refused("invalid literal for int() with base 10: 'x'")
        );
    }

    #[test]
    fn refuses_a_profile_that_no_file_has() {
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("keys");
        std::fs::write(
            &keys,
            "[kept]\naws_access_key_id = A\naws_secret_access_key = [no]\n",
        )
        .unwrap();
        let keys = keys.to_str().unwrap();
        let demand = |program: &str, env: &[(&str, &str)], option: Option<&str>| {
            let globals = Globals {
                profile: option.map(str::to_owned),
                ..Globals::default()
            };
            let env: Vec<_> = env
                .iter()
                .copied()
                .chain([("AWS_SHARED_CREDENTIALS_FILE", keys)])
                .collect();
            let (mut process, settings) = settings(&env, &globals);
            process.program = program.to_owned();
            settings.demand_profile(&process, &globals)
        };
        let missing = |name: &str| {
            Err(Stop::Other(format!(
                "The config profile ({name}) could not be found"
            )))
        };
        for known in ["default", "dev", "two words", "kept"] {
            assert_eq!(
                demand("aws", &[("AWS_PROFILE", known)], None),
                Ok(()),
                "{known}"
            );
        }
        for unknown in ["nope", "services s", "", "no"] {
            assert_eq!(demand("aws", &[], Some(unknown)), missing(unknown));
            for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
                assert_eq!(
                    demand("aws", &[(variable, unknown)], None),
                    missing(unknown)
                );
                assert_eq!(demand("lambdry", &[(variable, unknown)], None), Ok(()));
            }
        }
        assert_eq!(demand("lambdry", &[], Some("nope")), missing("nope"));
        assert_eq!(
            demand("aws", &[("AWS_PROFILE", "nope")], Some("dev")),
            Ok(())
        );
    }

    #[test]
    fn names_the_profiles_of_the_credentials_file_and_reads_none_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("keys");
        std::fs::write(&keys, "[default]\n[kept]\nregion = us-gov-west-1\n").unwrap();
        let env = [
            ("AWS_SHARED_CREDENTIALS_FILE", keys.to_str().unwrap()),
            ("AWS_PROFILE", "kept"),
        ];
        let (_, settings) = settings(&env, &Globals::default());
        assert_eq!(settings.profiles(), ["default", "dev", "two words", "kept"]);
        assert_eq!(settings.get("region"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in "(\\[[a-z ]{0,8}\\]?|[a-zé]{0,3} ?[=:]? ?[a-z]{0,3}|[ \\t]{0,3}#?|\\n){0,12}") {
            let _ = Config::parse(&text);
        }
    }
}
