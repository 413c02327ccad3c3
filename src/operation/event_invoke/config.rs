//! Event-invoke configurations: their form in requests and answers, and the checks of their values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Result,
        resolve::{Target, has, invalid},
    },
    state::{
        arn::{Arn, FunctionRef},
        attached::EventInvoke,
        error::{Code, ServiceError},
        function::Function,
        name::DestinationArn,
    },
    store::{clock::iso8601, collection::View},
};

/// The destinations to which Lambda sends the records of processed events; in requests and answers.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DestinationConfig {
    /// The destination for the record of a successful event.
    pub on_success: Option<Destination>,
    /// The destination for the record of a failed event.
    pub on_failure: Option<Destination>,
}

/// A destination: a queue, a topic, an event bus, a bucket or a function.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Destination {
    /// The destination's ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<DestinationArn>,
}

/// The settings for asynchronous events, in the form that answers have.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionEventInvokeConfig {
    /// The time of the last change.
    #[schemars(extend("x-timestamp" = true))]
    last_modified: String,
    /// The ARN of the version or alias; for the function itself, the ARN with $LATEST.
    function_arn: String,
    /// Maximum number of retries of an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_retry_attempts: Option<u64>,
    /// Maximum age, in seconds, of an event that waits for processing.
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_event_age_in_seconds: Option<u64>,
    /// The destinations for records of processed events. Answers show both members, even if they are empty.
    destination_config: DestinationConfig,
}

impl FunctionEventInvokeConfig {
    /// The configuration of a qualifier, in the form that answers have.
    pub fn of(arn: &Arn, qualifier: &str, config: &EventInvoke) -> Self {
        let shown = |arn: &Option<String>| {
            Some(Destination {
                destination: arn.clone().map(DestinationArn),
            })
        };
        Self {
            last_modified: iso8601(config.last_modified),
            function_arn: arn.qualified(qualifier).to_string(),
            maximum_retry_attempts: config.maximum_retry_attempts,
            maximum_event_age_in_seconds: config.maximum_event_age_in_seconds,
            destination_config: DestinationConfig {
                on_success: shown(&config.on_success),
                on_failure: shown(&config.on_failure),
            },
        }
    }
}

/// The three settings that Put and Update can change.
#[derive(Debug)]
pub struct Given {
    /// Maximum number of retries of an event.
    pub maximum_retry_attempts: Option<u64>,
    /// Maximum age, in seconds, of an event that waits for processing.
    pub maximum_event_age_in_seconds: Option<u64>,
    /// The destinations for records of processed events.
    pub destination_config: Option<DestinationConfig>,
}

impl Given {
    /// Refuses a request without any setting, a request for a missing function, version or alias, and invalid
    /// destinations.
    ///
    /// # Errors
    /// The errors recorded from AWS 2025-11, in that order.
    pub fn check(&self, lambda: &Lambda<'_>, target: &Target) -> Result<()> {
        if self.maximum_retry_attempts.is_none()
            && self.maximum_event_age_in_seconds.is_none()
            && self.destination_config.is_none()
        {
            return Err(invalid(
                "You must specify at least one of error handling or destination setting.",
            )
            .into());
        }
        // The destinations are checked before the edit. An edit holds the lock of a function, and no call may wait for
        // another function's lock at the same time.
        let Some(config) = &self.destination_config else {
            return Ok(());
        };
        lambda.view(target, no_function, |view: &View<'_, Function>| {
            check_there(&view.head, target, |number| view.version(number))
        })?;
        check_destinations(lambda, target, config)
    }

    /// Applies the settings. Settings that are not given are kept. The two destinations count as one setting.
    pub fn apply(self, config: &mut EventInvoke) {
        if let Some(attempts) = self.maximum_retry_attempts {
            config.maximum_retry_attempts = Some(attempts);
        }
        if let Some(age) = self.maximum_event_age_in_seconds {
            config.maximum_event_age_in_seconds = Some(age);
        }
        if let Some(destinations) = self.destination_config {
            config.on_success = arn(&destinations.on_success).map(str::to_owned);
            config.on_failure = arn(&destinations.on_failure).map(str::to_owned);
        }
    }
}

/// The ARN of a destination; `None` if it is empty or not given.
fn arn(destination: &Option<Destination>) -> Option<&str> {
    destination
        .as_ref()?
        .destination
        .as_deref()
        .filter(|arn| !arn.is_empty())
}

fn check_destinations(
    lambda: &Lambda<'_>,
    target: &Target,
    config: &DestinationConfig,
) -> Result<()> {
    let (success, failure) = (arn(&config.on_success), arn(&config.on_failure));
    let mut supported = true;
    for (arn, failed) in [(failure, true), (success, false)] {
        let Some(arn) = arn else { continue };
        match arn.split(':').nth(2) {
            Some("lambda") => check_function(lambda, target, arn)?,
            Some("sqs" | "sns" | "events") => {}
            // Only records of failed events can go to buckets (AWS documentation).
            Some("s3") if failed => {}
            _ => supported = false,
        }
    }
    if supported {
        return Ok(());
    }
    let part = |name: &str, arn: Option<&str>| match arn {
        Some(arn) => format!("{name}(destination={arn})"),
        None => "null".to_owned(),
    };
    Err(invalid(format!(
        "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
        part("OnSuccess", success),
        part("OnFailure", failure)
    ))
    .into())
}

/// Checks a destination that is a function: it must exist, and it must not be the function itself. Functions of other
/// regions and accounts are accepted, because they cannot be looked up here.
fn check_function(lambda: &Lambda<'_>, target: &Target, arn: &str) -> Result<()> {
    let wrong = || invalid(format!("The destination ARN {arn} is invalid."));
    let function = FunctionRef::parse(arn).ok_or_else(wrong)?;
    let scope = &lambda.place.scope;
    if function.region.as_deref() != Some(&scope.region)
        || function.account.as_deref() != Some(&scope.account)
    {
        return Ok(());
    }
    lambda
        .functions()
        .view(&function.name, |_| Ok(()))?
        .ok_or_else(wrong)?;
    if function.name == target.name() {
        return Err(invalid("You can't specify the function as a destination for itself.").into());
    }
    Ok(())
}

/// The configuration that a function keeps for a qualifier.
pub fn of<'a>(head: &'a Function, qualifier: &str) -> Option<&'a EventInvoke> {
    head.attached.get(qualifier)?.event_invoke.as_ref()
}

/// The error of Put, Update and List for a missing function, version or alias (recorded from AWS 2025-11).
pub fn no_function() -> ServiceError {
    ServiceError::new(
        Code::ResourceNotFoundException,
        "The function doesn't exist.",
    )
}

/// The error that the other operations return if the configuration does not exist. They return it even if the function,
/// version or alias does not exist either (recorded from AWS 2025-11).
pub fn no_config(target: &Target) -> ServiceError {
    ServiceError::new(
        Code::ResourceNotFoundException,
        format!(
            "The function {} doesn't have an EventInvokeConfig",
            target.arn.qualified(target.key())
        ),
    )
}

/// Refuses a version or alias that does not exist.
///
/// # Errors
/// The errors of [`no_function`].
pub fn check_there(
    head: &Function,
    target: &Target,
    read: impl FnOnce(u64) -> Result<Option<crate::state::version::Version>>,
) -> Result<()> {
    if has(head, target.key(), read)? {
        return Ok(());
    }
    Err(no_function().into())
}
