//! The failures of a call.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use crate::state::error::ServiceError;
use crate::state::plain::plain;

/// The result of a call.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// The failure of a call.
#[derive(Debug)]
pub enum Failure {
    /// An error that the service returns: exit code 254.
    Service(ServiceError),
    /// An error of the disk or of a state file: exit code 255.
    Store(StoreError),
    /// A feature of AWS that is not simulated. The text names the feature. Exit code 255.
    NotSimulated(String),
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::NotSimulated(what) => write!(f, "{what} is not simulated"),
        }
    }
}

impl std::error::Error for Failure {}

/// A state file or folder that cannot be read or written, or has other contents than it should.
#[derive(Debug)]
pub struct StoreError {
    /// The action that failed: `read`, `write`, `lock` …
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// The reason.
    pub cause: String,
    /// The system's error, if there was one.
    pub source: Option<io::Error>,
    /// The next step for the user.
    pub hint: Option<String>,
}

impl StoreError {
    /// The error for an action that the system refused.
    pub fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let hint = match source.kind() {
            io::ErrorKind::StorageFull => {
                Some("nothing was changed; free some space and call again")
            }
            io::ErrorKind::ReadOnlyFilesystem => Some(
                "this state directory can only be read; to change things, name a writable one with --state-dir",
            ),
            io::ErrorKind::PermissionDenied => {
                Some("check the owner and the modes of the state directory")
            }
            _ => None,
        };
        Self {
            action,
            path: path.to_owned(),
            cause: plain(&source),
            source: Some(source),
            hint: hint.map(str::to_owned),
        }
    }

    /// The error for a file with other contents than it should have.
    pub fn content(path: &Path, cause: impl Into<String>) -> Self {
        Self {
            action: "read",
            path: path.to_owned(),
            cause: cause.into(),
            source: None,
            hint: Some("nothing was changed; repair the file or restore it from a copy".to_owned()),
        }
    }

    /// The same error with another hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns true if the system reported that kind of error.
    pub fn is(&self, kind: io::ErrorKind) -> bool {
        self.source
            .as_ref()
            .is_some_and(|source| source.kind() == kind)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot {} {}: {}",
            self.action,
            self.path.display(),
            self.cause
        )
    }
}

impl std::error::Error for StoreError {}
