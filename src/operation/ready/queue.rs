//! A queue of SQS, as far as Lambda looks at it.

use crate::{
    operation::{Lambda, Result},
    state::{arn::Scope, ready::Things},
};

/// A queue of this state.
#[derive(Debug, Default)]
pub(in crate::operation) struct Queue {
    /// Its visibility timeout in seconds; `None` if nobody said it. The default of one that a call made is 30.
    pub(in crate::operation) hides_for: Option<u64>,
    /// True if it has a policy of its own.
    pub(in crate::operation) has_policy: bool,
}

/// The queue of that ARN, if this state knows it.
///
/// # Errors
/// When the queues of its region cannot be read.
pub(in crate::operation) fn queue(lambda: &Lambda<'_>, arn: &str) -> Result<Option<Queue>> {
    let parts: Vec<&str> = arn.split(':').collect();
    let [_, _, "sqs", region, account, name] = parts[..] else {
        return Ok(None);
    };
    let scope = Scope {
        region: region.to_owned(),
        account: account.to_owned(),
    };
    let things: Things = (lambda.place.store).document(&super::file("sqs", &scope))?;
    let name = format!("sqs queue {name}");
    Ok(things.things.get(&name).map(|queue| {
        let attribute = |name: &str| queue.members.get("Attributes")?.get(name)?.as_str();
        let default = (!things.given.contains(&name)).then_some(30);
        let hides_for = attribute("VisibilityTimeout").and_then(|given| given.parse().ok());
        Queue {
            hides_for: hides_for.or(default),
            has_policy: attribute("Policy").is_some_and(|policy| !policy.is_empty()),
        }
    }))
}
