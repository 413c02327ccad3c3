//! Errors as Lambda returns them: a code, a message in the service's words, and further members.

use std::fmt;

use serde_json::{Map, Value};

/// An error that the service returns. `aws` prints it with exit code 254.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceError {
    /// The error's code.
    pub code: Code,
    /// The service's message, word for word if it was recorded.
    pub message: String,
    /// Members other than code and message, in the model's order: `Type`, `Reason` …
    pub details: Map<String, Value>,
    /// A hint about the caller's next step, in our words. It is printed apart from AWS's answer and has one or more
    /// sentences.
    pub hint: Option<String>,
    /// The rule that refused the request and a value that would have passed, in our words. Shown on request. One to
    /// three sentences.
    pub explanation: Option<String>,
}

impl ServiceError {
    /// An error with that message, and with the `Type` that belongs to its code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let mut details = Map::new();
        if let Some(fault) = code.fault() {
            details.insert("Type".to_owned(), fault.into());
        }
        Self {
            code,
            message: message.into(),
            details,
            hint: None,
            explanation: None,
        }
    }

    /// The same error without `Type`. Some bodies of InvalidParameterValueException do not have that member (recorded
    /// 2025-11).
    #[must_use]
    pub fn without_type(mut self) -> Self {
        self.details.shift_remove("Type");
        self
    }

    /// The same error with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error with an explanation.
    #[must_use]
    pub fn with_explanation(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = Some(explanation.into());
        self
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}): {}", self.code.name(), self.message)
    }
}

impl std::error::Error for ServiceError {}

macro_rules! codes {
    (@name $name:ident) => { stringify!($name) };
    (@name $name:ident $text:literal) => { $text };
    ($($(#[$doc:meta])* $name:ident $(= $text:literal)? $status:literal $fault:expr;)*) => {
        /// Every error code that the services return: the one table of names and HTTP statuses.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Code {
            $($(#[$doc])* $name,)*
            /// An error of a service with ready answers, with its name and HTTP status.
            Ready(&'static str, u16),
        }

        impl Code {
            /// The codes of the simulated services.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as it appears in `An error occurred (…)`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => codes!(@name $name $($text)?),)*
                    Self::Ready(name, _) => name,
                }
            }

            /// The HTTP status of the error.
            pub fn status(self) -> u16 {
                match self {
                    $(Self::$name => $status,)*
                    Self::Ready(_, status) => status,
                }
            }

            /// The `Type` member of the error's body. An error that occurs before the request reaches the service has
            /// no such member.
            pub fn fault(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => $fault,)*
                    Self::Ready(..) => None,
                }
            }
        }
    };
}

// The codes of Lambda come first, then those of S3, ECR, EC2, IAM and STS.
codes! {
    AccessDeniedException 403 None;
    CodeSigningConfigNotFoundException 404 Some("User");
    CodeStorageExceededException 400 Some("User");
    CodeVerificationFailedException 400 Some("User");
    EC2AccessDeniedException 502 Some("User");
    EC2ThrottledException 502 Some("User");
    EC2UnexpectedException 502 Some("User");
    EFSIOException 410 Some("User");
    EFSMountConnectivityException 408 Some("User");
    EFSMountFailureException 403 Some("User");
    EFSMountTimeoutException 408 Some("User");
    ENILimitReachedException 502 Some("User");
    FunctionVersionsPerCapacityProviderLimitExceededException 400 Some("User");
    InvalidCodeSignatureException 400 Some("User");
    InvalidParameterValueException 400 Some("User");
    InvalidRequestContentException 400 Some("User");
    InvalidRuntimeException 502 Some("User");
    InvalidSecurityGroupIDException 502 Some("User");
    InvalidSubnetIDException 502 Some("User");
    InvalidZipFileException 502 Some("User");
    KMSAccessDeniedException 502 Some("User");
    KMSDisabledException 502 Some("User");
    KMSInvalidStateException 502 Some("User");
    KMSNotFoundException 502 Some("User");
    PolicyLengthExceededException 400 Some("User");
    PreconditionFailedException 412 Some("User");
    ProvisionedConcurrencyConfigNotFoundException 404 Some("User");
    RecursiveInvocationException 400 Some("User");
    RequestEntityTooLargeException 413 None;
    RequestTooLargeException 413 Some("User");
    ResourceConflictException 409 Some("User");
    ResourceInUseException 400 Some("User");
    ResourceNotFoundException 404 Some("User");
    ResourceNotReadyException 502 Some("User");
    ServiceException 500 Some("Service");
    SnapStartException 400 Some("User");
    SnapStartNotReadyException 409 Some("User");
    SnapStartTimeoutException 408 Some("User");
    SubnetIPAddressLimitReachedException 502 Some("User");
    TooManyRequestsException 429 Some("User");
    UnsupportedMediaTypeException 415 Some("User");
    ValidationException 400 None;
    AccessDenied 403 None;
    BucketAlreadyOwnedByYou 409 None;
    BucketNotEmpty 409 None;
    EntityTooSmall 400 None;
    IllegalLocationConstraintException 400 None;
    IllegalVersioningConfigurationException 400 None;
    InternalError 500 None;
    InvalidArgument 400 None;
    InvalidBucketName 400 None;
    InvalidLocationConstraint 400 None;
    InvalidPart 400 None;
    InvalidPartOrder 400 None;
    InvalidRequest 400 None;
    MalformedPolicy 400 None;
    MalformedXML 400 None;
    NoSuchBucket 404 None;
    NoSuchBucketPolicy 404 None;
    NoSuchCORSConfiguration 404 None;
    NoSuchKey 404 None;
    NoSuchLifecycleConfiguration 404 None;
    NoSuchPublicAccessBlockConfiguration 404 None;
    NoSuchTagSet 404 None;
    NoSuchUpload 404 None;
    NoSuchVersion 404 None;
    NoSuchWebsiteConfiguration 404 None;
    NotFound = "404" 404 None;
    OwnershipControlsNotFoundError 404 None;
    PreconditionFailed 412 None;
    SlowDown 503 None;
    ImageNotFoundException 400 None;
    InvalidParameterException 400 None;
    InvalidParameterValue 400 None;
    RepositoryAlreadyExistsException 400 None;
    LifecyclePolicyNotFoundException 400 None;
    RepositoryNotEmptyException 400 None;
    RepositoryNotFoundException 400 None;
    RepositoryPolicyNotFoundException 400 None;
    ServerException 500 None;
    DeleteConflict 409 None;
    EntityAlreadyExists 409 None;
    ExpiredToken 403 None;
    ExpiredTokenException 403 None;
    InvalidIdentityToken 400 None;
    InvalidInput 400 None;
    LimitExceeded 409 None;
    MalformedPolicyDocument 400 None;
    NoSuchEntity 404 None;
    ServiceFailure 500 None;
    Throttling 400 None;
    ValidationError 400 None;
}

