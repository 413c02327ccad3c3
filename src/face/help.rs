//! `help`: pages for the command, a service, an operation and `wait`, built from the tables of the parser.
//!
//! The sections are those of aws-cli (NAME, DESCRIPTION, SYNOPSIS, OPTIONS, EXAMPLES, OUTPUT). The texts are our own.

use std::io::Write;

use unicode_width::UnicodeWidthStr;

use super::arguments::{Takes, ValueType};
use super::call::Command;
use super::configure;
use super::custom::Custom;
use super::customize;
use super::exit::Stop;
use super::globals;
use super::options::{Meaning, Opt, kebab};
use super::pager;
use super::waiters;
use super::world::World;
use super::{OwnCommands, Service};
use crate::operation::shape::{Shape, Structure};

/// The page of the command itself.
pub(crate) fn main(
    world: &mut World<'_>,
    services: &[Service],
    own: OwnCommands,
) -> Result<(), Stop> {
    let is_aws = world.process.is_aws();
    let program = world.process.program.clone();
    let mut page = Page::new(world);
    page.heading("NAME");
    page.text(
        1,
        &format!("{program} - Lambda's versions and aliases, on this machine"),
    );
    page.heading("DESCRIPTION");
    page.text(
        1,
        "Answers like the AWS command line and the services behind it, from plain files in a state directory. \
         lambdry opens no connection and reads no credentials.",
    );
    page.heading("SYNOPSIS");
    page.text(
        1,
        &format!("{program} [options] <command> <subcommand> [parameters]"),
    );
    if !is_aws {
        page.text(1, &format!("{program} [options] <operation> [parameters]"));
    }
    page.text(
        1,
        &format!("{program} <command> help, or {program} <command> <subcommand> help, shows more."),
    );
    if !own.is_empty() {
        page.heading("LAMBDRY'S OWN COMMANDS");
        for (name, about) in own {
            page.text(1, name);
            page.text(2, about);
        }
    }
    page.heading("SERVICES");
    for service in services {
        page.text(1, service.name);
        page.text(2, service.about);
        let entries = service.entries.iter().map(|entry| kebab(entry.name));
        let customs = service.commands.iter().map(|custom| custom.name.to_owned());
        let names: Vec<String> = entries.chain(customs).collect();
        page.text(2, &format!("{}.", names.join(", ")));
    }
    page.heading("GLOBAL OPTIONS");
    for opt in globals::table(is_aws) {
        page.text(1, &titled(&opt));
        page.text(2, &opt.about);
    }
    page.print(world)
}

/// A help topic: a table of names, with a sentence for each.
struct Topic {
    name: &'static str,
    about: &'static str,
    lines: &'static [(&'static str, &'static str)],
}

const TOPICS: &[Topic] = &[
    Topic {
        name: "config-vars",
        about: "Settings, with the environment variable and the key in a profile.",
        lines: &[
            (
                "AWS_PROFILE, AWS_DEFAULT_PROFILE",
                "The profile; --profile overrides it.",
            ),
            (
                "AWS_REGION, AWS_DEFAULT_REGION, region",
                "The region; --region overrides it.",
            ),
            (
                "AWS_DEFAULT_OUTPUT, output",
                "The format of answers; --output overrides it.",
            ),
            (
                "AWS_CLI_ERROR_FORMAT, cli_error_format",
                "The format of errors; --cli-error-format overrides it.",
            ),
            (
                "AWS_PAGER, cli_pager",
                "The pager for answers on a terminal; an empty value turns it off.",
            ),
            (
                "cli_binary_format",
                "base64 or raw-in-base64-out; --cli-binary-format overrides it.",
            ),
            (
                "AWS_CLI_FILE_ENCODING",
                "The encoding of files that file:// names.",
            ),
            ("AWS_CONFIG_FILE", "The config file, ~/.aws/config."),
            (
                "AWS_MAX_ATTEMPTS, max_attempts",
                "The number of attempts for a call.",
            ),
            ("AWS_RETRY_MODE, retry_mode", "standard or adaptive."),
            (
                "AWS_ENDPOINT_URL",
                "Accepted, but not used: lambdry sends nothing.",
            ),
            ("AWS_ACCESS_KEY_ID and other credentials", "Never read."),
        ],
    },
    Topic {
        name: "return-codes",
        about: "The exit codes.",
        lines: &[
            ("0", "The command succeeded."),
            (
                "1",
                "s3: one or more transfers failed. configure get: the setting does not exist.",
            ),
            ("2", "s3: one or more files were skipped."),
            ("130", "The command was interrupted."),
            (
                "252",
                "The command line is wrong: bad syntax, an unknown option, an invalid value.",
            ),
            ("253", "A setting is missing or wrong: a region, a pager."),
            ("254", "The service answered with an error."),
            ("255", "Any other error."),
        ],
    },
];

