//! The last lesson: a deploy script with four faults. The learner rehearses the script, mends it finding by finding,
//! sweeps it, and runs it.

use super::lesson::{
    Check, Lesson, Mend,
    Part::{Say, Show, Task, Type},
    Proof::{Above, Sh},
    Script,
    Sentence::{Aim, Claim, Do},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "release",
    about: "a deploy script with four faults: rehearse it until the report says Clean",
    settle: "2s",
    setup: &[
        super::CREATE,
        "publish-version --function-name hello",
        "update-function-configuration --function-name hello --timeout 10",
        "publish-version --function-name hello",
        "create-alias --function-name hello --name live --function-version 2 --routing-config AdditionalVersionWeights={1=0.1}",
    ],
    files: &[
        ("deploy.sh", DEPLOY),
        // This file is the answer to an invocation of hello, because code is not run here.
        (
            "state/123456789012/us-east-1/responses/hello.json",
            "\"two\"\n",
        ),
    ],
    script: Some(&SCRIPT),
    parts: &[
        Say(&[
            Aim("Many repositories have a deploy script like the one below."),
            Claim(
                "`deploy.sh` releases `two.zip` as `hello:live`. It has four faults, but on some days it works.",
                &[Sh(
                    "lambdry --settle 0s rehearse --quiet -- bash deploy.sh",
                    0,
                    &["released version 3"],
                )],
            ),
            Do("Read it before you go on, and guess the faults:"),
        ]),
        Show("deploy.sh"),
        Say(&[
            Claim(
                "The option `--output off` prints no answer.",
                &[Sh(
                    "lambdry get-alias --function-name hello --name live --output off && [ -z \"$(lambdry get-alias --function-name hello \
                     --name live --output off 2>&1)\" ]",
                    0,
                    &[],
                )],
            ),
            Claim(
                "`live` points at version 2, and a tenth of its calls still go to version 1, because an earlier \
                 release was not completed.",
                &[Sh(
                    "lambdry get-alias --function-name hello --name live",
                    0,
                    &["\"FunctionVersion\": \"2\"", "\"1\": 0.1"],
                )],
            ),
            Claim(
                "A rehearsal runs the script unchanged, but on a fork: a copy of the state that is thrown away at \
                 the end. `lambdry` answers instead of `aws`, and the state itself does not change.",
                &[Sh(
                    "before=$(find state clock -type f | sort | xargs cat | cksum)\n\
                     lambdry rehearse -- bash deploy.sh 2>&1 | grep 'fork of'\n\
                     [ \"$before\" = \"$(find state clock -type f | sort | xargs cat | cksum)\" ] && echo same",
                    0,
                    &["lambdry answers aws", "same\n"],
                )],
            ),
        ]),
        Type(
            "rehearse -- bash deploy.sh",
            0,
            &[
                "released version \n",
                "[failure-ignored]",
                "[race-after-update]",
                "Broken: exit code 0, 3 errors",
            ],
        ),
        Say(&[
            Do("Read the report from the end."),
            Claim(
                "It says `Broken`, although the exit code of the script is 0 and its last line says `released`. A CI \
                 job that runs the script would be green.",
                &[Above(&["Broken: exit code 0", "released version"])],
            ),
            Claim(
                "`lambdry rehearse` ends with the exit code of the script, here 0. With `--strict` it ends with 255, \
                 because the report says `Broken`. A CI job that rehearses is then red.",
                &[Sh(
                    "lambdry rehearse --quiet -- bash deploy.sh; echo plain $?\n\
                     lambdry rehearse --strict --quiet -- bash deploy.sh; echo strict $?",
                    0,
                    &["plain 0\n", "strict 255\n"],
                )],
            ),
            Claim(
                "`network: open` says that other programs of the script could have reached the network; `lambdry \
                 answers aws` says that `aws` could not.",
                &[Above(&["(network: open)", "lambdry answers aws"])],
            ),
        ]),
        Say(&[
            Do("Read the errors in the report."),
            Claim(
                "Each has a name in brackets, and `lambdry rehearse findings` explains the AWS behaviour behind it.",
                &[
                    Above(&["[race-after-update]", "[failure-ignored]"]),
                    Sh(
                        "lambdry rehearse findings",
                        0,
                        &["race-after-update\n", "failure-ignored\n", "  On AWS: "],
                    ),
                ],
            ),
            Claim(
                "`failure-ignored` hides other faults: without `set -e` a script goes on after an error, and `|| \
                 true` ignores one.",
                &[
                    Above(&[
                        "deploy.sh:4  publish-version       failed: the script went on",
                        "deploy.sh:5  update-alias          failed: the script went on",
                    ]),
                    Sh(
                        "lambdry rehearse findings | sed -n '/^failure-ignored/,/^$/p'",
                        0,
                        &["Even with set -e, three forms"],
                    ),
                ],
            ),
            Do("Repair that one first, in your editor, or with this command:"),
        ]),
        Type(
            "tour mend",
            0,
            &["-aws lambda update-alias", "+set -euo pipefail"],
        ),
        Type(
            "rehearse -- bash deploy.sh",
            254,
            &["the script ended there", "Broken: exit code 254, 1 error"],
        ),
        Say(&[
            Claim(
                "The script now stops at the first refusal. The report shows one finding: `publish-version` comes \
                 while the update of the code is in progress. The lines after it did not run, so the rehearsal says \
                 nothing about them yet.",
                &[Above(&[
                    "publish-version       failed: the script ended there",
                    "[race-after-update]",
                    "1 error",
                ])],
            ),
            Claim(
                "The line `instead:` says what to write: here, a line that belongs between the two calls.",
                &[Above(&[
                    "instead: aws lambda wait function-updated-v2 --function-name hello",
                ])],
            ),
        ]),
        Type("tour mend", 0, &["+aws lambda wait function-updated-v2"]),
        Type(
            "rehearse -- bash deploy.sh",
            0,
            &[
                "[weights-left-behind]",
                "[invokes-other-version]",
                "Broken: exit code 0, 1 error, 1 warning",
            ],
        ),
        Say(&[
            Claim(
                "The script now runs to its end, and the report shows the two faults that the first two had hidden.",
                &[Above(&[
                    "released version 3",
                    "1 error, 1 warning",
                    "[weights-left-behind]",
                    "[invokes-other-version]",
                ])],
            ),
            Claim(
                "`weights-left-behind`: `live → 3 + 10 % 1` means that `live` points at version 3 and still sends a \
                 tenth of the calls to version 1.",
                &[Above(&["live → 3 + 10 % 1", "[weights-left-behind]"])],
            ),
            Do("Repair that one first:"),
        ]),
        Type(
            "tour mend",
            0,
            &["--routing-config AdditionalVersionWeights={}"],
        ),
        Type(
            "rehearse -- bash deploy.sh",
            0,
            &["live → 3\n", "[invokes-other-version]", "Passed by luck"],
        ),
        Say(&[
            Claim(
                "`Passed by luck`: no error is left, but a warning is. The script tests `hello`, which is `$LATEST`, \
                 not the version that `live` points at. It also tests only after all clients have the new version.",
                &[Above(&[
                    "Passed by luck: exit code 0, 1 warning",
                    "invoke of hello runs $LATEST, and live was moved to",
                    "hello: version $LATEST answered",
                ])],
            ),
            Claim(
                "The line `instead:` names the qualifier that has the new version at that place: `3` in the report \
                 before, where `live` still had a weight, and `live` here. The repair does better: it calls the new \
                 version before the alias moves, by its number, which the script has in `$version`.",
                &[
                    Above(&["instead: aws lambda invoke --function-name hello --qualifier live"]),
                    Sh(
                        "lambdry tour mend; grep -n -e 'qualifier \"$version\"' -e update-alias deploy.sh | cut -c 1-3",
                        0,
                        &[
                            "+failed=$(aws lambda invoke --function-name hello --qualifier \"$version\"",
                            "\n7:f\n9:a\n",
                        ],
                    ),
                ],
            ),
        ]),
        Say(&[Claim(
            "`invoke` ends with 0 even if the function fails; then its answer has a `FunctionError`. Without one, \
             `--output text` prints `None`. The second new line ends the script if anything else is printed, because \
             of `set -e`.",
            &[Sh(
                "lambdry invoke --function-name hello out.json --query FunctionError --output text\n\
                     rm -r state/123456789012/us-east-1/responses\n\
                     LAMBDRY_INVOKE='exit 1' lambdry invoke --function-name hello out.json --query FunctionError --output text\n\
                     lambdry tour mend >/dev/null; LAMBDRY_INVOKE='exit 1' lambdry rehearse --quiet -- bash deploy.sh; echo script $?",
                0,
                &["None\nUnhandled\n", "script 1\n"],
            )],
        )]),
        Type(
            "tour mend",
            0,
            &["-aws lambda invoke", "+[ \"$failed\" = None ]"],
        ),
        Type(
            "rehearse -- bash deploy.sh",
            0,
            &["Clean: exit code 0; 5 calls"],
        ),
        Say(&[
            Claim("`Clean`.", &[Above(&["Clean: exit code 0"])]),
            Aim("One question is left: if the script fails halfway, can you simply run it again?"),
            Claim(
                "A sweep tries that. At each call that changes something, the script fails twice: once because the \
                 call fails, and once because the call is done but its answer is lost. After each failure the sweep \
                 runs the script again:",
                &[Sh(
                    "lambdry rehearse --sweep -- bash deploy.sh",
                    0,
                    &["fails ", "loses its answer", "Run it again?"],
                )],
            ),
        ]),
        Type(
            "rehearse --sweep -- bash deploy.sh",
            0,
            &[
                "6 points of failure",
                "If the script fails, run it again: from every point of failure it reaches the end of a clean run.",
            ],
        ),
        Say(&[Claim(
            "Three of the five calls change something, and each of them has two points of failure. The sweep makes \
             15 runs: two for each point, and three without a failure for comparison.",
            &[Above(&["6 points of failure, 15 runs"])],
        )]),
        Say(&[Claim(
            "The script can be run again after each of the six failures. Three of them leave version 3: the first \
             run published it, and the second run uploads the same code again. That is the open case from lesson 1: \
             `lambdry` makes version 4, AWS may answer version 3. No alias points at the version that is left; it \
             takes space and does no harm.",
            &[
                Above(&["yes, but it leaves"]),
                Sh(
                    "sed '/update-alias/,$d' deploy.sh > part.sh; lambdry rehearse --in-place --quiet -- bash part.sh\n\
                         lambdry rehearse --in-place --quiet -- bash deploy.sh\n\
                         lambdry get-alias --function-name hello --name live --query FunctionVersion",
                    0,
                    &["released version 4", "\"4\""],
                ),
            ],
        )]),
        Task(&[
            Do("Release it now, with `lambdry rehearse --in-place -- bash deploy.sh`."),
            Claim(
                "With `--in-place` the script runs on the state itself and not on a fork: this time `hello` changes.",
                &[Sh(
                    "lambdry rehearse --quiet -- bash deploy.sh; lambdry get-alias --function-name hello --name live --query FunctionVersion\n\
                     lambdry rehearse --in-place --quiet -- bash deploy.sh; lambdry get-alias --function-name hello --name live --query \
                     FunctionVersion",
                    0,
                    &["\"2\"\nreleased version 3\n\"3\"\n"],
                )],
            ),
            Do("Then look at the history."),
            Claim(
                "A rehearsal after that says `Passed by luck`. The script would upload and publish the code that is \
                 there already. That is the open case from lesson 1, so a script should not rely on either result. \
                 `lambdry rehearse findings` explains it under `publish-depends-on-aws`.",
                &[Sh(
                    "lambdry rehearse --in-place --quiet -- bash deploy.sh; lambdry rehearse -- bash deploy.sh",
                    0,
                    &[
                        "released version 3",
                        "[publish-depends-on-aws]",
                        "Passed by luck",
                    ],
                )],
            ),
            Claim(
                "A rehearsal cannot see other people who change the function: the guards of lesson 4 are for that. \
                 The next improvement of the script would be `--code-sha256` in its `publish-version`.",
                &[Sh(
                    "lambdry rehearse -- bash deploy.sh 2>&1 | grep -c -i revision; lambdry publish-version --function-name hello \
                     --code-sha256 AfnVoXww5lsks0Q8xIch4r03HlwfQCzS9yhOJxeIIWg=",
                    254,
                    &["0\n", "is different from current CodeSHA256"],
                )],
            ),
        ]),
    ],
    checks: &[
        Check {
            what: "the script ignores no refusal (`failure-ignored`)",
            help: "`set -euo pipefail` at the top of `deploy.sh`, and no `|| true` after a change. `lambdry tour \
                mend` repairs it.",
            wrong: "",
            holds: |seen| seen.is_free_of("failure-ignored"),
        },
        Check {
            what: "no call comes too early (`race-after-update`)",
            help: "`aws lambda wait function-updated-v2 --function-name hello` after the update. `lambdry tour mend` \
                repairs it.",
            wrong: "lambdry tour mend",
            holds: |seen| seen.is_free_of("race-after-update"),
        },
        Check {
            what: "no weight is left behind (`weights-left-behind`)",
            help: "`--routing-config AdditionalVersionWeights={}` where the alias moves. `lambdry tour mend` repairs \
                it.",
            wrong: "lambdry tour mend; lambdry tour mend",
            holds: |seen| seen.is_free_of("weights-left-behind"),
        },
        Check {
            what: "the tested version is the one that goes live (`invokes-other-version`)",
            help: "`invoke` with `--qualifier \"$version\"`, before the alias moves. `lambdry tour mend` repairs it.",
            wrong: "lambdry tour mend; lambdry tour mend; lambdry tour mend",
            holds: |seen| seen.is_free_of("invokes-other-version"),
        },
        Check {
            what: "a rehearsal of `deploy.sh` on the first state of the lesson is `Clean`",
            help: "`lambdry rehearse -- bash deploy.sh` shows the remaining faults.",
            wrong: "lambdry tour mend; lambdry tour mend; lambdry tour mend; lambdry tour mend\n\
                    echo 'aws lambda update-alias --function-name hello --name live' >> deploy.sh",
            holds: |seen| seen.rehearsed.verdict == "Clean",
        },
        Check {
            what: "`deploy.sh` can be run again after every failure",
            help: "`lambdry rehearse --sweep -- bash deploy.sh` shows the failures after which it cannot.",
            wrong: "lambdry tour mend; lambdry tour mend; lambdry tour mend; lambdry tour mend\n\
                    echo 'aws lambda create-alias --function-name hello --name \"v$version\" --function-version \"$version\" --output off' \
                    >> deploy.sh",
            holds: |seen| seen.rehearsed.swept,
        },
        Check {
            what: "`live` is on a version with the code of `two.zip`, and sends nothing to other versions",
            help: "`lambdry rehearse --in-place -- bash deploy.sh` runs the script on the state itself.",
            wrong: "lambdry tour mend; lambdry tour mend; lambdry tour mend; lambdry tour mend\n\
                    lambdry rehearse --quiet -- bash deploy.sh",
            holds: |seen| {
                let alias = seen.alias("live");
                let number = alias.and_then(|alias| alias.function_version.parse().ok());
                let version = number.and_then(|number| seen.version(number));
                version.is_some_and(|version| version.code_sha256 == seen.two)
                    && alias.is_some_and(|alias| alias.additional_version_weights.is_empty())
            },
        },
    ],
    solution: &[
        "lambdry rehearse --in-place -- bash deploy.sh",
        "lambdry history hello",
    ],
    learnt: &[
        Claim(
            "An exit code of 0 says only that the last command ended with 0, nothing about the commands before it. \
             Use `set -euo pipefail`.",
            &[Sh(
                "bash -c 'false; true'; echo $?; bash -c 'set -euo pipefail; false; true'; echo $?",
                0,
                &["0\n1\n"],
            )],
        ),
        Claim(
            "A rehearsal shows what would break, and `Clean` means that it found nothing. A sweep shows what happens \
             when a call fails.",
            &[Sh(
                "lambdry tour reset; lambdry rehearse -- bash deploy.sh; for mend in 1 2 3 4; do lambdry tour mend; done\n\
                 lambdry rehearse -- bash deploy.sh; lambdry rehearse --sweep -- bash deploy.sh",
                0,
                &["Broken: ", "Clean: ", "If the script fails, run it again"],
            )],
        ),
        Do("Rehearse your own script: `lambdry rehearse -- ./deploy.sh`."),
    ],
};

