//! Masks for the text of a shell script, which is shown to people.
//!
//! The rule for calls also masks the words of commands here: a word is shown only if it is known to be harmless. In the
//! words of builtins and text tools this rule would hide everything. So another rule applies to these words, to
//! comments and to assignments: a value is masked if an option or a name before it shows that it is secret, or if it
//! looks random or is a user before a host. If the value is a variable, it is not masked, because a variable's name is
//! not secret. If it is not clear where a quote ends, more is masked and not less. The number of lines never changes.

use std::{collections::BTreeSet, ops::Range};

use super::{DATA, SECRET, hides, is_random, is_telling, of_aws, of_program};
use crate::tool::{MASK, rehearse::shell::script::Script};

/// Commands that send their words to nobody.
const PLAIN: [&str; 72] = [
    "",
    "$",
    ".",
    ":",
    "[",
    "[[",
    "test",
    "true",
    "false",
    "echo",
    "printf",
    "set",
    "unset",
    "shift",
    "cd",
    "pushd",
    "popd",
    "source",
    "return",
    "exit",
    "break",
    "continue",
    "local",
    "export",
    "declare",
    "typeset",
    "readonly",
    "read",
    "wait",
    "trap",
    "eval",
    "exec",
    "let",
    "command",
    "type",
    "sleep",
    "jq",
    "grep",
    "egrep",
    "fgrep",
    "sed",
    "awk",
    "cut",
    "tr",
    "sort",
    "uniq",
    "head",
    "tail",
    "wc",
    "cat",
    "date",
    "tee",
    "dirname",
    "basename",
    "mkdir",
    "rm",
    "cp",
    "mv",
    "ls",
    "find",
    "zip",
    "unzip",
    "tar",
    "seq",
    "mktemp",
    "sha256sum",
    "base64",
    "diff",
    "cmp",
    "touch",
    "chmod",
    "xargs",
];

/// Programs that have one-letter options whose value may be a secret.
const LETTERS: [&str; 12] = [
    "curl", "wget", "gh", "uv", "poetry", "twine", "docker", "podman", "nerdctl", "finch",
    "buildah", "git",
];

/// Last parts of variable names. If a variable's name ends with one, its value is secret. For the parts in `TELLING`,
/// this is true anywhere in a name.
const KEYS: [&str; 8] = ["key", "pass", "pwd", "pw", "pat", "salt", "dsn", "pin"];

/// Last parts of names. If a name ends with one, its value only says where the secret is, and is not the secret itself.
const NAMING: [&str; 7] = ["stdin", "file", "id", "name", "arn", "path", "type"];

/// The largest part of a line, in bytes, that is searched for the program before an option.
const LONGEST_LINE: usize = 4096;

/// The longest value in bytes. If a value does not end by then, the rest of the text is masked.
const LONGEST_VALUE: usize = 1 << 16;

/// The length of AWS's secret keys, in characters.
const KEY: usize = 40;

/// A part of the text that is not shown.
struct Hidden {
    at: Range<usize>,
    /// The text to show instead; `None` for a mask on each line.
    instead: Option<String>,
}

/// The text, in which everything that may be secret is masked.
pub(crate) fn of_text(text: &str) -> String {
    let mut hidden: Vec<Range<usize>> = Vec::new();
    let mut word = 0;
    for (at, letter) in text.char_indices() {
        if is_part(letter) {
            continue;
        }
        found(text, word..at, &mut hidden);
        word = at + letter.len_utf8();
    }
    found(text, word..text.len(), &mut hidden);
    users(text, &mut hidden);
    let hidden = hidden.into_iter().map(|at| Hidden { at, instead: None });
    let mut hidden: Vec<Hidden> = hidden.collect();
    of_commands(text, &mut hidden);
    without(text, hidden)
}

/// Masks the words of commands, with the rule for the words of calls.
fn of_commands(text: &str, hidden: &mut Vec<Hidden>) {
    let script = Script::read(text);
    let functions: BTreeSet<&str> = script.functions();
    for command in &script.commands {
        let words = command.told_words();
        let is_aws = |word: &str| ["aws", "awslocal", "lambdry"].contains(&word);
        let program = command.name().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        let own = |word: &str| word.rsplit('/').next() == Some(program);
        let first = words.iter().position(|(_, word)| own(word)).unwrap_or(0);
        // `retry aws lambda …`
        let (from, is_aws) = match words.iter().position(|(_, word)| is_aws(word)) {
            Some(at) => (at, true),
            None => (first, false),
        };
        if !is_aws && (PLAIN.contains(&program) || functions.contains(program)) {
            continue;
        }
        let behind = words.get(from + 1..).unwrap_or_default();
        let given: Vec<String> = behind.iter().map(|(_, word)| word.clone()).collect();
        let shown = match is_aws {
            true => of_aws(given.iter().cloned()),
            false => of_program(program, &given, None),
        };
        for (((start, word), shown), end) in behind.iter().zip(&shown).zip(ends(behind, text)) {
            if word == shown {
                continue;
            }
            let Some(at) = span(&text[..end], *start) else {
                continue;
            };
            let raw = &text[at.clone()];
            if is_reference(raw) {
                continue;
            }
            let is_raw = raw == word && !shown.contains('\n');
            hidden.push(Hidden {
                at,
                instead: is_raw.then(|| shown.clone()),
            });
        }
    }
}

