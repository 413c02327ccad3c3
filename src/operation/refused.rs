//! The parts of Lambda that lambdry refuses with an error that names them. They are the operations listed here, and the
//! members of requests that are marked with `x-refused`.
//!
//! The list in `docs/differences.md` is made from this table and those members.

use serde_json::Value;

use super::{Failure, Result, shape::Structure};

/// A group of operations that are refused for the same reason.
#[derive(Debug)]
pub struct Refused {
    /// The common purpose of the operations, in the words of the page.
    pub what: &'static str,
    /// The reason for the refusal.
    pub why: &'static str,
    /// AWS's names of the operations, separated by blanks.
    pub operations: &'static str,
}

/// All refused operations.
pub const REFUSED: &[Refused] = &[
    Refused {
        what: "Durable executions",
        why: "code would have to run for days",
        operations: "CheckpointDurableExecution DeleteDurableExecution GetDurableExecution GetDurableExecutionHistory \
            GetDurableExecutionState ListDurableExecutionsByFunction PauseDurableExecution ResumeDurableExecution \
            SendDurableExecutionCallbackFailure SendDurableExecutionCallbackHeartbeat SendDurableExecutionCallbackSuccess \
            StopDurableExecution",
    },
    Refused {
        what: "Capacity providers",
        why: "there are no instances here to start and stop",
        operations: "CreateCapacityProvider DeleteCapacityProvider GetCapacityProvider ListCapacityProviders \
            ListFunctionVersionsByCapacityProvider UpdateCapacityProvider",
    },
    Refused {
        what: "Streamed answers",
        why: "the command line has no command for them",
        operations: "InvokeWithResponseStream",
    },
    Refused {
        what: "Resource policies as a whole",
        why: "newer than the imitated command line; add-permission and remove-permission are simulated",
        operations: "DeleteResourcePolicy GetResourcePolicy PutResourcePolicy",
    },
];

/// Members of the model that are newer than the command line that lambdry imitates. That command line has no options
/// for them.
pub const NEWER: &str = "AcceleratorConfig RuntimeConfig S3FilesConfig";

/// Enum values that are newer than the command line that lambdry imitates. The service refuses them in its own words.
pub const NEWER_VALUES: &str = "custom nodejs26.x python3.15";

/// Members that no answer contains, written as `Structure.Member`, with the reason for each group. Most report events
/// that do not happen here.
pub const NEVER_ANSWERED: &[(&str, &str)] = &[
    (
        "nothing fails behind the API: no key is refused, no image is missing, no tag is unreadable",
        "EnvironmentResponse.Error FunctionCodeLocation.Error ImageConfigResponse.Error RuntimeVersionConfig.Error \
            GetFunctionResponse.TagsError",
    ),
    (
        "nothing is signed",
        "Layer.SigningJobArn Layer.SigningProfileVersionArn",
    ),
    (
        "code is copied, never referenced in S3: a reference would change with the object, but a published digest must not change",
        "FunctionCodeLocation.ResolvedS3Object LayerVersionContentOutput.ResolvedS3Object",
    ),
    (
        "requests for it are refused",
        "FunctionConfiguration.CapacityProviderConfig FunctionConfiguration.DurableConfig \
            InvocationResponse.DurableExecutionArn",
    ),
    (
        "no report shows how it is computed",
        "FunctionConfiguration.ConfigSha256",
    ),
];

/// Refuses a request with a member that is not simulated. The error names the option of the first such member.
///
/// # Errors
/// NotSimulated, with the name of the option.
pub(super) fn check(shape: &Structure, request: &Value) -> Result<()> {
    let given = |name: &str| request.get(name).is_some_and(|value| !value.is_null());
    let mut refused = shape.members.iter().filter(|member| member.refused);
    match refused.find(|member| given(&member.name)) {
        Some(member) => Err(Failure::NotSimulated(format!(
            "the option {}",
            option(&member.name)
        ))),
        None => Ok(()),
    }
}

/// The option that sets a member: `--durable-config` for `DurableConfig`.
fn option(name: &str) -> String {
    let mut option = "-".to_owned();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            option.push('-');
        }
        option.push(letter.to_ascii_lowercase());
    }
    option
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{NEWER, REFUSED, Refused, option};
    use crate::operation::{FAMILIES, find};

    fn operations() -> impl Iterator<Item = &'static str> {
        let lists = REFUSED.iter().map(|refused| refused.operations);
        lists.flat_map(str::split_whitespace)
    }

    #[test]
    fn what_is_refused_is_not_simulated_and_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for operation in operations() {
            assert!(find(operation).is_none(), "{operation} is simulated");
            assert!(seen.insert(operation), "{operation} twice");
        }
    }

    /// The lines that this table puts on the page about refused parts of Lambda.
    fn told() -> String {
        let mut told = String::new();
        for Refused {
            what,
            why,
            operations,
        } in REFUSED
        {
            let names: Vec<String> = operations
                .split_whitespace()
                .map(|name| format!("`{name}`"))
                .collect();
            told += &format!("* {what} ({why}): {}.\n", names.join(", "));
        }
        let mut members: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for entry in FAMILIES.iter().flat_map(|family| family.iter()) {
            for member in entry
                .request()
                .members
                .iter()
                .filter(|member| member.refused)
            {
                members
                    .entry(option(&member.name))
                    .or_default()
                    .push(entry.name);
            }
        }
        for (option, of) in members {
            told += &format!("* `{option}` of {}.\n", of.join(", "));
        }
        let newer: Vec<String> = NEWER
            .split_whitespace()
            .map(|name| format!("`{name}`"))
            .collect();
        told + &format!(
            "* {}, which are newer than the imitated command line.\n",
            newer.join(", ")
        )
    }

    #[test]
    fn the_page_of_differences_lists_what_is_refused() {
        let page = include_str!("../../docs/differences.md");
        assert!(
            page.contains(&told()),
            "docs/differences.md should say:\n{}",
            told()
        );
    }
}
