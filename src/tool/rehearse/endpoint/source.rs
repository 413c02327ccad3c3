//! The place of a request in the program's own text: the only line that can have made the request. If several lines can
//! have made it, there is no place.
//!
//! SDKs name a call after the operation, in the style of their language: `publish_version(`, `publishVersion(`,
//! `PublishVersionCommand(`. Python and JavaScript do not tell a server which line runs, so only the text is searched.

use std::path::{Path, PathBuf};

use super::super::{bypass, calls::ScriptLine};
use crate::face::{
    options::kebab,
    waiters::{WAITERS, Waiter},
};

/// The texts of the code that a program runs.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<(PathBuf, String)>);

/// Endings of files whose text is read.
const ENDINGS: [&str; 8] = ["py", "js", "mjs", "cjs", "ts", "mts", "rb", "php"];

impl Sources {
    /// The texts of a command line: the files that the command line names, the files that these files name, and the
    /// Python modules beside them.
    #[cfg_attr(
        not(target_os = "linux"),
        allow(dead_code, reason = "no known program")
    )]
    pub(super) fn of(program: &str, words: &[String], cwd: &Path) -> Self {
        let mut command = vec![program.to_owned()];
        for (at, word) in words.iter().enumerate() {
            // `python3 -m release.main`
            let is_module = at > 0 && words[at - 1] == "-m" && program.starts_with("python");
            match is_module {
                true => {
                    let path = word.replace('.', "/");
                    command.extend([format!("{path}.py"), format!("{path}/__main__.py")]);
                }
                false => command.push(word.clone()),
            }
        }
        let texts = bypass::texts(&command, cwd).into_iter();
        let texts = texts.map(|(file, text)| (cwd.join(file), text));
        let mut found: Vec<(PathBuf, String)> =
            texts.filter(|(file, text)| reads(file, text)).collect();
        let mut at = 0;
        while let Some((file, text)) = found.get(at) {
            at += 1;
            let folder = file.parent().unwrap_or(cwd);
            let modules = text.lines().filter_map(module);
            let modules = modules.map(|module| folder.join(module).with_extension("py"));
            let is_new = |path: &PathBuf| !found.iter().any(|(file, _)| file == path);
            let new: Vec<(PathBuf, String)> = modules
                .filter(is_new)
                .filter_map(|path| Some((path.clone(), bypass::text_of(&path)?)))
                .collect();
            found.extend(new);
        }
        Self(found)
    }

    /// The place of a call.
    pub(super) fn place(&self, operation: &str, waits: bool) -> Option<ScriptLine> {
        match waits {
            true => self.only(&waiting(operation)),
            // The SDK for JavaScript does not show that a request comes from a waiter.
            false => self
                .only(&named(operation))
                .or_else(|| self.only(&waiting(operation))),
        }
    }

    /// Returns true if the text contains a call of the given operation.
    pub(super) fn calls(&self, operation: &str) -> bool {
        let names = named(operation);
        let mut lines = self.0.iter().flat_map(|(_, text)| text.lines());
        lines.any(|line| !is_comment(line) && names.iter().any(|name| calls(line, name)))
    }

    /// The only line that contains one of the given calls.
    fn only(&self, names: &[String]) -> Option<ScriptLine> {
        let mut lines = self.0.iter().flat_map(|(file, text)| {
            let lines = (1..).zip(text.lines());
            lines
                .filter(|(_, line)| !is_comment(line))
                .filter(|(_, line)| names.iter().any(|name| calls(line, name)))
                .map(move |(line, _)| ScriptLine {
                    file: file.clone(),
                    line,
                })
        });
        let first = lines.next()?;
        lines.next().is_none().then_some(first)
    }

    /// The members that show a change in progress and that the program reads from an answer. These are the members that
    /// the program's text names, and the members that the waiters in this text read. `None` if the text is not known.
    pub(super) fn looks_at(&self, operation: &str, waits: bool) -> Option<Vec<String>> {
        let names = |word: &str| {
            let texts = self.0.iter();
            let mut lines = texts.flat_map(|(_, text)| text.lines());
            lines.any(|line| !is_comment(line) && holds(line, word))
        };
        let waiters = WAITERS.iter();
        let named = waiters.filter(|waiter| {
            waiter.operation == operation && written(waiter).iter().any(|it| names(it))
        });
        let mut members: Vec<&str> = named.filter_map(Waiter::looks_at).collect();
        if !waits {
            let mentioned = ["State", "LastUpdateStatus"].into_iter();
            members.extend(mentioned.filter(|member| names(member)));
        }
        // A program may use a waiter that its text does not name.
        let is_open = self.0.is_empty() || (waits && members.is_empty());
        (!is_open).then(|| members.into_iter().map(str::to_owned).collect())
    }
}

/// Returns true if a line contains the given word as a whole word.
fn holds(line: &str, word: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let ends = word.ends_with(|c: char| !c.is_ascii_alphanumeric());
        !is_letter(before.chars().next_back()) && (ends || !is_letter(after.chars().next()))
    })
}

/// Returns true for a text in a language that has an SDK.
fn reads(file: &Path, text: &str) -> bool {
    let known = |ending: &std::ffi::OsStr| ENDINGS.iter().any(|known| ending == *known);
    let first = text.lines().next().unwrap_or_default();
    let shebang = ["python", "node", "ruby", "php"];
    file.extension().is_some_and(known)
        || first.starts_with("#!") && shebang.iter().any(|name| first.contains(name))
}

