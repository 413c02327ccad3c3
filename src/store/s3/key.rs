//! The names of keys on the disk. S3 keys may start with `/` and contain empty parts (recorded from AWS 2025-11:
//! `--s3-key /layer.zip` works). A file name cannot do this.
//!
//! An empty part becomes `%2F`: `/layer.zip` is `%2F/layer.zip`, `a//b` is `a/%2F/b`, and the folder marker `a/` is
//! `a/%2F`. A key with the part `%2F` would have the same name and is refused.

/// The name of an empty part on the disk.
const EMPTY: &str = "%2F";

/// The name of a key on the disk; `None` for a key that would have the same name as another key.
pub(super) fn held(key: &str) -> Option<String> {
    let parts = key.split('/');
    (!key.is_empty() && parts.clone().all(|part| part != EMPTY))
        .then(|| parts.map(on_disk).collect::<Vec<_>>().join("/"))
}

/// The key that a name on the disk stands for.
pub(super) fn named(held: &str) -> String {
    let parts = held.split('/');
    let parts: Vec<&str> = parts
        .map(|part| if part == EMPTY { "" } else { part })
        .collect();
    parts.join("/")
}

fn on_disk(part: &str) -> &str {
    if part.is_empty() { EMPTY } else { part }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_place_of_its_own_and_comes_back() {
        for (key, place) in [
            ("a/b", "a/b"),
            ("/layer.zip", "%2F/layer.zip"),
            ("a//b", "a/%2F/b"),
            ("a/", "a/%2F"),
            ("//", "%2F/%2F/%2F"),
        ] {
            assert_eq!(held(key).as_deref(), Some(place));
            assert_eq!(named(place), key);
        }
        assert_eq!((held(""), held("a/%2F/b")), (None, None));
    }
}
