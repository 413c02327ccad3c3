//! Code signing configurations: their form in requests and answers, and the code that they refuse.
//!
//! No code is signed here. With `Enforce`, AWS refuses unsigned code and unsigned layers. lambdry refuses them too,
//! because code that a rehearsal accepts must not fail on AWS. With `Warn`, everything is accepted, as on AWS.
//!
//! A configuration is locked while a function starts to use it, so that nobody can delete it at that moment. A call
//! that holds the lock of a function reads the configuration without locking it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Lambda, Result,
        resolve::{done, invalid},
    },
    state::{
        arn::Scope,
        code_signing::{CodeSigningConfig as Head, CodeSigningPolicy},
        error::{Code, ServiceError},
        function::Function,
        name::SigningProfileVersionArn,
    },
    store::collection::Collection,
};

/// The publishers that may sign code.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AllowedPublishers {
    /// The ARNs of versions of signing profiles, at most 20.
    #[schemars(length(min = 1, max = 20))]
    pub signing_profile_version_arns: Vec<SigningProfileVersionArn>,
}

/// The action for code that no allowed publisher has signed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CodeSigningPolicies {
    /// Enforce: Lambda refuses code that is not trusted. Warn: Lambda deploys it. The default is Warn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untrusted_artifact_on_deployment: Option<CodeSigningPolicy>,
}

/// A code signing configuration.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CodeSigningConfig {
    /// The configuration's id.
    code_signing_config_id: String,
    /// The configuration's ARN.
    code_signing_config_arn: String,
    /// A description.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The publishers that may sign code.
    allowed_publishers: AllowedPublishers,
    /// The action for code that no allowed publisher has signed.
    code_signing_policies: CodeSigningPolicies,
    /// The time of the configuration's last change.
    last_modified: String,
}

impl CodeSigningConfig {
    /// The configuration in the form that answers have.
    pub fn of(head: &Head, scope: &Scope) -> Self {
        Self {
            code_signing_config_id: head.code_signing_config_id.clone(),
            code_signing_config_arn: scope.code_signing_config(&head.code_signing_config_id),
            description: head.description.clone(),
            allowed_publishers: AllowedPublishers {
                signing_profile_version_arns: head.signing_profile_version_arns.clone(),
            },
            code_signing_policies: CodeSigningPolicies {
                untrusted_artifact_on_deployment: Some(head.untrusted_artifact_on_deployment),
            },
            last_modified: head.last_modified.clone(),
        }
    }
}

/// Response of the operations on one configuration.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CodeSigningConfigResponse {
    /// The configuration.
    pub code_signing_config: CodeSigningConfig,
}

/// Response of the operations on the configuration of a function.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FunctionCodeSigningConfig {
    /// The configuration's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_signing_config_arn: Option<String>,
    /// The function's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_name: Option<String>,
}

/// The error for a missing configuration. It has no `Type` (recorded from AWS 2025-11).
pub fn not_found(arn: &str) -> ServiceError {
    ServiceError::new(
        Code::ResourceNotFoundException,
        format!("The Lambda code signing configuration {arn} can not be found."),
    )
    .without_type()
}

/// Refuses code signing for functions with images, which cannot be signed (AWS documentation). The words are ours.
///
/// # Errors
/// InvalidParameterValueException.
pub fn zip_only(package_type: &str) -> Result<()> {
    match package_type {
        "Image" => Err(invalid(
            "Code signing is not supported for functions with packageType Image.",
        )
        .into()),
        _ => Ok(()),
    }
}

/// Refuses unsigned code if the configuration enforces trusted code. AWS's words were not recorded; these words are
/// ours.
///
/// # Errors
/// CodeVerificationFailedException.
pub fn check_signature(config: &Head, scope: &Scope) -> Result<()> {
    match config.untrusted_artifact_on_deployment {
        CodeSigningPolicy::Warn => Ok(()),
        CodeSigningPolicy::Enforce => Err(ServiceError::new(
            Code::CodeVerificationFailedException,
            format!(
                "The code is not signed by an allowed publisher, which {} enforces.",
                scope.code_signing_config(&config.code_signing_config_id)
            ),
        )
        .with_explanation(
            "The function's code signing configuration accepts only code of its publishers. Lambda refuses other \
             code before it changes anything.",
        )
        .with_hint(
            "lambdry verifies no signature, so no code counts as signed; UntrustedArtifactOnDeployment=Warn accepts \
             unsigned code",
        )
        .into()),
    }
}

impl Lambda<'_> {
    /// The code signing configurations of this account and region.
    pub fn code_signing_configs(&self) -> Collection<'_, Head> {
        self.place.all()
    }

    /// The id in the ARN of a configuration; `None` if the ARN belongs to another region or account.
    pub fn code_signing_id<'b>(&self, arn: &'b str) -> Option<&'b str> {
        let (_, id) = arn.rsplit_once(':')?;
        (self.place.scope.code_signing_config(id) == arn).then_some(id)
    }

    /// Runs a closure that makes a function use a configuration. The configuration cannot be deleted in the meantime.
    ///
    /// # Errors
    /// CodeSigningConfigNotFoundException (recorded from AWS 2025-11), and the errors of the closure.
    pub fn with_code_signing_config<T>(
        &self,
        arn: &str,
        call: &str,
        act: impl FnOnce(&Head) -> Result<T>,
    ) -> Result<T> {
        let missing = || {
            ServiceError::new(
                Code::CodeSigningConfigNotFoundException,
                format!(
                    "The code signing configuration cannot be found. Check that the provided configuration is not \
                     deleted: {arn}."
                ),
            )
        };
        let id = self.code_signing_id(arn).ok_or_else(missing)?;
        let acted = self
            .code_signing_configs()
            .edit(id, arn, call, |edit| act(&edit.head))?;
        done(acted.ok_or_else(missing)?)
    }

    /// Refuses unsigned code and layers for a function whose configuration enforces trusted code.
    ///
    /// # Errors
    /// The errors of [`check_signature`].
    pub fn check_signature_for(&self, function: &Function) -> Result<()> {
        let id = function
            .code_signing_config_arn
            .as_deref()
            .and_then(|arn| self.code_signing_id(arn));
        let config = match id {
            Some(id) => self.code_signing_configs().head(id)?,
            None => None,
        };
        config.map_or(Ok(()), |config| check_signature(&config, &self.place.scope))
    }

    /// Returns true if the function uses the configuration.
    ///
    /// # Errors
    /// The head of the function cannot be read.
    pub fn uses_code_signing_config(&self, function: &str, arn: &str) -> Result<bool> {
        let head = self.functions().head(function)?;
        Ok(head.is_some_and(|head| head.code_signing_config_arn.as_deref() == Some(arn)))
    }
}