/// Prints the page of a topic, or of `topics`. Returns false if the topic does not exist.
///
/// # Errors
/// A page that cannot be printed.
pub(crate) fn topic(world: &mut World<'_>, name: &str) -> Result<bool, Stop> {
    let mut page = Page::new(world);
    let known = TOPICS.iter().find(|topic| topic.name == name);
    if name != "topics" && known.is_none() {
        return Ok(false);
    }
    page.heading("NAME");
    page.text(1, name);
    page.heading("DESCRIPTION");
    match known {
        Some(topic) => {
            page.text(1, topic.about);
            for (name, about) in topic.lines {
                page.text(1, name);
                page.text(2, about);
            }
        }
        None => {
            page.text(1, "The topics of help NAME.");
            page.heading("AVAILABLE TOPICS");
            for topic in TOPICS {
                page.text(1, topic.name);
                page.text(2, topic.about);
            }
        }
    }
    page.print(world)?;
    Ok(true)
}

/// The page of a service with its subcommands.
pub(crate) fn service(world: &mut World<'_>, service: &Service) -> Result<(), Stop> {
    let mut page = Page::new(world);
    page.heading("NAME");
    page.text(1, service.name);
    page.heading("DESCRIPTION");
    page.text(1, service.about);
    page.heading("AVAILABLE COMMANDS");
    let mut names: Vec<(String, &str)> = service
        .entries
        .iter()
        .map(|entry| (kebab(entry.name), entry.about))
        .collect();
    let customs = service.commands.iter();
    names.extend(customs.map(|custom| (custom.name.to_owned(), custom.about)));
    if service.waits() {
        let about = match service.name {
            "lambda" => "Waits until a function reaches a state.",
            _ => "Waits until a resource reaches a state.",
        };
        names.push(("wait".to_owned(), about));
    }
    names.sort();
    for (name, about) in names.iter().filter(|(name, _)| !customize::is_hidden(name)) {
        page.text(1, name);
        page.text(2, about);
    }
    page.print(world)
}

/// The page of `wait`.
pub(crate) fn wait(world: &mut World<'_>, service: &str) -> Result<(), Stop> {
    let mut page = Page::new(world);
    page.heading("NAME");
    page.text(1, "wait");
    page.heading("DESCRIPTION");
    page.text(
        1,
        match service {
            "lambda" => "Waits until a function reaches a state. Prints nothing on success.",
            _ => "Waits until a resource reaches a state. Prints nothing on success.",
        },
    );
    page.heading("AVAILABLE COMMANDS");
    for waiter in waiters::of(service) {
        page.text(1, waiter.command);
        page.text(2, &waiter.about());
    }
    page.print(world)
}

/// The page of `configure`.
pub(crate) fn configure(world: &mut World<'_>) -> Result<(), Stop> {
    let mut page = Page::new(world);
    page.heading("NAME");
    page.text(1, "configure");
    page.heading("DESCRIPTION");
    page.text(1, "Reads the settings of the AWS config file. Writes settings to the state directory, where they \
        override the others.");
    page.heading("AVAILABLE COMMANDS");
    for (name, about) in configure::SUBCOMMANDS {
        page.text(1, name);
        page.text(2, about);
    }
    page.print(world)
}

