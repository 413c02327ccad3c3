//! The report as a separate page, for example for a pull request. The verdict is at the top. Then come the findings,
//! the script with the findings at their lines, and a picture as in `history` with the state before and after the run.
//! A sweep adds its table.
//!
//! Like the page of a history, this page has no scripts and loads nothing. The content of each picture is also in a
//! table.

mod script;

use std::io::{self, Write};

use super::{
    Finding, FunctionChange, Look, Report, Severity,
    text::{after_failure, changed, layer_changed},
};
use crate::{
    face::options::kebab,
    tool::{
        page::{escape, page, row, table},
        rehearse::{calls::ScriptLine, verdict::Verdict},
    },
};

/// The style rules that only this page has.
const STYLE: &str = include_str!("report.css");

/// The part of the page that belongs to a sweep.
#[derive(Debug, Default)]
pub(crate) struct Swept {
    /// The heading, with the numbers of points and runs.
    pub(crate) heading: String,
    /// The answer to the sweep's question, one line for each sentence.
    pub(crate) verdict: Vec<String>,
    /// True if the script can be run again from every point.
    pub(crate) rerunnable: bool,
    /// The columns of the sweep's table.
    pub(crate) columns: [&'static str; 5],
    /// The cells of the table, one row for each point.
    pub(crate) rows: Vec<[String; 5]>,
    /// Notes below the table.
    pub(crate) notes: Vec<String>,
    /// Notes that belong to lines of the script.
    pub(crate) marks: Vec<(ScriptLine, String)>,
}

pub(super) fn write(report: &Report, _: &Look, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(drawn(report, None).as_bytes())
}

/// The page of a sweep: the report of the clean run, and the sweep's part.
pub(crate) fn of_sweep(report: &Report, swept: &Swept) -> String {
    drawn(&report.shown(), Some(swept))
}

fn drawn(report: &Report, swept: Option<&Swept>) -> String {
    let (what, word) = match swept {
        Some(swept) if swept.rerunnable => ("Sweep", "it can be run again".to_owned()),
        Some(_) => ("Sweep", "running it again does not always help".to_owned()),
        None => ("Rehearsal", report.word()),
    };
    let line = report.command_line();
    let mut body = format!("<h1>{what} of <code>{}</code></h1>\n", escape(&line));
    for touched in &report.touched {
        body += &format!(
            "<p class=\"box {}\"><strong>{}</strong>: {}</p>\n",
            grade(touched.severity),
            touched.severity.word(),
            escape(&touched.to_string())
        );
    }
    if let Some(swept) = swept {
        body += &verdict_of_sweep(swept);
    }
    body += &verdict(report, swept.is_some());
    body += &findings(report);
    if let Some(swept) = swept {
        body += &table_of_sweep(swept);
    }
    let marks = swept.map_or(&[][..], |swept| &swept.marks);
    for (at, text) in report.scripts.iter().enumerate() {
        body += &script::section(report, text, at, marks);
    }
    body += &before_and_after(report);
    let left_out: Vec<[String; 2]> = report
        .left_out()
        .map(|left| [left.heading.to_owned(), left.line])
        .collect();
    body += &rows(
        "Not as on AWS",
        "Steps that did not run as on AWS",
        ["What", "About"],
        &left_out,
    );
    body += &rows(
        "Real time",
        "Programs that waited",
        ["Program", "How long"],
        &report.waits(),
    );
    body += &rows(
        "Allowed",
        "Allowed findings",
        ["State", "What"],
        &report.let_be().collect::<Vec<_>>(),
    );
    body += &calls(report);
    page(&format!("{what} of {line}: {word}"), STYLE, &body)
}

fn grade(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// The word of the verdict, the reasons for the verdict, and the changes of the account.
fn verdict(report: &Report, is_clean_run: bool) -> String {
    let class = match report.verdict() {
        Verdict::Clean | Verdict::CallsNeverRan => "good",
        Verdict::NotFullyPlayed | Verdict::PassedByLuck => "warning",
        Verdict::Broken => "error",
    };
    let which = match is_clean_run {
        true => "The run without failures: ",
        false => "",
    };
    let mut text = format!(
        "<div class=\"box {class}\">\n<p>{which}<strong class=\"word\">{}</strong>: {}; {} {}.</p>\n",
        escape(&report.word()),
        escape(&report.reasons()),
        escape(&report.extent()),
        escape(&report.network_held())
    );
    match report.plan().as_slice() {
        [] => text += "<p>Nothing changed.</p>\n",
        plan => {
            let lines = plan
                .iter()
                .map(|line| format!("<li>{}</li>\n", escape(line)));
            text += &format!("<ul>\n{}</ul>\n", lines.collect::<String>());
        }
    }
    text += &format!(
        "<p>A rehearsal cannot show {}.</p>\n",
        escape(report.cannot_show)
    );
    if let Some(hint) = &report.network_hint {
        text += &format!("<p>Hint: {}</p>\n", escape(hint));
    }
    text + "</div>\n"
}

/// The findings, the worst first. Each has a link to its line if the page shows the script.
fn findings(report: &Report) -> String {
    let found = report.findings.iter().map(|finding| {
        let at = report.whereabouts(finding);
        let at = linked(report, finding.place.as_ref(), at.as_deref());
        item(
            finding.severity,
            &at,
            &finding.title,
            &format!(
                "<p>{} <code>{}</code></p>\n<p>Instead: {}</p>\n",
                escape(&finding.explanation),
                escape(finding.rule),
                fix(finding)
            ),
        )
    });
    let ignored = report.ignored().map(|call| {
        let at = linked(report, call.place.as_ref(), Some(&call.at()));
        let title = format!(
            "AWS refused {}, and the script did not repair it",
            call.name
        );
        let text = format!("<p>{}</p>\n", escape(&call.outcome));
        item(Severity::Error, &at, &title, &text)
    });
    let items: String = found.chain(ignored).collect();
    match items.is_empty() {
        true => String::new(),
        false => section(
            "findings",
            "Findings",
            &format!("<ul class=\"found\">\n{items}</ul>\n"),
        ),
    }
}

fn item(severity: Severity, at: &str, title: &str, more: &str) -> String {
    format!(
        "<li class=\"{}\"><p><strong>{}</strong> {at}{}</p>\n{more}</li>\n",
        grade(severity),
        severity.word(),
        escape(title)
    )
}

/// Writes a command as code, and a sentence as text.
fn fix(finding: &Finding) -> String {
    match finding.fix.starts_with("aws ") {
        true => format!("<code>{}</code>", escape(&finding.fix)),
        false => escape(&finding.fix),
    }
}

/// The text of a place. It is a link if the page has the place's line.
fn linked(report: &Report, place: Option<&ScriptLine>, told: Option<&str>) -> String {
    let Some(told) = told.filter(|told| !told.is_empty()) else {
        return String::new();
    };
    let told = format!("<code>{}</code>", escape(told));
    let shown = place.and_then(|place| script::id(report, place));
    match shown {
        Some(id) => format!("<a href=\"#{id}\">{told}</a>: "),
        None => format!("{told}: "),
    }
}

fn verdict_of_sweep(swept: &Swept) -> String {
    let class = match swept.rerunnable {
        true => "good",
        false => "error",
    };
    let mut lines = swept.verdict.iter();
    let first = lines.next().map_or("", String::as_str);
    let rest: String = lines
        .map(|line| format!("<li>{}</li>\n", escape(line.trim())))
        .collect();
    let rest = match rest.is_empty() {
        true => rest,
        false => format!("<ul>\n{rest}</ul>\n"),
    };
    format!(
        "<div class=\"box {class}\">\n<p><strong>{}</strong></p>\n{rest}</div>\n",
        escape(first)
    )
}

fn table_of_sweep(swept: &Swept) -> String {
    let rows = swept.rows.iter().map(|cells| {
        let cells = cells.each_ref().map(String::as_str);
        row(&cells)
    });
    let mut text = match swept.rows.as_slice() {
        [] => format!("<p>{}</p>\n", escape(&swept.heading)),
        _ => table(&swept.heading, &swept.columns, &rows.collect::<String>()),
    };
    if !swept.notes.is_empty() {
        let notes = swept.notes.iter();
        let notes: String = notes
            .map(|note| format!("<li>{}</li>\n", escape(note)))
            .collect();
        text += &format!("<ul>\n{notes}</ul>\n");
    }
    section("sweep", "If the script fails on the way", &text)
}

/// The changes of the account: a picture and a table for each function, and one table for everything else.
fn before_and_after(report: &Report) -> String {
    let mut text = String::new();
    for (at, function) in report.functions.iter().enumerate() {
        text += &of_function(report, function, at);
    }
    let layers = report.layers.iter().flat_map(|layer| {
        let changes = layer_changed(layer).into_iter();
        changes.map(|(what, how)| row(&[&layer.layer_name, &what, &how]))
    });
    let resources = report.resources.iter().map(|resource| {
        let (what, how) = resource.told();
        row(&[&resource.name, &what, &how])
    });
    let services = report
        .services
        .iter()
        .map(|effect| row(&[&effect.service, &kebab(&effect.operation), &effect.resource]));
    let others: String = layers.chain(resources).chain(services).collect();
    if !others.is_empty() {
        let title = match report.functions.is_empty() {
            true => "",
            false => "<h3>Besides functions</h3>\n",
        };
        text += title;
        text += &table(
            "Changes of other resources",
            &["Of", "What", "How"],
            &others,
        );
    }
    match text.is_empty() {
        true => text,
        false => section("changes", "Before and after", &text),
    }
}

fn of_function(report: &Report, function: &FunctionChange, id: usize) -> String {
    let name = &function.function.function_name;
    let mut text = format!("<h3>{}</h3>\n", escape(name));
    if let Some(history) = &function.history {
        text += &history.picture_of_run(report.began, id);
    }
    let rows: String = changed(function)
        .iter()
        .map(|(what, how)| row(&[what, how]))
        .collect();
    text + &table(
        &format!("Changes of {name}"),
        &["What", "Before → after"],
        &rows,
    )
}

fn calls(report: &Report) -> String {
    if report.calls.is_empty() {
        return String::new();
    }
    let rows = report.calls.iter().enumerate().map(|(at, call)| {
        let outcome = match call.failed() {
            true => format!("{}; {}", call.outcome, after_failure(call)),
            false => call.outcome.clone(),
        };
        let by = match &call.client {
            Some(client) => client.told(),
            None => call.at(),
        };
        row(&[&(at + 1).to_string(), &call.name, &by, &outcome])
    });
    let caption = format!("The calls in order: {}", report.extent());
    let columns = ["Number", "Call", "Where", "Result"];
    section(
        "calls",
        "Calls",
        &table(&caption, &columns, &rows.collect::<String>()),
    )
}

/// A section with two columns; empty if there are no rows.
fn rows(title: &str, caption: &str, columns: [&str; 2], of: &[[String; 2]]) -> String {
    let rows: String = of.iter().map(|[what, how]| row(&[what, how])).collect();
    match rows.is_empty() {
        true => rows,
        false => {
            let id = kebab(&title.replace(' ', ""));
            section(&id, title, &table(caption, &columns, &rows))
        }
    }
}

fn section(id: &str, title: &str, body: &str) -> String {
    format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{}</h2>\n{body}</section>\n",
        escape(title)
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::tool::rehearse::{
        finding::stage::Stage,
        report::{Notes, ScriptText},
    };

    const UPDATE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";

    /// A release that contains a race, a split alias and a deleted version.
    const SCRIPT: [&str; 6] = [
        UPDATE,
        "publish-version --function-name pay",
        "wait function-updated-v2 --function-name pay",
        "publish-version --function-name pay --description third",
        "update-alias --function-name pay --name live --function-version 3 \
         --routing-config AdditionalVersionWeights={2=0.25}",
        "delete-function --function-name pay --qualifier 1",
    ];

    /// The report of this release. It shows the script's text, followed by the given number of other lines.
    fn report(more: usize) -> Report {
        let mut text: String = SCRIPT
            .iter()
            .map(|line| format!("aws lambda {line}\n"))
            .collect();
        text += &"# nothing\n".repeat(more);
        text += "export DB_PASSWORD=s3cret\n";
        let script = ScriptText::of(Path::new("deploy.sh"), &text, false);
        let notes = Notes {
            scripts: script.into_iter().collect(),
            ..Notes::default()
        };
        Stage::with_versions(2).script(&SCRIPT).report_with(notes)
    }

    fn page_of(report: &Report) -> String {
        drawn(&report.shown(), None)
    }

    /// Refuses a page whose elements are not balanced, or that has a link to a place that does not exist.
    fn assert_sound(page: &str) {
        const ALONE: [&str; 3] = ["meta", "br", "!DOCTYPE"];
        let mut open: Vec<&str> = Vec::new();
        let mut ids = std::collections::BTreeSet::new();
        let mut named = Vec::new();
        for part in page.split('<').skip(1) {
            let (tag, _) = part.split_once('>').expect("a tag ends");
            let name = tag.split([' ', '\n', '/']).next().unwrap_or_default();
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed), "{tag}");
                continue;
            }
            for attribute in tag.split(' ').skip(1) {
                if let Some(id) = attribute.strip_prefix("id=\"") {
                    assert!(ids.insert(id.trim_end_matches('"')), "twice: {id}");
                }
                if let Some(link) = attribute.strip_prefix("href=\"#") {
                    named.push(link.trim_end_matches('"'));
                }
            }
            if !ALONE.contains(&name) && !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
        for id in named {
            assert!(ids.contains(id), "{id}");
        }
    }

