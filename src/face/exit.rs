//! The errors that end a command line: the text on stderr and the exit code.
//!
//! [`Stop`] has one variant for each class of error that aws-cli 2.36.7 distinguishes. One match decides the exit code,
//! and one function writes the frame: a blank line, `aws: [ERROR]: `, the message, and, for an error of a service, its
//! details. Seen in runs of aws-cli 2.36.7.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::python;
use crate::output::shown;
use crate::state::error::ServiceError;
use crate::state::plain::plain;
use crate::store::StoreError;

/// The error that ends a command line.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// The options cannot be parsed. The message is printed with the usage block. Exit code 252.
    Usage(String),
    /// Words that no option took, in the order in which the command lists them. Exit code 252.
    Unknown(Vec<String>),
    /// A value that is not valid. Exit code 252.
    Invalid(String),
    /// A missing setting: the name of the error, such as `NoRegion`, and its text. Exit code 253.
    Configuration(&'static str, String),
    /// An error of the service, with the CamelCase name of the operation. Exit code 254.
    Service(&'static str, Box<ServiceError>),
    /// Any error that is not one of the others. Exit code 255.
    Other(String),
    /// An error of the state directory, and a hint. Exit code 255.
    Store(String, Option<String>),
    /// A feature of AWS that is not simulated, and an alternative. Exit code 255.
    NotSimulated(String, String),
    /// A command of AWS for which lambdry has no answer: `ssm get-parameter`. Exit code 255.
    Unanswered(String),
    /// Nobody reads stdout any more. This counts as success and prints no message.
    PipeClosed,
}

/// The hint for a command for which lambdry has no answer.
const UNANSWERED: &str = "nothing was changed, and nothing left this machine. To answer the command, add a line to \
    the file stubs in the state directory.";

impl Stop {
    /// The exit code for this error.
    pub fn code(&self) -> u8 {
        match self {
            Self::PipeClosed => 0,
            Self::Usage(_) | Self::Unknown(_) | Self::Invalid(_) => 252,
            Self::Configuration(..) => 253,
            Self::Service(..) => 254,
            Self::Other(_) | Self::Store(..) | Self::NotSimulated(..) | Self::Unanswered(_) => 255,
        }
    }

    /// The hint of the error, printed apart from the message.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Service(_, error) => error.hint.as_deref(),
            Self::NotSimulated(_, hint) => Some(hint),
            Self::Unanswered(_) => Some(UNANSWERED),
            Self::Store(_, hint) => hint.as_deref(),
            _ => None,
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(plain(&error), error.hint)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::PipeClosed,
            _ => Self::Other(plain(&error)),
        }
    }
}

/// The values of `--cli-error-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ErrorFormat {
    /// The message, and the details that the service sent. This is the default.
    #[default]
    Enhanced,
    /// The message without the details, and without `(ParamValidation)`.
    Legacy,
    /// A JSON object.
    Json,
    /// One line, with TABs between the values.
    Text,
    /// YAML with sorted members.
    Yaml,
    /// A table titled `error`.
    Table,
}

impl ErrorFormat {
    /// The names that the option accepts, in the order in which it lists them.
    pub const NAMES: [&'static str; 6] = ["legacy", "json", "yaml", "text", "table", "enhanced"];

    /// The format with that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "enhanced" => Self::Enhanced,
            "legacy" => Self::Legacy,
            "json" => Self::Json,
            "text" => Self::Text,
            "yaml" => Self::Yaml,
            "table" => Self::Table,
            _ => return None,
        })
    }
}

/// The data that decides how an error is printed.
#[derive(Debug)]
pub struct Frame<'a> {
    /// The name by which the program was called.
    pub program: &'a str,
    /// The format of the error.
    pub format: ErrorFormat,
    /// The number of attempts for a call; 3 unless set. Messages show it as `(reached max retries: N)`.
    pub attempts: u32,
}

/// The error for the words that no option took, for a command that is not an operation.
pub(crate) fn unknown_options(words: &[String]) -> Stop {
    Stop::Invalid(format!("Unknown options: {}", words.join(",")))
}

/// The text after every usage error, with a final newline.
pub(crate) fn usage(program: &str) -> String {
    format!(
        "usage: {program} [options] <command> <subcommand> [<subcommand> ...] [parameters]\n\
         To see help text, you can run:\n\n  {program} help\n  {program} <command> help\n  \
         {program} <command> <subcommand> help\n"
    )
}

