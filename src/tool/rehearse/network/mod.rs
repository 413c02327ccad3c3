//! The network of a rehearsal: `open`, `registries` or `none`.
//!
//! `open` is this machine's own network, behind a proxy of lambdry that refuses AWS's API ([`open`]). The other two are
//! a network namespace that holds only the loopback ([`namespace`]). In `registries`, the proxy ([`proxy`]) listens on
//! that loopback. It connects from outside to the hosts that [`hosts`] allows, and never to AWS. [`configured`] reads
//! the registries and the proxy in this machine's settings. [`variables`] leads the script's programs to lambdry's
//! proxy; [`node`] and [`trap`] lead programs to it that honour no proxy. [`client`] finds the program that asks, and
//! [`download`] tells a download from an upload.
//!
//! If the thread that runs the script opens a listener, the listener is inside the namespace, and the script can reach
//! it. The endpoint is such a listener. Only the threads that [`namespace::leave`] starts stay outside.

#[cfg(unix)]
mod client;
#[cfg(unix)]
mod configured;
#[cfg(unix)]
mod download;
#[cfg(unix)]
mod hosts;
#[cfg(unix)]
mod namespace;
#[cfg(unix)]
mod node;
#[cfg(unix)]
mod open;
#[cfg(unix)]
mod proxy;
#[cfg(unix)]
mod tls;
#[cfg(target_os = "linux")]
mod trap;
#[cfg(all(unix, not(target_os = "linux")))]
mod trap {
    //! There are mount namespaces on Linux alone.

    /// Sets no trap.
    pub(super) fn set() -> std::io::Result<Option<std::net::TcpListener>> {
        Ok(None)
    }
}
#[cfg(unix)]
pub(super) mod variables;

use serde::{Deserialize, Serialize};

use super::calls::ScriptLine;

#[cfg(unix)]
pub(crate) use held::Held;
#[cfg(unix)]
pub(crate) use hosts::check;
#[cfg(unix)]
pub(super) use node::option as node_option;

/// The network of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Network {
    /// This machine's own network. A proxy refuses AWS's API.
    #[default]
    Open,
    /// The loopback, and package registries through a proxy. AWS cannot be reached.
    Registries,
    /// The loopback alone.
    None,
}

impl Network {
    /// All networks, from the widest to the narrowest.
    const ALL: [Self; 3] = [Self::Open, Self::Registries, Self::None];

    /// Its name: `registries`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Registries => "registries",
            Self::None => "none",
        }
    }
}

impl std::str::FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|it| it.word() == text);
        found.ok_or_else(|| "the network is open, registries or none".to_owned())
    }
}

/// A host that the script tried to reach and could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Refused {
    /// The host's name and port: `api.example.com:443`.
    pub(crate) host: String,
    /// The reason why the host could not be reached.
    pub(crate) why: Why,
    /// The name that the first client of this host gives itself: `curl/8.5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<String>,
    /// The first program that asked, by its command line, secrets masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    /// The line of a shell script that started that program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<ScriptLine>,
    /// The number of requests for it.
    pub(crate) times: usize,
}

/// The reason why a host is not reached in a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Why {
    /// The host belongs to AWS.
    Aws,
    /// The host is S3's, and the program is not known to download only.
    #[serde(rename = "S3")]
    S3,
    /// The host is not a registry, and the project does not name it.
    NotNamed,
    /// The project's file excludes the host.
    Declined,
}

impl Refused {
    /// Returns true if the report need not give advice about this host.
    pub(crate) fn is_declared(&self) -> bool {
        self.why == Why::Declined
    }

    /// A line that describes the host and gives advice.
    pub(crate) fn told(&self) -> String {
        let times = match self.times {
            1 => String::new(),
            many => format!(", {many} times"),
        };
        let who = match self.by.as_ref().or(self.agent.as_ref()) {
            Some(who) => format!(" ({who}{times})"),
            None => times,
        };
        let place = self
            .place
            .as_ref()
            .map_or_else(String::new, |at| format!("{at}: "));
        let name = self
            .host
            .rsplit_once(':')
            .map_or(&*self.host, |(name, port)| match port {
                "80" | "443" => name,
                _ => &self.host,
            });
        let help = match self.why {
            Why::Aws => "it belongs to AWS".to_owned(),
            Why::S3 => format!(
                "only plain downloads reach S3; to allow a bucket's host: hosts = [\"{name}\"] in lambdry.toml"
            ),
            Why::NotNamed => format!(
                "not a package registry; to allow it: hosts = [\"{name}\"] in lambdry.toml; to say that the script \
                 works without it: \"!{name}\""
            ),
            Why::Declined => "lambdry.toml says so".to_owned(),
        };
        format!("{place}{}{who}: {help}", self.host)
    }
}

/// The stage's file with the hosts that a session's proxy refused.
#[cfg(unix)]
const REFUSED: &str = "refused";

/// Keeps the hosts that were refused, for the report on a session.
///
/// # Errors
/// When the stage cannot be written.
#[cfg(unix)]
pub(crate) fn keep(refused: &[Refused], stage: &std::path::Path) -> std::io::Result<()> {
    std::fs::write(stage.join(REFUSED), serde_json::to_vec(refused)?)
}

