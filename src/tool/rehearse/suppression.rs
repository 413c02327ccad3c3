//! Suppressions: findings that somebody has examined and accepted. A suppression is either a comment on the line of the
//! call or above it, such as `# lambdry: allow race-after-update because the builder waits`, or an entry of `[ignore]`
//! in the project's file.
//!
//! A suppression without a reason is void. Suppressions that were used are listed with the findings that they silenced.
//! Suppressions that were not used are listed too, so that old ones are noticed.

#[cfg(unix)]
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{calls::ScriptLine, finding};

/// The words that begin a suppression in a script, after the `#`.
#[cfg(unix)]
const WORD: &str = "lambdry: allow";

/// The name for suppressing a refused change that the script ignored and that no rule reports.
pub(crate) const IGNORED: &str = "failure-ignored";

/// One suppression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Suppression {
    /// The finding's name.
    pub(crate) finding: String,
    /// The reason. It is empty if none was given; then the suppression is void.
    pub(crate) because: String,
    /// The place of the comment; `None` if the suppression comes from the project's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<ScriptLine>,
    /// The lines of the script that the suppression covers; `None` for a suppression of the project's file, which
    /// covers everything.
    #[serde(skip)]
    pub(crate) lines: Option<(usize, usize)>,
    /// The titles of the findings that the suppression silenced.
    pub(crate) silenced: Vec<String>,
}

impl Suppression {
    /// Makes a suppression from the project's file. It covers every script.
    pub(crate) fn of_project(finding: String, because: String) -> Self {
        Self {
            finding,
            because,
            place: None,
            lines: None,
            silenced: Vec::new(),
        }
    }

    /// Returns true if the suppression covers the given finding in the given place.
    pub(crate) fn silences(&self, name: &str, place: Option<&ScriptLine>) -> bool {
        if self.finding != name || self.is_void().is_some() {
            return false;
        }
        let (Some(own), Some((first, last))) = (&self.place, self.lines) else {
            return true;
        };
        place.is_some_and(|place| place.file == own.file && (first..=last).contains(&place.line))
    }

    /// The reason why the suppression is void; `None` if it is not void.
    pub(crate) fn is_void(&self) -> Option<&'static str> {
        let mut rules = finding::RULES.iter();
        if self.finding != IGNORED && !rules.any(|rule| rule.name == self.finding) {
            return Some("no finding has this name");
        }
        self.because
            .is_empty()
            .then_some("the reason is missing: write because …")
    }

    /// `deploy.sh:4: race-after-update, because the builder waits`
    pub(crate) fn told(&self) -> String {
        let place = match &self.place {
            Some(place) => format!("{place}: "),
            None => "lambdry.toml: ".to_owned(),
        };
        let because = match self.because.as_str() {
            "" => String::new(),
            because => format!(", because {because}"),
        };
        format!("{place}{}{because}", self.finding)
    }
}

/// The suppressions in the scripts at the given paths. Their places are relative to the given folder.
#[cfg(unix)]
pub(crate) fn in_scripts(files: &BTreeSet<PathBuf>, cwd: &Path) -> Vec<Suppression> {
    let of_file = |file: &PathBuf| {
        let text = super::bypass::text_of(file).unwrap_or_default();
        let file = file.strip_prefix(cwd).unwrap_or(file);
        in_text(&text, file)
    };
    files.iter().flat_map(of_file).collect()
}

/// The suppressions in a text.
#[cfg(unix)]
fn in_text(text: &str, file: &Path) -> Vec<Suppression> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((code, comment)) = line.split_once(WORD) else {
            continue;
        };
        let Some(code) = code.trim_end().strip_suffix('#') else {
            continue;
        };
        let (finding, because) = comment.split_once(" because").unwrap_or((comment, ""));
        // The comment may be followed by other comments before the call.
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with('#');
        let first = match code.trim() {
            "" => lines[at..]
                .iter()
                .position(is_code)
                .map_or(at, |down| at + down),
            _ => at,
        };
        let rest = lines[first..].iter();
        let goes_on = rest.take_while(|line| line.ends_with('\\')).count();
        found.push(Suppression {
            finding: finding.trim().to_owned(),
            because: because.trim().to_owned(),
            place: Some(ScriptLine {
                file: file.to_owned(),
                line: at + 1,
            }),
            lines: Some((first + 1, first + 1 + goes_on)),
            silenced: Vec::new(),
        });
    }
    found
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Suppression> {
        in_text(text, Path::new("deploy.sh"))
    }

    fn silences(text: &str, name: &str) -> Vec<usize> {
        let found = read(text);
        let at = |line| ScriptLine {
            file: "deploy.sh".into(),
            line,
        };
        let lines = 1..=text.lines().count();
        lines
            .filter(|line| found.iter().any(|it| it.silences(name, Some(&at(*line)))))
            .collect()
    }

    #[test]
    fn a_comment_is_about_its_own_line_or_the_next_command() {
        const RACE: &str = "race-after-update";
        let on = "aws a # lambdry: allow race-after-update because x\naws b\n";
        assert_eq!(silences(on, RACE), [1]);
        let above =
            "# lambdry: allow race-after-update because x\n# more\n\naws a \\\n  --b\naws c\n";
        assert_eq!(silences(above, RACE), [4, 5]);
        assert_eq!(silences(above, "rollback-to-latest"), [0; 0]);
        let other = ScriptLine {
            file: "other.sh".into(),
            line: 4,
        };
        assert!(!read(above)[0].silences(RACE, Some(&other)));
        let everywhere = Suppression::of_project(RACE.to_owned(), "x".to_owned());
        assert!(everywhere.silences(RACE, None) && everywhere.silences(RACE, Some(&other)));
    }

    #[test]
    fn without_a_reason_or_a_known_name_it_silences_nothing() {
        for text in [
            "aws a # lambdry: allow race-after-update",
            "aws a # lambdry: allow race-after-update because ",
            "aws a # lambdry: allow race because of it",
        ] {
            let found = read(text);
            assert!(found[0].is_void().is_some(), "{text}");
            assert_eq!(silences(text, &found[0].finding), [0; 0], "{text}");
        }
        assert_eq!(read("aws a # a comment\necho '# lambdry'"), []);
    }
}
