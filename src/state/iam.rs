//! What IAM keeps: roles. And the ids it gives, which look like `AROARZPUZDIKJW6Z7MHCT`.

use sha2::{Digest, Sha256};

/// IAM's unique id of something: a prefix that tells its kind, and seventeen characters. Equal names have equal ids.
pub fn unique_id(prefix: &str, of: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digest = Sha256::digest(of.as_bytes());
    let letters = digest
        .iter()
        .take(17)
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    prefix.chars().chain(letters).collect()
}
