//! The fault plan: which call of which operation fails, and how.
//!
//! `PublishVersion#2=TooManyRequestsException[,after]`: the second PublishVersion fails; with `after` it takes effect
//! and the answer is lost. Several faults are separated by blanks, `;` or line ends; `#` starts a comment at the start
//! of a line. The plan comes from `LAMBDRY_FAULTS`, else from `faults` in the state directory. Calls are counted per
//! operation across processes in `faults.count`, anew whenever the plan changes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Result, Store, StoreError, atomic, lock};
use crate::state::error::Code;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The error the caller sees.
    pub code: Code,
    /// Whether the call takes effect all the same.
    pub after: bool,
}

/// `faults.count`
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Counts {
    plan: String,
    calls: BTreeMap<String, u64>,
}

impl Store {
    /// The fault that waits for this call of that operation. Counts the call when a plan names the operation. `known`
    /// tells which operations there are: a fault of one that is not would never come.
    ///
    /// # Errors
    /// A plan that cannot be read, which names the entry; or the disk's.
    pub fn fault(
        &self,
        operation: &str,
        known: impl Fn(&str) -> bool,
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
        let faults = read(&plan, known).map_err(|cause| StoreError {
            action: "read",
            path: if from_environment.is_some() { "LAMBDRY_FAULTS".into() } else { path },
            cause,
            source: None,
            hint: Some("a fault reads PublishVersion#2=TooManyRequestsException or PublishVersion#2=ServiceException,after".to_owned()),
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

/// Looks at a plan before anything is called.
///
/// # Errors
/// What is no fault, and which operation there is not.
pub fn check(plan: &str, known: impl Fn(&str) -> bool) -> std::result::Result<(), String> {
    read(plan, known).map(drop)
}

/// Looks at the text of `faults.count`.
pub(super) fn judge_count(text: &[u8]) -> std::result::Result<(), String> {
    let counts = serde_json::from_slice::<Counts>(text);
    counts.map(drop).map_err(|error| error.to_string())
}

/// Reads a plan of operations that there are.
fn read(
    plan: &str,
    known: impl Fn(&str) -> bool,
) -> std::result::Result<Vec<(String, u64, Fault)>, String> {
    let faults = parse(plan)?;
    match faults.iter().find(|(name, ..)| !known(name)) {
        Some((name, ..)) => Err(format!("{name:?} is no operation")),
        None => Ok(faults),
    }
}

/// Reads a plan: operation, which call, what happens.
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
            fault().ok_or_else(|| format!("{entry:?} is no fault"))
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
            assert_eq!(parse(bad), Err(format!("{bad:?} is no fault")));
        }
    }
}
