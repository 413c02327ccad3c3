//! The forms of a report. Each form has a file of its own.

use std::io::{self, Write};

use super::{Report, github, html, json, junit, markdown, text};

/// The way in which a report is displayed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// The width in columns.
    pub(crate) width: usize,
    /// True if a person reads the report on a terminal with colours.
    pub(crate) color: bool,
}

/// A form of the report.
#[derive(Debug)]
pub(crate) struct Format {
    /// The form's name: `markdown`.
    pub(crate) name: &'static str,
    /// The form's purpose.
    pub(crate) about: &'static str,
    /// True if people read the form. Then texts from other sources are escaped and never printed raw.
    for_people: bool,
    /// True if the form shows the texts of scripts.
    pub(crate) shows_scripts: bool,
    write: fn(&Report, &Look, &mut dyn Write) -> io::Result<()>,
}

/// All forms.
pub(crate) const FORMATS: &[Format] = &[
    Format {
        name: "text",
        about: "for people, as wide as the terminal",
        for_people: true,
        shows_scripts: false,
        write: text::write,
    },
    Format {
        name: "json",
        about: "everything, with AWS's names",
        for_people: false,
        shows_scripts: true,
        write: json::write,
    },
    Format {
        name: "markdown",
        about: "for a comment or a page",
        for_people: true,
        shows_scripts: false,
        write: markdown::write,
    },
    Format {
        name: "junit",
        about: "XML for tools that show test results: one test for each rule",
        for_people: true,
        shows_scripts: false,
        write: junit::write,
    },
    Format {
        name: "github",
        about: "annotations at the script's lines; the Markdown report goes to $GITHUB_STEP_SUMMARY",
        for_people: true,
        shows_scripts: false,
        write: github::write,
    },
    Format {
        name: "html",
        about: "a page to attach to a pull request: the script with the findings at its lines, and pictures",
        for_people: true,
        shows_scripts: true,
        write: html::write,
    },
];

impl Format {
    /// The form of the given name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// The names of all forms in a sentence: `text, json or html`.
    pub(crate) fn names() -> String {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        match names.split_last() {
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }

    /// Writes a report in this form.
    ///
    /// # Errors
    /// When the report cannot be written.
    pub(crate) fn write(
        &self,
        report: &Report,
        look: &Look,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        match self.for_people {
            true => (self.write)(&report.shown(), look, out),
            false => (self.write)(report, look, out),
        }
    }

    /// Returns true if the Markdown is also written to the file that `GITHUB_STEP_SUMMARY` names.
    pub(crate) fn summarizes(&self) -> bool {
        self.name == "github"
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Effect, Notes},
        *,
    };
    use crate::tool::rehearse::{
        calls::{Answered, ScriptLine},
        finding::{Severity, stage::Stage},
        suppression::Suppression,
    };

    const UPDATE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";
    const WAIT: &str = "wait function-updated-v2 --function-name pay";

    /// A release that contains a race, and one change of each kind.
    fn racing() -> Report {
        let stage = Stage::with_versions(2).script(&[
            UPDATE,
            "publish-version --function-name pay",
            WAIT,
            "update-function-configuration --function-name pay --timeout 30 --environment Variables={KEY=s3cret}",
            WAIT,
            "publish-version --function-name pay --description 'release, 42%'",
            "update-alias --function-name pay --name live --function-version 3 \
             --routing-config AdditionalVersionWeights={2=0.25}",
            "delete-function --function-name pay --qualifier 1",
        ]);
        stage.report()
    }

    fn sound() -> Report {
        let stage = Stage::with_versions(1).script(&[
            UPDATE,
            WAIT,
            "publish-version --function-name pay",
            "update-alias --function-name pay --name live --function-version 2",
        ]);
        stage.report()
    }

