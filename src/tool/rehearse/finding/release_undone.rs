//! `release-undone`: a trap moves an alias back, although the script succeeded.

use super::{Aliases, Finding, Rule, Severity, moves_alias};
use crate::tool::rehearse::evidence::{Evidence, Step};

pub(super) const RULE: Rule = Rule {
    name: "release-undone",
    about: "A trap takes every release back, not only those that fail.",
    aws: "update-alias takes effect at once, whoever calls it. A trap on EXIT runs at the end of every script, of one that \
        ended well, too: the alias is on the version before, and the release is reported as done.",
    severities: "An error where the script ended with 0, an alias had moved, and a trap moved it back to where it was before \
        the run.",
    instead: "trap … ERR with set -E, or trap - EXIT as the last line of a release that went well.",
    seen: "public deploy scripts whose rollback function is set as an EXIT trap and never cleared.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    if evidence.code != Some(0) {
        return Vec::new();
    }
    let before = Aliases::before(evidence);
    let mut aliases = Aliases::before(evidence);
    let mut found = Vec::new();
    for step in evidence.steps() {
        found.extend(undone(evidence, &step, &before, &aliases));
        aliases.follow(&step);
    }
    found
}

/// The API call, if it moves an alias back.
fn undone(
    evidence: &Evidence<'_>,
    step: &Step<'_>,
    before: &Aliases,
    now: &Aliases,
) -> Option<Finding> {
    if !(step.call.in_trap && moves_alias(step) && step.answer().is_some()) {
        return None;
    }
    let key = &step.target.as_ref()?.key;
    let name = step.asked("Name")?;
    let (was, is) = (before.get(key, name)?, now.get(key, name)?);
    let to = step.answered("FunctionVersion")?;
    if was.version != to || is.version == to {
        return None;
    }
    Some(
        Finding::at(evidence, step, Severity::Error)
            .titled(format!(
                "a trap takes alias {name} of {key} back from version {} to {to}, and the script ended well",
                is.version
            ))
            .explained(format!(
                "Nothing had failed: the trap runs at the end of every release. {name} is where it was before, and version {} \
                 gets no traffic.",
                is.version
            ))
            .fixed_by("trap … ERR with set -E in place of EXIT, or trap - EXIT once the release went well"),
    )
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    fn found(lines: &[&str], in_trap: usize) -> Vec<String> {
        let stage = Stage::with_versions(3).script(lines);
        stage.in_trap(in_trap);
        stage.found()
    }

    #[test]
    fn a_trap_that_takes_a_good_release_back_is_an_error() {
        let to = |version: &str| {
            format!("update-alias --function-name pay --name live --function-version {version}")
        };
        let (two, three) = (to("2"), to("3"));
        let lines = [&*two, &*three];
        assert_eq!(found(&lines, 1), ["error release-undone 2"]);
        assert_eq!(found(&lines, 0), [""; 0], "no trap takes it back");
        assert_eq!(found(&[&two], 0), [""; 0], "it was there before");
    }
}
