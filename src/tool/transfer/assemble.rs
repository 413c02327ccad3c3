//! Turns the facts into resources in the form of the store, or reports every fact that is missing.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    documents::{self, Facts, Key, Seen},
    layers::layer,
    mappings::mapping,
    policies::policy,
    read::Zip,
};
use crate::state::plain::plain;
use crate::{
    operation::function::settings::defaults,
    state::{
        alias::Alias,
        arn::Scope,
        function::{Configuration, Function, Image, Published},
        version::Version,
    },
    store::{archive::Contents, clock::Ids, import::Resource},
};

/// Members of a function's configuration that are stored elsewhere, or that can be computed from other members.
const ELSEWHERE: &[&str] = &[
    "FunctionName",
    "FunctionArn",
    "Version",
    "RevisionId",
    "MasterArn",
    "State",
    "StateReason",
    "StateReasonCode",
    "LastUpdateStatus",
    "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode",
    "SigningProfileVersionArn",
    "SigningJobArn",
    "ConfigSha256",
];

/// The highest change number at which a seeded id is recognised as an id of an earlier export.
const EARLIER: u64 = 4096;

/// The inputs for making resources, in addition to the facts.
pub(super) struct Around<'a> {
    /// The zips in the sources.
    pub(super) zips: &'a [Zip],
    /// Returns the unzipped size of code that is already in the state.
    pub(super) unzipped: &'a dyn Fn(&str) -> Option<u64>,
    /// The source of new ids.
    pub(super) ids: &'a Ids,
}

/// The resources made from the facts.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// The resources of each account and region.
    pub(super) places: BTreeMap<String, (Scope, Contents)>,
    /// Notes on assumptions, and on missing facts that do no harm.
    pub(super) notes: Vec<String>,
}

