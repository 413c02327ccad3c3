//! `env`: keeps the rehearsal's variables if a script clears a program's environment. Without them, `aws` would still
//! find the rehearsal through its link, but an SDK would find the user's own keys and the endpoints of AWS.

use std::ffi::OsString;

use super::super::{network::variables, stage::Rehearsal};

/// Options whose value is the next word.
const TAKES_ONE: [&str; 4] = ["-u", "--unset", "-C", "--chdir"];

/// The new words for an `env` that clears the environment or unsets an AWS variable. They contain the rehearsal's
/// variables, before the line's own assignments. `None` for any other `env`.
pub(super) fn kept(words: &[String], rehearsal: &Rehearsal) -> Option<Vec<OsString>> {
    let (mut at, mut clears, mut unsets) = (0, false, false);
    while let Some(word) = words.get(at) {
        let is_ours = |name: &str| name.starts_with("AWS_") || name.starts_with("LAMBDRY_");
        match word.as_str() {
            "--" => {
                at += 1;
                break;
            }
            "-" | "--ignore-environment" => clears = true,
            // env itself splits the words of this option.
            "-S" | "--split-string" => return None,
            option if TAKES_ONE.contains(&option) => {
                at += 1;
                unsets |= words.get(at).is_some_and(|name| is_ours(name));
            }
            option if option.starts_with("--") => {
                unsets |= option.strip_prefix("--unset=").is_some_and(is_ours);
            }
            option if option.starts_with('-') && option.len() > 1 => {
                // `-i0`, `-uNAME`
                clears |= option.contains('i') && !option.starts_with("-u");
                unsets |= option.strip_prefix("-u").is_some_and(is_ours);
            }
            _ => break,
        }
        at += 1;
    }
    if !clears && !unsets {
        return None;
    }
    let (options, rest) = words.split_at(at.min(words.len()));
    let variables = rehearsal.environment.iter();
    let mut added: Vec<String> = variables
        .filter(|(name, _)| {
            let is_ours = name.starts_with("AWS_") || name.starts_with("LAMBDRY_");
            is_ours || variables::is_one(name)
        })
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let assignments = rest.iter().take_while(|word| word.contains('='));
    let sets_path = assignments.clone().any(|word| word.starts_with("PATH="));
    if let Some(stage) = rehearsal.calls.parent().filter(|_| clears && !sets_path) {
        // Without a PATH, env searches these folders. So the stage's folder must come before them.
        added.push(format!(
            "PATH={}:/usr/bin:/bin",
            stage.join("bin").display()
        ));
    }
    let words = options.iter().chain(&added).chain(rest);
    Some(words.map(OsString::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_back(line: &str) -> Option<String> {
        let rehearsal = Rehearsal {
            calls: "/stage/calls.jsonl".into(),
            environment: [
                ("AWS_ENDPOINT_URL", "http://here"),
                ("HOME", "/x"),
                ("https_proxy", "p"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
            ..Rehearsal::default()
        };
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let kept = kept(&words, &rehearsal)?;
        let words: Vec<String> = kept
            .iter()
            .map(|it| it.to_string_lossy().into_owned())
            .collect();
        Some(words.join(" "))
    }

    #[test]
    fn a_cleared_environment_has_what_is_the_rehearsal_s() {
        for (line, kept) in [
            (
                "-i A=b python3 x.py",
                "-i AWS_ENDPOINT_URL=http://here https_proxy=p PATH=/stage/bin:/usr/bin:/bin A=b python3 x.py",
            ),
            (
                "-i PATH=/bin python3 x.py",
                "-i AWS_ENDPOINT_URL=http://here https_proxy=p PATH=/bin python3 x.py",
            ),
            (
                "- python3",
                "- AWS_ENDPOINT_URL=http://here https_proxy=p PATH=/stage/bin:/usr/bin:/bin python3",
            ),
            (
                "-u AWS_ENDPOINT_URL python3 -i",
                "-u AWS_ENDPOINT_URL AWS_ENDPOINT_URL=http://here https_proxy=p python3 -i",
            ),
            (
                "-uAWS_ACCESS_KEY_ID x",
                "-uAWS_ACCESS_KEY_ID AWS_ENDPOINT_URL=http://here https_proxy=p x",
            ),
            (
                "-C / --ignore-environment -- x",
                "-C / --ignore-environment -- AWS_ENDPOINT_URL=http://here https_proxy=p PATH=/stage/bin:/usr/bin:/bin x",
            ),
        ] {
            assert_eq!(put_back(line).as_deref(), Some(kept), "{line}");
        }
    }

    #[test]
    fn any_other_is_left_as_it_is() {
        for line in [
            "",
            "python3 -i x.py",
            "A=b python3",
            "-u HOME x",
            "-S python3",
            "-0",
            "-C /i x",
        ] {
            assert_eq!(put_back(line), None, "{line}");
        }
    }
}
