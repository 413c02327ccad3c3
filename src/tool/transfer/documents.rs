//! Reads documents that `aws lambda` printed, in any order. Their shapes show which documents they are. They give facts
//! about functions, layers and event source mappings.
//!
//! If several documents describe one thing, they must agree. Otherwise the function changed between two calls, and the
//! documents together describe a state that it never had. One document may add members that another lacks.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::state::arn::{FunctionRef, LayerRef};
use crate::state::plain::plain;

/// Members that describe one thing, and the document that they come from.
#[derive(Debug, Default, Clone)]
pub(super) struct Seen {
    /// The members.
    pub(super) members: Map<String, Value>,
    /// The first document that described the thing.
    from: String,
}

/// The facts about a function.
#[derive(Debug, Default)]
pub(super) struct Function {
    /// `$LATEST` and versions.
    pub(super) versions: BTreeMap<String, Seen>,
    /// The member Code of GetFunction's answer, for each version.
    pub(super) code: BTreeMap<String, Seen>,
    /// Aliases. The key is the name.
    pub(super) aliases: BTreeMap<String, Seen>,
    /// Policies by qualifier. The policy of the function itself has the qualifier `$LATEST`.
    pub(super) policies: BTreeMap<String, Seen>,
    /// Tags, if a document has them.
    pub(super) tags: Option<Seen>,
    /// The reserved concurrency.
    pub(super) concurrency: Option<u64>,
    /// True if a document lists all versions of the function. A missing version was then deleted.
    pub(super) listed: bool,
}

/// The facts about a layer.
#[derive(Debug, Default)]
pub(super) struct Layer {
    /// Versions by number.
    pub(super) versions: BTreeMap<u64, Seen>,
    /// Policies by version.
    pub(super) policies: BTreeMap<u64, Seen>,
    /// True if a document lists all versions of the layer.
    pub(super) listed: bool,
}

/// The facts about an event source mapping.
#[derive(Debug, Default)]
pub(super) struct Mapping {
    /// The output of get-event-source-mapping.
    pub(super) seen: Seen,
    /// Tags, if a document has them.
    pub(super) tags: Option<Seen>,
}

/// Region, account and name.
pub(super) type Key = (String, String, String);

/// All facts.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Functions.
    pub(super) functions: BTreeMap<Key, Function>,
    /// Layers.
    pub(super) layers: BTreeMap<Key, Layer>,
    /// Event source mappings, by UUID.
    pub(super) mappings: BTreeMap<Key, Mapping>,
    /// The outputs of list-tags. They do not contain the name of the function, so each is kept with the names of its
    /// file and folders.
    tags: Vec<(Seen, Vec<String>)>,
    /// Notes on documents that were skipped, with reasons.
    pub(super) notes: Vec<String>,
}

/// A document and its source.
#[derive(Debug)]
pub(super) struct Document {
    /// The document.
    pub(super) value: Value,
    /// The file, and the number of the document in it.
    pub(super) from: String,
    /// The names of the folders and of the file, and the parts of the file's name between its dots.
    pub(super) names: Vec<String>,
}

/// Members that change although nothing was updated, or that are different in every answer.
const VOLATILE: &[&str] = &[
    "FunctionArn",
    "State",
    "StateReason",
    "StateReasonCode",
    "LastUpdateStatus",
    "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode",
    "Location",
];

