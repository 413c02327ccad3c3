//! The data of the state: each kind of resource in a file of its own, with names and ARNs. Plain serde data and its own
//! rules; no clock, no disk, no printing.

pub mod account;
pub mod alias;
pub mod arn;
pub mod attached;
pub mod bucket;
pub mod code_signing;
pub mod ecr;
pub mod error;
pub mod event_pattern;
pub mod event_source;
pub mod event_source_mapping;
pub mod function;
pub mod head;
pub mod iam;
pub mod kind;
pub mod layer;
pub mod logs;
pub mod masked;
pub mod name;
pub mod pattern;
pub(crate) mod plain;
pub mod policy;
pub mod ready;
pub mod version;
mod wish;
