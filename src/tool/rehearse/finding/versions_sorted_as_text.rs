//! `versions-sorted-as-text`: the script chose the newest version by text order, in which 9 comes after 10.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Aliases, Finding, Rule, Severity, moves_alias, number};
use crate::{
    output::query::Query,
    tool::rehearse::evidence::{Evidence, Key, Step},
};

pub(super) const RULE: Rule = Rule {
    name: "versions-sorted-as-text",
    about: "A script sorts version numbers as text: 9 comes after 10.",
    aws: "Version is a text in every answer. sort_by(Versions, &Version), max_by(Versions, &Version), sort without \
        -n and the sort functions of most languages compare it letter by letter. The result is right until version \
        10; after that, 9 counts as the newest. list-versions-by-function itself sorts by number, $LATEST first.",
    severities: "An error if a query, or a sort in its pipe, sorts ten or more versions as text, or if only a sort as text explains the \
        versions that were deleted or that aliases point at. A warning if the query goes wrong from version 10 on, \
        or if a sort as text explains the versions but chance may explain them too.",
    instead: "max_by(Versions[?Version != '$LATEST'], &to_number(Version)), or sort -n.",
    seen: "github.com/claygregory/serverless-prune-plugin/issues/14.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut listed: BTreeMap<Key, BTreeSet<u64>> = BTreeMap::new();
    let mut deleted: BTreeMap<Key, Vec<Step<'_>>> = BTreeMap::new();
    let mut aliases = Aliases::before(evidence);
    for step in evidence.steps() {
        let Some(target) = &step.target else { continue };
        let key = &target.key;
        match step.exchange.operation.as_str() {
            "ListVersionsByFunction" => {
                let first = step.call.exchanges.first();
                let is_first = first.is_some_and(|first| std::ptr::eq(first, step.exchange));
                if is_first {
                    found.extend(by_query(evidence, &step).or_else(|| by_sort(evidence, &step)));
                    listed.remove(key);
                }
                listed
                    .entry(key.clone())
                    .or_default()
                    .extend(versions(&step));
            }
            "DeleteFunction" if target.qualifier.is_some() && listed.contains_key(key) => {
                deleted.entry(key.clone()).or_default().push(step.clone());
            }
            _ if moves_alias(&step) => {
                if let Some(versions) = listed.get(key) {
                    let newer = by_alias(evidence, &step, versions, &aliases);
                    found.extend(newer.or_else(|| by_way_back(evidence, &step, versions)));
                }
            }
            _ => {}
        }
        aliases.follow(&step);
    }
    for (key, deletes) in &deleted {
        if let Some(versions) = listed.get(key) {
            found.extend(by_deletes(evidence, key, versions, deletes, &aliases));
        }
    }
    // If a wrong query or sort is reported, it already explains the calls that used its answer.
    let is_cause = |finding: &Finding| finding.title.ends_with("sorts versions as text");
    let told: Vec<String> = found
        .iter()
        .filter(|finding| is_cause(finding))
        .map(|finding| finding.function_name.clone())
        .collect();
    found.retain(|finding| is_cause(finding) || !told.contains(&finding.function_name));
    found.dedup_by(|a, b| (&a.place, &a.title) == (&b.place, &b.title));
    found
}

/// The version numbers on a page.
fn versions(step: &Step<'_>) -> Vec<u64> {
    let list = step
        .answer()
        .and_then(|answer| answer.get("Versions")?.as_array());
    let versions = list.into_iter().flatten();
    versions
        .filter_map(|version| number(version["Version"].as_str()?))
        .collect()
}

