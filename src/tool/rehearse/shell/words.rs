//! The words of a shell script. A word consists of text and of holes, which stand for expansions.

use super::tokens::Token;

/// A word.
#[derive(Debug, Clone, Default)]
pub(crate) struct Word {
    /// The offset of the word's first character.
    pub(super) start: usize,
    pub(super) pieces: Vec<Piece>,
    /// True if the shell may turn the word into no word or into several words.
    pub(super) splits: bool,
    /// True if the word is `$@`: the arguments of a function.
    pub(super) is_given: bool,
    /// True if a part of the word is quoted. The word is then not a keyword.
    pub(super) is_quoted: bool,
    /// True if the word belongs to a redirection and is not an argument.
    pub(super) redirects: bool,
    /// True if the word is an element of an array: `names=(a b)`.
    pub(super) is_element: bool,
    /// True if the word reads the last status: `$?`, `PIPESTATUS`.
    pub(super) reads_status: bool,
    /// The variables in the word's expansions.
    pub(super) variables: Vec<String>,
    /// The commands in the word's substitutions.
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

    /// The text of the word; `None` if the word has expansions.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            [] => Some(""),
            _ => None,
        }
    }

    /// The word as a possible keyword or operator; `None` if the word is quoted.
    pub(super) fn keyword(&self) -> Option<&str> {
        self.literal().filter(|_| !self.is_quoted)
    }

    /// The text before the first expansion.
    pub(super) fn head(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// The variable that the word sets, if the word is an assignment: `version=$(…)`.
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

    /// Returns true if the word can have become the given text. Each hole takes as little text as possible. The search
    /// never goes back, because a text that fits with a later position also fits with the earliest position.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut left = text;
        let mut after_hole = false;
        let mut pieces = self.pieces.iter().peekable();
        while let Some(piece) = pieces.next() {
            let Piece::Text(piece) = piece else {
                after_hole = true;
                continue;
            };
            // The last piece must match at the end of the text, and not at the first place where it occurs.
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

/// Returns true if the words of a command line can have become the given words.
///
/// The function keeps all positions that are possible after each word, so it is fast for any number of holes.
pub(super) fn agree(wanted: &[Word], words: &[&str]) -> bool {
    let ends = words.len();
    let mut come = vec![false; ends + 1];
    come[0] = true;
    for word in wanted {
        let mut next = vec![false; ends + 1];
        if word.splits && word.is_hole() {
            // This word can become any number of words. So every position is possible, from the first possible one to
            // the end.
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
        // A search that tries every way to split these two would never end.
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
