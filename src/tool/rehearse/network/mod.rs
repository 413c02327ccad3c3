//! The network of a rehearsal: `open`, `registries` or `none`.
//!
//! `open` is this machine's own network. The other two are a network namespace that holds only the loopback
//! ([`namespace`]). In `registries`, a proxy of lambdry ([`proxy`]) listens on that loopback. Outside of the namespace,
//! the proxy connects to the hosts that [`hosts`] allows, but never to AWS. [`configured`] reads the registries and the
//! proxy in this machine's settings, and [`variables`] leads the script's programs to lambdry's proxy.
//!
//! If the thread that runs the script opens a listener, the listener is inside the namespace, and the script can reach
//! it. The endpoint is such a listener. Only the threads that [`namespace::leave`] starts stay outside.

#[cfg(unix)]
mod configured;
#[cfg(unix)]
mod hosts;
#[cfg(unix)]
mod namespace;
#[cfg(unix)]
mod proxy;
#[cfg(unix)]
pub(super) mod variables;

use serde::{Deserialize, Serialize};

#[cfg(unix)]
pub(crate) use held::Held;
#[cfg(unix)]
pub(crate) use hosts::check;

/// The network of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Network {
    /// This machine's own network, without limits.
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

/// A host that the script tried to reach and could not reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// The number of requests for this host.
    pub(crate) times: usize,
}

/// The reason why a host is not reached in a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Why {
    /// The host belongs to AWS.
    Aws,
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
        let who = match &self.agent {
            Some(agent) => format!(" ({agent}{times})"),
            None => times,
        };
        let name = self
            .host
            .rsplit_once(':')
            .map_or(&*self.host, |(name, port)| match port {
                "80" | "443" => name,
                _ => &self.host,
            });
        let help = match self.why {
            Why::Aws => "it belongs to AWS".to_owned(),
            Why::NotNamed => format!(
                "not a package registry; to allow it: hosts = [\"{name}\"] in lambdry.toml; to say that the script \
                 works without it: \"!{name}\""
            ),
            Why::Declined => "lambdry.toml says so".to_owned(),
        };
        format!("{}{who}: {help}", self.host)
    }
}

#[cfg(unix)]
mod held {
    use std::sync::Arc;

    use super::{Network, Refused, configured, hosts::Hosts, namespace, proxy::Proxy};
    use crate::face::{exit::Stop, world::Process};

    /// The network of this process and of everything that it starts.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Held {
        /// The network's kind.
        pub(crate) network: Network,
        proxy: Option<Arc<Proxy>>,
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
            let proxy = match network {
                Network::Open => None,
                Network::None => {
                    namespace::leave(network, None)?;
                    None
                }
                Network::Registries => {
                    let outer = configured::outer(process)?;
                    let hosts = Hosts::new(named, configured::registries(process))?;
                    Some(Arc::new(Proxy::start(hosts, outer)?))
                }
            };
            Ok(Self { network, proxy })
        }

        /// The address of the proxy, if there is one: `http://127.0.0.1:40123`.
        pub(crate) fn proxy(&self) -> Option<String> {
            self.proxy.as_ref().map(|proxy| proxy.url())
        }

        /// The hosts that were refused so far, in the order of the first request.
        pub(crate) fn refused(&self) -> Vec<Refused> {
            self.proxy
                .as_ref()
                .map_or_else(Vec::new, |proxy| proxy.refused())
        }
    }
}
