//! The options that may stand anywhere on the line, with any command: `--region`, `--output`, `--query`.
//!
//! All global options of aws-cli 2.36.7 are accepted by name, in its order (which shows when a prefix is ambiguous).
//! The options for the network are accepted and ignored. Our own options exist only under our own name, and only in
//! full.

use std::time::Duration;

use super::arguments::{Action, Takes, ValueType};
use super::exit::{ErrorFormat, Stop};
use super::options::{Given, Opt};
use super::python;

/// The values of the global options.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Globals {
    /// `--region`.
    pub region: Option<String>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--output`.
    pub output: Option<String>,
    /// `--query`.
    pub query: Option<String>,
    /// `--color`.
    pub color: Option<String>,
    /// `--cli-binary-format`.
    pub binary_format: Option<String>,
    /// `--cli-error-format`.
    pub error_format: Option<String>,
    /// `--endpoint-url`.
    pub endpoint: Option<String>,
    /// False with `--no-paginate`.
    pub paginate: bool,
    /// False with `--no-cli-pager`.
    pub pages: bool,
    /// `--cli-read-timeout` and `--cli-connect-timeout`, in seconds; 0 means no timeout.
    pub timeouts: [Option<i64>; 2],
    /// The options that exist only under our own name.
    pub own: Own,
}

impl Globals {
    /// A negative timeout, with its kind.
    pub(crate) fn negative_timeout(&self) -> Option<(&'static str, i64)> {
        let [read, connect] = self.timeouts;
        let mut set = [("connect", connect), ("read", read)].into_iter();
        set.find_map(|(kind, seconds)| Some((kind, seconds.filter(|seconds| *seconds < 0)?)))
    }
}

/// The options that exist only under our own name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Own {
    /// `--state-dir`.
    pub state_dir: Option<String>,
    /// `--settle`: the time that a change takes.
    pub settle: Option<Duration>,
    /// `--explain`: each call prints its effects and their reasons.
    pub explain: bool,
    /// `--init`: a folder with other contents may become a state directory.
    pub init: bool,
}

/// The table of global options, in aws-cli's order.
pub(crate) fn table(is_aws: bool) -> Vec<Opt> {
    let switch = |name: &'static str, about: &'static str| {
        Opt::face(Action::new(name, Takes::Nothing), about)
    };
    let value =
        |name: &'static str, about: &'static str| Opt::face(Action::new(name, Takes::One), about);
    let ignored = |name: &'static str, takes: Takes, about: &'static str| {
        Opt::ignored(Action::new(name, takes), about)
    };
    let choice = |name: &'static str, names: &'static [&'static str], about: &'static str| {
        Opt::face(
            Action::new(name, Takes::One).of(ValueType::Choice(names.into())),
            about,
        )
    };
    let mut table = vec![
        switch(
            "--debug",
            "Logs the program and its arguments to stderr. No request is logged, because lambdry sends none.",
        ),
        value(
            "--endpoint-url",
            "Accepted if it has a scheme, but not used: lambdry sends nothing.",
        ),
        ignored(
            "--no-verify-ssl",
            Takes::Nothing,
            "Accepted, but not used: lambdry makes no connection.",
        ),
        switch(
            "--no-paginate",
            "Makes only one call and prints only its page.",
        ),
        choice(
            "--output",
            &["json", "text", "table", "yaml", "yaml-stream", "off"],
            "The output format of the answer.",
        ),
        value(
            "--query",
            "A JMESPath expression that selects a part of the answer.",
        ),
        value(
            "--profile",
            "The profile whose settings are used. lambdry reads no credentials.",
        ),
        value("--region", "The AWS region to work in."),
        choice(
            "--color",
            &["on", "off", "auto"],
            "Colour in tables: on, off, or auto (only on a terminal).",
        ),
        ignored(
            "--no-sign-request",
            Takes::Nothing,
            "Accepted, but not used: lambdry signs no request.",
        ),
        ignored(
            "--ca-bundle",
            Takes::One,
            "Accepted, but not used: lambdry makes no connection.",
        ),
        value(
            "--cli-read-timeout",
            "Accepted if it is a number, but not used: lambdry makes no connection.",
        ),
        value(
            "--cli-connect-timeout",
            "Accepted if it is a number, but not used: lambdry makes no connection.",
        ),
        choice(
            "--cli-binary-format",
            &["base64", "raw-in-base64-out"],
            "The encoding of bytes in the input: base64 (the default), or raw-in-base64-out for the bytes \
             themselves.",
        ),
        switch(
            "--no-cli-pager",
            "Never starts a pager, not even on a terminal.",
        ),
        ignored(
            "--cli-auto-prompt",
            Takes::Nothing,
            "Accepted, but not used: lambdry never prompts.",
        ),
        ignored(
            "--no-cli-auto-prompt",
            Takes::Nothing,
            "Accepted, but not used: lambdry never prompts.",
        ),
        choice(
            "--cli-error-format",
            &ErrorFormat::NAMES,
            "The output format of errors.",
        ),
    ];
    if !is_aws {
        let own = |name: &'static str, takes: Takes, about: &'static str| {
            Opt::face(
                Action {
                    abbreviates: false,
                    ..Action::new(name, takes)
                },
                about,
            )
        };
        table.push(own(
            "--state-dir",
            Takes::One,
            "The state directory. Overrides LAMBDRY_STATE_DIR.",
        ));
        table.push(own(
            "--settle",
            Takes::One,
            "The time that a create or an update takes: a number of seconds, or for example 2s or 500ms. Overrides \
             LAMBDRY_SETTLE.",
        ));
        table.push(own(
            "--explain",
            Takes::Nothing,
            "Explains on stderr what the call did and why. Same as LAMBDRY_EXPLAIN=1.",
        ));
        table.push(own(
            "--init",
            Takes::Nothing,
            "Allows a state directory in a folder that contains other files.",
        ));
    }
    // aws-cli adds this option last, after the options of its table.
    table.push(Opt::face(
        Action::new("--version", Takes::Nothing).of(ValueType::Version),
        "Prints the version of lambdry.",
    ));
    table
}

/// Refuses two faults that aws-cli looks for before it parses the line. One is a profile option without a value. The
/// other is the only pair of options that contradict each other.
///
/// # Errors
/// One of these faults.
pub(crate) fn refuse_contradiction(words: &[String]) -> Result<(), Stop> {
    // This first check of the line knows only two options. It has a usage text of its own.
    let profile = words.iter().position(|word| word == "--profile");
    if profile.is_some_and(|at| words.get(at + 1).is_none_or(|word| word.starts_with('-'))) {
        return Err(Stop::Invalid(
            "argument --profile: expected one argument\n\nusage: aws [-h] [--profile PROFILE] [--debug]"
                .to_owned(),
        ));
    }
    let has = |name: &str| words.iter().any(|word| word == name);
    if has("--cli-auto-prompt") && has("--no-cli-auto-prompt") {
        return Err(Stop::Invalid(
            "Both --cli-auto-prompt and --no-cli-auto-prompt cannot be specified at the same time."
                .to_owned(),
        ));
    }
    Ok(())
}

/// Reads the options. Also checks them as aws-cli does before it reads the command. Only `--query` is checked later.
///
/// # Errors
/// An endpoint without a scheme, a timeout that is not a number, a settling time that is not a duration.
pub(crate) fn read(given: &Given) -> Result<Globals, Stop> {
    let text = |name: &str| given.one(name).map(str::to_owned);
    if let Some(url) = given.one("--endpoint-url").filter(|url| !has_scheme(url)) {
        return Err(Stop::Invalid(format!(
            "Bad value for --endpoint-url \"{url}\": scheme is missing.  Must be of the form http://<hostname>/ or \
             https://<hostname>/"
        )));
    }
    let seconds = |name: &str| given.one(name).map(python::int).transpose();
    let timeouts = [
        seconds("--cli-read-timeout").map_err(Stop::Other)?,
        seconds("--cli-connect-timeout").map_err(Stop::Other)?,
    ];
    Ok(Globals {
        region: text("--region"),
        profile: text("--profile").filter(|profile| !profile.is_empty()),
        output: text("--output"),
        query: text("--query"),
        color: text("--color"),
        binary_format: text("--cli-binary-format"),
        error_format: text("--cli-error-format"),
        endpoint: text("--endpoint-url"),
        paginate: !given.has("--no-paginate"),
        timeouts,
        pages: !given.has("--no-cli-pager"),
        own: Own {
            state_dir: text("--state-dir"),
            settle: given
                .one("--settle")
                .map(settling_time)
                .transpose()
                .map_err(Stop::Invalid)?,
            explain: given.has("--explain"),
            init: given.has("--init"),
        },
    })
}

/// Returns true if Python's `urlparse(url).scheme` is not empty.
fn has_scheme(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// Reads the time that a change takes: `2`, `2s`, `0.5`, `500ms`.
///
/// # Errors
/// A text that is not a duration.
pub fn settling_time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 0.001),
        (None, Some(number)) => (number, 1.0),
        (None, None) => (text, 1.0),
    };
    number
        .parse::<f64>()
        .ok()
        .and_then(|number| Duration::try_from_secs_f64(number * unit).ok())
        .ok_or_else(|| {
            format!("\"{text}\" is not a settling time: write seconds, for example 2s or 500ms")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::{arguments, options};

    fn parsed(is_aws: bool, line: &[&str]) -> Result<Globals, Stop> {
        let table = table(is_aws);
        let actions: Vec<Action> = table.iter().map(|opt| opt.action.clone()).collect();
        let words: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
        let taken = arguments::parse(&actions, &words)?;
        read(&options::given(&table, &taken))
    }

    #[test]
    fn lists_what_a_prefix_could_be_in_order() {
        let Err(Stop::Usage(text)) = parsed(true, &["--c", "x"]) else {
            panic!("accepted")
        };
        assert_eq!(
            text,
            "ambiguous option: --c could match --color, --ca-bundle, --cli-read-timeout, --cli-connect-timeout, \
             --cli-binary-format, --cli-auto-prompt, --cli-error-format"
        );
        let Err(Stop::Usage(text)) = parsed(true, &["--output", "bogus"]) else {
            panic!("accepted")
        };
        assert_eq!(text, "argument --output: Found invalid choice 'bogus'\n");
    }

    #[test]
    fn reads_prefixes_and_the_last_value() {
        let globals = parsed(
            true,
            &[
                "--q",
                "live",
                "--de",
                "--re",
                "X",
                "--out",
                "text",
                "--output=table",
                "--no-p",
            ],
        )
        .unwrap();
        assert_eq!(globals.query.as_deref(), Some("live"));
        assert_eq!(
            (
                globals.region.as_deref(),
                globals.output.as_deref(),
                globals.paginate
            ),
            (Some("X"), Some("table"), false)
        );
    }

    #[test]
    fn keeps_our_own_options_to_our_own_name() {
        assert_eq!(
            parsed(false, &["--settle", "500ms"]).unwrap().own.settle,
            Some(Duration::from_millis(500))
        );
        assert_eq!(parsed(false, &["--settl", "5"]).unwrap().own.settle, None);
        assert_eq!(
            parsed(true, &["--settle", "5"]).unwrap().own,
            Own::default()
        );
        assert!(
            parsed(false, &["--settle=soon"]).is_err() && parsed(false, &["--settle=-1"]).is_err()
        );
    }

    #[test]
    fn checks_what_is_checked_first() {
        assert_eq!(
            parsed(true, &["--endpoint-url", "127.0.0.1:1"]),
            Err(Stop::Invalid(
                "Bad value for --endpoint-url \"127.0.0.1:1\": scheme is missing.  Must be of the form \
                 http://<hostname>/ or https://<hostname>/"
                    .to_owned()
            ))
        );
        assert!(parsed(true, &["--endpoint-url", "http://127.0.0.1:1"]).is_ok());
        assert_eq!(
            parsed(true, &["--cli-read-timeout", "abc"]),
            Err(Stop::Other(
                "invalid literal for int() with base 10: 'abc'".to_owned()
            ))
        );
        assert!(
            refuse_contradiction(&[
                "--cli-auto-prompt".to_owned(),
                "--no-cli-auto-prompt".to_owned()
            ])
            .is_err()
        );
    }
}
