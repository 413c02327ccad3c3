//! The seventh lesson: a queue feeds a function, and is paused around a release.

use jiff::SignedDuration;

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
    Proof::{Above, Sh},
    Sentence::{Aim, Claim, Do},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "mappings",
    about: "how to pause an event source mapping for a release, and connect it to an alias",
    // The first command after a change of a mapping sees the change in progress. The next command sees the completed
    // change.
    settle: "90s",
    setup: &[
        super::CREATE,
        "wait function-active-v2 --function-name hello",
        "publish-version --function-name hello",
        "update-function-code --function-name hello --zip-file fileb://two.zip",
        "wait function-updated-v2 --function-name hello",
        "create-alias --function-name hello --name live --function-version 1",
        "create-event-source-mapping --function-name hello --event-source-arn arn:aws:sqs:us-east-1:123456789012:orders",
        "get-function --function-name hello",
        "get-function --function-name hello",
    ],
    files: &[],
    script: None,
    parts: &[
        Say(&[
            Aim("Nobody calls this function by hand: orders come from a queue."),
            Claim(
                "An event source mapping connects the two: Lambda reads the queue named `orders` and invokes `hello` \
                 with each order.",
                &[Sh(
                    "lambdry list-event-source-mappings --query 'EventSourceMappings[].[EventSourceArn, FunctionArn]' --output text",
                    0,
                    &[
                        "arn:aws:sqs:us-east-1:123456789012:orders\tarn:aws:lambda:us-east-1:123456789012:function:hello\n",
                    ],
                )],
            ),
            Do("Look at it:"),
        ]),
        Type(
            "list-event-source-mappings --function-name hello --query 'EventSourceMappings[].[UUID, FunctionArn, State]'",
            0,
            &[
                "448f02e3-e6c7-493f-9cdb-6e9249337955",
                ":function:hello\"",
                "\"Enabled\"",
            ],
        ),
        Say(&[
            Claim(
                "A mapping has no name, only a `UUID`. A call that changes the mapping needs that `UUID`.",
                &[Sh(
                    "lambdry update-event-source-mapping --no-enabled",
                    252,
                    &["--uuid"],
                )],
            ),
            Claim(
                "Its `FunctionArn` ends in `hello`, without a version: the orders go to `$LATEST`, wherever `live` \
                 points.",
                &[
                    Above(&[":function:hello\""]),
                    Sh(
                        "lambdry invoke --function-name hello out.json --query ExecutedVersion 2>/dev/null; lambdry get-alias \
                         --function-name hello --name live --query FunctionVersion",
                        0,
                        &["\"$LATEST\"\n\"1\""],
                    ),
                ],
            ),
            Claim(
                "So the untested code of `two.zip` handles orders already, although it was never published:",
                &[Sh(
                    "lambdry diff hello:live hello:'$LATEST'",
                    1,
                    &["app.py"],
                )],
            ),
        ]),
        Type("diff hello:live hello:$LATEST", 1, &["app.py"]),
        Say(&[
            Aim(
                "Stop that first. A paused mapping reads nothing: the orders stay in the queue, and Lambda handles \
                 them later.",
            ),
            Do("Pause it:"),
        ]),
        Type(
            "update-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --no-enabled --query State",
            0,
            &["\"Disabling\""],
        ),
        Say(&[
            Claim(
                "`Disabling`: a change of a mapping takes time. In this lesson it takes 90 seconds, and each command \
                 moves the clock on by a minute, even a refused one.",
                &[
                    Above(&["\"Disabling\""]),
                    Sh(
                        "for look in 1 2; do lambdry get-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --query \
                         State; done",
                        0,
                        &["\"Disabling\"\n\"Disabled\""],
                    ),
                ],
            ),
            Do(
                "See what happens when the next change comes too early: make the mapping call the alias.",
            ),
        ]),
        Type(
            "update-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --function-name hello:live",
            254,
            &["ResourceInUseException"],
        ),
        Say(&[
            Claim(
                "`ResourceInUseException`: while one change is in progress, the next one is refused.",
                &[Above(&["ResourceInUseException"])],
            ),
            Claim(
                "There is no `wait` for mappings. Look yourself, as often as needed, until `State` is `Disabled`:",
                &[Sh(
                    "lambdry wait event-source-mapping-disabled --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955",
                    252,
                    &["invalid choice"],
                )],
            ),
        ]),
        Type(
            "get-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --query State",
            0,
            &["\"Disabled\""],
        ),
        Say(&[
            Do("Now move it."),
            Claim(
                "A mapping that you move keeps its `UUID`. If you delete a mapping and create it again, it gets \
                 another `UUID`.",
                &[
                    Sh(
                        "lambdry update-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --function-name hello:live \
                         --query UUID",
                        0,
                        &["\"448f02e3-e6c7-493f-9cdb-6e9249337955\""],
                    ),
                    Sh(
                        "lambdry delete-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --query State\n\
                         for look in 1 2; do lambdry get-function --function-name hello >/dev/null; done\n\
                         new=$(lambdry create-event-source-mapping --function-name hello:live --event-source-arn \
                         arn:aws:sqs:us-east-1:123456789012:orders --query UUID --output text)\n\
                         [ ${#new} = 36 ] && [ $new != 448f02e3-e6c7-493f-9cdb-6e9249337955 ]",
                        0,
                        &["\"Deleting\""],
                    ),
                ],
            ),
        ]),
        Type(
            "update-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --function-name hello:live --query '[State, \
             FunctionArn]'",
            0,
            &["\"Updating\"", ":function:hello:live\""],
        ),
        Say(&[Claim(
            "`Updating`: this change takes 90 seconds too. Look until `State` is `Disabled` again: Lambda refuses an \
             earlier `--enabled`.",
            &[
                Above(&["\"Updating\""]),
                Sh(
                    "lambdry update-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --enabled\n\
                         lambdry get-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --query State",
                    0,
                    &["ResourceInUseException", "\"Disabled\""],
                ),
            ],
        )]),
        Say(&[
            Claim(
                "From here on the orders follow the alias, in a release and in a rollback, as clients do.",
                &[Sh(
                    "lambdry get-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 >/dev/null\n\
                     lambdry get-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --query FunctionArn\n\
                     lambdry --explain invoke --function-name hello:live out.json --query ExecutedVersion",
                    0,
                    &[":function:hello:live\"", "\"1\""],
                )],
            ),
            Aim(
                "A later release needs no pause, unless old and new code must never handle orders at the same time.",
            ),
        ]),
        Task(&[
            Do(
                "Release the code of `two.zip`: publish it as version 2, and point `live` at it while the mapping is paused.",
            ),
            Do(
                "Then look until the mapping is `Disabled` again, resume it with `--enabled`, and look until it is \
                 `Enabled`.",
            ),
            Claim(
                "`history` shows mappings, too.",
                &[Sh(
                    "lambdry history hello",
                    0,
                    &["Event source mappings\n  sqs orders"],
                )],
            ),
        ]),
    ],
    checks: &[
        Check {
            what: "the mapping of the queue `orders` still exists",
            help: "It was deleted, and a new mapping has another `UUID`; `lambdry tour reset` starts the lesson \
                again.",
            wrong: "lambdry delete-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955\n\
                    for look in 1 2; do lambdry get-function --function-name hello; done\n\
                    [ \"$(lambdry create-event-source-mapping --function-name hello:live --event-source-arn \
                    arn:aws:sqs:us-east-1:123456789012:orders --query UUID --output text)\" != \
                    448f02e3-e6c7-493f-9cdb-6e9249337955 ]",
            holds: |seen| seen.mappings.iter().any(|mapping| mapping.uuid == MAPPING),
        },
        Check {
            what: "it calls `hello:live`",
            help: "`update-event-source-mapping` with `--function-name hello:live`, when no change of it is in progress.",
            wrong: "",
            holds: |seen| {
                let mut mappings = seen.mappings.iter();
                mappings.any(|mapping| mapping.function_arn.ends_with(":function:hello:live"))
            },
        },
        Check {
            what: "version 2 froze the code of `two.zip`",
            help: "`publish-version`: the code is in `$LATEST` already.",
            wrong: "lambdry update-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --function-name hello:live",
            holds: |seen| {
                seen.version(2)
                    .is_some_and(|version| version.code_sha256 == seen.two)
            },
        },
        Check {
            what: "`live` points at version 2",
            help: "`update-alias` with `--function-version 2`.",
            wrong: "lambdry update-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --function-name hello:live\n\
                    lambdry publish-version --function-name hello",
            holds: |seen| seen.points("live", "2"),
        },
        Check {
            what: "the mapping was paused when `live` moved",
            help: "Pause it with `--no-enabled`, look until `State` is `Disabled`, and only then move the alias: take `live` back to \
                   version 1 and release it again.",
            wrong: "lambdry update-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --function-name hello:live\n\
                    lambdry publish-version --function-name hello\n\
                    lambdry update-alias --function-name hello --name live --function-version 2",
            holds: |seen| seen.moved_while_paused("live", "2", SETTLE),
        },
        Check {
            what: "the mapping is `Enabled` again",
            help: "`update-event-source-mapping` with `--enabled`; then `get-event-source-mapping` until `State` says so.",
            wrong: "uuid=448f02e3-e6c7-493f-9cdb-6e9249337955\n\
                    look() { for look in 1 2; do lambdry get-event-source-mapping --uuid $uuid --query State; done; }\n\
                    lambdry update-event-source-mapping --uuid $uuid --no-enabled; look\n\
                    lambdry update-event-source-mapping --uuid $uuid --function-name hello:live; look\n\
                    lambdry publish-version --function-name hello\n\
                    lambdry update-alias --function-name hello --name live --function-version 2\n\
                    lambdry update-event-source-mapping --uuid $uuid --enabled",
            holds: |seen| {
                let mut mappings = seen.mappings.iter();
                mappings.any(|mapping| mapping.state == "Enabled")
            },
        },
    ],
    solution: &[
        "lambdry publish-version --function-name hello",
        "lambdry update-alias --function-name hello --name live --function-version 2",
        "lambdry update-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --enabled",
        "lambdry get-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --query State",
        "lambdry get-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --query State",
        "lambdry history hello",
    ],
    learnt: &[
        Claim(
            "A mapping without a version sends orders to `$LATEST`, and every upload is live at once. A mapping of \
             an alias follows releases and rollbacks.",
            &[Sh(
                "lambdry update-alias --function-name hello --name live --function-version 1 >/dev/null\n\
                 lambdry get-event-source-mapping --uuid 448f02e3-e6c7-493f-9cdb-6e9249337955 --query FunctionArn\n\
                 lambdry invoke --function-name hello:live out.json --query ExecutedVersion 2>/dev/null",
                0,
                &[":function:hello:live\"", "\"1\""],
            )],
        ),
        Claim(
            "To pause around a release: `--no-enabled`, look until it is `Disabled`, release, `--enabled`, look \
             until it is `Enabled`.",
            &[Sh(
                "uuid=448f02e3-e6c7-493f-9cdb-6e9249337955\n\
                 until_it_is() { until [ \"$(lambdry get-event-source-mapping --uuid $uuid --query State --output text)\" = $1 ]; \
                 do :; done; }\n\
                 lambdry update-event-source-mapping --uuid $uuid --no-enabled --query State; until_it_is Disabled\n\
                 lambdry update-event-source-mapping --uuid $uuid --enabled --query State; until_it_is Enabled; echo done",
                0,
                &["\"Disabling\"\n\"Enabling\"\ndone"],
            )],
        ),
        Claim(
            "No `wait` does this for you, and Lambda refuses a change that comes too early.",
            &[Sh(
                "uuid=448f02e3-e6c7-493f-9cdb-6e9249337955\n\
                 lambdry update-event-source-mapping --uuid $uuid --no-enabled >/dev/null\n\
                 lambdry update-event-source-mapping --uuid $uuid --enabled",
                254,
                &[
                    "ResourceInUseException",
                    "has no waiter for event source mappings",
                ],
            )],
        ),
    ],
};

/// The mapping at the beginning of the lesson. Its id comes from the lesson's seed.
const MAPPING: &str = "448f02e3-e6c7-493f-9cdb-6e9249337955";

/// The time that a change of the mapping takes in this lesson.
const SETTLE: SignedDuration = SignedDuration::from_secs(90);
