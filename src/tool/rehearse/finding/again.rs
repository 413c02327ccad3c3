//! Calls that a loop repeats when they are refused. Such a call is not a fault, even if it succeeded the first time.
//!
//! If the call succeeded at once, only the script's text shows the loop. If the text is misread, the report may lack a
//! warning, but it never gets a false error.

use crate::tool::rehearse::evidence::Evidence;

/// Returns true if the script would have repeated the call after a refusal.
pub(super) fn is_tried_again(evidence: &Evidence<'_>, index: usize) -> bool {
    let (Some(text), Some(line)) = (evidence.script(index), evidence.line(index)) else {
        return false;
    };
    let line = line.trim();
    let loops = |line: &str| {
        ["until ", "while ", "for "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let is_condition = line.starts_with("until ") || line.starts_with("while ");
    let leaves = |line: &str| ["break", "return"].iter().any(|word| line.contains(word));
    let number = evidence.calls[index]
        .place
        .as_ref()
        .map_or(0, |place| place.line);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let around = lines[..number.saturating_sub(1).min(lines.len())]
        .iter()
        .rev()
        .take_while(|line| !line.starts_with("done"))
        .any(|line| loops(line));
    // `for …; do CALL && break; done`, or `if CALL; then break`
    let behind = lines.iter().skip(number.saturating_sub(1)).take(4);
    let ends_loop = behind
        .take_while(|line| **line != "done")
        .any(|line| leaves(line));
    is_condition || (around || loops(line)) && ends_loop || is_wrapped(line, &lines)
}

/// Returns true for `retry aws …`, if the script has a function `retry` that runs its arguments in a loop.
fn is_wrapped(line: &str, lines: &[&str]) -> bool {
    let Some((before, _)) = line.split_once("aws ") else {
        return false;
    };
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let wrapper = before
        .trim_end()
        .rsplit(|c| !is_name(c))
        .next()
        .unwrap_or_default();
    // `retry 5 aws …`
    let wrapper = match wrapper.parse::<u32>() {
        Ok(_) => before.split_whitespace().rev().nth(1).unwrap_or_default(),
        Err(_) => wrapper,
    };
    let wrapper = wrapper.rsplit(|c| !is_name(c)).next().unwrap_or_default();
    let begins = |line: &&&str| {
        let line = line.strip_prefix("function ").unwrap_or(line);
        line.strip_prefix(wrapper)
            .is_some_and(|rest| rest.trim_start().starts_with(['(', '{']))
    };
    let Some(at) = lines
        .iter()
        .position(|line| !wrapper.is_empty() && begins(&line))
    else {
        return false;
    };
    let end = lines[at..].iter().position(|line| line.ends_with('}'));
    let body = lines[at..=at + end.unwrap_or(0)].join("\n");
    let loops = ["until ", "while ", "for "]
        .iter()
        .any(|word| body.contains(word));
    loops && body.contains("\"$@\"")
}
