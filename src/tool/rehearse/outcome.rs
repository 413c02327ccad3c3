//! The outcome of a call that changes something: it took effect, or it was refused, and what came of that.
//!
//! The state decides first. A refused change is harmless if its wish holds at the end of the run: what was to be deleted
//! is gone, what was to be created is there as asked. [`WISHES`] names, for every operation that changes something, the
//! operation that reads the same thing; the end's state answers it. What no reading can tell never counts as held.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    calls::{Answered, Call},
    evidence::{Evidence, Step, command_of},
};
use crate::{
    operation::{self, Failure, Lambda, invocation::answer::Runner, version::publish::Publishing},
    state::{arn::Scope, error::Code},
    store::{Store, package::Handle},
    tool::MASK,
};

/// The outcome of a call that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Outcome {
    /// It took effect.
    TookEffect,
    /// It was refused, and the script ended there.
    Ended,
    /// It was refused, and the same call passed later; guards may differ.
    Retried,
    /// It was refused, and a call of another operation did later what it asked for.
    MadeGood,
    /// It was refused, and what it asked for holds at the end.
    Harmless,
    /// It was refused, the script went on, and nothing made it good.
    Ignored,
}

impl Outcome {
    /// The words for a refused call.
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::TookEffect => "it took effect",
            Self::Ended => "the script ended there",
            Self::Retried => "tried again, and passed",
            Self::MadeGood => "a later call did it",
            Self::Harmless => "what it asked for holds in the end",
            Self::Ignored => "the script went on",
        }
    }
}

/// The outcome of each call of a run; `None` for those that change nothing or were not played.
pub(crate) fn outcomes(evidence: &Evidence<'_>, after: &Store) -> Vec<Option<Outcome>> {
    let calls = evidence.calls.iter().enumerate();
    calls
        .map(|(index, call)| of(evidence, after, index, call))
        .collect()
}

fn of(evidence: &Evidence<'_>, after: &Store, index: usize, call: &Call) -> Option<Outcome> {
    let is_aws = call.program == "aws" || call.program == "lambdry";
    let was_played = call.answered == Answered::Simulated
        && call.failure().is_none_or(|why| why.kind != "NotSimulated");
    if !is_aws || !was_played {
        return None;
    }
    let mut steps = evidence.steps_of(index).filter(Step::changes).peekable();
    if call.code == 0 {
        return steps.peek().map(|_| Outcome::TookEffect);
    }
    // Of one call that makes several, as `s3 sync`, each that failed has a wish.
    let refused: Vec<Step<'_>> = steps.filter(|step| step.answer().is_none()).collect();
    if refused.is_empty() && !is_a_change(call) {
        return None;
    }
    let all = |holds: &dyn Fn(&Step<'_>) -> bool| !refused.is_empty() && refused.iter().all(holds);
    Some(if passed_later(evidence, index, &refused) {
        Outcome::Retried
    } else if all(&|step| was_made_good(evidence, step)) {
        Outcome::MadeGood
    } else if all(&|step| is_satisfied(step, after)) {
        Outcome::Harmless
    } else if evidence.went_on(index) {
        Outcome::Ignored
    } else {
        Outcome::Ended
    })
}

/// Returns true if a command that never got as far as the service would have changed something there.
fn is_a_change(call: &Call) -> bool {
    const READS: [&str; 9] = [
        "get", "list", "describe", "head", "wait", "invoke", "ls", "presign", "help",
    ];
    let Some([service, operation]) = command_of(call) else {
        return false;
    };
    service != "configure" && !READS.contains(&operation.split('-').next().unwrap_or_default())
}

/// Returns true if the same call passed later: each refused step, or the whole line where no step was made.
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
    (&one.program, &one.words) == (&other.program, &other.words)
}

/// Members that say under which condition a call may pass, and nothing of what it asks for.
const GUARDS: [&str; 3] = ["RevisionId", "CodeSha256", "ClientToken"];

/// Returns true if two API calls ask for the same change of the same thing: the same alias, qualifier, statement, key
/// and whatever else names or fills it. Guards may differ, and so may the two ways of naming a function.
pub(crate) fn asks_the_same(one: &Step<'_>, other: &Step<'_>) -> bool {
    one.exchange.service == other.exchange.service
        && one.exchange.operation == other.exchange.operation
        && (&one.exchange.account, &one.exchange.region)
            == (&other.exchange.account, &other.exchange.region)
        && one.target == other.target
        && asked(one) == asked(other)
}

