//! The list of kinds, with their types erased. Archives, forks, examinations, imports, sweeps, reports and completion
//! use this list, and do not name any kind themselves.
//!
//! ```text
//! a folder each    functions/<name>/…      a head, versions, a journal    Folders<H: Head>
//! entries          ecr.json, iam.json      one document for all           Entries<E: Entry>
//! files in s3/                             buckets and objects            s3::kind
//! ```

use std::{
    any::TypeId,
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    marker::PhantomData,
    path::Path,
};

use serde_json::Value;

use super::{
    Place, Result, Store,
    archive::Archive,
    check::Check,
    import::Packed,
    s3::kind::{Buckets, Objects},
};
use crate::state::{
    account::Totals,
    arn::Scope,
    code_signing::CodeSigningConfig,
    ecr::Repository,
    event_source_mapping::EventSourceMapping,
    function::Function,
    head::Head,
    iam::{Policy, Role},
    kind::{Entry, Named, Words},
    layer::Layer,
    logs::Logged,
    ready::Thing,
};

/// Every kind. Texts about several kinds follow this order.
pub static KINDS: &[&dyn Kind] = &[
    &Folders::<Function>(PhantomData),
    &Folders::<Layer>(PhantomData),
    &Folders::<CodeSigningConfig>(PhantomData),
    &Folders::<EventSourceMapping>(PhantomData),
    &Entries::<Repository>(PhantomData),
    &Entries::<Role>(PhantomData),
    &Entries::<Policy>(PhantomData),
    &Entries::<Thing>(PhantomData),
    &Entries::<Logged>(PhantomData),
    &Buckets,
    &Objects,
];

