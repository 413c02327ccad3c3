//! `--no-network`: the rehearsal in a network namespace of its own, where nothing is but the loopback.
//!
//! This process enters it before it starts a thread; the script, all it starts and the responder are in it. Whoever
//! may do so just takes a network namespace; everybody else takes a user namespace with it, in which they are who they
//! were and nobody else exists, so that `sudo` has nobody to become.

use crate::face::exit::Stop;

/// Leaves the network.
///
/// # Errors
/// Where that cannot be had: a rehearsal without a network that has one would be worse than none.
#[cfg(target_os = "linux")]
pub(crate) fn leave() -> Result<(), Stop> {
    let refused = |what: &str, error: &dyn std::fmt::Display| {
        Stop::Store(
            format!("--no-network cannot be had here: {what}: {error}"),
            Some("user namespaces may be switched off (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns), or forbidden in this container; without --no-network, aws by its name and what honours AWS_ENDPOINT_URL still do not reach AWS, and other commands may reach the network".to_owned()),
        )
    };
    namespace().map_err(|error| refused("a namespace cannot be made", &error))?;
    loopback_up().map_err(|error| refused("its loopback cannot be switched on", &error))
}

/// Where there are no namespaces.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub(crate) fn leave() -> Result<(), Stop> {
    Err(Stop::Store(
        "--no-network needs Linux, whose namespaces it uses".to_owned(),
        Some("without it, aws by its name and what honours AWS_ENDPOINT_URL still do not reach AWS, and other commands may reach the network".to_owned()),
    ))
}

#[cfg(target_os = "linux")]
#[allow(
    deprecated,
    reason = "the function is not marked unsafe, and should be for UnshareFlags::FILES, which is not asked for"
)]
fn namespace() -> std::io::Result<()> {
    use rustix::thread::{UnshareFlags, unshare};
    if unshare(UnshareFlags::NEWNET).is_ok() {
        return Ok(());
    }
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNET)?;
    std::fs::write("/proc/self/setgroups", "deny")?;
    let map = |id: u32| format!("{id} {id} 1");
    std::fs::write("/proc/self/uid_map", map(user.as_raw()))?;
    std::fs::write("/proc/self/gid_map", map(group.as_raw()))
}

/// Switches the loopback on: one message to the kernel, `RTM_NEWLINK` for interface 1, which it is in every namespace.
#[cfg(target_os = "linux")]
fn loopback_up() -> std::io::Result<()> {
    use rustix::net::{
        AddressFamily, RecvFlags, SendFlags, SocketType, netlink, recv, sendto, socket,
    };
    const REQUEST_AND_ANSWER: u16 = 1 | 4;
    const NEW_LINK: u16 = 16;
    const UP: u32 = 1;
    let mut message = Vec::new();
    // The header: length, type, flags, number, port.
    message.extend(32u32.to_ne_bytes());
    message.extend(NEW_LINK.to_ne_bytes());
    message.extend(REQUEST_AND_ANSWER.to_ne_bytes());
    message.extend([1u32.to_ne_bytes(), 0u32.to_ne_bytes()].concat());
    // The link: family and type any, interface 1, flags, and which of them change.
    message.extend(0u32.to_ne_bytes());
    message.extend([1u32.to_ne_bytes(), UP.to_ne_bytes(), UP.to_ne_bytes()].concat());
    // The kernel's routing is protocol 0 of the family.
    let socket = socket(AddressFamily::NETLINK, SocketType::RAW, None)?;
    let kernel = netlink::SocketAddrNetlink::new(0, 0);
    sendto(&socket, &message, SendFlags::empty(), &kernel)?;
    let mut answer = [0u8; 256];
    let (_, read) = recv(&socket, &mut answer[..], RecvFlags::empty())?;
    // An NLMSG_ERROR, whose code is 0 where all went well.
    match answer.get(16..20).filter(|_| read >= 20) {
        Some(code) => {
            let code = i32::from_ne_bytes([code[0], code[1], code[2], code[3]]);
            if code == 0 {
                return Ok(());
            }
            Err(std::io::Error::from_raw_os_error(-code))
        }
        None => Err(std::io::Error::other("the kernel gave no answer")),
    }
}
