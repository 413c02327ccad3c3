//! Finds the function that a request names, and makes the errors for a function that is not found.

use jiff::Timestamp;

use crate::{
    state::{
        arn::{Arn, FunctionRef},
        error::{Code, ServiceError},
        function::{ChangeKind, Function},
        pattern,
        version::Version,
    },
    store::collection::{Collection, Edit, Outcome, View},
};

use super::{Lambda, Result, version::publish::makes_version};

/// The function that a request names, and its qualifier.
#[derive(Debug, Clone)]
pub struct Target {
    /// The ARN, without a qualifier.
    pub arn: Arn,
    /// A version, `$LATEST` or an alias. It comes from the name or from the member Qualifier.
    pub qualifier: Option<String>,
}

impl Target {
    /// The ARN with the qualifier of the request.
    pub fn asked(&self) -> Arn {
        Arn {
            qualifier: self.qualifier.clone(),
            ..self.arn.clone()
        }
    }

    /// The name without a qualifier.
    pub fn name(&self) -> &str {
        &self.arn.name
    }

    /// The name with its qualifier, as explanations show it: `pay:live`.
    pub fn named(&self) -> String {
        self.qualifier
            .iter()
            .fold(self.arn.name.clone(), |name, qualifier| {
                format!("{name}:{qualifier}")
            })
    }

    /// The qualifier for which the function keeps its settings: `$LATEST` if the request gave none.
    pub fn key(&self) -> &str {
        self.qualifier.as_deref().unwrap_or("$LATEST")
    }

    /// The error for a missing function, version or alias in the operations on permissions and provisioned
    /// concurrency (recorded from AWS 2025-11). For an alias, the error names the alias, even if the function does not
    /// exist either.
    pub fn missing(&self) -> ServiceError {
        match self.qualifier.as_deref() {
            Some(alias) if pattern::matches(pattern::ALIAS, alias) => ServiceError::new(
                Code::ResourceNotFoundException,
                format!("Cannot find alias arn: {}", self.asked()),
            ),
            _ => function_not_found(&self.asked()),
        }
    }

    /// Refuses any qualifier except `$LATEST`.
    ///
    /// # Errors
    /// InvalidParameterValueException, in the words that public reports have for UpdateFunctionCode (2020).
    pub fn unqualified(self) -> Result<Self> {
        match self.qualifier.as_deref() {
            None | Some("$LATEST") => Ok(Self {
                qualifier: None,
                ..self
            }),
            Some(_) => Err(invalid(
                "Current operation does not support versions other than $LATEST",
            )
            .with_explanation(
                "Versions never change, and aliases have their own operations. So this operation accepts only a \
                 function without a version or alias, or with $LATEST.",
            )
            .into()),
        }
    }
}

/// InvalidParameterValueException with the given message.
pub fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new(Code::InvalidParameterValueException, message)
}

/// `Function not found: {ARN}`, with the ARN that the caller passes.
pub fn function_not_found(arn: &Arn) -> ServiceError {
    ServiceError::new(
        Code::ResourceNotFoundException,
        format!("Function not found: {arn}"),
    )
    .with_explanation(format!(
        "Lambda looks the name up first. In account {} and region {} there is no {}; nothing was changed.",
        arn.scope.account,
        arn.scope.region,
        match &arn.qualifier {
            Some(qualifier) => format!("function {} that has a {qualifier}", arn.name),
            None => format!("function {}", arn.name),
        }
    ))
}

/// The error that some read operations return for anything missing (recorded from AWS 2025-11).
pub fn no_such_resource() -> ServiceError {
    ServiceError::new(
        Code::ResourceNotFoundException,
        "The resource you requested does not exist.",
    )
}

/// The PreconditionFailedException for an outdated RevisionId of a function, version or alias (recorded from AWS
/// 2025-11).
///
/// `of` names the owner of the RevisionId: `$LATEST` or an alias.
pub fn stale_revision(of: &str, given: &str, current: &str) -> ServiceError {
    ServiceError::new(
        Code::PreconditionFailedException,
        "The Revision Id provided does not match the latest Revision Id. \
         Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
    )
    .with_hint(
        "somebody has changed it since then, or the id comes from a create or update response: that id is out of \
         date once the change completes",
    )
    .with_explanation(format!(
        "A RevisionId is a guard: the call succeeds only if {of} has not changed since you read the id. The given id \
         is {given}, the current one {current}. With the current one, or without an id, the call would have \
         succeeded."
    ))
}

