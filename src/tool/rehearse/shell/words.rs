//! The words of a shell script: text, and holes where the shell puts something in.

use super::tokens::Token;

/// A word.
#[derive(Debug, Clone, Default)]
pub(crate) struct Word {
    /// Where it begins in the text.
    pub(super) start: usize,
    pub(super) pieces: Vec<Piece>,
    /// Whether it may become no word or several.
    pub(super) splits: bool,
    /// Whether it is `$@`: what a function was given.
    pub(super) is_given: bool,
    /// Whether a part of it is in quotes, so that it is no keyword.
    pub(super) is_quoted: bool,
    /// Whether it is a redirection's: no argument.
    pub(super) redirects: bool,
    /// Whether it is an array's: `names=(a b)`.
    pub(super) is_element: bool,
    /// Whether it reads the last status: `$?`, `PIPESTATUS`.
    pub(super) reads_status: bool,
    /// The variables that are put in.
    pub(super) variables: Vec<String>,
    /// The commands whose output is put in.
    pub(super) substitutions: Vec<Vec<Token>>,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Hole,
}

impl Word {
    pub(super) fn push(&mut self, c: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => self.pieces.push(Piece::Text(c.to_string())),
        }
    }

    /// The text of a word into which nothing is put.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            [] => Some(""),
            _ => None,
        }
    }

    /// The word as it can be a keyword or an operator: without quotes.
    pub(super) fn keyword(&self) -> Option<&str> {
        self.literal().filter(|_| !self.is_quoted)
    }

    /// The text it begins with.
    pub(super) fn head(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// The variable that it sets where it is an assignment: `version=$(…)`.
    pub(super) fn assigns(&self) -> Option<&str> {
        let (name, _) = self.head().split_once('=')?;
        let name = name.strip_suffix('+').unwrap_or(name);
        let name = name.split('[').next().unwrap_or(name);
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let is_name = begins && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_name.then_some(name)
    }

    pub(super) fn is_hole(&self) -> bool {
        let empty = Piece::Text(String::new());
        let mut pieces = self.pieces.iter();
        self.pieces.contains(&Piece::Hole)
            && pieces.all(|piece| *piece == Piece::Hole || *piece == empty)
    }

    /// Returns true if the word can have become that text. A hole takes as little as it can, and nothing before it is
    /// gone back to: what fits behind it later fits behind it now.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut left = text;
        let mut after_hole = false;
        let mut pieces = self.pieces.iter().peekable();
        while let Some(piece) = pieces.next() {
            let Piece::Text(piece) = piece else {
                after_hole = true;
                continue;
            };
            // The last one stands at the end, not where it is found first.
            let is_last = pieces.peek().is_none();
            let found = match (after_hole, is_last) {
                (true, true) => return left.ends_with(piece.as_str()),
                (true, false) => left
                    .find(piece.as_str())
                    .map(|at| &left[at + piece.len()..]),
                (false, _) => left.strip_prefix(piece.as_str()),
            };
            let Some(rest) = found else {
                return false;
            };
            (left, after_hole) = (rest, false);
        }
        after_hole || left.is_empty()
    }
}

/// Returns true if a command line's words can have become those words.
///
/// Word by word it is kept up to where the words so far can have come, so that no number of holes takes long.
pub(super) fn agree(wanted: &[Word], words: &[&str]) -> bool {
    let ends = words.len();
    let mut come = vec![false; ends + 1];
    come[0] = true;
    for word in wanted {
        let mut next = vec![false; ends + 1];
        if word.splits && word.is_hole() {
            // It takes any number: all from the first on.
            let first = come.iter().position(|come| *come).unwrap_or(ends + 1);
            next.iter_mut().skip(first).for_each(|next| *next = true);
        } else {
            for from in (0..ends).filter(|from| come[*from]) {
                let most = if word.splits { ends } else { from + 1 };
                for to in from + 1..=most {
                    next[to] = next[to] || word.matches(&words[from..to].join(" "));
                }
            }
        }
        come = next;
    }
    come[ends]
}

#[cfg(test)]
mod tests {
    use std::iter::repeat_n;

    use super::*;

    fn word(text: &str, splits: bool) -> Word {
        let mut pieces = Vec::new();
        for (at, text) in text.split('*').enumerate() {
            pieces.extend((at > 0).then_some(Piece::Hole));
            pieces.push(Piece::Text(text.to_owned()));
        }
        Word {
            pieces,
            splits,
            ..Word::default()
        }
    }

    #[test]
    fn a_word_with_holes_can_have_become_what_its_text_stands_in() {
        for (pattern, text, is) in [
            ("", "", true),
            ("", "a", false),
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("*", "anything", true),
            ("a*", "a", true),
            ("a*", "b", false),
            ("*b", "ab", true),
            ("*b", "ba", false),
            ("*ab", "aab", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("é*é", "é-é", true),
        ] {
            assert_eq!(word(pattern, false).matches(text), is, "{pattern} {text}");
        }
    }

    #[test]
    fn holes_without_number_take_no_time() {
        // Tried one split after the other, either would outlast everybody.
        let long = "a".repeat(200);
        assert!(!word(&("a*".repeat(60) + "b"), false).matches(&long));
        let words: Vec<&str> = repeat_n("a", 60).collect();
        let mut wanted: Vec<Word> = repeat_n(word("a*", true), 30).collect();
        assert!(agree(&wanted, &words));
        wanted.push(word("end", false));
        assert!(!agree(&wanted, &words));
        let mut bare: Vec<Word> = repeat_n(word("*", true), 40).collect();
        assert!(agree(&bare, &words) && agree(&bare, &[]));
        bare.push(word("end", false));
        assert!(!agree(&bare, &words));
    }
}
