//! `lambdry import` makes state from the output of `aws lambda`, and `lambdry export` writes such output from a state.
//! Both can also use an archive, which is a whole state in one file.
//!
//! `read` splits the sources, `documents` recognises answers by their shape, and `trail` recognises CloudTrail's
//! events. `assemble` makes resources from the answers or reports the missing facts, and `past` makes journals from the
//! events. The store takes each resource in one step. Nothing is written before everything has been checked.

mod assemble;
mod documents;
mod export;
mod import;
mod layers;
mod mappings;
mod mask;
mod past;
mod policies;
mod read;
mod trail;

pub(super) use export::{ABOUT as EXPORT, options as export_options, run as export};
pub(super) use import::{ABOUT as IMPORT, options as import_options, run as import};

/// The script that `lambdry generate snapshot` prints.
pub(super) const SNAPSHOT: &str = include_str!("snapshot.sh");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::SNAPSHOT;

    /// `get-function` → `GetFunction`
    fn named(command: &str) -> String {
        let words = command.split('-').map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
        });
        words.collect()
    }

    #[test]
    fn the_snapshot_calls_nothing_that_its_policy_leaves_out_and_the_policy_allows_nothing_more() {
        let comments = SNAPSHOT
            .lines()
            .filter_map(|line| line.strip_prefix("#   "));
        let policy: String = comments
            .skip_while(|line| *line != "{")
            .take_while(|line| line.starts_with([' ', '{', '}']))
            .collect();
        let policy: Value = serde_json::from_str(&policy).expect("a policy");
        let allowed = policy["Statement"][0]["Action"]
            .as_array()
            .expect("actions");
        let allowed: BTreeSet<&str> = allowed.iter().filter_map(Value::as_str).collect();
        let code = SNAPSHOT.lines().filter(|line| !line.starts_with('#'));
        let code = code.collect::<Vec<_>>().join("\n");
        let mut called = BTreeSet::new();
        for (before, service) in [
            ("aws lambda ", "lambda"),
            ("aws cloudtrail ", "cloudtrail"),
            (".json\" ", "lambda"),
        ] {
            for (at, _) in code.match_indices(before) {
                let rest = &code[at + before.len()..];
                let command = rest.split_whitespace().next().unwrap_or_default();
                if command.starts_with(|letter: char| letter.is_ascii_lowercase()) {
                    called.insert(format!("{service}:{}", named(command)));
                }
            }
        }
        assert!(called.len() > 10, "{called:?}");
        let called: BTreeSet<&str> = called.iter().map(String::as_str).collect();
        assert_eq!(called.difference(&allowed).count(), 0, "{called:?}");
        // GetFunction itself needs these permissions.
        let more: Vec<&&str> = allowed.difference(&called).collect();
        assert_eq!(more, [&"lambda:ListTags"]);
        for action in allowed {
            let (_, operation) = action.split_once(':').expect("a service");
            assert!(
                ["Get", "List", "Lookup"]
                    .iter()
                    .any(|read| operation.starts_with(read)),
                "{action}"
            );
        }
    }
}
