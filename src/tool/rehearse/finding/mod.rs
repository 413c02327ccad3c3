//! Findings: calls of a script that failed, or that succeeded here and may fail on AWS. Each rule has a file of its
//! own. The file contains the rule's name, the AWS behaviour behind the rule, the remedy, and a function that searches
//! the [`Evidence`]. [`RULES`] is the only list of all rules. The report, the help and the man page use it.

mod again;
mod alias_to_pending_version;
mod api_not_deployed;
mod configured_after_publish;
mod deletes_more_than_asked;
mod deletes_version_in_use;
mod environment_replaced;
mod failure_ignored;
mod first_page_only;
mod function_error_unseen;
mod handler_not_in_package;
mod image_never_pushed;
mod integration_not_post;
mod invokes_other_version;
mod latest_behind_alias;
pub(crate) mod layer_out_of_place;
mod layers_replaced;
mod left_disabled;
mod left_throttled;
pub(crate) mod list;
mod mapping_race;
mod none_taken_for_value;
mod not_understood;
mod other_region;
mod package_not_deployed;
mod probe_inverted;
mod progress;
mod publish_depends_on_aws;
mod publish_made_no_version;
mod query_never_matches;
mod query_on_each_page;
mod race_after_update;
mod release_undone;
mod remade_without;
mod role_too_new;
mod rollback_to_latest;
mod sdk;
#[cfg(test)]
pub(crate) mod stage;
mod stale_revision_id;
mod trigger_not_permitted;
mod update_sets_nothing;
mod url_not_permitted;
mod version_of_another;
mod versions_sorted_as_text;
mod weights_left_behind;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    calls::ScriptLine,
    evidence::{Evidence, Key, Step},
    outcome::asks_the_same,
    shell::Attention,
};

/// The severity of a finding. The worst severity comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Severity {
    /// The call failed, or did something that the script surely does not want.
    Error,
    /// The call succeeded by luck, or the script may want this effect.
    Warning,
}

impl Severity {
    /// The word that means this severity in a sentence.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A rule.
pub(crate) struct Rule {
    /// The rule's name: `race-after-update`.
    pub(crate) name: &'static str,
    /// The rule's subject, in one line.
    pub(crate) about: &'static str,
    /// The behaviour of AWS that the rule rests on.
    pub(crate) aws: &'static str,
    /// The conditions under which the rule reports an error or a warning.
    pub(crate) severities: &'static str,
    /// The remedy.
    pub(crate) instead: &'static str,
    /// The source of the behaviour: AWS's own page, a recording, a public thread.
    pub(crate) seen: &'static str,
    check: fn(&Evidence<'_>) -> Vec<Finding>,
}

impl Rule {
    /// The paragraphs that describe the rule: the subject, the AWS behaviour, the severities, the remedy, and the
    /// source.
    pub(crate) fn paragraphs(&self) -> [String; 5] {
        [
            self.about.to_owned(),
            format!("On AWS: {}", self.aws),
            format!("Severity: {}", self.severities),
            format!("Instead: {}", self.instead),
            format!("Seen: {}", self.seen),
        ]
    }
}

/// All rules.
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
    configured_after_publish::RULE,
    weights_left_behind::RULE,
    environment_replaced::RULE,
    layers_replaced::RULE,
    first_page_only::RULE,
    query_never_matches::RULE,
    probe_inverted::RULE,
    latest_behind_alias::RULE,
    invokes_other_version::RULE,
    function_error_unseen::RULE,
    left_throttled::RULE,
    left_disabled::RULE,
    deletes_more_than_asked::RULE,
    remade_without::RULE,
    version_of_another::RULE,
    none_taken_for_value::RULE,
    other_region::RULE,
    url_not_permitted::RULE,
    trigger_not_permitted::RULE,
    integration_not_post::RULE,
    api_not_deployed::RULE,
    role_too_new::RULE,
    image_never_pushed::RULE,
    handler_not_in_package::RULE,
    layer_out_of_place::RULE,
    package_not_deployed::RULE,
    update_sets_nothing::RULE,
    mapping_race::RULE,
    release_undone::RULE,
    not_understood::RULE,
    failure_ignored::RULE,
];

/// A finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Finding {
    /// The rule's name.
    pub(crate) rule: &'static str,
    /// The severity.
    pub(crate) severity: Severity,
    /// The finding in one line.
    pub(crate) title: String,
    /// The reason why the call is a fault in this run.
    pub(crate) explanation: String,
    /// The remedy: a command, or a sentence.
    pub(crate) fix: String,
    /// The function that the finding is about.
    pub(crate) function_name: String,
    /// The call's name. If the script made several calls of that name, the number comes first.
    pub(crate) call: String,
    /// The call's number, from 0.
    pub(crate) index: usize,
    /// The call's place, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<ScriptLine>,
    /// Another call that also failed, if this finding explains that failure too.
    #[serde(skip)]
    pub(crate) explains: Option<usize>,
}

