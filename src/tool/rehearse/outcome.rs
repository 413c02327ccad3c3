//! The outcome of a call that changes something: it took effect, or it was refused with some consequence.
//!
//! The state decides first. A refused change is harmless if the state at the end of the run is as the call asked. For
//! example, a thing that should be deleted is gone, or a thing that should be created exists with the same settings.
//! The kind of the resource decides this ([`kind::satisfied`]). If the kind cannot decide, the refusal does not count
//! as harmless. For other refusals, the shell shows what the script did with the status ([`Attention`]).

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    calls::{Answered, Call},
    evidence::{Evidence, Step, command_of},
    shell::Attention,
};
use crate::{
    operation::ready,
    state::{arn::Scope, error::Code},
    store::{Store, kind, package::Handle},
    tool::MASK,
};

/// The outcome of a call that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Outcome {
    /// The change took effect.
    TookEffect,
    /// The call was refused, and the script ended there.
    Ended,
    /// The call was refused, and the same call succeeded later. The guards of the two calls may differ.
    Retried,
    /// The call was refused, and a later call of another operation made the same change.
    MadeGood,
    /// The call was refused, and the state at the end is as the call asked.
    Harmless,
    /// The call was refused. The script looked at the status and went on. The state at the end is not known to be as
    /// the call asked.
    LookedAt,
    /// The call was refused. The script ignored or dropped the status, went on and ended with success, and no later
    /// call made the change.
    Ignored,
    /// The call was refused. The script went on, and failed in the end.
    WentOn,
    /// The call was refused in a trap that cleans up. The state at the end is not known to be as the call asked.
    InCleanUpTrap,
    /// The call was refused, and the script's reaction cannot be known.
    CannotTell,
    /// The call was not played. It is not simulated, or something other than the simulation answered it.
    NotPlayed,
}

impl Outcome {
    /// The text for a refused call.
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::TookEffect => "it took effect",
            Self::Ended => "the script ended there",
            Self::Retried => "a second try passed",
            Self::MadeGood => "a later call did the same",
            Self::Harmless => "the requested state holds at the end",
            Self::LookedAt => "the script checked the result",
            Self::Ignored => "the script went on",
            Self::WentOn => "the script went on, and failed later",
            Self::InCleanUpTrap => "in a trap that cleans up",
            Self::CannotTell => "unknown whether the script checked the result",
            Self::NotPlayed => "it was not played",
        }
    }
}

/// The outcome of each call of a run; `None` for a call that changes nothing or was not played.
pub(crate) fn outcomes(evidence: &Evidence<'_>, after: &Store) -> Vec<Option<Outcome>> {
    let calls = evidence.calls.iter().enumerate();
    calls
        .map(|(index, call)| of(evidence, after, index, call))
        .collect()
}

