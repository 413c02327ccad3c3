//! Function URLs, in the form that requests and answers have.

#![allow(missing_docs, reason = "the variants of an enum are AWS's own words")]

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    operation::{Lambda, Result, resolve::Target},
    state::{
        arn::Arn,
        attached::{self, Url},
        error::{Code, ServiceError},
        function::Function,
        pattern,
    },
};

/// CORS settings: the other sites that may call the URL.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Cors {
    /// Allow cookies and other credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_credentials: Option<bool>,
    /// The headers that may be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    pub allow_headers: Option<Vec<Header>>,
    /// The methods that may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 6))]
    pub allow_methods: Option<Vec<Method>>,
    /// The sites that may call, or *.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    pub allow_origins: Option<Vec<Origin>>,
    /// The headers that the calling site may read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    pub expose_headers: Option<Vec<Header>>,
    /// The number of seconds for which a browser may cache these settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 86_400))]
    pub max_age: Option<u64>,
}

macro_rules! bounded {
    ($($(#[$doc:meta])* $name:ident $min:literal $max:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "minLength": $min, "maxLength": $max })
            }
        }
    )*};
}

bounded! {
    /// A header's name.
    Header 0 1024;
    /// A method, or `*`.
    Method 0 6;
    /// A site, or `*`.
    Origin 1 253;
}

/// The way in which the answer of the function is sent.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(extend("x-server-order" = ["RESPONSE_STREAM", "BUFFERED"]))]
pub enum InvokeMode {
    Buffered,
    ResponseStream,
}

impl From<Cors> for attached::Cors {
    fn from(cors: Cors) -> Self {
        fn texts<T>(list: Option<Vec<T>>, text: impl Fn(T) -> String) -> Option<Vec<String>> {
            list.map(|list| list.into_iter().map(text).collect())
        }
        Self {
            allow_credentials: cors.allow_credentials,
            allow_headers: texts(cors.allow_headers, |header| header.0),
            allow_methods: texts(cors.allow_methods, |method| method.0),
            allow_origins: texts(cors.allow_origins, |origin| origin.0),
            expose_headers: texts(cors.expose_headers, |header| header.0),
            max_age: cors.max_age,
        }
    }
}

impl From<attached::Cors> for Cors {
    fn from(cors: attached::Cors) -> Self {
        fn typed<T>(list: Option<Vec<String>>, of: impl Fn(String) -> T) -> Option<Vec<T>> {
            list.map(|list| list.into_iter().map(of).collect())
        }
        Self {
            allow_credentials: cors.allow_credentials,
            allow_headers: typed(cors.allow_headers, Header),
            allow_methods: typed(cors.allow_methods, Method),
            allow_origins: typed(cors.allow_origins, Origin),
            expose_headers: typed(cors.expose_headers, Header),
            max_age: cors.max_age,
        }
    }
}

/// A function URL, in the form that Get and Update return.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionUrlConfig {
    /// The endpoint.
    pub function_url: String,
    /// The ARN of the function or alias.
    pub function_arn: String,
    /// NONE: everybody can call the URL. AWS_IAM: callers must sign their requests.
    pub auth_type: String,
    /// CORS settings: the other sites that may call the URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cors: Option<Cors>,
    /// The time at which the URL was created.
    pub creation_time: String,
    /// The time of the URL's last change.
    pub last_modified_time: String,
    /// BUFFERED: the answer is sent in one piece. RESPONSE_STREAM: the answer is sent in several pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoke_mode: Option<String>,
}

impl FunctionUrlConfig {
    /// The URL of the function or alias with that ARN, in the form that Get returns. If InvokeMode is missing, its
    /// default is shown.
    pub fn of(arn: &Arn, url: &Url) -> Self {
        Self {
            invoke_mode: Some(
                url.invoke_mode
                    .clone()
                    .unwrap_or_else(|| "BUFFERED".to_owned()),
            ),
            ..Self::said(arn, url)
        }
    }

    /// The URL in the form that Create and Update return. InvokeMode is shown only if somebody set it (recorded from
    /// AWS 2025-11).
    pub fn said(arn: &Arn, url: &Url) -> Self {
        Self {
            function_url: format!("https://{}.lambda-url.{}.on.aws/", url.id, arn.scope.region),
            function_arn: arn.to_string(),
            auth_type: url.auth_type.clone(),
            cors: url.cors.clone().map(Into::into),
            creation_time: moment(url.created),
            last_modified_time: moment(url.last_modified),
            invoke_mode: url.invoke_mode.clone(),
        }
    }
}

/// Formats a time like public reports: `2022-04-08T01:42:34.571486Z`.
fn moment(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// Finds the function or alias that a request names.
///
/// # Errors
/// ValidationException for a version or `$LATEST`, even if it is in the function's name or ARN.
pub fn target(lambda: &Lambda<'_>, name: &str, qualifier: Option<&str>) -> Result<Target> {
    let target = lambda.target(name, qualifier)?;
    match target.qualifier.as_deref() {
        Some(qualifier) if !pattern::matches(pattern::URL_QUALIFIER, qualifier) => {
            Err(ServiceError::new(
                Code::ValidationException,
                format!(
                    "1 validation error detected: Value '{qualifier}' at 'qualifier' failed to satisfy constraint: \
                     Member must satisfy regular expression pattern: {}",
                    pattern::URL_QUALIFIER
                ),
            )
            .into())
        }
        _ => Ok(target),
    }
}

/// The URL that a function has for a qualifier.
pub fn of<'a>(head: &'a Function, qualifier: &str) -> Option<&'a Url> {
    head.attached.get(qualifier)?.url.as_ref()
}

/// The error of Create, Update and List for a missing function or alias (recorded from AWS 2025-11).
pub fn no_function() -> ServiceError {
    ServiceError::new(Code::ResourceNotFoundException, "Function does not exist")
}

/// Refuses an alias that does not exist.
///
/// # Errors
/// The errors of [`no_function`].
pub fn check_there(head: &Function, target: &Target) -> Result<()> {
    let key = target.key();
    if key == "$LATEST" || head.aliases.contains_key(key) {
        return Ok(());
    }
    Err(no_function().into())
}
