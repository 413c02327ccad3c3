//! A layer: the counters of its versions, and their policies. The versions themselves are frozen files.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    arn::{LayerRef, Scope},
    head::{CodeRef, Head, counted},
    kind::{Kind, Named, Reference, Words},
};

/// `layer.json`, the head. It still exists after the last version was deleted, so that no number is used twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Layer {
    /// The name in its own case. Some disks do not keep the case of a folder's name.
    pub layer_name: String,
    /// The change counter. Ids and journal lines are made from it, and it never decreases.
    pub changes: u64,
    /// The highest version number ever assigned; 0 if none.
    pub last_version: u64,
    /// The bytes of the zips of all versions, which the account is charged for.
    pub code_size: u64,
    /// A version that is being deleted. It is not visible to any reader. If its file still exists, the next edit
    /// removes the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleting: Option<String>,
    /// The policies of versions, by number. A version without a policy is private.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub policies: BTreeMap<String, LayerPolicy>,
}

/// `versions/<n>.json`. It is written once, by the publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LayerVersion {
    /// The number, as text.
    pub version: String,
    /// The moment of the publish.
    pub published: Timestamp,
    /// Free text, `""` when none was given.
    pub description: String,
    /// base64 of the zip's SHA-256.
    pub code_sha256: String,
    /// Bytes of the zip.
    pub code_size: u64,
    /// Bytes of the unzipped content.
    pub unzipped_size: u64,
    /// The architectures; present if the request passed them, even if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatible_architectures: Option<Vec<String>>,
    /// The runtimes; present if the request passed them, even if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatible_runtimes: Option<Vec<String>>,
    /// A license's id, URL or text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license_info: Option<String>,
}

/// The policy of a layer version: the accounts that may use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LayerPolicy {
    /// Changes with every statement that is added or removed.
    pub revision_id: String,
    /// The statements in the order in which they were added. The list is never empty.
    pub statements: Vec<LayerStatement>,
}

/// One permission, in the form in which it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct LayerStatement {
    /// The statement's id, unique in the policy.
    pub sid: String,
    /// An account's number, `*`, or the ARN of an account's root.
    pub principal: String,
    /// Restricts the permission to the accounts of an organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

impl Layer {
    /// A new layer, without versions.
    pub fn new(name: &str, changes: u64, last_version: u64) -> Self {
        Self {
            layer_name: name.to_owned(),
            changes,
            last_version,
            code_size: 0,
            deleting: None,
            policies: BTreeMap::new(),
        }
    }
}

impl LayerPolicy {
    /// The policy of the layer version with that ARN, as IAM writes policies.
    pub fn document(&self, arn: &str, partition: &str) -> Value {
        let statements = self.statements.iter();
        let statements: Vec<Value> = statements
            .map(|statement| statement.document(arn, partition))
            .collect();
        json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements })
    }
}

impl LayerStatement {
    /// The statement as IAM writes it. The order of keys is that of AWS's own examples.
    pub fn document(&self, arn: &str, partition: &str) -> Value {
        let principal = match self.principal.as_str() {
            "*" => json!("*"),
            root if root.starts_with("arn:") => json!({ "AWS": root }),
            account => json!({ "AWS": format!("arn:{partition}:iam::{account}:root") }),
        };
        let mut statement = json!({
            "Sid": self.sid,
            "Effect": "Allow",
            "Principal": principal,
            "Action": "lambda:GetLayerVersion",
            "Resource": arn,
        });
        if let Some(organization) = &self.organization_id {
            statement["Condition"] =
                json!({ "StringEquals": { "aws:PrincipalOrgID": organization } });
        }
        statement
    }
}

counted!(Layer, versions);

impl Kind for Layer {
    const WORDS: Words = Words {
        one: "layer",
        many: "layers",
        before_name: "layer ",
        service: "lambda",
        members: &["LayerName"],
    };
    const NAMED: Named = Named::ByCaller;

    fn called(_: &Scope, name: &str) -> String {
        name.to_owned()
    }

