//! The second lesson: an alias, a release and the way back.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "aliases",
    about: "an alias as the name clients call, a release, and the way back",
    settle: "0s",
    setup: super::TWO_VERSIONS,
    parts: &[
        Say(
            "The function hello has two versions: 1 with the code of one.zip, 2 with that of two.zip. Who calls hello:1 today would \
             have to be changed for every release. So clients call a name, and you decide which version it stands for:",
        ),
        Type("create-alias --function-name hello --name live --function-version 1"),
        Say(
            "An alias is a pointer, no copy. hello:live is called as hello:1 is, and answers as that version; see Version in the \
             answer:",
        ),
        Type(
            "get-function-configuration --function-name hello:live --query '[FunctionArn, Version, \
             CodeSha256]'",
        ),
        Say("A release moves the pointer:"),
        Type("update-alias --function-name hello --name live --function-version 2"),
        Say(
            "Nothing was uploaded and nothing built, and no client was changed. Ask for hello:live again: it is version 2.",
        ),
        Task(
            "Version 2 turns out to be broken. Take it back: clients of live have to get version 1 again. \
              Then give the testers a name of their own: an alias named next that always follows your edits, that is, one that \
              points at $LATEST (which wants quotes in your shell). Describe it, with --description, as 'for testers'.",
        ),
    ],
    checks: &[
        Check {
            what: "there is an alias named live",
            help: "create-alias makes it; the first command of the lesson is it.",
            holds: |seen| seen.alias("live").is_some(),
        },
        Check {
            what: "live was moved from version 1 to version 2",
            help: "update-alias with --function-version 2 moves it.",
            holds: |seen| seen.went("live", &["1", "2"]),
        },
        Check {
            what: "live was taken back to version 1, and points there",
            help: "The way back is the way there: update-alias with --function-version 1.",
            holds: |seen| seen.went("live", &["1", "2", "1"]) && seen.points("live", "1"),
        },
        Check {
            what: "there is an alias named next that points at $LATEST",
            help: "create-alias with --name next and, in single quotes, the version $LATEST. Without them the shell passes an \
                   empty word. delete-alias removes one that went wrong, or update-alias moves it.",
            holds: |seen| seen.points("next", "$LATEST"),
        },
        Check {
            what: "next says that it is for testers",
            help: "create-alias and update-alias take --description; two words want quotes.",
            holds: |seen| {
                seen.alias("next")
                    .is_some_and(|alias| alias.description == "for testers")
            },
        },
        Check {
            what: "both versions are still there",
            help: "lambdry tour reset starts over.",
            holds: |seen| seen.version(1).is_some() && seen.version(2).is_some(),
        },
    ],
    learnt: "Clients call an alias, releases move it, and the way back is one call that needs no code at hand: the old version is \
             still there, frozen. An alias may point at $LATEST, but then it stands for something that anybody can edit.",
};
