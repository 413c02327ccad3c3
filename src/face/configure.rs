//! `aws configure`: reads settings from the config files, and writes settings to the config file of the state
//! directory.
//!
//! The user's file is read but never written: `set` writes `aws/config` in the state directory, which overrides it.
//! Keys are neither read nor written: `set` drops them and says so, and `configure` without a subcommand asks for keys
//! as aws-cli does, then discards them. `sso`, `import` and the subcommands that print credentials are not simulated.
//! Seen in aws-cli 2.36.7 and in the source of 1.45.11.

use super::arguments::{self, Action, Takes, ValueType};
use super::config::{Config, Found, Settings};
use super::exit::{Stop, unknown_options};
use super::globals::Globals;
use super::python;
use super::world::World;
use super::{State, help, service::not_simulated};

/// The simulated subcommands, with a sentence each.
pub const SUBCOMMANDS: [(&str, &str); 4] = [
    (
        "get",
        "Prints a setting of the profile: get region, get dev.region, get default.s3.max_queue_size.",
    ),
    (
        "list",
        "Prints where the profile and the region come from. Keys are never read.",
    ),
    ("list-profiles", "Prints the names of the profiles."),
    (
        "set",
        "Writes a setting to the state directory's config file. It overrides the user's own file. Keys are not \
         stored.",
    ),
];

/// The other subcommands of aws-cli.
const OTHERS: [&str; 6] = [
    "add-model",
    "export-credentials",
    "import",
    "mfa-login",
    "sso",
    "sso-session",
];

/// Settings that aws-cli keeps in the credentials file.
const SECRETS: [&str; 4] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
];

/// Runs `configure` with the words after it. Returns the exit code.
///
/// # Errors
/// Usage errors, names without a meaning, and errors of the state directory.
pub(crate) fn run(
    world: &mut World<'_>,
    state: &dyn State,
    settings: &Settings,
    globals: &Globals,
    words: &[String],
) -> Result<u8, Stop> {
    let names = SUBCOMMANDS.iter().map(|(name, _)| *name);
    let names = names.chain(OTHERS).chain(["help"]).collect();
    let subcommand = Action::new("subcommand", Takes::Optional).of(ValueType::Choice(names));
    let taken = arguments::parse(&[subcommand], words)?;
    let word = taken.words(0).and_then(|words| words.first());
    let rest = taken.rest.as_slice();
    match word.map(String::as_str) {
        Some("help") => help::configure(world).map(|()| 0),
        Some(_) if rest == ["help"] => help::configure(world).map(|()| 0),
        Some("get") => {
            let [name] = arguments(["varname"], rest)?;
            get(world, settings, globals, &name)
        }
        Some("set") => {
            let [name, value] = arguments(["varname", "value"], rest)?;
            set(world, state, settings, &name, &value)
        }
        Some("list") => {
            let [] = arguments([], rest)?;
            list(world, settings, globals)
        }
        Some("list-profiles") => {
            let [] = arguments([], rest)?;
            for name in settings.profiles() {
                writeln!(world.stdout, "{name}")?;
            }
            Ok(0)
        }
        Some(other) => Err(not_simulated(&format!("configure {other}"))),
        None if !rest.is_empty() => Err(unknown_options(rest)),
        None => ask(world, state, settings),
    }
}