/// Writes the error in its frame. `render` writes an object in one of the output formats.
///
/// # Errors
/// A failed write to `stderr`.
pub(crate) fn report(
    stop: &Stop,
    frame: &Frame<'_>,
    render: &dyn Fn(&str, &Value, &mut dyn Write) -> io::Result<()>,
    stderr: &mut dyn Write,
) -> io::Result<()> {
    let program = frame.program;
    let (code, message, details, in_enhanced) = match stop {
        Stop::PipeClosed => return Ok(()),
        Stop::Unknown(words) => {
            let usage = usage(program);
            return write!(
                stderr,
                "\n{usage}\n\n{program}: [ERROR]: Unknown options: {}\n",
                shown::lines(&words.join(", "))
            );
        }
        Stop::Other(message) | Stop::Store(message, _) | Stop::NotSimulated(message, _) => {
            let message = shown::lines(python::strip(message));
            return write!(stderr, "\n{program}: [ERROR]: {message}\n");
        }
        Stop::Unanswered(what) => {
            let what = shown::lines(what);
            return write!(
                stderr,
                "\n{program}: [ERROR]: 'aws {what}' is not simulated\n"
            );
        }
        Stop::Usage(text) => {
            let message = format!("{text}\n\n{}", usage(program));
            (
                "ParamValidation",
                message.clone(),
                Map::new(),
                format!("An error occurred (ParamValidation): {message}"),
            )
        }
        Stop::Invalid(text) => (
            "ParamValidation",
            text.clone(),
            Map::new(),
            format!("An error occurred (ParamValidation): {text}"),
        ),
        Stop::Configuration(code, text) => (
            *code,
            text.clone(),
            Map::new(),
            format!("An error occurred ({code}): {text}"),
        ),
        Stop::Service(operation, error) => {
            let code = error.code.name();
            // With a single attempt, aws-cli shows the count for every error, even a 404.
            let retries = if error.code.is_retried() || frame.attempts == 1 {
                format!(
                    " (reached max retries: {})",
                    frame.attempts.saturating_sub(1)
                )
            } else {
                String::new()
            };
            let text = format!(
                "An error occurred ({code}) when calling the {operation} operation{retries}: {}",
                error.message
            );
            (code, error.message.clone(), error.details.clone(), text)
        }
    };
    let service = matches!(stop, Stop::Service(..));
    match frame.format {
        ErrorFormat::Enhanced | ErrorFormat::Legacy => {
            let legacy = frame.format == ErrorFormat::Legacy;
            // Only the enhanced format shows the class of an error.
            let text = match legacy && !service {
                true => &message,
                false => &in_enhanced,
            };
            let text = shown::lines(python::strip(text));
            write!(stderr, "\n{program}: [ERROR]: {text}\n")?;
            if !legacy && !details.is_empty() {
                write!(stderr, "\nAdditional error details:\n")?;
                for (name, value) in &details {
                    let value = python::str(value, false);
                    writeln!(stderr, "{name}: {}", shown::lines(&value))?;
                }
            }
            Ok(())
        }
        other => {
            let mut object = Map::new();
            // The members of a service's error body come first, in the order in which they were sent, except that
            // `message` is the first.
            if service {
                object.insert("Message".to_owned(), json!(message));
                object.insert("Code".to_owned(), json!(code));
            } else {
                object.insert("Code".to_owned(), json!(code));
                object.insert("Message".to_owned(), json!(message));
            }
            let spelled_small = match stop {
                Stop::Service(_, error) => error.code.message_is_data(),
                _ => false,
            };
            for (name, value) in details {
                let is_type = name == "Type";
                object.insert(name, value);
                if is_type && spelled_small {
                    object.insert("message".to_owned(), json!(message));
                }
            }
            let format = match other {
                ErrorFormat::Text => "text",
                ErrorFormat::Yaml => "yaml",
                ErrorFormat::Table => "table",
                _ => "json",
            };
            render(format, &Value::Object(object), stderr)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::error::Code;

    fn printed(stop: &Stop, format: ErrorFormat, attempts: u32) -> String {
        let frame = Frame {
            program: "aws",
            format,
            attempts,
        };
        let mut out = Vec::new();
        let render =
            |format: &str, value: &Value, out: &mut dyn Write| writeln!(out, "{format} {value}");
        report(stop, &frame, &render, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn missing() -> Stop {
        Stop::Service(
            "GetFunction",
            Box::new(ServiceError::new(
                Code::ResourceNotFoundException,
                "Function not found: arn:missing",
            )),
        )
    }

    const USAGE: &str = "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\n\
        To see help text, you can run:\n\n  aws help\n  aws <command> help\n  aws <command> <subcommand> help\n";

    #[test]
    fn frames_a_service_error_with_its_details() {
        assert_eq!(
            printed(&missing(), ErrorFormat::Enhanced, 3),
            "\naws: [ERROR]: An error occurred (ResourceNotFoundException) when calling the GetFunction operation: \
             Function not found: arn:missing\n\nAdditional error details:\nType: User\n"
        );
        assert_eq!(
            printed(&missing(), ErrorFormat::Legacy, 3),
            "\naws: [ERROR]: An error occurred (ResourceNotFoundException) when calling the GetFunction operation: \
             Function not found: arn:missing\n"
        );
        assert_eq!(
            printed(&missing(), ErrorFormat::Json, 3),
            "json {\"Message\":\"Function not found: arn:missing\",\"Code\":\"ResourceNotFoundException\",\"Type\":\"User\"}\n"
        );
        assert_eq!(missing().code(), 254);
    }

    #[test]
    fn counts_the_retries_of_what_is_retried() {
        let throttled = Stop::Service(
            "PublishVersion",
            Box::new(ServiceError::new(
                Code::TooManyRequestsException,
                "Rate exceeded",
            )),
        );
        assert!(
            printed(&throttled, ErrorFormat::Legacy, 3)
                .contains("operation (reached max retries: 2): Rate exceeded\n")
        );
        assert!(printed(&throttled, ErrorFormat::Legacy, 5).contains("(reached max retries: 4): "));
        assert!(
            printed(&missing(), ErrorFormat::Legacy, 1)
                .contains("operation (reached max retries: 0): Function")
        );
    }

    #[test]
    fn frames_usage_and_validation() {
        let required =
            Stop::Usage("the following arguments are required: --function-name".to_owned());
        assert_eq!(
            printed(&required, ErrorFormat::Enhanced, 3),
            format!(
                "\naws: [ERROR]: An error occurred (ParamValidation): the following arguments are required: --function-name\n\n{USAGE}"
            )
        );
        let choice = Stop::Usage("argument operation: Found invalid choice 'zzz'\n".to_owned());
        assert_eq!(
            printed(&choice, ErrorFormat::Legacy, 3),
            format!("\naws: [ERROR]: argument operation: Found invalid choice 'zzz'\n\n\n{USAGE}")
        );
        let unknown = Stop::Unknown(vec!["--bogus-opt".to_owned(), "3".to_owned()]);
        assert_eq!(
            printed(&unknown, ErrorFormat::Json, 3),
            format!("\n{USAGE}\n\naws: [ERROR]: Unknown options: --bogus-opt, 3\n")
        );
        let invalid = Stop::Invalid("Parameter validation failed:\nx".to_owned());
        assert_eq!(
            printed(&invalid, ErrorFormat::Enhanced, 3),
            "\naws: [ERROR]: An error occurred (ParamValidation): Parameter validation failed:\nx\n"
        );
        assert_eq!(
            printed(&invalid, ErrorFormat::Json, 3),
            "json {\"Code\":\"ParamValidation\",\"Message\":\"Parameter validation failed:\\nx\"}\n"
        );
        assert_eq!(
            (required.code(), unknown.code(), invalid.code()),
            (252, 252, 252)
        );
    }

    #[test]
    fn frames_the_rest() {
        let region = Stop::Configuration("NoRegion", "You must specify a region.".to_owned());
        assert_eq!(
            printed(&region, ErrorFormat::Enhanced, 3),
            "\naws: [ERROR]: An error occurred (NoRegion): You must specify a region.\n"
        );
        let other = Stop::Other("invalid literal for int() with base 10: 'abc'".to_owned());
        assert_eq!(
            printed(&other, ErrorFormat::Json, 3),
            "\naws: [ERROR]: invalid literal for int() with base 10: 'abc'\n"
        );
        assert_eq!((region.code(), other.code()), (253, 255));
        let gone = Stop::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(
            (
                printed(&gone, ErrorFormat::Enhanced, 3).as_str(),
                gone.code()
            ),
            ("", 0)
        );
    }
}
