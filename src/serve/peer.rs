//! The other end of a connection: the user who owns it, and the inode by which its process can be found.
//!
//! Linux has these facts in `/proc/net/tcp`. On other systems they are unknown.

use std::net::SocketAddr;

/// The client's socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Socket {
    /// The user who owns the socket.
    pub user: u32,
    /// The inode of the socket.
    pub inode: u64,
}

impl Socket {
    /// The socket at the other end of a connection on this machine.
    #[cfg(target_os = "linux")]
    pub fn of(peer: SocketAddr, local: SocketAddr) -> Option<Self> {
        let (one, other) = (written(peer)?, written(local)?);
        // The socket of a client that supports both families has an IPv6 address that ends with this IPv4 address.
        ["/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"]
            .iter()
            .find_map(|table| {
                let text = std::fs::read_to_string(table).ok()?;
                text.lines().find_map(|line| {
                    let mut words = line.split_whitespace().skip(1);
                    let (from, to) = (words.next()?, words.next()?);
                    let is_it = from.ends_with(&one) && to.ends_with(&other);
                    let user = words.nth(4).filter(|_| is_it)?.parse().ok()?;
                    let inode = words.nth(1)?.parse().ok().filter(|inode| *inode > 0)?;
                    Some(Self { user, inode })
                })
            })
    }

    /// Returns `None`, because this system does not have the table.
    #[cfg(not(target_os = "linux"))]
    pub fn of(_: SocketAddr, _: SocketAddr) -> Option<Self> {
        None
    }

    /// Returns true if the user who owns the socket is the user of this process.
    #[cfg(target_os = "linux")]
    pub(super) fn is_own(self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata("/proc/self").is_ok_and(|of| of.uid() == self.user)
    }

    /// Returns false, because this system does not have the table.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn is_own(self) -> bool {
        false
    }
}

/// Writes an address in the form of the kernel's table: `0100007F:1F90`.
#[cfg(target_os = "linux")]
fn written(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else {
        return None;
    };
    let ip = u32::from_ne_bytes(address.ip().octets());
    Some(format!("{ip:08X}:{:04X}", address.port()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        fs,
        net::{TcpListener, TcpStream},
    };

    use super::*;

    #[test]
    fn the_other_end_of_a_connection_is_this_user_s_and_has_an_inode_that_this_process_holds() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let client =
            TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
        let (served, peer) = listener.accept().expect("a connection");
        let socket = Socket::of(peer, served.local_addr().expect("an address")).expect("a socket");
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&client);
        let link = fs::read_link(format!("/proc/self/fd/{descriptor}")).expect("a link");
        assert_eq!(link.to_string_lossy(), format!("socket:[{}]", socket.inode));
        assert!(socket.is_own());
        let other = Socket {
            user: socket.user + 1,
            ..socket
        };
        assert!(!other.is_own());
    }
}