    #[test]
    fn the_verdict_comes_first_and_findings_stand_at_their_lines() {
        let page = page_of(&report(0));
        assert_sound(&page);
        let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what}: {page}"));
        assert!(at(">Broken</strong>") < at("<h2 id=\"findings\">"));
        assert!(at("<h2 id=\"findings\">") < at("<h2 id=\"script-0\">"));
        assert!(at("<h2 id=\"script-0\">") < at("<h2 id=\"changes\">"));
        assert!(page.contains("<a href=\"#line-0-2\"><code>deploy.sh:2</code></a>"));
        let line = at("<li id=\"line-0-2\" value=\"2\" class=\"error\">");
        let next = at("<li id=\"line-0-3\"");
        assert!(page[line..next].contains("does not wait until the update is done"));
        assert!(page[line..next].contains("Instead: <code>aws lambda wait"));
        assert!(!page.contains("s3cret") && page.contains("DB_PASSWORD=****"));
        for what in [
            "<script",
            "src=",
            "url(",
            "http://",
            "https://",
            "javascript:",
            "@import",
        ] {
            assert!(!page.contains(what), "{what}");
        }
    }

    #[test]
    fn before_and_after_are_one_picture_with_the_moment_at_which_the_script_began() {
        let page = page_of(&report(0));
        assert!(page.contains("class=\"began\""), "{page}");
        let told = |what: &str| assert!(page.contains(what), "{what}: {page}");
        told("aria-label=\"live: version 2, 100 %, start not known until ");
        told("aria-label=\"live: version 3, 75 %, since ");
        told("aria-label=\"live: version 2, 25 %, since ");
        told("version 3, published ");
        told("version 1 deleted ");
        told("$LATEST before ");
        // A version that was published before the run has no mark.
        assert!(
            !page.contains("aria-label=\"version 1, published"),
            "{page}"
        );
    }

    #[test]
    fn the_json_has_what_the_picture_is_drawn_of() {
        let report = report(0);
        let value = serde_json::to_value(&report).expect("JSON");
        let history = &value["Functions"][0]["History"];
        assert_eq!(
            history["Aliases"][0]["Moves"][0]["To"]["FunctionVersion"],
            "3"
        );
        assert_eq!(history["Versions"][0]["Version"], "3");
        assert_eq!(history["Gaps"][0]["FirstVersion"], 1);
        assert_eq!(value["Scripts"][0]["File"], "deploy.sh");
        assert_eq!(value["Scripts"][0]["Lines"][6], "export DB_PASSWORD=****");
    }

    #[test]
    fn lines_on_which_nothing_happens_are_folded_and_stay_on_the_page() {
        let page = page_of(&report(100));
        assert_sound(&page);
        assert!(
            page.contains("<summary>Lines 13 to 107</summary>"),
            "{page}"
        );
        assert_eq!(page.matches("<code># nothing</code>").count(), 100);
        let whole = page_of(&report(20));
        assert!(!whole.contains("<summary>"));
    }

    #[test]
    fn no_name_and_no_line_of_a_script_is_anything_but_text() {
        const EVIL: &str = "</code></title></style><script>alert(1)</script>\" onfocus='x' &amp; \u{1b}[2J\u{202e}<!--";
        let mut report = report(0);
        let evil = || EVIL.to_owned();
        report.command = vec![evil()];
        report.scripts[0].lines = vec![evil(), format!("\t{EVIL}"), evil()];
        report.scripts.push(ScriptText {
            file: EVIL.into(),
            lines: vec![evil()],
            left_out: 7,
        });
        for finding in &mut report.findings {
            (finding.title, finding.explanation) = (evil(), evil());
            finding.fix = format!("aws {EVIL}");
        }
        for call in &mut report.calls {
            (call.name, call.outcome) = (evil(), evil());
        }
        let function = &mut report.functions[0];
        function.function.function_name = evil();
        for alias in &mut function.aliases {
            alias.name = evil();
        }
        for change in function.members.iter_mut().chain(&mut function.settings) {
            (change.name, change.after) = (evil(), Some(evil()));
        }
        for version in &mut function.published_versions {
            version.description = evil();
        }
        let swept = Swept {
            heading: evil(),
            verdict: vec![evil(), evil()],
            columns: ["a", "b", "c", "d", "e"],
            rows: vec![[evil(), evil(), evil(), evil(), evil()]],
            notes: vec![evil()],
            marks: vec![(
                ScriptLine {
                    file: "deploy.sh".into(),
                    line: 3,
                },
                evil(),
            )],
            rerunnable: false,
        };
        for page in [page_of(&report), of_sweep(&report, &swept)] {
            assert_sound(&page);
            assert!(
                !page.contains("<script") && !page.contains("<!--"),
                "{page}"
            );
            // The attribute must end at the right place.
            assert!(!page.contains("\" onfocus"), "{page}");
            assert_eq!(
                page.matches("</title>").count() - page.matches("<title").count(),
                0
            );
        }
        let page = page_of(&report);
        assert!(!page.contains(['\u{1b}', '\u{202e}']), "{page:?}");
    }

    #[test]
    fn a_sweep_adds_its_answer_its_table_and_marks_at_the_lines() {
        let swept = Swept {
            heading: "Sweep of ./deploy.sh".to_owned(),
            verdict: vec![
                "Running it again does not help at 1 of 2 points:".to_owned(),
                "  when a fails".to_owned(),
            ],
            columns: [
                "If this call",
                "does this",
                "the script",
                "and leaves",
                "Run it again?",
            ],
            rows: vec![["a", "fails", "stops", "nothing", "no"].map(str::to_owned)],
            notes: vec!["a note".to_owned()],
            marks: vec![(
                ScriptLine {
                    file: "deploy.sh".into(),
                    line: 4,
                },
                "running the script again does not help when this fails".to_owned(),
            )],
            rerunnable: false,
        };
        let page = of_sweep(&report(0), &swept);
        assert_sound(&page);
        let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what}: {page}"));
        assert!(
            at("Running it again does not help at 1 of 2 points:") < at("The run without failures")
        );
        assert!(at("<caption>Sweep of ./deploy.sh</caption>") < at("<h2 id=\"script-0\">"));
        let line = at("<li id=\"line-0-4\" value=\"4\" class=\"error\">");
        assert!(page[line..].contains("<strong>sweep</strong> running the script again"));
    }
}