/// Refuses a change while another change is in progress. This is the error 409 that breaks most deployment scripts.
///
/// # Errors
/// ResourceConflictException. Its text for updates was recorded from AWS 2025-11; its text for creates is from public
/// reports of 2022.
pub fn settled(head: &Function, arn: &Arn) -> Result<()> {
    let Some(change) = &head.latest.change else {
        return Ok(());
    };
    let (message, waiter) = match change.kind {
        ChangeKind::InProgress => (
            format!(
                "The operation cannot be performed at this time. An update is in progress for resource: {arn}"
            ),
            "function-updated-v2",
        ),
        ChangeKind::Pending => (
            format!(
                "The operation cannot be performed at this time. The resource {arn} is currently in the following \
                 state: 'Pending'. StateReasonCode: 'Creating'"
            ),
            "function-active-v2",
        ),
    };
    let explanation = format!(
        "A change of {} takes until {}. Until then, Lambda refuses every update and every publish of it, so that \
         nobody freezes half a change. Meanwhile you can move aliases and invoke functions.",
        arn.name, change.completes
    );
    Err(ServiceError::new(Code::ResourceConflictException, message)
        .with_hint(format!(
            "wait between the two calls: aws lambda wait {waiter} --function-name {}",
            arn.name
        ))
        .with_explanation(explanation)
        .into())
}

/// Explains that a create or an update is still in progress, and what this means for the next call.
pub fn under_way(lambda: &Lambda<'_>, completes: Timestamp) -> String {
    if lambda.settle.is_zero() {
        return "On AWS this takes time, so the answer says that it is in progress. With a settling time of 0, the \
            next call sees it done, with a new RevisionId."
            .to_owned();
    }
    format!(
        "It is in progress until {completes}, and Lambda refuses an update or a publish before that. Its completion \
         brings a new RevisionId, so the one in this answer cannot guard a call after a wait."
    )
}

/// Compares `$LATEST` with the last published version, in a sentence for explanations.
pub fn against_published(lambda: &Lambda<'_>, head: &Function) -> String {
    match &head.published {
        Some(last) if !last.differs(&head.latest.configuration) => format!(
            "$LATEST is the same as version {}, {}.",
            last.version,
            match makes_version(lambda, head) {
                true => "but it was updated after that version, so a publish would make a version",
                false => "so a publish would make no version",
            }
        ),
        Some(last) => format!(
            "$LATEST differs from version {}, the last published one.",
            last.version
        ),
        None if head.last_version == 0 => "No version of it was ever published.".to_owned(),
        None => format!(
            "The last published version, {}, is deleted.",
            head.last_version
        ),
    }
}

/// Returns true if a function has that version or alias. `read` reads the version with a given number.
///
/// # Errors
/// The file of a version cannot be read.
pub fn has(
    head: &Function,
    qualifier: &str,
    read: impl FnOnce(u64) -> Result<Option<Version>>,
) -> Result<bool> {
    if qualifier == "$LATEST" || head.aliases.contains_key(qualifier) {
        return Ok(true);
    }
    match head.may_have(qualifier).then(|| qualifier.parse()) {
        Some(Ok(number)) => Ok(read(number)?.is_some()),
        _ => Ok(false),
    }
}

