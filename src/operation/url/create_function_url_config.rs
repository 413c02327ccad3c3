//! `CreateFunctionUrlConfig`: gives a function or an alias an HTTPS endpoint.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        function::{members::wire, settings::refuse_with_tenants},
        permission::add_permission::FunctionUrlAuthType,
    },
    state::{
        attached::Url,
        error::{Code, ServiceError},
        name::{FunctionName, UrlQualifier},
    },
};

use super::config::{self, Cors, FunctionUrlConfig, InvokeMode, check_there, no_function};

/// Request of CreateFunctionUrlConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateFunctionUrlConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The alias that gets the URL. Without this option, the function itself gets a URL.
    qualifier: Option<UrlQualifier>,
    /// NONE: callers need no signature. AWS_IAM: callers must sign their requests. In both cases, the policy must allow
    /// the call.
    auth_type: FunctionUrlAuthType,
    /// CORS settings: the other sites that may call the URL.
    cors: Option<Cors>,
    /// BUFFERED: the answer is sent in one piece. RESPONSE_STREAM: the answer is sent in several pieces.
    invoke_mode: Option<InvokeMode>,
}

/// Response of CreateFunctionUrlConfig.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateFunctionUrlConfigResponse {
    /// The endpoint.
    function_url: String,
    /// The ARN of the function or alias.
    function_arn: String,
    /// NONE: everybody can call the URL. AWS_IAM: callers must sign their requests.
    auth_type: String,
    /// CORS settings: the other sites that may call the URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    cors: Option<Cors>,
    /// The time at which the URL was created.
    creation_time: String,
    /// BUFFERED or RESPONSE_STREAM, if the request gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    invoke_mode: Option<String>,
}

