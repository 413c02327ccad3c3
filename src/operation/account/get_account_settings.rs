//! `GetAccountSettings`: returns limits and usage of the account in a region.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::operation::{Lambda, Operation, Result};

/// Request of GetAccountSettings: empty.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetAccountSettingsRequest {}

/// Response of GetAccountSettings.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccountSettingsResponse {
    /// Limits of code storage and concurrency.
    account_limit: AccountLimit,
    /// The number of functions and the size of their code.
    account_usage: AccountUsage,
}

/// Limits of code storage and concurrency.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccountLimit {
    /// Maximum size of all code and layers, in bytes.
    total_code_size: u64,
    /// Maximum size of a function's code and layers when unzipped, in bytes.
    code_size_unzipped: u64,
    /// Maximum size of a zip file that is uploaded with the request, in bytes.
    code_size_zipped: u64,
    /// Maximum number of concurrent invocations.
    concurrent_executions: u64,
    /// The part of that number that is not reserved or provisioned for single functions.
    unreserved_concurrent_executions: u64,
}

/// The number of functions and the size of their code.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccountUsage {
    /// The size of all code in bytes: $LATEST and every published version of every zip function.
    total_code_size: u64,
    /// The number of functions.
    function_count: u64,
}

impl Operation for GetAccountSettingsRequest {
    const NAME: &'static str = "GetAccountSettings";
    const ROUTE: &'static str = "GET /2016-08-19/account-settings 200";
    const ABOUT: &'static str = "Returns the limits and the usage of the account in the region. The limits are in \
        account.json of the state directory; you may edit them.";
    type Response = GetAccountSettingsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetAccountSettingsResponse> {
        let limits = lambda.place.limits()?;
        let totals = lambda.place.totals()?;
        Ok(GetAccountSettingsResponse {
            account_limit: AccountLimit {
                total_code_size: limits.total_code_size,
                code_size_unzipped: limits.code_size_unzipped,
                code_size_zipped: limits.code_size_zipped,
                concurrent_executions: limits.concurrent_executions,
                unreserved_concurrent_executions: limits
                    .concurrent_executions
                    .saturating_sub(totals.concurrency),
            },
            account_usage: AccountUsage {
                total_code_size: totals.usage.total_code_size,
                function_count: totals.usage.function_count,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use crate::operation::sandbox::{Sandbox, zip};

    fn usage(lambda: &Sandbox) -> (u64, u64) {
        let usage = lambda.call("GetAccountSettings", json!({}))["AccountUsage"].clone();
        let number = |name: &str| usage[name].as_u64().expect("a number");
        (number("TotalCodeSize"), number("FunctionCount"))
    }

    #[test]
    fn five_limits_and_two_sums_in_the_model_s_order() {
        let lambda = Sandbox::new();
        assert_eq!(
            lambda.call("GetAccountSettings", json!({})).to_string(),
            r#"{"AccountLimit":{"TotalCodeSize":80530636800,"CodeSizeUnzipped":262144000,"CodeSizeZipped":52428800,"ConcurrentExecutions":1000,"UnreservedConcurrentExecutions":1000},"AccountUsage":{"TotalCodeSize":0,"FunctionCount":0}}"#
        );
        assert!(lambda.files().is_empty(), "reading writes nothing");
    }

    #[test]
    fn code_is_counted_for_latest_and_again_for_every_version() {
        let lambda = Sandbox::new();
        let size = |content: &str| zip(&[("index.py", content.as_bytes())]).len() as u64;
        let one = size("pay");
        lambda.create("pay");
        assert_eq!(usage(&lambda), (one, 1));
        lambda.update_code("pay", "pay", json!({ "Publish": true }));
        assert_eq!(
            usage(&lambda),
            (2 * one, 1),
            "the version counts on top, at once"
        );
        lambda.call(
            "UpdateFunctionConfiguration",
            json!({ "FunctionName": "pay", "Timeout": 9 }),
        );
        assert_eq!(usage(&lambda), (2 * one, 1));
        lambda.publish("pay");
        assert_eq!(usage(&lambda), (3 * one, 1), "the same code counts again");
        lambda.publish("pay");
        assert_eq!(usage(&lambda), (3 * one, 1), "nothing was published");
        lambda.update_code("pay", "longer code", json!({}));
        assert_eq!(usage(&lambda), (2 * one + size("longer code"), 1));
        lambda.create("b");
        assert_eq!(
            usage(&lambda),
            (2 * one + size("longer code") + size("b"), 2)
        );
        lambda.call("DeleteFunction", json!({ "FunctionName": "pay:1" }));
        assert_eq!(usage(&lambda), (one + size("longer code") + size("b"), 2));
        lambda.call("DeleteFunction", json!({ "FunctionName": "pay" }));
        assert_eq!(usage(&lambda), (size("b"), 1));
        let kept: Value =
            serde_json::from_slice(&fs::read(lambda.here().join("usage.json")).expect("sums"))
                .expect("JSON");
        assert_eq!(
            kept,
            json!({ "TotalCodeSize": size("b"), "FunctionCount": 1 }),
            "the cache agrees"
        );
    }

    #[test]
    fn limits_are_those_of_account_json_and_the_environment_wins() {
        let mut lambda = Sandbox::with("pay");
        let limits =
            |text: &str| fs::write(lambda.here().join("account.json"), text).expect("limits");
        limits(r#"{ "TotalCodeSize": 7, "ConcurrentExecutions": 10 }"#);
        let told = lambda.call("GetAccountSettings", json!({}))["AccountLimit"].clone();
        assert_eq!(
            (&told["TotalCodeSize"], &told["CodeSizeZipped"]),
            (&json!(7), &json!(52_428_800))
        );
        assert_eq!(
            (
                &told["ConcurrentExecutions"],
                &told["UnreservedConcurrentExecutions"]
            ),
            (&json!(10), &json!(10))
        );
        lambda.total_code_size = Some(9);
        assert_eq!(
            lambda.call("GetAccountSettings", json!({}))["AccountLimit"]["TotalCodeSize"],
            9
        );
    }

    #[test]
    fn a_spoilt_cache_is_counted_again_before_anything_is_refused() {
        let lambda = Sandbox::with("pay");
        let cache = lambda.here().join("usage.json");
        for spoilt in [
            "",
            "{",
            r#"{ "TotalCodeSize": 80530636800, "FunctionCount": 0 }"#,
            r#"{ "Foreign": 1 }"#,
        ] {
            fs::write(&cache, spoilt).expect("a cache");
            assert_eq!(usage(&lambda).1, 1);
            lambda.update_code("pay", &format!("code {spoilt}"), json!({}));
            lambda.call("DeleteFunction", json!({ "FunctionName": "pay" }));
            lambda.create("pay");
        }
    }

    #[test]
    fn limits_that_are_none_are_named() {
        let lambda = Sandbox::with("pay");
        let path = lambda.here().join("account.json");
        for text in [
            "",
            "{",
            r#"{ "TotalCodeSize": -1 }"#,
            r#"{ "TotalCodeSiz": 1 }"#,
        ] {
            fs::write(&path, text).expect("limits");
            let told = lambda.broken("GetAccountSettings", json!({}));
            assert!(
                told.starts_with(&format!("cannot read {}: ", path.display())),
                "{told}"
            );
        }
    }
}
