//! The variables that lead the programs of a script to the proxy of a rehearsal.
//!
//! Most programs honour `HTTPS_PROXY`. The others have a variable of their own. Under `registries` that variable is set
//! as well. It also wins over a proxy in their settings, which is outside and cannot be reached from inside. Under
//! `open` only the variables that SDKs honour are set.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    net::Ipv4Addr,
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

/// More addresses of this machine. A client that gets no connection there must see that, and the proxy could only
/// answer. Programs that do not know ranges take no notice of one.
const OWN: &str = "0.0.0.0,127.0.0.0/8";

/// The addresses of private networks, without those of the metadata (169.254.0.0/16). An endpoint of AWS may have one in
/// a VPC, but it is asked by its name, and these are compared with what was asked.
const PRIVATE: &str = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16";

/// The variables under `open`, with their values. `environment` is the user's own.
pub(in crate::tool::rehearse) fn open(
    proxy: &str,
    environment: &BTreeMap<OsString, OsString>,
) -> Vec<(OsString, OsString)> {
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let own = match own.trim() {
        "" => String::new(),
        own => format!(",{own}"),
    };
    let mut without = format!("{WITHOUT},{NEAR},{OWN}{own}");
    for address in addresses(&std::fs::read_to_string("/proc/net/fib_trie").unwrap_or_default()) {
        without.push_str(&format!(",{address}"));
    }
    // A private network may be reached through this machine's own proxy alone.
    let has_outer = PROXY[..6].iter().any(|name| {
        environment
            .get(OsStr::new(name))
            .is_some_and(|it| !it.is_empty())
    });
    if !has_outer {
        without.push_str(&format!(",{PRIVATE}"));
    }
    let all = OF_SDKS.iter().map(|name| (*name, proxy.to_owned()));
    all.chain(NO_PROXY[..2].iter().map(|name| (*name, without.clone())))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// This machine's own addresses, by the kernel's table of routes. Those of the loopback and of links are left out.
fn addresses(table: &str) -> BTreeSet<Ipv4Addr> {
    let mut last = None;
    let mut found = BTreeSet::new();
    for line in table.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address.parse::<Ipv4Addr>().ok();
        } else if line == "/32 host LOCAL" {
            found.extend(last.filter(|it| !it.is_loopback() && !it.is_link_local()));
        }
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_s_addresses_are_those_of_the_table_that_are_local() {
        let table = "Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     |-- 172.17.0.0
        /16 link UNICAST
Local:
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 169.254.3.4
        /32 host LOCAL
     |-- 172.17.0.2
        /32 host LOCAL
     |-- 172.17.255.255
        /32 link BROADCAST
     |-- 198.51.100.7
        /32 host LOCAL
";
        let found: Vec<String> = addresses(table).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["172.17.0.2", "198.51.100.7"]);
        assert!(addresses("").is_empty());
    }

    #[test]
    fn private_networks_are_near_where_no_proxy_of_the_user_s_leads_there() {
        let without = |environment: &BTreeMap<OsString, OsString>| {
            let all: BTreeMap<OsString, OsString> = open("http://127.0.0.1:1", environment)
                .into_iter()
                .collect();
            assert_eq!(all[OsStr::new("NO_PROXY")], all[OsStr::new("no_proxy")]);
            all[OsStr::new("NO_PROXY")].to_string_lossy().into_owned()
        };
        let near = without(&BTreeMap::new());
        let has = |name: &str| near.split(',').any(|it| it == name);
        for name in [
            "0.0.0.0",
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
        ] {
            assert!(has(name), "{name}");
        }
        assert!(!near.contains("169.254."), "{near}");
        let outer = BTreeMap::from([("https_proxy".into(), "http://proxy.example".into())]);
        let near = without(&outer);
        assert!(
            near.contains("127.0.0.0/8") && !near.contains("10.0.0.0/8"),
            "{near}"
        );
    }
}