/// For each word, the offset at which the next word begins.
fn ends<'a>(words: &'a [(usize, String)], text: &'a str) -> impl Iterator<Item = usize> + 'a {
    let next = words.iter().skip(1).map(|(start, _)| *start);
    next.chain([text.len()])
}

/// Returns true for a character of a word, an option or a key.
fn is_part(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_-+/.".contains(letter)
}

/// Adds a word to the hidden parts if the word may be secret, or the value after the word if that value may be secret.
fn found(text: &str, at: Range<usize>, hidden: &mut Vec<Range<usize>>) {
    let word = &text[at.clone()];
    let done = hidden.last().map_or(0, |part| part.end);
    if word.is_empty() || at.start < done {
        return;
    }
    let pieces = word.split('/');
    let is_key = word.len() == KEY && is_random(&word.replace('/', "_"));
    if is_key || pieces.clone().any(is_random) {
        // A key may end with `=`. This character is a part of the key.
        let more = text[at.end..].bytes().take_while(|byte| *byte == b'=');
        hidden.push(at.start..at.end + more.count());
        return;
    }
    let value = match word.strip_prefix("--") {
        Some(name) if is_secret_option(name) => behind_option(text, at.end),
        Some(_) => None,
        None if is_letter(word) && letter_hides(text, at.start, word) => {
            behind_option(text, at.end)
        }
        None => is_secret_name(word)
            .then(|| behind_name(text, at.end))
            .flatten(),
    };
    hidden.extend(value.filter(|value| !is_reference(&text[value.clone()])));
}

fn is_letter(word: &str) -> bool {
    word.len() == 2 && word.starts_with('-') && word != "--"
}

fn last(name: &str) -> &str {
    name.rsplit(['-', '_', '.', '/']).next().unwrap_or_default()
}

fn is_secret_option(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let own = format!("--{name}");
    let abbreviates = own.len() > "--en".len();
    (abbreviates && SECRET.iter().any(|secret| secret.starts_with(&own)))
        || (is_telling(&name) && !NAMING.contains(&last(&name)))
        || DATA.contains(&name.as_str())
        || DATA.contains(&last(&name))
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let last = last(&name);
    (is_telling(&name) && !NAMING.contains(&last)) || KEYS.contains(&last)
}

/// Returns true if the value of a one-letter option may be secret. The program on the line decides this.
fn letter_hides(text: &str, at: usize, word: &str) -> bool {
    // One command may cover several lines.
    let mut least = at.saturating_sub(LONGEST_LINE);
    while !text.is_char_boundary(least) {
        least += 1;
    }
    let mut start = at;
    loop {
        let end = text[least..start].rfind('\n').map(|end| least + end);
        start = end.unwrap_or(least);
        if !end.is_some_and(|end| text[..end].ends_with('\\')) {
            break;
        }
    }
    let before = text[start..at].split(|letter: char| !is_part(letter));
    let mut programs = before.filter_map(|word| word.rsplit('/').next());
    programs.any(|program| {
        LETTERS.contains(&program)
            && (hides(program, word) || matches!((program, word), ("curl" | "wget", "-H")))
    })
}

/// The value of an option that ends at the given offset. The value comes after a `=` or after blanks, which may contain
/// a line end.
fn behind_option(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = &text[at..];
    let begin = match rest.strip_prefix('=') {
        Some(_) => at + 1,
        None => {
            let mut left = rest;
            loop {
                let next = left.trim_start_matches([' ', '\t', ',']);
                // In a program's text, options and values are elements of a list.
                let next = next.strip_prefix("\\\n").unwrap_or(next);
                let next = next.strip_prefix("\\\r\n").unwrap_or(next);
                if next == left {
                    break;
                }
                left = next;
            }
            let begin = text.len() - left.len();
            let is_none = begin == at || left.starts_with(['-', '|', ')', '\n', '\r', ';', '&']);
            match (rest.strip_prefix(['"', '\'']), is_none) {
                // `["--value", "x"]`
                (Some(list), _) if list.starts_with(',') => {
                    return behind_option(text, at + 1);
                }
                (_, true) => return None,
                _ => begin,
            }
        }
    };
    span(text, begin)
}

