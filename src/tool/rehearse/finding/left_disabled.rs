//! `left-disabled`: a deploy disables a source of events and leaves it disabled.

use std::collections::BTreeMap;

use super::{Finding, Rule, Severity};
use crate::tool::rehearse::evidence::{Evidence, Key, Step, functions_in};

pub(super) const RULE: Rule = Rule {
    name: "left-disabled",
    about: "A deploy disables a mapping or a rule, and nothing enables it again.",
    aws: "update-event-source-mapping --no-enabled and events disable-rule hold until a call enables the mapping or \
        the rule again. Until then a queue fills, the records of a stream expire, and a schedule does not fire. No \
        call fails.",
    severities: "A warning, because a script may end a source on purpose. A mapping counts if the same run deploys its \
        function afterwards, and a rule if it was enabled before and its targets are such a function. No finding if the \
        run creates or enables another one instead, deletes it, or deploys nothing.",
    instead: "aws lambda update-event-source-mapping --uuid UUID --enabled after the deploy, or aws events enable-rule \
        --name NAME.",
    seen: "AWS's pages of UpdateEventSourceMapping and DisableRule.",
    check,
};

const DEPLOYS: [&str; 3] = ["UpdateFunctionCode", "PublishVersion", "UpdateAlias"];

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut paused: BTreeMap<String, Step<'_>> = BTreeMap::new();
    for step in evidence.steps().filter(|step| step.answer().is_some()) {
        let uuid = || step.asked("UUID").unwrap_or_default().to_owned();
        let rule = || named(&step, step.asked("Name"));
        match (step.service(), step.operation()) {
            // One that was paused before is not Disabling.
            ("lambda", "UpdateEventSourceMapping")
                if step.answered("State") == Some("Disabling") =>
            {
                paused.insert(uuid(), step.clone());
            }
            ("events", "DisableRule") => {
                paused.insert(rule(), step.clone());
            }
            ("lambda", "UpdateEventSourceMapping") if step.is_set("Enabled") => {
                goes_on(&mut paused, &uuid(), "lambda");
            }
            ("lambda", "DeleteEventSourceMapping") => {
                paused.remove(&uuid());
            }
            ("lambda", "CreateEventSourceMapping") => {
                paused.retain(|_, other| other.service() != "lambda");
            }
            ("events", "PutRule") if step.asked("State") == Some("DISABLED") => {}
            ("events", "EnableRule" | "PutRule") => goes_on(&mut paused, &rule(), "events"),
            ("events", "DeleteRule") => {
                paused.remove(&rule());
            }
            ("events", "RemoveTargets") => {
                paused.remove(&named(&step, step.asked("Rule")));
            }
            _ => {}
        }
    }
    let found = paused
        .into_values()
        .filter_map(|step| judge(evidence, &step));
    found.collect()
}

/// The name of a rule, with its bus.
fn named(step: &Step<'_>, rule: Option<&str>) -> String {
    let bus = step.asked("EventBusName").unwrap_or("default");
    format!("{bus}/{}", rule.unwrap_or_default())
}

/// Takes back the pause of what is enabled. One that was not paused takes the place of all that were.
fn goes_on(paused: &mut BTreeMap<String, Step<'_>>, name: &str, service: &str) {
    if paused.remove(name).is_none() {
        paused.retain(|_, other| other.service() != service);
    }
}

