//! A shell script as a list of commands. Each command comes with the constructs around it, such as `if`, `||` and
//! pipes. A part that is misread matches no call.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    tokens::{self, Operator},
    tree::{self, AndOr, Command, Compound, List, Pipeline},
    words::{Piece, Word, agree},
};

/// A script.
#[derive(Debug)]
pub(crate) struct Script {
    /// The script's commands, in the order of the text.
    pub(crate) commands: Vec<Stands>,
    /// The functions that only traps call.
    clean_up: BTreeSet<String>,
    /// The offsets of the statements at the top level.
    statements: Vec<usize>,
    text_len: usize,
    line_ends: Vec<usize>,
}

/// A command and the constructs around it.
#[derive(Debug)]
pub(crate) struct Stands {
    /// The offset of the command's first character.
    pub(crate) start: usize,
    /// The offset of the command's end.
    end: usize,
    /// The command's words, including the assignments in front of them.
    words: Vec<Word>,
    /// The function that contains the command.
    pub(crate) function: Option<String>,
    /// The constructs around the command, from the outside in.
    pub(crate) around: Vec<Around>,
}

/// A construct that may look at the status of a command, or discard it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Around {
    /// A condition: `if`, `while`.
    Condition,
    /// A branch, or the body of a loop. It may run or not.
    Branch,
    /// `!`
    Not,
    /// `&&` after the command, and no `||`.
    And,
    /// `|| …`. The variant holds `true` if the right side does nothing: `|| true`.
    Or(bool),
    /// `|` after the command. The variant holds the command at the end of the pipeline.
    Pipe(String),
    /// `&`
    Background,
    /// The next command reads `$?`.
    StatusIsRead,
    /// `name=$(…)`
    Assigned(String),
    /// `local name=$(…)`. The variant holds the word `local`.
    Declared(String),
    /// An argument of a command. The variant holds the name of this command: `echo "$(…)"`.
    Argument(String),
    /// An argument of `case`, `[` or `[[`, which test it.
    Tested,
    /// The text of a trap.
    Trap,
}

/// A command in a script that may call a given program.
#[derive(Debug)]
pub(crate) struct Site<'s> {
    /// The offset of the program's name.
    pub(crate) start: usize,
    /// The end of the line on which the command ends.
    pub(crate) line_end: usize,
    /// The words from the program's name to the end.
    words: Vec<Word>,
    /// The words before the program's name: `xargs`, `retry`.
    before: Vec<&'s Word>,
    /// The command itself.
    pub(crate) stands: &'s Stands,
}

impl Site<'_> {
    /// Returns true if this command can have called the program with the given words. At least `plain` words without
    /// expansions must match, because `aws "$@"` in a wrapper matches everything.
    pub(crate) fn matches(&self, program: &str, words: &[&str], plain: usize) -> bool {
        let told = self.words.iter().filter_map(Word::literal);
        told.filter(|text| !text.is_empty() && *text != program)
            .count()
            >= plain
            && agree(&self.words, &[&[program], words].concat())
    }

    /// The function whose arguments this command passes on, and the arguments that the function had if this command
    /// made the call.
    pub(crate) fn passed_on<'w>(
        &self,
        program: &'w str,
        words: &[&'w str],
    ) -> Option<(&str, Vec<&'w str>)> {
        let function = self.stands.function.as_deref()?;
        let at = self.words.iter().position(|word| word.is_given)?;
        let called = [&[program], words].concat();
        let (before, behind) = (&self.words[..at], &self.words[at + 1..]);
        let from = (0..=called.len()).find(|from| agree(before, &called[..*from]))?;
        let to = (from..=called.len())
            .rev()
            .find(|to| agree(behind, &called[*to..]))?;
        Some((function, called[from..to].to_vec()))
    }

    /// Returns true if the program is called here by name. Returns false if the program is only an argument of another
    /// command (`echo aws …`), or if the command passes on the words of its function (`aws "$@"`).
    pub(crate) fn calls(&self, functions: &BTreeSet<String>) -> bool {
        let mut before = self.before.iter().filter(|word| word.assigns().is_none());
        let is_run_by = before.next().is_none_or(|word| {
            word.literal()
                .is_some_and(|word| RUNNERS.contains(&word) || functions.contains(word))
        });
        let named = self.words.first().and_then(Word::literal).is_some();
        named
            && is_run_by
            && self.words.len() > 1
            && !self.words.iter().any(|word| word.is_given)
            && !self.words.iter().any(|word| word.is_element)
    }
}

