//! What became of Lambda's resources that have no versions: whatever kinds there are of them. Functions and layers are
//! told version by version, and what was done to other services by the calls that did it.

use serde::Serialize;

use super::change::Fate;
use crate::{
    operation::Result,
    store::{Store, kind::KINDS},
};

/// What became of a resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ResourceChange {
    /// `code signing configuration`
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) region: String,
    /// Created, changed or deleted.
    pub(crate) fate: Fate,
    /// The members that changed of one that was there and is.
    pub(crate) members: Vec<String>,
}

impl ResourceChange {
    /// What it is, and what became of it.
    pub(super) fn told(&self) -> (String, String) {
        let how = match self.fate {
            Fate::Created => "created".to_owned(),
            Fate::Deleted => "deleted".to_owned(),
            Fate::Changed => format!("changed: {}", self.members.join(", ")),
        };
        (self.kind.to_owned(), how)
    }
}

/// What became of those that callers can see to differ.
///
/// # Errors
/// When one cannot be read.
pub(super) fn changed(before: &Store, after: &Store) -> Result<Vec<ResourceChange>> {
    let mut changes = Vec::new();
    for kind in KINDS {
        let words = kind.words();
        if words.service != "lambda" || kind.has_versions() {
            continue;
        }
        for key in kind.differing(before, after)? {
            let seen = |store: &Store| kind.seen(&store.place(key.scope()), &key.name);
            let (was, is) = (seen(before)?, seen(after)?);
            if was == is {
                continue;
            }
            let fate = Fate::of(was.is_some(), is.is_some());
            let (was, is) = (
                was.unwrap_or_default().members,
                is.unwrap_or_default().members,
            );
            let members = is.keys().filter(|name| was.get(*name) != is.get(*name));
            changes.push(ResourceChange {
                kind: words.one,
                fate,
                members: members.cloned().collect(),
                name: key.name,
                account: key.account,
                region: key.region,
            });
        }
    }
    Ok(changes)
}
