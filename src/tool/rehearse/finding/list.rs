//! `lambdry rehearse findings`: lists the rules. For each rule, it shows the AWS behaviour that the rule rests on.

use std::io::{self, Write};

use super::RULES;
use crate::tool::rehearse::report::folded;

/// Writes the rules.
///
/// # Errors
/// The list cannot be written.
pub(crate) fn write(width: usize, out: &mut dyn Write) -> io::Result<()> {
    for (at, rule) in RULES.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", rule.name)?;
        for text in rule.paragraphs() {
            for line in folded(&text, width.saturating_sub(2)) {
                writeln!(out, "  {line}")?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_told_here_and_on_its_page_in_the_same_words() {
        let mut text = Vec::new();
        write(80, &mut text).expect("written");
        let text = String::from_utf8(text).expect("text");
        let page = include_str!("../../../../docs/findings.md");
        for rule in RULES {
            assert!(text.contains(&format!("{}\n  {}", rule.name, rule.about)));
            let about = rule
                .about
                .trim_end_matches('.')
                .replace("$LATEST", "`$LATEST`");
            let row = format!("| `{}` | ", rule.name);
            let told = page.lines().find_map(|line| line.strip_prefix(&row));
            let told = told.map(|told| told.trim_end_matches(" |").to_lowercase());
            assert_eq!(told, Some(about.to_lowercase()), "{}", rule.name);
        }
    }
}