/// The page of an operation or of one waiter.
pub(crate) fn operation(
    world: &mut World<'_>,
    command: &Command<'_>,
    table: &[Opt],
) -> Result<(), Stop> {
    let mut page = Page::new(world);
    let is_aws = world.process.is_aws();
    page.described(&command.name(), &command.about(), table, is_aws);
    page.heading("EXAMPLES");
    let line = example(&world.process.program, command, table);
    page.text(1, &line);
    page.heading("OUTPUT");
    let response = match command.waiter {
        None => command.entry.response(),
        Some(_) => &Structure::default(),
    };
    if response.members.is_empty() {
        page.text(1, "None.");
    }
    page.members(1, response);
    page.print(world)
}

/// The page of a command that is not an operation.
pub(crate) fn custom(world: &mut World<'_>, service: &str, custom: &Custom) -> Result<(), Stop> {
    let mut page = Page::new(world);
    page.described(
        &format!("{service} {}", custom.name),
        custom.about,
        &custom.table(),
        world.process.is_aws(),
    );
    if !custom.examples.is_empty() {
        page.heading("EXAMPLES");
    }
    for line in custom.examples {
        page.text(
            1,
            &format!("{} {service} {} {line}", world.process.program, custom.name),
        );
    }
    page.print(world)
}

/// Formats an option as `--name <value>`, in brackets if it is optional. A pair of switches is one entry.
pub(crate) fn synopsis(opt: &Opt) -> Option<String> {
    let name = opt.name();
    let line = match (&opt.meaning, opt.action.takes) {
        (Meaning::Switch(_, false), _) => return None,
        (Meaning::Switch(..), _) => format!("{name} | --no-{}", name.trim_start_matches('-')),
        (_, Takes::Nothing) => name.to_owned(),
        (_, _) if !name.starts_with("--") => format!("<{name}>"),
        _ => format!("{name} <value>"),
    };
    Some(if opt.action.required {
        line
    } else {
        format!("[{line}]")
    })
}

/// Formats an option as `--name (string) [required]`.
fn titled(opt: &Opt) -> String {
    let kind = match (&opt.meaning, opt.action.takes, &opt.action.kind) {
        (_, Takes::Nothing, _) => "boolean".to_owned(),
        (_, _, ValueType::Choice(names)) => names.join(" | "),
        (Meaning::Member(_, shape), _, _) => kind(shape).to_owned(),
        (Meaning::Zip(_), _, _) => "blob".to_owned(),
        (_, _, ValueType::Int) => "integer".to_owned(),
        _ => "string".to_owned(),
    };
    format!(
        "{} ({kind}){}",
        opt.name(),
        if opt.action.required {
            " [required]"
        } else {
            ""
        }
    )
}

/// The model's name for a kind of value.
pub(crate) fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::String(_) => "string",
        Shape::Integer { .. } => "integer",
        Shape::Float { .. } => "float",
        Shape::Boolean => "boolean",
        Shape::Blob => "blob",
        Shape::List { .. } => "list",
        Shape::Map { .. } => "map",
        Shape::Structure(_) => "structure",
    }
}

/// The bounds of a value, in words.
fn constraints(shape: &Shape) -> Vec<String> {
    let bound = |what: &str, value: Option<String>| value.map(|value| format!("{what}: {value}"));
    let parts = match shape {
        Shape::String(text) => vec![
            bound("min length", text.min.map(|min| min.to_string())),
            bound("max length", text.max.map(|max| max.to_string())),
            bound("pattern", text.pattern.clone()),
        ],
        Shape::Integer { min, max } => vec![
            bound("min", min.map(|min| min.to_string())),
            bound("max", max.map(|max| max.to_string())),
        ],
        Shape::Float { min, max } => vec![
            bound("min", min.map(|min| min.to_string())),
            bound("max", max.map(|max| max.to_string())),
        ],
        Shape::List { min, max, .. } => vec![
            bound("min items", min.map(|min| min.to_string())),
            bound("max items", max.map(|max| max.to_string())),
        ],
        _ => Vec::new(),
    };
    parts.into_iter().flatten().collect()
}

