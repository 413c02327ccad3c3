//! The known differences between versions of aws-cli. Each difference has a name and an entry.
//!
//! lambdry answers as 2.36.7 does. If the installed `aws` is version 1 or an older version 2, each entry removes one
//! difference from both sides, in this order. After that, both sides must be equal. The differences were seen in
//! aws-cli 1.45.11 and 2.9.19.

use serde_json::Value;

use crate::Ended;

/// One known difference: its name, and a function that removes it from both answers. The function returns true if it
/// removed something.
struct Difference {
    name: &'static str,
    level: fn(&mut Ended, &mut Ended) -> bool,
}

/// Removes the known differences. Returns the names of the differences that it removed.
pub(crate) fn translate(
    version: (u32, u32),
    kind: &str,
    ours: &mut Ended,
    theirs: &mut Ended,
) -> Vec<&'static str> {
    let table = match version {
        (1, _) => FROM_2_TO_1,
        (2, ..34) => FROM_NEW_TO_OLD_2,
        _ => return Vec::new(),
    };
    // These tables are less strict, so they apply only to skeletons and to other services.
    let more = match kind {
        "skeleton" => SKELETONS,
        "service" => SERVICES,
        _ => &[],
    };
    table
        .iter()
        .chain(more)
        .filter(|difference| (difference.level)(ours, theirs))
        .map(|difference| difference.name)
        .collect()
}

/// The lines that frame every usage error.
const USAGE: &str = "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\n\
    To see help text, you can run:\n\n  aws help\n  aws <command> help\n  aws <command> <subcommand> help\n";

/// Differences of a version 2 before 2.34, as seen in 2.9.19.
const FROM_NEW_TO_OLD_2: &[Difference] = &[
    Difference {
        name: "before 2.34: the choices are listed, the wrong one is not named",
        level: |ours, theirs| {
            let begin = ": Invalid choice, valid choices are:\n\n";
            let Some(at) = theirs.err.find(begin) else {
                return false;
            };
            let list = at + begin.len();
            let meant = ", maybe you meant:\n";
            let near = theirs.err[list..]
                .find(meant)
                .map(|at| theirs.err[list + at + meant.len()..].trim().to_owned());
            let Some((head, tail)) = ours.err.split_once(": Found invalid choice '") else {
                return false;
            };
            let own = tail.split_once("Maybe you meant:\n");
            let own =
                own.map(|(_, tail)| tail.split("\n\nusage:").next().unwrap_or_default().trim());
            if own != near.as_deref() {
                return false;
            }
            ours.err = format!("{head}: ?\n\n{USAGE}");
            theirs.err.truncate(at);
            theirs.err.push_str(": ?\n\n");
            true
        },
    },
    Difference {
        name: "before 2.34: usage errors have their block first",
        level: |ours, _| {
            let Some(text) = ours.err.strip_suffix(USAGE) else {
                return false;
            };
            let text = text.strip_prefix(FRAME).unwrap_or(text);
            let text = text.strip_prefix(PARAM_VALIDATION).unwrap_or(text);
            ours.err = format!("\n{USAGE}\naws: error: {}\n\n", text.trim_end_matches('\n'));
            true
        },
    },
    Difference {
        name: "before 2.34: unknown options have another frame",
        level: |ours, _| {
            let before = format!("\n{USAGE}\n\naws: [ERROR]: Unknown options: ");
            let Some(words) = ours.err.strip_prefix(&before) else {
                return false;
            };
            ours.err = format!("\n{USAGE}\nUnknown options: {words}\n");
            true
        },
    },
    Difference {
        name: "before 2.34: --profile without a value has its usage first",
        level: |ours, _| {
            let usage = "\n\nusage: aws [-h] [--profile PROFILE] [--debug]\n";
            let Some(text) = ours.err.strip_suffix(usage) else {
                return false;
            };
            let text = text.strip_prefix(FRAME).unwrap_or(text);
            let text = text.strip_prefix(PARAM_VALIDATION).unwrap_or(text);
            ours.err = format!("{}\naws: error: {text}\n\n", &usage[1..]);
            true
        },
    },
    Difference {
        name: "before 2.34: wait without a name has another frame",
        level: |ours, _| {
            let is = ours.err.ends_with("\naws: [ERROR]: too few arguments\n");
            if is {
                ours.err = ours.err.replace("\naws: [ERROR]: too", "\naws: error: too");
            }
            is
        },
    },
    Difference {
        name: "2.9: no blank before the input that a shorthand error shows",
        level: |ours, _| {
            let is = ours.err.contains(" for input:\n ");
            if is {
                ours.err = ours.err.replace(" for input:\n ", " for input:\n");
            }
            is
        },
    },
    Difference {
        name: "2.9: no files in shorthand, key@=file://path",
        level: |ours, theirs| {
            let is = (ours.code == 0 || ours.err.contains("Unable to load paramfile file://"))
                && theirs
                    .err
                    .contains(": Expected: '=', received: '@' for input:\n");
            if is {
                ours.clone_from(theirs);
            }
            is
        },
    },
    Difference {
        name: "2.9: no warning about a --max-items that is not positive",
        level: |ours, theirs| {
            let warning =
                "warning: Non-positive values for --max-items may result in undefined behavior.\n";
            let without = ours.err.strip_prefix(warning).map(str::to_owned);
            match without {
                Some(without) if without == theirs.err => {
                    ours.err = without;
                    true
                }
                _ => false,
            }
        },
    },
    ORDER,
    DETAILS,
    FRAMED,
    CLASSES,
    Difference {
        name: "2.9: an expression as an answer is a circle to Python's json",
        level: |ours, theirs| {
            let is = ours
                .err
                .ends_with("Encountered unrecognized type in JSON encoder.\n")
                && theirs.err == "\nCircular reference detected\n";
            if is {
                theirs.err.clone_from(&ours.err);
            }
            is
        },
    },
    Difference {
        name: "before 2.34: no --cli-error-format that an option could mean",
        level: |ours, theirs| {
            let is = ours.err.contains(": ambiguous option: ");
            if is {
                ours.err = ours.err.replace(", --cli-error-format", "");
            }
            is && ours.err == theirs.err
        },
    },
];

