//! `DeleteLayerVersion`: deletes a layer version. Functions that already have it keep it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::target::number;
use crate::{
    operation::{Lambda, Operation, Result},
    state::name::LayerName,
};

/// Request of DeleteLayerVersion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteLayerVersionRequest {
    /// The name or ARN of the layer.
    layer_name: LayerName,
    /// The number of the version.
    version_number: i64,
}

impl Operation for DeleteLayerVersionRequest {
    const NAME: &'static str = "DeleteLayerVersion";
    const ROUTE: &'static str =
        "DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber} 204";
    const ABOUT: &'static str = "Deletes a version of a layer. Nobody can see it or add it to a function any more. \
        Functions that already use it keep it.";
    type Response = ();

    fn call(self, lambda: &Lambda<'_>) -> Result<()> {
        let number = number(self.version_number)?;
        let target = lambda.layer(&self.layer_name, Self::NAME, Some(number))?;
        // It is not an error if the version does not exist (recorded from AWS 2025-11).
        let gone = lambda.edit_layer(&target, Self::NAME, |edit| {
            if let Some(version) = edit.version(number)? {
                lambda.explain(|| {
                    format!(
                        "Nobody can see version {number} of {} or add it to a function any more. Functions and \
                         versions that already use it keep it. The number is never used again.",
                        target.name
                    )
                });
                edit.head.code_size = edit.head.code_size.saturating_sub(version.code_size);
                edit.head.policies.remove(&version.version);
                edit.delete_version(number);
                return Ok(true);
            }
            Ok(false)
        })?;
        if gone != Some(true) {
            lambda.explain(|| {
                "It is not an error to delete a missing version, so a clean-up can run twice."
                    .to_owned()
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    fn of(name: &str, number: i64) -> Value {
        json!({ "LayerName": name, "VersionNumber": number })
    }

    #[test]
    fn takes_the_version_and_its_policy_and_no_other() {
        let lambda = Sandbox::new();
        for _ in 0..2 {
            lambda.publish_layer("lib", json!({}));
        }
        let mut permission = of("lib", 1);
        permission["StatementId"] = json!("all");
        permission["Action"] = json!("lambda:GetLayerVersion");
        permission["Principal"] = json!("*");
        lambda.call("AddLayerVersionPermission", permission);
        assert_eq!(lambda.call("DeleteLayerVersion", of("lib", 1)), Value::Null);
        for (operation, told) in [
            (
                "GetLayerVersion",
                "The resource you requested does not exist.",
            ),
            (
                "GetLayerVersionPolicy",
                "Layer version arn:aws:lambda:us-east-1:123456789012:layer:lib:1 does not exist.",
            ),
        ] {
            assert_eq!(
                lambda.error(operation, of("lib", 1)),
                format!("(ResourceNotFoundException): {told}")
            );
        }
        lambda.call("GetLayerVersion", of("lib", 2));
        assert!(!lambda.here().join("layers/lib/versions/1.json").exists());
    }

    #[test]
    fn what_is_not_there_is_as_good_as_deleted() {
        let lambda = Sandbox::new();
        lambda.publish_layer("lib", json!({}));
        let before = lambda.files();
        for (name, number) in [("lib", 2), ("nope", 1), ("lib", i64::MAX)] {
            lambda.call("DeleteLayerVersion", of(name, number));
        }
        assert_eq!(before, lambda.files());
        lambda.call("DeleteLayerVersion", of("lib", 1));
        lambda.call("DeleteLayerVersion", of("lib", 1));
    }

    #[test]
    fn refuses_a_number_below_one() {
        for number in [0, -7] {
            assert_eq!(
                Sandbox::new().error("DeleteLayerVersion", of("lib", number)),
                "(InvalidParameterValueException): Layer Version Cannot be less than 1"
            );
        }
    }

    #[test]
    fn functions_and_their_versions_keep_what_they_use() {
        let lambda = Sandbox::with("pay");
        let layer = lambda.publish_layer("lib", json!({}));
        let arn = &layer["LayerVersionArn"];
        lambda.call(
            "UpdateFunctionConfiguration",
            json!({ "FunctionName": "pay", "Layers": [arn] }),
        );
        lambda.publish("pay");
        let before = lambda.latest("pay");
        lambda.call("DeleteLayerVersion", of("lib", 1));
        assert_eq!(lambda.latest("pay"), before);
        let used = json!([{ "Arn": arn, "CodeSize": layer["Content"]["CodeSize"] }]);
        for name in ["pay", "pay:1"] {
            let read = lambda.call("GetFunctionConfiguration", json!({ "FunctionName": name }));
            assert_eq!(read["Layers"], used);
        }
        // A function with the deleted layer version can still get new code and be published. But a new list of layers
        // cannot contain that version.
        lambda.update_code("pay", "new", json!({ "Publish": true }));
        assert_eq!(
            lambda.error(
                "UpdateFunctionConfiguration",
                json!({ "FunctionName": "pay", "Layers": [arn] })
            ),
            format!(
                "(InvalidParameterValueException): Layer version {} does not exist.",
                arn.as_str().expect("an ARN")
            )
        );
    }
}
