//! Compares the checksums that came with a body to the checksums of the body itself.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::{head::Head, refusal::Front};
use crate::store::s3::crc64;

/// The prefix of checksum names.
const PREFIX: &str = "x-amz-checksum-";

/// The checksums of a body that is arriving. Only the checksums that the request states are computed.
#[derive(Debug, Default)]
pub(super) struct Sums {
    md5: Option<Md5>,
    crc32: Option<crc32fast::Hasher>,
    crc32c: Option<u32>,
    crc64nvme: Option<u64>,
    sha256: Option<Sha256>,
    stated: Vec<(String, String)>,
}

impl Sums {
    /// Prepares the checksums that a head states, and those that it announces for the trailers. No other checksums are
    /// computed.
    pub(super) fn of(head: &Head) -> Self {
        let mut sums = Self::default();
        let mut names = Vec::new();
        for (name, value) in &head.headers {
            if name == "content-md5" || name.starts_with(PREFIX) {
                sums.stated.push((name.clone(), value.clone()));
                names.push(name.clone());
            } else if name == "x-amz-trailer" {
                names.extend(
                    value
                        .split(',')
                        .map(|name| name.trim().to_ascii_lowercase()),
                );
            }
        }
        for name in names {
            match name.trim_start_matches(PREFIX) {
                "content-md5" => sums.md5 = Some(Md5::new()),
                "crc32" => sums.crc32 = Some(crc32fast::Hasher::new()),
                "crc32c" => sums.crc32c = Some(!0),
                "crc64nvme" => sums.crc64nvme = Some(!0),
                "sha256" => sums.sha256 = Some(Sha256::new()),
                _ => {}
            }
        }
        sums
    }

    /// Takes bytes of the object.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        if let Some(crc) = &mut self.crc32 {
            crc.update(bytes);
        }
        if let Some(crc) = &mut self.crc32c {
            *crc = bytes.iter().fold(*crc, |crc, byte| {
                (crc >> 8) ^ CRC32C[usize::from((crc as u8) ^ byte)]
            });
        }
        if let Some(crc) = &mut self.crc64nvme {
            *crc = crc64(*crc, bytes);
        }
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
    }

    /// Compares the stated sums, in headers and trailers.
    ///
    /// # Errors
    /// When a sum differs. The error names the first such sum.
    pub(super) fn finish(mut self, trailers: &[(String, String)]) -> Result<(), Front> {
        let stated = std::mem::take(&mut self.stated);
        for (name, value) in stated.iter().chain(trailers) {
            let found = match name.trim_start_matches(PREFIX) {
                "content-md5" => self.md5.take().map(|sum| sum.finalize().to_vec()),
                "crc32" => self
                    .crc32
                    .take()
                    .map(|sum| sum.finalize().to_be_bytes().to_vec()),
                "crc32c" => self.crc32c.map(|sum| (!sum).to_be_bytes().to_vec()),
                "crc64nvme" => self.crc64nvme.map(|sum| (!sum).to_be_bytes().to_vec()),
                "sha256" => self.sha256.take().map(|sum| sum.finalize().to_vec()),
                _ => None,
            };
            if found.is_some_and(|found| BASE64_STANDARD.encode(found) != *value) {
                return Err(Front::WrongDigest(match name.as_str() {
                    "content-md5" => {
                        "The Content-MD5 you specified did not match what we received.".to_owned()
                    }
                    name => {
                        let algorithm = name.trim_start_matches(PREFIX).to_ascii_uppercase();
                        format!(
                            "The {algorithm} you specified did not match the calculated checksum."
                        )
                    }
                }));
            }
        }
        Ok(())
    }
}

const CRC32C: [u32; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let mut crc = n as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0x82F6_3B78
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[n] = crc;
        n += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(name: &str, value: &str) -> Result<(), Front> {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let mut sums = Sums::of(&Head::of("PUT", "/", "", headers).expect("a head"));
        sums.feed(b"1234");
        sums.feed(b"56789");
        sums.finish(&[])
    }

    /// The check values of the catalogue of CRCs, and the digests of `123456789`.
    #[test]
    fn every_sum_is_the_one_of_its_standard() {
        let hex = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        for (name, value) in [
            ("x-amz-checksum-crc32", hex(&0xCBF4_3926u32.to_be_bytes())),
            ("x-amz-checksum-crc32c", hex(&0xE306_9283u32.to_be_bytes())),
            (
                "x-amz-checksum-crc64nvme",
                hex(&0xAE8B_1486_0A79_9888u64.to_be_bytes()),
            ),
            ("x-amz-checksum-sha256", hex(&Sha256::digest(b"123456789"))),
            ("content-md5", "JfnnlDI7RTiF9RgfG2JNCw==".to_owned()),
        ] {
            assert_eq!(judged(name, &value), Ok(()), "{name}");
            let wrong = hex(&[1; 4]);
            assert!(judged(name, &wrong).is_err(), "{name}");
        }
    }
}
