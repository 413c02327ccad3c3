//! The rules by which `aws` parses its command line: those of Python 3.11's `argparse`, transcribed.
//!
//! The command parses in stages. Each stage has its own small set of actions and passes on the words that it did not
//! take. The first stage takes the global options and the service from the whole line, the second takes the operation's
//! name, and the third takes the operation's options. This has three effects: a prefix first matches global options,
//! the last of several equal options is used, and `Unknown options` lists the words in an unusual order.
//! [`super::options`] reads the result of a stage.

use std::borrow::Cow;

use super::exit::Stop;
use super::nearest::nearest;
use super::python;

/// The number of words that an option or a positional takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// No words: the option is a switch.
    Nothing,
    /// One word.
    One,
    /// One word or none.
    Optional,
    /// Two words.
    Two,
    /// Any number of words.
    Many,
}

/// The values that a word may have.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum ValueType {
    /// Any text.
    #[default]
    Text,
    /// A text that `int()` reads.
    Int,
    /// One of these texts.
    Choice(Cow<'static, [&'static str]>),
    /// Ends the parse, as `--version` does.
    Version,
}

/// One option or positional of a stage.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Action {
    /// `--function-name`, or a positional's `outfile`.
    pub(crate) name: Cow<'static, str>,
    /// The number of words that the action takes.
    pub(crate) takes: Takes,
    /// The values that these words may have.
    pub(crate) kind: ValueType,
    /// True if a line without it is an error.
    pub(crate) required: bool,
    /// True if a prefix of the name may be used in its place.
    pub(crate) abbreviates: bool,
}

impl Action {
    /// An optional action that takes any text. Its name may be abbreviated.
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, takes: Takes) -> Self {
        Self {
            name: name.into(),
            takes,
            kind: ValueType::Text,
            required: false,
            abbreviates: true,
        }
    }

    /// The same action, but a line without it is an error.
    pub(crate) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same action, but its words must be of that kind.
    pub(crate) fn of(mut self, kind: ValueType) -> Self {
        self.kind = kind;
        self
    }

    fn is_option(&self) -> bool {
        self.name.starts_with('-')
    }
}

/// The result of parsing one stage.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Taken {
    /// The actions that were taken, in order. Each is an index into the stage's actions, with the words that it took.
    pub(crate) actions: Vec<(usize, Vec<String>)>,
    /// The words that this stage did not take. The next stage gets them.
    pub(crate) rest: Vec<String>,
    /// True if the stage met `--version`. The words after it have no effect.
    pub(crate) version: bool,
}

impl Taken {
    /// The options that were taken, each as `--name=value` with its full name.
    pub(crate) fn spelled(&self, actions: &[Action]) -> impl Iterator<Item = String> {
        self.actions.iter().filter_map(|(at, words)| {
            let name = &actions.get(*at)?.name;
            let value = words.first().map(|value| format!("={value}"));
            name.starts_with("--")
                .then(|| format!("{name}{}", value.unwrap_or_default()))
        })
    }

    /// The words of the last occurrence of that action.
    pub(crate) fn words(&self, index: usize) -> Option<&[String]> {
        self.actions
            .iter()
            .rev()
            .find(|(taken, _)| *taken == index)
            .map(|(_, words)| words.as_slice())
    }
}

/// A word that looks like an option.
#[derive(Debug, Clone)]
struct Spelled {
    /// The action; `None` if this stage has no option of that name.
    action: Option<usize>,
    /// The text after `=`.
    explicit: Option<String>,
}

/// Takes the words of `actions` from `words`.
///
/// # Errors
/// A usage error in argparse's words.
pub(crate) fn parse(actions: &[Action], words: &[String]) -> Result<Taken, Stop> {
    let mut stage = Stage {
        actions,
        words,
        pattern: Vec::new(),
        options: vec![None; words.len()],
        taken: Taken::default(),
    };
    stage.classify()?;
    if stage.run()? {
        stage.taken.version = true;
        return Ok(stage.taken);
    }
    let missing: Vec<&str> = actions
        .iter()
        .enumerate()
        .filter(|(index, action)| action.required && stage.taken.words(*index).is_none())
        .map(|(_, action)| &*action.name)
        .collect();
    if !missing.is_empty() {
        return Err(Stop::Usage(format!(
            "the following arguments are required: {}",
            missing.join(", ")
        )));
    }
    Ok(stage.taken)
}

