//! `first-page-only`: a query selects from, sorts or counts a list, but only the first page of the list was read.

use serde_json::{Value, json};

use super::{Finding, Rule, Severity, moves_alias, number, uses_nothing};
use crate::{
    operation,
    output::query::Query,
    tool::rehearse::evidence::{Evidence, Step},
};

pub(super) const RULE: Rule = Rule {
    name: "first-page-only",
    about: "A query selects from, sorts or counts a list that is incomplete.",
    aws: "With --max-items or --no-paginate the AWS CLI shows only the start of a list. The rest is behind a \
        NextToken or NextMarker. Versions come oldest first, so the newest ones are missing. An SDK answers one page of \
        50 versions, unless its paginator is used. With --output text and --query, --max-items also adds a line `None` \
        if more items are left.",
    severities: "An error if the query gives another result over the whole list, or if a later call used the line \
        `None`. For an SDK, an error if an alias gets the last version of the first page. No finding for a plain list, for a selection from the front, or if the script asks for the next \
        pages.",
    instead: "Leave out --max-items and --no-paginate. Use --output json if you need exactly one line.",
    seen: "github.com/aws/aws-cli/issues/5654 and 10449 (the line None), github.com/aws/aws-cli/issues/3298.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for index in 0..evidence.calls.len() {
        let steps: Vec<Step<'_>> = evidence.steps_of(index).collect();
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
            continue;
        };
        let call = first.call;
        if call.http.is_some() {
            found.extend(by_sdk(evidence, first));
            continue;
        }
        let (Some(text), true) = (&call.query, call.code == 0) else {
            continue;
        };
        let Some(lists) =
            operation::find_in(first.service(), first.operation()).map(|entry| entry.lists)
        else {
            continue;
        };
        let is_cut = is_cut(first, last, lists);
        if lists.is_empty() || !is_cut || goes_on(evidence, first) {
            continue;
        }
        let Ok(query) = Query::compile(text) else {
            continue;
        };
        if let Some(seen) = harmed(&query, &steps, lists) {
            found.push(
                Finding::at(evidence, first, Severity::Error)
                    .titled(format!("--query {text} sees only the first page"))
                    .explained(format!(
                        "{} left items out. The query answered {seen}; over the whole list it answers something \
                         else.",
                        option(first)
                    ))
                    .fixed_by(format!("the same call without {}", option(first))),
            );
            continue;
        }
        // With text output, the query also removes the token of the next page.
        let adds_none = call.output.as_deref() == Some("text")
            && option(first) == "--max-items"
            && query.search(&json!({ "NextToken": { "NextToken": "t" } })) == Ok(Value::Null);
        if let Some(user) = uses_nothing(evidence, index).filter(|_| adds_none) {
            found.push(
                Finding::at(evidence, first, Severity::Error)
                    .titled("--max-items with --output text adds a line `None`")
                    .explained(format!(
                        "More items were left, so a line None follows the answer of --query {text}. {} used that \
                         line.",
                        evidence.named(user)
                    ))
                    .fixed_by("--output json instead of --output text, or the same call without --max-items")
                    .explaining(Some(user)),
            );
        }
    }
    found
}

/// A program that takes the last version of the first page for the newest: it moves an alias there, and newer ones
/// exist. An SDK answers one page, and its paginators ask for the rest.
fn by_sdk(evidence: &Evidence<'_>, first: &Step<'_>) -> Option<Finding> {
    let key = first.key()?;
    let answer = first.answer()?;
    answer.get("NextMarker").and_then(Value::as_str)?;
    let listed = answer.get("Versions").and_then(Value::as_array)?;
    let last = listed
        .iter()
        .filter_map(|version| number(version["Version"].as_str()?))
        .max()?;
    let later = || evidence.steps().filter(|step| step.index > first.index);
    let of_function = |step: &Step<'_>| step.key() == Some(key);
    let goes_on = later().any(|step| {
        of_function(&step)
            && step.operation() == first.operation()
            && step.asked("Marker").is_some()
    });
    let moved = later().find(|step| {
        let to = step.answered("FunctionVersion").and_then(number);
        of_function(step) && moves_alias(step) && to == Some(last)
    })?;
    let newest = evidence.after(key)?.last_version;
    let name = moved.asked("Name")?;
    let was = evidence.before(key).and_then(|head| head.aliases.get(name));
    let stays = was.is_some_and(|alias| alias.uses(&last.to_string()));
    if goes_on || stays || newest <= last {
        return None;
    }
    Some(
        Finding::at(evidence, first, Severity::Error)
            .titled("ListVersionsByFunction is answered with the first page alone")
            .explained(format!(
                "The last version on it is {last}, and alias {name} got that one. The newest is {newest}: the program did not \
                 ask for the page after the NextMarker."
            ))
            .fixed_by("the paginator of list_versions_by_function, or the Version that publish_version answered")
            .explaining(Some(moved.index)),
    )
}

