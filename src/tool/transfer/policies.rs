//! Turns the facts about a policy into a policy as the store keeps it.

use serde_json::Value;

use super::documents::Seen;
use crate::state::plain::plain;
use crate::state::{
    layer::{LayerPolicy, LayerStatement},
    policy::Policy,
};

/// The statements of a policy, and its RevisionId.
fn statements(seen: &Seen) -> Result<(Vec<Value>, String), String> {
    let text = |name: &str| {
        seen.members
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let document: Value = serde_json::from_str(&text("Policy")).map_err(|error| plain(&error))?;
    let statements = document["Statement"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if text("RevisionId").is_empty() || statements.is_empty() {
        return Err("it has no RevisionId or no statement; import needs the output of aws lambda without --query".to_owned());
    }
    Ok((statements, text("RevisionId")))
}

/// The policy of a function, version or alias.
///
/// # Errors
/// When the text is not a policy. The error is a message.
pub(super) fn policy(seen: &Seen) -> Result<Policy, String> {
    let (statements, revision_id) = statements(seen)?;
    let statements = statements
        .into_iter()
        .map(serde_json::from_value)
        .collect::<Result<_, _>>();
    Ok(Policy {
        revision_id,
        statements: statements.map_err(|error| plain(&error))?,
    })
}

/// The policy of a version of a layer.
///
/// # Errors
/// When the text is not a policy. The error is a message.
pub(super) fn layer_policy(seen: &Seen) -> Result<LayerPolicy, String> {
    let (statements, revision_id) = statements(seen)?;
    let statements = statements.iter().map(|statement| {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let principal =
            text(&statement["Principal"]).or_else(|| text(&statement["Principal"]["AWS"]));
        let principal = principal.ok_or("a statement has no Principal")?;
        // AWS returns an account as the ARN of its root.
        let account = principal
            .strip_suffix(":root")
            .and_then(|arn| arn.rsplit(':').next());
        Ok(LayerStatement {
            sid: text(&statement["Sid"]).ok_or("a statement has no Sid")?,
            principal: account.map_or(principal.clone(), str::to_owned),
            organization_id: text(&statement["Condition"]["StringEquals"]["aws:PrincipalOrgID"]),
        })
    });
    Ok(LayerPolicy {
        revision_id,
        statements: statements.collect::<Result<_, &str>>()?,
    })
}