/// Programs and builtins that run the command in their arguments.
const RUNNERS: [&str; 14] = [
    "command", "builtin", "exec", "env", "xargs", "timeout", "gtimeout", "nohup", "nice", "retry",
    "sudo", "stdbuf", "unbuffer", "eval",
];

/// Builtins that set a variable. They succeed even if the command that gives the value fails.
const DECLARE: [&str; 5] = ["local", "export", "declare", "typeset", "readonly"];

impl Script {
    /// Reads a script.
    pub(crate) fn read(text: &str) -> Self {
        let mut walker = Walker {
            commands: Vec::new(),
            function: None,
            around: Vec::new(),
        };
        let tokens = tokens::read(text);
        let mut statements = Vec::new();
        let list = tree::parse(&tokens, text.len());
        for (at, and_or) in list.iter().enumerate() {
            let before = walker.commands.len();
            walker.one_of(and_or, list.get(at + 1));
            let begins = walker.commands.get(before).map(|first| first.start);
            statements.extend(begins);
        }
        let mut commands = walker.commands;
        let traps: Vec<Stands> = commands.iter().flat_map(of_trap).collect();
        commands.extend(traps);
        let line_ends = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self {
            clean_up: clean_up(&commands),
            statements,
            commands,
            text_len: text.len(),
            line_ends,
        }
    }

    /// The commands that may call the given program.
    pub(crate) fn sites(&self, program: &str) -> Vec<Site<'_>> {
        let site = |stands| self.site(stands, program);
        self.commands.iter().filter_map(site).collect()
    }

    fn site<'s>(&self, stands: &'s Stands, program: &str) -> Option<Site<'s>> {
        let words: Vec<&Word> = stands.words.iter().filter(|it| !it.redirects).collect();
        let of = |word: &&Word| word.literal() == Some(program);
        // `$AWS lambda …`
        let from = words.iter().position(of).or_else(|| {
            let first = words.first()?;
            (first.is_hole() && first.splits).then_some(0)
        })?;
        let (before, words) = words.split_at(from);
        let by_xargs = before.iter().any(|word| word.literal() == Some("xargs"));
        let mut words: Vec<Word> = words.iter().map(|word| (*word).clone()).collect();
        if by_xargs {
            for word in &mut words {
                // `-I{}`
                if word.literal() == Some("{}") {
                    word.pieces = vec![Piece::Hole];
                }
            }
            words.push(Word {
                pieces: vec![Piece::Hole],
                splits: true,
                ..Word::default()
            });
        }
        let line = self.line_ends.partition_point(|end| *end <= stands.end);
        Some(Site {
            start: words.first().map_or(stands.start, |word| word.start),
            line_end: self.line_ends.get(line).copied().unwrap_or(self.text_len),
            words,
            before: before.to_vec(),
            stands,
        })
    }

    /// Returns true if a command has already ended. bash reads a statement, runs it, and then reads the next one. So
    /// the shell, which has read up to the given offset, is running the last statement before this offset. A command in
    /// a function, a trap or the background may run at any time.
    pub(crate) fn is_over(&self, site: &Site<'_>, read: usize) -> bool {
        let lasts = [Around::Trap, Around::Background];
        let stands = site.stands;
        if stands.function.is_some() || lasts.iter().any(|it| stands.around.contains(it)) {
            return false;
        }
        let runs = self.statements.iter().rfind(|start| **start < read);
        runs.is_some_and(|start| site.line_end <= *start)
    }

    /// The line of an offset, from 1.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.line_ends.partition_point(|end| *end <= offset) + 1
    }

    /// The names of the files that the script sources. Expansions at the start of a name are left out.
    pub(crate) fn taken_in(&self) -> impl Iterator<Item = &str> {
        self.commands.iter().filter_map(|command| {
            let [first, second, ..] = command.words.as_slice() else {
                return None;
            };
            let name = second.pieces.last()?;
            match (first.literal(), name) {
                (Some("." | "source"), Piece::Text(name)) => Some(name.as_str()),
                _ => None,
            }
        })
    }

    /// The functions that the script defines and that contain a command.
    pub(crate) fn functions(&self) -> BTreeSet<&str> {
        let functions = self.commands.iter();
        functions
            .filter_map(|command| command.function.as_deref())
            .collect()
    }

    /// The command on the given line that called the program with the given words. A command that names the program
    /// wins over a command that calls a function. If several commands qualify equally, the innermost wins.
    pub(crate) fn at(&self, line: usize, program: &str, words: &[String]) -> Option<&Stands> {
        let covers = |it: &&Stands| {
            (self.line_of(it.start)..=self.line_of(it.end.max(it.start))).contains(&line)
        };
        let mut there = self.commands.iter().rev().filter(covers);
        let named = there.clone().find(|it| it.names(program, words));
        let functions = self.functions();
        named.or_else(|| there.find(|it| it.name().is_some_and(|name| functions.contains(name))))
    }

    /// Returns true if only a trap leads to the given command.
    pub(crate) fn is_in_trap(&self, stands: &Stands) -> bool {
        let function = stands.function.as_deref();
        stands.around.contains(&Around::Trap)
            || function.is_some_and(|name| self.clean_up.contains(name))
    }

    /// Returns true if the script sets a shell option before the given offset: `set -o pipefail`.
    pub(crate) fn sets(&self, option: &str, before: usize) -> bool {
        self.commands.iter().any(|command| {
            let mut words = command.words.iter().filter_map(Word::literal);
            command.start < before && words.next() == Some("set") && words.any(|it| it == option)
        })
    }

    /// Returns true if a failed command at the given offset would end the script: `set -e`, `#!/bin/sh -e`.
    pub(crate) fn sets_errexit(&self, before: usize) -> bool {
        let is_short = |word: &str| word.starts_with('-') && word[1..].contains('e');
        self.sets("errexit", before)
            || self.commands.iter().any(|command| {
                let mut words = command.words.iter().filter_map(Word::literal);
                command.start < before && words.next() == Some("set") && words.any(is_short)
            })
    }

    /// Returns true if a command asks for a function that the script itself creates. A `create-function` command of the
    /// script then has the same word as the function's name.
    pub(crate) fn creates(&self, named: &Stands, program: &str) -> bool {
        const NAME: &str = "--function-name";
        let asks = ["get-function", "get-function-configuration"];
        if !named
            .operation(program)
            .nth(1)
            .is_some_and(|it| asks.contains(&it))
        {
            return false;
        }
        let Some(name) = named.value_of(NAME) else {
            return false;
        };
        // `$1` has another value in every function.
        let is_given = |variable: &String| variable.chars().all(|it| it.is_ascii_digit());
        let is_local = name.variables.iter().any(is_given);
        self.commands.iter().any(|command| {
            command.operation(program).eq(["lambda", "create-function"])
                && (!is_local || command.function == named.function)
                && command
                    .value_of(NAME)
                    .is_some_and(|other| other.is_as(name))
        })
    }

    /// Returns true if the script tests a variable after the given offset: `[ -z "$version" ]`, `case $version in`, `if
    /// echo "$version" | grep …`.
    pub(crate) fn tests(&self, variable: &str, after: usize) -> bool {
        self.commands.iter().any(|command| {
            let tests = matches!(command.name(), Some("[" | "[[" | "test"));
            let decides = [Around::Tested, Around::Condition];
            command.start > after
                && (tests || decides.iter().any(|it| command.around.contains(it)))
                && command.words.iter().any(|word| word.reads(variable))
        })
    }
}

