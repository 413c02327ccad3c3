//! The variables that lead the programs of a script to the proxy of a rehearsal.
//!
//! Most programs honour `HTTPS_PROXY`. The others have a variable of their own. Under `registries` that variable is set
//! as well. It also wins over a proxy in their settings, which is outside and cannot be reached from inside. Under
//! `open` only the variables that SDKs honour are set.

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

/// The variables that SDKs honour, and those that would lead them past the proxy. Under `open` these are set.
const OF_SDKS: [&str; 4] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"];

/// Names that are of this machine or of its own network, and never of AWS's. The program resolves them itself, because
/// some need a module of its libc's.
const NEAR: &str = ".localhost,.local";

/// The variables under `open`, with their values.
pub(in crate::tool::rehearse) fn open(proxy: &str) -> Vec<(OsString, OsString)> {
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let own = match own.trim() {
        "" => String::new(),
        own => format!(",{own}"),
    };
    let without = format!("{WITHOUT},{NEAR}{own}");
    let all = OF_SDKS.iter().map(|name| (*name, proxy.to_owned()));
    all.chain(NO_PROXY[..2].iter().map(|name| (*name, without.clone())))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// The user's own values of the variables that are set under `open`.
pub(in crate::tool::rehearse) fn own(
    environment: &BTreeMap<OsString, OsString>,
) -> BTreeMap<String, String> {
    let names = names_under_open();
    names
        .filter_map(|name| {
            let value = environment.get(OsStr::new(name))?;
            Some((name.to_owned(), value.to_string_lossy().into_owned()))
        })
        .collect()
}

/// Returns true if the variable is one that is set under `open`.
pub(in crate::tool::rehearse) fn is_one(name: &str) -> bool {
    names_under_open().any(|own| own == name)
}

/// An environment with the user's own variables instead of those that are set under `open`.
pub(in crate::tool::rehearse) fn restored(
    environment: &BTreeMap<OsString, OsString>,
    own: &BTreeMap<String, String>,
) -> BTreeMap<OsString, OsString> {
    let mut restored = environment.clone();
    for name in names_under_open() {
        match own.get(name) {
            Some(value) => restored.insert(name.into(), value.into()),
            None => restored.remove(OsStr::new(name)),
        };
    }
    restored
}

/// The names of all variables that are set under `open`.
pub(in crate::tool::rehearse) fn names_under_open() -> impl Iterator<Item = &'static str> {
    let proxies = OF_SDKS.into_iter().chain(NO_PROXY[..2].iter().copied());
    proxies.chain([super::node::VARIABLE])
}

/// The variables, with their values. `proxy` is an address: `http://127.0.0.1:40123`.
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
