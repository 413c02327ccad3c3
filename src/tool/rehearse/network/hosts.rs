//! The hosts that a rehearsal with `registries` reaches: lambdry's list, the registries in this machine's settings, and
//! the hosts that the project names. A host of AWS is never reached.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::Why;
use crate::face::exit::Stop;

/// Package registries, and hosts of source code.
const REGISTRIES: &str = include_str!("registries.txt");

/// Hosts of AWS.
const AWS: &str = include_str!("aws.txt");

/// The ports that may be reached if a host is named without a port.
const PORTS: [u16; 2] = [443, 80];

/// The hosts that the script may reach.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    named: Vec<Named>,
    declined: Vec<Named>,
    /// Ports of this machine's own loopback. The script can reach them inside the namespace as well.
    pub(super) loopback: Vec<u16>,
}

/// The host with this name, or every host below this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    name: String,
    below: bool,
    port: Option<u16>,
}

impl Named {
    /// Reads `example.com`, `*.example.com`, `example.com:8443`, `[::1]:8080`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (below, text) = match text.strip_prefix("*.") {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (name, port) = split(text);
        let port = match port {
            Some(port) => Some(port.parse().ok().filter(|port| *port != 0)?),
            None => None,
        };
        let name = plain(name);
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_one = name.parse::<Ipv6Addr>().is_ok() || name.chars().all(is_name);
        (!name.is_empty() && is_one).then_some(Self { name, below, port })
    }

    pub(super) fn is(&self, name: &str, port: u16) -> bool {
        let is_name = match self.below {
            true => is_below(name, &self.name),
            false => name == self.name,
        };
        is_name && self.port.map_or(PORTS.contains(&port), |own| own == port)
    }
}

impl Hosts {
    /// Makes the list of hosts from lambdry's list, from `configured`, and from the project's names.
    ///
    /// # Errors
    /// When a name of the project is not a host, or belongs to AWS.
    pub(super) fn new(project: &[String], configured: Vec<Named>) -> Result<Self, Stop> {
        let mut hosts = Self {
            named: configured,
            ..Self::default()
        };
        hosts
            .named
            .extend(lines(REGISTRIES).filter_map(Named::read));
        for text in project {
            let (declined, name) = (text.starts_with('!'), text.trim_start_matches('!'));
            let wrong = |cause: String| Err(Stop::Invalid(cause));
            if let Err(cause) = check(text) {
                return wrong(cause);
            }
            let Some(named) = Named::read(name) else {
                continue;
            };
            match (declined, is_loopback(&named.name), named.port) {
                (true, ..) => hosts.declined.push(named),
                (false, true, Some(port)) => hosts.loopback.push(port),
                (false, ..) => hosts.named.push(named),
            }
        }
        Ok(hosts)
    }

    /// The reason why a host is not reached; `None` if it is reached.
    pub(super) fn refuses(&self, name: &str, port: u16) -> Option<Why> {
        let name = plain(name);
        if is_aws(&name) {
            return Some(Why::Aws);
        }
        let among = |list: &[Named]| list.iter().any(|named| named.is(&name, port));
        match () {
            () if among(&self.declined) => Some(Why::Declined),
            () if among(&self.named) => None,
            () => Some(Why::NotNamed),
        }
    }
}

/// Checks a host of `lambdry.toml`.
///
/// # Errors
/// When the text is not a host, when the host belongs to AWS and is not that of a bucket, and when a loopback has no
/// port.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let name = text.strip_prefix('!').unwrap_or(text);
    let Some(named) = Named::read(name) else {
        return Err(format!(
            "{text:?} is not a host; write for example npm.example.com, *.example.com, example.com:8443 or \
             localhost:5432"
        ));
    };
    if is_aws(&named.name) && (named.below || !super::open::is_bucket(&named.name)) {
        return Err(format!(
            "{name} belongs to AWS, which a rehearsal never reaches"
        ));
    }
    if is_loopback(&named.name) && named.port.is_none() {
        return Err(format!("{name} needs a port, for example {name}:5432"));
    }
    Ok(())
}

/// The reason why a name that leads to this address is not followed. The address belongs to this machine or to the
/// metadata service of an EC2 instance.
pub(super) fn is_inside(address: &SocketAddr) -> Option<Why> {
    let ip = match address.ip() {
        IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4),
        ip @ IpAddr::V4(_) => ip,
    };
    let is_link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        // Addresses of the metadata service, and all link-local addresses.
        IpAddr::V6(ip) => ip.segments()[..3] == [0xfd00, 0xec2, 0] || ip.is_unicast_link_local(),
    };
    match () {
        () if is_link_local => Some(Why::Aws),
        () if ip.is_loopback() || ip.is_unspecified() => Some(Why::NotNamed),
        () => None,
    }
}

/// Returns true if a name or an address belongs to AWS.
pub(super) fn is_aws(name: &str) -> bool {
    lines(AWS).any(|aws| name == aws || is_below(name, aws)) || is_metadata(name)
}

/// Returns true if a name or an address is that of the metadata service of an instance or of a container.
pub(super) fn is_metadata(name: &str) -> bool {
    let by_address = || {
        let ip = name.parse::<IpAddr>().ok()?;
        is_inside(&SocketAddr::new(ip, 0)).filter(|why| *why == Why::Aws)
    };
    name == "instance-data" || name.starts_with("instance-data.") || by_address().is_some()
}

/// The domains of AWS, without its addresses.
pub(super) fn of_aws() -> impl Iterator<Item = &'static str> {
    lines(AWS).filter(|name| name.parse::<IpAddr>().is_err())
}

