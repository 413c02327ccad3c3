//! `mapping-race`: an event source mapping is changed, or created again, before an earlier change of this mapping is
//! finished.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{Finding, Rule, Severity};
use crate::{
    state::arn::FunctionRef,
    tool::rehearse::{
        evidence::{Evidence, Step, between},
        outcome::asks_the_same,
    },
};

pub(super) const RULE: Rule = Rule {
    name: "mapping-race",
    about: "A call changes an event source mapping while another change is in progress.",
    aws: "Creating, updating and deleting an event source mapping take from seconds to a minute after the answer. \
        Until then, State is Creating, Updating, Enabling, Disabling or Deleting. During that time AWS refuses \
        update-event-source-mapping and delete-event-source-mapping with ResourceInUseException. It refuses \
        create-event-source-mapping with ResourceConflictException if the mapping of the same source and function is \
        Deleting. aws lambda wait has no waiter for event source mappings.",
    severities: "An error if AWS refused the call. A warning if the call passed only because enough time had passed.",
    instead: "Read State with get-event-source-mapping until it is Enabled or Disabled, or, after a delete, until \
        the mapping is gone. Or try again on ResourceInUseException.",
    seen: "AWS's page on CreateEventSourceMapping and its states; the refusals are public reports of 2018 to 2025.",
    check,
};

/// A change that may still be in progress.
#[derive(Debug, Clone)]
struct Unfinished {
    /// The call that began the change.
    index: usize,
    /// The moment at which the change began, by the state's clock.
    moment: Timestamp,
    /// The state that the mapping shows: `Creating`.
    state: String,
    /// The event source: its ARN or its servers.
    source: Value,
    /// The function's name.
    function: String,
}

/// The changes that are in progress at one moment of the run. The key is the account, the region and the id of a
/// mapping.
type Progress = BTreeMap<(String, String, String), Unfinished>;

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut progress = Progress::new();
    // Each change yields at most one finding. There is no finding if the script tries again.
    let mut settled: Vec<usize> = Vec::new();
    for step in evidence.steps() {
        if let Some(unfinished) = needed(&step, &progress)
            && !settled.contains(&unfinished.index)
        {
            found.extend(judge(evidence, &step, unfinished));
            settled.push(unfinished.index);
        }
        follow(&step, &mut progress);
    }
    found
}

fn key(step: &Step<'_>, uuid: &str) -> (String, String, String) {
    let exchange = step.exchange;
    (
        exchange.account.clone(),
        exchange.region.clone(),
        uuid.to_ascii_lowercase(),
    )
}

fn function(name: &str) -> String {
    FunctionRef::parse(name).map_or_else(String::new, |named| named.name)
}

/// The event source of a mapping, taken from a request or an answer.
fn source(of: &Value) -> Value {
    let arn = of
        .get("EventSourceArn")
        .or(of.get("SelfManagedEventSource"));
    arn.cloned().unwrap_or_default()
}

/// The change in progress that must be finished before a call can succeed.
fn needed<'p>(step: &Step<'_>, progress: &'p Progress) -> Option<&'p Unfinished> {
    match step.exchange.operation.as_str() {
        "UpdateEventSourceMapping" | "DeleteEventSourceMapping" => {
            progress.get(&key(step, step.asked("UUID")?))
        }
        "CreateEventSourceMapping" => {
            let (source, function) = (
                source(&step.exchange.request),
                function(step.asked("FunctionName")?),
            );
            let here = key(step, "");
            progress
                .iter()
                .filter(|(at, _)| (&at.0, &at.1) == (&here.0, &here.1))
                .map(|(_, unfinished)| unfinished)
                .find(|unfinished| {
                    unfinished.state == "Deleting"
                        && unfinished.source == source
                        && unfinished.function == function
                })
        }
        _ => None,
    }
}

/// Records that a call began a change, or that a call showed that a change is finished.
fn follow(step: &Step<'_>, progress: &mut Progress) {
    match step.exchange.operation.as_str() {
        "CreateEventSourceMapping" | "UpdateEventSourceMapping" | "DeleteEventSourceMapping" => {
            let (Some(uuid), Some(answer)) = (step.answered("UUID"), step.answer()) else {
                return;
            };
            let unfinished = Unfinished {
                index: step.index,
                moment: step.exchange.moment,
                state: step.answered("State").unwrap_or_default().to_owned(),
                source: source(answer),
                function: function(step.answered("FunctionArn").unwrap_or_default()),
            };
            progress.insert(key(step, uuid), unfinished);
        }
        "GetEventSourceMapping" => {
            let Some(uuid) = step.asked("UUID") else {
                return;
            };
            let is_gone = step.failed_with("ResourceNotFoundException");
            let state = step.answered("State").unwrap_or_default();
            if is_gone || (is_finished(state) && step.shows("State")) {
                progress.remove(&key(step, uuid));
            }
        }
        "ListEventSourceMappings" => {
            let mappings = step
                .answer()
                .and_then(|answer| answer.get("EventSourceMappings"));
            let query = step.call.query.as_deref();
            if query.is_some_and(|query| !query.contains("State")) {
                return;
            }
            for mapping in mappings.and_then(Value::as_array).into_iter().flatten() {
                let text = |member: &str| mapping.get(member).and_then(Value::as_str);
                if is_finished(text("State").unwrap_or_default()) {
                    progress.remove(&key(step, text("UUID").unwrap_or_default()));
                }
            }
        }
        _ => {}
    }
}

fn is_finished(state: &str) -> bool {
    state == "Enabled" || state == "Disabled"
}

