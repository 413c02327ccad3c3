//! `lambdry import` and `lambdry export`: state from what `aws lambda` prints, and back; a whole state in one file.
//!
//! `read` takes sources apart, `documents` recognises answers by their shape, `assemble` makes resources of them or says
//! what is missing, and the store puts them in, each in one step. Nothing is written before everything is judged.

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