/// The finding, if a query sorts by text. The query's answer then changes when all numbers are padded to one length.
fn by_query(evidence: &Evidence<'_>, step: &Step<'_>) -> Option<Finding> {
    const SORTS: [&str; 6] = ["sort(", "sort_by(", "max(", "max_by(", "min(", "min_by("];
    let text = step.call.query.as_ref()?;
    let orders = SORTS.iter().any(|function| text.contains(function));
    if !orders || text.contains("to_number") {
        return None;
    }
    let query = Query::compile(text).ok()?;
    let answers: Vec<&Value> = step
        .call
        .exchanges
        .iter()
        .filter_map(|page| page.response.as_ref())
        .collect();
    let mut whole = (*answers.first()?).clone();
    let all: Vec<Value> = answers
        .iter()
        .flat_map(|page| page["Versions"].as_array().into_iter().flatten().cloned())
        .collect();
    whole["Versions"] = all.into();
    let is_wrong = differs(&query, &whole);
    // A list of twelve versions that differ only in their numbers shows if the query will give wrong answers later.
    let template = whole["Versions"]
        .as_array()
        .and_then(|list| list.last())
        .cloned();
    let many: Vec<Value> = (1..=12)
        .map(|number| {
            let mut version = template.clone().unwrap_or_else(|| json!({}));
            version["Version"] = number.to_string().into();
            version
        })
        .collect();
    let going_to_be = differs(&query, &json!({ "Versions": many }));
    let (severity, explanation) = match (is_wrong, going_to_be) {
        (true, _) => (
            Severity::Error,
            "It compares version numbers letter by letter, so 9 comes after 10. With these versions it does not \
             answer the newest ones.",
        ),
        (false, true) => (
            Severity::Warning,
            "It compares version numbers letter by letter, so 9 comes after 10. It is right today and wrong from \
             version 10 on.",
        ),
        (false, false) => return None,
    };
    Some(
        Finding::at(evidence, step, severity)
            .titled(format!("--query {text} sorts versions as text"))
            .explained(explanation)
            .fixed_by("&to_number(Version) instead of &Version, without $LATEST"),
    )
}

/// A pipe in the call's own line that sorts the plain numbers as text and takes one from an end, where that order differs
/// from the numbers' own.
fn by_sort(evidence: &Evidence<'_>, step: &Step<'_>) -> Option<Finding> {
    let line = evidence.line(step.index)?;
    let (above, pipe) = line.split_once("list-versions-by-function")?;
    // `comm` and `join` need files in the order of text.
    if above.contains("<(") {
        return None;
    }
    let sort = sort_before_an_end(pipe).filter(|sort| !compares_numbers(sort))?;
    let plain = match &step.call.query {
        Some(_) => numbers_alone(&step.seen()?)?,
        None if pipe.contains("Versions[].Version") => versions(step),
        None => return None,
    };
    let mut as_text = plain.clone();
    as_text.sort_unstable_by_key(u64::to_string);
    let mut by_value = plain;
    by_value.sort_unstable();
    (as_text != by_value).then(|| {
        Finding::at(evidence, step, Severity::Error)
            .titled(format!("{sort} sorts versions as text"))
            .explained(format!(
                "It compares version numbers letter by letter, so that {} comes last and not {}.",
                as_text.last().unwrap_or(&0),
                by_value.last().unwrap_or(&0)
            ))
            .fixed_by("sort -n in place of sort")
    })
}

/// The last `sort` of a pipe before a `head` or a `tail`, if nothing between them chooses or changes lines in another
/// way.
fn sort_before_an_end(pipe: &str) -> Option<&str> {
    let mut sort = None;
    // The first part is the rest of the call, whose query may hold any sign.
    for part in pipe.split('|').skip(1) {
        // The substitution or the command may end here.
        let end = part.find([')', ';']);
        let part = part[..end.unwrap_or(part.len())].trim();
        match part.split_whitespace().next()? {
            "sort" => sort = Some(part),
            "head" | "tail" => return sort,
            "uniq" | "grep" | "tr" => {}
            _ => sort = None,
        }
        if end.is_some() {
            return None;
        }
    }
    None
}

/// Returns true if the options of a `sort` may make it compare numbers.
fn compares_numbers(sort: &str) -> bool {
    const NAMED: [&str; 5] = ["--numeric", "--general", "--version", "--human", "--sort"];
    let mut words = sort.split_whitespace().skip(1);
    words.any(|word| match word.starts_with("--") {
        true => word.starts_with("--key") || NAMED.iter().any(|named| word.starts_with(named)),
        false => word.contains(['n', 'g', 'V', 'h']),
    })
}

