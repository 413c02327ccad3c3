//! The effect of `wait` on a function: `wait` completes the change that it waits for. Nothing else advances the clock.

use jiff::Timestamp;

use super::{Lambda, Result};
use crate::state::function::Moved;

impl Lambda<'_> {
    /// Completes the change in progress of `$LATEST`, or of the named version or alias, and no other change. A
    /// version that the same call published completes with `$LATEST`, unless the version waits for a snapshot. Returns
    /// true if there was a change.
    ///
    /// # Errors
    /// `Function not found`, and errors of the disk.
    pub fn complete(&self, name: &str, qualifier: Option<&str>) -> Result<bool> {
        let target = self.target(name, qualifier)?;
        self.edit(&target, "Wait", |edit| {
            let head = &mut edit.head;
            let asked = target.qualifier.as_deref().unwrap_or("$LATEST");
            let version = head
                .aliases
                .get(asked)
                .map_or(asked, |alias| &alias.function_version)
                .to_owned();
            if version == "$LATEST" {
                let change = head.latest.change.clone();
                head.latest.complete();
                if let Some(change) = &change {
                    // A version that the same call published completes at the same moment. With SnapStart it does not:
                    // its snapshot takes longer than the update, and `wait published-version-active` waits for it.
                    if head.latest.configuration.snap_start != "PublishedVersions" {
                        for moved in head.versions.values_mut() {
                            moved.active_from.take_if(|from| *from == change.completes);
                        }
                        head.versions.retain(|_, moved| *moved != Moved::default());
                    }
                    completed(self, target.name(), change.completes);
                }
                return Ok(change.is_some());
            }
            let Some(moved) = head.versions.get_mut(&version) else {
                return Ok(false);
            };
            let active_from = moved.active_from.take();
            if let Some(completes) = active_from {
                completed(self, &format!("{}:{version}", target.name()), completes);
            }
            let under_way = active_from.is_some();
            if *moved == Default::default() {
                head.versions.remove(&version);
            }
            Ok(under_way)
        })
    }
}

/// Explains a wait.
fn completed(lambda: &Lambda<'_>, name: &str, completes: Timestamp) {
    lambda.explain(|| {
        format!(
            "The change of {name} was in progress until {completes}. The wait completed it, and it has a new \
             RevisionId. On AWS the waiter asks again and again until that time."
        )
    });
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::operation::sandbox::Sandbox;

    #[test]
    fn completes_the_change_of_one_qualifier_and_no_other() {
        let lambda = Sandbox::with("pay");
        lambda.settle.set(Duration::from_secs(3600));
        let version = lambda.update_code("pay", "new", json!({ "Publish": true }));
        assert_eq!(version["State"], "Pending");
        let brought = lambda.latest("pay")["RevisionId"].clone();
        assert!(lambda.complete("pay", None));
        let latest = lambda.latest("pay");
        assert_eq!(latest["LastUpdateStatus"], "Successful");
        assert_ne!(
            latest["RevisionId"], brought,
            "the completion brings its own RevisionId"
        );
        let read = || {
            lambda.call(
                "GetFunctionConfiguration",
                json!({ "FunctionName": "pay:1" }),
            )["State"]
                .clone()
        };
        assert_eq!(read(), "Active", "the same call published it");
        lambda.pass(Duration::from_secs(1));
        lambda.update_code("pay", "newer", json!({ "Publish": true }));
        assert!(lambda.complete("pay", Some("2")));
        assert_eq!(
            lambda.latest("pay")["LastUpdateStatus"],
            "InProgress",
            "a wait for a version is none for $LATEST"
        );
        assert!(
            !lambda.complete("pay", Some("1")),
            "there is nothing left to complete"
        );
    }

    #[test]
    fn an_update_that_is_over_has_made_no_snapshot() {
        let lambda = Sandbox::with("pay");
        let snap_start =
            json!({ "FunctionName": "pay", "SnapStart": { "ApplyOn": "PublishedVersions" } });
        lambda.call("UpdateFunctionConfiguration", snap_start);
        lambda.settle.set(Duration::from_secs(3600));
        lambda.update_code("pay", "new", json!({ "Publish": true }));
        let state = || {
            let request = json!({ "FunctionName": "pay:1" });
            lambda.call("GetFunctionConfiguration", request)["State"].clone()
        };
        assert!(lambda.complete("pay", None));
        assert_eq!(state(), "Pending");
        assert!(lambda.complete("pay", Some("1")));
        assert_eq!(state(), "Active");
    }

    #[test]
    fn a_completion_brings_the_revision_it_was_given_whatever_happened_in_between() {
        let lambda = Sandbox::with("pay");
        lambda.publish("pay");
        lambda.settle.set(Duration::from_secs(2));
        lambda.update_code("pay", "new", json!({}));
        lambda.call(
            "CreateAlias",
            json!({ "FunctionName": "pay", "Name": "live", "FunctionVersion": "1" }),
        );
        let during = lambda.latest("pay");
        lambda.pass(Duration::from_secs(2));
        let after = lambda.latest("pay");
        assert_eq!(during["LastUpdateStatus"], "InProgress");
        assert_ne!(during["RevisionId"], after["RevisionId"]);
        assert_eq!(
            after,
            lambda.latest("pay"),
            "reading is a pure function of the state and the time"
        );
    }
}