/// The option that shortened the list.
fn option(step: &Step<'_>) -> &'static str {
    let has = |option: &str| {
        step.call
            .words
            .iter()
            .any(|word| word.split('=').next() == Some(option))
    };
    match has("--max-items") {
        true => "--max-items",
        false => "--no-paginate",
    }
}

/// Returns true if items are missing. The answer then has a marker for more items, or `--max-items` shows fewer items
/// than the page has.
fn is_cut(first: &Step<'_>, last: &Step<'_>, lists: &[&str]) -> bool {
    let words = &first.call.words;
    let at = words.iter().position(|word| word == "--max-items");
    let most = at.and_then(|at| words.get(at + 1)?.parse::<usize>().ok());
    let count: usize = first
        .call
        .exchanges
        .iter()
        .filter_map(|page| {
            let list = format!("/{}", lists.first()?.replace('.', "/"));
            page.response.as_ref()?.pointer(&list)?.as_array()
        })
        .map(Vec::len)
        .sum();
    let marked = ["NextMarker", "NextToken", "nextToken", "position"]
        .iter()
        .any(|name| {
            let marker = last.answer().and_then(|answer| answer.get(*name));
            marker.is_some_and(Value::is_string)
        });
    marked || most.is_some_and(|most| most < count)
}

/// Returns true if the script asks for the next page.
fn goes_on(evidence: &Evidence<'_>, first: &Step<'_>) -> bool {
    const NEXT: [&str; 3] = ["--starting-token", "--marker", "--next-token"];
    evidence.calls.iter().skip(first.index + 1).any(|call| {
        call.words.iter().any(|word| NEXT.contains(&word.as_str()))
            && call
                .exchanges
                .first()
                .is_some_and(|page| page.operation == first.operation())
    })
}

/// The query's answer, if the answer would be different with the items that are missing from the page. It does no harm
/// if those items would only make the answer longer at its end.
fn harmed(query: &Query, steps: &[Step<'_>], lists: &[&str]) -> Option<String> {
    let list = lists.first()?;
    let mut whole = steps.first()?.answer()?.clone();
    let mut items: Vec<Value> = steps
        .iter()
        .filter_map(|step| step.answer()?.get(list)?.as_array())
        .flatten()
        .cloned()
        .collect();
    let words = &steps.first()?.call.words;
    let at = words.iter().position(|word| word == "--max-items");
    if let Some(most) = at.and_then(|at| words.get(at + 1)?.parse::<usize>().ok()) {
        items.truncate(most);
    }
    whole[*list] = items.clone().into();
    let seen = query.search(&whole).ok()?;
    items.extend([1, 2].map(|number| next(items.last().unwrap_or(&Value::Null), number)));
    whole[*list] = items.into();
    let with_more = query.search(&whole).ok()?;
    let is_prefix = match (&seen, &with_more) {
        (Value::Array(few), Value::Array(many)) => many.starts_with(few),
        (few, many) => few == many,
    };
    (!is_prefix && !seen.is_null()).then(|| match &seen {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

/// An item that looks like the given item, but comes later in the list.
fn next(item: &Value, number: u64) -> Value {
    let mut next = item.clone();
    for value in next
        .as_object_mut()
        .into_iter()
        .flat_map(|members| members.values_mut())
    {
        match value {
            Value::String(text) => {
                *text = match text.parse::<u64>() {
                    Ok(was) => (was + number).to_string(),
                    Err(_) => format!("{text}~{number}"),
                };
            }
            Value::Number(was) => *value = (was.as_u64().unwrap_or_default() + number).into(),
            _ => {}
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const LIST: &str = "list-versions-by-function --function-name pay";

    fn found(options: &str) -> Vec<String> {
        Stage::with_versions(4)
            .script(&[&format!("{LIST} {options}")])
            .found()
    }

    #[test]
    fn what_picks_sorts_or_counts_on_a_part_is_an_error() {
        for options in [
            "--max-items 2 --query Versions[-1].Version",
            "--max-items 2 --query length(Versions)",
            "--max-items 2 --query max_by(Versions[1:],&to_number(Version)).Version",
            "--max-items 2 --query reverse(Versions)[0].Version",
        ] {
            assert_eq!(found(options), ["error first-page-only 1"], "{options}");
        }
    }

    #[test]
    fn one_page_of_fifty_is_not_the_whole() {
        let line = format!("{LIST} --no-paginate --query Versions[-1].Version");
        let stage = Stage::with_versions(50).script(&[&line]);
        assert_eq!(stage.found(), ["error first-page-only 1"]);
    }

    #[test]
    fn plain_lists_picks_from_the_front_and_whole_lists_are_sound() {
        for options in [
            "--max-items 2 --query Versions[].Version",
            "--max-items 2 --query Versions[0].Version",
            "--max-items 9 --query Versions[-1].Version",
            "--query Versions[-1].Version",
            "--max-items 2",
        ] {
            assert_eq!(found(options), [""; 0], "{options}");
        }
        let rest = format!("{LIST} --starting-token t --query Versions[-1].Version");
        let first = format!("{LIST} --max-items 2 --query Versions[-1].Version");
        let stage = Stage::with_versions(4).script(&[&first, &rest]);
        assert!(!stage.found().iter().any(|found| found.ends_with(" 1")));
    }

    #[test]
    fn the_line_none_is_an_error_where_it_is_handed_on() {
        let first = format!("{LIST} --max-items 1 --query Versions[0].Version --output text");
        assert_eq!(Stage::with_versions(4).script(&[&first]).found(), [""; 0]);
        let stage = Stage::with_versions(4).script(&[
            &first,
            "delete-function --function-name pay --qualifier None",
        ]);
        assert_eq!(stage.found(), ["error first-page-only 1"]);
    }
}
