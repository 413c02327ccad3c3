//! The head of a request: method, path, query and headers. They are decoded once, for every protocol.

use std::fmt::Write as _;

use hyper::http::request::Parts;

/// The head of a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// `POST`.
    pub(super) method: String,
    /// The path as it was sent.
    pub(super) raw_path: String,
    /// The path's segments, decoded. One `/` at the start and one at the end are left out.
    pub(super) path: Vec<String>,
    /// The query as it was sent.
    pub(super) raw_query: String,
    /// The query's pairs, decoded, in the order of the query.
    pub(super) query: Vec<(String, String)>,
    /// The headers in the order in which they came. The names are in lower case.
    pub(super) headers: Vec<(String, String)>,
}

impl Head {
    /// Reads a head; `None` if path, query or a header is not text.
    pub(super) fn read(parts: &Parts) -> Option<Self> {
        let headers = parts.headers.iter().map(|(name, value)| {
            let value = std::str::from_utf8(value.as_bytes()).ok()?;
            Some((name.as_str().to_owned(), value.trim().to_owned()))
        });
        Self::of(
            parts.method.as_str(),
            parts.uri.path(),
            parts.uri.query().unwrap_or_default(),
            headers.collect::<Option<_>>()?,
        )
    }

    /// Makes a head from its parts; `None` if path or query do not decode to text.
    pub(super) fn of(
        method: &str,
        path: &str,
        query: &str,
        headers: Vec<(String, String)>,
    ) -> Option<Self> {
        let trimmed = path.strip_prefix('/').unwrap_or(path);
        let trimmed = trimmed.strip_suffix('/').unwrap_or(trimmed);
        let path_of = |text: &str| text.split('/').map(decoded).collect::<Option<Vec<_>>>();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        Some(Self {
            method: method.to_owned(),
            raw_path: path.to_owned(),
            raw_query: query.to_owned(),
            path: match trimmed {
                "" => Vec::new(),
                text => path_of(text)?,
            },
            query: pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| {
                    let word = |text: &str| decoded(&text.replace('+', " "));
                    Some((word(name)?, word(value)?))
                })
                .collect::<Option<_>>()?,
            headers,
        })
    }

    /// Finds a header by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Finds a parameter of the query by its name.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut query = self.query.iter();
        query.find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Decodes percent signs; `None` if the result is not text, or holds a NUL.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let digits = std::str::from_utf8(after.get(..2)?).ok()?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &after[2..];
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.contains('\0')).then_some(text)
}

/// Percent-encodes a text as signatures need it: everything except letters, digits, `-._~` and the characters in
/// `kept`.
pub(super) fn encoded(text: &str, kept: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if plain || kept.as_bytes().contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(target: &str) -> Option<Head> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Head::of("GET", path, query, Vec::new())
    }

    #[test]
    fn a_path_is_split_before_it_is_decoded() {
        let head =
            head("/2017-03-31/tags/arn%3Aaws%3Alambda%2Fx/?a=1&b=x+y%2F&b=&c").expect("a head");
        assert_eq!(head.path, ["2017-03-31", "tags", "arn:aws:lambda/x"]);
        let query: Vec<(&str, &str)> = (head.query.iter())
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(query, [("a", "1"), ("b", "x y/"), ("b", ""), ("c", "")]);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bad in ["/%", "/%0", "/%zz", "/%00", "/%ff", "/?a=%00", "/%+1"] {
            assert!(head(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_empty_label_is_a_label() {
        assert_eq!(
            head("/functions//code").expect("a head").path,
            ["functions", "", "code"]
        );
        assert!(head("/").expect("a head").path.is_empty());
    }
}
