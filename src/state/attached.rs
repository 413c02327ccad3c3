//! What hangs on one qualifier of a function: its policy, provisioned concurrency, event-invoke configuration, URL and
//! runtime management.
//!
//! The function's head keeps one [`Attached`] for each qualifier that has any: `$LATEST` (the function itself), a
//! version's number or an alias. Nothing of it is frozen, published or inherited; it goes with its version or alias.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::policy::Policy;

/// By qualifier.
pub type ByQualifier = BTreeMap<String, Attached>;

/// What hangs on one qualifier.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Attached {
    /// Who may call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// Execution environments that are kept ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioned_concurrency: Option<Provisioned>,
    /// What becomes of asynchronous events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_invoke: Option<EventInvoke>,
    /// An HTTPS endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// When the runtime is updated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_management: Option<RuntimeManagement>,
    /// How many execution environments there may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,
}

/// How many execution environments a published version may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Scaling {
    /// The fewest, 0 to 15000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_execution_environments: Option<u64>,
    /// The most, 0 to 15000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_execution_environments: Option<u64>,
}

/// Provisioned concurrency of a version or an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Provisioned {
    /// Environments asked for.
    pub requested: u64,
    /// When they were asked for.
    pub last_modified: Timestamp,
    /// What is on its way; `None` once they are ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Provisioning>,
}

/// Environments on their way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Provisioning {
    /// They are ready from this moment on.
    pub completes: Timestamp,
    /// The RevisionId of the version from then on.
    pub revision_id: String,
}

/// What becomes of asynchronous events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EventInvoke {
    /// When it was last changed.
    pub last_modified: Timestamp,
    /// 0 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_retry_attempts: Option<u64>,
    /// Seconds, 60 to 21600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_event_age_in_seconds: Option<u64>,
    /// An ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success: Option<String>,
    /// An ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<String>,
}

/// An HTTPS endpoint of a function or an alias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Url {
    /// The first label of its host name.
    pub id: String,
    /// `NONE` or `AWS_IAM`.
    pub auth_type: String,
    /// Which other sites may call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors: Option<Cors>,
    /// `BUFFERED` or `RESPONSE_STREAM`, once it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoke_mode: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub last_modified: Timestamp,
}

/// Which other sites may call a function URL.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Cors {
    /// Whether cookies and other credentials may be sent.
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
    /// The seconds a browser may remember this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
}

/// When the runtime is updated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RuntimeManagement {
    /// `Manual` or `FunctionUpdate`; `Auto` is what holds where nothing was said.
    pub update_runtime_on: String,
    /// With `Manual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_version_arn: Option<String>,
}

/// Takes what is ready into effect, and answers which qualifiers' versions get which RevisionId by it.
pub fn settle(attached: &mut ByQualifier, now: Timestamp) -> Vec<(String, String)> {
    let mut ready = Vec::new();
    for (qualifier, settings) in attached {
        if let Some(provisioned) = &mut settings.provisioned_concurrency
            && let Some(change) = provisioned.change.take_if(|change| now >= change.completes)
        {
            ready.push((qualifier.clone(), change.completes, change.revision_id));
        }
    }
    // Of two that gave one version an id, the later stands.
    ready.sort_by_key(|(_, completes, _)| *completes);
    ready
        .into_iter()
        .map(|(qualifier, _, revision_id)| (qualifier, revision_id))
        .collect()
}

/// For the journal: by qualifier, the settings that differ between two moments.
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
