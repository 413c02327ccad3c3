//! The network of a rehearsal: `open`, `registries` or `none`.
//!
//! `open` is this machine's own. The other two are a network namespace in which nothing is but the loopback
//! ([`namespace`]); in `registries` a proxy of ours listens on that loopback and connects from outside ([`proxy`]), to
//! the hosts that [`hosts`] lets through, and to nothing of AWS. [`configured`] reads which registries and which proxy
//! this machine is set up for, [`variables`] leads the script's programs to ours.
//!
//! A listener that is opened by the thread that runs the script lies inside, where the script finds it: the endpoint
//! does so. Only the threads that [`namespace::leave`] starts stay outside.

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

/// Which network a script has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Network {
    /// This machine's own: everything can be reached.
    #[default]
    Open,
    /// The loopback, and package registries through a proxy; nothing of AWS.
    Registries,
    /// The loopback alone.
    None,
}

impl Network {
    /// All of them, from the widest to the narrowest.
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
        found.ok_or_else(|| "a network is open, registries or none".to_owned())
    }
}

/// A host that the script asked for and did not reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Refused {
    /// Its name and port: `api.example.com:443`.
    pub(crate) host: String,
    /// Why.
    pub(crate) why: Why,
    /// Who asked first, as far as it says: `curl/8.5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<String>,
    /// How often it was asked for.
    pub(crate) times: usize,
}

/// Why a host is not reached in a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Why {
    /// It is AWS's.
    Aws,
    /// It is no registry, and nobody named it.
    NotNamed,
    /// The project says that it is to be refused.
    Declined,
}

impl Refused {
    /// Returns true if nobody has to be told what to do about it.
    pub(crate) fn is_declared(&self) -> bool {
        self.why == Why::Declined
    }

    /// A line about it, and what helps.
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
            Why::Aws => "it is AWS's".to_owned(),
            Why::NotNamed => format!(
                "no package registry; hosts = [\"{name}\"] in lambdry.toml lets it through, \"!{name}\" says that it may be missed"
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

    /// The network that holds for all that this process starts.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Held {
        /// Which one.
        pub(crate) network: Network,
        proxy: Option<Arc<Proxy>>,
    }

    impl Held {
        /// Enters a network. Comes before this process starts a thread. `named` are the hosts that the project names.
        ///
        /// # Errors
        /// Where it cannot be had: a rehearsal with another network than was asked for would be worse than none.
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

        /// Where the proxy listens, if there is one: `http://127.0.0.1:40123`.
        pub(crate) fn proxy(&self) -> Option<String> {
            self.proxy.as_ref().map(|proxy| proxy.url())
        }

        /// What was refused so far, in the order in which it was first asked for.
        pub(crate) fn refused(&self) -> Vec<Refused> {
            self.proxy
                .as_ref()
                .map_or_else(Vec::new, |proxy| proxy.refused())
        }
    }
}