/// The members that a call asks for, without guards and without the names that its target tells.
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

/// A value in which content stands as its digest, whatever file it was spooled to.
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

/// Returns true if a later call of another operation made what a refused one asked for: `update-function-code` after
/// a `create-function` of what is there already, `create-alias` after an `update-alias` of what is not there yet.
fn was_made_good(evidence: &Evidence<'_>, failed: &Step<'_>) -> bool {
    let Some(wish) = Wish::of(&failed.exchange.operation) else {
        return false;
    };
    let creates = |step: &Step<'_>| step.exchange.operation.starts_with("Create");
    let is_twin = |step: &Step<'_>| {
        wish.operations.contains(&step.exchange.operation.as_str())
            && creates(step) != creates(failed)
            // A function that was to be created with its code has not got it by this.
            && step.exchange.operation != "UpdateFunctionConfiguration"
    };
    let agrees = |step: &Step<'_>| {
        let (one, other) = (asked(failed), asked(step));
        let mut both = one
            .iter()
            .filter_map(|(name, value)| Some((value, other.get(name)?)));
        let is_content = |value: &Value| value.is_object() || value.is_boolean();
        step.exchange.region == failed.exchange.region
            && step.target == failed.target
            && wish.by.iter().all(|name| {
                step.target.is_some() && *name == "FunctionName"
                    || step.exchange.request.get(name) == failed.exchange.request.get(name)
            })
            && both.all(|(one, other)| one == other || is_content(one))
    };
    wish.holds == Holds::AsAsked
        && evidence.steps().any(|step| {
            step.index > failed.index && step.answer().is_some() && is_twin(&step) && agrees(&step)
        })
}

/// The way in which an answer of the end's state shows that a wish holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// There is no such thing.
    Gone,
    /// There is such a thing.
    There,
    /// There is, with every member that was asked for.
    AsAsked,
    /// The policy has the statement.
    Stated,
    /// The policy does not have it.
    NotStated,
    /// The tags are there.
    Tagged,
    /// The tags are not.
    NotTagged,
    /// Nothing that can be read tells.
    Unknown,
}

/// Operations whose wish is read in the same way.
struct Wish {
    operations: &'static [&'static str],
    /// The operation that reads what they change.
    reads: &'static str,
    /// The members of the request that name it.
    by: &'static [&'static str],
    /// Where in the answer it stands.
    at: &'static str,
    holds: Holds,
}

impl Wish {
    fn of(operation: &str) -> Option<&'static Self> {
        WISHES
            .iter()
            .find(|wish| wish.operations.contains(&operation))
    }
}

const fn wish(
    operations: &'static [&'static str],
    holds: Holds,
    reads: &'static str,
    by: &'static [&'static str],
    at: &'static str,
) -> Wish {
    Wish {
        operations,
        reads,
        by,
        at,
        holds,
    }
}

const FUNCTION: &[&str] = &["FunctionName"];
const QUALIFIED: &[&str] = &["FunctionName", "Qualifier"];
const ALIAS: &[&str] = &["FunctionName", "Name"];
const LAYER: &[&str] = &["LayerName", "VersionNumber"];
const SIGNING: &[&str] = &["CodeSigningConfigArn"];
const MAPPING: &[&str] = &["UUID"];
const RESOURCE: &[&str] = &["Resource"];
const OBJECT: &[&str] = &["Bucket", "Key"];

use Holds::{AsAsked, Gone, NotStated, NotTagged, Stated, Tagged, There, Unknown};

