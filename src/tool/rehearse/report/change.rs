//! The difference between before and after a run: the changes of functions and layers, and the results of calls.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::{
    operation::{Result, ready},
    state::{alias::Alias, arn::Scope, function::Function, layer::Layer},
    store::Store,
    tool::{
        diff::model::{self, Change},
        history::History,
        rehearse::{
            calls::{Answered, Call},
            evidence::{Evidence, Functions, Key, Side, Step, nth, scopes, waiter},
            network::Network,
        },
    },
};

/// The kind of change of a whole resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Fate {
    Created,
    Changed,
    Deleted,
}

impl Fate {
    pub(super) fn of(before: bool, after: bool) -> Self {
        match (before, after) {
            (false, _) => Self::Created,
            (_, false) => Self::Deleted,
            _ => Self::Changed,
        }
    }
}

/// The changes of a function.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FunctionChange {
    #[serde(flatten)]
    pub(crate) function: Key,
    /// Created, changed or deleted.
    pub(crate) fate: Fate,
    /// True if lambdry made the function because the script took it for granted. The state before the run is then not
    /// known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) assumed: bool,
    /// New versions that still exist.
    pub(crate) published_versions: Vec<Published>,
    /// Versions that were deleted.
    pub(crate) deleted_versions: Vec<String>,
    /// The aliases with a new target.
    pub(crate) aliases: Vec<AliasChange>,
    /// Changed members of `$LATEST`. The values of environment variables are masked.
    pub(crate) members: Vec<Change>,
    /// Changed files of `$LATEST`'s package.
    pub(crate) files: Vec<File>,
    /// Changed tags, permissions, concurrency, and other settings. They belong to the function or to one of its
    /// qualifiers.
    pub(crate) settings: Vec<Change>,
    /// The function's changes in this run, in order; `None` for a deleted function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::tool) history: Option<History>,
}

/// A new version.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Published {
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) code_sha256: String,
}

/// The targets of an alias before and after the run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AliasChange {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Points>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Points>,
}

/// The target of an alias.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Points {
    pub(crate) function_version: String,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(crate) additional_version_weights: IndexMap<String, f64>,
}

impl Points {
    pub(crate) fn of(alias: &Alias) -> Self {
        Self {
            function_version: alias.function_version.clone(),
            additional_version_weights: alias.additional_version_weights.clone(),
        }
    }

    /// `7`, `7 + 10 % 8`
    pub(crate) fn told(&self) -> String {
        let weights = self.additional_version_weights.iter();
        let weights: String = weights
            .map(|(version, weight)| {
                let percent = (weight * 10_000.0).round() / 100.0;
                format!(" + {percent} % {version}")
            })
            .collect();
        format!("{}{weights}", self.function_version)
    }
}

/// A changed file of a package. If only one of the two sizes is given, the file was added or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct File {
    pub(crate) name: String,
    /// The unzipped size before the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<u64>,
    /// The unzipped size after the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<u64>,
}

/// Compares the functions before and after the run.
///
/// # Errors
/// When a version or a package cannot be read.
pub(super) fn functions(
    before: &Store,
    after: &Store,
    functions: &Functions,
    is_assumed: &dyn Fn(&Key) -> bool,
    show_values: bool,
) -> Result<Vec<FunctionChange>> {
    let mut changes = Vec::new();
    for (key, sides) in functions {
        let (old, new) = (sides.before.as_ref(), sides.after.as_ref());
        let heads = (old.map(|side| &side.head), new.map(|side| &side.head));
        let numbers = |side: Option<&Side>| -> BTreeSet<u64> {
            side.map_or_else(BTreeSet::new, |side| side.numbers.iter().copied().collect())
        };
        let assumed = old.is_none() && is_assumed(key);
        let (mut had, has) = (numbers(old), numbers(new));
        if assumed {
            // An assumed function has these versions from the beginning.
            let place = after.place(key.scope());
            had.extend(1..=place.assumed_versions(&key.function_name)?);
        }
        let mut change = FunctionChange {
            function: key.clone(),
            fate: Fate::of(old.is_some(), new.is_some()),
            assumed,
            published_versions: published(after, key, has.difference(&had).copied())?,
            deleted_versions: had.difference(&has).map(u64::to_string).collect(),
            aliases: aliases(heads.0, heads.1),
            members: Vec::new(),
            files: Vec::new(),
            settings: model::settings(heads.0, heads.1)
                .into_iter()
                // The targets of aliases are shown elsewhere, with their weights.
                .filter(|setting| !points(&setting.name))
                .collect(),
            history: None,
        };
        if let (Some(old), Some(new)) = heads {
            let (old, new) = (&old.latest.configuration, &new.latest.configuration);
            change.members = model::members(old, new, show_values);
            if old.code_sha256 != new.code_sha256 {
                change.files = files(before, after, old, new);
            }
        }
        let is_same = change.fate == Fate::Changed
            && change.published_versions.is_empty()
            && change.deleted_versions.is_empty()
            && change.aliases.is_empty()
            && change.members.is_empty()
            && change.settings.is_empty();
        if !is_same && (old.is_some() || new.is_some()) {
            change.history = history(after, key, old)?;
            changes.push(change);
        }
    }
    Ok(changes)
}