/// The place where the resources of a kind are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// A folder in each account and region.
    Folder(&'static str),
    /// A file in each account and region.
    File(&'static str),
    /// A file in each account.
    GlobalFile(&'static str),
    /// A folder at the root of the state directory.
    Root(&'static str),
}

impl Lies {
    /// The account and region in the key of a resource. The region, or both, are empty if the kind does not have them.
    pub fn scope(self, scope: &Scope) -> Scope {
        let Scope { region, account } = scope.clone();
        match self {
            Self::Folder(_) | Self::File(_) => Scope { region, account },
            Self::GlobalFile(_) => Scope {
                region: String::new(),
                account,
            },
            Self::Root(_) => Scope {
                region: String::new(),
                account: String::new(),
            },
        }
    }
}

/// The key of a resource in any account and region. The region, or both, are empty if the kind does not have them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The account's number, twelve digits.
    pub account: String,
    /// The region, such as `eu-west-1`.
    pub region: String,
    /// The name of the resource.
    pub name: String,
}

impl Key {
    /// The account and region.
    pub fn scope(&self) -> Scope {
        Scope {
            region: self.region.clone(),
            account: self.account.clone(),
        }
    }
}

/// The data of a resource that callers see.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// The numbers of the resource's versions.
    pub numbers: BTreeSet<u64>,
    /// The members of the resource or of its newest version; code is represented by the fingerprint of its files.
    pub members: BTreeMap<String, Value>,
}

/// A kind of resource with its types erased. It has the methods of [`crate::state::kind::Kind`] and
/// [`crate::state::head::Head`], and reads the data from the disk.
pub trait Kind: Debug + Sync {
    /// The words for the kind.
    fn words(&self) -> &'static Words;
    /// The origin of a resource's name.
    fn named(&self) -> Named;
    /// The place where the resources of the kind are stored.
    fn lies(&self) -> Lies;
    /// The file that a folder must contain to be a resource.
    fn file(&self) -> &'static str;
    /// True if resources of this kind have versions.
    fn has_versions(&self) -> bool;
    /// The type of the kind's resources, for code that needs more than these methods.
    fn holds(&self) -> TypeId;
    /// The text by which calls name a resource.
    fn called(&self, scope: &Scope, name: &str) -> String;
    /// The names of the resources in one place, bytewise.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    fn names(&self, place: &Place<'_>) -> Result<Vec<String>>;
    /// The names of the resources that are different in `before` and in `after`, which is a fork of it, or that exist
    /// in only one of the two.
    ///
    /// # Errors
    /// A resource that cannot be read.
    fn changed(&self, before: &Place<'_>, after: &Place<'_>) -> Result<BTreeSet<String>>;
    /// The data of a resource that callers see; `None` if the resource does not exist.
    ///
    /// # Errors
    /// A resource that cannot be read.
    fn seen(&self, place: &Place<'_>, name: &str) -> Result<Option<Seen>>;
    /// Returns true if the state is already as a call requested; `None` if the answer is uncertain.
    ///
    /// # Errors
    /// A resource that cannot be read.
    fn satisfied(
        &self,
        place: &Place<'_>,
        operation: &str,
        request: &Value,
    ) -> Result<Option<bool>>;
    /// Copies the resources of an account and region with all their files into the folder of a copy's account and
    /// region, each as of one moment. Kinds that are stored in files are copied with those files, and `s3/` is copied
    /// elsewhere. `step` receives the name of each resource before it is copied.
    ///
    /// # Errors
    /// A resource that cannot be read, or a copy that cannot be written.
    fn copy(&self, place: &Place<'_>, to: &Path, step: &mut dyn FnMut(&str)) -> Result<()>;
    /// Examines the resources in one place. Returns true if every head could be read.
    ///
    /// # Errors
    /// A finding that cannot be reported.
    fn check(&self, check: &mut Check<'_>, place: &Place<'_>) -> Result<bool>;
    /// Adds the sizes of the resources in one place to the account's sums.
    ///
    /// # Errors
    /// A head that cannot be read.
    fn count(&self, place: &Place<'_>, totals: &mut Totals) -> Result<()>;
    /// Reads a whole resource for an archive; `None` if it no longer exists, or if its kind is archived as a file.
    ///
    /// # Errors
    /// A file of the resource that cannot be read.
    fn pack(&self, place: &Place<'_>, name: &str) -> Result<Option<Box<dyn Packed>>>;
    /// Reads and checks a resource in an archive. `files` has the files of the resource, each with the number of its
    /// entry in the archive.
    ///
    /// # Errors
    /// The fault of the resource.
    fn unpack(
        &self,
        archive: &mut Archive,
        place: &str,
        name: &str,
        files: &BTreeMap<String, usize>,
    ) -> Result<Box<dyn Packed>>;
    /// Checks the file in which the resources of a kind are stored.
    ///
    /// # Errors
    /// The fault of the file.
    fn judge(&self, text: &[u8]) -> std::result::Result<(), serde_json::Error>;
}

impl dyn Kind {
    /// The folder that holds one folder for each resource; `None` if the kind is stored in another way.
    pub fn folder(&self) -> Option<&'static str> {
        match self.lies() {
            Lies::Folder(folder) => Some(folder),
            _ => None,
        }
    }

    /// Every place that may hold resources, existing or not.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn places(&self, store: &Store) -> Result<Vec<Scope>> {
        let mut scopes = match self.lies() {
            Lies::Folder(_) | Lies::File(_) => store.scopes()?,
            Lies::GlobalFile(_) => store.accounts()?.into_iter().map(global).collect(),
            Lies::Root(_) => vec![global(String::new())],
        };
        scopes.sort_unstable_by(|one, other| {
            (&one.account, &one.region).cmp(&(&other.account, &other.region))
        });
        Ok(scopes)
    }

    /// The resources that are different in a state and in a fork of that state, or that exist in only one of the two.
    ///
    /// # Errors
    /// A resource that cannot be read.
    pub fn differing(&self, before: &Store, after: &Store) -> Result<BTreeSet<Key>> {
        let mut scopes = self.places(before)?;
        for scope in self.places(after)? {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        let mut keys = BTreeSet::new();
        for scope in scopes {
            let names = self.changed(&before.place(scope.clone()), &after.place(scope.clone()))?;
            keys.extend(names.into_iter().map(|name| Key {
                account: scope.account.clone(),
                region: scope.region.clone(),
                name,
            }));
        }
        Ok(keys)
    }

    /// A resource's name for people: `layer base`.
    pub fn told(&self, name: &str) -> String {
        format!("{}{name}", self.words().before_name)
    }
}

fn global(account: String) -> Scope {
    Scope {
        region: String::new(),
        account,
    }
}

/// The folders that hold one folder for each resource: `functions`, `layers` …
pub(super) fn folders() -> impl Iterator<Item = &'static str> {
    KINDS.iter().filter_map(|kind| kind.folder())
}

/// Returns true if the state is already as a call requested, no matter which call changed it; `None` if the answer is
/// uncertain.
///
/// # Errors
/// A resource that cannot be read.
pub fn satisfied(
    store: &Store,
    scope: &Scope,
    service: &str,
    operation: &str,
    request: &Value,
) -> Result<Option<bool>> {
    for kind in KINDS.iter().filter(|kind| kind.words().service == service) {
        let place = store.place(kind.lies().scope(scope));
        if let Some(holds) = kind.satisfied(&place, operation, request)? {
            return Ok(Some(holds));
        }
    }
    Ok(None)
}

/// The name that a request gives for a resource. `words` are the words for the kind of the resource.
fn asked(words: &Words, request: &Value, named: impl Fn(&str) -> Option<String>) -> Option<String> {
    // Requests of the tag operations name a resource by its ARN in `Resource`.
    let mut members = words.members.iter().chain(&["Resource"]);
    members.find_map(|member| named(request.get(*member)?.as_str()?))
}

/// The file of a kind's document, by its path in the state directory.
pub fn file_of<E: Entry>(scope: &Scope) -> String {
    let Scope { region, account } = scope;
    match E::IS_GLOBAL {
        true => format!("{account}/{}", E::FILE),
        false => format!("{account}/{region}/{}", E::FILE),
    }
}

/// A kind whose resources are folders.
struct Folders<H>(PhantomData<fn() -> H>);

impl<H: Head> Debug for Folders<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(H::FOLDER)
    }
}

impl<H: Head> Kind for Folders<H> {
    fn words(&self) -> &'static Words {
        const { &H::WORDS }
    }

    fn named(&self) -> Named {
        H::NAMED
    }

    fn lies(&self) -> Lies {
        Lies::Folder(H::FOLDER)
    }

    fn file(&self) -> &'static str {
        H::FILE
    }

    fn has_versions(&self) -> bool {
        H::HAS_VERSIONS
    }

    fn holds(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn called(&self, scope: &Scope, name: &str) -> String {
        H::called(scope, name)
    }

    fn names(&self, place: &Place<'_>) -> Result<Vec<String>> {
        let all = place.all::<H>();
        let mut there = Vec::new();
        for name in all.names()? {
            // A folder that a stopped create left is not a resource.
            let is_there = match H::GOES_IN_TIME {
                true => all.head(&name)?.is_some(),
                false => all.is_there(&name).unwrap_or_default(),
            };
            if is_there {
                there.push(name);
            }
        }
        Ok(there)
    }

    fn changed(&self, before: &Place<'_>, after: &Place<'_>) -> Result<BTreeSet<String>> {
        let (old, new) = (before.all::<H>(), after.all::<H>());
        let mut changed = BTreeSet::new();
        for name in old.apart(&new)? {
            if old.head(&name)? != new.head(&name)? {
                changed.insert(name);
            }
        }
        Ok(changed)
    }

    fn seen(&self, place: &Place<'_>, name: &str) -> Result<Option<Seen>> {
        place.all::<H>().view(name, |view| {
            let numbers: BTreeSet<u64> = view.numbers()?.into_iter().collect();
            let newest = match numbers.last() {
                Some(number) => view.version(*number)?,
                None => None,
            };
            let codes = [
                view.head.code().and_then(|(code, _)| code),
                newest.as_ref().and_then(|version| H::code_of(version).0),
            ];
            let mut members = BTreeMap::new();
            if let Value::Object(seen) = view.head.seen(newest.as_ref()) {
                members.extend(seen);
            }
            for value in members.values_mut() {
                let code = codes.iter().flatten().find(|code| *value == ***code);
                if let Some(code) = code {
                    *value = place.store.fingerprint(code).into();
                }
            }
            Ok(Seen { numbers, members })
        })
    }

    fn satisfied(
        &self,
        place: &Place<'_>,
        operation: &str,
        request: &Value,
    ) -> Result<Option<bool>> {
        let Some(name) = asked(self.words(), request, H::named) else {
            return Ok(H::satisfied(None, operation, request));
        };
        let found = place.all::<H>().view(&name, |view| {
            let numbers: BTreeSet<u64> = view.numbers()?.into_iter().collect();
            Ok((view.head.clone(), numbers))
        })?;
        let found = found.as_ref().map(|(head, numbers)| (head, numbers));
        Ok(H::satisfied(found, operation, request))
    }

    fn copy(&self, place: &Place<'_>, to: &Path, step: &mut dyn FnMut(&str)) -> Result<()> {
        place.store.copy_kind::<H>(place, to, step)
    }

    fn check(&self, check: &mut Check<'_>, place: &Place<'_>) -> Result<bool> {
        check.resources::<H>(self, place)
    }

    fn count(&self, place: &Place<'_>, totals: &mut Totals) -> Result<()> {
        // A kind without versions has no code.
        if H::HAS_VERSIONS {
            for share in place.all::<H>().shares()? {
                totals.add(&share, H::IS_FUNCTION);
            }
        }
        Ok(())
    }

    fn pack(&self, place: &Place<'_>, name: &str) -> Result<Option<Box<dyn Packed>>> {
        let whole = place.all::<H>().whole(name)?;
        Ok(whole.map(|resource| Box::new(resource) as Box<dyn Packed>))
    }

    fn unpack(
        &self,
        archive: &mut Archive,
        place: &str,
        name: &str,
        files: &BTreeMap<String, usize>,
    ) -> Result<Box<dyn Packed>> {
        Ok(Box::new(archive.resource::<H>(place, name, files)?))
    }

    fn judge(&self, text: &[u8]) -> std::result::Result<(), serde_json::Error> {
        serde_json::from_slice::<H>(text).map(drop)
    }
}

