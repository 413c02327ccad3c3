//! Tells that a test did not run here, and why.

use std::io::{self, Write as _};

/// Says it past the test's own capture: a skip is to be seen.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(io::stderr(), "skipped: {why}");
}
