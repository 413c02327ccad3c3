//! The place of a call in a script, found at the time of the call from the shell that made it.
//!
//! A shell keeps its script open (bash as descriptor 255, the others from 10 on). The position of the descriptor shows
//! how far the shell has read. bash reads exactly to the end of the line that it runs; the others read in blocks. When
//! a function or a loop runs, every shell has already read past the end of the function or the loop. The position is
//! therefore only a bound, and the script's text decides: the place is the only command above the bound that can have
//! these words. If several commands can have them, the place is the command that ends at the bound. If there is none,
//! the call has no place. For a call that a function passes on (`lambda() { aws lambda "$@"; }`), the place is the line
//! that calls the function. A command substitution or a subshell has closed the script, but the parent shell still has
//! it open.
//!
//! Only Linux shows the position. On other systems, and after an `exec`, the hook in bash names the script. The call
//! then has a place if only one command in the script's text can have made the call. The place of a call from make is
//! in the makefile's recipes (see [`super::recipe`]). Calls from npm or Python have no place, unless bash's trap fired
//! for them (see [`super::shell::attention`]).

use super::{calls::ScriptLine, shell::script};
use crate::face::world::Process;

/// The place of the call of this process.
pub(crate) fn of(process: &Process) -> Option<ScriptLine> {
    let words: Vec<&str> = process
        .args
        .iter()
        .map(|word| word.to_str())
        .collect::<Option<_>>()?;
    let found = from_parents(&process.program, &words);
    found.or_else(|| from_hook(process, &words))
}

/// The place at which a shell called a program. The shell is given by its process id, and the program by its name and
/// words.
#[cfg(target_os = "linux")]
pub(crate) fn of_child(shell: u32, program: &str, words: &[&str]) -> Option<ScriptLine> {
    proc::script_of(shell)?.find_with(program, words, 1)
}

/// The place that the hook in bash gives. The hook names the script, but does not know how far bash has read the
/// script.
fn from_hook(process: &Process, words: &[&str]) -> Option<ScriptLine> {
    let file = super::shell::hook::script(process)?;
    let text = super::bypass::text_of(&file)?;
    let script = Script {
        read: text.len(),
        file: super::run::whole(&file),
        text,
        exact: false,
    };
    script.find(&process.program, words)
}

/// The place that the shells around this process show.
#[cfg(not(target_os = "linux"))]
fn from_parents(_: &str, _: &[&str]) -> Option<ScriptLine> {
    None
}

/// The place that the shells around this process show.
#[cfg(target_os = "linux")]
fn from_parents(program: &str, words: &[&str]) -> Option<ScriptLine> {
    let mut pid = rustix::process::getppid()?
        .as_raw_nonzero()
        .get()
        .unsigned_abs();
    for _ in 0..MOST_PARENTS {
        let script = proc::script_of(pid).or_else(|| {
            let recipes = super::recipe::of(pid)?;
            Some(Script {
                read: recipes.text.len(),
                file: recipes.file,
                text: recipes.text,
                exact: false,
            })
        });
        if let Some(script) = script
            && let Some(place) = script.find(program, words)
        {
            return Some(place);
        }
        pid = super::processes::parent_of(pid).filter(|pid| *pid > 1)?;
    }
    None
}

/// The largest number of processes between a script and its call. Such processes are `xargs`, `timeout` and subshells.
#[cfg(target_os = "linux")]
const MOST_PARENTS: usize = 8;

/// A script that a shell runs.
#[derive(Debug)]
struct Script {
    file: std::path::PathBuf,
    text: String,
    /// The position up to which the shell has read the script.
    read: usize,
    /// True if the position is exactly the end of the line that the shell runs.
    exact: bool,
}

impl Script {
    /// The place of a call in the script, or in a file that the script sources.
    fn find(&self, program: &str, words: &[&str]) -> Option<ScriptLine> {
        self.find_with(program, words, 2)
    }