/// A kind whose resources are entries of one document.
struct Entries<E>(PhantomData<fn() -> E>);

impl<E: Entry> Debug for Entries<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(E::FILE)
    }
}

impl<E: Entry> Entries<E> {
    fn document(place: &Place<'_>) -> Result<E::Document> {
        place.store.document(&file_of::<E>(&place.scope))
    }
}

impl<E: Entry> Kind for Entries<E> {
    fn words(&self) -> &'static Words {
        const { &E::WORDS }
    }

    fn named(&self) -> Named {
        E::NAMED
    }

    fn lies(&self) -> Lies {
        match E::IS_GLOBAL {
            true => Lies::GlobalFile(E::FILE),
            false => Lies::File(E::FILE),
        }
    }

    fn file(&self) -> &'static str {
        E::FILE
    }

    fn has_versions(&self) -> bool {
        false
    }

    fn holds(&self) -> TypeId {
        TypeId::of::<E>()
    }

    fn called(&self, scope: &Scope, name: &str) -> String {
        E::called(scope, name)
    }

    fn names(&self, place: &Place<'_>) -> Result<Vec<String>> {
        let document = Self::document(place)?;
        Ok(E::entries(&document).keys().cloned().collect())
    }

    fn changed(&self, before: &Place<'_>, after: &Place<'_>) -> Result<BTreeSet<String>> {
        let (old, new) = (Self::document(before)?, Self::document(after)?);
        let (old, new) = (E::entries(&old), E::entries(&new));
        let names = old.keys().chain(new.keys());
        let changed = names.filter(|name| old.get(*name) != new.get(*name));
        Ok(changed.cloned().collect())
    }

    fn seen(&self, place: &Place<'_>, name: &str) -> Result<Option<Seen>> {
        let document = Self::document(place)?;
        Ok(E::entries(&document).get(name).map(|entry| Seen {
            numbers: BTreeSet::new(),
            members: match entry.seen() {
                Value::Object(members) => members.into_iter().collect(),
                _ => BTreeMap::new(),
            },
        }))
    }

    fn satisfied(
        &self,
        place: &Place<'_>,
        operation: &str,
        request: &Value,
    ) -> Result<Option<bool>> {
        let document = Self::document(place)?;
        let name = asked(self.words(), request, E::named);
        let found = name.and_then(|name| E::entries(&document).get(&name));
        let none = BTreeSet::new();
        Ok(E::satisfied(
            found.map(|entry| (entry, &none)),
            operation,
            request,
        ))
    }

    fn copy(&self, _: &Place<'_>, _: &Path, _: &mut dyn FnMut(&str)) -> Result<()> {
        Ok(())
    }

    fn check(&self, check: &mut Check<'_>, place: &Place<'_>) -> Result<bool> {
        check.document(self, place)
    }

    fn count(&self, _: &Place<'_>, _: &mut Totals) -> Result<()> {
        Ok(())
    }

    fn pack(&self, _: &Place<'_>, _: &str) -> Result<Option<Box<dyn Packed>>> {
        Ok(None)
    }

    fn unpack(
        &self,
        archive: &mut Archive,
        place: &str,
        name: &str,
        _: &BTreeMap<String, usize>,
    ) -> Result<Box<dyn Packed>> {
        Err(archive.no_resource(place, name))
    }

    fn judge(&self, text: &[u8]) -> std::result::Result<(), serde_json::Error> {
        serde_json::from_slice::<E::Document>(text).map(drop)
    }
}
