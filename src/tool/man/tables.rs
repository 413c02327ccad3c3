//! Exit codes, variables and files, each with its meaning.

/// The exit codes of a command line. The page of every operation lists them.
pub(super) const EXITS: &[(&str, &str)] = &[
    ("0", "Done."),
    (
        "252",
        "The command line is wrong, or a value is not allowed. No service was called.",
    ),
    ("253", "A setting is missing or wrong."),
    ("254", "The service answered with an error."),
    (
        "255",
        "Any other error: a waiter gave up, the state directory is not readable, or a service is not simulated.",
    ),
    ("130", "Interrupted."),
];

pub(super) const VARIABLES: &[(&str, &str)] = &[
    (
        "LAMBDRY_STATE_DIR",
        "The state directory. --state-dir overrides it. The default is the platform's data directory.",
    ),
    (
        "LAMBDRY_ACCOUNT_ID",
        "The account ID, 12 digits. The default is 123456789012.",
    ),
    (
        "LAMBDRY_SETTLE",
        "The time that a create or an update takes: a number of seconds, or for example 2s or 500ms. --settle \
         overrides it. The default is 0, and 2 s for a binary called aws.",
    ),
    (
        "LAMBDRY_PUBLISH_RULE",
        "When a publish makes a version. update (the default): after every update, as measured on AWS. content: only \
         if code or configuration differ, as AWS's page says.",
    ),
    (
        "LAMBDRY_NOW",
        "Freezes time at this moment, for example 2026-11-22T12:00:00Z; then only wait completes a change. Or the \
         path of a file with such a moment: each aws command then moves it on by 1 minute.",
    ),
    (
        "LAMBDRY_SEED",
        "A text for repeatable ids: each id depends only on this text, the resource and its change counter.",
    ),
    (
        "LAMBDRY_HINTS",
        "0 turns off the hints on stderr. 1 turns them on in a binary called aws.",
    ),
    (
        "LAMBDRY_EXPLAIN",
        "1 explains on stderr what each call did and why, also in a binary called aws. The same as --explain.",
    ),
    (
        "LAMBDRY_LOCK_TIMEOUT",
        "The number of seconds to wait for a busy lock. The default is 60.",
    ),
    (
        "LAMBDRY_TOTAL_CODE_SIZE",
        "The number of bytes of code that the account may hold. Overrides account.json.",
    ),
    (
        "LAMBDRY_FAULTS",
        "A fault plan. Example: PublishVersion#2=TooManyRequestsException answers the second call of PublishVersion \
         with that error.",
    ),
    (
        "LAMBDRY_CALLS",
        "A file for a call log: each command appends one line of JSON, with secrets masked. A rehearsal sets it.",
    ),
    (
        "LAMBDRY_STUBS",
        "Files of stubs, with colons between them. They come before the file stubs in the state directory. See \
         STUBS.",
    ),
    (
        "LAMBDRY_REHEARSAL",
        "The folder of the current rehearsal. lambdry rehearse sets it.",
    ),
    (
        "LAMBDRY_INVOKE",
        "A shell command that answers invocations. It gets the event on stdin, runs in the folder of the code, and \
         prints the answer to stdout.",
    ),
    (
        "AWS_REGION, AWS_DEFAULT_REGION",
        "The region if --region is not given. After them come the profile's region and us-east-1.",
    ),
    (
        "AWS_PROFILE, AWS_DEFAULT_PROFILE",
        "The profile if --profile is not given.",
    ),
    (
        "AWS_CONFIG_FILE",
        "The config file, instead of ~/.aws/config. The credentials file is never opened.",
    ),
    (
        "AWS_DEFAULT_OUTPUT",
        "The output format if --output is not given.",
    ),
    (
        "AWS_CLI_ERROR_FORMAT",
        "The format of errors if --cli-error-format is not given.",
    ),
    (
        "AWS_MAX_ATTEMPTS, AWS_RETRY_MODE",
        "They change only the text of an error: its words about retries.",
    ),
];

pub(super) const FILES: &[(&str, &str)] = &[
    (
        "FORMAT",
        "The version number of the directory's layout. lambdry refuses a newer one.",
    ),
    (
        "ACCOUNT/REGION/functions/NAME/function.json",
        "A function: $LATEST, aliases, tags and counters.",
    ),
    (
        "ACCOUNT/REGION/functions/NAME/versions/N.json",
        "A published version. It never changes.",
    ),
    (
        "ACCOUNT/REGION/functions/NAME/journal.jsonl",
        "The journal: one line for each change.",
    ),
    (
        "ACCOUNT/REGION/account.json",
        "The limits of the account. You may edit them.",
    ),
    (
        "ACCOUNT/REGION/ecr.json, ACCOUNT/iam.json",
        "Repositories and roles.",
    ),
    ("packages/sha256/", "Code. The name is its SHA-256."),
    (
        "s3/BUCKET/KEY",
        "Objects. aws s3 writes them, --s3-bucket and --s3-key read them. You may add files.",
    ),
    (
        "aws/config",
        "Settings that override those of ~/.aws/config.",
    ),
    ("faults", "A fault plan, like LAMBDRY_FAULTS."),
    ("stubs", "Your own answers to commands. See STUBS."),
    (
        "invoke",
        "A command that answers invocations, like LAMBDRY_INVOKE.",
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
