//! The services as the wire knows them: by the name that signatures carry, each with its protocol.

use serde_json::{Map, Value};

use super::{
    head::Head,
    json,
    json_rpc::JsonRpc,
    query::Query,
    refusal::{Front, Refusal},
    reply::Reply,
    rest_json::{self, RestJson},
    rest_xml::RestXml,
};
use crate::operation::{
    Entry, SERVICES, Service,
    route::{Labels, Route},
};

/// How requests and answers of a service are written.
pub(super) trait Protocol: Sync {
    /// Reads what the head tells of the request.
    ///
    /// # Errors
    /// No such operation, and what does not read.
    fn open(&self, service: &'static Service, head: &Head) -> Result<Bound, Refusal>;

    /// Reads a body that is text, and tells which operation it is for.
    ///
    /// # Errors
    /// No such operation, and what does not read.
    fn close(&self, _: &'static Service, bound: Bound, _: &[u8]) -> Result<Bound, Refusal> {
        Ok(bound)
    }

    /// Writes an answer.
    fn answer(&self, bound: &Bound, answer: Value, head: &Head, request_id: &str) -> Reply;

    /// Writes a refusal.
    fn refuse(&self, refusal: &Refusal, head: &Head, request_id: &str) -> Reply;
}

/// A request as far as it is read.
#[derive(Debug)]
pub(super) struct Bound {
    /// What is called, once that is known.
    pub(super) entry: Option<&'static Entry>,
    /// Its members.
    pub(super) members: Map<String, Value>,
    /// How its body is taken.
    pub(super) body: Body,
    /// Another form of the operation, in which it answers.
    pub(super) form: Option<&'static super::stream::Form>,
    /// The most bytes of a body.
    pub(super) most: u64,
}

/// How a body is taken.
#[derive(Debug)]
pub(super) enum Body {
    /// There is none; what comes is passed over.
    Ignored,
    /// An object of members.
    Json(Box<json::Intake>),
    /// It is that member, which is bytes.
    Payload(&'static str),
    /// A short text, which the protocol reads when it is there.
    Text,
}

/// A service that is answered.
pub(super) struct Known {
    /// The name in signatures.
    signing: &'static str,
    /// The word on the command line.
    word: &'static str,
    /// How it speaks.
    pub(super) protocol: &'static dyn Protocol,
}

const KNOWN: &[Known] = &[
    Known {
        signing: "lambda",
        word: "lambda",
        protocol: &RestJson,
    },
    Known {
        signing: "sts",
        word: "sts",
        protocol: &Query {
            namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
            ec2: false,
        },
    },
    Known {
        signing: "iam",
        word: "iam",
        protocol: &Query {
            namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
            ec2: false,
        },
    },
    Known {
        signing: "ecr",
        word: "ecr",
        protocol: &JSON,
    },
    Known {
        signing: "s3",
        word: "s3api",
        protocol: &RestXml,
    },
    Known {
        signing: "ec2",
        word: "ec2",
        protocol: &Query {
            namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
            ec2: true,
        },
    },
];

const JSON: JsonRpc = JsonRpc {
    content_type: "application/x-amz-json-1.1",
};

/// The Query protocol of a service that is not ours.
const FORM: Query = Query {
    namespace: "https://aws.amazon.com/",
    ec2: false,
};

impl Known {
    /// Its operations.
    pub(super) fn service(&self) -> &'static Service {
        let mut services = SERVICES.iter();
        let found = services.find(|service| service.name == self.word);
        found.expect("every service that is served is one of ours")
    }
}

/// The service of a signing name.
pub(super) fn of(signing: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.signing == signing)
}

/// The protocol of a request that is for no service of ours, as its head shows it.
pub(super) fn spoken(head: &Head) -> &'static dyn Protocol {
    let kind = head.header("content-type").unwrap_or_default();
    if head.header("x-amz-target").is_some() {
        &JSON
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        &FORM
    } else {
        &RestJson
    }
}

/// The operation of a route, with what the path says: the one with the most to its route.
pub(super) fn routed(
    entries: impl Iterator<Item = &'static Entry>,
    head: &Head,
) -> Option<(&'static Entry, Route, Labels)> {
    entries
        .filter_map(|entry| {
            let route = entry.routed();
            let labels = route.labels(&head.method, &head.path, &head.query)?;
            Some((entry, route, labels))
        })
        .max_by_key(|(_, route, _)| route.weight())
}

/// What a request for another service asks for, as far as that can be told from its head and the start of its body.
pub(super) fn stranger(signing: &str, head: &Head, start: &[u8]) -> Front {
    let asked = asked(None, head, start);
    let asked = asked.unwrap_or_else(|| format!("{} {}", head.method, head.raw_path));
    Front::NotSimulated(format!("{signing} {asked}"))
}

/// The name of the operation that a request asks for, where its target, its form or its route tells.
pub(super) fn asked(known: Option<&Known>, head: &Head, start: &[u8]) -> Option<String> {
    let plain = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric());
    let target = head.header("x-amz-target");
    if let Some((_, operation)) = target.and_then(|target| target.rsplit_once('.')) {
        return Some(operation.to_owned());
    }
    let form = String::from_utf8_lossy(start);
    let action = form
        .split('&')
        .find_map(|pair| pair.strip_prefix("Action="));
    let action = head.parameter("Action").or(action).filter(plain);
    let routed = || {
        let known = known?;
        let ours = routed(known.service().entries(), head).map(|(entry, ..)| entry.name);
        ours.map(str::to_owned)
            .or_else(|| rest_json::not_simulated(head).map(str::to_owned))
    };
    action.map(str::to_owned).or_else(routed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_service_has_operations() {
        for known in KNOWN {
            assert!(known.service().entries().count() > 0, "{}", known.word);
        }
    }
}
