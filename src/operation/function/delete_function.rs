//! `DeleteFunction`: a whole function, or one published version of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Operation, Result,
        resolve::{function_not_found, invalid},
    },
    state::{
        error::{Code, ServiceError},
        name::{NamespacedFunctionName, Qualifier},
    },
};

/// What DeleteFunction takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteFunctionRequest {
    /// The name or ARN of the Lambda function or version.
    function_name: NamespacedFunctionName,
    /// A version to delete. A version that an alias references cannot be deleted. Without it the whole function goes,
    /// with all versions and aliases.
    qualifier: Option<Qualifier>,
}

/// What DeleteFunction answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteFunctionResponse {
    /// The HTTP status.
    status_code: u16,
}

impl Operation for DeleteFunctionRequest {
    const NAME: &'static str = "DeleteFunction";
    const ROUTE: &'static str = "DELETE /2015-03-31/functions/{FunctionName} 204";
    const ABOUT: &'static str = "Deletes a Lambda function, or with --qualifier one published version of it. The number of a \
        deleted version is never used again.";
    type Response = DeleteFunctionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<DeleteFunctionResponse> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        match target.qualifier.as_deref() {
            None => {
                let gone = lambda.functions().delete(target.name(), |_| Ok(()))?;
                gone.ok_or_else(|| function_not_found(&target.arn))?;
            }
            // Said even when there is no such function (recorded from AWS 2025-11).
            Some("$LATEST") => {
                return Err(invalid("$LATEST version cannot be deleted without deleting the function.").into());
            }
            Some(version) => lambda.edit(&target, Self::NAME, |edit| {
                if edit.head.aliases.contains_key(version) {
                    return Err(invalid(format!(
                        "{version} is an alias: DeleteFunction takes a version, and DeleteAlias an alias."
                    ))
                    .with_hint(format!("aws lambda delete-alias --function-name {} --name {version}", target.name()))
                    .into());
                }
                let users: Vec<&str> = edit.head.aliases_using(version).collect();
                if !users.is_empty() {
                    return Err(ServiceError::new(
                        Code::ResourceConflictException,
                        format!(
                            "Unable to delete version because the following aliases reference it: [{}]",
                            users.join(", ")
                        ),
                    )
                    .into());
                }
                // A number that does not exist is no error (recorded from AWS 2025-11).
                let Some(number) = edit.head.may_have(version).then(|| version.parse().ok()).flatten() else {
                    return Ok(());
                };
                let Some(gone) = edit.version(number)? else { return Ok(()) };
                let head = &mut edit.head;
                head.code_size = head.code_size.saturating_sub(gone.configuration.code_size);
                head.versions.remove(version);
                if head.published.as_ref().is_some_and(|published| published.version == version) {
                    head.published = None;
                }
                edit.delete_version(number);
                Ok(())
            })?,
        }
        Ok(DeleteFunctionResponse { status_code: 204 })
    }
}
