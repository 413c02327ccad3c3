//! The type of an upload, guessed from the file's name as Python's `mimetypes` does.

/// Extensions and their types. Other files are uploaded without a type.
const TYPES: &[(&str, &str)] = &[
    ("bin", "application/octet-stream"),
    ("bmp", "image/bmp"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("gif", "image/gif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ico", "image/vnd.microsoft.icon"),
    ("jar", "application/java-archive"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "application/javascript"),
    ("json", "application/json"),
    ("md", "text/markdown"),
    ("mjs", "application/javascript"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("py", "text/x-python"),
    ("sh", "application/x-sh"),
    ("so", "application/octet-stream"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tsv", "text/tab-separated-values"),
    ("txt", "text/plain"),
    ("wasm", "application/wasm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("xml", "text/xml"),
    ("zip", "application/zip"),
];

/// The type of a file with that name.
pub(super) fn content_type(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = |name: &str| {
        let (rest, ending) = name.rsplit_once('.')?;
        (!rest.is_empty()).then(|| (rest.to_owned(), ending.to_owned()))
    };
    let (mut rest, mut last) = ending(name)?;
    if last == "tgz" {
        return Some("application/x-tar");
    }
    // The type of a compressed file is the type of its contents.
    if matches!(last.as_str(), "gz" | "bz2" | "xz" | "Z" | "br") {
        (rest, last) = ending(&rest)?;
    }
    drop(rest);
    let last = last.to_lowercase();
    let known = TYPES.iter().find(|(ending, _)| *ending == last);
    known.map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::content_type;

    #[test]
    fn a_type_is_told_by_the_last_ending() {
        for (path, kind) in [
            ("a/code.zip", Some("application/zip")),
            ("a.JSON", Some("application/json")),
            ("x.tar.gz", Some("application/x-tar")),
            ("x.gz", None),
            (".json", None),
            ("README", None),
        ] {
            assert_eq!(content_type(path), kind, "{path}");
        }
    }
}
