//! The environment of a rehearsed script: the environment of lambdry, but with AWS settings that cannot reach AWS.
//!
//! A program that calls the AWS CLI or uses the CLI's settings gets keys that no account has, an endpoint on the
//! loopback (see [`super::endpoint`]), and a config file that holds only names and regions. Settings that would undo
//! this are removed. `HOME` and everything else stay as they are.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
};

use super::{endpoint::Keys, folder::Stage, shell::hook};
use crate::{face::Settings, tool::typed::Shell};

/// AWS's own example of a secret, which no account has. The ids of the keys with this secret are made for each
/// rehearsal.
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// Variables that would still lead to AWS. These are other sources of keys, and settings that bypass the endpoint.
const TAKEN: [&str; 20] = [
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_SESSION_EXPIRATION",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "BITBUCKET_STEP_OIDC_TOKEN",
    "CIRCLE_OIDC_TOKEN",
    "CIRCLE_OIDC_TOKEN_V2",
    "CI_JOB_JWT_V2",
];

/// Settings of a profile that cannot lead to AWS, such as a region, an account or an output format.
const HARMLESS: [&str; 7] = [
    "region",
    "output",
    "cli_binary_format",
    "cli_error_format",
    "cli_pager",
    "max_attempts",
    "retry_mode",
];

/// The endpoint's address after a session is over: a port on which nothing listens.
pub(crate) const CLOSED: &str = "http://127.0.0.1:9";

/// The changes to a script's environment: a new value for a variable, or `None` to remove it.
pub(crate) type Changes = BTreeMap<OsString, Option<OsString>>;

/// The changes that a rehearsal with the given stage makes.
///
/// # Errors
/// The stage cannot be written.
pub(crate) fn changes(
    environment: &BTreeMap<OsString, OsString>,
    settings: &Settings,
    stage: &Stage,
    endpoint: &str,
    keys: &Keys,
) -> io::Result<Changes> {
    let mut changes = Changes::new();
    let mut set = |name: &str, value: OsString| {
        changes.insert(name.into(), Some(value));
    };
    set("AWS_ACCESS_KEY_ID", keys.own.clone().into());
    set("AWS_SECRET_ACCESS_KEY", SECRET.into());
    set("AWS_ENDPOINT_URL", endpoint.into());
    for name in environment.keys() {
        // A variable for one service would win over the general variable.
        if let Some(name) = name.to_str()
            && name.starts_with("AWS_ENDPOINT_URL_")
        {
            set(name, endpoint.into());
        }
    }
    set("AWS_EC2_METADATA_DISABLED", "true".into());
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint.into());
    let (config, credentials) = files(settings, endpoint, keys);
    set(
        "AWS_CONFIG_FILE",
        stage.write("aws/config", config.as_bytes())?.into(),
    );
    let credentials = stage.write("aws/credentials", credentials.as_bytes())?;
    set("AWS_SHARED_CREDENTIALS_FILE", credentials.into());
    // boto 2 has a config file of its own.
    set("BOTO_CONFIG", stage.write("aws/boto", b"")?.into());
    set("BOTO_PATH", stage.root().join("aws/boto").into());
    for proxy in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        if environment.contains_key(OsStr::new(proxy)) {
            // Without this, requests for the loopback would go to the proxy. The proxy would look for the loopback on
            // its own machine.
            for name in ["NO_PROXY", "no_proxy"] {
                set(
                    name,
                    but_for_the_loopback(environment.get(OsStr::new(name))),
                );
            }
        }
    }
    set("PATH", path(environment, stage)?);
    let chained = environment.get(OsStr::new("BASH_ENV"));
    let bashenv = stage.write("bashenv", bash_env(stage, chained).as_bytes())?;
    set("BASH_ENV", bashenv.into());
    let bearer = environment.keys().filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("AWS_BEARER_TOKEN_")
    });
    let taken = TAKEN.iter().map(OsString::from).chain(bearer.cloned());
    changes.extend(taken.map(|name| (name, None)));
    Ok(changes)
}

