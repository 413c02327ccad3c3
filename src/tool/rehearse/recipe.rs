//! Turns the recipes of a makefile into a script. make gives every recipe line to a new shell, so no shell knows the
//! place of a call. In this script the lines keep their numbers, and make's own expansions become holes.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The names that a makefile may have, in the order in which make looks for them.
const NAMES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];

/// The largest makefile that is read, in bytes.
const LARGEST: u64 = 256 << 10;

/// The recipes of a makefile.
#[derive(Debug)]
pub(super) struct Recipes {
    /// The path of the makefile.
    pub(super) file: PathBuf,
    /// The recipes as a script. Each line has the same number as in the file.
    pub(super) text: String,
}

/// The recipes of the makefile that a process uses; `None` if the process is not make.
pub(super) fn of(pid: u32) -> Option<Recipes> {
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let command = String::from_utf8(command).ok()?;
    let mut words = command.split_terminator('\0');
    let program = Path::new(words.next()?).file_name()?.to_str()?;
    if !matches!(program, "make" | "gmake") {
        return None;
    }
    let folder = fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
    let named = makefile(&words.collect::<Vec<_>>());
    let file = match named {
        Some(file) => folder.join(file),
        None => {
            let mut files = NAMES.iter().map(|name| folder.join(name));
            files.find(|file| file.is_file())?
        }
    };
    if fs::metadata(&file).ok()?.len() > LARGEST {
        return None;
    }
    let text = script(&fs::read_to_string(&file).ok()?);
    Some(Recipes { file, text })
}

/// The file that make's command line names.
fn makefile<'w>(words: &[&'w str]) -> Option<&'w str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if matches!(*word, "-f" | "--file" | "--makefile") {
            return words.next().copied();
        }
        let told = ["--file=", "--makefile=", "-f"];
        if let Some(file) = told.iter().find_map(|option| word.strip_prefix(option)) {
            return Some(file);
        }
    }
    None
}

/// The recipes of a makefile's text. Each line keeps its number, and the other lines are empty.
fn script(makefile: &str) -> String {
    let mut script = String::new();
    let mut goes_on = false;
    for line in makefile.lines() {
        let recipe = line.strip_prefix('\t');
        let shown = match recipe {
            Some(recipe) if goes_on => recipe,
            Some(recipe) => recipe.trim_start_matches(['@', '-', '+', ' ', '\t']),
            None if goes_on => line,
            None => "",
        };
        script.push_str(&without_make(shown));
        script.push('\n');
        goes_on = (recipe.is_some() || goes_on) && line.ends_with('\\');
    }
    script
}

/// A line as the shell gets it: `$$` becomes a dollar. An expansion of make becomes a variable without a name.
fn without_make(line: &str) -> String {
    let mut shown = String::new();
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '$' {
            shown.push(letter);
            continue;
        }
        let close = match letters.next() {
            Some('$') => {
                shown.push('$');
                continue;
            }
            Some('(') => Some((')', '(')),
            Some('{') => Some(('}', '{')),
            _ => None,
        };
        shown.push_str("${_}");
        let Some((close, open)) = close else { continue };
        let mut depth = 1;
        for letter in letters.by_ref() {
            depth += i32::from(letter == open) - i32::from(letter == close);
            if depth == 0 {
                break;
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_stay_on_their_lines_and_what_make_puts_in_is_a_hole() {
        let makefile = "\
FUNCTION := pay
deploy: upload
\t@version=$$(aws lambda publish-version --function-name $(FUNCTION)); \\
\techo $$version
upload:
\t-aws lambda update-function-code --function-name ${FUNCTION} --zip-file fileb://$(call zip,$(A)) > $@
";
        assert_eq!(
            script(makefile).lines().collect::<Vec<_>>(),
            [
                "",
                "",
                "version=$(aws lambda publish-version --function-name ${_}); \\",
                "echo $version",
                "",
                "aws lambda update-function-code --function-name ${_} --zip-file fileb://${_} > ${_}",
            ]
        );
    }

    #[test]
    fn the_makefile_is_the_one_that_was_named() {
        for (words, file) in [
            (&["deploy"][..], None),
            (&["-s", "-f", "ci.mk", "deploy"], Some("ci.mk")),
            (&["-fci.mk"], Some("ci.mk")),
            (&["--makefile=ci.mk"], Some("ci.mk")),
            (&["deploy", "--file", "ci.mk"], Some("ci.mk")),
        ] {
            assert_eq!(makefile(words), file, "{words:?}");
        }
    }
}