impl Stands {
    /// The word that names the program; `None` if it has expansions.
    pub(crate) fn name(&self) -> Option<&str> {
        let mut words = self.words.iter();
        let first = words.find(|word| !word.redirects && word.assigns().is_none())?;
        first.literal()
    }
}

impl Stands {
    /// Returns true if the command passes on the arguments of its function: `aws "$@"`.
    pub(crate) fn passes_on(&self) -> bool {
        self.function.is_some() && self.words.iter().any(|word| word.is_given)
    }

    /// Returns true if the command calls the given program, or a program that a variable names, and if the given words
    /// contain its operation.
    pub(crate) fn names(&self, program: &str, words: &[String]) -> bool {
        self.word(program).is_some()
            && self
                .operation(program)
                .all(|word| words.iter().any(|it| it == word))
    }

    /// Returns true if the command is outside of a function and its program's word is an expansion: `"$1"`. Such a
    /// command may call any function.
    pub(crate) fn dispatches(&self) -> bool {
        let mut words = self.words.iter();
        let first = words.find(|word| !word.redirects && word.assigns().is_none());
        self.function.is_none()
            && first.is_some_and(|word| word.is_hole() || word.is_given || word.literal().is_none())
    }

    /// The command's words, each with its offset in the text. `$` stands for an expansion. Empty for a command in the
    /// text of a trap, because such a command has other offsets.
    pub(crate) fn told_words(&self) -> Vec<(usize, String)> {
        if self.around.contains(&Around::Trap) {
            return Vec::new();
        }
        let words = self.words.iter().filter(|word| !word.redirects);
        let told = words.map(|word| {
            let pieces = word.pieces.iter().map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Hole => "$",
            });
            (word.start, pieces.collect())
        });
        told.collect()
    }

    /// The command's words that have no expansions.
    pub(crate) fn plain_words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter_map(Word::literal)
    }

    /// The first words after the program's name that are not options: `lambda`, `publish-version`.
    pub(crate) fn operation(&self, program: &str) -> impl Iterator<Item = &str> {
        let from = self.word(program).map_or(usize::MAX, |word| word.start);
        let behind = self.words.iter().filter(move |word| word.start > from);
        let words = behind
            .filter(|word| !word.redirects)
            .filter_map(Word::literal);
        words.take_while(|word| !word.starts_with('-')).take(2)
    }

    /// The word that follows an option.
    fn value_of(&self, option: &str) -> Option<&Word> {
        let mut words = self.words.iter().filter(|word| !word.redirects);
        words.find(|word| word.literal() == Some(option))?;
        words.next()
    }

    /// The line that holds the program's name.
    pub(crate) fn line_of_word(&self, script: &Script, program: &str) -> usize {
        let start = self.word(program).map_or(self.start, |word| word.start);
        script.line_of(start)
    }

    fn word(&self, program: &str) -> Option<&Word> {
        let of = |word: &&Word| word.literal() == Some(program);
        let named = self.words.iter().find(of);
        named.or_else(|| {
            let first = self.words.iter().find(|word| !word.redirects)?;
            (first.is_hole() && first.splits).then_some(first)
        })
    }
}