/// The shorthand syntax of a value, with types in place of values; `None` if the value has no shorthand.
fn shorthand(shape: &Shape) -> Option<String> {
    Some(match shape {
        Shape::Structure(inner) => {
            let members = inner.members.iter().map(|member| {
                let value = match &member.shape {
                    shape @ (Shape::Structure(_) | Shape::Map { .. }) => {
                        format!("{{{}}}", shorthand(shape)?)
                    }
                    Shape::List { member, .. } => match &**member {
                        Shape::Structure(_) => format!("[{{{}}}]", shorthand(member)?),
                        member => format!("{0},{0}", kind(member)),
                    },
                    scalar => kind(scalar).to_owned(),
                };
                Some(format!("{}={value}", member.name))
            });
            members.collect::<Option<Vec<_>>>()?.join(",")
        }
        Shape::Map { value, .. } => {
            let value = kind(value);
            format!("KeyName1={value},KeyName2={value}")
        }
        Shape::List { member, .. } => {
            let element = match &**member {
                Shape::Structure(_) => shorthand(member)?,
                scalar => format!("\"{}\"", kind(scalar)),
            };
            format!("{element} ...")
        }
        _ => return None,
    })
}

/// Writes the JSON syntax of a value, with types in place of values.
fn write_json(shape: &Shape, level: usize, out: &mut String) {
    let margin = "  ".repeat(level + 1);
    let end = "  ".repeat(level);
    match shape {
        Shape::Structure(inner) => {
            out.push_str("{\n");
            for (at, member) in inner.members.iter().enumerate() {
                out.push_str(&format!("{margin}\"{}\": ", member.name));
                write_json(&member.shape, level + 1, out);
                out.push_str(if at + 1 < inner.members.len() {
                    ",\n"
                } else {
                    "\n"
                });
            }
            out.push_str(&format!("{end}}}"));
        }
        Shape::Map { value, .. } => {
            out.push_str("{\"string\": ");
            write_json(value, level + 1, out);
            out.push_str(" ...}");
        }
        Shape::List { member, .. } => {
            out.push('[');
            write_json(member, level, out);
            out.push_str(" ...]");
        }
        Shape::Boolean => out.push_str("true|false"),
        Shape::Integer { .. } | Shape::Float { .. } => out.push_str(kind(shape)),
        Shape::String(text) if !text.values.is_empty() => {
            let values = text.values.iter().map(|value| format!("\"{value}\""));
            out.push_str(&values.collect::<Vec<_>>().join("|"));
        }
        _ => out.push_str(&format!("\"{}\"", kind(shape))),
    }
}

/// The shortest valid command line.
pub(crate) fn example(program: &str, command: &Command<'_>, table: &[Opt]) -> String {
    let mut words = vec![program.to_owned(), command.service.to_owned()];
    if command.waiter.is_some() {
        words.push("wait".to_owned());
    }
    words.push(command.name());
    for opt in table.iter().filter(|opt| opt.action.required) {
        let value = opt
            .name()
            .trim_start_matches('-')
            .replace("function-name", "my-function");
        match (opt.name().starts_with("--"), opt.action.takes) {
            (true, Takes::Nothing) => words.push(opt.name().to_owned()),
            (true, _) => words.extend([opt.name().to_owned(), value]),
            (false, _) => words.push(value),
        }
    }
    words.join(" ")
}

/// A page in progress, wrapped to the terminal.
struct Page {
    text: String,
    width: usize,
}

/// The columns by which a level is indented.
const INDENT: usize = 4;

impl Page {
    fn new(world: &World<'_>) -> Self {
        Self {
            text: String::new(),
            width: world.process.width.clamp(40, 100),
        }
    }

