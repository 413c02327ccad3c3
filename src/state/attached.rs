//! The settings of one qualifier of a function: its policy, provisioned concurrency, event-invoke configuration, URL,
//! runtime management and scaling.
//!
//! The function's head keeps one [`Attached`] for each qualifier that has any: `$LATEST` (the function itself), a
//! version's number or an alias. These settings are not frozen, published or inherited; they are deleted with their
//! version or alias.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::policy::Policy;

/// Settings by qualifier.
pub type ByQualifier = BTreeMap<String, Attached>;

/// The settings of one qualifier.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Attached {
    /// The resource policy, which lists the callers that are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// Provisioned concurrency: execution environments that are kept ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioned_concurrency: Option<Provisioned>,
    /// The handling of asynchronous events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_invoke: Option<EventInvoke>,
    /// The function URL, an HTTPS endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// The rule that decides when the runtime is updated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_management: Option<RuntimeManagement>,
    /// The limits on the number of execution environments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,
}

/// Limits on the number of execution environments of a published version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Scaling {
    /// The smallest number, 0 to 15000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_execution_environments: Option<u64>,
    /// The largest number, 0 to 15000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_execution_environments: Option<u64>,
}

/// Provisioned concurrency of a version or an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Provisioned {
    /// The number of execution environments that were requested.
    pub requested: u64,
    /// The moment of the request.
    pub last_modified: Timestamp,
    /// The environments still being prepared; `None` once they are ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Provisioning>,
}

/// Environments that are being prepared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Provisioning {
    /// The moment from which the environments are ready.
    pub completes: Timestamp,
    /// The RevisionId that the version has after that moment.
    pub revision_id: String,
}

/// The handling of asynchronous events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EventInvoke {
    /// The moment of the last change.
    pub last_modified: Timestamp,
    /// The most retries, 0 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_retry_attempts: Option<u64>,
    /// The greatest age of an event in seconds, 60 to 21600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_event_age_in_seconds: Option<u64>,
    /// The ARN of the destination for events that succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success: Option<String>,
    /// The ARN of the destination for events that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<String>,
}

/// An HTTPS endpoint of a function or an alias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Url {
    /// The first label of the URL's host name.
    pub id: String,
    /// The kind of authorization: `NONE` or `AWS_IAM`.
    pub auth_type: String,
    /// The rules for requests from other sites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors: Option<Cors>,
    /// `BUFFERED` or `RESPONSE_STREAM`; `None` until a call sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoke_mode: Option<String>,
    /// The moment of creation.
    pub created: Timestamp,
    /// The moment of the last change.
    pub last_modified: Timestamp,
}

/// The rules by which other sites may call a function URL.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Cors {
    /// True if cookies and other credentials may be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_credentials: Option<bool>,
    /// Headers that may be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_headers: Option<Vec<String>>,
    /// Methods that may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_methods: Option<Vec<String>>,
    /// Sites that may call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_origins: Option<Vec<String>>,
    /// Headers that may be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expose_headers: Option<Vec<String>>,
    /// The seconds for which a browser may remember these rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
}

/// The rule that decides when the runtime is updated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RuntimeManagement {
    /// `Manual` or `FunctionUpdate`. The default is `Auto`; it is not stored.
    pub update_runtime_on: String,
    /// The runtime's version; only with `Manual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_version_arn: Option<String>,
}

/// Marks provisioned environments as ready if their moment has passed. Returns the qualifiers of these environments,
/// each with the new RevisionId of its version.
pub fn settle(attached: &mut ByQualifier, now: Timestamp) -> Vec<(String, String)> {
    let mut ready = Vec::new();
    for (qualifier, settings) in attached {
        if let Some(provisioned) = &mut settings.provisioned_concurrency
            && let Some(change) = provisioned.change.take_if(|change| now >= change.completes)
        {
            ready.push((qualifier.clone(), change.completes, change.revision_id));
        }
    }
    // If two qualifiers give the same version an id, the later id counts.
    ready.sort_by_key(|(_, completes, _)| *completes);
    ready
        .into_iter()
        .map(|(qualifier, _, revision_id)| (qualifier, revision_id))
        .collect()
}

/// Returns the settings that differ between two moments, by qualifier, for the journal.
pub fn moved(before: &ByQualifier, after: &ByQualifier) -> Map<String, Value> {
    let members = |attached: &ByQualifier, qualifier: &str| -> Map<String, Value> {
        match attached.get(qualifier).map(serde_json::to_value) {
            Some(Ok(Value::Object(members))) => members,
            _ => Map::new(),
        }
    };
    let qualifiers: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut moved = Map::new();
    for qualifier in qualifiers {
        let (old, new) = (members(before, qualifier), members(after, qualifier));
        let names: BTreeSet<&String> = old
            .keys()
            .chain(new.keys())
            .filter(|name| old.get(*name) != new.get(*name))
            .collect();
        if !names.is_empty() {
            moved.insert(qualifier.clone(), json!(names));
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_tells_which_setting_of_which_qualifier_moved() {
        let runtime = |on: &str| Attached {
            runtime_management: Some(RuntimeManagement {
                update_runtime_on: on.to_owned(),
                runtime_version_arn: None,
            }),
            ..Attached::default()
        };
        let before = ByQualifier::from([
            ("1".to_owned(), runtime("Manual")),
            ("2".to_owned(), runtime("Manual")),
            ("live".to_owned(), runtime("Manual")),
        ]);
        let after = ByQualifier::from([
            ("$LATEST".to_owned(), runtime("Manual")),
            ("1".to_owned(), runtime("FunctionUpdate")),
            ("2".to_owned(), runtime("Manual")),
        ]);
        assert_eq!(
            Value::from(moved(&before, &after)),
            json!({
                "$LATEST": ["RuntimeManagement"],
                "1": ["RuntimeManagement"],
                "live": ["RuntimeManagement"],
            })
        );
        assert!(moved(&after, &after).is_empty());
    }

    #[test]
    fn of_two_that_became_ready_the_later_gives_the_id() {
        let at = |second: i64| Timestamp::from_second(second).expect("a moment");
        let provisioned = |completes: i64, id: &str| Attached {
            provisioned_concurrency: Some(Provisioned {
                requested: 1,
                last_modified: at(0),
                change: Some(Provisioning {
                    completes: at(completes),
                    revision_id: id.to_owned(),
                }),
            }),
            ..Attached::default()
        };
        let mut attached = ByQualifier::from([
            ("a".to_owned(), provisioned(9, "late")),
            ("b".to_owned(), provisioned(5, "early")),
            ("c".to_owned(), provisioned(11, "not yet")),
        ]);
        let ready = settle(&mut attached, at(10));
        let ids: Vec<&str> = ready.iter().map(|(_, id)| id.as_str()).collect();
        assert_eq!(ids, ["early", "late"]);
        assert!(settle(&mut attached, at(10)).is_empty());
    }
}
