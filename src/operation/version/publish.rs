//! What a publish does: freezes `$LATEST` under the next number. PublishVersion and `Publish=true` share it.

use jiff::Timestamp;

use crate::{
    operation::{Lambda, Result},
    state::{
        function::{Configuration, Function, Moved, Published},
        version::Version,
    },
    store::collection::Edit,
};

/// The last published version, when neither code nor configuration changed since: then nothing is published.
///
/// # Errors
/// When the version's file cannot be read.
pub fn unchanged(lambda: &Lambda<'_>, edit: &Edit<'_, Function>) -> Result<Option<Version>> {
    let head = &edit.head;
    let version = match &head.published {
        Some(last) if last.digest == head.latest.configuration.digest() => {
            edit.version(head.last_version)?
        }
        _ => None,
    };
    if let Some(version) = &version {
        lambda.explain(|| {
            format!(
                "No version was made: neither code nor configuration of $LATEST differs from what version {} froze at {}, \
                 so Lambda answers that version. Neither a description for the version nor a new upload of the same zip is \
                 a change.",
                version.version, version.published
            )
        });
    }
    Ok(version)
}

/// Freezes `$LATEST` as the next version. The version gets its own RevisionId and `$LATEST` a new one.
///
/// `description` stands on the version alone. Until `active_from` the version is Pending.
pub fn publish(
    lambda: &Lambda<'_>,
    edit: &mut Edit<'_, Function>,
    description: Option<String>,
    active_from: Option<Timestamp>,
) -> Version {
    let number = edit.head.last_version.saturating_add(1);
    lambda.explain(|| {
        let why = match &edit.head.published {
            Some(last) => format!(
                "{} from what version {} froze",
                differs(edit, number - 1),
                last.version
            ),
            None if number == 1 => "there was no version yet".to_owned(),
            None => "the version before it is deleted, and numbers are never used again".to_owned(),
        };
        format!(
            "Version {number} was made of $LATEST, because {why}. The version never changes from here on, and $LATEST has a \
             new RevisionId."
        )
    });
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

/// What of `$LATEST` differs from a version, for explanations.
fn differs(edit: &Edit<'_, Function>, number: u64) -> &'static str {
    let latest = &edit.head.latest.configuration;
    let Ok(Some(version)) = edit.version(number) else {
        return "it differs";
    };
    let frozen = version.configuration;
    let same_code = Configuration {
        code_sha256: frozen.code_sha256.clone(),
        code_size: frozen.code_size,
        unzipped_size: frozen.unzipped_size,
        // A version has a description of its own.
        description: frozen.description.clone(),
        ..latest.clone()
    };
    match (
        latest.code_sha256 == frozen.code_sha256,
        same_code.digest() == frozen.digest(),
    ) {
        (false, true) => "its code differs",
        (true, false) => "its configuration differs",
        (false, false) => "its code and its configuration differ",
        (true, true) => "it differs",
    }
}
