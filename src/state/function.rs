//! A function: `$LATEST`, its aliases and tags, and the counters of its versions.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    alias::Alias,
    arn::{FunctionRef, Scope},
    attached::{self, Attached, ByQualifier},
    code_signing::CodeSigningConfig,
    head::{CodeRef, Head, counted},
    kind::{Kind, Named, Reference, Words},
    version::Version,
    wish,
};

/// `function.json`, the head: everything about a function except its frozen versions. A change is committed when this
/// file is replaced. The file grows with aliases and settings, but not with versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Function {
    /// The name in its own case. Some disks do not keep the case of a folder's name.
    pub function_name: String,
    /// The change counter. Ids and journal lines are made from it, and it never decreases.
    pub changes: u64,
    /// The highest version number ever assigned; 0 if none.
    pub last_version: u64,
    /// The content that the last publish froze; `None` if that version no longer exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// The bytes of code that the account is charged for: `$LATEST` and every published version.
    pub code_size: u64,
    /// A version that is being deleted. It is not visible to any reader. If its file still exists, the next edit
    /// removes the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleting: Option<String>,
    /// The unpublished version.
    #[serde(rename = "$LATEST")]
    pub latest: Latest,
    /// Aliases by name.
    #[serde(default)]
    pub aliases: BTreeMap<String, Alias>,
    /// Tags in the order they were given.
    #[serde(default)]
    pub tags: IndexMap<String, String>,
    /// The data of published versions that can change, by version number. A version has an entry only if its data
    /// differ from the frozen file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, Moved>,
    /// The settings of each qualifier: `$LATEST` for the function itself, a version's number or an alias.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attached: ByQualifier,
    /// The number of concurrent invocations that are reserved for the function. It is also the function's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_concurrency: Option<u64>,
    /// The policy for a function that calls itself: `Allow` or `Terminate`; `None` until a call sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recursive_loop: Option<String>,
    /// The ARN of the code signing configuration that new code is checked against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_signing_config_arn: Option<String>,
}

/// The content that the last publish froze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Published {
    /// The version that the last publish created.
    pub version: String,
    /// [`Configuration::digest`] of `$LATEST` at the moment of the publish.
    pub digest: String,
    /// True if UpdateFunctionCode or UpdateFunctionConfiguration succeeded after the publish. For a function from a
    /// state of format 1, or one that was imported, it is false until the first update.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub updated: bool,
}

/// The rule by which a publish creates a version. AWS's page and a measurement of AWS disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PublishRule {
    /// A version is created if an update succeeded since the last version, even an update without an effect. This was
    /// measured (public reports, 2024-03 and 2024-12).
    #[default]
    Update,
    /// A version is created if the content differs from the last version. This is the rule on AWS's page, and in
    /// reports of 2019 to 2022.
    Content,
}

impl PublishRule {
    /// The rule that `LAMBDRY_PUBLISH_RULE` names; `None` for a word that names no rule.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "update" => Some(Self::Update),
            "content" => Some(Self::Content),
            _ => None,
        }
    }
}

impl Published {
    /// Returns true if that content differs from the frozen content.
    pub fn differs(&self, configuration: &Configuration) -> bool {
        self.digest != configuration.digest()
    }

    /// Returns true if a publish of that content creates a version under that rule. Different content always creates a
    /// version, because an edit of the file by hand counts as an update.
    pub fn makes_version(&self, configuration: &Configuration, rule: PublishRule) -> bool {
        self.differs(configuration) || (self.updated && rule == PublishRule::Update)
    }
}

/// The unpublished version, `$LATEST`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Latest {
    /// The RevisionId, as long as no change is in progress.
    pub revision_id: String,
    /// A create or an update in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Code and configuration.
    pub configuration: Configuration,
}

/// A change in progress: its kind, the moment of its completion, and the RevisionId after the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Change {
    /// A create or an update.
    pub kind: ChangeKind,
    /// The moment from which the change is complete.
    pub completes: Timestamp,
    /// `$LATEST`'s RevisionId after the change.
    pub revision_id: String,
}

