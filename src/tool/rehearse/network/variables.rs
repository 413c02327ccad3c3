//! The variables that lead the programs of a script to the proxy of a rehearsal with `registries`.
//!
//! Most programs honour `HTTPS_PROXY`. The others have a variable of their own. This variable also wins over a proxy in
//! a program's settings. Such a proxy is outside of the namespace, so the script cannot reach it.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
};

/// The hosts that are reached without the proxy. This is the loopback, on which the server for SDKs and the script's
/// own servers listen.
const WITHOUT: &str = "127.0.0.1,localhost,::1";

/// Variables that hold the proxy's address.
const PROXY: [&str; 14] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "PIP_PROXY",
    "CARGO_HTTP_PROXY",
    "npm_config_proxy",
    "npm_config_https_proxy",
    "YARN_HTTP_PROXY",
    "YARN_HTTPS_PROXY",
];

/// Variables that list the hosts to reach without the proxy.
const NO_PROXY: [&str; 3] = ["NO_PROXY", "no_proxy", "npm_config_noproxy"];

/// The variables with their values. `proxy` is the proxy's address: `http://127.0.0.1:40123`.
pub(in crate::tool::rehearse) fn of(
    proxy: &str,
    environment: &BTreeMap<OsString, OsString>,
) -> Vec<(OsString, OsString)> {
    let all = PROXY.iter().map(|name| (*name, proxy.to_owned()));
    let without = NO_PROXY.iter().map(|name| (*name, WITHOUT.to_owned()));
    let mut all: Vec<(OsString, OsString)> = all
        .chain(without)
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    let so_far = |name: &str| {
        let value = environment.get(OsStr::new(name));
        value
            .map(|value| value.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    // Node's own client reads the proxy's variables only if this variable is set.
    all.push(("NODE_USE_ENV_PROXY".into(), "1".into()));
    // Settings in git's variables come after those in git's files, so they win over a proxy in the files.
    let count = so_far("GIT_CONFIG_COUNT").parse::<u32>().unwrap_or(0);
    all.push(("GIT_CONFIG_COUNT".into(), (count + 1).to_string().into()));
    all.push((
        format!("GIT_CONFIG_KEY_{count}").into(),
        "http.proxy".into(),
    ));
    all.push((format!("GIT_CONFIG_VALUE_{count}").into(), proxy.into()));
    // Java uses properties. Its default settings do not send requests for the loopback to the proxy.
    if let Some((host, port)) = proxy.trim_start_matches("http://").split_once(':') {
        let mut properties = String::new();
        for scheme in ["http", "https"] {
            properties.push_str(&format!(
                " -D{scheme}.proxyHost={host} -D{scheme}.proxyPort={port}"
            ));
        }
        for name in ["MAVEN_OPTS", "GRADLE_OPTS", "SBT_OPTS"] {
            let value = format!("{}{properties}", so_far(name));
            all.push((name.into(), value.trim_start().into()));
        }
    }
    all
}
