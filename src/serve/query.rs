//! The Query protocols: the request is a form, and the answer is XML. EC2's protocol uses other names in both.

use serde_json::{Map, Value};

use super::{
    head::{Head, decoded},
    refusal::{Front, Refusal, Words},
    reply::Reply,
    rest_json::of_text,
    services::{Body, Bound, Protocol},
    xml::{self, HEADER, Style},
};
#[cfg(test)]
use crate::operation::Entry;
use crate::operation::{
    Service,
    route::{named, named_low, said},
    shape::{Shape, Structure},
};

/// The most bytes of a form.
const MOST: u64 = 1 << 20;

/// The most items of a list in a form. An item's number is in its name; a large number must not reserve space for that
/// many items.
const ITEMS: usize = 1000;

/// The protocol of a service.
#[derive(Debug)]
pub(super) struct Query {
    /// The namespace of the service's answers.
    pub(super) namespace: &'static str,
    /// True for EC2's protocol.
    pub(super) ec2: bool,
    /// True if a request may have a path. The path has no meaning.
    pub(super) has_paths: bool,
}

impl Protocol for Query {
    fn speaks(&self, _: &'static Service, head: &Head) -> bool {
        let kind = head.header("content-type").unwrap_or_default();
        kind.starts_with("application/x-www-form-urlencoded") || head.parameter("Action").is_some()
    }

    fn open(&self, service: &'static Service, head: &Head) -> Result<Bound, Refusal> {
        // A presigned request has its form in the query.
        if head.method == "GET" {
            return self.bind(service, &head.query);
        }
        if head.method != "POST" || !(head.path.is_empty() || self.has_paths) {
            return Err(Front::Unknown.into());
        }
        Ok(Bound {
            entry: None,
            members: Map::new(),
            body: Body::Text,
            form: None,
            most: MOST,
        })
    }

    fn close(&self, service: &'static Service, _: Bound, body: &[u8]) -> Result<Bound, Refusal> {
        let text = std::str::from_utf8(body).ok();
        let pairs = text.and_then(|text| {
            let pairs = text.trim().split('&').filter(|pair| !pair.is_empty());
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| {
                    let word = |text: &str| decoded(&text.replace('+', " "));
                    Some((word(name)?, word(value)?))
                })
                .collect::<Option<Vec<_>>>()
        });
        let pairs = pairs.ok_or_else(|| Front::Malformed("the form is not text".to_owned()))?;
        self.bind(service, &pairs)
    }

    #[cfg(test)]
    fn written(&self, entry: &'static Entry, members: Map<String, Value>) -> super::walk::Written {
        super::walk::of_query(entry, members)
    }

    fn answer(&self, bound: &Bound, answer: Value, _: &Head, request_id: &str) -> Reply {
        let Some(entry) = bound.entry else {
            return Reply::new(500, "", "");
        };
        let style = Style {
            item: Some(if self.ec2 { "item" } else { "member" }),
            name: if self.ec2 { named_low } else { named },
            wire: entry.wire,
            within: "",
        };
        let response = entry.response();
        let mut result = String::new();
        for (name, value) in answer.as_object().into_iter().flatten() {
            let shape = response.member(name).map(|member| &member.shape);
            xml::element(&mut result, style, name, shape, value);
        }
        let (name, namespace) = (entry.name, self.namespace);
        let body = match (self.ec2, response.members.is_empty()) {
            (true, _) => format!("<requestId>{request_id}</requestId>{result}"),
            (false, true) => metadata(request_id),
            (false, false) => {
                let metadata = metadata(request_id);
                format!("<{name}Result>{result}</{name}Result>{metadata}")
            }
        };
        let text = format!("{HEADER}<{name}Response xmlns=\"{namespace}\">{body}</{name}Response>");
        Reply::new(200, "text/xml", text).with("x-amzn-RequestId", request_id)
    }

    fn refuse(&self, refusal: &Refusal, _: &Head, request_id: &str) -> Reply {
        if !self.ec2 {
            return refused(self.namespace, refusal, request_id);
        }
        let (status, code, message) = told(refusal, ec2_words);
        let text = format!(
            "{HEADER}<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
             <RequestID>{request_id}</RequestID></Response>"
        );
        Reply::new(status, "text/xml", text).with("x-amzn-RequestId", request_id)
    }
}

