//! The options of a command as one table, from which the parser, help, man pages and completion are built.
//!
//! An operation's table is its request type, member by member in the model's order, then the options that every
//! operation has. The line is parsed once, by the [`argument rules`](super::arguments). [`given`] reads the result.

use std::{borrow::Cow, collections::BTreeMap};

use super::arguments::{Action, Taken, Takes, ValueType};
use super::customize;
use super::pagination::{self, Pages};
use crate::operation::{
    Entry,
    shape::{Member, Shape},
};

/// The meaning of an option.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    /// Sets a member of the request. Holds the member's shape as the option accepts it.
    Member(&'static str, Cow<'static, Shape>),
    /// Sets a boolean member to this value.
    Switch(&'static str, bool),
    /// Sets `ZipFile` of that structure to a file.
    Zip(&'static str),
    /// `--cli-input-json` or `--cli-input-yaml`.
    Input,
    /// An option that the face itself reads.
    Face,
}

/// One option or positional.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Opt {
    /// The name of the option, and the number and kind of its words.
    pub(crate) action: Action,
    /// The meaning of the option.
    pub(crate) meaning: Meaning,
    /// Help, in a sentence or more.
    pub(crate) about: Cow<'static, str>,
    /// True if help does not show the option.
    pub(crate) hidden: bool,
    /// True if it is accepted and changes nothing here.
    pub(crate) ignored: bool,
}

impl Opt {
    /// An option that the face itself reads.
    pub(crate) fn face(action: Action, about: impl Into<Cow<'static, str>>) -> Self {
        Self {
            action,
            meaning: Meaning::Face,
            about: about.into(),
            hidden: false,
            ignored: false,
        }
    }

    /// An option that is accepted and changes nothing here.
    pub(crate) fn ignored(action: Action, about: &'static str) -> Self {
        Self {
            ignored: true,
            ..Self::face(action, about)
        }
    }

    /// The name, `--function-name` or `outfile`.
    pub(crate) fn name(&self) -> &str {
        &self.action.name
    }
}

/// The table of an operation. `waiting` is true for `wait`, which polls the operation and does not page.
pub(crate) fn of_operation(entry: &Entry, waiting: bool) -> Vec<Opt> {
    let (operation, request) = (entry.name, entry.request());
    let pages = pagination::of(entry).filter(|_| !waiting);
    let lifted = customize::zip_lifted_from(operation);
    let mut table = Vec::new();
    for member in &request.members {
        let name = customize::renamed(operation, &member.name);
        let name = name.map_or_else(|| kebab(&member.name), str::to_owned);
        let name = format!("--{name}");
        if pages.is_some() && member.name == "MaxItems" {
            table.push(max_items());
        } else if member.shape == Shape::Boolean {
            for on in [true, false] {
                let name = if on {
                    name.clone()
                } else {
                    format!("--no-{}", kebab(&member.name))
                };
                table.push(Opt {
                    action: Action {
                        required: on && member.required,
                        ..Action::new(name, Takes::Nothing)
                    },
                    meaning: Meaning::Switch(&member.name, on),
                    about: Cow::Borrowed(&member.about),
                    hidden: false,
                    ignored: member.ignored,
                });
            }
        } else {
            table.push(of_member(operation, member, name, lifted, pages.as_ref()));
        }
    }
    if let Some(structure) = lifted {
        table.push(Opt {
            action: Action::new("--zip-file", Takes::One),
            meaning: Meaning::Zip(structure),
            about: Cow::Owned(format!(
                "The path to the zip file of the {} to upload: fileb://code.zip. Give either this option or --{}.",
                structure.to_lowercase(),
                kebab(structure)
            )),
            hidden: false,
            ignored: false,
        });
    }
    // The options below do not exist for an operation with an outfile.
    if customize::written_to_outfile(operation).is_some() {
        table.push(Opt::face(
            Action::new("outfile", Takes::One).required(),
            "The file for the content of the answer.",
        ));
        return table;
    }
    for format in ["json", "yaml"] {
        table.push(Opt {
            action: Action::new(format!("--cli-input-{format}"), Takes::One),
            meaning: Meaning::Input,
            about: Cow::Owned(format!(
                "The whole request as {}, in the form that --generate-cli-skeleton prints. Options on the command \
                 line override it.",
                format.to_uppercase()
            )),
            hidden: false,
            ignored: false,
        });
    }
    if let Some(pages) = pages {
        if pages.members().all(|name| name != "MaxItems") {
            table.push(max_items());
        }
        table.push(Opt::face(
            Action::new("--starting-token", Takes::One),
            "The NextToken of an earlier answer that was not complete.",
        ));
        if pages.is_sized() {
            table.push(Opt::face(
                Action::new("--page-size", Takes::One).of(ValueType::Int),
                "The number of items for each call. The output does not change.",
            ));
        }
    }
    table.push(Opt::face(
        Action::new("--generate-cli-skeleton", Takes::Optional).of(ValueType::Choice(
            Cow::Borrowed(&[SKELETON, "output", "yaml-input"]),
        )),
        "Prints a request to fill in, or a sample answer. Makes no call.",
    ));
    table
}

