//! `aws-vault exec`, `saml2aws exec`, `chamber exec`: programs that fetch keys and run a command with them. In a
//! rehearsal no key is fetched. Only the command after these programs' options runs, with the profile that the line
//! names.

use std::{
    io::{self, Write as _},
    os::unix::process::CommandExt as _,
    process::Command,
};

use super::calls::{Answered, Recorder};
use crate::face::{End, exit::Stop, world::Process};
use crate::state::plain::plain;

/// The names by which these programs are called.
pub(crate) const NAMES: &[&str] = &["aws-vault", "saml2aws", "chamber"];

/// The options of these programs whose value is the next word. That word is not the profile.
const TAKES_ONE: [&str; 30] = [
    "-d",
    "--duration",
    "--region",
    "--backend",
    "--prompt",
    "-t",
    "--mfa-token",
    "--mfa-serial",
    "--config",
    "-a",
    "--idp-account",
    "--exec-profile",
    "-p",
    "--profile",
    "--role",
    "--username",
    "--password",
    "--url",
    "--credentials-file",
    "--cache-file",
    "--mfa",
    "--provider",
    "-b",
    "-r",
    "--retries",
    "--min-throttle-delay",
    "--backend-s3-bucket",
    "--kms-key-alias",
    "--session-duration",
    "--ec2-server",
];

/// The things that a line of such a program can ask for.
#[derive(Debug, PartialEq, Eq)]
enum Asked<'a> {
    /// Run a command, with a profile and a region if the line names these.
    Run {
        profile: Option<&'a str>,
        region: Option<&'a str>,
        command: &'a [String],
    },
    /// Fetch or delete keys. In a rehearsal there are no keys, so nothing is done.
    Nothing,
    /// Something else.
    Other,
}

/// Runs a line. This process becomes the command; it returns only if there is no command, or if the command cannot be
/// run.
pub(crate) fn run(process: &Process, recorder: &Recorder) -> u8 {
    let name = process.program.as_str();
    let words: Vec<String> = process
        .args
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let shell = || process.var("SHELL").unwrap_or("/bin/sh").to_owned();
    let tell = |answered: Answered, code: u8, stop: Option<Stop>| {
        if let Some(Stop::Other(text)) = &stop {
            // If stderr is gone, there is nobody to inform.
            let _ = writeln!(io::stderr(), "{name}: {text}");
        }
        let end = End {
            code,
            stop: stop.as_ref(),
            output: None,
            query: None,
        };
        recorder.end(process, answered, &end);
        code
    };
    match asked(name, &words) {
        Asked::Nothing => tell(Answered::Stub, 0, None),
        Asked::Other => {
            let text =
                "a rehearsal has no keys to show or to store; exec runs its command without keys"
                    .to_owned();
            tell(Answered::Guarded, 255, Some(Stop::Other(text)))
        }
        Asked::Run {
            profile,
            region,
            command,
        } => {
            let own = [shell()];
            let (program, rest) = command.split_first().unwrap_or_else(|| (&own[0], &[]));
            let mut command = Command::new(program);
            command.args(rest).env_clear().envs(&process.env);
            if let Some(profile) = profile {
                command.env("AWS_PROFILE", profile);
                command.env("AWS_VAULT", profile);
            }
            if let Some(region) = region {
                command.env("AWS_REGION", region);
                command.env("AWS_DEFAULT_REGION", region);
            }
            tell(Answered::Allowed, 0, None);
            let error = command.exec();
            let _ = writeln!(
                io::stderr(),
                "{name}: cannot run {program}: {}",
                plain(&error)
            );
            if error.kind() == io::ErrorKind::NotFound {
                127
            } else {
                126
            }
        }
    }
}

fn asked<'a>(name: &str, words: &'a [String]) -> Asked<'a> {
    let (mut profile, mut region) = (None, None);
    let mut plain: Vec<&str> = Vec::new();
    let mut at = 0;
    let mut command: &[String] = &[];
    while let Some(word) = words.get(at) {
        at += 1;
        if word == "--" {
            command = &words[at..];
            break;
        }
        // Without `--`, the command is everything after the profile.
        if !word.starts_with('-') {
            let has_its_own = name == "aws-vault" && plain.len() == 2;
            if plain.first() == Some(&"exec")
                && (has_its_own || (name == "saml2aws" && plain.len() == 1))
            {
                command = &words[at - 1..];
                break;
            }
            plain.push(word);
            continue;
        }
        let (option, value) = match word.split_once('=') {
            Some((option, value)) => (option, Some(value)),
            None if TAKES_ONE.contains(&word.as_str()) => {
                at += 1;
                (word.as_str(), words.get(at - 1).map(String::as_str))
            }
            None => (word.as_str(), None),
        };
        match option {
            "--region" => region = value,
            "--exec-profile" => profile = value,
            "-p" | "--profile" if name == "saml2aws" && profile.is_none() => profile = value,
            _ => {}
        }
    }
    match plain.first().copied() {
        Some("exec") => {
            if name == "aws-vault" {
                profile = plain.get(1).copied();
            }
            Asked::Run {
                profile,
                region,
                command,
            }
        }
        Some("login" | "logout" | "clear" | "rotate") => Asked::Nothing,
        _ => Asked::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(line: &str) -> (String, Vec<String>) {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let (name, words) = words.split_first().unwrap();
        match asked(name, words) {
            Asked::Run {
                profile,
                region,
                command,
            } => (
                format!("{}@{}", profile.unwrap_or("-"), region.unwrap_or("-")),
                command.to_vec(),
            ),
            other => (format!("{other:?}"), Vec::new()),
        }
    }

    #[test]
    fn finds_the_command_and_its_profile() {
        for (line, who, command) in [
            (
                "aws-vault exec prod -- ./deploy.sh x",
                "prod@-",
                "./deploy.sh x",
            ),
            (
                "aws-vault exec -d 1h --region=eu-west-1 --no-session prod -- aws x",
                "prod@eu-west-1",
                "aws x",
            ),
            (
                "aws-vault exec prod aws lambda list-functions",
                "prod@-",
                "aws lambda list-functions",
            ),
            (
                "saml2aws exec --exec-profile prod -- aws x",
                "prod@-",
                "aws x",
            ),
            ("saml2aws -a acme exec aws x", "-@-", "aws x"),
            (
                "chamber exec app/prod other -- npm run deploy",
                "-@-",
                "npm run deploy",
            ),
            ("saml2aws login --skip-prompt", "Nothing", ""),
            ("aws-vault export prod", "Other", ""),
        ] {
            let (found, words) = reads(line);
            assert_eq!(
                (found.as_str(), words.join(" ").as_str()),
                (who, command),
                "{line}"
            );
        }
    }
}