/// The changes of a function in this run.
fn history(after: &Store, key: &Key, old: Option<&Side>) -> Result<Option<History>> {
    let begun = old.map_or(0, |side| side.head.changes);
    let place = after.place(key.scope());
    let arn = place.scope.function(&key.function_name);
    let functions = place.all::<Function>();
    functions.view(&key.function_name, |view| History::since(view, &arn, begun))
}

/// Returns true if a setting is the target of an alias.
fn points(setting: &str) -> bool {
    setting.strip_prefix("Aliases.").is_some_and(|rest| {
        rest.ends_with(".FunctionVersion") || rest.contains(".AdditionalVersionWeights")
    })
}

fn published(
    after: &Store,
    key: &Key,
    numbers: impl Iterator<Item = u64>,
) -> Result<Vec<Published>> {
    let numbers: Vec<u64> = numbers.collect();
    let place = after.place(key.scope());
    let functions = place.all::<Function>();
    let versions = functions.view(&key.function_name, |view| {
        let mut versions = Vec::new();
        for number in &numbers {
            if let Some(version) = view.version(*number)? {
                versions.push(Published {
                    version: version.version,
                    description: version.configuration.description,
                    code_sha256: version.configuration.code_sha256,
                });
            }
        }
        Ok(versions)
    })?;
    Ok(versions.unwrap_or_default())
}

fn aliases(before: Option<&Function>, after: Option<&Function>) -> Vec<AliasChange> {
    let names: BTreeSet<&String> = [before, after]
        .into_iter()
        .flatten()
        .flat_map(|head| head.aliases.keys())
        .collect();
    let of = |head: Option<&Function>, name: &String| head?.aliases.get(name).map(Points::of);
    names
        .into_iter()
        .map(|name| AliasChange {
            before: of(before, name),
            after: of(after, name),
            name: name.clone(),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// The files that differ; empty if a package has no list of files, such as an image.
fn files(
    before: &Store,
    after: &Store,
    old: &crate::state::function::Configuration,
    new: &crate::state::function::Configuration,
) -> Vec<File> {
    let (Ok(old), Ok(new)) = (model::package(before, old), model::package(after, new)) else {
        return Vec::new();
    };
    model::files(old.as_ref(), new.as_ref())
        .into_iter()
        .map(|file| File {
            name: file.name,
            before: file.before.map(|entry| entry.size),
            after: file.after.map(|entry| entry.size),
        })
        .collect()
}

/// The changes of a layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LayerChange {
    pub(crate) layer_name: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) published_versions: Vec<String>,
    pub(crate) deleted_versions: Vec<String>,
    /// Versions whose permissions changed.
    pub(crate) permissions: Vec<String>,
}

/// The changes of the layers that differ.
///
/// # Errors
/// When a layer cannot be read.
pub(super) fn layers(before: &Store, after: &Store) -> Result<Vec<LayerChange>> {
    let mut changes = Vec::new();
    for scope in scopes(before, after)? {
        let Scope { account, region } = scope.clone();
        let (old, new) = (before.place(scope.clone()), after.place(scope));
        let (old, new) = (old.all::<Layer>(), new.all::<Layer>());
        for name in old.apart(&new)? {
            if old.head(&name)? == new.head(&name)? {
                continue;
            }
            let read = |layers: &crate::store::collection::Collection<'_, Layer>| {
                layers.view(&name, |view| Ok((view.head.clone(), view.numbers()?)))
            };
            let (had, has) = (read(&old)?, read(&new)?);
            let numbers = |side: &Option<(Layer, Vec<u64>)>| -> BTreeSet<u64> {
                let numbers = side.iter().flat_map(|(_, numbers)| numbers);
                numbers.copied().collect()
            };
            let policies = |side: &Option<(Layer, Vec<u64>)>, version: &str| {
                let (head, _) = side.as_ref()?;
                Some(head.policies.get(version)?.statements.clone())
            };
            let (gone, there) = (numbers(&had), numbers(&has));
            let permissions = there
                .iter()
                .map(u64::to_string)
                .filter(|version| policies(&had, version) != policies(&has, version));
            let change = LayerChange {
                layer_name: name.clone(),
                account: account.clone(),
                region: region.clone(),
                published_versions: there.difference(&gone).map(u64::to_string).collect(),
                deleted_versions: gone.difference(&there).map(u64::to_string).collect(),
                permissions: permissions.collect(),
            };
            let is_same = change.published_versions.is_empty()
                && change.deleted_versions.is_empty()
                && change.permissions.is_empty();
            if !is_same {
                changes.push(change);
            }
        }
    }
    Ok(changes)
}

