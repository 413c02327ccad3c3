//! What there is beside functions and layers: buckets and their objects, roles, repositories. Each is a name and a
//! fingerprint.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::Serialize;

use super::end::fingerprint;
use crate::{
    operation::Result,
    state::{ecr::Registry, iam::Roles},
    store::{Store, listing::Listing, s3},
};

/// By name, as a person reads it: `s3://bucket/key`, `role deploy`.
pub(super) type Things = BTreeMap<String, String>;

/// Reads the things that a state has. Objects that it reads from the state it was forked from are left out: nothing
/// was done to them.
///
/// # Errors
/// When they cannot be read.
pub(super) fn read(store: &Store) -> Result<Things> {
    let mut things = Things::new();
    let mut accounts = BTreeSet::new();
    for scope in store.scopes()? {
        let registry = format!("{}/{}/ecr.json", scope.account, scope.region);
        let registry: Registry = store.document(&registry)?;
        for (name, mut repository) in registry.repositories {
            repository.created_at = jiff::Timestamp::UNIX_EPOCH;
            things.insert(format!("repository {name}"), told(&repository));
        }
        accounts.insert(scope.account);
    }
    for account in accounts {
        let roles: Roles = store.document(&format!("{account}/iam.json"))?;
        for (name, mut role) in roles.roles {
            role.create_date = jiff::Timestamp::UNIX_EPOCH;
            things.insert(format!("role {name}"), told(&role));
        }
    }
    for bucket in store.s3_buckets()? {
        for object in store.s3_list(&bucket.name, "")?.unwrap_or_default() {
            if object.path.starts_with(store.root()) {
                let name = format!("s3://{}/{}", bucket.name, object.key);
                things.insert(name, content(&object.path));
            }
        }
        things.insert(format!("bucket {}", bucket.name), String::new());
    }
    Ok(things)
}

fn told(thing: &impl Serialize) -> String {
    serde_json::to_string(thing).expect("plain data becomes JSON")
}

/// An object by its bytes; a zip by its files, whose times do not count.
fn content(path: &Path) -> String {
    if let Ok(listing) = Listing::open(path) {
        return fingerprint(&listing);
    }
    match s3::digests(path) {
        Ok((md5, crc)) => format!("{md5} {crc}"),
        // What is gone meanwhile is told as such.
        Err(error) => error.to_string(),
    }
}