/// The version numbers of a list that holds nothing but versions.
fn numbers_alone(seen: &Value) -> Option<Vec<u64>> {
    let items = seen.as_array()?;
    let is_version = |item: &Value| {
        // `[].[Version]` makes rows of one.
        let item = match item.as_array().map(Vec::as_slice) {
            Some([only]) => only,
            _ => item,
        };
        let text = item.as_str();
        text.is_some_and(|text| text == "$LATEST" || number(text).is_some())
    };
    items.iter().all(is_version).then(|| numbers(seen))
}

/// Returns true if a query selects other versions when their numbers are padded to one length.
fn differs(query: &Query, answer: &Value) -> bool {
    let mut padded = answer.clone();
    for version in padded["Versions"].as_array_mut().into_iter().flatten() {
        if let Some(number) = version["Version"].as_str().and_then(number) {
            version["Version"] = format!("{number:020}").into();
        }
    }
    let (Ok(text), Ok(same_length)) = (query.search(answer), query.search(&padded)) else {
        return false;
    };
    let (text, same_length) = (numbers(&text), numbers(&same_length));
    // If a query filters by a number, it matches none of the padded numbers. That shows nothing about the order.
    text.len() == same_length.len() && text != same_length
}

/// The version numbers in a query's result, in the order of the result.
fn numbers(result: &Value) -> Vec<u64> {
    match result {
        Value::String(text) => number(text).into_iter().collect(),
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        Value::Object(members) => match members.get("Version") {
            Some(version) => numbers(version),
            None => members.values().flat_map(numbers).collect(),
        },
        _ => Vec::new(),
    }
}

