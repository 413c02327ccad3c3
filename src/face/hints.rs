//! Hints for lines that newcomers write. A hint is printed after the message of `aws`. The message itself stays
//! unchanged.

use super::{exit::Stop, nearest::nearest, world::Process};
use crate::operation::ec2::describe_regions::{is_region, regions};

/// The greatest number of functions that a hint names.
const NAMED: usize = 5;

/// The hint for an error that does not carry a hint.
pub(crate) fn of(stop: &Stop, process: &Process) -> Option<String> {
    match stop {
        Stop::Configuration("NoRegion", _) => {
            Some("export AWS_REGION=us-east-1, or with the region of your functions".to_owned())
        }
        Stop::Other(message) => region(message).or_else(|| payload(message, process)),
        Stop::Invalid(message) => {
            let empty = message.contains("Invalid length for parameter Qualifier, value: 0");
            empty.then(|| QUOTE.to_owned())
        }
        _ => None,
    }
}

/// The hint for a line that does not parse.
pub(crate) fn of_usage(text: &str) -> Option<String> {
    let alone = text.starts_with("argument --qualifier: expected one argument")
        || text.starts_with("argument --function-version: expected one argument");
    alone.then(|| QUOTE.to_owned())
}

/// The hint for `$LATEST` that the shell expanded as a variable.
pub(crate) const QUOTE: &str = "quote $LATEST, or the shell takes it for a variable: '$LATEST'";

/// The unknown command that an error message names; `None` if the message is about something else.
pub(crate) fn unknown_command(text: &str, process: &Process) -> Option<String> {
    if text.starts_with("the following arguments are required: command") {
        let short = ["-V", "-v"];
        let word = process.args.iter().filter_map(|word| word.to_str());
        return word
            .filter(|word| short.contains(word))
            .map(str::to_owned)
            .next();
    }
    ["command", "operation"].iter().find_map(|action| {
        let rest = text.strip_prefix(&format!("argument {action}: Found invalid choice '"))?;
        rest.split_once('\'').map(|(word, _)| word.to_owned())
    })
}

/// The hint with the functions that a line without a function name may refer to.
pub(crate) fn functions(names: &[String]) -> Option<String> {
    let named = names
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect::<Vec<_>>();
    match names.len() {
        0 => None,
        1..=NAMED => Some(format!("functions here: {}", named.join(", "))),
        all => Some(format!(
            "functions here: {} and {} more",
            named.join(", "),
            all - NAMED
        )),
    }
}

/// The hint for a region that does not exist: a zone of a region, or a typing mistake.
fn region(message: &str) -> Option<String> {
    let host = message.strip_prefix("Could not connect to the endpoint URL: \"https://")?;
    let (before, _) = host.split_once(".amazonaws.com")?;
    let (_, word) = before.rsplit_once('.')?;
    let zone = word.strip_suffix(|last: char| last.is_ascii_lowercase());
    if let Some(region) = zone.filter(|region| is_region(region)) {
        return Some(format!("{word} is a zone of the region {region}"));
    }
    let near = nearest(word, regions());
    Some(match near.first() {
        Some(near) => format!("region {word} does not exist; perhaps {near}"),
        None => format!("region {word} does not exist"),
    })
}

/// The hint for JSON that was given where base64 is expected.
fn payload(message: &str, process: &Process) -> Option<String> {
    let json = process.args.iter().any(|word| {
        let word = word.to_string_lossy();
        word.starts_with(['{', '['])
            || word.starts_with("--payload={")
            || word.starts_with("--payload=[")
    });
    (json && message.starts_with("Invalid base64")).then(|| {
        "a payload has to be base64; to pass it as plain text, add --cli-binary-format raw-in-base64-out".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_and_a_slip_of_a_region_are_named() {
        let hint = |region: &str| {
            let message = format!(
                "Could not connect to the endpoint URL: \"https://lambda.{region}.amazonaws.com/2015-03-31/functions\""
            );
            of(&Stop::Other(message), &Process::default())
        };
        assert_eq!(
            hint("us-east-1d").as_deref(),
            Some("us-east-1d is a zone of the region us-east-1")
        );
        assert_eq!(
            hint("eu-wset-1").as_deref(),
            Some("region eu-wset-1 does not exist; perhaps eu-west-1")
        );
        assert_eq!(
            of(&Stop::Other("else".to_owned()), &Process::default()),
            None
        );
    }

    #[test]
    fn some_functions_are_named_and_the_others_counted() {
        let names: Vec<String> = (1..=7).map(|n| format!("f{n}")).collect();
        assert_eq!(functions(&[]), None);
        assert_eq!(
            functions(&names[..2]).as_deref(),
            Some("functions here: f1, f2")
        );
        assert_eq!(
            functions(&names).as_deref(),
            Some("functions here: f1, f2, f3, f4, f5 and 2 more")
        );
    }
}