/// The state that callers see during a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeKind {
    /// `State` is `Pending`: the function is being created.
    Pending,
    /// `LastUpdateStatus` is `InProgress`: the function is being updated.
    InProgress,
}

/// The data of a published version that can change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Moved {
    /// The version is `Pending` until this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_from: Option<Timestamp>,
    /// The version's RevisionId, if it changed after the publish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_id: Option<String>,
}

/// Code and configuration: the content that a publish freezes. Members have AWS's names and order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Configuration {
    /// The runtime; only zip functions have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The execution role's ARN.
    pub role: String,
    /// The entry point; only zip functions have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// Bytes of the zip; 0 for an image.
    pub code_size: u64,
    /// Bytes of the unzipped code; 0 for an image. AWS has no such member.
    pub unzipped_size: u64,
    /// Free text, `""` when none was given.
    pub description: String,
    /// The greatest number of seconds that an invocation may take.
    pub timeout: u64,
    /// Megabytes of memory.
    pub memory_size: u64,
    /// The moment of the last change, such as `2020-04-10T19:06:32.563+0000`.
    pub last_modified: String,
    /// base64 of the zip's SHA-256, or an image's digest in hex.
    pub code_sha256: String,
    /// The network settings. They are present after they were set once, even if they were detached later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_config: Option<VpcConfig>,
    /// The destination for asynchronous events that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_config: Option<DeadLetterConfig>,
    /// The environment variables. They are present after a request passed them once, even if there are none. They have
    /// the order of the request, because the 4 KB limit applies to that text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<IndexMap<String, String>>,
    /// The key that encrypts the environment.
    #[serde(default, rename = "KMSKeyArn", skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
    /// The tracing mode: `PassThrough` or `Active`.
    pub tracing_mode: String,
    /// The layer versions, in the order of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
    /// The file systems, at most one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub file_system_configs: Vec<FileSystemConfig>,
    /// The package type: `Zip` or `Image`.
    pub package_type: String,
    /// The image settings. Only image functions have them, and only the keys that were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_config: Option<ImageConfig>,
    /// The architectures, exactly one.
    pub architectures: Vec<String>,
    /// Megabytes of ephemeral storage.
    pub ephemeral_storage: u64,
    /// The setting of SnapStart: `None` or `PublishedVersions`.
    pub snap_start: String,
    /// The runtime's build. It changes when Runtime changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_version_arn: Option<String>,
    /// Format, levels and destination of the logs.
    pub logging_config: LoggingConfig,
    /// `PER_TENANT`, which CreateFunction sets; `None` if the function does not isolate tenants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_isolation_mode: Option<String>,
    /// The image's URI, both as the request gave it and as it was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// The key that encrypts the zip.
    #[serde(
        default,
        rename = "SourceKMSKeyArn",
        skip_serializing_if = "Option::is_none"
    )]
    pub source_kms_key_arn: Option<String>,
}

/// Subnets and security groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct VpcConfig {
    /// The subnets, at most 16.
    pub subnet_ids: Vec<String>,
    /// The security groups, at most 5.
    pub security_group_ids: Vec<String>,
    /// The id of the VPC; `""` after it was detached.
    pub vpc_id: String,
    /// True if IPv6 traffic may leave.
    pub ipv6_allowed_for_dual_stack: bool,
}

/// The destination for asynchronous events that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeadLetterConfig {
    /// A queue's or topic's ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_arn: Option<String>,
}

/// A layer version in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Layer {
    /// The layer version's ARN.
    pub arn: String,
    /// The bytes of the layer version's zip.
    pub code_size: u64,
    /// The bytes of the layer version's unzipped content.
    pub unzipped_size: u64,
}

/// A file system in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FileSystemConfig {
    /// The access point's ARN.
    pub arn: String,
    /// The path at which the file system is mounted, `/mnt/…`.
    pub local_mount_path: String,
}

/// Settings that override those in the image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ImageConfig {
    /// The entry point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_point: Option<Vec<String>>,
    /// The entry point's arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// The working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
}