/// `A` an argument, `O` an option, `-` the word `--`.
type Pattern = Vec<char>;

struct Stage<'a> {
    actions: &'a [Action],
    words: &'a [String],
    pattern: Pattern,
    options: Vec<Option<Spelled>>,
    taken: Taken,
}

impl Stage<'_> {
    fn classify(&mut self) -> Result<(), Stop> {
        let mut rest_is_arguments = false;
        for (index, word) in self.words.iter().enumerate() {
            let kind = if rest_is_arguments {
                'A'
            } else if word == "--" {
                rest_is_arguments = true;
                '-'
            } else if let Some(option) = self.option(word)? {
                self.options[index] = Some(option);
                'O'
            } else {
                'A'
            };
            self.pattern.push(kind);
        }
        Ok(())
    }

    /// Reads a word as an option; `None` if it is an argument.
    fn option(&self, word: &str) -> Result<Option<Spelled>, Stop> {
        if !word.starts_with('-') {
            return Ok(None);
        }
        let exactly = |name: &str| {
            self.actions
                .iter()
                .position(|action| action.is_option() && action.name == name)
        };
        if let Some(action) = exactly(word) {
            return Ok(Some(Spelled {
                action: Some(action),
                explicit: None,
            }));
        }
        if word.chars().count() == 1 {
            return Ok(None);
        }
        let (prefix, explicit) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        if explicit.is_some()
            && let Some(action) = exactly(prefix)
        {
            return Ok(Some(Spelled {
                action: Some(action),
                explicit,
            }));
        }
        // A word with one dash is never split at its `=`, because no option here has only one dash.
        let prefix = if word.starts_with("--") { prefix } else { word };
        let meant: Vec<usize> = (0..self.actions.len())
            .filter(|index| {
                let action = &self.actions[*index];
                action.is_option() && action.abbreviates && action.name.starts_with(prefix)
            })
            .collect();
        match meant.as_slice() {
            [action] => {
                return Ok(Some(Spelled {
                    action: Some(*action),
                    explicit,
                }));
            }
            [] => {}
            _ => {
                let names: Vec<&str> = meant
                    .iter()
                    .map(|index| &*self.actions[*index].name)
                    .collect();
                return Err(Stop::Usage(format!(
                    "ambiguous option: {word} could match {}",
                    names.join(", ")
                )));
            }
        }
        if is_negative_number(word) || word.contains(' ') {
            return Ok(None);
        }
        Ok(Some(Spelled {
            action: None,
            explicit: None,
        }))
    }

    /// Takes positionals and options alternately, then the positionals after the last option. Returns true if it met
    /// `--version`.
    fn run(&mut self) -> Result<bool, Stop> {
        let mut positionals: Vec<usize> = (0..self.actions.len())
            .filter(|index| !self.actions[*index].is_option())
            .collect();
        let last = self.options.iter().rposition(Option::is_some);
        let mut index = 0;
        while last.is_some_and(|last| index <= last) {
            let next = (index..self.words.len())
                .find(|i| self.options[*i].is_some())
                .unwrap_or(index);
            if index != next {
                let end = self.positionals(&mut positionals, index)?;
                if end > index {
                    index = end;
                    continue;
                }
                self.taken.rest.extend_from_slice(&self.words[index..next]);
                index = next;
            }
            match self.optional(index)? {
                Some(end) => index = end,
                None => return Ok(true),
            }
        }
        let end = self.positionals(&mut positionals, index)?;
        self.taken.rest.extend_from_slice(&self.words[end..]);
        Ok(false)
    }

    /// Takes the option at `index` and its words. Returns the index after them, or `None` if the option is `--version`.
    fn optional(&mut self, index: usize) -> Result<Option<usize>, Stop> {
        let Some(Spelled {
            action: Some(at),
            explicit,
        }) = self.options[index].clone()
        else {
            self.taken.rest.push(self.words[index].clone());
            return Ok(Some(index + 1));
        };
        let action = &self.actions[at];
        let fault = |what: String| Err(Stop::Usage(format!("argument {}: {what}", action.name)));
        let (values, end) = match explicit {
            Some(explicit) if action.takes == Takes::Nothing => {
                return fault(format!(
                    "ignored explicit argument {}",
                    python::repr(&explicit)
                ));
            }
            Some(explicit) => (vec![explicit], index + 1),
            None => {
                let following = self.pattern[index + 1..]
                    .iter()
                    .take_while(|kind| **kind == 'A')
                    .count();
                let count = match action.takes {
                    Takes::Nothing => 0,
                    Takes::One if following == 0 => {
                        return fault("expected one argument".to_owned());
                    }
                    Takes::Two if following < 2 => {
                        return fault("expected 2 arguments".to_owned());
                    }
                    Takes::One => 1,
                    Takes::Two => 2,
                    Takes::Optional => following.min(1),
                    Takes::Many => following,
                };
                (
                    self.words[index + 1..index + 1 + count].to_vec(),
                    index + 1 + count,
                )
            }
        };
        if action.kind == ValueType::Version {
            return Ok(None);
        }
        self.take(at, values)?;
        Ok(Some(end))
    }

    /// Takes as many positionals as the words from `index` on allow. Returns the index after them.
    fn positionals(&mut self, positionals: &mut Vec<usize>, index: usize) -> Result<usize, Stop> {
        let pattern = self.pattern[index..].to_vec();
        let dashes = |at: usize| {
            pattern[at..]
                .iter()
                .take_while(|kind| **kind == '-')
                .count()
        };
        let mut ends = Vec::new();
        let mut at = 0;
        for &positional in positionals.iter() {
            let mut end = at + dashes(at);
            match (pattern.get(end), self.actions[positional].takes) {
                (Some('A'), Takes::Two) => {
                    end += 1;
                    end += dashes(end);
                    if pattern.get(end) != Some(&'A') {
                        break;
                    }
                    end += 1;
                }
                (Some('A'), _) => end += 1,
                (_, Takes::One | Takes::Two) => break,
                _ => {}
            }
            at = end + dashes(end);
            ends.push(at);
        }
        let mut start = 0;
        for &end in &ends {
            let mut words = self.words[index + start..index + end].to_vec();
            if let Some(dashes) = words.iter().position(|word| word == "--") {
                words.remove(dashes);
            }
            let positional = positionals.remove(0);
            // An optional positional without words is not taken.
            if !words.is_empty() {
                self.take(positional, words)?;
            }
            start = end;
        }
        Ok(index + start)
    }

    fn take(&mut self, at: usize, mut words: Vec<String>) -> Result<(), Stop> {
        let action = &self.actions[at];
        if action.is_option()
            && let Some(dashes) = words.iter().position(|word| word == "--")
        {
            words.remove(dashes);
        }
        for word in &words {
            match &action.kind {
                ValueType::Int if python::int(word).is_err() => {
                    let value = python::repr(word);
                    return Err(Stop::Usage(format!(
                        "argument {}: invalid int value: {value}",
                        action.name
                    )));
                }
                ValueType::Choice(names) if !names.contains(&word.as_str()) => {
                    return Err(invalid_choice(&action.name, word, names));
                }
                _ => {}
            }
        }
        self.taken.actions.push((at, words));
        Ok(())
    }
}

