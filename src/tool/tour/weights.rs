//! The third lesson: a part of the traffic for the new version first.

use super::lesson::{
    Check, Lesson,
    Part::{Say, Task, Type},
};

pub(super) const LESSON: Lesson = Lesson {
    name: "weights",
    about: "a release that begins with a tenth of the traffic",
    settle: "0s",
    setup: super::LIVE_ON_ONE,
    parts: &[
        Say(
            "Clients call hello:live, which points at version 1. Version 2 is to replace it, but not for everybody at once: if it \
             fails, only a tenth of the calls should. An alias can send a part of the traffic to a second version:",
        ),
        Type(
            "update-alias --function-name hello --name live --routing-config \
             AdditionalVersionWeights={2=0.1}",
        ),
        Say(
            "FunctionVersion is still 1. RoutingConfig says that a tenth, 0.1, goes to version 2, and the rest stays. Call it a \
             thousand times and count who answered (--count is lambdry's own; no code is run here, so what is answered is null, and lambdry says so):",
        ),
        Type("invoke --function-name hello:live --count 1000"),
        Say(
            "Which version a call meets is drawn anew each time; nobody is promised to meet the same one twice. Both have to work \
             side by side.",
        ),
        Task(
            "The new version does well. Give it half of the traffic, and then all of it: in the end live has to point at version 2 \
              and at nothing else. Be careful with that last step: an update keeps whatever it does not name, weights included. \
              An empty map, AdditionalVersionWeights={}, takes them away. See with get-alias what you have.",
        ),
    ],
    checks: &[
        Check {
            what: "a tenth of live went to version 2",
            help: "update-alias with --routing-config, as in the lesson's first command.",
            holds: |seen| {
                seen.path("live")
                    .iter()
                    .any(|(version, weights)| version == "1" && weights["2"] == 0.1)
            },
        },
        Check {
            what: "half of live went to version 2",
            help: "The same command with 0.5. The version that the alias points at stays 1.",
            holds: |seen| {
                seen.path("live")
                    .iter()
                    .any(|(version, weights)| version == "1" && weights["2"] == 0.5)
            },
        },
        Check {
            what: "live points at version 2",
            help: "update-alias with --function-version 2. While version 2 has a weight as well, that is \
                 refused: give the empty map in the same call.",
            holds: |seen| {
                seen.alias("live")
                    .is_some_and(|alias| alias.function_version == "2")
            },
        },
        Check {
            what: "live sends nothing to any other version",
            help: "get-alias shows RoutingConfig while there are weights; update-alias with the empty map takes them away.",
            holds: |seen| {
                seen.alias("live")
                    .is_some_and(|alias| alias.additional_version_weights.is_empty())
            },
        },
    ],
    learnt: "A weighted alias shows a new version to a part of the calls. To end it, move the pointer and clear the weights in one call: \
             an alias keeps what an update does not name. To give up instead, clear the weights alone.",
};
