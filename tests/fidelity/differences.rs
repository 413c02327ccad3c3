//! What the two versions of aws-cli are known to do differently, one entry each, with its name.
//!
//! lambdry answers as version 2 does. Where the installed `aws` is version 1, each entry takes one difference out of
//! both sides; what is left has to be equal. Seen in aws-cli 1.45.11 beside 2.36.7.

use crate::{Ended, lines::Line};

/// One known difference: its name, and how to take it out of our answer and the real one's. True when it did.
struct Difference {
    name: &'static str,
    level: fn(&mut Ended, &mut Ended) -> bool,
}

/// Levels what is known to differ; answers the names of what did.
pub(crate) fn translate(
    major: u32,
    line: &Line,
    ours: &mut Ended,
    theirs: &mut Ended,
) -> Vec<&'static str> {
    let _ = line;
    if major != 1 {
        return Vec::new();
    }
    FROM_1_TO_2
        .iter()
        .filter(|difference| (difference.level)(ours, theirs))
        .map(|difference| difference.name)
        .collect()
}

const FROM_1_TO_2: &[Difference] = &[];