const ORDER: Difference = Difference {
    name: "the models order answers about layers and mappings and of put-provisioned-concurrency-config differently",
    level: |ours, theirs| {
        let is = ours.out != theirs.out
            && MOVED.iter().any(|member| ours.out.contains(member))
            && pieces(&ours.out) == pieces(&theirs.out);
        if is {
            theirs.out.clone_from(&ours.out);
        }
        is
    },
};

const DETAILS: Difference = Difference {
    name: "what a service's error has besides its message is not said",
    level: |ours, _| {
        let Some(at) = ours.err.find("\n\nAdditional error details:\n") else {
            return false;
        };
        ours.err.truncate(at + 1);
        true
    },
};

const FRAMED: Difference = Difference {
    name: "aws: [ERROR]: does not stand before every message",
    level: |ours, _| {
        let Some(text) = ours.err.strip_prefix(FRAME) else {
            return false;
        };
        ours.err = format!("\n{text}");
        true
    },
};

const CLASSES: Difference = Difference {
    name: "the class of an error is not named: (ParamValidation), (NoRegion)",
    level: |ours, _| {
        for class in ["ParamValidation", "NoRegion", "Configuration"] {
            if let Some(text) = ours
                .err
                .strip_prefix(&format!("\nAn error occurred ({class}): "))
            {
                ours.err = format!("\n{text}");
                return true;
            }
        }
        false
    },
};

