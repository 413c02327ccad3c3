//! The changes of the account, one line for each resource: `pay: version 12 published, 3 deleted, live 11 (90 %), 12
//! (10 %)`. A plan names the changed members but not their values, so it can be stored. It has no moments, ids or
//! hashes, so the same script always gives the same plan. `--save-plan` writes the plan, and `--expect` compares it
//! with the changes of a run.

use serde::{Deserialize, Serialize};

use crate::{face::options::kebab, operation::ready};

use super::{
    FunctionChange, LayerChange, Points, Report,
    change::{Effect, Fate},
};

/// A plan in a file. People review the plan, and `--expect` compares it with a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ReviewedPlan {
    /// The version number of this form.
    plan_version: u32,
    /// The changes, one line for each resource.
    changes: Vec<String>,
}

impl ReviewedPlan {
    /// The plan of a report.
    pub(crate) fn of(report: &Report) -> Self {
        Self {
            plan_version: 1,
            changes: report.plan(),
        }
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// When the text is not a plan.
    pub(crate) fn read(text: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(text)
    }

    /// The text of the plan's file.
    pub(crate) fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a plan is plain data");
        text + "\n"
    }

    /// The lines that only one of two plans has. An expected line that is missing begins with `- `, and an unexpected
    /// line with `+ `. The order in which resources changed does not matter.
    pub(crate) fn differences(&self, expected: &Self) -> Vec<String> {
        let without = |these: &Self, those: &Self| -> Vec<String> {
            let mut rest = those.changes.clone();
            let mut alone = these.changes.clone();
            alone.retain(|line| match rest.iter().position(|other| other == line) {
                Some(at) => {
                    rest.swap_remove(at);
                    false
                }
                None => true,
            });
            alone
        };
        let gone = without(expected, self);
        let gone = gone.into_iter().map(|line| format!("- {line}"));
        let new = without(self, expected);
        gone.chain(new.into_iter().map(|line| format!("+ {line}")))
            .collect()
    }
}

/// Makes the text for a resource's account and region; empty if all resources have the same.
type Locate<'a> = dyn Fn(&str, &str) -> String + 'a;

impl Report {
    /// The plan of the report. The lines name the region if there are changes in several regions, and the account if
    /// there are changes in several accounts.
    pub(crate) fn plan(&self) -> Vec<String> {
        let functions = self.functions.iter().map(|change| {
            let key = &change.function;
            (key.account.as_str(), key.region.as_str())
        });
        let layers = self.layers.iter();
        let layers = layers.map(|layer| (layer.account.as_str(), layer.region.as_str()));
        let resources = self.resources.iter();
        let resources = resources.map(|it| (it.account.as_str(), it.region.as_str()));
        let places: Vec<(&str, &str)> = functions.chain(layers).chain(resources).collect();
        let several = |of: fn(&(&str, &str)) -> String| {
            let mut all: Vec<String> = places.iter().map(of).collect();
            all.sort_unstable();
            all.dedup();
            all.len() > 1
        };
        let regions = several(|(_, region)| (*region).to_owned());
        let accounts = several(|(account, _)| (*account).to_owned());
        let place = |account: &str, region: &str| {
            let named = [(accounts, account), (regions, region)];
            let named: Vec<&str> = named
                .into_iter()
                .filter_map(|(named, name)| (named && !name.is_empty()).then_some(name))
                .collect();
            match named.as_slice() {
                [] => String::new(),
                named => format!(" in {}", named.join(" ")),
            }
        };
        let functions = self
            .functions
            .iter()
            .map(|change| of_function(change, &place));
        let layers = self.layers.iter().map(|layer| of_layer(layer, &place));
        let resources = self.resources.iter().map(|resource| {
            let (kind, how) = resource.told();
            let place = place(&resource.account, &resource.region);
            match resource.fate {
                // For a thing of another service, the name already includes the kind.
                _ if ready::keeps(resource.kind) => {
                    format!("{}{place}: {how}", ready::told(&resource.name))
                }
                // The service chooses a new name in each run, so the plan leaves the name out.
                Fate::Created => format!("{kind}{place}: {how}"),
                _ => format!("{kind} {}{place}: {how}", resource.name),
            }
        });
        let effects = self.services.iter().map(of_effect);
        functions
            .chain(layers)
            .chain(resources)
            .chain(effects)
            .collect()
    }

    /// The plan in a short sentence for the last line of the report.
    pub(super) fn plan_in_short(&self) -> String {
        const SHOWN: usize = 3;
        let plan = self.plan();
        let shown = plan
            .iter()
            .take(SHOWN)
            .cloned()
            .collect::<Vec<_>>()
            .join("; ");
        match plan.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            _ if plan.is_empty() => "Nothing changed".to_owned(),
            Some(more) => format!("{shown}; and {more} more"),
            None => shown,
        }
    }
}

/// `version 12`, `versions 12, 13`
fn versions(numbers: &[String]) -> String {
    match numbers {
        [one] => format!("version {one}"),
        all => format!("versions {}", all.join(", ")),
    }
}

