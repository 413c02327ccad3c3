//! `GetFunctionConfiguration`: returns the settings of `$LATEST`, of a version, or of the version that an alias points
//! at.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result,
        explain::called,
        resolve::{Target, against_published, function_not_found},
    },
    state::{
        function::{Configuration, Function},
        name::{NamespacedFunctionName, Qualifier},
    },
    store::collection::View,
};

use super::configuration::FunctionConfiguration;

/// Request of GetFunctionConfiguration.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionConfigurationRequest {
    /// The name or ARN of the Lambda function, version or alias.
    function_name: NamespacedFunctionName,
    /// The version or alias to return.
    qualifier: Option<Qualifier>,
}

impl Operation for GetFunctionConfigurationRequest {
    const NAME: &'static str = "GetFunctionConfiguration";
    const ROUTE: &'static str = "GET /2015-03-31/functions/{FunctionName}/configuration 200";
    const ABOUT: &'static str = "Returns the settings of a Lambda function: of $LATEST, or of the version or alias \
        in --qualifier. They also show if an update is complete.";
    type Response = FunctionConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionConfiguration> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        lambda.view(
            &target,
            || function_not_found(&target.asked()),
            |view| {
                let shown = resolve(view, &target)?.0;
                explain(lambda, view, &target, &shown);
                Ok(shown)
            },
        )
    }
}

/// Finds the function or version that a request names. Returns it in two forms: the form that answers have, and the
/// form in which the state keeps it.
///
/// The returned form has the ARN of the request: without a qualifier, with `:$LATEST`, with a number, or with an alias
/// (recorded from AWS 2025-11 for GetFunction).
///
/// # Errors
/// `Function not found` with the qualified ARN if there is no such version or alias.
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

/// Explains which function, version or alias was shown.
pub fn explain(
    lambda: &Lambda<'_>,
    view: &View<'_, Function>,
    target: &Target,
    shown: &FunctionConfiguration,
) {
    lambda.explain(|| {
        let head = &view.head;
        let what = match (target.qualifier.as_deref(), shown.version.as_str()) {
            (None, _) => {
                "The call named no version or alias, so this is $LATEST, which the next update changes."
                    .to_owned()
            }
            (Some("$LATEST"), _) => "$LATEST is the version that updates change.".to_owned(),
            (Some(asked), version) if asked == version => {
                format!("Version {version} is frozen: it never changes, even when $LATEST does.")
            }
            (Some(alias), version) => {
                let version = called(version);
                format!("{alias} points at {version} at this moment, so the answer shows {version}.")
            }
        };
        let then = match &head.latest.change {
            _ if shown.version != "$LATEST" => String::new(),
            Some(change) => format!(
                " A change is in progress until {}; its RevisionId changes then.",
                change.completes
            ),
            None => format!(" {}", against_published(lambda, head)),
        };
        format!("{what}{then}")
    });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    fn shown(lambda: &Sandbox, request: Value) -> (Value, Value) {
        let shown = lambda.call("GetFunctionConfiguration", request);
        (shown["FunctionArn"].clone(), shown["Version"].clone())
    }

    #[test]
    fn the_arn_is_qualified_as_the_request_was() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "edge", "FunctionVersion": "$LATEST" }),
        );
        for (qualifier, arn, version) in [
            (json!(null), ARN.to_owned(), "$LATEST"),
            (json!("$LATEST"), format!("{ARN}:$LATEST"), "$LATEST"),
            (json!("1"), format!("{ARN}:1"), "1"),
            (json!("edge"), format!("{ARN}:edge"), "$LATEST"),
        ] {
            let request = json!({ "FunctionName": "pay", "Qualifier": qualifier });
            assert_eq!(shown(&lambda, request), (json!(arn), json!(version)));
        }
        assert_eq!(
            shown(&lambda, json!({ "FunctionName": format!("{ARN}:1") })),
            (json!(format!("{ARN}:1")), json!("1"))
        );
    }

    #[test]
    fn an_alias_shows_where_it_points_at_that_moment() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({}));
        lambda.publish("pay");
        let alias = json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" });
        lambda.call("CreateAlias", alias.clone());
        assert_eq!(shown(&lambda, json!({ "FunctionName": "pay:live" })).1, "1");
        let mut moved = alias;
        moved["FunctionVersion"] = json!("2");
        lambda.call("UpdateAlias", moved);
        assert_eq!(shown(&lambda, json!({ "FunctionName": "pay:live" })).1, "2");
    }

    #[test]
    fn the_region_in_an_arn_is_judged_before_the_function_is_looked_for() {
        let name = "arn:aws:lambda:eu-west-1:123456789012:function:nope";
        for operation in ["GetFunctionConfiguration", "GetFunction", "DeleteFunction"] {
            assert_eq!(
                Sandbox::new().error(operation, json!({ "FunctionName": name })),
                "(ResourceNotFoundException): Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"
            );
        }
    }
}
