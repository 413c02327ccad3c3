//! Finds the policy that a request is about, and compares the RevisionId of the request with the policy's.

use crate::{
    operation::{
        Result,
        resolve::{Target, has},
    },
    state::{
        error::{Code, ServiceError},
        function::Function,
        policy::Policy,
    },
    store::collection::Edit,
};

/// The policy of the function, version or alias that the request names. The state keeps the function's own policy with
/// the key `$LATEST`. But a request with the qualifier `$LATEST` does not find it, because no policy can be added to
/// `$LATEST`.
pub fn of<'a>(head: &'a Function, target: &Target) -> Option<&'a Policy> {
    if target.qualifier.as_deref() == Some("$LATEST") {
        return None;
    }
    head.attached.get(target.key())?.policy.as_ref()
}

/// Refuses a version or alias that does not exist.
///
/// # Errors
/// ResourceNotFoundException.
pub fn check_there(edit: &Edit<'_, Function>, target: &Target) -> Result<()> {
    if has(&edit.head, target.key(), |number| edit.version(number))? {
        return Ok(());
    }
    Err(target.missing().into())
}

/// Refuses a RevisionId that differs from the policy's. If there is no policy, it is compared with the RevisionId of
/// the function, version or alias (recorded from AWS 2025-11 for an alias).
///
/// # Errors
/// PreconditionFailedException. Its words were recorded from AWS 2025-11 for AddPermission. The words for
/// RemovePermission were not recorded.
pub fn check_revision(
    edit: &Edit<'_, Function>,
    target: &Target,
    given: Option<&str>,
) -> Result<()> {
    let Some(given) = given else { return Ok(()) };
    let head = &edit.head;
    let key = target.key();
    let current = if let Some(policy) = of(head, target) {
        Some(policy.revision_id.clone())
    } else if key == "$LATEST" {
        Some(head.latest.revision_id.clone())
    } else if let Some(alias) = head.aliases.get(key) {
        Some(alias.revision_id.clone())
    } else if let Some(id) = head
        .versions
        .get(key)
        .and_then(|moved| moved.revision_id.clone())
    {
        Some(id)
    } else if let Ok(number) = key.parse() {
        edit.version(number)?.map(|version| version.revision_id)
    } else {
        None
    };
    if current.as_deref() == Some(given) {
        return Ok(());
    }
    Err(ServiceError::new(
        Code::PreconditionFailedException,
        "The Revision Id provided does not match the latest Revision Id. \
         Call the GetPolicy API to retrieve the latest Revision Id",
    )
    .with_explanation(format!(
        "A policy has its own RevisionId, apart from the function's. Without a policy, the RevisionId of the \
         function or alias counts. {given} is not the current one, {}.",
        current.as_deref().unwrap_or("and there is no current one")
    ))
    .into())
}
