//! The remedy for a program that calls AWS over HTTP. It is written in the program's language if the language is known.

use crate::tool::rehearse::calls::Call;

/// The SDK's form of a wait, if the remedy is a `wait`.
pub(super) fn fix(call: &Call, fix: &str) -> Option<String> {
    let agent = call.http.as_ref()?.agent.as_deref()?;
    let mut words = fix.strip_prefix("aws lambda wait ")?.split(' ');
    let waiter = words.next()?;
    let rest: Vec<&str> = words.collect();
    let (name, qualifier) = match rest[..] {
        ["--function-name", name] => (name, None),
        ["--function-name", name, "--qualifier", version] => (name, Some(version)),
        _ => return None,
    };
    let agent = agent.to_ascii_lowercase();
    if agent.starts_with("boto") {
        let more = qualifier
            .map(|it| format!(", Qualifier=\"{it}\""))
            .unwrap_or_default();
        let waiter = waiter.replace('-', "_");
        return Some(format!(
            "client.get_waiter(\"{waiter}\").wait(FunctionName=\"{name}\"{more})"
        ));
    }
    if agent.starts_with("aws-sdk-js/") {
        let more = qualifier
            .map(|it| format!(", Qualifier: \"{it}\""))
            .unwrap_or_default();
        let pascal: String = waiter
            .split('-')
            .map(|word| {
                let (first, rest) = word.split_at(1.min(word.len()));
                first.to_ascii_uppercase() + rest
            })
            .collect();
        return Some(format!(
            "await waitUntil{pascal}({{ client, maxWaitTime: 300 }}, {{ FunctionName: \"{name}\"{more} }})"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wait_is_told_in_the_language_of_the_program() {
        let told = |agent: Option<&str>, text: &str| {
            let mut call = json!({
                "Began": "2026-11-22T12:00:00Z", "Took": 1, "Pid": 7, "Cwd": "/", "Program": "python3", "Words": [],
                "Answered": "Simulated", "Code": 0,
            });
            if let Some(agent) = agent {
                call["Http"] =
                    json!({ "Service": "lambda", "Operation": "PublishVersion", "Agent": agent });
            }
            fix(&serde_json::from_value(call).expect("a call"), text)
        };
        let wait = "aws lambda wait function-updated-v2 --function-name pay";
        assert_eq!(
            told(Some("Boto3/1.40"), wait).as_deref(),
            Some("client.get_waiter(\"function_updated_v2\").wait(FunctionName=\"pay\")")
        );
        let published =
            "aws lambda wait published-version-active --function-name pay --qualifier 2";
        assert_eq!(
            told(Some("aws-sdk-js/3.1164.0"), published).as_deref(),
            Some(
                "await waitUntilPublishedVersionActive({ client, maxWaitTime: 300 }, { FunctionName: \"pay\", Qualifier: \"2\" })"
            )
        );
        assert_eq!(told(Some("aws-sdk-go-v2/1"), wait), None);
        assert_eq!(told(None, wait), None);
        assert_eq!(told(Some("Boto3/1.40"), "something else"), None);
    }
}
