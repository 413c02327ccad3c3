//! The network settings of this machine: a proxy that leads out, and registries that replace the public ones.
//!
//! The addresses in the variables and files of package managers show the registries. The format of a file does not
//! matter: every word that looks like an address is taken. A word that is taken by mistake is still a host that
//! somebody wrote there.

use std::path::{Path, PathBuf};

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::hosts::{self, Named};
use crate::face::world::Process;

/// The variables of package managers that hold addresses of registries. Each is given as the first part of the
/// variables' names.
const VARIABLES: [&str; 16] = [
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "UV_INDEX",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "POETRY_REPOSITORIES_",
    "npm_config_",
    "NPM_CONFIG_",
    "YARN_",
    "GOPROXY",
    "GOSUMDB",
    "CARGO_REGISTRIES_",
    "CARGO_SOURCE_",
    "BUNDLE_",
    "GEM_SOURCE",
];

/// Files of package managers, below the home directory and below the script's working folder.
const FILES: [&str; 16] = [
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".config/pip/pip.conf",
    ".pip/pip.conf",
    ".config/uv/uv.toml",
    "uv.toml",
    ".config/pypoetry/config.toml",
    ".config/go/env",
    ".cargo/config.toml",
    ".cargo/config",
    ".m2/settings.xml",
    ".gradle/init.gradle",
    ".bundle/config",
    ".gemrc",
    ".condarc",
];

/// Settings files of the machine that apply to all users.
const OF_THE_MACHINE: [&str; 5] = [
    "/etc/pip.conf",
    "/etc/npmrc",
    "/usr/etc/npmrc",
    "/etc/apt/sources.list",
    "/etc/gemrc",
];

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// The hosts of the registries in this machine's settings.
pub(super) fn registries(process: &Process) -> Vec<Named> {
    let variables = process.env.iter().filter(|(name, _)| {
        let name = name.to_string_lossy();
        VARIABLES.iter().any(|known| name.starts_with(known))
    });
    let mut texts: Vec<String> = variables
        .map(|(_, value)| value.to_string_lossy().into_owned())
        .collect();
    let mut files: Vec<PathBuf> = OF_THE_MACHINE.iter().map(PathBuf::from).collect();
    let folders = [process.path("HOME"), Some(&*process.cwd)];
    for folder in folders.into_iter().flatten() {
        files.extend(FILES.iter().map(|file| folder.join(file)));
    }
    let named = |variable: &str, file: &str| Some(process.path(variable)?.join(file));
    files.extend(named("PIP_CONFIG_FILE", ""));
    files.extend(named("CARGO_HOME", "config.toml"));
    files.extend(named("XDG_CONFIG_HOME", "pip/pip.conf"));
    files.extend(named("NPM_CONFIG_USERCONFIG", ""));
    files.extend(named("npm_config_userconfig", ""));
    if let Ok(entries) = std::fs::read_dir("/etc/apt/sources.list.d") {
        files.extend(entries.flatten().map(|entry| entry.path()));
    }
    texts.extend(files.iter().filter_map(|file| text_of(file)));
    let mut all: Vec<Named> = texts.iter().flat_map(|text| addresses(text)).collect();
    all.dedup();
    all
}

/// The text of a settings file.
fn text_of(file: &Path) -> Option<String> {
    let metadata = std::fs::metadata(file).ok()?;
    let is_one = metadata.is_file() && metadata.len() <= LARGEST;
    let text = is_one.then(|| std::fs::read_to_string(file).ok());
    text.flatten()
}

/// The hosts of all addresses in a text. Addresses in comments are left out.
fn addresses(text: &str) -> Vec<Named> {
    let lines = text.lines().map(str::trim_start);
    let lines = lines.filter(|line| !line.starts_with(['#', ';']));
    let mut found = Vec::new();
    for line in lines {
        for scheme in ["https://", "http://"] {
            let mut rest = line;
            while let Some(at) = rest.find(scheme) {
                rest = &rest[at + scheme.len()..];
                let end = |c: char| c.is_whitespace() || "/\"'`<>,;|)]}?#".contains(c);
                let authority = rest.split(end).next().unwrap_or_default();
                let host = authority
                    .rsplit_once('@')
                    .map_or(authority, |(_, host)| host);
                found.extend(Named::read(host).filter(|_| !host.starts_with('*')));
            }
        }
    }
    found
}

/// This machine's own proxy.
#[derive(Debug, Default)]
pub(super) struct Outer {
    http: Option<Through>,
    https: Option<Through>,
    /// The hosts that are reached without the proxy, from `NO_PROXY`.
    without: Vec<String>,
}

/// A proxy through which requests leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Through {
    pub(super) host: String,
    pub(super) port: u16,
    user: Option<String>,
}

