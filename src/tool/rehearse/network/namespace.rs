//! A network namespace that holds only the loopback, and threads that stay outside of this namespace.
//!
//! A namespace belongs to a thread, and everything that a thread starts is in its namespace. The thread that runs the
//! script enters a namespace before it starts anything. The script, its processes and the server for SDKs are therefore
//! inside. The thread of the proxy, if there is one, stays outside. A socket stays in the namespace in which it was
//! opened. The proxy's thread can therefore accept connections on a listener that was opened inside, and its own
//! connections lead out.
//!
//! A process with the right to do so enters only a network namespace. Every other process also enters a user namespace.
//! Its user stays the same there and no other user exists, so `sudo` has no user to change to.

use super::Network;
use crate::face::exit::Stop;
#[cfg(target_os = "linux")]
use crate::state::plain::plain;

/// The work of a thread that stays outside.
pub(super) type Errand = Box<dyn FnOnce() + Send>;

/// Moves this thread into a network namespace that holds only the loopback. `outside` runs on a thread that stays
/// outside.
///
/// # Errors
/// The namespace is not possible. No rehearsal is better than a rehearsal "without a network" that has a network.
#[cfg(target_os = "linux")]
pub(super) fn leave(network: Network, outside: Option<Errand>) -> Result<(), Stop> {
    let refused = |what: &str, cause: &str| {
        Stop::Store(
            format!("{} does not work here: {what}: {cause}", option(network)),
            Some("user namespaces may be switched off (sysctl user.max_user_namespaces, \
                kernel.apparmor_restrict_unprivileged_userns) or forbidden in this container (as in Docker's default \
                profile). With --network instead, aws calls and SDKs that read AWS_ENDPOINT_URL still never reach \
                AWS, but other commands may reach the network".to_owned()),
        )
    };
    enter(outside).map_err(|error| refused("cannot make a namespace", &plain(&error)))?;
    loopback_up().map_err(|error| refused("cannot switch on its loopback", &plain(&error)))
}

/// Refuses, because this system has no namespaces.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub(super) fn leave(network: Network, _: Option<Errand>) -> Result<(), Stop> {
    Err(Stop::Store(
        format!("{} needs Linux and its namespaces", option(network)),
        Some("with --network instead, aws calls and SDKs that read AWS_ENDPOINT_URL still never reach AWS, but other \
            commands may reach the network".to_owned()),
    ))
}

/// The option with which the user asks for a network.
fn option(network: Network) -> &'static str {
    match network {
        Network::Registries => "--network=registries",
        Network::Open | Network::None => "--no-network",
    }
}

#[cfg(target_os = "linux")]
#[allow(
    deprecated,
    reason = "the function is not marked unsafe, and should be for UnshareFlags::FILES, which is not asked for"
)]
fn enter(outside: Option<Errand>) -> std::io::Result<()> {
    use rustix::thread::{UnshareFlags, unshare};
    use std::{fs, thread};
    let before = fs::File::open("/proc/thread-self/ns/net")?;
    if unshare(UnshareFlags::NEWNET).is_ok() {
        // A process with the right to enter a namespace can also go back to the old one.
        return outside.map_or(Ok(()), |errand| go_back(before, errand));
    }
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    unshare(UnshareFlags::NEWUSER)?;
    fs::write("/proc/self/setgroups", "deny")?;
    let map = |id: u32| format!("{id} {id} 1");
    fs::write("/proc/self/uid_map", map(user.as_raw()))?;
    fs::write("/proc/self/gid_map", map(group.as_raw()))?;
    // The user namespace belongs to the whole process, and only a process with one thread may change it. The network
    // namespace belongs to a thread, and this thread cannot go back to the old one. So the thread that stays outside
    // must start between the two steps.
    if let Some(errand) = outside {
        thread::Builder::new().spawn(errand)?;
    }
    Ok(unshare(UnshareFlags::NEWNET)?)
}

/// Runs a task on a thread that goes back into a namespace.
#[cfg(target_os = "linux")]
fn go_back(into: std::fs::File, errand: Errand) -> std::io::Result<()> {
    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
    use std::{os::fd::AsFd as _, sync::mpsc, thread};
    let (tell, told) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let back = move_into_link_name_space(into.as_fd(), Some(LinkNameSpaceType::Network));
        let is_back = back.is_ok();
        let _ = tell.send(back);
        if is_back {
            errand();
        }
    })?;
    let back = told.recv().map_err(std::io::Error::other)?;
    Ok(back?)
}

/// Switches the loopback on with one message to the kernel: `RTM_NEWLINK` for interface 1, which is the loopback in
/// every namespace.
#[cfg(target_os = "linux")]
fn loopback_up() -> std::io::Result<()> {
    use rustix::net::{
        AddressFamily, RecvFlags, SendFlags, SocketType, netlink, recv, sendto, socket,
    };
    const REQUEST_AND_ANSWER: u16 = 1 | 4;
    const NEW_LINK: u16 = 16;
    const UP: u32 = 1;
    let mut message = Vec::new();
    // The header of the message: length, type, flags, number, port.
    message.extend(32u32.to_ne_bytes());
    message.extend(NEW_LINK.to_ne_bytes());
    message.extend(REQUEST_AND_ANSWER.to_ne_bytes());
    message.extend([1u32.to_ne_bytes(), 0u32.to_ne_bytes()].concat());
    // The link's part of the message: family and type are 0 for any, then interface 1, the flags, and the mask of the
    // flags to change.
    message.extend(0u32.to_ne_bytes());
    message.extend([1u32.to_ne_bytes(), UP.to_ne_bytes(), UP.to_ne_bytes()].concat());
    // The kernel's routing is protocol 0 of the family.
    let socket = socket(AddressFamily::NETLINK, SocketType::RAW, None)?;
    let kernel = netlink::SocketAddrNetlink::new(0, 0);
    sendto(&socket, &message, SendFlags::empty(), &kernel)?;
    let mut answer = [0u8; 256];
    let (_, read) = recv(&socket, &mut answer[..], RecvFlags::empty())?;
    // The answer is an NLMSG_ERROR. Its code is 0 if the request succeeded.
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