/// Every operation that changes something.
const WISHES: &[Wish] = &[
    wish(
        &[
            "CreateFunction",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
        ],
        AsAsked,
        "GetFunctionConfiguration",
        FUNCTION,
        "",
    ),
    wish(
        &["DeleteFunction"],
        Gone,
        "GetFunctionConfiguration",
        QUALIFIED,
        "",
    ),
    wish(
        &["CreateAlias", "UpdateAlias"],
        AsAsked,
        "GetAlias",
        ALIAS,
        "",
    ),
    wish(&["DeleteAlias"], Gone, "GetAlias", ALIAS, ""),
    wish(
        &["AddPermission"],
        Stated,
        "GetPolicy",
        QUALIFIED,
        "/Policy",
    ),
    wish(
        &["RemovePermission"],
        NotStated,
        "GetPolicy",
        QUALIFIED,
        "/Policy",
    ),
    wish(
        &["PutFunctionConcurrency"],
        AsAsked,
        "GetFunctionConcurrency",
        FUNCTION,
        "",
    ),
    wish(
        &["DeleteFunctionConcurrency"],
        Gone,
        "GetFunctionConcurrency",
        FUNCTION,
        "",
    ),
    wish(
        &["PutProvisionedConcurrencyConfig"],
        AsAsked,
        "GetProvisionedConcurrencyConfig",
        QUALIFIED,
        "",
    ),
    wish(
        &["DeleteProvisionedConcurrencyConfig"],
        Gone,
        "GetProvisionedConcurrencyConfig",
        QUALIFIED,
        "",
    ),
    wish(
        &["CreateFunctionUrlConfig", "UpdateFunctionUrlConfig"],
        AsAsked,
        "GetFunctionUrlConfig",
        QUALIFIED,
        "",
    ),
    wish(
        &["DeleteFunctionUrlConfig"],
        Gone,
        "GetFunctionUrlConfig",
        QUALIFIED,
        "",
    ),
    wish(
        &[
            "PutFunctionEventInvokeConfig",
            "UpdateFunctionEventInvokeConfig",
        ],
        AsAsked,
        "GetFunctionEventInvokeConfig",
        QUALIFIED,
        "",
    ),
    wish(
        &["DeleteFunctionEventInvokeConfig"],
        Gone,
        "GetFunctionEventInvokeConfig",
        QUALIFIED,
        "",
    ),
    wish(
        &["PutFunctionRecursionConfig"],
        AsAsked,
        "GetFunctionRecursionConfig",
        FUNCTION,
        "",
    ),
    wish(
        &["PutFunctionScalingConfig"],
        AsAsked,
        "GetFunctionScalingConfig",
        QUALIFIED,
        "",
    ),
    wish(
        &["PutRuntimeManagementConfig"],
        AsAsked,
        "GetRuntimeManagementConfig",
        QUALIFIED,
        "",
    ),
    wish(
        &["PutFunctionCodeSigningConfig"],
        AsAsked,
        "GetFunctionCodeSigningConfig",
        FUNCTION,
        "",
    ),
    wish(
        &["DeleteFunctionCodeSigningConfig"],
        Gone,
        "GetFunctionCodeSigningConfig",
        FUNCTION,
        "",
    ),
    wish(
        &["UpdateCodeSigningConfig"],
        AsAsked,
        "GetCodeSigningConfig",
        SIGNING,
        "/CodeSigningConfig",
    ),
    wish(
        &["DeleteCodeSigningConfig"],
        Gone,
        "GetCodeSigningConfig",
        SIGNING,
        "",
    ),
    wish(
        &["UpdateEventSourceMapping"],
        AsAsked,
        "GetEventSourceMapping",
        MAPPING,
        "",
    ),
    wish(
        &["DeleteEventSourceMapping"],
        Gone,
        "GetEventSourceMapping",
        MAPPING,
        "",
    ),
    wish(&["DeleteLayerVersion"], Gone, "GetLayerVersion", LAYER, ""),
    wish(
        &["AddLayerVersionPermission"],
        Stated,
        "GetLayerVersionPolicy",
        LAYER,
        "/Policy",
    ),
    wish(
        &["RemoveLayerVersionPermission"],
        NotStated,
        "GetLayerVersionPolicy",
        LAYER,
        "/Policy",
    ),
    wish(&["TagResource"], Tagged, "ListTags", RESOURCE, "/Tags"),
    wish(&["UntagResource"], NotTagged, "ListTags", RESOURCE, "/Tags"),
    wish(&["CreateBucket"], There, "HeadBucket", &["Bucket"], ""),
    wish(&["DeleteBucket"], Gone, "HeadBucket", &["Bucket"], ""),
    wish(&["DeleteObject"], Gone, "HeadObject", OBJECT, ""),
    wish(&["CreateRole"], AsAsked, "GetRole", &["RoleName"], "/Role"),
    wish(
        &["CreateRepository"],
        There,
        "DescribeRepositories",
        &["repositoryName"],
        "",
    ),
    // Each makes one more, or fills what is told by its size and its time alone.
    wish(
        &[
            "PublishVersion",
            "PublishLayerVersion",
            "CreateCodeSigningConfig",
            "CreateEventSourceMapping",
            "PutObject",
            "CopyObject",
            "AttachRolePolicy",
            "PutRolePolicy",
        ],
        Unknown,
        "",
        &[],
        "",
    ),
];

