//! The checksums of an object's bytes. The MD5 is the object's ETag, and S3 verifies the bytes by the CRC-64/NVME.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use md5::{Digest, Md5};

use crate::{
    state::function::hex,
    store::{Result, StoreError},
};

/// A file's MD5 in hex, which is an object's ETag, and its CRC-64/NVME in base64. The memory needed does not depend on
/// the size of the file.
///
/// # Errors
/// A file that cannot be read.
pub fn digests(path: &Path) -> Result<(String, String)> {
    let failed = |error| StoreError::io("read", path, error);
    let mut file = File::open(path).map_err(failed)?;
    let (mut md5, mut crc) = (Md5::new(), !0u64);
    let mut chunk = vec![0; 1 << 18];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => {
                let crc = BASE64_STANDARD.encode((!crc).to_be_bytes());
                return Ok((hex(&md5.finalize()), crc));
            }
            Ok(n) => {
                md5.update(&chunk[..n]);
                crc = crc64(crc, &chunk[..n]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error).into()),
        }
    }
}

/// Updates a CRC-64/NVME with more bytes, eight at a time. The caller starts with all bits set, and inverts the result
/// at the end.
pub fn crc64(mut crc: u64, bytes: &[u8]) -> u64 {
    static TABLES: [[u64; 256]; 8] = crc64_tables();
    let mut eights = bytes.chunks_exact(8);
    for eight in &mut eights {
        let eight: [u8; 8] = std::array::from_fn(|at| eight[at]);
        let mixed = (crc ^ u64::from_le_bytes(eight)).to_le_bytes();
        crc = (0..8).fold(0, |sum, at| sum ^ TABLES[7 - at][usize::from(mixed[at])]);
    }
    for byte in eights.remainder() {
        let [low, ..] = crc.to_le_bytes();
        crc = (crc >> 8) ^ TABLES[0][usize::from(low ^ byte)];
    }
    crc
}

/// `TABLES[n][byte]`: the remainder of a byte followed by n zero bytes.
const fn crc64_tables() -> [[u64; 256]; 8] {
    /// The polynomial, lowest power first.
    const POLYNOMIAL: u64 = 0x9a6c_9329_ac4b_c9b5;
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u64;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ POLYNOMIAL
            } else {
                crc >> 1
            };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut n = 1;
    while n < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before: u64 = tables[n - 1][byte];
            tables[n][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        n += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_catalogues() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "123456789").expect("written");
        let (md5, crc) = digests(file.path()).expect("read");
        assert_eq!(md5, "25f9e794323b453885f5181f1b624d0b");
        // This value is the published check value of CRC-64/NVME.
        assert_eq!(
            crc,
            BASE64_STANDARD.encode(0xae8b_1486_0a79_9888_u64.to_be_bytes())
        );
    }
}