impl Word {
    /// Returns true if another word has the same meaning, wherever the two words are.
    fn is_as(&self, other: &Self) -> bool {
        // Quotes can leave an empty piece of text.
        let empty = Piece::Text(String::new());
        let pieces = |word: &Self| -> Vec<Piece> {
            let pieces = word.pieces.iter().filter(|piece| **piece != empty);
            pieces.cloned().collect()
        };
        let (one, other_one) = (pieces(self), pieces(other));
        // The output of a command may differ each time.
        let holes = one.iter().filter(|piece| **piece == Piece::Hole).count();
        holes == self.variables.len() && (one, &self.variables) == (other_one, &other.variables)
    }

    fn reads(&self, variable: &str) -> bool {
        self.variables.iter().any(|name| name == variable)
    }
}

/// The commands in the text of a trap.
fn of_trap(command: &Stands) -> Vec<Stands> {
    let words: Vec<&Word> = command.words.iter().collect();
    let [first, text, _, ..] = words.as_slice() else {
        return Vec::new();
    };
    if first.literal() != Some("trap") {
        return Vec::new();
    }
    let text: String = text
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Hole => "_",
        })
        .collect();
    let mut script = Script::read_flat(&text);
    for inside in &mut script {
        inside.start = command.start;
        inside.end = command.end;
        // The words keep their order. All of these offsets are on the trap's line.
        for (at, word) in inside.words.iter_mut().enumerate() {
            word.start = command.start + at.min(3);
        }
        inside.around.insert(0, Around::Trap);
    }
    script
}

impl Script {
    fn read_flat(text: &str) -> Vec<Stands> {
        let mut walker = Walker {
            commands: Vec::new(),
            function: None,
            around: Vec::new(),
        };
        let tokens = tokens::read(text);
        walker.list(&tree::parse(&tokens, text.len()));
        walker.commands
    }
}

/// The functions to which only traps lead.
fn clean_up(commands: &[Stands]) -> BTreeSet<String> {
    let mut called: BTreeMap<Option<&str>, BTreeSet<&str>> = BTreeMap::new();
    let mut by_traps: BTreeSet<&str> = BTreeSet::new();
    for command in commands {
        let Some(name) = command.name() else { continue };
        if command.around.contains(&Around::Trap) {
            by_traps.insert(name);
        } else {
            let function = command.function.as_deref();
            called.entry(function).or_default().insert(name);
        }
    }
    let reach = |from: BTreeSet<&str>| -> BTreeSet<String> {
        let mut reached: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<&str> = from.into_iter().collect();
        while let Some(name) = open.pop() {
            if reached.insert(name.to_owned()) {
                open.extend(called.get(&Some(name)).into_iter().flatten());
            }
        }
        reached
    };
    let otherwise = reach(called.get(&None).cloned().unwrap_or_default());
    let by_traps = reach(by_traps);
    by_traps.difference(&otherwise).cloned().collect()
}

