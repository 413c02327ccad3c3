//! `UpdateAlias`: moves an alias, or changes its description or weights. Settings that are not given are kept.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result, concurrency::provisioned::follow, explain::called,
        resolve::stale_revision,
    },
    state::{
        alias::Alias,
        arn::Arn,
        error::{Code, ServiceError},
        name::{AliasName, Description, FunctionName, FunctionVersion},
    },
};

use super::configuration::{AliasConfiguration, AliasRoutingConfiguration, check_target, traffic};

/// Request of UpdateAlias.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateAliasRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The name of the alias.
    name: AliasName,
    /// The function version that the alias invokes.
    function_version: Option<FunctionVersion>,
    /// A description of the alias.
    description: Option<Description>,
    /// A second version that gets part of the traffic, for example AdditionalVersionWeights={2=0.1}.
    /// AdditionalVersionWeights={} sends all traffic to one version again.
    routing_config: Option<AliasRoutingConfiguration>,
    /// Only update the alias if its RevisionId is equal to this one. This prevents overwriting somebody else's update.
    revision_id: Option<String>,
}

impl Operation for UpdateAliasRequest {
    const NAME: &'static str = "UpdateAlias";
    const ROUTE: &'static str = "PUT /2015-03-31/functions/{FunctionName}/aliases/{Name} 200";
    const ABOUT: &'static str = "Updates the configuration of a Lambda function alias: moves it to another version, \
        or splits its traffic between two versions. Settings that the call does not name are kept.";
    type Response = AliasConfiguration;

    fn call(self, lambda: &Lambda<'_>) -> Result<AliasConfiguration> {
        let target = lambda.target(&self.function_name, None)?.unqualified()?;
        let arn = &target.arn;
        lambda.edit(&target, Self::NAME, |edit| {
            let Some(mut alias) = edit.head.aliases.get(&*self.name).cloned() else {
                // The error of GetAlias has other words (recorded from AWS 2025-11).
                return Err(ServiceError::new(
                    Code::ResourceNotFoundException,
                    format!("Alias not found: {}", arn.qualified(&self.name)),
                )
                .with_explanation(format!(
                    "Only an existing alias can be moved: create-alias creates {}. Nothing was changed.",
                    &*self.name
                ))
                .into());
            };
            let current = &alias.revision_id;
            if let Some(given) = self.revision_id.as_ref().filter(|given| *given != current) {
                return Err(stale_revision(&format!("the alias {}", &*self.name), given, current).into());
            }
            let before = alias.clone();
            if let Some(version) = self.function_version {
                alias.function_version = version.0;
            }
            if let Some(description) = self.description {
                alias.description = description.0;
            }
            if let Some(routing) = self.routing_config {
                // The new value replaces the old one completely: `{}` sends all traffic to one version again (AWS
                // Compute Blog, alias traffic shifting).
                alias.additional_version_weights = routing
                    .additional_version_weights
                    .map(|weights| weights.0)
                    .unwrap_or_default();
            }
            check_target(edit, arn, &alias)?;
            if alias.function_version != before.function_version {
                follow(edit, lambda.settle, &self.name, &alias.function_version)?;
            }
            lambda.explain(|| moved(arn, &self.name, &before, &alias, self.revision_id.is_some()));
            // Even an update that changes nothing results in a new RevisionId (recorded from AWS 2025-11).
            alias.revision_id = edit.next_id();
            let answer = AliasConfiguration::of(arn, &self.name, &alias);
            edit.head.aliases.insert(self.name.0, alias);
            Ok(answer)
        })
    }
}

