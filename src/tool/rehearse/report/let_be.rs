//! Suppressed findings and refusals. They do not count, and the report lists them with the reason.

use super::{Finding, Made, Report};
use crate::tool::rehearse::{
    outcome::Outcome,
    suppression::{self, Suppression},
};

impl Report {
    /// A heading (`used`, `unused` or `void`) and a line for each suppression.
    pub(crate) fn let_be(&self) -> impl Iterator<Item = [String; 2]> {
        self.suppressions.iter().map(|by| {
            let (heading, more) = match (by.is_void(), by.silenced.as_slice()) {
                (Some(why), _) => ("void", format!(": {why}")),
                (None, []) => ("unused", ": it allowed no finding".to_owned()),
                (None, titles) => ("used", format!(": {}", titles.join("; "))),
            };
            [heading.to_owned(), format!("{}{more}", by.told())]
        })
    }
}

/// Removes the suppressed findings, and marks the suppressed refusals.
pub(super) fn suppress(by: &mut [Suppression], findings: &mut Vec<Finding>, made: &mut [Made]) {
    findings.retain(|finding| {
        let place = finding.place.as_ref();
        let mut by = by.iter_mut();
        let Some(by) = by.find(|by| by.silences(finding.rule, place)) else {
            return true;
        };
        by.silenced.push(finding.title.clone());
        for index in finding.about() {
            if let Some(call) = made.get_mut(index) {
                call.suppressed = true;
            }
        }
        false
    });
    let ignored = made.iter_mut();
    for call in ignored.filter(|call| call.became == Some(Outcome::Ignored) && !call.suppressed) {
        let mut by = by.iter_mut();
        if let Some(by) = by.find(|by| by.silences(suppression::IGNORED, call.place.as_ref())) {
            by.silenced.push(format!("{} was refused", call.name));
            call.suppressed = true;
        }
    }
}