/// Returns true if what a refused API call asked for holds in the state of the end.
pub(crate) fn is_satisfied(step: &Step<'_>, after: &Store) -> bool {
    let Some(wish) = Wish::of(&step.exchange.operation) else {
        return false;
    };
    let (exchange, request) = (step.exchange, &step.exchange.request);
    let is_missing = |code: &str| {
        code == "RepositoryNotFoundException"
            || Code::named(code).is_some_and(|code| code.status() == 404)
    };
    let takes_away = matches!(wish.holds, Gone | NotStated);
    // What was not there when it was to go is gone, whatever was made since.
    if takes_away
        && exchange
            .error
            .as_ref()
            .is_some_and(|error| is_missing(&error.kind))
    {
        return true;
    }
    let Some(entry) = operation::find(wish.reads) else {
        return false;
    };
    let named = wish.by.iter().filter_map(|name| match *name {
        // It is read by a list of names.
        "repositoryName" => Some((
            "repositoryNames",
            [request.get(name)?.clone()].into_iter().collect(),
        )),
        name => Some((name, request.get(name)?.clone())),
    });
    let named = named
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let place = after.place(Scope {
        region: exchange.region.clone(),
        account: exchange.account.clone(),
    });
    let lambda = Lambda {
        place: &place,
        settle: std::time::Duration::ZERO,
        // A plan that failed the script's calls is none for this one.
        faults: Some(String::new()),
        runner: &Runner::default(),
        explained: None,
        publishing: &Publishing::default(),
    };
    let answer = match entry.call(&lambda, Value::Object(named)) {
        Ok(answer) => answer,
        Err(Failure::Service(error)) => return takes_away && is_missing(error.code.name()),
        Err(_) => return false,
    };
    let found = answer.pointer(wish.at).unwrap_or(&Value::Null);
    match wish.holds {
        There => true,
        Gone => answer.as_object().is_some_and(Map::is_empty),
        AsAsked => is_as_asked(step, wish, found),
        Stated | NotStated => {
            let policy = found.as_str().unwrap_or_default();
            let policy = serde_json::from_str::<Value>(policy).unwrap_or_default();
            let statement = policy["Statement"].as_array().and_then(|statements| {
                let mut statements = statements.iter();
                statements.find(|statement| statement["Sid"] == request["StatementId"])
            });
            match (statement, wish.holds) {
                (None, holds) => holds == NotStated,
                (Some(_), NotStated) => false,
                (Some(statement), _) => is_stated(request, statement),
            }
        }
        Tagged => is_within(&request["Tags"], found),
        NotTagged => request["TagKeys"].as_array().is_some_and(|keys| {
            let mut keys = keys.iter().filter_map(Value::as_str);
            keys.all(|key| found.get(key).is_none())
        }),
        Unknown => false,
    }
}

/// Returns true if the thing has every member that was asked for. Members that leave no trace in an answer are passed
/// over; one that cannot be compared, as a masked value or code from S3, is not held.
fn is_as_asked(step: &Step<'_>, wish: &Wish, found: &Value) -> bool {
    asked(step).iter().all(|(name, value)| {
        let is_name = wish.by.contains(&name.as_str());
        match name.as_str() {
            _ if is_name => true,
            "Publish" | "DryRun" => true,
            "ZipFile" => found.get("CodeSha256") == Some(value),
            "Code" => value.as_object().is_some_and(|code| {
                code.len() == 1 && code.get("ZipFile") == found.get("CodeSha256")
            }),
            "ProvisionedConcurrentExecutions" => {
                found.get("RequestedProvisionedConcurrentExecutions") == Some(value)
            }
            name => match found.get(name) {
                Some(found) => is_within(value, found),
                None => value.as_object().is_some_and(|value| {
                    // An empty structure is as good as none.
                    value
                        .values()
                        .all(|value| value == &Value::Object(Map::new()))
                }),
            },
        }
    })
}

