//! The sixth lesson: what to delete, what to keep, and what cannot be deleted.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "clean-up",
    about: "which versions to delete, and which are still in use",
    settle: "0s",
    setup: &[
        super::CREATE,
        "publish-version --function-name hello",
        "update-function-code --function-name hello --zip-file fileb://two.zip --publish",
        "update-function-configuration --function-name hello --timeout 10",
        "publish-version --function-name hello",
        "update-function-configuration --function-name hello --timeout 20",
        "publish-version --function-name hello",
        "update-function-configuration --function-name hello --timeout 30",
        "publish-version --function-name hello",
        "create-alias --function-name hello --name live --function-version 5",
        "create-alias --function-name hello --name old --function-version 2",
    ],
    parts: &[
        Say(
            "Every version keeps its code, and all code together may take 75 GB in an account and region: a pipeline that publishes \
             on every run fills it. The function hello has five versions. Look at them, and at the aliases:",
        ),
        Type(
            "list-versions-by-function --function-name hello --query 'Versions[].[Version, Timeout, \
             CodeSize]' --output table",
        ),
        Type(
            "list-aliases --function-name hello --query 'Aliases[].[Name, FunctionVersion]' --output table",
        ),
        Say(
            "A version is deleted by delete-function with a qualifier. (Without one it deletes the whole function, all versions and \
             aliases, and asks nobody. Read that line twice before you press Enter.)",
        ),
        Type("delete-function --function-name hello --qualifier 1"),
        Type("delete-function --function-name hello --qualifier 2"),
        Say(
            "The second one is refused: an alias points at that version, and whoever calls the alias would be left with nothing. \
             The error names it.",
        ),
        Task(
            "Nobody calls the alias old any more. Remove it, and delete the versions 1, 2 and 3. Keep 5, which is live, and 4, to go \
              back to. Then make one more version: set the timeout to 40, publish, and look at its number.",
        ),
    ],
    checks: &[
        Check {
            what: "hello is still there",
            help: "It was deleted whole, by a delete-function without --qualifier. That happens; lambdry tour reset starts over.",
            holds: |seen| seen.head.is_some(),
        },
        Check {
            what: "the alias old is gone",
            help: "delete-alias with --name old.",
            holds: |seen| seen.head.is_some() && seen.alias("old").is_none(),
        },
        Check {
            what: "the versions 1, 2 and 3 are gone",
            help: "delete-function with --qualifier, once for each.",
            holds: |seen| {
                seen.head.is_some() && (1..=3).all(|number| seen.version(number).is_none())
            },
        },
        Check {
            what: "the versions 4 and 5 are still there",
            help: "A version that was deleted does not come back; lambdry tour reset starts over.",
            holds: |seen| seen.version(4).is_some() && seen.version(5).is_some(),
        },
        Check {
            what: "live still points at version 5",
            help: "update-alias with --function-version 5, or lambdry tour reset.",
            holds: |seen| seen.points("live", "5"),
        },
        Check {
            what: "the next version has the number 6 and a timeout of 40 seconds",
            help: "update-function-configuration with --timeout 40, then publish-version. Numbers that were deleted are not given \
                   again.",
            holds: |seen| seen.version(6).is_some_and(|version| version.timeout == 40),
        },
    ],
    learnt: "Old versions go one by one, by delete-function with a qualifier, and never while an alias points at them. Numbers only \
             go up. Keep at least the version before the one that is live: it is the way back.",
};
