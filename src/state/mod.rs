//! What exists: functions, versions, aliases, their names and ARNs. Plain serde data and its own rules;
//! no clock, no disk, no printing.

pub mod error;