/// Format, levels and destination of the logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LoggingConfig {
    /// The format: `Text` or `JSON`.
    pub log_format: String,
    /// The level of the application's logs. It exists only for `JSON`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_log_level: Option<String>,
    /// The level of the system's logs. It exists only for `JSON`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_log_level: Option<String>,
    /// The log group; `/aws/lambda/{name}` if it was not set.
    pub log_group: String,
}

/// A container image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Image {
    /// The URI as the request gave it.
    pub image_uri: String,
    /// The URI with the digest of the image: `{repository}@sha256:{hex}`.
    pub resolved_image_uri: String,
}

impl Configuration {
    /// The digest of everything that a publish compares, as the hex of a SHA-256. `LastModified` is left out. The sizes
    /// of unzipped code are left out, too: equal hashes mean equal sizes, and the sizes are not known for code that was
    /// imported without its zip.
    pub fn digest(&self) -> String {
        let mut content = Self {
            last_modified: String::new(),
            unzipped_size: 0,
            ..self.clone()
        };
        for layer in &mut content.layers {
            layer.unzipped_size = 0;
        }
        let json = serde_json::to_value(&content).expect("plain data becomes JSON");
        hex(&Sha256::digest(json.to_string()))
    }

    /// The number of bytes that the code adds to the account's code storage. The code of an image is stored elsewhere
    /// and does not count.
    pub fn stored_size(&self) -> u64 {
        self.code_size
    }
}

impl Function {
    /// A new function, which has only `$LATEST`. Its counters continue from a deleted function of the same name, or
    /// start at zero.
    pub fn new(name: &str, changes: u64, last_version: u64, configuration: Configuration) -> Self {
        Self {
            function_name: name.to_owned(),
            changes,
            last_version,
            published: None,
            code_size: configuration.stored_size(),
            deleting: None,
            latest: Latest {
                revision_id: String::new(),
                change: None,
                configuration,
            },
            aliases: BTreeMap::new(),
            tags: IndexMap::new(),
            versions: BTreeMap::new(),
            attached: ByQualifier::new(),
            reserved_concurrency: None,
            recursive_loop: None,
            code_signing_config_arn: None,
        }
    }

    /// Records that UpdateFunctionCode or UpdateFunctionConfiguration succeeded. Only these two operations count as
    /// updates. Calls for tags, aliases, permissions, concurrency, event-invoke settings, URLs, runtime management,
    /// recursion, scaling or code signing do not count.
    pub fn note_update(&mut self) {
        if let Some(published) = &mut self.published {
            published.updated = true;
        }
    }

    /// Changes the settings of a qualifier. If no setting is left, removes the qualifier's entry.
    pub fn attach<T>(&mut self, qualifier: &str, change: impl FnOnce(&mut Attached) -> T) -> T {
        let attached = self.attached.entry(qualifier.to_owned()).or_default();
        let answer = change(attached);
        if *attached == Attached::default() {
            self.attached.remove(qualifier);
        }
        answer
    }

    /// The sum of the provisioned concurrency of all versions and aliases, without the one named by `but`.
    pub fn provisioned_concurrency(&self, but: Option<&str>) -> u64 {
        self.attached
            .iter()
            .filter(|(qualifier, _)| Some(qualifier.as_str()) != but)
            .filter_map(|(_, attached)| attached.provisioned_concurrency.as_ref())
            .fold(0, |sum, provisioned| {
                sum.saturating_add(provisioned.requested)
            })
    }

    /// The names of the aliases that send traffic to that version.
    pub fn aliases_using<'a>(&'a self, version: &'a str) -> impl Iterator<Item = &'a str> {
        self.aliases
            .iter()
            .filter(move |(_, alias)| alias.uses(version))
            .map(|(name, _)| name.as_str())
    }

    /// Returns true if a version of that number may exist: the number was assigned, and the version is not being
    /// deleted.
    pub fn may_have(&self, number: &str) -> bool {
        number
            .parse::<u64>()
            .is_ok_and(|n| n >= 1 && n <= self.last_version && n.to_string() == number)
            && self.deleting.as_deref() != Some(number)
    }
}

impl Latest {
    /// Applies the change in progress if its moment of completion has passed.
    fn settle(&mut self, now: Timestamp) {
        if self
            .change
            .as_ref()
            .is_some_and(|change| now >= change.completes)
        {
            self.complete();
        }
    }

