//! `lambdry invoke --count 1000`: the number of answers by version. The option is our own; `aws` has no such option.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, Table, presets::ASCII_FULL_CONDENSED};
use serde_json::{Value, json};

/// The number of answers by version.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    total: u64,
    /// The answers of each version, and the failures among them. The versions are ordered by number; `$LATEST` is the
    /// last.
    versions: BTreeMap<(u64, String), (u64, u64)>,
}

impl Tally {
    /// Counts an answer of Invoke.
    pub(crate) fn count(&mut self, answer: &Value) {
        let version = answer.get("ExecutedVersion").and_then(Value::as_str);
        // An invocation of type Event has no version yet.
        let version = version.unwrap_or("(queued)").to_owned();
        let rank = version.parse().unwrap_or(u64::MAX);
        let (answers, failures) = self.versions.entry((rank, version)).or_default();
        self.total += 1;
        *answers += 1;
        *failures += u64::from(answer.get("FunctionError").is_some());
    }

    fn share(&self, answers: u64) -> f64 {
        answers as f64 / self.total.max(1) as f64
    }

    /// The tally in the form of an answer of AWS.
    pub(crate) fn value(&self) -> Value {
        let versions = self.versions.iter();
        let versions: Vec<Value> = versions
            .map(|((_, version), (answers, failures))| {
                json!({
                    "ExecutedVersion": version,
                    "Count": answers,
                    "Share": self.share(*answers),
                    "FunctionErrors": failures,
                })
            })
            .collect();
        json!({ "Invocations": self.total, "Versions": versions })
    }

    /// The tally as a table for people.
    pub(crate) fn table(&self) -> String {
        let failed = self.versions.values().any(|(_, failures)| *failures > 0);
        let mut table = Table::new();
        table.load_style(ASCII_FULL_CONDENSED);
        let header = ["version", "answered", "share", "failed"];
        let columns = if failed { 4 } else { 3 };
        table.set_header(&header[..columns]);
        for ((_, version), (answers, failures)) in &self.versions {
            let share = format!("{:.1} %", 100.0 * self.share(*answers));
            let row = [
                version.clone(),
                answers.to_string(),
                share,
                failures.to_string(),
            ];
            table.add_row(&row[..columns]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        format!("{table}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_versions_in_the_order_of_their_numbers() {
        let mut tally = Tally::default();
        for version in ["10", "9", "9", "$LATEST"] {
            tally.count(&json!({ "StatusCode": 200, "ExecutedVersion": version }));
        }
        assert_eq!(
            tally.value(),
            json!({
                "Invocations": 4,
                "Versions": [
                    { "ExecutedVersion": "9", "Count": 2, "Share": 0.5, "FunctionErrors": 0 },
                    { "ExecutedVersion": "10", "Count": 1, "Share": 0.25, "FunctionErrors": 0 },
                    { "ExecutedVersion": "$LATEST", "Count": 1, "Share": 0.25, "FunctionErrors": 0 },
                ],
            })
        );
        assert_eq!(
            tally.table(),
            "+---------+----------+--------+\n\
             | version | answered |  share |\n\
             +=============================+\n\
             | 9       |        2 | 50.0 % |\n\
             | 10      |        1 | 25.0 % |\n\
             | $LATEST |        1 | 25.0 % |\n\
             +---------+----------+--------+\n"
        );
    }

    #[test]
    fn shows_failures_where_there_are_some() {
        let mut tally = Tally::default();
        tally.count(&json!({ "ExecutedVersion": "1", "FunctionError": "Unhandled" }));
        tally.count(&json!({ "StatusCode": 202 }));
        let table = tally.table();
        assert!(
            table.contains("failed") && table.contains("(queued)"),
            "{table}"
        );
    }
}