impl Code {
    /// The code with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// A general explanation of the code, for an error without an explanation of its own.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::AccessDeniedException => {
                "The caller may not do this, or the resource belongs to another account. Lambda looked nothing up \
                 and changed nothing."
            }
            Self::ValidationException => {
                "Lambda checks the form of a request first: each member against its pattern, its length and its \
                 range. Nothing was read or changed."
            }
            Self::InvalidParameterValueException => {
                "The form of the request is correct, but a value does not fit the resource or another value. Nothing \
                 was changed."
            }
            Self::ResourceConflictException => {
                "The request conflicts with the resource or with a change in progress. Nothing was changed."
            }
            Self::ResourceNotFoundException
            | Self::CodeSigningConfigNotFoundException
            | Self::ProvisionedConcurrencyConfigNotFoundException => {
                "This account and region have no resource with the name in the request. Nothing was changed."
            }
            Self::PreconditionFailedException => {
                "A RevisionId is a guard: the call succeeds only if nothing has changed since you read the id. \
                 Something has changed, so this call changed nothing."
            }
            Self::CodeStorageExceededException => {
                "The code of all functions and layers must fit into the account's TotalCodeSize; every published \
                 version counts with its own copy. This code does not fit. Nothing was changed."
            }
            Self::PolicyLengthExceededException
            | Self::RequestEntityTooLargeException
            | Self::RequestTooLargeException => {
                "The request exceeds one of Lambda's size limits. Nothing was changed."
            }
            Self::TooManyRequestsException => {
                "The service limits the number of requests at one time. The command line tries again, and says so if \
                 it gives up."
            }
            _ if self.status() >= 500 => {
                "The service, or something behind it, failed. The request may be correct. A call that changes things \
                 may have taken effect: check before you repeat it."
            }
            _ => "Lambda refused the whole request. Nothing was changed.",
        }
    }

    /// Returns true if the model calls the text of this error `message`, not `Message`. Formats that show an error as
    /// data then show the text twice.
    pub fn message_is_data(self) -> bool {
        matches!(
            self.name(),
            "CodeStorageExceededException"
                | "InvalidParameterValueException"
                | "InvalidRequestContentException"
                | "PolicyLengthExceededException"
                | "PreconditionFailedException"
                | "ProvisionedConcurrencyConfigNotFoundException"
                | "RequestTooLargeException"
                | "ResourceConflictException"
                | "ResourceNotReadyException"
                | "TooManyRequestsException"
                | "UnsupportedMediaTypeException"
        )
    }

    /// Returns true if the command line tries again (throttling and 5xx), so that its message counts the retries.
    pub fn is_retried(self) -> bool {
        self == Self::Throttling || matches!(self.status(), 429 | 500 | 502 | 503 | 504)
    }
}