fn of(evidence: &Evidence<'_>, after: &Store, index: usize, call: &Call) -> Option<Outcome> {
    if !call.is_aws() {
        return None;
    }
    // The change is in the emulator that answered the call.
    if call.answered == Answered::Others {
        return None;
    }
    let was_played = call.answered == Answered::Simulated
        && call.failure().is_none_or(|why| why.kind != "NotSimulated");
    if !was_played {
        return is_a_change(call).then_some(Outcome::NotPlayed);
    }
    let mut steps = evidence.steps_of(index).filter(Step::changes).peekable();
    if call.code == 0 {
        return steps.peek().map(|_| Outcome::TookEffect);
    }
    // A command such as `s3 sync` makes several API calls. Each failed call has its own request.
    let refused: Vec<Step<'_>> = steps.filter(|step| step.answer().is_none()).collect();
    if refused.is_empty() && !is_a_change(call) {
        return None;
    }
    let all = |holds: &dyn Fn(&Step<'_>) -> bool| !refused.is_empty() && refused.iter().all(holds);
    Some(if passed_later(evidence, index, &refused) {
        Outcome::Retried
    } else if all(&|step| was_made_good(evidence, step)) {
        Outcome::MadeGood
    } else if all(&|step| is_satisfied(evidence, step, after) == Some(true)) {
        Outcome::Harmless
    } else {
        let is_known = refused.is_empty()
            || refused
                .iter()
                .any(|step| is_satisfied(evidence, step, after) == Some(false));
        left(evidence, index, call, is_known)
    })
}

/// The outcome of a refused call that no later call repaired. `is_known` is true if the state at the end is known to
/// differ from the call's request.
fn left(evidence: &Evidence<'_>, index: usize, call: &Call, is_known: bool) -> Outcome {
    let failed = evidence.code != Some(0);
    match call.attention {
        // A session may go on after this end, and so may a script that runs other scripts. Both may end with success.
        Some(Attention::EndedTheScript) => Outcome::Ended,
        _ if failed && !evidence.went_on(index) => Outcome::Ended,
        Some(Attention::InCleanUpTrap) => Outcome::InCleanUpTrap,
        Some(Attention::LookedAt(_)) => Outcome::LookedAt,
        _ if failed => Outcome::WentOn,
        Some(Attention::NobodyLooked) => Outcome::Ignored,
        // The script treats the failure as unimportant. The state may show that it was important.
        Some(Attention::LookedAtAndDropped(_)) if is_known => Outcome::Ignored,
        Some(Attention::LookedAtAndDropped(_) | Attention::CannotTell) | None => {
            Outcome::CannotTell
        }
    }
}

/// Returns true if a command would have changed something at the service, but failed before it reached the service.
fn is_a_change(call: &Call) -> bool {
    const READS: [&str; 12] = [
        "get", "list", "describe", "head", "wait", "invoke", "ls", "presign", "help", "filter",
        "tail", "assume",
    ];
    let Some([service, operation]) = command_of(call) else {
        return false;
    };
    service != "configure" && !READS.contains(&operation.split('-').next().unwrap_or_default())
}

/// Returns true if the same call succeeded later. This means each refused step, or the whole line if the line made no
/// step.
fn passed_later(evidence: &Evidence<'_>, index: usize, refused: &[Step<'_>]) -> bool {
    if refused.is_empty() {
        let call = &evidence.calls[index];
        let mut later = evidence.calls[index + 1..].iter();
        return later.any(|other| other.code == 0 && is_same_line(call, other));
    }
    refused.iter().all(|failed| {
        let mut later = evidence.steps().filter(|step| step.index > index);
        later.any(|step| step.answer().is_some() && asks_the_same(failed, &step))
    })
}

fn is_same_line(one: &Call, other: &Call) -> bool {
    one.http.is_none() && (&one.program, &one.words) == (&other.program, &other.words)
}

/// Members that give a condition for a call. They do not belong to the requested change.
const GUARDS: [&str; 3] = ["RevisionId", "CodeSha256", "ClientToken"];

/// Returns true if two API calls ask for the same change of the same thing. Every member that names the thing or gives
/// its content must be equal: alias, qualifier, statement, key and so on. Guards may differ, and so may the form of the
/// function's name.
pub(crate) fn asks_the_same(one: &Step<'_>, other: &Step<'_>) -> bool {
    one.exchange.service == other.exchange.service
        && one.exchange.operation == other.exchange.operation
        && (&one.exchange.account, &one.exchange.region)
            == (&other.exchange.account, &other.exchange.region)
        && one.target == other.target
        && asked(one) == asked(other)
}

/// The members that a call asks for. Guards are left out. The names that the call's target already contains are left
/// out too.
fn asked(step: &Step<'_>) -> Map<String, Value> {
    let Some(request) = step.exchange.request.as_object() else {
        return Map::new();
    };
    let of_target = ["FunctionName", "Qualifier"];
    let members = request.iter().filter(|(name, _)| {
        let is_told = step.target.is_some() && of_target.contains(&name.as_str());
        !is_told && !GUARDS.contains(&name.as_str())
    });
    members
        .map(|(name, value)| (name.clone(), without_spools(value)))
        .collect()
}

