//! `CreateAlias`: gives a published version a name that can be moved.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{Lambda, Operation, Result, explain::called, resolve::function_not_found},
    state::{
        alias::Alias,
        error::{Code, ServiceError},
        name::{AliasName, Description, FunctionName, FunctionVersion},
    },
};

use super::configuration::{AliasConfiguration, AliasRoutingConfiguration, check_target, traffic};

/// Request of CreateAlias.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateAliasRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The name of the alias. It must not be a number.
    name: AliasName,
    /// The function version that the alias invokes.
    function_version: FunctionVersion,
    /// A description of the alias.
    description: Option<Description>,
    /// A second version that gets part of the traffic, for example AdditionalVersionWeights={2=0.1}.
    routing_config: Option<AliasRoutingConfiguration>,
}

impl Operation for CreateAliasRequest {
    const NAME: &'static str = "CreateAlias";
    const ROUTE: &'static str = "POST /2015-03-31/functions/{FunctionName}/aliases 201";
    const ABOUT: &'static str = "Creates an alias for a Lambda function version. Use aliases to give clients a name that you \
        can move to another version. An alias can split its traffic between two versions.";
    type Response = AliasConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<AliasConfiguration> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        let arn = &target.arn;
        // For a missing function, AWS's error names the version too (recorded from AWS 2025-11).
        let missing = function_not_found(&arn.qualified(&self.function_version));
        lambda.edit_or(&target, || missing, Self::NAME, |edit| {
            if let Some(alias) = edit.head.aliases.get(&*self.name) {
                return Err(ServiceError::new(
                    Code::ResourceConflictException,
                    format!("Alias already exists: {}", arn.qualified(&self.name)),
                )
                .with_explanation(format!(
                    "CreateAlias never moves an existing alias. {} points at {}; update-alias moves it.",
                    &*self.name,
                    called(&alias.function_version)
                ))
                .into());
            }
            let alias = Alias {
                function_version: self.function_version.0,
                description: self.description.map(|text| text.0).unwrap_or_default(),
                additional_version_weights: self
                    .routing_config
                    .and_then(|routing| routing.additional_version_weights)
                    .map(|weights| weights.0)
                    .unwrap_or_default(),
                revision_id: edit.next_id(),
            };
            check_target(edit, arn, &alias)?;
            lambda.explain(|| traffic(arn, &self.name, &alias));
            let answer = AliasConfiguration::of(arn, &self.name, &alias);
            edit.head.aliases.insert(self.name.0, alias);
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    /// A function with versions 1 and 2.
    fn published() -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({}));
        lambda.publish("pay");
        lambda
    }

    fn alias(name: &str, version: &str, more: Value) -> Value {
        let mut request =
            json!({ "FunctionName": "pay", "Name": name, "FunctionVersion": version });
        for (name, value) in more.as_object().expect("members") {
            request[name] = value.clone();
        }
        request
    }

    fn weights(weights: Value) -> Value {
        json!({ "RoutingConfig": { "AdditionalVersionWeights": weights } })
    }

    #[test]
    fn a_plain_alias_has_an_empty_description_and_no_routing() {
        let lambda = published();
        let made = lambda.call("CreateAlias", alias("live", "1", json!({})));
        let revision = made["RevisionId"].clone();
        assert_eq!(
            made.to_string(),
            format!(
                r#"{{"AliasArn":"{ARN}:live","Name":"live","FunctionVersion":"1","Description":"","RevisionId":{revision}}}"#
            )
        );
        assert_eq!(
            made,
            lambda.call("GetAlias", json!({ "FunctionName": "pay", "Name": "live" }))
        );
    }

    #[test]
    fn a_weighted_alias_shows_its_routing_before_its_revision() {
        let lambda = published();
        let more = json!({
            "Description": "d",
            "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.2 } },
        });
        let made = lambda.call("CreateAlias", alias("live", "1", more));
        let members: Vec<&String> = made.as_object().expect("members").keys().collect();
        assert_eq!(
            members,
            [
                "AliasArn",
                "Name",
                "FunctionVersion",
                "Description",
                "RoutingConfig",
                "RevisionId"
            ]
        );
        assert_eq!(
            made["RoutingConfig"].to_string(),
            r#"{"AdditionalVersionWeights":{"2":0.2}}"#
        );
    }

    #[test]
    fn it_moves_no_other_revision() {
        let lambda = published();
        let ids = || {
            ["pay", "pay:1"].map(|name| {
                lambda.call("GetFunctionConfiguration", json!({ "FunctionName": name }))["RevisionId"].clone()
            })
        };
        let before = ids();
        lambda.call("CreateAlias", alias("live", "1", json!({})));
        assert_eq!(before, ids());
    }

    #[test]
    fn it_may_point_at_latest_alone() {
        let lambda = published();
        assert_eq!(
            lambda.call("CreateAlias", alias("edge", "$LATEST", json!({})))["FunctionVersion"],
            "$LATEST"
        );
        assert_eq!(
            lambda
                .refused(
                    "CreateAlias",
                    alias("split", "$LATEST", weights(json!({ "1": 0.5 })))
                )
                .code
                .name(),
            "InvalidParameterValueException"
        );
    }