    /// The place of a call whose command has at least the given number of equal plain words.
    fn find_with(&self, program: &str, words: &[&str], plain: usize) -> Option<ScriptLine> {
        let own = Text {
            script: script::Script::read(&self.text),
            file: self.file.clone(),
            bound: self.read,
            ends: self.exact.then_some(self.read),
        };
        let taken_in = own.script.taken_in();
        let taken_in = taken_in.filter_map(|name| self.taken_in(name));
        let taken_in = taken_in.map(|(file, text)| Text {
            script: script::Script::read(&text),
            bound: text.len(),
            file,
            ends: None,
        });
        let taken_in: Vec<Text> = taken_in.collect();
        let texts: Vec<&Text> = std::iter::once(&own).chain(&taken_in).collect();
        let mut found: Vec<Found> = Vec::new();
        for text in &texts {
            let sites = text.script.sites(program);
            for site in sites.iter().filter(|site| text.may_run(site)) {
                let callers = site.passed_on(program, words).map(|(name, passed)| {
                    let callers = texts.iter().flat_map(|text| text.calls(name, &passed));
                    callers.collect::<Vec<_>>()
                });
                match callers {
                    // If the call of the function has already returned, it did not make this call. No other command has
                    // these words.
                    Some(callers) if !callers.is_empty() => {
                        found.extend(callers.into_iter().flatten());
                    }
                    _ if site.matches(program, words, plain) => found.push(text.found(site)),
                    _ => {}
                }
            }
        }
        match found.as_slice() {
            [only] => Some(only.place.clone()),
            several => several
                .iter()
                .find(|it| it.is_last)
                .map(|it| it.place.clone()),
        }
    }

    /// The file of the given name that the script sources, with the file's text.
    fn taken_in(&self, name: &str) -> Option<(std::path::PathBuf, String)> {
        let file = taken_in(&self.file, name)?;
        let text = super::bypass::text_of(&file)?;
        Some((file, text))
    }
}

/// The file of the given name that a script sources. The file is beside the script, or it is at the given path relative
/// to the script's folder.
pub(crate) fn taken_in(script: &std::path::Path, name: &str) -> Option<std::path::PathBuf> {
    let folder = script.parent()?;
    let name = name.trim_start_matches(['/', '.']);
    [folder.join(name), folder.join("..").join(name)]
        .into_iter()
        .find(|file| file.is_file())
}

/// A text in which the call may be.
#[derive(Debug)]
struct Text {
    file: std::path::PathBuf,
    script: script::Script,
    /// The bound. The text after it has not run yet.
    bound: usize,
    /// The end of the line that runs, if it is known.
    ends: Option<usize>,
}

/// A command that may have made the call.
#[derive(Debug)]
struct Found {
    place: ScriptLine,
    /// True if the command is the last one that the shell has read.
    is_last: bool,
}

impl Text {
    /// Returns true if the shell may be running this command: it has read the command and is not past it.
    fn may_run(&self, site: &script::Site<'_>) -> bool {
        let is_over = |read| self.script.is_over(site, read);
        site.start < self.bound && !self.ends.is_some_and(is_over)
    }

    fn found(&self, site: &script::Site<'_>) -> Found {
        Found {
            place: ScriptLine {
                file: self.file.clone(),
                line: self.script.line_of(site.start),
            },
            is_last: self.ends == Some(site.line_end),
        }
    }

    /// The places where a function is called with the given words. An entry is `None` if that call has already
    /// returned.
    fn calls(&self, name: &str, words: &[&str]) -> Vec<Option<Found>> {
        let sites = self.script.sites(name);
        let sites = sites.iter().filter(|site| site.start < self.bound);
        sites
            .filter(|site| site.matches(name, words, 1))
            .map(|site| self.may_run(site).then(|| self.found(site)))
            .collect()
    }
}

/// The facts about a shell that `/proc` shows.
#[cfg(target_os = "linux")]
mod proc {
    use std::fs;

    use super::Script;

    /// The descriptor that bash uses for its script, then the first descriptors that other shells may use.
    const DESCRIPTORS: [u32; 4] = [255, 10, 11, 12];

    /// The largest script that is read, in bytes.
    const LARGEST: u64 = 256 << 10;

