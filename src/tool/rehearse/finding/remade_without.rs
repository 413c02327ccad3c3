//! `remade-without`: a function or an alias is deleted and created again, and lacks what it had.

use super::{Finding, Rule, Severity};
use crate::{
    state::{attached::Attached, function::Function, policy::Statement},
    tool::rehearse::evidence::{Evidence, Key, Step},
};

pub(super) const RULE: Rule = Rule {
    name: "remade-without",
    about: "A function or an alias is deleted and created again, but not what it had.",
    aws: "delete-function also deletes the aliases, and callers of name:alias get ResourceNotFoundException. The \
        policy, the function URL and the event settings of a function or an alias are deleted with it. A new \
        function or alias has no permissions. No call fails.",
    severities: "An error if aliases, permissions or a function URL from before the run are missing after it, and no call of \
        their own removed them. Versions, tags and settings do not count.",
    instead: "Use update-function-code and update-function-configuration instead of delete-function, and update-alias \
        instead of delete-alias.",
    seen: "AWS's pages of DeleteFunction and DeleteAlias, and recordings of GetPolicy after both.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for key in evidence.functions.keys() {
        let (Some(before), Some(after)) = (evidence.before(key), evidence.after(key)) else {
            continue;
        };
        let deletes = |operation: &str, name: Option<&str>| {
            let mut steps = evidence.steps().filter(|step| step.key() == Some(key));
            steps.find(|step| {
                let is_whole = step
                    .target
                    .as_ref()
                    .is_some_and(|target| target.qualifier.is_none());
                step.operation() == operation
                    && step.answer().is_some()
                    && is_whole
                    && (name.is_none() || step.asked("Name") == name)
            })
        };
        if let Some(step) = deletes("DeleteFunction", None) {
            let mut lost = lost_with_function(before, after);
            lost.retain(|lost| !removed(evidence, key).contains(lost));
            found.extend(finding(evidence, &step, key, None, &lost));
            continue;
        }
        for name in before.aliases.keys() {
            if let Some(step) = deletes("DeleteAlias", Some(name))
                && after.aliases.contains_key(name)
            {
                let mut lost = lost(name, before.attached.get(name), after.attached.get(name));
                lost.retain(|lost| !removed(evidence, key).contains(lost));
                found.extend(finding(evidence, &step, key, Some(name), &lost));
            }
        }
    }
    found
}

fn finding(
    evidence: &Evidence<'_>,
    step: &Step<'_>,
    key: &Key,
    alias: Option<&String>,
    lost: &[String],
) -> Option<Finding> {
    let what = alias.map_or_else(|| key.to_string(), |name| format!("alias {name} of {key}"));
    let fix = match alias {
        Some(_) => "aws lambda update-alias in place of delete-alias and create-alias",
        None => "aws lambda update-function-code in place of delete-function and create-function",
    };
    (!lost.is_empty()).then(|| {
        Finding::at(evidence, step, Severity::Error)
            .titled(format!("{what} is deleted and created again"))
            .explained(format!("The new one lacks: {}.", lost.join(", ")))
            .fixed_by(fix)
    })
}

/// The aliases, permissions and URLs that a function had and no longer has.
fn lost_with_function(before: &Function, after: &Function) -> Vec<String> {
    let mut all: Vec<String> = before
        .aliases
        .keys()
        .filter(|name| !after.aliases.contains_key(*name))
        .map(|name| format!("alias {name}"))
        .collect();
    for (qualifier, attached) in &before.attached {
        let is_asked = qualifier == "$LATEST" || after.aliases.contains_key(qualifier);
        if is_asked {
            all.extend(lost(
                qualifier,
                Some(attached),
                after.attached.get(qualifier),
            ));
        }
    }
    all
}

/// What calls of their own removed, in the same words.
fn removed(evidence: &Evidence<'_>, key: &Key) -> Vec<String> {
    let steps = evidence.steps().filter(|step| step.key() == Some(key));
    let done = steps.filter(|step| step.answer().is_some());
    let words = done.filter_map(|step| {
        let target = step.target.as_ref()?;
        let of = of(target.qualifier.as_deref().unwrap_or("$LATEST"));
        match step.operation() {
            "RemovePermission" => Some(format!("permission {}{of}", step.asked("StatementId")?)),
            "DeleteFunctionUrlConfig" => Some(format!("the function URL{of}")),
            "DeleteAlias" => Some(format!("alias {}", step.asked("Name")?)),
            _ => None,
        }
    });
    words.collect()
}