    fn written(report: &Report, name: &str, color: bool) -> String {
        let mut text = Vec::new();
        let look = Look { width: 80, color };
        let format = Format::named(name).expect("a format");
        format.write(report, &look, &mut text).expect("written");
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn text_ends_with_what_was_found_and_the_verdict() {
        assert_eq!(
            written(&racing(), "text", false),
            "
Rehearsal of ./deploy.sh prod (network: open)
  deploy.sh:1  update-function-code           pay
  deploy.sh:2  1st publish-version            failed: the script went on
      ResourceConflictException: The operation cannot be performed at this time.
      An update is in progress for resource: pay
  deploy.sh:3  1st wait function-updated-v2   pay
  deploy.sh:4  update-function-configuration  pay
  deploy.sh:5  2nd wait function-updated-v2   pay
  deploy.sh:6  2nd publish-version            pay: version 3
  deploy.sh:7  update-alias                   pay: live → 3 + 25 % 2
  deploy.sh:8  delete-function                pay:1
Before and after
  pay  version                    3 published, \"release, 42%\"
  pay  version                    1 deleted
  pay  alias live                 2 → 3 + 25 % 2
  pay  Timeout                    3 → 30
  pay  CodeSha256                 +jU6F5Pv… → q939SBRr…
  pay  Environment.Variables.KEY  new: ****
  pay  files                      app.py changed
Findings
  error: deploy.sh:2: 1st publish-version of pay does not wait until the update
  is done
    update-function-code (deploy.sh:1) was not finished 0.0 s later, so AWS
    refused this call with ResourceConflictException, and the script went on.
    [race-after-update]
    instead: aws lambda wait function-updated-v2 --function-name pay

Broken: exit code 0, 1 error; 8 calls in 1.2 s. pay: version 3 published, 1
deleted, live 3 (75 %), 2 (25 %), Timeout, code, Environment.Variables.KEY
changed. A rehearsal cannot show permissions, quotas and networks.
"
        );
    }

    #[test]
    fn a_clean_run_says_so_in_one_line() {
        let text = written(&sound(), "text", false);
        let last = text.lines().rev().take(2).collect::<Vec<_>>();
        assert_eq!(
            last[1],
            "Clean: exit code 0; 4 calls in 1.2 s. pay: version 2 published, live 2, code"
        );
        assert!(!text.contains("Findings") && !text.contains("Not as on AWS"));
    }

    #[test]
    fn no_form_shows_a_value_of_the_environment() {
        let report = racing();
        for format in FORMATS {
            let text = written(&report, format.name, true);
            assert!(!text.contains("s3cret"), "{}: {text}", format.name);
            assert_eq!(
                text.contains('\x1b'),
                format.name == "text",
                "{}",
                format.name
            );
        }
    }

    #[test]
    fn json_has_everything_by_name() {
        let report: serde_json::Value =
            serde_json::from_str(&written(&racing(), "json", false)).expect("JSON");
        let at = |path: &str| report.pointer(path).cloned().unwrap_or_default();
        assert_eq!(at("/ExitCode"), 0);
        assert_eq!(at("/Calls/1/Error"), "ResourceConflictException");
        assert_eq!(at("/Calls/1/WentOn"), true);
        assert_eq!(at("/Functions/0/FunctionName"), "pay");
        assert_eq!(at("/Functions/0/PublishedVersions/0/Version"), "3");
        assert_eq!(at("/Functions/0/DeletedVersions/0"), "1");
        assert_eq!(at("/Functions/0/Aliases/0/Before/FunctionVersion"), "2");
        assert_eq!(
            at("/Functions/0/Aliases/0/After/AdditionalVersionWeights/2"),
            0.25
        );
        assert_eq!(at("/Findings/0/Rule"), "race-after-update");
        assert_eq!(at("/Findings/0/Severity"), "Error");
        assert_eq!(at("/Findings/0/Place/Line"), 2);
    }

    #[test]
    fn github_gets_an_annotation_a_finding_at_its_line() {
        let text = written(&racing(), "github", false);
        assert_eq!(
            text,
            "::error file=deploy.sh,line=2,title=1st publish-version of pay does not wait until the update is done\
             ::update-function-code (deploy.sh:1) was not finished 0.0 s later, so AWS refused this call with \
             ResourceConflictException, and the script went on.%0AInstead: aws lambda wait function-updated-v2 \
             --function-name pay\n\
             ::notice title=./deploy.sh prod (network%3A open)%3A Broken::exit code 0, 1 error; 8 calls in 1.2 s. pay: version 3 \
             published, 1 deleted, live 3 (75 %25), 2 (25 %25), Timeout, code, Environment.Variables.KEY changed. \
             A rehearsal cannot show permissions, quotas and networks.\n"
        );
        assert!(written(&sound(), "github", false).starts_with(
            "::notice title=./deploy.sh prod (network%3A open)%3A Clean::exit code 0; 4 calls"
        ));
    }

    #[test]
    fn junit_has_a_test_a_rule_and_counts_them_right() {
        let text = written(&racing(), "junit", false);
        let cases = text.matches("<testcase ").count();
        assert!(
            text.contains(&format!("tests=\"{cases}\" failures=\"1\"")),
            "{text}"
        );
        assert_eq!(text.matches("<failure ").count(), 1);
        assert_eq!(text.matches("</testcase>").count(), cases);
        let text = written(&sound(), "junit", false);
        assert!(text.contains("failures=\"0\"") && !text.contains("<failure"));
    }

    #[test]
    fn markdown_begins_with_the_findings_and_takes_no_text_for_markup() {
        let mut report = racing();
        report.functions[0].published_versions[0].description = "a | *b* <c>".to_owned();
        let text = written(&report, "markdown", false);
        let at = |what: &str| text.find(what).expect("it is there");
        assert!(at("### Findings") < at("### Calls that failed"));
        assert!(at("### Calls that failed") < at("### Before and after"));
        assert!(text.contains(r#""a \| \*b\* \<c\>""#), "{text}");
    }

    #[test]
    fn no_form_for_people_prints_raw_what_is_not_ours() {
        const EVIL: &str = "x\n::error::y \x1b[31mz\u{202e}\r##[error]`|<b> \u{9b}2J ::warning::w";
        let mut report = racing();
        let evil = || EVIL.to_owned();
        report.command = vec![evil()];
        report.kept = Some(EVIL.into());
        for call in &mut report.calls {
            (call.name, call.program, call.outcome) = (evil(), evil(), evil());
            call.words = vec![evil()];
            call.answered = Answered::Guarded;
            call.hint = Some(evil());
        }
        let function = &mut report.functions[0];
        function.function.function_name = evil();
        function.published_versions[0].description = evil();
        for alias in &mut function.aliases {
            alias.name = evil();
        }
        for change in function.members.iter_mut().chain(&mut function.settings) {
            (change.name, change.after) = (evil(), Some(evil()));
        }
        function.files[0].name = evil();
        let finding = &mut report.findings[0];
        (finding.title, finding.explanation, finding.fix) = (evil(), evil(), evil());
        finding.place = Some(ScriptLine {
            file: EVIL.into(),
            line: 1,
        });
        for list in [
            &mut report.assumed,
            &mut report.bypassed,
            &mut report.leftovers,
        ] {
            list.push(evil());
        }
        report.services.push(Effect {
            service: evil(),
            operation: evil(),
            resource: evil(),
        });
        for format in FORMATS {
            let text = written(&report, format.name, false);
            let name = format.name;
            let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(name == "json" || !text.contains(raw), "{name}: {text:?}");
            assert!(name == "json" || !text.contains("##["), "{name}: {text}");
            assert!(
                !text.contains(['\x1b', '\r', '\u{9b}']) || name == "json",
                "{name}"
            );
            let commands = text
                .lines()
                .filter(|line| line.trim_start().starts_with("::"));
            let commands: Vec<&str> = commands.collect();
            assert_eq!(
                commands.len(),
                2 * usize::from(name == "github"),
                "{name}: {commands:?}"
            );
        }
        // A bar in a name must not end a cell of the table.
        let text = written(&report, "markdown", false);
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        let bars = |row: &str| row.replace("\\|", "").matches('|').count();
        assert!(
            rows.clone().count() > 3 && rows.clone().all(|row| bars(row) == 4),
            "{text}"
        );
    }

    #[test]
    fn a_run_that_touched_nothing_has_nothing_before_and_after() {
        let stage = Stage::with_versions(1).script(&["get-function --function-name pay"]);
        let report = stage.report();
        assert_eq!((report.functions.len(), report.findings.len()), (0, 0));
        assert_eq!(report.calls.len(), 1);
    }

    #[test]
    fn created_and_deleted_functions_and_layers_are_told() {
        let stage = Stage::with_versions(1).script(&[
            "delete-function --function-name pay",
            "create-function --function-name new --runtime python3.13 --handler app.handler \
             --role arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip --tags a=b",
            "publish-layer-version --layer-name tools --zip-file fileb://one.zip",
        ]);
        let text = written(&stage.report(), "text", false);
        for line in [
            "  new    function       created\n",
            "  new    Tags.a         new: b\n",
            "  pay    function       deleted, with all its versions and aliases\n",
            "  tools  layer version  1 published\n",
        ] {
            let words: Vec<&str> = line.split_whitespace().collect();
            let is_there = text
                .lines()
                .any(|other| other.split_whitespace().collect::<Vec<_>>() == words);
            assert!(is_there, "{line}{text}");
        }
    }

    #[test]
    fn a_finding_that_somebody_lets_be_is_listed_and_counts_no_more() {
        let by = |finding: &str, line| Suppression {
            place: Some(ScriptLine {
                file: "deploy.sh".into(),
                line,
            }),
            lines: Some((line + 1, line + 1)),
            ..Suppression::of_project(finding.to_owned(), "the builder waits".to_owned())
        };
        let stage =
            Stage::with_versions(2).script(&[UPDATE, "publish-version --function-name pay"]);
        let broken = stage.report();
        assert!(broken.word() == "Broken" && broken.count(Severity::Error) == 1);
        let all = vec![by("race-after-update", 1), by("stale-revision-id", 1)];
        let report = stage.report_with(Notes {
            suppressions: all,
            ..Notes::default()
        });
        assert_eq!(
            (report.word(), report.findings.len()),
            ("Clean".to_owned(), 0)
        );
        for form in ["text", "markdown"] {
            let text = written(&report, form, false);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for line in [
                "deploy.sh:1: race-after-update, because the builder waits: publish-version of pay",
                "deploy.sh:1: stale-revision-id, because the builder waits: it allowed no finding",
            ] {
                assert!(text.contains(line), "{form}: {text}");
            }
        }
    }
}