/// A change that a call made in another service.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Effect {
    /// `s3`
    pub(crate) service: String,
    /// `PutObject`
    pub(crate) operation: String,
    /// The changed resource: `code/pay.zip`.
    pub(crate) resource: String,
}

/// The changes that the calls made in other services.
pub(super) fn effects(evidence: &Evidence<'_>) -> Vec<Effect> {
    const NAMES: [&str; 5] = ["Bucket", "Key", "RoleName", "repositoryName", "PolicyArn"];
    let steps = evidence.steps();
    let mut effects: Vec<Effect> = steps
        .filter(|step| step.exchange.service != "lambda")
        // The things that ready answers keep are left out here. The report compares them before and after the run.
        .filter(|step| !ready::answers(&step.exchange.service))
        .filter(|step| step.changes() && step.answer().is_some())
        .map(|step| {
            let names = NAMES.iter().filter_map(|name| step.asked(name));
            Effect {
                service: step.exchange.service.clone(),
                operation: step.exchange.operation.clone(),
                resource: names.collect::<Vec<_>>().join("/"),
            }
        })
        .collect();
    effects.dedup();
    effects
}

/// The text about a program that really ran. lambdry does not know what this program reached.
fn really_ran(program: &str, network: Network) -> &'static str {
    match (program, network) {
        ("sleep", _) => "really ran",
        (_, Network::Open) => "really ran, and could reach the network",
        // The program's daemon runs outside of the script's network.
        ("docker" | "podman" | "nerdctl" | "finch" | "buildah", _) => {
            "really ran, and could reach the network only through its daemon"
        }
        (_, Network::Registries) => "really ran, and could reach only package registries",
        (_, Network::None) => "really ran, and could not reach the network",
    }
}

/// The result of a call, in a few words.
pub(super) fn outcome(call: &Call, step: Option<&Step<'_>>, network: Network) -> String {
    match call.answered {
        Answered::Guarded => return "refused by a guard".to_owned(),
        Answered::Stub => return "answered by a stub".to_owned(),
        Answered::Others => {
            return format!(
                "answered by {}",
                call.elsewhere.as_deref().unwrap_or_default()
            );
        }
        Answered::Slept => return "only the fork's clock moved".to_owned(),
        Answered::Allowed | Answered::Ran => {
            return really_ran(&call.program, network).to_owned();
        }
        Answered::Replayed => return "replayed".to_owned(),
        Answered::Learned => return "treated as successful, to learn the needed stubs".to_owned(),
        Answered::Simulated => {}
    }
    if let Some(stopped) = call.failure() {
        return format!("{}: {}", stopped.kind, stopped.message);
    }
    let Some(step) = step else {
        return String::new();
    };
    let function = match &step.target {
        Some(target) => match &target.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", target.key),
            None => target.key.to_string(),
        },
        None => step
            .asked("LayerName")
            .or_else(|| step.asked("Key"))
            .unwrap_or_default()
            .to_owned(),
    };
    let told = match step.exchange.operation.as_str() {
        "CreateAlias" | "UpdateAlias" => {
            let weights = step
                .answer()
                .and_then(|answer| answer.pointer("/RoutingConfig/AdditionalVersionWeights"));
            let weights = weights.and_then(Value::as_object).map(|weights| {
                weights
                    .iter()
                    .map(|(version, weight)| (version.clone(), weight.as_f64().unwrap_or_default()))
                    .collect()
            });
            let points = Points {
                function_version: step
                    .answered("FunctionVersion")
                    .unwrap_or_default()
                    .to_owned(),
                additional_version_weights: weights.unwrap_or_default(),
            };
            format!(
                "{} → {}",
                step.asked("Name").unwrap_or_default(),
                points.told()
            )
        }
        "DeleteAlias" => step.asked("Name").unwrap_or_default().to_owned(),
        "PublishVersion" => format!("version {}", step.answered("Version").unwrap_or_default()),
        "UpdateFunctionCode" | "CreateFunction" if step.is_set("Publish") => {
            format!("version {}", step.answered("Version").unwrap_or_default())
        }
        "Invoke" => match (
            step.answered("ExecutedVersion"),
            step.answered("FunctionError"),
        ) {
            (Some(version), None) => format!("version {version} answered"),
            (Some(version), Some(_)) => format!("version {version} answered with an error"),
            (None, _) => String::new(),
        },
        "PublishLayerVersion" => {
            let version = step.answer().and_then(|answer| answer.get("Version"));
            version.map_or_else(String::new, |version| format!("version {version}"))
        }
        _ => String::new(),
    };
    let mut parts = vec![function, told];
    parts.retain(|part| !part.is_empty());
    let attempts = call.exchanges.len();
    if attempts > 1 && waiter(call).is_none() {
        parts.push(format!("the {} page was the last", nth(attempts)));
    }
    parts.join(": ")
}