fn judge(evidence: &Evidence<'_>, step: &Step<'_>) -> Option<Finding> {
    let is_mapping = step.service() == "lambda";
    let rule = evidence.rules.get(&named(step, step.asked("Name")));
    if !is_mapping && rule.is_some_and(|rule| rule["State"] == "DISABLED") {
        return None;
    }
    let functions = match (is_mapping, rule) {
        (true, _) => step.answer().map(functions_in),
        (false, rule) => rule.map(functions_in),
    };
    let deployed = evidence.steps().find(|later| {
        // A rule that the run made may get any target.
        let is_its = functions.as_ref().is_none_or(|functions| {
            let is_it = |key: &Key| {
                let mut named = functions.iter();
                named.any(|it| {
                    it.name == key.function_name
                        && it
                            .region
                            .as_ref()
                            .is_none_or(|region| *region == key.region)
                })
            };
            later.key().is_some_and(is_it)
        });
        later.index > step.index
            && later.answer().is_some()
            && DEPLOYS.contains(&later.operation())
            && is_its
    })?;
    let name = step.asked(if is_mapping { "UUID" } else { "Name" })?;
    let (what, fix) = match is_mapping {
        true => (
            "mapping",
            format!("aws lambda update-event-source-mapping --uuid {name} --enabled"),
        ),
        false => ("rule", format!("aws events enable-rule --name {name}")),
    };
    Some(
        Finding::at(evidence, step, Severity::Warning)
            .on(deployed.key())
            .titled(format!("{what} {name} stays disabled"))
            .explained(format!(
                "The script disables it before {}, and no later call enables it: no event reaches the function.",
                evidence.named(deployed.index)
            ))
            .fixed_by(fix),
    )
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const CODE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";
    const RULE: &str = "events put-rule --name nightly --schedule-expression 'rate(1 day)'";
    const STOP_RULE: &str = "events disable-rule --name nightly";

    /// A stage with a mapping, and the words that name it.
    fn mapped() -> (Stage, String) {
        let stage = Stage::with_versions(1);
        stage.given("create-event-source-mapping --function-name pay --event-source-arn arn:aws:sqs:eu-west-1:123456789012:work");
        let told = stage
            .aws("list-event-source-mappings --query EventSourceMappings[0].UUID --output text");
        (
            stage,
            format!("update-event-source-mapping --uuid {}", told.1),
        )
    }

    fn of_rules(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(1).script(lines).found()
    }

    #[test]
    fn a_mapping_that_stays_paused_is_a_warning() {
        let (stage, update) = mapped();
        let stop = format!("{update} --no-enabled");
        assert_eq!(
            stage.script(&[&stop, "sleep 5", CODE]).found(),
            ["warning left-disabled 2"]
        );
    }

    #[test]
    fn one_that_goes_on_or_gives_way_to_another_is_sound() {
        let (stage, update) = mapped();
        let (stop, go) = (
            format!("{update} --no-enabled"),
            format!("{update} --enabled"),
        );
        let lines = [&*stop, "sleep 5", CODE, &go];
        // That nothing waits for the pause is another rule's.
        let found = stage.script(&lines).found();
        let is_own = |told: &&String| told.contains("left-disabled");
        assert_eq!(found.iter().filter(is_own).count(), 0, "{found:?}");
        let (stage, _) = mapped();
        assert_eq!(
            stage.script(&[&stop]).found(),
            [""; 0],
            "nothing is deployed"
        );
        let (stage, _) = mapped();
        let other = "create-event-source-mapping --function-name pay:live --event-source-arn arn:aws:sqs:eu-west-1:123456789012:work";
        let found = stage.script(&[&stop, "sleep 5", CODE, other]).found();
        assert_eq!(found.iter().filter(is_own).count(), 0, "{found:?}");
    }

    #[test]
    fn a_rule_that_stays_paused_is_a_warning() {
        assert_eq!(
            of_rules(&[RULE, STOP_RULE, CODE]),
            ["warning left-disabled 2"]
        );
        let go = "events enable-rule --name nightly";
        assert_eq!(of_rules(&[RULE, STOP_RULE, CODE, go]), [""; 0]);
        assert_eq!(of_rules(&[RULE, STOP_RULE]), [""; 0]);
        let other = [RULE, STOP_RULE].map(|line| line.replace("nightly", "weekly"));
        let lines = [RULE, &other[0], STOP_RULE, &other[1], CODE, go];
        assert_eq!(of_rules(&lines), ["warning left-disabled 4"]);
    }

    #[test]
    fn a_rule_from_before_counts_if_it_was_enabled_and_leads_to_what_is_deployed() {
        let of = |function: &str, given: &[&str]| {
            let stage = Stage::with_versions(1);
            stage.given(RULE);
            stage.given(&format!(
                "events put-targets --rule nightly --targets \
                 Id=1,Arn=arn:aws:lambda:eu-west-1:123456789012:function:{function}"
            ));
            given.iter().for_each(|line| stage.given(line));
            stage.script(&[STOP_RULE, CODE]).found()
        };
        assert_eq!(of("pay", &[]), ["warning left-disabled 1"]);
        assert_eq!(of("audit", &[]), [""; 0]);
        assert_eq!(of("pay", &[STOP_RULE]), [""; 0]);
    }
}