    /// Completes any change in progress.
    pub fn complete(&mut self) {
        if let Some(change) = self.change.take() {
            self.revision_id = change.revision_id;
        }
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

counted!(Function, versions);

/// The hash and size of a function's zip. For an image, the hash is `None`, because its code is stored elsewhere.
fn zip(configuration: &Configuration) -> CodeRef {
    let code = (configuration.package_type == "Zip").then(|| configuration.code_sha256.clone());
    (code, configuration.stored_size())
}

impl Kind for Function {
    const WORDS: Words = Words {
        one: "function",
        many: "functions",
        before_name: "",
        service: "lambda",
        members: &["FunctionName"],
    };
    const NAMED: Named = Named::ByCaller;

    fn called(_: &Scope, name: &str) -> String {
        name.to_owned()
    }

    fn named(text: &str) -> Option<String> {
        FunctionRef::of_resource(text).map(|function| function.name)
    }

    fn refers(&self) -> Vec<Reference> {
        let arn = self.code_signing_config_arn.iter();
        arn.filter_map(|arn| {
            Some(Reference {
                from: "CodeSigningConfigArn".to_owned(),
                folder: CodeSigningConfig::FOLDER,
                to: arn.rsplit(':').next()?.to_owned(),
            })
        })
        .collect()
    }

    fn satisfied(
        found: Option<(&Self, &BTreeSet<u64>)>,
        operation: &str,
        request: &Value,
    ) -> Option<bool> {
        wish::holds_for(found, operation, request)
    }
}

impl Head for Function {
    const FOLDER: &'static str = "functions";
    const FILE: &'static str = "function.json";
    const IS_FUNCTION: bool = true;
    const GOES_IN_TIME: bool = false;
    type Frozen = Version;

    fn name(&self) -> &str {
        &self.function_name
    }

    fn number(version: &Version) -> &str {
        &version.version
    }

    fn settle(&mut self, now: Timestamp) {
        self.latest.settle(now);
        for moved in self.versions.values_mut() {
            if moved.active_from.is_some_and(|from| now >= from) {
                moved.active_from = None;
            }
        }
        for (qualifier, revision_id) in attached::settle(&mut self.attached, now) {
            let alias = self.aliases.get(&qualifier);
            let version = alias.map_or(qualifier, |alias| alias.function_version.clone());
            // When environments become ready, the version gets a new RevisionId (recorded from AWS 2023-03).
            self.versions.entry(version).or_default().revision_id = Some(revision_id);
        }
        self.versions.retain(|_, moved| *moved != Moved::default());
    }

    fn is_gone(&self, _: Timestamp) -> bool {
        false
    }

    fn stored_size(&self) -> u64 {
        self.code_size
    }

    fn code(&self) -> Option<CodeRef> {
        Some(zip(&self.latest.configuration))
    }

    fn code_of(version: &Version) -> CodeRef {
        zip(&version.configuration)
    }

    fn newest(&self) -> Option<&str> {
        let published = self.published.as_ref();
        published.map(|published| published.version.as_str())
    }

    fn names_versions(&self) -> Vec<(String, String)> {
        let mut names = Vec::new();
        for (name, alias) in &self.aliases {
            let weighted = alias.additional_version_weights.keys();
            for version in weighted.chain([&alias.function_version]) {
                names.push((format!("alias {name}"), version.clone()));
            }
        }
        let settings = self.attached.keys().chain(self.versions.keys());
        let settings = settings.filter(|qualifier| !self.aliases.contains_key(*qualifier));
        names.extend(settings.map(|qualifier| ("a setting".to_owned(), qualifier.clone())));
        names.retain(|(_, version)| version != "$LATEST");
        names
    }

    /// The configuration of `$LATEST`. Aliases and the progress of a release are left out, because the state at one
    /// moment is not enough to judge them.
    fn seen(&self, _: Option<&Version>) -> Value {
        let mut configuration = self.latest.configuration.clone();
        configuration.last_modified.clear();
        serde_json::to_value(configuration).unwrap_or_default()
    }

    fn parts(&self) -> (Vec<String>, Vec<String>) {
        let aliases: Vec<&str> = self.aliases.keys().map(String::as_str).collect();
        let aliases = match &aliases[..] {
            [] => None,
            [alias] => Some(format!("alias {alias}")),
            _ => Some(format!("aliases {}", aliases.join(", "))),
        };
        (vec!["$LATEST".to_owned()], aliases.into_iter().collect())
    }

    /// Records the changes. For `$LATEST`, it records the names of changed members and the hash of changed code; it
    /// does not record values, because they may be secrets. It also records published and deleted versions, and the old
    /// and new targets of changed aliases.
    fn moved(before: Option<&Self>, after: &Self) -> Value {
        let mut moved = Map::new();
        let latest =
            |head: &Self| serde_json::to_value(&head.latest.configuration).unwrap_or_default();
        let old = before.map(latest).unwrap_or_default();
        let new = latest(after);
        let mut members: Vec<&str> = Vec::new();
        for side in [&old, &new] {
            for name in side.as_object().into_iter().flat_map(Map::keys) {
                // LastModified changes with every update, so a change of this member says nothing.
                let differs = name != "LastModified" && old.get(name) != new.get(name);
                if differs && !members.contains(&name.as_str()) {
                    members.push(name);
                }
            }
        }
        if before.is_some() && !members.is_empty() {
            moved.insert("$LATEST".to_owned(), json!(members));
        }
        if members.contains(&"CodeSha256") {
            moved.insert(
                "CodeSha256".to_owned(),
                json!(after.latest.configuration.code_sha256),
            );
        }
        if before.map_or(0, |head| head.last_version) < after.last_version
            && let Some(published) = &after.published
        {
            moved.insert("Published".to_owned(), json!(published.version));
        }
        if after.deleting.is_some()
            && before.and_then(|head| head.deleting.as_ref()) != after.deleting.as_ref()
        {
            moved.insert("Deleted".to_owned(), json!(after.deleting));
        }
        let none = BTreeMap::new();
        let aliases = before.map_or(&none, |head| &head.aliases);
        let mut changed = Map::new();
        for name in aliases.keys().chain(after.aliases.keys()) {
            let (from, to) = (aliases.get(name), after.aliases.get(name));
            if from != to {
                let point = |alias: Option<&Alias>| {
                    alias.map(|alias| {
                        let mut point = json!({ "FunctionVersion": alias.function_version });
                        if !alias.additional_version_weights.is_empty() {
                            point["AdditionalVersionWeights"] =
                                json!(alias.additional_version_weights);
                        }
                        point
                    })
                };
                changed.insert(
                    name.clone(),
                    json!({ "From": point(from), "To": point(to) }),
                );
            }
        }
        if !changed.is_empty() {
            moved.insert("Aliases".to_owned(), changed.into());
        }
        if before.map(|head| &head.tags) != Some(&after.tags)
            && !(before.is_none() && after.tags.is_empty())
        {
            moved.insert(
                "Tags".to_owned(),
                json!(after.tags.keys().collect::<Vec<_>>()),
            );
        }
        let none = ByQualifier::new();
        let attached =
            attached::moved(before.map_or(&none, |head| &head.attached), &after.attached);
        if !attached.is_empty() {
            moved.insert("Attached".to_owned(), attached.into());
        }
        let reserved = |head: &Self| head.reserved_concurrency;
        if before.and_then(reserved) != after.reserved_concurrency {
            moved.insert(
                "ReservedConcurrency".to_owned(),
                json!(after.reserved_concurrency),
            );
        }
        let recursive = |head: &Self| head.recursive_loop.clone();
        if before.and_then(recursive) != after.recursive_loop {
            moved.insert("RecursiveLoop".to_owned(), json!(after.recursive_loop));
        }
        let signing = |head: &Self| head.code_signing_config_arn.clone();
        if before.and_then(signing) != after.code_signing_config_arn {
            moved.insert(
                "CodeSigningConfigArn".to_owned(),
                json!(after.code_signing_config_arn),
            );
        }
        moved.into()
    }
}