struct Walker {
    commands: Vec<Stands>,
    function: Option<String>,
    around: Vec<Around>,
}

impl Walker {
    fn within(&mut self, around: Option<Around>, walk: impl FnOnce(&mut Self)) {
        let depth = self.around.len();
        self.around.extend(around);
        walk(self);
        self.around.truncate(depth);
    }

    fn list(&mut self, list: &List<'_>) {
        for (at, and_or) in list.iter().enumerate() {
            self.one_of(and_or, list.get(at + 1));
        }
    }

    /// Reads one element of a list; `next` is the element after it.
    fn one_of(&mut self, and_or: &AndOr<'_>, next: Option<&AndOr<'_>>) {
        let read = next.is_some_and(reads_status);
        self.within(read.then_some(Around::StatusIsRead), |walker| {
            walker.and_or(and_or);
        });
    }

    fn and_or(&mut self, and_or: &AndOr<'_>) {
        let background = and_or.is_in_background.then_some(Around::Background);
        self.within(background, |walker| {
            for (at, pipeline) in and_or.pipelines.iter().enumerate() {
                let mut behind = and_or.operators.iter().enumerate().skip(at);
                let or = behind.find(|(_, operator)| **operator == Operator::Or);
                let around = match or {
                    Some((at, _)) => Some(Around::Or(
                        and_or.pipelines.get(at + 1).is_some_and(does_nothing),
                    )),
                    None => (at < and_or.operators.len()).then_some(Around::And),
                };
                walker.within(around, |walker| walker.pipeline(pipeline));
            }
        });
    }

    fn pipeline(&mut self, pipeline: &Pipeline<'_>) {
        let background = pipeline.is_coprocess.then_some(Around::Background);
        let not = pipeline.is_negated.then_some(Around::Not);
        self.within(background.or(not), |walker| {
            let last = match pipeline.commands.last() {
                Some(Command::Simple(words, _)) => name_of(words).unwrap_or_default().to_owned(),
                _ => String::new(),
            };
            for (at, command) in pipeline.commands.iter().enumerate() {
                let is_last = at + 1 == pipeline.commands.len();
                let pipe = (!is_last).then(|| Around::Pipe(last.clone()));
                walker.within(pipe, |walker| walker.command(command));
            }
        });
    }

    fn command(&mut self, command: &Command<'_>) {
        match command {
            Command::Simple(words, end) => self.simple(words, *end),
            Command::Compound(compound) => self.compound(compound),
            Command::Function(name, body) => {
                // A function's definition does not show the constructs around the calls of the function.
                let around = std::mem::take(&mut self.around);
                let function = self.function.replace(name.clone());
                self.command(body);
                self.function = function;
                self.around = around;
            }
        }
    }

    fn compound(&mut self, compound: &Compound<'_>) {
        if compound.name == "case" {
            let end = compound.words.last().map_or(0, |word| word.start);
            self.within(Some(Around::Tested), |walker| {
                walker.keep(&compound.words, end);
            });
        }
        self.words(&compound.words, compound.name);
        for condition in &compound.conditions {
            self.within(Some(Around::Condition), |walker| walker.list(condition));
        }
        for branch in &compound.branches {
            self.within(Some(Around::Branch), |walker| walker.list(branch));
        }
        for body in &compound.bodies {
            self.list(body);
        }
    }

    fn simple(&mut self, words: &[&Word], end: usize) {
        self.keep(words, end);
        self.words(words, name_of(words).unwrap_or_default());
    }

    fn keep(&mut self, words: &[&Word], end: usize) {
        let Some(first) = words.first() else { return };
        let flat = words.iter().map(|word| Word {
            substitutions: Vec::new(),
            ..(*word).clone()
        });
        self.commands.push(Stands {
            start: first.start,
            end,
            words: flat.collect(),
            function: self.function.clone(),
            around: self.around.clone(),
        });
    }

    /// Reads the commands in the substitutions of a command's words. `name` is the command's name, which is empty if
    /// the command only assigns.
    fn words(&mut self, words: &[&Word], name: &str) {
        for word in words {
            for inside in &word.substitutions {
                let around = match word.assigns() {
                    Some(variable) if name.is_empty() => Around::Assigned(variable.to_owned()),
                    Some(_) if DECLARE.contains(&name) => Around::Declared(name.to_owned()),
                    _ if ["[", "[[", "test", "case"].contains(&name) => Around::Tested,
                    _ => Around::Argument(name.to_owned()),
                };
                self.within(Some(around), |walker| {
                    walker.list(&tree::parse(inside, word.start));
                });
            }
        }
    }
}

