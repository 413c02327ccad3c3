//! An account's limits in one region, and the usage counted against them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `account.json`: the limits, which the user may edit. A missing member takes AWS's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Limits {
    /// The greatest number of bytes that all code and layers together may have.
    pub total_code_size: u64,
    /// The greatest number of unzipped bytes that one function's code and layers together may have.
    pub code_size_unzipped: u64,
    /// The greatest number of bytes of a zip that is uploaded directly.
    pub code_size_zipped: u64,
    /// The greatest number of concurrent invocations.
    pub concurrent_executions: u64,
    /// The greatest number of megabytes of memory that a function may have. Fresh AWS accounts have 3008.
    pub memory_size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total_code_size: 80_530_636_800,
            code_size_unzipped: 262_144_000,
            code_size_zipped: 52_428_800,
            concurrent_executions: 1000,
            memory_size: 10_240,
        }
    }
}

impl Limits {
    /// The number of concurrent invocations that no function can reserve: 100, or the limit of the account if that is
    /// lower (public reports of 2022 and later).
    pub fn unreserved_minimum(&self) -> u64 {
        self.concurrent_executions.min(100)
    }
}

/// `usage.json`: the sums for an account, so that a call need not read every function. The file is a cache. Before a
/// call is refused because of a sum, the sums are computed again from the heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct Usage {
    /// The bytes of code of all zip functions and layers: of `$LATEST` and every published version of each function,
    /// and of every version of each layer.
    pub total_code_size: u64,
    /// The number of functions. Versions are not counted.
    pub function_count: u64,
}

/// The sums for all functions and layers of an account and region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// The members of `usage.json`.
    pub usage: Usage,
    /// Concurrent invocations that functions take from the account.
    pub concurrency: u64,
}

impl Totals {
    /// Adds one resource.
    pub fn add(&mut self, share: &Share, is_function: bool) {
        let size = &mut self.usage.total_code_size;
        *size = size.saturating_add(share.code_size);
        self.usage.function_count += u64::from(is_function);
        self.concurrency = self.concurrency.saturating_add(share.concurrency());
    }
}

/// The members of a head that are needed for the sums. The other members in the function's or layer's file are not
/// parsed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Share {
    /// The name of the function or layer in its own case.
    #[serde(alias = "LayerName")]
    pub function_name: String,
    /// The bytes of code of all versions together.
    pub code_size: u64,
    #[serde(default)]
    reserved_concurrency: Option<u64>,
    #[serde(default)]
    attached: BTreeMap<String, Ready>,
}

/// The provisioned concurrency of one qualifier. The other settings of the qualifier are not read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ready {
    #[serde(default)]
    provisioned_concurrency: Option<Provisioned>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Provisioned {
    requested: u64,
}

impl Share {
    /// Concurrent invocations that a function takes from the account: its reserved concurrency, or else the sum of the
    /// provisioned concurrency of its versions and aliases.
    pub fn concurrency(&self) -> u64 {
        self.reserved_concurrency.unwrap_or_else(|| {
            let ready = self.attached.values();
            let ready = ready.filter_map(|ready| ready.provisioned_concurrency.as_ref());
            ready.fold(0, |sum, ready| sum.saturating_add(ready.requested))
        })
    }
}
