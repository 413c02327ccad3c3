//! `--others`: if no part of lambdry answers a call, the real `aws` sends the call to an emulator that the user runs.
//! Requests over HTTP go there directly (see `endpoint/handover.rs`).
//!
//! The call can reach nothing else. The emulator is on the loopback. The user gives it as an address, because somebody
//! else could decide where a name leads. The real command begins with an empty environment. Its keys are AWS's own
//! example. Its config file is the stage's, which holds only the names of profiles and their regions. Its proxy
//! is an address where nothing listens, so a request that bypasses the endpoint fails.

use std::{
    ffi::OsString,
    net::IpAddr,
    path::Path,
    process::{Command, Stdio},
};

use super::{environment::CLOSED, guard, stage::Rehearsal};
use crate::face::{exit::Stop, world::World};
use crate::state::plain::plain;

/// The script's variables that the real command gets. They name a region, an output format or a language, and cannot
/// lead to AWS.
const KEPT: [&str; 12] = [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_OUTPUT",
    "AWS_MAX_ATTEMPTS",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TERM",
    "TMPDIR",
    "TZ",
];

/// AWS's own example of a key pair, which no account has.
pub(super) const KEY: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
];

/// The variables that name files of the stage.
const FILES: [&str; 2] = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"];

/// Checks and returns an address for `--others`: `http://127.0.0.1:5000`.
pub(super) fn emulator(text: &str) -> Result<String, String> {
    let wanted = "it has to be the address of an emulator on this machine, for example http://127.0.0.1:5000";
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    let authority = rest.map(|rest| rest.strip_suffix('/').unwrap_or(rest));
    let authority = authority.ok_or_else(|| wanted.to_owned())?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(wanted.to_owned());
    }
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let is_here = match bare.unwrap_or(host).parse::<IpAddr>() {
        Ok(address) => address.is_loopback() && (bare.is_some() == address.is_ipv6()),
        Err(_) => host == "localhost",
    };
    if is_here {
        return Ok(text.trim_end_matches('/').to_owned());
    }
    // Somebody else decides where a name leads, and may let the name lead to another place later.
    Err(format!(
        "{host} is not an address of this machine: {wanted}"
    ))
}

/// Hands a line to the emulator and returns the exit code. The real command uses lambdry's streams.
///
/// # Errors
/// There is no real `aws`, or the real `aws` cannot be run.
pub(super) fn ask(world: &mut World<'_>, rehearsal: &Rehearsal, url: &str) -> Result<u8, Stop> {
    let stage = rehearsal.calls.parent();
    let path = OsString::from(&rehearsal.path);
    let Some(program) = guard::real("aws", &path, stage) else {
        return Err(Stop::Store(
            format!("no aws on PATH, so {url} cannot be asked"),
            Some("--others passes calls on with the real AWS CLI: install it, or answer the call with a stub".to_owned()),
        ));
    };
    world.stdout.flush()?;
    world.stderr.flush()?;
    let status = Command::new(&program)
        .args(&world.process.args)
        // If the option is given twice, the last one counts.
        .args(["--endpoint-url", url])
        .current_dir(&world.process.cwd)
        .env_clear()
        .envs(environment(world, rehearsal, url, stage))
        .stdin(Stdio::inherit())
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit())
        .status();
    let status = status.map_err(|error| {
        Stop::Other(format!(
            "cannot run {}: {}",
            program.display(),
            plain(&error)
        ))
    })?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(255))
}

/// The whole environment of the real command.
fn environment(
    world: &World<'_>,
    rehearsal: &Rehearsal,
    url: &str,
    stage: Option<&Path>,
) -> Vec<(OsString, OsString)> {
    let mut all: Vec<(OsString, OsString)> = Vec::new();
    let mut set = |name: &str, value: OsString| all.push((name.into(), value));
    for name in KEPT {
        if let Some(value) = world.process.path(name) {
            set(name, value.into());
        }
    }
    // Version 1 of the AWS CLI knows only `AWS_DEFAULT_REGION`.
    if let Some(region) = world
        .process
        .path("AWS_REGION")
        .filter(|region| !region.as_os_str().is_empty())
    {
        set("AWS_DEFAULT_REGION", region.into());
    }
    for (name, value) in KEY {
        set(name, value.into());
    }
    for name in FILES {
        let value = rehearsal.environment.get(name);
        set(name, value.map_or("/dev/null", String::as_str).into());
    }
    set("PATH", OsString::from(&rehearsal.path));
    set(
        "HOME",
        stage
            .map(|stage| stage.join("aws"))
            .unwrap_or_default()
            .into(),
    );
    set("AWS_ENDPOINT_URL", url.into());
    set("AWS_EC2_METADATA_DISABLED", "true".into());
    set("AWS_PAGER", OsString::new());
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        set(name, CLOSED.into());
    }
    for name in ["NO_PROXY", "no_proxy"] {
        set(name, "127.0.0.1,localhost,::1".into());
    }
    all
}

/// The address in the form in which reports show it: `127.0.0.1:5000`.
pub(super) fn shown(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, address)| address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulator_is_on_this_machine() {
        for text in [
            "http://127.0.0.1:5000",
            "http://127.0.0.1:5000/",
            "https://localhost:4566",
            "http://localhost",
            "http://[::1]:5000",
            "http://127.9.9.9:1",
        ] {
            assert!(emulator(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "127.0.0.1:5000",
            "ftp://127.0.0.1",
            "http://",
            "http://10.0.0.1:5000",
            "http://0.0.0.0:5000",
            "http://localhost.localstack.cloud:4566",
            "http://localhost:5000/other",
            "http://localhost:5000?x",
            "http://127.0.0.1@example.com",
            "http://user:1@127.0.0.1:5000",
            "http://127.0.0.1:5000@example.com:80",
            "http://127.0.0.1.example.com",
            "http://127.0.0.1:99999",
            "http://::1:5000",
            "http://2130706433",
            "http://localhost.",
        ] {
            assert!(emulator(text).is_err(), "{text}");
        }
        let told = emulator("http://ssm.us-east-1.amazonaws.com").expect_err("refused");
        assert!(
            told.starts_with("ssm.us-east-1.amazonaws.com is not an address of this machine"),
            "{told}"
        );
    }
}
