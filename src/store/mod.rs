//! The disk: the only module that touches the files of a state directory.
//!
//! ```text
//! $STATE/
//!   FORMAT                                 a number; a newer one is refused by name
//!   <account>/<region>/
//!     functions/<name>/function.json       the head: the only commit point of a function
//!     functions/<name>/versions/<n>.json   frozen on publish, one file a version
//!     functions/<name>/journal.jsonl       one line a change
//!     layers/<name>/…                        other kinds, in the same form (see [`kind`])
//!     account.json  usage.json             limits (yours to edit); sums, a cache
//!     ecr.json                               kinds whose resources are entries of one file
//!     retired/functions/<name>.json        counters of a deleted function
//!     assumed                              the names that a rehearsal created on first touch
//!     locks/…  trash/…                     locks are outside the guarded folders and never deleted
//!   <account>/iam.json                     roles
//!   packages/sha256/ab/cdef….zip           code, content-addressed, written once
//!   s3/<bucket>/<key>                      the objects that --s3-bucket and --s3-key read
//!   aws/config                             settings over the user's own
//!   stubs                                  answers of one's own to commands
//!   images.json                            container images that were pushed here
//!   FORK  clock                            in a fork alone (see [`fork`]), as inherited.json beside a head
//!   locks/…  tmp/…                         locks of the whole state; spools
//!   trash/…                                files that a repair moved out of the way
//! ```
//!
//! Write order: package → version file → journal line → head → clean-up. Files with numbers above the head's counters
//! do not count. So if the process stops at any moment, the state is the one before or the one after the change.
//! [`collection`] keeps that order.

pub mod archive;
pub mod assumed;
pub mod atomic;
pub mod capacity;
pub mod check;
pub mod clock;
pub mod collection;
pub mod config;
pub mod document;
pub mod failure;
pub mod faults;
pub mod fork;
pub mod format;
pub mod images;
pub mod import;
pub mod invocation;
pub mod journal;
pub mod kind;
mod layers;
mod listed;
pub mod listing;
pub mod lock;
pub mod mask;
#[cfg(unix)]
pub mod moved;
pub mod package;
pub mod restore;
pub mod s3;
mod shares;
pub mod stubs;
pub mod usage;
#[cfg(unix)]
pub mod within;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use atomic::Disk;
use clock::{Clock, Ids};
pub use failure::{Failure, Result, StoreError};
use lock::Patience;

use crate::state::arn::Scope;

/// An open state directory.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    /// The functions that write files.
    pub disk: Disk,
    /// The limits on waiting for a busy lock.
    pub patience: Patience,
    /// The source of the current time.
    pub clock: Clock,
    /// The source of RevisionIds.
    pub ids: Ids,
    total_code_size: Option<u64>,
    /// The directories that a fork was forked from: its parent, the parent's parent and so on.
    parents: Vec<PathBuf>,
    /// The number of parents from which resources are read.
    layers: usize,
    as_begun: bool,
    /// True if a folder with other contents may become a state directory (the option `--init`).
    pub init: bool,
    /// Names that were listed for one page and are kept for the next page.
    listed: Mutex<Vec<listed::Listed>>,
}

/// The settings for opening a state directory.
pub struct Settings {
    /// The directory. It need not exist.
    pub root: PathBuf,
    /// The source of the current time.
    pub clock: Clock,
    /// The source of RevisionIds.
    pub ids: Ids,
    /// The greatest number of bytes of code that an account may have (`LAMBDRY_TOTAL_CODE_SIZE`). It overrides
    /// `account.json`.
    pub total_code_size: Option<u64>,
    /// The time to wait for a busy lock before the call fails.
    pub lock_timeout: Duration,
    /// Receives a text after a second of waiting. The text names the busy lock.
    pub notice: Box<dyn Fn(&str) + Send + Sync>,
    /// The steps of writes at which a debug build stops or fails (see [`atomic`]).
    pub steps: Option<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a state directory. It need not exist, because the first write creates it.
    ///
    /// # Errors
    /// A `FORMAT` that is newer than this program's, or that is not a number.
    pub fn open(settings: Settings) -> Result<Self> {
        // This check comes before any other file is read, because it detects a path that is not a directory.
        format::check(&settings.root)?;
        let (parents, layers) = fork::lineage(&settings.root)?;
        let mut clock = settings.clock;
        if !parents.is_empty() {
            let ahead = fork::ahead(&settings.root)?;
            clock = Clock::Ahead(Box::new(clock), ahead);
        }
        Ok(Self {
            disk: Disk::new(parents.is_empty(), settings.steps.as_deref()),
            root: settings.root,
            patience: Patience {
                timeout: settings.lock_timeout,
                notice: settings.notice,
            },
            clock,
            ids: settings.ids,
            total_code_size: settings.total_code_size,
            parents,
            layers,
            as_begun: false,
            init: false,
            listed: Mutex::default(),
        })
    }

    /// The path of the state directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns true if the state directory exists or is a fork. The first write creates it.
    pub fn exists(&self) -> bool {
        self.root.join("FORMAT").exists() || self.parent().is_some()
    }

    /// Every account and region that has a folder, bytewise.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn scopes(&self) -> Result<Vec<Scope>> {
        let mut scopes = Vec::new();
        for account in self.accounts()? {
            let mut names = Vec::new();
            for root in self.layers() {
                names.append(&mut atomic::names(&root.join(&account))?);
            }
            names.sort_unstable();
            names.dedup();
            // The folder of an account contains its documents and the folders of its regions. Only names of documents
            // have a dot.
            for region in names.into_iter().filter(|name| !name.contains('.')) {
                scopes.push(Scope {
                    region,
                    account: account.clone(),
                });
            }
        }
        Ok(scopes)
    }

    /// The place of one account and region.
    pub fn place(&self, scope: Scope) -> Place<'_> {
        let root = self.root.join(&scope.account).join(&scope.region);
        Place {
            store: self,
            scope,
            root,
        }
    }
}

/// One account and region of a state directory.
#[derive(Debug)]
pub struct Place<'a> {
    /// The state directory.
    pub store: &'a Store,
    /// The account and region.
    pub scope: Scope,
    root: PathBuf,
}

impl Place<'_> {
    /// The folder of this account and region.
    pub fn root(&self) -> &Path {
        &self.root
    }
}
