//! The second lesson: an alias, a release and a rollback.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
    Proof::Sh,
    Sentence::{Aim, Claim, Do},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "aliases",
    about: "aliases: the name that clients call, a release, and a rollback",
    settle: "2s",
    setup: super::TWO_VERSIONS,
    files: &[],
    script: None,
    parts: &[
        Say(&[
            Claim(
                "The function `hello` has two versions: version 1 has the code of `one.zip`, version 2 has the code \
                 of `two.zip`.",
                &[Sh(
                    "lambdry list-versions-by-function --function-name hello --query 'Versions[].[Version, CodeSha256]' --output \
                     text",
                    0,
                    &["1\tn4Ipw0", "2\tAfnVoX"],
                )],
            ),
            Claim(
                "A client that calls `hello:1` stays on version 1: for every release somebody would have to change \
                 the client.",
                &[Sh(
                    "lambdry invoke --function-name hello:1 out.json --query ExecutedVersion 2>/dev/null",
                    0,
                    &["\"1\""],
                )],
            ),
            Claim(
                "A client that calls `hello` without a version gets `$LATEST`: the code that was uploaded last.",
                &[Sh(
                    "lambdry invoke --function-name hello out.json --query ExecutedVersion 2>/dev/null",
                    0,
                    &["\"$LATEST\""],
                )],
            ),
            Aim("So clients call a name, and you decide which version the name points at:"),
        ]),
        Type(
            "create-alias --function-name hello --name live --function-version 1",
            0,
            &["\"Name\": \"live\"", "\"FunctionVersion\": \"1\""],
        ),
        Say(&[
            Claim(
                "An alias is a pointer, not a copy.",
                &[Sh(
                    "lambdry list-versions-by-function --function-name hello --query 'Versions[].Version' --output text",
                    0,
                    &["$LATEST\t1\t2\n"],
                )],
            ),
            Claim(
                "A client calls `hello:live`, and version 1 answers. `Version` in the answer of the next command \
                 shows that too:",
                &[Sh(
                    "lambdry invoke --function-name hello:live out.json --query ExecutedVersion 2>/dev/null",
                    0,
                    &["\"1\""],
                )],
            ),
        ]),
        Type(
            "--explain get-function-configuration --function-name hello:live --query '[FunctionArn, Version, CodeSha256]'",
            0,
            &[
                "function:hello:live\"",
                "\"1\"",
                "n4Ipw0",
                "explain: live points at version 1",
            ],
        ),
        Say(&[Do("Release version 2: move the pointer.")]),
        Type(
            "update-alias --function-name hello --name live --function-version 2",
            0,
            &["\"FunctionVersion\": \"2\""],
        ),
        Say(&[
            Claim(
                "Nothing was uploaded, nothing was built, and no client was changed. But from this moment \
                 `hello:live` is version 2.",
                &[Sh(
                    "lambdry invoke --function-name hello:live out.json --query ExecutedVersion 2>/dev/null",
                    0,
                    &["\"2\""],
                )],
            ),
            Claim(
                "The history shows when that happened, by the lesson's clock, and where `live` was before:",
                &[Sh(
                    "lambdry history hello",
                    0,
                    &[
                        "<- live  since 2026-11-22 12:05:00",
                        "live until 2026-11-22 12:05:00",
                    ],
                )],
            ),
        ]),
        Type("history hello", 0, &["<- live  since", "live until"]),
        Task(&[
            Aim("Version 2 turns out to be broken."),
            Do("Take the release back: clients of `live` have to get version 1 again."),
            Do(
                "Then give the testers their own name: an alias `next` that points at `$LATEST` and so follows your edits (put `$LATEST` in quotes, for your shell).",
            ),
            Do("Give it the description `for testers`, with `--description`."),
        ]),
    ],
    checks: &[
        Check {
            what: "there is an alias named `live`",
            help: "`create-alias` creates it; it is the first command of the lesson.",
            wrong: "",
            holds: |seen| seen.alias("live").is_some(),
        },
        Check {
            what: "`live` was moved from version 1 to version 2",
            help: "`update-alias` with `--function-version 2` moves it. If `live` started on version 2, `lambdry \
                tour reset` starts the lesson again.",
            wrong: "lambdry create-alias --function-name hello --name live --function-version 2",
            holds: |seen| seen.went("live", &["1", "2"]),
        },
        Check {
            what: "`live` was moved back to version 1, and points there",
            help: "The rollback is the same command: `update-alias` with `--function-version 1`.",
            wrong: "lambdry create-alias --function-name hello --name live --function-version 1\n\
                    lambdry update-alias --function-name hello --name live --function-version 2\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://one.zip --publish",
            holds: |seen| seen.went("live", &["1", "2", "1"]) && seen.points("live", "1"),
        },
        Check {
            what: "there is an alias named `next` that points at `$LATEST`",
            help: "`create-alias` with `--name next` and the version `$LATEST` in single quotes. Without the quotes \
                the shell passes an empty word. `update-alias` moves a wrong alias, and `delete-alias` removes it.",
            wrong: "lambdry create-alias --function-name hello --name live --function-version 1\n\
                    lambdry update-alias --function-name hello --name live --function-version 2\n\
                    lambdry update-alias --function-name hello --name live --function-version 1\n\
                    ! lambdry create-alias --function-name hello --name next --function-version $LATEST\n\
                    lambdry create-alias --function-name hello --name next --function-version 1\n\
                    lambdry update-alias --function-name hello --name next --function-version '$LATEST'\n\
                    lambdry delete-alias --function-name hello --name next",
            holds: |seen| seen.points("next", "$LATEST"),
        },
        Check {
            what: "`next` has the description `for testers`",
            help: "`create-alias` and `update-alias` take `--description`; put the two words in quotes.",
            wrong: "lambdry create-alias --function-name hello --name live --function-version 1\n\
                    lambdry update-alias --function-name hello --name live --function-version 2\n\
                    lambdry update-alias --function-name hello --name live --function-version 1\n\
                    lambdry create-alias --function-name hello --name next --function-version '$LATEST'\n\
                    ! lambdry update-alias --function-name hello --name next --description for testers",
            holds: |seen| {
                seen.alias("next")
                    .is_some_and(|alias| alias.description == "for testers")
            },
        },
        Check {
            what: "both versions still exist",
            help: "A deleted version never comes back; `lambdry tour reset` starts the lesson again.",
            wrong: "lambdry create-alias --function-name hello --name live --function-version 1\n\
                    lambdry update-alias --function-name hello --name live --function-version 2\n\
                    lambdry update-alias --function-name hello --name live --function-version 1\n\
                    lambdry create-alias --function-name hello --name next --function-version '$LATEST' --description 'for testers'\n\
                    lambdry delete-function --function-name hello --qualifier 2\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://two.zip\n\
                    [ \"$(lambdry publish-version --function-name hello --query Version --output text)\" = 3 ]",
            holds: |seen| seen.version(1).is_some() && seen.version(2).is_some(),
        },
    ],
    solution: &[
        "lambdry update-alias --function-name hello --name live --function-version 1",
        "lambdry create-alias --function-name hello --name next --function-version '$LATEST' --description 'for testers'",
    ],
    learnt: &[
        Claim(
            "Clients call an alias, and releases move the alias. A rollback is one call and needs no code: the old \
             version still exists, frozen.",
            &[Sh(
                "rm one.zip two.zip\n\
                 lambdry update-alias --function-name hello --name live --function-version 2 --query FunctionVersion\n\
                 lambdry update-alias --function-name hello --name live --function-version 1 --query FunctionVersion\n\
                 lambdry get-function-configuration --function-name hello:live --query CodeSha256",
                0,
                &["\"2\"", "\"1\"", "n4Ipw0"],
            )],
        ),
        Claim(
            "An alias may point at `$LATEST`, but then anybody who edits `$LATEST` changes what its clients get.",
            &[Sh(
                "lambdry update-function-configuration --function-name hello --timeout 9 >/dev/null\n\
                 lambdry get-function-configuration --function-name hello:next --query Timeout",
                0,
                &["9"],
            )],
        ),
        Claim(
            "A client that calls only `hello` gets `$LATEST`, wherever `live` points.",
            &[Sh(
                "lambdry invoke --function-name hello out.json --query ExecutedVersion 2>/dev/null",
                0,
                &["\"$LATEST\""],
            )],
        ),
    ],
};
