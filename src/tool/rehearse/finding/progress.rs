//! Changes that may still be in progress, because the script did not wait for them and no read showed that they are
//! done.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::tool::rehearse::{
    calls::Http,
    evidence::{Key, Step},
};

/// A change that takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlowChange {
    /// A function is `Pending`.
    Created,
    /// `$LATEST` is `InProgress`.
    Updated,
    /// A version is `Pending`.
    Published,
}

/// A change that may still be in progress.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unfinished {
    pub(super) kind: SlowChange,
    /// The call that began the change.
    pub(super) index: usize,
    /// The moment at which the change began, by the state's clock.
    pub(super) moment: Timestamp,
    /// The number of a later call that waited, but for something else.
    pub(super) other_wait: Option<usize>,
    /// The last read that showed the change in progress: the number of its call, and its request.
    seen: Option<(usize, Value)>,
}

impl Unfinished {
    /// Returns true for a read over HTTP that repeats the read before it, if that read showed the change in progress.
    /// If the program's text cannot be read, this is the only sign that the program polls.
    fn is_polled_by(&self, step: &Step<'_>) -> bool {
        let has_text = |http: &Http| http.looks_at.is_some();
        let is_again = |(index, request): &(usize, Value)| {
            index + 1 == step.index && *request == step.exchange.request
        };
        let http = step.call.http.as_ref();
        http.is_some_and(|http| !has_text(http)) && self.seen.as_ref().is_some_and(is_again)
    }

    /// The command that waits for the change.
    pub(super) fn wait(&self, key: &Key, version: &str) -> String {
        let (waiter, qualifier) = match self.kind {
            SlowChange::Created => ("function-active-v2", String::new()),
            SlowChange::Updated => ("function-updated-v2", String::new()),
            SlowChange::Published => (
                "published-version-active",
                format!(" --qualifier {version}"),
            ),
        };
        format!("aws lambda wait {waiter} --function-name {key}{qualifier}")
    }
}

/// The changes that are in progress at one moment of the run. The key is the function and the version.
#[derive(Debug, Default)]
pub(super) struct Progress(BTreeMap<(Key, String), Unfinished>);

impl Progress {
    /// The change in progress of the given version, which may be `$LATEST`.
    pub(super) fn of(&self, key: &Key, version: &str) -> Option<&Unfinished> {
        self.0.get(&(key.clone(), version.to_owned()))
    }

    /// Records that an API call began a change, or that an API call showed that a change is finished.
    pub(super) fn follow(&mut self, step: &Step<'_>) {
        let Some(target) = &step.target else { return };
        let key = &target.key;
        if step.answer().is_none() {
            return;
        }
        let version = step.answered("Version").unwrap_or_default();
        match step.exchange.operation.as_str() {
            "CreateFunction" => {
                self.begin(key, "$LATEST", SlowChange::Created, step);
                self.published(key, version, step);
            }
            "UpdateFunctionCode" if !step.is_set("DryRun") => {
                self.begin(key, "$LATEST", SlowChange::Updated, step);
                self.published(key, version, step);
            }
            "UpdateFunctionConfiguration" => self.begin(key, "$LATEST", SlowChange::Updated, step),
            "PublishVersion" => {
                // The service publishes only after the update is done, so the update is done now.
                self.finish(key, "$LATEST");
                self.published(key, version, step);
            }
            "Invoke" => {
                // The service does not run a function that is Pending, and no version that is Pending either.
                let ran = step.answered("ExecutedVersion").unwrap_or("$LATEST");
                if self
                    .of(key, ran)
                    .is_some_and(|unfinished| unfinished.kind != SlowChange::Updated)
                {
                    self.finish(key, ran);
                }
            }
            "DeleteFunction" => match &target.qualifier {
                None => self.0.retain(|(of, _), _| of != key),
                Some(version) => {
                    self.0.remove(&(key.clone(), version.clone()));
                }
            },
            "GetFunction" | "GetFunctionConfiguration" => self.read(key, step),
            _ => {}
        }
    }

    fn begin(&mut self, key: &Key, version: &str, kind: SlowChange, step: &Step<'_>) {
        let unfinished = Unfinished {
            kind,
            index: step.index,
            moment: step.exchange.moment,
            other_wait: None,
            seen: None,
        };
        self.0.insert((key.clone(), version.to_owned()), unfinished);
    }

    /// Records a version that is not ready at once, because an update published it or because it has SnapStart.
    fn published(&mut self, key: &Key, version: &str, step: &Step<'_>) {
        if super::number(version).is_some() && step.answered("State") == Some("Pending") {
            self.begin(key, version, SlowChange::Published, step);
        }
    }

    fn finish(&mut self, key: &Key, version: &str) {
        let Some(finished) = self.0.remove(&(key.clone(), version.to_owned())) else {
            return;
        };
        // One upload makes both ready. If a script saw that `$LATEST` is done, it need not check the version that it
        // published.
        if version == "$LATEST" {
            self.0
                .retain(|(of, _), other| of != key || other.index != finished.index);
        }
    }

    fn read(&mut self, key: &Key, step: &Step<'_>) {
        let Some(configuration) = step.configuration() else {
            return;
        };
        let text = |member: &str| configuration.get(member).and_then(Value::as_str);
        let version = text("Version").unwrap_or("$LATEST");
        let Some(unfinished) = self.0.get_mut(&(key.clone(), version.to_owned())) else {
            return;
        };
        let updated =
            text("LastUpdateStatus") == Some("Successful") && step.shows("LastUpdateStatus");
        let active = text("State") == Some("Active") && step.shows("State");
        let is_finished = match unfinished.kind {
            // `State` stays Active during an update.
            SlowChange::Updated => updated,
            SlowChange::Created | SlowChange::Published => updated || active,
        };
        let says_so = match unfinished.kind {
            SlowChange::Updated => text("LastUpdateStatus") == Some("Successful"),
            SlowChange::Created | SlowChange::Published => text("State") == Some("Active"),
        };
        let is_finished = is_finished || (says_so && unfinished.is_polled_by(step));
        if !says_so {
            unfinished.seen = Some((step.index, step.exchange.request.clone()));
        }
        if is_finished {
            self.finish(key, version);
        } else if crate::tool::rehearse::evidence::waiter(step.call).is_some() {
            unfinished.other_wait = Some(step.index);
        }
    }
}