/// Explains an update of an alias, and the RevisionId that guards against other updates.
fn moved(arn: &Arn, name: &str, before: &Alias, after: &Alias, guarded: bool) -> String {
    let what = if before.shares() == after.shares() {
        "Its traffic is unchanged.".to_owned()
    } else if before.function_version == after.function_version {
        format!(
            "{name} still points at {}.",
            called(&after.function_version)
        )
    } else {
        format!(
            "{name} moved from {} to {}, at once and for every caller.",
            called(&before.function_version),
            called(&after.function_version)
        )
    };
    let guard = if guarded {
        ""
    } else {
        " No --revision-id guarded the update. If somebody has moved the alias since you read it, that move is lost, \
         and you get no error."
    };
    format!("{what} {}{guard}", traffic(arn, name, after))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    /// A function with versions 1 and 2, and an alias that points at version 1.
    fn aliased() -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({}));
        lambda.publish("pay");
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1", "Description": "d" }),
        );
        lambda
    }

    fn change(members: Value) -> Value {
        let mut request = members;
        request["FunctionName"] = json!("pay");
        request["Name"] = json!("live");
        request
    }

    #[test]
    fn what_is_not_given_is_kept() {
        let lambda = aliased();
        let moved = lambda.call("UpdateAlias", change(json!({ "FunctionVersion": "2" })));
        assert_eq!(
            (&moved["FunctionVersion"], &moved["Description"]),
            (&json!("2"), &json!("d"))
        );
        let split = json!({ "RoutingConfig": { "AdditionalVersionWeights": { "1": 0.25 } } });
        lambda.call("UpdateAlias", change(split.clone()));
        let told = lambda.call("UpdateAlias", change(json!({ "Description": "" })));
        assert_eq!(
            (&told["FunctionVersion"], &told["Description"]),
            (&json!("2"), &json!(""))
        );
        assert_eq!(told["RoutingConfig"], split["RoutingConfig"]);
    }

    #[test]
    fn every_update_brings_a_new_revision_even_one_that_changes_nothing() {
        let lambda = aliased();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let updated = lambda.call("UpdateAlias", change(json!({})));
            assert!(!seen.contains(&updated["RevisionId"]));
            assert_eq!(
                updated,
                lambda.call("GetAlias", change(json!({}))),
                "reading moves nothing"
            );
            seen.push(updated["RevisionId"].clone());
        }
    }

    #[test]
    fn empty_weights_and_an_empty_routing_config_end_the_split() {
        let lambda = aliased();
        for end in [json!({ "AdditionalVersionWeights": {} }), json!({})] {
            lambda.call(
                "UpdateAlias",
                change(json!({ "FunctionVersion": "1", "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.1 } } })),
            );
            let promoted = lambda.call(
                "UpdateAlias",
                change(json!({ "FunctionVersion": "2", "RoutingConfig": end })),
            );
            assert_eq!(promoted["FunctionVersion"], "2");
            assert_eq!(promoted.get("RoutingConfig"), None);
        }
    }

    #[test]
    fn the_weighted_version_cannot_become_the_first_one_while_the_split_lasts() {
        let lambda = aliased();
        lambda.call(
            "UpdateAlias",
            change(json!({ "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.1 } } })),
        );
        let before = lambda.files();
        assert_eq!(
            lambda
                .refused("UpdateAlias", change(json!({ "FunctionVersion": "2" })))
                .code
                .status(),
            400
        );
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn a_stale_revision_changes_nothing_and_the_present_one_does() {
        let lambda = aliased();
        let first = lambda.call("GetAlias", change(json!({})))["RevisionId"].clone();
        let present = lambda.call("UpdateAlias", change(json!({})))["RevisionId"].clone();
        let before = lambda.files();
        for given in [
            first,
            json!("wrong"),
            json!(""),
            lambda.latest("pay")["RevisionId"].clone(),
        ] {
            assert_eq!(
                lambda.error(
                    "UpdateAlias",
                    change(json!({ "RevisionId": given, "FunctionVersion": "2" }))
                ),
                "(PreconditionFailedException): The Revision Id provided does not match the latest Revision Id. Call the \
                 GetFunction/GetAlias API to retrieve the latest Revision Id"
            );
        }
        assert_eq!(before, lambda.files());
        let moved = lambda.call(
            "UpdateAlias",
            change(json!({ "RevisionId": present, "FunctionVersion": "2" })),
        );
        assert_eq!(moved["FunctionVersion"], "2");
    }

    #[test]
    fn an_unknown_alias_version_and_function_are_named() {
        let lambda = aliased();
        let mut unknown = change(json!({}));
        unknown["Name"] = json!("nope");
        assert_eq!(
            lambda.error("UpdateAlias", unknown),
            format!("(ResourceNotFoundException): Alias not found: {ARN}:nope")
        );
        assert_eq!(
            lambda.error("UpdateAlias", change(json!({ "FunctionVersion": "7" }))),
            format!("(ResourceNotFoundException): Function not found: {ARN}:7")
        );
        let mut unknown = change(json!({}));
        unknown["FunctionName"] = json!("nope");
        assert_eq!(
            lambda.error("UpdateAlias", unknown),
            "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope"
        );
    }
}