impl Seen {
    /// Adds the members of another document about the same thing.
    fn merge(
        &mut self,
        what: &str,
        members: &Map<String, Value>,
        from: &str,
    ) -> Result<(), String> {
        if self.from.is_empty() {
            from.clone_into(&mut self.from);
        }
        for (name, value) in members {
            match self.members.get(name) {
                Some(known) if known != value && !VOLATILE.contains(&name.as_str()) => {
                    // The message does not show the values of environment variables, because they may be secret.
                    let shown = |value: &Value| match name.as_str() {
                        "Environment" => "other values".to_owned(),
                        _ => value.to_string(),
                    };
                    return Err(format!(
                        "two documents differ on {what}: {name} is {} in {} and {} in {from}; if it changed between \
                         the two calls, make both calls again",
                        shown(known),
                        self.from,
                        shown(value)
                    ));
                }
                Some(_) => {}
                None => drop(self.members.insert(name.clone(), value.clone())),
            }
        }
        Ok(())
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}

fn list<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Vec<Value>> {
    members.get(name).and_then(Value::as_array)
}

impl Facts {
    /// Adds a document. If a document is not an answer of Lambda, or has no facts that are kept, a note is added.
    pub(super) fn take(&mut self, document: &Document) -> Result<(), String> {
        let from = &document.from;
        let Some(members) = document.value.as_object() else {
            self.notes
                .push(format!("{from} is not a JSON object and was skipped"));
            return Ok(());
        };
        if members.contains_key("NextToken") || members.contains_key("NextMarker") {
            self.notes.push(format!(
                "{from} is one page of several, but the others are missing"
            ));
        }
        let whole = !members.contains_key("NextToken") && !members.contains_key("NextMarker");
        if let Some(configuration) = members.get("Configuration").and_then(Value::as_object) {
            return self.function(configuration, members, from);
        }
        if let Some(functions) = list(members, "Functions") {
            return self.each(functions, from, Self::configuration);
        }
        if let Some(versions) = list(members, "Versions") {
            self.each(versions, from, Self::configuration)?;
            let arn = versions
                .first()
                .and_then(|first| first["FunctionArn"].as_str());
            if let (Some(key), true) = (arn.and_then(key_of), whole) {
                self.functions.entry(key).or_default().listed = true;
            }
            return Ok(());
        }
        if let Some(mappings) = list(members, "EventSourceMappings") {
            return self.each(mappings, from, Self::mapping);
        }
        if members.contains_key("UUID") && members.contains_key("FunctionArn") {
            return self.mapping(members, from);
        }
        if let Some(aliases) = list(members, "Aliases") {
            return self.each(aliases, from, Self::alias);
        }
        if let Some(versions) = list(members, "LayerVersions") {
            self.each(versions, from, Self::layer_version)?;
            let arn = versions
                .first()
                .and_then(|first| first["LayerVersionArn"].as_str());
            if let (Some((key, _)), true) = (arn.and_then(layer_key), whole) {
                self.layers.entry(key).or_default().listed = true;
            }
            return Ok(());
        }
        if let Some(layers) =
            list(members, "Layers").filter(|_| !members.contains_key("FunctionArn"))
        {
            for layer in layers {
                if let Some(version) = layer["LatestMatchingVersion"].as_object() {
                    self.layer_version(version, from)?;
                }
            }
            return Ok(());
        }
        if members.contains_key("AliasArn") {
            return self.alias(members, from);
        }
        if members.contains_key("LayerVersionArn") {
            return self.layer_version(members, from);
        }
        if members.contains_key("FunctionArn") && members.contains_key("CodeSha256") {
            return self.configuration(members, from);
        }
        if let Some(policy) = text(members, "Policy") {
            return self.policy(policy, members, from);
        }
        if let (Some(tags), 1) = (
            members.get("Tags").and_then(Value::as_object),
            members.len(),
        ) {
            let seen = Seen {
                members: tags.clone(),
                from: from.clone(),
            };
            self.tags.push((seen, document.names.clone()));
            return Ok(());
        }
        let names: Vec<&str> = members.keys().map(String::as_str).take(4).collect();
        self.notes.push(format!(
            "{from} was skipped: import does not know this kind of document (its members: {})",
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        ));
        Ok(())
    }

    fn each(
        &mut self,
        items: &[Value],
        from: &str,
        take: impl Fn(&mut Self, &Map<String, Value>, &str) -> Result<(), String>,
    ) -> Result<(), String> {
        for item in items {
            let Some(members) = item.as_object() else {
                return Err(format!(
                    "{from}: an item of its list is not an object; import needs the output of aws lambda without \
                     --query"
                ));
            };
            take(self, members, from)?;
        }
        Ok(())
    }