/// The script at the beginning.
const DEPLOY: &str = "\
#!/usr/bin/env bash
# Brings two.zip out as hello:live.
aws lambda update-function-code --function-name hello --zip-file fileb://two.zip --output off
version=$(aws lambda publish-version --function-name hello --query Version --output text)
aws lambda update-alias --function-name hello --name live --function-version \"$version\" --output off || true
aws lambda invoke --function-name hello out.json --output off
echo \"released version $version\"
";

const SCRIPT: Script = Script {
    file: "deploy.sh",
    mends: &[
        Mend {
            finding: "failure-ignored",
            edits: &[
                (
                    "# Brings two.zip out as hello:live.\n",
                    "# Brings two.zip out as hello:live.\nset -euo pipefail\n",
                ),
                (
                    "aws lambda update-alias --function-name hello --name live --function-version \"$version\" --output off || true\n",
                    "aws lambda update-alias --function-name hello --name live --function-version \"$version\" --output off\n",
                ),
            ],
        },
        Mend {
            finding: "race-after-update",
            edits: &[(
                "aws lambda update-function-code --function-name hello --zip-file fileb://two.zip --output off\n",
                "aws lambda update-function-code --function-name hello --zip-file fileb://two.zip --output off\n\
                 aws lambda wait function-updated-v2 --function-name hello\n",
            )],
        },
        Mend {
            finding: "weights-left-behind",
            edits: &[(
                "aws lambda update-alias --function-name hello --name live --function-version \"$version\" --output off\n",
                "aws lambda update-alias --function-name hello --name live --function-version \"$version\" \\\n  \
                 --routing-config AdditionalVersionWeights={} --output off\n",
            )],
        },
        Mend {
            finding: "invokes-other-version",
            edits: &[
                (
                    "aws lambda invoke --function-name hello out.json --output off\n",
                    "",
                ),
                (
                    "aws lambda update-alias --function-name hello",
                    "failed=$(aws lambda invoke --function-name hello --qualifier \"$version\" --query FunctionError --output text out.json)\n\
                     [ \"$failed\" = None ]\n\
                     aws lambda update-alias --function-name hello",
                ),
            ],
        },
    ],
};
