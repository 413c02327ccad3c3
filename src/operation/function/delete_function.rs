//! `DeleteFunction`: deletes a whole function, or one published version of it.

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
        pattern,
    },
};

/// Request of DeleteFunction.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteFunctionRequest {
    /// The name or ARN of the Lambda function or version.
    function_name: NamespacedFunctionName,
    /// The version to delete. A version that an alias uses cannot be deleted. Without this option, the whole function
    /// is deleted, with all versions and aliases.
    qualifier: Option<Qualifier>,
}

/// Response of DeleteFunction.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteFunctionResponse {
    /// The HTTP status.
    status_code: u16,
}

impl Operation for DeleteFunctionRequest {
    const NAME: &'static str = "DeleteFunction";
    const ROUTE: &'static str = "DELETE /2015-03-31/functions/{FunctionName} 204";
    const WIRE: &'static str = "StatusCode@status";
    const ABOUT: &'static str = "Deletes a Lambda function. With --qualifier, deletes only one published version. \
        The number of a deleted version is never used again.";
    type Response = DeleteFunctionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<DeleteFunctionResponse> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        match target.qualifier.as_deref() {
            None => {
                let gone = lambda.functions().delete(target.name(), |head| {
                    lambda.explain(|| {
                        format!(
                            "The whole function {} is deleted: $LATEST, every version, its aliases ({}), tags and \
                             policies. A new function with this name continues at version {}, because numbers are \
                             never used again.",
                            target.name(),
                            head.aliases.len(),
                            head.last_version.saturating_add(1)
                        )
                    });
                    Ok(())
                })?;
                gone.ok_or_else(|| function_not_found(&target.arn))?;
            }
            // AWS returns this error even for a missing function (recorded from AWS 2025-11).
            Some("$LATEST") => {
                return Err(invalid("$LATEST version cannot be deleted without deleting the function.")
                    .with_explanation(
                        "$LATEST is the function itself: delete-function without a qualifier deletes the whole \
                         function, and with the number of a version only that version.",
                    )
                    .into());
            }
            // AWS refuses every name that has the form of an alias, even if no such alias exists (recorded from AWS;
            // public reports, 2026).
            Some(alias) if pattern::matches(pattern::ALIAS, alias) => {
                return Err(invalid("Deletion of aliases is not currently supported.")
                    .with_explanation(format!(
                        "{alias} is the name of an alias, not of a version. DeleteAlias deletes an alias and keeps \
                         its version. Nothing was deleted."
                    ))
                    .with_hint(format!("to delete the alias: aws lambda delete-alias --function-name {} --name \
                        {alias}", target.name()))
                    .into());
            }
            Some(version) => lambda.edit(&target, Self::NAME, |edit| {
                let users: Vec<&str> = edit.head.aliases_using(version).collect();
                if !users.is_empty() {
                    return Err(ServiceError::new(
                        Code::ResourceConflictException,
                        format!(
                            "Unable to delete version because the following aliases reference it: [{}]",
                            users.join(", ")
                        ),
                    )
                    .with_explanation(format!(
                        "An alias that points at a version or gives it a weight uses that version. Such a version \
                         cannot be deleted, because callers of the alias would get errors. Move or delete {} first; \
                         then you can delete version {version}.",
                        users.join(", ")
                    ))
                    .into());
                }
                // It is not an error if the version does not exist (recorded from AWS 2025-11).
                let absent = || {
                    format!(
                        "There is no version {version}. It is not an error to delete a missing version, so a \
                         clean-up can run twice."
                    )
                };
                let Some(number) = edit.head.may_have(version).then(|| version.parse().ok()).flatten() else {
                    lambda.explain(absent);
                    return Ok(());
                };
                let Some(gone) = edit.version(number)? else {
                    lambda.explain(absent);
                    return Ok(());
                };
                lambda.explain(|| {
                    format!(
                        "Version {version} is deleted, because no alias sent traffic to it. Its {} bytes no longer \
                         count in the account's code storage. The number is never used again.",
                        gone.configuration.code_size
                    )
                });
                let head = &mut edit.head;
                head.code_size = head.code_size.saturating_sub(gone.configuration.code_size);
                head.versions.remove(version);
                head.attached.remove(version);
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

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pay";

    fn of(name: &str) -> Value {
        json!({ "FunctionName": name })
    }

    /// A function with versions 1 and 2, and an alias that points at version 1.
    fn published() -> Sandbox {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.update_code("pay", "two", json!({}));
        lambda.publish("pay");
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
        );
        lambda
    }

    fn versions(lambda: &Sandbox) -> Vec<Value> {
        let list = lambda.call("ListVersionsByFunction", of("pay"));
        let versions = list["Versions"].as_array().expect("versions");
        versions
            .iter()
            .map(|version| version["Version"].clone())
            .collect()
    }

    #[test]
    fn a_whole_function_goes_with_versions_and_aliases() {
        let lambda = published();
        assert_eq!(
            lambda.call("DeleteFunction", of(ARN)),
            json!({ "StatusCode": 204 })
        );
        for operation in [
            "GetFunction",
            "DeleteFunction",
            "ListVersionsByFunction",
            "ListAliases",
        ] {
            assert_eq!(
                lambda.error(operation, of("pay")),
                format!("(ResourceNotFoundException): Function not found: {ARN}")
            );
        }
        lambda.create("pay");
        assert_eq!(versions(&lambda), ["$LATEST"]);
        assert_eq!(lambda.call("ListAliases", of("pay"))["Aliases"], json!([]));
        assert_eq!(
            fs::read_dir(lambda.here().join("trash"))
                .expect("a folder")
                .count(),
            0
        );
    }

    #[test]
    fn what_a_large_function_held_is_removed_by_and_by() {
        let lambda = published();
        for number in 0..12_000 {
            let path = lambda.file_of("pay", &format!("versions/{number}.left"));
            fs::write(path, "").expect("a file");
        }
        let left = || {
            fs::read_dir(lambda.here().join("trash"))
                .expect("a folder")
                .count()
        };
        let mut calls = 0;
        loop {
            lambda.call("DeleteFunction", of("pay"));
            assert!(!lambda.file_of("pay", "").exists());
            calls += 1;
            if left() == 0 {
                break;
            }
            lambda.create("pay");
        }
        assert_eq!(calls, 3, "some 5,000 files a call");
    }

    #[test]
    fn one_version_goes_and_nothing_else_moves() {
        let lambda = published();
        let ids = |lambda: &Sandbox| {
            ["pay", "pay:1"]
                .map(|name| lambda.call("GetFunctionConfiguration", of(name))["RevisionId"].clone())
        };
        let before = ids(&lambda);
        for again in [false, true] {
            assert_eq!(
                lambda.call(
                    "DeleteFunction",
                    json!({ "FunctionName": "pay", "Qualifier": "2" })
                ),
                json!({ "StatusCode": 204 }),
                "{again}"
            );
            assert_eq!(versions(&lambda), ["$LATEST", "1"]);
            assert_eq!(
                lambda.error("GetFunction", of("pay:2")),
                format!("(ResourceNotFoundException): Function not found: {ARN}:2")
            );
        }
        assert_eq!(before, ids(&lambda));
        assert!(!lambda.file_of("pay", "versions/2.json").exists());
        assert_eq!(
            lambda.publish("pay"),
            "3",
            "and its number is never used again"
        );
    }

    #[test]
    fn numbers_are_not_packed_again() {
        let lambda = published();
        lambda.call(
            "DeleteAlias",
            json!({ "FunctionName": "pay", "Name": "live" }),
        );
        lambda.call("DeleteFunction", of("pay:1"));
        assert_eq!(versions(&lambda), ["$LATEST", "2"]);
        assert_eq!(
            lambda.publish("pay"),
            "2",
            "the last version is still the last"
        );
    }

    #[test]
    fn a_number_that_does_not_exist_is_no_error_and_writes_nothing() {
        let lambda = published();
        let before = lambda.files();
        for qualifier in ["7", "0", "01", "99999999999999999999999"] {
            lambda.call(
                "DeleteFunction",
                json!({ "FunctionName": "pay", "Qualifier": qualifier }),
            );
        }
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn latest_cannot_be_deleted_alone_even_where_there_is_no_function() {
        let lambda = published();
        for name in ["pay", "nope"] {
            for request in [
                json!({ "FunctionName": name, "Qualifier": "$LATEST" }),
                json!({ "FunctionName": format!("{name}:$LATEST") }),
            ] {
                assert_eq!(
                    lambda.error("DeleteFunction", request),
                    "(InvalidParameterValueException): $LATEST version cannot be deleted without deleting the function."
                );
            }
        }
    }

    #[test]
    fn a_version_that_an_alias_references_stays() {
        let lambda = published();
        assert_eq!(
            lambda.error("DeleteFunction", of("pay:1")),
            "(ResourceConflictException): Unable to delete version because the following aliases reference it: [live]"
        );
        lambda.call(
            "UpdateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.1 } } }),
        );
        assert_eq!(
            lambda.refused("DeleteFunction", of("pay:2")).code.status(),
            409,
            "by weight, too"
        );
        assert_eq!(
            lambda
                .refused("DeleteFunction", of("pay:live"))
                .code
                .status(),
            400,
            "an alias is no version"
        );
        assert_eq!(versions(&lambda), ["$LATEST", "1", "2"]);
    }

    /// Recorded from AWS; public reports, 2026.
    #[test]
    fn a_qualifier_in_the_form_of_an_alias_is_refused_by_its_form() {
        let lambda = published();
        let before = lambda.files();
        for (name, qualifier) in [("pay", "live"), ("pay", "nobody"), ("nope", "live")] {
            assert_eq!(
                lambda.error(
                    "DeleteFunction",
                    json!({ "FunctionName": name, "Qualifier": qualifier })
                ),
                "(InvalidParameterValueException): Deletion of aliases is not currently supported."
            );
        }
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn an_unknown_function_is_named_without_the_qualifier() {
        let lambda = Sandbox::with("pay");
        for request in [
            of("nope"),
            of("nope:1"),
            json!({ "FunctionName": "nope", "Qualifier": "7" }),
        ] {
            assert_eq!(
                lambda.error("DeleteFunction", request),
                "(ResourceNotFoundException): Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope"
            );
        }
    }
}