fn max_items() -> Opt {
    Opt::face(
        Action::new("--max-items", Takes::One).of(ValueType::Int),
        "The maximum number of items to print. If more are left, the answer has a NextToken for --starting-token.",
    )
}

/// Options of an operation that exist only under our own name, and only in full.
pub(crate) fn own(operation: &str) -> Vec<Opt> {
    if operation != "Invoke" {
        return Vec::new();
    }
    vec![Opt::face(
        Action {
            abbreviates: false,
            ..Action::new("--count", Takes::One).of(ValueType::Int)
        },
        "Invokes the function this many times and prints how often each version answered. Needs no outfile.",
    )]
}

fn of_member(
    operation: &str,
    member: &'static Member,
    name: String,
    lifted: Option<&str>,
    pages: Option<&Pages>,
) -> Opt {
    let takes = if matches!(member.shape, Shape::List { .. }) {
        Takes::Many
    } else {
        Takes::One
    };
    let kind = match member.shape {
        Shape::Integer { .. } if customize::is_long(&member.name) => ValueType::Int,
        _ => ValueType::Text,
    };
    let required = member.required && lifted != Some(member.name.as_str());
    Opt {
        action: Action {
            kind,
            required,
            ..Action::new(name, takes)
        },
        meaning: Meaning::Member(
            &member.name,
            customize::shape_on_the_line(operation, &member.name, &member.shape),
        ),
        about: Cow::Borrowed(&member.about),
        hidden: pages.is_some_and(|pages| pages.members().any(|name| name == member.name)),
        ignored: member.ignored,
    }
}

/// The options on a line, each with the words that it took.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Given {
    words: BTreeMap<Cow<'static, str>, Vec<String>>,
}

impl Given {
    /// Returns true if the option was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.words.contains_key(name)
    }

    /// The single word of an option.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.words.get(name)?.first().map(String::as_str)
    }

    /// All words of an option.
    pub(crate) fn all(&self, name: &str) -> Option<&[String]> {
        self.words.get(name).map(Vec::as_slice)
    }
}

/// The value of `--generate-cli-skeleton` if no word follows it.
const SKELETON: &str = "input";

/// Reads the result of a stage. If an option was given more than once, the last occurrence is used.
pub(crate) fn given(table: &[Opt], taken: &Taken) -> Given {
    let mut given = Given::default();
    for (index, opt) in table.iter().enumerate() {
        let Some(words) = taken
            .words(index)
            .filter(|_| !overruled(table, taken, index))
        else {
            continue;
        };
        let words = match opt.action.takes {
            Takes::Optional if words.is_empty() => vec![SKELETON.to_owned()],
            _ => words.to_vec(),
        };
        given.words.insert(opt.action.name.clone(), words);
    }
    given
}

/// Returns true if a later word on the line is the opposite of this switch, as `--no-publish` is of `--publish`.
fn overruled(table: &[Opt], taken: &Taken, index: usize) -> bool {
    let Meaning::Switch(member, _) = &table[index].meaning else {
        return false;
    };
    let last = taken.actions.iter().rev().find(|(at, _)| {
        matches!(&table.get(*at).map(|opt| &opt.meaning), Some(Meaning::Switch(other, _)) if other == member)
    });
    last.is_some_and(|(at, _)| *at != index)
}

/// Converts AWS's name to an option or subcommand: `KMSKeyArn` becomes `kms-key-arn`, `CodeSha256` becomes
/// `code-sha256`.
pub(crate) fn kebab(name: &str) -> String {
    let mut chars: Vec<char> = name.chars().collect();
    // A plural acronym at the end is one word, as in `LayerARNs`.
    let capitals = chars
        .iter()
        .rev()
        .skip(1)
        .take_while(|c| c.is_ascii_uppercase())
        .count();
    if chars.last() == Some(&'s') && capitals >= 2 {
        let start = chars.len() - 1 - capitals;
        chars[start..]
            .iter_mut()
            .for_each(|c| *c = c.to_ascii_lowercase());
        chars.insert(start, '-');
    }
    let mut words: Vec<char> = Vec::with_capacity(chars.len() + 8);
    let mut i = 0;
    while i < chars.len() {
        words.push(chars[i]);
        let run = chars
            .iter()
            .skip(i + 2)
            .take_while(|c| c.is_ascii_lowercase())
            .count();
        if chars.get(i + 1).is_some_and(char::is_ascii_uppercase) && run > 0 {
            words.push('-');
            words.extend_from_slice(&chars[i + 1..i + 2 + run]);
            i += 2 + run;
        } else {
            i += 1;
        }
    }
    let mut out = String::with_capacity(words.len() + 4);
    for (i, c) in words.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| words.get(i));
        if c.is_ascii_uppercase()
            && before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Converts a subcommand to the likely name of its operation: `describe-stacks` becomes `DescribeStacks`.