/// The hosts that were kept.
#[cfg(unix)]
pub(crate) fn kept(stage: &std::path::Path) -> Vec<Refused> {
    let text = std::fs::read(stage.join(REFUSED)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

#[cfg(unix)]
mod held {
    use std::{collections::BTreeMap, ffi::OsString, net::TcpListener, sync::Arc};

    use super::{
        Network, Refused, configured, hosts::Hosts, namespace, node, open::Open, proxy::Proxy,
        variables,
    };
    use crate::face::{exit::Stop, world::Process};

    /// The network of this process and of everything that it starts.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Held {
        /// The network's kind.
        pub(crate) network: Network,
        /// The port of the proxy, if there is one.
        port: Option<u16>,
        /// The proxy, if it is this process's own.
        proxy: Option<Arc<Proxy>>,
        /// An account of what `open` does not hold back, and of the reason.
        pub(crate) unheld: Option<String>,
    }

    impl Held {
        /// Enters a network. Call this before the process starts a thread. `named` holds the hosts that the project
        /// names.
        ///
        /// # Errors
        /// The network cannot be set up. No rehearsal is better than a rehearsal with a network that the user did not
        /// ask for.
        pub(crate) fn enter(
            network: Network,
            named: &[String],
            process: &Process,
        ) -> Result<Self, Stop> {
            // If the system does not tell the path, the stage says so when it needs the path.
            let _ = crate::tool::rehearse::ours::program();
            let proxy = match network {
                Network::Open => {
                    let (begun, listener) = Self::begin(process);
                    let Some(listener) = listener else {
                        return Ok(begun);
                    };
                    let trap = super::trap::set();
                    let unheld = trap.as_ref().err().map(|error| {
                        let cause = crate::state::plain::plain(error);
                        format!("if a program has keys or an endpoint of its own and honours no proxy, {CANNOT_STOP}: {cause}")
                    });
                    let served = begun.serve(listener, trap.unwrap_or_default(), named, process)?;
                    return Ok(Self { unheld, ..served });
                }
                Network::None => {
                    namespace::leave(network, None)?;
                    None
                }
                Network::Registries => {
                    let outer = configured::outer(process).map_err(|name| {
                        Stop::Store(
                            format!("--network=registries cannot use the proxy in {name}"),
                            Some(FORM.to_owned()),
                        )
                    })?;
                    let hosts = Hosts::new(named, configured::registries(process))?;
                    Some(Arc::new(Proxy::start(hosts, outer)?))
                }
            };
            Ok(Self {
                network,
                port: proxy.as_ref().map(|proxy| proxy.port()),
                proxy,
                unheld: None,
            })
        }

        /// An open network whose proxy is still to be served, here or by another process. Without a listener it has
        /// no proxy: where this machine's own cannot be gone through, the script keeps that one.
        pub(crate) fn begin(process: &Process) -> (Self, Option<TcpListener>) {
            let without = |why: String| {
                let held = Self {
                    unheld: Some(format!(
                        "if a program has keys or an endpoint of its own, {CANNOT_STOP}: {why}"
                    )),
                    ..Self::default()
                };
                (held, None)
            };
            if let Err(name) = configured::outer(process) {
                return without(format!("it cannot use the proxy in {name}: {FORM}"));
            }
            let bound = crate::tool::rehearse::endpoint::listen();
            let port = |it: &TcpListener| std::io::Result::Ok(it.local_addr()?.port());
            match bound.and_then(|listener| Ok((port(&listener)?, listener))) {
                Ok((port, listener)) => {
                    let held = Self {
                        port: Some(port),
                        ..Self::default()
                    };
                    (held, Some(listener))
                }
                Err(error) => without(crate::state::plain::plain(&error)),
            }
        }

        /// Serves the proxy of an open network, and on the listener of the trap if there is one.
        ///
        /// # Errors
        /// When the system refuses a thread.
        pub(crate) fn serve(
            mut self,
            listener: TcpListener,
            trap: Option<TcpListener>,
            named: &[String],
            process: &Process,
        ) -> Result<Self, Stop> {
            let outer = configured::outer(process).unwrap_or_default();
            let proxy = Proxy::open(listener, trap, Open::new(named), outer)?;
            self.port = Some(proxy.port());
            self.proxy = Some(Arc::new(proxy));
            Ok(self)
        }

        /// The variables that lead programs to the proxy, and their values. `environment` is the user's own.
        pub(crate) fn variables(
            &self,
            environment: &BTreeMap<OsString, OsString>,
        ) -> Vec<(OsString, OsString)> {
            let proxy = self.port.map(|port| format!("http://127.0.0.1:{port}"));
            match (proxy, self.network) {
                (None, _) => Vec::new(),
                (Some(proxy), Network::Open) => variables::open(&proxy, environment),
                (Some(proxy), _) => variables::of(&proxy, environment),
            }
        }

        /// The text of the hook for Node, and the variable that names it, where an open network has a proxy.
        pub(crate) fn hook(&self) -> Option<(String, &'static str)> {
            let is_open = self.network == Network::Open;
            let port = self.port.filter(|_| is_open)?;
            Some((node::text(port), node::VARIABLE))
        }

        /// The hosts that were refused so far, in the order of the first request.
        pub(crate) fn refused(&self) -> Vec<Refused> {
            self.proxy
                .as_ref()
                .map_or_else(Vec::new, |proxy| proxy.refused())
        }
    }

    /// What an open network without a guard cannot do.
    const CANNOT_STOP: &str = "lambdry cannot stop it from reaching AWS";

    /// The form of the proxies that lambdry's own can go through.
    const FORM: &str = "it needs a proxy of the form http://[USER:PASSWORD@]HOST[:PORT]";
}