/// The word that names a command's program; `None` if the command only assigns.
fn name_of<'w>(words: &[&'w Word]) -> Option<&'w str> {
    let mut words = words
        .iter()
        .filter(|word| !word.redirects && !word.is_element);
    let first = words.find(|word| word.assigns().is_none())?;
    Some(first.literal().unwrap_or("_"))
}

/// Returns true if a statement reads the status of the statement before it.
fn reads_status(next: &AndOr<'_>) -> bool {
    let reads = |words: &[&Word]| words.iter().any(|word| word.reads_status);
    let first = next.pipelines.first().and_then(|it| it.commands.first());
    match first {
        Some(Command::Simple(words, _)) => reads(words),
        Some(Command::Compound(compound)) => {
            let condition = compound.conditions.first().and_then(|list| list.first());
            reads(&compound.words) || condition.is_some_and(reads_status)
        }
        _ => false,
    }
}

/// Returns true for `true` and `:`.
fn does_nothing(pipeline: &Pipeline<'_>) -> bool {
    match pipeline.commands.as_slice() {
        [Command::Simple(words, _)] => matches!(name_of(words), Some("true" | ":")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_too_strange() {
        const PARTS: [&str; 30] = [
            "if", "then", "fi", "while", "do", "done", "case", "in", "esac", ";;", "x)", "(", ")",
            "{", "}", "$(", "`", "\"", "'", "<<E\n", "|", "||", "&&", "&", "!", "[[", "]]", "f()",
            "a=(", "aws é",
        ];
        for one in PARTS {
            for two in PARTS {
                for three in PARTS {
                    for between in [" ", "\n"] {
                        let text = [one, two, three, "aws lambda x", one].join(between);
                        let script = Script::read(&text);
                        for site in script.sites("aws") {
                            assert!(
                                site.start <= text.len() && site.line_end <= text.len(),
                                "{text}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_script_creates_what_it_names_alike() {
        let creates = |text: &str| {
            let script = Script::read(text);
            let mut commands = script.commands.iter();
            let probe = commands.find(|it| it.operation("aws").eq(["lambda", "get-function"]));
            script.creates(probe.expect("a probe"), "aws")
        };
        for (probe, create, wanted) in [
            ("\"$FN\"", "$FN", true),
            ("pay", "pay", true),
            ("pay-$STAGE", "\"pay-${STAGE}\"", true),
            ("$FN", "$OTHER", false),
            ("pay", "ship", false),
            ("$(name)", "$(name)", false),
        ] {
            let text = format!(
                "aws lambda get-function --function-name {probe} ||\n\
                 aws lambda create-function --runtime x --function-name {create}\n"
            );
            assert_eq!(creates(&text), wanted, "{text}");
        }
        let probe = "f() { aws lambda get-function --function-name $1; }\n";
        let create = "aws lambda create-function --function-name $1";
        assert!(!creates(&format!("{probe}g() {{ {create}; }}")));
        assert!(creates(&format!("{probe}f() {{ {create}; }}")));
    }

    #[test]
    fn a_command_is_found_wherever_it_stands() {
        for text in [
            "case $x in\n  (a) echo b ;;\n  c | d) aws lambda x ;;\nesac",
            "x=$(case $y in a) echo ;; esac; aws lambda x)",
            "[[ a =~ (b|c) && ( -n d ) ]] && aws lambda x",
            "for ((i = 0; i < 3; i++)); do aws lambda x; done",
            "function f { aws lambda x; }",
            "f ()\n{\n  aws lambda x\n}",
            "args=(a b\n  c) ; aws lambda x",
            "cat <<-'E' | aws lambda x\n\tit's\n\tE\necho",
            "time -p aws lambda x",
            "A=1 B=\"$(echo ')')\" aws lambda x",
            "diff <(echo a) <(aws lambda x)",
            "if a; then b; elif c; then d; else aws lambda x; fi",
            "while read -r l; do echo; done < <(aws lambda x)",
            "echo ${x:-$(echo a)} ; aws lambda x",
            "x=${y#*'}'}; aws lambda x",
        ] {
            let script = Script::read(text);
            let sites = script.sites("aws");
            let named = sites
                .iter()
                .filter(|site| site.matches("aws", &["lambda", "x"], 2));
            assert_eq!(named.count(), 1, "{text}: {:?}", script.commands);
        }
    }
}