impl Operation for CreateFunctionUrlConfigRequest {
    const NAME: &'static str = "CreateFunctionUrlConfig";
    const ROUTE: &'static str = "POST /2021-10-31/functions/{FunctionName}/url 201";
    const WIRE: &'static str = "Qualifier@query";
    const ABOUT: &'static str = "Creates a function URL: an HTTPS endpoint of a function or of an alias. lambdry \
        stores it; no server answers at that URL.";
    type Response = CreateFunctionUrlConfigResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<CreateFunctionUrlConfigResponse> {
        let target = config::target(lambda, &self.function_name, self.qualifier.as_deref())?;
        lambda.edit_or(&target, no_function, Self::NAME, |edit| {
            check_there(&edit.head, &target)?;
            refuse_with_tenants(&edit.head.latest.configuration, "A function URL")?;
            if config::of(&edit.head, target.key()).is_some() {
                // AWS's text has two blanks here (recorded 2025-11).
                return Err(ServiceError::new(
                    Code::ResourceConflictException,
                    format!(
                        "Failed to create function url config for [functionArn = {}]. Error message:  FunctionUrlConfig \
                         exists for this Lambda function",
                        target.asked()
                    ),
                )
                .with_explanation(
                    "A function or alias can have only one URL. create-function-url-config never replaces it; \
                     update-function-url-config changes it and keeps its address.",
                )
                .into());
            }
            let url = Url {
                id: edit.next_id().replace('-', ""),
                auth_type: wire(self.auth_type),
                cors: self.cors.map(Into::into),
                invoke_mode: self.invoke_mode.map(wire),
                created: edit.now,
                last_modified: edit.now,
            };
            lambda.explain(|| {
                format!(
                    "{} has its own address, made from a random id. If you delete the URL and create it again, the \
                     address changes. With AuthType {} the policy decides who may call it. Here no server answers at \
                     that URL.",
                    target.named(),
                    url.auth_type
                )
            });
            let shown = FunctionUrlConfig::said(&target.asked(), &url);
            edit.head.attach(target.key(), |attached| attached.url = Some(url));
            Ok(CreateFunctionUrlConfigResponse {
                function_url: shown.function_url,
                function_arn: shown.function_arn,
                auth_type: shown.auth_type,
                cors: shown.cors,
                creation_time: shown.creation_time,
                invoke_mode: shown.invoke_mode,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    /// A function with version 1 and an alias `live`, which points at version 1.
    fn aliased() -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
        );
        lambda
    }

    fn url(more: Value) -> Value {
        let mut request = json!({ "FunctionName": "pay", "AuthType": "NONE" });
        for (name, value) in more.as_object().expect("members") {
            request[name] = value.clone();
        }
        request
    }

    #[test]
    fn function_and_alias_have_one_each() {
        let lambda = aliased();
        let before = lambda.latest("pay");
        let made = lambda.call("CreateFunctionUrlConfig", url(json!({})));
        let address = made["FunctionUrl"].as_str().expect("a URL").to_owned();
        assert_eq!(
            made.to_string(),
            format!(
                r#"{{"FunctionUrl":"{address}","FunctionArn":"{ARN}","AuthType":"NONE","CreationTime":"2026-11-22T12:00:00.000000Z"}}"#
            )
        );
        let host = address
            .strip_prefix("https://")
            .and_then(|rest| rest.strip_suffix(".lambda-url.us-east-1.on.aws/"))
            .expect("a host");
        assert_eq!(host.len(), 32);
        let other = lambda.call(
            "CreateFunctionUrlConfig",
            url(json!({ "Qualifier": "live", "AuthType": "AWS_IAM", "InvokeMode": "BUFFERED" })),
        );
        assert_eq!(other["FunctionArn"], format!("{ARN}:live"));
        assert_eq!(
            (&other["AuthType"], &other["InvokeMode"]),
            (&json!("AWS_IAM"), &json!("BUFFERED"))
        );
        assert_ne!(other["FunctionUrl"], address);
        assert_eq!(before, lambda.latest("pay"), "no RevisionId moves");
    }

    #[test]
    fn cors_is_shown_as_it_was_given() {
        let lambda = aliased();
        let cors = json!({
            "AllowCredentials": false,
            "AllowHeaders": ["x-a"],
            "AllowMethods": ["GET", "*"],
            "AllowOrigins": ["https://example.com"],
            "ExposeHeaders": [],
            "MaxAge": 0,
        });
        let made = lambda.call("CreateFunctionUrlConfig", url(json!({ "Cors": cors })));
        assert_eq!(made["Cors"].to_string(), cors.to_string());
        for (wrong, text) in [
            (
                json!({ "MaxAge": 86_401 }),
                "Value '86401' at 'cors.maxAge' failed to satisfy constraint: Member must have value less than or equal to 86400",
            ),
            (
                json!({ "AllowMethods": ["OPTIONS"] }),
                "Value '[OPTIONS]' at 'cors.allowMethods' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 6, Member must have length greater than or equal to 0]",
            ),
        ] {
            assert_eq!(
                lambda.error(
                    "CreateFunctionUrlConfig",
                    url(json!({ "Qualifier": "live", "Cors": wrong }))
                ),
                format!("(ValidationException): 1 validation error detected: {text}")
            );
        }
    }

    #[test]
    fn refuses_a_second_one() {
        let lambda = aliased();
        for (more, arn) in [
            (json!({}), ARN.to_owned()),
            (json!({ "Qualifier": "live" }), format!("{ARN}:live")),
        ] {
            lambda.call("CreateFunctionUrlConfig", url(more.clone()));
            assert_eq!(
                lambda.error("CreateFunctionUrlConfig", url(more)),
                format!(
                    "(ResourceConflictException): Failed to create function url config for [functionArn = {arn}]. Error \
                     message:  FunctionUrlConfig exists for this Lambda function"
                )
            );
        }
    }

    #[test]
    fn what_is_not_there_is_said_in_two_ways() {
        let lambda = aliased();
        for (operation, text) in [
            ("CreateFunctionUrlConfig", "Function does not exist"),
            ("UpdateFunctionUrlConfig", "Function does not exist"),
            (
                "GetFunctionUrlConfig",
                "The resource you requested does not exist.",
            ),
            (
                "DeleteFunctionUrlConfig",
                "The resource you requested does not exist.",
            ),
        ] {
            for name in ["nope", "pay:nobody", "nope:live"] {
                assert_eq!(
                    lambda.error(operation, url(json!({ "FunctionName": name }))),
                    format!("(ResourceNotFoundException): {text}")
                );
            }
        }
        for operation in [
            "UpdateFunctionUrlConfig",
            "GetFunctionUrlConfig",
            "DeleteFunctionUrlConfig",
        ] {
            assert_eq!(
                lambda.error(operation, url(json!({}))),
                "(ResourceNotFoundException): The resource you requested does not exist."
            );
        }
    }

    #[test]
    fn versions_have_none() {
        let lambda = aliased();
        for operation in [
            "CreateFunctionUrlConfig",
            "GetFunctionUrlConfig",
            "UpdateFunctionUrlConfig",
            "DeleteFunctionUrlConfig",
        ] {
            for (request, qualifier) in [
                (json!({ "Qualifier": "1" }), "1"),
                (json!({ "Qualifier": "$LATEST" }), "$LATEST"),
                (json!({ "FunctionName": "nope:1" }), "1"),
            ] {
                assert_eq!(
                    lambda.error(operation, url(request)),
                    format!(
                        "(ValidationException): 1 validation error detected: Value '{qualifier}' at 'qualifier' failed to \
                         satisfy constraint: Member must satisfy regular expression pattern: \
                         ((?!^\\d+$)^[0-9a-zA-Z-_]+$)"
                    )
                );
            }
            assert_eq!(
                lambda.error(
                    operation,
                    url(json!({ "FunctionName": "pay:live", "Qualifier": "other" }))
                ),
                "(InvalidParameterValueException): The derived qualifier from the function name does not match the \
                 specified qualifier."
            );
        }
    }

    #[test]
    fn refuses_an_unknown_mode() {
        assert_eq!(
            aliased().error(
                "CreateFunctionUrlConfig",
                url(json!({ "InvokeMode": "UNKNOWN" }))
            ),
            "(ValidationException): 1 validation error detected: Value 'UNKNOWN' at 'invokeMode' failed to satisfy \
             constraint: Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]"
        );
    }
}
