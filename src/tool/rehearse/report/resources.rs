//! The changes of resources without versions. These are all such resources of Lambda, and the things that ready answers
//! keep. Functions and layers are shown version by version. For other simulated services, the report shows the calls
//! that made changes.

use serde::Serialize;

use super::change::Fate;
use crate::{
    operation::{Result, ready::keeps},
    state::{
        arn::Scope,
        logs,
        ready::{self, Things},
    },
    store::{
        Store,
        kind::{KINDS, Key, Kind},
    },
};

/// The changes of a resource.
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
    /// The members that changed, if the resource existed before and after.
    pub(crate) members: Vec<String>,
}

impl ResourceChange {
    /// The texts for the resource and for its changes.
    pub(super) fn told(&self) -> (String, String) {
        let how = match self.fate {
            Fate::Created => "created".to_owned(),
            Fate::Deleted => "deleted".to_owned(),
            Fate::Changed => format!("changed: {}", self.members.join(", ")),
        };
        (self.kind.to_owned(), how)
    }
}

/// The changes that a caller can see.
///
/// # Errors
/// When a resource cannot be read.
pub(super) fn changed(before: &Store, after: &Store) -> Result<Vec<ResourceChange>> {
    let mut changes = Vec::new();
    for kind in KINDS {
        let words = kind.words();
        if !["lambda", ready::SERVICE, logs::SERVICE].contains(&words.service)
            || kind.has_versions()
        {
            continue;
        }
        for key in kind.differing(before, after)? {
            let seen = |store: &Store| kind.seen(&store.place(key.scope()), &key.name);
            let (was, is) = (seen(before)?, seen(after)?);
            // True if the project declares this thing. The script did not make it.
            let is_given = was.is_none() && keeps(words.one);
            if was == is || (is_given && was_given(after, *kind, &key)?) {
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

/// Returns true if a thing exists because the project declares it, and if no call has changed the thing.
fn was_given(after: &Store, kind: &dyn Kind, key: &Key) -> Result<bool> {
    let Scope { account, region } = key.scope();
    let things: Things = after.document(&format!("{account}/{region}/{}", kind.file()))?;
    let thing = things.things.get(&key.name);
    Ok(thing.is_some_and(|thing| thing.changes == 0))
}