const FROM_2_TO_1: &[Difference] = &[
    Difference {
        name: "version 1 prints a moment as it came: in seconds since 1970, with a Z, or as HTTP has it",
        level: |ours, theirs| {
            let (moment, seconds) = ("2026-11-22T12:00:00+00:00", "1795348800");
            let came = ["2026-11-22T12:00:00Z", "Sun, 22 Nov 2026 12:00:00 GMT"];
            let before = (ours.out.clone(), theirs.out.clone());
            for other in came.into_iter().filter(|_| ours.out.contains(moment)) {
                theirs.out = put(&theirs.out, other, moment);
            }
            for quotes in ["\\\"", "\"", ""] {
                if theirs.out.contains(seconds) {
                    let quoted = format!("{quotes}{moment}{quotes}");
                    ours.out = put(&ours.out, &quoted, seconds);
                }
            }
            before != (ours.out.clone(), theirs.out.clone())
        },
    },
    Difference {
        name: "version 1 advertises version 2 before its usage",
        level: |_, theirs| {
            let end = "/install-cliv2.html\n\n";
            let Some(at) = theirs.err.find(end) else {
                return false;
            };
            let begins = theirs.err.starts_with("usage: \rNote: AWS CLI version 2");
            if begins {
                theirs.err.drain(..at + end.len());
            }
            begins
        },
    },
    Difference {
        name: "version 1 lists the choices, version 2 names the wrong one",
        level: |ours, theirs| {
            let begin = ": Invalid choice, valid choices are:\n\n";
            let Some(at) = theirs.err.find(begin) else {
                return false;
            };
            let list = at + begin.len();
            let meant = "maybe you meant:\n";
            let near = theirs.err[list..]
                .find(meant)
                .map(|at| theirs.err[list + at + meant.len()..].to_owned());
            theirs.err.truncate(at);
            theirs.err.push('\n');
            theirs.err.push_str(near.as_deref().unwrap_or_default());
            let Some((head, tail)) = ours.err.split_once(": Found invalid choice '") else {
                return false;
            };
            let tail = tail.split_once("'\n").map_or("", |(_, tail)| tail);
            let tail = tail.strip_prefix("\nMaybe you meant:\n").unwrap_or(tail);
            // Without a similar name, the output has a blank line in place of the suggestion.
            let tail = if tail.starts_with("\n\nusage: ") {
                &tail[1..]
            } else {
                tail
            };
            ours.err = format!("{head}\n{tail}");
            true
        },
    },
    Difference {
        name: "usage errors: the block first and code 2, not last and 252",
        level: |ours, _| {
            let Some(text) = ours.err.strip_suffix(USAGE) else {
                return false;
            };
            let text = text.strip_prefix(FRAME).unwrap_or(text);
            let text = text.strip_prefix(PARAM_VALIDATION).unwrap_or(text);
            ours.err = format!("{USAGE}aws: error: {}\n", text.trim_end_matches('\n'));
            ours.code = 2;
            true
        },
    },
    Difference {
        name: "unknown options: another frame, and code 255, not 252",
        level: |ours, _| {
            let before = format!("\n{USAGE}\n\naws: [ERROR]: Unknown options: ");
            let Some(words) = ours.err.strip_prefix(&before) else {
                return false;
            };
            ours.err = format!("{USAGE}\nUnknown options: {words}");
            ours.code = 255;
            true
        },
    },
    DETAILS,
    FRAMED,
    CLASSES,
    Difference {
        name: "no region: version 1 has no blank line before it",
        level: |ours, _| {
            let without = ours.err.trim_start().to_owned();
            let is = ours.err.starts_with("\nYou must specify a region.");
            if is {
                ours.err = without;
            }
            is
        },
    },
    Difference {
        name: "one blank line of usage in wait without a name",
        level: |ours, _| {
            let is = ours.err
                == "\nusage: aws [options] lambda wait <subcommand> [parameters]\naws: [ERROR]: too few arguments\n";
            if is {
                ours.err = "\nusage: aws [options] <command> <subcommand> [parameters]\naws: error: too few arguments\n".to_owned();
            }
            is
        },
    },
    Difference {
        name: "version 1.45 prints a variable's name for input and caret of a shorthand error",
        level: |ours, theirs| {
            let end = " for input:\n{self._error_location()}\n";
            let Some(head) = theirs.err.strip_suffix(end) else {
                return false;
            };
            let is = ours.err.starts_with(&format!("{head} for input:\n"));
            if is {
                ours.err.clone_from(&theirs.err);
            }
            is
        },
    },
    Difference {
        name: "--cli-input-json: version 1 says what is wrong with the JSON",
        level: |ours, theirs| {
            let before = "\nError parsing parameter 'cli-input-json': Invalid JSON";
            let is = ours.err == format!("{before} received.\n")
                && theirs.err.starts_with(&format!("{before}: "));
            if is {
                ours.err.clone_from(&theirs.err);
            }
            is
        },
    },
    Difference {
        name: "--no-paginate beside paging options: version 1 calls it an error during pagination",
        level: |ours, theirs| {
            let text = "Cannot specify --no-paginate along with pagination arguments: ";
            let is = ours.err.starts_with(&format!("\n{text}"));
            if is && let Some(rest) = theirs.err.strip_prefix("\nError during pagination: ") {
                theirs.err = format!("\n{rest}");
            }
            is
        },
    },
    Difference {
        name: "an ambiguous option: version 2 has more that it could match",
        level: |ours, theirs| {
            let is = ours.err.contains("aws: error: ambiguous option: ");
            if is {
                for newer in [
                    ", --no-cli-pager",
                    ", --cli-binary-format",
                    ", --cli-auto-prompt",
                    ", --no-cli-auto-prompt",
                    ", --cli-error-format",
                ] {
                    ours.err = ours.err.replace(newer, "");
                }
            }
            is && ours.err == theirs.err
        },
    },
    Difference {
        name: "--cli-input-json with a list: version 1 trips over it",
        level: |ours, theirs| {
            let is = theirs.err == "\n'list' object has no attribute 'keys'\n"
                && ours
                    .err
                    .contains("Invalid type: expecting map, received <class 'list'>");
            if is {
                ours.err.clone_from(&theirs.err);
            }
            is
        },
    },
    Difference {
        name: "configure: version 1 looks for unknown options elsewhere",
        level: |ours, theirs| {
            let is = ours.err.ends_with(&format!(
                "\nUnknown options{}",
                theirs.err.strip_prefix("\nUnknown options").unwrap_or("-")
            ));
            if is {
                ours.err.clone_from(&theirs.err);
            }
            is
        },
    },
    Difference {
        name: "a config file that does not parse: version 1 ends in a traceback, with code 1",
        level: |ours, theirs| {
            let text = theirs.err.rsplit_once(".ConfigParseError: ");
            let is = text.is_some_and(|(_, text)| ours.err == format!("\n{text}"));
            if is {
                theirs.clone_from(ours);
            }
            is
        },
    },
    ORDER,
    Difference {
        name: "253 and 254, and 252 for what is no usage error, are 255 in version 1",
        level: |ours, _| {
            let is = matches!(ours.code, 252..=254);
            if is {
                ours.code = 255;
            }
            is
        },
    },
    Difference {
        name: "version 1 has --code-sha-256 of publish-version",
        level: |ours, theirs| {
            let is = ours.err.ends_with("Unknown options: --code-sha-256, x\n")
                && theirs.err.contains("CodeSHA256 (x) is different from");
            if is {
                theirs.clone_from(ours);
            }
            is
        },
    },
];

