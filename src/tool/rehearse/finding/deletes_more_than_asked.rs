//! `deletes-more-than-asked`: a whole function, or the alias in use, was deleted, although the script meant only a
//! part.

use super::{Finding, Rule, Severity, moves_alias};
use crate::tool::rehearse::evidence::{Evidence, Key, Step};

pub(super) const RULE: Rule = Rule {
    name: "deletes-more-than-asked",
    about: "A script deleted a whole function or a live alias where it meant less.",
    aws: "delete-function without --qualifier deletes the function with all its versions and aliases, at once and \
        for good. An empty variable is enough to cause that: ${VERSION:+--qualifier $VERSION} leaves the option out, \
        and starts_with(FunctionName, '') is true for every function. A trap on EXIT also runs after a success.",
    severities: "An error in four cases. The line has --qualifier, but the call had none. A query compares names \
        with an empty text. The same run deployed the function before, or calls it later. The run moved an alias and \
        then deleted it.",
    instead: "Write ${VERSION:?}, which ends the script if the variable is empty. Use trap … ERR, or a flag that the \
        last line clears.",
    seen: "github.com/govuk-one-login/authentication-api/pull/5071 (an empty prefix prunes all); AWS's page of DeleteFunction.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let deletes = evidence.steps().filter(|step| step.answer().is_some());
    for step in deletes {
        let Some(target) = &step.target else { continue };
        let key = &target.key;
        let finding = match step.operation() {
            "DeleteFunction" if target.qualifier.is_none() => whole(evidence, &step, key),
            "DeleteAlias" => alias(evidence, &step, key),
            _ => None,
        };
        let Some(finding) = finding else { continue };
        let is_told = found.iter().any(|other| {
            other.place.is_some()
                && other.place == finding.place
                && other.explanation == finding.explanation
        });
        if !is_told {
            found.push(finding);
        }
    }
    found
}

/// The finding, if the call deletes a whole function and the script did not intend this.
fn whole(evidence: &Evidence<'_>, step: &Step<'_>, key: &Key) -> Option<Finding> {
    // A function that was made during the run may also be deleted during the run.
    evidence.before(key)?;
    if evidence.after(key).is_some() {
        return None;
    }
    let (why, fix) = whole_by_line(evidence, step)
        .or_else(|| whole_by_query(evidence, step, key))
        .or_else(|| whole_by_calls(evidence, step, key))?;
    Some(
        Finding::at(evidence, step, Severity::Error)
            .titled(format!(
                "{} deletes all of {key}",
                evidence.name(step.index)
            ))
            .explained(why)
            .fixed_by(fix),
    )
}

/// The reason and the remedy, if the line names a qualifier whose value was empty.
fn whole_by_line(evidence: &Evidence<'_>, step: &Step<'_>) -> Option<(String, String)> {
    let line = evidence.line(step.index)?;
    let at = line.find("delete-function")?;
    let command = line[at..].split(['|', ';', '#']).next()?;
    let names = command.contains("--qualifier") || command.contains(":$") || command.contains(":+");
    names.then(|| {
        (
            "The line has --qualifier, but its value was empty. The call had no qualifier and deleted every version \
             and alias."
                .to_owned(),
            "${VERSION:?} instead of $VERSION, and --qualifier outside of any ${…}".to_owned(),
        )
    })
}

/// The reason and the remedy, if the function comes from a list and the filter of the list matched everything.
fn whole_by_query(evidence: &Evidence<'_>, step: &Step<'_>, key: &Key) -> Option<(String, String)> {
    let lists = evidence.steps().filter(|list| list.index < step.index);
    let list = lists
        .filter(|list| list.operation() == "ListFunctions")
        .last()?;
    let query = list.call.query.as_deref()?;
    let plain: String = query.chars().filter(|c| !c.is_whitespace()).collect();
    let is_empty = ["''", "``", "\"\""].iter().any(|nothing| {
        ["starts_with(", "ends_with(", "contains("]
            .iter()
            .any(|function| {
                plain.split(function).skip(1).any(|rest| {
                    rest.split(')')
                        .next()
                        .is_some_and(|args| args.ends_with(&format!(",{nothing}")))
                })
            })
    });
    let seen = list.seen()?.to_string();
    (is_empty && seen.contains(&format!("\"{key}\""))).then(|| {
        (
            format!(
                "{} asked for functions whose names begin with an empty text: that is every function.",
                evidence.named(list.index)
            ),
            "${PREFIX:?} in the query".to_owned(),
        )
    })
}

