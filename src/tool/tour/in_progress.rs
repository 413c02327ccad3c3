//! The fifth lesson: changes take time, and commands wait for them.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
    Proof::{Above, Sh},
    Sentence::{Aim, Claim, Do},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "in-progress",
    about: "how long a change takes, and what to wait for",
    // This is longer than any lesson, so a change completes only when a command waits for it.
    settle: "86400s",
    setup: &[],
    files: &[],
    script: None,
    parts: &[
        Say(&[
            Claim(
                "Lambda accepts a change at once and completes it some seconds later.",
                &[Sh(
                    "lambdry --settle 90s create-function --function-name x --runtime python3.13 --handler app.handler --role \
                     arn:aws:iam::123456789012:role/x --zip-file fileb://one.zip --query State\n\
                     for look in 1 2; do lambdry get-function-configuration --function-name x --query State; done",
                    0,
                    &["\"Pending\"\n\"Pending\"\n\"Active\""],
                )],
            ),
            Aim(
                "A script that does not wait works on days when the change is faster than its next call. On other \
                 days it fails.",
            ),
            Claim(
                "In this lesson a change takes a day, so nothing completes until you wait for it.",
                &[Sh(
                    "lambdry create-function --function-name x --runtime python3.13 --handler app.handler --role \
                     arn:aws:iam::123456789012:role/x --zip-file fileb://one.zip >/dev/null\n\
                     echo 2026-11-23T11:59:00Z > clock\n\
                     for look in 1 2; do lambdry get-function-configuration --function-name x --query State; done",
                    0,
                    &["\"Pending\"\n\"Active\""],
                )],
            ),
            Claim(
                "On AWS `wait` asks again and again until the change is done. Here `wait` completes the change \
                 itself, so you do not wait for a day.",
                &[Sh(
                    "lambdry create-function --function-name x --runtime python3.13 --handler app.handler --role \
                     arn:aws:iam::123456789012:role/x --zip-file fileb://one.zip --query State\n\
                     lambdry wait function-active-v2 --function-name x\n\
                     lambdry get-function-configuration --function-name x --query State; cat clock",
                    0,
                    &["\"Pending\"\n\"Active\"\n2026-11-22T12:03:00Z\n"],
                )],
            ),
            Do("Make a function:"),
        ]),
        Type(
            "create-function --function-name hello --runtime python3.13 --handler app.handler --role \
             arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip --query '[State, StateReason]'",
            0,
            &["\"Pending\""],
        ),
        Say(&[
            Claim(
                "`State` is `Pending`: the function exists, but it is not ready.",
                &[
                    Above(&["\"Pending\""]),
                    Sh(
                        "lambdry list-functions --query 'Functions[].FunctionName'; lambdry invoke --function-name hello out.json",
                        254,
                        &["hello", "ResourceConflictException"],
                    ),
                ],
            ),
            Do("Publish it anyway:"),
        ]),
        Type(
            "publish-version --function-name hello",
            254,
            &[
                "ResourceConflictException",
                "hint: wait between the two calls",
            ],
        ),
        Say(&[
            Claim(
                "`ResourceConflictException`: while a create or an update is in progress, Lambda refuses the next \
                 update and every publish.",
                &[
                    Above(&["ResourceConflictException"]),
                    Sh(
                        "lambdry update-function-configuration --function-name hello --timeout 9",
                        254,
                        &["ResourceConflictException"],
                    ),
                ],
            ),
            Aim("Remember this error."),
            Claim(
                "The remedy is to wait. `wait` prints nothing, and ends when the function is ready:",
                &[Sh(
                    "lambdry wait function-active-v2 --function-name hello; lambdry get-function-configuration --function-name hello \
                     --query State",
                    0,
                    &["\"Active\"\n"],
                )],
            ),
        ]),
        Type("wait function-active-v2 --function-name hello", 0, &[]),
        Type(
            "publish-version --function-name hello --query Version",
            0,
            &["\"1\""],
        ),
        Say(&[Claim(
            "An update takes time too. Meanwhile clients can call the function, so `State` stays `Active`. Look at \
             `LastUpdateStatus` instead:",
            &[Sh(
                "lambdry update-function-code --function-name hello --zip-file fileb://two.zip --query '[State, \
                     LastUpdateStatus]' --output text\n\
                     lambdry invoke --function-name hello out.json --query StatusCode 2>/dev/null",
                0,
                &["Active\tInProgress", "200"],
            )],
        )]),
        Type(
            "update-function-code --function-name hello --zip-file fileb://two.zip --query '[State, LastUpdateStatus]'",
            0,
            &["\"Active\"", "\"InProgress\""],
        ),
        Say(&[Claim(
            "It is `InProgress`. The waiter for it is `function-updated-v2`. `function-active-v2` would end at once, \
             because `State` is `Active`.",
            &[
                Above(&["\"InProgress\""]),
                Sh(
                    "lambdry wait function-active-v2 --function-name hello\n\
                         lambdry get-function-configuration --function-name hello --query LastUpdateStatus\n\
                         lambdry wait function-updated-v2 --function-name hello\n\
                         lambdry get-function-configuration --function-name hello --query LastUpdateStatus",
                    0,
                    &["\"InProgress\"\n\"Successful\""],
                ),
            ],
        )]),
        Task(&[
            Do("Now release the new code."),
            Do("Wait for the update."),
            Do("Then set the timeout to 30 seconds, which is another update."),
            Do("Then publish both changes together as version 2."),
            Do("Try each step once without waiting, and read the error."),
            Do("Leave nothing in progress."),
            Claim(
                "Then create an alias named `live` that points at version 2. That needs no wait.",
                &[Sh(
                    "lambdry create-alias --function-name hello --name live --function-version 1 --query FunctionVersion",
                    0,
                    &["\"1\""],
                )],
            ),
        ]),
    ],
    checks: &[
        Check {
            what: "version 1 froze the code of `one.zip`",
            help: "`wait function-active-v2`, then `publish-version`, before the code is updated.",
            wrong: "lambdry create-function --function-name hello --runtime python3.13 --handler app.handler --role \
                    arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip\n\
                    ! lambdry publish-version --function-name hello\n\
                    lambdry wait function-active-v2 --function-name hello\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://two.zip",
            holds: |seen| {
                seen.version(1)
                    .is_some_and(|version| version.code_sha256 == seen.one)
            },
        },
        Check {
            what: "`$LATEST` holds the code of `two.zip` and a timeout of 30 seconds",
            help: "`update-function-code` and `update-function-configuration`, with `wait function-updated-v2` between them.",
            wrong: "lambdry create-function --function-name hello --runtime python3.13 --handler app.handler --role \
                    arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip\n\
                    lambdry wait function-active-v2 --function-name hello\n\
                    lambdry publish-version --function-name hello\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://two.zip\n\
                    ! lambdry update-function-configuration --function-name hello --timeout 30",
            holds: |seen| {
                seen.latest()
                    .is_some_and(|latest| latest.code_sha256 == seen.two && latest.timeout == 30)
            },
        },
        Check {
            what: "nothing is in progress",
            help: "`wait function-active-v2` after a create, `wait function-updated-v2` after an update.",
            wrong: "lambdry create-function --function-name hello --runtime python3.13 --handler app.handler --role \
                    arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip\n\
                    lambdry wait function-active-v2 --function-name hello\n\
                    lambdry publish-version --function-name hello\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://two.zip\n\
                    lambdry wait function-updated-v2 --function-name hello\n\
                    lambdry update-function-configuration --function-name hello --timeout 30\n\
                    ! lambdry publish-version --function-name hello\n\
                    lambdry wait function-active-v2 --function-name hello",
            holds: |seen| seen.head.is_some() && !seen.is_changing(),
        },
        Check {
            what: "version 2 froze both changes",
            help: "`publish-version`, after both updates are done. If version 2 exists without the timeout, `lambdry \
                tour reset` starts the lesson again.",
            wrong: "lambdry create-function --function-name hello --runtime python3.13 --handler app.handler --role \
                    arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip\n\
                    lambdry wait function-active-v2 --function-name hello\n\
                    lambdry publish-version --function-name hello\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://two.zip\n\
                    lambdry wait function-updated-v2 --function-name hello\n\
                    lambdry publish-version --function-name hello\n\
                    lambdry update-function-configuration --function-name hello --timeout 30\n\
                    lambdry wait function-updated-v2 --function-name hello",
            holds: |seen| {
                seen.version(2)
                    .is_some_and(|version| version.code_sha256 == seen.two && version.timeout == 30)
            },
        },
        Check {
            what: "`live` points at version 2",
            help: "`create-alias`, as in the lesson on aliases.",
            wrong: "lambdry create-function --function-name hello --runtime python3.13 --handler app.handler --role \
                    arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip\n\
                    lambdry wait function-active-v2 --function-name hello\n\
                    lambdry publish-version --function-name hello\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://two.zip\n\
                    lambdry wait function-updated-v2 --function-name hello\n\
                    lambdry update-function-configuration --function-name hello --timeout 30\n\
                    lambdry wait function-updated-v2 --function-name hello\n\
                    lambdry publish-version --function-name hello",
            holds: |seen| seen.points("live", "2"),
        },
    ],
    solution: &[
        "lambdry wait function-updated-v2 --function-name hello",
        "lambdry update-function-configuration --function-name hello --timeout 30",
        "lambdry wait function-updated-v2 --function-name hello",
        "lambdry publish-version --function-name hello",
        "lambdry create-alias --function-name hello --name live --function-version 2",
    ],
    learnt: &[
        Claim(
            "Put a wait after every create and every update of a function: `function-active-v2` after a create, \
             `function-updated-v2` after an update.",
            &[Sh(
                "lambdry update-function-configuration --function-name hello --timeout 31 >/dev/null\n\
                 lambdry wait function-updated-v2 --function-name hello\n\
                 lambdry publish-version --function-name hello --query Version",
                0,
                &["\"3\""],
            )],
        ),
        Aim(
            "A script that waits also works on a slow day. A script that sleeps for five seconds fails on the day \
             when an update takes six.",
        ),
        Claim(
            "`publish-version` and `update-alias` need no wait after them.",
            &[Sh(
                "lambdry update-alias --function-name hello --name live --function-version 1 >/dev/null\n\
                 lambdry publish-version --function-name hello >/dev/null\n\
                 lambdry update-function-configuration --function-name hello --timeout 31 --query LastUpdateStatus",
                0,
                &["InProgress"],
            )],
        ),
    ],
};
