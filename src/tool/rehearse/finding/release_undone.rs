//! `release-undone`: a trap moves an alias back, although the script succeeded.

use super::{Aliases, Finding, Rule, Severity, moves_alias};
use crate::tool::rehearse::evidence::{Evidence, Step};

pub(super) const RULE: Rule = Rule {
    name: "release-undone",
    about: "A trap undoes every release, not only a failed one.",
    aws: "update-alias takes effect at once. A trap on EXIT runs at the end of every script, also after a success. \
        The trap moves the alias back to the version before, and the script reports success.",
    severities: "An error if the script ended with 0 and a trap moved an alias back to where it was before the run.",
    instead: "Write trap … ERR with set -E, or put trap - EXIT on the last line of a successful release.",
    seen: "public deploy scripts that set a rollback function as an EXIT trap and never clear it.",
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

/// The finding, if the API call moves an alias back.
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
                "a trap moves alias {name} of {key} back from version {} to {to}, and the script ended with 0",
                is.version
            ))
            .explained(format!(
                "Nothing had failed: the trap runs at the end of every release. {name} is back where it was before \
                 the run, and version {} gets no traffic.",
                is.version
            ))
            .fixed_by("trap … ERR with set -E instead of EXIT, or trap - EXIT after a successful release"),
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