    #[test]
    fn refuses_a_name_already_taken() {
        let lambda = published();
        lambda.call("CreateAlias", alias("live", "1", json!({})));
        let before = lambda.files();
        assert_eq!(
            lambda.error("CreateAlias", alias("live", "2", json!({}))),
            format!("(ResourceConflictException): Alias already exists: {ARN}:live")
        );
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn refuses_a_version_or_function_that_is_not_there() {
        let lambda = published();
        for version in ["3", "0", "01", "$LATEST.PUBLISHED"] {
            assert_eq!(
                lambda.error("CreateAlias", alias("live", version, json!({}))),
                format!("(ResourceNotFoundException): Function not found: {ARN}:{version}")
            );
        }
        let mut request = alias("live", "1", json!({}));
        request["FunctionName"] = json!("nope");
        assert_eq!(
            lambda.error("CreateAlias", request),
            "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope:1",
            "recorded from AWS 2025-11: with the version"
        );
    }

    #[test]
    fn a_name_is_no_number_and_has_no_special_characters() {
        let lambda = published();
        for name in [
            "1", "007", "a.b", "a:b", "$LATEST", "..", "a/b", "a\0b", "é",
        ] {
            assert_eq!(
                lambda.error("CreateAlias", alias(name, "1", json!({}))),
                format!(
                    "(ValidationException): 1 validation error detected: Value '{name}' at 'name' failed to satisfy \
                     constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"
                )
            );
        }
        lambda.call("CreateAlias", alias(&"a".repeat(128), "1", json!({})));
        assert!(
            lambda
                .error("CreateAlias", alias(&"a".repeat(129), "1", json!({})))
                .ends_with("less than or equal to 128")
        );
    }

    /// Recorded from AWS 2025-11: this error has no Type, unlike other errors for weights.
    #[test]
    fn a_split_of_latest_is_refused_without_type() {
        let lambda = published();
        let refused = lambda.refused(
            "CreateAlias",
            alias("split", "$LATEST", weights(json!({ "1": 0.5 }))),
        );
        assert_eq!(
            refused.to_string(),
            "(InvalidParameterValueException): $LATEST is not supported for an alias pointing to more than 1 version"
        );
        assert!(refused.details.is_empty());
    }

    /// Public reports, 2018.
    #[test]
    fn a_split_is_between_versions_of_one_role() {
        let lambda = published();
        lambda.call(
            "UpdateFunctionConfiguration",
            json!({ "FunctionName": "pay", "Role": "arn:aws:iam::123456789012:role/other" }),
        );
        let third = lambda.publish("pay");
        assert_eq!(
            lambda.error(
                "CreateAlias",
                alias("split", "1", weights(json!({ third: 0.5 })))
            ),
            "(InvalidParameterValueException): Specified versions must be associated with the same execution role"
        );
    }

    #[test]
    fn weights_name_one_other_published_version() {
        let lambda = published();
        for (wrong, code) in [
            (json!({ "1": 0.1 }), "InvalidParameterValueException"),
            (json!({ "3": 0.1 }), "ResourceNotFoundException"),
            (
                json!({ "2": 0.1, "3": 0.1 }),
                "InvalidParameterValueException",
            ),
            (json!({ "2": 1.1 }), "ValidationException"),
            (json!({ "2": -0.1 }), "ValidationException"),
            (json!({ "$LATEST": 0.1 }), "ValidationException"),
            (json!({ "x": 0.1 }), "ValidationException"),
        ] {
            assert_eq!(
                lambda
                    .refused("CreateAlias", alias("live", "1", weights(wrong.clone())))
                    .code
                    .name(),
                code,
                "{wrong}"
            );
        }
        for bound in [0.0, 1.0] {
            let name = format!("bound-{bound}");
            lambda.call(
                "CreateAlias",
                alias(&name, "1", weights(json!({ "2": bound }))),
            );
        }
    }

    #[test]
    fn both_versions_of_a_split_share_role_and_dead_letter_queue() {
        let lambda = published();
        for (change, version) in [
            (
                json!({ "Role": "arn:aws:iam::123456789012:role/other" }),
                "3",
            ),
            (
                json!({
                    "Role": "arn:aws:iam::123456789012:role/r",
                    "DeadLetterConfig": { "TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead" },
                }),
                "4",
            ),
        ] {
            let mut request = change;
            request["FunctionName"] = json!("pay");
            lambda.call("UpdateFunctionConfiguration", request);
            assert_eq!(lambda.publish("pay"), version);
            assert_eq!(
                lambda
                    .refused(
                        "CreateAlias",
                        alias("live", "1", weights(json!({ version: 0.1 })))
                    )
                    .code
                    .status(),
                400
            );
        }
        lambda.call(
            "CreateAlias",
            alias("live", "1", weights(json!({ "2": 0.1 }))),
        );
    }
}
