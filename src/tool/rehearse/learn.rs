//! `--learn`: writes the file of stubs that a script needs, from a run in which every refused command succeeded
//! silently. The author has to edit the answers, because only the author knows which parts of an answer the script
//! reads.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs::OpenOptions,
    io::{self, Write as _},
    iter,
    path::Path,
};

use super::{
    calls::{Answered, Call},
    evidence::command_of,
    guard, secrets,
};
use crate::tool::MASK;

/// The answers to commands that read. Each comes with the words of the command. `NAME` stands for the name in the
/// command.
const ANSWERS: &[(&str, &str)] = &[
    ("apigateway create-deployment", r#"{"id": "changeme"}"#),
    (
        "apigateway get-rest-apis",
        r#"{"items": [{"id": "changeme", "name": "CHANGE-ME"}]}"#,
    ),
    (
        "cloudformation describe-stack-resource",
        r#"{"StackResourceDetail": {"StackName": "NAME", "PhysicalResourceId": "CHANGE-ME", "ResourceStatus": "CREATE_COMPLETE"}}"#,
    ),
    (
        "cloudformation describe-stack-resources",
        r#"{"StackResources": [{"StackName": "NAME", "LogicalResourceId": "CHANGE-ME", "PhysicalResourceId": "CHANGE-ME"}]}"#,
    ),
    (
        "cloudformation describe-stacks",
        r#"{"Stacks": [{"StackName": "NAME", "StackStatus": "CREATE_COMPLETE", "Outputs": [{"OutputKey": "CHANGE-ME", "OutputValue": "CHANGE-ME"}]}]}"#,
    ),
    (
        "cloudformation list-stack-resources",
        r#"{"StackResourceSummaries": [{"LogicalResourceId": "CHANGE-ME", "PhysicalResourceId": "CHANGE-ME"}]}"#,
    ),
    (
        "cloudfront create-invalidation",
        r#"{"Invalidation": {"Id": "ICHANGEME", "Status": "InProgress"}}"#,
    ),
    (
        "cloudfront get-distribution",
        r#"{"ETag": "ECHANGEME", "Distribution": {"Id": "NAME", "Status": "Deployed"}}"#,
    ),
    (
        "cloudfront get-distribution-config",
        r#"{"ETag": "ECHANGEME", "DistributionConfig": {}}"#,
    ),
    (
        "cloudwatch describe-alarms",
        r#"{"MetricAlarms": [{"AlarmName": "CHANGE-ME", "StateValue": "OK"}]}"#,
    ),
    ("cloudwatch get-metric-statistics", r#"{"Datapoints": []}"#),
    (
        "deploy create-deployment",
        r#"{"deploymentId": "d-CHANGEME"}"#,
    ),
    (
        "deploy get-deployment",
        r#"{"deploymentInfo": {"deploymentId": "NAME", "status": "Succeeded"}}"#,
    ),
    ("dynamodb get-item", r#"{"Item": {}}"#),
    (
        "secretsmanager get-secret-value",
        r#"{"Name": "NAME", "SecretString": "CHANGE-ME"}"#,
    ),
    ("sns publish", r#"{"MessageId": "CHANGE-ME"}"#),
    (
        "sqs get-queue-url",
        r#"{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/NAME"}"#,
    ),
    (
        "ssm get-parameter",
        r#"{"Parameter": {"Name": "NAME", "Type": "String", "Value": "CHANGE-ME"}}"#,
    ),
    (
        "ssm get-parameters",
        r#"{"Parameters": [{"Name": "CHANGE-ME", "Value": "CHANGE-ME"}], "InvalidParameters": []}"#,
    ),
    (
        "ssm get-parameters-by-path",
        r#"{"Parameters": [{"Name": "CHANGE-ME", "Value": "CHANGE-ME"}]}"#,
    ),
    (
        "stepfunctions start-execution",
        r#"{"executionArn": "CHANGE-ME"}"#,
    ),
];

const HEAD: &str = "\
# Commands that the rehearsal did not answer. The indented lines below a command are
# its output. A command without them succeeds and prints nothing; => 1 after a command
# sets its exit code. JSON goes through the command's --query and --output. Edit the
# values that your script reads.
";

/// The options before a service whose value is the next word.
const GLOBALS: [&str; 10] = [
    "--region",
    "--profile",
    "--output",
    "--query",
    "--endpoint-url",
    "--color",
    "--ca-bundle",
    "--cli-read-timeout",
    "--cli-connect-timeout",
    "--cli-binary-format",
];

/// Writes the stubs that the calls of a run need. They are written to stdout, or added to the end of a file.
///
/// # Errors
/// When the output cannot be written.
pub(crate) fn write(
    calls: &[Call],
    file: Option<&Path>,
    stdout: &mut dyn io::Write,
) -> io::Result<()> {
    let stubs = stubs(calls);
    let Some(path) = file else {
        return stdout.write_all(stubs.as_bytes());
    };
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let begins = file.metadata()?.len() == 0;
    let text = match stubs.strip_prefix(HEAD) {
        Some(rest) if !begins => rest,
        _ => stubs.as_str(),
    };
    file.write_all(text.as_bytes())
}

/// The stubs that the calls of a run need, one stub for each command, in the order of the calls.
fn stubs(calls: &[Call]) -> String {
    let mut text = HEAD.to_owned();
    let mut seen = BTreeSet::new();
    for call in calls {
        // A session does not know that it will be used to learn stubs. So in a session, a refused command has failed.
        let stopped = call.stopped.as_ref();
        let refused = matches!(call.answered, Answered::Learned | Answered::Guarded)
            || stopped.is_some_and(|stopped| stopped.kind == "NotSimulated");
        if !refused {
            continue;
        }
        // The file is kept and shared, so it must not hold a secret. This is also true if the report may show secrets.
        let is_aws = call.program == "aws" || call.http.is_some();
        let of_http = call.http.as_ref().and_then(|_| command_of(call));
        let words = match (of_http, is_aws) {
            (Some(words), _) => words.into(),
            (None, true) => secrets::of_aws(call.words.clone()),
            (None, false) => call.words.clone(),
        };
        let (pattern, answer) = if is_aws {
            of_aws(&words)
        } else {
            (of_program(&call.program, &words), None)
        };
        if pattern.is_empty() || !seen.insert(pattern.clone()) {
            continue;
        }
        let place = call.place.as_ref().map_or_else(String::new, |place| {
            let file = place.file.file_name().unwrap_or_default().to_string_lossy();
            format!("{file}:{}: ", place.line)
        });
        let line = match is_aws {
            true => words,
            false => secrets::of_line(iter::once(call.program.clone()).chain(words)).split_off(1),
        };
        let line = format!("{} {}", call.program, line.join(" "));
        // A comment in the file must be on one line.
        let line: String = line.split_whitespace().collect::<Vec<_>>().join(" ");
        // Writing to a String cannot fail.
        let _ = write!(text, "\n# {place}{line}\n{pattern}\n");
        if let Some(answer) = answer {
            let _ = writeln!(text, "    {answer}");
        }
    }
    if seen.is_empty() {
        text.push_str("# lambdry answered every command.\n");
    }
    text
}

/// The answer that the learned stub will give to an `aws` command. The first of the words is the service.
pub(crate) fn answer(words: &[String]) -> Option<serde_json::Value> {
    let (_, answer) = of_aws(words);
    serde_json::from_str(&answer?).ok()
}

/// The pattern for an `aws` command, and the text that the stub prints.
fn of_aws(words: &[String]) -> (String, Option<String>) {
    let mut plain = Vec::new();
    let mut options: Vec<(&str, &str)> = Vec::new();
    let mut left = words.iter().map(String::as_str).peekable();
    while let Some(word) = left.next() {
        if !word.starts_with("--") {
            plain.push(word);
        } else if let Some((name, value)) = word.split_once('=') {
            options.push((name, value));
        } else if let Some(value) = left.next_if(|next| !next.starts_with("--")) {
            // Before the operation, only the options in GLOBALS have a value in the next word.
            if plain.len() < 2 && !GLOBALS.contains(&word) {
                plain.push(value);
            } else {
                options.push((word, value));
            }
        }
    }
    options.retain(|(name, _)| !GLOBALS.contains(name));
    let [service, operation, ..] = plain[..] else {
        return (String::new(), None);
    };
    let command = format!("{service} {operation}");
    // The pattern includes the name in the command, because commands with different names need different answers.
    let about = options.iter().find(|(name, value)| {
        let ends = ["name", "names", "id", "key", "arn", "path"];
        ends.iter().any(|end| name.ends_with(end)) && !value.contains(MASK)
    });
    let answer = ANSWERS.iter().find(|(words, _)| *words == command);
    let reads = [
        "get-",
        "describe-",
        "list-",
        "batch-get-",
        "lookup-",
        "query",
        "scan",
    ];
    let reads = reads.iter().any(|verb| operation.starts_with(verb));
    let name = about.map_or("CHANGE-ME", |(_, value)| value);
    let answer = match answer {
        Some((_, answer)) => Some(answer.replace("NAME", &in_json(name))),
        None => reads.then(|| "{}".to_owned()),
    };
    let pattern = match about {
        Some((option, value)) => format!("{command} * {option} {}", quoted(value)),
        None => command,
    };
    (pattern, answer)
}

/// The pattern of a command that is not `aws`. It contains the words that identify the command, if those are known.
fn of_program(program: &str, words: &[String]) -> String {
    let told = guard::outward(program, words).unwrap_or_default();
    std::iter::once(quoted(program))
        .chain(told.iter().map(|word| quoted(word)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The text as it is written inside a JSON string.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// A word of a pattern. It is quoted so that lambdry later reads the same word.
fn quoted(word: &str) -> String {
    let plain = !word.is_empty()
        && !word.contains(|c: char| c.is_whitespace() || "'\"#<".contains(c))
        && word != "=>";
    if plain {
        word.to_owned()
    } else if word.contains('\'') {
        // A word of a pattern can be in only one kind of quotes. If the word contains both kinds, `*` replaces its
        // double quotes.
        format!("\"{}\"", word.replace('"', "*"))
    } else {
        format!("'{word}'")
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::store::stubs;

    fn call(line: &str, answered: Answered) -> Call {
        let mut words = stubs::words(line).expect("words");
        Call {
            elsewhere: None,
            began: Timestamp::UNIX_EPOCH,
            took: 0,
            pid: 1,
            cwd: "/".into(),
            program: words.remove(0),
            words,
            place: None,
            answered,
            exchanges: Vec::new(),
            output: None,
            query: None,
            code: 0,
            default_region: None,
            stopped: None,
            caller: None,
            attention: None,
            in_trap: false,
            http: None,
        }
    }

    #[test]
    fn a_stub_for_each_command_that_was_not_answered() {
        let calls = [
            call(
                "aws --region eu-west-1 ssm get-parameter --name '/a b' --query Parameter.Value",
                Answered::Learned,
            ),
            call(
                "aws ssm get-parameter --with-decryption --name /c",
                Answered::Learned,
            ),
            call("aws ssm get-parameter --name /c", Answered::Learned),
            call(
                "aws --debug cloudfront create-invalidation --distribution-id E1 --paths '/*'",
                Answered::Learned,
            ),
            call("aws codepipeline list-pipelines", Answered::Learned),
            call("aws lambda list-functions", Answered::Simulated),
            call("git -C x push origin", Answered::Learned),
            call("ssh host uptime", Answered::Guarded),
        ];
        let text = stubs(&calls);
        let told = text.strip_prefix(HEAD).expect("a head");
        assert_eq!(
            told,
            "\n# aws --region eu-west-1 ssm get-parameter --name /a b --query Parameter.Value\n\
             ssm get-parameter * --name '/a b'\n    {\"Parameter\": {\"Name\": \"/a b\", \"Type\": \"String\", \"Value\": \"CHANGE-ME\"}}\n\
             \n# aws ssm get-parameter --with-decryption --name /c\n\
             ssm get-parameter * --name /c\n    {\"Parameter\": {\"Name\": \"/c\", \"Type\": \"String\", \"Value\": \"CHANGE-ME\"}}\n\
             \n# aws --debug cloudfront create-invalidation --distribution-id E1 --paths /*\n\
             cloudfront create-invalidation * --distribution-id E1\n    {\"Invalidation\": {\"Id\": \"ICHANGEME\", \"Status\": \"InProgress\"}}\n\
             \n# aws codepipeline list-pipelines\ncodepipeline list-pipelines\n    {}\n\
             \n# git -C x push origin\ngit push\n\
             \n# ssh host uptime\nssh host\n"
        );
    }

    #[test]
    fn every_answer_is_json_and_every_pattern_means_its_command() {
        for (command, answer) in ANSWERS {
            assert!(
                serde_json::from_str::<serde_json::Value>(answer).is_ok(),
                "{command}"
            );
        }
        for line in [
            "ssm get-parameter --name \"it's\" --x",
            "ssm get-parameter --name=/a#b",
            "--output text events put-rule --name 'a < b'",
        ] {
            let words = stubs::words(line).expect("words");
            let (pattern, _) = of_aws(&words);
            let from = words
                .iter()
                .position(|word| word == "ssm" || word == "events")
                .expect("a service");
            assert!(
                stubs::means(&pattern, &words[from..]).expect("a pattern"),
                "{pattern}"
            );
        }
    }

    #[test]
    fn a_file_keeps_what_it_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("stubs");
        let first = [call("git push", Answered::Learned)];
        let second = [call("helm upgrade a b", Answered::Learned)];
        for calls in [&first, &second] {
            write(calls, Some(&path), &mut io::sink()).expect("a file");
        }
        let text = std::fs::read_to_string(&path).expect("a file");
        assert_eq!(
            text,
            format!("{HEAD}\n# git push\ngit push\n\n# helm upgrade a b\nhelm upgrade\n")
        );
    }
}
