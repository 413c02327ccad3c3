//! Suggestions for a mistyped name: Python's `difflib.get_close_matches`. Our own hints use a rule of their own.

/// The lowest similarity at which `aws` suggests a name.
const AWS: f64 = 0.8;

/// The lowest similarity for our own hints. It allows two swapped letters: `tuor`.
const OURS: f64 = 0.7;

/// Words that people know from other programs, and our word for each.
const MEANT: &[(&str, &str)] = &[
    ("-V", "--version"),
    ("-v", "--version"),
    ("version", "--version"),
    ("-h", "help"),
    ("ls", "list-functions"),
    ("list", "list-functions"),
    ("functions", "list-functions"),
    ("versions", "list-versions-by-function"),
    ("aliases", "list-aliases"),
    ("publish", "publish-version"),
    ("create", "create-function"),
    ("update", "update-function-code"),
    ("log", "history"),
    ("run", "rehearse"),
    ("test", "rehearse"),
    ("lessons", "tour"),
    ("server", "serve"),
    ("fsck", "doctor"),
];

/// Suggests names as `aws` does: the most similar first, at most three.
pub(crate) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    close(word, names, AWS)
}

/// Suggests names for our own hints: for a word from other programs, the start of a name, or a typing mistake.
pub(crate) fn likely<'a>(
    word: &str,
    names: impl IntoIterator<Item = &'a str> + Clone,
) -> Vec<&'a str> {
    if let Some((_, meant)) = MEANT.iter().find(|(other, _)| *other == word) {
        return vec![*meant];
    }
    let small = word.to_lowercase();
    let begins = |name: &&str| small.len() > 1 && name.to_lowercase().starts_with(&small);
    let mut begun: Vec<&str> = names.clone().into_iter().filter(begins).collect();
    begun.sort_by_key(|name| name.len());
    begun.truncate(3);
    match begun.is_empty() {
        true => close(word, names, OURS),
        false => begun,
    }
}

fn close<'a>(word: &str, names: impl IntoIterator<Item = &'a str>, cutoff: f64) -> Vec<&'a str> {
    let word: Vec<char> = word.chars().collect();
    let mut found: Vec<(f64, &str)> = Vec::new();
    for name in names {
        let length = name.chars().count();
        let total = length + word.len();
        // These are the upper bounds of difflib; the cheapest one is checked first. Because of them, most names need no
        // full comparison.
        if ratio(length.min(word.len()), total) < cutoff {
            continue;
        }
        let chars: Vec<char> = name.chars().collect();
        if ratio(shared(&chars, &word), total) >= cutoff {
            let score = ratio(matched(&chars, &word), total);
            if score >= cutoff {
                found.push((score, name));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(a.1)));
    found.into_iter().take(3).map(|(_, name)| name).collect()
}

fn ratio(matched: usize, total: usize) -> f64 {
    if total == 0 {
        1.0
    } else {
        2.0 * matched as f64 / total as f64
    }
}

/// The number of characters that both have, regardless of position.
fn shared(a: &[char], b: &[char]) -> usize {
    let mut left = b.to_vec();
    let mut count = 0;
    for c in a {
        if let Some(at) = left.iter().position(|other| other == c) {
            left.swap_remove(at);
            count += 1;
        }
    }
    count
}

/// The number of characters in matching blocks. The longest block is found first, then in the same way the blocks to
/// its left and to its right.
fn matched(a: &[char], b: &[char]) -> usize {
    let mut total = 0;
    let mut pending = vec![(a, b)];
    while let Some((a, b)) = pending.pop() {
        let (i, j, size) = longest(a, b);
        if size > 0 {
            total += size;
            pending.push((&a[..i], &b[..j]));
            pending.push((&a[i + size..], &b[j + size..]));
        }
    }
    total
}

/// The longest common run. Among runs of equal length, the one that starts first in `a` wins, then the one that starts
/// first in `b`.
fn longest(a: &[char], b: &[char]) -> (usize, usize, usize) {
    let mut best = (0, 0, 0);
    let mut runs = vec![0; b.len() + 1];
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = 0;
        for (j, y) in b.iter().enumerate() {
            let above = runs[j + 1];
            runs[j + 1] = if x == y { diagonal + 1 } else { 0 };
            let size = runs[j + 1];
            if size > best.2 {
                best = (i + 1 - size, j + 1 - size, size);
            }
            diagonal = above;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_knows_beginnings_slips_and_the_words_of_other_programs() {
        let names = [
            "history",
            "tour",
            "publish-version",
            "list-functions",
            "list-aliases",
        ];
        for (word, meant) in [
            ("publish", "publish-version"),
            ("list", "list-functions"),
            ("ls", "list-functions"),
            ("hist", "history"),
            ("tuor", "tour"),
            ("version", "--version"),
            ("-V", "--version"),
        ] {
            assert_eq!(likely(word, names), [meant], "{word}");
        }
        assert_eq!(likely("list-", names), ["list-aliases", "list-functions"]);
        assert_eq!(likely("zebra", names), Vec::<&str>::new());
    }

    #[test]
    fn suggests_what_difflib_suggests() {
        let names = [
            "publish-version",
            "publish-layer-version",
            "get-alias",
            "get-layer-version",
            "list-aliases",
            "list-layers",
        ];
        assert_eq!(nearest("publish-versoin", names), ["publish-version"]);
        assert_eq!(nearest("list-alias", names), ["list-aliases"]);
        assert_eq!(nearest("zzz", names), Vec::<&str>::new());
        assert_eq!(nearest("jsn", ["json", "text", "table"]), ["json"]);
        // Python 3.11: get_close_matches('abcde', ['abcdx', 'abcdy', 'abcdz', 'abcda'], cutoff=0.8)
        assert_eq!(
            nearest("abcde", ["abcdx", "abcdy", "abcdz", "abcda"]),
            ["abcdz", "abcdy", "abcdx"]
        );
        assert_eq!(nearest("", [""]), [""]);
    }
}
