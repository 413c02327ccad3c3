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

    pub(super) fn matches(&self, text: &str) -> bool {
        fn rest(pieces: &[Piece], text: &str) -> bool {
            match pieces {
                [] => text.is_empty(),
                [Piece::Hole] => true,
                [Piece::Hole, more @ ..] => {
                    (0..=text.len()).any(|at| text.is_char_boundary(at) && rest(more, &text[at..]))
                }
                [Piece::Text(start), more @ ..] => text
                    .strip_prefix(start.as_str())
                    .is_some_and(|text| rest(more, text)),
            }
        }
        rest(&self.pieces, text)
    }
}

/// Returns true if a command line's words can have become those words.
pub(super) fn agree(wanted: &[Word], words: &[&str]) -> bool {
    let Some((first, more)) = wanted.split_first() else {
        return words.is_empty();
    };
    if !first.splits {
        return words
            .split_first()
            .is_some_and(|(word, rest)| first.matches(word) && agree(more, rest));
    }
    let bare = first.is_hole();
    (0..=words.len()).any(|many| {
        let (these, rest) = words.split_at(many);
        (bare || (many > 0 && first.matches(&these.join(" ")))) && agree(more, rest)
    })
}
