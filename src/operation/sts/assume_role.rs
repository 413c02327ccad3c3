//! `AssumeRole`: returns credentials for a role. They give access to nothing. But lambdry treats a caller who uses them
//! as that role, in the role's account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::caller::Credentials;
use crate::{
    operation::{Lambda, Operation, Result},
    state::{
        arn::Scope,
        error::{Code, ServiceError},
        iam::{self, Roles, unique_id},
    },
    store::kind::file_of,
};

/// Request of AssumeRole.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRoleRequest {
    /// The ARN of the role, in any account. The role does not have to exist.
    #[schemars(length(min = 20))]
    role_arn: String,
    /// A name for the session. It is the end of the session's ARN.
    #[schemars(length(min = 2))]
    role_session_name: String,
    /// The lifetime of the credentials in seconds. The default is 3600.
    #[schemars(range(min = 900))]
    duration_seconds: Option<i64>,
    /// The name of the person or program that uses the session. The answer repeats it.
    source_identity: Option<String>,
}

/// Response of AssumeRole.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRoleResponse {
    /// The credentials.
    credentials: Credentials,
    /// The role session that the credentials belong to.
    assumed_role_user: AssumedRoleUser,
    /// The name of the person or program that uses the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
}

/// A role session: a caller that uses the credentials of a role.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AssumedRoleUser {
    /// The role's unique id and the session's name.
    assumed_role_id: String,
    /// The ARN of the session. It identifies the caller in calls with the credentials.
    arn: String,
}

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new(Code::ValidationError, message)
}

/// Checks the lifetime of credentials, in seconds.
pub(super) fn duration(given: Option<i64>, or: i64, most: i64) -> Result<i64> {
    match given {
        Some(seconds) if seconds > most => Err(invalid(format!(
            "1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: Member \
             must have value less than or equal to {most}"
        ))
        .into()),
        given => Ok(given.unwrap_or(or)),
    }
}

/// Makes the credentials for a role and a session name.
pub(super) fn taken(
    lambda: &Lambda<'_>,
    role_arn: &str,
    session: &str,
    duration_seconds: Option<i64>,
) -> Result<(Credentials, AssumedRoleUser)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !session.chars().all(plain) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\w+=,.@-]*"
        ))
        .into());
    }
    if session.len() > 64 {
        return Err(invalid(format!(
            "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: Member must \
             have length less than or equal to 64"
        ))
        .into());
    }
    let seconds = duration(duration_seconds, 3600, 43_200)?;
    let (partition, account, name) =
        role(role_arn).ok_or_else(|| invalid(format!("{role_arn} is invalid")))?;
    let scope = Scope {
        region: lambda.place.scope.region.clone(),
        account: account.to_owned(),
    };
    let kept: Roles = lambda.place.store.document(&file_of::<iam::Role>(&scope))?;
    // A role that does not exist here can be assumed. Functions can use such a role, too.
    let kept = kept.roles.get(name);
    let most = kept.map_or(43_200, |role| role.max_session_duration);
    if seconds > most {
        return Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
        .into());
    }
    if lambda.caller.has_role() && seconds > 3600 {
        return Err(invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )
        .into());
    }
    let role_id = kept.map_or_else(|| unique_id("AROA", role_arn), |role| role.role_id.clone());
    let arn = format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}");
    let assumed_role_id = format!("{role_id}:{session}");
    let user_id = assumed_role_id.clone();
    let credentials = lambda.caller.give(lambda, arn.clone(), user_id, seconds);
    let user = AssumedRoleUser {
        assumed_role_id,
        arn,
    };
    Ok((credentials, user))
}

/// The partition, the account and the name in a role's ARN.
fn role(arn: &str) -> Option<(&str, &str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (Some("arn"), Some(partition), Some("iam"), Some("")) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let account = parts.next()?;
    let name = parts.next()?.strip_prefix("role/")?.rsplit('/').next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = !name.is_empty() && name.len() <= 64 && name.chars().all(plain);
    (partition.starts_with("aws") && is_account && is_name).then_some((partition, account, name))
}

impl Operation for AssumeRoleRequest {
    const NAME: &'static str = "AssumeRole";
    const ROUTE: &'static str = "POST / 200";
    const ABOUT: &'static str = "Returns credentials of a role. They give access to nothing. lambdry makes the calls \
        with them as that role, in the role's account, and does not check the role's policies.";
    const MEMBERS: &'static str = "RoleArn RoleSessionName PolicyArns:list Policy DurationSeconds Tags:list \
        TransitiveTagKeys:list ExternalId SerialNumber TokenCode SourceIdentity ProvidedContexts:list";
    type Response = AssumeRoleResponse;

