//! Names of AWS's API that lead to the proxy, for programs that honour no proxy or have lost their environment.
//!
//! A process that may create a mount namespace (root, CAP_SYS_ADMIN) creates one in which another file lies over
//! `/etc/hosts`. In that file the [`SERVICES`] have an address on the loopback, where the proxy listens on the ports of
//! https and http. Everything else is as outside. The process does not create a user namespace, because `sudo` does not
//! work there. A process without the right does nothing.

use std::{
    fs::{self, Permissions},
    io::{self, Write as _},
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use rustix::{
    mount::{MountPropagationFlags, mount_bind, mount_change},
    thread::UnshareFlags,
};
use tempfile::NamedTempFile;

use super::hosts;
use crate::operation::ec2::describe_regions::regions;

/// The services whose names lead to the proxy, in every region.
const SERVICES: &str = include_str!("trapped.txt");

/// The hosts of services without a region.
const GLOBAL: [&str; 8] = [
    "budgets.amazonaws.com",
    "cloudfront.amazonaws.com",
    "iam.amazonaws.com",
    "organizations.us-east-1.amazonaws.com",
    "api.ecr-public.us-east-1.amazonaws.com",
    "route53.amazonaws.com",
    "route53domains.us-east-1.amazonaws.com",
    "sts.amazonaws.com",
];

/// The sockets of a daemon that keeps names. Where one is, it is asked before any file.
const DAEMON: [&str; 2] = ["/run/nscd/socket", "/var/run/nscd/socket"];

/// The number of addresses that are tried: another rehearsal may listen on one.
const TRIES: u8 = 8;

/// Sets the trap, and returns its listeners; none where this process may not. It must be called before this process
/// starts a thread.
pub(super) fn set() -> Vec<TcpListener> {
    // Without the right the first step fails, and nothing has changed.
    enter().unwrap_or_default()
}

#[allow(
    deprecated,
    reason = "the function is not marked unsafe, and should be for UnshareFlags::FILES, which is not asked for"
)]
fn enter() -> io::Result<Vec<TcpListener>> {
    rustix::thread::unshare(UnshareFlags::NEWNS)?;
    // What is mounted here stays here.
    let flags = MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC;
    mount_change("/", flags)?;
    let (address, listeners) = listen()?;
    let hosts = fs::read_to_string("/etc/hosts")?;
    let order = Path::new("/etc/nsswitch.conf");
    if let Some(text) = fs::read_to_string(order).ok().and_then(files_first) {
        lay(&text, order)?;
    }
    for socket in DAEMON.map(Path::new) {
        if socket.exists() {
            lay("", socket)?;
        }
    }
    // The last step: if one before it fails, no name leads to an address where nobody listens.
    lay(&with_trap(&hosts, address), Path::new("/etc/hosts"))?;
    Ok(listeners)
}

/// Lays a file with this text over a path, in this namespace alone.
fn lay(text: &str, over: &Path) -> io::Result<()> {
    let mut file = NamedTempFile::new()?;
    file.write_all(text.as_bytes())?;
    file.as_file()
        .set_permissions(Permissions::from_mode(0o644))?;
    // The mount keeps the file when its name is gone.
    Ok(mount_bind(file.path(), over)?)
}

/// Listens on an address of the loopback's that nobody else has.
fn listen() -> io::Result<(Ipv4Addr, Vec<TcpListener>)> {
    let [.., high, low] = std::process::id().to_be_bytes();
    let mut failed = io::Error::other("no address");
    for number in 0..TRIES {
        let address = Ipv4Addr::new(127, 200_u8.wrapping_add(number), high, low.max(1));
        let bound: io::Result<Vec<TcpListener>> = [443, 80]
            .into_iter()
            .map(|port| TcpListener::bind((address, port)))
            .collect();
        match bound {
            Ok(listeners) => return Ok((address, listeners)),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// A file of hosts, with the trap's names behind.
fn with_trap(hosts: &str, address: Ipv4Addr) -> String {
    let mut text = hosts.trim_end().to_owned();
    text.push_str("\n\n# Of a rehearsal by lambdry.\n");
    for name in names() {
        text.push_str(&format!("{address} {name}\n"));
    }
    text
}

/// The names that lead to the proxy.
fn names() -> impl Iterator<Item = String> {
    let regions = regions().filter_map(|region| {
        let domain = match region {
            _ if region.starts_with("us-iso") || region.starts_with("eu-iso") => return None,
            _ if region.starts_with("cn-") => "amazonaws.com.cn",
            _ if region.starts_with("eusc-") => "amazonaws.eu",
            _ => "amazonaws.com",
        };
        Some((region, domain))
    });
    let regional = regions.flat_map(|(region, domain)| {
        let services = hosts::lines(SERVICES);
        let both = std::iter::once(format!("lambda.{region}.api.aws"));
        both.chain(services.map(move |service| format!("{service}.{region}.{domain}")))
    });
    GLOBAL.iter().map(|name| (*name).to_owned()).chain(regional)
}

/// The order in which names are looked up, with files in front; `None` if they are.
fn files_first(text: String) -> Option<String> {
    let line = text
        .lines()
        .find(|line| line.trim_start().starts_with("hosts:"))?;
    let (_, sources) = line.split_once(':')?;
    let first = sources.split_whitespace().next()?;
    (first != "files").then(|| text.replacen(line, &format!("hosts: files{sources}"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_trapped_is_refused_by_the_proxy() {
        let all: Vec<String> = names().collect();
        assert!(all.len() > 1500, "{}", all.len());
        for name in [
            "lambda.eu-west-1.amazonaws.com",
            "lambda.eu-west-1.api.aws",
            "sts.amazonaws.com",
        ] {
            assert!(all.iter().any(|it| it == name), "{name}");
        }
        for name in all {
            let client = || panic!("the host alone decides: {name}");
            let open = super::super::open::Open::default();
            assert_eq!(
                open.refuses(&name, 443, None, &client),
                Some(super::super::Why::Aws),
                "{name}"
            );
        }
    }

    #[test]
    fn this_machine_s_own_hosts_stay_in_front() {
        let text = with_trap("127.0.0.1 localhost\n", Ipv4Addr::new(127, 200, 1, 2));
        assert!(text.starts_with("127.0.0.1 localhost\n"));
        assert!(text.contains("\n127.200.1.2 lambda.eu-west-1.amazonaws.com\n"));
    }

    #[test]
    fn files_are_asked_first() {
        let of = |text: &str| files_first(text.to_owned());
        assert_eq!(of("passwd: files\nhosts: files dns\n"), None);
        assert_eq!(of("passwd: files\n"), None);
        assert_eq!(
            of("passwd: files\nhosts:  resolve [!UNAVAIL=return] files dns\n").as_deref(),
            Some("passwd: files\nhosts: files  resolve [!UNAVAIL=return] files dns\n")
        );
    }
}
