//! Finds the layer that a request names, and makes the errors of the layer operations.

use crate::{
    operation::{
        Lambda, Result,
        resolve::{done, invalid},
    },
    state::{
        arn::LayerRef,
        error::{Code, ServiceError},
        layer::{Layer, LayerVersion},
    },
    store::collection::{Collection, Edit, View},
};

/// The layer that a request names.
#[derive(Debug, Clone)]
pub struct Target {
    /// The layer's name, never its ARN.
    pub name: String,
    /// The ARN, without a version.
    pub arn: String,
}

impl Target {
    /// The ARN of a version of the layer.
    pub fn version(&self, number: impl std::fmt::Display) -> String {
        format!("{}:{number}", self.arn)
    }
}

/// `The resource you requested does not exist.` (recorded from AWS 2026-01).
pub fn not_found() -> ServiceError {
    ServiceError::new(
        Code::ResourceNotFoundException,
        "The resource you requested does not exist.",
    )
}

/// `Layer version {ARN} does not exist.` AWS returns this error when a function should get a missing layer version
/// (recorded 2025-11). The permission operations return the same error (public reports, 2021).
pub fn no_version(arn: &str) -> ServiceError {
    ServiceError::new(
        Code::ResourceNotFoundException,
        format!("Layer version {arn} does not exist."),
    )
}

/// The error for a layer version without a policy (recorded from AWS 2025-11).
pub fn no_policy() -> ServiceError {
    ServiceError::new(
        Code::ResourceNotFoundException,
        "No policy is associated with the given resource.",
    )
}

/// The PreconditionFailedException for an outdated RevisionId of a layer's policy (recorded from AWS 2025-11). AWS's
/// text names an operation that does not exist.
pub fn stale_policy(name: &str, number: u64) -> ServiceError {
    ServiceError::new(
        Code::PreconditionFailedException,
        "The Revision Id provided does not match the latest Revision Id. \
         Call the GetLayerPolicy API to retrieve the latest Revision Id",
    )
    .with_explanation(format!(
        "The policy of each layer version has a RevisionId, which changes with every statement. The given one is not \
         the RevisionId of version {number} of {name}."
    ))
    .with_hint(format!(
        "to read the present one: aws lambda get-layer-version-policy --layer-name {name} --version-number {number}"
    ))
}

/// Checks the number of a version in a request.
///
/// # Errors
/// `Layer Version Cannot be less than 1` (recorded from AWS 2026-01). This error comes before any look-up.
pub fn number(given: i64) -> Result<u64> {
    u64::try_from(given)
        .ok()
        .filter(|number| *number >= 1)
        .ok_or_else(|| invalid("Layer Version Cannot be less than 1").into())
}

/// Reads a version of a layer.
///
/// # Errors
/// [`not_found`] if the version does not exist, and errors when its file is read.
pub fn version(view: &View<'_, Layer>, number: u64) -> Result<LayerVersion> {
    view.version(number)?.ok_or_else(|| not_found().into())
}

impl Lambda<'_> {
    /// The layers of this account and region.
    pub fn layers(&self) -> Collection<'_, Layer> {
        self.place.all()
    }

    /// Finds the layer that a request names by its name or ARN. `action` is the name of the operation, and `version` is
    /// the version in the request, for the error.
    ///
    /// # Errors
    /// An ARN of another region. An ARN of another account, because no policy here allows access to other accounts
    /// (public reports).
    pub fn layer(&self, name: &str, action: &str, version: Option<u64>) -> Result<Target> {
        let Some(layer) = LayerRef::parse(name) else {
            return Err(invalid(format!("{name:?} does not name a layer")).into());
        };
        let scope = &self.place.scope;
        if let Some((region, account)) = layer.scope {
            if region != scope.region {
                return Err(ServiceError::new(
                    Code::ResourceNotFoundException,
                    format!(
                        "Layers from '{region}' are not reachable in this region ('{}')",
                        scope.region
                    ),
                )
                .into());
            }
            if account != scope.account {
                let version = version
                    .map(|number| format!(":{number}"))
                    .unwrap_or_default();
                let denied = format!(
                    "User: {} is not authorized to perform: lambda:{action} on resource: {name}{version} because no \
                     resource-based policy allows the lambda:{action} action",
                    self.caller.arn(scope)
                );
                return Err(ServiceError::new(Code::AccessDeniedException, denied)
                    .with_hint(format!(
                        "this state is of account {}; a layer of another account can be attached to a function, but \
                         not read",
                        scope.account
                    ))
                    .into());
            }
        }
        Ok(Target {
            name: layer.name.to_owned(),
            arn: scope.layer(layer.name),
        })
    }

    /// Changes a layer. Returns `None` if the layer does not exist.
    ///
    /// # Errors
    /// CodeStorageExceededException if the account has no space for more code, and the errors of the closure.
    pub fn edit_layer<T>(
        &self,
        target: &Target,
        call: &str,
        change: impl FnOnce(&mut Edit<'_, Layer>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.layers()
            .edit(&target.name, &target.arn, call, change)?
            .map(done)
            .transpose()
    }
}