    /// Writes the sections about a command's effect and its options.
    fn described(&mut self, name: &str, about: &str, table: &[Opt], is_aws: bool) {
        self.heading("NAME");
        self.text(1, name);
        self.heading("DESCRIPTION");
        self.text(1, about);
        self.heading("SYNOPSIS");
        self.text(1, name);
        let shown = || table.iter().filter(|opt| !opt.hidden);
        for line in shown().filter_map(synopsis) {
            self.text(2, &line);
        }
        self.text(2, "[global options]");
        if !table.is_empty() {
            self.heading("OPTIONS");
        }
        for opt in shown() {
            self.text(1, &titled(opt));
            self.text(2, &opt.about);
            if let Meaning::Member(_, shape) = &opt.meaning {
                self.taken(2, shape);
            }
        }
        self.heading("GLOBAL OPTIONS");
        for opt in globals::table(is_aws) {
            self.text(1, &titled(&opt));
            self.text(2, &opt.about);
        }
    }

    /// Writes the rules for a value: constraints, possible values, and both syntaxes.
    fn taken(&mut self, level: usize, shape: &Shape) {
        let constraints = constraints(shape);
        if !constraints.is_empty() {
            self.text(level, &format!("Constraints: {}.", constraints.join(", ")));
        }
        self.possible(level, shape);
        match shape {
            Shape::Structure(inner) => self.members(level, inner),
            Shape::List { member, .. } => match &**member {
                Shape::Structure(inner) => self.members(level, inner),
                member => self.possible(level, member),
            },
            _ => {}
        }
        if matches!(
            shape,
            Shape::Structure(_) | Shape::List { .. } | Shape::Map { .. }
        ) {
            if let Some(line) = shorthand(shape) {
                self.text(level, "Shorthand Syntax:");
                self.text(level + 1, &line);
            }
            self.text(level, "JSON Syntax:");
            let mut json = String::new();
            write_json(shape, 0, &mut json);
            for line in json.lines() {
                self.raw(level + 1, line);
            }
        }
    }

    fn possible(&mut self, level: usize, shape: &Shape) {
        let Shape::String(text) = shape else {
            return;
        };
        let values = [&text.known_values, &text.values];
        if let Some(values) = values.into_iter().find(|values| !values.is_empty()) {
            self.text(level, "Possible values:");
            for value in values {
                self.text(level + 1, value);
            }
        }
    }

    /// Writes a line without changing its blanks.
    fn raw(&mut self, level: usize, line: &str) {
        self.text.push_str(&" ".repeat(level * INDENT));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(heading);
        self.text.push('\n');
    }

    fn text(&mut self, level: usize, text: &str) {
        let margin = " ".repeat(level * INDENT);
        let mut column = 0;
        for word in text.split_whitespace() {
            let width = word.width();
            if column > 0 && column + 1 + width > self.width {
                self.text.push('\n');
                column = 0;
            }
            if column == 0 {
                self.text.push_str(&margin);
                column = margin.len() + width;
            } else {
                self.text.push(' ');
                column += 1 + width;
            }
            self.text.push_str(word);
        }
        if column > 0 {
            self.text.push('\n');
        }
    }

    fn members(&mut self, level: usize, structure: &Structure) {
        for member in &structure.members {
            self.text(
                level,
                &format!("{} -> ({})", member.name, kind(&member.shape)),
            );
            self.text(level + 1, &member.about);
            let constraints = constraints(&member.shape);
            if !constraints.is_empty() {
                self.text(
                    level + 1,
                    &format!("Constraints: {}.", constraints.join(", ")),
                );
            }
            self.possible(level + 1, &member.shape);
            let mut shape = &member.shape;
            while let Shape::List { member, .. } = shape {
                shape = member;
            }
            if let Shape::Structure(inner) = shape {
                self.members(level + 1, inner);
            }
        }
    }

    fn print(self, world: &mut World<'_>) -> Result<(), Stop> {
        let pager = pager::of_help(&world.process);
        let print = |out: &mut dyn Write| Ok(out.write_all(self.text.as_bytes())?);
        match pager::through(pager, world, print) {
            // A page without a working pager is printed directly.
            Err(Stop::Configuration(..)) => pager::through(None, world, print),
            printed => printed,
        }
    }
}