/// A value with its content replaced by the digest of the content. So the name of the spool file does not matter.
fn without_spools(value: &Value) -> Value {
    if let Ok(handle) = serde_json::from_value::<Handle>(value.clone()) {
        return handle.code_sha256.into();
    }
    match value {
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| (name.clone(), without_spools(value)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// Pairs of operations that make the same thing. The first one is for a thing that does not exist, the second one for a
/// thing that exists.
const TWINS: [[&str; 2]; 4] = [
    ["CreateFunction", "UpdateFunctionCode"],
    ["CreateAlias", "UpdateAlias"],
    ["CreateFunctionUrlConfig", "UpdateFunctionUrlConfig"],
    [
        "PutFunctionEventInvokeConfig",
        "UpdateFunctionEventInvokeConfig",
    ],
];

/// Returns true if a later call of another operation made the change that a refused call asked for:
/// `update-function-code` after a `create-function` of an existing function, `create-alias` after an `update-alias` of
/// a missing alias.
fn was_made_good(evidence: &Evidence<'_>, failed: &Step<'_>) -> bool {
    let (one, region) = (failed.exchange.operation.as_str(), &failed.exchange.region);
    let Some(twin) = TWINS.iter().find_map(|[create, update]| match one {
        _ if one == *create => Some(*update),
        _ if one == *update => Some(*create),
        _ => None,
    }) else {
        return false;
    };
    let wanted = asked(failed);
    // The two operations write content and switches in different ways, but names and numbers in the same way.
    let agrees = |step: &Step<'_>| {
        let other = asked(step);
        let mut both = wanted
            .iter()
            .filter_map(|(name, value)| Some((value, other.get(name)?)));
        both.all(|(one, other)| one == other || one.is_object() || one.is_boolean())
    };
    evidence.steps().any(|step| {
        step.index > failed.index
            && step.answer().is_some()
            && step.exchange.operation == twin
            && step.exchange.region == *region
            && step.target == failed.target
            && agrees(&step)
    })
}

/// Returns true if the state at the end is as the refused API call asked; `None` if that cannot be known.
fn is_satisfied(evidence: &Evidence<'_>, step: &Step<'_>, after: &Store) -> Option<bool> {
    let exchange = step.exchange;
    let is_missing = exchange.error.as_ref().is_some_and(|error| {
        error.kind == "RepositoryNotFoundException"
            || Code::named(&error.kind).is_some_and(|code| code.status() == 404)
    });
    let takes_away = ["Delete", "Remove", "Detach", "Untag"];
    // If a thing should be deleted and was already missing, it counts as gone, even if another call made it later.
    if is_missing
        && takes_away
            .iter()
            .any(|verb| exchange.operation.starts_with(verb))
    {
        return Some(true);
    }
    // A version has the content that the function had when it was published. If the function was updated since, a
    // version that is published later has other content.
    let is_update = |later: &Step<'_>| {
        later.index > step.index
            && later.exchange.operation.starts_with("UpdateFunctionCo")
            && later.target == step.target
            && later.answer().is_some()
    };
    if exchange.operation == "PublishVersion" && evidence.steps().any(|later| is_update(&later)) {
        return None;
    }
    let scope = match &step.target {
        Some(target) => target.key.scope(),
        None => Scope {
            region: exchange.region.clone(),
            account: exchange.account.clone(),
        },
    };
    let (service, operation) = (&exchange.service, &exchange.operation);
    if ready::answers(service) {
        let mut request = exchange.request.clone();
        if let Some(members) = request.as_object_mut() {
            // The real value of a masked member is not known.
            members.retain(|_, value| value != MASK);
        }
        let holds = ready::satisfied(after, &scope, service, operation, &request);
        return holds.unwrap_or_default();
    }
    // If the state cannot be read, nothing about it is known.
    kind::satisfied(after, &scope, service, operation, &exchange.request).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::rehearse::finding::stage::Stage;

    const UPDATE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";
    const WAIT: &str = "wait function-updated-v2 --function-name pay";

    /// The outcome of each call, for a script that ignores every failure.
    fn became(lines: &[&str]) -> Vec<Option<Outcome>> {
        let stage = Stage::with_versions(3).script(lines);
        let calls = stage.report().calls.into_iter();
        calls.map(|call| call.became).collect()
    }

    #[test]
    fn twins_are_operations_that_change_something() {
        for name in TWINS.iter().flatten() {
            assert!(crate::operation::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_refused_change_is_judged_by_what_came_of_it() {
        use Outcome::{Harmless, Ignored, MadeGood, Retried, TookEffect};
        let lines = |name: &str| {
            format!("update-alias --function-name pay --name {name} --function-version 2")
        };
        for (script, first) in [
            // No call comes after the refused call.
            (vec![lines("gone")], Ignored),
            // A call for another alias is not a repetition.
            (vec![lines("gone"), lines("live")], Ignored),
            (
                vec![
                    lines("gone"),
                    "create-alias --function-name pay --name gone --function-version 2".to_owned(),
                ],
                MadeGood,
            ),
            (
                vec![
                    lines("gone"),
                    "create-alias --function-name pay --name gone --function-version 1".to_owned(),
                ],
                Ignored,
            ),
            // The guard may differ, but not the version.
            (
                vec![
                    format!("{} --revision-id stale", lines("live")),
                    lines("live"),
                ],
                Retried,
            ),
            (
                vec![
                    format!("{} --revision-id stale", lines("live")),
                    "update-alias --function-name pay --name live --function-version 1".to_owned(),
                ],
                Ignored,
            ),
            // In the first case the thing to be deleted is gone. In the second case the thing to be made exists as
            // requested.
            (
                vec!["delete-function --function-name gone".to_owned()],
                Harmless,
            ),
            (
                vec![
                    "create-alias --function-name pay --name live --function-version 3".to_owned(),
                ],
                Harmless,
            ),
            (
                vec![
                    "create-alias --function-name pay --name live --function-version 1".to_owned(),
                ],
                Ignored,
            ),
            (
                vec!["remove-permission --function-name pay --statement-id none".to_owned()],
                Harmless,
            ),
            (
                vec!["delete-function --function-name pay --qualifier 3".to_owned()],
                Ignored,
            ),
            // A line that does not parse also counts as a change that somebody asked for.
            (
                vec!["publish-version --function-name pay --code-sha-256 x".to_owned()],
                Ignored,
            ),
        ] {
            let script: Vec<&str> = script.iter().map(String::as_str).collect();
            assert_eq!(became(&script)[0], Some(first), "{script:?}");
        }
        assert_eq!(
            became(&[
                UPDATE,
                "publish-version --function-name pay",
                WAIT,
                "publish-version --function-name pay"
            ]),
            [Some(TookEffect), Some(Retried), None, Some(TookEffect)]
        );
    }

    #[test]
    fn a_statement_and_a_function_are_there_as_asked_or_not() {
        let add = "add-permission --function-name pay --statement-id s --action lambda:InvokeFunction \
                   --principal s3.amazonaws.com --source-arn arn:aws:s3:::";
        let create = "create-function --function-name pay --runtime python3.13 --handler app.handler \
                      --role arn:aws:iam::123456789012:role/r --description v3 --zip-file fileb://";
        let (ones, twos) = (format!("{add}one"), format!("{add}two"));
        let (same, other) = (format!("{create}one.zip"), format!("{create}two.zip"));
        for (script, last) in [
            (vec![&*ones, &*ones], Outcome::Harmless),
            (vec![&*ones, &*twos], Outcome::Ignored),
            (vec![&*same], Outcome::Harmless),
            (vec![&*other], Outcome::Ignored),
        ] {
            assert_eq!(became(&script).pop(), Some(Some(last)), "{script:?}");
        }
        let made = became(&[&other, UPDATE]);
        assert_eq!(made[0], Some(Outcome::MadeGood));
    }

    #[test]
    fn other_services_are_judged_too() {
        let layer = "publish-layer-version --layer-name l --zip-file fileb://one.zip";
        let (one, two) = ("s3 mb s3://one-bucket", "s3 mb s3://two-bucket");
        assert_eq!(
            became(&[
                one,
                one,
                "s3api delete-object --bucket no-bucket --key k",
                two
            ]),
            [
                Some(Outcome::TookEffect),
                Some(Outcome::Harmless),
                Some(Outcome::Harmless),
                Some(Outcome::TookEffect)
            ]
        );
        assert_eq!(
            became(&[
                "s3 cp none.zip s3://one-bucket/a",
                layer,
                "s3 cp one.zip s3://one-bucket/a"
            ])[0],
            Some(Outcome::Ignored)
        );
    }

    #[test]
    fn a_refused_change_that_is_left_stands_above_no_clean_in_any_form() {
        let stage = Stage::with_versions(1)
            .script(&["update-alias --function-name pay --name gone --function-version 1"]);
        let report = stage.report();
        assert!(!report.passes(false));
        let look = crate::tool::rehearse::report::Look {
            width: 80,
            color: false,
        };
        for (form, said) in [
            ("text", "Broken: exit code 0, 1 error; 1 call"),
            ("markdown", "**Broken**: exit code 0, 1 error"),
            ("json", "\"Became\": \"Ignored\""),
            ("junit", "failures=\"1\""),
            (
                "github",
                "::error file=deploy.sh,line=1,title=AWS refused update-alias of pay",
            ),
        ] {
            let mut text = Vec::new();
            let format = crate::tool::rehearse::report::Format::named(form).expect("a form");
            format.write(&report, &look, &mut text).expect("written");
            let text = String::from_utf8(text).expect("text");
            assert!(text.contains(said), "{form}: {text}");
            assert!(
                !text.contains("Clean") && !text.contains("no findings"),
                "{form}: {text}"
            );
        }
    }
}
