//! `AliasConfiguration`, and the rules for the target of an alias.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    operation::{
        Result,
        resolve::{function_not_found, invalid},
    },
    state::{
        alias::Alias,
        arn::Arn,
        function::{Configuration, Function},
        pattern,
    },
    store::collection::Edit,
};

/// An alias, in the form that the alias operations return.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AliasConfiguration {
    /// The ARN of the alias.
    alias_arn: String,
    /// The name of the alias.
    name: String,
    /// The version that the alias invokes.
    function_version: String,
    /// A description of the alias.
    description: String,
    /// A second version, which gets part of the traffic.
    #[serde(skip_serializing_if = "Option::is_none")]
    routing_config: Option<Routing>,
    /// The id of this state of the alias. Every update assigns a new id.
    revision_id: String,
}

/// A second version, which gets part of the traffic.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Routing {
    /// The version and its share of the traffic.
    additional_version_weights: IndexMap<String, f64>,
}

impl AliasConfiguration {
    /// The alias of a function, in the form that answers have.
    pub fn of(arn: &Arn, name: &str, alias: &Alias) -> Self {
        let weights = &alias.additional_version_weights;
        Self {
            alias_arn: arn.qualified(name).to_string(),
            name: name.to_owned(),
            function_version: alias.function_version.clone(),
            description: alias.description.clone(),
            routing_config: (!weights.is_empty()).then(|| Routing {
                additional_version_weights: weights.clone(),
            }),
            revision_id: alias.revision_id.clone(),
        }
    }
}

/// The routing of an alias in a request: a second version, which gets part of the traffic.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AliasRoutingConfiguration {
    /// The second version and its share of the traffic, 0.0 to 1.0. An empty map sends all traffic to one version.
    pub additional_version_weights: Option<Weights>,
}

/// Version → share of the traffic.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Weights(pub IndexMap<String, f64>);

impl JsonSchema for Weights {
    fn schema_name() -> Cow<'static, str> {
        "Weights".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": { "minLength": 1, "maxLength": 1024, "pattern": pattern::ADDITIONAL_VERSION },
            "additionalProperties": { "type": "number", "minimum": 0.0, "maximum": 1.0 },
        })
    }
}

/// Names the versions that get the traffic of an alias, for explanations.
pub fn traffic(arn: &Arn, name: &str, alias: &Alias) -> String {
    let called = format!("{}:{name}", arn.name);
    if alias.additional_version_weights.is_empty() {
        return match alias.function_version.as_str() {
            "$LATEST" => format!(
                "Callers of {called} get $LATEST with every change of it: such an alias does not protect them from \
                 an update."
            ),
            version => format!("Callers of {called} get version {version}, and no other."),
        };
    }
    let shares = alias.shares().into_iter();
    let shares: Vec<String> = shares
        .map(|(version, share)| format!("{share} % get version {version}"))
        .collect();
    format!(
        "Of the calls of {called} {}, chosen at random for each call.",
        shares.join(" and ")
    )
}

/// Checks the target of an alias. The version must exist, and a weighted alias needs exactly two published versions
/// with the same role and dead-letter target (AWS documentation, "Implement canary deployments").
///
/// # Errors
/// ResourceNotFoundException for a missing version; InvalidParameterValueException for weights.
pub fn check_target(edit: &Edit<'_, Function>, arn: &Arn, alias: &Alias) -> Result<()> {
    let primary = version(edit, arn, &alias.function_version)?;
    let weights = &alias.additional_version_weights;
    let Some((second, _)) = weights.first() else {
        return Ok(());
    };
    if weights.len() > 1 {
        return Err(invalid(
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        )
        .with_explanation(
            "An alias splits its traffic between at most two versions: its own, and one with a weight.",
        )
        .into());
    }
    // Recorded from AWS 2025-11; the error has no Type.
    if alias.function_version == "$LATEST" {
        return Err(invalid(
            "$LATEST is not supported for an alias pointing to more than 1 version",
        )
        .without_type()
        .with_explanation(
            "Both versions of a split must stay the same, but $LATEST changes. Publish it, and split between \
             versions.",
        )
        .into());
    }
    if *second == alias.function_version {
        return Err(invalid(format!("Invalid function version {second}. Function version {second} is already included in routing configuration."))
        .with_explanation(format!(
            "The alias already points at version {second}; a weight names the other version. To send all traffic to \
             {second}, remove the weights."
        ))
        .into());
    }
    let second = version(edit, arn, second)?;
    // Public reports, 2018.
    if primary.role != second.role {
        return Err(invalid(
            "Specified versions must be associated with the same execution role",
        )
        .with_explanation(format!(
            "Callers cannot choose the version, so both versions must have the same role: one has {}, the other {}.",
            primary.role, second.role
        ))
        .into());
    }
    if primary.dead_letter_config != second.dead_letter_config {
        return Err(invalid("Both versions of a weighted alias must have the same dead-letter configuration, or none.")
        .with_explanation(
            "Callers cannot choose the version, so both versions must send failed events to the same place.",
        )
        .into());
    }
    Ok(())
}

fn version(edit: &Edit<'_, Function>, arn: &Arn, version: &str) -> Result<Configuration> {
    if version == "$LATEST" {
        return Ok(edit.head.latest.configuration.clone());
    }
    let found = match edit.head.may_have(version).then(|| version.parse()) {
        Some(Ok(number)) => edit.version(number)?,
        _ => None,
    };
    Ok(found
        .ok_or_else(|| function_not_found(&arn.qualified(version)))?
        .configuration)
}