/// Makes all resources, or reports every fact that is missing.
pub(super) fn assemble(facts: &Facts, around: &Around<'_>) -> Result<Made, Vec<String>> {
    let mut made = Made::default();
    let mut wrong = Vec::new();
    let mut notes = Vec::new();
    let mut at = |key: &Key, take: &mut dyn FnMut(&mut Contents)| {
        let (region, account, _) = key;
        let scope = Scope {
            region: region.clone(),
            account: account.clone(),
        };
        let place = made.places.entry(format!("{account}/{region}"));
        take(&mut place.or_insert_with(|| (scope, Contents::default())).1);
    };
    for (key, told) in &facts.layers {
        match layer(key, told, around, &mut notes) {
            Ok(resource) => at(key, &mut |contents| contents.put(resource.clone())),
            Err(cause) => wrong.push(cause),
        }
    }
    for (key, told) in &facts.mappings {
        match mapping(key, told, &mut notes) {
            Ok(Some(resource)) => at(key, &mut |contents| contents.put(resource.clone())),
            Ok(None) => {}
            Err(cause) => wrong.push(cause),
        }
    }
    for (key, told) in &facts.functions {
        let work = Work {
            key,
            told,
            around,
            layers: &facts.layers,
        };
        match work.function(&mut notes) {
            Ok(resource) => at(key, &mut |contents| contents.put(resource.clone())),
            Err(cause) => wrong.push(cause),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    notes.sort();
    notes.dedup();
    made.notes = notes;
    Ok(made)
}

struct Work<'a> {
    key: &'a Key,
    told: &'a documents::Function,
    around: &'a Around<'a>,
    layers: &'a BTreeMap<Key, documents::Layer>,
}

impl Work<'_> {
    fn function(&self, notes: &mut Vec<String>) -> Result<Resource<Function>, String> {
        let (told, name) = (self.told, &self.key.2);
        let Some(seen) = told.versions.get("$LATEST") else {
            return Err(format!(
                "no document has $LATEST of {name}; add the output of 'aws lambda get-function --function-name \
                 {name}'"
            ));
        };
        let latest = self.configuration("$LATEST", seen, notes)?;
        let mut versions = Vec::new();
        for (version, seen) in &told.versions {
            let Ok(number) = version.parse::<u64>() else {
                continue;
            };
            let mut configuration = self.configuration(version, seen, notes)?;
            // The answers of lists do not contain the runtime's build.
            if !seen.members.contains_key("RuntimeVersionConfig")
                && configuration.runtime == latest.runtime
            {
                configuration
                    .runtime_version_arn
                    .clone_from(&latest.runtime_version_arn);
            }
            versions.push((
                number,
                Version {
                    version: version.clone(),
                    revision_id: self.revision(version, seen)?,
                    published: moment(&configuration.last_modified),
                    configuration,
                },
            ));
        }
        versions.sort_by_key(|(number, _)| *number);
        let last = versions.last().map_or(0, |(number, _)| *number);
        let gaps = last - versions.len() as u64;
        if gaps > 0 && !told.listed {
            notes.push(format!(
                "{name}: no document has {gaps} of the versions up to {last}, so they count as deleted; 'aws lambda \
                 list-versions-by-function' lists all versions"
            ));
        }

        let mut head = Function::new(name, 0, last, latest);
        head.latest.revision_id = self.revision("$LATEST", seen)?;
        head.code_size = versions.iter().fold(head.code_size, |sum, (_, version)| {
            sum.saturating_add(version.configuration.stored_size())
        });
        head.published = versions
            .last()
            .map(|(_, version)| published(version, &head.latest.configuration));
        for (alias, seen) in &told.aliases {
            let target = self.alias(alias, seen)?;
            for used in [&target.function_version]
                .into_iter()
                .chain(target.additional_version_weights.keys())
            {
                if !told.versions.contains_key(used) {
                    return Err(format!(
                        "the alias {alias} of {name} points at version {used}, but no document has that version; add \
                         the output of 'aws lambda get-function --function-name {name} --qualifier {used}'"
                    ));
                }
            }
            head.aliases.insert(alias.clone(), target);
        }
        for (qualifier, seen) in &told.policies {
            if !told.versions.contains_key(qualifier) && !told.aliases.contains_key(qualifier) {
                return Err(format!(
                    "there is a policy for {name}:{qualifier}, but no document has that version or alias"
                ));
            }
            let policy = policy(seen)
                .map_err(|cause| format!("the policy of {name}:{qualifier}: {cause}"))?;
            head.attach(qualifier, |attached| attached.policy = Some(policy));
        }
        if let Some(tags) = &told.tags {
            head.tags = serde_json::from_value(Value::Object(tags.members.clone()))
                .map_err(|error| format!("the tags of {name}: {}", plain(&error)))?;
        }
        head.reserved_concurrency = told.concurrency;
        let resource = Resource {
            head,
            versions,
            journal: Vec::new(),
        };
        Ok(self.count_on(resource))
    }

    /// Moves the counter of seeded ids forward, so that later ids differ from the imported ones. Otherwise they could
    /// be equal, because an export with the same seed contains the same ids.
    fn count_on(&self, mut resource: Resource<Function>) -> Resource<Function> {
        if !matches!(self.around.ids, Ids::Seeded(_)) {
            return resource;
        }
        let head = &resource.head;
        let mut taken: BTreeSet<&str> = [head.latest.revision_id.as_str()].into();
        taken.extend(
            head.aliases
                .values()
                .map(|alias| alias.revision_id.as_str()),
        );
        taken.extend(
            resource
                .versions
                .iter()
                .map(|(_, version)| version.revision_id.as_str()),
        );
        let (region, account, name) = self.key;
        let scope = Scope {
            region: region.clone(),
            account: account.clone(),
        };
        let arn = scope.function(name).to_string();
        let highest = (1..=EARLIER)
            .rev()
            .find(|change| taken.contains(self.around.ids.id(&arn, *change).as_str()));
        resource.head.changes = highest.unwrap_or_default();
        resource
    }

    fn revision(&self, version: &str, seen: &Seen) -> Result<String, String> {
        let id = seen.members.get("RevisionId").and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| {
            format!("no document has the RevisionId of {}:{version}; import needs the output of aws lambda without \
                --query", self.key.2)
        })
    }

    fn alias(&self, alias: &str, seen: &Seen) -> Result<Alias, String> {
        let text = |name: &str| {
            seen.members
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let missing = |name: &str| {
            format!(
                "no document has the {name} of the alias {alias} of {}",
                self.key.2
            )
        };
        let weights = &seen
            .members
            .get("RoutingConfig")
            .map_or(&Value::Null, |routing| &routing["AdditionalVersionWeights"]);
        let weights: Option<IndexMap<String, f64>> = serde_json::from_value((*weights).clone())
            .map_err(|error| {
                format!(
                    "the weights of the alias {alias} of {}: {}",
                    self.key.2,
                    plain(&error)
                )
            })?;
        Ok(Alias {
            function_version: text("FunctionVersion").ok_or_else(|| missing("FunctionVersion"))?,
            description: text("Description").unwrap_or_default(),
            additional_version_weights: weights.unwrap_or_default(),
            revision_id: text("RevisionId").ok_or_else(|| missing("RevisionId"))?,
        })
    }

    /// A configuration in the stored form. Most members are the same in both forms; a few have another form in answers.
    fn configuration(
        &self,
        version: &str,
        seen: &Seen,
        notes: &mut Vec<String>,
    ) -> Result<Configuration, String> {
        let (name, told) = (&self.key.2, &seen.members);
        let what = format!("{name}:{version}");
        let package_type = told
            .get("PackageType")
            .and_then(Value::as_str)
            .unwrap_or("Zip");
        let Ok(Value::Object(mut kept)) = serde_json::to_value(defaults(name, package_type)) else {
            return Err(format!("{what} has no members"));
        };
        for (member, value) in told {
            let (to, value) = match member.as_str() {
                member if ELSEWHERE.contains(&member) || value.is_null() => continue,
                "TracingConfig" => ("TracingMode", value["Mode"].clone()),
                "EphemeralStorage" => (member.as_str(), value["Size"].clone()),
                "SnapStart" => (member.as_str(), value["ApplyOn"].clone()),
                "TenancyConfig" => ("TenantIsolationMode", value["TenantIsolationMode"].clone()),
                "ImageConfigResponse" => ("ImageConfig", known(&value["ImageConfig"], IMAGE)),
                "RuntimeVersionConfig" => ("RuntimeVersionArn", value["RuntimeVersionArn"].clone()),
                "Environment" => {
                    if let Some(error) = value.get("Error") {
                        notes.push(format!(
                            "{what}: its environment could not be read ({}) and is empty here",
                            error["Message"].as_str().unwrap_or("no reason given")
                        ));
                    }
                    (
                        member.as_str(),
                        value.get("Variables").cloned().unwrap_or_else(|| json!({})),
                    )
                }
                "VpcConfig" => {
                    let mut vpc = known(value, VPC);
                    if let Some(members) = vpc.as_object_mut() {
                        // Older answers lack this member.
                        members
                            .entry("Ipv6AllowedForDualStack")
                            .or_insert(json!(false));
                    }
                    (member.as_str(), vpc)
                }
                "Layers" => (member.as_str(), self.layers(value)),
                "DeadLetterConfig" => (member.as_str(), known(value, &["TargetArn"])),
                "LoggingConfig" => (member.as_str(), known(value, LOGGING)),
                "FileSystemConfigs" => (
                    member.as_str(),
                    value
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(|mount| known(mount, &["Arn", "LocalMountPath"]))
                        .collect(),
                ),
                member
                    if serde_json::from_value::<Configuration>(with(&kept, member, value))
                        .is_ok() =>
                {
                    (member, value.clone())
                }
                member if kept.contains_key(member) || KNOWN.contains(&member) => {
                    return Err(format!(
                        "{member} of {what} is {value}, which Lambda never answers"
                    ));
                }
                member => {
                    notes.push(format!("{member} of {name} was not imported"));
                    continue;
                }
            };
            kept.insert(to.to_owned(), value);
        }
        if let Some(source) = told_code(self.told, version, "SourceKMSKeyArn") {
            kept.insert("SourceKMSKeyArn".to_owned(), json!(source));
        }
        let mut kept: Configuration = serde_json::from_value(Value::Object(kept))
            .map_err(|error| format!("{what}: {}", plain(&error)))?;
        if kept.code_sha256.is_empty() || kept.role.is_empty() {
            return Err(format!(
                "no document has the CodeSha256 and the Role of {what}; import needs the output of aws lambda \
                 without --query"
            ));
        }
        if kept.package_type == "Image" {
            match told_code(self.told, version, "ImageUri") {
                Some(uri) => {
                    let resolved = told_code(self.told, version, "ResolvedImageUri").unwrap_or(uri);
                    kept.image = Some(Image {
                        image_uri: uri.to_owned(),
                        resolved_image_uri: resolved.to_owned(),
                    });
                }
                None => notes.push(format!(
                    "{what} is an image, and only get-function has its URI: here get-function \
                    will answer no URI"
                )),
            }
        }
        kept.unzipped_size = self.unzipped(&kept.code_sha256);
        if told.get("State").is_some_and(|state| state != "Active")
            || told
                .get("LastUpdateStatus")
                .is_some_and(|status| status != "Successful")
        {
            let word = |name: &str| {
                told.get(name)
                    .and_then(Value::as_str)
                    .unwrap_or("-")
                    .to_owned()
            };
            notes.push(format!(
                "{what} was {}, its last update {}; here both are ready",
                word("State"),
                word("LastUpdateStatus")
            ));
        }
        Ok(kept)
    }

    fn unzipped(&self, code_sha256: &str) -> u64 {
        let given = self
            .around
            .zips
            .iter()
            .find(|zip| zip.code_sha256 == code_sha256);
        given
            .map(|zip| zip.unzipped_size)
            .or_else(|| (self.around.unzipped)(code_sha256))
            .unwrap_or_default()
    }

    fn layers(&self, value: &Value) -> Value {
        let used = value.as_array().into_iter().flatten().map(|layer| {
            let arn = layer["Arn"].as_str().unwrap_or_default();
            let version =
                crate::state::arn::LayerRef::with_version(arn).and_then(|(layer, number)| {
                    let (region, account) = layer.scope?;
                    let key = (region.to_owned(), account.to_owned(), layer.name.to_owned());
                    self.layers.get(&key)?.versions.get(&number)
                });
            let sha256 = version
                .and_then(|seen| seen.members.get("CodeSha256"))
                .and_then(Value::as_str);
            json!({
                "Arn": arn,
                "CodeSize": layer["CodeSize"].as_u64().unwrap_or_default(),
                "UnzippedSize": sha256.map_or(0, |sha256| self.unzipped(sha256)),
            })
        });
        used.collect()
    }
}

