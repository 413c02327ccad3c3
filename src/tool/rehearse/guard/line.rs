//! The parsed words of a program, in as much detail as a guard needs: options, options that take the next word as their
//! value, and plain words.

/// The way in which a program writes its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `--name value`, `--name=value`, `-n value`. One-letter options cannot be combined.
    Words,
    /// One-letter options as getopt reads them: `-vp22`, `-vp 22`. Options end at the first plain word.
    Letters,
}

/// A parsed line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ParsedLine<'a> {
    /// The words that are not options or values of options, each with its position among all words.
    pub(super) plain: Vec<(usize, &'a str)>,
    /// The options, each with its value if there is one.
    pub(super) options: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> ParsedLine<'a> {
    /// Parses words. `valued` names the options whose value is the next word.
    pub(super) fn read(words: &'a [String], valued: &str, style: Style) -> Self {
        match style {
            Style::Words => Self::of_words(words, valued),
            Style::Letters => Self::of_letters(words, valued),
        }
    }

    fn of_words(words: &'a [String], valued: &str) -> Self {
        let takes = |option: &str| valued.split(' ').any(|name| name == option);
        let mut line = Self::default();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let here = at;
            at += 1;
            if word == "--" {
                line.plain.extend(places(words, at));
                break;
            }
            if !word.starts_with('-') || word == "-" {
                line.plain.push((here, word));
            } else if let Some((name, value)) = word.split_once('=') {
                line.options.push((name, Some(value)));
            } else if takes(word) {
                line.options.push((word, words.get(at).map(String::as_str)));
                at += 1;
            } else {
                line.options.push((word, None));
            }
        }
        line
    }

    fn of_letters(words: &'a [String], valued: &str) -> Self {
        let takes = |letter: &str| {
            let mut names = valued.split(' ');
            names.any(|name| name.strip_prefix('-') == Some(letter))
        };
        let mut line = Self::default();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) else {
                break;
            };
            at += 1;
            if letters == "-" {
                break;
            }
            for (start, letter) in letters.char_indices() {
                let end = start + letter.len_utf8();
                let name = &letters[start..end];
                if !takes(name) {
                    line.options.push((name, None));
                    continue;
                }
                let rest = &letters[end..];
                let value = if rest.is_empty() {
                    at += 1;
                    words.get(at - 1).map(String::as_str)
                } else {
                    Some(rest)
                };
                line.options.push((name, value));
                break;
            }
        }
        line.plain.extend(places(words, at));
        line
    }

    /// The plain word at the given position.
    pub(super) fn word(&self, n: usize) -> Option<&'a str> {
        self.plain.get(n).map(|(_, word)| *word)
    }

    /// The values of an option that has the given names.
    pub(super) fn values(&self, names: &[&str]) -> Vec<&'a str> {
        let given = self.options.iter();
        given
            .filter(|(name, _)| names.contains(name))
            .filter_map(|(_, value)| *value)
            .collect()
    }

    /// Returns true if one of these options is given and not switched off. `--push` gives the option, `--push=false`
    /// switches it off. If a line has both, the option counts as switched off in any order, because programs differ
    /// here.
    pub(super) fn is_on(&self, names: &str) -> bool {
        let mut on = false;
        for (given, value) in &self.options {
            if names.split(' ').any(|name| name == *given) {
                match value {
                    Some("false" | "none" | "0" | "no" | "off") => return false,
                    _ => on = true,
                }
            }
            let taken_back = given.strip_prefix("--no-");
            if taken_back.is_some_and(|rest| {
                let mut names = names.split(' ');
                names.any(|name| name.strip_prefix("--") == Some(rest))
            }) {
                return false;
            }
        }
        on
    }
}

fn places(words: &[String], from: usize) -> impl Iterator<Item = (usize, &str)> {
    words
        .iter()
        .enumerate()
        .skip(from)
        .map(|(at, word)| (at, word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn options_and_their_values_are_kept_apart_from_words() {
        let given = words("-C dir --git-dir=x -v push --force -- --dry-run");
        let line = ParsedLine::read(&given, "-C --git-dir", Style::Words);
        let plain: Vec<&str> = line.plain.iter().map(|(_, word)| *word).collect();
        assert_eq!(plain, ["push", "--dry-run"]);
        assert_eq!(line.plain[0].0, 4);
        assert_eq!(line.values(&["-C"]), ["dir"]);
        assert!(line.is_on("--force") && !line.is_on("--dry-run"));
    }

    #[test]
    fn letters_run_together_as_getopt_reads_them() {
        let given = words("-vvp 22 -lme -oA=b host cmd -v");
        let line = ParsedLine::read(&given, "-p -l -o", Style::Letters);
        let plain: Vec<&str> = line.plain.iter().map(|(_, word)| *word).collect();
        assert_eq!(plain, ["host", "cmd", "-v"]);
        assert_eq!(line.values(&["p"]), ["22"]);
        assert_eq!(line.values(&["l"]), ["me"]);
    }

    #[test]
    fn what_is_taken_back_is_not_on() {
        for (given, on) in [
            ("--dry-run", true),
            ("--dry-run=client", true),
            ("--dry-run=none", false),
            ("--dry-run --no-dry-run", false),
            ("--dry-run=false", false),
            ("", false),
        ] {
            let given = words(given);
            assert_eq!(
                ParsedLine::read(&given, "", Style::Words).is_on("--dry-run"),
                on,
                "{given:?}"
            );
        }
    }
}