/// The positionals of a subcommand. All of them are required.
fn arguments<const N: usize>(
    names: [&'static str; N],
    words: &[String],
) -> Result<[String; N], Stop> {
    let actions = names.map(|name| Action::new(name, Takes::One).required());
    let taken = arguments::parse(&actions, words)?;
    if !taken.rest.is_empty() {
        return Err(unknown_options(&taken.rest));
    }
    let word = |index: usize| taken.words(index).and_then(|words| words.first());
    Ok(std::array::from_fn(|index| {
        word(index).cloned().unwrap_or_default()
    }))
}

fn get(
    world: &mut World<'_>,
    settings: &Settings,
    globals: &Globals,
    name: &str,
) -> Result<u8, Stop> {
    let place = DottedName::of(name, settings, |first| {
        settings.profiles().iter().any(|profile| profile == first)
    })?;
    if place.profile == settings.profile() {
        settings.demand_profile(&world.process, globals)?;
    }
    if SECRETS.contains(&place.key.as_str()) {
        return Ok(1);
    }
    let value = settings.lookup(&place.profile, &place.key);
    let value = match &place.below {
        Some(below) => value.and_then(|value| nested(value, below)),
        None => value,
    };
    match value {
        None => Ok(1),
        // If the value of a key is on the lines below it, these lines are a section of their own.
        Some(value) if value.starts_with('\n') => {
            write!(
                world.stderr,
                "varname ({name}) must reference a value, not a section or sub-section."
            )?;
            Ok(1)
        }
        Some(value) => {
            writeln!(world.stdout, "{value}")?;
            Ok(0)
        }
    }
}

/// Asks the four questions of `configure` without a subcommand, and reads the answers from standard input. The keys
/// among the answers are discarded.
fn ask(world: &mut World<'_>, state: &dyn State, settings: &Settings) -> Result<u8, Stop> {
    let mut answers = Vec::new();
    for (question, key) in [
        ("AWS Access Key ID", "aws_access_key_id"),
        ("AWS Secret Access Key", "aws_secret_access_key"),
        ("Default region name", "region"),
        ("Default output format", "output"),
    ] {
        let secret = SECRETS.contains(&key);
        let present = settings.get(key).filter(|_| !secret).unwrap_or("None");
        write!(world.stdout, "{question} [{present}]: ")?;
        world.stdout.flush()?;
        let Some(answer) = line(world)? else {
            return Err(Stop::Other("EOF when reading a line".to_owned()));
        };
        if !secret && !answer.is_empty() {
            answers.push((checked(settings, key, &answer)?, answer));
        }
    }
    // The file is written only when all questions are answered.
    write(state, &answers)
}

/// Reads a line of standard input; `None` at its end.
fn line(world: &mut World<'_>) -> Result<Option<String>, Stop> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while world.stdin.read(&mut byte)? == 1 {
        if byte == *b"\n" {
            return Ok(Some(
                String::from_utf8_lossy(&bytes)
                    .trim_end_matches('\r')
                    .to_owned(),
            ));
        }
        bytes.extend(byte);
    }
    Ok((!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned()))
}

/// The value of `below` in the lines below a key.
fn nested<'v>(value: &'v str, below: &str) -> Option<&'v str> {
    let lines = value.strip_prefix('\n')?.lines();
    let mut pairs = lines.filter_map(|line| line.split_once('='));
    let (_, value) = pairs.find(|(key, _)| python::strip(key) == below)?;
    Some(python::strip(value))
}

/// The setting that a name with dots refers to.
#[derive(Debug, PartialEq)]
struct DottedName {
    profile: String,
    key: String,
    /// The key in the lines below `key`, if the name has one.
    below: Option<String>,
}

impl DottedName {
    /// Reads a name with dots. If `is_profile` returns true for its first part, that part is the profile.
    fn of(
        name: &str,
        settings: &Settings,
        is_profile: impl Fn(&str) -> bool,
    ) -> Result<Self, Stop> {
        let parts: Vec<&str> = name.split('.').collect();
        let (profile, rest) = match parts.as_slice() {
            [key] => (settings.profile(), std::slice::from_ref(key)),
            ["profile", profile, rest @ ..] => (*profile, rest),
            [first, rest @ ..] if *first == "default" || is_profile(first) => (*first, rest),
            parts => (settings.profile(), parts),
        };
        // aws-cli fails on `profile.dev` with this message.
        let [key, rest @ ..] = rest else {
            return Err(Stop::Other("list index out of range".to_owned()));
        };
        Ok(Self {
            profile: profile.to_owned(),
            key: (*key).to_owned(),
            below: match rest {
                [below] => Some((*below).to_owned()),
                _ => None,
            },
        })
    }
}