/// The module that a line of Python imports.
fn module(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let is_import = matches!(words.next(), Some("import" | "from"));
    let name = words.next().filter(|_| is_import)?;
    let name = name.trim_start_matches('.').trim_end_matches(',');
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    ["#", "//", "*", "/*"]
        .iter()
        .any(|mark| line.starts_with(mark))
}

/// The ways to write a call of an operation.
fn named(operation: &str) -> Vec<String> {
    let snake = kebab(operation).replace('-', "_");
    vec![
        format!("{snake}("),
        format!("{}(", lower_first(operation)),
        format!("{operation}Command("),
        format!("{operation}("),
        // `get_paginator("list_functions")`
        format!("\"{snake}\""),
        format!("'{snake}'"),
        format!("paginate{operation}("),
    ]
}

/// The ways to write a wait that calls an operation.
fn waiting(operation: &str) -> Vec<String> {
    let waiters = WAITERS
        .iter()
        .filter(|waiter| waiter.operation == operation);
    waiters.flat_map(written).collect()
}

/// The ways to write a waiter.
fn written(waiter: &Waiter) -> [String; 4] {
    let snake = waiter.command.replace('-', "_");
    let words = waiter.command.split('-');
    let pascal: String = words
        .map(|word| {
            let (first, rest) = word.split_at(1.min(word.len()));
            first.to_ascii_uppercase() + rest
        })
        .collect();
    [
        format!("\"{snake}\""),
        format!("'{snake}'"),
        format!("waitUntil{pascal}("),
        format!("waitFor{pascal}("),
    ]
}

fn lower_first(name: &str) -> String {
    let (first, rest) = name.split_at(1.min(name.len()));
    first.to_ascii_lowercase() + rest
}

/// Returns true if a line contains the given call. A longer name that only ends with the call's name does not count.
fn calls(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let is_quoted = name.starts_with(['"', '\'']);
        let is_definition = ["def ", "function ", "class "]
            .iter()
            .any(|word| line[..at].ends_with(word));
        !is_definition
            && (is_quoted || !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, operation: &str, waits: bool) -> Option<usize> {
        let sources = Sources(vec![("/x/deploy".into(), text.to_owned())]);
        sources.place(operation, waits).map(|place| place.line)
    }

    #[test]
    fn the_one_line_that_can_have_made_a_call_is_found() {
        let python = "# client.publish_version()\nimport boto3\nclient.publish_version(\n  FunctionName='pay')\n\
            client.get_waiter('function_updated_v2').wait(FunctionName='pay')\n\
            client.get_paginator(\"list_aliases\")\ndef update_alias(x):\n  client.update_alias(x)\n";
        assert_eq!(found(python, "PublishVersion", false), Some(3));
        assert_eq!(found(python, "GetFunction", true), Some(5));
        assert_eq!(found(python, "GetFunctionConfiguration", true), None);
        assert_eq!(found(python, "ListAliases", false), Some(6));
        assert_eq!(found(python, "UpdateAlias", false), Some(8));
        let script = "await client.send(new PublishVersionCommand({}));\nawait waitUntilFunctionUpdatedV2({ client }, {});\n\
            await lambda.updateAlias({});\n";
        assert_eq!(found(script, "PublishVersion", false), Some(1));
        assert_eq!(found(script, "GetFunction", true), Some(2));
        assert_eq!(found(script, "UpdateAlias", false), Some(3));
    }

    #[test]
    fn a_text_tells_what_its_program_looks_at() {
        let looks = |text: &str, waits: bool| {
            let sources = Sources(vec![("/x/deploy".into(), text.to_owned())]);
            let members = sources.looks_at("GetFunction", waits);
            members.map(|members| members.join(" "))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            looks("if c['LastUpdateStatus'] != 'x':", false),
            some("LastUpdateStatus")
        );
        assert_eq!(looks("# State\nc.StateReason, myState", false), some(""));
        assert_eq!(
            looks("get_waiter('function_active_v2')", true),
            some("State")
        );
        assert_eq!(
            looks("waitUntilFunctionUpdatedV2({})", true),
            some("LastUpdateStatus")
        );
        assert_eq!(
            looks("await waitUntilFunctionUpdatedV2({})", false),
            some("LastUpdateStatus")
        );
        assert_eq!(looks("get_waiter(name)", true), None);
        assert_eq!(Sources::default().looks_at("GetFunction", false), None);
    }

    #[test]
    fn in_doubt_there_is_none() {
        let twice = "client.update_alias(a)\nclient.update_alias(b)\n";
        assert_eq!(found(twice, "UpdateAlias", false), None);
        assert_eq!(found("my_update_alias(a)\n", "UpdateAlias", false), None);
        assert_eq!(found("", "UpdateAlias", false), None);
    }

    #[test]
    fn modules_beside_a_script_are_read_and_shells_are_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("a file");
        };
        write(
            "deploy.py",
            "import boto3, os\nfrom steps import release\nimport deploy\n",
        );
        write("steps.py", "def release(c):\n    c.publish_version()\n");
        write("x.sh", "publish_version()\n");
        let words = ["deploy.py".to_owned(), "x.sh".to_owned()];
        let sources = Sources::of("python3", &words, folder.path());
        let place = sources.place("PublishVersion", false).expect("a place");
        assert_eq!(
            (place.file, place.line),
            (folder.path().join("steps.py"), 2)
        );
        let words = ["-m".to_owned(), "steps".to_owned()];
        let sources = Sources::of("python3.12", &words, folder.path());
        assert!(sources.place("PublishVersion", false).is_some());
    }
}
