//! `query-on-each-page`: with text output, a query over a list of several pages gives one answer for each page.

use serde_json::Value;

use super::{Finding, Rule, Severity};
use crate::{
    output::query::Query,
    tool::rehearse::{calls::Exchange, evidence::Evidence},
};

pub(super) const RULE: Rule = Rule {
    name: "query-on-each-page",
    about: "The AWS CLI answers a query once for every page of a list.",
    aws: "A list comes in pages of 50 items, and with --output text the AWS CLI applies --query to each page by \
        itself. A query that selects or counts, such as Versions[-1].Version, length(Versions) or max_by, prints one \
        line a page. A plain Versions[].Version is correct, and so is --output json, which applies the query to the \
        whole list.",
    severities: "An error: the script reads several lines where it expects one.",
    instead: "Use --output json, or --no-paginate if the first page is enough. Or let the query list everything, and \
        add `sort -n | tail -n 1`.",
    seen: "AWS's page on pagination of the command line, and runs of the AWS CLI.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for step in evidence.steps() {
        let pages: Vec<&Exchange> = step.call.exchanges.iter().collect();
        let is_first = pages
            .first()
            .is_some_and(|first| std::ptr::eq(*first, step.exchange));
        if !is_first || pages.len() < 2 || step.call.output.as_deref() != Some("text") {
            continue;
        }
        let Some(query) = &step.call.query else {
            continue;
        };
        let answers: Option<Vec<&Value>> = pages
            .iter()
            .map(|page| {
                let is_list = page.operation == step.exchange.operation;
                page.response
                    .as_ref()
                    .filter(|_| is_list && page.error.is_none())
            })
            .collect();
        let Some(answers) = answers else { continue };
        let Some((lines, whole)) = harmed(query, &answers) else {
            continue;
        };
        let shown: Vec<String> = lines.iter().map(short).collect();
        found.push(
            Finding::at(evidence, &step, Severity::Error)
                .titled(format!("--query {query} gives {} answers", pages.len()))
                .explained(format!(
                    "The list came in {} pages, and with text output the AWS CLI applies the query to each page: {}. \
                     Over the whole list the answer is {}.",
                    pages.len(),
                    shown.join(", then "),
                    short(&whole)
                ))
                .fixed_by("--output json instead of --output text"),
        );
    }
    found
}

/// The answers for the single pages and the answer for the whole list, if a script would see a difference.
fn harmed(query: &str, pages: &[&Value]) -> Option<(Vec<Value>, Value)> {
    let query = Query::compile(query).ok()?;
    let results: Vec<Value> = pages
        .iter()
        .map(|page| query.search(page).ok())
        .collect::<Option<_>>()?;
    let whole = query.search(&merged(pages)?).ok()?;
    let is_harmed = match &whole {
        Value::Array(whole) => {
            let mut items = Vec::new();
            for result in &results {
                match result {
                    Value::Array(more) => items.extend(more),
                    _ => return None,
                }
            }
            !items.iter().copied().eq(whole)
        }
        // A table with named columns prints the same rows for the pages as for the whole list.
        Value::Object(_) => false,
        _ => true,
    };
    is_harmed.then_some((results, whole))
}

/// Joins all pages into one answer.
fn merged(pages: &[&Value]) -> Option<Value> {
    let mut whole = (*pages.first()?).clone();
    let members = whole.as_object_mut()?;
    members.shift_remove("NextMarker");
    for page in &pages[1..] {
        for (name, value) in page.as_object()? {
            if let (Some(Value::Array(all)), Value::Array(more)) = (members.get_mut(name), value) {
                all.extend(more.iter().cloned());
            }
        }
    }
    Some(whole)
}

/// A value, shortened.
fn short(value: &Value) -> String {
    match value {
        Value::Array(items) => match items.as_slice() {
            [] => "nothing".to_owned(),
            [one] => short(one),
            [first, .., last] => format!("{} … {}", short(first), short(last)),
        },
        Value::String(text) => text.clone(),
        Value::Null => "None".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    fn found(options: &str) -> Vec<String> {
        let list = format!("list-versions-by-function --function-name pay --page-size 3 {options}");
        Stage::with_versions(7).script(&[&list]).found()
    }

    #[test]
    fn what_picks_or_counts_prints_a_line_a_page() {
        for query in [
            "Versions[-1].Version",
            "length(Versions)",
            "Versions[-2:].Version",
        ] {
            let options = format!("--query {query} --output text");
            assert_eq!(found(&options), ["error query-on-each-page 1"], "{query}");
        }
        let stage = Stage::with_versions(7).script(&[
            "list-versions-by-function --function-name pay --page-size 3 --query Versions[-1].Version --output text",
        ]);
        assert_eq!(
            stage.findings()[0].explanation,
            "The list came in 3 pages, and with text output the AWS CLI applies the query to each page: 2, then 5, \
             then 7. Over the whole list the answer is 7."
        );
    }

    #[test]
    fn what_lists_everything_or_is_no_text_is_sound() {
        for options in [
            "--query Versions[].Version --output text",
            "--query Versions[?Version!=`$LATEST`].[Version,Description] --output text",
            "--query Versions[-1].Version --output json",
        ] {
            assert_eq!(found(options), [""; 0], "{options}");
        }
        let one_page = "list-versions-by-function --function-name pay --query Versions[-1].Version --output text";
        let no_page = format!("{one_page} --no-paginate");
        for line in [one_page, &no_page] {
            assert_eq!(Stage::with_versions(7).script(&[line]).found(), [""; 0]);
        }
    }
}
