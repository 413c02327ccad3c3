//! The first lesson: `$LATEST`, versions, and the effect of a publish.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
    Proof::{Above, Sh},
    Sentence::{Aim, Claim, Do},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "versions",
    about: "$LATEST, versions, and what a publish freezes",
    settle: "2s",
    setup: &[],
    files: &[],
    script: None,
    parts: &[
        Say(&[
            Claim(
                "Nothing here reaches AWS: `lambdry` gives AWS's answers from plain files in this folder.",
                &[Sh(
                    "lambdry create-function --function-name hello --runtime python3.13 --handler app.handler --role \
                     arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip >/dev/null\n\
                     head -n 3 state/123456789012/us-east-1/functions/hello/function.json",
                    0,
                    &["\"hello\""],
                )],
            ),
            Claim(
                "A lesson has its own clock. It starts at 12:00, and each command moves it on by 1 minute. You do \
                 not wait for that minute.",
                &[Sh(
                    "for name in a b; do lambdry create-function --function-name $name --runtime python3.13 --handler \
                     app.handler --role arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip --query \
                     LastModified; done",
                    0,
                    &["T12:00:00.000", "T12:01:00.000"],
                )],
            ),
            Claim(
                "Try whatever you like: `lambdry tour reset` starts the lesson again.",
                &[Sh(
                    "lambdry create-function --function-name x --runtime python3.13 --handler app.handler --role \
                     arn:aws:iam::123456789012:role/x --zip-file fileb://one.zip >/dev/null\n\
                     lambdry tour reset; lambdry list-functions; cat clock",
                    0,
                    &["starts again", "\"Functions\": []", "T12:01:00Z"],
                )],
            ),
        ]),
        Say(&[
            Aim("A Lambda function is code that AWS runs when somebody calls it."),
            Aim(
                "You give Lambda the code as a zip, with settings: the runtime (for example a version of Python), \
                 the handler (the function in the code that Lambda calls), and the role (what the code is allowed to \
                 do).",
            ),
            Claim(
                "`one.zip` and `two.zip` are in this folder; each contains a few lines of Python.",
                &[Sh(
                    "grep -ac 'def handler' one.zip; grep -ac 'def handler' two.zip",
                    0,
                    &["1\n1\n"],
                )],
            ),
            Do("Create a function from the first one:"),
        ]),
        Type(super::CREATE, 0, &["\"FunctionName\": \"hello\""]),
        Say(&[
            Do("Find four members in the answer."),
            Claim(
                "`Version` is `$LATEST`: that is the name of the copy that you edit. A function has exactly one \
                 `$LATEST`.",
                &[
                    Above(&["\"Version\": \"$LATEST\""]),
                    Sh(
                        "lambdry list-versions-by-function --function-name hello --query 'Versions[].Version' --output text",
                        0,
                        &["$LATEST\n"],
                    ),
                ],
            ),
            Claim(
                "`CodeSha256` is a fingerprint of the zip: the same code always has the same one.",
                &[
                    Above(&["\"CodeSha256\": \"n4Ipw0rNbJDKyxFetq+/h77eRkevNNMcvC9aILtlDAs=\""]),
                    Sh(
                        "lambdry update-function-code --function-name hello --zip-file fileb://two.zip --query CodeSha256\n\
                         lambdry update-function-code --function-name hello --zip-file fileb://one.zip --query CodeSha256",
                        0,
                        &[
                            "\"AfnVoX",
                            "\"n4Ipw0rNbJDKyxFetq+/h77eRkevNNMcvC9aILtlDAs=\"",
                        ],
                    ),
                ],
            ),
            Claim(
                "`FunctionArn` is the function's full name in AWS.",
                &[
                    Above(&[
                        "\"FunctionArn\": \"arn:aws:lambda:us-east-1:123456789012:function:hello\"",
                    ]),
                    Sh(
                        "lambdry get-function-configuration --function-name \
                         arn:aws:lambda:us-east-1:123456789012:function:hello --query FunctionName",
                        0,
                        &["\"hello\""],
                    ),
                ],
            ),
        ]),
        Say(&[
            Claim(
                "`State` is `Pending`: Lambda is still creating the function. That takes two seconds here. Your next \
                 command comes one minute later by the lesson's clock, so the function is ready by then.",
                &[
                    Above(&["\"State\": \"Pending\""]),
                    Sh(
                        "lambdry get-function-configuration --function-name hello --query State",
                        0,
                        &["\"Active\""],
                    ),
                ],
            ),
            Claim(
                "If you change the function before that, Lambda refuses the change; lesson 5, `in-progress`, is about that.",
                &[Sh(
                    "lambdry --settle 90s create-function --function-name x --runtime python3.13 --handler app.handler --role \
                     arn:aws:iam::123456789012:role/x --zip-file fileb://one.zip >/dev/null\n\
                     lambdry publish-version --function-name x",
                    254,
                    &["ResourceConflictException"],
                )],
            ),
        ]),
        Say(&[
            Claim(
                "`$LATEST` changes whenever somebody edits it, so you cannot rely on it.",
                &[Sh(
                    "lambdry update-function-configuration --function-name hello --timeout 9 >/dev/null\n\
                     lambdry get-function-configuration --function-name 'hello:$LATEST' --query Timeout",
                    0,
                    &["9"],
                )],
            ),
            Claim(
                "When you publish, Lambda freezes a copy of `$LATEST`, code and settings, under a number:",
                &[Sh(
                    "lambdry publish-version --function-name hello --query '[Version, Timeout, CodeSha256]' --output text",
                    0,
                    &["1\t3\tn4Ipw0"],
                )],
            ),
        ]),
        Type(
            "publish-version --function-name hello",
            0,
            &["\"Version\": \"1\""],
        ),
        Say(&[
            Claim(
                "`Version` is `1`, and `FunctionArn` ends in `:1`.",
                &[Above(&["\"Version\": \"1\"", "function:hello:1\""])],
            ),
            Claim(
                "Clients can call that copy, and you can delete it, but nobody can change it.",
                &[
                    Sh(
                        "lambdry invoke --function-name hello:1 out.json --query ExecutedVersion 2>/dev/null",
                        0,
                        &["\"1\""],
                    ),
                    Sh(
                        "lambdry delete-function --function-name hello --qualifier 1",
                        0,
                        &["204"],
                    ),
                    Sh(
                        "lambdry update-function-configuration --function-name hello:1 --timeout 9",
                        254,
                        &["An error occurred"],
                    ),
                ],
            ),
            Do("Publish once more and look at the number."),
            Claim(
                "With the option `--explain` lambdry says what it did, and why:",
                &[Sh(
                    "lambdry --explain publish-version --function-name hello",
                    0,
                    &["explain: No version was made", "was not updated since"],
                )],
            ),
        ]),
        Type(
            "--explain publish-version --function-name hello --query Version",
            0,
            &["\"1\"", "explain: No version was made"],
        ),
        Say(&[Claim(
            "It is `1` again. Nothing was updated since version 1, so there was nothing to freeze, and Lambda \
             answers version 1 again.",
            &[Above(&[
                "\"1\"",
                "$LATEST was not updated since version 1 froze it",
            ])],
        )]),
        Say(&[Claim(
            "One case is open: an update with the same code and the same settings. AWS's own page says that a \
             publish after it makes no version. A measurement of AWS says that it makes one, and `lambdry` makes \
             one. You need not remember this: lesson 8, `release`, returns to it.",
            &[Sh(
                "lambdry update-function-code --function-name hello --zip-file fileb://one.zip >/dev/null\n\
                     LAMBDRY_PUBLISH_RULE=content lambdry --explain publish-version --function-name hello --query Version\n\
                     lambdry publish-version --function-name hello --query Version",
                0,
                &[
                    "\"1\"\n",
                    "its page says that the same content makes no version, but a measurement shows that every update makes one",
                    "\n\"2\"\n",
                ],
            )],
        )]),
        Say(&[Claim(
            "Now edit `$LATEST`: give it other code. Version 1 keeps what it has:",
            &[Sh(
                "lambdry update-function-code --function-name hello --zip-file fileb://two.zip >/dev/null\n\
                     lambdry get-function-configuration --function-name hello:1 --query CodeSha256",
                0,
                &["n4Ipw0"],
            )],
        )]),
        Type(
            "update-function-code --function-name hello --zip-file fileb://two.zip --query CodeSha256",
            0,
            &["\"AfnVoX"],
        ),
        Say(&[
            Do("Compare version 1 with `$LATEST`."),
            Claim(
                "Write a version as a number after a colon, or with `--qualifier`.",
                &[Sh(
                    "lambdry get-function-configuration --function-name hello:1 --query Version\n\
                     lambdry get-function-configuration --function-name hello --qualifier 1 --query Version",
                    0,
                    &["\"1\"\n\"1\""],
                )],
            ),
            Claim(
                "The quotes around `$LATEST` are for your shell. Without them the shell takes `$LATEST` for an empty \
                 variable and passes only `hello:`.",
                &[Sh(
                    "echo hello:$LATEST; echo 'hello:$LATEST'",
                    0,
                    &["hello:\nhello:$LATEST\n"],
                )],
            ),
        ]),
        Type("diff hello:1 hello:$LATEST", 1, &["app.py"]),
        Say(&[Claim(
            "The file `app.py` in the zip has changed, although its size is still 46 bytes. `diff` ends with exit \
             code 1 if something differs, and with 0 if nothing does.",
            &[
                Above(&["changed  app.py  46 bytes"]),
                Sh(
                    "for zip in one two; do unzip -p $zip.zip app.py | wc -c; done\n\
                     lambdry diff hello:1 hello:1 >/dev/null; echo $?",
                    0,
                    &["46\n46\n0\n"],
                ),
            ],
        )]),
        Say(&[Claim(
            "`history` draws the function as a picture, with the newest version on top. It also shows the changes in \
             `$LATEST` that no version has yet:",
            &[Sh(
                "lambdry history hello",
                0,
                &["$LATEST  changed since 1", "\n*  1  "],
            )],
        )]),
        Type("history hello", 0, &["$LATEST  changed since 1"]),
        Task(&[
            Do(
                "Publish the new code as well, and give that version the description `second` (the option is `--description`).",
            ),
            Do(
                "Then change only a setting: set the timeout of `$LATEST` to 10 seconds with \
                 `update-function-configuration` and `--timeout`, and publish a third version.",
            ),
            Do("At the end, draw the history again."),
        ]),
    ],
    checks: &[
        Check {
            what: "there is a function named `hello`",
            help: "`create-function` creates it; it is the first command of the lesson.",
            wrong: "",
            holds: |seen| seen.head.is_some(),
        },
        Check {
            what: "version 1 froze the code of `one.zip`",
            help: "Publish while `one.zip` is the code of `$LATEST`. If another version already has the number 1, \
                `lambdry tour reset` starts the lesson again: a number is never used twice.",
            wrong: "lambdry create-function --function-name hello --runtime python3.13 --handler app.handler --role \
                    arn:aws:iam::123456789012:role/hello --zip-file fileb://two.zip --publish\n\
                    lambdry delete-function --function-name hello --qualifier 1\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://one.zip\n\
                    [ \"$(lambdry publish-version --function-name hello --query Version --output text)\" = 2 ]",
            holds: |seen| {
                seen.version(1)
                    .is_some_and(|version| version.code_sha256 == seen.one)
            },
        },
        Check {
            what: "version 2 froze the code of `two.zip`",
            help: "`update-function-code` puts `two.zip` into `$LATEST`; `publish-version` then freezes it.",
            wrong: "lambdry create-function --function-name hello --runtime python3.13 --handler app.handler --role \
                    arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip --publish\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://two.zip",
            holds: |seen| {
                seen.version(2)
                    .is_some_and(|version| version.code_sha256 == seen.two)
            },
        },
        Check {
            what: "version 2 has the description `second`",
            help: "`publish-version` takes `--description`. You cannot add a description to a version later: if it \
                has none, `lambdry tour reset` starts the lesson again.",
            wrong: "lambdry create-function --function-name hello --runtime python3.13 --handler app.handler --role \
                    arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip --publish\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://two.zip --publish\n\
                    lambdry publish-version --function-name hello --description second\n\
                    ! lambdry update-function-configuration --function-name hello:2 --description second",
            holds: |seen| {
                seen.version(2)
                    .is_some_and(|version| version.description == "second")
            },
        },
        Check {
            what: "version 3 has that code, too, and a timeout of 10 seconds",
            help: "`update-function-configuration` with `--timeout 10` changes `$LATEST`; `publish-version` then \
                freezes it. Settings are part of a version, just as code is.",
            wrong: "lambdry create-function --function-name hello --runtime python3.13 --handler app.handler --role \
                    arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip --publish\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://two.zip\n\
                    lambdry publish-version --function-name hello --description second\n\
                    lambdry update-function-configuration --function-name hello --timeout 10",
            holds: |seen| {
                seen.version(3)
                    .is_some_and(|version| version.timeout == 10 && version.code_sha256 == seen.two)
            },
        },
        Check {
            what: "version 1 still has its timeout of 3 seconds",
            help: "Nothing can change a version. If version 1 was published with another timeout, `lambdry tour \
                reset` starts the lesson again.",
            wrong: "lambdry create-function --function-name hello --runtime python3.13 --handler app.handler --role \
                    arn:aws:iam::123456789012:role/hello --zip-file fileb://one.zip --timeout 5 --publish\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://two.zip\n\
                    lambdry publish-version --function-name hello --description second\n\
                    lambdry update-function-configuration --function-name hello --timeout 10\n\
                    lambdry publish-version --function-name hello\n\
                    ! lambdry update-function-configuration --function-name hello:1 --timeout 3",
            holds: |seen| seen.version(1).is_some_and(|version| version.timeout == 3),
        },
    ],
    solution: &[
        "lambdry publish-version --function-name hello --description second",
        "lambdry update-function-configuration --function-name hello --timeout 10",
        "lambdry publish-version --function-name hello",
        "lambdry history hello",
    ],
    learnt: &[
        Claim(
            "You can edit code and settings only in `$LATEST`: nobody can change a version.",
            &[Sh(
                "lambdry update-function-configuration --function-name hello:3 --timeout 9",
                254,
                &["An error occurred"],
            )],
        ),
        Claim(
            "A publish freezes code and settings under the next number. If nothing was updated, it makes no version.",
            &[Sh(
                "lambdry publish-version --function-name hello --query Version\n\
                 lambdry update-function-configuration --function-name hello --timeout 11 >/dev/null\n\
                 lambdry publish-version --function-name hello --query '[Version, Timeout]' --output text",
                0,
                &["\"3\"", "4\t11"],
            )],
        ),
        Claim(
            "A version never changes, so you can always go back to it. A number is never used twice, even after its \
             version was deleted.",
            &[Sh(
                "lambdry delete-function --function-name hello --qualifier 3 >/dev/null\n\
                 lambdry update-function-configuration --function-name hello --timeout 12 >/dev/null\n\
                 lambdry publish-version --function-name hello --query Version",
                0,
                &["\"4\""],
            )],
        ),
    ],
};
