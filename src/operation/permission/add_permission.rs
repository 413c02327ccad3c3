//! `AddPermission`: allows an AWS service, an account or everybody to use a function, a version or an alias.

#![allow(missing_docs, reason = "the variants of an enum are AWS's own words")]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    operation::{Lambda, Operation, Result, function::members::wire, resolve::invalid},
    state::{
        error::{Code, ServiceError},
        name::{
            Action, EventSourceToken, NamespacedFunctionName, Principal, PrincipalOrgId, Qualifier,
            SourceAccount, SourceArn, StatementId,
        },
        policy::{self, LIMIT, Policy, Statement},
    },
};

use super::policy::{check_revision, check_there};

/// Request of AddPermission.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AddPermissionRequest {
    /// The name or ARN of the Lambda function, version or alias.
    function_name: NamespacedFunctionName,
    /// The id of the permission. It must be unique in the policy.
    statement_id: StatementId,
    /// The allowed action, for example lambda:InvokeFunction.
    action: Action,
    /// The principal that gets the permission: an AWS service, an account or a role, or * for everybody.
    principal: Principal,
    /// For AWS services: the ARN of the resource that may invoke the function, for example a bucket or a rule. It can
    /// contain wildcards.
    source_arn: Option<SourceArn>,
    /// The authentication that the function URL must require.
    function_url_auth_type: Option<FunctionUrlAuthType>,
    /// Allow calls only through the function URL.
    invoked_via_function_url: Option<bool>,
    /// For AWS services: the account that owns the resource.
    source_account: Option<SourceAccount>,
    /// For Alexa: a token that the caller must send.
    event_source_token: Option<EventSourceToken>,
    /// The version or alias that gets the permission. Without this option, the function itself gets it.
    qualifier: Option<Qualifier>,
    /// Only add the permission if the RevisionId of the policy is equal to this one. This prevents overwriting somebody
    /// else's change.
    revision_id: Option<String>,
    /// The organization whose accounts get the permission.
    #[serde(rename = "PrincipalOrgID")]
    principal_org_id: Option<PrincipalOrgId>,
}

/// The authentication of callers of a function URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FunctionUrlAuthType {
    None,
    AwsIam,
}

/// Response of AddPermission.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AddPermissionResponse {
    /// The added statement, as JSON text.
    statement: String,
}

impl Operation for AddPermissionRequest {
    const NAME: &'static str = "AddPermission";
    const ROUTE: &'static str = "POST /2015-03-31/functions/{FunctionName}/policy 201";
    const WIRE: &'static str = "Qualifier@query";
    const ABOUT: &'static str = "Allows an AWS service, an account or an organization to use a function. With \
        --qualifier the permission is for one version or alias. Each version and alias has its own policy, and a \
        published version starts without one.";
    type Response = AddPermissionResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<AddPermissionResponse> {
        let target = lambda.target(&self.function_name, self.qualifier.as_deref())?;
        if target.qualifier.as_deref() == Some("$LATEST") {
            return Err(invalid("We currently do not support adding policies for $LATEST.")
                .with_explanation("A policy belongs to the function (without a qualifier), to a version or to an \
                    alias.")
                .into());
        }
        lambda.edit_or(&target, || target.missing(), Self::NAME, |edit| {
            check_there(edit, &target)?;
            check_revision(edit, &target, self.revision_id.as_deref())?;
            let attached = edit.head.attached.get(target.key());
            let old = attached.and_then(|attached| attached.policy.as_ref());
            let mut statements = old.map(|policy| policy.statements.clone()).unwrap_or_default();
            let sid = &*self.statement_id;
            if statements.iter().any(|statement| statement.sid == sid) {
                return Err(ServiceError::new(
                    Code::ResourceConflictException,
                    format!(
                        "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove \
                         the existing statement."
                    ),
                )
                .with_explanation(format!(
                    "Each statement has its own id, and {} already has one with the id {sid}. Choose another id, or \
                     call remove-permission first. A script that may run twice gets this error.",
                    target.named()
                ))
                .into());
            }
            let statement = self.statement(&target.asked().to_string(), lambda.place.scope.partition())?;
            let answer = AddPermissionResponse { statement: statement.text() };
            statements.push(statement);
            let size = policy::text(&statements).len();
            if size > LIMIT {
                return Err(ServiceError::new(
                    Code::PolicyLengthExceededException,
                    format!("The final policy size ({size}) is bigger than the limit ({LIMIT})."),
                )
                .into());
            }
            lambda.explain(|| {
                format!(
                    "The policy of {} has one more statement, {}. Each function, version and alias has its own \
                     policy: the others do not change, and a publish does not copy it.",
                    target.named(),
                    &*self.statement_id
                )
            });
            let revision_id = edit.next_id();
            edit.head.attach(target.key(), |attached| {
                attached.policy = Some(Policy { revision_id, statements });
            });
            Ok(answer)
        })
    }
}

