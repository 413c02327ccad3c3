//! Keys as they lie on a disk. S3 keys may begin with `/` and hold empty parts (R25: `--s3-key /layer.zip` works), and no
//! file has such a name.
//!
//! An empty part lies there as `%2F`: `/layer.zip` is `%2F/layer.zip`, `a//b` is `a/%2F/b`, and the folder marker `a/` is
//! `a/%2F`. A key with a part that reads `%2F` would lie in the same place and is refused.

/// How an empty part lies on the disk.
const EMPTY: &str = "%2F";

/// The key as it lies on the disk; `None` for one that would lie where another does.
pub(super) fn held(key: &str) -> Option<String> {
    let parts = key.split('/');
    (!key.is_empty() && parts.clone().all(|part| part != EMPTY))
        .then(|| parts.map(on_disk).collect::<Vec<_>>().join("/"))
}

/// The key that lies there.
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