    fn function(
        &mut self,
        configuration: &Map<String, Value>,
        answer: &Map<String, Value>,
        from: &str,
    ) -> Result<(), String> {
        self.configuration(configuration, from)?;
        let (key, version) = identity(configuration, from)?;
        let what = format!("the code of {}", called(&key, &version));
        let function = self.functions.entry(key.clone()).or_default();
        if let Some(code) = answer.get("Code").and_then(Value::as_object) {
            function
                .code
                .entry(version)
                .or_default()
                .merge(&what, code, from)?;
        }
        if let Some(tags) = answer.get("Tags").and_then(Value::as_object) {
            function.tag(&key.2, tags, from)?;
        }
        if let Some(reserved) = answer
            .get("Concurrency")
            .and_then(|c| c["ReservedConcurrentExecutions"].as_u64())
        {
            function.concurrency = Some(reserved);
        }
        Ok(())
    }

    fn configuration(&mut self, members: &Map<String, Value>, from: &str) -> Result<(), String> {
        let (key, version) = identity(members, from)?;
        let what = called(&key, &version);
        let function = self.functions.entry(key).or_default();
        function
            .versions
            .entry(version)
            .or_default()
            .merge(&what, members, from)
    }

    fn alias(&mut self, members: &Map<String, Value>, from: &str) -> Result<(), String> {
        let arn = text(members, "AliasArn").unwrap_or_default();
        let named = FunctionRef::parse(arn)
            .and_then(|function| Some((function.qualifier.clone()?, function)));
        let (Some((name, _)), Some(key)) = (named, key_of(arn)) else {
            return Err(format!(
                "{from}: AliasArn is {arn:?}, which is not an alias's ARN"
            ));
        };
        let what = called(&key, &name);
        let function = self.functions.entry(key).or_default();
        function
            .aliases
            .entry(name)
            .or_default()
            .merge(&what, members, from)
    }

    fn mapping(&mut self, members: &Map<String, Value>, from: &str) -> Result<(), String> {
        let uuid = text(members, "UUID").unwrap_or_default();
        let arn = text(members, "FunctionArn").unwrap_or_default();
        let Some((region, account, _)) = key_of(arn) else {
            return Err(format!(
                "{from}: FunctionArn is {arn:?}, which is not a function's ARN; import needs the output of aws \
                 lambda without --query"
            ));
        };
        let key = (region, account, uuid.to_owned());
        let what = format!("the event source mapping {uuid}");
        let mapping = self.mappings.entry(key).or_default();
        mapping.seen.merge(&what, members, from)
    }

    fn layer_version(&mut self, members: &Map<String, Value>, from: &str) -> Result<(), String> {
        let arn = text(members, "LayerVersionArn").unwrap_or_default();
        let Some((key, number)) = layer_key(arn) else {
            return Err(format!(
                "{from}: LayerVersionArn is {arn:?}, which is not a layer version's ARN"
            ));
        };
        let mut members = members.clone();
        // get-layer-version has these members; list-layer-versions does not.
        members.shift_remove("LayerArn");
        if let Some(Value::Object(mut content)) = members.shift_remove("Content") {
            content.shift_remove("Location");
            members.append(&mut content);
        }
        let what = called(&key, &number.to_string());
        let layer = self.layers.entry(key).or_default();
        layer
            .versions
            .entry(number)
            .or_default()
            .merge(&what, &members, from)
    }