fn of_function(change: &FunctionChange, place: &Locate<'_>) -> String {
    let key = &change.function;
    let name = format!("{}{}", key.function_name, place(&key.account, &key.region));
    if change.fate == Fate::Deleted {
        return format!("{name}: deleted, with all its versions and aliases");
    }
    let mut told = Vec::new();
    if change.fate == Fate::Created && !change.assumed {
        told.push("created".to_owned());
    }
    let numbers: Vec<String> = change
        .published_versions
        .iter()
        .map(|published| published.version.clone())
        .collect();
    match (numbers.as_slice(), change.deleted_versions.as_slice()) {
        ([], []) => {}
        (made, []) => told.push(format!("{} published", versions(made))),
        ([], gone) => told.push(format!("{} deleted", versions(gone))),
        (made, gone) => {
            told.push(format!("{} published", versions(made)));
            told.push(format!("{} deleted", gone.join(", ")));
        }
    }
    for alias in &change.aliases {
        told.push(match &alias.after {
            Some(points) => format!("{} {}", alias.name, shares(points)),
            None => format!("{} deleted", alias.name),
        });
    }
    // `code` stands for the hash and the size. Times and RevisionIds do not describe a change.
    let mut members: Vec<&str> = change
        .members
        .iter()
        .map(|member| match member.name.as_str() {
            "CodeSha256" | "CodeSize" => "code",
            name => name,
        })
        .chain(change.settings.iter().map(|setting| setting.name.as_str()))
        .filter(|name| !["LastModified", "RevisionId"].contains(name))
        .collect();
    members.dedup();
    if !members.is_empty() {
        told.push(format!("{} changed", members.join(", ")));
    }
    match told.is_empty() {
        true if change.assumed => format!("{name}: assumed"),
        true => format!("{name}: changed"),
        false => format!("{name}: {}", told.join(", ")),
    }
}

/// `11 (90 %), 12 (10 %)`
fn shares(points: &Points) -> String {
    let percent = |share: f64| (share * 10_000.0).round() / 100.0;
    let weights = &points.additional_version_weights;
    if weights.is_empty() {
        return points.function_version.clone();
    }
    let rest = 1.0 - weights.values().sum::<f64>();
    let others = weights
        .iter()
        .map(|(version, share)| (version.as_str(), *share));
    let all = std::iter::once((points.function_version.as_str(), rest)).chain(others);
    let all: Vec<String> = all
        .map(|(version, share)| format!("{version} ({} %)", percent(share)))
        .collect();
    all.join(", ")
}

fn of_layer(change: &LayerChange, place: &Locate<'_>) -> String {
    let of = |numbers: &[String], how: &str| {
        (!numbers.is_empty()).then(|| format!("{} {how}", versions(numbers)))
    };
    let told = [
        of(&change.published_versions, "published"),
        of(&change.deleted_versions, "deleted"),
        of(&change.permissions, "with other permissions"),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    let place = place(&change.account, &change.region);
    format!("layer {}{place}: {}", change.layer_name, told.join(", "))
}

fn of_effect(effect: &Effect) -> String {
    let (service, operation) = (&effect.service, kebab(&effect.operation));
    match effect.resource.as_str() {
        "" => format!("{service}: {operation}"),
        resource => format!("{service}: {operation} {resource}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::tool::rehearse::finding::stage::Stage;

    fn plan(lines: &[&str]) -> Vec<String> {
        Stage::with_versions(3).script(lines).report().plan()
    }

    #[test]
    fn a_plan_tells_what_became_of_each_resource() {
        assert_eq!(
            plan(&[
                "update-function-configuration --function-name pay --timeout 9",
                "wait function-updated-v2 --function-name pay",
                "publish-version --function-name pay",
                "update-alias --function-name pay --name live --function-version 3 \
                 --routing-config AdditionalVersionWeights={4=0.1}",
                "delete-function --function-name pay --qualifier 1",
                "publish-layer-version --layer-name deps --zip-file fileb://one.zip",
                "s3 mb s3://one-bucket",
            ]),
            [
                "pay: version 4 published, 1 deleted, live 3 (90 %), 4 (10 %), Timeout changed",
                "layer deps: version 1 published",
                "s3: create-bucket one-bucket",
            ]
        );
        assert_eq!(
            plan(&["delete-function --function-name pay"]),
            ["pay: deleted, with all its versions and aliases"]
        );
        let read = Stage::with_versions(1).script(&["get-function --function-name pay"]);
        assert_eq!(read.report().plan_in_short(), "Nothing changed");
    }

    #[test]
    fn regions_are_told_where_there_are_two() {
        let create = |region: &str| {
            format!(
                "create-function --function-name pay --runtime python3.13 --handler app.handler \
                 --role arn:aws:iam::123456789012:role/r --zip-file fileb://one.zip --region {region}"
            )
        };
        let stage = Stage::new().script(&[&create("eu-west-1"), &create("us-east-1")]);
        assert_eq!(
            stage.report().plan(),
            ["pay in eu-west-1: created", "pay in us-east-1: created"]
        );
    }
}
