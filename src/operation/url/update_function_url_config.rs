//! `UpdateFunctionUrlConfig`: changes a function URL. Settings that are not given are kept.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    operation::{
        Lambda, Operation, Result, function::members::wire,
        permission::add_permission::FunctionUrlAuthType, resolve::no_such_resource,
    },
    state::name::{FunctionName, UrlQualifier},
};

use super::config::{self, Cors, FunctionUrlConfig, InvokeMode, check_there, no_function};

/// Request of UpdateFunctionUrlConfig.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateFunctionUrlConfigRequest {
    /// The name or ARN of the Lambda function.
    function_name: FunctionName,
    /// The alias whose URL is changed.
    qualifier: Option<UrlQualifier>,
    /// NONE: callers need no signature. AWS_IAM: callers must sign their requests. In both cases, the policy must allow
    /// the call.
    auth_type: Option<FunctionUrlAuthType>,
    /// CORS settings: the other sites that may call the URL. They replace all earlier ones.
    cors: Option<Cors>,
    /// BUFFERED: the answer is sent in one piece. RESPONSE_STREAM: the answer is sent in several pieces.
    invoke_mode: Option<InvokeMode>,
}

impl Operation for UpdateFunctionUrlConfigRequest {
    const NAME: &'static str = "UpdateFunctionUrlConfig";
    const ROUTE: &'static str = "PUT /2021-10-31/functions/{FunctionName}/url 200";
    const WIRE: &'static str = "Qualifier@query";
    const ABOUT: &'static str = "Updates the configuration of a Lambda function URL. Settings that the call does not name are kept.";
    type Response = FunctionUrlConfig;

    fn call(self, lambda: &Lambda<'_>) -> Result<FunctionUrlConfig> {
        let target = config::target(lambda, &self.function_name, self.qualifier.as_deref())?;
        lambda.edit_or(&target, no_function, Self::NAME, |edit| {
            check_there(&edit.head, &target)?;
            let mut url = config::of(&edit.head, target.key())
                .cloned()
                .ok_or_else(no_such_resource)?;
            if let Some(auth_type) = self.auth_type {
                url.auth_type = wire(auth_type);
            }
            if let Some(cors) = self.cors {
                url.cors = Some(cors.into());
            }
            if let Some(mode) = self.invoke_mode {
                url.invoke_mode = Some(wire(mode));
            }
            url.last_modified = edit.now;
            lambda.explain(|| {
                format!(
                    "Settings that the call did not name are kept, and so is the address of {}. A new Cors replaces \
                     the whole old one.",
                    target.named()
                )
            });
            let shown = FunctionUrlConfig::said(&target.asked(), &url);
            edit.head
                .attach(target.key(), |attached| attached.url = Some(url));
            Ok(shown)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn what_is_not_given_is_kept() {
        let lambda = Sandbox::with("pay");
        let made = lambda.call(
            "CreateFunctionUrlConfig",
            json!({ "FunctionName": "pay", "AuthType": "NONE", "Cors": { "AllowOrigins": ["*"], "MaxAge": 5 } }),
        );
        lambda.pass(Duration::from_millis(1500));
        let update = |more: Value| {
            let mut request = more;
            request["FunctionName"] = json!("pay");
            lambda.call("UpdateFunctionUrlConfig", request)
        };
        let changed = update(json!({ "AuthType": "AWS_IAM" }));
        let members: Vec<&String> = changed.as_object().expect("members").keys().collect();
        assert_eq!(
            members,
            [
                "FunctionUrl",
                "FunctionArn",
                "AuthType",
                "Cors",
                "CreationTime",
                "LastModifiedTime"
            ],
            "the mode was never said"
        );
        assert_eq!(
            (
                &changed["FunctionUrl"],
                &changed["CreationTime"],
                &changed["Cors"]
            ),
            (&made["FunctionUrl"], &made["CreationTime"], &made["Cors"])
        );
        assert_eq!(changed["LastModifiedTime"], "2026-11-22T12:00:01.500000Z");
        assert_eq!(
            update(json!({ "Cors": { "MaxAge": 6 } }))["Cors"],
            json!({ "MaxAge": 6 })
        );
        let streamed = update(json!({ "InvokeMode": "RESPONSE_STREAM" }));
        assert_eq!(streamed["InvokeMode"], "RESPONSE_STREAM");
        assert_eq!(streamed["AuthType"], "AWS_IAM");
        assert_eq!(
            streamed,
            lambda.call("GetFunctionUrlConfig", json!({ "FunctionName": "pay" }))
        );
    }
}