/// Reads the proxy that the environment names. The variables have the same meaning as for curl.
///
/// # Errors
/// With the name of a variable whose proxy needs a protocol other than HTTP.
pub(super) fn outer(process: &Process) -> Result<Outer, &'static str> {
    let first = |names: &[&'static str]| -> Result<Option<Through>, &'static str> {
        let mut set = names
            .iter()
            .filter_map(|name| Some((*name, process.var(name)?)));
        let Some((name, value)) = set.find(|(_, value)| !value.trim().is_empty()) else {
            return Ok(None);
        };
        Through::read(value.trim()).map(Some).ok_or(name)
    };
    let without = process
        .var("no_proxy")
        .or_else(|| process.var("NO_PROXY"))
        .unwrap_or_default();
    Ok(Outer {
        http: first(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])?,
        https: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?,
        without: without
            .split([',', ' '])
            .map(|name| {
                name.trim()
                    .trim_start_matches('*')
                    .trim_start_matches('.')
                    .to_ascii_lowercase()
            })
            .filter(|name| !name.is_empty())
            .chain(
                without
                    .split([',', ' '])
                    .filter(|name| *name == "*")
                    .map(str::to_owned),
            )
            .collect(),
    })
}

impl Outer {
    /// The proxy through which a host is reached, if there is one.
    pub(super) fn of(&self, host: &str, is_tunnel: bool) -> Option<&Through> {
        let host = host.to_ascii_lowercase();
        let is_without = self.without.iter().any(|name| {
            let before = host.strip_suffix(&**name);
            name == "*" || before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        });
        let through = if is_tunnel { &self.https } else { &self.http };
        through.as_ref().filter(|_| !is_without)
    }
}

impl Through {
    /// Reads `http://user:password@host:port`. The part `http://` may be missing.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return None,
            None => text,
        };
        let authority = text.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(decoded(user)), host),
            None => (None, authority),
        };
        let (name, port) = hosts::split(host);
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let port = match port {
            Some(port) => port.parse().ok()?,
            // curl uses the same port by default.
            None => 1080,
        };
        (!name.is_empty()).then(|| Self {
            host: name.to_owned(),
            port,
            user,
        })
    }

    /// The header with the proxy's credentials; empty if the proxy needs no credentials.
    pub(super) fn authorization(&self) -> String {
        let user = self.user.as_ref();
        user.map_or_else(String::new, |user| {
            format!(
                "Proxy-Authorization: Basic {}\r\n",
                BASE64_STANDARD.encode(user)
            )
        })
    }
}

/// The text with its percent escapes decoded.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        let hex = more.get(..2).filter(|_| *first == b'%');
        let hex = hex.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        (bytes, rest) = match hex {
            Some(byte) => ([&*bytes, &[byte]].concat(), &more[2..]),
            None => ([&*bytes, &[*first]].concat(), more),
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(variables: &[(&str, &str)]) -> Process {
        Process {
            env: variables
                .iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            cwd: "/nowhere".into(),
            ..Process::default()
        }
    }

    #[test]
    fn registries_are_found_by_the_addresses_in_variables_and_files() {
        let home = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = home.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(
            ".npmrc",
            "# https://old.example\n@a:registry=https://npm.example/api/\nregistry = \"http://u:p@npm2.example:4873\"\n",
        );
        write(
            ".cargo/config.toml",
            "[source.m]\nregistry = \"sparse+https://crates.example/index/\"\n",
        );
        write(".m2/settings.xml", "<url>https://maven.example/all</url>");
        let home = home.path().to_string_lossy().into_owned();
        let process = process(&[
            ("HOME", &home),
            ("PIP_INDEX_URL", "https://me:secret@pip.example/simple"),
            ("GOPROXY", "https://go.example,direct"),
            ("DEPLOY_HOOK", "https://hook.example"),
        ]);
        let found = registries(&process);
        for name in [
            "npm.example",
            "npm2.example:4873",
            "crates.example",
            "maven.example",
            "pip.example",
            "go.example",
        ] {
            assert!(
                found.contains(&Named::read(name).unwrap()),
                "{name}: {found:?}"
            );
        }
        for name in ["old.example", "hook.example"] {
            assert!(!found.contains(&Named::read(name).unwrap()), "{name}");
        }
    }

    #[test]
    fn the_machines_proxy_is_read_as_curl_reads_it() {
        let through = |variables: &[(&str, &str)], host: &str, is_tunnel| {
            let outer = outer(&process(variables)).ok()?;
            outer
                .of(host, is_tunnel)
                .map(|it| format!("{}:{}", it.host, it.port))
        };
        let https = [
            ("HTTPS_PROXY", "http://proxy.example:3128"),
            ("NO_PROXY", "in.example, .dom.example,10.0.0.1"),
        ];
        assert_eq!(
            through(&https, "pypi.org", true).as_deref(),
            Some("proxy.example:3128")
        );
        assert_eq!(through(&https, "pypi.org", false), None);
        assert_eq!(through(&https, "a.in.example", true), None);
        assert_eq!(through(&https, "IN.example", true), None);
        assert_eq!(
            through(&https, "xin.example", true).as_deref(),
            Some("proxy.example:3128")
        );
        assert_eq!(through(&https, "dom.example", true), None);
        assert_eq!(
            through(
                &[("all_proxy", "proxy.example"), ("no_proxy", "")],
                "a",
                false
            )
            .as_deref(),
            Some("proxy.example:1080")
        );
        assert_eq!(
            through(
                &[("https_proxy", "http://p:1"), ("NO_PROXY", "*")],
                "a",
                true
            ),
            None
        );
        assert!(outer(&process(&[("ALL_PROXY", "socks5://p:1")])).is_err());
        assert!(outer(&process(&[("HTTPS_PROXY", "https://p:1")])).is_err());
    }
}
