//! Exit codes, variables and files, each with its meaning.

/// The exit codes of a line, for every page of a call.
pub(super) const EXITS: &[(&str, &str)] = &[
    ("0", "Done."),
    (
        "252",
        "The line does not parse, or a value is not what it should be; nothing was called.",
    ),
    ("253", "A setting is missing or makes no sense."),
    ("254", "The service answered with an error."),
    (
        "255",
        "Anything else: a waiter that gave up, a state directory that cannot be read, a service that is not simulated.",
    ),
    ("130", "Interrupted."),
];

pub(super) const VARIABLES: &[(&str, &str)] = &[
    (
        "LAMBDRY_STATE_DIR",
        "The state directory; --state-dir wins. Without either it is the platform's data directory.",
    ),
    (
        "LAMBDRY_ACCOUNT_ID",
        "The account, twelve digits; 123456789012 when not set.",
    ),
    (
        "LAMBDRY_SETTLE",
        "How long a create or an update takes: seconds, or 2s, 500ms; --settle wins. When not set 0, and 2 s for a binary called aws.",
    ),
    (
        "LAMBDRY_PUBLISH_RULE",
        "When a publish makes a version: update (when not set), after every update, as was measured; content, only where code or configuration differ, as AWS's page says.",
    ),
    (
        "LAMBDRY_NOW",
        "Freezes time at that moment, as 2026-11-22T12:00:00Z: then only wait completes a change. Or names a file that holds such a moment; each aws command then moves it on by a minute.",
    ),
    (
        "LAMBDRY_SEED",
        "Makes every id a function of this text, the resource and its change counter.",
    ),
    (
        "LAMBDRY_HINTS",
        "0 silences the hints on stderr; 1 asks for them in a binary called aws.",
    ),
    (
        "LAMBDRY_EXPLAIN",
        "1 says on stderr what each call did and why, in a binary called aws as well; as --explain does.",
    ),
    (
        "LAMBDRY_LOCK_TIMEOUT",
        "How many seconds a busy lock is waited for; 60 when not set.",
    ),
    (
        "LAMBDRY_TOTAL_CODE_SIZE",
        "How many bytes of code the account may hold, whatever account.json says.",
    ),
    (
        "LAMBDRY_FAULTS",
        "A fault plan, as PublishVersion#2=TooManyRequestsException: the second call of PublishVersion is answered with that error.",
    ),
    (
        "LAMBDRY_CALLS",
        "A file that a line of JSON is appended to for every command, secrets masked; a rehearsal sets it.",
    ),
    (
        "LAMBDRY_STUBS",
        "Files of stubs, with colons between; asked before stubs in the state directory. See STUBS.",
    ),
    (
        "LAMBDRY_REHEARSAL",
        "The folder of the rehearsal under way; set by lambdry rehearse.",
    ),
    (
        "LAMBDRY_INVOKE",
        "A shell command that answers when a function is invoked: the event on stdin, the code in its folder, the answer on stdout.",
    ),
    (
        "AWS_REGION, AWS_DEFAULT_REGION",
        "The region when --region is not given; then the profile's, then us-east-1.",
    ),
    (
        "AWS_PROFILE, AWS_DEFAULT_PROFILE",
        "The profile when --profile is not given.",
    ),
    (
        "AWS_CONFIG_FILE",
        "The config file instead of ~/.aws/config. The credentials file is never opened.",
    ),
    (
        "AWS_DEFAULT_OUTPUT",
        "The form of the answer when --output is not given.",
    ),
    (
        "AWS_CLI_ERROR_FORMAT",
        "The form of errors when --cli-error-format is not given.",
    ),
    (
        "AWS_MAX_ATTEMPTS, AWS_RETRY_MODE",
        "What the text of a retryable error says of retries.",
    ),
];

pub(super) const FILES: &[(&str, &str)] = &[
    (
        "FORMAT",
        "The number of the layout; a newer one is refused.",
    ),
    (
        "ACCOUNT/REGION/functions/NAME/function.json",
        "A function: $LATEST, its aliases, tags and counters.",
    ),
    (
        "ACCOUNT/REGION/functions/NAME/versions/N.json",
        "A published version, frozen.",
    ),
    (
        "ACCOUNT/REGION/functions/NAME/journal.jsonl",
        "One line a change.",
    ),
    (
        "ACCOUNT/REGION/account.json",
        "The account's limits, yours to edit.",
    ),
    (
        "ACCOUNT/REGION/ecr.json, ACCOUNT/iam.json",
        "Repositories and roles.",
    ),
    ("packages/sha256/", "Code, by its digest."),
    (
        "s3/BUCKET/KEY",
        "Objects, which aws s3 writes and --s3-bucket, --s3-key read; yours to fill.",
    ),
    (
        "aws/config",
        "Settings that win over those of ~/.aws/config.",
    ),
    ("faults", "A fault plan, as LAMBDRY_FAULTS."),
    ("stubs", "Answers of your own to commands. See STUBS."),
    (
        "invoke",
        "A command that answers for functions, as LAMBDRY_INVOKE.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_of_ours_is_named() {
        let source = include_str!("../backend.rs");
        let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
        for (at, _) in source.match_indices("LAMBDRY_") {
            let name: String = source[at..].chars().take_while(|c| is_name(*c)).collect();
            // Only debug builds have this variable.
            let named =
                name == "LAMBDRY_STEPS" || VARIABLES.iter().any(|(known, _)| *known == name);
            assert!(named, "{name}");
        }
    }
}
