//! The parts of a run that differed from AWS, or were left out. A run with such a part is Clean only if the part was
//! declared beforehand.

use super::Report;
use crate::tool::rehearse::calls::Answered;

/// A part of the run that happened in another way than on AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// The way in which the part happened: `stubbed`.
    pub(crate) heading: &'static str,
    /// The thing that this is about, and advice.
    pub(crate) line: String,
    /// True if the user declared the part beforehand, if a guard caused it, or if nothing depends on it.
    pub(crate) declared: bool,
}

impl Report {
    /// The parts of the run that differed from AWS, or were left out.
    pub(crate) fn left_out(&self) -> impl Iterator<Item = LeftOut> {
        let calls = self.calls.iter().filter_map(|call| {
            let (heading, declared) = match call.answered {
                Answered::Stub => ("stubbed", true),
                Answered::Others => ("handed over", true),
                Answered::Guarded => ("guarded", true),
                Answered::Allowed => ("allowed", true),
                Answered::Replayed => ("replayed", true),
                Answered::Learned => ("treated as done", false),
                Answered::Slept | Answered::Ran => return None,
                Answered::Simulated if call.is_not_simulated() => {
                    ("not simulated", call.is_dropped())
                }
                Answered::Simulated if call.ready => ("ready answer", true),
                Answered::Simulated => return None,
            };
            let help = match call.is_not_simulated() && !declared {
                true => "; --learn writes a stub for it, --stub FILE answers it",
                false => "",
            };
            let line = format!("{}{}{help}", call.line(), call.behind());
            let line = match call.answered {
                Answered::Others => format!("{line}: {}", call.outcome),
                _ => line,
            };
            Some(LeftOut {
                heading,
                line,
                declared,
            })
        });
        let unanswered = self.calls.iter().filter_map(|call| {
            let file = call.unanswered.as_ref()?;
            Some(LeftOut {
                heading: "not answered",
                line: format!(
                    "{}{}: null; write the function's answer to {} in the state, or name a command in LAMBDRY_INVOKE",
                    call.name,
                    call.behind(),
                    file.display()
                ),
                declared: false,
            })
        });
        let undeclared = |heading, line| LeftOut {
            heading,
            line,
            declared: false,
        };
        let told = move |heading, lines: &[String]| -> Vec<LeftOut> {
            let lines = lines.iter();
            lines
                .map(|line| undeclared(heading, line.clone()))
                .collect()
        };
        let unseen = self.unseen.iter().map(move |unseen| {
            undeclared("not seen", format!("{}: {}", unseen.place, unseen.reason))
        });
        calls
            .chain(unanswered)
            .chain(self.assumed.iter().map(|what| {
                let declared = !self.unasked.contains(what);
                let hint = match what.strip_prefix("function ") {
                    Some(name) if !declared => {
                        format!("; lambdry import imports the real one, --assume={name} accepts the assumption")
                    }
                    Some(_) => "; lambdry import imports the real one".to_owned(),
                    None => String::new(),
                };
                LeftOut {
                    heading: "assumed",
                    line: format!("{what}{hint}"),
                    declared,
                }
            }))
            .chain(self.other_states.iter().map(move |state| {
                let state = state.display();
                undeclared(
                    "another state",
                    format!("{state}: it is not a fork, and the changes in it stay"),
                )
            }))
            .chain(told("refused", &self.bypassed))
            .chain(told("not answered", &self.unanswered))
            .chain(self.refused.iter().map(|refused| LeftOut {
                heading: "not reached",
                line: refused.told(),
                declared: refused.is_declared(),
            }))
            .chain(told("left running", &self.leftovers))
            .chain(unseen)
    }
}
