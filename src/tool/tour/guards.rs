//! The fourth lesson: two people, one function, and how not to release what somebody else put there.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "guards",
    about: "two people deploy at once: RevisionId and CodeSha256 as guards",
    settle: "0s",
    setup: &[
        super::CREATE,
        "publish-version --function-name hello --description first",
        // Ben, before the lesson begins.
        "update-function-code --function-name hello --zip-file fileb://two.zip",
        "update-function-configuration --function-name hello --timeout 30",
    ],
    parts: &[
        Say(
            "You have tested one.zip with a timeout of 20 seconds, and are about to release it. What you do not know: Ben has just put \
             two.zip into $LATEST, untested, and raised the timeout. If you publish, his code goes out as yours.",
        ),
        Say(
            "There are two guards against that. The first is the fingerprint of the code you mean. This is what one.zip has, and \
             what $LATEST has:",
        ),
        Type("get-function-configuration --function-name hello:1 --query CodeSha256 --output text"),
        Type("get-function-configuration --function-name hello --query CodeSha256 --output text"),
        Say(
            "Publish with the guard, that is, say which code you mean: that of one.zip. Put the first of the two in the place of \
             HASH:",
        ),
        Type("publish-version --function-name hello --code-sha256 HASH"),
        Say(
            "It is refused, and the exit code is not 0: a script stops here instead of releasing the wrong thing. Nothing was \
             published. The second guard covers the settings, too: the RevisionId, which is a new one after every change. Read it \
             before you look at anything else:",
        ),
        Type("get-function-configuration --function-name hello --query RevisionId --output text"),
        Say(
            "Whoever passes it with --revision-id says: only if nothing has changed since I read that. It goes with publish-version, \
             update-function-code, update-function-configuration, and for aliases, which have RevisionIds of their own, with \
             update-alias. Try it with a wrong one, as it would be had Ben been faster:",
        ),
        Type("update-function-configuration --function-name hello --timeout 20 --revision-id old"),
        Task(
            "Now release what you have tested, and not a byte of Ben's: put one.zip into $LATEST, set the timeout to 20, and publish \
              it with the description guarded. Pass --revision-id each time, and --code-sha256 when you publish. The RevisionId in \
              the answer of an update is gone once the update is complete: after each update wait for it with \
              lambdry wait function-updated-v2 --function-name hello, and read the RevisionId again. No version may ever hold two.zip, or a timeout of 30.",
        ),
    ],
    checks: &[
        Check {
            what: "no version holds the code of two.zip",
            help: "It was published, by mistake: that is what the guards are against. A version cannot be changed; lambdry tour reset \
                   starts over.",
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
            help: "Ben's setting was published; lambdry tour reset starts over.",
            holds: |seen| {
                !seen.versions.is_empty()
                    && seen
                        .versions
                        .values()
                        .all(|version| version.configuration.timeout != 30)
            },
        },
        Check {
            what: "$LATEST holds the code of one.zip again",
            help: "update-function-code with fileb://one.zip, and with the RevisionId you read.",
            holds: |seen| {
                seen.latest()
                    .is_some_and(|latest| latest.code_sha256 == seen.one)
            },
        },
        Check {
            what: "$LATEST has a timeout of 20 seconds",
            help: "update-function-configuration with --timeout 20, and with the RevisionId that is the function's by then: the \
                   update of the code brought a new one.",
            holds: |seen| seen.latest().is_some_and(|latest| latest.timeout == 20),
        },
        Check {
            what: "version 2 was published from that, with the description guarded",
            help: "publish-version with --description guarded, --revision-id and --code-sha256.",
            holds: |seen| {
                seen.version(2).is_some_and(|version| {
                    version.code_sha256 == seen.one
                        && version.timeout == 20
                        && version.description == "guarded"
                })
            },
        },
    ],
    learnt: "A deployment is several calls, and somebody may come between any two of them. CodeSha256 says which code you mean, \
             RevisionId which state you looked at; with them the second of two people is told, and without them the last one wins \
             in silence.",
};
