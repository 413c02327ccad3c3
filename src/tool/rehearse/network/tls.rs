//! The first message of TLS, which names the host that a client wants.

use std::{
    io::{self, Read as _},
    net::TcpStream,
};

/// The first byte of a connection with TLS: a record with a handshake.
const HANDSHAKE: u8 = 22;

/// The answer that ends a handshake: a fatal alert, `access_denied`.
pub(super) const DENIED: [u8; 7] = [21, 3, 3, 0, 2, 2, 49];

/// Returns true if a connection begins with TLS. No byte is taken from it.
pub(super) fn is_one(stream: &TcpStream) -> bool {
    let mut first = [0];
    matches!(stream.peek(&mut first), Ok(1)) && first[0] == HANDSHAKE
}

/// Reads the first record of a connection.
///
/// # Errors
/// When the connection ends before that, or the time for it does.
pub(super) fn hello(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut record = vec![0; 5];
    stream.read_exact(&mut record)?;
    let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
    record.resize(5 + length, 0);
    stream.read_exact(&mut record[5..])?;
    Ok(record)
}

/// The host that a client's first record names, if it names one.
pub(super) fn name(record: &[u8]) -> Option<String> {
    // The header of the record, then that of the message: its kind and its length.
    let message = record.get(5..)?;
    let mut rest = message.get(4..).filter(|_| message.first() == Some(&1))?;
    // The version and the random bytes.
    rest = rest.get(34..)?;
    // The session, the ciphers, the compressions.
    (_, rest) = part(rest, 1)?;
    (_, rest) = part(rest, 2)?;
    (_, rest) = part(rest, 1)?;
    let (mut extensions, _) = part(rest, 2)?;
    while let Some(kind) = extensions.get(..2) {
        let (body, after) = part(&extensions[2..], 2)?;
        extensions = after;
        if kind == [0, 0] {
            let (names, _) = part(body, 2)?;
            let (name, _) = part(names.get(1..).filter(|_| names[0] == 0)?, 2)?;
            let name = std::str::from_utf8(name).ok()?;
            return name.is_ascii().then(|| name.to_owned());
        }
    }
    None
}

/// Splits off a part that begins with its length, in that many bytes.
fn part(bytes: &[u8], width: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_at_checked(width)?;
    let length = length
        .iter()
        .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A first record, with these extensions.
    fn record(extensions: &[u8]) -> Vec<u8> {
        let sized = |bytes: &[u8], width: usize| {
            let length = bytes.len().to_be_bytes();
            [&length[length.len() - width..], bytes].concat()
        };
        let hello = [
            &[3, 3][..],
            &[7; 32],
            &sized(&[1; 32], 1),
            &sized(&[19, 1], 2),
            &sized(&[0], 1),
            &sized(extensions, 2),
        ]
        .concat();
        let message = [&[1][..], &sized(&hello, 3)].concat();
        [&[HANDSHAKE, 3, 1][..], &sized(&message, 2)].concat()
    }

    const NAMED: &[u8] = b"\x00\x17\x00\x00\x00\x00\x00\x0e\x00\x0c\x00\x00\x09a.example";

    #[test]
    fn the_name_is_found_behind_other_extensions() {
        assert_eq!(name(&record(NAMED)).as_deref(), Some("a.example"));
        assert_eq!(name(&record(&NAMED[..4])), None);
        assert_eq!(name(&record(b"")), None);
    }

    #[test]
    fn a_record_that_is_cut_off_names_nothing() {
        let whole = record(NAMED);
        for length in 0..whole.len() {
            assert_eq!(name(&whole[..length]), None, "{length}");
        }
    }
}
