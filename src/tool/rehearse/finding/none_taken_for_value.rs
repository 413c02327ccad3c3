//! `none-taken-for-value`: the word None of an empty answer becomes a setting.

use serde_json::Value;

use super::{Finding, Rule, Severity};
use crate::{
    state::function::Function,
    tool::rehearse::evidence::{Evidence, Key, Step},
};

pub(super) const RULE: Rule = Rule {
    name: "none-taken-for-value",
    about: "The word None of an empty answer becomes the value of a variable.",
    aws: "With --output text, a query that matches nothing prints None and the call succeeds. For the shell None is a \
        text like any other: set -u and -z do not notice it.",
    severities: "An error if an environment variable of a function ends as None, and the line that sets it uses the shell \
        variable that got the empty answer.",
    instead: "Test the answer: [ \"$TABLE\" != None ] || exit 1. Or use --output json and jq -re, which fails on null.",
    seen: "github.com/aws/aws-cli/issues/1024 and 4700; AWS's page on output formats.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let keys = evidence.functions.keys();
    let found = keys.filter_map(|key| of(evidence, key));
    found.collect()
}

fn of(evidence: &Evidence<'_>, key: &Key) -> Option<Finding> {
    let values = |head: &Function| {
        let kept = head.latest.configuration.environment.clone();
        kept.unwrap_or_default()
    };
    let before = evidence.before(key).map(values).unwrap_or_default();
    let after = values(evidence.after(key)?);
    let names = after.iter().filter_map(|(name, value)| {
        let is_new = before.get(name) != Some(value);
        (value == "None" && is_new).then_some(name)
    });
    let sets = evidence.steps().filter(|step| {
        step.key() == Some(key)
            && step.answer().is_some()
            && step.exchange.request.get("Environment").is_some()
    });
    let step = sets.last()?;
    let script = evidence.script(step.index)?;
    let mut names = names.filter(|name| !sets_itself(&script, name));
    let (name, (variable, empty)) =
        names.find_map(|name| Some((name, empty_answer(evidence, &step, &script, name)?)))?;
    Some(
        Finding::at(evidence, &step, Severity::Error)
            .titled(format!("{name} of {key} is set to the word None"))
            .explained(format!(
                "{} matched nothing and printed None. The script took that for the value of {variable}.",
                evidence.named(empty)
            ))
            .fixed_by(format!(
                "[ \"${variable}\" != None ] || exit 1 after the query"
            )),
    )
}

/// Returns true if a script itself says that the setting is None.
fn sets_itself(script: &str, name: &str) -> bool {
    let plain: String = script.chars().filter(|c| *c != ' ').collect();
    plain.contains(&format!("{name}=None")) || plain.contains(&format!("\"{name}\":\"None\""))
}

/// The shell variable that a call's line uses and that holds the `None` of an earlier call, and that call.
fn empty_answer(
    evidence: &Evidence<'_>,
    step: &Step<'_>,
    script: &str,
    name: &str,
) -> Option<(String, usize)> {
    let line = evidence.line(step.index)?;
    let is_empty = |index: &usize| {
        let call = &evidence.calls[*index];
        let is_text = call.output.as_deref() == Some("text") && call.query.is_some();
        let mut steps = evidence.steps_of(*index);
        call.code == 0 && is_text && steps.next().and_then(|it| it.seen()) == Some(Value::Null)
    };
    (0..step.index).rev().filter(is_empty).find_map(|index| {
        let set_by = evidence.line(index)?;
        let (variable, _) = set_by
            .split_once("=$(")
            .or_else(|| set_by.split_once("=\"$("))?;
        let variable = variable.rsplit([' ', '\t', ';', '{', ',']).next()?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if variable.is_empty() || !variable.chars().all(is_name) {
            return None;
        }
        // Another variable may be made of it: ENVIRONMENT="Variables={TABLE=$TABLE}".
        let through = script.lines().filter_map(|text| {
            let (other, value) = text.trim_start().split_once('=')?;
            let is_made = other.chars().all(is_name) && uses(value, variable);
            is_made.then_some(other)
        });
        // The answer may stand in the call itself: `Variables={TABLE=$(aws …)}`.
        let is_inline = variable == name && set_by == line;
        let is_used = is_inline
            || uses(&line, variable)
            || through
                .into_iter()
                .any(|other| other != variable && uses(&line, other));
        is_used.then(|| (variable.to_owned(), index))
    })
}

/// Returns true if a text of the shell's expands that variable.
fn uses(text: &str, variable: &str) -> bool {
    let is_end = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let mut after = text.split('$').skip(1);
    after.any(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let rest = rest.strip_prefix(variable);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(is_end))
    })
}

#[cfg(test)]
mod tests {
    use super::uses;

    #[test]
    fn a_variable_is_expanded_by_its_whole_name() {
        for text in ["$TABLE", "${TABLE}", "x=${TABLE:-y}", "A=$TABLE,B=1"] {
            assert!(uses(text, "TABLE"), "{text}");
        }
        for text in ["TABLE", "$TABLES", "${TABLE_NAME}", "$X TABLE"] {
            assert!(!uses(text, "TABLE"), "{text}");
        }
    }
}