fn set(
    world: &mut World<'_>,
    state: &dyn State,
    settings: &Settings,
    name: &str,
    value: &str,
) -> Result<u8, Stop> {
    let place = checked(settings, name, value)?;
    if SECRETS.contains(&place.key.as_str()) {
        writeln!(
            world.stderr,
            "{}: {} was not written: lambdry stores no keys and needs none",
            world.process.program, place.key
        )?;
        return Ok(0);
    }
    write(state, &[(place, value.to_owned())])
}

/// Writes settings. All of them are written in one change of the file.
fn write(state: &dyn State, settings: &[(DottedName, String)]) -> Result<u8, Stop> {
    if !settings.is_empty() {
        state.edit_config(&mut |text| {
            let pairs = settings.iter();
            pairs.fold(text.to_owned(), |text, (place, value)| {
                edited(&text, place, value)
            })
        })?;
    }
    Ok(0)
}

/// Reads the name of a setting, and refuses a name or value that cannot be written.
fn checked(settings: &Settings, name: &str, value: &str) -> Result<DottedName, Stop> {
    let place = DottedName::of(name, settings, |_| false)?;
    for (what, text) in [("section name", &place.profile), ("key", &place.key)]
        .into_iter()
        .chain(place.below.as_ref().map(|below| ("key", below)))
    {
        if text.contains(['\n', '\r']) {
            return Err(Stop::Other(format!(
                "Invalid {what}: newline characters and carriage returns are not allowed: {}",
                python::repr(text)
            )));
        }
    }
    if value.contains(['\n', '\r']) {
        return Err(Stop::Other(format!(
            "Invalid value for key {}: newline characters and carriage returns are not allowed.",
            place.key
        )));
    }
    // A file with only this setting must give the same setting when it is read again.
    let alone = Config::parse(&edited("", &place, value));
    let kept = alone.as_ref().and_then(|config| {
        let kept = config.setting(&place.profile, &place.key.to_lowercase())?;
        match &place.below {
            Some(below) => nested(kept, below).filter(|_| !below.is_empty()),
            None => Some(kept),
        }
    });
    if kept != Some(python::strip(value)) {
        return Err(Stop::Invalid(format!(
            "{} cannot be the name of a setting: the config file would not be readable",
            python::repr(name)
        )));
    }
    Ok(place)
}

