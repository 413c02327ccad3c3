//! `lambdry import` and `lambdry export`: make state from the output of `aws lambda`, and back; or keep a whole state
//! in one file.
//!
//! `read` splits the sources, `documents` recognises answers by their shape, and `assemble` makes resources of them or
//! reports the missing facts. The store takes each resource in one step. Nothing is written before everything has been
//! checked.

mod assemble;
mod documents;
mod export;
mod import;
mod layers;
mod mappings;
mod mask;
mod policies;
mod read;

pub(super) use export::{ABOUT as EXPORT, options as export_options, run as export};
pub(super) use import::{ABOUT as IMPORT, options as import_options, run as import};

/// The script that `lambdry generate snapshot` prints.
pub(super) const SNAPSHOT: &str = include_str!("snapshot.sh");
