//! Findings: what in a script works today and may fail on AWS, or did fail. A rule is a file: its name, the AWS behaviour
//! behind it, what to do, and a function over the [`Evidence`]. [`RULES`] is the one list of them, for the report, the
//! help and the man page.

mod alias_to_pending_version;
mod deletes_version_in_use;
pub(crate) mod list;
mod progress;
mod publish_depends_on_aws;
mod publish_made_no_version;
mod query_on_each_page;
mod race_after_update;
mod rollback_to_latest;
#[cfg(test)]
pub(crate) mod stage;
mod stale_revision_id;
mod versions_sorted_as_text;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    calls::Place,
    evidence::{Evidence, Key, Step},
};

/// How bad it is. The worst comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Severity {
    /// It failed, or did something that was surely not meant.
    Error,
    /// It passed by luck, or may be meant.
    Warning,
}

impl Severity {
    /// The word for it in a sentence.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A rule.
pub(crate) struct Rule {
    /// Its name: `race-after-update`.
    pub(crate) name: &'static str,
    /// What it finds, in a line.
    pub(crate) about: &'static str,
    /// The behaviour of AWS that it rests on.
    pub(crate) aws: &'static str,
    /// When it is an error, and when a warning.
    pub(crate) severities: &'static str,
    /// What to write instead.
    pub(crate) instead: &'static str,
    check: fn(&Evidence<'_>) -> Vec<Finding>,
}

impl Rule {
    /// What is told of it: what it finds, the AWS behaviour, how bad it is, what to write instead.
    pub(crate) fn paragraphs(&self) -> [String; 4] {
        [
            self.about.to_owned(),
            format!("On AWS: {}", self.aws),
            format!("Severity: {}", self.severities),
            format!("Instead: {}", self.instead),
        ]
    }
}

/// All of them.
pub(crate) const RULES: &[Rule] = &[
    race_after_update::RULE,
    rollback_to_latest::RULE,
    deletes_version_in_use::RULE,
    versions_sorted_as_text::RULE,
    alias_to_pending_version::RULE,
    publish_made_no_version::RULE,
    publish_depends_on_aws::RULE,
    query_on_each_page::RULE,
    stale_revision_id::RULE,
];

/// Something found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Finding {
    /// The rule's name.
    pub(crate) rule: &'static str,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// What was found, in a line.
    pub(crate) title: String,
    /// Why that is a fault, in this run.
    pub(crate) explanation: String,
    /// What to write instead: a command, or a sentence.
    pub(crate) fix: String,
    /// Which function it is about.
    pub(crate) function_name: String,
    /// The call's name, with its number where it was made more than once.
    pub(crate) call: String,
    /// Which of the calls it is, from 0.
    pub(crate) index: usize,
    /// Where it stands, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
}

impl Finding {
    /// Something found at a call; the rule's name and the texts follow.
    fn at(evidence: &Evidence<'_>, step: &Step<'_>, severity: Severity) -> Self {
        let function_name = match &step.target {
            Some(target) => target.key.function_name.clone(),
            None => String::new(),
        };
        Self {
            rule: "",
            severity,
            title: String::new(),
            explanation: String::new(),
            fix: String::new(),
            function_name,
            call: evidence.name(step.index).to_owned(),
            index: step.index,
            place: evidence.place(step.index),
        }
    }

    fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    fn explained(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = explanation.into();
        self
    }

    fn fixed_by(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }
}

/// What the rules find: the worst first, then in the order of the calls.
pub(crate) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = RULES
        .iter()
        .flat_map(|rule| {
            let found = (rule.check)(evidence).into_iter();
            found.map(|finding| Finding {
                rule: rule.name,
                ..finding
            })
        })
        .collect();
    found.sort_by_key(|finding| (finding.severity, finding.index));
    found
}

/// Where aliases point while the calls are gone through.
#[derive(Debug, Default)]
struct Aliases(BTreeMap<(Key, String), Points>);

/// Where an alias points.
#[derive(Debug, Clone, PartialEq, Default)]
struct Points {
    version: String,
    weighted: Vec<String>,
}

impl Points {
    fn uses(&self, version: &str) -> bool {
        self.version == version || self.weighted.iter().any(|other| other == version)
    }
}

impl Aliases {
    /// As they were before the run.
    fn before(evidence: &Evidence<'_>) -> Self {
        let mut aliases = BTreeMap::new();
        for (key, sides) in evidence.functions {
            let Some(side) = &sides.before else { continue };
            for (name, alias) in &side.head.aliases {
                let points = Points {
                    version: alias.function_version.clone(),
                    weighted: alias.additional_version_weights.keys().cloned().collect(),
                };
                aliases.insert((key.clone(), name.clone()), points);
            }
        }
        Self(aliases)
    }

    fn get(&self, key: &Key, name: &str) -> Option<&Points> {
        self.0.get(&(key.clone(), name.to_owned()))
    }

    /// The aliases of a function that use a version.
    fn using<'s>(&'s self, key: &Key, version: &str) -> Vec<&'s str> {
        let of = self.0.iter().filter(|((of, _), _)| of == key);
        of.filter(|(_, points)| points.uses(version))
            .map(|((_, name), _)| name.as_str())
            .collect()
    }

    /// Takes in what an API call did to them.
    fn follow(&mut self, step: &Step<'_>) {
        let (Some(target), Some(answer)) = (&step.target, step.answer()) else {
            return;
        };
        let name = step.asked("Name").unwrap_or_default().to_owned();
        match step.exchange.operation.as_str() {
            "CreateAlias" | "UpdateAlias" => {
                let weights = answer.pointer("/RoutingConfig/AdditionalVersionWeights");
                let weighted = weights
                    .and_then(|weights| weights.as_object())
                    .map(|weights| weights.keys().cloned().collect());
                let points = Points {
                    version: step
                        .answered("FunctionVersion")
                        .unwrap_or_default()
                        .to_owned(),
                    weighted: weighted.unwrap_or_default(),
                };
                self.0.insert((target.key.clone(), name), points);
            }
            "DeleteAlias" => {
                self.0.remove(&(target.key.clone(), name));
            }
            "DeleteFunction" if target.qualifier.is_none() => {
                self.0.retain(|(key, _), _| *key != target.key);
            }
            _ => {}
        }
    }
}

/// Whether the step gives an alias another place.
fn moves_alias(step: &Step<'_>) -> bool {
    matches!(
        step.exchange.operation.as_str(),
        "CreateAlias" | "UpdateAlias"
    )
}

/// A number as a version has it; `None` for `$LATEST` and names.
fn number(version: &str) -> Option<u64> {
    version.parse().ok()
}
