//! The third lesson: at first, the new version gets only a part of the traffic.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
    Proof::{Above, Sh},
    Sentence::{Aim, Claim, Do},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "weights",
    about: "a release that starts with a tenth of the traffic",
    settle: "2s",
    setup: super::LIVE_ON_ONE,
    files: &[],
    script: None,
    parts: &[
        Say(&[
            Claim(
                "Clients call `hello:live`, which points at version 1.",
                &[Sh(
                    "lambdry get-alias --function-name hello --name live --query FunctionVersion",
                    0,
                    &["\"1\""],
                )],
            ),
            Aim(
                "Version 2 has to replace it, but not for everybody at once: if version 2 fails, only a tenth of the \
                 calls should fail.",
            ),
            Claim(
                "An alias can send a part of the traffic to a second version:",
                &[Sh(
                    "lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={2=0.1}",
                    0,
                    &["\"2\": 0.1"],
                )],
            ),
        ]),
        Type(
            "update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={2=0.1}",
            0,
            &["\"FunctionVersion\": \"1\"", "\"2\": 0.1"],
        ),
        Say(&[
            Claim(
                "`FunctionVersion` is still `1`. `RoutingConfig` says that a tenth, 0.1, goes to version 2; the rest stays.",
                &[Above(&["\"FunctionVersion\": \"1\"", "\"2\": 0.1"])],
            ),
            Claim(
                "Lambda selects a version for each call by chance: the next call of the same client may reach the \
                 other version.",
                &[Sh(
                    "lambdry --explain invoke --function-name hello:live out.json",
                    0,
                    &["90 % get version 1 and 10 % get version 2, chosen at random for each call"],
                )],
            ),
        ]),
        Say(&[
            Do("Call it a thousand times and count which version answered."),
            Claim(
                "The option `--count` belongs to lambdry; `aws` does not have it. No code runs in this lesson, so \
                 every answer is `null`. The line that begins with `lambdry: nothing says` tells you that; it is not \
                 an error.",
                &[Sh(
                    "lambdry invoke --function-name hello:live --count 10; echo ended with $?; aws lambda invoke --function-name hello:live --count 10 \
                     out.json",
                    252,
                    &[
                        "lambdry: nothing says",
                        "so it is null",
                        "ended with 0\n",
                        "Unknown options: --count",
                    ],
                )],
            ),
        ]),
        Type(
            "invoke --function-name hello:live --count 1000",
            0,
            &["| 1       |      8", "| 2       |      1"],
        ),
        Say(&[
            Aim(
                "About a tenth of the calls reached version 2. During this time both versions have to work side by \
                 side.",
            ),
            Claim(
                "Both are in use: while version 2 has a share of `live`, nobody can delete either of the two.",
                &[Sh(
                    "for version in 1 2; do lambdry delete-function --function-name hello --qualifier $version 2>&1 | grep -c 'reference it: \\[live\\]'; done",
                    0,
                    &["1\n1\n"],
                )],
            ),
        ]),
        Say(&[Do("Try to end the release by moving only the pointer:")]),
        Type(
            "update-alias --function-name hello --name live --function-version 2",
            254,
            &["Function version 2 is already included in routing configuration."],
        ),
        Say(&[Claim(
            "Lambda refuses it. An alias keeps every setting that an update does not name, so version 2 would keep \
             its weight of 0.1. Then `live` would point at version 2 and also give it a share, and Lambda does not \
             allow both.",
            &[
                Above(&[
                    "InvalidParameterValueException",
                    "Function version 2 is already included in routing configuration.",
                ]),
                Sh(
                    "lambdry get-alias --function-name hello --name live\n\
                         lambdry update-alias --function-name hello --name live --function-version 2 --routing-config \
                         AdditionalVersionWeights={2=0.5}",
                    254,
                    &[
                        "\"FunctionVersion\": \"1\"",
                        "\"2\": 0.1",
                        "already included",
                    ],
                ),
            ],
        )]),
        Say(&[Claim(
            "Lambda accepts a move to a third version, and that is worse: a tenth of the calls would still reach \
             version 2, and you would see no error.",
            &[Sh(
                "lambdry publish-version --function-name hello >/dev/null\n\
                     lambdry update-function-configuration --function-name hello --timeout 9 >/dev/null\n\
                     lambdry publish-version --function-name hello >/dev/null\n\
                     lambdry update-alias --function-name hello --name live --function-version 3",
                0,
                &["\"FunctionVersion\": \"3\"", "\"2\": 0.1"],
            )],
        )]),
        Say(&[Claim(
            "So a release ends with one call that names two things: the version in `--function-version`, and an \
             empty map in `--routing-config AdditionalVersionWeights={}`, which removes the weights.",
            &[Sh(
                "lambdry update-alias --function-name hello --name live --function-version 2 --routing-config \
                     AdditionalVersionWeights={} --query '[FunctionVersion, RoutingConfig]' --output text",
                0,
                &["2\tNone"],
            )],
        )]),
        Task(&[
            Aim("The new version works well."),
            Do(
                "Give it half of the traffic, and then all of it: at the end `live` has to point only at version 2.",
            ),
            Claim(
                "`get-alias` and `history` show what you have.",
                &[Sh(
                    "lambdry get-alias --function-name hello --name live; lambdry history hello",
                    0,
                    &["\"2\": 0.1", "[#########.]  90 %", "[#.........]  10 %"],
                )],
            ),
        ]),
    ],
    checks: &[
        Check {
            what: "a tenth of `live` went to version 2",
            help: "`update-alias` with `--routing-config`, as in the lesson's first command.",
            wrong: "",
            holds: |seen| {
                seen.path("live")
                    .iter()
                    .any(|(version, weights)| version == "1" && weights["2"] == 0.1)
            },
        },
        Check {
            what: "half of `live` went to version 2",
            help: "The same command with `0.5`. The version that the alias points at stays 1.",
            wrong: "lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={2=0.1}\n\
                    ! lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={2=50}",
            holds: |seen| {
                seen.path("live")
                    .iter()
                    .any(|(version, weights)| version == "1" && weights["2"] == 0.5)
            },
        },
        Check {
            what: "`live` points at version 2",
            help: "`update-alias` with `--function-version 2`. Lambda refuses that while version 2 also has a \
                weight: pass the empty map in the same call.",
            wrong: "lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={2=0.1}\n\
                    lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={2=0.5}\n\
                    ! lambdry update-alias --function-name hello --name live --function-version 2",
            holds: |seen| {
                seen.alias("live")
                    .is_some_and(|alias| alias.function_version == "2")
            },
        },
        Check {
            what: "`live` sends nothing to any other version",
            help: "`get-alias` shows `RoutingConfig` while there are weights; `update-alias` with the empty map \
                removes them.",
            wrong: "lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={2=0.1}\n\
                    lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={2=0.5}\n\
                    lambdry update-alias --function-name hello --name live --function-version 2 --routing-config \
                    AdditionalVersionWeights={1=0.1}\n\
                    lambdry get-alias --function-name hello --name live | grep RoutingConfig",
            holds: |seen| {
                seen.alias("live")
                    .is_some_and(|alias| alias.additional_version_weights.is_empty())
            },
        },
    ],
    solution: &[
        "lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={2=0.5}",
        "lambdry update-alias --function-name hello --name live --function-version 2 --routing-config AdditionalVersionWeights={}",
        "lambdry history hello",
    ],
    learnt: &[
        Claim(
            "With a weighted alias, a part of the calls tests a new version.",
            &[Sh(
                "lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={1=0.5} >/dev/null\n\
                 lambdry --explain invoke --function-name hello:live out.json",
                0,
                &["50 % get version 2 and 50 % get version 1"],
            )],
        ),
        Claim(
            "To end it, move the pointer and clear the weights in one call. An alias keeps every setting that an \
             update does not name, and the alias cannot point at a version that also has a weight.",
            &[Sh(
                "lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={1=0.5} >/dev/null\n\
                 lambdry update-alias --function-name hello --name live --description x --query RoutingConfig\n\
                 lambdry update-alias --function-name hello --name live --function-version 1\n\
                 lambdry update-alias --function-name hello --name live --function-version 1 --routing-config \
                 AdditionalVersionWeights={} --query '[FunctionVersion, RoutingConfig]' --output text",
                0,
                &[
                    "\"1\": 0.5",
                    "Function version 1 is already included",
                    "1\tNone",
                ],
            )],
        ),
        Claim(
            "To give up instead, clear only the weights: the alias stays where it points.",
            &[Sh(
                "lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={1=0.5} >/dev/null\n\
                 lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={} --query \
                 '[FunctionVersion, RoutingConfig]' --output text",
                0,
                &["2\tNone"],
            )],
        ),
        Claim(
            "A version with a weight is in use, just as the version that the alias points at.",
            &[Sh(
                "lambdry update-alias --function-name hello --name live --routing-config AdditionalVersionWeights={1=0.5} >/dev/null\n\
                 lambdry delete-function --function-name hello --qualifier 1",
                254,
                &["[live]"],
            )],
        ),
    ],
};
