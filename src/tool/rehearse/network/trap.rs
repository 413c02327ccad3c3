//! Names of AWS's API that lead to the proxy, for programs that honour no proxy or have lost their environment.
//!
//! A process that may create a mount namespace (root, CAP_SYS_ADMIN) creates one in which another file lies over
//! `/etc/hosts`. In that file the [`SERVICES`] have an address on the loopback, where the proxy listens on the port of
//! https. Everything else is as outside. The process does not create a user namespace, because `sudo` does not work
//! there. A process without the right does nothing.
//!
//! The listener is in this machine's own network: while it listens, no other program can listen on port 443 of all
//! addresses. Port 80 is not taken for that reason: the services of AWS are asked by https, and servers often use 80.

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
use crate::{operation::ec2::describe_regions::regions, state::plain::plain};

/// The services whose names lead to the proxy, in every region.
const SERVICES: &str = include_str!("trapped.txt");

/// The hosts of services without a region.
const GLOBAL: [&str; 9] = [
    "budgets.amazonaws.com",
    "cloudfront.amazonaws.com",
    "ec2.amazonaws.com",
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

/// The port on which the trap listens.
const PORT: u16 = 443;

/// Sets the trap, and returns its listener; `None` where this process has no right to it. It must be called before this
/// process starts a thread.
///
/// # Errors
/// The process has the right, and the trap cannot be set. No name leads to it then.
#[allow(
    deprecated,
    reason = "the function is not marked unsafe, and should be for UnshareFlags::FILES, which is not asked for"
)]
pub(super) fn set() -> io::Result<Option<TcpListener>> {
    if rustix::thread::unshare(UnshareFlags::NEWNS).is_err() {
        return Ok(None);
    }
    let cannot =
        |what: String| move |error| io::Error::other(format!("cannot {what}: {}", plain(&error)));
    let (address, listener) =
        listen().map_err(cannot(format!("listen on port {PORT} of the loopback")))?;
    lead_to(address).map_err(cannot("lay a file over /etc/hosts".to_owned()))?;
    Ok(Some(listener))
}

/// Makes the names lead to an address, in this process's own mount namespace.
fn lead_to(address: Ipv4Addr) -> io::Result<()> {
    // What is mounted here stays here.
    let flags = MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC;
    mount_change("/", flags)?;
    let hosts = fs::read("/etc/hosts")?;
    let order = Path::new("/etc/nsswitch.conf");
    if let Some(text) = fs::read_to_string(order).ok().and_then(files_first) {
        lay(text.as_bytes(), order)?;
    }
    for socket in DAEMON.map(Path::new) {
        if socket.exists() {
            lay(b"", socket)?;
        }
    }
    // The last step: if one before it fails, no name leads to an address where nobody listens.
    lay(&with_trap(&hosts, address), Path::new("/etc/hosts"))
}

/// Lays a file with this text over a path, in this namespace alone.
fn lay(text: &[u8], over: &Path) -> io::Result<()> {
    let mut file = NamedTempFile::new()?;
    file.write_all(text)?;
    file.as_file()
        .set_permissions(Permissions::from_mode(0o644))?;
    // The mount keeps the file when its name is gone.
    Ok(mount_bind(file.path(), over)?)
}

/// Listens on an address of the loopback's that nobody else has.
fn listen() -> io::Result<(Ipv4Addr, TcpListener)> {
    let [.., high, low] = std::process::id().to_be_bytes();
    let mut failed = io::Error::other("no address");
    for number in 0..TRIES {
        let address = Ipv4Addr::new(127, 200_u8.wrapping_add(number), high, low.max(1));
        match TcpListener::bind((address, PORT)) {
            Ok(listener) => return Ok((address, listener)),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// A file of hosts, with the trap's names behind. The file may hold any bytes.
///
/// A name with a dot at its end is another name for the file. Without an address of the other kind, a program that asks
/// for IPv6 alone would get the answer from outside.
fn with_trap(hosts: &[u8], address: Ipv4Addr) -> Vec<u8> {
    let mut text = hosts.trim_ascii_end().to_vec();
    text.extend_from_slice(b"\n\n# Of a rehearsal by lambdry.\n");
    for name in names() {
        let lines = format!("{address} {name} {name}.\n::ffff:{address} {name} {name}.\n");
        text.extend_from_slice(lines.as_bytes());
    }
    text
}

/// The names that lead to the proxy.
fn names() -> impl Iterator<Item = String> {
    let regions = regions().filter_map(|region| {
        // The second domain is that of the endpoints with IPv6.
        let domains = match region {
            _ if region.starts_with("us-iso") || region.starts_with("eu-iso") => return None,
            _ if region.starts_with("cn-") => ["amazonaws.com.cn", "api.amazonwebservices.com.cn"],
            _ if region.starts_with("eusc-") => ["amazonaws.eu", "api.amazonwebservices.eu"],
            _ => ["amazonaws.com", "api.aws"],
        };
        Some((region, domains))
    });
    let regional = regions.flat_map(|(region, domains)| {
        hosts::lines(SERVICES)
            .flat_map(move |service| domains.map(|domain| format!("{service}.{region}.{domain}")))
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
        assert!(all.len() > 3000, "{}", all.len());
        for name in [
            "lambda.eu-west-1.amazonaws.com",
            "lambda.eu-west-1.api.aws",
            "sqs.eu-west-1.api.aws",
            "acm.us-east-1.amazonaws.com",
            "elasticbeanstalk.eu-west-1.amazonaws.com",
            "lambda.cn-north-1.api.amazonwebservices.com.cn",
            "ec2.amazonaws.com",
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
        let own = b"127.0.0.1 localhost # caf\xe9\n";
        let text = with_trap(own, Ipv4Addr::new(127, 200, 1, 2));
        assert!(text.starts_with(own));
        let text = String::from_utf8_lossy(&text);
        for address in ["127.200.1.2", "::ffff:127.200.1.2"] {
            let name = "lambda.eu-west-1.amazonaws.com";
            let line = format!("\n{address} {name} {name}.\n");
            assert!(text.contains(&line), "{line}");
        }
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