const VPC: &[&str] = &[
    "SubnetIds",
    "SecurityGroupIds",
    "VpcId",
    "Ipv6AllowedForDualStack",
];
const LOGGING: &[&str] = &[
    "LogFormat",
    "ApplicationLogLevel",
    "SystemLogLevel",
    "LogGroup",
];
const IMAGE: &[&str] = &["EntryPoint", "Command", "WorkingDirectory"];

/// A structure without the members that AWS may have added since this code was written.
fn known(value: &Value, members: &[&str]) -> Value {
    let mut value = value.clone();
    if let Some(structure) = value.as_object_mut() {
        structure.retain(|name, value| members.contains(&name.as_str()) && !value.is_null());
    }
    value
}

/// Members that a stored configuration lacks until they are set.
const KNOWN: &[&str] = &[
    "Runtime",
    "Handler",
    "DeadLetterConfig",
    "KMSKeyArn",
    "FileSystemConfigs",
];

fn with(kept: &Map<String, Value>, member: &str, value: &Value) -> Value {
    let mut kept = kept.clone();
    kept.insert(member.to_owned(), value.clone());
    Value::Object(kept)
}

fn told_code<'a>(told: &'a documents::Function, version: &str, member: &str) -> Option<&'a str> {
    told.code.get(version)?.members.get(member)?.as_str()
}

