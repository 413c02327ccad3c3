//! The fourth lesson: two people work on one function. A guard keeps one person from releasing the code of the
//! other.

use super::lesson::{
    Check, Lesson,
    Part::{Fill, Say, Task, Type},
    Proof::{Above, Sh},
    Sentence::{Aim, Claim, Do},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "guards",
    about: "RevisionId and CodeSha256: guards for two people who deploy at the same time",
    settle: "2s",
    setup: &[
        super::CREATE,
        "publish-version --function-name hello --description first",
        // These are Ben's calls, before the lesson begins.
        "update-function-code --function-name hello --zip-file fileb://two.zip",
        "update-function-configuration --function-name hello --timeout 30",
    ],
    files: &[],
    script: None,
    parts: &[
        Say(&[
            Claim(
                "`one.zip` is the code of version 1, which has a timeout of 3 seconds.",
                &[Sh(
                    "lambdry get-function-configuration --function-name hello:1 --query '[CodeSha256, Timeout]' --output text",
                    0,
                    &["n4Ipw0rNbJDKyxFetq+/h77eRkevNNMcvC9aILtlDAs=\t3"],
                )],
            ),
            Aim(
                "On your own machine you tested that code with a timeout of 20 seconds, and you want to release it \
                 with that timeout.",
            ),
            Claim(
                "But Ben has just uploaded `two.zip` to `$LATEST` without a test, and raised the timeout. He did not \
                 tell you. The history shows it:",
                &[Sh(
                    "lambdry history hello",
                    0,
                    &["$LATEST  changed since 1", "Timeout 3 -> 30"],
                )],
            ),
        ]),
        Type("history hello", 0, &["Timeout 3 -> 30"]),
        Say(&[
            Claim(
                "If you publish at this point, you release Ben's code.",
                &[Sh(
                    "lambdry publish-version --function-name hello --query '[CodeSha256, Timeout]' --output text",
                    0,
                    &["AfnVoX", "\t30"],
                )],
            ),
            Aim("Two guards protect you from that."),
            Aim("The first guard is the fingerprint of the code that you want to release."),
            Do("Compare the fingerprint of `one.zip` with that of `$LATEST`:"),
        ]),
        Type(
            "get-function-configuration --function-name hello:1 --query CodeSha256 --output text",
            0,
            &["n4Ipw0rNbJDKyxFetq+/h77eRkevNNMcvC9aILtlDAs="],
        ),
        Type(
            "get-function-configuration --function-name hello --query CodeSha256 --output text",
            0,
            &["AfnVoX"],
        ),
        Say(&[
            Do("Publish with the guard: name the code that you mean, the code of `one.zip`."),
            Do("Replace `HASH` by the first of the two fingerprints:"),
        ]),
        Fill(
            (
                "HASH",
                "lambdry get-function-configuration --function-name hello:1 --query CodeSha256 --output text",
            ),
            "publish-version --function-name hello --code-sha256 HASH",
            254,
            &[
                "InvalidParameterValueException",
                "is different from current CodeSHA256 in $LATEST",
            ],
        ),
        Say(&[
            Claim(
                "Lambda refuses it, and the exit code is 254, not 0. A script that begins with `set -e` stops here \
                 and does not release the wrong code.",
                &[
                    Above(&["InvalidParameterValueException"]),
                    Sh(
                        "set -e; lambdry publish-version --function-name hello --code-sha256 \
                         n4Ipw0rNbJDKyxFetq+/h77eRkevNNMcvC9aILtlDAs=; echo went on",
                        254,
                        &["is different from current CodeSHA256"],
                    ),
                ],
            ),
            Claim(
                "Nothing was published.",
                &[Sh(
                    "lambdry list-versions-by-function --function-name hello --query 'Versions[].Version' --output text",
                    0,
                    &["$LATEST\t1\n"],
                )],
            ),
        ]),
        Say(&[
            Claim(
                "The second guard is the `RevisionId`. It protects the settings too. Every change gives the function a \
                 new `RevisionId`.",
                &[Sh(
                    "id() { lambdry get-function-configuration --function-name hello --query RevisionId --output text; }\n\
                     before=$(id); lambdry update-function-configuration --function-name hello --timeout 20 >/dev/null\n\
                     [ \"$before\" != \"$(id)\" ]",
                    0,
                    &[],
                )],
            ),
            Do("Read it first, and then the code and the settings:"),
        ]),
        Type(
            "get-function-configuration --function-name hello --query RevisionId --output text",
            0,
            &["-"],
        ),
        Say(&[
            Claim(
                "A call with `--revision-id` means: make the change only if nothing has changed since I read that \
                 id.",
                &[Sh(
                    "id=$(lambdry get-function-configuration --function-name hello --query RevisionId --output text)\n\
                     lambdry update-function-configuration --function-name hello --timeout 20 --revision-id $id --query Timeout",
                    0,
                    &["20"],
                )],
            ),
            Claim(
                "`publish-version`, `update-function-code`, `update-function-configuration` and `update-alias` \
                 accept it. An alias has its own `RevisionId`.",
                &[
                    Sh(
                        "for call in publish-version 'update-function-code --zip-file fileb://one.zip' \
                         'update-function-configuration --timeout 20'; do\n\
                         lambdry $call --function-name hello --revision-id old 2>&1 | grep -c PreconditionFailed; done",
                        0,
                        &["1\n1\n1\n"],
                    ),
                    Sh(
                        "function=$(lambdry get-function-configuration --function-name hello --query RevisionId --output text)\n\
                         alias=$(lambdry create-alias --function-name hello --name live --function-version 1 --query RevisionId \
                         --output text)\n\
                         lambdry update-alias --function-name hello --name live --description x --revision-id $alias --query Name\n\
                         lambdry update-alias --function-name hello --name live --description x --revision-id $function",
                        254,
                        &["\"live\"", "PreconditionFailedException"],
                    ),
                ],
            ),
            Do(
                "Try `old`, which is not a `RevisionId` of this function; once Ben has changed something, Lambda refuses the id that you read in the same way:",
            ),
        ]),
        Type(
            "publish-version --function-name hello --revision-id old",
            254,
            &["PreconditionFailedException"],
        ),
        Say(&[Claim(
            "The line that begins with `hint:` comes from lambdry, here and everywhere; AWS does not print it.",
            &[
                Above(&["\nhint: "]),
                Sh(
                    "aws lambda publish-version --function-name hello --revision-id old 2>&1 | tee told; grep hint: told",
                    1,
                    &["PreconditionFailedException"],
                ),
            ],
        )]),
        Say(&[
            Claim(
                "One thing surprises everybody. An update brings two new ids: one in its answer, when it begins, and \
                 another one when it is done.",
                &[Sh(
                    "answer=$(lambdry update-function-configuration --function-name hello --timeout 20 --query RevisionId --output \
                     text)\n\
                     lambdry wait function-updated-v2 --function-name hello\n\
                     [ \"$answer\" != \"$(lambdry get-function-configuration --function-name hello --query RevisionId --output \
                     text)\" ]",
                    0,
                    &[],
                )],
            ),
            Claim(
                "So you cannot use the `RevisionId` in the answer of an update for your next call.",
                &[Sh(
                    "answer=$(lambdry update-function-configuration --function-name hello --timeout 20 --query RevisionId --output \
                     text)\n\
                     lambdry publish-version --function-name hello --revision-id $answer\n\
                     lambdry wait function-updated-v2 --function-name hello\n\
                     lambdry publish-version --function-name hello --revision-id $answer",
                    254,
                    &["PreconditionFailedException"],
                )],
            ),
            Do("Wait for your update first."),
            Do("Then read the `RevisionId`, look at code and settings, and make the next change."),
            Claim(
                "Here no update is in progress, so `wait` ends at once:",
                &[Sh(
                    "lambdry get-function-configuration --function-name hello --query LastUpdateStatus",
                    0,
                    &["\"Successful\""],
                )],
            ),
        ]),
        Type("wait function-updated-v2 --function-name hello", 0, &[]),
        Task(&[
            Do("Now release what you have tested, without any change of Ben's."),
            Do(
                "Put `one.zip` into `$LATEST`, set the timeout to 20, and publish it with the description `guarded`.",
            ),
            Do(
                "Pass `--revision-id` each time, read with `get-function-configuration` after the `wait`.",
            ),
            Do("Pass `--code-sha256` too when you publish."),
            Do("Publish no version with the code of `two.zip` or a timeout of 30."),
        ]),
    ],
    checks: &[
        Check {
            what: "no version has the code of `two.zip`",
            help: "Somebody published it by mistake; the guards prevent that. A version cannot be changed; `lambdry \
                tour reset` starts the lesson again.",
            wrong: "lambdry publish-version --function-name hello\n\
                    ! lambdry update-function-code --function-name hello:2 --zip-file fileb://one.zip",
            holds: |seen| {
                !seen.versions.is_empty()
                    && seen
                        .versions
                        .values()
                        .all(|version| version.configuration.code_sha256 != seen.two)
            },
        },
        Check {
            what: "no version has a timeout of 30",
            help: "Ben's setting was published; `lambdry tour reset` starts the lesson again.",
            wrong: "lambdry update-function-code --function-name hello --zip-file fileb://one.zip --publish",
            holds: |seen| {
                !seen.versions.is_empty()
                    && seen
                        .versions
                        .values()
                        .all(|version| version.configuration.timeout != 30)
            },
        },
        Check {
            what: "`$LATEST` has the code of `one.zip` again",
            help: "`update-function-code` with `fileb://one.zip`, and with the `RevisionId` that you read.",
            wrong: "",
            holds: |seen| {
                seen.latest()
                    .is_some_and(|latest| latest.code_sha256 == seen.one)
            },
        },
        Check {
            what: "`$LATEST` has a timeout of 20 seconds",
            help: "`update-function-configuration` with `--timeout 20`. Read the `RevisionId` after the wait: the \
                end of the code update brought a new one.",
            wrong: "id() { lambdry get-function-configuration --function-name hello --query RevisionId --output text; }\n\
                    answer=$(lambdry update-function-code --function-name hello --zip-file fileb://one.zip --revision-id $(id) \
                    --query RevisionId --output text)\n\
                    lambdry wait function-updated-v2 --function-name hello\n\
                    ! lambdry update-function-configuration --function-name hello --timeout 20 --revision-id $answer",
            holds: |seen| seen.latest().is_some_and(|latest| latest.timeout == 20),
        },
        Check {
            what: "version 2 was published from that, with the description `guarded`",
            help: "`publish-version` with `--description guarded`, `--revision-id` and `--code-sha256`. If version 2 \
                exists already, `lambdry tour reset` starts the lesson again.",
            wrong: "lambdry update-function-code --function-name hello --zip-file fileb://one.zip\n\
                    lambdry wait function-updated-v2 --function-name hello\n\
                    lambdry update-function-configuration --function-name hello --timeout 20\n\
                    lambdry publish-version --function-name hello\n\
                    lambdry publish-version --function-name hello --description guarded",
            holds: |seen| {
                seen.version(2).is_some_and(|version| {
                    version.code_sha256 == seen.one
                        && version.timeout == 20
                        && version.description == "guarded"
                })
            },
        },
    ],
    solution: &[
        "id() { lambdry wait function-updated-v2 --function-name hello && lambdry get-function-configuration --function-name hello \
         --query RevisionId --output text; }",
        "lambdry update-function-code --function-name hello --zip-file fileb://one.zip --revision-id \"$(id)\"",
        "lambdry update-function-configuration --function-name hello --timeout 20 --revision-id \"$(id)\"",
        "lambdry publish-version --function-name hello --description guarded --revision-id \"$(id)\" --code-sha256 \"$(lambdry \
         get-function-configuration --function-name hello:1 --query CodeSha256 --output text)\"",
    ],
    learnt: &[
        Aim(
            "A deployment is several calls, and somebody else may make a change between any two of them.",
        ),
        Claim(
            "`CodeSha256` says which code you mean. `RevisionId` says which state you saw.",
            &[
                Sh(
                    "lambdry publish-version --function-name hello --code-sha256 \
                     AfnVoXww5lsks0Q8xIch4r03HlwfQCzS9yhOJxeIIWg=",
                    254,
                    &["CodeSHA256"],
                ),
                Sh(
                    "id=$(lambdry get-function-configuration --function-name hello --query RevisionId --output text)\n\
                     lambdry update-function-configuration --function-name hello --timeout 30 >/dev/null\n\
                     lambdry publish-version --function-name hello --revision-id $id",
                    254,
                    &["PreconditionFailedException"],
                ),
            ],
        ),
        Claim(
            "With the guards, the second of two people gets an error. Without them, the second person silently \
             overwrites the first.",
            &[Sh(
                "lambdry update-function-code --function-name hello --zip-file fileb://two.zip >/dev/null\n\
                 lambdry update-function-code --function-name hello --zip-file fileb://one.zip --query CodeSha256",
                0,
                &["n4Ipw0"],
            )],
        ),
        Claim(
            "Read a `RevisionId` after the wait: the id in the answer of an update is out of date once the update is \
             done.",
            &[Sh(
                "answer=$(lambdry update-function-configuration --function-name hello --timeout 21 --query RevisionId --output text)\n\
                 lambdry wait function-updated-v2 --function-name hello\n\
                 lambdry update-function-configuration --function-name hello --timeout 22 --revision-id $answer",
                254,
                &["PreconditionFailedException"],
            )],
        ),
    ],
};
