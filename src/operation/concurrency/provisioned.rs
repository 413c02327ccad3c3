//! Provisioned concurrency: its form in answers, the versions that can have it, and its move to another version when
//! its alias moves.

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

/// Provisioned concurrency in the form that the read operations return.
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
    /// The time of the last change.
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

/// The provisioned concurrency that a function has for a qualifier.
pub fn of<'a>(head: &'a Function, qualifier: &str) -> Option<&'a Provisioned> {
    head.attached
        .get(qualifier)?
        .provisioned_concurrency
        .as_ref()
}

/// Refuses `$LATEST`, with the error that Get and Delete return (recorded from AWS 2025-11).
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

/// The error for `$LATEST` (recorded from AWS 2025-11), and for an alias that points at `$LATEST`.
pub fn unpublished() -> ServiceError {
    invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
        .with_explanation(
            "Lambda keeps environments ready only for code that does not change: publish $LATEST, and provision the \
             version or an alias of it.",
        )
}

/// Refuses to provision a version twice: once directly and once through an alias (recorded from AWS 2025-11), or
/// through two aliases. `version` is the version that the qualifier means.
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

/// Starts environments, which are ready after `settle`. When they are ready, the version gets a new RevisionId, which
/// is already chosen here.
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

/// Moves provisioned concurrency to the version that its alias points at after an update. The environments of that
/// version need time until they are ready.
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
