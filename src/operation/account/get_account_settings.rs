//! `GetAccountSettings`: limits and usage of the account in a region.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::operation::{Lambda, Operation, Result};

/// What GetAccountSettings takes: nothing.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetAccountSettingsRequest {}

/// What GetAccountSettings answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccountSettingsResponse {
    /// Limits of code storage and concurrency.
    account_limit: AccountLimit,
    /// Functions and code in use.
    account_usage: AccountUsage,
}

/// Limits of code storage and concurrency.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccountLimit {
    /// The most bytes that all code and layers may take.
    total_code_size: u64,
    /// The most bytes that a function's code and layers may take when unzipped.
    code_size_unzipped: u64,
    /// The most bytes of a zip that is uploaded directly.
    code_size_zipped: u64,
    /// The most invocations at once.
    concurrent_executions: u64,
    /// The same, less what is reserved for single functions.
    unreserved_concurrent_executions: u64,
}

/// Functions and code in use.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccountUsage {
    /// Bytes of all code: $LATEST and every published version of every zip function.
    total_code_size: u64,
    /// The number of functions.
    function_count: u64,
}

impl Operation for GetAccountSettingsRequest {
    const NAME: &'static str = "GetAccountSettings";
    const ROUTE: &'static str = "GET /2016-08-19/account-settings 200";
    const ABOUT: &'static str = "Answers the limits and the usage of the account in the region. The limits are in \
        account.json of the state directory, yours to edit.";
    type Response = GetAccountSettingsResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<GetAccountSettingsResponse> {
        let limits = lambda.place.limits()?;
        let usage = lambda.place.usage()?;
        Ok(GetAccountSettingsResponse {
            account_limit: AccountLimit {
                total_code_size: limits.total_code_size,
                code_size_unzipped: limits.code_size_unzipped,
                code_size_zipped: limits.code_size_zipped,
                concurrent_executions: limits.concurrent_executions,
                unreserved_concurrent_executions: limits.concurrent_executions,
            },
            account_usage: AccountUsage {
                total_code_size: usage.total_code_size,
                function_count: usage.function_count,
            },
        })
    }
}
