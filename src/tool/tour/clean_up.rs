//! The sixth lesson: things to delete, things to keep, and things that cannot be deleted.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
    Proof::{Above, Sh},
    Sentence::{Aim, Claim, Do},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "clean-up",
    about: "which versions to delete, and which ones are still in use",
    settle: "2s",
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
        "create-alias --function-name hello --name live --function-version 5 --routing-config AdditionalVersionWeights={4=0.1}",
        "create-alias --function-name hello --name old --function-version 2",
    ],
    files: &[],
    script: None,
    parts: &[
        Say(&[
            Claim(
                "Every version keeps its code. All code together may take 75 GiB in an account and region. A \
                 pipeline that publishes on every run fills that space.",
                &[
                    Sh(
                        "lambdry get-account-settings --query AccountLimit.TotalCodeSize",
                        0,
                        &["80530636800"],
                    ),
                    Sh(
                        "before=$(lambdry get-account-settings --query AccountUsage.TotalCodeSize)\n\
                         lambdry delete-function --function-name hello --qualifier 1 >/dev/null\n\
                         [ $(lambdry get-account-settings --query AccountUsage.TotalCodeSize) -lt $before ]",
                        0,
                        &[],
                    ),
                ],
            ),
            Claim(
                "The function `hello` has five versions and two aliases. The history shows which alias uses which version:",
                &[Sh(
                    "lambdry history hello",
                    0,
                    &[
                        "5 versions, 2 aliases",
                        "<- live  [#########.]  90 %",
                        "<- live  [#.........]  10 %",
                        "<- old",
                    ],
                )],
            ),
        ]),
        Type("history hello", 0, &["5 versions, 2 aliases"]),
        Say(&[
            Claim(
                "`delete-function` with a qualifier deletes a version.",
                &[Sh(
                    "lambdry delete-function --function-name hello --qualifier 1 >/dev/null\n\
                     lambdry list-versions-by-function --function-name hello --query 'Versions[].Version' --output text",
                    0,
                    &["$LATEST\t2\t3\t4\t5\n"],
                )],
            ),
            Claim(
                "Without a qualifier it deletes the whole function with all its versions and aliases, and it does \
                 not ask you first. Check that `--qualifier` is in the line before you press Enter.",
                &[Sh(
                    "lambdry delete-function --function-name hello >/dev/null; lambdry list-functions --query Functions\n\
                     lambdry get-alias --function-name hello --name live",
                    254,
                    &["[]", "ResourceNotFoundException"],
                )],
            ),
        ]),
        Type(
            "delete-function --function-name hello --qualifier 1",
            0,
            &["204"],
        ),
        Type(
            "delete-function --function-name hello --qualifier 2",
            254,
            &["ResourceConflictException", "[old]"],
        ),
        Type(
            "delete-function --function-name hello --qualifier 4",
            254,
            &["ResourceConflictException", "[live]"],
        ),
        Say(&[
            Claim(
                "Version 1 is deleted. Version 2 is not: the alias `old` points at it, and the clients that call `hello:old` need it.",
                &[Sh(
                    "lambdry delete-function --function-name hello --qualifier 2; lambdry invoke --function-name hello:old out.json \
                     --query ExecutedVersion 2>/dev/null",
                    0,
                    &["reference it: [old]", "\"2\""],
                )],
            ),
            Claim(
                "Version 4 is not deleted either. `live` points at version 5, but it still sends a tenth of its \
                 calls to version 4: somebody released version 5 step by step and forgot the last step. A version \
                 with a weight is in use.",
                &[
                    Above(&["reference it: [live]"]),
                    Sh(
                        "lambdry get-alias --function-name hello --name live",
                        0,
                        &["\"FunctionVersion\": \"5\"", "\"4\": 0.1"],
                    ),
                ],
            ),
            Claim("The error names the aliases.", &[Above(&["[live]"])]),
        ]),
        Task(&[
            Aim("Nobody calls the old alias any more, and version 5 has to get all calls."),
            Do("Remove `old` with `delete-alias`, and make `live` send everything to version 5."),
            Do("Delete the versions 2 and 3, but keep 5, which is live, and 4, for a rollback."),
            Do(
                "Then make one more version: set the timeout to 40, publish, and look at its number.",
            ),
        ]),
    ],
    checks: &[
        Check {
            what: "`hello` still exists",
            help: "A `delete-function` without `--qualifier` deleted the whole function. That happens; `lambdry tour \
                reset` starts the lesson again.",
            wrong: "lambdry delete-function --function-name hello",
            holds: |seen| seen.head.is_some(),
        },
        Check {
            what: "the alias `old` is gone",
            help: "`delete-alias` with `--name old`.",
            wrong: "! lambdry delete-function --function-name hello --qualifier old",
            holds: |seen| seen.head.is_some() && seen.alias("old").is_none(),
        },
        Check {
            what: "the versions 1, 2 and 3 are gone",
            help: "`delete-function` with `--qualifier`, one call for each version.",
            wrong: "lambdry delete-alias --function-name hello --name old\n\
                    lambdry delete-function --function-name hello --qualifier 1\n\
                    ! lambdry delete-function --function-name hello --qualifier 2,3",
            holds: |seen| {
                seen.head.is_some() && (1..=3).all(|number| seen.version(number).is_none())
            },
        },
        Check {
            what: "the versions 4 and 5 still exist",
            help: "A deleted version never comes back; `lambdry tour reset` starts the lesson again.",
            wrong: "lambdry delete-alias --function-name hello --name old\n\
                    lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={}\n\
                    for version in 1 2 3 4; do lambdry delete-function --function-name hello --qualifier $version; done\n\
                    lambdry update-function-configuration --function-name hello --timeout 40\n\
                    [ \"$(lambdry publish-version --function-name hello --query Version --output text)\" = 6 ]",
            holds: |seen| seen.version(4).is_some() && seen.version(5).is_some(),
        },
        Check {
            what: "`live` points at version 5 and sends nothing to version 4",
            help: "`update-alias` with `--function-version 5` and the empty map, `AdditionalVersionWeights={}`.",
            wrong: "lambdry delete-alias --function-name hello --name old\n\
                    for version in 1 2 3; do lambdry delete-function --function-name hello --qualifier $version; done",
            holds: |seen| seen.points("live", "5"),
        },
        Check {
            what: "the next version has the number 6 and a timeout of 40 seconds",
            help: "`update-function-configuration` with `--timeout 40`, then `publish-version`. The numbers of \
                deleted versions are never used again.",
            wrong: "lambdry delete-alias --function-name hello --name old\n\
                    lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={}\n\
                    for version in 1 2 3; do lambdry delete-function --function-name hello --qualifier $version; done\n\
                    [ \"$(lambdry publish-version --function-name hello --query Version --output text)\" = 5 ]",
            holds: |seen| seen.version(6).is_some_and(|version| version.timeout == 40),
        },
    ],
    solution: &[
        "lambdry delete-alias --function-name hello --name old",
        "lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={}",
        "lambdry delete-function --function-name hello --qualifier 2",
        "lambdry delete-function --function-name hello --qualifier 3",
        "lambdry update-function-configuration --function-name hello --timeout 40",
        "lambdry publish-version --function-name hello",
        "lambdry history hello",
    ],
    learnt: &[
        Claim(
            "Delete old versions one by one with `delete-function` and a qualifier. You cannot delete a version \
             while an alias points at it or sends it a share of the traffic.",
            &[Sh(
                "lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={4=0.1} >/dev/null\n\
                 lambdry delete-function --function-name hello --qualifier 5; lambdry delete-function --function-name hello \
                 --qualifier 4",
                254,
                &["[live]", "[live]"],
            )],
        ),
        Claim(
            "Numbers only go up: after 5 comes 6. The numbers 1, 2 and 3 are not used again, although their versions \
             are gone.",
            &[Sh(
                "lambdry list-versions-by-function --function-name hello --query 'Versions[].Version' --output text",
                0,
                &["$LATEST\t4\t5\t6"],
            )],
        ),
        Aim("Keep at least the version before the live one: you need it for a rollback."),
    ],
};