/// The text of a config file with one setting changed or added. All other lines stay as they are.
fn edited(text: &str, place: &DottedName, value: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let headers = match place.profile.as_str() {
        "default" => ["[default]".to_owned(), "[profile default]".to_owned()],
        name => [
            format!("[profile {}]", quoted(name)),
            format!("[profile \"{name}\"]"),
        ],
    };
    let indent = |line: &str| line.chars().take_while(|c| python::is_space(*c)).count();
    let is_comment = |line: &str| python::strip(line).starts_with(['#', ';']);
    let is_header = |line: &str| python::strip(line).starts_with('[') && line.contains(']');
    let begin = lines
        .iter()
        .position(|line| headers.iter().any(|header| python::strip(line) == header));
    let begin = begin.unwrap_or_else(|| {
        lines.push(headers[0].clone());
        lines.len() - 1
    });
    // The end of the section. Blank lines before the next header belong to that header.
    let end = |lines: &[String], from: usize| {
        let next = (from..lines.len()).find(|at| is_header(&lines[*at]));
        let mut end = next.unwrap_or(lines.len());
        while end > from && python::strip(&lines[end - 1]).is_empty() {
            end -= 1;
        }
        end
    };
    let key_of = |line: &str| {
        let (key, _) = line.split_once(['=', ':'])?;
        (!is_comment(line)).then(|| python::strip(key).to_lowercase())
    };
    let section_end = end(&lines, begin + 1);
    let base = (begin + 1..section_end)
        .find(|at| key_of(&lines[*at]).is_some())
        .map_or(0, |at| indent(&lines[at]));
    let key = place.key.to_lowercase();
    let found = (begin + 1..section_end)
        .find(|at| indent(&lines[*at]) <= base && key_of(&lines[*at]).is_some_and(|it| it == key));
    // The deeper lines below a key belong to its value.
    let below = |lines: &[String], at: usize| {
        (at + 1..section_end)
            .take_while(|next| {
                indent(&lines[*next]) > base || python::strip(&lines[*next]).is_empty()
            })
            .last()
            .map_or(at + 1, |last| last + 1)
    };
    match (&place.below, found) {
        (None, Some(at)) => {
            let until = below(&lines, at);
            lines.splice(at..until, [format!("{} = {value}", place.key)]);
        }
        (None, None) => lines.insert(section_end, format!("{} = {value}", place.key)),
        (Some(name), Some(at)) => {
            let until = below(&lines, at);
            // A section takes the place of a plain value.
            let plain = lines[at].split_once(['=', ':']);
            if plain.is_some_and(|(_, value)| !python::strip(value).is_empty()) {
                lines[at] = format!("{} =", place.key);
            }
            let same = (at + 1..until)
                .find(|at| key_of(&lines[*at]).is_some_and(|key| key == name.to_lowercase()));
            let line = format!("    {name} = {value}");
            match same {
                Some(at) => lines[at] = line,
                None => lines.insert(until, line),
            }
        }
        (Some(name), None) => {
            let new = [format!("{} =", place.key), format!("    {name} = {value}")];
            lines.splice(section_end..section_end, new);
        }
    }
    lines.join("\n") + "\n"
}

/// A profile's name as the header holds it: in quotes if it contains a blank.
fn quoted(name: &str) -> String {
    if name.contains([' ', '\t']) {
        format!("'{}'", name.replace('\'', "'\"'\"'"))
    } else {
        name.to_owned()
    }
}

