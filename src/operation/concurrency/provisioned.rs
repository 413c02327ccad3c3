//! Provisioned concurrency: how it is shown, which versions may have it, and how it moves with its alias.

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

/// Provisioned concurrency as reads answer it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ProvisionedConcurrencyConfig {
    /// The environments that were asked for.
    pub requested_provisioned_concurrent_executions: u64,
    /// The environments that are ready.
    pub available_provisioned_concurrent_executions: u64,
    /// The environments that are there.
    pub allocated_provisioned_concurrent_executions: u64,
    /// IN_PROGRESS, READY or FAILED.
    pub status: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// When it was last set.
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

/// What hangs on a qualifier.
pub fn of<'a>(head: &'a Function, qualifier: &str) -> Option<&'a Provisioned> {
    head.attached
        .get(qualifier)?
        .provisioned_concurrency
        .as_ref()
}

/// Refuses `$LATEST`, which Get and Delete say in these words (recorded from AWS 2025-11).
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

/// The error for `$LATEST`, and for an alias that points at it (recorded from AWS 2025-11 for the former).
pub fn unpublished() -> ServiceError {
    invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
        .with_explanation(
            "Environments are kept ready of code that stays what it is: publish $LATEST, and provision the version or an alias \
             of it.",
        )
}

/// Refuses to provision a version twice: by itself and by an alias, or by two aliases (recorded from AWS 2025-11 for
/// the former). `version` is what the qualifier stands for.
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

/// Sets environments going that are ready after a while. The version gets a new RevisionId with that, which is drawn
/// now.
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

/// What an alias has provisioned moves with it to another version, where it takes its time again.
///
/// # Errors
/// As [`check_free`].
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