impl AddPermissionRequest {
    fn statement(&self, resource: &str, partition: &str) -> Result<Statement> {
        // The error for other actions has words from public reports, 2022.
        if self.function_url_auth_type.is_some() && &*self.action != "lambda:InvokeFunctionUrl" {
            return Err(invalid(
                "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action",
            )
            .into());
        }
        let principal = policy::principal(&self.principal, partition).ok_or_else(|| {
            invalid("The provided principal was invalid. Please check the principal and try again.")
                .with_hint("a principal is *, an account, an IAM or STS ARN, or a service such as events.amazonaws.com")
        })?;
        let mut equals = Map::new();
        let mut put = |key: &str, value: Option<&str>| {
            if let Some(value) = value {
                equals.insert(key.to_owned(), value.into());
            }
        };
        put("AWS:SourceAccount", self.source_account.as_deref());
        put(
            "lambda:FunctionUrlAuthType",
            self.function_url_auth_type.map(wire).as_deref(),
        );
        put("aws:PrincipalOrgID", self.principal_org_id.as_deref());
        put(
            "lambda:EventSourceToken",
            self.event_source_token.as_deref(),
        );
        let via_url = self
            .invoked_via_function_url
            .map(|only| json!({ "lambda:InvokedViaFunctionUrl": only.to_string() }));
        let like = self
            .source_arn
            .as_deref()
            .map(|arn| json!({ "AWS:SourceArn": arn }));
        let conditions = [
            (
                "StringEquals",
                (!equals.is_empty()).then(|| Value::from(equals)),
            ),
            ("Bool", via_url),
            ("ArnLike", like),
        ];
        Ok(Statement {
            sid: self.statement_id.0.clone(),
            effect: "Allow".to_owned(),
            principal,
            action: self.action.0.clone(),
            resource: resource.to_owned(),
            condition: conditions
                .into_iter()
                .filter_map(|(operator, keys)| Some((operator.to_owned(), keys?)))
                .collect(),
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

    fn permission(sid: &str, more: Value) -> Value {
        let mut request = json!({
            "FunctionName": "pay",
            "StatementId": sid,
            "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com",
        });
        for (name, value) in more.as_object().expect("members") {
            request[name] = value.clone();
        }
        request
    }

    fn policy(lambda: &Sandbox, name: &str) -> Value {
        lambda.call("GetPolicy", json!({ "FunctionName": name }))
    }

    fn id(shown: &Value) -> String {
        shown["RevisionId"].as_str().expect("an id").to_owned()
    }

    #[test]
    fn the_statement_is_written_as_aws_writes_it() {
        let lambda = aliased();
        let statement = |sid: &str, more: Value| {
            lambda.call("AddPermission", permission(sid, more))["Statement"]
                .as_str()
                .expect("a text")
                .to_owned()
        };
        assert_eq!(
            statement("plain", json!({})),
            format!(
                r#"{{"Sid":"plain","Effect":"Allow","Principal":{{"Service":"s3.amazonaws.com"}},"Action":"lambda:InvokeFunction","Resource":"{ARN}"}}"#
            )
        );
        let s3 = json!({ "SourceArn": "arn:aws:s3:::bucket", "SourceAccount": "123456789012", "Qualifier": "live" });
        assert_eq!(
            statement("s3", s3),
            format!(
                r#"{{"Sid":"s3","Effect":"Allow","Principal":{{"Service":"s3.amazonaws.com"}},"Action":"lambda:InvokeFunction","Resource":"{ARN}:live","Condition":{{"StringEquals":{{"AWS:SourceAccount":"123456789012"}},"ArnLike":{{"AWS:SourceArn":"arn:aws:s3:::bucket"}}}}}}"#
            )
        );
        let url = json!({
            "Action": "lambda:InvokeFunctionUrl",
            "Principal": "*",
            "FunctionUrlAuthType": "NONE",
            "PrincipalOrgID": "o-0123456789",
            "SourceAccount": "123456789012",
        });
        assert_eq!(
            statement("url", url),
            format!(
                r#"{{"Sid":"url","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":"{ARN}","Condition":{{"StringEquals":{{"AWS:SourceAccount":"123456789012","lambda:FunctionUrlAuthType":"NONE","aws:PrincipalOrgID":"o-0123456789"}}}}}}"#
            )
        );
        let alexa =
            json!({ "Principal": "alexa-appkit.amazon.com", "EventSourceToken": "amzn1.ask" });
        assert!(
            statement("alexa", alexa).ends_with(
                r#""Condition":{"StringEquals":{"lambda:EventSourceToken":"amzn1.ask"}}}"#
            )
        );
        let through = json!({ "Principal": "*", "InvokedViaFunctionUrl": true });
        assert!(
            statement("through", through)
                .ends_with(r#""Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}}"#)
        );
    }

    #[test]
    fn a_principal_is_everybody_an_account_an_arn_or_a_service() {
        let lambda = Sandbox::with("pay");
        let role = "arn:aws:iam::123456789012:role/r";
        for (n, (principal, written)) in [
            ("*", json!("*")),
            (
                "events.amazonaws.com",
                json!({ "Service": "events.amazonaws.com" }),
            ),
            (
                "210987654321",
                json!({ "AWS": "arn:aws:iam::210987654321:root" }),
            ),
            (role, json!({ "AWS": role })),
        ]
        .into_iter()
        .enumerate()
        {
            let request = permission(&n.to_string(), json!({ "Principal": principal }));
            let added = lambda.call("AddPermission", request)["Statement"].clone();
            let added: Value = serde_json::from_str(added.as_str().expect("a text")).expect("JSON");
            assert_eq!(added["Principal"], written);
        }
        for principal in [
            "invalid.example.com",
            "events",
            ".amazonaws.com",
            "12345678901",
            "arn:aws:sns:us-east-1:123456789012:t",
            "arn:aws:iam::123456789012:",
            "é",
        ] {
            assert_eq!(
                lambda.error(
                    "AddPermission",
                    permission("x", json!({ "Principal": principal }))
                ),
                "(InvalidParameterValueException): The provided principal was invalid. Please check the principal and \
                 try again."
            );
        }
    }

    #[test]
    fn policies_are_kept_apart_and_a_new_version_starts_with_none() {
        let lambda = aliased();
        lambda.call("AddPermission", permission("a", json!({})));
        lambda.call(
            "AddPermission",
            permission("a", json!({ "Qualifier": "live" })),
        );
        lambda.call(
            "AddPermission",
            permission("a", json!({ "FunctionName": "pay:1" })),
        );
        for name in ["pay", "pay:live", "pay:1"] {
            let text = policy(&lambda, name)["Policy"]
                .as_str()
                .expect("a text")
                .to_owned();
            let resource = ARN.replace("pay", name);
            assert!(
                text.contains(&format!(r#""Resource":"{resource}""#)),
                "{text}"
            );
        }
        lambda.update_code("pay", "two", json!({}));
        lambda.publish("pay");
        lambda.refused("GetPolicy", json!({ "FunctionName": "pay:2" }));
        lambda.call(
            "DeleteAlias",
            json!({ "FunctionName": "pay", "Name": "live" }),
        );
        lambda.call("DeleteFunction", json!({ "FunctionName": "pay:1" }));
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "2" }),
        );
        lambda.refused("GetPolicy", json!({ "FunctionName": "pay:live" }));
        let head = std::fs::read_to_string(lambda.file_of("pay", "function.json")).expect("a head");
        let head: Value = serde_json::from_str(&head).expect("JSON");
        assert_eq!(
            head["Attached"].as_object().expect("what hangs on").len(),
            1
        );
    }

    #[test]
    fn a_policy_has_a_revision_of_its_own() {
        let lambda = aliased();
        lambda.call("AddPermission", permission("a", json!({})));
        let before = (id(&policy(&lambda, "pay")), id(&lambda.latest("pay")));
        lambda.call(
            "AddPermission",
            permission("a", json!({ "Qualifier": "live" })),
        );
        lambda.update_code("pay", "two", json!({}));
        let latest = id(&lambda.latest("pay"));
        lambda.publish("pay");
        assert_eq!(
            id(&policy(&lambda, "pay")),
            before.0,
            "nothing else moves it"
        );
        assert_ne!(latest, before.1);
        let latest = id(&lambda.latest("pay"));
        lambda.call("AddPermission", permission("b", json!({})));
        assert_ne!(id(&policy(&lambda, "pay")), before.0);
        assert_eq!(
            id(&lambda.latest("pay")),
            latest,
            "and it moves nothing else"
        );
    }

    #[test]
    fn refuses_a_stale_revision() {
        const STALE: &str = "(PreconditionFailedException): The Revision Id provided does not match the latest Revision \
             Id. Call the GetPolicy API to retrieve the latest Revision Id";
        let lambda = aliased();
        for (name, holder) in [
            ("pay", lambda.latest("pay")),
            (
                "pay:1",
                lambda.call(
                    "GetFunctionConfiguration",
                    json!({ "FunctionName": "pay:1" }),
                ),
            ),
            (
                "pay:live",
                lambda.call("GetAlias", json!({ "FunctionName": "pay", "Name": "live" })),
            ),
        ] {
            let guarded = |sid: &str, id: &str| {
                permission(sid, json!({ "FunctionName": name, "RevisionId": id }))
            };
            assert_eq!(lambda.error("AddPermission", guarded("a", "wrong")), STALE);
            lambda.call("AddPermission", guarded("a", &id(&holder)));
            assert_eq!(
                lambda.error("AddPermission", guarded("b", &id(&holder))),
                STALE
            );
            lambda.call("AddPermission", guarded("b", &id(&policy(&lambda, name))));
        }
    }

    #[test]
    fn refuses_a_name_already_taken() {
        let lambda = Sandbox::with("pay");
        lambda.call("AddPermission", permission("a", json!({})));
        let before = lambda.files();
        assert_eq!(
            lambda.error(
                "AddPermission",
                permission("a", json!({ "Principal": "sns.amazonaws.com" }))
            ),
            "(ResourceConflictException): The statement id (a) provided already exists. Please provide a new statement id, \
             or remove the existing statement."
        );
        assert_eq!(before, lambda.files());
    }

    #[test]
    fn refuses_latest_by_name() {
        let lambda = Sandbox::with("pay");
        for name in [
            json!({ "Qualifier": "$LATEST" }),
            json!({ "FunctionName": "pay:$LATEST" }),
        ] {
            assert_eq!(
                lambda.error("AddPermission", permission("a", name)),
                "(InvalidParameterValueException): We currently do not support adding policies for $LATEST."
            );
        }
    }

    #[test]
    fn names_what_is_not_there() {
        let lambda = Sandbox::with("pay");
        for (name, text) in [
            ("nope", "Function not found: "),
            ("nope:1", "Function not found: "),
            ("nope:live", "Cannot find alias arn: "),
            ("pay:1", "Function not found: "),
            ("pay:live", "Cannot find alias arn: "),
        ] {
            assert_eq!(
                lambda.error(
                    "AddPermission",
                    permission("a", json!({ "FunctionName": name }))
                ),
                format!(
                    "(ResourceNotFoundException): {text}{}",
                    ARN.replace("pay", name)
                )
            );
        }
        assert_eq!(
            lambda.error(
                "AddPermission",
                permission("a", json!({ "Qualifier": "a$b" }))
            ),
            format!("(ResourceNotFoundException): Function not found: {ARN}:a$b")
        );
        assert_eq!(
            lambda.error(
                "AddPermission",
                permission("a", json!({ "FunctionName": "nope:1", "Qualifier": "2" }))
            ),
            "(InvalidParameterValueException): The derived qualifier from the function name does not match the specified \
             qualifier."
        );
    }

    #[test]
    fn refuses_a_policy_above_the_limit_and_changes_nothing() {
        let lambda = Sandbox::with("pay");
        let long = |n: usize| {
            let arn = format!("arn:aws:s3:::{}", "b".repeat(n));
            permission(&format!("s{n}"), json!({ "SourceArn": arn }))
        };
        let size = || {
            policy(&lambda, "pay")["Policy"]
                .as_str()
                .expect("a text")
                .len()
        };
        lambda.call("AddPermission", long(9_000));
        let one = size();
        lambda.call("AddPermission", long(9_001));
        let frame = size() - one - 9_001;
        let fits = 20_480 - size() - frame;
        let before = lambda.files();
        assert_eq!(
            lambda.error("AddPermission", long(fits + 1)),
            "(PolicyLengthExceededException): The final policy size (20481) is bigger than the limit (20480)."
        );
        assert_eq!(before, lambda.files());
        lambda.call("AddPermission", long(fits));
        assert_eq!(size(), 20_480);
    }

    #[test]
    fn members_outside_their_patterns_are_printed_with_them() {
        let lambda = Sandbox::with("pay");
        for (member, value, pattern) in [
            ("StatementId", "example.com", "([a-zA-Z0-9-_]+)"),
            ("Action", "lambda:*x", "(lambda:[*]|lambda:[a-zA-Z]+|[*])"),
            ("Principal", "a b", "[^\\s]+"),
            ("SourceAccount", "12", "\\d{12}"),
            ("EventSourceToken", "a b", "[a-zA-Z0-9._\\-]+"),
            ("PrincipalOrgID", "o-0123456789A", "o-[a-z0-9]{10,32}"),
            (
                "Qualifier",
                "a.b",
                "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+",
            ),
        ] {
            let request = permission("a", json!({ member: value }));
            let mut path = member.to_owned();
            path[..1].make_ascii_lowercase();
            assert_eq!(
                lambda.error("AddPermission", request),
                format!(
                    "(ValidationException): 1 validation error detected: Value '{value}' at '{path}' failed to satisfy \
                     constraint: Member must satisfy regular expression pattern: {pattern}"
                )
            );
        }
        assert_eq!(
            lambda.error(
                "AddPermission",
                permission("a", json!({ "FunctionUrlAuthType": "NONE" }))
            ),
            "(InvalidParameterValueException): FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"
        );
    }
}
