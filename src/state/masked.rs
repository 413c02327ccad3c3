//! Masks of secret values: a mask does not show the value, but equal values can be recognized.
//!
//! A mask is `****`. If the run has a salt, the salt follows, and a digest of the salt and the value. This is enough to
//! compare two masks of one run, or a mask with a value. If it must not even be possible to test a guess, a mask has
//! only the stars.

use sha2::{Digest as _, Sha256};

/// The visible part of a mask.
pub const STARS: &str = "****";

/// The mask of a value. Without a salt, it has only the stars.
pub fn of(value: &str, salt: Option<&str>) -> String {
    match salt {
        Some(salt) => format!("{STARS} {salt} {}", digest(salt.as_bytes(), value)),
        None => STARS.to_owned(),
    }
}

/// Returns true if a mask stands for that value; `None` if the mask has only the stars.
pub fn means(mask: &str, value: &str) -> Option<bool> {
    let (salt, known) = mask.strip_prefix(STARS)?.trim_start().split_once(' ')?;
    Some(digest(salt.as_bytes(), value) == known)
}

/// The digest of a value under a key, in hex.
pub fn digest(key: &[u8], value: &str) -> String {
    let mut hash = Sha256::new();
    hash.update((key.len() as u64).to_le_bytes());
    hash.update(key);
    hash.update(value);
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{STARS, means, of};

    #[test]
    fn a_mask_with_a_salt_knows_its_value_again_and_shows_none() {
        let mask = of("s3cret", Some("run"));
        assert!(mask.starts_with(STARS) && !mask.contains("s3cret"));
        assert_eq!(means(&mask, "s3cret"), Some(true));
        assert_eq!(means(&mask, "other"), Some(false));
        assert_ne!(mask, of("s3cret", Some("another run")));
        assert_eq!(means(&of("s3cret", None), "s3cret"), None);
        assert_eq!(means("s3cret", "s3cret"), None);
    }
}