fn of(qualifier: &str) -> String {
    match qualifier {
        "$LATEST" => String::new(),
        name => format!(" of {name}"),
    }
}

fn lost(qualifier: &str, before: Option<&Attached>, after: Option<&Attached>) -> Vec<String> {
    fn statements(attached: Option<&Attached>) -> &[Statement] {
        let policy = attached.and_then(|attached| attached.policy.as_ref());
        policy.map_or(&[], |policy| &policy.statements)
    }
    let has_url = |attached: Option<&Attached>| attached.is_some_and(|it| it.url.is_some());
    let of = of(qualifier);
    let mut gone = Vec::new();
    let are = statements(after);
    // A statement under another name may say the same or more.
    let is_missing = |was: &&Statement| {
        let stands_for = |it: &Statement| {
            it.sid == was.sid || (it.principal == was.principal && it.action == was.action)
        };
        !are.iter().any(stands_for)
    };
    let missing = statements(before).iter().filter(is_missing);
    gone.extend(missing.map(|statement| format!("permission {}{of}", statement.sid)));
    if has_url(before) && !has_url(after) {
        gone.push(format!("the function URL{of}"));
    }
    gone
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const ALLOW: &str = "add-permission --function-name pay --qualifier live --statement-id api --action lambda:InvokeFunction \
        --principal apigateway.amazonaws.com";
    const OWN: &str = "add-permission --function-name pay --statement-id own --action lambda:InvokeFunction --principal \
        sns.amazonaws.com";
    const DROP: &str = "delete-alias --function-name pay --name live";
    const MAKE: &str = "create-alias --function-name pay --name live --function-version 1";
    const DELETE: &str = "delete-function --function-name pay";
    const CREATE: &str = "create-function --function-name pay --runtime python3.13 --handler app.handler --role \
        arn:aws:iam::123456789012:role/r --zip-file fileb://two.zip --publish";

    fn found(given: &[&str], lines: &[&str]) -> Vec<String> {
        let stage = Stage::with_versions(1);
        given.iter().for_each(|line| stage.given(line));
        stage.script(lines).found()
    }

    #[test]
    fn an_alias_made_again_without_its_permission_is_an_error() {
        assert_eq!(found(&[ALLOW], &[DROP, MAKE]), ["error remade-without 1"]);
        assert_eq!(found(&[ALLOW], &[DROP, MAKE, ALLOW]), [""; 0]);
        assert_eq!(found(&[], &[DROP, MAKE]), [""; 0]);
        let drop = "delete-alias --function-name pay --name live";
        assert_eq!(found(&[ALLOW], &[drop]), [""; 0], "it is not made again");
    }

    #[test]
    fn what_a_call_of_its_own_removed_or_another_statement_allows_is_not_missing() {
        let wait = "wait function-active-v2 --function-name pay";
        let remove = "remove-permission --function-name pay --qualifier live --statement-id api";
        assert_eq!(found(&[ALLOW], &[remove, DROP, MAKE]), [""; 0]);
        assert_eq!(found(&[], &[DROP, DELETE, CREATE, wait]), [""; 0]);
        let more = ALLOW.replace("--statement-id api", "--statement-id put");
        let one = ALLOW.replace("--statement-id api", "--statement-id all");
        assert_eq!(found(&[ALLOW, &more], &[DROP, MAKE, &one]), [""; 0]);
    }

    #[test]
    fn so_is_a_function_without_its_aliases_or_its_own_permission() {
        let wait = "wait function-active-v2 --function-name pay";
        // The numbers of versions go on.
        let anew = MAKE.replace("--function-version 1", "--function-version 2");
        assert_eq!(
            found(&[], &[DELETE, CREATE]),
            ["error remade-without 1"],
            "its alias"
        );
        assert_eq!(
            found(&[OWN], &[DELETE, CREATE, wait, &anew]),
            ["error remade-without 1"]
        );
        assert_eq!(found(&[OWN], &[DELETE, CREATE, wait, &anew, OWN]), [""; 0]);
        assert_eq!(found(&[], &[DELETE, CREATE, wait, &anew]), [""; 0]);
    }
}