/// Returns true if the name stands for this machine itself.
pub(super) fn is_loopback(name: &str) -> bool {
    let is_address = name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    is_address || name == "localhost" || is_below(name, "localhost")
}

fn is_below(name: &str, above: &str) -> bool {
    let before = name.strip_suffix(above);
    before.is_some_and(|before| before.len() > 1 && before.ends_with('.'))
}

/// A name in the form for comparisons: in lower case and without the root's full stop. An address has no brackets.
pub(super) fn plain(name: &str) -> String {
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let name = name.trim_end_matches('.');
    name.to_ascii_lowercase()
}

/// Splits a host and its port, without any other change: `[::1]:80`, `example.com`.
pub(super) fn split(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        // In an address without brackets, the colons belong to the address.
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    }
}

/// The lines of a list, without its comments.
pub(super) fn lines(list: &str) -> impl Iterator<Item = &str> {
    let lines = list.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_reached_aws_is_not_and_the_rest_has_to_be_named() {
        let project = [
            "npm.example.com",
            "*.example.org",
            "git.example.com:8443",
            "!metrics.example.com",
        ];
        let project = project.map(str::to_owned);
        let configured = vec![Named::read("mirror.example.net:8081").unwrap()];
        let hosts = Hosts::new(&project, configured).unwrap();
        for (name, port, why) in [
            ("registry.npmjs.org", 443, None),
            ("Registry.NPMjs.org.", 443, None),
            ("deb.debian.org", 80, None),
            ("registry.npmjs.org", 22, Some(Why::NotNamed)),
            ("registry.npmjs.org.evil.example", 443, Some(Why::NotNamed)),
            ("evilpypi.org", 443, Some(Why::NotNamed)),
            ("api.github.com", 443, Some(Why::NotNamed)),
            ("fr.archive.ubuntu.com", 80, None),
            ("npm.example.com", 443, None),
            ("a.npm.example.com", 443, Some(Why::NotNamed)),
            ("a.b.example.org", 443, None),
            ("example.org", 443, Some(Why::NotNamed)),
            ("git.example.com", 8443, None),
            ("git.example.com", 443, Some(Why::NotNamed)),
            ("mirror.example.net", 8081, None),
            ("metrics.example.com", 443, Some(Why::Declined)),
            ("sts.amazonaws.com", 443, Some(Why::Aws)),
            ("STS.AmazonAWS.com.", 443, Some(Why::Aws)),
            ("lambda.cn-north-1.amazonaws.com.cn", 443, Some(Why::Aws)),
            ("lambda.eu-west-1.api.aws", 443, Some(Why::Aws)),
            ("abc.lambda-url.eu-west-1.on.aws", 443, Some(Why::Aws)),
            ("public.ecr.aws", 443, Some(Why::Aws)),
            ("x.aws.dev", 443, Some(Why::Aws)),
            ("notamazonaws.com", 443, Some(Why::NotNamed)),
            ("169.254.169.254", 80, Some(Why::Aws)),
            ("169.254.170.2", 80, Some(Why::Aws)),
            ("[fd00:ec2::254]", 80, Some(Why::Aws)),
            ("::ffff:169.254.169.254", 80, Some(Why::Aws)),
            ("127.0.0.1", 80, Some(Why::NotNamed)),
            ("", 443, Some(Why::NotNamed)),
        ] {
            assert_eq!(hosts.refuses(name, port), why, "{name}:{port}");
        }
    }

    #[test]
    fn a_project_names_hosts_and_nothing_of_aws() {
        for text in [
            "npm.example.com",
            "*.example.com",
            "example.com:8443",
            "!a.example",
            "localhost:5432",
            "[::1]:80",
            "10.0.0.1",
            "tools.s3.eu-west-1.amazonaws.com",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in [
            "",
            "!",
            "https://example.com",
            "example.com/x",
            "example.com:x",
            "example.com:0",
            "a b",
            "*",
            "localhost",
            "127.0.0.1",
            "s3.amazonaws.com",
            "*.amazonaws.com",
            "*.s3.amazonaws.com",
            "!sts.amazonaws.com",
            "169.254.169.254",
            "public.ecr.aws",
        ] {
            assert!(check(text).is_err(), "{text}");
        }
        let hosts = Hosts::new(&["localhost:5432".to_owned()], Vec::new()).unwrap();
        assert_eq!(hosts.loopback, [5432]);
        assert!(Hosts::new(&["sqs.amazonaws.com".to_owned()], Vec::new()).is_err());
    }

    #[test]
    fn every_line_of_the_lists_is_a_host_and_no_registry_is_aws() {
        for line in lines(REGISTRIES).chain(lines(AWS)) {
            assert!(Named::read(line).is_some(), "{line}");
        }
        for line in lines(REGISTRIES) {
            assert!(!is_aws(line), "{line}");
        }
    }

    #[test]
    fn a_name_that_leads_inside_is_not_followed() {
        for (address, why) in [
            ("169.254.169.254:80", Some(Why::Aws)),
            ("[::ffff:169.254.169.254]:80", Some(Why::Aws)),
            ("[fd00:ec2::254]:80", Some(Why::Aws)),
            ("[fe80::1]:80", Some(Why::Aws)),
            ("127.0.0.1:80", Some(Why::NotNamed)),
            ("[::1]:80", Some(Why::NotNamed)),
            ("0.0.0.0:80", Some(Why::NotNamed)),
            ("10.1.2.3:443", None),
            ("93.184.216.34:443", None),
        ] {
            assert_eq!(is_inside(&address.parse().unwrap()), why, "{address}");
        }
    }
}
