//! The fault plan. It defines which calls fail and with which errors. A call is given by its operation and its number.
//!
//! `PublishVersion#2=TooManyRequestsException[,after]`: the second PublishVersion fails. With `after`, the call takes
//! effect, but its answer is lost. Faults are separated by blanks, `;` or line ends; `#` at the start of a line starts
//! a comment. If two services have an operation with the same name, the service must be given:
//! `apigateway:CreateStage`. The plan is `LAMBDRY_FAULTS`, or else the file `faults` in the state directory. The file
//! `faults.count` counts the calls of each operation in all processes. With a new plan, the count starts again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Result, Store, StoreError, atomic, lock};
use crate::state::error::Code;
use crate::state::plain::plain;

/// The fault of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The error the caller sees.
    pub code: Code,
    /// True if the call takes effect in spite of the error.
    pub after: bool,
}

/// The contents of `faults.count`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Counts {
    plan: String,
    calls: BTreeMap<String, u64>,
}

impl Store {
    /// The fault that the plan has for this call of the operation. Counts the call if the plan names the operation.
    /// `keys` returns the operations that a name may mean. A name without such an operation is an error, because its
    /// fault would never happen.
    ///
    /// # Errors
    /// A plan that cannot be read (the message names the entry), and errors of the disk.
    pub fn fault(
        &self,
        operation: &str,
        keys: impl Fn(&str) -> Vec<String>,
        from_environment: Option<&str>,
    ) -> Result<Option<Fault>> {
        let path = self.root().join("faults");
        let plan = match from_environment {
            Some(plan) => plan.to_owned(),
            None => match atomic::read(&path)? {
                Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                None => return Ok(None),
            },
        };
        let faults = read(&plan, keys).map_err(|cause| StoreError {
            action: "read",
            path: if from_environment.is_some() {
                "LAMBDRY_FAULTS".into()
            } else {
                path
            },
            cause,
            source: None,
            hint: Some(
                "write a fault as PublishVersion#2=TooManyRequestsException or \
                PublishVersion#2=ServiceException,after"
                    .to_owned(),
            ),
        })?;
        if !faults.iter().any(|(name, ..)| name == operation) {
            return Ok(None);
        }
        let nth = self.count_call(operation, &plan)?;
        Ok(faults
            .into_iter()
            .find(|(name, n, _)| name == operation && *n == nth)
            .map(|(.., fault)| fault))
    }

    fn count_call(&self, operation: &str, plan: &str) -> Result<u64> {
        super::format::ensure(self)?;
        self.disk.create_folders(&self.root().join("locks"))?;
        let path = self.root().join("locks/faults.lock");
        let _lock = lock::exclusive(self, &path, "the fault plan")?;
        let path = self.root().join("faults.count");
        let mut counts: Counts = atomic::read_json(&path)?.unwrap_or_default();
        if counts.plan != plan {
            counts = Counts {
                plan: plan.to_owned(),
                ..Counts::default()
            };
        }
        let nth = counts.calls.entry(operation.to_owned()).or_default();
        *nth = nth.saturating_add(1);
        let nth = *nth;
        self.disk.replace(&path, &atomic::json_text(&counts))?;
        Ok(nth)
    }
}

/// Checks a plan before the first call.
///
/// # Errors
/// An entry that is not a fault, an operation that does not exist, or one that several services have.
pub fn check(plan: &str, keys: impl Fn(&str) -> Vec<String>) -> std::result::Result<(), String> {
    read(plan, keys).map(drop)
}

/// Checks the text of `faults.count`.
pub(super) fn judge_count(text: &[u8]) -> std::result::Result<(), String> {
    let counts = serde_json::from_slice::<Counts>(text);
    counts.map(drop).map_err(|error| plain(&error))
}

/// Reads a plan, and checks that its operations exist. Each fault has the key of its operation.
fn read(
    plan: &str,
    keys: impl Fn(&str) -> Vec<String>,
) -> std::result::Result<Vec<(String, u64, Fault)>, String> {
    let mut faults = parse(plan)?;
    for (name, ..) in &mut faults {
        let mut meant = keys(name);
        *name = match (meant.pop(), meant.is_empty()) {
            (Some(key), true) => key,
            (Some(key), false) => {
                meant.push(key);
                return Err(format!(
                    "several services have the operation {name:?}: write {}",
                    meant.join(" or ")
                ));
            }
            (None, _) => return Err(format!("{name:?} is not an operation")),
        };
    }
    Ok(faults)
}

/// Reads a plan. Each entry is an operation, the number of the call, and the fault.
pub(super) fn parse(plan: &str) -> std::result::Result<Vec<(String, u64, Fault)>, String> {
    plan.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| line.split([' ', '\t', ';']))
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let fault = || {
                let (call, outcome) = entry.split_once('=')?;
                let (operation, nth) = call.split_once('#').unwrap_or((call, "1"));
                let (code, after) = outcome
                    .strip_suffix(",after")
                    .map_or((outcome, false), |code| (code, true));
                let nth = nth.parse().ok().filter(|n| *n > 0)?;
                Some((
                    operation.to_owned(),
                    nth,
                    Fault {
                        code: Code::named(code)?,
                        after,
                    },
                ))
            };
            fault().ok_or_else(|| format!("{entry:?} is not a fault"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_entry_by_entry() {
        let plan = "# the second publish\nPublishVersion#2=TooManyRequestsException; UpdateAlias=ServiceException,after";
        let throttled = Fault {
            code: Code::TooManyRequestsException,
            after: false,
        };
        let lost = Fault {
            code: Code::ServiceException,
            after: true,
        };
        assert_eq!(
            parse(plan),
            Ok(vec![
                ("PublishVersion".to_owned(), 2, throttled),
                ("UpdateAlias".to_owned(), 1, lost)
            ])
        );
    }

    #[test]
    fn what_is_no_fault_is_named() {
        for bad in [
            "PublishVersion",
            "PublishVersion#0=ServiceException",
            "PublishVersion#x=ServiceException",
            "A#1=Nope",
        ] {
            assert_eq!(parse(bad), Err(format!("{bad:?} is not a fault")));
        }
    }
}