pub(crate) fn camel(subcommand: &str) -> String {
    subcommand
        .split('-')
        .filter_map(|word| {
            let first = word.chars().next()?;
            Some(first.to_ascii_uppercase().to_string() + &word[first.len_utf8()..])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::arguments::parse;
    use crate::face::fixtures;

    #[test]
    fn names_options_as_aws_does() {
        for (name, option) in [
            ("FunctionName", "function-name"),
            ("KMSKeyArn", "kms-key-arn"),
            ("SourceKMSKeyArn", "source-kms-key-arn"),
            ("CodeSha256", "code-sha256"),
            ("PrincipalOrgID", "principal-org-id"),
            ("S3ObjectVersion", "s3-object-version"),
            ("Ipv6AllowedForDualStack", "ipv6-allowed-for-dual-stack"),
            ("UpdateRuntimeOn", "update-runtime-on"),
            ("LayerARNs", "layer-arns"),
            ("PublishVersion", "publish-version"),
            ("Cors", "cors"),
        ] {
            assert_eq!(kebab(name), option);
        }
    }

    fn names(operation: &str) -> Vec<String> {
        of_operation(fixtures::entry(operation), false)
            .iter()
            .map(|opt| {
                let marks = (
                    if opt.action.required { "*" } else { "" },
                    if opt.hidden { "(h)" } else { "" },
                );
                format!(
                    "{}{}{}",
                    opt.name().trim_start_matches('-'),
                    marks.0,
                    marks.1
                )
            })
            .collect()
    }

    #[test]
    fn orders_options_as_aws_does() {
        assert_eq!(
            names("ListVersionsByFunction"),
            [
                "function-name*",
                "marker(h)",
                "max-items",
                "cli-input-json",
                "cli-input-yaml",
                "starting-token",
                "page-size",
                "generate-cli-skeleton"
            ]
        );
        assert_eq!(
            names("Invoke"),
            ["function-name*", "payload", "qualifier", "outfile*"]
        );
        let create = names("CreateFunction");
        assert_eq!(
            create[..5],
            ["function-name*", "role*", "code", "description", "timeout"]
        );
        assert_eq!(
            create[create.len() - 4..],
            [
                "zip-file",
                "cli-input-json",
                "cli-input-yaml",
                "generate-cli-skeleton"
            ]
        );
        assert!(create.contains(&"no-publish".to_owned()));
    }

    fn read(line: &[&str]) -> Given {
        let table = of_operation(fixtures::entry("CreateFunction"), false);
        let actions: Vec<Action> = table
            .iter()
            .map(|opt| Action {
                required: false,
                ..opt.action.clone()
            })
            .collect();
        let words: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
        given(&table, &parse(&actions, &words).unwrap())
    }

    #[test]
    fn reads_what_was_taken() {
        let given = read(&[
            "--function-name",
            "f",
            "--function-name=-x=y",
            "--description=",
            "--publish",
            "--no-publish",
            "--layers",
            "a",
            "-1",
            "b c",
        ]);
        assert_eq!(given.one("--function-name"), Some("-x=y"));
        assert_eq!(given.one("--description"), Some(""));
        assert!(given.has("--no-publish") && !given.has("--publish"));
        assert_eq!(
            given.all("--layers"),
            Some(&["a".to_owned(), "-1".to_owned(), "b c".to_owned()][..])
        );
        assert_eq!(
            read(&["--layers", "a", "--layers"]).all("--layers"),
            Some(&[][..])
        );
        assert_eq!(
            read(&["--layers="]).all("--layers"),
            Some(&[String::new()][..])
        );
        assert_eq!(
            read(&["--generate-cli-skeleton"]).one("--generate-cli-skeleton"),
            Some("input")
        );
        assert_eq!(
            read(&["--description", "--weird blank"]).one("--description"),
            Some("--weird blank")
        );
    }
}
