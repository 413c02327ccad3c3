//! Publishes a version: freezes `$LATEST` with the next number. PublishVersion and `Publish=true` use this code.

use std::cell::Cell;

use jiff::Timestamp;

use crate::{
    operation::{Lambda, Result},
    state::{
        function::{Configuration, Function, Moved, PublishRule, Published},
        version::Version,
    },
    store::collection::Edit,
};

/// The rule that decides if a publish makes a version, and a note if the other rule would have decided differently.
#[derive(Debug, Default)]
pub struct Publishing {
    rule: PublishRule,
    depended: Cell<bool>,
}

impl Publishing {
    /// Uses the given rule for publishes.
    pub fn by(rule: PublishRule) -> Self {
        Self {
            rule,
            ..Self::default()
        }
    }

    /// Returns true if the two rules disagreed on a publish since this function was called last.
    pub fn depended(&self) -> bool {
        self.depended.take()
    }
}

/// Returns the last published version if a publish would not make a new one, and `None` if it would.
///
/// A publish makes a version if an UpdateFunctionCode or UpdateFunctionConfiguration succeeded after the last version
/// was made, even if it changed nothing (public reports, 2024-03 and 2024-12). It also makes one if the last version
/// was deleted. AWS's page says that the content must differ; `LAMBDRY_PUBLISH_RULE=content` follows the page.
///
/// # Errors
/// The file of a version cannot be read.
pub fn unchanged(lambda: &Lambda<'_>, edit: &Edit<'_, Function>) -> Result<Option<Version>> {
    let head = &edit.head;
    let Some(last) = &head.published else {
        return Ok(None);
    };
    let Publishing { rule, depended } = lambda.publishing;
    let content = &head.latest.configuration;
    let is_same_content_anew = last.updated && !last.differs(content);
    let version = match last.makes_version(content, *rule) {
        true => None,
        false => edit.version(head.last_version)?,
    };
    if is_same_content_anew {
        depended.set(true);
    }
    if let Some(version) = &version {
        lambda.explain(|| {
            let (number, moment) = (&version.version, &version.published);
            let (why, more) = match is_same_content_anew {
                true => (
                    format!(
                        "code and configuration of $LATEST are the same as those that version {number} froze at \
                         {moment}"
                    ),
                    DOUBT,
                ),
                false => (
                    format!("$LATEST was not updated since version {number} froze it at {moment}"),
                    "A description in the call does not count as a change.",
                ),
            };
            format!(
                "No version was made: {why}. So Lambda answers version {number} again, with its old description. \
                 {more}"
            )
        });
    }
    Ok(version)
}

/// The sentence about a publish whose content is the same as in the last version, although an update succeeded in
/// between.
const DOUBT: &str = "That depends on AWS: its page says that the same content makes no version, but a measurement \
    shows that every update makes one (LAMBDRY_PUBLISH_RULE).";

/// Returns true if a publish would make a version.
pub fn makes_version(lambda: &Lambda<'_>, head: &Function) -> bool {
    let content = &head.latest.configuration;
    let last = head.published.as_ref();
    last.is_none_or(|last| last.makes_version(content, lambda.publishing.rule))
}

/// Freezes `$LATEST` as the next version. The version gets a RevisionId of its own, and `$LATEST` gets a new
/// RevisionId.
///
/// Only the version gets `description`. The version is Pending until `active_from`.
pub fn publish(
    lambda: &Lambda<'_>,
    edit: &mut Edit<'_, Function>,
    description: Option<String>,
    active_from: Option<Timestamp>,
) -> Version {
    let number = edit.head.last_version.saturating_add(1);
    lambda.explain(|| {
        let why = match &edit.head.published {
            Some(last) if last.differs(&edit.head.latest.configuration) => format!(
                "{} from what version {} froze",
                differs(edit, number - 1),
                last.version
            ),
            Some(last) => format!(
                "an update succeeded after version {}, even if the content is the same",
                last.version
            ),
            None if number == 1 => "there was no version yet".to_owned(),
            None => "the last version was deleted, and numbers are never used again".to_owned(),
        };
        format!(
            "Version {number} was made from $LATEST, because {why}. The version never changes, and $LATEST has a new \
             RevisionId."
        )
    });
    if lambda.publishing.depended.get() {
        lambda.explain(|| DOUBT.to_owned());
    }
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
        updated: false,
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

/// Tells, for explanations, if `$LATEST` and a version differ in code or configuration.
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
        // The descriptions are not compared.
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