impl Query {
    /// Finds the operation that a form names, and reads its members.
    fn bind(
        &self,
        service: &'static Service,
        pairs: &[(String, String)],
    ) -> Result<Bound, Refusal> {
        let action = pairs.iter().find(|(name, _)| name == "Action");
        let action = action.map_or("", |(_, value)| value.as_str());
        let mut entries = service.entries();
        let entry = match entries.find(|entry| entry.name == action) {
            Some(entry) => entry,
            None if action.is_empty() || !action.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                return Err(Front::Unknown.into());
            }
            None => {
                let what = format!("{} {action}", service.name);
                return Err(Front::NotSimulated(what).into());
            }
        };
        Ok(Bound {
            entry: Some(entry),
            members: self.structure(entry.request(), entry.wire, "", pairs),
            body: Body::Ignored,
            form: None,
            most: MOST,
        })
    }

    fn structure(
        &self,
        structure: &Structure,
        wire: &str,
        before: &str,
        pairs: &[(String, String)],
    ) -> Map<String, Value> {
        let mut members = Map::new();
        for member in &structure.members {
            // A list or a map without an element around it may have another name for its items.
            let flat = said(wire, &member.name, "flat");
            let own = flat.map_or_else(|| named(wire, &member.name), str::to_owned);
            let name = format!("{before}{own}");
            let value = match &member.shape {
                Shape::List { member: of, .. } if flat.is_some() => {
                    self.items(of, wire, &name, pairs)
                }
                Shape::Map { value: of, .. } => {
                    let each = match flat {
                        Some(_) => name,
                        None => format!("{name}.entry"),
                    };
                    let called = xml::entry(said(wire, &member.name, "entry"));
                    self.map(of, wire, (&each, called), pairs)
                }
                shape => self.value(shape, wire, &name, pairs),
            };
            if let Some(value) = value {
                members.insert(member.name.clone(), value);
            }
        }
        members
    }

    fn value(
        &self,
        shape: &Shape,
        wire: &str,
        name: &str,
        pairs: &[(String, String)],
    ) -> Option<Value> {
        let below = format!("{name}.");
        let begins = |start: &str| pairs.iter().any(|(name, _)| name.starts_with(start));
        match shape {
            Shape::Structure(structure) => begins(&below)
                .then(|| Value::Object(self.structure(structure, wire, &below, pairs))),
            Shape::List { member, .. } => {
                let each = match self.ec2 {
                    true => name.to_owned(),
                    false => format!("{name}.member"),
                };
                let empty = pairs.iter().any(|(n, _)| n == name);
                let none = || empty.then(|| Vec::<Value>::new().into());
                self.items(member, wire, &each, pairs).or_else(none)
            }
            Shape::Map { value, .. } => {
                let each = format!("{name}.entry");
                self.map(value, wire, (&each, xml::entry(None)), pairs)
            }
            shape => {
                let mut pairs = pairs.iter();
                let (_, text) = pairs.find(|(n, _)| n == name)?;
                Some(of_text(shape, text))
            }
        }
    }
}

impl Query {
    /// Reads the items of a list. The name of an item is the given name and the item's number.
    fn items(
        &self,
        shape: &Shape,
        wire: &str,
        each: &str,
        pairs: &[(String, String)],
    ) -> Option<Value> {
        let items: Vec<Value> = (1..=ITEMS)
            .map_while(|n| self.value(shape, wire, &format!("{each}.{n}"), pairs))
            .collect();
        (!items.is_empty()).then(|| items.into())
    }

    /// Reads the members of a map. The name of a key or a value is the given name, a number, and the name for keys or
    /// values.
    fn map(
        &self,
        shape: &Shape,
        wire: &str,
        (each, (key, value)): (&str, (&str, &str)),
        pairs: &[(String, String)],
    ) -> Option<Value> {
        let members: Map<String, Value> = (1..=ITEMS)
            .map_while(|n| {
                let mut pairs_of = pairs.iter();
                let (_, own) = pairs_of.find(|(name, _)| *name == format!("{each}.{n}.{key}"))?;
                let of = self.value(shape, wire, &format!("{each}.{n}.{value}"), pairs)?;
                Some((own.clone(), of))
            })
            .collect();
        (!members.is_empty()).then_some(Value::Object(members))
    }
}

/// The status, the code and the message of a refusal, escaped.
fn told(refusal: &Refusal, words: fn(&Front) -> Words) -> Words {
    let (status, code, message) = match refusal {
        Refusal::Service(error) => (
            error.code.status(),
            error.code.name(),
            error.message.clone(),
        ),
        Refusal::Front(front) => words(front),
    };
    (status, code, xml::escaped(&message))
}

