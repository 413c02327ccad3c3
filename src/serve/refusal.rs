//! Reasons why a request is refused. Each protocol has its own words and its own form for a refusal.

use crate::state::plain::plain;
use crate::{operation::Failure, state::error::ServiceError};

/// The refusal of a request.
#[derive(Debug)]
pub(super) enum Refusal {
    /// An error that the operation returned.
    Service(Box<ServiceError>),
    /// The request was refused before any operation was called.
    Front(Front),
}

/// A refusal before any operation is called. The protocol chooses the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Front {
    /// The request is not signed.
    Unsigned,
    /// The request is signed with a key that is not this server's.
    UnknownKey,
    /// The signature does not match the secret.
    WrongSignature,
    /// The signed scope is not valid here at this time; the text gives the reason.
    WrongScope(String),
    /// The Host is not a name of this server.
    WrongHost(String),
    /// The request cannot be read; the text gives the reason.
    Malformed(String),
    /// The body does not match the hash or the checksum that came with it. The text names the one that differs.
    WrongDigest(String),
    /// The body is larger than the operation accepts.
    TooLarge { limit: u64, operation: &'static str },
    /// A condition of the request names another object.
    Precondition,
    /// The object does not have the requested bytes.
    BadRange,
    /// AWS has no such operation either.
    Unknown,
    /// AWS has the operation, and this server does not. The text names the operation.
    NotSimulated(String),
    /// An error of the state directory.
    Internal(String),
}

/// The status, the code and the message of a refusal.
pub(super) type Words = (u16, &'static str, String);

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Service(error) => Self::Service(Box::new(error)),
            Failure::Store(error) => Self::Front(Front::Internal(match &error.hint {
                Some(hint) => format!("{}; {hint}", plain(&error)),
                None => plain(&error),
            })),
            Failure::NotSimulated(what) => Self::Front(Front::NotSimulated(what)),
        }
    }
}

impl From<Front> for Refusal {
    fn from(front: Front) -> Self {
        Self::Front(front)
    }
}

impl Front {
    /// The message, if it is the same in every protocol.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Unsigned => "Missing Authentication Token".to_owned(),
            Self::UnknownKey => "The security token included in the request is invalid.".to_owned(),
            Self::WrongSignature => "The request signature we calculated does not match the signature you provided. Check \
                your AWS Secret Access Key and signing method. Consult the service documentation for details."
                .to_owned(),
            Self::WrongHost(host) => {
                format!("{host:?} is not a name of this server: it answers only to its own address and to AWS's \
                    names")
            }
            Self::WrongScope(text) | Self::Malformed(text) | Self::WrongDigest(text) => text.clone(),
            Self::TooLarge { limit, operation } => {
                format!("Request must be smaller than {limit} bytes for the {operation} operation")
            }
            Self::Precondition => {
                "At least one of the pre-conditions you specified did not hold".to_owned()
            }
            Self::BadRange => "The requested range is not satisfiable".to_owned(),
            Self::Unknown => "The requested operation is not recognized by the service.".to_owned(),
            Self::NotSimulated(what) => {
                format!("{what} is not simulated by lambdry; nothing was changed")
            }
            Self::Internal(text) => format!("lambdry: {text}"),
        }
    }
}