    pub(super) fn script_of(pid: u32) -> Option<Script> {
        DESCRIPTORS.iter().find_map(|number| {
            let link = format!("/proc/{pid}/fd/{number}");
            let file = fs::read_link(&link).ok()?;
            let metadata = fs::metadata(&link).ok()?;
            if !metadata.is_file() || metadata.len() > LARGEST {
                return None;
            }
            let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{number}")).ok()?;
            let position = info.lines().find_map(|line| line.strip_prefix("pos:"))?;
            Some(Script {
                // The text is read through the descriptor. This works even if the script was deleted.
                text: String::from_utf8(fs::read(&link).ok()?).ok()?,
                // The kernel adds this text to the name of a deleted file.
                file: {
                    let name = file.to_str()?;
                    let gone = name.strip_suffix(" (deleted)").filter(|_| !file.exists());
                    gone.unwrap_or(name).into()
                },
                read: position.trim().parse().ok()?,
                exact: *number == 255,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of a call, if the shell runs the given line and has read the script exactly to the end of this line.
    fn found(text: &str, read_lines: usize, words: &str) -> Option<usize> {
        found_as(text, read_lines, words, true)
    }

    /// The line of a call, if the shell reads the script in blocks.
    fn anywhere(text: &str, words: &str) -> Option<usize> {
        found_as(text, usize::MAX, words, false)
    }

    fn found_as(text: &str, read_lines: usize, words: &str, exact: bool) -> Option<usize> {
        let script = Script {
            file: "/x/deploy.sh".into(),
            text: text.to_owned(),
            read: text
                .split_inclusive('\n')
                .take(read_lines)
                .map(str::len)
                .sum(),
            exact,
        };
        let words: Vec<&str> = words.split(' ').collect();
        script.find("aws", &words).map(|place| place.line)
    }

    #[test]
    fn finds_a_call_by_its_words() {
        let script = "\
set -e  # aws lambda publish-version --function-name pay
echo 'aws lambda publish-version --function-name pay'
cat <<'END'
aws lambda publish-version --function-name pay
it's no command
END
version=$(aws lambda publish-version \\
  --function-name \"$1\" --query Version --output text 2>/dev/null) || exit 1
aws lambda update-alias --function-name \"$1\" --name live --function-version $version >/dev/null
if ! aws lambda get-alias --function-name \"${1:-x}\" --name prod; then
  $AWS lambda create-alias --function-name $1 --name prod --function-version \"$(cat v)\"
fi
aws lambda delete-function --function-name pay:`cat old`; aws lambda list-functions \"${more[@]}\"
";
        for (words, line) in [
            (
                "lambda publish-version --function-name pay --query Version --output text",
                Some(7),
            ),
            (
                "lambda update-alias --function-name pay --name live --function-version 3",
                Some(9),
            ),
            (
                "lambda update-alias --function-name pay --name live --function-version",
                Some(9),
            ),
            ("lambda get-alias --function-name pay --name prod", Some(10)),
            (
                "lambda create-alias --function-name pay --name prod --function-version 3",
                Some(11),
            ),
            ("lambda delete-function --function-name pay:3", Some(13)),
            ("lambda list-functions --max-items 3", Some(13)),
            ("lambda list-functions", Some(13)),
            ("lambda publish-version --function-name pay", None),
            (
                "lambda update-alias --function-name pay --name prod --function-version 3",
                None,
            ),
        ] {
            assert_eq!(anywhere(script, words), line, "{words}");
        }
    }

    #[test]
    fn of_equal_calls_it_is_the_one_that_runs_or_none() {
        let script = "\
aws lambda publish-version --function-name pay
f() {
  aws lambda get-function --function-name $1
}
aws lambda publish-version --function-name pay
f pay
aws lambda get-function --function-name pay
";
        let publish = "lambda publish-version --function-name pay";
        let get = "lambda get-function --function-name pay";
        assert_eq!(found(script, 1, publish), Some(1));
        assert_eq!(found(script, 5, publish), Some(5));
        assert_eq!(
            found(script, 6, get),
            Some(3),
            "what is not read yet does not count"
        );
        assert_eq!(found(script, 7, get), Some(7));
        assert_eq!(found(script, 6, publish), None);
    }

    #[test]
    fn what_the_shell_is_beyond_is_not_what_runs() {
        let script = "\
aws lambda update-alias --function-name pay --name live --function-version \"$NEW\"
aws lambda update-alias --function-name pay --name live --function-version \"$NEW\" &
trap 'aws lambda update-alias --function-name pay --name live --function-version 1' EXIT
if ! ./smoke; then
  aws lambda update-alias --function-name pay --name live --function-version \"$OLD\"
fi
echo over
";
        let of = |read, version: &str| {
            let words = "lambda update-alias --function-name pay --name live --function-version";
            found(script, read, &format!("{words} {version}"))
        };
        assert_eq!(of(1, "3"), Some(1));
        assert_eq!(of(6, "3"), None, "the background may be late");
        let alone = script.replace(" &\n", "\n");
        let words = "lambda update-alias --function-name pay --name live --function-version 3";
        assert_eq!(found(&alone, 6, words), Some(5));
        assert_eq!(found(&alone, 7, &words.replace('3', "1")), Some(3));
    }

    #[test]
    fn what_xargs_adds_is_no_hindrance() {
        let script = "list | xargs -n1 aws lambda delete-function --function-name pay --qualifier\n\
                      list | xargs -I{} aws lambda get-alias --name {} --function-name pay\n";
        let delete = "lambda delete-function --function-name pay --qualifier 3";
        assert_eq!(found(script, 1, delete), Some(1));
        assert_eq!(
            found(
                script,
                2,
                "lambda get-alias --name live --function-name pay"
            ),
            Some(2)
        );
    }

    #[test]
    fn what_a_function_passes_on_stands_where_it_is_called() {
        let script = "\
lambda() { aws --region eu-west-1 lambda \"$@\" --function-name pay; }
aws_() { aws \"$@\"; }
retry() { \"$@\" || \"$@\"; }
v=$(lambda publish-version --query Version)
lambda get-alias --name live
lambda get-alias --name live
aws_ sts get-caller-identity
retry aws lambda list-functions
";
        let of = |words: &str, read| found(script, read, words);
        let publish =
            "--region eu-west-1 lambda publish-version --query Version --function-name pay";
        let get = "--region eu-west-1 lambda get-alias --name live --function-name pay";
        assert_eq!(
            (of(publish, 4), anywhere(script, publish)),
            (Some(4), Some(4))
        );
        assert_eq!(
            (of(get, 5), of(get, 6), of(get, 8)),
            (Some(5), Some(6), None)
        );
        assert_eq!(of("sts get-caller-identity", 7), Some(7));
        assert_eq!(of("lambda list-functions", 8), Some(8));
    }

    #[test]
    fn a_wrapper_alone_tells_nothing() {
        let script = "call() { aws \"$@\"; }\n$x lambda list-functions --max-items 3\n";
        assert_eq!(found(script, 2, "lambda list-functions"), None);
    }

    #[test]
    fn a_call_in_a_file_that_is_taken_in_is_found_there() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("lib.sh"),
            "release() {\n  aws lambda publish-version --function-name $1\n}\n",
        )
        .unwrap();
        let text = ". \"$(dirname \"$0\")/lib.sh\"\nrelease pay\n".to_owned();
        let script = Script {
            file: folder.path().join("deploy.sh"),
            read: text.len(),
            text,
            exact: true,
        };
        let place = script
            .find(
                "aws",
                &["lambda", "publish-version", "--function-name", "pay"],
            )
            .unwrap();
        assert_eq!((place.file, place.line), (folder.path().join("lib.sh"), 2));
    }

    #[test]
    fn no_text_is_too_strange() {
        for text in [
            "$(", "${", "`", "\"", "'", "<<", "<<<", "$((", "((((", "\\", "$", "a <<E\n", "é$é",
        ] {
            assert_eq!(
                found(&text.repeat(40), 100, "lambda list-functions"),
                None,
                "{text}"
            );
        }
    }
}