/// The content that the last publish froze. A publish may give the version its own description, and `$LATEST` keeps the
/// old one. If `$LATEST` was not modified since the publish, the description is the only difference.
fn published(version: &Version, latest: &Configuration) -> Published {
    let mut frozen = version.configuration.clone();
    if frozen.last_modified == latest.last_modified {
        frozen.description.clone_from(&latest.description);
    }
    Published {
        version: version.version.clone(),
        digest: frozen.digest(),
        updated: false,
    }
}

/// The moment of a modification. If the text is not a moment, returns the earliest possible moment.
pub(super) fn moment(last_modified: &str) -> Timestamp {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", last_modified).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::layer::Layer;
    use crate::tool::transfer::documents::Document;

    const PAY: &str = "arn:aws:lambda:eu-west-1:111122223333:function:pay";

    /// AWS's output about a function that is some years old.
    fn printed(version: &str, more: Value) -> Value {
        let arn = match version {
            "$LATEST" => PAY.to_owned(),
            number => format!("{PAY}:{number}"),
        };
        let mut members = json!({
            "FunctionName": "pay", "FunctionArn": arn, "Runtime": "python3.9", "Role": "arn:aws:iam::111122223333:role/r",
            "Handler": "app.handler", "CodeSize": 276, "Description": "", "Timeout": 3, "MemorySize": 128,
            "LastModified": "2021-03-04T05:06:07.089+0000", "CodeSha256": "FVxTp/D07dL8lsn7KxQpFyyplsdXXi3PBOsOUJG3w+8=",
            "Version": version, "TracingConfig": { "Mode": "Active" }, "RevisionId": format!("id-{version}"),
            "VpcConfig": { "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1" },
            "Environment": { "Variables": { "KEY": "secret" } }, "PackageType": "Zip", "Architectures": ["arm64"],
            "EphemeralStorage": { "Size": 1024 }, "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
            "LoggingConfig": { "LogFormat": "Text", "LogGroup": "/aws/lambda/pay", "NewLevel": 3, "SystemLogLevel": null },
            "KMSKeyArn": null,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            members[name.as_str()] = value.clone();
        }
        members
    }

    fn read(documents: Vec<Value>) -> Result<Made, String> {
        let mut facts = Facts::default();
        for (number, value) in documents.into_iter().enumerate() {
            facts.take(&Document {
                value,
                from: format!("{number}.json"),
                names: vec!["pay".to_owned(), format!("{number}.json")],
            })?;
        }
        facts.pair_tags()?;
        let around = Around {
            zips: &[],
            unzipped: &|_| None,
            ids: &Ids::Random,
        };
        let mut made = assemble(&facts, &around).map_err(|wrong| wrong.join("\n"))?;
        made.notes.append(&mut facts.notes);
        Ok(made)
    }

    fn function(made: &Made) -> &Resource<Function> {
        let (scope, contents) = made.places.values().next().expect("a place");
        assert_eq!(
            (scope.region.as_str(), scope.account.as_str()),
            ("eu-west-1", "111122223333")
        );
        contents.of().next().expect("a function")
    }

    #[test]
    fn a_function_as_aws_prints_it_is_kept_member_by_member_and_what_is_not_kept_is_said() {
        let runtime = json!({ "RuntimeVersionConfig": { "RuntimeVersionArn": "arn:aws:lambda:eu-west-1::runtime:ab" }, "State": "Active", "NewMember": { "A": 1 }, "ConfigSha256": "x" });
        let made = read(vec![
            json!({ "Versions": [printed("$LATEST", json!({ "FunctionArn": format!("{PAY}:$LATEST") })), printed("7", json!({ "Description": "seventh" }))] }),
            json!({ "Configuration": printed("$LATEST", runtime), "Code": { "RepositoryType": "S3", "Location": "https://x" }, "Concurrency": { "ReservedConcurrentExecutions": 9 } }),
            json!({ "Functions": [printed("$LATEST", json!({}))] }),
            json!({ "Aliases": [{ "AliasArn": format!("{PAY}:live"), "Name": "live", "FunctionVersion": "7", "Description": "", "RevisionId": "a" }] }),
            json!({ "Tags": { "b": "1", "a": "2" } }),
            json!({ "RevisionId": "p", "Policy": json!({ "Version": "2012-10-17", "Id": "default", "Statement": [{
                "Sid": "s", "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" }, "Action": "lambda:InvokeFunction",
                "Resource": format!("{PAY}:live"), "Condition": { "StringEquals": { "AWS:SourceAccount": "111122223333" } } }] }).to_string() }),
        ])
        .expect("made");
        assert_eq!(made.notes, ["NewMember of pay was not imported"]);
        let Resource { head, versions, .. } = function(&made);
        let latest = &head.latest.configuration;
        assert_eq!(
            (latest.tracing_mode.as_str(), latest.ephemeral_storage),
            ("Active", 1024)
        );
        assert_eq!(
            latest.vpc_config.as_ref().map(|vpc| vpc.vpc_id.as_str()),
            Some("vpc-1")
        );
        assert_eq!(
            latest.runtime_version_arn,
            versions[0].1.configuration.runtime_version_arn
        );
        assert!(latest.runtime_version_arn.is_some());
        assert_eq!(
            (head.last_version, head.reserved_concurrency, head.code_size),
            (7, Some(9), 552)
        );
        assert_eq!(head.tags.keys().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(
            head.attached["live"]
                .policy
                .as_ref()
                .map(|policy| policy.statements.len()),
            Some(1)
        );
        // The seventh version has its own description, and $LATEST was not modified after its publish.
        assert_eq!(
            head.published.as_ref().map(|last| last.digest.clone()),
            Some(latest.digest())
        );
        assert_eq!(
            versions[0].1.published.to_string(),
            "2021-03-04T05:06:07.089Z"
        );
    }

    #[test]
    fn what_changed_since_the_last_publish_is_told_by_content() {
        for (more, unchanged) in [
            (
                json!({ "LastModified": "2022-01-01T00:00:00.000+0000" }),
                true,
            ),
            (
                json!({ "LastModified": "2022-01-01T00:00:00.000+0000", "Timeout": 4 }),
                false,
            ),
            (
                json!({ "LastModified": "2022-01-01T00:00:00.000+0000", "Description": "new" }),
                false,
            ),
        ] {
            let versions =
                json!({ "Versions": [printed("$LATEST", more), printed("1", json!({}))] });
            let made = read(vec![versions]).expect("made");
            let head = &function(&made).head;
            let digest = head.published.as_ref().map(|last| last.digest.clone());
            assert_eq!(
                digest == Some(head.latest.configuration.digest()),
                unchanged
            );
        }
    }

    #[test]
    fn what_is_missing_or_contradicts_itself_is_said_in_words() {
        let latest = || json!({ "Configuration": printed("$LATEST", json!({})) });
        let alias = |version: &str| json!({ "AliasArn": format!("{PAY}:live"), "FunctionVersion": version, "RevisionId": "a" });
        let policy = |resource: &str| json!({ "RevisionId": "p", "Policy": json!({ "Statement": [{ "Resource": resource }] }).to_string() });
        for (documents, told) in [
            (
                vec![printed("3", json!({}))],
                "no document has $LATEST of pay",
            ),
            (
                vec![latest(), alias("3")],
                "the alias live of pay points at version 3, but no document has that version",
            ),
            (
                vec![
                    latest(),
                    printed("$LATEST", json!({ "RevisionId": "other" })),
                ],
                "RevisionId is \"id-$LATEST\" in 0.json and \"other\" in 1.json",
            ),
            (
                vec![
                    latest(),
                    printed(
                        "$LATEST",
                        json!({ "Environment": { "Variables": { "KEY": "hidden" } } }),
                    ),
                ],
                "Environment is other values in 0.json",
            ),
            (
                vec![latest(), policy(&format!("{PAY}:gone"))],
                "there is a policy for pay:gone, but no document has that version or alias",
            ),
            (vec![latest(), policy("*")], "its Policy names no function"),
            (
                vec![printed("$LATEST", json!({ "FunctionArn": "pay:x:y" }))],
                "FunctionArn is \"pay:x:y\", which is not a function's ARN",
            ),
            (
                vec![printed("01", json!({}))],
                "Version is \"01\", which is neither a number nor $LATEST",
            ),
            (
                vec![printed("$LATEST", json!({ "Timeout": "soon" }))],
                "Timeout of pay:$LATEST is \"soon\", which Lambda never answers",
            ),
            (
                vec![printed("$LATEST", json!({ "RevisionId": null }))],
                "no document has the RevisionId of pay:$LATEST",
            ),
            (
                vec![json!({ "Versions": ["1"] })],
                "an item of its list is not an object",
            ),
            (
                vec![json!({ "Tags": {} })],
                "list-tags does not print their function",
            ),
        ] {
            let refused = read(documents).expect_err(told);
            assert!(refused.contains(told), "{refused}");
            assert!(
                !refused.contains("secret") && !refused.contains("hidden"),
                "{refused}"
            );
        }
    }

    #[test]
    fn versions_that_are_told_of_nowhere_are_deleted_ones_and_that_is_said_where_it_is_a_guess() {
        let latest = || printed("$LATEST", json!({}));
        let made = read(vec![
            latest(),
            printed("2", json!({})),
            printed("5", json!({})),
        ])
        .expect("made");
        assert!(
            made.notes[0].contains("no document has 3 of the versions up to 5"),
            "{:?}",
            made.notes
        );
        let listed =
            json!({ "Versions": [latest(), printed("2", json!({})), printed("5", json!({}))] });
        assert_eq!(read(vec![listed.clone()]).expect("made").notes, [""; 0]);
        let mut page = listed;
        page["NextToken"] = json!("x");
        assert_eq!(read(vec![page]).expect("made").notes.len(), 2);
    }

    #[test]
    fn a_layer_is_whole_with_what_get_layer_version_prints_and_usable_without() {
        let arn = "arn:aws:lambda:eu-west-1:111122223333:layer:tools";
        let item = json!({ "LayerVersionArn": format!("{arn}:4"), "Version": 4, "CreatedDate": "2021-03-04T05:06:07.089+0000", "CompatibleRuntimes": ["python3.9"] });
        let list = json!({ "LayerVersions": [item] });
        let mut whole = item;
        whole["LayerArn"] = json!(arn);
        whole["Content"] = json!({ "Location": "https://x", "CodeSha256": "c2hh", "CodeSize": 5 });
        let policy = json!({ "RevisionId": "p", "Policy": json!({ "Statement": [
            { "Sid": "a", "Principal": { "AWS": "arn:aws:iam::222233334444:root" }, "Resource": format!("{arn}:4") },
            { "Sid": "b", "Principal": "*", "Resource": format!("{arn}:4"), "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-1" } } },
        ] }).to_string() });
        for (documents, size, notes) in [
            (vec![list.clone(), whole, policy], 5, 0),
            (vec![list], 0, 1),
        ] {
            let with_policy = documents.len() > 1;
            let made = read(documents).expect("made");
            assert_eq!(made.notes.len(), notes);
            let (_, contents) = made.places.values().next().expect("a place");
            let layer = contents.of::<Layer>().next().expect("a layer");
            assert_eq!((layer.head.last_version, layer.head.code_size), (4, size));
            if with_policy {
                let principals: Vec<&str> = layer.head.policies["4"]
                    .statements
                    .iter()
                    .map(|one| one.principal.as_str())
                    .collect();
                assert_eq!(principals, ["222233334444", "*"]);
            }
        }
    }
}