    fn call(self, lambda: &Lambda<'_>) -> Result<AssumeRoleResponse> {
        let (credentials, assumed_role_user) = taken(
            lambda,
            &self.role_arn,
            &self.role_session_name,
            self.duration_seconds,
        )?;
        Ok(AssumeRoleResponse {
            credentials,
            assumed_role_user,
            source_identity: self.source_identity,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::operation::sandbox::Sandbox;

    const ROLE: &str = "arn:aws:iam::210987654321:role/ci/deploy";

    fn asked(more: Value) -> Value {
        let mut request = json!({ "RoleArn": ROLE, "RoleSessionName": "build-7" });
        for (key, value) in more.as_object().expect("members") {
            request[key] = value.clone();
        }
        request
    }

    /// Makes all later calls with the credentials in an answer.
    fn hold(sandbox: &mut Sandbox, answer: &Value) {
        sandbox.hold(answer["Credentials"]["SessionToken"].as_str());
    }

    #[test]
    fn whoever_holds_the_credentials_is_the_role_until_they_expire() {
        let mut sts = Sandbox::new();
        let taken = sts.call("AssumeRole", asked(json!({})));
        let arn = "arn:aws:sts::210987654321:assumed-role/deploy/build-7";
        assert_eq!(taken["AssumedRoleUser"]["Arn"], arn);
        assert_eq!(
            taken["Credentials"]["Expiration"],
            "2026-11-22T13:00:00+00:00"
        );
        hold(&mut sts, &taken);
        let who = sts.call("GetCallerIdentity", json!({}));
        assert_eq!(
            (&who["Arn"], &who["Account"], &who["UserId"]),
            (
                &json!(arn),
                &json!("210987654321"),
                &taken["AssumedRoleUser"]["AssumedRoleId"]
            )
        );
        // The function is created in the account of the role.
        sts.create("pay");
        assert!(
            sts.root()
                .join("210987654321/us-east-1/functions/pay")
                .is_dir()
        );
        sts.pass(std::time::Duration::from_secs(3600));
        assert!(
            sts.error("GetCallerIdentity", json!({}))
                .starts_with("(ExpiredToken): The security token")
        );
        let told = sts.error("GetFunction", json!({ "FunctionName": "pay" }));
        assert!(told.starts_with("(ExpiredTokenException)"), "{told}");
        let told = sts.error("ListBuckets", json!({}));
        assert_eq!(told, "(ExpiredToken): The provided token has expired.");
    }

    #[test]
    fn a_role_is_taken_for_as_long_as_it_may_be() {
        let mut sts = Sandbox::new();
        let role =
            json!({ "RoleName": "deploy", "AssumeRolePolicyDocument": "{\"Statement\": []}" });
        let made = sts.call("CreateRole", role);
        let own = json!({ "RoleArn": made["Role"]["Arn"], "DurationSeconds": 7200 });
        assert_eq!(
            sts.error("AssumeRole", asked(own)),
            "(ValidationError): The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        );
        let own = json!({ "RoleArn": made["Role"]["Arn"] });
        let taken = sts.call("AssumeRole", asked(own));
        let id = taken["AssumedRoleUser"]["AssumedRoleId"]
            .as_str()
            .expect("an id");
        assert_eq!(
            id,
            format!(
                "{}:build-7",
                made["Role"]["RoleId"].as_str().expect("an id")
            )
        );
        hold(&mut sts, &taken);
        let told = sts.error("AssumeRole", asked(json!({ "DurationSeconds": 7200 })));
        assert!(
            told.contains("1 hour session limit for roles assumed by role chaining"),
            "{told}"
        );
        let told = sts.error("GetSessionToken", json!({}));
        assert_eq!(
            told,
            "(AccessDenied): Cannot call GetSessionToken with session credentials"
        );
    }

    #[test]
    fn what_is_no_role_is_refused() {
        let sts = Sandbox::new();
        for arn in [
            "arn:aws:iam::123456789012:user/somebody",
            "arn:aws:iam::1234:role/somebody-else",
            "arn:aws:iam::../../../../x:role/a",
            "arn:aws:iam::123456789012:role/",
        ] {
            let told = sts.error("AssumeRole", asked(json!({ "RoleArn": arn })));
            assert_eq!(told, format!("(ValidationError): {arn} is invalid"));
        }
        for (more, told) in [
            (
                json!({ "RoleSessionName": "a b" }),
                "satisfy regular expression pattern: [\\w+=,.@-]*",
            ),
            (
                json!({ "DurationSeconds": 43_201 }),
                "less than or equal to 43200",
            ),
        ] {
            let error = sts.error("AssumeRole", asked(more));
            assert!(
                error.starts_with("(ValidationError)") && error.ends_with(told),
                "{error}"
            );
        }
    }

    #[test]
    fn a_token_of_one_s_own_is_of_the_same_user() {
        let mut sts = Sandbox::new();
        let before = sts.call("GetCallerIdentity", json!({}));
        let given = sts.call("GetSessionToken", json!({ "DurationSeconds": 900 }));
        assert_eq!(
            given["Credentials"]["Expiration"],
            "2026-11-22T12:15:00+00:00"
        );
        hold(&mut sts, &given);
        assert_eq!(sts.call("GetCallerIdentity", json!({})), before);
    }

    #[test]
    fn a_web_identity_becomes_the_role_as_well() {
        let mut sts = Sandbox::new();
        let request = asked(
            json!({ "WebIdentityToken": "e30.eyJzdWIiOiJyZXBvOmEvYiIsImF1ZCI6InN0cyJ9.c2ln" }),
        );
        let taken = sts.call("AssumeRoleWithWebIdentity", request);
        assert_eq!(
            (&taken["SubjectFromWebIdentityToken"], &taken["Audience"]),
            (&json!("repo:a/b"), &json!("sts"))
        );
        hold(&mut sts, &taken);
        assert_eq!(
            sts.call("GetCallerIdentity", json!({}))["Account"],
            "210987654321"
        );
        let told = sts.error(
            "AssumeRoleWithWebIdentity",
            asked(json!({ "WebIdentityToken": "none" })),
        );
        assert!(told.starts_with("(InvalidIdentityToken)"), "{told}");
    }
}
