//! Advice for a call at which a script ended. The advice says how to give the rehearsal the missing thing, or names
//! similar things that exist. A hint is given only if it helps.

use crate::{
    face::customize,
    operation::{Result, ready},
    state::{arn::Scope, function::Function},
    store::Store,
    tool::rehearse::{
        calls::Call,
        evidence::{Evidence, Key, Side, Step},
    },
};

/// The largest number of versions or aliases that are named one by one.
const NAMED: usize = 6;

/// Advice for a call that version 2 of the AWS CLI never understands.
pub(super) fn misspelt(call: &Call) -> Option<String> {
    let unknown = call
        .stopped
        .as_ref()?
        .message
        .strip_prefix("Unknown options: ")?;
    customize::misspelt(unknown.split(", ")).map(str::to_owned)
}

/// Advice for a call that names a thing which does not exist and which no ready answer invents.
pub(super) fn not_put(call: &Call, after: &Store) -> Option<String> {
    let exchange = call.exchanges.last().filter(|_| call.code != 0)?;
    let scope = Scope {
        region: exchange.region.clone(),
        account: exchange.account.clone(),
    };
    let code = &call.failure()?.kind;
    let (service, operation) = (&exchange.service, &exchange.operation);
    ready::not_put(after, &scope, service, operation, &exchange.request, code)
}

/// Advice for a call that failed because something is missing.
pub(super) fn missing(evidence: &Evidence<'_>, index: usize, after: &Store) -> Option<String> {
    let call = evidence.calls.get(index)?;
    let step = evidence.steps_of(index).last();
    let failure = call.failure()?;
    match failure.kind.as_str() {
        "NoSuchBucket" => Some(format!(
            "lambdry s3 mb s3://{} creates it; --assume assumes that it exists",
            step?.asked("Bucket")?
        )),
        "ResourceNotFoundException" => of_a_function(evidence, &step?, after),
        "NotSimulated" => {
            Some("--learn writes a stub for it; --stub FILE answers it with that stub".to_owned())
        }
        "Configuration" if failure.message.to_lowercase().contains("region") => {
            let regions = regions(after, |_| true).unwrap_or_default();
            let there = match regions.as_slice() {
                [] => String::new(),
                regions => format!("; the state has functions in {}", regions.join(", ")),
            };
            Some(format!("set --region or AWS_REGION{there}"))
        }
        _ => None,
    }
}

/// Advice for a call that names a missing function, version or alias.
fn of_a_function(evidence: &Evidence<'_>, step: &Step<'_>, after: &Store) -> Option<String> {
    let key = step.key()?;
    let sides = evidence.functions.get(key);
    let Some(side) = sides.and_then(|sides| sides.after.as_ref().or(sides.before.as_ref())) else {
        let elsewhere = regions(after, |names| names.contains(&key.function_name));
        return Some(match elsewhere.unwrap_or_default().as_slice() {
            [] => "lambdry import imports the real one; --assume assumes that it exists".to_owned(),
            regions => format!(
                "{key} is in {}, but this call went to {}",
                regions.join(", "),
                key.region
            ),
        });
    };
    let target = step.target.as_ref()?;
    let led = step.asked("FunctionVersion");
    let asked = led.or(target.qualifier.as_deref());
    match asked.and_then(|asked| asked.parse().ok()) {
        Some(number) => Some(of_a_version(side, number)),
        None if asked.is_some() || step.asked("Name").is_some() => Some(of_an_alias(key, side)),
        None => None,
    }
}

/// `versions 9 to 15 exist, 8 was deleted`
fn of_a_version(side: &Side, number: u64) -> String {
    let there = match side.numbers.as_slice() {
        [] => "no version exists".to_owned(),
        [only] => format!("only version {only} exists"),
        [first, .., last] if last - first + 1 == side.numbers.len() as u64 => {
            format!("versions {first} to {last} exist")
        }
        numbers => format!(
            "versions {} exist",
            listed(numbers.iter().map(u64::to_string))
        ),
    };
    match number <= side.head.last_version {
        true => format!("{there}, {number} was deleted"),
        false => format!("{there}, {number} was never published"),
    }
}

/// `pay has the aliases beta, live`
fn of_an_alias(key: &Key, side: &Side) -> String {
    let names: Vec<String> = side.head.aliases.keys().cloned().collect();
    match names.as_slice() {
        [] => format!("{key} has no alias"),
        [only] => format!("{key} has the alias {only}"),
        _ => format!("{key} has the aliases {}", listed(names.into_iter())),
    }
}

/// The first names. If there are more, their number follows.
fn listed(all: impl ExactSizeIterator<Item = String>) -> String {
    let more = all.len().saturating_sub(NAMED);
    let shown: Vec<String> = all.take(NAMED).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The regions that have functions whose names satisfy `holds`.
fn regions(store: &Store, holds: impl Fn(&[String]) -> bool) -> Result<Vec<String>> {
    let mut regions = Vec::new();
    for scope in store.scopes()? {
        let region = scope.region.clone();
        let names = store.place(scope).all::<Function>().names()?;
        if !names.is_empty() && holds(&names) && !regions.contains(&region) {
            regions.push(region);
        }
    }
    Ok(regions)
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    /// The hint for the last call of a script, if the script ended at this call.
    fn hint(lines: &[&str]) -> Option<String> {
        let stage = Stage::with_versions(3);
        stage.given("delete-function --function-name pay --qualifier 1");
        let stage = stage.script(lines);
        stage.ends(254);
        let call = stage.report().calls.pop();
        call.and_then(|call| call.hint)
    }

    #[test]
    fn a_hint_names_what_there_is_in_place_of_what_was_asked_for() {
        for (line, wanted) in [
            (
                "get-function --function-name pay --qualifier 1",
                Some("versions 2 to 3 exist, 1 was deleted"),
            ),
            (
                "update-alias --function-name pay --name live --function-version 9",
                Some("versions 2 to 3 exist, 9 was never published"),
            ),
            (
                "get-alias --function-name pay --name beta",
                Some("pay has the alias live"),
            ),
            (
                "get-function --function-name gone",
                Some("lambdry import imports the real one; --assume assumes that it exists"),
            ),
            (
                "get-function --function-name pay --region us-east-1",
                Some("pay is in eu-west-1, but this call went to us-east-1"),
            ),
            ("get-function-event-invoke-config --function-name pay", None),
        ] {
            assert_eq!(hint(&[line]).as_deref(), wanted, "{line}");
        }
    }
}
