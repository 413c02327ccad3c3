//! Makes foreign text safe to show to people. The result cannot move the cursor, and cannot colour, hide or reverse the
//! text around it. No line of the result starts a workflow command of a CI service. All output for people passes
//! through here; answers in AWS's forms do not.

/// Text on one line. Invisible characters and characters that control a terminal become escapes: `\n`, `\u{1b}`.
pub(crate) fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut begins = true;
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        let rest = &text[at..];
        match letter {
            // `::error::` at the start of a line is a workflow command, and a text may be folded at any blank.
            ':' if begins && rest.starts_with("::") => shown.push_str(r"\u{3a}"),
            // `##[error]` is a workflow command anywhere in a line.
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

/// Text on one line. Line breaks and runs of blanks become single blanks.
pub(crate) fn sentence(text: &str) -> String {
    line(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Text of several lines. Line breaks and tabs are not changed.
pub(crate) fn lines(text: &str) -> String {
    let each = text.split('\n').map(|text| {
        let parts = text.split('\t').map(line);
        parts.collect::<Vec<_>>().join("\t")
    });
    each.collect::<Vec<_>>().join("\n")
}

/// Returns true for characters that are invisible and change how others appear: overrides of the reading direction,
/// characters without width, line separators, tags.
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
