//! The pages that lambdry's own commands draw: HTML without scripts, with nothing to load, light or dark like the
//! reader's system, for a screen of any width and for paper.

/// The style that all pages share.
const STYLE: &str = include_str!("page.css");

/// A page under its title. `more` is a style for this page only.
pub(super) fn page(title: &str, more: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n\
         <style>\n{STYLE}{more}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escape(title)
    )
}

/// A table. Rows are HTML, a `<tr>` each. The table can be reached by keyboard, so that a wide table can be scrolled on
/// a narrow screen.
pub(super) fn table(caption: &str, columns: &[&str], rows: &str) -> String {
    let columns: String = columns
        .iter()
        .map(|column| format!("<th scope=\"col\">{}</th>", escape(column)))
        .collect();
    let caption = escape(caption);
    format!(
        "<div class=\"wide\" role=\"group\" aria-label=\"{caption}\" tabindex=\"0\">\n<table>\n<caption>{caption}</caption>\n\
         <thead>\n<tr>{columns}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )
}

/// A row of a table whose cells are text. The first cell is the name of the row.
pub(super) fn row(cells: &[&str]) -> String {
    let cells = cells.iter().enumerate().map(|(at, cell)| {
        let cell = escape(cell);
        match at {
            0 => format!("<th scope=\"row\">{cell}</th>"),
            _ => format!("<td>{cell}</td>"),
        }
    });
    format!("<tr>{}</tr>\n", cells.collect::<String>())
}

/// Escapes text for HTML. The result can also be used in an attribute.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_text_in_a_title_a_caption_and_a_cell() {
        const EVIL: &str = "</title><script>\"x\" & 'y'";
        let text = page(EVIL, "", &table(EVIL, &[EVIL], &row(&[EVIL, EVIL])));
        assert!(!text.contains("<script"), "{text}");
        let escaped = "&lt;/title&gt;&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;";
        assert_eq!(text.matches(escaped).count(), 6, "{text}");
        assert_eq!(text.matches("</title>").count(), 1);
    }
}