impl Lambda<'_> {
    /// The functions of this account and region.
    pub fn functions(&self) -> Collection<'_, Function> {
        self.place.all()
    }

    /// Finds the function that a request names.
    ///
    /// # Errors
    /// An ARN of another region or account, or two different qualifiers. These errors come before any look-up (recorded
    /// from AWS 2025-11). A name of more than 64 characters is not found, because no function can have it.
    pub fn target(&self, name: &str, qualifier: Option<&str>) -> Result<Target> {
        let Some(function) = FunctionRef::parse(name) else {
            return Err(invalid(format!("{name:?} does not name a function")).into());
        };
        let scope = &self.place.scope;
        if let Some(region) = function.region.filter(|region| *region != scope.region) {
            return Err(ServiceError::new(
                Code::ResourceNotFoundException,
                format!(
                    "Functions from '{region}' are not reachable in this region ('{}')",
                    scope.region
                ),
            )
            .into());
        }
        if function
            .partition
            .is_some_and(|partition| !partition.is_empty() && partition != scope.partition())
        {
            // AWS's error was not recorded. But no function has such an ARN, and a script that uses it must not succeed
            // here and fail on AWS.
            return Err(ServiceError::new(
                Code::ResourceNotFoundException,
                format!("Function not found: {name}"),
            )
            .with_hint(format!(
                "{} is in the partition {}",
                scope.region,
                scope.partition()
            ))
            .into());
        }
        if function
            .account
            .is_some_and(|account| account != scope.account)
        {
            // AWS sends a null message with this error. The command line prints it as Python's None.
            return Err(ServiceError::new(Code::AccessDeniedException, "None")
                .with_hint(format!(
                    "this state is of account {}; LAMBDRY_ACCOUNT_ID names another account",
                    scope.account
                ))
                .into());
        }
        match (function.qualifier.as_deref(), qualifier) {
            (Some(derived), Some(given)) if derived != given => {
                Err(invalid("The derived qualifier from the function name does not match the specified qualifier.").into())
            }
            (derived, given) => Ok(Target {
                arn: scope.function(&function.name),
                qualifier: given.or(derived).map(str::to_owned),
            }),
        }
    }

    /// Reads a function.
    ///
    /// # Errors
    /// The error `missing` if the function does not exist, and the errors of the closure.
    pub fn view<T>(
        &self,
        target: &Target,
        missing: impl FnOnce() -> ServiceError,
        read: impl Fn(&View<'_, Function>) -> Result<T>,
    ) -> Result<T> {
        self.functions()
            .view(target.name(), read)?
            .ok_or_else(|| missing().into())
    }

    /// Changes a function.
    ///
    /// # Errors
    /// `Function not found`, CodeStorageExceededException if the account has no space for more code, and the errors of
    /// the closure.
    pub fn edit<T>(
        &self,
        target: &Target,
        call: &str,
        change: impl FnOnce(&mut Edit<'_, Function>) -> Result<T>,
    ) -> Result<T> {
        self.edit_or(target, || function_not_found(&target.arn), call, change)
    }

    /// Changes a function, for operations that have their own error for a missing function.
    ///
    /// # Errors
    /// The error `missing` if the function does not exist; otherwise the errors of [`Lambda::edit`].
    pub fn edit_or<T>(
        &self,
        target: &Target,
        missing: impl FnOnce() -> ServiceError,
        call: &str,
        change: impl FnOnce(&mut Edit<'_, Function>) -> Result<T>,
    ) -> Result<T> {
        let edited = self
            .functions()
            .edit(target.name(), &target.arn.to_string(), call, change)?;
        done(edited.ok_or_else(missing)?)
    }
}

/// Returns the result of an edit, or an error if the account has no space for the code that the edit adds.
///
/// # Errors
/// CodeStorageExceededException (public reports, 2018–2021).
pub fn done<T>(outcome: Outcome<T>) -> Result<T> {
    match outcome {
        Outcome::Done(answer) => Ok(answer),
        Outcome::OutOfStorage => Err(ServiceError::new(Code::CodeStorageExceededException, "Code storage limit exceeded.")
            .with_explanation(
                "The code of every function, every published version and every layer version counts, each with its \
                 own copy. The total may not exceed TotalCodeSize. Nothing was changed; to make room, delete \
                 versions.",
            )
            .with_hint("delete unused versions; the limit is TotalCodeSize in account.json or LAMBDRY_TOTAL_CODE_SIZE")
            .into()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn every_form_names_the_function_and_none_leaks_into_the_answer() {
        let lambda = Sandbox::with("pay");
        let plain = lambda.latest("pay");
        for name in [
            "function:pay",
            "123456789012:function:pay",
            "us-east-1:123456789012:function:pay",
            "arn:aws:lambda:us-east-1:123456789012:function:pay",
            "arn:aws:lambda:function:pay",
        ] {
            assert_eq!(lambda.latest(name), plain, "{name}");
            assert_eq!(
                lambda.call("ListVersionsByFunction", json!({ "FunctionName": name }))["Versions"]
                    [0]["FunctionName"],
                "pay"
            );
        }
    }

    /// Recorded from AWS 2025-11: every operation except CreateFunction looks up even a name that no function can have.
    #[test]
    fn a_name_over_64_characters_is_one_that_no_function_has() {
        let lambda = Sandbox::new();
        let name = "a".repeat(65);
        let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{name}");
        for (operation, more, after) in [
            ("GetFunction", json!({}), ""),
            ("UpdateFunctionConfiguration", json!({}), ""),
            ("PublishVersion", json!({}), ""),
            ("DeleteFunction", json!({}), ""),
            ("ListVersionsByFunction", json!({}), ""),
            ("Invoke", json!({}), ":$LATEST"),
        ] {
            let mut request = more;
            request["FunctionName"] = json!(name);
            assert_eq!(
                lambda.error(operation, request),
                format!("(ResourceNotFoundException): Function not found: {arn}{after}"),
                "{operation}"
            );
        }
        assert!(lambda.files().is_empty());
    }

    #[test]
    fn another_account_s_arn_is_denied_without_type_and_with_advice() {
        let lambda = Sandbox::with("pay");
        for operation in [
            "GetFunction",
            "PublishVersion",
            "DeleteFunction",
            "ListAliases",
        ] {
            let denied = lambda.refused(
                operation,
                json!({ "FunctionName": "210987654321:function:pay" }),
            );
            assert_eq!(denied.to_string(), "(AccessDeniedException): None");
            assert!(denied.details.is_empty());
            assert!(
                denied
                    .hint
                    .is_some_and(|hint| hint.contains("LAMBDRY_ACCOUNT_ID"))
            );
        }
    }

    #[test]
    fn an_arn_of_another_partition_names_no_function_here() {
        let lambda = Sandbox::with("pay");
        let arn = "arn:aws-cn:lambda:us-east-1:123456789012:function:pay";
        for operation in ["GetFunction", "PublishVersion", "DeleteFunction"] {
            assert_eq!(
                lambda.error(operation, json!({ "FunctionName": arn })),
                format!("(ResourceNotFoundException): Function not found: {arn}")
            );
        }
        // Lambda's pattern allows an empty partition.
        lambda.latest("arn::lambda:us-east-1:123456789012:function:pay");
    }

    #[test]
    fn every_operation_on_latest_refuses_a_version_before_the_function_is_looked_for() {
        let lambda = Sandbox::new();
        for (operation, more) in [
            ("PublishVersion", json!({})),
            ("UpdateFunctionConfiguration", json!({})),
            ("UpdateFunctionCode", json!({})),
            ("GetAlias", json!({ "Name": "a" })),
        ] {
            for qualifier in ["1", "live"] {
                let mut request = more.clone();
                request["FunctionName"] = json!(format!("nope:{qualifier}"));
                assert_eq!(
                    lambda.error(operation, request),
                    "(InvalidParameterValueException): Current operation does not support versions other than $LATEST"
                );
            }
        }
        assert!(lambda.files().is_empty(), "not even a lock was made");
    }

    #[test]
    fn a_conflict_names_the_wait_that_is_missing() {
        let lambda = Sandbox::new();
        lambda.settle.set(Duration::from_secs(2));
        lambda.create("pay");
        let request = json!({ "FunctionName": "pay" });
        for waiter in ["function-active-v2", "function-updated-v2"] {
            let conflict = lambda.refused("UpdateFunctionConfiguration", request.clone());
            let hint = conflict.hint.expect("advice");
            assert!(
                hint.ends_with(&format!("aws lambda wait {waiter} --function-name pay")),
                "{hint}"
            );
            lambda.pass(Duration::from_secs(2));
            lambda.call("UpdateFunctionConfiguration", request.clone());
        }
    }

    #[test]
    fn alias_operations_and_reads_work_while_a_change_is_on_its_way() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.settle.set(Duration::from_secs(2));
        lambda.update_code("pay", "two", json!({}));
        let latest = lambda.latest("pay");
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
        );
        assert_eq!(
            lambda.latest("pay"),
            latest,
            "the update goes on, its RevisionId with it"
        );
        lambda.pass(Duration::from_secs(2));
        assert_ne!(lambda.latest("pay")["RevisionId"], latest["RevisionId"]);
    }
}