fn list(world: &mut World<'_>, settings: &Settings, globals: &Globals) -> Result<u8, Stop> {
    let unset = || ("<not set>".to_owned(), "None", "None".to_owned());
    let from_env = |names: [&str; 2], shown: &str| {
        let value = names.iter().find_map(|name| world.process.var(name))?;
        Some((value.to_owned(), "env", shown.to_owned()))
    };
    let profile = match &globals.profile {
        Some(name) => (name.clone(), "manual", "--profile".to_owned()),
        None => from_env(
            ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
            "['AWS_PROFILE', 'AWS_DEFAULT_PROFILE']",
        )
        .unwrap_or_else(unset),
    };
    let region = from_env(
        ["AWS_REGION", "AWS_DEFAULT_REGION"],
        "['AWS_REGION', 'AWS_DEFAULT_REGION']",
    );
    let region = region.unwrap_or_else(|| match settings.find(settings.profile(), "region") {
        Some(Found { value, file }) => (value.to_owned(), "config-file", file),
        None => unset(),
    });
    let head = ("VALUE".to_owned(), "TYPE", "LOCATION".to_owned());
    for (name, (value, kind, location)) in [
        ("NAME", head),
        ("profile", profile),
        ("access_key", unset()),
        ("secret_key", unset()),
        ("region", region),
    ] {
        writeln!(
            world.stdout,
            "{name:<10} : {value:<24} : {kind:<16} : {location}"
        )?;
        if name == "profile" {
            settings.demand_profile(&world.process, globals)?;
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::face::fixtures::process;

    fn place(profile: &str, key: &str, below: Option<&str>) -> DottedName {
        DottedName {
            profile: profile.to_owned(),
            key: key.to_owned(),
            below: below.map(str::to_owned),
        }
    }

    #[test]
    fn edits_one_setting_and_nothing_else() {
        let cases = [
            (
                "",
                place("default", "region", None),
                "[default]\nregion = v\n",
            ),
            ("", place("P", "region", None), "[profile P]\nregion = v\n"),
            (
                "[profile x]\na = 1",
                place("two words", "region", None),
                "[profile x]\na = 1\n[profile 'two words']\nregion = v\n",
            ),
            (
                "# top\n[default]\noutput=text\nregion=old\n# in between\n\n[profile x]\nregion = other\n",
                place("default", "region", None),
                "# top\n[default]\noutput=text\nregion = v\n# in between\n\n[profile x]\nregion = other\n",
            ),
            (
                "[default]\noutput=text\n\n[profile x]\n",
                place("default", "region", None),
                "[default]\noutput=text\nregion = v\n\n[profile x]\n",
            ),
            (
                "[default]\ns3 =\n    max_queue = 1\noutput=text\n",
                place("default", "s3", Some("max_queue")),
                "[default]\ns3 =\n    max_queue = v\noutput=text\n",
            ),
            (
                "[default]\ns3 =\n    max_queue = 1\noutput=text\n",
                place("default", "s3", Some("other")),
                "[default]\ns3 =\n    max_queue = 1\n    other = v\noutput=text\n",
            ),
            (
                "[default]\nregion=x\n",
                place("default", "s3", Some("max_queue")),
                "[default]\nregion=x\ns3 =\n    max_queue = v\n",
            ),
        ];
        for (text, place, wanted) in cases {
            assert_eq!(edited(text, &place, "v"), wanted, "{text:?}");
        }
    }

    #[test]
    fn reads_names_with_dots() {
        let dir = tempfile::tempdir().unwrap();
        let settings =
            Settings::load(&process(&[], dir.path()), &Globals::default(), None).unwrap();
        let of = |name: &str| DottedName::of(name, &settings, |first| first == "dev");
        assert_eq!(of("region").unwrap(), place("default", "region", None));
        assert_eq!(of("dev.region").unwrap(), place("dev", "region", None));
        assert_eq!(
            of("profile.dev.region").unwrap(),
            place("dev", "region", None)
        );
        assert_eq!(of("s3.x").unwrap(), place("default", "s3", Some("x")));
        assert_eq!(
            of("default.s3.x").unwrap(),
            place("default", "s3", Some("x"))
        );
        assert_eq!(
            of("profile.dev"),
            Err(Stop::Other("list index out of range".to_owned()))
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,60}|(\\PC{0,8}\n){0,6}", name in "\\PC{0,4}", below in "\\PC{0,3}") {
            let _ = edited(&text, &place(&name, &name, Some(&below)), &below);
            let _ = nested(&text, &name);
        }

        #[test]
        fn reads_back_what_was_set(
            text in "(\\[(profile )?[a-c]{1,3}\\]\\n|\\[default\\]\\n|[a-c]{1,2} ?= ?[a-z]{0,3}\\n|# x\\n|\\n){0,10}",
            profile in "default|[a-c]{1,3}",
            key in "[a-c]{1,2}",
            below in proptest::option::of("[a-c]{1,2}"),
            value in "[a-zé][a-z é=:]{0,5}[a-z]",
        ) {
            // A file is not a config file if it has settings before the first section.
            let text = format!("[default]\n{text}");
            let once = edited(&text, &place(&profile, &key, below.as_deref()), &value);
            prop_assert_eq!(&edited(&once, &place(&profile, &key, below.as_deref()), &value), &once);
            // If a header or key occurs twice in the text, it still does so after the edit.
            let Some(config) = Config::parse(&once) else {
                prop_assert!(Config::parse(&text).is_none());
                return Ok(());
            };
            let found = config.setting(&profile, &key).expect("it was set");
            match below {
                Some(below) => prop_assert_eq!(nested(found, &below), Some(value.as_str())),
                None => prop_assert_eq!(found, value.as_str()),
            }
        }
    }
}
