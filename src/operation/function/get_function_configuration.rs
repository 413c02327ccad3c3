//! `GetFunctionConfiguration`: the settings of `$LATEST`, a version, or what an alias points at.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result,
        resolve::{Target, function_not_found},
    },
    state::{
        function::{Configuration, Function},
        name::{NamespacedFunctionName, Qualifier},
    },
    store::collection::View,
};

use super::configuration::FunctionConfiguration;

/// What GetFunctionConfiguration takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionConfigurationRequest {
    /// The name or ARN of the Lambda function, version or alias.
    function_name: NamespacedFunctionName,
    /// A version or an alias to get details about.
    qualifier: Option<Qualifier>,
}

impl Operation for GetFunctionConfigurationRequest {
    const NAME: &'static str = "GetFunctionConfiguration";
    const ROUTE: &'static str = "GET /2015-03-31/functions/{FunctionName}/configuration 200";
    const ABOUT: &'static str = "Answers the settings of a Lambda function: of $LATEST, or of a version or alias when one is \
        named. Reading it tells when an update is complete.";
    type Response = FunctionConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionConfiguration> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        lambda.view(
            &target,
            || function_not_found(&target.asked()),
            |view| Ok(resolve(view, &target)?.0),
        )
    }
}

/// What a request asked for, shown and as it is kept.
///
/// The ARN is the one asked for: unqualified, with `:$LATEST`, with a number, or with the alias (recorded from AWS
/// 2025-11 for GetFunction).
///
/// # Errors
/// `Function not found` with the qualified ARN when there is no such version or alias.
pub fn resolve(
    view: &View<'_, Function>,
    target: &Target,
) -> Result<(FunctionConfiguration, Configuration)> {
    let arn = target.asked();
    let head = &view.head;
    let latest = || {
        Ok((
            FunctionConfiguration::of_latest(head, &arn),
            head.latest.configuration.clone(),
        ))
    };
    let Some(qualifier) = &target.qualifier else {
        return latest();
    };
    let version = head
        .aliases
        .get(qualifier)
        .map_or(qualifier.as_str(), |alias| &alias.function_version);
    if version == "$LATEST" {
        return latest();
    }
    let found = match head.may_have(version).then(|| version.parse()) {
        Some(Ok(number)) => view.version(number)?,
        _ => None,
    };
    let version = found.ok_or_else(|| function_not_found(&arn))?;
    Ok((
        FunctionConfiguration::of_version(head, &version, &arn),
        version.configuration,
    ))
}