/// The value of a name that ends at the given offset. The value comes after `=` or `:`. If the name is in quotes, the
/// closing quote comes before these.
fn behind_name(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = &text[at..];
    let quoted = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let is_quoted = quoted.len() < rest.len();
    let sign = quoted.trim_start_matches([' ', '\t']);
    let has_blank = sign.len() < quoted.len();
    let (value, is_header) = match sign.strip_prefix(['=', '+', ':']) {
        Some(value) if sign.starts_with(':') => (value, !is_quoted),
        Some(value) if sign.starts_with('+') => (value.strip_prefix('=')?, false),
        Some(value) => (value.trim_start_matches('='), false),
        None => return None,
    };
    if is_header {
        // `token: x` gives a value, but `a:b` may be a part of an ARN.
        let text_of = value.strip_prefix([' ', '\t'])?;
        let begin = text.len() - text_of.len();
        let end = text_of.find(['\n', '"', '\'']).unwrap_or(text_of.len());
        return (end > 0).then_some(begin..begin + end);
    }
    let begins = value.trim_start_matches([' ', '\t']);
    // `TOKEN= aws …` sets the variable to the empty text.
    let may = has_blank || is_quoted || begins.len() == value.len();
    may.then(|| span(text, text.len() - begins.len())).flatten()
}

/// The shell's word that begins at the given offset, with its quotes.
fn span(text: &str, begin: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = begin;
    let mut quote = None;
    let mut deep = 0_usize;
    while let Some(byte) = bytes.get(at) {
        if at - begin > LONGEST_VALUE {
            return Some(begin..text.len());
        }
        match (byte, quote) {
            (b'\\', Some(b'"') | None) => at += 1,
            (byte, Some(open)) if *byte == open => quote = None,
            (_, Some(_)) => {}
            (b'\'' | b'"', None) => quote = Some(*byte),
            (b'(' | b'{' | b'[', None) => deep += 1,
            (b')' | b'}' | b']', None) if deep > 0 => deep -= 1,
            (b')' | b'}' | b']' | b';' | b'|' | b'&' | b'>' | b'<' | b'`' | b'\n', None) => break,
            (b' ' | b'\t' | b'\r', None) if deep == 0 => break,
            // The value is an element of a list in another language, so it ends here.
            (b',', None) if deep == 0 && matches!(bytes.get(at + 1), Some(b' ' | b'\n')) => break,
            _ => {}
        }
        at += 1;
    }
    let mut end = at.min(bytes.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    (end > begin).then_some(begin..end)
}

/// Returns true for a value that only names another place: a variable, a command's output, a file.
fn is_reference(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'']);
    if bare.starts_with("file://") || bare.starts_with("fileb://") || bare.is_empty() {
        return true;
    }
    let Some(name) = bare.strip_prefix('$') else {
        return false;
    };
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_@*?".contains(c))
    };
    let inner = |open: char, close: char| name.strip_prefix(open)?.strip_suffix(close);
    is_name(name)
        || inner('{', '}').is_some_and(|name| is_name(name.trim_end_matches(":?")))
        // The text inside a substitution is examined separately.
        || inner('(', ')').is_some()
}

/// Hides users and passwords that stand before hosts.
fn users(text: &str, hidden: &mut Vec<Range<usize>>) {
    for (at, _) in text.match_indices("://") {
        let begin = at + 3;
        let rest = &text[begin..];
        let end = rest.find(|c: char| c.is_whitespace() || "/\"'`<>".contains(c));
        let host = &rest[..end.unwrap_or(rest.len())];
        if let Some(user) = host.rfind('@').filter(|user| *user > 0)
            && !is_reference(&host[..user])
        {
            hidden.push(begin..begin + user);
        }
    }
}

