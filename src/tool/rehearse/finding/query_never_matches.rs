//! `query-never-matches`: a query asks for a member that the operation's answer does not have.

use serde_json::Value;

use super::{Finding, Rule, Severity, uses_nothing};
use crate::{
    operation::{
        self,
        shape::{Shape, Structure},
    },
    output::query::Query,
    tool::rehearse::evidence::Evidence,
};

pub(super) const RULE: Rule = Rule {
    name: "query-never-matches",
    about: "A query asks for a member that the answer never has.",
    aws: "--query prints None (text) or null (json) for a missing member, with exit code 0. get-function has \
        Configuration.Version, publish-version and get-function-configuration have Version, get-alias has \
        FunctionVersion. Upper and lower case matter.",
    severities: "An error if a later call used the None, the null or the empty text. A warning if no later call used \
        it.",
    instead: "Read the answer without --query, or run the command with --generate-cli-skeleton output.",
    seen: "github.com/aws/aws-cli/issues/3298 (None used as a value).",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for (index, call) in evidence.calls.iter().enumerate() {
        let Some(step) = evidence.steps_of(index).next() else {
            continue;
        };
        let is_seen = call.code == 0 && call.output.as_deref() != Some("off");
        let (Some(text), Some(answer), true) = (&call.query, step.answer(), is_seen) else {
            continue;
        };
        let (Some(entry), Ok(query)) = (
            operation::find_in(step.service(), step.operation()),
            Query::compile(text),
        ) else {
            continue;
        };
        let paths = query.members();
        let response = entry.response();
        // For other services, the data has only the members that scripts use. For lists, the command line adds
        // NextToken.
        let is_known = step.exchange.service == "lambda" && !response.members.is_empty();
        let never = !paths.is_empty()
            && paths.iter().all(|path| {
                path != &["NextToken"] && !has(response, path) && !is_there(answer, path)
            });
        let is_nothing = query.search(answer).is_ok_and(|seen| is_nothing(&seen));
        if !(is_known && never && is_nothing) {
            continue;
        }
        let user = uses_nothing(evidence, index);
        let severity = match user {
            Some(_) => Severity::Error,
            None => Severity::Warning,
        };
        let path = paths.first().map(|path| path.join(".")).unwrap_or_default();
        let names: Vec<&str> = response
            .members
            .iter()
            .map(|member| member.name.as_str())
            .collect();
        let like = alike(
            response,
            paths.first().and_then(|path| path.last()).copied(),
        );
        let finding = Finding::at(evidence, &step, severity)
            .titled(format!(
                "--query {text} never finds anything in the answer of {}",
                evidence.name(index)
            ))
            .explained(format!(
                "The answer has no {path}{}.",
                match user {
                    Some(user) => format!("; {} used the printed text", evidence.named(user)),
                    None => String::new(),
                }
            ))
            .fixed_by(match like {
                Some(like) => format!("--query {like}"),
                None => format!("one of {}", names.join(", ")),
            })
            .explaining(user.filter(|user| evidence.calls[*user].code != 0));
        let is_told = found.iter().any(|other| {
            other.place.is_some()
                && (&other.place, &other.title) == (&finding.place, &finding.title)
        });
        if !is_told {
            found.push(finding);
        }
    }
    found
}

/// Returns true if a structure has a member of the given name.
fn has(structure: &Structure, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return true;
    };
    let member = structure
        .members
        .iter()
        .find(|member| member.name == *first);
    match member.map(|member| &member.shape) {
        Some(Shape::Structure(inner)) => has(inner, rest),
        // A map may have any key. A value may have any member if its members are not known.
        Some(_) => true,
        None => false,
    }
}

fn is_there(answer: &Value, path: &[&str]) -> bool {
    let mut value = Some(answer);
    for name in path {
        value = value.and_then(|value| value.get(*name));
    }
    value.is_some()
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_null),
        Value::Object(members) => !members.is_empty() && members.values().all(Value::is_null),
        _ => false,
    }
}

/// The member that the script probably meant. It has the same name in another case, and is here or one level down.
fn alike(response: &Structure, name: Option<&str>) -> Option<String> {
    let name = name?;
    let find = |structure: &Structure| {
        let mut members = structure.members.iter();
        let found = members.find(|member| {
            member.name.eq_ignore_ascii_case(name)
                || (name.eq_ignore_ascii_case("Version") && member.name == "FunctionVersion")
        });
        found.map(|member| member.name.clone())
    };
    find(response).or_else(|| {
        response
            .members
            .iter()
            .find_map(|member| match &member.shape {
                Shape::Structure(inner) => Some(format!("{}.{}", member.name, find(inner)?)),
                _ => None,
            })
    })
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn a_member_that_no_answer_has_is_a_warning_and_an_error_once_it_is_used() {
        for (line, fix) in [
            (
                "get-function --function-name pay --query Version",
                "--query Configuration.Version",
            ),
            (
                "publish-version --function-name pay --query version --output text",
                "--query Version",
            ),
            (
                "get-alias --function-name pay --name live --query Version",
                "--query FunctionVersion",
            ),
            (
                "get-function-configuration --function-name pay --query Configuration.Version",
                "--query Version",
            ),
        ] {
            let stage = Stage::with_versions(1).script(&[line]);
            assert_eq!(stage.found(), ["warning query-never-matches 1"], "{line}");
            assert_eq!(stage.findings()[0].fix, fix, "{line}");
        }
        let used = [
            "get-alias --function-name pay --name live --query Version --output text",
            "update-alias --function-name pay --name live --function-version None",
        ];
        assert_eq!(found(&used), ["error query-never-matches 1"]);
    }

    #[test]
    fn members_that_may_be_missing_and_queries_that_find_are_sound() {
        for line in [
            "get-alias --function-name pay --name live --query RoutingConfig.AdditionalVersionWeights",
            "get-function-configuration --function-name pay --query Environment.Variables.NAME",
            "get-function --function-name pay --query Configuration.FunctionArn",
            "list-aliases --function-name pay --query Aliases[?Name==`x`].FunctionVersion",
            "list-aliases --function-name pay --query length(Aliases)",
            "get-function --function-name pay --query Version --output off",
        ] {
            assert_eq!(found(&[line]), [""; 0], "{line}");
        }
    }
}
