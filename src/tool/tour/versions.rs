//! The first lesson: `$LATEST`, versions, and what a publish does.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "versions",
    about: "$LATEST, versions, and what publishing freezes",
    settle: "0s",
    setup: &[],
    parts: &[
        Say(
            "Nothing here reaches AWS: lambdry answers as it would, from plain files in this folder. Try whatever you like.",
        ),
        Say(
            "A Lambda function is code that AWS runs when somebody calls it. You hand the code over as a zip, together with \
             settings: the runtime (which Python, say), the handler (which function in the code is called), the role (what the \
             code may do). one.zip and two.zip lie in this folder; each holds a few lines of Python. Make a function of the first:",
        ),
        Type(super::CREATE),
        Say(
            "Find three members in the answer. Version is $LATEST: that is the name of the copy you edit, and there is always exactly \
             one. CodeSha256 is a fingerprint of the zip: the same code has the same one, always. FunctionArn is the function's full \
             name in AWS.",
        ),
        Say(
            "$LATEST changes whenever somebody edits it, so it is nothing to rely on. Publish, and Lambda freezes a copy of it, code \
             and settings, under a number:",
        ),
        Type("publish-version --function-name hello"),
        Say(
            "Version is 1, and FunctionArn ends in :1. That copy can be called and deleted, but never changed. Now publish once more, \
             by the same command, and look at the number.",
        ),
        Say(
            "It is 1 again. Nothing was updated since the last version, so there was nothing to freeze, and Lambda answers the version \
             there is. Edit $LATEST, then, by giving it other code; version 1 keeps what it has:",
        ),
        Type("update-function-code --function-name hello --zip-file fileb://two.zip"),
        Say(
            "Compare. A version is named by its number behind a colon, or with --qualifier. The quotes around $LATEST are for your \
             shell, which would take it for a variable of its own and pass on nothing:",
        ),
        Type("get-function-configuration --function-name hello:1 --query CodeSha256"),
        Type("get-function-configuration --function-name hello:$LATEST --query CodeSha256"),
        Task(
            "Publish the new code as well, and give that version the description second (the option is --description). \
              Then change a setting alone: set the timeout of $LATEST to 10 seconds with update-function-configuration and \
              --timeout, and publish a third version. In the end list them with list-versions-by-function.",
        ),
    ],
    checks: &[
        Check {
            what: "there is a function named hello",
            help: "create-function makes it; the first command of the lesson is it.",
            holds: |seen| seen.head.is_some(),
        },
        Check {
            what: "version 1 froze the code of one.zip",
            help: "Publish while one.zip is the code of $LATEST. If another version has the number 1 already, lambdry tour reset \
                   starts over: a number is never given twice.",
            holds: |seen| {
                seen.version(1)
                    .is_some_and(|version| version.code_sha256 == seen.one)
            },
        },
        Check {
            what: "version 2 froze the code of two.zip",
            help: "update-function-code puts two.zip into $LATEST; publish-version then freezes it.",
            holds: |seen| {
                seen.version(2)
                    .is_some_and(|version| version.code_sha256 == seen.two)
            },
        },
        Check {
            what: "version 2 has the description second",
            help: "publish-version takes --description. A version cannot be described afterwards: if it was published without, \
                   lambdry tour reset starts over.",
            holds: |seen| {
                seen.version(2)
                    .is_some_and(|version| version.description == "second")
            },
        },
        Check {
            what: "version 3 has that code, too, and a timeout of 10 seconds",
            help: "update-function-configuration with --timeout 10 changes $LATEST; publish-version then freezes it. Settings are \
                   part of a version as code is.",
            holds: |seen| {
                seen.version(3)
                    .is_some_and(|version| version.timeout == 10 && version.code_sha256 == seen.two)
            },
        },
        Check {
            what: "version 1 has the timeout it was published with, 3 seconds",
            help: "Nothing can change a version; if there is none with the number 1, lambdry tour reset starts over.",
            holds: |seen| seen.version(1).is_some_and(|version| version.timeout == 3),
        },
    ],
    learnt: "You edit $LATEST and nothing else. A publish freezes code and settings under the next number, and makes no version where \
             nothing was updated. A version never changes, and its number is never given again, not even after it was deleted. That is \
             what makes it something to go back to.",
};
