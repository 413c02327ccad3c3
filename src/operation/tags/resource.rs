//! What can be tagged, and with what.

use indexmap::IndexMap;

use crate::{
    operation::{
        Failure, Lambda, Result, code_signing,
        resolve::{Target, invalid},
    },
    state::error::{Code, ServiceError},
};

/// The function that an ARN of a tag operation means.
///
/// # Errors
/// In the words recorded from AWS 2025-11: versions and aliases have no tags, and there are no event source mappings
/// and capacity providers here. The words for a code signing configuration are those of its own operations.
pub fn function(lambda: &Lambda<'_>, arn: &str) -> Result<Target> {
    let not_found = |message: String| ServiceError::new(Code::ResourceNotFoundException, message);
    match arn.split(':').nth(5) {
        Some("event-source-mapping") => {
            return Err(not_found(format!("Event source mapping not found: {arn}")).into());
        }
        Some("capacity-provider") => {
            return Err(not_found(format!("Capacity provider not found: {arn}")).into());
        }
        Some("code-signing-config") => {
            let id = lambda.code_signing_id(arn);
            let there = match id {
                Some(id) => lambda.code_signing_configs().head(id)?.is_some(),
                None => false,
            };
            return Err(if there {
                Failure::NotSimulated("tagging code signing configurations".to_owned())
            } else {
                code_signing::config::not_found(arn).into()
            });
        }
        Some("layer") => return Err(Failure::NotSimulated("tagging layers".to_owned())),
        _ => {}
    }
    let target = lambda.target(arn, None)?;
    if target.qualifier.is_some() {
        return Err(invalid(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        )
        .into());
    }
    Ok(target)
}

/// Refuses tags that AWS's documentation rules out: more than 50, keys over 128 or values over 256 characters, keys
/// that begin with `aws:`. What the service says of them was not recorded; the words are ours.
///
/// # Errors
/// InvalidParameterValueException.
pub fn check(tags: &IndexMap<String, String>) -> Result<()> {
    if tags.len() > 50 {
        return Err(invalid("A resource can have at most 50 tags.").into());
    }
    for (key, value) in tags {
        let (keys, values) = (key.chars().count(), value.chars().count());
        if !(1..=128).contains(&keys) || values > 256 {
            return Err(invalid(format!(
                "Tag keys have 1 to 128 characters and values at most 256: the key '{key}' has {keys}, its value {values}."
            ))
            .into());
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid(format!(
                "Tag keys that begin with aws: are reserved for AWS: '{key}'."
            ))
            .into());
        }
    }
    Ok(())
}
