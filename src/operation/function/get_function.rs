//! `GetFunction`: returns the settings and the tags of a function, and the location of its code.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result, concurrency::put_function_concurrency::Concurrency,
        resolve::function_not_found,
    },
    state::{
        function::Configuration,
        name::{NamespacedFunctionName, Qualifier},
    },
};

use super::{
    configuration::FunctionConfiguration,
    get_function_configuration::{explain, resolve},
};

/// Request of GetFunction.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionRequest {
    /// The name or ARN of the Lambda function, version or alias.
    function_name: NamespacedFunctionName,
    /// The version or alias to return.
    qualifier: Option<Qualifier>,
}

/// Response of GetFunction.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetFunctionResponse {
    /// The settings of the function or version.
    configuration: FunctionConfiguration,
    /// The deployment package and its location.
    code: FunctionCodeLocation,
    /// The function's tags.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    tags: IndexMap<String, String>,
    /// The reserved concurrency of the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<Concurrency>,
}

/// The deployment package and its location.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionCodeLocation {
    /// The service that stores the package: S3 for a zip, ECR for an image.
    repository_type: String,
    /// A URL for downloading the uploaded zip.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    /// The URI of the container image.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_uri: Option<String>,
    /// The URI of the image, with its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_image_uri: Option<String>,
    /// The key that encrypts the deployment package.
    #[serde(rename = "SourceKMSKeyArn", skip_serializing_if = "Option::is_none")]
    source_kms_key_arn: Option<String>,
}

impl Operation for GetFunctionRequest {
    const NAME: &'static str = "GetFunction";
    const ROUTE: &'static str = "GET /2015-03-31/functions/{FunctionName} 200";
    const ABOUT: &'static str = "Returns the settings, the tags and the location of the code of a Lambda function: \
        of $LATEST, or of the version or alias in --qualifier.";
    type Response = GetFunctionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetFunctionResponse> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        lambda.view(
            &target,
            || function_not_found(&target.asked()),
            |view| {
                let (configuration, kept) = resolve(view, &target)?;
                explain(lambda, view, &target, &configuration);
                Ok(GetFunctionResponse {
                    configuration,
                    code: location(lambda, &kept)?,
                    tags: view.head.tags.clone(),
                    concurrency: view.head.reserved_concurrency.map(|reserved| Concurrency {
                        reserved_concurrent_executions: Some(reserved),
                    }),
                })
            },
        )
    }
}

