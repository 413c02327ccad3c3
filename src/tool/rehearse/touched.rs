//! Changes of the rehearsed state during the rehearsal. There should be none, but somebody else may work on this state
//! at the same time. A change that the state's journal records was made by somebody else. A change that no journal
//! records is an error only if the rehearsal names the state in its call log, in its script's text or in a process that
//! it left running.

use std::{fmt, path::PathBuf};

use serde::Serialize;

use super::finding::Severity;

/// The title for all changes of this kind.
pub(crate) const TITLE: &str = "the state itself was changed";

/// A change of the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Touched {
    /// An error if the rehearsal made the change, a warning if somebody else made it.
    pub(crate) severity: Severity,
    /// The state directory.
    pub(crate) state: PathBuf,
    /// The changed thing: `function pay`.
    pub(crate) what: String,
    /// The changed files of this thing, with their paths in the state directory.
    pub(crate) files: Vec<String>,
    /// The evidence for the change.
    pub(crate) why: String,
}

impl fmt::Display for Touched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        write!(f, "{TITLE}: {} in {}", self.what, self.state.display())?;
        if !self.files.is_empty() {
            let shown: Vec<&str> = self.files.iter().take(SHOWN).map(String::as_str).collect();
            write!(f, " ({}", shown.join(", "))?;
            match self.files.len() - shown.len() {
                0 => write!(f, ")")?,
                more => write!(f, " and {more} more)")?,
            }
        }
        write!(f, "; {}", self.why)
    }
}

/// Returns true if the rehearsal itself made any of the changes.
pub(crate) fn is_bad(touched: &[Touched]) -> bool {
    let mut severities = touched.iter().map(|touched| touched.severity);
    severities.any(|severity| severity == Severity::Error)
}

#[cfg(unix)]
pub(crate) use judge::{Suspects, judged, keep, kept};

#[cfg(unix)]
mod judge {
    use crate::state::plain::plain;
    use std::{
        collections::{BTreeMap, BTreeSet},
        path::{Path, PathBuf},
    };

    use super::{Severity, Touched};
    use crate::{
        face::{Own, exit::Stop, progress::Progress, world::Process},
        store::{
            moved::{Look, Moved},
            within::within,
        },
        tool::{
            backend::{Opened, stop},
            rehearse::{
                bypass, calls::Call, folder::Stage, processes::Running, run::Set, stage::Rehearsal,
            },
        },
    };

    /// The file in a session's stage that holds the first look.
    const KEPT: &str = "look.json";