fn judge(evidence: &Evidence<'_>, step: &Step<'_>, unfinished: &Unfinished) -> Option<Finding> {
    let code = match step.exchange.operation.as_str() {
        "CreateEventSourceMapping" => "ResourceConflictException",
        _ => "ResourceInUseException",
    };
    let refused = step.failed_with(code);
    if step.exchange.error.is_some() && (!refused || passed_later(evidence, step)) {
        // The call failed for another reason, or the script handles the failure.
        return None;
    }
    let begun = evidence.named(unfinished.index);
    let time = between(unfinished.moment, step.exchange.moment);
    let state = &unfinished.state;
    let (severity, explanation) = if refused {
        let on = match evidence.went_on(step.index) {
            true => ", and the script went on",
            false => "",
        };
        (
            Severity::Error,
            format!(
                "{begun} left it {state}. {time} later it was still {state}, so AWS refused this call with \
                 {code}{on}. The AWS CLI has no waiter for event source mappings."
            ),
        )
    } else {
        (
            Severity::Warning,
            format!(
                "The call passed only because {time} had passed since {begun}. If AWS is slower, the mapping is \
                 still {state}, and AWS refuses this call with {code}."
            ),
        )
    };
    let (what, fix) = match state.as_str() {
        "Deleting" => (
            "the old mapping is gone",
            "while aws lambda get-event-source-mapping --uuid \"$UUID\" >/dev/null 2>&1; do sleep 2; done",
        ),
        _ => (
            "the mapping is Enabled or Disabled",
            "until aws lambda get-event-source-mapping --uuid \"$UUID\" --query State | grep -q abled; do sleep 2; done",
        ),
    };
    let mut finding = Finding::at(evidence, step, severity)
        .titled(format!(
            "{} does not wait until {what}",
            evidence.name(step.index)
        ))
        .explained(explanation)
        .fixed_by(fix);
    finding.function_name.clone_from(&unfinished.function);
    Some(finding)
}

/// Returns true if the same call was made again and succeeded.
fn passed_later(evidence: &Evidence<'_>, failed: &Step<'_>) -> bool {
    let mut later = evidence.steps().filter(|step| step.index > failed.index);
    later.any(|step| step.answer().is_some() && asks_the_same(failed, &step))
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    const CREATE: &str = "create-event-source-mapping --function-name pay \
        --event-source-arn arn:aws:sqs:eu-west-1:123456789012:orders";
    const PAUSE: &str = "update-event-source-mapping --uuid UUID --no-enabled";
    const RESUME: &str = "update-event-source-mapping --uuid UUID --enabled";
    const DELETE: &str = "delete-event-source-mapping --uuid UUID";
    const LOOK: &str = "get-event-source-mapping --uuid UUID --query State --output text";

    /// A test stage with a script that ignores every failure. There is a mapping, and line 1 asks for the mapping's id.
    fn stage(lines: &[&str]) -> Stage {
        let stage = Stage::with_versions(1);
        stage.given(CREATE);
        let first = "list-event-source-mappings --query EventSourceMappings[0].UUID --output text";
        let (_, uuid) = stage.aws(first);
        let lines: Vec<String> = lines
            .iter()
            .map(|line| line.replace("UUID", uuid.trim()))
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        stage.script(&lines)
    }

    #[test]
    fn a_second_change_that_is_refused_is_an_error_and_one_that_passed_by_luck_a_warning() {
        let refused = stage(&[PAUSE, RESUME]);
        assert_eq!(refused.found(), ["error mapping-race 3"]);
        let finding = &refused.findings()[0];
        assert_eq!(finding.function_name, "pay");
        assert!(
            finding.explanation.contains("left it Disabling"),
            "{finding:?}"
        );
        assert!(
            finding
                .fix
                .starts_with("until aws lambda get-event-source-mapping")
        );
        assert_eq!(
            stage(&[PAUSE, "sleep 3", RESUME]).found(),
            ["warning mapping-race 3"]
        );
        assert_eq!(stage(&[PAUSE, DELETE]).found(), ["error mapping-race 3"]);
    }

    #[test]
    fn a_create_before_the_old_one_is_gone_is_a_race() {
        let refused = stage(&[DELETE, CREATE]);
        assert_eq!(refused.found(), ["error mapping-race 3"]);
        assert!(
            refused.findings()[0]
                .title
                .ends_with("until the old mapping is gone")
        );
        assert_eq!(
            stage(&[DELETE, "sleep 3", CREATE]).found(),
            ["warning mapping-race 3"]
        );
        let other = CREATE.replace("orders", "other");
        assert_eq!(stage(&[DELETE, &other]).found(), [""; 0]);
        assert_eq!(
            stage(&[DELETE, LOOK, "sleep 3", LOOK, CREATE]).found(),
            [""; 0]
        );
    }

    #[test]
    fn who_looks_at_the_state_or_tries_again_is_sound() {
        for lines in [
            &[PAUSE, LOOK, "sleep 3", LOOK, RESUME][..],
            &[
                PAUSE,
                "sleep 3",
                "get-event-source-mapping --uuid UUID",
                RESUME,
            ],
            &[
                PAUSE,
                "sleep 3",
                "list-event-source-mappings --query EventSourceMappings[].State",
                RESUME,
            ],
            &[PAUSE, RESUME, "sleep 3", RESUME],
        ] {
            assert_eq!(stage(lines).found(), [""; 0], "{lines:?}");
        }
    }

    #[test]
    fn a_look_at_something_else_or_too_early_is_no_completion() {
        for look in [
            LOOK,
            "get-event-source-mapping --uuid UUID --query BatchSize",
            "list-event-source-mappings --query EventSourceMappings[].BatchSize",
        ] {
            assert_eq!(
                stage(&[PAUSE, look, "sleep 3", RESUME]).found(),
                ["warning mapping-race 4"],
                "{look}"
            );
        }
    }
}
