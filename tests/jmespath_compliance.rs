//! The public JMESPath compliance cases, if they are present. They are in the folder that `LAMBDRY_JMESPATH_CASES`
//! names, or in `../shared/jmespath` beside the repository. Each file is a list of documents with their cases.
#![allow(clippy::print_stdout)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads where its cases are"
)]

mod skipped;

use std::path::PathBuf;

use lambdry::output::query::Query;
use serde_json::Value;
use skipped::skipped;

#[test]
fn answers_every_compliance_case() {
    let folder = match std::env::var_os("LAMBDRY_JMESPATH_CASES") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/jmespath"),
    };
    let Ok(entries) = std::fs::read_dir(&folder) else {
        skipped(&format!("no compliance cases in {}", folder.display()));
        return;
    };
    let (mut total, mut failures) = (0, Vec::new());
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let groups: Vec<Value> = serde_json::from_str(&text).expect("a list of groups");
        for group in &groups {
            for case in group["cases"].as_array().expect("a list of cases") {
                total += 1;
                if let Err(difference) = check(&group["given"], case) {
                    failures.push(format!("{}: {difference}", path.display()));
                }
            }
        }
    }
    println!("{} of {total} cases passed", total - failures.len());
    assert!(total > 0, "no cases in {}", folder.display());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn check(given: &Value, case: &Value) -> Result<(), String> {
    let expression = case["expression"].as_str().expect("an expression");
    let answer = match Query::compile(expression) {
        Err(error) => Err(("syntax", error.to_string())),
        Ok(query) => query.search(given).map_err(|error| {
            let message = error.to_string();
            (kind(&message), message)
        }),
    };
    let as_wanted = match (&answer, case["error"].as_str(), case.get("result")) {
        (Err((kind, _)), Some(wanted), _) => *kind == wanted,
        (Ok(answer), None, Some(wanted)) => answer == wanted,
        // A benchmark gives no expected result, so any result is accepted.
        (Ok(_), None, None) => true,
        _ => false,
    };
    as_wanted
        .then_some(())
        .ok_or_else(|| format!("{case} gave {answer:?}"))
}

/// The suite's name for a run-time error.
fn kind(message: &str) -> &'static str {
    match message {
        _ if message.starts_with("Unknown function: ") => "unknown-function",
        _ if message.starts_with("In function ") => "invalid-type",
        _ if message.starts_with("Expected ") => "invalid-arity",
        "slice step cannot be zero" => "invalid-value",
        _ => "none of the suite's",
    }
}