/// Writes a refusal in the form of services that speak XML, except EC2 and S3.
pub(super) fn refused(namespace: &str, refusal: &Refusal, request_id: &str) -> Reply {
    let (status, code, message) = told(refusal, words);
    let side = if status < 500 { "Sender" } else { "Receiver" };
    let text = format!(
        "{HEADER}<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{side}</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    );
    Reply::new(status, "text/xml", text).with("x-amzn-RequestId", request_id)
}

fn metadata(request_id: &str) -> String {
    format!("<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>")
}

/// The refusal as a service that speaks XML words it.
fn words(front: &Front) -> Words {
    let (status, code) = match front {
        Front::Unsigned => (403, "MissingAuthenticationToken"),
        Front::UnknownKey => (403, "InvalidClientTokenId"),
        Front::WrongSignature | Front::WrongScope(_) | Front::WrongDigest(_) => {
            (403, "SignatureDoesNotMatch")
        }
        Front::WrongHost(_) => (403, "AccessDenied"),
        Front::Malformed(_) => (400, "MalformedInput"),
        Front::TooLarge { .. } => (413, "RequestEntityTooLarge"),
        Front::Precondition => (412, "PreconditionFailed"),
        Front::BadRange => (416, "InvalidRange"),
        Front::Unknown => (400, "InvalidAction"),
        Front::NotSimulated(_) => (501, "NotSimulated"),
        Front::Internal(_) => (500, "InternalFailure"),
    };
    let message = match front {
        Front::Unsigned => "Request is missing Authentication Token".to_owned(),
        front => front.message(),
    };
    (status, code, message)
}

fn ec2_words(front: &Front) -> Words {
    match front {
        Front::UnknownKey | Front::WrongSignature => (
            401,
            "AuthFailure",
            "AWS was not able to validate the provided access credentials".to_owned(),
        ),
        front => words(front),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operation::services;

    fn bound(ec2: bool, word: &str, form: &str) -> Result<Value, Refusal> {
        let query = Query {
            namespace: "n",
            ec2,
            has_paths: false,
        };
        let service = services()
            .find(|service| service.name == word)
            .expect("a service");
        let head = Head::of("POST", "/", "", Vec::new()).expect("a head");
        let open = query.open(service, &head)?;
        Ok(Value::Object(
            query.close(service, open, form.as_bytes())?.members,
        ))
    }

    #[test]
    fn a_form_becomes_members() {
        let form = "Action=CreateRole&Version=2010-05-08&RoleName=a+b&MaxSessionDuration=3600&AssumeRolePolicyDocument=%7B%7D\
            &Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=l&Tags.member.2.Value=";
        assert_eq!(
            bound(false, "iam", form).expect("bound"),
            json!({ "RoleName": "a b", "AssumeRolePolicyDocument": "{}", "MaxSessionDuration": 3600,
                "Tags": [{ "Key": "k", "Value": "v" }, { "Key": "l", "Value": "" }] })
        );
    }

    #[test]
    fn ec2_names_lists_and_their_items_otherwise() {
        let form = "Action=DescribeRegions&AllRegions=true&RegionName.1=us-east-1&Filter.1.Name=endpoint&Filter.1.Value.1=*east*";
        assert_eq!(
            bound(true, "ec2", form).expect("bound"),
            json!({ "RegionNames": ["us-east-1"], "AllRegions": true, "Filters": [{ "Name": "endpoint", "Values": ["*east*"] }] })
        );
    }

    #[test]
    fn maps_and_lists_without_an_element_are_counted_under_their_names() {
        let form = "Action=CreateTopic&Name=t&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=d\
            &Tags.member.1.Key=k&Tags.member.1.Value=v";
        assert_eq!(
            bound(false, "sns", form).expect("bound"),
            json!({ "Name": "t", "Attributes": { "DisplayName": "d" }, "Tags": [{ "Key": "k", "Value": "v" }] })
        );
        let form = "Action=CreateQueue&QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5&Tag.1.Key=k&Tag.1.Value=v";
        assert_eq!(
            bound(false, "sqs", form).expect("bound"),
            json!({ "QueueName": "q", "Attributes": { "DelaySeconds": "5" }, "tags": { "k": "v" } })
        );
        let form = "Action=GetQueueAttributes&QueueUrl=u&AttributeName.1=All";
        assert_eq!(
            bound(false, "sqs", form).expect("bound")["AttributeNames"],
            json!(["All"])
        );
    }

    #[test]
    fn what_is_not_simulated_is_named_and_what_is_nothing_is_no_action() {
        let code = |form: &str| match bound(false, "sts", form) {
            Err(Refusal::Front(front)) => words(&front),
            other => panic!("{other:?}"),
        };
        let told = code("Action=AssumeRoot");
        assert!(told.0 == 501 && told.2.starts_with("sts AssumeRoot is not simulated"));
        for form in ["", "Action=", "Action=<x>", "%ff"] {
            assert_eq!(code(form).0, 400, "{form}");
        }
    }
}
