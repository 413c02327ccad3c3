//! What a publish does: freezes `$LATEST` under the next number. PublishVersion and `Publish=true` share it.

use jiff::Timestamp;

use crate::{
    operation::Result,
    state::{
        function::{Function, Moved, Published},
        version::Version,
    },
    store::collection::Edit,
};

/// The last published version, when neither code nor configuration changed since: then nothing is published.
///
/// # Errors
/// When the version's file cannot be read.
pub fn unchanged(edit: &Edit<'_, Function>) -> Result<Option<Version>> {
    let head = &edit.head;
    match &head.published {
        Some(last) if last.digest == head.latest.configuration.digest() => {
            edit.version(head.last_version)
        }
        _ => Ok(None),
    }
}

/// Freezes `$LATEST` as the next version. The version gets its own RevisionId and `$LATEST` a new one.
///
/// `description` stands on the version alone. Until `active_from` the version is Pending.
pub fn publish(
    edit: &mut Edit<'_, Function>,
    description: Option<String>,
    active_from: Option<Timestamp>,
) -> Version {
    let number = edit.head.last_version.saturating_add(1);
    let revision_id = edit.next_id();
    let mut configuration = edit.head.latest.configuration.clone();
    let digest = configuration.digest();
    if let Some(description) = description {
        configuration.description = description;
    }
    let version = Version {
        version: number.to_string(),
        revision_id,
        published: edit.now,
        configuration,
    };
    edit.head.last_version = number;
    edit.head.code_size = edit
        .head
        .code_size
        .saturating_add(version.configuration.code_size);
    edit.head.published = Some(Published {
        version: version.version.clone(),
        digest,
    });
    edit.head.latest.revision_id = edit.next_id();
    if active_from.is_some() {
        edit.head.versions.insert(
            version.version.clone(),
            Moved {
                active_from,
                ..Moved::default()
            },
        );
    }
    edit.publish(number, version.clone());
    version
}
