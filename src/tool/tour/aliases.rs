//! The second lesson: an alias, a release and a rollback.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
    Proof::Sh,
    Sentence::{Aim, Claim, Do},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "aliases",
    about: "an alias as the name clients call, a release, and the way back",
    settle: "2s",
    setup: super::TWO_VERSIONS,
    files: &[],
    script: None,
    parts: &[
        Say(&[
            Claim(
                "The function `hello` has two versions: 1 with the code of `one.zip`, 2 with that of `two.zip`.",
                &[Sh(
                    "lambdry list-versions-by-function --function-name hello --query 'Versions[].[Version, CodeSha256]' --output \
                     text",
                    0,
                    &["1\tn4Ipw0", "2\tAfnVoX"],
                )],
            ),
            Claim(
                "A client that calls `hello:1` stays on version 1: somebody would have to change the client for every release.",
                &[Sh(
                    "lambdry invoke --function-name hello:1 out.json --query ExecutedVersion 2>/dev/null",
                    0,
                    &["\"1\""],
                )],
            ),
            Claim(
                "A client that calls `hello` without a version meets `$LATEST`, that is, whatever was uploaded last.",
                &[Sh(
                    "lambdry invoke --function-name hello out.json --query ExecutedVersion 2>/dev/null",
                    0,
                    &["\"$LATEST\""],
                )],
            ),
            Aim("So clients call a name, and you decide which version it stands for:"),
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
                "A client calls `hello:live`, and version 1 answers. `Version` in the answer of the next command says so, too:",
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
                "Nothing was uploaded, nothing was built, and no client was changed; but from now on `hello:live` is version 2.",
                &[Sh(
                    "lambdry invoke --function-name hello:live out.json --query ExecutedVersion 2>/dev/null",
                    0,
                    &["\"2\""],
                )],
            ),
            Claim(
                "The history says since when, by the lesson's clock, and where `live` was before:",
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
            Do("Take it back: clients of `live` have to get version 1 again."),
            Do(
                "Then give the testers a name of their own: an alias named `next` that always follows your edits, that is, one \
                 that points at `$LATEST` (put it in quotes, for your shell).",
            ),
            Do("Describe it, with `--description`, as `for testers`."),
        ]),
    ],
    checks: &[
        Check {
            what: "there is an alias named `live`",
            help: "`create-alias` makes it; it is the first command of the lesson.",
            wrong: "",
            holds: |seen| seen.alias("live").is_some(),
        },
        Check {
            what: "`live` was moved from version 1 to version 2",
            help: "`update-alias` with `--function-version 2` moves it. If `live` began on version 2, `lambdry tour reset` starts \
                   over.",
            wrong: "lambdry create-alias --function-name hello --name live --function-version 2",
            holds: |seen| seen.went("live", &["1", "2"]),
        },
        Check {
            what: "`live` was taken back to version 1, and points there",
            help: "The way back is the way there: `update-alias` with `--function-version 1`.",
            wrong: "lambdry create-alias --function-name hello --name live --function-version 1\n\
                    lambdry update-alias --function-name hello --name live --function-version 2\n\
                    lambdry update-function-code --function-name hello --zip-file fileb://one.zip --publish",
            holds: |seen| seen.went("live", &["1", "2", "1"]) && seen.points("live", "1"),
        },
        Check {
            what: "there is an alias named `next` that points at `$LATEST`",
            help: "`create-alias` with `--name next` and, in single quotes, the version `$LATEST`. Without them the shell passes an \
                   empty word. `update-alias` moves an alias that went wrong, and `delete-alias` removes it.",
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
            what: "`next` says that it is for testers",
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
            what: "both versions are still there",
            help: "A version that was deleted does not come back; `lambdry tour reset` starts over.",
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
            "Clients call an alias, releases move it, and the way back is one call that needs no code at hand: the old version is \
             still there, frozen.",
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
            "An alias may point at `$LATEST`, but then it stands for something that anybody can edit.",
            &[Sh(
                "lambdry update-function-configuration --function-name hello --timeout 9 >/dev/null\n\
                 lambdry get-function-configuration --function-name hello:next --query Timeout",
                0,
                &["9"],
            )],
        ),
        Claim(
            "Whoever calls `hello` alone meets `$LATEST`, wherever `live` points.",
            &[Sh(
                "lambdry invoke --function-name hello out.json --query ExecutedVersion 2>/dev/null",
                0,
                &["\"$LATEST\""],
            )],
        ),
    ],
};