    fn named(text: &str) -> Option<String> {
        LayerRef::parse(text).map(|layer| layer.name.to_owned())
    }

    fn refers(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// A publish always creates a version, so a failed publish cannot be judged from the state.
    fn satisfied(
        found: Option<(&Self, &BTreeSet<u64>)>,
        operation: &str,
        request: &Value,
    ) -> Option<bool> {
        let text = |member: &str| request.get(member).and_then(Value::as_str);
        let number = request.get("VersionNumber").and_then(Value::as_u64);
        let statement = |number: u64| {
            let policy = found?.0.policies.get(&number.to_string())?;
            let mut statements = policy.statements.iter();
            statements.find(|statement| text("StatementId") == Some(&statement.sid))
        };
        match operation {
            "DeleteLayerVersion" => Some(
                !found.is_some_and(|(_, numbers)| number.is_some_and(|n| numbers.contains(&n))),
            ),
            "RemoveLayerVersionPermission" => Some(statement(number?).is_none()),
            "AddLayerVersionPermission" => Some(statement(number?).is_some_and(|statement| {
                Some(statement.principal.as_str()) == text("Principal")
                    && statement.organization_id.as_deref() == text("OrganizationId")
            })),
            _ => None,
        }
    }
}

impl Head for Layer {
    const FOLDER: &'static str = "layers";
    const FILE: &'static str = "layer.json";
    const IS_FUNCTION: bool = false;
    const GOES_IN_TIME: bool = false;
    type Frozen = LayerVersion;

    fn name(&self) -> &str {
        &self.layer_name
    }

    fn number(version: &LayerVersion) -> &str {
        &version.version
    }

    /// No change of a layer takes time.
    fn settle(&mut self, _: Timestamp) {}

    fn is_gone(&self, _: Timestamp) -> bool {
        false
    }

    fn stored_size(&self) -> u64 {
        self.code_size
    }

    fn code(&self) -> Option<CodeRef> {
        None
    }

    fn code_of(version: &LayerVersion) -> CodeRef {
        (Some(version.code_sha256.clone()), version.code_size)
    }

    fn newest(&self) -> Option<&str> {
        None
    }

    fn names_versions(&self) -> Vec<(String, String)> {
        let policies = self.policies.keys();
        policies
            .map(|number| ("a policy".to_owned(), number.clone()))
            .collect()
    }

    /// The newest version and its policy.
    fn seen(&self, newest: Option<&LayerVersion>) -> Value {
        let mut members = serde_json::to_value(newest).unwrap_or_default();
        if let (Some(newest), Value::Object(members)) = (newest, &mut members) {
            for name in ["Version", "Published", "CodeSize", "UnzippedSize"] {
                members.shift_remove(name);
            }
            let statements = self.policies.get(&newest.version);
            let statements = statements.map(|policy| &policy.statements);
            members.insert("Permissions".to_owned(), json!(statements));
        }
        members
    }

    fn parts(&self) -> (Vec<String>, Vec<String>) {
        (Vec::new(), Vec::new())
    }

    /// The version that was published or deleted, and the versions that got another policy.
    fn moved(before: Option<&Self>, after: &Self) -> Value {
        let mut moved = Map::new();
        if before.map_or(0, |head| head.last_version) < after.last_version {
            moved.insert(
                "Published".to_owned(),
                json!(after.last_version.to_string()),
            );
        }
        let gone = before.and_then(|head| head.deleting.as_ref());
        if after.deleting.is_some() && gone != after.deleting.as_ref() {
            moved.insert("Deleted".to_owned(), json!(after.deleting));
        }
        let none = BTreeMap::new();
        let policies = before.map_or(&none, |head| &head.policies);
        let mut changed: Vec<&str> = Vec::new();
        for number in policies.keys().chain(after.policies.keys()) {
            if policies.get(number) != after.policies.get(number)
                && !changed.contains(&number.as_str())
            {
                changed.push(number);
            }
        }
        if !changed.is_empty() {
            moved.insert("Policies".to_owned(), json!(changed));
        }
        moved.into()
    }
}
