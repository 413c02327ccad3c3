//! What a call ends with when it does not answer.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use crate::state::error::ServiceError;
use crate::state::plain::plain;

/// A call's answer.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// What a call ends with when it does not answer.
#[derive(Debug)]
pub enum Failure {
    /// The service's own answer: exit code 254.
    Service(ServiceError),
    /// The disk's, or a state file's: exit code 255.
    Store(StoreError),
    /// AWS has it and we do not; the text names it. Exit code 255.
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

/// A state file or folder that could not be read or written, or does not hold what it should.
#[derive(Debug)]
pub struct StoreError {
    /// What was tried, `read`, `write`, `lock` …
    pub action: &'static str,
    /// On what.
    pub path: PathBuf,
    /// What went wrong.
    pub cause: String,
    /// The system's error, when it was one.
    pub source: Option<io::Error>,
    /// What to do next.
    pub hint: Option<String>,
}

impl StoreError {
    /// The system refused.
    pub fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let hint = match source.kind() {
            io::ErrorKind::StorageFull => {
                Some("nothing was changed; free some space and call again")
            }
            io::ErrorKind::ReadOnlyFilesystem => Some(
                "reads work on a read-only state directory; name a writable one with --state-dir to change things",
            ),
            io::ErrorKind::PermissionDenied => {
                Some("check who owns the state directory and its modes")
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

    /// The file holds something it should not.
    pub fn content(path: &Path, cause: impl Into<String>) -> Self {
        Self {
            action: "read",
            path: path.to_owned(),
            cause: cause.into(),
            source: None,
            hint: Some("nothing was changed; repair the file or restore it from a copy".to_owned()),
        }
    }

    /// The same error with other advice.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the system said that.
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