/// The reason and the remedy, if the run deployed the function before or calls it afterwards.
fn whole_by_calls(evidence: &Evidence<'_>, step: &Step<'_>, key: &Key) -> Option<(String, String)> {
    const DEPLOYS: [&str; 5] = [
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
        "PublishVersion",
        "CreateAlias",
        "UpdateAlias",
    ];
    let mut before = evidence.steps().filter(|other| other.index < step.index);
    let deployed = before.find(|other| {
        other.key() == Some(key) && other.answer().is_some() && DEPLOYS.contains(&other.operation())
    });
    let called = evidence.steps().find(|other| {
        other.index > step.index
            && other.key() == Some(key)
            && other.failed_with("ResourceNotFoundException")
            && !other.operation().starts_with("Get")
    });
    let fix = "--qualifier with the version to delete; trap … ERR instead of EXIT".to_owned();
    match (deployed, called) {
        (_, Some(called)) => Some((
            format!(
                "{} still used the function and failed, because the function was gone.",
                evidence.named(called.index)
            ),
            fix,
        )),
        (Some(deployed), None) => Some((
            format!(
                "{} had just deployed it, and no later call creates it again.",
                evidence.named(deployed.index)
            ),
            fix,
        )),
        (None, None) => None,
    }
}

/// The finding, if the call deletes an alias that existed before this run and that this run moved.
fn alias(evidence: &Evidence<'_>, step: &Step<'_>, key: &Key) -> Option<Finding> {
    let name = step.asked("Name")?;
    let was_there = evidence.before(key)?.aliases.contains_key(name);
    let is_gone = !evidence.after(key)?.aliases.contains_key(name);
    let moved = evidence.steps().find(|other| {
        other.index < step.index
            && other.key() == Some(key)
            && moves_alias(other)
            && other.answer().is_some()
            && other.asked("Name") == Some(name)
    })?;
    (was_there && is_gone).then(|| {
        Finding::at(evidence, step, Severity::Error)
            .titled(format!("alias {name} of {key} is deleted after it was moved"))
            .explained(format!(
                "{} had just moved it to version {}. Callers of {name} get ResourceNotFoundException.",
                evidence.named(moved.index),
                moved.answered("FunctionVersion").unwrap_or_default()
            ))
            .fixed_by("trap … ERR instead of EXIT, or ${ALIAS:?} if the name comes from a variable")
    })
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const CODE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";
    const DELETE: &str = "delete-function --function-name pay";

    fn found(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(2).script(lines).found()
    }

    #[test]
    fn a_function_that_was_deployed_or_is_called_on_is_an_error() {
        let rule = "error deletes-more-than-asked";
        assert_eq!(found(&[CODE, DELETE]), [format!("{rule} 2")]);
        let more = "update-alias --function-name pay --name live --function-version 1";
        let told = found(&[DELETE, more]);
        assert!(told.contains(&format!("{rule} 1")), "{told:?}");
        let all = "list-functions --query 'Functions[?starts_with(FunctionName, ``)].FunctionName'";
        assert_eq!(found(&[all, DELETE]), [format!("{rule} 2")]);
        let drop = "delete-alias --function-name pay --name live";
        assert_eq!(found(&[more, drop]), [format!("{rule} 2")]);
    }

    #[test]
    fn a_teardown_a_function_of_the_run_and_an_alias_of_the_run_are_sound() {
        for lines in [
            &[DELETE][..],
            &[
                "list-functions --query 'Functions[?starts_with(FunctionName, `pay`)].FunctionName'",
                DELETE,
            ],
            &["delete-alias --function-name pay --name live", DELETE],
            &[
                "create-alias --function-name pay --name try --function-version 1",
                "delete-alias --function-name pay --name try",
            ],
        ] {
            assert_eq!(found(lines), [""; 0], "{lines:?}");
        }
    }
}