const SKELETONS: &[Difference] = &[
    Difference {
        name: "a skeleton: members only one of the models has, their order, and in version 1 any value of an enum",
        level: |ours, theirs| {
            let (Some(a), Some(b)) = (object(&ours.out), object(&theirs.out)) else {
                return false;
            };
            let is = ours.out != theirs.out && shared(&a, &b);
            if is {
                theirs.out.clone_from(&ours.out);
            }
            is
        },
    },
    Difference {
        name: "a sample of an answer: version 1's own fails its validation",
        level: |ours, theirs| {
            let is = ours.code == 0
                && theirs.err.starts_with("\nParameter validation failed:\n")
                && theirs.err.contains(", valid min ");
            if is {
                theirs.clone_from(ours);
            }
            is
        },
    },
];

const SERVICES: &[Difference] = &[Difference {
    name: "the models of other services: fewer members, and another order",
    level: |ours, theirs| {
        let text = match theirs.out.as_str() {
            "" => "{}",
            text => text,
        };
        let (Some(a), Some(b)) = (object(&ours.out), object(text)) else {
            return false;
        };
        let is = ours.out != theirs.out && within(&b, &a);
        if is {
            theirs.out.clone_from(&ours.out);
        }
        is
    },
}];

/// Returns true if the second value contains everything that the first value contains.
fn within(less: &Value, more: &Value) -> bool {
    match (less, more) {
        (Value::Object(less), Value::Object(more)) => less.iter().all(|(name, less)| {
            less.is_null() || more.get(name).is_some_and(|more| within(less, more))
        }),
        (Value::Array(less), Value::Array(more)) => {
            less.len() == more.len()
                && (less.iter().zip(more)).all(|(less, more)| within(less, more))
        }
        (less, more) => less == more,
    }
}

/// Replaces a text by another text. If it is in a cell of a table, the cell keeps its width.
fn put(text: &str, from: &str, to: &str) -> String {
    if !text.contains("\n|") {
        return text.replace(from, to);
    }
    let blanks = |count: usize| " ".repeat(count);
    match to.len().checked_sub(from.len()) {
        Some(more) => text.replace(&format!("{from}{}", blanks(more)), to),
        None => text.replace(from, &format!("{to}{}", blanks(from.len() - to.len()))),
    }
}

/// The text before a message of version 2.
const FRAME: &str = "\naws: [ERROR]: ";

const PARAM_VALIDATION: &str = "An error occurred (ParamValidation): ";

/// Members that have another place in version 1's model.
const MOVED: &[&str] = &[
    "CompatibleArchitectures",
    "AllocatedProvisionedConcurrentExecutions",
    "ScalingConfig",
];

/// The parts of an answer, in sorted order.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces: Vec<&str> = text
        .split([',', '\n'])
        .map(|piece| piece.trim_matches(|c: char| c.is_whitespace() || "{}[]\"\\".contains(c)))
        .collect();
    pieces.sort_unstable();
    pieces
}

fn object(text: &str) -> Option<Value> {
    serde_json::from_str(text)
        .ok()
        .filter(|value: &Value| value.is_object())
}

/// Returns true if two skeletons agree in the members that they share. They must share at least two thirds of the
/// members of the larger one.
fn shared(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let common = a.keys().filter(|name| b.contains_key(*name)).count();
            common * 3 >= a.len().max(b.len()) * 2
                && a.iter()
                    .all(|(name, a)| b.get(name).is_none_or(|b| shared(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| shared(a, b))
        }
        (Value::String(a), Value::String(b)) => a.is_empty() == b.is_empty(),
        (a, b) => a == b,
    }
}
