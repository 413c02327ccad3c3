//! Reports that a test did not run here, and why.

use std::io::{self, Write as _};

/// Prints a message that the test harness does not capture, because people should see what was skipped.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(io::stderr(), "skipped: {why}");
}