/// The finding, if deletes keep older versions and remove newer ones, as happens in text order.
fn by_deletes(
    evidence: &Evidence<'_>,
    key: &Key,
    versions: &BTreeSet<u64>,
    deletes: &[Step<'_>],
    aliases: &Aliases,
) -> Option<Finding> {
    let of = |step: &Step<'_>| number(step.target.as_ref()?.qualifier.as_deref()?);
    let gone: BTreeSet<u64> = deletes.iter().filter_map(of).collect();
    // The script may have kept a version because an alias uses it.
    let kept: BTreeSet<u64> = versions
        .difference(&gone)
        .copied()
        .filter(|version| aliases.using(key, &version.to_string()).is_empty())
        .collect();
    let newest_gone = *gone.last()?;
    let oldest_kept = *kept.first()?;
    let text_last_gone = gone.iter().map(u64::to_string).max()?;
    let text_first_kept = kept.iter().map(u64::to_string).min()?;
    let by_number = newest_gone < oldest_kept;
    let by_text = text_last_gone < text_first_kept;
    if by_number || !by_text {
        return None;
    }
    // No script wants to delete the oldest and the newest versions and to keep the versions in the middle.
    let is_torn = *gone.first()? < oldest_kept;
    if !is_torn && gone.len() < 2 {
        return None;
    }
    let severity = match is_torn {
        true => Severity::Error,
        false => Severity::Warning,
    };
    let worst = deletes.iter().find(|step| of(step) == Some(newest_gone))?;
    Some(
        Finding::at(evidence, worst, severity)
            .titled(format!(
                "clean-up of {key} deletes version {newest_gone} and keeps version {oldest_kept}"
            ))
            .explained(format!(
                "As text, {newest_gone} comes before {oldest_kept}: the script treated the newest versions as the \
                 oldest."
            ))
            .fixed_by("sort -n instead of sort, or sort_by(Versions, &to_number(Version)) without $LATEST"),
    )
}

/// The finding, if an alias moves to the version that is the newest in text order, although the run published a newer
/// version.
fn by_alias(
    evidence: &Evidence<'_>,
    step: &Step<'_>,
    versions: &BTreeSet<u64>,
    aliases: &Aliases,
) -> Option<Finding> {
    let key = &step.target.as_ref()?.key;
    let to = number(step.answered("FunctionVersion")?)?;
    let newest = *versions.last()?;
    let last_as_text = versions.iter().max_by_key(|version| version.to_string())?;
    let before = evidence.functions.get(key)?.before.as_ref();
    let is_ours = newest > before.map_or(0, |side| side.head.last_version);
    let name = step.asked("Name").unwrap_or_default();
    let was = aliases.get(key, name).map(|points| points.version.clone());
    let stays = was.as_deref() == Some(to.to_string().as_str());
    if *last_as_text != to || to == newest || !is_ours || stays || was_live(evidence, key, to) {
        return None;
    }
    Some(
        Finding::at(evidence, step, Severity::Error)
            .titled(format!(
                "alias {name} of {key} moves to version {to}, but {newest} is the newest"
            ))
            .explained(format!(
                "As text, {to} comes after {newest}, which this run published."
            ))
            .fixed_by("sort -n instead of sort, or the Version in the answer of publish-version"),
    )
}

/// The finding, if an alias ends on the version where it began, and this is the newest version in text order. The run
/// published a newer version and succeeded. A rollback is different: the script reads the alias, or the run fails.
fn by_way_back(
    evidence: &Evidence<'_>,
    step: &Step<'_>,
    versions: &BTreeSet<u64>,
) -> Option<Finding> {
    let key = step.key()?;
    let to = number(step.answered("FunctionVersion")?)?;
    let name = step.asked("Name")?;
    let (newest, last_as_text) = (
        *versions.last()?,
        *versions.iter().max_by_key(|version| version.to_string())?,
    );
    let after = evidence.after(key)?;
    let is_ours = newest > evidence.before(key).map_or(0, |head| head.last_version);
    let ends_there = after
        .aliases
        .get(name)
        .is_some_and(|alias| number(&alias.function_version) == Some(to));
    let is_used = after
        .aliases
        .values()
        .any(|alias| alias.uses(&newest.to_string()));
    // If a script reads the alias's version, it knows to which version to go back.
    let was_read = evidence
        .steps()
        .take_while(|other| other.index < step.index)
        .any(|other| {
            other.key() == Some(key) && matches!(other.operation(), "GetAlias" | "ListAliases")
        });
    // If a script selects a version by a query, or names weights, it has made a choice.
    let mut lists = evidence
        .steps()
        .filter(|other| other.index < step.index && other.operation() == "ListVersionsByFunction");
    let picks = lists.any(|list| {
        list.seen()
            .is_none_or(|seen| numbers(&seen).len() < versions.len().min(3))
    });
    let is_astray = last_as_text == to && to != newest && is_ours && ends_there && !is_used;
    if !is_astray || was_read || picks || evidence.code != Some(0) || sets_weights(step) {
        return None;
    }
    Some(
        Finding::at(evidence, step, Severity::Error)
            .titled(format!(
                "alias {name} of {key} is left on version {to}, but {newest} is the newest"
            ))
            .explained(format!(
                "As text, {to} comes after {newest}, which this run published. The script ended with 0, and no alias \
                 uses {newest}."
            ))
            .fixed_by("sort -n instead of sort, or the Version in the answer of publish-version"),
    )
}

fn sets_weights(step: &Step<'_>) -> bool {
    step.exchange.request.get("RoutingConfig").is_some()
}

/// Returns true if an alias was on the given version before the run. Going back to that version is not a mistake.
fn was_live(evidence: &Evidence<'_>, key: &Key, version: u64) -> bool {
    let before = evidence
        .functions
        .get(key)
        .and_then(|sides| sides.before.as_ref());
    before.is_some_and(|side| {
        let mut aliases = side.head.aliases.values();
        aliases.any(|alias| alias.uses(&version.to_string()))
    })
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const LIST: &str =
        "list-versions-by-function --function-name pay --query Versions[].Version --output text";

    fn deleting(versions: usize, numbers: &[u64]) -> Vec<String> {
        let stage = Stage::with_versions(versions);
        stage.aws(LIST);
        for number in numbers {
            stage.aws(&format!(
                "delete-function --function-name pay --qualifier {number}"
            ));
        }
        stage.found()
    }

    #[test]
    fn a_clean_up_that_keeps_5_to_9_of_12_is_an_error() {
        assert_eq!(
            deleting(12, &[1, 10, 11, 2, 3, 4]),
            ["error versions-sorted-as-text 4"],
            "12 is live"
        );
    }

    #[test]
    fn clean_ups_by_number_are_sound() {
        assert_eq!(deleting(12, &[1, 2, 3, 4, 5, 6, 7]), [""; 0]);
        assert_eq!(deleting(12, &[11]), [""; 0], "a release that is taken back");
        assert_eq!(
            deleting(12, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            [""; 0],
            "all that can go"
        );
        assert_eq!(deleting(9, &[1, 2]), [""; 0]);
    }

    #[test]
    fn what_may_be_chance_is_a_warning() {
        let stage = Stage::with_versions(12);
        for number in 1..=8 {
            stage.given(&format!(
                "delete-function --function-name pay --qualifier {number}"
            ));
        }
        stage.aws(LIST);
        stage.aws("delete-function --function-name pay --qualifier 10");
        assert_eq!(stage.found(), [""; 0], "one is no order");
        stage.aws("delete-function --function-name pay --qualifier 11");
        assert_eq!(stage.found(), ["warning versions-sorted-as-text 3"]);
    }

    fn asking(versions: usize, query: &str) -> Vec<String> {
        let line = format!("list-versions-by-function --function-name pay --query '{query}'");
        Stage::with_versions(versions).script(&[&line]).found()
    }

    #[test]
    fn a_query_that_compares_numbers_as_text_is_an_error_from_10_on_and_a_warning_before() {
        for query in [
            "sort_by(Versions, &Version)[-1].Version",
            "max_by(Versions[?Version!=`$LATEST`], &Version).Version",
            "reverse(sort(Versions[].Version))[0]",
        ] {
            // In text order, $LATEST comes before all numbers.
            assert_eq!(
                asking(12, query),
                ["error versions-sorted-as-text 1"],
                "{query}"
            );
            assert_eq!(
                asking(3, query),
                ["warning versions-sorted-as-text 1"],
                "{query}"
            );
        }
    }

    #[test]
    fn queries_that_compare_numbers_or_nothing_are_sound() {
        for query in [
            "max_by(Versions[?Version!=`$LATEST`], &to_number(Version)).Version",
            "Versions[-1].Version",
            "Versions[?Version!=`$LATEST`].Version | [-2:]",
            "sort_by(Versions, &Description)[-1].Description",
            "Versions[?Version==`9`].Version",
        ] {
            assert_eq!(asking(12, query), [""; 0], "{query}");
        }
    }

    #[test]
    fn an_alias_that_goes_back_to_9_and_stays_there_is_an_error_unless_it_was_read() {
        let run = |first: &[&str], code: i32| {
            let lines = [
                "update-function-code --function-name pay --zip-file fileb://two.zip",
                "wait function-updated --function-name pay",
                "publish-version --function-name pay",
                "update-alias --function-name pay --name live --function-version 10",
                LIST,
                "update-alias --function-name pay --name live --function-version 9",
            ];
            let stage = Stage::with_versions(9).script(&[first, &lines].concat());
            stage.ends(code);
            stage.found()
        };
        assert_eq!(run(&[], 0), ["error versions-sorted-as-text 6"]);
        assert_eq!(run(&[], 1), [""; 0], "the run fails: it takes back");
        let read = "get-alias --function-name pay --name live";
        assert_eq!(run(&[read], 0), [""; 0], "it knows where it was");
    }

    #[test]
    fn an_alias_that_moves_to_9_after_12_was_published_is_an_error() {
        let to = |version: &str| {
            let line = format!(
                "update-alias --function-name pay --name live --function-version {version}"
            );
            let lines = [
                "update-function-code --function-name pay --zip-file fileb://two.zip",
                "wait function-updated --function-name pay",
                "publish-version --function-name pay",
                LIST,
                &line,
            ];
            Stage::with_versions(11).script(&lines).found()
        };
        assert_eq!(to("9"), ["error versions-sorted-as-text 5"]);
        assert_eq!(to("12"), [""; 0]);
        assert_eq!(to("11"), [""; 0], "back to the one that was live");
    }
}
