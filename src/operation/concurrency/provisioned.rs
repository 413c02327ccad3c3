//! Provisioned concurrency: its form in answers, the versions that may have it, and its move with an alias.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    operation::{
        Result,
        resolve::{Target, invalid},
    },
    state::{
        attached::{Provisioned, Provisioning},
        error::{Code, ServiceError},
        function::Function,
    },
    store::collection::Edit,
};

/// Provisioned concurrency as answers of reads show it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ProvisionedConcurrencyConfig {
    /// The number of requested environments.
    pub requested_provisioned_concurrent_executions: u64,
    /// The number of ready environments.
    pub available_provisioned_concurrent_executions: u64,
    /// The number of allocated environments.
    pub allocated_provisioned_concurrent_executions: u64,
    /// IN_PROGRESS, READY or FAILED.
    pub status: String,
    /// The reason for a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// The time it was last set.
    pub last_modified: String,
}

impl From<&Provisioned> for ProvisionedConcurrencyConfig {
    fn from(provisioned: &Provisioned) -> Self {
        let ready = provisioned.change.is_none();
        let there = if ready { provisioned.requested } else { 0 };
        Self {
            requested_provisioned_concurrent_executions: provisioned.requested,
            available_provisioned_concurrent_executions: there,
            allocated_provisioned_concurrent_executions: there,
            status: if ready { "READY" } else { "IN_PROGRESS" }.to_owned(),
            status_reason: None,
            last_modified: provisioned
                .last_modified
                .strftime("%Y-%m-%dT%H:%M:%S+0000")
                .to_string(),
        }
    }
}

/// The provisioned concurrency of a qualifier.
pub fn of<'a>(head: &'a Function, qualifier: &str) -> Option<&'a Provisioned> {
    head.attached
        .get(qualifier)?
        .provisioned_concurrency
        .as_ref()
}

/// Refuses `$LATEST`, in the words of Get and Delete (recorded from AWS 2025-11).
///
/// # Errors
/// InvalidParameterValueException.
pub fn published(target: &Target) -> Result<()> {
    if target.key() == "$LATEST" {
        return Err(invalid(
            "The function resource provided must be an alias or a published version.",
        )
        .into());
    }
    Ok(())
}

/// The error for `$LATEST` (recorded from AWS 2025-11) and for an alias that points at it.
pub fn unpublished() -> ServiceError {
    invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
        .with_explanation(
            "Lambda keeps environments ready only for code that does not change: publish $LATEST, and provision the \
             version or an alias of it.",
        )
}

/// Refuses to provision a version twice: by itself and by an alias (recorded from AWS 2025-11), or by two aliases.
/// `version` is the version behind the qualifier.
///
/// # Errors
/// ResourceConflictException; InvalidParameterValueException for `$LATEST`.
pub fn check_free(head: &Function, qualifier: &str, version: &str) -> Result<()> {
    if version == "$LATEST" {
        return Err(unpublished().into());
    }
    let stands_for = |other: &str| match head.aliases.get(other) {
        Some(alias) => alias.function_version == version,
        None => other == version,
    };
    let taken = head
        .attached
        .keys()
        .any(|other| other != qualifier && of(head, other).is_some() && stands_for(other));
    if !taken {
        return Ok(());
    }
    let message = if head.aliases.contains_key(qualifier) {
        "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
    } else {
        "Version is pointed by a Provisioned Concurrency alias"
    };
    Err(ServiceError::new(Code::ResourceConflictException, message).into())
}

/// Starts environments, which are ready after a while. The version then gets a new RevisionId; this call already
/// assigns the id.
pub fn provision(edit: &mut Edit<'_, Function>, settle: Duration, requested: u64) -> Provisioned {
    Provisioned {
        requested,
        last_modified: edit.now,
        change: Some(Provisioning {
            completes: edit.after(settle),
            revision_id: edit.next_id(),
        }),
    }
}

/// Moves provisioned concurrency with its alias to another version. The environments of that version need time to get
/// ready.
///
/// # Errors
/// The errors of [`check_free`].
pub fn follow(
    edit: &mut Edit<'_, Function>,
    settle: Duration,
    alias: &str,
    version: &str,
) -> Result<()> {
    let Some(old) = of(&edit.head, alias).cloned() else {
        return Ok(());
    };
    check_free(&edit.head, alias, version)?;
    let moved = Provisioned {
        last_modified: old.last_modified,
        ..provision(edit, settle, old.requested)
    };
    edit.head.attach(alias, |attached| {
        attached.provisioned_concurrency = Some(moved)
    });
    Ok(())
}
