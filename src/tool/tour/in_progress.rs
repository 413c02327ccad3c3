//! The fifth lesson: changes take time, and what to wait for.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "in-progress",
    about: "changes take time: Pending, InProgress, and what to wait for",
    // Time stands still in lessons: a change completes when it is waited for, and never by itself.
    settle: "3600s",
    setup: &[],
    parts: &[
        Say(
            "On AWS a change is accepted at once and completes some seconds later. Scripts that do not know this work on most days. \
             In this lesson time stands still, so that nothing completes until you wait for it. Make a function:",
        ),
        Type(
            "create-function --function-name hello --runtime python3.13 --handler app.handler --role \
             arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip --query '[State, StateReason]'",
        ),
        Say("State is Pending: the function is there, but not ready. Publish it all the same:"),
        Type("publish-version --function-name hello"),
        Say(
            "ResourceConflictException: as long as a change is on its way, every other change is refused. That is the error to know. \
             The answer is to wait, which is silent and ends when the function is ready:",
        ),
        Type("wait function-active-v2 --function-name hello"),
        Type("publish-version --function-name hello --query Version"),
        Say(
            "An update takes its time, too. The function stays callable meanwhile, so State is Active; what tells is \
             LastUpdateStatus:",
        ),
        Type(
            "update-function-code --function-name hello --zip-file fileb://two.zip --query '[State, \
             LastUpdateStatus]'",
        ),
        Say(
            "InProgress. The waiter for it is another one: function-updated-v2. (After a create: function-active-v2. After an update: \
             function-updated-v2.)",
        ),
        Task(
            "Bring the new code out. Wait for the update; then set the timeout to 30 seconds, which is an update of its own; and \
              publish the two together as version 2. Try each next step once without waiting, and read what is said. Leave nothing \
              in progress. (Aliases wait for nothing: point one named live at version 2.)",
        ),
    ],
    checks: &[
        Check {
            what: "version 1 froze the code of one.zip",
            help: "wait function-active-v2, then publish-version, before the code is updated.",
            holds: |seen| {
                seen.version(1)
                    .is_some_and(|version| version.code_sha256 == seen.one)
            },
        },
        Check {
            what: "$LATEST holds the code of two.zip and a timeout of 30 seconds",
            help: "update-function-code and update-function-configuration, with wait function-updated-v2 between them.",
            holds: |seen| {
                seen.latest()
                    .is_some_and(|latest| latest.code_sha256 == seen.two && latest.timeout == 30)
            },
        },
        Check {
            what: "nothing is in progress",
            help: "wait function-active-v2 after a create, wait function-updated-v2 after an update.",
            holds: |seen| seen.head.is_some() && !seen.is_changing(),
        },
        Check {
            what: "version 2 froze both changes",
            help: "publish-version, when both updates are through. If a version 2 without the timeout is there, lambdry tour reset \
                   starts over.",
            holds: |seen| {
                seen.version(2)
                    .is_some_and(|version| version.code_sha256 == seen.two && version.timeout == 30)
            },
        },
        Check {
            what: "live points at version 2",
            help: "create-alias, as in the lesson on aliases.",
            holds: |seen| seen.points("live", "2"),
        },
    ],
    learnt: "Every create and every update is followed by its wait: function-active-v2, function-updated-v2. A script that waits is \
             right on a slow day as well; one that sleeps for five seconds is right until it is not. Publishing and moving aliases \
             need no wait behind them.",
};