fn location(lambda: &Lambda<'_>, kept: &Configuration) -> Result<FunctionCodeLocation> {
    if let Some(image) = &kept.image {
        return Ok(FunctionCodeLocation {
            repository_type: "ECR".to_owned(),
            image_uri: Some(image.image_uri.clone()),
            resolved_image_uri: Some(image.resolved_image_uri.clone()),
            ..FunctionCodeLocation::default()
        });
    }
    Ok(FunctionCodeLocation {
        repository_type: "S3".to_owned(),
        location: lambda.place.store.package_url(&kept.code_sha256)?,
        source_kms_key_arn: kept.source_kms_key_arn.clone(),
        ..FunctionCodeLocation::default()
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use crate::operation::sandbox::{Sandbox, zip};

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    fn of(name: &str) -> Value {
        json!({ "FunctionName": name })
    }

    #[test]
    fn tells_configuration_and_code_and_tags_only_where_there_are_some() {
        let lambda = Sandbox::with("pay");
        let function = lambda.call("GetFunction", of("pay"));
        let members: Vec<&String> = function.as_object().expect("members").keys().collect();
        assert_eq!(members, ["Configuration", "Code"]);
        assert_eq!(function["Configuration"], lambda.latest("pay"));
    }

    #[cfg(unix)]
    #[test]
    fn the_location_serves_the_very_bytes_that_were_uploaded_even_of_an_old_version() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "new", json!({}));
        for (name, content) in [("pay:1", "pay"), ("pay", "new")] {
            let code = lambda.call("GetFunction", of(name))["Code"].clone();
            assert_eq!(code["RepositoryType"], "S3");
            let url = code["Location"].as_str().expect("a URL").to_owned();
            let path = url.strip_prefix("file://").expect("a file");
            assert_eq!(
                fs::read(path).expect("a package"),
                zip(&[("index.py", content.as_bytes())])
            );
        }
    }

    #[test]
    fn an_alias_answers_its_version_under_the_alias_s_arn() {
        let lambda = Sandbox::with("pay");
        let version = lambda.call("PublishVersion", of("pay"));
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
        );
        for request in [
            json!({ "FunctionName": "pay", "Qualifier": "live" }),
            of("pay:live"),
            of(&format!("{ARN}:live")),
            json!({ "FunctionName": "pay:live", "Qualifier": "live" }),
        ] {
            let shown = lambda.call("GetFunction", request)["Configuration"].clone();
            let expected = {
                let mut version = version.clone();
                version["FunctionArn"] = json!(format!("{ARN}:live"));
                version
            };
            assert_eq!(shown, expected, "all but the ARN is the version's own");
        }
    }

    #[test]
    fn the_source_key_is_shown_with_the_code() {
        let lambda = Sandbox::with("pay");
        let key = "arn:aws:kms:us-east-1:123456789012:key/k";
        lambda.update_code("pay", "new", json!({ "SourceKMSKeyArn": key }));
        assert_eq!(
            lambda.call("GetFunction", of("pay"))["Code"]["SourceKMSKeyArn"],
            key
        );
    }

    #[test]
    fn a_missing_function_is_named_as_it_was_asked_for() {
        let lambda = Sandbox::with("pay");
        for (request, arn) in [
            (of("nope"), "nope"),
            (of("nope:$LATEST"), "nope:$LATEST"),
            (
                json!({ "FunctionName": "nope", "Qualifier": "1" }),
                "nope:1",
            ),
            (of("nope:live"), "nope:live"),
            (of("pay:7"), "pay:7"),
            (of("pay:live"), "pay:live"),
            (of("pay:01"), "pay:01"),
            (of("pay:18446744073709551616"), "pay:18446744073709551616"),
        ] {
            for operation in ["GetFunction", "GetFunctionConfiguration"] {
                assert_eq!(
                    lambda.error(operation, request.clone()),
                    format!(
                        "(ResourceNotFoundException): Function not found: \
                         arn:aws:lambda:us-east-1:123456789012:function:{arn}"
                    )
                );
            }
        }
    }

    #[test]
    fn no_name_leaves_the_functions_folder_or_names_it() {
        let lambda = Sandbox::with("pay");
        // The test writes heads to places where no function can be. A name such as `..` must not lead to them.
        let head = fs::read(lambda.file_of("pay", "function.json")).expect("a head");
        let dotted = |name: &str| {
            String::from_utf8_lossy(&head).replace(
                r#""FunctionName": "pay""#,
                &format!(r#""FunctionName": "{name}""#),
            )
        };
        fs::write(lambda.here().join("function.json"), dotted("..")).expect("a file");
        fs::write(lambda.here().join("functions/function.json"), dotted(".")).expect("a file");
        fs::create_dir(lambda.here().join("functions/a.b")).expect("a folder");
        fs::write(
            lambda.here().join("functions/a.b/function.json"),
            dotted("a.b"),
        )
        .expect("a file");
        let before = lambda.files();
        for name in [".", "..", "...", "a.b", ".hidden"] {
            for operation in [
                "GetFunction",
                "GetFunctionConfiguration",
                "DeleteFunction",
                "ListVersionsByFunction",
            ] {
                assert_eq!(
                    lambda.error(operation, of(name)),
                    format!(
                        "(ResourceNotFoundException): Function not found: \
                         arn:aws:lambda:us-east-1:123456789012:function:{name}"
                    )
                );
            }
            assert_eq!(
                lambda
                    .refused("DeleteFunction", of(&format!("{name}:1")))
                    .code
                    .name(),
                "ResourceNotFoundException"
            );
        }
        for name in [
            "../../x",
            "a/b",
            "a\0b",
            "a\\b",
            "",
            "é",
            &"a".repeat(10_000),
            &"a:".repeat(5_000),
        ] {
            for operation in [
                "GetFunction",
                "DeleteFunction",
                "PublishVersion",
                "ListAliases",
            ] {
                let refused = lambda.refused(operation, of(name));
                assert_eq!(refused.code.name(), "ValidationException", "{name:?}");
            }
        }
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn two_qualifiers_that_differ_are_refused_before_the_function_is_looked_for() {
        let lambda = Sandbox::new();
        for operation in ["GetFunction", "GetFunctionConfiguration", "DeleteFunction"] {
            assert_eq!(
                lambda.error(
                    operation,
                    json!({ "FunctionName": "nope:1", "Qualifier": "2" })
                ),
                "(InvalidParameterValueException): The derived qualifier from the function name does not match the \
                 specified qualifier."
            );
        }
    }

    #[test]
    fn a_qualifier_outside_the_pattern_is_printed_with_it() {
        assert_eq!(
            Sandbox::with("pay").error(
                "GetFunction",
                json!({ "FunctionName": "pay", "Qualifier": "a.b" })
            ),
            "(ValidationException): 1 validation error detected: Value 'a.b' at 'qualifier' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
        );
    }
}