/// A PATH on which the stage's commands come first.
fn path(environment: &BTreeMap<OsString, OsString>, stage: &Stage) -> io::Result<OsString> {
    let path = environment.get(OsStr::new("PATH"));
    let rest = path.map(|path| std::env::split_paths(path).collect::<Vec<_>>());
    std::env::join_paths(std::iter::once(stage.bin()).chain(rest.unwrap_or_default())).map_err(
        |_| {
            io::Error::other(format!(
                "{}: a folder on PATH cannot have a colon in its name",
                stage.bin().display()
            ))
        },
    )
}

fn but_for_the_loopback(so_far: Option<&OsString>) -> OsString {
    let mut value = so_far.cloned().unwrap_or_default();
    if !value.is_empty() {
        value.push(",");
    }
    value.push("127.0.0.1,localhost");
    value
}

/// The account of each profile whose settings name an account. The account of the profile's role comes before the
/// account of its sign-on.
pub(crate) fn accounts(settings: &Settings) -> BTreeMap<String, String> {
    let account = |profile: &str| {
        let role = settings.lookup(profile, "role_arn");
        let of_role = role.and_then(|arn| arn.split(':').nth(4));
        let account = of_role.or_else(|| settings.lookup(profile, "sso_account_id"))?;
        let is_one = account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit());
        is_one.then(|| account.to_owned())
    };
    let profiles = settings.profiles().into_iter();
    profiles
        .filter_map(|profile| Some((account(&profile)?, profile)))
        .map(|(account, profile)| (profile, account))
        .collect()
}

/// A config file and a credentials file. The config file holds the profiles' names, regions and output formats, and the
/// endpoint for a program that does not have the variable. The credentials file holds a key for each profile; the key
/// shows the endpoint which profile a program has chosen.
fn files(settings: &Settings, endpoint: &str, keys: &Keys) -> (String, String) {
    let (mut config, mut credentials) = (String::new(), String::new());
    let mut profiles = settings.profiles();
    if !profiles.iter().any(|profile| profile == "default") {
        profiles.insert(0, "default".to_owned());
    }
    for profile in profiles {
        // A quoted name stays quoted, because blanks separate the words of the header.
        let header = match profile.as_str() {
            "default" => profile.clone(),
            name if name.contains([' ', '\t']) => format!("profile \"{name}\""),
            name => format!("profile {name}"),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(config, "[{header}]");
        for key in HARMLESS {
            match settings.lookup(&profile, key) {
                Some(value) if !value.contains('\n') => {
                    let _ = writeln!(config, "{key} = {value}");
                }
                _ => {}
            }
        }
        let _ = writeln!(config, "endpoint_url = {endpoint}");
        let _ = writeln!(
            credentials,
            "[{profile}]\naws_access_key_id = {}\naws_secret_access_key = {SECRET}",
            keys.of(&profile)
        );
    }
    (config, credentials)
}

/// The file that every non-interactive bash reads first. This file loads the user's own file of this kind, and then
/// lambdry's file.
fn bash_env(stage: &Stage, chained: Option<&OsString>) -> String {
    let quoted = |path: &OsStr| Shell::Sh.quoted(&path.to_string_lossy());
    let bin = quoted(stage.bin().as_os_str());
    let first = format!("case $PATH: in {bin}:*) ;; *) PATH={bin}:$PATH ;; esac");
    let chained = chained.filter(|file| !file.is_empty());
    let sets_traps = chained.is_some_and(|file| {
        std::fs::read(file).is_ok_and(|text| text.windows(4).any(|word| word == b"trap"))
    });
    let chained = chained.map_or_else(String::new, |file| {
        let file = quoted(file);
        format!("[ ! -r {file} ] || . {file}\n")
    });
    let ours = hook::text(&first, &hook::log(&stage.calls()), !sets_traps);
    chained + &ours
}

/// The folders of a PATH, without the folders of a stage.
pub(crate) fn folders_behind(path: Option<&OsString>, stage: &Path) -> Vec<PathBuf> {
    let folders = path.map(std::env::split_paths).into_iter().flatten();
    folders
        .filter(|folder| !folder.starts_with(stage))
        .collect()
}