    /// The parts of a rehearsal that may have made the change.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Suspects<'a> {
        /// The call log.
        pub(crate) calls: &'a [Call],
        /// The command of the rehearsal. The texts of its scripts are searched.
        pub(crate) command: &'a [String],
        /// The working folder of the command.
        pub(crate) cwd: &'a Path,
        /// The processes that the command left running.
        pub(crate) leftovers: &'a [Running],
    }

    impl Default for Suspects<'_> {
        fn default() -> Self {
            Self {
                calls: &[],
                command: &[],
                cwd: Path::new("/"),
                leftovers: &[],
            }
        }
    }

    /// Saves the first look for the process that ends the session.
    ///
    /// # Errors
    /// When the stage cannot be written.
    pub(crate) fn keep(set: &Set) -> Result<(), Stop> {
        let Some(look) = &set.look else { return Ok(()) };
        let text = serde_json::to_vec(look).expect("plain data becomes JSON");
        let kept = set.stage.write(KEPT, &text);
        kept.map(drop)
            .map_err(|error| Stop::Other(format!("cannot set up the rehearsal: {}", plain(&error))))
    }

    /// The first look of a session; `None` if the session works on the state itself.
    pub(crate) fn kept(stage: &Stage) -> Option<Look> {
        let text = std::fs::read(stage.root().join(KEPT)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Looks at the state again, and judges the changes since the first look.
    pub(crate) fn judged(
        process: &Process,
        rehearsal: &Rehearsal,
        look: Option<&Look>,
        suspects: &Suspects<'_>,
        progress: &mut Progress,
    ) -> Vec<Touched> {
        let Some(look) = look else { return Vec::new() };
        let parent = &rehearsal.parent;
        let named = named(process, parent, suspects);
        // If a text names a path, the rehearsal may have reached this path, everything inside it, and the folders
        // around it.
        let leads = |file: &str| {
            let file = Path::new(file);
            named.iter().any(|(_, below)| {
                let below = Path::new(below);
                file.starts_with(below) || below.starts_with(file)
            })
        };
        let mut tell = |what: &str, done, all| progress.tell(what, done, all);
        let moved = Opened::at(process, &Own::default(), parent.clone())
            .and_then(|opened| (opened.store.moved_since(look, &leads, &mut tell)).map_err(stop));
        progress.clear();
        let moved = match moved {
            Ok(moved) => moved,
            // The state cannot be read, so a change cannot be excluded.
            Err(_) => {
                return vec![Touched {
                    severity: Severity::Error,
                    state: parent.clone(),
                    what: "something".to_owned(),
                    files: Vec::new(),
                    why: "it was readable before the script ran, but is not any more".to_owned(),
                }];
            }
        };
        if moved.is_empty() {
            return Vec::new();
        }
        let is_seeded = rehearsal.environment.contains_key("LAMBDRY_SEED");
        let given = if is_seeded {
            BTreeSet::new()
        } else {
            ids(suspects.calls)
        };
        let judge = |moved: Moved| judge(moved, parent, &given, &named);
        moved.into_iter().filter_map(judge).collect()
    }

    fn judge(
        moved: Moved,
        parent: &Path,
        given: &BTreeSet<&str>,
        named: &[(String, String)],
    ) -> Option<Touched> {
        let is_given = moved
            .revision_ids
            .iter()
            .any(|id| given.contains(id.as_str()));
        let leads = |below: &str| {
            let below = Path::new(below);
            moved
                .files
                .iter()
                .any(|file| Path::new(file).starts_with(below))
        };
        let who = named.iter().find(|(_, below)| leads(below));
        let (severity, why) = match who {
            _ if is_given => (
                Severity::Error,
                "the script sent its present RevisionId in a call".to_owned(),
            ),
            Some((who, _)) => (
                Severity::Error,
                format!("no journal records the change, and {who} points there"),
            ),
            None if moved.is_told() => return None,
            None => (
                Severity::Warning,
                "no journal records the change, and nothing in the rehearsal points there: somebody else may have \
                 made it".to_owned(),
            ),
        };
        Some(Touched {
            severity,
            state: parent.to_owned(),
            what: moved.what,
            files: moved.files,
            why,
        })
    }

    /// The RevisionIds in the answers to the script's calls. A publish is left out, because it may return an old id.
    fn ids(calls: &[Call]) -> BTreeSet<&str> {
        let exchanges = calls.iter().flat_map(|call| &call.exchanges);
        let changing = exchanges.filter(|it| it.changes() && it.operation != "PublishVersion");
        changing
            .filter_map(|exchange| exchange.response.as_ref()?.get("RevisionId")?.as_str())
            .collect()
    }

    /// The parts of the rehearsal that name something in the state. Each comes with the path inside the state.
    fn named(process: &Process, parent: &Path, suspects: &Suspects<'_>) -> Vec<(String, String)> {
        let mut named = Vec::new();
        // Many calls name the same paths, so each path is looked up only once.
        let mut known: BTreeMap<PathBuf, Option<PathBuf>> = BTreeMap::new();
        let mut look = |who: &dyn Fn() -> String, cwd: &Path, words: &[&str]| {
            for (at, word) in words.iter().enumerate() {
                // If a state is named in this way, lambdry replaces it by the fork.
                let before = at.checked_sub(1).and_then(|before| words.get(before));
                let is_ours = before.is_some_and(|before| *before == "--state-dir")
                    || ["--state-dir=", "LAMBDRY_STATE_DIR="]
                        .iter()
                        .any(|ours| word.contains(ours));
                if is_ours {
                    continue;
                }
                let Some(path) = path_in(word, process).map(|path| cwd.join(path)) else {
                    continue;
                };
                let below = known
                    .entry(path)
                    .or_insert_with_key(|path| within(path, parent));
                if let Some(below) = below {
                    named.push((who(), below.to_string_lossy().into_owned()));
                }
            }
        };
        for call in suspects.calls {
            let words: Vec<&str> = call
                .words
                .iter()
                .map(String::as_str)
                .chain(["./"])
                .collect();
            let who = || match &call.place {
                Some(place) => format!("{} at {place}", call.program),
                None => format!("a call of {}", call.program),
            };
            look(&who, &call.cwd, &words);
        }
        let words: Vec<&str> = suspects.command.iter().map(String::as_str).collect();
        look(&|| "the command".to_owned(), suspects.cwd, &words);
        for word in words
            .iter()
            .filter(|word| word.contains(char::is_whitespace))
        {
            look(&|| "the command".to_owned(), suspects.cwd, &tokens(word));
        }
        for (file, text) in bypass::texts(suspects.command, suspects.cwd) {
            let file = file.strip_prefix(suspects.cwd).unwrap_or(&file).display();
            for (number, line) in text.lines().enumerate() {
                let who = || format!("{file}:{}", number + 1);
                look(&who, suspects.cwd, &tokens(line));
            }
        }
        for left in suspects.leftovers {
            let words: Vec<&str> = left.words.iter().flat_map(|word| tokens(word)).collect();
            look(&|| format!("process {}", left.pid), suspects.cwd, &words);
        }
        named
    }

    fn tokens(line: &str) -> Vec<&str> {
        line.split(|letter: char| letter.is_whitespace() || "\"'`;|&()<>,".contains(letter))
            .filter(|word| !word.is_empty())
            .collect()
    }

    /// The path in a word. It ends before the first part that is not plain text: `file:///state/x`, `OUT=~/state/x`,
    /// `$HOME/state/*/x`.
    fn path_in(word: &str, process: &Process) -> Option<String> {
        let word = word.rsplit_once('=').map_or(word, |(_, value)| value);
        let word = word.split_once("://").map_or(word, |(_, path)| path);
        let (name, rest) = match word.strip_prefix('$') {
            Some(rest) => {
                let rest = rest.strip_prefix('{').unwrap_or(rest);
                let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                let ends = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
                let (name, rest) = rest.split_at(ends);
                (Some(name), rest.strip_prefix('}').unwrap_or(rest))
            }
            None => match word.strip_prefix('~') {
                Some(rest) => (Some("HOME"), rest),
                None => (None, word),
            },
        };
        let plain = rest.find(|letter| "*?[{$\\".contains(letter));
        let rest = &rest[..plain.unwrap_or(rest.len())];
        let path = match name {
            // In the script, this variable names the fork.
            Some("LAMBDRY_STATE_DIR") => return None,
            Some(name) => format!("{}{rest}", process.var(name)?),
            None => rest.to_owned(),
        };
        path.contains('/').then_some(path)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn moved(files: &[&str], ids: &[&str]) -> Moved {
            Moved {
                what: "function pay".to_owned(),
                files: files.iter().map(|file| (*file).to_owned()).collect(),
                revision_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            }
        }

        #[test]
        fn the_rehearsal_is_accused_only_of_what_leads_to_it() {
            let file = "123456789012/us-east-1/functions/pay/function.json";
            let given = BTreeSet::from(["the script's"]);
            let of = |moved: Moved, below: &[&str]| {
                let named: Vec<(String, String)> = below
                    .iter()
                    .map(|it| ("x.sh:3".to_owned(), (*it).to_owned()))
                    .collect();
                judge(moved, Path::new("/state"), &given, &named).map(|touched| touched.severity)
            };
            assert_eq!(of(moved(&[], &["a colleague's"]), &[""]), None);
            assert_eq!(
                of(moved(&[], &["the script's"]), &[]),
                Some(Severity::Error)
            );
            let around = || moved(&[file], &[]);
            assert_eq!(of(around(), &[]), Some(Severity::Warning));
            assert_eq!(of(around(), &["s3/builds"]), Some(Severity::Warning));
            for below in ["", "123456789012", file] {
                assert_eq!(of(around(), &[below]), Some(Severity::Error), "{below}");
            }
        }

        #[test]
        fn a_path_is_read_out_of_a_word_as_far_as_it_is_plain() {
            let process = Process {
                env: [
                    ("HOME".into(), "/home/you".into()),
                    ("S".into(), "/s".into()),
                ]
                .into(),
                ..Process::default()
            };
            for (word, path) in [
                ("/state/x.json", Some("/state/x.json")),
                ("fileb:///state/x", Some("/state/x")),
                ("--out=/state/*/x", Some("/state/")),
                ("~/state", Some("/home/you/state")),
                ("OUT=$HOME/state", Some("/home/you/state")),
                ("${S}/123", Some("/s/123")),
                ("$LAMBDRY_STATE_DIR/123", None),
                ("$UNKNOWN/123", None),
                ("state", None),
                ("./state", Some("./state")),
            ] {
                assert_eq!(path_in(word, &process).as_deref(), path, "{word}");
            }
        }
    }
}