    /// Adds a policy. Each of its statements names the resource to which it is attached.
    fn policy(
        &mut self,
        policy: &str,
        members: &Map<String, Value>,
        from: &str,
    ) -> Result<(), String> {
        let document: Value = serde_json::from_str(policy)
            .map_err(|error| format!("{from}: its Policy is not JSON: {}", plain(&error)))?;
        let resource = document["Statement"][0]["Resource"]
            .as_str()
            .unwrap_or_default();
        if let Some((key, number)) = layer_key(resource) {
            let what = format!("the policy of {}", called(&key, &number.to_string()));
            let layer = self.layers.entry(key).or_default();
            return layer
                .policies
                .entry(number)
                .or_default()
                .merge(&what, members, from);
        }
        let (Some(key), Some(function)) = (key_of(resource), FunctionRef::parse(resource)) else {
            return Err(format!(
                "{from}: its Policy names no function: Resource is {resource:?}"
            ));
        };
        let qualifier = function.qualifier.unwrap_or_else(|| "$LATEST".to_owned());
        let what = format!("the policy of {}", called(&key, &qualifier));
        let function = self.functions.entry(key).or_default();
        function
            .policies
            .entry(qualifier)
            .or_default()
            .merge(&what, members, from)
    }

    /// Assigns the outputs of list-tags to functions and mappings, by the names of their files. This function is called
    /// after all documents were added.
    pub(super) fn pair_tags(&mut self) -> Result<(), String> {
        for (tags, names) in std::mem::take(&mut self.tags) {
            let mut mappings = self.mappings.iter_mut();
            if let Some((_, mapping)) = mappings.find(|((_, _, uuid), _)| names.contains(uuid)) {
                mapping.tags = Some(tags);
                continue;
            }
            let named: Vec<Key> = self
                .functions
                .keys()
                .filter(|(_, _, name)| names.contains(name))
                .cloned()
                .collect();
            let key = match (&named[..], self.functions.len()) {
                ([key], _) => key.clone(),
                ([], 1) => self.functions.keys().next().cloned().unwrap_or_default(),
                _ => {
                    return Err(format!(
                        "{} has tags, but list-tags does not print their function: name the file or its folder after \
                         the function, for example pay.tags.json",
                        tags.from
                    ));
                }
            };
            let function = self.functions.entry(key.clone()).or_default();
            function.tag(&key.2, &tags.members, &tags.from)?;
        }
        Ok(())
    }
}

impl Function {
    fn tag(&mut self, name: &str, tags: &Map<String, Value>, from: &str) -> Result<(), String> {
        match &self.tags {
            Some(known) if known.members != *tags => Err(format!(
                "{} and {from} give different tags of {name}",
                known.from
            )),
            Some(_) => Ok(()),
            None => {
                self.tags = Some(Seen {
                    members: tags.clone(),
                    from: from.to_owned(),
                });
                Ok(())
            }
        }
    }
}

/// The name of a thing in messages: `pay:3`. The region is added unless it is the usual region.
fn called((_, _, name): &Key, qualifier: &str) -> String {
    format!("{name}:{qualifier}")
}

fn key_of(arn: &str) -> Option<Key> {
    let function = FunctionRef::parse(arn)?;
    Some((function.region?, function.account?, function.name))
}

fn layer_key(arn: &str) -> Option<(Key, u64)> {
    let (layer, number) = LayerRef::with_version(arn)?;
    let (region, account) = layer.scope?;
    Some((
        (region.to_owned(), account.to_owned(), layer.name.to_owned()),
        number,
    ))
}

/// The function and its version.
fn identity(members: &Map<String, Value>, from: &str) -> Result<(Key, String), String> {
    let arn = text(members, "FunctionArn").unwrap_or_default();
    let Some(key) = key_of(arn) else {
        return Err(format!(
            "{from}: FunctionArn is {arn:?}, which is not a function's ARN; import needs the output of aws lambda \
             without --query"
        ));
    };
    let version = text(members, "Version").unwrap_or("$LATEST").to_owned();
    let number = version
        .parse::<u64>()
        .is_ok_and(|n| n > 0 && n.to_string() == version);
    if version != "$LATEST" && !number {
        return Err(format!(
            "{from}: Version is {version:?}, which is neither a number nor $LATEST"
        ));
    }
    Ok((key, version))
}