impl Finding {
    /// A finding about an API call. The caller adds the rule's name and the texts.
    fn at(evidence: &Evidence<'_>, step: &Step<'_>, severity: Severity) -> Self {
        Self::of_call(evidence, step.index, severity).on(step.key())
    }

    /// A finding about a call of the script, which perhaps never reached the service.
    fn of_call(evidence: &Evidence<'_>, index: usize, severity: Severity) -> Self {
        Self {
            rule: "",
            severity,
            title: String::new(),
            explanation: String::new(),
            fix: String::new(),
            function_name: String::new(),
            call: evidence.name(index).to_owned(),
            index,
            place: evidence.place(index),
            explains: None,
        }
    }

    /// Sets the function that the finding is about.
    fn on(mut self, key: Option<&Key>) -> Self {
        if let Some(key) = key {
            self.function_name.clone_from(&key.function_name);
        }
        self
    }

    /// Sets another call, whose failure the finding also explains.
    fn explaining(mut self, index: Option<usize>) -> Self {
        self.explains = index;
        self
    }

    /// The calls that the finding explains: the call that the finding is about, and a call that failed because of it.
    pub(crate) fn about(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.index).chain(self.explains)
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

/// The findings of all rules, the worst first. Findings of the same severity are in the order of the calls.
pub(crate) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = RULES
        .iter()
        .flat_map(|rule| {
            let found = (rule.check)(evidence).into_iter();
            found.map(|finding| Finding {
                rule: rule.name,
                fix: match evidence.calls.get(finding.index) {
                    Some(call) => sdk::fix(call, &finding.fix).unwrap_or(finding.fix),
                    None => finding.fix,
                },
                ..finding
            })
        })
        .collect();
    // The finding of a general rule adds nothing if another rule reports the cause.
    for plain in [latest_behind_alias::RULE.name, failure_ignored::RULE.name] {
        let told: BTreeSet<usize> = found
            .iter()
            .filter(|finding| finding.rule != plain)
            .flat_map(Finding::about)
            .collect();
        // The same call may be repeated and refused again. That is the same fault.
        let is_told = |index: usize| {
            told.contains(&index)
                || evidence.steps_of(index).any(|step| {
                    let mut others = told.iter().flat_map(|other| evidence.steps_of(*other));
                    others.any(|other| other.answer().is_none() && asks_the_same(&step, &other))
                })
        };
        found.retain(|finding| finding.rule != plain || !is_told(finding.index));
    }
    found.sort_by_key(|finding| (finding.severity, finding.index));
    found
}

/// A later call with an argument that is `None`, `null` or empty. A query that matches nothing prints such a text.
fn uses_nothing(evidence: &Evidence<'_>, index: usize) -> Option<usize> {
    let later = evidence.calls.iter().enumerate().skip(index + 1);
    let is_nothing = |text: &str| matches!(text, "None" | "null" | "");
    let holds = |word: &str| {
        let parts = word.split(['\n', '\t', ':', '/', '=', ',']);
        word.is_empty()
            || word.lines().any(is_nothing)
            || parts.skip(1).any(|it| !it.is_empty() && is_nothing(it))
    };
    later
        .filter(|(_, call)| call.is_aws() && call.http.is_none())
        .find(|(_, call)| call.words.iter().any(|word| holds(word)))
        .map(|(at, _)| at)
}

/// The targets of all aliases at one moment of the run.
#[derive(Debug, Default)]
struct Aliases(BTreeMap<(Key, String), Points>);

/// The target of an alias.
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
    /// The targets of all aliases before the run.
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

    /// The names of the function's aliases that use the given version.
    fn using<'s>(&'s self, key: &Key, version: &str) -> Vec<&'s str> {
        let of = self.0.iter().filter(|((of, _), _)| of == key);
        of.filter(|(_, points)| points.uses(version))
            .map(|((_, name), _)| name.as_str())
            .collect()
    }

    /// Applies the effect of an API call to the targets.
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

/// Returns true if the API call changes the target of an alias.
fn moves_alias(step: &Step<'_>) -> bool {
    matches!(
        step.exchange.operation.as_str(),
        "CreateAlias" | "UpdateAlias"
    )
}

/// Returns true if the script looked at the refusal of the call.
fn was_looked_at(step: &Step<'_>) -> bool {
    matches!(step.call.attention, Some(Attention::LookedAt(_)))
}

/// The number of a version; `None` for `$LATEST` and names.
fn number(version: &str) -> Option<u64> {
    version.parse().ok()
}