/// The error for a word that is not one of the allowed names of a positional or an option.
pub(crate) fn invalid_choice(action: &str, word: &str, names: &[&str]) -> Stop {
    let mut text = format!("argument {action}: Found invalid choice '{word}'\n");
    let near = nearest(word, names.iter().copied());
    if !near.is_empty() {
        text.push_str("\nMaybe you meant:\n");
        for name in near {
            text.push_str(&format!("\n  * {name}"));
        }
    }
    Stop::Usage(text)
}

/// argparse's `^-\d+$|^-\d*\.\d+$`.
fn is_negative_number(word: &str) -> bool {
    let digits = |text: &str| text.chars().all(char::is_numeric);
    match word.strip_prefix('-') {
        Some(rest) => match rest.split_once('.') {
            Some((whole, fraction)) => digits(whole) && digits(fraction) && !fraction.is_empty(),
            None => digits(rest) && !rest.is_empty(),
        },
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn actions() -> Vec<Action> {
        vec![
            Action::new("--function-name", Takes::One).required(),
            Action::new("--publish", Takes::Nothing),
            Action::new("--no-publish", Takes::Nothing),
            Action::new("--publish-to", Takes::One),
            Action::new("--layers", Takes::Many),
            Action::new("--max-items", Takes::One).of(ValueType::Int),
            Action::new("--generate-cli-skeleton", Takes::Optional)
                .of(ValueType::Choice(Cow::Borrowed(&["input", "output"]))),
            Action {
                abbreviates: false,
                ..Action::new("--settle", Takes::One)
            },
            Action::new("--version", Takes::Nothing).of(ValueType::Version),
            Action::new("help", Takes::Optional),
        ]
    }

    fn taken(line: &[&str]) -> Result<Taken, Stop> {
        let words: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
        parse(&actions(), &words)
    }

    /// Formats the result of a parse as `--name word word | word`: the words that were taken, and after the bar the
    /// words that were not.
    fn shown(line: &[&str]) -> String {
        match taken(line) {
            Ok(taken) => {
                let mut parts: Vec<String> = Vec::new();
                for (index, words) in &taken.actions {
                    parts.push(actions()[*index].name.to_string());
                    parts.extend(words.iter().cloned());
                }
                parts.push("|".to_owned());
                parts.extend(taken.rest);
                parts.join(" ")
            }
            Err(Stop::Usage(text)) => format!("! {text}"),
            Err(other) => format!("{other:?}"),
        }
    }

    #[test]
    fn takes_options_as_argparse_does() {
        for (line, result) in [
            (&["--function-name", "f"][..], "--function-name f |"),
            (&["--function-name=-x"], "--function-name -x |"),
            (&["--function-name="], "--function-name  |"),
            (
                &["--func", "f", "--func=g"],
                "--function-name f --function-name g |",
            ),
            (&["--function-name", "-1"], "--function-name -1 |"),
            (
                &["--function-name", "-1.5e"],
                "! argument --function-name: expected one argument",
            ),
            (&["--function-name", "-a b"], "--function-name -a b |"),
            (&["--function-name", "--x y"], "--function-name --x y |"),
            (&["--function-name", "-"], "--function-name - |"),
            (
                &["--function-name"],
                "! argument --function-name: expected one argument",
            ),
            (
                &["--function-name", "--publish"],
                "! argument --function-name: expected one argument",
            ),
            (
                &["--function-name", "--", "f"],
                "! argument --function-name: expected one argument",
            ),
            (
                &["--publish"],
                "! the following arguments are required: --function-name",
            ),
            (
                &["--publish=true"],
                "! argument --publish: ignored explicit argument 'true'",
            ),
            (
                &["--publ"],
                "! ambiguous option: --publ could match --publish, --publish-to",
            ),
            (
                &["--f", "f", "--publish", "--no-publish"],
                "--function-name f --publish --no-publish |",
            ),
            (
                &["--f", "f", "--layers", "a", "b", "--publish"],
                "--function-name f --layers a b --publish |",
            ),
            (&["--f", "f", "--layers"], "--function-name f --layers |"),
            (
                &["--f", "f", "--layers=a", "b"],
                "--function-name f --layers a help b |",
            ),
            (
                &["--max-items", "abc"],
                "! argument --max-items: invalid int value: 'abc'",
            ),
            (
                &["--f", "f", "--max-items", " 1_0 "],
                "--function-name f --max-items  1_0  |",
            ),
            (
                &["--f", "f", "--generate-cli-skeleton"],
                "--function-name f --generate-cli-skeleton |",
            ),
            (
                &["--generate-cli-skeleton", "zzz"],
                "! argument --generate-cli-skeleton: Found invalid choice 'zzz'\n",
            ),
            (
                &["--generate-cli-skeleton", "inputt"],
                "! argument --generate-cli-skeleton: Found invalid choice 'inputt'\n\nMaybe you meant:\n\n  * input",
            ),
            (
                &["--f", "f", "--sett", "1"],
                "--function-name f help 1 | --sett",
            ),
            (
                &["--f", "f", "--settle", "1"],
                "--function-name f --settle 1 |",
            ),
            (
                &["--f", "f", "extra1", "extra2"],
                "--function-name f help extra1 | extra2",
            ),
            (
                &["--bogus", "3", "--f", "f"],
                "help 3 --function-name f | --bogus",
            ),
            (&["--f", "f", "--"], "--function-name f |"),
            (
                &["--f", "f", "--", "--publish"],
                "--function-name f help --publish |",
            ),
            (&["--f", "f", "-x"], "--function-name f | -x"),
            (&["--f", "f", ""], "--function-name f help  |"),
        ] {
            assert_eq!(shown(line), result, "{line:?}");
        }
    }

    #[test]
    fn ends_at_version_wherever_it_stands() {
        assert!(taken(&["--version"]).is_ok_and(|taken| taken.version));
        assert!(
            taken(&["--publish", "--vers", "--max-items", "abc"]).is_ok_and(|taken| taken.version)
        );
        assert!(taken(&["--max-items", "abc", "--version"]).is_err());
    }

    /// Formats the words that were taken as a command line in which every name is in full.
    fn printed(actions: &[Action], taken: &Taken) -> Vec<String> {
        let mut line = Vec::new();
        for (index, words) in &taken.actions {
            let Action { name, takes, .. } = &actions[*index];
            match (takes, words.as_slice()) {
                (Takes::One | Takes::Optional, [word]) if name.starts_with('-') => {
                    line.push(format!("{name}={word}"));
                }
                (_, words) if name.starts_with('-') => {
                    line.push(name.to_string());
                    line.extend_from_slice(words);
                }
                (_, words) => line.extend_from_slice(words),
            }
        }
        line
    }

    /// A word with a value that cannot be mistaken for an option.
    fn given() -> impl Strategy<Value = Vec<String>> {
        let one = |names: &'static [&'static str], value: &'static str| {
            (proptest::sample::select(names), value, any::<bool>()).prop_map(
                |(name, value, joined)| {
                    if joined {
                        vec![format!("{name}={value}")]
                    } else {
                        vec![name.to_owned(), value]
                    }
                },
            )
        };
        prop_oneof![
            one(&["--function-name", "--func", "--f"], "[a-z =:é]{1,6}"),
            one(&["--publish-to"], "[a-z]{1,4}"),
            one(&["--max-items", "--max"], "[1-9][0-9]{0,3}"),
            one(&["--generate-cli-skeleton", "--gen"], "input|output"),
            Just(vec!["--publish".to_owned()]),
            Just(vec!["--no-pub".to_owned()]),
            proptest::collection::vec("[a-z:]{1,4}", 0..3).prop_map(|mut words| {
                words.insert(0, "--layers".to_owned());
                words
            }),
        ]
    }

    proptest! {
        #[test]
        fn takes_the_same_from_what_it_took(given in proptest::collection::vec(given(), 0..6)) {
            let actions = actions();
            let mut line = vec!["--function-name".to_owned(), "f".to_owned()];
            line.extend(given.concat());
            let taken = parse(&actions, &line).expect("it is a good line");
            prop_assert!(taken.rest.is_empty());
            let again = printed(&actions, &taken);
            prop_assert_eq!(parse(&actions, &again).expect("so is this"), taken);
        }

        #[test]
        fn never_panics(words in proptest::collection::vec("(--)?[a-z=-]{0,10}|--publish|--layers|--|é", 0..8)) {
            let _ = parse(&actions(), &words);
        }
    }
}