/// The text, in which masks replace the given parts. A part with several lines gets a mask on each line.
fn without(text: &str, mut hidden: Vec<Hidden>) -> String {
    hidden.sort_by_key(|part| part.at.start);
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for Hidden { at, instead } in hidden {
        let start = at.start.max(done);
        if start >= at.end {
            continue;
        }
        masked.push_str(&text[done..start]);
        let is_whole = start == at.start;
        match instead.filter(|_| is_whole) {
            Some(instead) => masked.push_str(&instead),
            None => {
                let lines = text[start..at.end]
                    .split('\n')
                    .map(|line| match line.trim() {
                        "" => line,
                        _ => MASK,
                    });
                masked.push_str(&lines.collect::<Vec<_>>().join("\n"));
            }
        }
        done = at.end;
    }
    masked.push_str(&text[done..]);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_says_of_secrets_is_masked() {
        let mut wrong = Vec::new();
        for (line, shown) in [
            (
                "aws lambda update-function-configuration --function-name pay --environment Variables={KEY=s3cret,B=c}",
                "aws lambda update-function-configuration --function-name pay --environment ****",
            ),
            (
                "aws lambda x --env \"Variables={A=s3cret}\" --timeout 3",
                "aws lambda x --env **** --timeout 3",
            ),
            (
                "aws lambda x --environment \\\n    'Variables={A=s3cret,\n  B=s3cret}' --timeout 3",
                "aws lambda x --environment \\\n    ****\n**** --timeout 3",
            ),
            (
                "aws ssm put-parameter --name /a --value s3cret",
                "aws ssm put-parameter --name /a --value ****",
            ),
            (
                "export DB_PASSWORD='s3 cret' # why",
                "export DB_PASSWORD=**** # why",
            ),
            ("API_KEY=s3cret ./deploy.sh", "API_KEY=**** ./deploy.sh"),
            ("token = \"s3cret\"", "token **** ****"),
            (
                "{\"Password\": \"s3cret\", \"a\": 1}",
                "{\"Password\": ****, \"a\": ****}",
            ),
            (
                "curl -H 'Authorization: Bearer s3cret' -u me:s3cret https://host/",
                "curl -H **** -u **** https://host/",
            ),
            ("curl \\\n  -u me:s3cret", "curl \\\n  -u ****"),
            (
                "git push https://me:s3cret@host/r.git",
                "git push https://****@host/r.git",
            ),
            ("echo AKIb3cdefGhijk1mnopqrstu", "echo ****"),
            (
                "run([\"aws\", \"--secret-string\", \"s3cret\"])",
                "run([\"aws\", \"--secret-string\", ****])",
            ),
            ("bash -c \"aws x --payload {} y\"", "bash -c ****"),
            (
                "echo \"run aws x --payload {} y\"",
                "echo \"run aws x --payload **** y\"",
            ),
            (
                "aws lambda publish-version --function-name pay --pasword s3cret",
                "aws lambda publish-version --function-name pay --pasword ****",
            ),
            (
                "retry 3 aws lambda x --pasword s3cret && echo done",
                "retry 3 aws lambda x --pasword **** && echo done",
            ),
            (
                "v=$(aws lambda x --pasword s3cret | jq -r '.a b')",
                "v=$(aws lambda x --pasword **** | jq -r '.a b')",
            ),
            (
                "ssh host 'echo s3cret' 2>/dev/null",
                "ssh host **** 2>/dev/null",
            ),
            (
                "kubectl create secret generic s --from-literal=k=s3cret",
                "kubectl create secret generic s --from-literal=k=****",
            ),
        ] {
            let masked = of_text(line);
            assert_eq!(masked.lines().count(), line.lines().count());
            if masked.contains("s3cret") || masked != shown {
                wrong.push((line, masked));
            }
        }
        assert_eq!(wrong, []);
    }

    #[test]
    fn what_tells_nothing_stays() {
        for line in [
            "#!/usr/bin/env bash",
            "set -euo pipefail",
            "version=$(aws lambda publish-version --function-name pay --query Version --output text)",
            "aws lambda update-alias --function-name pay --name live --function-version \"$version\"",
            "aws lambda x --environment \"$VARIABLES\" --payload fileb://in.json",
            "aws lambda add-permission --statement-id s --function-url-auth-type NONE",
            "export TOKEN=$TOKEN PASSWORD=\"${PASSWORD:?}\"",
            "AWS_SESSION_TOKEN= aws sts get-caller-identity",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pay",
            "docker login --username AWS --password-stdin host",
            "docker build -t \"$image:$tag\" . && docker push \"$image:$tag\"",
            "log() { echo \"$(date) $*\"; }\nlog 'a line of text'",
            "if [ \"$a\" = \"b c\" ]; then zip -qr app.zip src; fi",
            "npm ci && npm run build",
            "aws secretsmanager get-secret-value --secret-id pay",
            "echo \"über alles\" ✓",
        ] {
            assert_eq!(of_text(line), line);
        }
    }

    #[test]
    fn text_that_closes_nothing_is_masked_to_its_end_and_keeps_its_lines() {
        for text in [
            "TOKEN='a\nb\n\nc",
            "--payload \\",
            "--payload",
            "password=\\ü",
            "TOKEN=$(a\nb",
            "\"token\": ",
            "x://@",
            "ü://ü@",
        ] {
            let masked = of_text(text);
            assert_eq!(
                masked.split('\n').count(),
                text.split('\n').count(),
                "{text}"
            );
        }
        assert_eq!(of_text("TOKEN='a\nb\n\nc"), "TOKEN=****\n****\n\n****");
    }
}
