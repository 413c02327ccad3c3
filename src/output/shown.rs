//! Text that is not ours, as it may be shown to people. Nothing in it moves the cursor, colours, hides or turns what
//! stands around it, and no line of it begins a workflow command of a CI service. Everything that is printed for people
//! goes through here; answers in AWS's forms do not.

/// Text on one line. What cannot be seen or steers a terminal stands as an escape: `\n`, `\u{1b}`.
pub(crate) fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut begins = true;
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        let rest = &text[at..];
        match letter {
            // `::error::` begins a workflow command where it begins a line, and a text may be folded at any blank.
            ':' if begins && rest.starts_with("::") => shown.push_str(r"\u{3a}"),
            // `##[error]` does so anywhere.
            '#' if rest.starts_with("##[") => {
                shown.push_str(r"#\u{23}");
                letters.next();
            }
            letter if letter.is_control() => shown.extend(letter.escape_default()),
            letter if steers(letter) => shown.extend(letter.escape_unicode()),
            letter => shown.push(letter),
        }
        begins = letter.is_whitespace();
    }
    shown
}

/// Text on one line, whose line breaks and runs of blanks are single blanks.
pub(crate) fn sentence(text: &str) -> String {
    line(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Text of several lines, which keeps them and its tabs.
pub(crate) fn lines(text: &str) -> String {
    let each = text.split('\n').map(|text| {
        let parts = text.split('\t').map(line);
        parts.collect::<Vec<_>>().join("\t")
    });
    each.collect::<Vec<_>>().join("\n")
}

/// Returns true for letters that are not seen and change how others are: overrides of the direction of reading, what has
/// no width, separators of lines, tags.
fn steers(letter: char) -> bool {
    matches!(letter,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_escaped_and_the_rest_stays() {
        for (text, shown) in [
            ("a\x1b[31mb\x07", r"a\u{1b}[31mb\u{7}"),
            ("a\r\n::error::x", r"a\r\n\u{3a}:error::x"),
            ("x ::error::y", r"x \u{3a}:error::y"),
            ("::error::y", r"\u{3a}:error::y"),
            ("a##[error]b", r"a#\u{23}[error]b"),
            (
                "a\u{202e}b\u{2066}c\u{200b}",
                r"a\u{202e}b\u{2066}c\u{200b}",
            ),
            (
                "arn:aws:iam::123456789012:role/ü → π",
                "arn:aws:iam::123456789012:role/ü → π",
            ),
        ] {
            assert_eq!(line(text), shown);
        }
        assert_eq!(sentence(" a\n\tb  ::c "), r"a b \u{3a}:c");
        assert_eq!(lines("a\tb\n  ::c\n"), "a\tb\n  \\u{3a}:c\n");
    }
}