/// Returns true if a policy's statement says what a permission asked for.
fn is_stated(request: &Value, statement: &Value) -> bool {
    let text = statement.to_string();
    let Some(request) = request.as_object() else {
        return false;
    };
    statement["Effect"] == "Allow"
        && request.iter().all(|(name, value)| match name.as_str() {
            "FunctionName" | "Qualifier" | "LayerName" | "VersionNumber" | "StatementId"
            | "RevisionId" => true,
            "Action" => statement["Action"] == *value,
            _ => value.as_str().is_some_and(|value| {
                // Without its quotes: an account stands within an ARN there.
                let quoted = Value::from(value).to_string();
                text.contains(quoted.trim_matches('"'))
            }),
        })
        // What is narrower or wider than what was asked is something else.
        && statement.get("Condition").is_some()
            == ["SourceArn", "SourceAccount", "EventSourceToken", "PrincipalOrgID", "FunctionUrlAuthType"]
                .iter()
                .any(|name| request.contains_key(*name))
}

/// Returns true if all of what was asked is in what is there: members of a structure, elements in their order. Text that
/// is JSON is compared as JSON; a masked value is never known to be the same.
fn is_within(asked: &Value, found: &Value) -> bool {
    match (asked, found) {
        (Value::String(text), _) if text == MASK => false,
        (Value::Object(asked), Value::Object(found)) => asked
            .iter()
            .all(|(name, asked)| found.get(name).is_some_and(|found| is_within(asked, found))),
        (Value::Array(asked), Value::Array(found)) => {
            asked.len() == found.len()
                && asked
                    .iter()
                    .zip(found)
                    .all(|(asked, found)| is_within(asked, found))
        }
        (Value::String(text), Value::Object(_)) if text.starts_with('{') => {
            serde_json::from_str::<Value>(text).is_ok_and(|asked| asked == *found)
        }
        // A layer is asked for by its ARN, and told with its size.
        (Value::String(arn), Value::Object(found)) => {
            found.get("Arn").and_then(Value::as_str) == Some(arn)
        }
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::String(one), Value::String(other)) if one.starts_with('{') => {
            let read = |text: &str| serde_json::from_str::<Value>(text).ok();
            one == other || (read(one).is_some() && read(one) == read(other))
        }
        (asked, found) => asked == found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::rehearse::finding::stage::Stage;

    const UPDATE: &str = "update-function-code --function-name pay --zip-file fileb://two.zip";
    const WAIT: &str = "wait function-updated-v2 --function-name pay";

    /// What became of each call of a script that goes on whatever happens.
    fn became(lines: &[&str]) -> Vec<Option<Outcome>> {
        let stage = Stage::with_versions(3).script(lines);
        let calls = stage.report().calls.into_iter();
        calls.map(|call| call.became).collect()
    }

    #[test]
    fn every_operation_that_changes_something_has_a_wish_and_each_reader_exists() {
        let reads = ["Get", "List", "Head", "Describe", "Invoke"];
        for entry in operation::SERVICES
            .iter()
            .flat_map(operation::Service::entries)
        {
            let changes = !reads.iter().any(|verb| entry.name.starts_with(verb));
            assert_eq!(Wish::of(entry.name).is_some(), changes, "{}", entry.name);
        }
        for wish in WISHES {
            for name in wish.operations {
                assert!(operation::find(name).is_some(), "{name}");
            }
            let reader = operation::find(wish.reads).map(|entry| entry.request());
            assert_eq!(reader.is_some(), wish.holds != Unknown, "{}", wish.reads);
        }
    }

    #[test]
    fn a_refused_change_is_judged_by_what_came_of_it() {
        use Outcome::{Harmless, Ignored, MadeGood, Retried, TookEffect};
        let lines = |name: &str| {
            format!("update-alias --function-name pay --name {name} --function-version 2")
        };
        for (script, first) in [
            // Nothing comes after it.
            (vec![lines("gone")], Ignored),
            // Another alias is no second try of this one.
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
            // A guard may differ, the version may not.
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
            // What was to be deleted is gone, what was to be made is there as asked.
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
            // A line that is no call asks for something all the same.
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
        assert!(!report.is_clean() && !report.is_sound());
        let look = crate::tool::rehearse::report::Look {
            width: 80,
            color: false,
        };
        for (form, said) in [
            ("text", "exit code 0, 1 error; 1 call"),
            ("markdown", "**1 error**"),
            ("json", "\"Became\": \"Ignored\""),
            ("junit", "failures=\"1\""),
            (
                "github",
                "::error file=deploy.sh,line=1,title=update-alias of pay was refused",
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
